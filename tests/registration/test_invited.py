"""Invitations for an organisation, with a category, up to what the venue admits; many from a list; reminders."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.core import clock, times, worker
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.jobs import Job
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events import services as events
from eventreg.people import organisations
from eventreg.people.rules import email_address
from eventreg.registration import batches, changes, invitations, invited_lines, queries, reminders, rules, services
from eventreg.registration.invited_lines import Words
from eventreg.registration.models import Invitation, InvitationBatch, Registration
from tests.factories import OPEN, a_batch, a_registration, an_event, an_invitation, an_organiser, raw_answers

LATE = "2022-10-03T10:00+01:00"
WORDS = Words({"ar": "ar", "fr": "fr", "en": "en", "francais": "fr"}, {"press": "press", "guest": "guest"}, "en", "")


def a_body(name: str = "Ministry of Justice", sector: str = "government") -> Any:
    with transaction() as now:
        return organisations.add(Text(en=name), country="MA", sector=sector, now=now, is_public=True)


def register(event: Any, invitation: Invitation | None, **changed: Any) -> Registration:
    answers = rules.answers(raw_answers(**changed), days=event.days)
    known = invitation.id if invitation else None
    return services.register(event.id, answers, services.Sending("en", None, form_opened_at=clock.now(), invitation_id=known))


def mails(kind: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.kind == f"registration/{kind}").order_by(Mail.id)))


# ---- for an organisation, with a category ---------------------------------------------------------------------------


def test_an_invitation_for_an_organisation_is_for_nobody_else(app: Flask) -> None:
    event = an_event()
    body = a_body()
    with clock.at(LATE):
        made = an_invitation(event, an_organiser(event), organisation_id=body.id, max_uses=2).invitation

        with pytest.raises(Refused) as refused:
            register(event, made, organisation_name="Another ministry", sector="government")
        inside = register(event, made, organisation_name="ministry of justice", sector="private")

    assert (refused.value.refusal.code, refused.value.refusal.params["organisation"].en) == (
        "invitation.other_organisation", "Ministry of Justice",
    )  # fmt: skip
    assert (inside.state, inside.organisation_id, inside.passed_deadline) == ("confirmed", body.id, True)


def test_who_came_for_an_organisation_cannot_leave_it_afterwards(app: Flask) -> None:
    event = an_event()
    body = a_body()
    with clock.at(LATE):
        made = an_invitation(event, an_organiser(event), organisation_id=body.id).invitation
        inside = register(event, made, email="a@example.org", organisation_name="Ministry of Justice")
        other = rules.answers(raw_answers(email="a@example.org", organisation_name="My own company"), days=event.days)

        with pytest.raises(Refused, match="other_organisation"):
            changes.change(inside.id, other, lang="en", by=events.audit.Actor("person", "P-1"))

    assert db.session.get_one(Registration, inside.id, populate_existing=True).organisation_name == "Ministry of Justice"


def test_the_open_form_lets_in_whom_an_invitation_without_more_rights_does_not_mean(app: Flask) -> None:
    event = an_event()
    body = a_body()
    with clock.at(OPEN):
        plain = an_invitation(event, an_organiser(event), organisation_id=body.id).invitation
        press = an_invitation(event, an_organiser(event), organisation_id=body.id, category="press").invitation

        outside = register(event, plain, organisation_name="Elsewhere")
        with pytest.raises(Refused, match="other_organisation"):
            register(event, press, organisation_name="Elsewhere")

    assert (outside.state, outside.invitation_id) == ("confirmed", None)


def test_the_category_of_an_invitation_is_given_and_its_limit_applies(app: Flask) -> None:
    event = an_event()
    services.set_limit(event.id, "category", "press", 1, by=events.audit.OPERATOR)
    with clock.at(OPEN):
        made = an_invitation(event, an_organiser(event), category="press", passes_deadline=False, max_uses=5).invitation

        first, second = register(event, made, sector="media"), register(event, made, sector="media")

    assert [(one.state, one.category, one.sector) for one in (first, second)] == [
        ("confirmed", "press", "media"), ("waitlisted", "press", "media"),
    ]  # fmt: skip


# ---- what the venue admits -------------------------------------------------------------------------------------------


def test_no_invitation_promises_more_people_than_the_venue_admits(app: Flask) -> None:
    event = an_event(limit=2)
    organiser = an_organiser(event)
    events.set_group_rules(event.id, venue_capacity=6, delegation_max=0, by=events.audit.OPERATOR)
    with clock.at(OPEN):
        for _each in range(2):
            a_registration(event)
        an_invitation(event, organiser, passes_limit=True, max_uses=2)
        an_invitation(event, organiser, max_uses=50)  # passes no limit: promises nothing
        revoked = an_invitation(event, organiser, passes_limit=True)
        invitations.revoke(event.id, revoked.invitation.code, by=organiser)

        with pytest.raises(Refused) as refused:
            an_invitation(event, organiser, passes_limit=True, max_uses=3)
        an_invitation(event, organiser, passes_limit=True, max_uses=2)
        with pytest.raises(Refused, match="above_capacity"):
            a_batch(event, organiser, "x@example.org", passes_limit=True)

    assert refused.value.refusal.params == {"capacity": 6, "taken": 2, "promised": 2, "left": 2, "asked": 3}


# ---- the lines of a list ---------------------------------------------------------------------------------------------


def test_lines_are_read_with_any_separator() -> None:
    typed = "\n".join([
        "E-mail;Name;Language", "a@example.org;Amina;ar", 'b@example.org,"Doe, Jane",FR,Press', "c@example.org\tكريم\tFrançais",
        "", "d@example.org", "  e@example.org ; ; ; guest ;;",
    ])  # fmt: skip

    guests, wrong = invited_lines.read(typed, WORDS)

    assert wrong == []
    assert [(one.number, one.email.address, one.name, one.lang, one.category) for one in guests] == [
        (2, "a@example.org", "Amina", "ar", ""), (3, "b@example.org", "Doe, Jane", "fr", "press"),
        (4, "c@example.org", "كريم", "fr", ""), (6, "d@example.org", "d@example.org", "en", ""),
        (7, "e@example.org", "e@example.org", "en", "guest"),
    ]  # fmt: skip


def test_wrong_lines_are_named_with_number_and_reason() -> None:
    typed = "sara.example.org; Sara\na@example.org; A; de\nb@example.org; B; fr; king\nc@example.org\nC@Example.org; again\n;;\n"
    typed += f"d@example.org; {'x' * 121}\ne@example.org;1;fr;guest;more\n"

    guests, wrong = invited_lines.read(typed, WORDS)

    assert [one.number for one in guests] == [4]
    assert [(line.number, line.refusal.code) for line in wrong] == [
        (1, "email.not_an_address"), (2, "invited.language"), (3, "invited.category"), (5, "invited.twice"),
        (7, "invited.name_long"), (8, "invited.cells"),
    ]  # fmt: skip
    assert wrong[3].refusal.params == {"line": 4}


# ---- a batch ---------------------------------------------------------------------------------------------------------


def test_a_list_invites_each_person_once_by_mail_in_their_language(app: Flask) -> None:
    event = an_event()
    organiser = an_organiser(event)
    with clock.at(OPEN):
        a_registration(event, email="here@example.org")
        an_invitation(event, organiser, email=email_address("asked@example.org"))
        typed = "a@example.org; Amina; ar\nhere@example.org\nb@example.org; Bob; en; press\nASKED@example.org"

        listed = batches.look_through(event.id, typed, WORDS, now=clock.now())
        batch = a_batch(event, organiser, typed)
        with pytest.raises(Refused, match="invited.nobody"):
            a_batch(event, organiser, typed)

    assert [(line.number, line.refusal.code) for line in listed.wrong] == [(2, "invited.registered"), (4, "invited.invited")]
    made = db.session.scalars(select(Invitation).where(Invitation.batch_id == batch.id).order_by(Invitation.id)).all()
    assert [(one.label, one.email_key, one.lang, one.category, one.max_uses) for one in made] == [
        ("Amina", "a@example.org", "ar", "", 1), ("Bob", "b@example.org", "en", "press", 1),
    ]  # fmt: skip
    assert [(mail.to_address, mail.lang) for mail in mails("invitation")] == [("a@example.org", "ar"), ("b@example.org", "en")]
    assert (batch.planned, batch.lines) == (2, [])


def test_a_long_list_is_worked_off_and_survives_a_dead_worker(app: Flask) -> None:
    event = an_event()
    organiser = an_organiser(event)
    typed = "\n".join(f"guest{number}@example.org" for number in range(120))
    with clock.at(OPEN):
        batch_id = a_batch(event, organiser, typed).id
        assert db.session.scalar(select(func.count(Invitation.id))) == 0
        with pytest.raises(Refused, match="invited.nobody"):
            a_batch(event, organiser, typed)  # its people are as good as invited
        job = db.session.scalars(select(Job)).one()
        with transaction():
            half = db.session.get_one(InvitationBatch, batch_id)
            batches._make(half, db.session.merge(event), 50, by=db.session.merge(organiser), now=clock.now())

        worker.drain(app)

        made = db.session.scalars(select(Invitation.email_key)).all()
        assert len(made) == len(set(made)) == 120
        assert (db.session.get_one(Job, job.id, populate_existing=True).state, len(mails("invitation"))) == ("done", 120)
        assert db.session.get_one(InvitationBatch, batch_id, populate_existing=True).lines == []


def test_a_batch_is_revoked_together(app: Flask) -> None:
    event = an_event()
    organiser = an_organiser(event)
    with clock.at(OPEN):
        batch = a_batch(event, organiser, "a@example.org\nb@example.org\nc@example.org", remind_days=(3,))
        used = db.session.scalars(select(Invitation).where(Invitation.email_key == "a@example.org")).one()
        register(event, used, email="a@example.org")

        assert batches.revoke(event.id, batch.code, by=organiser) == 2

        states = {one.email_key[0]: one.state(clock.now()) for one in db.session.scalars(select(Invitation))}
    assert states == {"a": "used_up", "b": "revoked", "c": "revoked"}
    assert queries.registered_keys(event.id, ["a@example.org"]) == {"a@example.org"}


# ---- reminders -------------------------------------------------------------------------------------------------------


def reminded(app: Flask, *days: str) -> list[str]:
    """Whom the worker reminds on these days, one look a day."""
    for day in days:
        with clock.at(f"2022-{day}T12:00+01:00"):
            reminders.due(clock.now())
    return [mail.to_address[0] for mail in mails("invitation_reminder")]


def test_each_reminder_goes_out_once_and_carries_a_working_link(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    with clock.at("2022-09-20T10:00+01:00"):
        a_batch(event, an_organiser(event), "a@example.org", remind_days=(3, 7))

    assert reminded(app, "09-22") == []
    assert reminded(app, "09-23", "09-24", "09-26") == ["a"]
    assert reminded(app, "09-27", "09-28", "10-05") == ["a", "a"]
    first, reminder = mails("invitation")[0], mails("invitation_reminder")[1]
    with clock.at(LATE):
        for mail in (first, reminder):
            path = re.search(r"http://[^/]+(/\S+)", mail.text)
            assert path is not None
            assert client.get(path[1]).status_code == 200


def test_reminders_overdue_while_no_worker_ran_are_one_mail(app: Flask) -> None:
    event = an_event()
    with clock.at("2022-09-20T10:00+01:00"):
        a_batch(event, an_organiser(event), "a@example.org", remind_days=(3, 5, 7))

    assert reminded(app, "10-01", "10-02") == ["a"]


def test_nobody_is_reminded_who_used_it_or_registered_or_whose_invitation_is_over(app: Flask) -> None:
    event = an_event()
    organiser = an_organiser(event)
    letters = "abcde"
    with clock.at("2022-09-20T10:00+01:00"):
        a_batch(event, organiser, "\n".join(f"{one}@example.org" for one in letters), remind_days=(3,))
        made = {one.email_key[0]: one for one in db.session.scalars(select(Invitation))}
        register(event, made["a"], email="a@example.org")
        register(event, None, email="b@example.org")
        invitations.revoke(event.id, made["c"].code, by=organiser)
        ends = times.deadline("2022-09-21", event.zone)
        short = an_invitation(event, organiser, email=email_address("f@example.org"), remind_days=(3,), expires=ends)
    assert short.invitation.remind_at is not None

    assert reminded(app, "09-24") == ["d", "e"]


def test_an_invitation_without_the_right_to_be_late_is_not_reminded_of_after_closing(app: Flask) -> None:
    event = an_event()
    with clock.at("2022-09-29T10:00+01:00"):
        a_batch(event, an_organiser(event), "a@example.org", remind_days=(3,), passes_deadline=False, passes_moderation=True)

    assert reminded(app, "10-02", "10-03") == []


def test_reminding_by_hand_writes_to_nobody_twice_a_day(app: Flask) -> None:
    event = an_event()
    organiser = an_organiser(event)
    with clock.at("2022-09-20T10:00+01:00"):
        code = a_batch(event, organiser, "a@example.org\nb@example.org").code
        assert batches.remind(event.id, code, by=organiser) == 0
    with clock.at("2022-09-21T11:00+01:00"):
        register(event, None, email="b@example.org")
        assert [batches.remind(event.id, code, by=organiser) for _each in range(2)] == [1, 0]

    assert [mail.to_address for mail in mails("invitation_reminder")] == ["a@example.org"]


@pytest.mark.parametrize("days", [(0,), (61,), (1, 2, 3, 4)])
def test_reminder_days_have_bounds(app: Flask, days: tuple[int, ...]) -> None:
    event = an_event()
    with pytest.raises(Refused, match="remind_days"):
        an_invitation(event, an_organiser(event), email=email_address("a@example.org"), remind_days=days)


def test_whoever_has_the_link_cannot_be_reminded(app: Flask) -> None:
    event = an_event()
    with pytest.raises(Refused, match="remind_whom"):
        an_invitation(event, an_organiser(event), remind_days=(3,))
