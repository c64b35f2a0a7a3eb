"""Which mails the people room sends: the sign-in link, and word of a sign-in from a new device."""

from __future__ import annotations

from datetime import datetime

from eventreg.core import outbox, urls
from eventreg.people.devices import Device
from eventreg.people.models import Person

_MINUTES = 15


def sign_in_link(person: Person, secret: str, *, lang: str) -> None:
    """The link that signs a person in, once, for 15 minutes."""
    url = urls.absolute("people.use_link", lang=lang, token=secret)
    outbox.queue(
        "people/sign_in", to=person.email_ascii or "", lang=lang, about=("person", person.code), event_id=None,
        context={"url": url, "minutes": _MINUTES},
    )  # fmt: skip


def sign_in_link_to_nobody(*, lang: str) -> None:
    """Make the mail and throw it away: the answer takes as long for an unknown address as for a known one."""
    url = urls.absolute("people.use_link", lang=lang, token="x" * 43)
    outbox.render("people/sign_in", lang, {"url": url, "minutes": _MINUTES})


def new_device(person: Person, device: Device, *, at: datetime) -> None:
    """Tell a person that their password was used on a device that they have not used before."""
    url = urls.absolute("people.security", lang=person.lang)
    outbox.queue(
        "people/new_device", to=person.email_ascii or "", lang=person.lang, about=("person", person.code),
        event_id=None, context={"url": url, "device_used": device, "at": at},
    )  # fmt: skip
