"""Translations are complete, compiled when they must be, and Arabic counts as Arabic does."""

from __future__ import annotations

import gettext
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from eventreg.core.catalogues import TRANSLATIONS, compile_missing

ROOT = Path(__file__).resolve().parents[2]

NONE_ONE_AND_TWO = 3  # Arabic's first three forms stand for one number each and need not say it


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


# ---- complete --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the product says today, in English: extracted as docs/developers.md tells, with babel.cfg."""
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    options = ["--ignore-dirs", ".*", "-F", "babel.cfg", "-k", "_l", "--no-location", "-o", str(template), "."]
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", *options]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    return _read(template)


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_every_string_is_translated(wanted: Catalog, language: str) -> None:
    catalogue = _read(_source(language))
    said = {message.id for message in catalogue if message.id and not message.fuzzy and all(_forms(message))}

    missing = [message.id for message in wanted if message.id and message.id not in said]

    assert len(wanted) > 500  # or the extraction found no files
    assert missing == [], "\n".join(map(str, missing))


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_no_translation_is_of_a_string_that_is_gone(wanted: Catalog, language: str) -> None:
    said = {message.id for message in wanted}

    assert [message.id for message in _read(_source(language)) if message.id not in said] == []


@pytest.mark.parametrize(("language", "plural_forms"), [("ar", 6), ("fr", 2)])
def test_every_counted_string_has_all_its_forms(language: str, plural_forms: int) -> None:
    catalogue = _read(_source(language))

    assert catalogue.num_plurals == plural_forms
    assert [m.id for m in catalogue if len(_forms(m)) != (plural_forms if m.pluralizable else 1)] == []


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_translations_name_the_same_places(language: str) -> None:
    """Arabic's words for none, one and two may leave the number out; all others say whatever English says."""
    wrong = [
        (message.id, form)
        for message in _read(_source(language))
        for number, form in enumerate(_forms(message))
        if message.id and not _fits(message, number, _places(form))
    ]

    assert wrong == [], "\n".join(map(str, wrong))


def _fits(message: Message, number: int, places: Counter[str]) -> bool:
    if not message.pluralizable:
        return places == _places(message.id)
    _one, many = message.id
    if len(_forms(message)) > NONE_ONE_AND_TWO > number:
        return _places(many) - Counter(["num"]) <= places <= _places(many)
    return places == _places(many)


def _places(words: str) -> Counter[str]:
    return Counter(re.findall(r"%\((\w+)\)[sd]", words))


def _forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _source(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)  # not by locale: the header of the file is what counts
