"""The record of changes as an organiser reads it, takes it away, and as anybody verifies it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from eventreg import app as app_module
from eventreg.core import audit, clock
from eventreg.core.audit import OPERATOR, AuditLine
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.registration import services as registration
from eventreg.transparency import chain
from tests.factories import OPEN, a_person, a_registration, an_event, an_organiser, sign_in, staff, statements

PATH = "/en/ogp-2022/manage/audit"
CHAIN = "/en/ogp-2022/audit/"


def told_on(page: str) -> list[tuple[str, str, str]]:
    """(number, who, sentence) of each line."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)[1:]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    plain = [[re.sub(r"<details>.*?</details>|<[^>]+>", "", cell, flags=re.S).strip() for cell in row] for row in cells]
    return [(row[0], row[2], row[3]) for row in plain]


def lines(event: Event) -> list[AuditLine]:
    return list(db.session.scalars(select(AuditLine).where(AuditLine.chain == event.id).order_by(AuditLine.seq)))


def test_each_line_tells_who_did_what_newest_first(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=10)
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        form = {"day": "2022-10-07", "hour": "", "grace": "5", "reason_en": "visas"}
        client.post("/en/ogp-2022/manage/settings/deadline", data=form)
        client.post("/en/ogp-2022/manage/settings/limits", data={"event": "20"})

        page = client.get(PATH).text

    numbers = [line.seq for line in lines(event)]
    told = told_on(page)
    assert [int(number) for number, _who, _what in told] == numbers[::-1]
    assert [(who, what) for _number, who, what in told] == [
        ("Some Body", "Limit of the meeting set: 10 became 20."),
        ("Some Body", "Deadline moved to Friday 7\u00a0October\u00a02022, 23:59."),
        ("The operator", "A role was given to somebody."),
        ("The operator", "Limit of the meeting set: no limit became 10."),
        ("The operator", "The meeting was set up."),
    ]


def test_the_record_filters_by_action_kind_and_code(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    codes = [a_registration(event).code for _each in range(2)]

    found = {
        query: {
            " ".join(line.groups())
            for line in re.finditer(r'">(\w+)<br><bdi dir="ltr">([\w-]+)</bdi></a></td>', client.get(f"{PATH}?{query}").text)
        }
        for query in ("kind=registration", f"code={codes[0]}", "action=event.set_up", "action=no.such&after=9-9")
    }

    assert found == {
        "kind=registration": {f"Registration {code}" for code in codes},
        f"code={codes[0]}": {f"Registration {codes[0]}"},
        "action=event.set_up": {"Meeting ogp-2022"},
        "action=no.such&after=9-9": set(),
    }


def test_the_filters_are_offered_in_words_and_chosen_by_their_value(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    made = a_registration(event)
    with transaction():
        audit.record("scan.forced", made, event_id=event.id, actor=OPERATOR, personal={"reason": (None, "Known to us")})

    page = client.get(f"{PATH}?kind=registration&action=scan.forced").text

    offered = dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', page))
    assert offered["scan.forced"] == "Let in at the door all the same"
    assert offered["registration.registered"] == "Registration made"
    assert (offered["event"], offered["registration"]) == ("Meeting", "Registration")
    assert '<option value="scan.forced" selected>' in page
    assert [what for _number, _who, what in told_on(page)] == ["Let in at the door all the same."]


@pytest.mark.parametrize(("scopes", "sees"), [([], False), (["audit"], True)])
def test_personal_values_are_for_those_who_were_granted_them(
    app: Flask, client: FlaskClient, scopes: list[str], sees: bool
) -> None:
    event = an_event()
    organiser = an_organiser(event, scopes=scopes)
    sign_in(client, organiser)
    made = a_registration(event)
    with transaction():
        audit.record(
            "registration.changed", made, event_id=event.id, actor=OPERATOR, facts={"changed": ["name_latin"]},
            personal={"name_latin": ("Amina Before", "Amina After")},
        )  # fmt: skip

    page = client.get(PATH).text

    assert "Answers changed: name in Latin letters." in page
    assert ("Amina Before" in page, "Amina After" in page) == (sees, sees)


def test_an_administrator_reads_the_record(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, staff("AD", None))

    assert client.get(PATH).status_code == 200
    sign_in(client, staff("CI", event))
    assert client.get(PATH).status_code == 403
    sign_in(client, a_person())
    assert [client.get(PATH).status_code, client.post(f"{PATH}.csv").status_code] == [403, 403]


def test_the_export_holds_every_line_and_is_itself_recorded(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    made = a_registration(event)
    with transaction():
        audit.record("=danger", made, event_id=event.id, actor=OPERATOR)

    answer = client.post(f"{PATH}.csv")
    filtered = client.post(f"{PATH}.csv", data={"kind": "registration"})

    table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    kept = lines(event)
    assert table[0] == ["number", "at", "actor", "action", "object", "code", "facts", "hash"]
    assert [row[0] for row in table[1:]] == [str(line.seq) for line in kept[:-1]]
    assert [row[7] for row in table[1:]] == [line.hash for line in kept[:-1]]
    assert "'=danger" in [row[3] for row in table[1:]]
    assert {row.split(",")[4] for row in filtered.text.splitlines()[1:]} == {"registration"}
    assert [(line.action, line.actor, line.facts) for line in kept[-2:]] == [
        ("audit.exported", f"organiser:{organiser.code}", {"filter": {}}),
        ("audit.exported", f"organiser:{organiser.code}", {"filter": {"kind": "registration"}}),
    ]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_long_record_is_paged_without_gap_and_costs_the_same(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    with statements(app) as few:
        client.get(PATH)
    for number in range(60):
        registration.set_limit(event.id, "event", "", number, by=OPERATOR)
    total = len(lines(event))

    with statements(app) as many:
        first = client.get(PATH).text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&")).text

    assert [int(row[0]) for row in told_on(first) + told_on(second)] == list(range(total, 0, -1))
    assert len(few) == len(many) <= 11


@pytest.mark.parametrize(
    "address",
    [
        "audit?code=%00&action=%00", "mail?q=%00", "invitations?q=%00", "audit?after=1-99999999999999&kind=x",
        "mail?after=9999-999999999999999&before=1-1", "invitations?after=0-999999999999999&_scheme=x&endpoint=y",
    ],
)  # fmt: skip
def test_an_odd_address_is_a_page_and_no_fault(app: Flask, client: FlaskClient, address: str) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    assert client.get(f"/en/ogp-2022/manage/{address}").status_code == 200


# ---- the public chain ----------------------------------------------------------------------------------------------


@pytest.fixture
def public(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Somebody from outside; the page is served whether or not the application lists it."""
    if "chain" in app.blueprints:
        yield app.test_client()
        return
    monkeypatch.setattr(app_module, "EVENT_PAGES", [*app_module.EVENT_PAGES, chain.bp])
    served = app_module.create_app(app.extensions["eventreg.settings"])
    served.test_client_class = app.test_client_class
    served.config["WTF_CSRF_ENABLED"] = False
    yield served.test_client()
    with served.app_context():
        db.engine.dispose()


def test_anybody_reads_length_and_head_and_has_the_chain_computed_again(app: Flask, public: FlaskClient) -> None:
    event = an_event()
    a_registration(event)
    head, length = audit.head(event.id), audit.length(event.id)

    before = public.get(CHAIN).text
    after = public.post(CHAIN).text

    assert f'id="head" value="{head}"' in before
    assert f'<dd class="num">{length}</dd>' in before
    assert "computed again" not in before
    assert f"All holds: {length} lines were computed again on" in after
    assert "broken" not in after


@pytest.mark.parametrize(("deed", "words"), [("changed", "This line was changed."), ("removed", "A line is missing here.")])
def test_a_line_changed_behind_our_back_is_named(app: Flask, public: FlaskClient, deed: str, words: str) -> None:
    event = an_event()
    a_registration(event)
    third = lines(event)[2]
    with transaction():
        if deed == "changed":
            db.session.execute(update(AuditLine).where(AuditLine.id == third.id).values(actor="organiser:P-SOMEBODY"))
        else:
            db.session.execute(delete(audit.AuditValue).where(audit.AuditValue.line_id == third.id))
            db.session.execute(delete(AuditLine).where(AuditLine.id == third.id))

    page = public.post(CHAIN).text

    assert f"The chain is broken at line 3. {words}" in page
    assert "All holds" not in page


def test_the_chain_is_not_computed_in_a_loop(app: Flask, public: FlaskClient) -> None:
    an_event()
    with clock.at(OPEN):
        answers = [public.post(CHAIN).status_code for _each in range(chain.MOST_TRIES + 1)]

    assert answers == [200] * chain.MOST_TRIES + [429]
