"""What does a page lead to and ask for? Its links and forms, filled in as a person might, and chance made repeatable."""

from __future__ import annotations

import os
import random
import re
import secrets
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

CSRF = "csrf_token"

# What a person might type: the first rule whose sign is in the name of the field.
TYPED = (
    ("email", "somebody-new@example.org"), ("address", "somebody-new@example.org"), ("phone", "+212661234567"),
    ("password", "a river and four words"), ("current", "a river and four words"), ("new", "a river and four words"),
    ("again", "a river and four words"), ("arabic", "سعاد"), ("_ar", "كلمات"), ("country", "MA"), ("hour", "23:59"),
    ("time", "12:00"), ("day", "2022-10-05"), ("date", "2022-10-05"), ("until", "2022-10-05"), ("expires", "2022-10-05"),
    ("grace", "5"), ("limit", "80"), ("uses", "3"), ("count", "3"), ("rank", "1"), ("code", "BCDF-GHJK"), ("url", "https://example.org/"),
)  # fmt: skip
OF_TYPE = {"email": "somebody-new@example.org", "number": "5", "date": "2022-10-05", "time": "12:00", "tel": "+212661234567",
           "url": "https://example.org/", "password": "a river and four words"}  # fmt: skip


@dataclass
class Form:
    """A form of a page: where it goes, its fields with what a person who fills it in would send, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> frozenset[str]:
        """Every name that the form itself sends."""
        return frozenset([*(name for name, _ in self.fields), *self.files, *(name for name, _ in self.buttons)])


class Page(HTMLParser):
    """The links and forms of an HTML page at `address`."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: tuple[Form, str] | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: tuple[Form, str] | None = None
        self._words = ""
        self._radios: set[tuple[int, str]] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self._link(given["href"])
        elif tag == "form":
            self._begin(given)
        elif tag in ("input", "select", "textarea", "button"):
            form = self._by_id.get(given["form"]) if "form" in given else self._form
            if form is not None and (given.get("name") or tag == "button") and "disabled" not in given:
                self._field(form, tag, given)
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            form, name = self._select
            values = [value for value, _ in self._options]
            chosen = [value for value, is_chosen in self._options if is_chosen and value] or [v for v in values if v][:1] or [""]
            form.fields.append((name, chosen[0]))
            self._select = None
        elif tag == "textarea" and self._area:
            form, name = self._area
            form.fields.append((name, self._words.removeprefix("\n") or _typed(name, "")))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._words += data

    def _link(self, href: str) -> None:
        target = urldefrag(urljoin(f"http://localhost{self.address}", href)).url
        parts = urlsplit(target)
        if parts.netloc == "localhost" and parts.scheme == "http":
            self.links.append(parts.path + (f"?{parts.query}" if parts.query else ""))

    def _begin(self, given: dict[str, str]) -> None:
        action = urlsplit(urljoin(f"http://localhost{self.address}", given.get("action") or self.address))
        self._form = Form(action.path + (f"?{action.query}" if action.query else ""), given.get("method", "get").lower())
        self.forms.append(self._form)
        if "id" in given:
            self._by_id[given["id"]] = self._form

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select, self._options = (form, name), []
        elif tag == "textarea":
            self._area, self._words = (form, name), ""
        elif tag == "button" or kind in ("submit", "image"):
            if name:
                form.buttons.append((name, given.get("value", "")))
        elif kind == "file":
            form.files.append(name)
        elif kind == "radio":
            if (id(form), name) not in self._radios:
                self._radios.add((id(form), name))
                form.fields.append((name, given.get("value", "on")))
        elif kind == "checkbox":
            form.fields.append((name, given.get("value", "on")))
        elif name != CSRF:
            value = given.get("value", "")
            form.fields.append((name, value if value or kind == "hidden" else _typed(name, kind)))


def _typed(name: str, kind: str) -> str:
    return OF_TYPE.get(kind) or next((value for sign, value in TYPED if sign in name.lower()), "Some words")


@pytest.fixture
def repeatable(monkeypatch: pytest.MonkeyPatch) -> Chance:
    """The same secrets, codes and salts again and again, from where `begin` is called."""
    chance = Chance()
    monkeypatch.setattr(secrets, "token_hex", chance.token_hex)
    monkeypatch.setattr(secrets, "token_urlsafe", chance.token_urlsafe)
    monkeypatch.setattr(secrets, "token_bytes", chance.token_bytes)
    # SQLAlchemy draws ten bytes for a name when it meets a join for the first time: that must not move our codes
    real = os.urandom
    monkeypatch.setattr(os, "urandom", lambda size: real(size) if size == 10 else chance.token_bytes(size))
    monkeypatch.setattr(secrets, "choice", lambda letters: letters[chance.number() % len(letters)])
    monkeypatch.setattr(secrets, "randbelow", lambda bound: chance.number() % bound)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=chance.token_bytes(16), version=4))
    return chance


class Chance:
    """Random values that come in the same order after each `begin`."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def begin(self, seed: int = 1) -> None:
        """From the start again."""
        self._random = random.Random(seed)

    def number(self) -> int:
        """Any number."""
        return self._random.getrandbits(40)

    def token_bytes(self, length: int | None = None) -> bytes:
        """As in secrets."""
        return self._random.randbytes(length or 32)

    def token_hex(self, length: int | None = None) -> str:
        """As in secrets."""
        return self.token_bytes(length).hex()

    def token_urlsafe(self, length: int | None = None) -> str:
        """As in secrets, without signs that differ between the two alphabets."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(letters[self.number() % 62] for _ in range((length or 32) * 4 // 3 + 1))


_HASH = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{8}(?: [0-9a-f]{8}){7}\b")
_TOKEN = re.compile(rf'name="{CSRF}"[^>]*value="[^"]*"|data-csrf="[^"]*"')


def without_chance(html: str) -> str:
    """A page without one-time tokens and without the heads of the record, which commit to what they do not show."""
    return _HASH.sub("<hash>", _TOKEN.sub("<token>", html))


