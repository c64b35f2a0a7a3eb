"""Who is let in? Decisions are prepared, looked at as mails, released together, and hold after a quarter of an hour in which
they can be taken back. Nothing leaves, and the person sees nothing, before that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from eventreg.core import audit, capacity
from eventreg.core.audit import SYSTEM, Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.registration import mails, places, queries, rules
from eventreg.registration.models import Invitation, Needs, Registration, RegistrationDecision
from eventreg.registration.rules import State, Verdict

UNDO = timedelta(minutes=15)
CHUNK = 100  # decisions applied in one transaction

OPEN = (RegistrationDecision.undone_at.is_(None), RegistrationDecision.applied_at.is_(None))
PREPARED = (*OPEN, RegistrationDecision.released_at.is_(None))
RELEASED = (*OPEN, RegistrationDecision.released_at.is_not(None))


@dataclass(frozen=True)
class Decision:
    """What is decided: yes or no, a coded reason, the organiser's own words."""

    verdict: Verdict
    reason: str = ""
    words: str = ""


# ---- prepared, released, taken back ---------------------------------------------------------------------------------


def prepare(event_id: int, registration_ids: Collection[int], decision: Decision, *, by: Actor) -> int:
    """Prepare one decision for several people, in place of one prepared before; for how many.

    Passed over are those for whom a decision is released, who have ended meanwhile, or who are declined already when the
    answer is no. Raises Refused (moderation.reason_missing, moderation.words_missing, moderation.words_too_long).
    """
    if refusal := rules.why_not_decide(decision.verdict, decision.reason, decision.words):
        raise Refused(refusal)
    with transaction(queue=("event", event_id)) as now:
        chosen = _decidable(event_id, registration_ids, decision.verdict)
        if not decision.words and any(state == State.DECLINED for state in chosen.values()):
            raise Refused(Refusal("moderation.words_missing"))
        _take_back(event_id, list(chosen), now=now)
        db.session.add_all(
            RegistrationDecision(
                event_id=event_id, registration_id=registration_id, verdict=decision.verdict.value, reason=decision.reason,
                words=decision.words, decided_by=str(by), decided_at=now,
            )
            for registration_id in chosen
        )  # fmt: skip
        facts = {"verdict": decision.verdict.value, "reason": decision.reason, "number": len(chosen)}
        _record("moderation.prepared", event_id, facts=facts, by=by)
        return len(chosen)


def _decidable(event_id: int, registration_ids: Collection[int], verdict: Verdict) -> dict[int, str]:
    """Those of them for whom this can be decided, with their state."""
    states = (State.SUBMITTED, State.DECLINED) if verdict is Verdict.YES else (State.SUBMITTED,)
    released = select(RegistrationDecision.registration_id).where(RegistrationDecision.event_id == event_id, *RELEASED)
    query = select(Registration.id, Registration.state).where(
        Registration.event_id == event_id, Registration.id.in_(registration_ids), Registration.state.in_(states),
        Registration.id.not_in(released),
    )  # fmt: skip
    return {row[0]: row[1] for row in db.session.execute(query.order_by(Registration.id))}


def _take_back(event_id: int, registration_ids: Sequence[int], *, now: datetime) -> int:
    statement = update(RegistrationDecision).where(
        RegistrationDecision.event_id == event_id, RegistrationDecision.registration_id.in_(registration_ids), *PREPARED
    )
    result = db.session.execute(statement.values(undone_at=now), execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]


def take_back(event_id: int, registration_id: int, *, by: Actor) -> bool:
    """Take a prepared decision back: the person waits for one again, or is let in where nobody is asked any more."""
    with transaction(queue=("event", event_id)) as now:
        done = _take_back(event_id, [registration_id], now=now) > 0
        if done:
            _record("moderation.taken_back", event_id, facts={"number": 1}, by=by)
            _let_in_unasked(db.session.get_one(Registration, registration_id), now=now, by=by)
        return done


def release(event_id: int, *, by: Actor) -> int:
    """Release every prepared decision: they hold in a quarter of an hour. The number of the batch. Raises Refused: none."""
    with transaction(queue=("event", event_id)) as now:
        return _release(event_id, now=now, due_at=now + UNDO, by=by)


def _release(event_id: int, *, now: datetime, due_at: datetime, by: Actor) -> int:
    newest = select(func.max(RegistrationDecision.batch)).where(RegistrationDecision.event_id == event_id)
    batch = (db.session.scalar(newest) or 0) + 1
    statement = update(RegistrationDecision).where(RegistrationDecision.event_id == event_id, *PREPARED)
    values = {"batch": batch, "released_at": now, "due_at": due_at}
    result = db.session.execute(statement.values(values), execution_options={"synchronize_session": False})
    number = int(result.rowcount)  # type: ignore[attr-defined]
    if not number:
        raise Refused(Refusal("moderation.nothing_prepared"))
    _record("moderation.released", event_id, facts={"batch": batch, "number": number}, by=by)
    return batch


def undo(event_id: int, batch: int, *, by: Actor, registration_id: int | None = None) -> int:
    """Take a released batch, or one decision of it, back to the prepared ones; how many. Raises Refused: the time is over."""
    with transaction(queue=("event", event_id)) as now:
        which = [RegistrationDecision.event_id == event_id, RegistrationDecision.batch == batch, *RELEASED]
        which.append(RegistrationDecision.due_at > now)
        if registration_id is not None:
            which.append(RegistrationDecision.registration_id == registration_id)
        statement = update(RegistrationDecision).where(*which).values(batch=None, released_at=None, due_at=None)
        result = db.session.execute(statement, execution_options={"synchronize_session": False})
        number = int(result.rowcount)  # type: ignore[attr-defined]
        if not number:
            raise Refused(Refusal("moderation.too_late"))
        _record("moderation.undone", event_id, facts={"batch": batch, "number": number}, by=by)
        return number


def switch(event_id: int, *, is_on: bool, by: Actor) -> int:
    """Ask for a yes from now on, or no more; then whoever has no decision yet gets a yes at once. How many those are."""
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id, populate_existing=True)
        if event.moderated == is_on:
            return 0
        event.moderated = is_on
        number = 0
        if not is_on:
            ids = list(db.session.scalars(select(Registration.id).where(*undecided(event_id))))
            number = _let_in(event_id, ids, now=now, by=by)
        audit.record(
            "event.moderation_switched", event, event_id=event_id, actor=by, facts={"is_on": is_on, "let_in": number}
        )
        return number


def _let_in(event_id: int, registration_ids: Sequence[int], *, now: datetime, by: Actor) -> int:
    """A yes for each that holds at once; the worker gives the places, in order of registration."""
    newest = select(func.max(RegistrationDecision.batch)).where(RegistrationDecision.event_id == event_id)
    batch = (db.session.scalar(newest) or 0) + 1
    db.session.add_all(
        RegistrationDecision(
            event_id=event_id, registration_id=registration_id, verdict=Verdict.YES.value, decided_by=str(by), decided_at=now,
            batch=batch, released_at=now, due_at=now,
        )
        for registration_id in registration_ids
    )  # fmt: skip
    return len(registration_ids)


def _let_in_unasked(registration: Registration, *, now: datetime, by: Actor) -> None:
    """Who is left without a decision in a meeting that is not moderated any more gets a yes: nobody will be asked for one."""
    if registration.state == State.SUBMITTED and not db.session.get_one(Event, registration.event_id).moderated:
        _let_in(registration.event_id, [registration.id], now=now, by=by)


def _record(action: str, event_id: int, *, facts: dict[str, Any], by: Actor) -> None:
    audit.record(action, db.session.get_one(Event, event_id), event_id=event_id, actor=by, facts=facts)


# ---- applied --------------------------------------------------------------------------------------------------------


def due(now: datetime) -> None:
    """Released decisions whose time has come hold: some in each transaction, in order of registration."""
    query = select(RegistrationDecision.event_id).where(*RELEASED, RegistrationDecision.due_at <= now).distinct()
    for event_id in db.session.scalars(query.order_by(RegistrationDecision.event_id)).all():
        while _apply_some(event_id):
            pass


def _apply_some(event_id: int) -> bool:
    """The next decisions that are due; whether there were any."""
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id, populate_existing=True)
        query = (
            select(RegistrationDecision, Registration, Person, Needs, Invitation)
            .join(Registration, Registration.id == RegistrationDecision.registration_id)
            .join(Person, Person.id == Registration.person_id)
            .outerjoin(Needs, Needs.registration_id == Registration.id)
            .outerjoin(Invitation, Invitation.id == Registration.invitation_id)
            .where(RegistrationDecision.event_id == event_id, *RELEASED, RegistrationDecision.due_at <= now)
            .order_by(Registration.registered_at, Registration.id)
        )
        rows = db.session.execute(query.limit(CHUNK), execution_options={"populate_existing": True}).all()
        for decision, registration, _person, _needs, invitation in rows:
            _apply(decision, registration, event, invitation, now=now)
        return bool(rows)


def _apply(
    decision: RegistrationDecision, registration: Registration, event: Event, invitation: Invitation | None, *, now: datetime
) -> None:
    decision.applied_at = now
    if not _still_wanted(decision, registration):
        decision.outcome = "void"
        _let_in_unasked(registration, now=now, by=SYSTEM)
        return
    is_yes = decision.verdict == Verdict.YES
    if is_yes:
        passes_limit = invitation is not None and invitation.passes_limit
        places.place_or_wait(registration, event, now=now, passes_limit=passes_limit)
    else:
        registration.state, registration.ended_at, registration.end_reason = State.DECLINED, now, decision.reason
    registration.changed_at = now
    decision.outcome = registration.state
    kind, _colon, ref = decision.decided_by.partition(":")
    audit.record(
        "registration.accepted" if is_yes else "registration.declined",
        registration, event_id=event.id, actor=Actor(kind, ref),
        facts={"outcome": decision.outcome, "reason": decision.reason, "batch": decision.batch},
        personal={"reason": (None, decision.words)} if decision.words else {},
    )  # fmt: skip
    mails.decided(registration, event, decision, now=now)


def _still_wanted(decision: RegistrationDecision, registration: Registration) -> bool:
    """Not for whom has left, or has sent another form since it was decided."""
    awaited = (State.SUBMITTED, State.DECLINED) if decision.verdict == Verdict.YES else (State.SUBMITTED,)
    return registration.state in awaited and registration.registered_at <= decision.decided_at


# ---- what is read ---------------------------------------------------------------------------------------------------


def undecided(event_id: int) -> tuple:  # type: ignore[type-arg]
    """The condition of who waits for a decision and has none, not even a prepared one."""
    decided = select(RegistrationDecision.registration_id).where(RegistrationDecision.event_id == event_id, *OPEN)
    return (Registration.event_id == event_id, Registration.state == State.SUBMITTED, Registration.id.not_in(decided))


def newest(registration_id: int) -> RegistrationDecision | None:
    """The decision that holds for this person, or held last."""
    query = select(RegistrationDecision).where(
        RegistrationDecision.registration_id == registration_id, RegistrationDecision.applied_at.is_not(None),
        RegistrationDecision.outcome != "void",
    )  # fmt: skip
    return db.session.scalar(query.order_by(RegistrationDecision.id.desc()).limit(1))


def forecast(event: Event) -> dict[int, str]:
    """What each open yes would bring if it held now, by registration: confirmed or waitlisted. Three statements."""
    free = {(pool.kind, pool.key): pool.free for pool in capacity.all_pools(event.id)}
    query = (
        select(Registration, func.coalesce(Needs.gender, ""), Invitation.passes_limit)
        .join(RegistrationDecision, RegistrationDecision.registration_id == Registration.id)
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .outerjoin(Invitation, Invitation.id == Registration.invitation_id)
        .where(RegistrationDecision.event_id == event.id, *OPEN, RegistrationDecision.verdict == Verdict.YES)
        .where(or_(Registration.state == State.SUBMITTED, Registration.state == State.DECLINED))
        .order_by(Registration.registered_at, Registration.id)
    )
    found: dict[int, str] = {}
    for row, gender, passes_limit in db.session.execute(query):
        claims = rules.claims(
            category=row.category, sector=row.sector, country=row.country, gender=gender, days=row.days
        )
        has_place = passes_limit or all(free.get(claim) != 0 for claim in claims)
        found[row.id] = State.CONFIRMED if has_place else State.WAITLISTED
        for claim in claims if has_place else ():
            left = free.get(claim)
            free[claim] = None if left is None else max(0, left - 1)
    return found


def open_decision(event_id: int, registration_id: int) -> RegistrationDecision | None:
    """The decision that is prepared or released for this person and does not hold yet."""
    query = select(RegistrationDecision).where(
        RegistrationDecision.event_id == event_id, RegistrationDecision.registration_id == registration_id, *OPEN
    )
    return db.session.scalar(query)


def preview(event: Event, registration: Registration, decision: RegistrationDecision) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail that this decision would bring, in the person's language; nothing is sent."""
    outcome = forecast(event).get(registration.id, State.DECLINED)
    full = queries.what_is_full(event, queries.claims_of(registration)) if outcome == State.WAITLISTED else rules.Full()
    return mails.decision_preview(registration, event, decision, outcome=State(outcome), full=full)
