"""The pages of organisers: one module per subject, all on one blueprint."""

from __future__ import annotations

from eventreg.manage import (
    audit,
    components,
    invitations,
    mail,
    people,
    people_bulk,
    people_filters,
    people_print,
    person,
    places,
    settings,
    today,
    waiting,
)
from eventreg.manage.blueprint import bp

PAGES = (
    today, people, people_bulk, people_filters, people_print, person, waiting, invitations, settings, places, mail, audit,
    components,
)  # fmt: skip

__all__ = ["PAGES", "bp"]
