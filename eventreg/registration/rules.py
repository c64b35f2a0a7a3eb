"""May this person register, with these answers, now? Pure: plain values in, a decision with its reason out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from eventreg.core import countries, text
from eventreg.core.questions import judging
from eventreg.core.questions.shape import Asked, Form, Question
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules as people
from eventreg.people.rules import Email
from eventreg.registration import standard

CATEGORIES = standard.SECTORS
GIVEN_CATEGORIES = ("guest", "press", "staff")  # nobody chooses these in the form; an organiser gives them
CONSENT_VERSION = "2022-1"


class State(StrEnum):
    """States of a registration (DOMAIN 5.1); a draft is a record of its own."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    MERGED = "merged"


class Waiting(StrEnum):
    """States of a waiting-list entry (DOMAIN 5.2)."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    REMOVED = "removed"


class Verdict(StrEnum):
    """What an organiser decides about somebody who has registered."""

    YES = "yes"
    NO = "no"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.CANCELLED, State.EXPIRED, State.MERGED}),
    State.CONFIRMED: frozenset({State.CANCELLED, State.EXPIRED, State.MERGED}),
    State.WAITLISTED: frozenset({State.CONFIRMED, State.CANCELLED, State.EXPIRED, State.MERGED}),
    State.CANCELLED: frozenset({State.SUBMITTED, State.CONFIRMED, State.WAITLISTED, State.MERGED}),
    State.EXPIRED: frozenset({State.SUBMITTED, State.CONFIRMED, State.WAITLISTED, State.MERGED}),
    State.DECLINED: frozenset({State.CONFIRMED, State.WAITLISTED, State.MERGED}),  # a second look
    State.MERGED: frozenset(),
}

LIMIT_KINDS = ("event", "category", "sector", "country", "gender", "day")  # what a limit can be set on
LimitKey = tuple[str, str]  # (kind, key): ("event", ""), ("category", "media"), ("day", "2022-11-02")

LIVE = frozenset({State.SUBMITTED, State.CONFIRMED, State.WAITLISTED})


def why_not_move(current: str, target: State) -> Refusal | None:
    """Say why a registration cannot go from `current` to `target`, or None."""
    if target in TRANSITIONS[State(current)]:
        return None
    return Refusal("registration.wrong_state", {"state": current})


def claims(*, category: str, sector: str, country: str, gender: str, days: Iterable[str]) -> frozenset[LimitKey]:
    """Under which limits a registration counts, where there are such limits: a place is needed under each of them."""
    found = {("event", ""), ("category", category), ("sector", sector), ("country", country)}
    found |= {("day", day) for day in days}
    return frozenset(found | ({("gender", gender)} if gender else set()))


def held_claims(*, category: str, sector: str, country: str) -> frozenset[LimitKey]:
    """Under which limits a place counts whose person is not known yet: what only they can say counts once they are."""
    return claims(category=category, sector=sector, country=country, gender="", days=())


def claims_of(facts: Mapping[str, Any]) -> frozenset[LimitKey]:
    """The claims of clean answers by field; what is not answered yet counts under nothing."""
    sector = facts.get("sector", "")
    return claims(
        category=sector, sector=sector, country=facts.get("country", ""), gender=facts.get("gender", ""),
        days=facts.get("days", ()),
    )  # fmt: skip


@dataclass(frozen=True)
class Full:
    """Which limits leave no place for somebody, and what else of their kind still has places (days, categories, sectors)."""

    limits: tuple[LimitKey, ...] = ()
    open: tuple[LimitKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.limits)


def what_is_full(wanted: Iterable[LimitKey], free: Mapping[LimitKey, int | None], *, days: Iterable[str]) -> Full:
    """What stands against a place for `wanted`, given the places left under each limit.

    Where the whole meeting is full nothing else is said: no other day or category would help. Something else of a kind is
    named only when that kind alone is full.
    """
    full = [claim for claim in wanted if free.get(claim) == 0]
    if ("event", "") in full:
        return Full((("event", ""),))
    full.sort(key=lambda claim: (LIMIT_KINDS.index(claim[0]), claim[1]))
    others = {"day": tuple(days), "category": CATEGORIES, "sector": CATEGORIES}
    kinds = {kind for kind, _key in full}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return Full(tuple(full), tuple((kind, key) for key in others.get(kind, ()) if free.get((kind, key)) != 0))


DECLINE_REASONS = ("places", "balance", "audience", "incomplete", "duplicate", "other")
_WORDS_LIMIT = 500


def why_not_decide(verdict: Verdict, reason: str, words: str) -> Refusal | None:
    """Say why this decision is not complete, or None: a no needs its reason, "other" and whatever is told needs words."""
    if verdict is Verdict.NO and reason not in DECLINE_REASONS:
        return Refusal("moderation.reason_missing")
    if reason == "other" and not words:
        return Refusal("moderation.words_missing")
    if text.graphemes(words) > _WORDS_LIMIT:
        return Refusal("answers.too_long", {"limit": _WORDS_LIMIT, "length": text.graphemes(words)})
    return None


@dataclass(frozen=True)
class Window:
    """When registration is open: from `opens_at` until, exclusively, `closes_at`, with a grace for forms opened before."""

    opens_at: datetime
    closes_at: datetime
    grace: timedelta


def phase(window: Window, now: datetime) -> str:
    """before, open, soon (the last 48 hours), grace or closed: what the deadline line shows."""
    if now < window.opens_at:
        return "before"
    if now < window.closes_at:
        return "soon" if window.closes_at - now <= timedelta(hours=48) else "open"
    return "grace" if now < window.closes_at + window.grace else "closed"


def why_not_register(
    window: Window, now: datetime, *, form_opened_at: datetime | None = None, passes_deadline: bool = False
) -> Refusal | None:
    """Say why registration is refused at `now`, or None when it is welcome.

    A form opened before the deadline may still be sent during the grace; one opened after it may not. An invitation with
    the right "deadline" passes both.
    """
    if passes_deadline:
        return None
    if now < window.opens_at:
        return Refusal("registration.not_yet_open", {"opens_at": window.opens_at})
    if now < window.closes_at:
        return None
    was_writing = form_opened_at is not None and form_opened_at < window.closes_at
    if was_writing and now < window.closes_at + window.grace:
        return None
    return Refusal("registration.closed", {"closes_at": window.closes_at})


def is_in_grace(window: Window, now: datetime, *, passes_deadline: bool) -> bool:
    """Whether a registration accepted at `now` was accepted only thanks to the grace."""
    return now >= window.closes_at and not passes_deadline


@dataclass(frozen=True)
class InvitationRights:
    """What an invitation says, as far as rules need it."""

    state: str
    email_key: str
    organisation_id: int | None


def why_not_invited(invitation: InvitationRights, email: Email | None, organisation_id: int | None = None) -> Refusal | None:
    """Say why an invitation cannot be used, or None; with an address: by this person, who comes for this organisation."""
    if invitation.state in {"revoked", "expired", "used_up"}:
        return Refusal(f"invitation.{invitation.state}")
    if email is None:
        return None
    if invitation.email_key and invitation.email_key != email.key:
        return Refusal("invitation.other_address")
    if invitation.organisation_id is not None and invitation.organisation_id != organisation_id:
        return Refusal("invitation.other_organisation")
    return None


def next_reminder(created_at: datetime, days: Iterable[int], after: datetime) -> datetime | None:
    """The first reminder after `after`; those that fell due while nobody looked are not caught up one by one."""
    moments = (created_at + timedelta(days=number) for number in sorted(days))
    return next((moment for moment in moments if moment > after), None)


def offer_until(now: datetime, *, offer_hours: int, event_starts_at: datetime) -> datetime | None:
    """Until when a place offered at `now` is held: `offer_hours`, 4 in the last three days; None once the event began."""
    if now >= event_starts_at:
        return None
    hours = 4 if event_starts_at - now <= timedelta(days=3) else offer_hours
    return min(now + timedelta(hours=hours), event_starts_at)


# ---- answers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """A complete form, cleaned. `days` are ISO dates; `organisation_code` is set when a known organisation was chosen."""

    email: Email
    name_latin: str
    name_arabic: str
    country: str
    organisation_name: str
    organisation_code: str
    sector: str
    position: str
    phone: str
    days: tuple[str, ...]
    languages: tuple[str, ...]
    access: str
    diet: str
    wants_visa_letter: bool
    consents_photo: bool
    consents_contact: bool
    gender: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)  # answers to the organiser's own questions, by code
    own_sensitive: Mapping[str, Any] = field(default_factory=dict)  # those that are kept apart, read by few
    judged: frozenset[str] = frozenset()  # the own questions that were judged, answered or not
    form_version: int | None = None  # of the form by which they were judged


# the fields of each step of the form that an event begins with
STEPS: Mapping[str, tuple[str, ...]] = {
    section.code: tuple(field for question in section.questions for field in standard.FIELDS[question.code])
    for section in standard.form().sections
}

Raw = Mapping[str, Any]
_POSITION_LIMIT, _NEEDS_LIMIT = 120, 500


def parse(
    raw: Raw, *, days: Sequence[date], only: Iterable[str] | None = None, form: Form | None = None
) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """Clean raw answers: (values, problems by field). All problems at once; `only` restricts to some fields.

    The one place where an answer to a built-in question is judged: pages, import and API come here with the same raw
    values. What `form` does not ask has no answer, whatever was sent.
    """
    values: dict[str, Any] = {}
    problems: dict[str, Refusal] = {}
    for name in list(only) if only is not None else list(standard.QUESTION_OF):
        question = form.find(standard.QUESTION_OF[name]) if form is not None else None
        is_asked = question is None or question.is_asked
        try:
            values[name] = _PARSERS[name](raw if is_asked else {}, days)
            if is_asked and question is not None and question.is_required and values[name] in ("", False):
                raise Refused(Refusal("question.missing"))
        except Refused as error:
            problems[name] = error.refusal
    has_names = {"name_latin", "name_arabic"} <= values.keys()
    if has_names and not values["name_latin"] and not values["name_arabic"]:
        problems["name_latin"] = Refusal("answers.name_missing")
    return values, problems


def answers(
    raw: Raw, *, days: Sequence[date], form: Form | None = None, asked: Asked | None = Asked.FORM,
    insist: Collection[str] | None = None, lacks_address: bool = False,
) -> Answers:  # fmt: skip
    """The complete form. Raises Incomplete with all problems by field.

    `asked` None judges also what is asked only after a place is confirmed. Without a form, that of the beginning. With
    `insist` only these fields must hold, and of the others `raw` has what is stored: it stays (a question may have become
    required since, or others who named the person did not know). `lacks_address`: somebody whom others named, and who has none.
    """
    values, problems = parse(raw, days=days, form=form)
    if lacks_address:
        values["email"] = people.NO_ADDRESS
        problems.pop("email", None)
    for name in [name for name in problems if insist is not None and name not in insist]:
        stored = raw.get(name)
        values[name] = tuple(stored) if isinstance(stored, list) else stored
        del problems[name]
    more: dict[str, Any] = {}
    if form is not None:
        judged = judging.judge(form, raw, values, asked=asked)
        wrong = {judging.field_name(code): refusal for code, refusal in judged.problems.items()}
        let_be = {code for code in judged.problems if insist is not None and judging.field_name(code) not in insist}
        apart = {question.code for question in form.own() if question.is_sensitive}
        more = {
            "own": {code: value for code, value in judged.values.items() if code not in apart},
            "own_sensitive": {code: value for code, value in judged.values.items() if code in apart},
            "judged": judged.judged - let_be, "form_version": form.version,
        }  # fmt: skip
        problems |= {name: refusal for name, refusal in wrong.items() if insist is None or name in insist}
    if problems:
        raise Incomplete(problems)
    return Answers(**values, **more)


def section_of(name: str, form: Form) -> str:
    """The section of the form in which this field is asked."""
    return form.home_of(standard.QUESTION_OF.get(name) or name.removeprefix(judging.field_name(""))).code


def fields_of(question: Question) -> tuple[str, ...]:
    """The fields under which a question's answer is sent."""
    return (judging.field_name(question.code),) if question.is_own else standard.FIELDS[question.code]


class Incomplete(Refused):
    """Answers are missing or wrong; `problems` maps each field to its refusal."""

    def __init__(self, problems: dict[str, Refusal]) -> None:
        super().__init__(Refusal("answers.incomplete", {"count": len(problems)}))
        self.problems = problems


def _string(raw: Raw, name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _email(raw: Raw, days: Sequence[date]) -> Email:
    return people.email_address(_string(raw, "email"))


def _name(name: str, script: Any) -> Callable[[Raw, Sequence[date]], str]:
    def parser(raw: Raw, days: Sequence[date]) -> str:
        typed = _string(raw, name)
        if not text.clean_line(typed):
            return ""
        return people.clean_name(typed, script=script)

    return parser


def _organisation(raw: Raw, days: Sequence[date]) -> str:
    typed = _string(raw, "organisation_name")
    if not text.clean_line(typed):
        raise Refused(Refusal("answers.organisation_missing"))
    return people.clean_organisation(typed)


def _text(name: str, limit: int, clean: Callable[[str], str]) -> Callable[[Raw, Sequence[date]], str]:
    def parser(raw: Raw, days: Sequence[date]) -> str:
        value = clean(_string(raw, name))
        if text.graphemes(value) > limit:
            raise Refused(Refusal("answers.too_long", {"limit": limit, "length": text.graphemes(value)}))
        return value

    return parser


def _country(raw: Raw, days: Sequence[date]) -> str:
    code = _string(raw, "country").strip().upper()
    if not countries.is_country(code):
        raise Refused(Refusal("answers.country_missing"))
    return code


def _sector(raw: Raw, days: Sequence[date]) -> str:
    sector = _string(raw, "sector")
    if sector not in CATEGORIES:
        raise Refused(Refusal("answers.sector_missing"))
    return sector


def _phone(raw: Raw, days: Sequence[date]) -> str:
    typed = _string(raw, "phone")
    country = _string(raw, "country").strip().upper()
    return people.phone(typed, country=country or None) if text.clean_line(typed) else ""


def _days(raw: Raw, days: Sequence[date]) -> tuple[str, ...]:
    chosen = set(_many(raw, "days"))
    known = [day.isoformat() for day in days]
    if not chosen or not chosen <= set(known):
        raise Refused(Refusal("answers.days_missing"))
    return tuple(day for day in known if day in chosen)


def _languages(raw: Raw, days: Sequence[date]) -> tuple[str, ...]:
    chosen = set(_many(raw, "languages"))
    if not chosen or not chosen <= set(standard.LANGUAGES):
        raise Refused(Refusal("answers.languages_missing"))
    return tuple(lang for lang in standard.LANGUAGES if lang in chosen)


def _gender(raw: Raw, days: Sequence[date]) -> str:
    gender = _string(raw, "gender")
    if gender and gender not in standard.GENDERS:
        raise Refused(Refusal("answers.gender_unknown"))
    return gender


def _many(raw: Raw, name: str) -> list[str]:
    value = raw.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _yes(name: str) -> Callable[[Raw, Sequence[date]], bool]:
    return lambda raw, days: raw.get(name) is True


_PARSERS: Mapping[str, Callable[[Raw, Sequence[date]], Any]] = {
    "email": _email,
    "name_latin": _name("name_latin", "latin"),
    "name_arabic": _name("name_arabic", "arabic"),
    "country": _country,
    "organisation_name": _organisation,
    "organisation_code": _text("organisation_code", 40, text.clean_line),
    "sector": _sector,
    "position": _text("position", _POSITION_LIMIT, text.clean_line),
    "phone": _phone,
    "days": _days,
    "languages": _languages,
    "access": _text("access", _NEEDS_LIMIT, text.clean_text),
    "diet": _text("diet", _NEEDS_LIMIT, text.clean_text),
    "gender": _gender,
    "wants_visa_letter": _yes("wants_visa_letter"),
    "consents_photo": _yes("consents_photo"),
    "consents_contact": _yes("consents_contact"),
}
