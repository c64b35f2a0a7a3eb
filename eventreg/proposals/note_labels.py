"""What parts, states and fields of a concept note are called on pages, in mails and on paper; what is refused, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventreg.core import refusals
from eventreg.core.i18n import LANGS
from eventreg.proposals import note_rules
from eventreg.proposals.labels import state_for_writers
from eventreg.proposals.note_rules import NoteState

STATE: Mapping[str, Any] = {
    NoteState.DRAFT: _l("Draft"),
    NoteState.PROPOSED: _l("To be signed"),
    NoteState.SIGNED_OFF: _l("Signed by all"),
    NoteState.SUPERSEDED: _l("Replaced by a later version"),
}
STATE_FAMILY: Mapping[str, str] = {
    NoteState.DRAFT: "open", NoteState.PROPOSED: "waiting", NoteState.SIGNED_OFF: "good", NoteState.SUPERSEDED: "ended",
}  # fmt: skip

SECTION: Mapping[str, Any] = {
    "": _l("The note as a whole"),
    "approach": _l("Approach and methodology"),
    "objectives": _l("Objectives"),
    "theme": _l("Central theme"),
    "axis": _l("Main axis"),
    "outputs": _l("Expected outputs"),
    "programme": _l("Programme of the workshop"),
    "speakers": _l("Speakers"),
    "size": _l("Participants expected"),
}
HINT: Mapping[str, Any] = {
    "approach": _l("How you will work in the room, and how participants take part."),
    "objectives": _l("What will have changed for the participants at the end. One line for each objective."),
    "theme": _l("What the workshop is about, in a few sentences."),
    "axis": _l("The one question that the discussion turns around."),
    "outputs": _l("What the workshop leaves behind: a recommendation, a draft commitment, a network, a guide."),
    "programme": _l("Minute by minute, one row after the other: how long, what happens, and who does it."),
    "speakers": _l("Who speaks, and for which organisation."),
    "size": _l("A range, for example 150 to 200: it decides the room."),
}
FIELD: Mapping[str, Any] = {
    "minutes": _l("Minutes"),
    "what": _l("What takes place"),
    "who": _l("By whom"),
    "speaker": _l("Name"),
    "about": _l("Position and organisation"),
    "size_min": _l("At least this many participants"),
    "size_max": _l("At most this many participants"),
}
TODO: Mapping[str, Any] = {
    "begin": _l("Write the concept note of your workshop"),
    "write": _l("Finish the concept note, then put it to signature"),
    "sign": _l("Read the concept note and sign it for your organisation"),
    "answer": _l("Answer the comments on the concept note"),
}


def label_of(field: str) -> str:
    """What a field is called, without its language: a text, or a cell of a row with its number."""
    if field in FIELD:
        return str(FIELD[field])
    name, _sep, last = field.rpartition("_")
    if last in LANGS:
        return str(SECTION[name])
    base = name.rpartition("_")[0] if name.rpartition("_")[2] in LANGS else name
    words: str = _("%(what)s, row %(n)s", what=FIELD[base], n=last)
    return words


def _too_long(params: Mapping[str, Any]) -> str:
    words: str = _("The programme takes %(total)s minutes; the workshop has %(minutes)s. Shorten it.", **params)
    return words


def _wrong_state(params: Mapping[str, Any]) -> str:
    words: str = _("This is not possible any more. The version is now: %(state)s.", state=STATE[params["state"]])
    return words


def _not_accepted(params: Mapping[str, Any]) -> str:
    state = state_for_writers(params["state"])
    words: str = _("A concept note is written for accepted workshops. The proposal is now: %(state)s.", state=state)
    return words


refusals.texts.update(
    {
        "note.wrong_state": _wrong_state,
        "note.not_accepted": _not_accepted,
        "note.open_already": _l("Version %(number)s is already being written: go on with that one."),
        "note.no_such_version": _l("There is no such version of the concept note."),
        "note.no_such_part": _l("The concept note has no such part."),
        "note.no_such_comment": _l("There is no such comment."),
        "note.is_proposed": _l(
            "This version was put to signature meanwhile. If you save now, it becomes a draft again and what was signed is void."
        ),
        "note.not_to_sign": _l("This version is a draft again: nothing can be signed until it is put to signature."),
        "note.text_changed": _l("The text is no longer the one that you read. Nothing was signed; read it again below."),
        "note.signed_already": _l("Your organisation has signed this text already."),
        "note.organisers_do_not_sign": _l("The organisers of the meeting do not sign. Somebody else of your organisation can."),
        "note.unread": _l("Tick the box to say that you have read it."),
        "note.approach_missing": _l("Write the approach and methodology."),
        "note.objectives_missing": _l("Write at least one objective."),
        "note.theme_missing": _l("Write the central theme."),
        "note.axis_missing": _l("Write the main axis."),
        "note.outputs_missing": _l("Write what the workshop leaves behind."),
        "note.programme_missing": _l("Write at least one row of the programme."),
        "note.programme_too_long": _too_long,
        "note.minutes_missing": _l("Enter how many minutes."),
        "note.minutes_range": _l("Enter a whole number from 1 to %(most)s."),
        "note.what_missing": _l("Write what happens."),
        "note.comment_missing": _l("Write a comment."),
    }
)  # fmt: skip


def section_names() -> list[tuple[str, Any]]:
    """The parts to choose from, the whole first."""
    return [(code, SECTION[code]) for code in ("", *note_rules.SECTIONS)]
