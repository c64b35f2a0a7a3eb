"""What does the record call an organiser's own question, and how does it read an answer to it?"""

from __future__ import annotations

import json

from flask import g

from eventreg.core.i18n import page_lang
from eventreg.core.questions import store, words
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Question
from eventreg.proposals import standard
from eventreg.registration.queries import PURPOSE

_OWN = field_name("")


def question_of(name: str) -> Question | None:
    """The own question of registration, else of the call, whose answers go by this name; looked up once for a page."""
    if not name.startswith(_OWN) or g.get("event") is None:
        return None
    if "own_questions" not in g:
        g.own_questions = {}
    if name not in g.own_questions:
        code = name.removeprefix(_OWN)
        found_for = (store.last_known(g.event.id, purpose, code) for purpose in (PURPOSE, standard.PURPOSE))
        g.own_questions[name] = next(filter(None, found_for), None)
    found: Question | None = g.own_questions[name]
    return found


def label(name: str) -> str | None:
    """What the question is called; None where the name is no own question's."""
    question = question_of(name)
    return question.label.in_(page_lang()) if question is not None else None


def said(name: str, kept: str | None) -> str:
    """An answer, as the record keeps it, in words."""
    question = question_of(name)
    if question is None or not kept:
        return kept or ""
    return words.said(question, json.loads(kept))
