# ruff: noqa: E501, RUF001 (texts read better in long lines)
"""Concept notes of the demo: one from its first draft to both signatures, one that waits for a signature, one just begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from eventreg.cli.demo import proposals
from eventreg.proposals import note_comments, note_queries, notes, queries
from eventreg.proposals.models import Proposal
from eventreg.proposals.rules import Role

Moments = list[tuple[datetime, Callable[[], object]]]

_BEGUN = proposals.DECIDED + timedelta(days=1, hours=2)
_AXIS = {
    "ar": "ما الذي يتغير حين تعد إدارة عمومية وجمعية ورشة واحدة معا؟",
    "fr": "Qu'est-ce qui change quand une administration et une association préparent un seul atelier ?",
    "en": "What changes when a public institution and an association prepare one workshop together?",
}
# minutes, what in the three languages, who in them
_PROGRAMME: dict[str, tuple[tuple[int, str, str], ...]] = {
    "ar": (
        (10, "الكلمة الافتتاحية", "الجهتان المنظمتان"), (25, "عرض التجربة وأرقامها", "الجمعية"), (35, "عمل في مجموعات من ثمانية", "الجميع"),
        (20, "التوصيات والختام", "الإدارة"),
    ),
    "fr": (
        (10, "Mot d'ouverture", "Les deux organismes"), (25, "L'expérience et ses chiffres", "L'association"),
        (35, "Travail par tables de huit", "Tout le monde"), (20, "Recommandations et clôture", "L'administration"),
    ),
    "en": (
        (10, "Opening word", "Both organisations"), (25, "The experience and its figures", "The association"),
        (35, "Work at tables of eight", "Everybody"), (20, "Recommendations and closing", "The institution"),
    ),
}  # fmt: skip
_ASKED = {
    "ar": "المرجو تخصيص وقت أطول لعمل المجموعات.", "fr": "Merci de laisser plus de temps au travail par tables.",
    "en": "Please leave more time for the work at the tables.",
}  # fmt: skip
_SHORTER = {"minutes_2": "20", "minutes_3": "40"}


def moments(event_id: int) -> Moments:
    """What the organisers of three joint workshops do in the week after the decisions."""
    day = timedelta(days=1)
    return [
        (_BEGUN, partial(_write, event_id, 0)), (_BEGUN + day, partial(_ask_for_changes, event_id, 0)),
        (_BEGUN + 2 * day, partial(_mend, event_id, 0)), (_BEGUN + 3 * day, partial(_sign, event_id, 0, Role.LEAD)),
        (_BEGUN + 4 * day, partial(_sign, event_id, 0, Role.CO_ORGANISER)), (_BEGUN + 2 * day, partial(_write, event_id, 1)),
        (_BEGUN + 4 * day, partial(_sign, event_id, 1, Role.LEAD)), (_BEGUN + 3 * day, partial(_begin, event_id, 2)),
    ]  # fmt: skip


def _joint(event_id: int, which: int) -> Proposal | None:
    """The accepted workshops of two bodies, those of a government and an association first."""
    found = [one for one in proposals.accepted(event_id) if len(queries.bodies(_writers(one))) == 2 and _minutes(one) == 90]
    found.sort(key=lambda one: (set(one.sectors) != {"government", "civil_society"}, one.lang != "ar", one.number))
    return found[which] if which < len(found) else None


def _writers(proposal: Proposal) -> list[Any]:
    return [person for person in queries.people(proposal.id) if person.is_writer]


def _minutes(proposal: Proposal) -> int:
    known = queries.by_code(proposal.event_id, proposal.code)
    return known.format.minutes if known is not None and known.format is not None else 0


def _person(proposal: Proposal, role: Role) -> int:
    return next(person.person_id for person in _writers(proposal) if person.role == role and person.person_id)


def _begin(event_id: int, which: int) -> None:
    if (proposal := _joint(event_id, which)) is not None:
        notes.begin(proposal.id, by=proposal.lead_id)


def _write(event_id: int, which: int) -> None:
    """The whole note, put to signature."""
    proposal = _joint(event_id, which)
    if proposal is None:
        return
    lead, lang = proposal.lead_id, proposal.lang
    made = notes.begin(proposal.id, by=lead)
    notes.save_part(proposal.id, made.number, "axis", {f"axis_{lang}": _AXIS[lang]}, based_on=1, by=lead)
    notes.save_part(proposal.id, made.number, "programme", _programme(lang), based_on=1, by=lead)
    notes.propose(proposal.id, made.number, by=lead)


def _programme(lang: str, **changed: str) -> dict[str, str]:
    typed = {}
    for row, (minutes, what, who) in enumerate(_PROGRAMME[lang], start=1):
        typed |= {f"minutes_{row}": str(minutes), f"what_{lang}_{row}": what, f"who_{row}": who}
    return typed | changed


def _ask_for_changes(event_id: int, which: int) -> None:
    if (proposal := _joint(event_id, which)) is not None:
        by, text = _person(proposal, Role.CO_ORGANISER), _text(proposal)
        notes.ask_changes(proposal.id, 1, text, "programme", _ASKED[proposal.lang], by=by)


def _text(proposal: Proposal) -> str:
    """The hash of what is to be signed."""
    note = note_queries.newest(proposal.id)
    text = note_queries.text_of(note) if note is not None else None
    assert text is not None
    return text.hash


def _mend(event_id: int, which: int) -> None:
    if (proposal := _joint(event_id, which)) is not None:
        lead = proposal.lead_id
        notes.save_part(proposal.id, 1, "programme", _programme(proposal.lang, **_SHORTER), based_on=2, by=lead)
        for thread in note_queries.threads(proposal.id):
            note_comments.resolve(proposal.id, thread.first.code, by=lead)
        notes.propose(proposal.id, 1, by=lead)


def _sign(event_id: int, which: int, role: Role) -> None:
    if (proposal := _joint(event_id, which)) is not None:
        notes.sign(proposal.id, 1, _text(proposal), by=_person(proposal, role))
