"""How a meeting reviews, and since when: the chair's settings, the opening by hand, the closing by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventreg.core import audit, times
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.reviewing import queries
from eventreg.reviewing.models import Reviewing

MOST_REVIEWS, MOST_LOAD = 20, 400


@dataclass(frozen=True)
class ReviewingPlan:
    """The chair's settings. `closes`: the bound, exclusive; None while nobody has said."""

    closes: times.LocalMoment | None = None
    per_proposal: int = 3
    max_load: int = 25
    mixes_sectors: bool = True
    is_blind: bool = False
    shows_others: bool = True


def set_up(event_id: int, plan: ReviewingPlan, *, by: int) -> Reviewing:
    """Keep the settings. Raises Refused: a number out of range."""
    if not 1 <= plan.per_proposal <= MOST_REVIEWS:
        raise Refused(Refusal("reviewing.per_proposal", {"most": MOST_REVIEWS}))
    if not 1 <= plan.max_load <= MOST_LOAD:
        raise Refused(Refusal("reviewing.max_load", {"most": MOST_LOAD}))
    with transaction(queue=("reviewing", event_id)):
        found = queries.settings(event_id)
        before = _facts(found) if found is not None else {}
        if found is None:
            found = Reviewing(event_id=event_id)
            db.session.add(found)
        found.closes_local = plan.closes.local.isoformat() if plan.closes else ""
        found.closes_at = plan.closes.instant if plan.closes else None
        found.per_proposal, found.max_load, found.mixes_sectors = plan.per_proposal, plan.max_load, plan.mixes_sectors
        found.is_blind, found.shows_others = plan.is_blind, plan.shows_others
        found.revision = (found.revision or 0) + 1
        db.session.flush()
        if before != (after := _facts(found)):
            _record("reviewing.set", event_id, by, {"before": before, "after": after})
        return found


def open_now(event_id: int, *, by: int) -> Reviewing:
    """Reviewers can write from now on. Raises Refused: no frozen criteria, no closing, it is open."""
    with transaction(queue=("reviewing", event_id)) as now:
        found = queries.settings(event_id)
        if queries.frozen(event_id) is None:
            raise Refused(Refusal("reviewing.no_criteria"))
        if found is None or found.closes_at is None:
            raise Refused(Refusal("reviewing.no_closing"))
        if found.closes_at <= now:
            raise Refused(Refusal("reviewing.closing_passed"))
        if found.opens_at is not None:
            raise Refused(Refusal("reviewing.open_already"))
        found.opens_at = now
        _record("reviewing.opened", event_id, by, {})
        return found


def _facts(found: Reviewing) -> dict[str, Any]:
    return {
        "closes_local": found.closes_local or None, "per_proposal": found.per_proposal, "max_load": found.max_load,
        "mixes_sectors": found.mixes_sectors, "is_blind": found.is_blind, "shows_others": found.shows_others,
    }  # fmt: skip


def _record(action: str, event_id: int, by: int, facts: dict[str, Any]) -> None:
    event = db.session.get_one(Event, event_id)
    actor = people.actor_of(db.session.get_one(Person, by), "organiser")
    audit.record(action, ("reviewing", event.slug), event_id=event_id, actor=actor, facts=facts)
