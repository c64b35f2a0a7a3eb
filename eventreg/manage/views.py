"""The pages of organisers: one module per subject, all on one blueprint."""

from __future__ import annotations

from eventreg.manage import audit, components, invitations, mail, people, person, settings, today
from eventreg.manage.blueprint import bp

PAGES = (today, people, person, invitations, settings, mail, audit, components)

__all__ = ["PAGES", "bp"]
