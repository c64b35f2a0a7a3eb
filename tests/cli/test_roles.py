"""`eventreg grant`: a role, its scopes, and the link to sign in for the first time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventreg.cli import main
from eventreg.core.db import db
from eventreg.people.models import Grant, Person
from tests import factories


@pytest.fixture
def here(app, monkeypatch):
    """The command line works on the database under test."""
    monkeypatch.setattr("eventreg.cli.opening.open_app", lambda **given: app)
    monkeypatch.setattr("eventreg.cli.opening.ready_app", lambda **given: app)


def test_a_role_is_given_and_the_link_signs_in(client, here, capsys):
    factories.an_event()

    status = main.run(["grant", "ogp-2022", "amina@example.org", "organiser", "--scope", "needs"])

    link = capsys.readouterr().out.strip()
    given = db.session.scalars(select(Grant).join(Person, Person.id == Grant.person_id)).one()
    assert (status, given.role, given.scopes) == (0, "OR", ["needs"])
    answer = client.post(link.removeprefix("http://localhost"))
    assert answer.location == "/en/ogp-2022/manage/"


def test_an_unknown_event_or_role_changes_nothing(here, capsys):
    factories.an_event()

    assert main.run(["grant", "elsewhere", "amina@example.org", "door"]) == 2
    with pytest.raises(SystemExit):
        main.run(["grant", "ogp-2022", "amina@example.org", "king"])

    assert "elsewhere" in capsys.readouterr().err
    assert db.session.scalars(select(Grant)).all() == []
