"""Who has not used their invitation yet? Reminders by the clock or by hand, each with a link of its own that works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from eventreg.core import audit
from eventreg.core.audit import SYSTEM, Actor
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.people.rules import email_address
from eventreg.registration import invitations, mails, queries, rules
from eventreg.registration.models import Invitation

AGAIN_AFTER = timedelta(days=1)  # by hand: nobody is written to twice a day


def due(now: datetime) -> None:
    """Send every reminder whose moment has come: one transaction per invitation."""
    query = select(Invitation.id, Invitation.event_id).where(Invitation.remind_at <= now)
    for row in db.session.execute(query.order_by(Invitation.remind_at, Invitation.id)).all():
        _remind(row.id, row.event_id)


def _remind(invitation_id: int, event_id: int) -> None:
    with transaction(queue=("event", event_id)) as now:
        invitation = db.session.get_one(Invitation, invitation_id, populate_existing=True)
        if invitation.remind_at is None or invitation.remind_at > now:
            return
        event = db.session.get_one(Event, event_id)
        if not _is_waited_for(invitation, event, queries.registered_keys(event_id, [invitation.email_key]), now=now):
            invitation.remind_at = None  # used, over, or registered in another way: nothing more to say
            return
        send(invitation, event, by=SYSTEM, now=now)


def who_may_be_reminded(found: Sequence[Invitation], event: Event, *, now: datetime) -> list[Invitation]:
    """Those of the invitations that nobody used, whose address has not registered and was not written to within a day."""
    registered = queries.registered_keys(event.id, [invitation.email_key for invitation in found])
    return [
        invitation
        for invitation in found
        if _is_waited_for(invitation, event, registered, now=now)
        and now - (invitation.reminded_at or invitation.created_at) >= AGAIN_AFTER
    ]


def send(invitation: Invitation, event: Event, *, by: Actor, now: datetime) -> None:
    """Write the reminder with another link, inside the event's queue; the links of earlier mails go on working."""
    secret = invitations.another_link(invitation, now=now)
    invitation.reminded_at = now
    invitation.remind_at = rules.next_reminder(invitation.created_at, invitation.remind_days, now)
    audit.record("invitation.reminded", invitation, event_id=event.id, actor=by)
    mails.invitation_reminder(invitation, event, secret, to=email_address(invitation.email).ascii, now=now)


def _is_waited_for(invitation: Invitation, event: Event, registered: set[str], *, now: datetime) -> bool:
    if not invitation.email_key or invitation.email_key in registered:
        return False
    return invitation.state(now) == "unused" and now < mails.lets_register_until(invitation, event)
