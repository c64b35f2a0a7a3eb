"""The demo: what a visitor finds, when it is made anew, and what it never touches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eventreg.checkin.models import Scan
from eventreg.cli.demo import story
from eventreg.core.capacity import Pool
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.people.models import Organisation, Person
from eventreg.programme.models import Room
from eventreg.registration.models import Registration, WaitingEntry
from tests.cli.conftest import Place, Run
from tests.cli.test_commands import INIT

Opened = Callable[[], Flask]


def _states() -> Counter[str]:
    return Counter(db.session.scalars(select(Registration.state)))


def test_the_demo_has_the_people_that_were_asked_for_and_its_data_are_sound(place: Place, eventreg: Run, opened: Opened) -> None:
    made = eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve")

    assert made.status == 0
    check = eventreg("check")
    assert (check.status, check.err) == (0, "")
    assert eventreg("audit", "verify").status == 0
    opened()
    assert _states() == {"confirmed": 38, "cancelled": 15, "waitlisted": 14, "expired": 4}
    assert Counter(db.session.scalars(select(WaitingEntry.state))) == {
        "waiting": 12, "offered": 2, "accepted": 2, "lapsed": 1, "refused": 1,
    }  # fmt: skip
    pools = {(pool.kind, pool.key): (pool.taken, pool.limit) for pool in db.session.scalars(select(Pool))}
    assert (pools["event", ""], pools["category", "media"]) == ((42, 90), (6, 6))  # with the delegation of six, four of them named
    assert Counter(db.session.scalars(select(Mail.state)))["waiting"] == 4
    assert db.session.scalar(select(func.count()).select_from(Room)) == 10
    assert db.session.scalar(select(func.count()).select_from(Organisation)) >= 120


def test_every_address_of_the_demo_is_invented(sqlite_place: Place, eventreg: Run, opened: Opened) -> None:
    eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve")
    opened()

    addresses = list(db.session.scalars(select(Person.email).where(Person.email.is_not(None))))

    assert len(addresses) > 60
    assert [address for address in addresses if not str(address).endswith("@example.org")] == []


def test_the_links_it_prints_open_and_open_again(sqlite_place: Place, eventreg: Run, opened: Opened) -> None:
    told = eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve").out
    app = opened()
    links = re.findall(r"http://127\.0\.0\.1:8000(/\S+/(?:sign-in|i)/\S+)", told)

    app.config["WTF_CSRF_ENABLED"] = False
    answers = [app.test_client().post(link).status_code for link in links + links]

    assert answers == [303] * 14


def test_a_second_start_keeps_what_was_done_meanwhile(sqlite_place: Place, eventreg: Run, opened: Opened) -> None:
    eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve")
    opened()
    with transaction():
        db.session.scalars(select(Registration).limit(1)).one().door_note = "left by a visitor"

    again = eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve")

    assert again.err == "The demo is there already (--fresh makes it anew).\n"
    assert db.session.scalar(select(func.count()).where(Registration.door_note == "left by a visitor")) == 1


def test_another_instant_makes_the_demo_anew(sqlite_place: Place, eventreg: Run, opened: Opened) -> None:
    eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve")

    eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve", "--at", "2022-11-01T09:30+01:00")

    assert eventreg("check").status == 0
    opened()
    verdicts = Counter(db.session.scalars(select(Scan.verdict)))
    assert verdicts["refused"] == 2
    assert verdicts["ok"] > 10
    assert db.session.scalar(select(func.max(Scan.at))) <= datetime.fromisoformat("2022-11-01T09:30+01:00")


def test_before_registration_opens_nobody_is_registered(sqlite_place: Place, eventreg: Run, opened: Opened) -> None:
    made = eventreg("demo", "--proposals", "12", "--no-serve", "--at", "2022-06-10T10:00+01:00")

    assert "Nobody is registered yet at that time." in made.out
    opened()
    assert _states() == {}


def test_a_database_with_another_event_is_refused_by_name_and_left_alone(place: Place, eventreg: Run, opened: Opened) -> None:
    _init(eventreg)

    refused = eventreg("demo", "--fresh", "--no-serve")

    assert refused.status == 2
    assert refused.err.startswith("This database holds the events forum-2027. Nothing was changed.")
    opened()
    assert db.session.execute(text("SELECT slug FROM event")).scalars().all() == ["forum-2027"]


def test_a_demo_that_was_interrupted_is_made_anew(sqlite_place: Place, eventreg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(event: object, at: datetime) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("eventreg.cli.demo.door.open_doors", interrupted)
        assert eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve").status == 2

    assert eventreg("demo", "--participants", "30", "--proposals", "12", "--no-serve").status == 0
    assert eventreg("check").status == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tomorrow", "'tomorrow' is no instant such as 2022-09-30T23:50+01:00"),
        ("2022-09-30T23:50", "'2022-09-30T23:50' needs its offset"),
    ],
)
def test_an_instant_that_is_none_is_refused_with_an_example(eventreg: Run, typed: str, words: str) -> None:
    refused = eventreg("demo", "--at", typed)

    assert refused.status == 2
    assert words in refused.err


def test_the_story_is_always_the_same_and_in_order_of_time() -> None:
    told = story.story(100, story.DEFAULT_AT)

    assert told == story.story(100, story.DEFAULT_AT)
    assert list(told.acts) == sorted(told.acts, key=lambda act: act.at)
    registered = [act for act in told.acts if act.do == "register"]
    assert len({act.guest for act in registered}) == len(registered)


def test_registrations_come_closer_together_towards_the_deadline() -> None:
    instants = [act.at for act in story.story(500, story.DEFAULT_AT).acts if act.do == "register"]
    july, september = (len([at for at in instants if at.month == month]) for month in (7, 9))

    assert september > 3 * july


def _init(eventreg: Run) -> None:
    assert eventreg(*INIT).status == 0
