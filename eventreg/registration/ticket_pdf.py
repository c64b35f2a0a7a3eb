"""How does a ticket look on paper? One A4 page in the holder's language, with the code that the door reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _

from eventreg.core import pdf, qr, zellige
from eventreg.core.i18n import RTL, in_language

_TEMPLATE = Path(__file__).parent / "typst" / "ticket.typ"
_TRACK = zellige.TRACKS["civic-participation"]


@dataclass(frozen=True)
class TicketFace:
    """Whose ticket: names as on the badge (the second may be empty), labels already in words."""

    token: str
    name_own: str
    name_other: str = ""
    organisation: str = ""
    country: str = ""
    category_label: str = ""


@dataclass(frozen=True)
class TicketEvent:
    """Which event, in the ticket's language. `bring`: a sentence per thing; `help`: a telephone number."""

    name: str
    dates: str
    place: str
    bring: tuple[str, ...] = ()
    help: str = ""
    shades: zellige.Shades = _TRACK


def ticket_pdf(face: TicketFace, event: TicketEvent, *, lang: str, issued_at: datetime) -> bytes:
    """The ticket as PDF/UA-1; equal arguments give equal bytes. Needs an app context for its words."""
    with in_language(lang):
        title = _("Ticket for %(event)s", event=pdf.printable(event.name))
        words = {
            "ticket": _("Ticket"),
            "dates": _("Dates"),
            "place": _("Place"),
            "bring": _("What to bring"),
            "show": _("Show this code at the entrance, on paper or on your telephone."),
            "personal": _("The code is personal: it lets one person in."),
            "help": _("Help"),
            "code": _("QR code of the ticket"),
        }
    data = {
        "lang": lang,
        "rtl": lang in RTL,
        "words": words,
        "name": pdf.printable(event.name),
        "facts": [[words["dates"], pdf.printable(event.dates)], [words["place"], pdf.printable(event.place)]],
        "bring": [pdf.printable(line) for line in event.bring],
        "help": pdf.left_to_right(pdf.printable(event.help)),
        "names": [_line(name) for name in dict.fromkeys((face.name_own, face.name_other)) if pdf.printable(name)],
        "about": [
            _line(part) for part in (face.organisation, face.country, face.category_label) if pdf.printable(part)
        ],
        "token": qr.in_fours(face.token),
        "qr": qr.cells(face.token),
        "rosette": zellige.rosette(face.token),
        "tile": zellige.tile(event.shades, "pattern"),
        "colour": event.shades.colour,
    }
    return pdf.compile(_TEMPLATE, data, issued_at=issued_at, title=title)


def _line(words: str) -> dict[str, str]:
    plain = pdf.printable(words)
    return {"text": plain, "soft": pdf.breakable(plain)}
