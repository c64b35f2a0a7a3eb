"""The waiting list as an organiser works with it: found, taken away, and one served before their turn with a reason."""

from __future__ import annotations

import csv
import io

import pytest

from eventreg.cli import invariants
from eventreg.core import audit
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.registration import queries, services
from eventreg.registration.models import Registration
from eventreg.registration.rules import Waiting
from tests import factories as make

BASE = "/en/ogp-2022/manage/waiting"


@pytest.fixture
def event(app, clock):
    with clock.at(make.OPEN):
        yield make.an_event(limit=3, media=1)


@pytest.fixture
def organiser(client, event):
    make.sign_in(client, make.an_organiser(event))
    return client


def line(event):
    """Three have places (one of the media), then three wait: for media, for media, for the meeting."""
    make.a_registration(event, sector="media")
    first = make.a_registration(event, sector="media", name_latin="First Media", country="TN")
    second = make.a_registration(event, sector="media", name_latin="Second Media")
    for _n in range(2):
        make.a_registration(event)
    return first, second, make.a_registration(event, sector="donor", name_latin="Third Donor")


def taken():
    return {(pool.kind, pool.key): pool.taken for pool in db.session.query(Pool).populate_existing()}


def test_the_list_is_searched_filtered_and_taken_away_with_true_ranks(organiser, event):
    first, second, third = line(event)

    found = organiser.get(f"{BASE}?q=donor").get_data(as_text=True)
    media = organiser.get(f"{BASE}?full=category:media").get_data(as_text=True)
    nobody = organiser.get(f"{BASE}?q=nobody").get_data(as_text=True)
    header, *rows = csv.reader(io.StringIO(organiser.get(f"{BASE}.csv").data.decode("utf-8-sig")))

    assert third.code in found and first.code not in found
    assert '<td data-num data-label="Rank">3</td>' in found
    assert first.code in media and second.code in media
    assert "Nobody who waits matches this search." in nobody
    assert [(row[0], row[1]) for row in rows] == [("1", first.code), ("2", second.code), ("3", third.code)]
    assert audit.history(event.id, "event", event.slug)[0].action == "participants.exported"


def test_a_free_place_is_offered_out_of_order_and_the_reason_kept(organiser, event):
    first, second, _third = line(event)
    services.set_limit(event.id, "event", "", None, by=audit.OPERATOR)  # offered to the donor; media is still full

    refused = organiser.post(f"{BASE}/{second.code}", data={"reason": "Opens the session"})
    page = refused.get_data(as_text=True)

    assert refused.status_code == 422
    assert "All places for “Media” are taken. To offer one all the same, tick this." in page
    assert "Opens the session" in page
    assert queries.live_entry(second.id).state == Waiting.WAITING

    before = taken()["category", "media"]
    done = organiser.post(f"{BASE}/{second.code}", data={"reason": "Opens the session", "over_limit": "y"})

    assert done.status_code == 303
    assert queries.live_entry(second.id).state == Waiting.OFFERED
    assert queries.live_entry(first.id).state == Waiting.WAITING
    assert taken()["category", "media"] == before + 1
    newest = audit.history(event.id, "registration", second.code)[0]
    [value] = audit.values_of([newest])[newest.id]
    assert (newest.action, newest.facts["over_limit"], value.after) == ("waiting.jumped", True, "Opens the session")
    assert db.session.query(Mail).filter(Mail.kind == "registration/offered", Mail.about_ref == second.code).count() == 1
    assert invariants.findings(make.clock.now()) == []
    history = organiser.get(f"/en/ogp-2022/manage/people/{second.code}").get_data(as_text=True)
    assert "A place was offered out of order, beyond the limit." in history and "Opens the session" in history


def test_without_a_reason_nothing_happens(organiser, event):
    first, _second, _third = line(event)

    refused = organiser.post(f"{BASE}/{first.code}", data={"reason": " ", "over_limit": "y"})

    assert refused.status_code == 422
    assert "Give the reason" in refused.get_data(as_text=True)
    assert queries.live_entry(first.id).state == Waiting.WAITING


def test_who_does_not_wait_cannot_be_served(organiser, event):
    confirmed = make.a_registration(event)

    assert organiser.get(f"{BASE}/{confirmed.code}").status_code == 404
    assert organiser.post(f"{BASE}/{confirmed.code}", data={"reason": "x"}).status_code == 404


def test_an_accepted_offer_beyond_the_limit_is_a_place_like_any_other(organiser, event):
    first, _second, _third = line(event)
    organiser.post(f"{BASE}/{first.code}", data={"reason": "Opens the session", "over_limit": "y"})

    services.accept_offer(first.id, by=audit.OPERATOR)
    services.cancel(first.id, by=audit.OPERATOR)

    assert db.session.get_one(Registration, first.id, populate_existing=True).state == "cancelled"
    assert invariants.findings(make.clock.now()) == []
