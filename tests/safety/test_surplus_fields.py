"""Every form of every page, sent once as a person would and once with the name of every column there is: the same happens.

Pages and forms are found by walking the running product, so that a new form is swept without a word here.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import DateTime, Integer

from eventreg.core.audit import OPERATOR
from eventreg.core.db import Base, db
from eventreg.people import services as people
from tests import factories
from tests.house.test_access import World, a_client, a_world, guarded_rules
from tests.house.test_http import snapshot
from tests.support.crawl import Chance, Form, Page, without_chance
from tests.support.crawl import repeatable as repeatable  # a fixture

pytestmark = pytest.mark.sqlite_only  # a world is put back by copying its file

VIEWERS = ("anonymous", "participant", "check-in", "organiser", "administrator")

# What would help somebody most, for columns that take only certain words.
TEMPTING = {
    "state": "confirmed", "role": "AD", "kind": "full", "category": "media", "sector": "media", "scopes": '["needs","lead"]',
    "passes_limit": "y", "passes_deadline": "y", "is_admin": "1", "lang": "ar", "verdict": "ok", "event": "elsewhere",
    "closes_local": "2031-01-01T00:00", "email": "thief@example.org", "email_key": "thief@example.org", "password": "x" * 20,
    "actor": "operator", "by": "operator",
}  # fmt: skip
BEYOND_COLUMNS = ("is_admin", "admin", "person", "registration", "event", "user", "owner", "by", "actor", "password", "next_state")


SECTIONS = ("email", "name", "organisation", "needs", "consent")

# Fields that a view reads and the page that was found does not show: a script's, or a filter that is not set there.
ALSO_READ = {
    "checkin.scan_typed": {"code"},
    "manage.moderation_undo": {"code"},
    "manage.audit_csv": {"action", "kind", "code", "actor"},
}


def surplus(form: Form, endpoint: str) -> list[tuple[str, str]]:
    """Every column of every table that the form does not have itself, with a tempting value."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            value = TEMPTING.get(column.name)
            if value is None:
                is_time = isinstance(column.type, DateTime) or "DATETIME" in str(column.type)
                value = "2031-01-01T00:00" if is_time else "2" if isinstance(column.type, Integer) else "1"
            found[column.name] = value
    found |= {name: TEMPTING.get(name, "2") for name in BEYOND_COLUMNS}
    return [(name, value) for name, value in found.items() if name not in form.names | ALSO_READ.get(endpoint, set())]


@pytest.fixture
def world(app: Flask, clock: ModuleType) -> Iterator[World]:
    with clock.at(factories.OPEN):
        found = a_world()
        a_world("elsewhere")
        people.set_password(found.participant.id, "a river and four words", by=OPERATOR)
        yield found


def keeper(app: Flask) -> Callable[[], None]:
    """Keep the database as it is; what is returned brings it back to that."""
    file = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    copy = file.with_suffix(".before")

    def to_before() -> None:
        db.session.remove()
        db.engine.dispose()
        source, target = (copy, file) if copy.exists() else (file, copy)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)

    copy.unlink(missing_ok=True)
    to_before()
    return to_before


def forms_of(app: Flask, client: FlaskClient, world: World) -> dict[tuple[str, frozenset[str]], Form]:
    """The posting forms on every page that this browser can open, each kind once, with the view that answers."""
    addresses = app.url_map.bind("localhost")
    found: dict[tuple[str, frozenset[str]], Form] = {}
    for rule, _action in guarded_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        for path in pages_of(world.path(rule)):
            answer = client.get(path)
            if answer.mimetype != "text/html" or answer.status_code != 200:
                continue
            for form in Page(path, answer.text).forms:
                if form.method == "post":
                    found.setdefault((addresses.match(form.action.partition("?")[0], "POST")[0], form.names), form)
    return found


def pages_of(path: str) -> list[str]:
    """The address, and where it is a step of the registration form, the other steps."""
    for first in ("register/email", "me/edit/name"):
        if path.endswith(first):
            return [path.removesuffix(first) + f"{first.rpartition('/')[0]}/{section}" for section in SECTIONS]
    return [path]


def sent(client: FlaskClient, form: Form, more: list[tuple[str, str]]) -> tuple[str, dict[str, list[tuple[object, ...]]]]:
    """What the answer says and what is in the database afterwards, when the form is sent with these fields too."""
    fields: dict[str, list[str]] = {}
    for name, value in [*form.fields, *form.buttons[:1], *more]:
        fields.setdefault(name, []).append(value)
    answer = client.post(form.action, data=fields)
    return f"{answer.status_code} {answer.location or ''}\n{without_chance(answer.text)}", snapshot()


@pytest.mark.parametrize("viewer", VIEWERS)
def test_surplus_fields_change_nothing(app: Flask, world: World, repeatable: Chance, viewer: str) -> None:
    client = a_client(app, world, viewer)
    if viewer == "anonymous":
        client.post(f"/en/{world.event.slug}/register/")  # a form that has been begun
    forms = forms_of(app, client, world)
    copy_of_cookies = dict(client._cookies)
    put_back = keeper(app)
    wrong, outcomes = [], Counter[str]()
    for (endpoint, _names), form in forms.items():
        results = []
        for more in ([], surplus(form, endpoint)):
            put_back()
            client._cookies.clear()
            client._cookies.update(copy_of_cookies)
            repeatable.begin(2)
            results.append(sent(client, form, more))
        (said, left), (said_again, left_again) = results
        outcomes[said[:3]] += 1
        if left != left_again or said.partition("\n")[0] != said_again.partition("\n")[0]:
            wrong.append(f"{form.action} as {viewer}: {_changed(left, left_again) or said_again[:120]}")
    assert wrong == [], "\n".join(wrong)
    assert outcomes["303"] + outcomes["200"] >= len(forms) / 3, f"too few of these forms were taken: {outcomes}"
    assert not outcomes["500"]


def _changed(one: dict[str, list[tuple[object, ...]]], other: dict[str, list[tuple[object, ...]]]) -> str:
    """Which rows came out otherwise, with their tables."""
    return "; ".join(
        f"{table}: {set(other[table]) - set(one[table])} instead of {set(one[table]) - set(other[table])}"[:400]
        for table in one
        if one[table] != other[table]
    )
