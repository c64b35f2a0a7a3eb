"""Fields of the organiser's forms that keep what was typed: a day, an hour, a whole number, words in one line."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from eventreg.core import refusals, text
from eventreg.core.refusals import Refusal

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_HOUR = re.compile(r"\d{2}:\d{2}", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})[:hH.](\d{2})(:\d{2})?")
_NUMBER = re.compile(r"[+-]?\d{1,9}")


class _Typed(StringField):
    """Shown as the browser's own control while the value fits it, else as text: a date control drops "30/09/22"."""

    control = "StringField"
    fits = re.compile("")

    def process(self, *args: Any, **kwargs: Any) -> None:
        super().process(*args, **kwargs)
        self.data = (self.data or "").strip()
        self.type = self.control if not self.data or self.fits.fullmatch(self.data) else "StringField"


class DayField(_Typed):
    """A day as typed; what it means, `core.times` decides."""

    control, fits = "DateField", _ISO_DAY


class HourField(_Typed):
    """An hour as typed, or nothing."""

    control, fits = "TimeField", _ISO_HOUR

    def iso(self) -> str:
        """'18:00' for what was typed, '' for nothing. Raises ValidationError when it is no hour."""
        if not self.data:
            return ""
        found = _HOUR.fullmatch(self.data)
        if not found or int(found.group(1)) > 23 or int(found.group(2)) > 59:
            raise ValidationError(_("Enter the hour as hours and minutes, for example 18:00."))
        return f"{int(found.group(1)):02}:{int(found.group(2)):02}"


class NumberField(_Typed):
    """A whole number as typed, digits of any script; empty is None."""

    control, fits = "IntegerField", re.compile(r"-?\d{1,9}", re.ASCII)

    def number(self, *, least: int, most: int) -> int | None:
        """The number, None when empty. Raises ValidationError when it is none or out of range."""
        if not self.data:
            return None
        if not _NUMBER.fullmatch(self.data) or not least <= int(self.data) <= most:
            raise ValidationError(_("Enter a whole number from %(least)s to %(most)s.", least=least, most=most))
        return int(self.data)


def one_line(typed: str | None) -> str:
    """A filter: clean words in one line."""
    return text.clean_line(typed or "")


def lines(typed: str | None) -> str:
    """A filter: clean words in several lines."""
    return text.clean_text(typed or "")


def refuse(field: Field, refusal: Refusal | str) -> None:
    """Put an error at a field: a refusal in the reader's language, or words."""
    words = refusals.say(refusal) if isinstance(refusal, Refusal) else refusal
    field.errors = [*field.errors, words]
