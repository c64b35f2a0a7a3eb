"""What may not be done, and why? A refusal is data (code and parameters); here it becomes words for the reader."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """`code` is "room.reason"; `params` fill the named places of its text, and tell a caller more than words do."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):
    """Carries the refusal up to where the reader's language is known; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


# A text is a lazy string with named places, or a function of the parameters where the sentence has plural forms.
Words = object | Callable[[Mapping[str, object]], str]


def _minutes_to_wait(params: Mapping[str, object]) -> str:
    minutes = int(str(params["minutes"]))
    words: str = ngettext(
        "That was tried too often. Try again in %(num)s minute.",
        "That was tried too often. Try again in %(num)s minutes.",
        minutes,
    )
    return words


# What core itself refuses; rooms add theirs with texts.update({...}) where their forms or views are.
texts: dict[str, Words] = {
    "limits.too_many": _minutes_to_wait,
    "token.incomplete": _l("Incomplete code: scan again or search the name."),
    "token.letters_only": _l("A badge code has letters only: scan again."),
    "token.not_a_code": _l("This is not a badge code."),
    "token.check_failed": _l("A letter of this code is wrong: scan again."),
    "files.empty": _l("This file is empty. Choose another one."),
    "files.too_large": _l("This file is too large. Choose one of at most %(megabytes)s MB."),
    "files.too_many": _l("Too many files: at most %(count)s, %(megabytes)s MB together. Remove one first."),
    "files.kind": _l("This kind of file is not accepted, or its name does not say what it is. Accepted are: %(kinds)s."),
    "files.broken": _l("This file cannot be read: it is damaged or incomplete. Save it anew, then choose it again."),
    "files.active": _l("This file holds a program or another file inside. Save it as a plain document, without macros or scripts."),
    "files.locked": _l("This file is protected by a password. Save it without one, then choose it again."),
    "files.pixels": _l("This picture has too many pixels. Make it smaller, then choose it again."),
    "files.unpacked": _l("This document is too large once opened. Choose a smaller one."),
    "times.not_a_date": _l("Enter a date as year-month-day, for example 2022-09-30."),
    "times.no_such_day": _l("There is no such day in the calendar. Check the day and the month."),
    "times.out_of_range": _l("Enter a year between 1970 and 2200."),
    "times.skipped": _l(
        "%(local)s does not exist: that day the clock jumps from %(before)s to %(after)s. Choose another hour."
    ),
    "times.ambiguous": _l(
        "%(local)s happens twice, as the clock is set back: first at %(first)s, then at %(second)s. Say which one."
    ),
}


def say(refusal: Refusal) -> str:
    """The refusal in the reader's language. A code without words is logged and answered in general terms."""
    words = texts.get(refusal.code)
    if words is None:
        log.error("refusal %s has no text", refusal.code)
        return str(_l("This is not possible (%(code)s).")) % {"code": refusal.code}
    if callable(words):
        return str(words(refusal.params))
    text = str(words)
    # without parameters a sentence may hold a plain percent sign
    return text % refusal.params if refusal.params else text
