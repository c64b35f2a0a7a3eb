"""What happened in reviewing, in a sentence; who reviewed what is not said, as others than the chair read the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core.i18n import Text, page_lang

Facts = Mapping[str, Any]


def _changed(facts: Facts) -> str:
    name = Text.of(facts.get("name") or {}).in_(page_lang())
    if "scale" in facts:
        return _("The scale of the criteria was set: %(low)s to %(high)s.", low=facts["scale"][0], high=facts["scale"][1])
    if "removed" in facts:
        return _("The criterion “%(name)s” was taken out.", name=name)
    if "moved" in facts:
        return _("A criterion was moved to place %(n)s.", n=facts.get("to", ""))
    return _("The criterion “%(name)s” was written.", name=name)


def _frozen(facts: Facts) -> str:
    return _("The criteria were frozen. Hash: %(hash)s", hash=facts.get("hash", ""))


def _left(facts: Facts) -> str:
    freed = int(facts.get("freed", 0))
    left = _("A reviewer left.")
    if not freed:
        return left
    words = ngettext("%(num)s proposal went back to the chair.", "%(num)s proposals went back to the chair.", freed)
    return f"{left} {words}"


SENTENCES: Mapping[str, Any | Callable[[Facts], str]] = {
    "criteria.begun": _l("A version of the criteria was begun."),
    "criteria.changed": _changed,
    "criteria.dropped": _l("The new version of the criteria was given up."),
    "criteria.offered": _l("A change of the frozen criteria was proposed to a second person."),
    "criteria.taken_back": _l("The proposed change of the criteria was taken back."),
    "criteria.frozen": _frozen,
    "reviewer.added": _l("A reviewer was named."),
    "reviewer.left": _left,
    "reviewer.load_set": _l("How much a reviewer may get was changed."),
    "reviewer.profile": _l("A reviewer said what they read and know."),
    "conflict.declared": _l("A tie was declared."),
    "conflict.looked": _l("A reviewer looked through those who propose."),
    "conflict.withdrawn": _l("A tie was found to be none."),
    "conflict.dismissed": _l("What looked like a tie was found to be none."),
    "assignment.given": _l("A proposal was given to a reviewer."),
    "assignment.taken_away": _l("A proposal was taken away from a reviewer."),
    "assignment.declined": _l("A reviewer gave a proposal back."),
    "assignment.conflicted": _l("A proposal was taken from a reviewer who is tied to it."),
    "review.submitted": _l("A review was submitted."),
    "reviewing.set": _l("The settings of reviewing were changed."),
    "reviewing.opened": _l("Reviewing was opened."),
    "role.taken": _l("A role was taken away from somebody."),
}
LABELS: Mapping[str, Any] = {
    "criteria.changed": _l("Criteria changed"),
    "criteria.frozen": _l("Criteria frozen"),
    "reviewer.left": _l("Reviewer left"),
}
KINDS: Mapping[str, Any] = {
    "reviewing": _l("Reviewing"),
    "criteria_set": _l("Criteria"),
    "reviewer": _l("Reviewer"),
    "assignment": _l("Assignment to a reviewer"),
}
