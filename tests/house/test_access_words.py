"""Has every action of the access table, every cell and every role its words, in three languages?"""

from __future__ import annotations

import pytest
from flask import Flask

from eventreg.core.access import ROLES
from eventreg.core.i18n import LANGS, in_language
from eventreg.manage import access_words, fact_words
from eventreg.permissions import TABLE


@pytest.mark.sqlite_only
@pytest.mark.parametrize("lang", LANGS)
def test_every_action_cell_and_role_has_words(app: Flask, lang: str) -> None:
    assert set(access_words.ACTION) == set(TABLE)
    assert {value for cells in TABLE.values() for value in cells.values()} | {""} <= set(access_words.CELL)
    assert set(access_words.SIGN) == set(access_words.CELL)
    assert set(fact_words.ROLE) == set(ROLES)
    assert {(action, role) for action, role in access_words.NOTE if role not in TABLE[action]} == set()
    with app.test_request_context(f"/{lang}/x"), in_language(lang):
        said = {str(words) for words in [*access_words.ACTION.values(), *access_words.CELL.values(), *fact_words.ROLE.values()]}
    assert len(said) == len(access_words.ACTION) + len(access_words.CELL) + len(fact_words.ROLE)
