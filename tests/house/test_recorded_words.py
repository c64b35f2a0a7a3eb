"""Has every action of the record words, and every kind of thing it is about a name?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

import eventreg.app  # noqa: F401 - loads every model
from eventreg.core.audit import AuditLine, AuditValue
from eventreg.core.db import Base
from eventreg.core.i18n import LANGS, in_language
from eventreg.manage import event_sentences, fact_words, sentences

ROOT = Path(__file__).resolve().parents[2]
RECORDING = {"record", "_record", "record_many"}
# the endings that one f-string stands for: places.leave, places.end_offer
COMPOSED = {"registration.{}": ("cancelled", "expired", "declined"), "waiting.{}": ("refused", "lapsed")}


def _given() -> Iterator[ast.expr]:
    """What is given as the action wherever something is recorded; the demo's marks stand in no meeting's record."""
    for path in sorted((ROOT / "eventreg").rglob("*.py")):
        if path.parent.name == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in RECORDING and node.args:
                said = node.args[0]
                yield from (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,)


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


# ---- no code is left in a sentence -----------------------------------------------------------------------------------

# what every kind of fact looks like in the record; `BY_ACTION` says where one name means different things
FACTS: dict[str, Any] = {
    "state": "waitlisted", "category": "civil_society", "country": "MA", "lang": "ar", "in_grace": True, "passed_deadline": True,
    "passed_limit": False, "passes_deadline": True, "passes_limit": False, "passes_moderation": True, "position": 12,
    "until": "2022-09-29T08:10:00+00:00", "number": 3, "layout": "a6-fold", "which": "one_script", "count": 20, "rows": 43,
    "filter": {"state": "waitlisted", "category": "civil_society", "country": "MA", "day": "2022-11-01", "needs": "yes",
               "address": "unconfirmed", "codes": "R-AAAA,R-BBBB"},
    "is_searched": True, "door": "North", "role": "OR", "scopes": ["needs", "audit"], "tracks": 9, "registration": "R-7K3FQM4T",
    "opens_local": "2022-07-01T00:00:00", "closes_local": "2022-10-01T00:00:00", "zone": "Africa/Casablanca",
    "expires_at": "2022-10-15T23:00:00+00:00", "max_uses": 1, "uses": 0, "reason": {"en": "Visas take longer"}, "is_shared": True,
    "bound": True, "answer": "not_confirmed", "mails": 4, "about": "registration R-7K3FQM4T", "done": 40, "skipped": 2,
    "untouched": 1, "changed": ["name_latin", "wants_visa_letter", "days"], "is_empty": False, "key": "", "kind": "event",
    "before": "confirmed", "after": None, "why": "own", "scan": "0", "opens_at": ["2022-07-01T00:00:00+00:00"] * 2,
    "closes_at": ["2022-10-01T00:00:00+00:00"] * 2, "code": "I-7K3FQM4T", "batch": 1, "for_organisation": True,
    "remind_days": [3, 7], "source": "O-2", "target": "O-1", "registrations": 4, "people": 3,
    "questions": ["access"], "place": 3, "size": 6, "is_kept": True,
}  # fmt: skip
BY_ACTION: dict[str, dict[str, Any]] = {
    "registration.category_given": {"before": "civil_society", "after": "press"},
    "event.limit_set": {"kind": "category", "key": "civil_society", "before": None, "after": 20},
    "event.deadline_moved": {
        "before": {"closes_local": "2022-10-01T00:00:00", "grace_minutes": 5},
        "after": {"closes_local": "2022-10-08T00:00:00", "closes_at": "2022-10-07T23:00:00+00:00", "grace_minutes": 5},
    },
    "participants.exported": {"kind": "xlsx"}, "needs.listed": {"kind": "print"}, "participants.bulk": {"kind": "cancel"},
    "event.group_rules_set": {
        "before": {"venue_capacity": None, "delegation_max": 0}, "after": {"venue_capacity": 900, "delegation_max": 5},
    },
    "delegation.names_until_set": {"before": "", "after": "2022-10-11T00:00:00"},
    "registration.organisation_set": {
        "before": "O-2", "after": "O-1", "why": "sector", "sector_before": "civil_society", "sector_after": "media",
    },
    "moderation.prepared": {"reason": "other", "verdict": "no"}, "registration.declined": {"reason": "other", "verdict": "no"},
    "registration.accepted": {"reason": "other"},
    "call.set": {"before": {"closes_local": "2022-08-31T00:00:00"}, "after": {"closes_local": "2022-09-01T00:00:00"}},
    "call.formats_set": {"before": [], "after": [{"name": {"en": "Panel"}, "minutes": 60}]},
    "call.form_changed": {"did": "question_changed", "code": "size", "name": {}, "version": 2, "incomplete": 3},
    "proposal.person_named": {"role": "speaker"}, "proposal.person_removed": {"role": "contact"},
    "proposal.co_organiser_answered": {"answer": "accepted"}, "proposal.sent": {"number": 3, "version": 1, "hash": "0a1b"},
    "proposal.restored": {"state": "draft"}, "proposal.entered": {"number": 3}, "proposal.amended": {"version": 2},
    "proposal.merged": {"source": "W-1"}, "proposal.merged_away": {"target": "W-2"}, "proposal.not_the_same": {"other": "W-2"},
    **{f"note.{what}": {"version": 2, "section": "axis"} for what in ("written", "commented", "comment_resolved")},
    **{f"note.{what}": {"version": 2, "hash": "0a1b", "bodies": 2} for what in (
        "begun", "proposed", "signed", "signed_off", "superseded", "changes_asked", "taken_back", "reminded")},
    "criteria.changed": {"criterion": "K-1", "name": {"en": "Relevance"}}, "criteria.frozen": {"hash": "0a1b", "criteria": 5},
    "reviewer.left": {"freed": 3},
    "mail.sent_again": {"kind": "registration/confirmed", "before": "failed"},
    "form.changed": {"did": "question_changed", "code": "phone", "name": {}, "version": 2, "rewritten": 3, "erased": 1},
}  # fmt: skip
VALUES = {
    "name_latin": ("Amina", "Amina Bennani"), "category": ("civil_society", "press"), "country": ("MA", "TN"),
    "days": ("['2022-11-01']", "['2022-11-01', '2022-11-02']"), "languages": ("['ar', 'fr']", "['en']"),
    "wants_visa_letter": ("False", "True"), "consents_photo": ("True", "False"), "door_note": (None, "Help"),
}  # fmt: skip
RAW = re.compile(
    r"\b(True|False|None|own|a6-fold|waitlisted|unconfirmed|xlsx|MA|TN|OR)\b|[a-z]+_[a-z]+|\d{4}-\d{2}-\d{2}|[{}\[\]]|\w+/\w+"
)  # fmt: skip
ZONE = "Africa/Casablanca"  # the one name with a slash that people know


def _line(action: str) -> tuple[AuditLine, list[AuditValue]]:
    line = AuditLine(
        id=1, seq=1, at=datetime(2022, 9, 27, tzinfo=UTC), actor="system", action=action, object_kind="registration",
        object_ref="R-7K3FQM4T", facts={**FACTS, **BY_ACTION.get(action, {})},
    )  # fmt: skip
    return line, [AuditValue(name=name, before=before, after=after) for name, (before, after) in VALUES.items()]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_and_no_detail_holds_a_code(app: Flask, lang: str) -> None:
    wrong = []
    for action in sorted({*sentences.SENTENCES, *event_sentences.SENTENCES}):
        line, values = _line(action)
        with app.test_request_context(f"/{lang}/x"), in_language(lang):
            said = [Markup(event_sentences.told(line, values)).striptags(), event_sentences.action_label(action)]
            said += [f"{label}: {value}" for label, value in fact_words.details(line)]
        wrong += [f"{action}: {words}" for words in said if RAW.search(words.replace(ZONE, "").replace("XLSX", ""))]
    assert wrong == []


def test_every_fact_that_is_recorded_has_words() -> None:
    known = set(fact_words.FACTS) | {name for _action, name in fact_words.BY_ACTION}

    assert {"state", "before", "filter"} <= _fact_names()
    assert _fact_names() - known == set()


def _fact_names() -> set[str]:
    """The keys of every dictionary that becomes the facts of a line."""
    found: set[str] = set()
    for path in sorted((ROOT / "eventreg").rglob("*.py")):
        source = path.read_text("utf-8")
        if path.parent.name == "cli" or "audit.record(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            for given in _given_facts(node):
                found |= {str(key.value) for key in given.keys if isinstance(key, ast.Constant)}
    return found


def _given_facts(node: ast.AST) -> Iterator[ast.Dict]:
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "facts" and isinstance(word.value, ast.Dict))
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "facts" for target in node.targets):
        yield from (inner for inner in ast.walk(node.value) if isinstance(inner, ast.Dict))
    if isinstance(node, ast.FunctionDef) and node.name == "_facts":
        yield from (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Dict))
