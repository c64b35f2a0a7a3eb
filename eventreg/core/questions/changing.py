"""What becomes of answers when a question changes? Told before it is done, and done exactly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventreg.core import countries
from eventreg.core.questions import judging
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.shape import CHOICES, Form, Kind, Question
from eventreg.core.refusals import Refused


@dataclass
class Effect:
    """What happens to the answers to one question: how many are kept, written in a new way, or erased, and why.

    `missing`: how many of those asked have no answer although one is required now.
    """

    code: str
    kept: int = 0
    rewritten: int = 0
    erased: Counter[str] = field(default_factory=Counter)  # by reason: deleted, hidden, option, unreadable
    missing: int = 0

    @property
    def is_telling(self) -> bool:
        """Whether anything happens to an answer that somebody gave."""
        return bool(self.rewritten or self.erased or self.missing)


def rewritten(old: Question, new: Question, value: Any, lang: str = "en") -> Any:
    """An answer to `old` as an answer to `new`; None where it cannot be one.

    A choice becomes its label, a text that reads like a number, a date, an option or a country becomes that.
    """
    if old.kind is new.kind and old.kind is not Kind.SEVERAL_OF:
        return _clean(new, value)
    if old.kind is Kind.SEVERAL_OF and new.kind is Kind.SEVERAL_OF:
        known = {option.key for option in new.options}
        return _clean(new, [key for key in value if key in known])
    if Kind.FILE in (old.kind, new.kind) or Kind.CONSENT in (old.kind, new.kind):
        return None
    if old.kind in CHOICES and new.kind in CHOICES:
        keys = given_values(value)
        return _clean(new, keys if new.kind is Kind.SEVERAL_OF else keys[0] if len(keys) == 1 else "")
    words = _words(old, value, lang)
    return _clean(new, _read(new, words))


def _words(question: Question, value: Any, lang: str) -> str:
    if question.kind in CHOICES:
        labels = {option.key: option.label.in_(lang) for option in question.options}
        return ", ".join(labels.get(key, key) for key in given_values(value))
    return countries.name(str(value), lang) if question.kind is Kind.COUNTRY else str(value)


def _read(question: Question, words: str) -> Any:
    if question.kind in CHOICES:
        found = next((o.key for o in question.options if words.strip() in {o.key, o.label.ar, o.label.fr, o.label.en}), "")
        return found if question.kind is Kind.ONE_OF else [found] if found else []
    return words


def _clean(question: Question, value: Any) -> Any:
    try:
        return judging.clean(question, value)
    except Refused:
        return None


@dataclass(frozen=True)
class Changed:
    """Somebody's answers under the new form, and what that does to each."""

    values: dict[str, Any]
    fates: dict[str, str]  # by question: kept, rewritten, deleted, hidden, option, unreadable, missing


def under_new_form(old: Form, new: Form, values: Mapping[str, Any], facts: Mapping[str, Any], lang: str = "en") -> Changed:
    """The answers of one person carried over from one version of a form to the next.

    `facts` are the clean answers to the product's own questions. Of an answer that the new form hides nothing stays.
    """
    raw: dict[str, Any] = {}
    stopped: dict[str, Any] = {}
    fates: dict[str, str] = {}
    for code, value in values.items():
        before, after = old.find(code), new.find(code)
        if before is None or after is None or not after.is_own:
            fates[code] = "deleted"
        elif not after.is_asked:
            stopped[code], fates[code] = value, "kept"
        elif (carried := value if before == after else rewritten(before, after, value, lang)) is None:
            fates[code] = "option" if after.kind in CHOICES and before.kind in CHOICES else "unreadable"
        else:
            raw[judging.field_name(code)] = carried
            fates[code] = "kept" if carried == value else "rewritten"
    judged = judging.judge(new, raw, facts, asked=None)
    fates |= {code: "hidden" for code in judged.hidden if judging.field_name(code) in raw}
    fates |= {code: "missing" for code in judged.problems if code not in fates}
    return Changed(judged.values | stopped, fates)


def count(fates: Iterable[Mapping[str, str]]) -> dict[str, Effect]:
    """The fates of many people's answers, added up by question."""
    effects: dict[str, Effect] = {}
    for one in fates:
        for code, fate in one.items():
            effect = effects.setdefault(code, Effect(code))
            if fate in ("kept", "rewritten", "missing"):
                setattr(effect, fate, getattr(effect, fate) + 1)
            else:
                effect.erased[fate] += 1
    return effects
