"""The chair's pages of the criteria: written in three languages, frozen with a public hash, changed by two people."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.events.models import Event
from eventreg.reviewing import queries
from tests.factories import a_chair, an_event, an_organiser, criteria, sign_in

AT = "/en/ogp-2022/chair/criteria"
WORDS = {"ar": "الملاءمة", "fr": "Pertinence", "en": "Relevance"}


@pytest.fixture
def event(app: Flask, client: FlaskClient) -> Event:
    made = an_event()
    sign_in(client, a_chair(made))
    return made


def a_criterion(**changes: str) -> dict[str, str]:
    """What the form of a criterion sends, whole."""
    sent = {"kind": "score", "weight": "2", "is_required": "y"}
    for name in ("name", "anchor_1", "anchor_5"):
        sent |= {f"{name}_{lang}": words for lang, words in WORDS.items()}
    return {**sent, **changes}


def press(client: FlaskClient, what: str, **more: str) -> Any:
    return client.post(AT, data={"do": what, **more})


def test_from_the_empty_page_to_frozen_criteria_that_anybody_can_check(event: Event, client: FlaskClient) -> None:
    assert "Write the criteria" in client.get(AT).text
    assert client.get("/en/ogp-2022/criteria/").status_code == 404
    assert press(client, "begin:").location.endswith("done=begun")
    assert client.post(f"{AT}/new", data=a_criterion()).location.endswith("done=saved")
    condition = a_criterion(kind="condition", name_en="Open to all")
    assert client.post(f"{AT}/new", data=condition).location.endswith("done=saved")
    page = client.get(AT).text
    assert "Relevance" in page and "weight 2" in page and "Open to all" in page
    assert press(client, "freeze:").location.endswith("done=frozen")

    public = client.get("/ar/ogp-2022/criteria/").text
    told = client.get("/en/ogp-2022/criteria/1.json").json
    canonical = json.dumps(told["hashed"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "الملاءمة" in public and told["hash"] in public
    assert hashlib.sha256(canonical.encode()).hexdigest() == told["hash"]


def test_what_is_wrong_with_a_criterion_stands_at_its_field(event: Event, client: FlaskClient) -> None:
    press(client, "begin:")
    answer = client.post(f"{AT}/new", data=a_criterion(weight="0", name_en="Kept words"))
    empty = client.post(f"{AT}/new", data={"kind": "score", "weight": "1"})

    assert answer.status_code == 422 and 'id="weight-error"' in answer.text and "Kept words" in answer.text
    assert empty.status_code == 422 and "Give the criterion a name" in empty.text
    assert queries.draft(event.id).criteria == []  # type: ignore[union-attr]


def test_what_lacks_is_counted_shown_at_its_place_and_stops_the_freezing(event: Event, client: FlaskClient) -> None:
    press(client, "begin:")
    client.post(f"{AT}/new", data=a_criterion(name_ar="", anchor_5_fr=""))
    page = client.get(AT).text
    code = re.search(r"chair/criteria/(K-\w+)\?check=1", page)
    assert "2 texts are missing" in page and code is not None
    checked = client.get(f"{AT}/{code[1]}?check=1").text
    frozen = press(client, "freeze:")

    assert 'id="name_ar-error"' in checked and 'id="anchor_5_fr-error"' in checked
    assert frozen.status_code == 409 and "not written in all three languages" in frozen.text


def test_a_scale_that_cannot_be_is_refused_at_its_field(event: Event, client: FlaskClient) -> None:
    press(client, "begin:")
    for highest in ("1", "99", "-1", "five", ""):
        answer = press(client, "scale:", lowest="1", highest=highest)
        assert answer.status_code == 422 and 'id="highest-error"' in answer.text
    assert press(client, "scale:", lowest="0", highest="10").status_code == 303

    assert (queries.draft(event.id).lowest, queries.draft(event.id).highest) == (0, 10)  # type: ignore[union-attr]


def test_order_and_removal(event: Event, client: FlaskClient) -> None:
    press(client, "begin:")
    for name in ("One", "Two", "Three"):
        client.post(f"{AT}/new", data=a_criterion(name_en=name))
    codes = [one.code for one in queries.draft(event.id).criteria]  # type: ignore[union-attr]
    press(client, f"up:{codes[2]}")
    press(client, f"remove:{codes[0]}")
    assert press(client, "remove:K-NONE").status_code == 409
    assert press(client, "burn:").status_code == 400

    assert [one.code for one in queries.draft(event.id).criteria] == [codes[2], codes[1]]  # type: ignore[union-attr]


def test_frozen_criteria_change_only_with_a_reason_and_a_second_person(event: Event, client: FlaskClient) -> None:
    criteria(event, a_chair(event))
    assert press(client, "begin:").status_code == 422
    press(client, "begin:", reason_ar="سبب", reason_fr="Motif", reason_en="Two were one")
    code = queries.draft(event.id).criteria[1].code  # type: ignore[union-attr]
    press(client, f"remove:{code}")
    assert press(client, "freeze:").location.endswith("done=offered")
    mine = client.get(AT).text
    assert "Another person of the chair must confirm it." in mine and "put it in force" not in mine
    seal = re.search(r"Hash of this version: ([0-9a-f]{64})", mine)
    assert seal is not None
    assert press(client, f"confirm:{seal[1]}").status_code == 409
    assert queries.frozen(event.id).number == 1  # type: ignore[union-attr]
    sign_in(client, a_chair(event))
    assert press(client, f"confirm:{seal[1]}").location.endswith("done=confirmed")

    public = client.get("/en/ogp-2022/criteria/").text
    assert "Version 2" in public and "Two were one" in public and "Replaced" in public


def test_nobody_else_reads_or_writes_what_is_not_frozen(event: Event, client: FlaskClient) -> None:
    press(client, "begin:")
    sign_in(client, an_organiser(event))

    assert client.get(AT).status_code == 403 and press(client, "freeze:").status_code == 403


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_its_pages_speak_three_languages(event: Event, client: FlaskClient, lang: str) -> None:
    press(client, "begin:")
    client.post(f"{AT}/new", data=a_criterion())
    code = queries.draft(event.id).criteria[0].code  # type: ignore[union-attr]
    pages = [client.get(f"{AT}{path}".replace("/en/", f"/{lang}/")) for path in ("", "/new", f"/{code}", "/preview")]

    assert {page.status_code for page in pages} == {200}
    assert WORDS[lang] in pages[3].text
