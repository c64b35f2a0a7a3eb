"""`eventreg init`: how does an empty installation get its first event and its first organiser?"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from eventreg.cli import opening, serve
from eventreg.cli.ending import Stop
from eventreg.core import clock, countries, links, urls
from eventreg.core.audit import OPERATOR
from eventreg.core.db import transaction
from eventreg.core.i18n import LANGS, Text
from eventreg.events import services as events
from eventreg.events.services import EventPlan
from eventreg.people import rules as people_rules
from eventreg.people import services as people

LINK_LASTS = timedelta(days=7)
_EXAMPLE = """example:
  eventreg init forum-2027 --name "Regional Forum" --city Rabat --first-day 2027-05-04 --last-day 2027-05-06 \\
      --opens 2027-01-10 --closes 2027-04-15 --organiser you@example.org

What is not given as an option is asked, when there is somebody to ask."""

# option, question, default ('' = must be answered)
_QUESTIONS = (
    ("name", "Name of the event", ""),
    ("city", "City", ""),
    ("country", "Country (two letters)", "MA"),
    ("zone", "Time zone", "Africa/Casablanca"),
    ("first_day", "First day (year-month-day)", ""),
    ("last_day", "Last day", ""),
    ("opens", "Registration opens on", ""),
    ("closes", "Registration closes at the end of", ""),
    ("organiser", "The organiser's e-mail address", ""),
)


def add(subparsers: Any) -> None:
    """Register `init`."""
    made = subparsers.add_parser(
        "init",
        help="a first event and its first organiser, on an empty installation",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("slug", metavar="EVENT-SLUG", help="its address: lower-case letters, digits and hyphens")
    for option, question, default in _QUESTIONS:
        made.add_argument(f"--{option.replace('_', '-')}", help=question + (f" (default: {default})" if default else ""))
    made.add_argument("--lang", choices=LANGS, default="en", help="language of the name and the city (default: en)")
    made.add_argument("--port", type=int, default=8000, help="where serve will answer, for the link (default: %(default)s)")
    made.set_defaults(run=init)


def init(given: argparse.Namespace) -> int:
    """Make the event and its organiser; print the organiser's sign-in link."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", given.slug):
        raise Stop(f"{given.slug!r} cannot be an address: use lower-case letters, digits and hyphens, for example forum-2027")
    settings = serve.settings_for(given.port)
    with opening.open_app(base_url=settings.base_url).app_context():
        if not opening.is_empty():
            raise Stop("This installation already has data; init is for an empty one. Nothing was changed.")
        answers = {option: _answer(given, option, question, default) for option, question, default in _QUESTIONS}
        email = people_rules.email_address(answers["organiser"])
        plan = _plan(given.slug, given.lang, answers)
        opening.upgrade()
        with transaction() as now:
            event = events.set_up(plan, by=OPERATOR)
            person = people.find_or_create(email, lang=given.lang)
            people.grant(person.id, "OR", event_id=event.id, by=OPERATOR)
            people.grant(person.id, "AD", event_id=None, by=OPERATOR)
            secret = links.make("sign_in", person.code, now=now, expires_at=now + LINK_LASTS, max_uses=1)
        port = "" if given.port == 8000 else f" --port {given.port}"
        print(f"{given.slug} is set up. Start it with: eventreg serve{port}")
        until = f"{clock.now() + LINK_LASTS:%Y-%m-%d}"
        print(f"The organiser signs in once by this link, until {until}, and then chooses a password:")
        print(urls.absolute("people.use_link", lang=given.lang, token=secret))
    return 0


def _plan(slug: str, lang: str, answers: dict[str, str]) -> EventPlan:
    if answers["zone"] not in available_timezones():
        raise Stop(f"{answers['zone']!r} is no time zone such as Africa/Casablanca")
    if not countries.is_country(answers["country"].upper()):
        raise Stop(f"{answers['country']!r} is no country: two letters, for example MA")
    name, city = Text(**{lang: answers["name"]}), Text(**{lang: answers["city"]})
    return EventPlan(
        slug=slug,
        name=name,
        short_name=name,
        aims=Text(),
        city=city,
        venue=Text(),
        host=Text(),
        country=answers["country"].upper(),
        zone=answers["zone"],
        zone_label=Text(**{lang: answers["zone"]}),
        first_day=_day(answers["first_day"]),
        last_day=_day(answers["last_day"]),
        opens=answers["opens"],
        closes=answers["closes"],
        help_email=answers["organiser"],
        default_lang=lang,
    )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Stop(f"{typed!r} is no day such as 2027-05-04") from None


def _answer(given: argparse.Namespace, option: str, question: str, default: str) -> str:
    """The option's value, or the answer to its question."""
    value: str | None = getattr(given, option)
    if value:
        return value
    if not sys.stdin.isatty():
        if default:
            return default
        raise Stop(f"--{option.replace('_', '-')} is missing, and there is nobody to ask: {question}?")
    while True:
        print(f"{question}{f' [{default}]' if default else ''}: ", end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline()
        if not typed:
            raise Stop("No answer: nothing was made.")
        if answer := typed.strip() or default:
            return answer
