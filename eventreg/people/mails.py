"""Which mails the people room sends: the sign-in link."""

from __future__ import annotations

from eventreg.core import outbox, urls
from eventreg.people.models import Person


def sign_in_link(person: Person, secret: str, *, lang: str) -> None:
    """The link that signs a person in, once, for 15 minutes."""
    url = urls.absolute("people.use_link", lang=lang, token=secret)
    outbox.queue(
        "people/sign_in", to=person.email_ascii or "", lang=lang, about=("person", person.code), event_id=None,
        context={"url": url, "minutes": 15},
    )  # fmt: skip
