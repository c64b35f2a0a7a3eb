"""A concept note for people to read: its parts, who has signed, what changed from one text to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from eventreg.core import versions
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES, instant_short, page_lang
from eventreg.proposals import note_labels, note_queries, note_rules, queries, readable
from eventreg.proposals.models import Proposal
from eventreg.proposals.note_models import Note, NoteComment, NoteSignature, NoteText
from eventreg.proposals.note_rules import NoteState

Content = Mapping[str, Any]


def content_of(note: Note, turn: int | None = None) -> Content:
    """What a version says: the text put to signature (the last one, or of this turn), of a draft what is being written."""
    text = note_queries.text_of(note, turn) if turn or note.state != NoteState.DRAFT else None
    if text is not None:
        return text.content
    raw = {field: value for part in note_queries.parts(note.id).values() for field, value in part.answers.items()}
    return note_rules.as_shown(raw)


def texts(words: Mapping[str, str], lang: str) -> list[tuple[str, str]]:
    """A text in the language it is written in, then in the others that have it: (language, words)."""
    order = (lang, *(other for other in LANGS if other != lang))
    return [(code, words[code]) for code in order if words.get(code)]


def best(words: Mapping[str, str], wanted: str, written_in: str) -> tuple[str, str]:
    """The words in the wanted language where they are there, else in the one it is written in: (language, words)."""
    code = wanted if words.get(wanted) else written_in
    return code, words.get(code, "")


def programme(content: Content) -> list[dict[str, Any]]:
    """The rows of the programme, each with its minutes from and to."""
    spans = note_rules.moments(content["programme"])
    return [{**row, "from": span[0], "to": span[1]} for row, span in zip(content["programme"], spans, strict=True)]


def size(content: Content) -> str:
    """"150 to 200", as far as it is told."""
    return readable.size(content)


# ---- signatures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a body stands to the version: signed, asked (for changes), waiting, draft, or later (it joined after all had signed)."""

    body: str
    key: str
    state: str
    name: str = ""
    at: datetime | None = None


def panel(proposal: Proposal, note: Note, threads: Iterable[note_queries.Thread]) -> list[Standing]:
    """Each body with its signature; those that signed and have left stay."""
    text = note_queries.text_of(note) if note.turn else None
    signed = note_queries.signed_by(text.id) if text is not None else {}
    asked = {thread.first.person_id: thread.first for thread in threads if text and thread.first.asked_text_id == text.id}
    by_body = {queries.body_key(one): asked[one.person_id] for one in note_queries.members(proposal.id) if one.person_id in asked}
    found = [_standing(body.key, body.name, note, signed, by_body) for body in note_queries.bodies_of(proposal.id)]
    known = {one.key for one in found}
    left = [Standing(one.body_name, key, "signed", one.name, one.signed_at) for key, one in signed.items() if key not in known]
    return found + left


def _standing(
    key: str, name: str, note: Note, signed: Mapping[str, NoteSignature], asked: Mapping[str, NoteComment]
) -> Standing:
    if key in signed:
        return Standing(signed[key].body_name, key, "signed", signed[key].name, signed[key].signed_at)
    if note.state == NoteState.DRAFT and key in asked:
        return Standing(name, key, "asked", asked[key].name, asked[key].written_at)
    state = {NoteState.DRAFT: "draft", NoteState.PROPOSED: "waiting"}.get(NoteState(note.state), "later")
    return Standing(name, key, state)


# ---- differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A text to compare: its key in the address ("2-1": version 2, first time put to signature; "2-0": as it is written now)."""

    key: str
    label: str
    note: Note
    turn: int


def choices(notes: list[Note]) -> list[Choice]:
    """Every text that was put to signature, the oldest first, and what is being written."""
    by_id = {note.id: note for note in notes}
    found = [_choice(by_id[text.note_id], text) for text in note_queries.texts(by_id)]
    found.sort(key=lambda one: (one.note.number, one.turn))
    for note in notes:
        if note.state == NoteState.DRAFT:
            found.append(Choice(f"{note.number}-0", _("Version %(n)s, as it is being written", n=note.number), note, 0))
    return found


def _choice(note: Note, text: NoteText) -> Choice:
    label = _("Version %(n)s, put to signature on %(when)s", n=note.number, when=instant_short(text.proposed_at))
    return Choice(f"{note.number}-{text.turn}", label, note, text.turn)


def content_of_choice(choice: Choice) -> Content:
    """What this text says."""
    return content_of(choice.note, choice.turn or None)


def differences(old: Content, new: Content) -> list[dict[str, Any]]:
    """By part and language what changed: its name, its language, the pieces."""
    found = []
    before, after = _as_lines(old), _as_lines(new)
    for key, words in after.items():
        if before[key] != words:
            section, lang = key
            label = str(note_labels.SECTION[section])
            label = f"{label} ({LANGUAGE_NAMES[lang]})" if section not in ("speakers", "size") else label
            pieces = versions.difference(before[key], words)
            found.append({"label": label, "lang": lang, "pieces": pieces})
    return found


def _as_lines(content: Content) -> dict[tuple[str, str], str]:
    """The whole note as plain texts by part and language, in the order of its parts."""
    found: dict[tuple[str, str], str] = {}
    for name in note_rules.WORDS:
        found |= {(name, lang): content[name].get(lang, "") for lang in LANGS}
    rows = programme(content)
    for lang in LANGS:
        lines = [_line(row, lang) for row in rows if row["what"].get(lang)]
        found["programme", lang] = "\n".join(lines)
    here = page_lang()
    found["speakers", here] = "\n".join(", ".join(filter(None, (one["name"], one["about"]))) for one in content["speakers"])
    found["size", here] = size(content)
    return found


def minutes(row: Mapping[str, Any]) -> str:
    """From which minute to which; in words where a dash would swap the two on the screen."""
    return str(_("%(from_)s–%(to)s", from_=row["from"], to=row["to"]))


def _line(row: Mapping[str, Any], lang: str) -> str:
    words = f"{minutes(row)} {row['what'][lang]}"
    return f"{words} ({row['who']})" if row["who"] else words
