"""Which answers must go, and when? What was promised beside a question is kept: its answers are erased on that day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from eventreg.core import audit
from eventreg.core.audit import SYSTEM
from eventreg.core.db import db, transaction
from eventreg.core.questions import judging
from eventreg.events.models import Event
from eventreg.registration import changes, organisations, queries, uploads
from eventreg.registration.models import Draft, Needs, Registration, RegistrationDecision

KEPT_AFTER_EVENT = timedelta(days=30)  # needs, gender and phone number, as the form says; words of decisions
_AT_ONCE = 500


def due(now: datetime) -> None:
    """Once a day and meeting: erase what is over, some hundred people at a time, each batch a transaction of its own."""
    for event in list(db.session.scalars(select(Event))):
        today = now.astimezone(ZoneInfo(event.zone)).date()
        if event.answers_swept_on is not None and event.answers_swept_on >= today:
            continue
        while _erase_built_in(event.id, today):
            pass
        while _erase_words(event.id, today):
            pass
        for code in [question.code for question in queries.form_of(event.id).own() if judging.is_over(question, today)]:
            while erase_answers(event.id, code):
                pass
            organisations.forget_dropped(event.id, code)
        with transaction():
            db.session.get_one(Event, event.id).answers_swept_on = today
        organisations.forget_all_dropped(now)


def _erase_built_in(event_id: int, today: date) -> bool:
    """Needs, gender and phone numbers of a meeting that has been over for thirty days; whether there were any."""
    event = db.session.get_one(Event, event_id)
    if today < event.last_day + KEPT_AFTER_EVENT or not _some(_with_built_in(event_id)):
        return False
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        found = list(db.session.scalars(_with_built_in(event_id).limit(_AT_ONCE)))
        for registration in found:
            registration.phone, claimed = "", queries.claims_of(registration)
            if (needs := db.session.get(Needs, registration.id)) is not None:
                needs.access = needs.diet = needs.gender = ""
                if not needs.answers:
                    db.session.delete(needs)
                db.session.flush()
                changes.claim_anew(registration, event, claimed, now=now)  # a limit by gender counts them no more
        audit.forget_values(event_id, "registration", [registration.code for registration in found], names=["phone"])
        facts = {"questions": ["access", "diet", "gender", "phone"], "people": len(found)}
        audit.record("answers.erased", event, event_id=event_id, actor=SYSTEM, facts=facts)
    return True


def _with_built_in(event_id: int) -> Any:
    has_needs = (Needs.access != "") | (Needs.diet != "") | (Needs.gender != "")
    query = select(Registration).outerjoin(Needs, Needs.registration_id == Registration.id)
    return query.where(Registration.event_id == event_id, (Registration.phone != "") | has_needs).order_by(Registration.id)


def _erase_words(event_id: int, today: date) -> bool:
    """What organisers wrote about people with a yes or a no goes with the needs; verdict and coded reason stay."""
    event = db.session.get_one(Event, event_id)
    query = select(RegistrationDecision).where(RegistrationDecision.event_id == event_id, RegistrationDecision.words != "")
    if today < event.last_day + KEPT_AFTER_EVENT or db.session.scalar(query.limit(1)) is None:
        return False
    with transaction(queue=("event", event_id)):
        found = list(db.session.scalars(query.order_by(RegistrationDecision.id).limit(_AT_ONCE)))
        for decision in found:
            decision.words = ""
        ids = {decision.registration_id for decision in found}
        codes = list(db.session.scalars(select(Registration.code).where(Registration.id.in_(ids)).order_by(Registration.id)))
        actions = ("registration.accepted", "registration.declined")
        audit.forget_values(event_id, "registration", codes, names=["reason"], actions=actions)
        facts = {"questions": ["decision_words"], "people": len(codes)}
        audit.record("answers.erased", event, event_id=event_id, actor=SYSTEM, facts=facts)
    return True


def _some(query: Any) -> bool:
    return db.session.scalar(query.with_only_columns(Registration.id).limit(1)) is not None


def erase_answers(event_id: int, code: str) -> bool:
    """Erase everybody's answers to one own question, some hundred at a time; whether there were any."""
    if not _some(_who_answered(event_id, code)) and not _drafts_with(event_id, code):
        return False
    with transaction(queue=("event", event_id)):
        event = db.session.get_one(Event, event_id)
        found = list(db.session.scalars(_who_answered(event_id, code).limit(_AT_ONCE)))
        for registration in found:
            _erase_one(registration, code)
        for draft in _drafts_with(event_id, code):
            draft.answers = _without(draft.answers, judging.field_name(code))
        audit.forget_values(event_id, "registration", [r.code for r in found], names=[judging.field_name(code)])
        facts = {"questions": [judging.field_name(code)], "people": len(found)}
        audit.record("answers.erased", event, event_id=event_id, actor=SYSTEM, facts=facts)
    return True


def _who_answered(event_id: int, code: str) -> Any:
    query = select(Registration).outerjoin(Needs, Needs.registration_id == Registration.id)
    has_answer = _has(Registration.answers, code) | _has(Needs.answers, code)
    return query.where(Registration.event_id == event_id, has_answer).order_by(Registration.id)


def _drafts_with(event_id: int, code: str) -> list[Draft]:
    query = select(Draft).where(Draft.event_id == event_id, _has(Draft.answers, judging.field_name(code)))
    return list(db.session.scalars(query.limit(_AT_ONCE)))


def _has(column: Any, code: str) -> Any:
    """Whether a JSON object has this key; alike on both databases."""
    return func.coalesce(column[code].as_string(), "") != ""


def _erase_one(registration: Registration, code: str) -> None:
    needs = db.session.get(Needs, registration.id)
    for holder in filter(None, (registration, needs)):
        before = holder.answers
        holder.answers = _without(before, code)
        uploads.settle(registration.event_id, uploads.about(registration), before=before, after=holder.answers)
    if needs is not None and not (needs.access or needs.diet or needs.gender or needs.answers):
        db.session.delete(needs)


def _without(answers: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if key != name}
