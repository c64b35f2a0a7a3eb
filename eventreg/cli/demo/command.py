"""`eventreg demo`: is it there as asked, or must it be made? Then it is served, and who may sign in is told."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select, text

from eventreg.app import create_app
from eventreg.cli import demo_mark, opening, serve
from eventreg.cli.demo import build, proposals, story, texts
from eventreg.cli.ending import Stop
from eventreg.core import clock, i18n, links, urls
from eventreg.core.config import Settings
from eventreg.core.db import Base, db, is_sqlite, transaction
from eventreg.events import queries as events
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.rules import Answer, Role
from eventreg.proposals.rules import State as ProposalState
from eventreg.registration.models import Registration
from eventreg.registration.rules import State

LINKS_LAST = timedelta(days=365)  # of the demo's clock

_DESCRIPTION = """\
The Marrakech meeting with invented people, in the configured database: made when this is empty, made anew with --fresh
or when it was made with other options, refused when the database holds anything else. The clock goes on from --at."""
_EXAMPLES = """examples:
  eventreg demo
  eventreg demo --at 2022-09-30T23:50+01:00       the last minutes before the deadline
  eventreg demo --at 2022-11-01T09:30+01:00       the first morning at the door"""


@dataclass(frozen=True)
class _Wanted:
    """What the demo is asked to be."""

    at: datetime
    participants: int
    proposals: int


def add(subparsers: Any) -> None:
    """Register `demo`."""
    made = subparsers.add_parser(
        "demo", help="the Marrakech meeting with invented people, to look around", description=_DESCRIPTION,
        epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("--at", type=_instant, default=story.DEFAULT_AT, metavar="INSTANT",
                      help="what the clock shows, with its offset (default: 2022-09-27T09:10+01:00)")  # fmt: skip
    made.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    made.add_argument("--participants", type=int, default=500, metavar="N", help="with a place (default: %(default)s)")
    made.add_argument("--proposals", type=int, default=len(proposals.written()), metavar="N",
                      help="of the call for workshops (default: %(default)s)")  # fmt: skip
    made.add_argument("--fresh", action="store_true", help="throw the demo away and make it anew")
    made.add_argument("--no-serve", action="store_true", help="only make the data")
    made.set_defaults(run=run)


def _instant(typed: str) -> datetime:
    try:
        instant = datetime.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{typed!r} is no instant such as 2022-09-30T23:50+01:00") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{typed!r} needs its offset, for example {typed}+01:00")
    return instant


def run(given: argparse.Namespace) -> int:
    """Make the demo if need be, and serve it."""
    if given.participants < story.FEWEST:
        raise Stop(f"The demo needs at least {story.FEWEST} participants.")
    if not 0 <= given.proposals <= len(proposals.written()):
        raise Stop(f"The demo has texts for up to {len(proposals.written())} proposals.")
    if not given.no_serve:
        serve.refuse_taken(serve.HOST, given.port)
    settings = serve.settings_for(given.port)
    app = create_app(replace(settings, clock_offset=0.0))
    with app.app_context():
        _make(app, _Wanted(given.at, given.participants, given.proposals), is_fresh=given.fresh)
        offset = demo_mark.start_clock(texts.SLUG, given.at)
        with clock.at(given.at):
            told = _welcome(given.at)
        db.session.remove()
        db.engine.dispose()
    if given.no_serve:
        print(told)
        return 0
    return _serve(replace(settings, clock_offset=offset), given.port, told)


def _serve(settings: Settings, port: int, told: str) -> int:
    return serve.keep_up(
        settings,
        host=serve.HOST,
        port=port,
        workers=2,
        when_up=lambda: print(f"{told}\n\nCtrl-C stops it.", flush=True),
        with_worker=True,  # a visitor of the demo starts nothing else, whatever the database
    )


def _make(app: Flask, wanted: _Wanted, *, is_fresh: bool) -> None:
    """Leave the demo that is there, make it, or refuse a database that is not its own."""
    mark = demo_mark.read()
    if mark is None and not opening.is_empty():
        raise Stop(_whose())
    if mark is not None and (others := [event.slug for event in events.all_events() if event.slug != texts.SLUG]):
        raise Stop(f"This database holds more than the demo: {', '.join(others)}. Nothing was changed. {_ELSEWHERE}")
    if mark is not None:
        made = (mark.at, mark.participants, mark.proposals)
        if not is_fresh and mark.is_finished and made == (wanted.at, wanted.participants, wanted.proposals):
            opening.upgrade()
            _say("The demo is there already (--fresh makes it anew).")
            return
        _say("Throwing the earlier demo away …")
        _throw_away()
    opening.upgrade()
    with clock.at(build.PREPARED):
        demo_mark.write(demo_mark.BEGUN, texts.SLUG, {})
    _say(f"Making the Marrakech meeting with {wanted.participants} participants and {wanted.proposals} proposals …")
    build.build(participants=wanted.participants, proposed=wanted.proposals, at=wanted.at, progress=_Bar())
    facts = {"at": wanted.at.isoformat(), "participants": wanted.participants, "proposals": wanted.proposals}
    with clock.at(wanted.at):
        demo_mark.write(demo_mark.BUILT, texts.SLUG, facts)


_ELSEWHERE = "Give the demo a database of its own: EVENTREG_DATABASE_URL=sqlite:////tmp/demo.sqlite eventreg demo"


def _whose() -> str:
    found = [event.slug for event in events.all_events()] if inspect(db.engine).has_table("event") else []
    what = f"the events {', '.join(found)}" if found else "tables or people that are not the demo's"
    return f"This database holds {what}. Nothing was changed. {_ELSEWHERE}"


def _throw_away() -> None:
    """Drop every table, and the mails that the demo wrote as files."""
    db.session.remove()
    with db.engine.connect() as connection:
        if is_sqlite():
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # whole tables go: their order does not matter
        with connection.begin():
            Base.metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.engine.dispose()
    for mail in (opening.settings().instance / "outbox").glob("*.eml"):
        mail.unlink()


class _Bar:
    """Tells on stderr how far it is: a running line on a terminal, each tenth elsewhere."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // total
        if sys.stderr.isatty():
            print(f"\r  {100 * done // total} %", end="\n" if done == total else "", file=sys.stderr, flush=True)
        elif tenth > self._told:
            print(f"  {10 * tenth} %", file=sys.stderr, flush=True)
        self._told = tenth


# ---- what is told at the end -----------------------------------------------------------------------------------------


def _welcome(at: datetime) -> str:
    """Address, time and how each role gets in; makes the links (those of an earlier start are dead)."""
    event = events.by_slug(texts.SLUG)
    assert event is not None
    with i18n.in_language("en", event=event):
        when = f"{i18n.instant_long(at)} ({event.zone_label.in_('en')})"
    lines = [f"{event.name.in_('en')}", f"It is {when}, and the clock goes on from there.", ""]
    for lang in i18n.LANGS:
        lines.append(f"  {i18n.LANGUAGE_NAMES[lang]:10} {urls.absolute('transparency.home', lang=lang, event=event.slug)}")
    lines += ["", "Who can do what (these links open as often as you like):", ""]
    names = {"OR": "An organiser", "CH": "The chair of the selection", "CI": "A volunteer at the door", "AD": "The administrator"}
    for address, latin, _arabic, role in build.STAFF:
        lines += [f"  {names[role]}: {latin}", f"    {_sign_in_link(address)}",
                  f"    or sign in as {address} with the password {build.PASSWORD}"]  # fmt: skip
    lines += _a_participant(event.id, event.slug)
    lines += _proposers(event.id, event.slug)
    if not opening.settings().mail_server:
        lines += ["", f"Mails are files in {opening.settings().instance / 'outbox'}"]
    return "\n".join(lines)


def _sign_in_link(address: str) -> str:
    person = db.session.scalars(select(Person).where(Person.email_key == address)).one()
    with transaction() as now:
        links.revoke("sign_in", person.code, now)
        secret = links.make("sign_in", person.code, now=now, expires_at=now + LINKS_LAST)
    return urls.absolute("people.use_link", lang="en", token=secret)


def _a_participant(event_id: int, slug: str) -> list[str]:
    """A participant with names in both scripts, if there is one yet."""
    confirmed = select(Registration).where(Registration.event_id == event_id, Registration.state == State.CONFIRMED)
    both = confirmed.where(Registration.name_arabic != "", Registration.name_latin != "", Registration.lang == "ar")
    row = db.session.scalar(both.order_by(Registration.id)) or db.session.scalar(confirmed.order_by(Registration.id))
    if row is None:
        return ["  Nobody is registered yet at that time."]
    with transaction() as now:
        secret = links.make("registration", row.code, now=now, expires_at=now + LINKS_LAST, event_id=event_id)
    return [
        f"  A participant: {row.name_in('latin')}",
        f"    {urls.absolute('me.open_link', lang=row.lang, event=slug, token=secret)}",
    ]


def _proposers(event_id: int, slug: str) -> list[str]:
    """Who leads and who co-organises proposals, one of each, and when the call was open."""
    joint = select(ProposalPerson).join(Proposal, Proposal.id == ProposalPerson.proposal_id).where(Proposal.event_id == event_id)
    co_organiser = db.session.scalar(
        joint.where(ProposalPerson.role == Role.CO_ORGANISER, ProposalPerson.answer == Answer.ACCEPTED)
        .order_by(Proposal.state != ProposalState.ACCEPTED, ProposalPerson.id)
    )  # fmt: skip
    if co_organiser is None:
        return []
    lead = db.session.scalar(joint.where(ProposalPerson.proposal_id == co_organiser.proposal_id, ProposalPerson.role == Role.LEAD))
    lines = []
    for title, person in (("The lead of a joint proposal", lead), ("Its co-organiser", co_organiser)):
        if person is not None and person.person_id is not None:
            address = db.session.get_one(Person, person.person_id).email_key or ""
            lines += [f"  {title}: {person.name}", f"    {_sign_in_link(address)}"]
    during = f"  The call for workshops is open with: eventreg demo --fresh --at {_WHILE_OPEN}"
    return [*lines, during]


_WHILE_OPEN = "2022-07-25T10:00+01:00"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
