"""The page of a part of the concept note: its fields, and its rows where it has some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import HiddenField, StringField, TextAreaField

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.core.questions import fields
from eventreg.core.refusals import Refusal
from eventreg.core.trilingual import LANGS
from eventreg.proposals import note_labels, note_rules

SPARE_ROWS = 3  # empty ones after the last that was typed into


class NotePartForm(PageForm):
    """The answers of one part; each refusal stands at its field, and everything typed stays."""

    section = ""
    revision = HiddenField(default="0")
    knowing = HiddenField()  # that saving takes the version back

    def answers(self, move: str = "") -> dict[str, Any]:
        """What was typed, as the part keeps it: rows up to the last one with anything in it, one of them moved if told so."""
        typed = {name: fields.kept(self._fields[name].data) for name in _fields_of(self.section)}
        rows = note_rules.rows_in(self.section, typed) if self.section in note_rules.ROW_FIELDS else 0
        answers = {name: typed[name] for name in note_rules.fields_of(self.section, rows)}
        return note_rules.rearranged(self.section, answers, move) if rows and move else answers

    def based_on(self) -> int:
        """The revision of the part on which was written; -1 for nonsense."""
        typed = self.revision.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def rows(self) -> range:
        """The numbers of the rows to show: those typed into and some to spare."""
        typed = {name: self._fields[name].data or "" for name in _fields_of(self.section)}
        shown = note_rules.rows_in(self.section, typed) + SPARE_ROWS
        return range(1, min(shown, note_rules.MOST_ROWS[self.section]) + 1)

    def may_move(self, row: int) -> bool:
        """Whether something stands in this row, or after it, that can change its place."""
        return row <= note_rules.rows_in(self.section, {name: self._fields[name].data or "" for name in _fields_of(self.section)})

    def moments(self) -> list[tuple[int, int]]:
        """From which minute to which each row of the programme goes, as far as they are told."""
        return note_rules.moments(
            {"minutes": note_rules.minutes_typed(self._fields[note_rules.field_of("minutes", row)].data)} for row in self.rows()
        )

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        for name, refusal in problems.items():
            if name in self._fields:
                self._fields[name].errors = [refusals.say(refusal)]


def _fields_of(section: str) -> tuple[str, ...]:
    return note_rules.fields_of(section, note_rules.MOST_ROWS.get(section, 0))


def made(section: str, *, lang: str, given: Mapping[str, Any], revision: int) -> NotePartForm:
    """The form of a part, filled with what was sent, else with what is being written."""
    names = _fields_of(section)
    kind = type("NoteSectionForm", (NotePartForm,), {**{name: _field(name, section) for name in names}, "section": section})
    form: NotePartForm = kind(data={**{name: given[name] for name in names if name in given}, "revision": str(revision)})
    for name in names:
        form[name].flags.required = section not in note_rules.ROW_FIELDS and not name.endswith(_others(lang))
    return form


def _others(lang: str) -> tuple[str, ...]:
    return tuple(f"_{other}" for other in LANGS if other != lang)


def _label(name: str, section: str) -> Any:
    """In a row the legend says its number to eyes; who hears the page hears it with each field."""
    if section not in note_rules.ROW_FIELDS:
        return note_labels.label_of(name)
    cell, _sep, _row = name.partition("_")
    number = _("row %(n)s", n=name.rpartition("_")[2])
    return Markup('{}<span class="hush">{}{}</span>').format(note_labels.FIELD[cell], _(", "), number)


def _field(name: str, section: str) -> Any:
    label = _label(name, section)
    if section in note_rules.WORDS:
        return TextAreaField(label)
    return fields.NumberText(label) if name.startswith(("minutes_", "size_")) else StringField(label)
