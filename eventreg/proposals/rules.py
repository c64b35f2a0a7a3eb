"""Is this proposal complete, and may it be written, sent or withdrawn now? Pure: values in, a decision with its reason out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from eventreg.core import text
from eventreg.core.questions import conditions, judging
from eventreg.core.questions.shape import Form, Question, Section, When
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.proposals import standard
from eventreg.registration.rules import Window

Raw = Mapping[str, Any]


class State(StrEnum):
    """States of a proposal (DOMAIN 5.3)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    SHORTLISTED = "shortlisted"
    ACCEPTED = "accepted"
    RESERVE = "reserve"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN, State.MERGED}),
    State.SUBMITTED: frozenset({State.SUBMITTED, State.IN_REVIEW, State.WITHDRAWN, State.MERGED}),
    State.IN_REVIEW: frozenset(
        {State.SHORTLISTED, State.ACCEPTED, State.RESERVE, State.DECLINED, State.WITHDRAWN, State.MERGED}
    ),
    State.SHORTLISTED: frozenset({State.ACCEPTED, State.RESERVE, State.DECLINED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.WITHDRAWN}),
    State.RESERVE: frozenset({State.ACCEPTED, State.WITHDRAWN}),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset({State.DRAFT, State.SUBMITTED}),  # by the team alone
    State.MERGED: frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW}),  # a merge taken back
}

WRITABLE = frozenset({State.DRAFT, State.SUBMITTED})  # by those who propose, while the call is open
SENT = frozenset(State) - {State.DRAFT}
UNDECIDED = frozenset({State.SUBMITTED, State.IN_REVIEW, State.SHORTLISTED})  # what those who propose see of these: being studied


def why_not_move(current: str, target: State) -> Refusal | None:
    """Say why a proposal cannot go from `current` to `target`, or None."""
    if target in TRANSITIONS[State(current)]:
        return None
    return Refusal("proposal.wrong_state", {"state": current})


class Role(StrEnum):
    """What somebody is to a proposal. Lead and co-organisers write; speakers and contacts are named."""

    LEAD = "lead"
    CO_ORGANISER = "co_organiser"
    SPEAKER = "speaker"
    CONTACT = "contact"


WRITERS = (Role.LEAD, Role.CO_ORGANISER)
TEAM = ("OR", "CH")  # roles of the access matrix: those who make the programme


class Answer(StrEnum):
    """What a co-organiser answered to the invitation; named people are not asked."""

    NAMED = "named"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


NO_CALL = Refusal("call.none")
NO_BODY = Refusal("proposal.no_body")

# ---- when ------------------------------------------------------------------------------------------------------------


def why_not_begin(window: Window, now: datetime, *, is_late_guest: bool = False) -> Refusal | None:
    """Say why no proposal can be begun at `now`, or None. A late guest has an invitation that passes the closing."""
    if is_late_guest and now >= window.opens_at:
        return None
    if now < window.opens_at:
        return Refusal("call.not_yet_open", {"opens_at": window.opens_at})
    if now >= window.closes_at:
        return Refusal("call.closed", {"closes_at": window.closes_at})
    return None


def why_not_write(
    window: Window, now: datetime, *, state: str, begun_at: datetime, is_late_guest: bool = False
) -> Refusal | None:
    """Say why this proposal cannot be changed or sent at `now`, or None: what was begun in time may use the grace."""
    if State(state) not in WRITABLE:
        return Refusal("proposal.wrong_state", {"state": state})
    if begun_at < window.closes_at and window.opens_at <= now < window.closes_at + window.grace:
        return None
    return why_not_begin(window, now, is_late_guest=is_late_guest)


def why_not_another(mine: int, limit: int | None) -> Refusal | None:
    """Say why somebody with `mine` live proposals cannot lead another one, or None."""
    if limit is not None and mine >= limit:
        return Refusal("call.too_many", {"limit": limit})
    return None


# ---- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choices:
    """What the call offers to choose from, by slug."""

    tracks: tuple[str, ...]
    formats: tuple[str, ...]


def fields_of(question: Question) -> tuple[str, ...]:
    """The fields under which a question's answer is sent."""
    return (judging.field_name(question.code),) if question.is_own else standard.FIELDS[question.code]


def section_fields(section: Section) -> tuple[str, ...]:
    """All fields of a section."""
    return tuple(field for question in section.questions for field in fields_of(question))


@dataclass(frozen=True)
class Judged:
    """Clean answers by field, problems by field, and what conditions ask about: the answers by name."""

    values: dict[str, Any]
    problems: dict[str, Refusal]
    known: dict[str, Any]


def judge(raw: Raw, *, form: Form, lang: str, choices: Choices) -> Judged:
    """Clean raw answers. All problems at once; a question that is not asked of this proposal has no answer.

    The one place where an answer of a proposal is judged: pages, autosave, import and API come here. `lang` is the language
    the proposal is written in: its texts must be there in it, and may be there in the others.
    """
    values: dict[str, Any] = {}
    problems: dict[str, Refusal] = {}
    for question in form.questions():
        if question.is_own or not question.is_asked:
            continue
        for field in fields_of(question):
            try:
                values[field] = _clean(field, question, raw, lang, choices)
            except Refused as error:
                problems[field] = error.refusal
    smallest, largest = values.get("size_min"), values.get("size_max")
    if smallest and largest and smallest > largest:
        problems["size_max"] = Refusal("proposal.size_reversed")
    judged = judging.judge(form, raw, values)
    values |= {judging.field_name(code): value for code, value in judged.values.items()}
    problems |= {judging.field_name(code): refusal for code, refusal in judged.problems.items()}
    answered = {name: value for name, value in values.items() if value not in ("", (), None)}
    return Judged(answered, problems, judged.known)


def parse(raw: Raw, *, form: Form, lang: str, choices: Choices) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """The same, for who asks about no condition: (values by field, problems by field)."""
    judged = judge(raw, form=form, lang=lang, choices=choices)
    return judged.values, judged.problems


def open_on(section: Section) -> dict[str, When | None]:
    """The same where nothing is known of other parts: what they decide is taken to hold."""
    return conditions.open_on(section, fields_of)


def shown_on(section: Section, known: Mapping[str, Any]) -> dict[str, When | None]:
    """The questions that a part shows, each with what is still open about it on the very page; none: the part is not shown."""
    return conditions.shown_on(section, known, fields_of)


def _clean(field: str, question: Question, raw: Raw, lang: str, choices: Choices) -> Any:
    if question.code in standard.WORDS:
        is_needed = question.is_required and field == standard.field_of(question.code, lang)
        return _words(_string(raw, field), question.code, is_needed=is_needed)
    return _CLEANERS[question.code](raw, field, choices, question.is_required)


def _words(typed: str, name: str, *, is_needed: bool) -> str:
    """A text of the proposal. Raises Refused: missing, without a letter, too many words or signs."""
    missing = Refusal(f"proposal.{name}_missing") if is_needed else None
    most_signs = standard.TITLE_SIGNS if name == "title" else None
    return written(typed, limit=standard.WORDS[name], missing=missing, is_line=name == "title", most_signs=most_signs)


def written(typed: str, *, limit: int, missing: Refusal | None = None, is_line: bool = False, most_signs: int | None = None) -> str:
    """A text of at most `limit` words, cleaned. `missing` is the refusal of an empty one; None where it may be empty.

    Raises Refused: missing, without a letter, too many words or signs.
    """
    value = text.clean_line(typed) if is_line else text.clean_text(typed)
    if not value:
        if missing is not None:
            raise Refused(missing)
        return ""
    count = text.count_words(value)
    if not count:
        raise Refused(Refusal("proposal.no_letters"))
    if count > limit:
        raise Refused(Refusal("proposal.too_many_words", {"limit": limit, "count": count}))
    most = most_signs or limit * _SIGNS_PER_WORD
    if (signs := text.graphemes(value)) > most:
        raise Refused(Refusal("answers.too_long", {"limit": most, "length": signs}))
    if text.marks_on_one_letter(value) > _MARKS:
        raise Refused(Refusal("proposal.unreadable"))
    return value


_SIGNS_PER_WORD = 12  # on average, with its blank: a text of glued words is no shorter
_MARKS = 4


def _string(raw: Raw, field: str) -> str:
    value = raw.get(field)
    return value if isinstance(value, str) else ""


def _track(raw: Raw, field: str, choices: Choices, is_required: bool) -> str:
    return _one_of(_string(raw, field), choices.tracks, "proposal.track_missing", is_required)


def _format(raw: Raw, field: str, choices: Choices, is_required: bool) -> str:
    return _one_of(_string(raw, field), choices.formats, "proposal.format_missing", is_required)


def _one_of(given: str, offered: tuple[str, ...], missing: str, is_required: bool) -> str:
    if given not in offered and (given or is_required):
        raise Refused(Refusal(missing))
    return given


def _spoken(raw: Raw, field: str, choices: Choices, is_required: bool) -> tuple[str, ...]:
    given = raw.get(field)
    chosen = {item for item in given if isinstance(item, str)} if isinstance(given, list | tuple) else set()
    if not chosen <= set(LANGS) or (is_required and not chosen):
        raise Refused(Refusal("proposal.spoken_missing"))
    return tuple(lang for lang in LANGS if lang in chosen)


def _size(raw: Raw, field: str, choices: Choices, is_required: bool) -> int | None:
    return people_expected(raw, field, is_required=is_required)


def people_expected(raw: Raw, field: str, *, is_required: bool) -> int | None:
    """How many people, typed with the digits of any script. Raises Refused: missing, out of range."""
    given = raw.get(field)
    out_of_range = Refusal("proposal.size_range", {"most": standard.MOST_PEOPLE})
    try:
        number = judging.number(str(given) if isinstance(given, int) else _string(raw, field)[:60])
    except Refused:  # of people there are no decimals, so the words for any number do not fit
        raise Refused(out_of_range) from None
    if number is None:
        if is_required:
            raise Refused(Refusal(f"proposal.{field}_missing"))
        return None
    if number != int(number) or not 1 <= number <= standard.MOST_PEOPLE:
        raise Refused(out_of_range)
    return int(number)


_CLEANERS: Mapping[str, Callable[[Raw, str, Choices, bool], Any]] = {
    "track": _track,
    "format": _format,
    "spoken": _spoken,
    "size": _size,
}


class Incomplete(Refused):
    """A part is missing or wrong; `problems` maps each field to its refusal."""

    def __init__(self, problems: Mapping[str, Refusal]) -> None:
        super().__init__(Refusal("proposal.incomplete", {"count": len(problems)}))
        self.problems = dict(problems)


def languages_of(values: Mapping[str, Any], form: Form) -> dict[str, frozenset[str]]:
    """Which texts exist in which language: the languages that have any text, each with the texts it lacks."""
    asked = [name for name in standard.WORDS if form.asks(name)]
    has = {lang: {name for name in asked if values.get(standard.field_of(name, lang))} for lang in LANGS}
    return {lang: frozenset(set(asked) - names) for lang, names in has.items() if names}


# ---- who -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """An organisation behind a proposal, as its people tell it; `key` says which are the same."""

    key: str
    name: str
    sector: str
    country: str
    has_accepted: bool


def bodies(people: Iterable[tuple[str, str, str, str, bool]]) -> list[Body]:
    """The organising bodies in order of their first person: (key, name, sector, country, accepted) of lead and co-organisers.

    A body stands behind the proposal as soon as one of its people has accepted.
    """
    found: dict[str, Body] = {}
    for key, name, sector, country, has_accepted in people:
        if key and (key not in found or (has_accepted and not found[key].has_accepted)):
            found[key] = Body(key, name, sector, country, has_accepted)
    return list(found.values())


def is_joint(found: Iterable[Body]) -> bool:
    """Whether government and civil society stand behind it together (DOMAIN M20)."""
    return {"government", "civil_society"} <= {body.sector for body in found if body.has_accepted}
