"""Which device signed in, in words a person knows, and has this person used it before?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.people.models import SignIn

_REMEMBERED = 200  # sign-ins looked at, newest first

# In this order: each browser's User-Agent also holds the names of the ones it wants to be taken for.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """Browser and system, such as Firefox and Windows; empty where the User-Agent tells nothing known."""

    browser: str
    system: str


def read(agent: str) -> Device:
    """The device behind a User-Agent; versions are left out, so an update makes no new device."""
    return Device(_first(_BROWSERS, agent), _first(_SYSTEMS, agent))


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in known if sign in agent), "")


def is_new(person_id: int, agent: str) -> bool:
    """Whether this person signed in before, but never from such a device (their first sign-in is no news to them)."""
    query = select(SignIn.agent).where(SignIn.person_id == person_id, SignIn.kind == "full")
    before = {read(seen) for seen in db.session.scalars(query.order_by(SignIn.id.desc()).limit(_REMEMBERED))}
    return bool(before) and read(agent) not in before
