"""Two worlds that differ in one hidden thing: whoever may not know it sees the same bytes everywhere.

Each observer opens every address and follows every link; bodies, headers and the mails they get must be equal. What may
differ is said nowhere, so that a new page which tells a secret fails here without anybody having thought of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from tests import factories
from tests.house.test_access import World, a_world, guarded_rules
from tests.support.crawl import Chance, Page, without_chance
from tests.support.crawl import repeatable as repeatable  # a fixture

pytestmark = pytest.mark.sqlite_only  # what is told does not hang on the database; a second minute would tell nothing new

MOST_PAGES = 250
MOST_QUERIES = 4  # of one address: sorted this way and that way, it shows the same
ABOUT = {"zerktouni@example.org", "haddad@example.org", "quite@example.org", "other@example.org"}
WORDS = ("Zerktouni", "zerktouni@example.org", "Amina", "الزرقطوني")

# The other languages show what this one shows; files are opened once, as the addresses that they are.
_NOT_FOLLOWED = re.compile(r"^/(?:ar|fr)/|\.(?:csv|xlsx|pdf|ics)\b|[?&](?:after|before)=")


@dataclass(frozen=True)
class Hidden:
    """One thing that is so in one world and otherwise in the other, and who must not be able to tell."""

    name: str
    worlds: tuple[Callable[[World], None], Callable[[World], None]]
    observers: tuple[str, ...]


def somebody(**changes: Any) -> Callable[[World], None]:
    """Registers for the meeting."""
    answers = {"email": "zerktouni@example.org", "name_latin": "Zineb Zerktouni", "name_arabic": "زينب", "phone": "+212661234567",
               "organisation_name": "Harbour trust", "country": "MA"}  # fmt: skip
    return lambda world: _register(world.event, answers | changes)


def _register(event: Event, answers: dict[str, Any]) -> None:
    factories.a_registration(event, **answers)


def elsewhere(**changes: Any) -> Callable[[World], None]:
    """Registers for another meeting of this installation."""

    def register(world: World) -> None:
        other = factories.an_event(slug="elsewhere", limit=changes.pop("limit", 90))
        _register(other, {"email": "other@example.org", "name_latin": "Other Person"} | changes)
        factories.an_invitation(other, factories.an_organiser(other), label=changes.get("name_latin", "Label"))

    return register


def known(email: str) -> Callable[[World], None]:
    """Has an account here, with a password, and is registered for nothing."""

    def make(world: World) -> None:
        person = factories.a_person(email, name_latin="Kenza Known")
        people.set_password(person.id, "a river and four words", by=OPERATOR)

    return make


OTHER = {"email": "haddad@example.org", "name_latin": "Omar Haddad", "name_arabic": "عمر", "phone": "+212661765432",
         "organisation_name": "Mountain union"}  # fmt: skip
NEEDS = {"access": "wheelchair", "diet": "no gluten"}

CASES = (
    Hidden("who registered", (somebody(), somebody(**OTHER)), ("stranger", "participant", "organiser of elsewhere")),
    Hidden(
        "address and telephone of who registered",
        (somebody(), somebody(email="quite@example.org", phone="+33123456789")),
        ("stranger", "participant", "check-in", "organiser of elsewhere"),
    ),
    Hidden(
        "what somebody needs", (somebody(), somebody(**NEEDS)),
        ("stranger", "participant", "check-in", "organiser without needs", "administrator", "organiser of elsewhere"),
    ),
    Hidden("whose address is known", (known("zerktouni@example.org"), known("haddad@example.org")), ("stranger", "participant")),
    Hidden(
        "what happens in another meeting", (elsewhere(), elsewhere(name_latin="Someone Else", access="ramp")),
        ("stranger", "participant", "check-in", "organiser", "participant of elsewhere"),
    ),
)  # fmt: skip


def observer(app: Flask, world: World, who: str) -> FlaskClient:
    """A browser of somebody who is the same in both worlds."""
    client = app.test_client()
    if who == "participant":
        factories.sign_in(client, world.participant)
    elif who == "check-in":
        factories.sign_in(client, factories.staff("CI", world.event, email="door@example.org"))
    elif who == "organiser":
        factories.sign_in(client, factories.staff("OR", world.event, email="all@example.org", scopes=["needs", "audit", "lead"]))
    elif who == "organiser without needs":
        factories.sign_in(client, factories.staff("OR", world.event, email="plain@example.org"))
    elif who == "administrator":
        factories.sign_in(client, factories.staff("AD", None, email="admin@example.org"))
    elif who.endswith("of elsewhere"):
        third = factories.an_event(slug="third")
        person = factories.an_organiser(third) if who.startswith("organiser") else _participant_of(third)
        factories.sign_in(client, person)
    return client


def _participant_of(event: Event) -> Person:
    return db.session.get_one(Person, factories.a_registration(event, email="third@example.org").person_id)


def walk(app: Flask, client: FlaskClient, world: World) -> dict[str, str]:
    """Every page that can be reached: all addresses, what they link to, searches, and what the forms for strangers answer."""
    waiting = [world.path(rule) for rule, _ in guarded_rules(app) if "GET" in (rule.methods or ())]
    slug = world.event.slug
    for words in WORDS:
        waiting += [f"/en/{slug}/{page}?q={words}" for page in ("manage/people", "desk/search", "manage/mail", "manage/waiting")]
        waiting.append(f"/en/{slug}/register/organisations.json?q={words}&country=MA")
    seen: dict[str, str] = {}
    asked = Counter[str]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        bare = path.partition("?")[0]
        if path in seen or (asked[bare] >= MOST_QUERIES and "?q=" not in path):
            continue
        asked[bare] += 1
        answer = client.get(path)
        body = answer.text if answer.mimetype.startswith(("text/", "application/json")) else ""
        headers = [f"{name}: {value}" for name, value in sorted(answer.headers.items()) if name not in _OF_THE_MOMENT]
        seen[path] = f"{answer.status_code}\n" + "\n".join(headers) + "\n" + without_chance(body)
        if answer.mimetype == "text/html":
            waiting += [link for link in Page(path, answer.text).links if not _NOT_FOLLOWED.search(link)]
    return seen


_OF_THE_MOMENT = {"Date", "Set-Cookie", "Content-Length", "ETag"}


def knock(client: FlaskClient, world: World) -> dict[str, str]:
    """What a stranger gets who tries an address: signing in, asking for a link, registering."""
    slug, said = world.event.slug, {}
    tries: list[tuple[str, dict[str, Any]]] = [
        ("/en/sign-in", {"email": "zerktouni@example.org"}),
        ("/en/sign-in", {"email": "zerktouni@example.org", "password": "a wrong guess of words"}),
        (f"/en/{slug}/register/", {}),
    ]
    answers = factories.raw_answers(email="zerktouni@example.org", name_latin="Zineb Guess")
    tries += [(f"/en/{slug}/register/{step}", answers) for step in ("email", "name", "organisation", "needs", "consent", "check")]
    for number, (path, form) in enumerate(tries):
        answer = client.post(path, data=form)
        said[f"{number} {path}"] = f"{answer.status_code} {answer.location}\n{without_chance(answer.text)}"
        if answer.location:
            said[f"{number} then"] = without_chance(client.get(answer.location).text)
    return said


def mails_to_others() -> str:
    """Every mail but those to whom the secret is about."""
    db.session.rollback()
    mails = db.session.execute(select(Mail.to_address, Mail.subject, Mail.text).order_by(Mail.id)).all()
    return "\n\n".join("\n".join(mail) for mail in mails if mail.to_address not in ABOUT)


@pytest.fixture
def anew(app: Flask, database: str, installations: Callable[[str], Any], clock: ModuleType) -> Iterator[Callable[[], None]]:
    """An empty installation again, at the same moment."""
    with clock.at(factories.OPEN):
        yield lambda: (db.session.remove(), installations(database).empty())[1]  # type: ignore[func-returns-value]


@pytest.mark.parametrize("hidden", CASES, ids=lambda hidden: hidden.name)
def test_two_worlds_with_different_secrets_look_the_same(
    app: Flask, anew: Callable[[], None], repeatable: Chance, monkeypatch: pytest.MonkeyPatch, hidden: Hidden
) -> None:
    looks = []
    for make_it_so in hidden.worlds:
        anew()
        repeatable.begin()
        monkeypatch.setattr(factories, "_number", iter(range(1, 1000)))
        world = a_world()
        make_it_so(world)
        repeatable.begin(2)
        looks.append(look := {})
        for who in hidden.observers:
            client = observer(app, world, who)
            seen = walk(app, client, world)
            assert len(seen) > 20
            look |= {f"{who} {path}": page for path, page in seen.items()}
        look |= knock(app.test_client(), world)
        look["mails"] = mails_to_others()

    one, other = looks
    assert set(one) == set(other)
    told = [f"{path}: {difference(one[path], other[path])}" for path in one if one[path] != other[path]]
    assert told == [], "\n".join(told)


def difference(one: str, other: str) -> str:
    """The first line that is not the same."""
    lines = zip([*one.splitlines(), ""], [*other.splitlines(), ""], strict=False)
    return next((f"{a.strip()[:160]!r} / {b.strip()[:160]!r}" for a, b in lines if a != b), "their lengths")


@pytest.mark.parametrize("way", ["link", "password", "register"])
def test_an_address_that_is_known_costs_as_much_as_one_that_is_not(app: Flask, clock: ModuleType, way: str) -> None:
    """One commit each, and the mail made in the request or not at all for both: nobody is told by seconds of waiting."""
    with clock.at(factories.OPEN):
        event = factories.an_event()
        known("known@example.org")(a_world("elsewhere"))
        factories.a_registration(event, email="registered@example.org")
        work = {who: _work_of(app, way, f"{who}@example.org") for who in ("unknown", "known", "registered")}

    statements, commits = zip(*work.values(), strict=True)
    assert len(set(commits)) == 1
    if way != "register":  # who is registered already is not registered again: that costs less, though never more
        assert max(statements) - min(statements) <= 3


def _work_of(app: Flask, way: str, address: str) -> tuple[int, int]:
    """How many statements, and how many transactions that write."""
    client = app.test_client()
    if way == "register":
        client.post("/en/ogp-2022/register/")
        answers = factories.raw_answers(email=address)
        for step in ("email", "name", "organisation", "needs", "consent"):
            client.post(f"/en/ogp-2022/register/{step}", data=answers)
    with factories.statements(app) as sent:
        if way == "register":
            client.post("/en/ogp-2022/register/check")
        else:
            client.post("/en/sign-in", data={"email": address, "password": "wrong words all" if way == "password" else ""})
    return len(sent), sum("BEGIN IMMEDIATE" in one for one in sent)
