"""Was an address lost, or did one appear unnoticed? All of them are listed in tests/data/routes.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

ROUTES = Path(__file__).parents[1] / "data" / "routes.txt"


def listed(app: Flask) -> list[str]:
    """'GET /{lang}/sign-in people.sign_in', one line for each address, method and view."""
    return sorted(
        f"{','.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))} {rule.rule} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    )


@pytest.mark.sqlite_only
def test_the_addresses_are_exactly_those_of_the_list(app: Flask) -> None:
    expected = ROUTES.read_text("utf-8").splitlines()

    assert listed(app) == expected


@pytest.mark.sqlite_only
def test_no_view_changes_anything_on_get(app: Flask) -> None:
    """A view that takes both methods shows its form on GET; those are the only ones that share an address."""
    both = {rule.endpoint for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())}

    assert both <= {"manage.invitation_new", "manage.deadline", "manage.limits"}
