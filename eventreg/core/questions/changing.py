"""What becomes of answers when a question changes? Told before it is done, and done exactly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventreg.core import countries
from eventreg.core.questions import judging
from eventreg.core.questions.conditions import given_values, holds
from eventreg.core.questions.shape import CHOICES, Form, Kind, Question
from eventreg.core.refusals import Refusal, Refused


@dataclass
class Effect:
    """What happens to the answers to one question: how many are kept, written in a new way, or erased, and why.

    `missing`: how many are asked from now on, must answer, and have not.
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


class Untold(Refused):
    """The change does something to answers that was not told, or not as it is now; nothing is written."""

    def __init__(self, outlook: Any) -> None:
        super().__init__(Refusal("question.answers_affected"))
        self.outlook = outlook


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


def decides_alike(old: Form, new: Form) -> bool:
    """Whether two forms differ in nothing that decides about answers: then no answer needs to be looked at."""
    return _deciding(old) == _deciding(new)


def _deciding(form: Form) -> tuple[Any, ...]:
    own = {
        q.code: (q.kind, q.is_required, q.is_sensitive, [option.key for option in q.options], q.least, q.most, q.when, q.is_asked,
                 form.home_of(q.code).asked)
        for q in form.own()
    }  # fmt: skip
    return own, {q.code: q.is_asked for q in form.questions() if not q.is_own}


@dataclass(frozen=True)
class Changed:
    """Somebody's answers under the new form, and what that does to each."""

    values: dict[str, Any]
    fates: dict[str, str]  # by question that had an answer: kept, rewritten, deleted, hidden, option, unreadable
    missing: frozenset[str]  # questions that want an answer and have none


class Crossing:
    """From one version of a form to the next: what is the same for everybody is found out once, as people are many."""

    def __init__(self, old: Form, new: Form) -> None:
        self._before = {question.code: question for question in old.questions()}
        self._after = {question.code: question for question in new.own()}
        self._asking = [question for question in self._after.values() if question.is_asked]
        self._alike = {code for code, after in self._after.items() if _are_alike(self._before.get(code), after)}

    def of(self, values: Mapping[str, Any], facts: Mapping[str, Any], lang: str = "en") -> Changed:
        """The stored answers of one person under the new form. Of an answer that it hides nothing stays.

        `facts` are the answers to the product's own questions. Stored answers are clean, so what stays as it is is not
        judged again; which questions are asked is decided as `judging.judge` does.
        """
        carried: dict[str, Any] = {}
        fates: dict[str, str] = {}
        for code, value in values.items():
            carried[code], fates[code] = self._carried(code, value, lang)
        kept = {code: value for code, value in carried.items() if fates[code] in _STAYING and not self._after[code].is_asked}
        known, missing = dict(facts), set()
        for question in self._asking:
            code = question.code
            has_answer = fates.get(code) in _STAYING
            if question.when is not None and not holds(question.when, known):
                if has_answer:
                    fates[code] = "hidden"
            elif has_answer:
                kept[code] = known[code] = carried[code]
            else:
                if question.kind is Kind.CONSENT:
                    known[code] = False
                if question.is_required:
                    missing.add(code)
        return Changed(kept, fates, frozenset(missing))

    def unfit(self, values: Mapping[str, Any]) -> set[str]:
        """The questions whose stored answer is none that the new form knows."""
        found = {code for code in values if code not in self._after}
        for code, value in values.items():
            offered = {option.key for option in self._after[code].options} if code in self._after else set()
            if offered and not set(given_values(value)) <= offered:
                found.add(code)
        return found

    def _carried(self, code: str, value: Any, lang: str) -> tuple[Any, str]:
        """An answer as one to the changed question, and its fate before it is known whether the question is asked."""
        if code in self._alike:
            return value, "kept"
        before, after = self._before.get(code), self._after.get(code)
        if before is None or after is None:
            return None, "deleted"
        carried = rewritten(before, after, value, lang)
        if carried is None:
            return None, "option" if after.kind in CHOICES and before.kind in CHOICES else "unreadable"
        return carried, "kept" if carried == value else "rewritten"


_STAYING = ("kept", "rewritten")


def _are_alike(before: Question | None, after: Question) -> bool:
    """Whether every answer to one is one to the other: their words do not matter, nor of whom they are asked."""
    names = ("kind", "least", "most")
    if before is None or any(getattr(before, name) != getattr(after, name) for name in names):
        return False
    return [option.key for option in before.options] == [option.key for option in after.options]


def add_up(effects: dict[str, Effect], fates: Mapping[str, str], newly_missing: Iterable[str]) -> None:
    """Count what happens to one person's answers."""
    for code, fate in fates.items():
        effect = effects.setdefault(code, Effect(code))
        match fate:
            case "kept":
                effect.kept += 1
            case "rewritten":
                effect.rewritten += 1
            case _:
                effect.erased[fate] += 1
    for code in newly_missing:
        effects.setdefault(code, Effect(code)).missing += 1
