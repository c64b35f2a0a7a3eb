"""Has every refusal words, and every text a refusal that it is for?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import eventreg.app  # noqa: F401 - loads every room, and with it its words
from eventreg.core import refusals

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z]+\.[a-z_]+")
RAISING = {"Refusal", "_refuse"}


def _trees() -> Iterator[ast.AST]:
    for path in sorted((ROOT / "eventreg").rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def _raised() -> Iterator[ast.expr]:
    """What is given as the code wherever a refusal is made."""
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISING and node.args:
                yield node.args[0]


def _pattern(composed: ast.JoinedStr) -> re.Pattern[str]:
    parts = (re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z_]+" for part in composed.values)
    return re.compile("".join(parts))


def _other_uses() -> Iterator[str]:
    """Strings in code that look like a code and are no key of a table of texts: a rule may return just the code."""
    for tree in _trees():
        keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
                yield node.value


def test_every_refusal_has_words() -> None:
    codes = {node.value for node in _raised() if isinstance(node, ast.Constant)}
    composed = [_pattern(node) for node in _raised() if isinstance(node, ast.JoinedStr)]

    assert codes and composed
    assert {code for code in codes if code not in refusals.texts} == set()
    assert [found.pattern for found in composed if not any(map(found.fullmatch, refusals.texts))] == []


def test_every_text_is_for_a_refusal_that_can_happen() -> None:
    composed = [_pattern(node) for node in _raised() if isinstance(node, ast.JoinedStr)]
    used = {text for text in _other_uses() if CODE.fullmatch(text)}

    unused = {code for code in refusals.texts if code not in used and not any(found.fullmatch(code) for found in composed)}
    assert unused == set()
