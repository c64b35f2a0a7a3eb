"""How somebody who is not signed in comes to a proposal: a link by mail, the same whether we know the address or not."""

from __future__ import annotations

from datetime import timedelta

from eventreg.core import clock, limits
from eventreg.core.db import db, transaction
from eventreg.core.links import Link
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import Email
from eventreg.proposals import mails, queries, rules
from eventreg.proposals.models import ProposalPerson

LINKS_PER_HOUR = 5


def send_link(event_id: int, email: Email, *, lang: str, network: str, late_code: str = "") -> None:
    """Mail the link with which a proposal is begun or gone on with.

    Raises Refused: the call is not open (call.…), or asked too often (limits.too_many).
    """
    hour = timedelta(hours=1)
    limits.check("call-link", f"{email.key} {network}", now=clock.now(), limit=LINKS_PER_HOUR, per=hour)
    limits.check("call-link-network", network, now=clock.now(), limit=10 * LINKS_PER_HOUR, per=hour)
    with transaction() as now:
        call = queries.call_of(event_id)
        if call is None:
            raise Refused(rules.NO_CALL)
        late = queries.late_for(event_id, None, late_code, now) if now >= call.closes_at else None
        if refusal := rules.why_not_begin(queries.window(call), now, is_late_guest=late is not None):
            raise Refused(refusal)
        limits.hit("call-link", f"{email.key} {network}", now=now)
        limits.hit("call-link-network", network, now=now)
        event = db.session.get_one(Event, event_id)
        until = late.expires_at if late is not None else call.closes_at
        mails.begin(email, event, lang=lang, now=now, until=until, expires_at=until + call.grace + timedelta(days=2),
                    late_code=late.code if late is not None else "")  # fmt: skip


def person_of(link: Link) -> Person | None:
    """Whom a link of the call belongs to; who comes by it for the first time is noted down. None: the person is gone.

    Inside the running transaction.
    """
    if link.purpose == "proposer":
        email = people_rules.email_address(str(link.data["email"]))
        return people.find_or_create(email, lang=str(link.data["lang"]))
    return writer_of(link)


def writer_of(link: Link) -> Person | None:
    """Whom a link to a proposal belongs to, while they organise it."""
    member = db.session.get(ProposalPerson, link.data.get("person"))
    return db.session.get(Person, member.person_id) if member is not None and member.is_writer and member.person_id else None
