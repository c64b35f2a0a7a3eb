"""Which form is in force? Every version that an event ever asked with is kept; the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base, db
from eventreg.core.questions.shape import Form, Question, as_json, from_json
from eventreg.core.refusals import Refusal, Refused


class QuestionForm(Base):
    """One version of the questions that an event asks for one purpose ("registration", …). Never changed, only followed."""

    __tablename__ = "question_form"
    __table_args__ = (UniqueConstraint("event_id", "purpose", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    purpose: Mapped[str]
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]  # an actor of the record


def newest(event_id: int, purpose: str) -> QuestionForm | None:
    """The version in force, None while nobody changed the form that the product begins with."""
    query = select(QuestionForm).where(QuestionForm.event_id == event_id, QuestionForm.purpose == purpose)
    return db.session.scalar(query.order_by(QuestionForm.version.desc()).limit(1))


def current(event_id: int, purpose: str, *, default: Callable[[], Form]) -> Form:
    """The form in force: one statement."""
    row = newest(event_id, purpose)
    return default() if row is None else from_json(row.content, version=row.version)


def at(event_id: int, purpose: str, version: int, *, default: Callable[[], Form]) -> Form:
    """The form as this version of it was; 0 is the one that the product begins with. One statement."""
    query = select(QuestionForm).where(QuestionForm.event_id == event_id, QuestionForm.purpose == purpose)
    row = db.session.scalar(query.where(QuestionForm.version == version))
    return default() if row is None else from_json(row.content, version=row.version)


def save(event_id: int, purpose: str, form: Form, *, now: datetime, by: str) -> Form:
    """The next version, inside the running transaction of the event's queue; `form.version` is the one it was made from.

    Raises Refused (question.form_changed) when somebody else saved in between.
    """
    row = newest(event_id, purpose)
    if (row.version if row else 0) != form.version:
        raise Refused(Refusal("question.form_changed"))
    version = form.version + 1
    db.session.add(
        QuestionForm(event_id=event_id, purpose=purpose, version=version, content=as_json(form), saved_at=now, saved_by=by)
    )
    db.session.flush()
    return Form(form.sections, version)


def last_known(event_id: int, purpose: str, code: str) -> Question | None:
    """A question as the newest version that has it words it: what the record tells of may have been deleted since."""
    query = select(QuestionForm).where(QuestionForm.event_id == event_id, QuestionForm.purpose == purpose)
    for row in db.session.scalars(query.order_by(QuestionForm.version.desc())):
        if (found := from_json(row.content).find(code)) is not None:
            return found
    return None
