"""The pages of a proposal: fields of a part, of a person, of its beginning; what is refused, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import EmailField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from eventreg.core import countries, refusals, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, Text, date_long, instant_long, mark_text, page_lang
from eventreg.core.questions import fields, judging, words
from eventreg.core.questions.shape import CHOICES, Kind, Question, Section, When
from eventreg.core.refusals import Refusal
from eventreg.people import rules as people_rules
from eventreg.proposals import labels, rules, standard
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import State
from eventreg.registration import labels as registration_labels


def title_of(section: Section) -> Any:
    """What a part is called: in the organiser's words, else in the product's."""
    return mark_text(section.title) if section.title else labels.SECTION.get(section.code, section.code)


def label_of(field: str) -> str:
    """What a built-in field is called; a text's field without its language."""
    name, _sep, lang = field.rpartition("_")
    return str(labels.FIELD[name] if lang in LANGS and name in standard.WORDS else labels.FIELD[field])


def question_label(question: Question) -> Any:
    """What a question is called; the product has the words of its own."""
    if question.is_own:
        return mark_text(question.label)
    return _("Participants expected") if question.code == "size" else label_of(rules.fields_of(question)[0])


def name_of(field: str, offer: Offer) -> str:
    """What a condition calls the answer it asks about."""
    question = offer.form.find(field)
    return str(question.label.in_(page_lang()) if question is not None and question.is_own else labels.FIELD[field])


def condition_words(when: When, offer: Offer) -> str:
    """A condition as a sentence in the reader's language."""
    return words.condition(
        when, name_of=lambda field: name_of(field, offer), value_of=lambda field, value: value_of(field, value, offer)
    )


def value_of(field: str, value: str, offer: Offer) -> str:
    """What a condition calls an answer; what is no longer offered keeps its short name."""
    named: Mapping[str, Mapping[str, Any]] = {
        "track": {track.slug: track.name.in_(page_lang()) for track in offer.tracks}, "spoken": registration_labels.LANGUAGE,
        "format": {one.slug: format_words(one.name, one.minutes) for one in offer.formats},
    }  # fmt: skip
    question = offer.form.find(field)
    if field in named or question is None:
        return str(named.get(field, {}).get(value, value))
    return words.value(question, value)


def field_label(name: str, offer: Offer) -> Any:
    """What a field is called, built in or an organiser's own."""
    if name in standard.QUESTION_OF:
        return label_of(name)
    question = offer.form.find(name.removeprefix(judging.field_name("")))
    return mark_text(question.label) if question is not None else name


def said(name: str, value: Any, offer: Offer) -> Any:
    """What was typed into a field, with the words of what was chosen."""
    question = offer.form.find(name.removeprefix(judging.field_name("")))
    if question is not None and question.is_own and question.kind in (*CHOICES, Kind.COUNTRY, Kind.CONSENT):
        return words.said(question, value)
    if name in standard.TESTABLE:
        chosen = value if isinstance(value, list) else [value] if value else []
        return str(_(", ")).join(value_of(name, one, offer) for one in chosen)
    return value


class PartForm(PageForm):
    """The questions of one part; each refusal stands at its field, and everything typed stays."""

    section = ""
    shown: Sequence[Question] = ()
    files: Mapping[str, Any] = {}
    conditions: Mapping[str, When] = {}  # of the questions that an answer on the same page decides about
    said: Mapping[str, str] = {}  # the same in words
    revision = HiddenField(default="0")
    asked = HiddenField()  # which questions the page shows: what it does not show is not sent, and stays as it is

    @property
    def has_files(self) -> bool:
        """Whether a file can be sent on this page."""
        return any(question.kind is Kind.FILE for question in self.shown)

    def names(self) -> list[str]:
        """The fields of the questions that this page shows."""
        return [name for question in self.shown for name in rules.fields_of(question)]

    def raw(self) -> dict[str, Any]:
        """What was typed, as the part keeps it; files are not typed."""
        own_files = {name for question in self.shown if question.kind is Kind.FILE for name in rules.fields_of(question)}
        return {name: fields.kept(self._fields[name].data) for name in self.names() if name not in own_files}

    def based_on(self) -> int:
        """The revision of the part on which was written; -1 for nonsense."""
        typed = self.revision.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        for name, refusal in problems.items():
            if name in self._fields:
                self._fields[name].errors = [refusals.say(refusal)]


def made(
    section: Section, offer: Offer, shown_on: Mapping[str, When | None], *, lang: str, given: Mapping[str, Any], revision: int,
    is_anew: bool = False,
) -> PartForm:  # fmt: skip
    """The form of a part with these of its questions, filled with what was sent, else (or anew) with what is being written."""
    shown = [question for question in section.questions if question.code in shown_on]
    found = {name: _field(name, question) for question in shown for name in rules.fields_of(question)}
    kind = type("SectionForm", (PartForm,), {**found, "section": section.code, "shown": tuple(shown)})
    data = {name: given[name] for name in found if name in given}
    data |= {"revision": str(revision), "asked": " ".join(question.code for question in shown)}
    form: PartForm = kind(formdata=None, data=data) if is_anew else kind(data=data)
    form.conditions = {code: when for code, when in shown_on.items() if when is not None}
    form.said = {code: condition_words(when, offer) for code, when in form.conditions.items()}
    form.files = {question.code: given.get(rules.fields_of(question)[0]) for question in shown if question.kind is Kind.FILE}
    for question in shown:
        for name in rules.fields_of(question):
            _offer(form[name], name, question, offer, lang)
    return form


def _field(name: str, question: Question) -> Any:
    if question.is_own:
        return fields.made(question)
    label = label_of(name)
    match question.code:
        case "title":
            return StringField(label)
        case code if code in standard.WORDS:
            return TextAreaField(label)
        case "track" | "format":
            return RadioField(label, validate_choice=False)
        case "spoken":
            return SelectMultipleField(label, validate_choice=False)
        case _:
            return fields.NumberText(label)


def _offer(field: Field, name: str, question: Question, offer: Offer, lang: str) -> None:
    match question.code:
        case "track":
            field.choices = track_choices(offer)
        case "format":
            field.choices = format_choices(offer)
        case "spoken":
            field.choices = [(code, str(registration_labels.LANGUAGE[code])) for code in LANGS]
        case _:
            fields.offer(field, question)
    is_other_language = question.code in standard.WORDS and name != standard.field_of(question.code, lang)
    field.flags.required = question.is_required and not is_other_language


def track_choices(offer: Offer) -> list[tuple[str, Any]]:
    """The tracks to choose from."""
    return [(track.slug, mark_text(track.name)) for track in offer.tracks]


def format_choices(offer: Offer) -> list[tuple[str, Any]]:
    """The formats to choose from, each with its length."""
    return [(one.slug, format_words(one.name, one.minutes)) for one in offer.formats if one.is_offered]


def format_words(name: Text, minutes: int) -> str:
    """'Panel, 60 minutes'."""
    length = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return f"{name.in_(page_lang())}{_(', ')}{length}"


class BeginForm(PageForm):
    """What a proposal begins with: its language, its title, its track."""

    lang = RadioField(_l("In which language do you write?"), validate_choice=False)
    title = StringField(_l("Title"))
    track = RadioField(_l("Track"), validate_choice=False)
    anyway = HiddenField()

    def offer(self, offer: Offer) -> None:
        """Fill the choices in the reader's language."""
        self.lang.choices = [(code, str(registration_labels.LANGUAGE[code])) for code in LANGS]
        self.track.choices = track_choices(offer)
        for field in (self.lang, self.title, self.track):
            field.flags.required = True

    def given(self) -> dict[str, Any]:
        """The answers of the first part, as it keeps them."""
        lang = self.lang.data if self.lang.data in LANGS else page_lang()
        return {standard.field_of("title", lang): fields.kept(self.title.data), "track": fields.kept(self.track.data)}

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        lang = self.lang.data
        for name, refusal in problems.items():
            field = {standard.field_of("title", lang): self.title, "track": self.track, "lang": self.lang}.get(name)
            if field is not None:
                field.errors = [refusals.say(refusal)]


class PersonForm(PageForm):
    """Somebody of a proposal."""

    name = StringField(_l("Name"))
    email = EmailField(_l("E-mail address"))
    position = StringField(_l("Position"))
    country = SelectField(_l("Country"), validate_choice=False)
    organisation_name = StringField(_l("Organisation"))
    organisation_code = HiddenField()
    sector = SelectField(_l("Sector"), validate_choice=False)
    lang = RadioField(_l("Language of the invitation"), validate_choice=False)

    def offer(self) -> None:
        """Fill the choices in the reader's language."""
        self.country.choices = [("", _("Choose a country")), *countries.choices(page_lang())]
        sectors = [(key, str(registration_labels.CATEGORY[key])) for key in people_rules.SECTORS]
        self.sector.choices = [("", _("Choose a sector")), *sectors]
        self.lang.choices = [(code, str(registration_labels.LANGUAGE[code])) for code in LANGS]

    def raw(self) -> dict[str, Any]:
        """What was typed."""
        return {name: fields.kept(field.data) for name, field in self._fields.items() if name != "csrf_token"}

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        for name, refusal in problems.items():
            if name in self._fields:
                self._fields[name].errors = [refusals.say(refusal)]


class StartForm(PageForm):
    """The address to which the link goes with which a proposal is begun."""

    email = EmailField(_l("E-mail address"))


class WithdrawForm(PageForm):
    """Why the proposal is withdrawn, if somebody wants to say so."""

    reason = TextAreaField(_l("Reason"))


# ---- refusals in words -----------------------------------------------------------------------------------------------


def _closed(params: Mapping[str, Any]) -> str:
    words: str = _("The call closed on %(when)s.", when=instant_long(times.last_minute(params["closes_at"])))
    return words


def _not_open(params: Mapping[str, Any]) -> str:
    words: str = _("The call opens on %(when)s.", when=instant_long(params["opens_at"]))
    return words


def _too_many_words(params: Mapping[str, Any]) -> str:
    words: str = _("%(count)s words: at most %(limit)s. Shorten it.", **params)
    return words


def _too_many(params: Mapping[str, Any]) -> str:
    words: str = ngettext(
        "One person may lead %(num)s proposal. Withdraw another one first, or join one as a co-organiser.",
        "One person may lead %(num)s proposals. Withdraw another one first, or join one as a co-organiser.",
        params["limit"],
    )
    return words


def _too_many_of_body(params: Mapping[str, Any]) -> str:
    words: str = ngettext(
        "One organisation may lead %(num)s proposal, and yours has sent as many.",
        "One organisation may lead %(num)s proposals, and yours has sent as many.",
        params["limit"],
    )
    return words


def _incomplete(params: Mapping[str, Any]) -> str:
    words: str = ngettext("%(num)s answer is missing or wrong.", "%(num)s answers are missing or wrong.", params["count"])
    return words


def _wrong_state(params: Mapping[str, Any]) -> str:
    state = labels.state_for_writers(params["state"])
    words: str = _("This is not possible any more. The proposal is now: %(state)s.", state=state)
    return words


def _merge_state(params: Mapping[str, Any]) -> str:
    state = labels.STATE[State(params["state"])]
    words: str = _("Only proposals that are not decided yet can be merged. %(code)s is now: %(state)s.", code=params["code"],
    state=state)  # fmt: skip
    return words


refusals.texts.update(
    {
        "call.always_asked": _l("A proposal is judged by this answer: the question is always asked, and always required."),
        "call.none": _l("This meeting has no call for workshops."),
        "call.not_yet_open": _not_open,
        "call.closed": _closed,
        "call.too_many": _too_many,
        "call.too_many_of_body": _too_many_of_body,
        "call.closes_before_opens": _l("The call must close after it opens."),
        "call.results_too_early": _l("The day of the answers cannot come before the call closes."),
        "call.notes_too_early": _l("Concept notes are written after the call has closed: enter a later day."),
        "call.reason_missing": _l("Say why the closing moves, in at least one language: the public page shows it."),
        "events.track_no_name": _l("Give the track a name in this language: proposers read it in all three."),
        "events.track_look": _l("Choose a colour and pattern."),
        "events.track_used": _l("Proposals are written under this track, so it cannot be removed."),
        "events.no_such_track": _l("This track is gone."),
        "events.too_many_tracks": _l("At most %(limit)s tracks."),
        "call.too_many_formats": _l("At most %(limit)s formats."),
        "call.format_no_name": _l("Give each format a name."),
        "call.format_minutes": _l("A format lasts from 5 to 600 minutes."),
        "late.before_closing": _l("Enter a day after the closing of the call: until then nobody needs an invitation."),
        "late.uses_range": _l("Enter a whole number from 1 to %(most)s."),
        "proposal.wrong_state": _wrong_state,
        "proposal.not_yours": _l("Only those who organise this proposal can change it."),
        "proposal.lead_sends": _l("Only the lead of the proposal can do this."),
        "proposal.file_again": _l("The file was not saved with it. Choose it again."),
        "proposal.overtaken": _l("Somebody else changed this part while you were writing."),
        "proposal.incomplete": _incomplete,
        "proposal.title_missing": _l("Enter a title."),
        "proposal.summary_missing": _l("Write the summary."),
        "proposal.approach_missing": _l("Write what happens in the room."),
        "proposal.objectives_missing": _l("Write at least one objective."),
        "proposal.outputs_missing": _l("Write what the workshop leaves behind."),
        "proposal.no_letters": _l("This has no letters. Write it in words."),
        "proposal.too_many_words": _too_many_words,
        "proposal.unreadable": _l("This has signs stacked on one another that nobody can read. Write it in plain letters."),
        "proposal.track_missing": _l("Choose a track."),
        "proposal.format_missing": _l("Choose a format."),
        "proposal.spoken_missing": _l("Tick at least one language."),
        "proposal.size_min_missing": _l("Enter how many participants you expect at least."),
        "proposal.size_max_missing": _l("Enter how many participants you expect at most."),
        "proposal.size_range": _l("Enter a whole number from 1 to %(most)s."),
        "proposal.size_reversed": _l("The largest number cannot be below the smallest."),
        "proposal.no_body": _l("Say for which organisation you propose it."),
        "proposal.person_wrong": _l("Something about this person is missing or wrong."),
        "proposal.name_missing": _l("Enter the name."),
        "proposal.country_missing": _l("Choose the country of the organisation."),
        "proposal.sector_missing": _l("Choose the sector of the organisation."),
        "proposal.already_there": _l("This person is already part of the proposal."),
        "proposal.too_many_people": _l("At most %(limit)s of these. Remove one first."),
        "proposal.no_such_person": _l("This person is no longer part of the proposal."),
        "proposal.answered_already": _l("This person has answered already."),
        "proposal.reminded_lately": _l("They were written to within the last two days. Wait a little."),
        "proposal.invitation_over": _l("This invitation is over: the proposal was withdrawn, or you were taken out of it."),
        "proposal.merge_same": _l("This is one and the same proposal."),
        "proposal.merge_state": _merge_state,
        "proposal.merge_into_draft": _l("The proposal %(code)s was never sent: what was sent cannot become a draft. Let the"
        " other one stay."),
        "proposal.merge_no_consent": _l("Ask both leads first, and say here that they agreed."),
        "proposal.merge_no_reason": _l("Give the reason: everybody who writes either proposal reads it."),
        "proposal.merge_unknown": _l("There is no such proposal or merge here."),
        "proposal.merge_undone": _l("This merge was undone already."),
        "proposal.merge_undo_over": _l("A merge can be undone for 30 days, and these are over."),
        "proposal.merged_since": _l("The proposal that stayed was merged itself since. Undo that merge first."),
        "proposal.reason_missing": _l("Give the reason: it is kept in the record."),
    }
)  # fmt: skip


def day_of_results(call: Any) -> str:
    """The day on which everybody is answered; '' while that is not said."""
    return date_long(call.results_on) if call.results_on else ""
