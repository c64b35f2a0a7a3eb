"""Invitations as an organiser makes, finds, renews and revokes them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import audit, clock, links, times
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.registration import invitations, rules, services
from eventreg.registration.models import Invitation
from tests.factories import (
    OPEN,
    a_person,
    a_registration,
    an_event,
    an_invitation,
    an_organiser,
    raw_answers,
    sign_in,
    statements,
)

PATH = "/en/ogp-2022/manage/invitations"
LATE = "2022-10-03T10:00+01:00"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "label": "Minister’s office", "email": "", "lang": "fr", "passes_deadline": "y", "expires": "2022-10-15",
        "max_uses": "3", "reason": "invited by the host", **changes,
    }  # fmt: skip


def after(client: FlaskClient, answer: TestResponse) -> str:
    """The page that a successful form leads to."""
    assert answer.status_code == 303
    return client.get(answer.location).text


def link_on(page: str) -> str | None:
    found = re.search(r'id="link" value="([^"]+)"', page)
    return found.group(1) if found else None


def field_errors(page: str) -> dict[str, str]:
    found = re.findall(r'id="(\w+)-error">.*?</span>([^<]+)</span></p>', page)
    return dict(found)


def issued(event_id: int) -> list[Invitation]:
    return list(db.session.scalars(select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id)))


def test_an_invitation_keeps_exactly_what_was_described(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)

    with clock.at(OPEN):
        answer = client.post(f"{PATH}/new", data=typed())

    (made,) = issued(event.id)
    assert (answer.status_code, answer.location) == (303, f"{PATH}/{made.code}/link")
    assert (made.label, made.email, made.lang, made.reason) == ("Minister’s office", "", "fr", "invited by the host")
    assert (made.passes_deadline, made.passes_limit, made.max_uses, made.uses) == (True, False, 3, 0)
    assert (made.expires_local, made.expires_at.isoformat()) == ("2022-10-16T00:00:00", "2022-10-15T23:00:00+00:00")
    (line,) = audit.history(event.id, "invitation", made.code)
    assert (line.action, line.actor, line.facts["reason"]) == (
        "invitation.issued", f"organiser:{organiser.code}", "invited by the host",
    )  # fmt: skip


def test_the_link_is_shown_once_and_opens_this_invitation(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        first = after(client, client.post(f"{PATH}/new", data=typed()))
        (made,) = issued(event.id)
        second = client.get(f"{PATH}/{made.code}/link").text

    url = link_on(first)
    assert url is not None
    assert url.startswith("http://localhost/fr/ogp-2022/i/")
    link = links.find(url.rpartition("/")[2])
    assert link is not None
    assert (link.purpose, link.ref) == ("invitation", made.code)
    assert 'class="qr"' in first
    assert 'lang="fr" dir="ltr"' in first  # the words of the mail, in the guest's language
    assert "No mail goes out." in first
    assert link_on(second) is None
    assert "The link was shown once and is not kept." in second


def test_an_invitation_for_an_address_is_mailed_to_it_and_bound_to_it(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        page = after(client, client.post(f"{PATH}/new", data=typed(email=" Guest＠Example.org")))

    (made,) = issued(event.id)
    assert (made.email, made.email_key) == ("Guest@example.org", "guest@example.org")
    mails = db.session.scalars(select(Mail).where(Mail.about_ref == made.code)).all()
    assert [(mail.kind, mail.to_address, mail.lang) for mail in mails] == [("registration/invitation", "Guest@example.org", "fr")]
    url = link_on(page)
    assert url is not None
    assert url in mails[0].text
    assert "This mail goes to <bdi>Guest@example.org</bdi>." in page


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"label": "  "}, {"label": "Say for whom the invitation is."}),
        ({"reason": ""}, {"reason": "Give the reason: it is kept with the invitation."}),
        (
            {"passes_deadline": ""},
            {"passes_deadline": "Tick at least one right or give a category: without either it opens nothing."},
        ),
        ({"expires": ""}, {"expires": "Enter the last day on which it can be used."}),
        ({"expires": "2022-09-26"}, {"expires": "Choose a day that is still to come."}),
        ({"expires": "2022-11-04"}, {"expires": "Enter a day no later than the last day of the meeting."}),
        ({"expires": "2022-02-29"}, {"expires": "There is no such day in the calendar. Check the day and the month."}),
        ({"max_uses": "0"}, {"max_uses": "Enter a whole number from 1 to 500."}),
        ({"max_uses": "501"}, {"max_uses": "Enter a whole number from 1 to 500."}),
        ({"max_uses": "two"}, {"max_uses": "Enter a whole number from 1 to 500."}),
        ({"email": "sara..b@example.org"}, {"email": "Enter an e-mail address in full, such as name@example.org."}),
        ({"email": "a@example.org, b@example.org"}, {"email": "Enter one e-mail address only."}),
        ({"lang": "de"}, {"lang": "Choose a language."}),
    ],
)  # fmt: skip
def test_a_problem_stands_at_its_field_and_nothing_is_made(
    app: Flask, client: FlaskClient, changes: dict[str, str], errors: dict[str, str]
) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        answer = client.post(f"{PATH}/new", data=typed(**changes))

    assert answer.status_code == 422
    assert field_errors(answer.text) == errors
    assert issued(event.id) == []


def test_what_was_typed_stays_after_a_refusal(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        page = client.post(f"{PATH}/new", data=typed(expires="15/10/22", email="nobody", passes_limit="y")).text

    assert 'type="text" class="field__input" id="expires"' in page  # a date control would drop it
    assert 'value="15/10/22"' in page
    assert 'value="nobody"' in page
    assert re.search(r'name="passes_limit" value="y" checked', page)
    assert re.search(r'value="fr" checked', page)
    assert "invited by the host</textarea>" in page


def test_arabic_digits_are_read(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        client.post(f"{PATH}/new", data=typed(expires="٢٠٢٢-١٠-١٥", max_uses="٣"))

    (made,) = issued(event.id)
    assert (made.expires_local, made.max_uses) == ("2022-10-16T00:00:00", 3)


def test_a_new_link_kills_the_old_one_and_mails_nothing(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        old = an_invitation(event, organiser)

        page = after(client, client.post(f"{PATH}/{old.invitation.code}/new-link"))

        url = link_on(page)
        assert url is not None
        new_link, old_link = links.find(url.rpartition("/")[2]), links.find(old.secret)
        assert new_link is not None and new_link.state(clock.now()) == "open"
        assert old_link is not None and old_link.state(clock.now()) == "revoked"
    assert db.session.scalars(select(Mail)).all() == []


def test_a_revoked_invitation_is_told_and_can_do_no_more(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        code = an_invitation(event, organiser).invitation.code

        page = after(client, client.post(f"{PATH}/{code}/revoke"))

        assert "The invitation is revoked. Its link opens nothing any more." in page
        assert "Revoke this invitation" not in page
        assert client.post(f"{PATH}/{code}/new-link").status_code == 409
    assert [line.action for line in audit.history(event.id, "invitation", code)] == [
        "invitation.revoked", "invitation.issued",
    ]  # fmt: skip


def an_invitation_of_each_state(event: Any, organiser: Any) -> None:
    """Unused, used, used up, expired, revoked; labelled by their state."""
    with clock.at(OPEN):
        an_invitation(event, organiser, label="unused", reason="press", email=None)
        an_invitation(event, organiser, label="expired", expires=times.deadline("2022-10-01", event.zone))
        for label, most in (("used", 2), ("used_up", 1)):
            made = an_invitation(event, organiser, label=label, max_uses=most)
            a_registration_with(event, made.invitation)
        revoked = an_invitation(event, organiser, label="revoked")
        invitations.revoke(event.id, revoked.invitation.code, by=organiser)


def a_registration_with(event: Any, invitation: Invitation) -> Any:
    answers = rules.answers(raw_answers(), days=event.days)
    sending = services.Sending(lang="en", key=None, form_opened_at=clock.now(), invitation_id=invitation.id)
    return services.register(event.id, answers, sending)


@pytest.mark.parametrize("state", ["unused", "used", "used_up", "expired", "revoked"])
def test_the_list_filters_by_state(app: Flask, client: FlaskClient, state: str) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    an_invitation_of_each_state(event, organiser)

    with clock.at(LATE):
        everything = client.get(PATH).text
        page = client.get(f"{PATH}?state={state}").text

    assert labels_on(everything) == ["revoked", "used_up", "used", "expired", "unused"]
    assert labels_on(page) == [state]
    assert "All: 5" in page
    assert "1 to 1 of 1" in page


def labels_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+"><bdi>([^<]+)</bdi>', page)


def test_the_list_is_searched_by_name_reason_and_code(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        ministry = an_invitation(event, organiser, label="وزارة العدل", reason="protocol").invitation
        an_invitation(event, organiser, label="Press 100%", reason="media")

        found = {words: labels_on(client.get(PATH, query_string={"q": words}).text)
                 for words in ("العدل", "MEDIA", ministry.code, "0%", "_", "nobody")}  # fmt: skip

    assert found == {
        "العدل": ["وزارة العدل"], "MEDIA": ["Press 100%"], ministry.code: ["وزارة العدل"], "0%": ["Press 100%"],
        "_": [], "nobody": [],
    }  # fmt: skip


def test_one_invitation_tells_who_used_it_and_what_was_passed(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=1)
    organiser = an_organiser(event)
    sign_in(client, organiser)
    a_registration(event)
    with clock.at(LATE):
        made = an_invitation(event, organiser, passes_limit=True, label="Speaker")
        guest = a_registration_with(event, made.invitation)
        guest_code = guest.code

        page = client.get(f"{PATH}/{made.invitation.code}").text

    assert f'href="/en/ogp-2022/manage/people/{guest_code}"' in page
    assert f"Invitation used by registration {guest_code}, past the deadline and past the limit." in page
    assert "1 of 1" in page
    assert "<dd>Saturday 15\u00a0October\u00a02022, 23:59 (Marrakech time, UTC+1)</dd>" in page
    assert "Used up" in page


def test_only_organisers_of_this_event_may_see_and_make_invitations(app: Flask, client: FlaskClient) -> None:
    event, other = an_event(), an_event(slug="other-2022")
    mine = an_organiser(event)
    with clock.at(OPEN):
        code = an_invitation(event, mine).invitation.code

    sign_in(client, a_person())
    assert client.get(PATH).status_code == 403
    assert client.post(f"{PATH}/{code}/revoke").status_code == 404
    sign_in(client, an_organiser(other))
    assert client.get(f"/en/other-2022/manage/invitations/{code}").status_code == 404
    assert client.post(f"/en/other-2022/manage/invitations/{code}/revoke").status_code == 404
    assert client.get("/en/other-2022/manage/invitations/I-AAAAAAAA/link").status_code == 404
    assert issued(event.id)[0].revoked_at is None


def test_thirty_invitations_cost_no_more_statements_than_one(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    costs = []
    with clock.at(OPEN):
        for more in (1, 29):
            for _each in range(more):
                an_invitation(event, organiser)
            with statements(app) as sent:
                assert client.get(PATH).status_code == 200
            costs.append(len(sent))

    assert costs[0] == costs[1] <= 8


def test_a_long_list_is_paged_both_ways_without_gap(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        for number in range(1, 61):
            an_invitation(event, organiser, label=f"G{number}")

        first = client.get(f"{PATH}?state=unused").text
        second = client.get(re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")).text  # type: ignore[index]
        back = client.get(re.search(r'href="([^"]+)" rel="prev"', second)[1].replace("&amp;", "&")).text  # type: ignore[index]
        odd = client.get(f"{PATH}?after=x&before=9-9-9&state=nonsense").text

    assert labels_on(first) + labels_on(second) == [f"G{number}" for number in range(60, 0, -1)]
    assert "1 to 50 of 60" in first and "51 to 60 of 60" in second
    assert labels_on(back) == labels_on(first)
    assert labels_on(odd) == labels_on(first)
