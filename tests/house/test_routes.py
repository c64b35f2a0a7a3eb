"""Was an address lost, did one appear, or does one ask for another right? All of them are listed in data/routes.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from eventreg.core import access

ROUTES = Path(__file__).parents[1] / "data" / "routes.txt"


def listed(app: Flask) -> list[str]:
    """'GET /<lang>/sign-in people.sign_in public.read': methods, address, view and action, one line each."""
    return sorted(
        " ".join([
            ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})),
            rule.rule.replace("<any(ar,fr,en):lang>", "<lang>").replace("<slug:event>", "<event>"),
            rule.endpoint,
            access.action_of(app.view_functions[rule.endpoint]) or "-",
        ])
        for rule in app.url_map.iter_rules()
    )  # fmt: skip


@pytest.mark.sqlite_only
def test_the_addresses_and_the_rights_they_ask_for_are_exactly_those_of_the_list(app: Flask) -> None:
    expected = ROUTES.read_text("utf-8").splitlines()

    assert listed(app) == expected
