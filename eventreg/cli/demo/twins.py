"""What the demo's organiser did in September with names that people typed: two bodies noted down twice, one pair merged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from eventreg.core.audit import Actor
from eventreg.core.i18n import Text
from eventreg.events.models import Event
from eventreg.people import merging, organisations
from eventreg.people.models import Person
from eventreg.people.organisation_rules import Plan
from eventreg.people.services import actor_of
from eventreg.registration import organisations as registered
from eventreg.wiring import HOLDERS

# each as some wrote it in French, and others in Arabic; both have the acronym
_CLUB = ("Club des budgets ouverts", "نادي الميزانيات المنفتحة", "CBO")
_WOMEN = ("Femmes pour la démocratie locale", "نساء من أجل الديمقراطية المحلية", "FDL")
_ADDED = datetime.fromisoformat("2022-09-19T10:00+01:00")


def moments(event: Event, organiser: Person) -> list[tuple[datetime, Callable[[], object]]]:
    """The club is still there twice; of the women's association the two are merged, which can be undone for a month."""
    by = actor_of(organiser, "organiser")
    plans = [
        (typed, Plan(Text(**{lang: typed}), "MA", "civil_society", acronym, is_public=lang == "fr"))
        for french, arabic, acronym in (_CLUB, _WOMEN)
        for lang, typed in (("fr", french), ("ar", arabic))
    ]
    made: list[tuple[datetime, Callable[[], object]]] = [
        (_ADDED + timedelta(minutes=number), partial(registered.add_typed, event.id, typed, "MA", plan, holders=HOLDERS, by=by))
        for number, (typed, plan) in enumerate(plans)
    ]
    return [*made, (_ADDED + timedelta(days=1), partial(_merge, by))]


def _merge(by: Actor) -> None:
    target, source = (organisations.recognised("", name, "MA") for name in _WOMEN[:2])
    if target is not None and source is not None:
        merging.merge(source.code, target.code, {}, holders=HOLDERS, by=by)
