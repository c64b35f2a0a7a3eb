"""The forms of a question: its words, the answers to choose from, its condition; everything stays as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from eventreg.core import refusals, text, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, date_long, page_lang
from eventreg.core.questions import checking, judging
from eventreg.core.questions.shape import CHOICES, Kind, Option, Question, Test, When
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import Text
from eventreg.events.models import Event
from eventreg.manage import condition_choices
from eventreg.manage.builder import Builder
from eventreg.manage.fields import DayField, NumberField, lines, one_line, refuse

LABEL_LIMIT, HELP_LIMIT, OPTION_LIMIT = 300, 1000, 200
MOST_TESTS, FIRST_TESTS, MORE_OPTIONS = 5, 2, 3

KINDS: Mapping[Kind, tuple[Any, Any]] = {
    Kind.ONE_OF: (_l("One answer of several"), _l("Up to seven are shown as buttons, more as a list.")),
    Kind.SEVERAL_OF: (_l("Several answers of several"), _l("Boxes to tick.")),
    Kind.TEXT: (_l("Short text"), _l("One line, up to 200 letters.")),
    Kind.LONG_TEXT: (_l("Long text"), _l("Several lines, up to 3,000 letters.")),
    Kind.NUMBER: (_l("Whole or decimal number"), _l("With digits of any script; up to two decimals.")),
    Kind.DATE: (_l("Date"), _l("A day of the calendar.")),
    Kind.CONSENT: (_l("Box to tick"), _l("The question is the sentence that people agree to.")),
    Kind.COUNTRY: (_l("Country"), _l("Chosen from the list of all countries.")),
    Kind.ORGANISATION: (_l("Organisation"), _l("The name of an organisation, in one line.")),
    Kind.FILE: (_l("File"), _l("A document or a picture, up to 10 MB.")),
}

IN_LANGUAGE = {"ar": _l("In Arabic"), "fr": _l("In French"), "en": _l("In English")}


def kind_name(question: Question) -> str:
    """What a kind of question is called."""
    return str(KINDS[question.kind][0]) if question.is_own else _("Built in")


def day_of_deletion(event: Event, *, is_sensitive: bool) -> date:
    """When answers are deleted unless another day is given: 30 days, or twelve months, after the meeting."""
    last = event.last_day
    if is_sensitive:
        return last + timedelta(days=30)
    leap = (last.month, last.day) == (2, 29)
    return last.replace(year=last.year + 1, day=28 if leap else last.day)


@dataclass(frozen=True)
class Place:
    """Where a question stands, or will: in which form, in which section, which question (None: a new one)."""

    event: Event
    at: Builder
    section: str
    question: Question | None


class QuestionForm(PageForm):
    """A question as typed. Rows of answers and of conditions are added by `made`."""

    version = HiddenField()
    seal = HiddenField()
    section = SelectField(_l("Section"), validate_choice=False)
    kind = RadioField(_l("Kind of answer"), validate_choice=False)
    is_required = BooleanField(_l("An answer is required"))
    is_sensitive = BooleanField(_l("The answers are sensitive"))
    for_reviewers = BooleanField(_l("Reviewers see the answers"))
    delete_on = DayField(_l("Answers are deleted on"))
    least = NumberField(_l("At least"))
    most = NumberField(_l("At most"))
    option_rows = HiddenField()
    pasted = TextAreaField(_l("Paste answers, one on each line"))
    match = RadioField(_l("Ask this question"), validate_choice=False)
    test_rows = HiddenField()

    place: Place
    options = 0
    tests = 0

    def option_fields(self) -> list[tuple[Any, list[Any]]]:
        """The rows of answers: their hidden key, and the words in three languages."""
        return [(self[f"option_{at}_key"], [self[f"option_{at}_{lang}"] for lang in LANGS]) for at in range(self.options)]

    def test_fields(self) -> list[dict[str, Any]]:
        """The rows of the condition, with the answers offered to the question that is chosen."""
        names = ("question", "op", "values", "typed")
        rows: list[dict[str, Any]] = [{name: self[f"test_{at}_{name}"] for name in names} for at in range(self.tests)]
        offered = (self.place.at.answers_of(row["question"].data or "") for row in rows)
        return [row | {"offered": choices} for row, choices in zip(rows, offered, strict=True)]

    def words(self, name: str) -> list[Any]:
        """The three fields of a text."""
        return [self[f"{name}_{lang}"] for lang in LANGS]

    def add_options(self) -> None:
        """What was pasted becomes rows."""
        for words in _pasted(self.pasted.data):
            at = next((n for n in range(self.options) if not any(field.data for field in self.option_fields()[n][1])), None)
            if at is None:
                return
            for lang, said in words.as_dict().items():
                self[f"option_{at}_{lang}"].data = said
        self.pasted.data = ""

    # ---- what was described ----

    def wanted(self, *, today: date) -> Question | None:
        """The question that was described, or None: then every problem stands at its field."""
        before, at = self.place.question, self.place.at
        if before is not None and not before.is_own:
            stays = before.is_required and before.code not in at.may_be_required
            return replace(before, is_required=stays or bool(self.is_required.data))
        kind = self._kind()
        question = Question(
            before.code if before else "question", kind or Kind.TEXT, self._text("label", LABEL_LIMIT),
            self._text("help", HELP_LIMIT), is_required=bool(self.is_required.data),
            options=self._options() if kind in CHOICES else (), when=self._when(),
            is_asked=before.is_asked if before else True,
        )  # fmt: skip
        question = self._bounded(question)
        question = self._for_reviewers(question) if at.is_call else self._kept_apart(question, today)
        if not self.errors and (refusal := checking.why_not_question(question)):
            self.refuse(refusal)
        return None if self.errors else question

    def _for_reviewers(self, question: Question) -> Question:
        return replace(question, for_reviewers=bool(self.for_reviewers.data))

    def _kept_apart(self, question: Question, today: date) -> Question:
        """The question with whether its answers are kept apart, why they are asked for, and until when they are kept."""
        is_sensitive, purpose = bool(self.is_sensitive.data), self._text("purpose", HELP_LIMIT)
        return replace(question, is_sensitive=is_sensitive, purpose=purpose, delete_on=self._delete_on(today))

    def refuse(self, refusal: Refusal) -> None:
        """Put what is refused at the field that it is about; what concerns another question above the form."""
        about = refusal.params.get("question")
        other = self.place.at.form.find(str(about)) if about and self.place.question is not None else None
        lang = page_lang()
        field = {
            "question.no_label": f"label_{lang}", "question.no_purpose": f"purpose_{lang}", "question.no_delete_on": "delete_on",
            "question.bounds_reversed": "most", "question.too_few_options": f"option_0_{lang}",
            "question.too_many_options": f"option_0_{lang}", "question.option_twice": f"option_0_{lang}",
            "question.option_empty": f"option_0_{lang}", "question.email_first": "section", "question.built_in_after": "section",
            "question.stays_apart": "is_sensitive", "question.built_in": "is_required",
        }.get(refusal.code)  # fmt: skip
        if other is not None and self.place.question is not None and other.code != self.place.question.code:
            said = _("“%(question)s”: %(problem)s", question=other.label.in_(lang), problem=refusals.say(refusal))
            self.form_errors.append(said)
        elif refusal.code in ("question.condition_unknown", "question.condition_value"):
            refuse(self[f"test_{self._row_about(str(refusal.params['about']))}_question"], refusal)
        elif field in self._fields and field is not None:
            refuse(self[field], refusal)
        else:
            self.form_errors.append(refusals.say(refusal))

    def _row_about(self, name: str) -> int:
        return next((at for at in range(self.tests) if self[f"test_{at}_question"].data == name), 0)

    def _kind(self) -> Kind | None:
        if self.kind.data in {kind.value for kind in KINDS}:
            return Kind(self.kind.data)
        refuse(self.kind, _("Choose what kind of answer is wanted."))
        return None

    def _text(self, name: str, limit: int) -> Text:
        for field in self.words(name):
            refuse_long(field, limit)
        return Text(*(field.data for field in self.words(name)))

    def _delete_on(self, today: date) -> date | None:
        before = self.place.question
        if not self.delete_on.data:
            return day_of_deletion(self.place.event, is_sensitive=bool(self.is_sensitive.data))
        try:
            day = times.day(self.delete_on.data)
        except Refused as refused:
            refuse(self.delete_on, refused.refusal)
            return None
        if day <= today and (before is None or day != before.delete_on):
            refuse(self.delete_on, Refusal("invitation.expires_in_past"))
        return day

    def _options(self) -> tuple[Option, ...]:
        rows = [(key.data or "", fields) for key, fields in self.option_fields()]
        for _key, fields in rows:
            for field in fields:
                refuse_long(field, OPTION_LIMIT)
        said = [(key, Text(*(field.data for field in fields))) for key, fields in rows]
        said = [(key, words) for key, words in said if words] + [("", words) for words in _pasted(self.pasted.data)]
        keys = [key for key, _words in said if key]
        options = []
        for key, words in said:
            if not key:
                key = _free_key(words, keys)
                keys.append(key)
            options.append(Option(key, words))
        return tuple(options)

    def _bounded(self, question: Question) -> Question:
        """The question with its bounds, where its kind has any."""
        reach = {
            Kind.TEXT: (1, judging.TEXT_LIMIT), Kind.LONG_TEXT: (1, judging.LONG_LIMIT),
            Kind.ORGANISATION: (1, judging.ORGANISATION_LIMIT), Kind.NUMBER: (-999_999_999, 999_999_999),
            Kind.SEVERAL_OF: (1, max(1, len(question.options))),
        }.get(question.kind)  # fmt: skip
        if reach is None:
            return question
        bounds: dict[str, int | None] = {"least": None, "most": None}
        for name in bounds:
            try:
                bounds[name] = self[name].number(least=reach[0], most=reach[1])
            except ValidationError as error:
                refuse(self[name], str(error))
        return replace(question, least=bounds["least"], most=bounds["most"])

    def _when(self) -> When | None:
        tests = []
        for row in self.test_fields():
            if not row["question"].data:
                continue
            op = row["op"].data
            given = row["values"].data or [self._as_kept(row["question"].data, row["typed"].data or "")]
            values = tuple(dict.fromkeys(value for value in given if value)) if op not in ("answered", "empty") else ()
            if row["offered"] and not set(values) <= {value for value, _label in row["offered"]}:
                values = ()
            if not values and op not in ("answered", "empty"):
                refuse(row["question"], _("Choose the answer that the condition asks for."))
            tests.append(Test(row["question"].data, op, values))
        return When(tuple(tests), "any" if self.match.data == "any" else "all") if tests else None

    def _as_kept(self, name: str, typed: str) -> str:
        """What a condition compares with, written as an answer to that question is kept; "" for what is none."""
        about = self.place.at.form.find(name)
        if about is None or not about.is_own:
            return text.clean_line(typed)
        try:
            return str(judging.clean(replace(about, is_required=False, least=None, most=None), typed) or "")
        except Refused:
            return ""


def refuse_long(field: Any, limit: int) -> None:
    """Put the refusal of words that are too long at their field."""
    if text.graphemes(field.data or "") > limit:
        refuse(field, Refusal("answers.too_long", {"limit": limit, "length": text.graphemes(field.data)}))


def _pasted(typed: str | None) -> list[Text]:
    """One answer on each line; three columns (as copied from a table, or with |) are Arabic, French, English."""
    found = []
    for line in (typed or "").splitlines()[: checking.MOST_OPTIONS + 1]:
        parts = [text.clean_line(part) for part in re.split(r"\t|\|", line)]
        if len(parts) >= 2:
            found.append(Text(*(parts + [""])[:3]))
        elif parts[0]:
            found.append(Text(**{page_lang(): parts[0]}))
    return [words for words in found if words]


def _free_key(words: Text, taken: Sequence[str]) -> str:
    made = (re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")[:24].rstrip("_") for said in (words.en, words.fr, words.ar))
    base = next((key for key in made if key), "option")
    number = 1
    while (key := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return key


# ---- making the form -------------------------------------------------------------------------------------------------


def made(place: Place, sent: Mapping[str, str] | None = None) -> QuestionForm:
    """The form of a question: as stored, or with as many rows as were sent."""
    question = place.question
    options = _rows(sent, "option_rows", len(question.options) + 1 if question else 0, least=3, most=checking.MOST_OPTIONS)
    stored = len(question.when.tests) if question and question.when else 0
    tests = _rows(sent, "test_rows", stored, least=FIRST_TESTS, most=MOST_TESTS)
    if sent is not None and sent.get("do") == "options":
        options = min(options + max(MORE_OPTIONS, len(_pasted(sent.get("pasted")))), checking.MOST_OPTIONS + 1)
    if sent is not None and sent.get("do") == "tests":
        tests = min(tests + 1, MOST_TESTS)
    fields = _word_fields("label", _l("Question")) | _word_fields("help", _l("Help")) | _word_fields("purpose", _l("Purpose"))
    for at in range(options):
        fields |= {f"option_{at}_key": HiddenField(), **_word_fields(f"option_{at}", _l("Answer %(number)s", number=at + 1))}
    for at in range(tests):
        fields |= _test_fields(at)
    kind = type("OneQuestionForm", (QuestionForm,), {**fields, "place": place, "options": options, "tests": tests})
    form: QuestionForm = kind(data=_as_stored(place) if sent is None else None)
    form.option_rows.data, form.test_rows.data = str(options), str(tests)
    _offer(form, place)
    return form


def _rows(sent: Mapping[str, str] | None, name: str, stored: int, *, least: int, most: int) -> int:
    typed = (sent or {}).get(name, "")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else stored
    return min(max(wanted, least), most + 1 if name == "option_rows" else most)


def _word_fields(name: str, label: Any) -> dict[str, Any]:
    make = TextAreaField if name in ("help", "purpose") else StringField
    clean = lines if name in ("help", "purpose") else one_line
    return {f"{name}_{lang}": make(IN_LANGUAGE[lang], filters=[clean], description=label) for lang in LANGS}


def _test_fields(at: int) -> dict[str, Any]:
    return {
        f"test_{at}_question": SelectField(_l("Question %(number)s of the condition", number=at + 1), validate_choice=False),
        f"test_{at}_op": SelectField(_l("How"), validate_choice=False),
        f"test_{at}_values": SelectMultipleField(_l("Answers"), validate_choice=False),
        f"test_{at}_typed": StringField(_l("Answer")),
    }


def _offer(form: QuestionForm, place: Place) -> None:
    """Fill the choices in the reader's language."""
    form.kind.flags.required = form.match.flags.required = True
    form.kind.choices = [
        (kind.value, Markup('{} <small class="muted">{}</small>').format(name, told)) for kind, (name, told) in KINDS.items()
    ]
    form.match.choices = [("all", _("if all of these are true")), ("any", _("if one of these is true"))]
    form.section.choices = [
        (section.code, place.at.title_of(section)) for section in place.at.form.sections if section.code != place.at.fixed
    ]
    before = condition_choices.questions(place.at, section=place.section, question=place.question)
    for at in range(form.tests):
        form[f"test_{at}_question"].choices = [("", _("Choose a question")), *before]
        form[f"test_{at}_op"].choices = condition_choices.ops()
        form[f"test_{at}_values"].choices = place.at.answers_of(form[f"test_{at}_question"].data or "")


def _as_stored(place: Place) -> dict[str, Any]:
    question = place.question
    known: dict[str, Any] = {"version": str(place.at.form.version), "section": place.section, "match": "all", "for_reviewers": True}
    if question is None:
        return known
    known |= {
        "kind": question.kind.value, "is_required": question.is_required, "is_sensitive": question.is_sensitive,
        "for_reviewers": question.for_reviewers,
        "delete_on": question.delete_on.isoformat() if question.delete_on else "",
        "least": "" if question.least is None else str(question.least), "most": "" if question.most is None else str(question.most),
    }  # fmt: skip
    for name in ("label", "help", "purpose"):
        known |= {f"{name}_{lang}": getattr(getattr(question, name), lang) for lang in LANGS}
    for at, option in enumerate(question.options):
        known |= {f"option_{at}_key": option.key, **{f"option_{at}_{lang}": getattr(option.label, lang) for lang in LANGS}}
    if question.when is not None:
        known["match"] = question.when.match
        for at, test in enumerate(question.when.tests):
            typed = "" if place.at.answers_of(test.question) else "".join(test.values[:1])
            known |= {f"test_{at}_question": test.question, f"test_{at}_op": test.op, f"test_{at}_values": list(test.values),
                      f"test_{at}_typed": typed}  # fmt: skip
    return known


def deletion_hint(event: Event) -> str:
    """What an empty day of deletion means."""
    soon, late = (date_long(day_of_deletion(event, is_sensitive=is_sensitive)) for is_sensitive in (True, False))
    return _("Left empty: %(soon)s for sensitive answers, else %(late)s.", soon=soon, late=late)
