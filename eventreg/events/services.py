"""What happens to a meeting: it is set up, and its deadline moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eventreg.core import audit, times
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS, Text, local
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event, Track


@dataclass(frozen=True)
class EventPlan:
    """What must be known to set a meeting up; `opens` and `closes` are local, a bare date closes at the end of that day."""

    slug: str
    name: Text
    short_name: Text
    aims: Text
    city: Text
    venue: Text
    host: Text
    country: str
    zone: str
    zone_label: Text
    first_day: date
    last_day: date
    opens: str
    closes: str
    help_email: str = ""
    help_phone: str = ""
    wifi: str = ""
    default_lang: str = "en"
    programme_on: date | None = None


def set_up(plan: EventPlan, *, by: Actor) -> Event:
    """Make a meeting. Raises Refused when the slug is taken, days are reversed or closing comes before opening."""
    opens, closes = times.start(plan.opens, plan.zone), times.deadline(plan.closes, plan.zone)
    if closes.instant <= opens.instant:
        raise Refused(Refusal("events.closes_before_opens"))
    if plan.last_day < plan.first_day:
        raise Refused(Refusal("events.ends_before_start"))
    with transaction() as now:
        if db.session.scalar(select(Event.id).where(Event.slug == plan.slug)) is not None:
            raise Refused(Refusal("events.slug_taken", {"slug": plan.slug}))
        event = Event(
            slug=plan.slug, name=plan.name, short_name=plan.short_name, aims=plan.aims, city=plan.city, venue=plan.venue,
            host=plan.host, country=plan.country, zone=plan.zone, zone_label=plan.zone_label, first_day=plan.first_day,
            last_day=plan.last_day, opens_local=opens.local.isoformat(), opens_at=opens.instant,
            closes_local=closes.local.isoformat(), closes_fold=closes.local.fold, closes_at=closes.instant,
            help_email=plan.help_email,
            help_phone=plan.help_phone, wifi=plan.wifi, default_lang=plan.default_lang, programme_on=plan.programme_on,
            created_at=now,
        )  # fmt: skip
        db.session.add(event)
        db.session.flush()
        facts = {"opens_local": event.opens_local, "closes_local": event.closes_local, "zone": event.zone}
        audit.record("event.set_up", event, event_id=event.id, actor=by, facts=facts)
        return event


def add_tracks(event_id: int, tracks: list[tuple[str, str, Text, Text]], *, by: Actor) -> None:
    """Give a meeting its tracks, in order: (slug, look, name, summary)."""
    with transaction():
        for rank, (slug, look, name, summary) in enumerate(tracks, start=1):
            db.session.add(Track(event_id=event_id, slug=slug, look=look, rank=rank, name=name, summary=summary))
        event = db.session.get_one(Event, event_id)
        audit.record("event.tracks_set", event, event_id=event_id, actor=by, facts={"tracks": len(tracks)})


LOOKS = ("civic", "digital", "justice", "integrity")  # colours and patterns that a track can have
MOST_TRACKS = 12


@dataclass(frozen=True)
class TrackPlan:
    """A track: its name and what it is about, in three languages; which of LOOKS it has."""

    name: Text
    summary: Text
    look: str


def add_track(event_id: int, plan: TrackPlan, *, by: Actor) -> Track:
    """One more track, after the others. Raises Refused: a name missing, an unknown look, too many."""
    _check_track(plan)
    with transaction(queue=("event", event_id)):
        there = _tracks(event_id)
        if len(there) >= MOST_TRACKS:
            raise Refused(Refusal("events.too_many_tracks", {"limit": MOST_TRACKS}))
        taken = {track.slug for track in there}
        slug = next(f"t{number}" for number in range(1, 1000) if f"t{number}" not in taken)
        rank = 1 + max((track.rank for track in there), default=0)
        track = Track(event_id=event_id, slug=slug, look=plan.look, rank=rank, name=plan.name, summary=plan.summary)
        db.session.add(track)
        db.session.flush()
        audit.record("event.track_added", ("event", str(event_id)), event_id=event_id, actor=by, facts=_facts(track))
        return track


def change_track(event_id: int, slug: str, plan: TrackPlan, *, by: Actor) -> Track:
    """Another name, summary or look. Raises Refused: as `add_track`, or there is no such track."""
    _check_track(plan)
    with transaction(queue=("event", event_id)):
        track = _track(event_id, slug)
        before = track.name
        if (track.name, track.summary, track.look) != (plan.name, plan.summary, plan.look):
            track.name, track.summary, track.look = plan.name, plan.summary, plan.look
            facts = {"before": before.as_dict(), **_facts(track)}
            audit.record("event.track_changed", ("event", str(event_id)), event_id=event_id, actor=by, facts=facts)
        return track


def move_track(event_id: int, slug: str, *, up: bool, by: Actor) -> None:
    """Change places with the track before or after it; at the end nothing moves. Raises Refused: there is no such track."""
    with transaction(queue=("event", event_id)):
        track, there = _track(event_id, slug), _tracks(event_id)
        at = there.index(track)
        other = at + (-1 if up else 1)
        if 0 <= other < len(there):
            there[at], there[other] = there[other], there[at]
            for rank, one in enumerate(there, start=1):
                one.rank = rank
            audit.record("event.track_moved", ("event", str(event_id)), event_id=event_id, actor=by, facts=_facts(track))


def remove_track(event_id: int, slug: str, *, by: Actor) -> None:
    """Remove a track that nothing refers to. Raises Refused: it is used, or there is no such track."""
    with transaction(queue=("event", event_id)):
        track = _track(event_id, slug)
        audit.record("event.track_removed", ("event", str(event_id)), event_id=event_id, actor=by, facts=_facts(track))
        db.session.delete(track)
        try:
            db.session.flush()  # the database knows what refers to it, in rooms of which this one knows nothing
        except IntegrityError as error:
            raise Refused(Refusal("events.track_used")) from error


def _check_track(plan: TrackPlan) -> None:
    if not all(plan.name.as_dict().get(lang) for lang in LANGS):
        raise Refused(Refusal("events.track_no_name"))
    if plan.look not in LOOKS:
        raise Refused(Refusal("events.track_look"))


def _tracks(event_id: int) -> list[Track]:
    return list(db.session.scalars(select(Track).where(Track.event_id == event_id).order_by(Track.rank, Track.id)))


def _track(event_id: int, slug: str) -> Track:
    track = db.session.scalar(select(Track).where(Track.event_id == event_id, Track.slug == slug))
    if track is None:
        raise Refused(Refusal("events.no_such_track"))
    return track


def _facts(track: Track) -> dict[str, object]:
    return {"name": track.name.as_dict()}


def move_deadline(event_id: int, closes: times.LocalMoment, *, reason: Text, grace_minutes: int, by: Actor) -> Event:
    """Close registration at another local time, with a reason that the public page shows. Reopens nothing decided.

    Raises Refused: a reason is missing, or it would close before it opens.
    """
    if not reason:
        raise Refused(Refusal("events.reason_missing"))
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if closes.instant <= event.opens_at:
            raise Refused(Refusal("events.closes_before_opens"))
        before = {"closes_local": event.closes_local, "grace_minutes": event.grace_minutes}
        event.closes_local, event.closes_fold = closes.local.isoformat(), closes.local.fold
        event.closes_at = closes.instant
        event.grace_minutes = grace_minutes
        event.deadline_moved_on = local(now, event.zone).date()
        event.deadline_reason = reason
        after = {"closes_local": event.closes_local, "closes_at": event.closes_at.isoformat(), "grace_minutes": grace_minutes}
        audit.record(
            "event.deadline_moved", event, event_id=event.id, actor=by,
            facts={"before": before, "after": after, "reason": reason.as_dict()},
        )  # fmt: skip
        return event


def set_group_rules(event_id: int, *, venue_capacity: int | None, delegation_max: int, by: Actor) -> Event:
    """Say how many people the venue admits (None: not told), and how large a delegation participants may register (0: none)."""
    with transaction(queue=("event", event_id)):
        event = db.session.get_one(Event, event_id)
        before = {"venue_capacity": event.venue_capacity, "delegation_max": event.delegation_max}
        after = {"venue_capacity": venue_capacity, "delegation_max": delegation_max}
        if before != after:
            event.venue_capacity, event.delegation_max = venue_capacity, delegation_max
            audit.record("event.group_rules_set", event, event_id=event.id, actor=by, facts={"before": before, "after": after})
        return event


def recompute_deadlines(now: datetime) -> list[str]:
    """Derive the instants anew from the local times: time-zone data change by decree. Returns the slugs that changed."""
    changed = []
    for event in db.session.scalars(select(Event).where(Event.last_day >= now.date())).all():
        opens = times.recompute(datetime.fromisoformat(event.opens_local), event.zone)
        local_close = datetime.fromisoformat(event.closes_local).replace(fold=event.closes_fold)
        closes = times.recompute(local_close, event.zone)
        if (opens, closes) == (event.opens_at, event.closes_at):
            continue
        with transaction():
            fresh = db.session.get_one(Event, event.id)
            facts = {"opens_at": [fresh.opens_at.isoformat(), opens.isoformat()],
                     "closes_at": [fresh.closes_at.isoformat(), closes.isoformat()]}  # fmt: skip
            fresh.opens_at, fresh.closes_at = opens, closes
            audit.record("event.clock_rules_changed", fresh, event_id=fresh.id, actor=audit.SYSTEM, facts=facts)
        changed.append(event.slug)
    return changed
