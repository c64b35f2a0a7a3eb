"""Reviewers get one mail for all that they were given, and reminders that stop once all is submitted."""

from __future__ import annotations

from types import ModuleType

from flask import Flask
from sqlalchemy import select

from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.reviewing import telling
from tests.factories import CALL_OPEN, a_call, a_chair, a_proposal, a_review, a_reviewer, an_event, assigned, open_reviewing


def sent(kind: str) -> list[tuple[str, str]]:
    rows = db.session.execute(select(Mail.to_address, Mail.subject).where(Mail.kind == f"reviewing/{kind}").order_by(Mail.id))
    return [(row[0], row[1]) for row in rows]


def test_one_mail_for_all_and_reminders_until_all_is_submitted(app: Flask, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        event = an_event()
        a_call(event, closes="2022-09-01")
        chair = a_chair(event)
        proposals = [a_proposal(event) for number in range(3)]
        one, two = a_reviewer(event, chair), a_reviewer(event, chair)
    with clock.at("2022-09-05T10:00+01:00"):
        first = assigned(event, chair, one, *proposals)
        second = assigned(event, chair, two, proposals[0])
        telling.due(clock.now())
        assert sent("assigned") == []  # reviewing is not open
        open_reviewing(event, chair)
        telling.due(clock.now())
        assert sent("assigned") == []  # the chair may give more in a moment
    with clock.at("2022-09-05T10:11+01:00"):
        telling.due(clock.now())
        telling.due(clock.now())
        assert sent("assigned") == [
            (one.email, "OGP 2022: 3 proposals to review"), (two.email, "OGP 2022: 1 proposal to review"),
        ]  # fmt: skip
        a_review(event, two, second[0], 4, 4)
        a_review(event, one, first[0], 4, 4)
    with clock.at("2022-09-16T00:01+01:00"):
        telling.due(clock.now())
        telling.due(clock.now())
        assert sent("reminder") == [(one.email, "OGP 2022: 2 reviews are missing")]
    with clock.at("2022-09-18T00:01+01:00"):
        telling.due(clock.now())
        assert len(sent("reminder")) == 2
    with clock.at("2022-09-19T00:01+01:00"):
        telling.due(clock.now())

    assert len(sent("reminder")) == 2
