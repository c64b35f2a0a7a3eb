"""The chair writes the criteria, freezes them, and changes frozen ones only with a second person's yes (DOMAIN R16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventreg.core import audit, clock, tokens
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.reviewing import queries, reopening, rules
from eventreg.reviewing.models import CriteriaSet, Criterion
from eventreg.reviewing.rules import CriterionPlan, SetState


class Wrong(Exception):
    """What is wrong with a criterion, by field; nothing was changed."""

    def __init__(self, problems: Mapping[str, Refusal]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def plan_of(criterion: Criterion) -> CriterionPlan:
    """A criterion as plain values."""
    anchors = {int(level): Text.of(words) for level, words in criterion.anchors.items()}
    return CriterionPlan(
        criterion.kind, criterion.name, criterion.guidance, anchors, criterion.weight, criterion.is_required, criterion.code
    )


def published(found: CriteriaSet) -> dict[str, Any]:
    """What is hashed and shown to everybody of a set."""
    return rules.canonical([plan_of(one) for one in found.criteria], lowest=found.lowest, highest=found.highest)


def begin(event_id: int, *, by: int, reason: Text | None = None) -> CriteriaSet:
    """The set that is being written; begun when there is none. A new version of frozen criteria begins as a copy, with a reason.

    Raises Refused: no reason for a new version.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        if found := queries.draft(event_id):
            return found
        frozen = queries.frozen(event_id)
        if frozen is not None and not reason:
            raise Refused(Refusal("criteria.reason_missing"))
        made = CriteriaSet(
            event_id=event_id, number=frozen.number + 1 if frozen else 1, begun_at=now, begun_by_id=by, reason=reason or Text(),
            lowest=frozen.lowest if frozen else 1, highest=frozen.highest if frozen else 5,
        )  # fmt: skip
        before = frozen.criteria if frozen else []
        made.criteria = [_written(Criterion(code=one.code, rank=one.rank), plan_of(one)) for one in before]
        db.session.add(made)
        db.session.flush()
        _record("criteria.begun", made, by, {"reason": made.reason.as_dict()})
        return made


def _written(criterion: Criterion, plan: CriterionPlan) -> Criterion:
    criterion.kind, criterion.name, criterion.guidance = plan.kind, plan.name, plan.guidance
    criterion.anchors = {str(level): words.as_dict() for level, words in sorted(plan.anchors.items()) if words}
    criterion.weight, criterion.is_required = plan.weight, plan.is_required
    return criterion


def save(event_id: int, plan: CriterionPlan, *, by: int) -> Criterion:
    """Keep a criterion of the draft, a new one when it has no code. Raises Wrong, Refused (too many, none such, frozen)."""
    with transaction(queue=("reviewing", event_id)):
        draft = _draft(event_id)
        if plan.kind == "condition":
            plan = CriterionPlan(plan.kind, plan.name, plan.guidance, {}, 1, plan.is_required, plan.code)
        if problems := rules.why_not_keep(plan, lowest=draft.lowest, highest=draft.highest):
            raise Wrong(problems)
        criterion = _of(draft, plan.code) if plan.code else None
        if criterion is None:
            if len(draft.criteria) >= rules.MOST_CRITERIA:
                raise Refused(Refusal("criteria.too_many", {"most": rules.MOST_CRITERIA}))
            criterion = Criterion(code=tokens.short_code("K", length=5), rank=len(draft.criteria) + 1)
            draft.criteria.append(_written(criterion, plan))
        else:
            _written(criterion, plan)
        _changed(draft, by, {"criterion": criterion.code, "name": plan.name.as_dict()})
        return criterion


def remove(event_id: int, code: str, *, by: int) -> None:
    """Take a criterion out of the draft. Raises Refused: none such, frozen."""
    with transaction(queue=("reviewing", event_id)):
        draft = _draft(event_id)
        criterion = _of(draft, code)
        draft.criteria.remove(criterion)
        for rank, one in enumerate(draft.criteria, start=1):
            one.rank = rank
        _changed(draft, by, {"removed": code, "name": criterion.name.as_dict()})


def move(event_id: int, code: str, step: int, *, by: int) -> None:
    """Put a criterion of the draft one place up (-1) or down (1). Raises Refused: none such, frozen."""
    with transaction(queue=("reviewing", event_id)):
        draft = _draft(event_id)
        order = list(draft.criteria)
        at = order.index(_of(draft, code))
        to = min(max(at + step, 0), len(order) - 1)
        order.insert(to, order.pop(at))
        for rank, one in enumerate(order, start=1):
            one.rank = rank
        _changed(draft, by, {"moved": code, "to": to + 1})


def set_scale(event_id: int, lowest: int, highest: int, *, by: int) -> CriteriaSet:
    """From which to which level the draft's criteria are scored; what was said of levels that are no more goes.

    Raises Refused: no such scale, frozen.
    """
    if refusal := rules.why_not_scale(lowest, highest):
        raise Refused(refusal)
    with transaction(queue=("reviewing", event_id)):
        draft = _draft(event_id)
        if (draft.lowest, draft.highest) == (lowest, highest):
            return draft
        draft.lowest, draft.highest = lowest, highest
        for one in draft.criteria:
            one.anchors = {level: words for level, words in one.anchors.items() if lowest <= int(level) <= highest}
        _changed(draft, by, {"scale": [lowest, highest]})
        return draft


def drop(event_id: int, *, by: int) -> None:
    """Give up a new version that was begun: the frozen one stays in force. Raises Refused: there is nothing frozen, no draft."""
    with transaction(queue=("reviewing", event_id)):
        draft = queries.draft(event_id)
        if draft is None or queries.frozen(event_id) is None:
            raise Refused(Refusal("criteria.no_draft"))
        _record("criteria.dropped", draft, by, {})
        db.session.delete(draft)


def freeze(event_id: int, *, by: int) -> CriteriaSet:
    """Freeze the draft. The first set is frozen at once; a change of frozen ones is offered, and waits for a second person.

    Raises Refused: something lacks, there is no draft, it waits already.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        draft = _draft(event_id)
        plans = [plan_of(one) for one in draft.criteria]
        if refusal := rules.why_not_freeze(plans, lowest=draft.lowest, highest=draft.highest):
            raise Refused(refusal)
        if queries.frozen(event_id) is None:
            return _freeze(draft, by)
        draft.offered_at, draft.offered_by_id = now, by
        _record("criteria.offered", draft, by, {})
        return draft


def confirm(event_id: int, seal: str, *, by: int) -> CriteriaSet:
    """The second person's yes to the change that they looked at (`seal`: its hash): it is in force, and reviews open again.

    Raises Refused: nothing waits, it is the same person, it was changed since.
    """
    with transaction(queue=("reviewing", event_id)):
        draft = queries.draft(event_id)
        if draft is None or draft.offered_at is None:
            raise Refused(Refusal("criteria.nothing_offered"))
        if draft.offered_by_id == by:
            raise Refused(Refusal("criteria.same_person"))
        if rules.hash_of(published(draft)) != seal:
            raise Refused(Refusal("criteria.changed_since"))
        before = queries.frozen(event_id)
        made = _freeze(draft, by)
        if before is not None:
            reopening.reopen(made, before)
        return made


def take_back(event_id: int, *, by: int) -> None:
    """A change that waits for a second person is written again. Raises Refused: nothing waits."""
    with transaction(queue=("reviewing", event_id)):
        draft = queries.draft(event_id)
        if draft is None or draft.offered_at is None:
            raise Refused(Refusal("criteria.nothing_offered"))
        draft.offered_at = draft.offered_by_id = None
        _record("criteria.taken_back", draft, by, {})


def _freeze(draft: CriteriaSet, by: int) -> CriteriaSet:
    draft.state, draft.hash = SetState.FROZEN, rules.hash_of(published(draft))
    draft.frozen_at, draft.frozen_by_id = clock.now(), by
    _record("criteria.frozen", draft, by, {"hash": draft.hash, "criteria": len(draft.criteria)})
    return draft


def _draft(event_id: int) -> CriteriaSet:
    draft = queries.draft(event_id)
    if draft is None:
        raise Refused(Refusal("criteria.no_draft"))
    if draft.offered_at is not None:
        raise Refused(Refusal("criteria.waits"))
    return draft


def _of(draft: CriteriaSet, code: str) -> Criterion:
    found = next((one for one in draft.criteria if one.code == code), None)
    if found is None:
        raise Refused(Refusal("criteria.none_such"))
    return found


def _changed(draft: CriteriaSet, by: int, facts: dict[str, Any]) -> None:
    draft.revision += 1
    db.session.flush()
    _record("criteria.changed", draft, by, facts)


def _record(action: str, found: CriteriaSet, by: int, facts: dict[str, Any]) -> None:
    actor = people.actor_of(db.session.get_one(Person, by), "organiser")
    audit.record(action, ("criteria_set", str(found.number)), event_id=found.event_id, actor=actor, facts=facts)

