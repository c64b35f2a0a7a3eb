"""The page "who may do what" and the table that the program asks are one and the same, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from eventreg.core.access import ROLES
from eventreg.core.db import transaction
from eventreg.people import services as people
from eventreg.people import session
from eventreg.permissions import TABLE
from tests import factories as make

PATH = "/en/ogp-2022/manage/access"


def cells_of(page: str) -> dict[tuple[str, str], str]:
    """What a page says: {(action, role): cell}."""
    found = [cell.split(" ") for cell in re.findall(r'data-cell="([^"]*)"', page)]
    return {(action, role): value for action, role, value in found}


def test_the_page_and_the_table_agree_cell_by_cell(app: Flask, client: FlaskClient) -> None:
    make.sign_in(client, make.an_organiser(make.an_event()))
    table = {(action, role): cells.get(role, "") for action, cells in TABLE.items() for role in ROLES}

    whole = cells_of(client.get(f"{PATH}?role=all").text)
    by_role: dict[tuple[str, str], str] = {}
    for role in ROLES:
        by_role |= cells_of(client.get(f"{PATH}?role={role}").text)

    assert whole == table
    assert by_role == table


def test_who_holds_which_role_is_told_with_the_rights_beside_it(app: Flask, client: FlaskClient) -> None:
    event = make.an_event()
    make.sign_in(client, make.an_organiser(event))
    make.staff("OR", event, email="salma@example.org", scopes=["needs"])
    make.staff("OR", make.an_event(slug="other"), email="elsewhere@example.org")
    make.staff("AD", None, email="admin@example.org")

    page = client.get(PATH).text

    rows = [re.sub("<[^>]+>", " ", row).split() for row in re.findall(r"<tr><th scope=\"row\"><bdi>(.*?)</tr>", page)]
    said = [" ".join(row) for row in rows]
    assert [line for line in said if "salma@example.org" in line and "may read access and dietary needs" in line]
    assert [line for line in said if "admin@example.org" in line and "for the whole installation" in line]
    assert "elsewhere@example.org" not in page


def test_it_is_for_organisers_and_administrators(app: Flask, client: FlaskClient) -> None:
    event = make.an_event()
    for role, status in (("CI", 403), ("OR", 200)):
        make.sign_in(client, make.staff(role, event))
        assert client.get(PATH).status_code == status
    make.sign_in(client, make.staff("AD", None))
    assert client.get(f"{PATH}?role=nonsense").status_code == 200


@pytest.mark.parametrize(("lang", "width"), [("ar", 360), ("fr", 1280)])
def test_it_can_be_read_on_a_telephone(
    app: Flask, live_server: str, page_in: Callable[..., Page], axe: Callable[[Page], list[str]], lang: str, width: int
) -> None:
    event = make.an_event()
    with transaction() as now:
        secret = people.open_session(make.an_organiser(event).id, "full", now=now).secret
    page = page_in(lang, width=width)
    page.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])

    for role in ("OR", "all"):
        page.goto(f"/{lang}/ogp-2022/manage/access?role={role}")
        assert axe(page) == [], role
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), role
