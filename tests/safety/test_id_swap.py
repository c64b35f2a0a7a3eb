"""Every address, every role, with the code of something of another meeting, of another person, of nothing: all alike, all absent.

The addresses are those of the running product: a new page is swept without a word here. One that names an object which
World.values (tests/house/test_access.py) cannot fill, or fills with something that does not exist, fails with its name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from eventreg.core.db import Base, db
from eventreg.core.tokens import hash_secret
from eventreg.permissions import TABLE
from tests import factories
from tests.house.test_access import OF_THE_INSTALLATION, VIEWERS, World, a_client, a_world, expected, guarded_rules, observed
from tests.house.test_http import snapshot
from tests.safety.test_surplus_fields import forms_of
from tests.support.crawl import without_chance

# Parts of an address that choose a page and name nobody's thing.
NO_OBJECT = {"lang", "event", "kind", "part", "section", "what", "name", "tree", "path", "rest", "bare_slug", "step"}

# Where the sample of World.values is nobody's on purpose: it must look as if it were not there to everybody.
NOBODYS = {"<ref>", "<scan_id>", "/jobs/<code>", "/me/files/<code>"}


@dataclass(frozen=True)
class Two:
    """Two meetings with one of everything each."""

    here: World
    there: World


@pytest.fixture
def two(app: Flask, clock: ModuleType) -> Iterator[Two]:
    with clock.at(factories.OPEN):
        yield Two(a_world(), a_world("elsewhere"))


def objects(rule: Rule) -> set[str]:
    """The parts of this address that name a thing."""
    return set(rule.arguments) - NO_OBJECT


def swept(app: Flask) -> list[tuple[Rule, str, str]]:
    """Address, action and method of everything that names a thing of a meeting or a person."""
    return [
        (rule, action, method)
        for rule, action in guarded_rules(app)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if objects(rule)
    ]


def values_of(world: World, rule: Rule) -> dict[str, object]:
    """As World.path chooses them."""
    values: dict[str, object] = {"lang": "en"}
    for fragment, found in world.values:
        if fragment in rule.rule:
            values = {**found, **values}
    return values


def address(rule: Rule, values: dict[str, object], slug: str) -> str:
    filled = {**values, "lang": "en", "event": slug}
    missing = set(rule.arguments) - set(filled)
    assert not missing, f"{rule.rule}: teach World.values in tests/house/test_access.py what {missing} can be"
    built = rule.build({name: filled[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None, rule.rule
    return str(built[1])


def nothing(value: object) -> object:
    """Looks like the value and names nothing."""
    if isinstance(value, int):
        return 987654321
    return str(value)[:-4] + ("6666" if str(value).endswith("7777") else "7777")


def seen(client: FlaskClient, method: str, path: str, names: dict[str, object]) -> tuple[TestResponse, str]:
    """The answer, and what of it can be compared: no token, and no echo of what was asked for."""
    answer = client.open(path, method=method, data={} if method == "POST" else None)
    body = without_chance(answer.get_data().decode("utf-8", "replace"))
    location = answer.location or ""
    for value in sorted(map(str, names.values()), key=len, reverse=True):
        mark = re.compile(re.escape(value) if len(value) > 9 else rf"/{re.escape(value)}\b")
        body, location = mark.sub("…", body), mark.sub("…", location)
    return answer, f"{answer.status_code} {location}\n{body}"


def client_of(app: Flask, two: Two, viewer: str) -> FlaskClient:
    """A browser of this viewer; "of another event" is of that other meeting, whose codes are asked for here."""
    client = app.test_client()
    if viewer == "by a mail's link of another event":
        factories.sign_in(client, two.there.participant, kind="link", event=two.there.event)
    elif viewer == "organiser of another event":
        factories.sign_in(client, factories.an_organiser(two.there.event))
    else:
        client = a_client(app, two.here, viewer)
    return client


def difference(one: str, other: str) -> str:
    """Where two answers begin to differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 30) : at + 60]!r} / {other[max(0, at - 30) : at + 60]!r}"


def test_a_thing_of_another_meeting_is_answered_like_nothing_at_all(app: Flask, two: Two) -> None:
    clients = {viewer: client_of(app, two, viewer) for viewer in VIEWERS}
    wrong = []
    before = snapshot()
    for viewer, (rule, action, method) in itertools.product(VIEWERS, swept(app)):
        client = clients[viewer]
        if action in OF_THE_INSTALLATION:
            continue  # one for all meetings
        slug = two.here.event.slug
        foreign = {name: value for name, value in values_of(two.there, rule).items() if name in objects(rule)}
        absent = {name: nothing(value) for name, value in foreign.items()}
        rest = values_of(two.here, rule)
        if foreign == {name: rest[name] for name in foreign}:
            continue  # numbered anew in each meeting: another meeting's cannot even be named

        answer, theirs = seen(client, method, address(rule, rest | foreign, slug), foreign)
        _, none = seen(client, method, address(rule, rest | absent, slug), absent)

        if "event" in rule.arguments and theirs != none:
            wrong.append(f"{method} {rule.rule} as {viewer}: another meeting's is told from none: {difference(theirs, none)}")
        if not _is_fine(rule, action, method, viewer, answer):
            wrong.append(f"{method} {rule.rule} as {viewer}: {answer.status_code} for a thing of another meeting")
    assert wrong == [], "\n".join(wrong)
    assert snapshot() == before


def _is_fine(rule: Rule, action: str, method: str, viewer: str, answer: TestResponse) -> bool:
    """Absent, or what the table says for who may not even ask; a secret may also be over."""
    got = observed(answer)
    want = expected(rule, action, viewer)
    if "event" not in rule.arguments or TABLE[action] == TABLE["public.read"]:
        return not got.startswith("error")
    if answer.status_code == 422 and method == "POST" and want == "open":
        return True  # an empty form was refused before anything was looked for; filled-in ones are sent below
    return got == (want if want != "open" else "absent") or answer.status_code == 410


def test_what_the_sweep_asks_for_really_exists(app: Flask, two: Two) -> None:
    """Else nothing would have been compared: the same address in its own meeting answers its organiser otherwise."""
    client = a_client(app, two.here, "organiser")
    unreal = []
    for rule, action, method in swept(app):
        if method != "GET" or TABLE[action].get("OR") not in ("Y", "A") or any(part in rule.rule for part in NOBODYS):
            continue
        real = values_of(two.here, rule)
        absent = {name: nothing(real[name]) for name in objects(rule)}
        _, mine = seen(client, method, address(rule, real, two.here.event.slug), {})
        _, none = seen(client, method, address(rule, real | absent, two.here.event.slug), {})
        if mine[:3] == none[:3]:
            unreal.append(f"{rule.rule}: World.values names nothing that exists ({mine[:3]})")
    assert unreal == []


def test_a_thing_of_another_person_is_answered_like_nothing_at_all(app: Flask, two: Two) -> None:
    clients = {viewer: a_client(app, two.here, viewer) for viewer in ("participant", "organiser", "administrator")}
    somebody = app.test_client()
    secret = factories.sign_in(somebody, factories.an_organiser(two.here.event))
    theirs_of = {"ref": hash_secret(secret)[:16]}  # what World.values fills in is another person's already
    wrong, looked = [], 0
    before = snapshot()
    for viewer, (rule, action, method) in itertools.product(clients, swept(app)):
        client = clients[viewer]
        if {TABLE[action].get(role) for role in VIEWERS[viewer]} & {"Y", "A", "C"} or action == "link.open":
            continue  # not own things only
        looked += 1
        real = values_of(two.here, rule) | theirs_of
        theirs_names = {name: real[name] for name in objects(rule)}
        absent = {name: nothing(value) for name, value in theirs_names.items()}
        _, theirs = seen(client, method, address(rule, real, two.here.event.slug), theirs_names)
        _, none = seen(client, method, address(rule, real | absent, two.here.event.slug), absent)
        if theirs != none:
            wrong.append(f"{method} {rule.rule} as {viewer}: another person's is told from none: {difference(theirs, none)}")
    assert wrong == [], "\n".join(wrong)
    assert looked > 9
    assert snapshot() == before
    assert somebody.get("/en/account/security").status_code == 200


@pytest.mark.sqlite_only  # the queries are asked on both databases above
@pytest.mark.parametrize("viewer", ["participant", "check-in", "organiser"])
def test_a_filled_in_form_reaches_nothing_of_another_meeting(app: Flask, two: Two, viewer: str) -> None:
    """Each form of each page, sent with another meeting's code in its address, then with such codes in its fields."""
    ours, theirs = two.here, two.there
    forms = forms_of(app, a_client(app, ours, viewer), ours)
    swap = {
        str(value): str(other[1][name])
        for one, other in zip(ours.values, theirs.values, strict=True)
        for name, value in one[1].items()
        if name not in NO_OBJECT and value != other[1][name]
    }
    addresses = app.url_map.bind("localhost")
    before, wrong = of_meeting(theirs), []
    actions = {rule.endpoint: action for rule, action in guarded_rules(app)}
    for form in forms.values():
        client = a_client(app, ours, viewer)  # a form before this one may have signed the viewer out
        rule, values = addresses.match(form.action.partition("?")[0], "POST", return_rule=True)
        fields = form.fields + form.buttons[:1]
        if objects(rule) and "event" in rule.arguments and actions.get(rule.endpoint) not in OF_THE_INSTALLATION:
            foreign = {name: value for name, value in values_of(theirs, rule).items() if name in objects(rule)}
            if foreign.items() <= values_of(ours, rule).items():
                continue
            answer = client.post(address(rule, values | foreign, ours.event.slug), data=MultiDict(fields))
            if answer.status_code == 303:  # a link that is none: its own page says so
                answer = client.get(str(answer.location))
            if answer.status_code not in (404, 410):
                wrong.append(f"{rule.rule} as {viewer}: {answer.status_code} for a thing of another meeting")
        answer = client.post(form.action, data=MultiDict((name, swap.get(value, value)) for name, value in fields))
        if answer.status_code >= 500 or of_meeting(theirs) != before:
            wrong.append(f"{rule.rule} as {viewer}: {answer.status_code}, and something of another meeting changed")
            before = of_meeting(theirs)
    assert wrong == [], "\n".join(wrong)


def of_meeting(world: World) -> dict[str, list[tuple[str, ...]]]:
    """Every row that belongs to this meeting."""
    db.session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        column = table.c.get("event_id", table.c.get("chain"))
        if column is not None:
            rows = db.session.execute(select(table).where(column == world.event.id).order_by(*table.primary_key))
            found[table.name] = [tuple(map(str, row)) for row in rows]
    return found
