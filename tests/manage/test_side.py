"""The pages beside an organiser's page stand under headings, only those that may be opened."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.factories import an_event, an_organiser, sign_in, staff


def groups(page: str) -> dict[str, list[str]]:
    """The pages by heading, as the wide page shows them."""
    wide = page.split('class="side__open"')[1].split("<main")[0]
    parts = re.split(r'<p class="side__head"[^>]*>([^<]+)</p>', wide)
    return {title: re.findall(r"<a [^>]*>([^<]+)</a>", part) for title, part in zip(["", *parts[1::2]], parts[::2], strict=True)}


def test_pages_stand_under_headings(client: FlaskClient) -> None:
    sign_in(client, an_organiser(an_event()))
    page = client.get("/en/ogp-2022/manage/").text
    found = groups(page)
    assert list(found) == ["", "Who comes", "Workshops", "Invite and write", "At the venue", "Rules and record"]
    assert found[""] == ["Today"] and found["At the venue"] == ["Badges", "Door devices"]
    assert "<summary>Pages: <strong>Today</strong></summary>" in page.replace("\n", "")


def test_a_heading_without_pages_is_left_out(client: FlaskClient) -> None:
    sign_in(client, staff("AD", an_event()))
    answer = client.get("/en/ogp-2022/manage/access")
    assert groups(answer.text) == {"": [], "Rules and record": ["Record of changes", "Who may do what"]}
