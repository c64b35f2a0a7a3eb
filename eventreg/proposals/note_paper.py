"""How does a concept note look on paper? Title, bodies, parts, programme, speakers and signatures; a draft says that it is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from eventreg.core import clock, markdown, pdf, zellige
from eventreg.core.i18n import RTL, date_span, in_language, instant_long
from eventreg.events.models import Event
from eventreg.proposals import note_labels, note_queries, note_readable, note_rules
from eventreg.proposals.models import Proposal
from eventreg.proposals.note_models import Note
from eventreg.proposals.note_rules import NoteState

_TEMPLATE = Path(__file__).parent / "typst" / "note.typ"
_SHADES = dict(zip(("civic", "digital", "justice", "integrity"), zellige.TRACKS.values(), strict=True))


def pdf_of(proposal: Proposal, note: Note, event: Event, *, lang: str) -> bytes:
    """The version as PDF/UA-1, in `lang` as far as it is written in it, else in the language it is written in."""
    with in_language(lang, event=event):
        title = note.title.in_(lang) or note.title.in_(note.lang)
        data = {"lang": lang, "rtl": lang in RTL, **_head(proposal, note, event, lang), **_body(proposal, note, lang)}
        name = _("Concept note: %(title)s", title=pdf.printable(title))
    return pdf.compile(_TEMPLATE, data, issued_at=note.signed_off_at or clock.now(), title=name)


def _head(proposal: Proposal, note: Note, event: Event, lang: str) -> dict[str, Any]:
    track = _SHADES[proposal.track.look if proposal.track else "civic"]
    is_signed = note.state in (NoteState.SIGNED_OFF, NoteState.SUPERSEDED)
    bodies = [one.body for one in note_readable.panel(proposal, note, []) if one.state != "later"]
    return {
        "kind": _("Concept note"),
        "heading": pdf.printable(note.title.in_(lang) or note.title.in_(note.lang)),
        "event": [pdf.printable(event.name.in_(lang)), pdf.printable(date_span(event.first_day, event.last_day))],
        "version": f"{_('Version %(n)s', n=note.number)}{_(', ')}{note_labels.STATE[note.state]}",
        "number": _("Workshop number %(n)s", n=proposal.number) if proposal.number else proposal.code,
        "bodies_word": _("Organising bodies"),
        "bodies": [pdf.printable(name) for name in bodies],
        "mark": "" if is_signed else _("Draft"),
        "page": _("Page"),
        "tile": zellige.tile(track, "pattern"),
        "colour": track.colour,
    }  # fmt: skip


def _body(proposal: Proposal, note: Note, lang: str) -> dict[str, Any]:
    content = note_readable.content_of(note)
    return {
        "parts": [
            {"title": str(note_labels.SECTION[name]), "lines": _lines(note_readable.best(content[name], lang, note.lang)[1])}
            for name in note_rules.WORDS
        ],
        "programme_word": str(note_labels.SECTION["programme"]),
        "programme_head": [str(note_labels.FIELD[name]) for name in ("minutes", "what", "who")],
        "programme": [
            [note_readable.minutes(row), pdf.printable(note_readable.best(row["what"], lang, note.lang)[1]),
             pdf.printable(row["who"])]
            for row in note_readable.programme(content)
        ],
        "speakers_word": str(note_labels.SECTION["speakers"]),
        "speakers": [[pdf.printable(one["name"]), pdf.printable(one["about"])] for one in content["speakers"]],
        "size_word": str(note_labels.SECTION["size"]),
        "size": note_readable.size(content),
        **_signatures(proposal, note),
    }  # fmt: skip


def _lines(words: str) -> list[dict[str, Any]]:
    """The lines of a text with what its writer marked up."""
    return [
        {
            "level": line.level, "marker": line.marker,
            "runs": [{"words": pdf.printable_part(run.words), "strong": run.is_strong, "url": run.url} for run in line.runs],
        }
        for line in markdown.lines(words)
    ]  # fmt: skip


def _signatures(proposal: Proposal, note: Note) -> dict[str, Any]:
    text = note_queries.text_of(note) if note.turn and note.state != NoteState.DRAFT else None
    rows = []
    for one in note_readable.panel(proposal, note, []):
        if one.state != "later" and text is not None:
            when = instant_long(one.at) if one.at else _("Not signed yet")
            rows.append([pdf.printable(one.body), pdf.printable(one.name), when])
    return {
        "signatures_word": _("Signatures"),
        "signatures_head": [_("Organisation"), _("Signed by"), _("When")],
        "signatures": rows,
        "hash_word": _("Hash of the text (SHA-256)"),
        "hash": text.hash if text else "",
    }  # fmt: skip
