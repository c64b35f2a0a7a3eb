"""What is a concept note made of, is it complete, and who may sign it? Pure: values in, a decision with its reason out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from eventreg.core import text
from eventreg.core.questions import judging
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.proposals import rules
from eventreg.proposals.rules import Body, State

Raw = Mapping[str, Any]


class NoteState(StrEnum):
    """States of a version (DOMAIN 5.4)."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SIGNED_OFF = "signed_off"
    SUPERSEDED = "superseded"


TRANSITIONS: Mapping[NoteState, frozenset[NoteState]] = {
    NoteState.DRAFT: frozenset({NoteState.PROPOSED}),
    NoteState.PROPOSED: frozenset({NoteState.DRAFT, NoteState.SIGNED_OFF}),
    NoteState.SIGNED_OFF: frozenset({NoteState.SUPERSEDED}),
    NoteState.SUPERSEDED: frozenset(),
}
OPEN = frozenset({NoteState.DRAFT, NoteState.PROPOSED})  # the version that is worked on; there is one at most

# the parts of the minutes (DOMAIN M25, M27), each text with how many words it may have
WORDS: Mapping[str, int] = {"approach": 300, "objectives": 200, "theme": 120, "axis": 120, "outputs": 200}
SECTIONS = ("approach", "objectives", "theme", "axis", "outputs", "programme", "speakers", "size")
PREFILLED = {"approach": "approach", "objectives": "objectives", "theme": "summary", "outputs": "outputs"}

MOST_ROWS = {"programme": 30, "speakers": 12}
ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "programme": ("minutes", *(f"what_{lang}" for lang in LANGS), "who"),
    "speakers": ("speaker", "about"),
}
LINE_WORDS, MOST_MINUTES = 60, 600
COMMENT_WORDS = 400
REMIND_DAYS = (7, 1)  # before the deadline


def why_not_move(current: str, target: NoteState) -> Refusal | None:
    """Say why a version cannot go from `current` to `target`, or None."""
    return None if target in TRANSITIONS[NoteState(current)] else Refusal("note.wrong_state", {"state": current})


def why_not_write(proposal_state: str) -> Refusal | None:
    """Say why the note of such a proposal cannot be written, signed or commented on, or None: it is of accepted workshops."""
    return None if proposal_state == State.ACCEPTED else Refusal("note.not_accepted", {"state": proposal_state})


# ---- fields ----------------------------------------------------------------------------------------------------------


def field_of(name: str, row: int) -> str:
    """The field of a row of the programme or the speakers: "who", 3 → "who_3"."""
    return f"{name}_{row}"


_ROW = re.compile(r"(.+)_([1-9]\d?)")
_MOVE = re.compile(r"(up|before)_([1-9]\d?)")


def fields_of(section: str, rows: int = 0) -> tuple[str, ...]:
    """The fields of a part; those that have rows, for `rows` of them."""
    if section in WORDS:
        return tuple(f"{section}_{lang}" for lang in LANGS)
    if section == "size":
        return ("size_min", "size_max")
    return tuple(field_of(name, row) for row in range(1, rows + 1) for name in ROW_FIELDS[section])


def rows_in(section: str, answers: Raw) -> int:
    """How many rows were typed into, up to the last one that has anything."""
    found = [_ROW.fullmatch(field) for field, value in answers.items() if isinstance(value, str) and value.strip()]
    return max((int(match[2]) for match in found if match and match[1] in ROW_FIELDS[section]), default=0)


def rearranged(section: str, answers: Raw, move: str) -> dict[str, Any]:
    """The answers with one row elsewhere: "up_3" puts the third before the second, "before_3" an empty row before the third."""
    count = rows_in(section, answers)
    rows = [{name: answers.get(field_of(name, row), "") for name in ROW_FIELDS[section]} for row in range(1, count + 1)]
    match = _MOVE.fullmatch(move)
    at = int(match[2]) - 1 if match else count
    if match and match[1] == "up" and 0 < at < count:
        rows.insert(at - 1, rows.pop(at))
    elif match and match[1] == "before" and at < count < MOST_ROWS[section]:
        rows.insert(at, dict.fromkeys(ROW_FIELDS[section], ""))
    return {field_of(name, number): value for number, row in enumerate(rows, start=1) for name, value in row.items()}


# ---- judge -----------------------------------------------------------------------------------------------------------


def parse(raw: Raw, *, lang: str, minutes: int | None) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """Clean what was typed: (the note's content, problems by field). All problems at once.

    Every text must be there in `lang`, and may be there in the others. `minutes` is the length of the workshop.
    """
    problems: dict[str, Refusal] = {}
    taken = _Taking(raw, lang, problems)
    content: dict[str, Any] = {name: taken.texts(name, limit) for name, limit in WORDS.items()}
    content["programme"] = [row for row in map(taken.moment, range(1, MOST_ROWS["programme"] + 1)) if row]
    content["speakers"] = [row for row in map(taken.speaker, range(1, MOST_ROWS["speakers"] + 1)) if row]
    for field in ("size_min", "size_max"):
        content[field] = taken.one(field, lambda field=field: rules.people_expected(raw, field, is_required=True))
    if content["size_min"] and content["size_max"] and content["size_min"] > content["size_max"]:
        problems["size_max"] = Refusal("proposal.size_reversed")
    if not content["programme"] and not any(field.startswith(("minutes_", "what_", "who_")) for field in problems):
        problems["minutes_1"] = Refusal("note.programme_missing")
    total = length(content["programme"])
    if minutes is not None and total > minutes:
        last = content["programme"][-1]["row"]
        problems.setdefault(field_of("minutes", last), Refusal("note.programme_too_long", {"total": total, "minutes": minutes}))
    for row in content["programme"]:
        del row["row"]
    return content, problems


@dataclass(frozen=True)
class _Taking:
    """One answer after the other; what is wrong goes to `problems` and counts as nothing."""

    raw: Raw
    lang: str
    problems: dict[str, Refusal]

    def one(self, field: str, judge: Callable[[], Any]) -> Any:
        try:
            return judge()
        except Refused as error:
            self.problems[field] = error.refusal
            return None

    def typed(self, field: str) -> str:
        value = self.raw.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, name: str, limit: int) -> dict[str, str]:
        """A text by language: those that are there."""
        found = {}
        for lang in LANGS:
            missing = Refusal(f"note.{name}_missing") if lang == self.lang else None
            field = f"{name}_{lang}"
            found[lang] = self.one(field, lambda: rules.written(self.typed(field), limit=limit, missing=missing))  # noqa: B023
        return {lang: words for lang, words in found.items() if words}

    def line(self, field: str, missing: Refusal | None = None) -> str:
        return self.one(field, lambda: rules.written(self.typed(field), limit=LINE_WORDS, missing=missing, is_line=True)) or ""

    def moment(self, row: int) -> dict[str, Any] | None:
        """A row of the programme, None where nothing was typed."""
        fields = [field_of(name, row) for name in ROW_FIELDS["programme"]]
        if not any(self.typed(field).strip() for field in fields):
            return None
        minutes = self.one(field_of("minutes", row), lambda: _minutes(self.typed(field_of("minutes", row))))
        what = {}
        for lang in LANGS:
            missing = Refusal("note.what_missing") if lang == self.lang else None
            if words := self.line(field_of(f"what_{lang}", row), missing):
                what[lang] = words
        return {"row": row, "minutes": minutes or 0, "what": what, "who": self.line(field_of("who", row))}

    def speaker(self, row: int) -> dict[str, str] | None:
        """A speaker, None where nothing was typed."""
        about = self.typed(field_of("about", row)).strip()
        if not about and not self.typed(field_of("speaker", row)).strip():
            return None
        return {
            "name": self.line(field_of("speaker", row), Refusal("proposal.name_missing")),
            "about": self.line(field_of("about", row)),
        }  # fmt: skip


def _minutes(typed: str) -> int:
    number = judging.number(typed[:60])
    if number is None:
        raise Refused(Refusal("note.minutes_missing"))
    if number != int(number) or not 1 <= number <= MOST_MINUTES:
        raise Refused(Refusal("note.minutes_range", {"most": MOST_MINUTES}))
    return int(number)


def length(programme: Iterable[Mapping[str, Any]]) -> int:
    """How many minutes a programme takes."""
    return sum(row["minutes"] for row in programme)


def section_of(field: str) -> str:
    """The part to which a field belongs."""
    name, _sep, rest = field.rpartition("_")
    if rest in LANGS and name in WORDS:
        return name
    return next((section for section, names in ROW_FIELDS.items() if name in names), "size")


def as_typed(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of each part that give this content: a version begins with those of the one before."""
    parts: dict[str, dict[str, Any]] = {
        name: {f"{name}_{lang}": content[name].get(lang, "") for lang in LANGS} for name in WORDS
    }
    parts["programme"] = {}
    for number, row in enumerate(content["programme"], start=1):
        parts["programme"] |= {field_of("minutes", number): str(row["minutes"]), field_of("who", number): row["who"]}
        parts["programme"] |= {field_of(f"what_{lang}", number): row["what"].get(lang, "") for lang in LANGS}
    parts["speakers"] = {}
    for number, row in enumerate(content["speakers"], start=1):
        parts["speakers"] |= {field_of("speaker", number): row["name"], field_of("about", number): row["about"]}
    parts["size"] = {name: str(content[name] or "") for name in ("size_min", "size_max")}
    return parts


def as_shown(raw: Raw) -> dict[str, Any]:
    """The content as it is being written, right or wrong, for people to read: nothing typed is left out."""
    shown: dict[str, Any] = {name: {lang: raw.get(f"{name}_{lang}") or "" for lang in LANGS} for name in WORDS}
    for section, names in ROW_FIELDS.items():
        rows = [{name: raw.get(field_of(name, row)) or "" for name in names} for row in range(1, rows_in(section, raw) + 1)]
        shown[section] = [row for row in rows if any(row.values())]
    shown["programme"] = [
        {"minutes": minutes_typed(row["minutes"]), "what": {lang: row[f"what_{lang}"] for lang in LANGS}, "who": row["who"]}
        for row in shown["programme"]
    ]
    shown["speakers"] = [{"name": row["speaker"], "about": row["about"]} for row in shown["speakers"]]
    return shown | {name: raw.get(name) or "" for name in ("size_min", "size_max")}


def minutes_typed(typed: Any) -> int:
    """The minutes of a row as far as they can be read; 0 for nonsense."""
    try:
        return _minutes(typed if isinstance(typed, str) else "")
    except Refused:
        return 0


def moments(programme: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """From which minute to which each row goes: one after the other."""
    found, at = [], 0
    for row in programme:
        found.append((at, at + row["minutes"]))
        at += row["minutes"]
    return found


def comment(typed: str) -> str:
    """What is said at a part. Raises Refused: nothing, too long."""
    return rules.written(text.clean_text(typed), limit=COMMENT_WORDS, missing=Refusal("note.comment_missing"))


# ---- sign ------------------------------------------------------------------------------------------------------------


def who_must_sign(bodies: Iterable[Body]) -> list[Body]:
    """Every body of which somebody has accepted, once."""
    return [body for body in bodies if body.has_accepted]


def who_has_not(bodies: Iterable[Body], signed: Collection[str]) -> list[Body]:
    """Those whose signature is missing; `signed` are the keys of the bodies that signed this text."""
    return [body for body in who_must_sign(bodies) if body.key not in signed]


def reminder(until: datetime, now: datetime) -> int | None:
    """Which reminder is due: the smallest number of days before the deadline that has begun; None before and after."""
    if now >= until:
        return None
    return min((days for days in REMIND_DAYS if now >= until - timedelta(days=days)), default=None)
