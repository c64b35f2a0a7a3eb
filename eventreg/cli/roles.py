"""`eventreg grant`: how does somebody become an organiser, a volunteer at the door, or an administrator?"""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from eventreg.cli import opening
from eventreg.core import links, urls
from eventreg.core.audit import OPERATOR
from eventreg.core.db import transaction
from eventreg.core.i18n import LANGS
from eventreg.people import rules as people_rules
from eventreg.people import services as people

ROLES = {"organiser": "OR", "door": "CI", "admin": "AD"}
SCOPES = ("needs", "audit", "lead")
LINK_LASTS = timedelta(days=7)
_EXAMPLE = """example:
  eventreg grant ogp-2022 amina@example.org organiser --scope needs
  eventreg grant ogp-2022 yassine@example.org door

Scopes: needs (read access and dietary needs), audit (read personal values in the record of changes),
lead (at the door: let in whom the screen refuses, with a reason)."""


def add(subparsers: Any) -> None:
    """Register `grant`."""
    made = subparsers.add_parser(
        "grant", help="give a person a role in an event", epilog=_EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("event", metavar="EVENT", help="the event's address, for example ogp-2022")
    made.add_argument("email", metavar="EMAIL", help="the person's e-mail address")
    made.add_argument("role", choices=sorted(ROLES), help="an admin is one for the whole installation")
    made.add_argument("--scope", action="append", choices=SCOPES, default=[], help="what else they may do; may be given again")
    made.add_argument("--lang", choices=LANGS, default="en", help="language of the sign-in page (default: en)")
    made.set_defaults(run=grant)


def grant(given: argparse.Namespace) -> int:
    """Give the role, and print a link by which the person signs in for the first time."""
    email = people_rules.email_address(given.email)
    with opening.ready_app().app_context():
        event = opening.event_named(given.event)
        role = ROLES[given.role]
        with transaction() as now:
            person = people.find_or_create(email, lang=given.lang)
            people.grant(person.id, role, event_id=None if role == "AD" else event.id, by=OPERATOR, scopes=given.scope)
            secret = links.make("sign_in", person.code, now=now, expires_at=now + LINK_LASTS, max_uses=1)
        print(urls.absolute("people.use_link", lang=given.lang, token=secret))
    return 0
