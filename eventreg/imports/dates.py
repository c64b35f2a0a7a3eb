"""Which days of the meeting does a cell name? As people and spreadsheet programs of three languages write days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from eventreg.core import text

_MONTHS = tuple(
    {text.fold(word) for word in line.split()}
    for line in (
        "january jan janvier janv يناير جانفي", "february feb février fevr fév فبراير فيفري", "march mar mars مارس",
        "april apr avril avr أبريل أفريل ابريل", "may mai ماي مايو", "june jun juin يونيو جوان",
        "july jul juillet juil يوليوز يوليو جويلية", "august aug août غشت أغسطس أوت", "september sept sep septembre شتنبر سبتمبر",
        "october oct octobre أكتوبر", "november nov novembre نونبر نوفمبر", "december dec décembre دجنبر ديسمبر",
    )
)  # fmt: skip
_WEEKDAY_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun", "lundi mardi mercredi jeudi vendredi",
    "samedi dimanche lun mer jeu ven sam dim day jour", "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد يوم",
)  # fmt: skip
_WEEKDAYS = {text.fold(word) for line in _WEEKDAY_NAMES for word in line.split()}
_BETWEEN = {text.fold(word) for word in ("et", "and", "و", "le", "the", "of", "de", "on", "من")}
# Excel counts days from one of these; the second is that of old Macs
_EXCEL_STARTS = (date(1899, 12, 30), date(1904, 1, 1))
_DAY = re.compile(
    r"(?P<one>\d{1,4})[-/.](?P<two>\d{1,2})[-/.](?P<three>\d{1,4})(?:[T\s]+0?0:00(?::00)?(?:\.0+)?Z?)?(?![\d:/.-]*\d)"
    r"|(?<!\d)(?P<whole>\d{8}|\d{5})(?:\.0)?(?!\d)"
    r"|(?<!\d)(?P<before>\d{1,2})(?:er|st|nd|rd|th)?[\s-]+(?:de\s+|of\s+)?(?P<named>[^\W\d_]+)\.?,?(?:[\s-]+(?P<year>\d{4}|\d\d(?!\d)))?"
    r"|(?P<name>[^\W\d_]+)\.?[\s-]+(?P<after>\d{1,2})(?:st|nd|rd|th)?(?!\d),?(?:\s+(?P<its_year>\d{4}))?"
    r"|(?<!\d)(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?![\d/.])",
    re.IGNORECASE,
)


def named(typed: str, of: Sequence[date]) -> set[date] | None:
    """The days of `of` that the words name; None where something in them is no such day, or a day is meant in doubt.

    01/11/2022 is read either way round if only one of the two is a day of the meeting.
    """
    words = text.latin_digits(text.clean_line(typed))
    found: set[date] = set()
    rest, at = [], 0
    while match := _first(words, at):
        day = _only(_readings(match), of)
        if day is None:
            return None
        found.add(day)
        rest.append(words[at : match.start()])
        at = match.end()
    rest.append(words[at:])
    left = [word for part in rest for word in re.split(r"[\s,;،؛|+&]+", part) if word]
    return found if all(text.fold(word) in _BETWEEN | _WEEKDAYS for word in left) else None


def _first(words: str, at: int) -> re.Match[str] | None:
    """The next day from `at` on: a word before or after a number counts only where it is a month."""
    while match := _DAY.search(words, at):
        word = match["named"] or match["name"]
        if word is None or _month(word):
            return match
        at = match.end("before") if match["named"] else match.end("name")
    return None


def _month(word: str) -> int:
    return next((number for number, names in enumerate(_MONTHS, start=1) if text.fold(word) in names), 0)


def _readings(match: re.Match[str]) -> Iterable[tuple[int | None, int, int]]:
    """(year, month, day) of every reading; None for a year that is not told."""
    if match["one"]:
        one, two, three = (int(match[name]) for name in ("one", "two", "three"))
        return [(one, two, three)] if one > 31 else [(_full(three), two, one), (_full(three), one, two)]
    if whole := match["whole"]:
        if len(whole) == 8:
            return [(int(whole[:4]), int(whole[4:6]), int(whole[6:])), (int(whole[4:]), int(whole[2:4]), int(whole[:2]))]
        days = [start + timedelta(days=int(whole)) for start in _EXCEL_STARTS]
        return [(day.year, day.month, day.day) for day in days]
    if match["day"]:
        return [(None, int(match["month"]), int(match["day"])), (None, int(match["day"]), int(match["month"]))]
    year = match["year"] or match["its_year"]
    number = int(match["before"] or match["after"])
    return [(_full(int(year)) if year else None, _month(match["named"] or match["name"]), number)]


def _only(readings: Iterable[tuple[int | None, int, int]], of: Sequence[date]) -> date | None:
    meant = {day for day in of for year, month, number in readings if (year or day.year, month, number) == _parts(day)}
    return meant.pop() if len(meant) == 1 else None


def _parts(day: date) -> tuple[int, int, int]:
    return (day.year, day.month, day.day)


def _full(year: int) -> int:
    return year + 2000 if year < 100 else year
