"""The list of countries: complete, named in three languages, the meeting's region first."""

from __future__ import annotations

import pytest

from eventreg.core import countries


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_every_country_is_offered_once_with_a_name(lang: str) -> None:
    choices = countries.choices(lang)

    assert len({code for code, name in choices}) == len(choices) == 241
    assert [code for code, name in choices if name == code] == []


def test_africa_and_the_middle_east_come_first() -> None:
    first = {code for code, name in countries.choices("fr")[:74]}

    assert {"MA", "SN", "KE", "JO"} <= first
    assert not {"FR", "US"} & first


def test_names_as_in_morocco() -> None:
    assert [countries.name("MA", lang) for lang in ("ar", "fr", "en")] == ["المغرب", "Maroc", "Morocco"]
    assert countries.name("XX", "en") == "XX"
