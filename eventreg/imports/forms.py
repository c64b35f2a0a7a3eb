"""The forms of imports: a file, how it is read, what may happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from eventreg.core import refusals
from eventreg.core.charsets import ENCODINGS
from eventreg.core.forms import PageForm
from eventreg.core.refusals import Refusal
from eventreg.core.spreadsheets import Shape
from eventreg.imports import words
from eventreg.imports.columns import Column
from eventreg.imports.services import Plan

WHAT = {"participants": _l("Participants"), "organisations": _l("Organisations"), "proposals": _l("Proposals for workshops")}
ENCODING = {
    "utf-8": "Unicode (UTF-8)", "utf-16-le": "Unicode (UTF-16)", "utf-16-be": "Unicode (UTF-16, big-endian)",
    "windows-1256": _l("Arabic (windows-1256)"), "windows-1252": _l("French (windows-1252)"),
    "iso-8859-15": _l("French (ISO 8859-15)"), "iso-8859-6": _l("Arabic (ISO 8859-6)"), "mac-roman": _l("French (Macintosh)"),
    "mac-arabic": _l("Arabic (Macintosh)"), "cp850": _l("French (DOS)"),
}  # fmt: skip
SEPARATOR = {",": _l("Comma"), ";": _l("Semicolon"), "\t": _l("Tabulator"), "|": _l("Vertical bar")}


def _choices(words: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(key, label) for key, label in words.items()]


class _Refusing(PageForm):
    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal above the form."""
        self.form_errors = [*self.form_errors, refusals.say(refusal)]


class UploadForm(_Refusing):
    """A file, and what is in it."""

    what = RadioField(
        _l("What is in the table"), [InputRequired()], choices=_choices(WHAT), default="participants", validate_choice=False
    )  # fmt: skip
    file = FileField(_l("File"), render_kw={"accept": ".csv,.xlsx,.txt,.tsv"})


class ReadForm(_Refusing):
    """How the file is read. Each column of the file has a field `column-N` beside these."""

    encoding = SelectField(_l("Letters"), choices=_choices(ENCODING), validate_choice=False)
    separator = SelectField(_l("Between the cells stands"), choices=_choices(SEPARATOR), validate_choice=False)
    sheet = SelectField(_l("Sheet"), validate_choice=False)
    updates_own = BooleanField(_l("Also change what people wrote themselves"))

    @classmethod
    def of(cls, plan: Plan, choices: dict[str, Any]) -> ReadForm:
        """The form that shows how the file is read now."""
        shape = plan.survey.shape
        form = cls(formdata=None, data={**shape.as_dict(), "updates_own": choices.get("updates_own", False)})
        if shape.kind == "xlsx":
            del form.encoding, form.separator
            form.sheet.choices = [SelectChoice(sheet, sheet) for sheet in plan.survey.sheets]
        else:
            del form.sheet
        return form

    def shape(self, now: Shape) -> Shape:
        """What the form asks for."""
        encoding = self.encoding.data if self.encoding.data in ENCODINGS else now.encoding
        separator = self.separator.data if self.separator.data in SEPARATOR else now.separator
        return Shape(now.kind, encoding, separator, self.sheet.data or now.sheet)


class ApplyForm(_Refusing):
    """What happens when the rows are written."""

    only_good = BooleanField(_l("Import the good rows although others are wrong"))
    sends_mail = BooleanField(_l("Mail each new participant their confirmation"))

    @classmethod
    def of(cls, what: str, **given: Any) -> ApplyForm:
        """The form for a table of this kind."""
        form = cls(**given)
        if what == "proposals":
            form.sends_mail.label.text = _l("Mail the leads and the co-organisers")
        return form


def column_choices(table: Sequence[Column]) -> Sequence[tuple[str, Any]]:
    """What a column of the file can be."""
    return [("", _l("Not read")), *((column.key, words.column(column.key)) for column in table)]
