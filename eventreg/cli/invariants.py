# ruff: noqa: E501 (SQL reads better in long lines)
"""What must always be true of the data? SQL that returns nothing while it is, and some Python where SQL is not enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Date, bindparam, select, text

from eventreg.core import audit, files, times
from eventreg.core.audit import AuditLine
from eventreg.core.capacity import Pool
from eventreg.core.db import UTCDateTime, db
from eventreg.core.questions.changing import Crossing
from eventreg.events.models import Event
from eventreg.proposals import note_queries
from eventreg.proposals import queries as proposal_queries
from eventreg.proposals import services as proposals
from eventreg.proposals.models import Call, LateInvitation
from eventreg.proposals.note_models import Note, NoteText
from eventreg.proposals.note_rules import NoteState
from eventreg.registration import queries
from eventreg.registration.models import Delegation, Invitation, Needs, Registration

_EXAMPLES = 5  # rows named for each finding
_LATE = timedelta(minutes=5)  # clocks of several machines differ a little; also how late the worker may be


@dataclass(frozen=True)
class Invariant:
    """`sql` returns one column, what breaks it; :now and :late are instants."""

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True)
class Finding:
    """An invariant that does not hold, and where."""

    name: str
    sentence: str
    where: str

    def as_dict(self) -> dict[str, str]:
        """For --json."""
        return {"name": self.name, "sentence": self.sentence, "where": self.where}


# rules.claims, as SQL: whether registration r counts under pool p
_CLAIMS = """
    (p.kind = 'event' OR (p.kind = 'category' AND r.category = p.key) OR (p.kind = 'sector' AND r.sector = p.key)
     OR (p.kind = 'country' AND r.country = p.key) OR (p.kind = 'day' AND CAST(r.days AS TEXT) LIKE '%"' || p.key || '"%')
     OR (p.kind = 'gender' AND EXISTS
         (SELECT 1 FROM registration_needs n WHERE n.registration_id = r.id AND n.gender = p.key)))
"""
# rules.held_claims, as SQL: whether an unnamed place of delegation d counts under pool p
_HELD = """
    (SELECT count(*) FROM delegation_place dp JOIN delegation d ON d.id = dp.delegation_id WHERE d.event_id = p.event_id
       AND dp.registration_id IS NULL AND dp.given_back_at IS NULL
       AND (p.kind = 'event' OR (p.kind = 'category' AND d.category = p.key) OR (p.kind = 'sector' AND d.sector = p.key)
            OR (p.kind = 'country' AND d.country = p.key)))
"""
_HOLDERS = f"""
    ((SELECT count(*) FROM registration r WHERE r.event_id = p.event_id
       AND {_CLAIMS}
       AND (r.state = 'confirmed' OR EXISTS
            (SELECT 1 FROM waiting_entry w WHERE w.registration_id = r.id AND w.state = 'offered'))) + {_HELD})
"""

INVARIANTS = (
    Invariant(
        "pool.taken", "a limit's count is not the number of those who hold a place",
        f"SELECT p.kind || ' ' || p.key || ' of event ' || p.event_id || ': ' || p.taken || ', holders ' || {_HOLDERS}"
        f" FROM pool p WHERE p.taken <> {_HOLDERS}",
    ),
    Invariant(
        "waiting.position", "two entries of a waiting list have one position",
        "SELECT event_id || ': position ' || position FROM waiting_entry GROUP BY event_id, position HAVING count(*) > 1",
    ),
    Invariant(
        "waiting.live_once", "a registration stands in the waiting list twice",
        "SELECT registration_id FROM waiting_entry WHERE state IN ('waiting', 'offered')"
        " GROUP BY registration_id HAVING count(*) > 1",
    ),
    Invariant(
        "waiting.confirmed", "somebody has a place and waits for one",
        "SELECT r.code FROM registration r JOIN waiting_entry w ON w.registration_id = r.id"
        " WHERE r.state = 'confirmed' AND w.state IN ('waiting', 'offered')",
    ),
    Invariant(
        "waiting.entry", "somebody is on the waiting list without an entry in it",
        "SELECT r.code FROM registration r WHERE r.state = 'waitlisted' AND NOT EXISTS"
        " (SELECT 1 FROM waiting_entry w WHERE w.registration_id = r.id AND w.state IN ('waiting', 'offered'))",
    ),
    Invariant(
        "waiting.ended", "a registration that is over still waits",
        "SELECT r.code FROM registration r JOIN waiting_entry w ON w.registration_id = r.id"
        " WHERE r.state IN ('cancelled', 'expired', 'declined', 'merged') AND w.state IN ('waiting', 'offered')",
    ),
    Invariant(
        "pool.kind", "a limit is set on something that nobody can count under",
        "SELECT p.kind || ' ' || p.key || ' of event ' || p.event_id FROM pool p"
        " WHERE p.kind NOT IN ('event', 'category', 'sector', 'country', 'gender', 'day') OR (p.kind = 'event') <> (p.key = '')",
    ),
    Invariant(
        "waiting.offer_ends", "an offered place has no end, or its end passed and it was not taken back",
        "SELECT registration_id FROM waiting_entry WHERE state = 'offered'"
        " AND (offer_expires_at IS NULL OR offer_expires_at < :late)",
    ),
    Invariant(
        "waiting.free_place", "a place is free while somebody who may have it waits",
        "SELECT r.code FROM waiting_entry w JOIN registration r ON r.id = w.registration_id JOIN event e ON e.id = w.event_id"
        " WHERE w.state = 'waiting' AND w.joined_at < :late AND e.first_day > :today AND NOT EXISTS"
        f" (SELECT 1 FROM pool p WHERE p.event_id = w.event_id AND {_CLAIMS}"
        "  AND p.\"limit\" IS NOT NULL AND p.taken >= p.\"limit\")",
    ),
    Invariant(
        "decision.open_once", "two decisions about one person are open",
        "SELECT r.code FROM registration_decision d JOIN registration r ON r.id = d.registration_id"
        " WHERE d.undone_at IS NULL AND d.applied_at IS NULL GROUP BY r.id, r.code HAVING count(*) > 1",
    ),
    Invariant(
        "decision.due", "a released decision should hold by now and does not",
        "SELECT r.code FROM registration_decision d JOIN registration r ON r.id = d.registration_id"
        " WHERE d.undone_at IS NULL AND d.applied_at IS NULL AND d.due_at < :late",
    ),
    Invariant(
        "decision.outcome", "a decision was applied and nobody knows what it brought, or the other way round",
        "SELECT r.code FROM registration_decision d JOIN registration r ON r.id = d.registration_id"
        " WHERE (d.applied_at IS NULL) <> (d.outcome = '') OR (d.applied_at IS NOT NULL AND d.released_at IS NULL)",
    ),
    Invariant(
        "decision.declined", "somebody is declined whom nobody declined",
        "SELECT r.code FROM registration r WHERE r.state = 'declined' AND NOT EXISTS"
        " (SELECT 1 FROM registration_decision d WHERE d.registration_id = r.id AND d.outcome = 'declined')",
    ),
    Invariant(
        "decision.awaited", "somebody waits for a decision that nobody is asked for",
        "SELECT r.code FROM registration r JOIN event e ON e.id = r.event_id WHERE r.state = 'submitted' AND NOT e.moderated"
        " AND NOT EXISTS (SELECT 1 FROM registration_decision d"
        "  WHERE d.registration_id = r.id AND d.undone_at IS NULL AND d.applied_at IS NULL)",
    ),
    Invariant(
        "ticket.missing", "somebody has a place but no code that opens the door",
        "SELECT r.code FROM registration r WHERE r.state = 'confirmed' AND NOT EXISTS"
        " (SELECT 1 FROM ticket t WHERE t.registration_id = r.id AND t.revoked_at IS NULL)",
    ),
    Invariant(
        "ticket.extra", "somebody has two live codes",
        "SELECT r.code FROM registration r JOIN ticket t ON t.registration_id = r.id WHERE t.revoked_at IS NULL"
        " GROUP BY r.id, r.code HAVING count(*) > 1",
    ),
    Invariant(
        "ticket.dead", "a code opens the door for somebody who has no place",
        "SELECT r.code FROM registration r JOIN ticket t ON t.registration_id = r.id"
        " WHERE r.state <> 'confirmed' AND t.revoked_at IS NULL",
    ),
    Invariant(
        "invitation.uses", "an invitation was used more often than it allows, or its count is not the number of its uses",
        "SELECT i.code FROM invitation i WHERE i.uses > i.max_uses"
        " OR i.uses < (SELECT count(*) FROM registration r WHERE r.invitation_id = i.id)",
    ),
    Invariant(
        "registration.passed", "a registration passed the deadline or the limit without an invitation, a delegation or an organiser's word",
        "SELECT code FROM registration WHERE invitation_id IS NULL"
        " AND ((passed_deadline AND delegation_id IS NULL AND NOT is_entered) OR (passed_limit AND NOT EXISTS"
        " (SELECT 1 FROM audit_line a WHERE a.chain = registration.event_id AND a.object_kind = 'registration'"
        " AND a.object_ref = registration.code AND a.action = 'waiting.jumped')))",
    ),
    Invariant(
        "delegation.member", "a place of a delegation is somebody's who has no place, or is of another meeting",
        "SELECT d.code || ', place ' || dp.number FROM delegation_place dp JOIN delegation d ON d.id = dp.delegation_id"
        " JOIN registration r ON r.id = dp.registration_id"
        " WHERE r.event_id <> d.event_id OR r.state <> 'confirmed' OR dp.given_back_at IS NOT NULL",
    ),
    Invariant(
        "registration.event", "a code, an entry or a scan belongs to another event than its registration",
        "SELECT r.code FROM registration r JOIN ticket t ON t.registration_id = r.id WHERE t.event_id <> r.event_id"
        " UNION SELECT r.code FROM registration r JOIN waiting_entry w ON w.registration_id = r.id WHERE w.event_id <> r.event_id"
        " UNION SELECT r.code FROM registration r JOIN scan s ON s.registration_id = r.id WHERE s.event_id <> r.event_id",
    ),
    Invariant(
        "registration.record", "a registration has no line in the record",
        "SELECT r.code FROM registration r WHERE NOT EXISTS (SELECT 1 FROM audit_line a"
        " WHERE a.chain = r.event_id AND a.object_kind = 'registration' AND a.object_ref = r.code)",
    ),
    Invariant(
        "registration.mail", "somebody with an address was never sent a mail about their registration",
        "SELECT r.code FROM registration r JOIN person p ON p.id = r.person_id WHERE p.email_ascii IS NOT NULL AND NOT r.is_entered AND NOT EXISTS"
        " (SELECT 1 FROM mail m WHERE m.event_id = r.event_id AND m.about_kind = 'registration' AND m.about_ref = r.code)",
    ),
    Invariant(
        "mail.lease", "a mail is being sent for longer than a delivery may take, and no worker took it up again",
        "SELECT id FROM mail WHERE state = 'sending' AND due_at < :late",
    ),
    Invariant(
        "mail.sent", "a mail counts as sent without the moment of sending",
        "SELECT id FROM mail WHERE state = 'sent' AND sent_at IS NULL",
    ),
    Invariant(
        "scan.verdict", "a door let somebody in whose code had been dead before",
        "SELECT s.id FROM scan s JOIN ticket t ON t.id = s.ticket_id WHERE s.kind = 'entry' AND s.verdict IN ('ok', 'again')"
        " AND NOT s.forced AND t.revoked_at IS NOT NULL AND t.revoked_at < s.received_at AND t.revoked_at < s.at",
    ),
    Invariant(
        "print.person", "a badge was printed with another person's code",
        "SELECT b.id FROM badge_print b JOIN ticket t ON t.id = b.ticket_id WHERE t.registration_id <> b.registration_id",
    ),
    Invariant(
        "time.future", "something is dated later than now",
        "SELECT 'registration ' || code FROM registration WHERE registered_at > :soon"
        " UNION ALL SELECT 'record, line ' || seq FROM audit_line WHERE at > :soon",
    ),
    Invariant(
        "bulk.shown", "something was done to somebody by an action for many that nobody confirmed",
        "SELECT b.code FROM bulk b JOIN bulk_item i ON i.bulk_id = b.id WHERE b.state = 'shown' AND i.outcome <> ''",
    ),
    Invariant(
        "bulk.ended", "an action for many is done and somebody in it was not looked at",
        "SELECT b.code FROM bulk b JOIN bulk_item i ON i.bulk_id = b.id WHERE b.state = 'done' AND i.outcome = ''",
    ),
    Invariant(
        "proposal.sent", "a proposal counts as sent without a number or the version that was sent, or a draft has one",
        "SELECT p.code FROM proposal p WHERE (p.version > 0) <> (p.number IS NOT NULL) OR (p.state NOT IN ('draft', 'withdrawn', 'merged')"
        " AND p.version = 0) OR (p.version > 0 AND NOT EXISTS"
        " (SELECT 1 FROM proposal_version v WHERE v.proposal_id = p.id AND v.number = p.version))",
    ),
    Invariant(
        "proposal.lead", "a proposal has not exactly one lead, or another than its own",
        "SELECT p.code FROM proposal p WHERE 1 <> (SELECT count(*) FROM proposal_person q"
        " WHERE q.proposal_id = p.id AND q.role = 'lead' AND q.person_id = p.lead_id)",
    ),
    Invariant(
        "proposal.edit", "a part of a proposal is not as its last edit left it",
        "SELECT a.id FROM proposal_part a WHERE a.revision <> (SELECT max(e.revision) FROM proposal_edit e WHERE e.part_id = a.id)",
    ),
    Invariant(
        "proposal.merged", "a proposal is merged and leads to none, or leads to one and is not merged, as one merge says",
        "SELECT p.code FROM proposal p LEFT JOIN proposal t ON t.id = p.merged_into_id AND t.event_id = p.event_id AND t.id <> p.id"
        " WHERE (p.state = 'merged') <> (t.id IS NOT NULL) OR (p.state = 'merged') <> (1 = (SELECT count(*) FROM proposal_merge m"
        " WHERE m.source_id = p.id AND m.undone_at IS NULL AND m.target_id = p.merged_into_id))",
    ),
    Invariant(
        "proposal.twice", "an address organises a proposal twice",
        "SELECT p.code FROM proposal p JOIN proposal_person o ON o.proposal_id = p.id WHERE o.email_key <> '' AND o.role IN"
        " ('lead', 'co_organiser') AND o.answer NOT IN ('removed', 'declined') GROUP BY p.id, p.code, o.email_key HAVING count(*) > 1",
    ),
    Invariant(
        "note.signed", "a concept note is signed off without a signature on the hash of its text, or with one on another",
        "SELECT p.code || ' version ' || n.number FROM note n JOIN proposal p ON p.id = n.proposal_id"
        " LEFT JOIN note_text t ON t.note_id = n.id AND t.turn = n.turn WHERE n.state IN ('signed_off', 'superseded')"
        " AND (t.id IS NULL OR n.signed_off_at IS NULL OR NOT EXISTS"
        " (SELECT 1 FROM note_signature s WHERE s.text_id = t.id AND s.void_at IS NULL AND s.hash = t.hash))"
        " UNION ALL SELECT 'signature ' || s.id FROM note_signature s JOIN note_text t ON t.id = s.text_id WHERE s.hash <> t.hash",
    ),
    Invariant(
        "note.void", "a signature stands on a text of a concept note that is no longer the one to sign",
        "SELECT s.id FROM note_signature s JOIN note_text t ON t.id = s.text_id JOIN note n ON n.id = t.note_id"
        " WHERE s.void_at IS NULL AND (t.end <> '' OR t.turn <> n.turn OR n.state = 'draft')",
    ),
    Invariant(
        "note.one", "two versions of a concept note count at once, or two are being written",
        "SELECT p.code FROM note n JOIN proposal p ON p.id = n.proposal_id WHERE n.state = 'signed_off'"
        " GROUP BY p.code HAVING count(*) > 1"
        " UNION ALL SELECT p.code FROM note n JOIN proposal p ON p.id = n.proposal_id WHERE n.state IN ('draft', 'proposed')"
        " GROUP BY p.code HAVING count(*) > 1",
    ),
)  # fmt: skip

COUNT = len(INVARIANTS) + 7


def findings(now: datetime) -> list[Finding]:
    """Everything that is broken at `now`; an empty list is what an operator wants to see."""
    found = [finding for invariant in INVARIANTS if (finding := _broken(invariant, now))]
    return [*found, *_oversold(), *_chains(), *_derived_instants(), *_orphans(), *_files(), *_own_answers(), *_notes()]


def _broken(invariant: Invariant, now: datetime) -> Finding | None:
    known = {"now": now, "late": now - _LATE, "soon": now + _LATE, "today": now.date()}
    used = {name: value for name, value in known.items() if f":{name}" in invariant.sql}
    binds = [bindparam(name, type_=Date() if name == "today" else UTCDateTime()) for name in used]
    rows = db.session.execute(text(invariant.sql).bindparams(*binds), used).scalars().all()
    if not rows:
        return None
    more = f" and {len(rows) - _EXAMPLES} more" if len(rows) > _EXAMPLES else ""
    return Finding(invariant.name, invariant.sentence, ", ".join(str(row) for row in rows[:_EXAMPLES]) + more)


def _oversold() -> Iterator[Finding]:
    """Over the limit are those let in by invitation, or whose organisation changed its sector; else the limit was lowered."""
    for pool in db.session.scalars(select(Pool).where(Pool.taken > Pool.limit)):
        passed = select(Registration.id).where(Registration.event_id == pool.event_id, Registration.passed_limit)
        allowed = (pool.limit or 0) + len(db.session.scalars(passed).all()) + _moved_to(pool)
        if pool.taken > allowed and not _was_lowered(pool):
            sentence = "more places are taken than the limit ever allowed"
            yield Finding("pool.limit", sentence, f"{pool.kind} {pool.key} of event {pool.event_id}: {pool.taken} of {pool.limit}")


def _moved_to(pool: Pool) -> int:
    """How many people came to count under a sector as their organisation was merged or corrected."""
    if pool.kind != "sector":
        return 0
    query = select(AuditLine).where(AuditLine.chain == pool.event_id, AuditLine.action == "registration.organisation_set")
    return len({line.object_ref for line in db.session.scalars(query) if line.facts.get("sector_after") == pool.key})


def _was_lowered(pool: Pool) -> bool:
    """Whether this limit once was set below what it had been, or below the places that were already held."""
    query = select(AuditLine).where(AuditLine.chain == pool.event_id, AuditLine.action == "event.limit_set")
    for line in db.session.scalars(query):
        before, after = line.facts["before"], line.facts["after"]
        if (line.facts["kind"], line.facts["key"]) != (pool.kind, pool.key) or after is None:
            continue
        if (before is not None and before > after) or _confirmed_by(pool, line.at) > after:
            return True
    return False


def _confirmed_by(pool: Pool, instant: datetime) -> int:
    """How many places of today were held at that moment already."""
    query = select(Registration.id).where(
        Registration.event_id == pool.event_id, Registration.confirmed_at <= instant, queries.counts_under(pool.kind, pool.key)
    )
    unnamed = queries.unnamed_places(pool.event_id, pool.kind, pool.key).where(Delegation.created_at <= instant)
    return len(db.session.scalars(query).all()) + (db.session.scalar(unnamed) or 0)


def _chains() -> Iterator[Finding]:
    for chain in audit.chains():
        if broken := audit.verify(chain):
            yield Finding("audit.chain", "the record was changed", f"chain {chain}, line {broken.seq} {broken.reason}")


def _derived_instants() -> Iterator[Finding]:
    """A deadline's instant follows from its local time and today's time-zone data."""
    sentence = "an instant is not what its local time says"
    for event in db.session.scalars(select(Event)):
        closes = datetime.fromisoformat(event.closes_local).replace(fold=event.closes_fold)
        if times.recompute(datetime.fromisoformat(event.opens_local), event.zone) != event.opens_at:
            yield Finding("time.local", sentence, f"{event.slug}: opening")
        if times.recompute(closes, event.zone) != event.closes_at:
            yield Finding("time.local", sentence, f"{event.slug}: closing")
    for invitation, zone in db.session.execute(select(Invitation, Event.zone).join(Event, Event.id == Invitation.event_id)):
        if times.recompute(datetime.fromisoformat(invitation.expires_local), zone) != invitation.expires_at:
            yield Finding("time.local", sentence, f"invitation {invitation.code}")
    yield from _derived_of_calls(sentence)


def _derived_of_calls(sentence: str) -> Iterator[Finding]:
    for call, event in db.session.execute(select(Call, Event).join(Event, Event.id == Call.event_id)):
        closes = datetime.fromisoformat(call.closes_local).replace(fold=call.closes_fold)
        opens = times.recompute(datetime.fromisoformat(call.opens_local), event.zone)
        if (opens, times.recompute(closes, event.zone)) != (call.opens_at, call.closes_at):
            yield Finding("time.local", sentence, f"{event.slug}: call")
    query = select(LateInvitation, Event.zone).join(Event, Event.id == LateInvitation.event_id)
    for late, zone in db.session.execute(query):
        if times.recompute(datetime.fromisoformat(late.expires_local), zone) != late.expires_at:
            yield Finding("time.local", sentence, f"invitation {late.code}")


def _orphans() -> Iterator[Finding]:
    """Rows whose foreign key leads nowhere; PostgreSQL never lets them be, SQLite can be talked into it."""
    if db.engine.dialect.name != "sqlite":
        return
    for row in db.session.execute(text("PRAGMA foreign_key_check")).all()[:_EXAMPLES]:
        yield Finding("orphan", "a row refers to another that is not there", f"{row[0]} {row[1]} to {row[2]}")


def _files() -> Iterator[Finding]:
    """What is on the disk is what the rows say."""
    for fault in files.faults():
        yield Finding(fault["name"], "a file that was handed in is not what its row says", fault["where"])


def _own_answers() -> Iterator[Finding]:
    """An answer to an own question belongs to a question of the form, is one that it offers, and is kept where it should be."""
    for event_id in db.session.scalars(select(Event.id)):
        form = queries.form_of(event_id)
        crossing, apart = Crossing(form, form), {question.code for question in form.own() if question.is_sensitive}
        query = select(Registration.code, Registration.answers, Needs.answers).outerjoin(Needs)
        for code, answers, kept_apart in db.session.execute(query.where(Registration.event_id == event_id)):
            unknown = crossing.unfit({**answers, **(kept_apart or {})})
            if unknown or apart & answers.keys() or (kept_apart or {}).keys() - apart:
                yield Finding("answers.form", "an answer is none to a question of the form, or kept in the wrong place", code)


def _notes() -> Iterator[Finding]:
    """A text that was put to signature is what its hash says, and who stood behind it when it was signed off has signed."""
    for text_, note in db.session.execute(select(NoteText, Note).join(Note, Note.id == NoteText.note_id)):
        if text_.hash != proposals.hash_of(text_.content):
            yield Finding("note.hash", "a text that was put to signature was changed", f"note {note.id}, turn {text_.turn}")
    query = select(Note, NoteText).join(NoteText, (NoteText.note_id == Note.id) & (NoteText.turn == Note.turn))
    for note, text_ in db.session.execute(query.where(Note.state == NoteState.SIGNED_OFF)):
        signed = note_queries.signed_by(text_.id)
        for member in note_queries.members(note.proposal_id):
            stood_behind = (member.answered_at or member.added_at) < note.signed_off_at
            if stood_behind and member.organisation_name and proposal_queries.body_key(member) not in signed:
                yield Finding("note.bodies", "a concept note counts as signed by all, and a body has not signed", member.code)
