"""What does a delegation keep? Its unnamed places hold what is known of them; a member who leaves gives theirs back to it.

Everything here runs inside a transaction of the event's queue.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from eventreg.core import audit, capacity
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.refusals import Refusal, Refused
from eventreg.registration import queries, rules
from eventreg.registration.models import Delegation, DelegationPlace, Registration
from eventreg.registration.rules import LimitKey


def place_of(registration_id: int) -> DelegationPlace | None:
    """The place of a delegation that this registration has."""
    return db.session.scalar(select(DelegationPlace).where(DelegationPlace.registration_id == registration_id))


def held(delegation: Delegation) -> frozenset[LimitKey]:
    """Under which limits an unnamed place of the delegation counts."""
    return rules.held_claims(category=delegation.category, sector=delegation.sector, country=delegation.country)


def keep(registration: Registration, *, now: datetime, by: Actor) -> bool:
    """A registration that held a place is over: if it was a member's, the place stays with the delegation, unnamed.

    False when it has to be released to everybody: no delegation's, or the person had moved under other limits (an organiser
    changed their country) and those of the delegation are full.
    """
    place = place_of(registration.id)
    if place is None:
        return False
    delegation = db.session.get_one(Delegation, place.delegation_id)
    theirs, kept = queries.claims_of(registration), held(delegation)
    pools = capacity.all_pools(delegation.event_id)
    is_kept = capacity.claim(capacity.among(pools, kept - theirs)) is None
    empty(place)
    if is_kept:
        capacity.release(capacity.among(pools, theirs - kept))
    else:
        place.given_back_at = now
    facts = {"place": place.number, "registration": registration.code, "is_kept": is_kept}
    audit.record("delegation.member_left", delegation, event_id=delegation.event_id, actor=by, facts=facts)
    return is_kept


def empty(place: DelegationPlace) -> None:
    """Forget who has the place or was meant to have it; whoever holds a link for it or fills its form comes too late."""
    place.registration_id, place.is_named_by_head = None, False
    place.name_latin = place.name_arabic = place.email = place.email_key = place.lang = ""
    place.link_code, place.link_sent_at = None, None
    db.session.flush()


def check_fixed(registration: Registration, before: dict[str, str]) -> None:
    """A member comes for the body of the delegation, from its country. Raises Refused (delegation.fixed_answers)."""
    now = {"organisation_name": registration.organisation_name, "country": registration.country}
    if any(before[name] != value for name, value in now.items()) and place_of(registration.id) is not None:
        raise Refused(Refusal("delegation.fixed_answers"))
