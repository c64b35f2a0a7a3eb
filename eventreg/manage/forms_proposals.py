"""The forms of the team's pages about proposals: what is looked for, why one is restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, RadioField, SearchField, SelectField, TextAreaField

from eventreg.core import countries, i18n, refusals, text
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, page_lang
from eventreg.core.refusals import Refusal
from eventreg.manage.forms import REASON_LIMIT
from eventreg.manage.proposal_filters import JOINT, LACKS, ProposalFilter
from eventreg.people.rules import SECTORS
from eventreg.proposals import labels
from eventreg.proposals.models import Proposal
from eventreg.proposals.queries import Offer
from eventreg.registration import labels as registration_labels

Counts = Mapping[str, Mapping[str, int]]


class ProposalFilterForm(Form):
    """Which proposals the list shows; sent by GET, so that the address keeps it."""

    q = SearchField(_l("Search in proposals"))
    state = SelectField(_l("State"))
    track = SelectField(_l("Track"))
    format = SelectField(_l("Format"))
    sector = SelectField(_l("Sector behind it"))
    language = SelectField(_l("Written in"))
    country = SelectField(_l("Country of the lead"))
    texts = SelectField(_l("Completeness"))
    co = SelectField(_l("Co-organisers"))

    @classmethod
    def names(cls) -> dict[str, str]:
        """What each filter is called."""
        return {field.name: str(field.label.text) for field in cls(data={})}

    @classmethod
    def of(cls, wanted: ProposalFilter, choices: Mapping[str, list[tuple[str, str]]], counts: Counts) -> ProposalFilterForm:
        """The form that shows this filter; each choice says how many proposals of the meeting it would find."""
        form = cls(data=wanted.as_args())
        for name, found in choices.items():
            numbers = counts.get(name, {})
            form[name].choices = [("", _("All")), *((value, _counted(words, numbers.get(value, 0))) for value, words in found)]
        return form


def _counted(words: str, number: int) -> str:
    counted: str = _("%(label)s: %(number)s", label=words, number=i18n.number(number))
    return counted


def choices_of(offer: Offer, present: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The words for each value of each filter; `present` are the countries to choose from."""
    lang = page_lang()
    languages = [(key, str(registration_labels.LANGUAGE[key])) for key in LANGS]
    by_name = sorted(present, key=lambda code: text.sort_key(countries.name(code, lang)))
    return {
        "state": [(state.value, str(words)) for state, words in labels.STATE.items()],
        "track": [(track.slug, track.name.in_(lang)) for track in offer.tracks],
        "format": [(one.slug, one.name.in_(lang)) for one in offer.formats],
        "sector": [(JOINT, _("Government and civil society together")),
                   *((key, str(registration_labels.CATEGORY[key])) for key in SECTORS)],
        "language": languages,
        "country": [(code, countries.name(code, lang)) for code in by_name],
        "texts": [("complete", _("No answer is missing")), ("missing", _("Answers are missing")),
                  *((f"{LACKS}{key}", _("Not complete in: %(language)s", language=words)) for key, words in languages)],
        "co": [("unanswered", _("Have yet to answer"))],
    }  # fmt: skip


class RestoreForm(PageForm):
    """Restore a withdrawn proposal; why."""

    reason = TextAreaField(_l("Reason"))

    def why(self) -> str:
        """The reason as one line."""
        return text.clean_line(self.reason.data or "")

    def problem(self) -> Refusal | None:
        """Why the reason will not do, or None."""
        if not self.why():
            return Refusal("proposal.reason_missing")
        length = text.graphemes(self.why())
        return Refusal("answers.too_long", {"limit": REASON_LIMIT, "length": length}) if length > REASON_LIMIT else None


class MergeForm(PageForm):
    """Which of two proposals stays, why, and that both leads agreed."""

    survivor = RadioField(_l("Which one stays"), validate_choice=False)
    reason = TextAreaField(_l("Reason"))
    both_agreed = BooleanField(_l("Both leads have agreed"))

    def offer(self, one: Proposal, other: Proposal) -> None:
        """Name the two."""
        self.survivor.choices = [(it.code, _named(it)) for it in (one, other)]
        self.survivor.flags.required = self.reason.flags.required = True

    def show(self, refusal: Refusal) -> None:
        """Put a refusal where it belongs."""
        places = {"proposal.merge_no_consent": self.both_agreed, "proposal.merge_no_reason": self.reason,
                  "answers.too_long": self.reason}  # fmt: skip
        places.get(refusal.code, self.survivor).errors = [refusals.say(refusal)]


def _named(proposal: Proposal) -> Any:
    title = i18n.mark_text(proposal.title) if proposal.title else proposal.code
    return title + " · " + _("Number %(n)s", n=proposal.number) if proposal.number else title


def words_of(wanted: ProposalFilter, choices: Mapping[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """Each part of a filter in words."""
    return {
        name: _("Search: %(words)s", words=value) if name == "q" else dict(choices[name]).get(value, value)
        for name, value in wanted.as_args().items()
    }
