"""The outbox as an organiser reads it: what failed first, the last answer, the words without the secrets, once more."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from eventreg.core import audit, clock, outbox
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from tests.factories import OPEN, a_person, a_registration, an_event, an_organiser, sign_in, statements

PATH = "/en/ogp-2022/manage/mail"


def after(client: FlaskClient, answer: TestResponse) -> str:
    """The page that a successful form leads to."""
    assert answer.status_code == 303
    return client.get(answer.location).text


def mails(event: Event) -> list[Mail]:
    query = select(Mail).where(Mail.event_id == event.id).order_by(Mail.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def set_state(mail: Mail, state: str, **changes: Any) -> None:
    with transaction():
        db.session.execute(update(Mail).where(Mail.id == mail.id).values(state=state, **changes))


def addresses_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row">(?:<a [^>]*><bdi>[^<]*</bdi></a><br>)?<bdi dir="ltr">([^<]+)</bdi>', page)


def an_outbox(client: FlaskClient, count: int) -> tuple[Event, list[Mail]]:
    """An event whose organiser is signed in, with one mail to each of p1@…, p2@…"""
    event = an_event()
    sign_in(client, an_organiser(event))
    for number in range(1, count + 1):
        a_registration(event, email=f"p{number}@example.org")
    return event, mails(event)


def test_what_failed_stands_first_then_the_newest(app: Flask, client: FlaskClient) -> None:
    _event, written = an_outbox(client, 4)
    set_state(written[1], "failed", tries=2, last_answer="550 no such mailbox")
    set_state(written[3], "sent", tries=1, last_answer="250")

    page = client.get(PATH).text

    assert addresses_on(page) == ["p2@example.org", "p4@example.org", "p3@example.org", "p1@example.org"]
    assert "550 no such mailbox" in page
    chips = [html.unescape(re.sub("<[^>]+>", "", chip)) for chip in re.findall(r'class="chip"[^>]*>([^<]+)<', page)]
    assert chips == ["All: 4", "Failed: 1", "Waiting to be sent: 2", "Being sent: 0", "Sent: 1"]


def test_the_list_filters_by_state_kind_and_words(app: Flask, client: FlaskClient) -> None:
    event, written = an_outbox(client, 2)
    set_state(written[0], "failed")
    with clock.at(OPEN), transaction(), app.test_request_context():
        context = {"event": event, "url": "http://localhost/en/ogp-2022/i/x", "help_email": "", "code": "R"}
        outbox.queue(
            "registration/cancelled", to="other@example.org", lang="en", about=("registration", "R"), event_id=event.id,
            context=context,
        )  # fmt: skip

    found = {query: sorted(addresses_on(client.get(f"{PATH}?{query}").text)) for query in (
        "state=failed", "kind=registration/cancelled", "q=P2@", "q=_2@", "state=nonsense&kind=nonsense&after=nonsense",
    )}  # fmt: skip

    assert found == {
        "state=failed": ["p1@example.org"],
        "kind=registration/cancelled": ["other@example.org"],
        "q=P2@": ["p2@example.org"],
        "q=_2@": [],
        "state=nonsense&kind=nonsense&after=nonsense": ["other@example.org", "p1@example.org", "p2@example.org"],
    }


def test_a_search_never_reads_the_words_of_a_mail(app: Flask, client: FlaskClient) -> None:
    _event, (mail,) = an_outbox(client, 1)
    (secret,) = set(re.findall(r"/i/([\w-]+)", mail.text))

    assert addresses_on(client.get(PATH, query_string={"q": secret[:10]}).text) == []


def test_a_mail_is_shown_without_its_secret_in_text_html_and_list(app: Flask, client: FlaskClient) -> None:
    _event, (mail,) = an_outbox(client, 1)
    (secret,) = set(re.findall(r"/i/([\w-]+)", mail.text))
    assert secret in mail.html

    pages = [client.get(path).text for path in (PATH, f"{PATH}/{mail.id}", f"{PATH}/{mail.id}/html")]

    assert [secret in page for page in pages] == [False, False, False]
    assert "http://localhost/en/ogp-2022/i/…" in pages[1]
    assert "/i/…" in pages[2]


def test_one_mail_tells_where_it_stands(app: Flask, client: FlaskClient) -> None:
    _event, (mail,) = an_outbox(client, 1)
    set_state(mail, "failed", tries=3, last_answer="552 mailbox full")

    page = client.get(f"{PATH}/{mail.id}").text

    rows = {label: re.sub("<[^>]+>", " ", value).split()
            for label, value in re.findall(r"<div><dt>([^<]+)</dt><dd[^>]*>(.*?)</dd></div>", page)}  # fmt: skip
    assert rows["State"] == ["Failed"]
    assert rows["To"] == ["p1@example.org"]
    assert rows["Tries"] == ["3"]
    assert rows["Last answer of the server"] == ["552", "mailbox", "full"]
    assert rows["Message-ID"] == [html.escape(mail.message_id)]
    assert rows["Attachments"] == ["ticket.png", "ticket.pdf", "event.ics"]
    assert f'href="/en/ogp-2022/manage/people/{mail.about_ref}"' in page


def test_the_html_of_a_mail_can_do_nothing(app: Flask, client: FlaskClient) -> None:
    _event, (mail,) = an_outbox(client, 1)
    set_state(mail, "sent", html='<p style="color:red">Hello</p><img src="cid:qr"><script>alert(1)</script>')

    frame = client.get(f"{PATH}/{mail.id}/html")
    page = client.get(f"{PATH}/{mail.id}")

    assert frame.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    )
    assert "cid:" not in frame.text
    assert re.search(r"<iframe [^>]* sandbox ", page.text)
    assert page.headers["Content-Security-Policy"].endswith("; frame-src 'self'")
    assert "default-src 'none'; script-src 'self';" in page.headers["Content-Security-Policy"]


def test_a_failed_mail_is_sent_again_as_it_was(app: Flask, client: FlaskClient) -> None:
    event, (mail,) = an_outbox(client, 1)
    before = (mail.message_id, mail.text, mail.to_address)
    set_state(mail, "failed", tries=3, last_answer="550 no")

    with clock.at(OPEN):
        page = after(client, client.post(f"{PATH}/{mail.id}/again"))

    (again,) = mails(event)
    assert (again.state, again.tries, again.last_answer, again.due_at.isoformat()) == (
        "waiting", 0, "", "2022-09-27T08:10:00+00:00",
    )  # fmt: skip
    assert (again.message_id, again.text, again.to_address) == before
    assert "The mail will be sent again in a moment." in page
    (line,) = audit.history(event.id, "mail", str(mail.id))
    assert (line.action, line.facts["before"]) == ("mail.sent_again", "failed")


def test_a_mail_on_its_way_is_not_sent_twice(app: Flask, client: FlaskClient) -> None:
    event, (mail,) = an_outbox(client, 1)
    set_state(mail, "sending", tries=1)

    answer = client.post(f"{PATH}/{mail.id}/again")
    page = client.get(f"{PATH}/{mail.id}").text

    assert answer.status_code == 409
    assert "This mail is on its way already." in answer.text
    assert "Send this mail again" not in page
    assert (mails(event)[0].state, mails(event)[0].tries) == ("sending", 1)


def test_mails_of_another_event_do_not_exist_here(app: Flask, client: FlaskClient) -> None:
    _event, (mail,) = an_outbox(client, 1)
    other = an_event(slug="other-2022")
    set_state(mail, "failed")
    sign_in(client, an_organiser(other))
    base = "/en/other-2022/manage/mail"

    assert addresses_on(client.get(base).text) == []
    assert [client.get(f"{base}/{number}{rest}").status_code
            for number in (mail.id, 9**20) for rest in ("", "/html")] == [404] * 4  # fmt: skip
    assert client.post(f"{base}/{mail.id}/again").status_code == 404
    sign_in(client, a_person())
    assert client.get(PATH).status_code == 403


def test_sixty_mails_are_paged_and_cost_no_more_statements_than_one(app: Flask, client: FlaskClient) -> None:
    event, (one,) = an_outbox(client, 1)
    set_state(one, "failed")
    with statements(app) as few:
        client.get(PATH)
    with clock.at(OPEN), transaction():
        for number in range(2, 62):
            db.session.add(a_copy(one, number))
    with statements(app) as many:
        first = client.get(PATH).text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&")).text

    expected = ["p1@example.org", *(f"p{number}@example.org" for number in range(61, 1, -1))]
    assert addresses_on(first) + addresses_on(second) == expected
    assert "51 to 61 of 61" in second
    assert len(few) == len(many) <= 8
    assert event.slug in first


def a_copy(mail: Mail, number: int) -> Mail:
    """The same mail to another address."""
    return Mail(
        event_id=mail.event_id, kind=mail.kind, cause=f"copy {number}", about_kind=mail.about_kind,
        about_ref=mail.about_ref, to_address=f"p{number}@example.org", lang=mail.lang, subject=mail.subject,
        text=mail.text, html=mail.html, attachments=[], message_id=f"<{number}@example.org>", created_at=clock.now(),
        due_at=clock.now(), state="waiting",
    )  # fmt: skip
