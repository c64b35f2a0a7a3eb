"""May somebody be served before their turn? An organiser offers a place out of order; the reason is kept."""

from __future__ import annotations

from eventreg.core import audit, capacity, text
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.registration import mails, places, queries, rules
from eventreg.registration.models import Registration, WaitingEntry
from eventreg.registration.rules import Waiting

REASON_LIMIT = 300


def why_not_reason(reason: str) -> Refusal | None:
    """Say what is wrong with a reason, or None."""
    if not reason:
        return Refusal("waiting.no_reason")
    if (length := text.graphemes(reason)) > REASON_LIMIT:
        return Refusal("answers.too_long", {"limit": REASON_LIMIT, "length": length})
    return None


def offer_out_of_order(registration_id: int, *, reason: str, over_limit: bool, by: Actor) -> WaitingEntry:
    """Offer a place to somebody who waits, before those in front of them; held and answered like every offer.

    A place that is free is taken for it. Where none is, only `over_limit` makes one beyond the limit, which is written down.
    Raises Refused (waiting.no_reason, waiting.not_waiting, waiting.still_full with what is full, waiting.begun).
    """
    reason = text.clean_line(reason)
    if refusal := why_not_reason(reason):
        raise Refused(refusal)
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        event = db.session.get_one(Event, event_id)
        entry = queries.live_entry(registration_id)
        if entry is None or entry.state != Waiting.WAITING:
            raise Refused(Refusal("waiting.not_waiting"))
        until = rules.offer_until(now, offer_hours=event.offer_hours, event_starts_at=places.starts_at(event))
        if until is None:
            raise Refused(Refusal("waiting.begun"))
        pools = places.pools_of(registration)
        is_over = capacity.claim(pools) is not None
        if is_over and not over_limit:
            raise Refused(Refusal("waiting.still_full", {"full": queries.what_is_full(event, queries.claims_of(registration))}))
        if is_over:
            capacity.claim(pools, over_limit=True)
            registration.passed_limit = True
        entry.state, entry.offered_at, entry.offer_expires_at = Waiting.OFFERED, now, until
        facts = {"position": entry.position, "until": until.isoformat(), "over_limit": is_over}
        audit.record(
            "waiting.jumped", registration, event_id=event_id, actor=by, facts=facts, personal={"reason": (None, reason)}
        )
        mails.place_offered(registration, event, entry, now=now)
        return entry
