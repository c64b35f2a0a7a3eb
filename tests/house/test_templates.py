"""Is every template used, and every macro that one imports?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
SOURCES = {
    path.relative_to(TEMPLATES).as_posix(): re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    for path in sorted(TEMPLATES.rglob("*"))
    if path.is_file()
}
CODE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "eventreg").rglob("*.py")))

IMPORT = re.compile(r"\{%-?\s*from\s+['\"]([^'\"]+)['\"]\s+import\s+(.+?)\s*-?%\}", re.S)
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(")
# Names that code puts together: a step of the form, an answer to change, an error by its number, a mail's three parts.
COMPOSED = re.compile(r"registration/built_in/\w+\.html|errors/\d+\.html|\w+/mail/\w+/(?:subject\.txt|body\.\w+)")


def _imported(source: str) -> set[str]:
    """The names under which a template knows macros of others."""
    names = (name.removesuffix("with context") for _file, names in IMPORT.findall(source) for name in names.split(","))
    return {name.split(" as ")[-1].strip() for name in names} - {""}


def _calls(source: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", IMPORT.sub("", source)) is not None


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if IMPORT.search(source)])
def test_every_imported_macro_is_used_where_it_is_imported(name: str) -> None:
    source = SOURCES[name]

    assert {macro for macro in _imported(source) if not _calls(source, macro)} == set()


def test_every_macro_is_called() -> None:
    macros = {macro for source in SOURCES.values() for macro in MACRO.findall(source)}
    rest = "\n".join(MACRO.sub("", IMPORT.sub("", source)) for source in SOURCES.values())

    assert macros
    assert {macro for macro in macros if not re.search(rf"\b{macro}\(", rest)} == set()


def test_every_template_is_named_by_a_view_or_another_template() -> None:
    named = CODE + "\n".join(SOURCES.values())

    assert [name for name in SOURCES if name not in named and not COMPOSED.fullmatch(name)] == []


def test_every_class_of_the_css_is_used() -> None:
    scripts = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "static" / "js").rglob("*.js")))
    used = set(re.findall(r"[a-zA-Z][\w-]*", "\n".join(SOURCES.values()) + CODE + scripts))
    css = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "static" / "css").rglob("*.css")))
    css = re.sub(r"/\*.*?\*/|\"[^\"]*\"|:\s[^;{}]*;", "", css, flags=re.S)  # no comments, strings, values

    assert set(re.findall(r"\.([a-zA-Z][\w-]*)", css)) - used == set()
