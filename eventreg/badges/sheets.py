"""How does a badge look on paper? Faces become one PDF: A6 on two sides, A5 folded to A6, or eight fronts on A4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from eventreg.core import clock, pdf, qr, zellige
from eventreg.core.i18n import RTL, Text, in_language

Layout = Literal["a6", "a6-fold", "a4x8"]

# White on each is 5:1 or more. The word always stands on the band: the colour only helps to find it again.
CATEGORY_COLOURS = {
    "government": "#17407A",
    "civil_society": "#2B7030",
    "donor": "#7A5600",
    "international": "#006A84",
    "media": "#A3122F",
    "academia": "#6A3FA0",
    "private": "#4A535F",
}
ROLE_COLOURS = {
    "participant": "#0B5D4E",
    "speaker": "#4A1A5E",
    "organiser": "#1B2430",
    "press": "#A23E1A",
    "volunteer": "#2A3C9E",
}
DEFAULT_TRACK = "civic-participation"
MOST_AGENDA_LINES = 8

_TEMPLATE = Path(__file__).parent / "typst" / "badge.typ"


@dataclass(frozen=True)
class AgendaLine:
    """One of the holder's sessions, in the badge's language: "Tuesday 1 November", title, "09:00 to 10:30, Hall"."""

    day: str
    title: str
    detail: str


@dataclass(frozen=True)
class BadgeFace:
    """What one badge says. Labels are already in words; `lang` ("ar", "fr", "en") sets its direction and its back.

    `category` is a key of CATEGORY_COLOURS, `role_kind` one of ROLE_COLOURS, `track` one of zellige.TRACKS; an unknown
    or empty one falls back to grey, participant green, the first pattern. What ends in `_other` may be empty.
    """

    token: str
    name_own: str
    name_other: str
    organisation: str
    country: str
    category: str
    category_label: str
    role_kind: str
    role_label: str
    role_label_other: str
    lang: str
    organisation_other: str = ""
    track: str = DEFAULT_TRACK
    agenda: tuple[AgendaLine, ...] = ()


@dataclass(frozen=True)
class EventFace:
    """What all badges of an event say: its name, "Marrakech, 1–3 Nov. 2022", the way to help and to the programme."""

    name: Text
    line: Text
    programme_url: Text
    help: str = ""
    wifi: str = ""


@dataclass(frozen=True)
class Problem:
    """A badge with characters that no font has; they are left out on paper."""

    token: str
    name: str
    characters: tuple[str, ...]


def render(
    faces: Sequence[BadgeFace],
    event: EventFace,
    *,
    layout: Layout,
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """The PDF of all `faces` in their order. Needs an app context for the words of the back.

    a6: two pages each. a6-fold: one A5 page each, back beside front. a4x8: fronts only, eight to a page.
    `progress(done, total)` is told of each face prepared. Raises ValueError without faces.
    """
    if not faces:
        raise ValueError("no badges to print")
    prepared: list[dict[str, Any]] = []
    for face in faces:
        prepared.append(_face(face, with_back=layout != "a4x8"))
        if progress is not None:
            progress(len(prepared), len(faces))
    langs = sorted({face.lang for face in faces})
    data = {
        "layout": layout,
        "faces": prepared,
        "events": {lang: _event(event, lang) for lang in langs},
        "tiles": {track: zellige.tile(shades, track) for track, shades in zellige.TRACKS.items()},
    }
    with in_language(faces[0].lang):
        title = _("Badges of %(event)s", event=pdf.printable(event.name.in_(faces[0].lang)))
    return pdf.compile(_TEMPLATE, data, issued_at=clock.now(), title=title)


def problems(faces: Iterable[BadgeFace]) -> list[Problem]:
    """The badges that would be printed without some of their characters."""
    found = ((face, pdf.missing_glyphs(" ".join(_written(face)))) for face in faces)
    return [
        Problem(token=face.token, name=face.name_own or face.name_other, characters=tuple(characters))
        for face, characters in found
        if characters
    ]


def _written(face: BadgeFace) -> list[str]:
    agenda = [part for line in face.agenda for part in (line.day, line.title, line.detail)]
    return [face.name_own, face.name_other, face.organisation, face.organisation_other, face.country, *agenda]


def _face(face: BadgeFace, *, with_back: bool) -> dict[str, Any]:
    names = [pdf.printable(name) for name in (face.name_own, face.name_other)]
    about = [pdf.printable(words) for words in (face.organisation, face.organisation_other)]
    return {
        "names": [_line(name) for name in dict.fromkeys(names) if name],
        "about": [_line(words) for words in dict.fromkeys(about) if words],
        "country": pdf.printable(face.country),
        "category": pdf.printable(face.category_label),
        "category_colour": CATEGORY_COLOURS.get(face.category, CATEGORY_COLOURS["private"]),
        "role": [pdf.printable(label) for label in dict.fromkeys((face.role_label, face.role_label_other)) if label],
        "role_kind": face.role_kind,
        "role_colour": ROLE_COLOURS.get(face.role_kind, ROLE_COLOURS["participant"]),
        "lang": face.lang,
        "rtl": face.lang in RTL,
        "track": face.track if face.track in zellige.TRACKS else DEFAULT_TRACK,
        "token": qr.in_fours(face.token),
        "qr": qr.cells(face.token),
        "rosette": zellige.rosette(face.token),
        "agenda": _agenda(face.agenda) if with_back else [],
        "more": _more(face) if len(face.agenda) > MOST_AGENDA_LINES else "",
    }


def _line(words: str) -> dict[str, str]:
    return {"text": words, "soft": pdf.breakable(words)}


def _agenda(lines: tuple[AgendaLine, ...]) -> list[dict[str, str]]:
    """The first sessions; a day is said once."""
    shown: list[dict[str, str]] = []
    day = ""
    for line in lines[:MOST_AGENDA_LINES]:
        words = {"title": pdf.printable(line.title), "detail": pdf.printable(line.detail)}
        shown.append({"day": "" if line.day == day else pdf.printable(line.day), **words})
        day = line.day
    return shown


def _more(face: BadgeFace) -> str:
    with in_language(face.lang):
        left = len(face.agenda) - MOST_AGENDA_LINES
        words: str = ngettext(
            "and %(num)d more session in the programme", "and %(num)d more sessions in the programme", left
        )
    return words


def _event(event: EventFace, lang: str) -> dict[str, Any]:
    url = event.programme_url.in_(lang)
    with in_language(lang):
        return {
            "name": pdf.printable(event.name.in_(lang)),
            "line": pdf.printable(event.line.in_(lang)),
            "qr": qr.cells(url, level="M") if url else None,
            "help": pdf.left_to_right(pdf.printable(event.help)),
            "wifi": pdf.left_to_right(pdf.printable(event.wifi)),
            "words": {
                "mine": _("My agenda"),
                "programme": _("Programme"),
                "scan": _("Scan this code"),
                "whole": _("Full programme"),
                "wifi": _("Wi-Fi"),
                "help": _("Help"),
                "today": _("Rooms and times may change: the programme online is always up to date."),
                "return": _("Please return the badge when you leave for good"),
                "ticket_code": _("QR code of the badge"),
                "programme_code": _("QR code of the programme"),
            },
        }
