"""Is this set of criteria ready, may this be scored, what does a review come to? Pure: values in, a decision with why out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from eventreg.core import text
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS, Text


class SetState(StrEnum):
    """States of a version of the criteria; one that waits for its second person is a draft with `offered_at`."""

    DRAFT = "draft"
    FROZEN = "frozen"


class AssignmentState(StrEnum):
    """States of an assignment (DOMAIN 5.5)."""

    ASSIGNED = "assigned"
    STARTED = "started"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    CONFLICTED = "conflicted"
    TAKEN_AWAY = "taken_away"


HELD = frozenset({AssignmentState.ASSIGNED, AssignmentState.STARTED, AssignmentState.SUBMITTED})  # counts as somebody's

_MOVES: Mapping[AssignmentState, frozenset[AssignmentState]] = {
    AssignmentState.ASSIGNED: frozenset(
        {AssignmentState.STARTED, AssignmentState.DECLINED, AssignmentState.CONFLICTED, AssignmentState.TAKEN_AWAY}
    ),
    AssignmentState.STARTED: frozenset(
        {AssignmentState.SUBMITTED, AssignmentState.DECLINED, AssignmentState.CONFLICTED, AssignmentState.TAKEN_AWAY}
    ),
    AssignmentState.SUBMITTED: frozenset({AssignmentState.STARTED, AssignmentState.CONFLICTED}),
    AssignmentState.DECLINED: frozenset({AssignmentState.ASSIGNED}),
    AssignmentState.CONFLICTED: frozenset({AssignmentState.ASSIGNED}),  # once the tie is found to be none
    AssignmentState.TAKEN_AWAY: frozenset({AssignmentState.ASSIGNED}),
}


class ListState(StrEnum):
    """States of a list of decisions (DOMAIN 5.6)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    VOID = "void"


def why_not_move(current: str, target: AssignmentState) -> Refusal | None:
    """Say why an assignment cannot go from `current` to `target`, or None."""
    if target in _MOVES[AssignmentState(current)]:
        return None
    return Refusal("review.wrong_state", {"state": current})


# ---- criteria --------------------------------------------------------------------------------------------------------

KINDS = ("score", "condition")
MOST_CRITERIA, MOST_LEVELS, MOST_WEIGHT = 12, 11, 10
NAME_WORDS, GUIDANCE_WORDS, ANCHOR_WORDS = 20, 120, 25


@dataclass(frozen=True)
class CriterionPlan:
    """A criterion as the chair writes it. `anchors` say what a level means; weight and anchors are of scores only."""

    kind: str
    name: Text
    guidance: Text = Text()
    anchors: Mapping[int, Text] = field(default_factory=dict)
    weight: int = 1
    is_required: bool = True
    code: str = ""


def why_not_keep(plan: CriterionPlan, *, lowest: int, highest: int) -> dict[str, Refusal]:
    """What is wrong with a criterion while it is written, by field; languages may lack until it is frozen."""
    problems: dict[str, Refusal] = {}
    if plan.kind not in KINDS:
        problems["kind"] = Refusal("criteria.kind")
    if not plan.name:
        problems["name"] = Refusal("criteria.name_missing")
    if plan.kind == "score" and not 1 <= plan.weight <= MOST_WEIGHT:
        problems["weight"] = Refusal("criteria.weight", {"most": MOST_WEIGHT})
    for name, words, limit in (("name", plan.name, NAME_WORDS), ("guidance", plan.guidance, GUIDANCE_WORDS)):
        if any(text.count_words(words.as_dict().get(lang, "")) > limit for lang in LANGS):
            problems[name] = Refusal("criteria.too_long", {"limit": limit})
    for level, words in plan.anchors.items():
        if not lowest <= level <= highest:
            problems[f"anchor_{level}"] = Refusal("criteria.no_such_level")
        elif any(text.count_words(words.as_dict().get(lang, "")) > ANCHOR_WORDS for lang in LANGS):
            problems[f"anchor_{level}"] = Refusal("criteria.too_long", {"limit": ANCHOR_WORDS})
    return problems


def why_not_scale(lowest: int, highest: int) -> Refusal | None:
    """Say why scores cannot go from `lowest` to `highest`, or None."""
    if 0 <= lowest <= 1 and 1 <= highest - lowest <= MOST_LEVELS - 1:
        return None
    return Refusal("criteria.scale", {"most": MOST_LEVELS})


def lacks(plan: CriterionPlan, *, lowest: int, highest: int) -> list[str]:
    """What a criterion lacks before it can be frozen: fields such as "name_ar" or "anchor_5_fr".

    Of a score both ends of the scale must be described (R16); a level that is described is so in every language.
    """
    lacking = [f"name_{lang}" for lang in LANGS if not plan.name.as_dict().get(lang)]
    lacking += [f"guidance_{lang}" for lang in LANGS if plan.guidance and not plan.guidance.as_dict().get(lang)]
    if plan.kind == "score":
        described = sorted({lowest, highest} | {level for level, words in plan.anchors.items() if words})
        lacking += [
            f"anchor_{level}_{lang}"
            for level in described
            for lang in LANGS
            if not plan.anchors.get(level, Text()).as_dict().get(lang)
        ]
    return lacking


def why_not_freeze(plans: Sequence[CriterionPlan], *, lowest: int, highest: int) -> Refusal | None:
    """Say why a set cannot be frozen, or None."""
    if not any(plan.kind == "score" for plan in plans):
        return Refusal("criteria.nothing_to_score")
    if not any(plan.kind == "score" and plan.is_required for plan in plans):
        return Refusal("criteria.nothing_required")
    if any(lacks(plan, lowest=lowest, highest=highest) for plan in plans):
        return Refusal("criteria.incomplete")
    return None


def canonical(plans: Sequence[CriterionPlan], *, lowest: int, highest: int) -> dict[str, Any]:
    """What is published and hashed of a set: its scale, and each criterion in order with its words and weight."""
    return {
        "scale": [lowest, highest],
        "criteria": [
            {
                "code": plan.code, "kind": plan.kind, "name": plan.name.as_dict(), "guidance": plan.guidance.as_dict(),
                "required": plan.is_required,
                **({"weight": plan.weight, "levels": _levels(plan)} if plan.kind == "score" else {}),
            }
            for plan in plans
        ],
    }  # fmt: skip


def _levels(plan: CriterionPlan) -> dict[str, dict[str, str]]:
    return {str(level): words.as_dict() for level, words in sorted(plan.anchors.items()) if words}


def hash_of(published: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no blanks, UTF-8), in hexadecimal: anybody can compute it again."""
    return hashlib.sha256(json.dumps(published, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# ---- a review --------------------------------------------------------------------------------------------------------

COMMENT_LEAST = 40  # characters to the committee (DOMAIN 5.5)
COMMENT_MOST = 4000
CONFIDENCES = (1, 2, 3)
UNABLE_MOST = 300


@dataclass(frozen=True)
class Asked:
    """A criterion as it is asked of a reviewer."""

    code: str
    kind: str
    weight: int
    is_required: bool


@dataclass(frozen=True)
class Given:
    """What a reviewer gave to a criterion: a value, or why they cannot judge."""

    value: int | None = None
    unable: str = ""


@dataclass(frozen=True)
class Reviewed:
    """A review as read from a form: what could be read stays, whatever is wrong with the rest."""

    given: Mapping[str, Given]
    confidence: int | None
    to_committee: str
    to_proposer: str


_UNABLE = "unable"


def read(raw: Mapping[str, Any], asked: Iterable[Asked], *, lowest: int, highest: int) -> tuple[Reviewed, dict[str, Refusal]]:
    """(what was given, what is wrong with it by field). Fields: `c_<code>`, `unable_<code>`, confidence, and the two comments.

    An empty score is no mistake here: a draft may lack anything. `c_<code>` is a level in any digits, or "unable".
    """
    problems: dict[str, Refusal] = {}
    given: dict[str, Given] = {}
    for one in asked:
        name = f"c_{one.code}"
        try:
            given[one.code] = _given(raw, one, lowest=lowest, highest=highest)
        except Refused as error:
            problems[name] = error.refusal
    confidence = None
    try:
        confidence = _level(str(raw.get("confidence") or ""), CONFIDENCES[0], CONFIDENCES[-1])
    except Refused as error:
        problems["confidence"] = error.refusal
    comments = {}
    for name in ("to_committee", "to_proposer"):
        comments[name] = text.clean_text(str(raw.get(name) or ""))
        if len(comments[name]) > COMMENT_MOST:
            problems[name] = Refusal("review.comment_long", {"most": COMMENT_MOST})
    return Reviewed(given, confidence, comments["to_committee"], comments["to_proposer"]), problems


def _given(raw: Mapping[str, Any], one: Asked, *, lowest: int, highest: int) -> Given:
    typed = raw.get(f"c_{one.code}")
    typed = typed.strip() if isinstance(typed, str) else ""
    if typed == _UNABLE:
        return Given(unable=text.clean_text(str(raw.get(f"unable_{one.code}") or ""))[:UNABLE_MOST] or _UNABLE)
    return Given(_level(typed, 0, 1) if one.kind == "condition" else _level(typed, lowest, highest))


def _level(typed: str, lowest: int, highest: int) -> int | None:
    """A whole number on the scale, in any script's digits; '' is None. Raises Refused."""
    if not typed:
        return None
    digits = text.latin_digits(typed)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3):
        raise Refused(Refusal("review.not_a_level", {"least": lowest, "most": highest}))
    value = int(digits)
    if not lowest <= value <= highest:
        raise Refused(Refusal("review.off_the_scale", {"least": lowest, "most": highest}))
    return value


def why_not_submit(review: Reviewed, asked: Iterable[Asked]) -> dict[str, Refusal]:
    """What a review lacks before it can be submitted, by field: required criteria, a reason where it cannot judge, the comment."""
    problems: dict[str, Refusal] = {}
    for one in asked:
        given = review.given.get(one.code, Given())
        if given.unable == _UNABLE:
            problems[f"c_{one.code}"] = Refusal("review.unable_why")
        elif given.value is None and not given.unable and one.is_required:
            problems[f"c_{one.code}"] = Refusal("review.score_missing")
    if review.confidence is None:
        problems["confidence"] = Refusal("review.confidence_missing")
    if len(review.to_committee) < COMMENT_LEAST:
        problems["to_committee"] = Refusal("review.comment_short", {"least": COMMENT_LEAST})
    return problems


def total(given: Mapping[str, Given], asked: Iterable[Asked]) -> float | None:
    """The weighted mean of the scores given (R20); what cannot be judged is left out, never 0. None: nothing was scored."""
    scored = [(given[one.code].value, one.weight) for one in asked if one.kind == "score" and one.code in given]
    pairs = [(value, weight) for value, weight in scored if value is not None]
    if not pairs:
        return None
    return sum(value * weight for value, weight in pairs) / sum(weight for _value, weight in pairs)


def fails(given: Mapping[str, Given], asked: Iterable[Asked]) -> list[str]:
    """The codes of the conditions that the reviewer finds not met."""
    return [one.code for one in asked if one.kind == "condition" and one.code in given and given[one.code].value == 0]


def why_not_review(
    *, state: str, proposal_state: str, opens_at: datetime | None, closes_at: datetime | None, now: datetime, is_frozen: bool
) -> Refusal | None:
    """Say why a review cannot be written or changed now, or None."""
    if state not in HELD:
        return Refusal("review.not_yours", {"state": state})
    if proposal_state in ("withdrawn", "merged"):
        return Refusal("review.proposal_gone", {"state": proposal_state})
    if not is_frozen or opens_at is None or now < opens_at:
        return Refusal("review.not_open")
    if closes_at is not None and now >= closes_at:
        return Refusal("review.closed", {"at": closes_at})
    return None


# ---- selection -------------------------------------------------------------------------------------------------------

OUTCOMES = ("accept", "reserve", "decline", "merge")
QUOTAS = ("total", "minutes", "track", "sector", "country", "language", "format")
WORDS_LEAST = 40  # characters of a reason in the proposer's language (R21)
