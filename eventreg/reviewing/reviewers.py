"""Who reviews: the chair names them, they say what they read and know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Organisation, Person
from eventreg.people.rules import SECTORS, Email
from eventreg.reviewing import assignments, conflicts, mails, queries, suggesting
from eventreg.reviewing.models import Reviewer, Reviewing

ROLE = "RE"  # of the access matrix
MOST_LOAD = 400


@dataclass(frozen=True)
class ReviewerPlan:
    """A reviewer as the chair names them. An organisation of the directory brings its sector and country."""

    email: Email
    lang: str
    name_latin: str = ""
    name_arabic: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    sector: str = ""
    country: str = ""
    max_load: int | None = None


def add(event_id: int, plan: ReviewerPlan, *, by: int) -> Reviewer:
    """Name a reviewer: they get the role, and a mail that leads them to their page. Somebody who had left comes back.

    Raises Refused: no sector, a load out of range, they review already.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        organisation = db.session.get(Organisation, plan.organisation_id) if plan.organisation_id else None
        sector = organisation.sector if organisation else plan.sector
        if sector not in SECTORS:
            raise Refused(Refusal("reviewer.sector_missing"))
        if plan.max_load is not None and not 1 <= plan.max_load <= MOST_LOAD:
            raise Refused(Refusal("reviewer.load", {"most": MOST_LOAD}))
        person = people.find_or_create(plan.email, lang=plan.lang, name_latin=plan.name_latin, name_arabic=plan.name_arabic)
        reviewer = queries.reviewer(event_id, person.id)
        if reviewer is not None and reviewer.left_at is None:
            raise Refused(Refusal("reviewer.already"))
        if reviewer is None:
            reviewer = Reviewer(event_id=event_id, person_id=person.id, sector=sector, added_at=now)
            db.session.add(reviewer)
        reviewer.left_at, reviewer.sector, reviewer.max_load = None, sector, plan.max_load
        reviewer.country = organisation.country if organisation else plan.country
        reviewer.organisation_id = organisation.id if organisation else None
        reviewer.organisation_name = organisation.name.in_(plan.lang) if organisation else plan.organisation_name
        if queries.settings(event_id) is None:
            db.session.add(Reviewing(event_id=event_id))
        db.session.flush()
        actor = people.actor_of(db.session.get_one(Person, by), "organiser")
        people.give(person, ROLE, event_id=event_id, by=actor)
        audit.record("reviewer.added", ("reviewer", person.code), event_id=event_id, actor=actor, facts={"sector": sector})
        conflicts.own_organisation(reviewer, by=by)
        suggesting.detect(event_id, [person], now=now)
        mails.reviewer_added(reviewer, db.session.get_one(Event, event_id))
        return reviewer


def leave(event_id: int, person_id: int, *, by: int) -> int:
    """Somebody reviews no more: what they had not submitted goes back to the chair. How many proposals that were.

    Raises Refused: they do not review.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        reviewer = _standing(event_id, person_id)
        reviewer.left_at = now
        person = db.session.get_one(Person, person_id)
        actor = people.actor_of(db.session.get_one(Person, by), "organiser")
        people.take(person, ROLE, event_id=event_id, by=actor)
        freed = assignments.free(event_id, person_id, now=now)
        audit.record("reviewer.left", ("reviewer", person.code), event_id=event_id, actor=actor, facts={"freed": freed})
        return freed


def set_load(event_id: int, person_id: int, max_load: int | None, *, by: int) -> None:
    """How many proposals somebody may get; None: as everybody. Raises Refused."""
    if max_load is not None and not 1 <= max_load <= MOST_LOAD:
        raise Refused(Refusal("reviewer.load", {"most": MOST_LOAD}))
    with transaction(queue=("reviewing", event_id)):
        reviewer = _standing(event_id, person_id)
        before, reviewer.max_load = reviewer.max_load, max_load
        actor = people.actor_of(db.session.get_one(Person, by), "organiser")
        code = db.session.get_one(Person, person_id).code
        facts = {"before": before, "after": max_load}
        audit.record("reviewer.load_set", ("reviewer", code), event_id=event_id, actor=actor, facts=facts)


def say_profile(event_id: int, person_id: int, *, languages: Sequence[str], tracks: Mapping[str, int]) -> Reviewer:
    """A reviewer says which languages they read and how well they know each track (0 little, 1 some, 2 much).

    Raises Refused: no language, an unknown one.
    """
    if not languages or not set(languages) <= set(LANGS):
        raise Refused(Refusal("reviewer.languages_missing"))
    with transaction(queue=("reviewing", event_id)) as now:
        reviewer = _standing(event_id, person_id)
        reviewer.languages = [lang for lang in LANGS if lang in languages]
        reviewer.tracks = {slug: level for slug, level in sorted(tracks.items()) if level in (0, 1, 2)}
        reviewer.profile_at = now
        person = db.session.get_one(Person, person_id)
        facts = {"languages": reviewer.languages, "tracks": reviewer.tracks}
        audit.record(
            "reviewer.profile", ("reviewer", person.code), event_id=event_id, actor=people.actor_of(person), facts=facts
        )
        return reviewer


def _standing(event_id: int, person_id: int) -> Reviewer:
    reviewer = queries.reviewer(event_id, person_id)
    if reviewer is None or reviewer.left_at is not None:
        raise Refused(Refusal("reviewer.none_such"))
    return reviewer

