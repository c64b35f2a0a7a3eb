"""Translations are compiled when they must be, and Arabic counts as Arabic does."""

from __future__ import annotations

import gettext
import os
import shutil
from pathlib import Path

import pytest

from eventreg.core.catalogues import TRANSLATIONS, compile_missing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the translations' sources."""
    return Path(shutil.copytree(TRANSLATIONS, tmp_path / "translations", ignore=shutil.ignore_patterns("*.mo")))


def test_missing_catalogues_are_compiled_once(folder: Path) -> None:
    first, second = compile_missing(folder), compile_missing(folder)

    assert [path.relative_to(folder).as_posix() for path in first] == [
        "ar/LC_MESSAGES/messages.mo",
        "fr/LC_MESSAGES/messages.mo",
    ]
    assert second == []


def test_a_catalogue_older_than_its_source_is_compiled_again(folder: Path) -> None:
    compile_missing(folder)
    arabic = folder / "ar" / "LC_MESSAGES" / "messages.mo"
    os.utime(arabic, (0, 0))

    assert compile_missing(folder) == [arabic]


@pytest.mark.parametrize(("number", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5)])
def test_arabic_has_six_forms_in_the_usual_order(folder: Path, number: int, form: int) -> None:
    compile_missing(folder)
    with (folder / "ar" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)

    # the header decides the form; its own `plural` is what every ngettext call asks
    assert catalogue.plural(number) == form  # type: ignore[attr-defined]
