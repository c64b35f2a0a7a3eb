"""Delegations: places held before anybody is named, links, members, swaps, places given back, and what races do to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import audit, clock, times
from eventreg.core.audit import OPERATOR
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events import services as events
from eventreg.manage import services as manage
from eventreg.people.models import Person
from eventreg.people.rules import email_address
from eventreg.people.services import actor_of
from eventreg.registration import delegations, drafts, expiry, queries, services
from eventreg.registration.delegations import DelegationPlan, Member
from eventreg.registration.models import Delegation, DelegationPlace, Draft, Registration, Ticket, WaitingEntry
from tests import factories
from tests.factories import OPEN, a_person, a_registration, an_event, an_organiser, raw_answers, sign_in

LATE = "2022-10-03T10:00+01:00"


@pytest.fixture(autouse=True)
def _sound(app: Flask) -> Iterator[None]:
    """Whatever a test did, no count may be wrong afterwards."""
    yield
    named = ("pool", "delegation", "registration", "ticket")  # some tests set limits at the real clock's time
    assert [one for one in invariants.findings(clock.now()) if one.name.startswith(named)] == []


def a_delegation(event: Any, **changes: Any) -> Delegation:
    organiser = an_organiser(event)
    with clock.at(OPEN):
        return factories.a_delegation(event, organiser, **changes)


def pools(event: Any) -> dict[str, int]:
    return {f"{pool.kind}:{pool.key}".rstrip(":"): pool.taken for pool in db.session.scalars(
        select(Pool).where(Pool.event_id == event.id).execution_options(populate_existing=True))}  # fmt: skip


def states(found: Delegation) -> list[str]:
    db.session.expire_all()
    return [seat.state for seat in delegations.seats(found.id)]


def head_of(found: Delegation) -> Any:
    return actor_of(db.session.get_one(Person, found.head_id))


def link_in(mail: Mail) -> str:
    match = re.search(r"http://[^/\s]+(/\S+/i/\S+)", mail.text)
    assert match is not None
    return match[1]


def mails(kind: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.kind == f"registration/{kind}").order_by(Mail.id)))


def send_link(found: Delegation, number: int = 1, address: str = "member@example.org") -> str:
    """The address of the link that a member gets."""
    member = Member("Karim Alami", "", "en", email_address(address))
    delegations.name_place(found.id, number, member, by=head_of(found))
    return link_in(mails("delegation_member")[-1])


def name(found: Delegation, number: int, latin: str = "Hind Tazi") -> Registration:
    """Somebody without an address, named by the head."""
    delegations.name_place(found.id, number, Member(latin, "", "fr"), by=head_of(found))
    place = db.session.scalars(
        select(DelegationPlace).where(DelegationPlace.delegation_id == found.id, DelegationPlace.number == number)
    ).one()
    return db.session.get_one(Registration, place.registration_id)


def fill_in(client: FlaskClient, path: str, **changes: Any) -> Any:
    """What a member does with the link: follow it, answer everything, send."""
    client.post(path)
    draft = db.session.scalars(select(Draft).order_by(Draft.id.desc()).limit(1)).one()
    raw = raw_answers(**{"email": "member@example.org", **changes})
    drafts.save(draft.id, raw, lang="en")
    return client.post("/en/ogp-2022/register/check")


# ---- places held -----------------------------------------------------------------------------------------------------


def test_unnamed_places_are_held_under_every_limit_that_is_known(app: Flask) -> None:
    event = an_event(limit=10, government=5, media=5)
    services.set_limit(event.id, "country", "MA", 9, by=OPERATOR)
    services.set_limit(event.id, "day", "2022-11-01", 9, by=OPERATOR)

    made = a_delegation(event, size=4)

    assert pools(event) == {"event": 4, "category:government": 4, "category:media": 0, "country:MA": 4, "day:2022-11-01": 0}
    assert states(made) == ["unnamed"] * 4
    services.set_limit(event.id, "sector", "government", 8, by=OPERATOR)
    assert pools(event)["sector:government"] == 4
    (mail,) = mails("delegation_made")
    assert (mail.to_address, mail.lang) == ("head@example.org", "fr")


def test_all_places_or_none_and_the_refusal_says_what_is_left(app: Flask) -> None:
    event = an_event(limit=20, government=4)

    with pytest.raises(Refused) as refused:
        a_delegation(event, size=5)

    assert (refused.value.refusal.code, dict(refused.value.refusal.params)) == (
        "delegation.limit_full", {"kind": "category", "key": "government", "left": 4, "asked": 5},
    )  # fmt: skip
    assert pools(event) == {"event": 0, "category:government": 0}
    assert db.session.scalars(select(Delegation)).all() == []


def test_a_person_without_an_address_is_registered_at_once_and_the_head_gets_the_ticket(app: Flask) -> None:
    event = an_event(limit=10)
    made = a_delegation(event)

    with clock.at(OPEN):
        registration = name(made, 2)
    with clock.at("2022-09-30T12:00+01:00"):
        expiry.due(clock.now())

    row = db.session.get_one(Registration, registration.id, populate_existing=True)
    assert (row.state, row.organisation_name, row.country, row.category) == ("confirmed", "Ministry of Health", "MA", "government")
    assert states(made) == ["unnamed", "complete", "unnamed"]
    assert pools(event) == {"event": 3}
    (mail,) = mails("delegation_complete")
    assert [recipe["registration"] for recipe in mail.attachments] == [row.id] * 2
    assert "Hind" not in mail.text


# ---- a link of one's own ---------------------------------------------------------------------------------------------


def test_a_member_answers_the_form_and_takes_the_place_of_the_link(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=3)
    services.set_limit(event.id, "day", "2022-11-01", 9, by=OPERATOR)
    made = a_delegation(event)
    with clock.at(OPEN):
        path = send_link(made)
        assert states(made)[0] == "link_sent"
        page = client.get(path).text
        client.post(path)
        assert states(made)[0] == "filling"
        answer = fill_in(client, path, organisation_name="My own company", sector="private", country="FR")

    member = db.session.scalars(select(Registration)).one()
    assert "Delegation: \u2068Ministry of Health\u2069" in page
    assert answer.location.endswith("/register/done")
    assert (member.state, member.organisation_name, member.country, member.category, member.delegation_id) == (
        "confirmed", "Ministry of Health", "MA", "government", made.id,
    )  # fmt: skip
    assert member.address_confirmed_at is not None  # the link reached them there
    assert states(made) == ["complete", "unnamed", "unnamed"]
    assert pools(event) == {"event": 3, "day:2022-11-01": 1}
    with clock.at(OPEN):
        assert client.get(path).status_code == 410
    assert [mail.to_address for mail in mails("delegation_complete")] == ["head@example.org"]
    assert "Karim" not in mails("delegation_member")[0].text and "Health" not in mails("delegation_member")[0].text


def test_what_only_the_member_can_say_may_be_full_and_the_place_stays(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=5)
    services.set_limit(event.id, "day", "2022-11-01", 0, by=OPERATOR)
    made = a_delegation(event)
    with clock.at(OPEN):
        path = send_link(made)
        refused = fill_in(client, path)
        assert refused.status_code == 422
        assert "All places for" in refused.text
        draft = db.session.scalars(select(Draft)).one()
        drafts.save(draft.id, {"days": ["2022-11-02"]}, lang="en")
        assert client.post("/en/ogp-2022/register/check").status_code == 303

    assert states(made) == ["complete", "unnamed", "unnamed"]
    assert pools(event) == {"event": 3, "day:2022-11-01": 0}


def test_two_people_with_one_link_are_one_member(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=10)
    made = a_delegation(event)
    other = app.test_client()
    with clock.at(OPEN):
        path = send_link(made)
        other.post(path)
        late_draft = db.session.scalars(select(Draft)).one().id
        drafts.save(late_draft, raw_answers(email="second@example.org"), lang="en")
        fill_in(client, path)

        answer = other.post("/en/ogp-2022/register/check")

    assert answer.status_code == 422
    assert "Somebody has registered for this place already" in answer.text or "no longer meant for you" in answer.text
    assert len(db.session.scalars(select(Registration)).all()) == 1
    assert pools(event) == {"event": 3}


def test_a_swap_while_the_member_fills_in_ends_their_form(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=10)
    made = a_delegation(event)
    with clock.at(OPEN):
        path = send_link(made)
        client.post(path)
        draft = db.session.scalars(select(Draft)).one().id
        drafts.save(draft, raw_answers(email="member@example.org"), lang="en")
        name(made, 1)

        answer = client.post("/en/ogp-2022/register/check")

        assert answer.status_code == 422
        assert "no longer meant for you" in answer.text
        assert client.get(path).status_code == 410
    assert [row.name_latin for row in db.session.scalars(select(Registration))] == ["Hind Tazi"]


def test_a_link_taken_back_or_replaced_opens_nothing_and_a_repeated_one_does(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    made = a_delegation(event)
    with clock.at(OPEN):
        first = send_link(made)
        delegations.resend(made.id, 1, by=head_of(made))
        again = link_in(mails("delegation_member")[-1])
        assert [client.get(path).status_code for path in (first, again)] == [200, 200]
        delegations.take_link_back(made.id, 1, by=head_of(made))
        assert [client.get(path).status_code for path in (first, again)] == [410, 410]
        assert states(made)[0] == "unnamed"


def test_links_are_not_sent_without_end(app: Flask) -> None:
    event = an_event()
    made = a_delegation(event)
    with clock.at(OPEN):
        send_link(made)
        with pytest.raises(Refused, match="too_many"):
            for _each in range(10):
                delegations.resend(made.id, 1, by=head_of(made))
    assert len(mails("delegation_member")) == delegations.LINKS_PER_DAY


def test_who_was_registered_already_brings_their_place_and_the_freed_one_goes_on(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=4)
    mine = a_registration(event, email="member@example.org")
    made = a_delegation(event)
    waiting = a_registration(event)
    with clock.at(OPEN):
        fill_in(client, send_link(made))

    assert states(made)[0] == "complete"
    assert db.session.get_one(DelegationPlace, delegations.seats(made.id)[0].place.id).registration_id == mine.id
    entry = db.session.scalars(select(WaitingEntry).where(WaitingEntry.registration_id == waiting.id)).one()
    assert entry.state == "offered"


def test_another_known_address_learns_nothing_and_leaves_the_place_open(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=10)
    other = a_registration(event, email="other@example.org")
    made = a_delegation(event)
    with clock.at(OPEN):
        answer = fill_in(client, send_link(made), email="other@example.org")

    assert answer.location.endswith("/register/done")
    assert db.session.get_one(Registration, other.id, populate_existing=True).delegation_id is None
    assert delegations.seats(made.id)[0].registration is None
    assert len(mails("already")) == 1


# ---- swaps, leaving, giving back -------------------------------------------------------------------------------------


def test_a_swap_kills_the_old_code_and_keeps_the_place(app: Flask) -> None:
    event = an_event(limit=3)
    made = a_delegation(event)
    waiting = a_registration(event)
    with clock.at(OPEN):
        first = name(made, 1)
        old = queries.live_ticket(first.id)
        second = name(made, 1, "Said Ouali")

    assert old is not None
    assert db.session.get_one(Ticket, old.id, populate_existing=True).revoked_at is not None
    assert queries.live_ticket(second.id) is not None
    ended = db.session.get_one(Registration, first.id, populate_existing=True)
    assert (ended.state, ended.end_reason) == ("cancelled", "swapped")
    assert pools(event) == {"event": 3}
    assert db.session.get_one(Registration, waiting.id, populate_existing=True).state == "waitlisted"
    entry = db.session.scalars(select(WaitingEntry).where(WaitingEntry.registration_id == waiting.id)).one()
    assert entry.state == "waiting"  # nothing was free in between


def test_a_member_who_cancels_leaves_the_place_to_the_delegation(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=3)
    services.set_limit(event.id, "day", "2022-11-01", 9, by=OPERATOR)
    made = a_delegation(event)
    a_registration(event)  # waits
    with clock.at(OPEN):
        fill_in(client, send_link(made))
        member = db.session.scalars(select(Registration).where(Registration.delegation_id == made.id)).one()
        services.cancel(member.id, by=actor_of(db.session.get_one(Person, member.person_id)), reason="own")

    assert states(made) == ["unnamed"] * 3
    assert pools(event) == {"event": 3, "day:2022-11-01": 0}
    assert [entry.state for entry in db.session.scalars(select(WaitingEntry))] == ["waiting"]


def test_a_place_given_back_goes_to_the_next_in_line_for_good(app: Flask) -> None:
    event = an_event(limit=3)
    made = a_delegation(event)
    a_registration(event), a_registration(event)
    with clock.at(OPEN):
        name(made, 1)
        for number in (1, 2, 2):
            delegations.give_back(made.id, number, by=head_of(made))
        with pytest.raises(Refused, match="given_back"):
            name(made, 2)

    assert states(made) == ["given_back", "given_back", "unnamed"]
    assert [entry.state for entry in db.session.scalars(select(WaitingEntry).order_by(WaitingEntry.position))] == ["offered"] * 2
    assert pools(event) == {"event": 3}


def test_an_organiser_may_move_a_member_and_the_place_goes_when_it_cannot_be_kept(app: Flask) -> None:
    event = an_event(limit=5, government=3)
    made = a_delegation(event)
    with clock.at(OPEN):
        first = name(made, 1)
        manage.give_category(first.id, "guest", by=OPERATOR)
        a_registration(event, sector="government")
        assert pools(event) == {"event": 4, "category:government": 3}
        services.cancel(first.id, by=OPERATOR, reason="x")

    assert states(made) == ["given_back", "unnamed", "unnamed"]
    assert pools(event) == {"event": 3, "category:government": 3}


def test_a_member_stays_with_the_organisation_of_the_delegation(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    made = a_delegation(event)
    with clock.at(OPEN):
        fill_in(client, send_link(made))
        member = db.session.scalars(select(Registration)).one()
        sign_in(client, db.session.get_one(Person, member.person_id))
        answer = client.post("/en/ogp-2022/me/edit", data={"country": "FR"})

    assert answer.status_code in (409, 422)
    assert "those of your delegation" in answer.text
    assert db.session.get_one(Registration, member.id, populate_existing=True).country == "MA"


# ---- until when ------------------------------------------------------------------------------------------------------


def test_names_until_the_deadline_later_with_the_right_and_swaps_until_the_last_day(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    made = a_delegation(event)
    by = head_of(made)
    with clock.at(OPEN):
        name(made, 1)
    with clock.at(LATE):
        with pytest.raises(Refused, match="too_late"):
            name(made, 2)
        name(made, 1, "Said Ouali")
        delegations.set_names_until(made.id, times.deadline("2022-10-10", event.zone), by=by)
        answer = fill_in(client, send_link(made, 2))
        assert answer.location.endswith("/register/done")
    with clock.at("2022-11-03T20:00+01:00"):
        name(made, 1, "Omar Filali")
    with clock.at("2022-11-04T00:30+01:00"), pytest.raises(Refused, match="too_late"):
        name(made, 1)

    late = [row.passed_deadline for row in db.session.scalars(select(Registration).order_by(Registration.id))]
    assert late == [False, True, True, True]
    assert queries.after_deadline(event.id) == 2  # public: those who are still coming
    with pytest.raises(Refused, match="names_after_event"):
        delegations.set_names_until(made.id, times.deadline("2022-11-04", event.zone), by=by)


# ---- who may ---------------------------------------------------------------------------------------------------------


def own(event: Any, person: Person, size: int = 2) -> Delegation:
    plan = DelegationPlan("Mine", "Association", "", "civil_society", "MA", size)
    with clock.at(OPEN):
        return delegations.register_own(event.id, plan, by=person)


def test_a_participant_registers_a_delegation_up_to_what_the_meeting_allows(app: Flask) -> None:
    event = an_event(limit=50)
    head = db.session.get_one(Person, a_registration(event).person_id)
    stranger, unconfirmed = a_person(), db.session.get_one(Person, a_registration(event, confirmed_address=False).person_id)
    with pytest.raises(Refused, match="not_allowed"):
        own(event, head)
    events.set_group_rules(event.id, venue_capacity=None, delegation_max=3, by=OPERATOR)

    made = own(event, head)

    for person in (stranger, unconfirmed):
        with pytest.raises(Refused, match="not_allowed"):
            own(event, person)
    with pytest.raises(Refused) as refused:
        own(event, head)
    assert dict(refused.value.refusal.params) == {"left": 1, "most": 3}
    assert own(event, head, 1).code != made.code
    with clock.at(LATE), pytest.raises(Refused, match=r"registration\.closed"):
        delegations.register_own(event.id, DelegationPlan("x", "y", "", "media", "MA", 1), by=head)


def test_everything_is_in_the_record(app: Flask) -> None:
    event = an_event()
    made = a_delegation(event)
    with clock.at(OPEN):
        send_link(made)
        name(made, 1)
        name(made, 1, "Said Ouali")
        delegations.give_back(made.id, 2, by=head_of(made))

    actions = [line.action.removeprefix("delegation.") for line in audit.history(event.id, "delegation", made.code)]
    assert actions == ["place_given_back", "member_complete", "member_left", "member_complete", "link_sent", "made"]
