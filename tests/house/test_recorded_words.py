"""Has every action of the record words, and every kind of thing it is about a name?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import eventreg.app  # noqa: F401 - loads every model
from eventreg.core.db import Base
from eventreg.manage import event_sentences, sentences

ROOT = Path(__file__).resolve().parents[2]
RECORDING = {"record", "_record"}
# the endings that one f-string stands for: places.leave, places.end_offer
COMPOSED = {"registration.{}": ("cancelled", "expired", "declined"), "waiting.{}": ("refused", "lapsed")}


def _given() -> Iterator[ast.expr]:
    """What is given as the action wherever something is recorded; the demo's marks stand in no meeting's record."""
    for path in sorted((ROOT / "eventreg").rglob("*.py")):
        if path.parent.name == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in RECORDING and node.args:
                yield node.args[0]


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "audit":
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _actions() -> set[str]:
    found: set[str] = set()
    for node in _given():
        if isinstance(node, ast.Constant):
            found.add(str(node.value))
        elif isinstance(node, ast.JoinedStr):
            pattern = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            found |= {pattern.format(ending) for ending in COMPOSED[pattern]}
    return found


def test_every_action_has_words() -> None:
    worded = set(sentences.SENTENCES) | set(event_sentences.SENTENCES)
    actions = _actions()

    assert {"registration.cancelled", "waiting.lapsed", "scan.forced", "scan.undone", "event.set_up"} <= actions
    assert {action for action in actions if action not in worded} == set()
    assert {action for action in worded if action not in actions} == set()


def test_an_action_whose_sentence_is_composed_has_a_label() -> None:
    every = {**sentences.SENTENCES, **event_sentences.SENTENCES}

    assert {action for action, words in every.items() if callable(words)} == set(event_sentences.LABELS)


def test_every_kind_of_thing_recorded_has_a_name() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted((ROOT / "eventreg").rglob("*.py")))
    pairs = set(re.findall(r"audit\.record\(\s*f?\"[^\"]+\", \(\"(\w+)\"", source)) - {"demo"}
    tables = {mapper.class_.__tablename__ for mapper in Base.registry.mappers}

    assert pairs and pairs <= set(event_sentences.KINDS)
    assert set(event_sentences.KINDS) - pairs <= tables | {"badge_batch"}
