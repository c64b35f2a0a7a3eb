"""Which ties does the product see that nobody said? The same mail domain, an organisation or a person of the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from eventreg.core import text
from eventreg.core.db import db, transaction
from eventreg.people.models import OrganisationName, Person
from eventreg.proposals import shield
from eventreg.proposals.conflict_models import Tie, TieSuggestion
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.reviewing import cutting, queries
from eventreg.reviewing.models import Reviewer, Reviewing

# Where anybody has an address, sharing the domain says nothing; the example domains of RFC 2606 are nobody's.
_PUBLIC = (
    "gmail.com googlemail.com yahoo.com yahoo.fr yahoo.co.uk hotmail.com hotmail.fr outlook.com outlook.fr live.com live.fr "
    "msn.com icloud.com me.com aol.com gmx.com gmx.de gmx.fr proton.me protonmail.com pm.me mail.com mail.ru yandex.com yandex.ru "
    "zoho.com fastmail.com tutanota.com laposte.net orange.fr free.fr sfr.fr wanadoo.fr menara.ma caramail.com qq.com 163.com "
    "example.org example.com example.net"
)
PUBLIC_DOMAINS = frozenset(_PUBLIC.split())


def detect(event_id: int, people: Sequence[Person], *, now: datetime) -> int:
    """Look for ties of these people with everybody who proposes; write down what is new. Inside the running transaction.

    Returns how many ties are new. What the shield hides already is not suggested again.
    """
    by_domain, by_body, by_name = _people(event_id)
    found = []
    for person in people:
        evidence: dict[int, list[tuple[str, str]]] = defaultdict(list)
        domain = domain_of(person.email_key or "")
        for proposal_id in by_domain.get(domain, ()) if domain else ():
            evidence[proposal_id].append(("mail_domain", domain))
        for key in _bodies(event_id, person.id):
            for proposal_id in by_body.get(key, ()):
                evidence[proposal_id].append(("organisation_name", key))
        for name in {text.fold(person.name_latin), text.fold(person.name_arabic)} - {""}:
            for proposal_id in by_name.get(name, ()):
                evidence[proposal_id].append(("same_name", name))
        if evidence:
            certain = set(db.session.scalars(shield.certain(event_id, person)))
            found += [(person.id, one, said) for one, said in evidence.items() if one not in certain]
    return suggest(event_id, found, of=people, now=now)


def domain_of(address: str) -> str:
    """The domain of an address that says something about who has it, '' for a public one or none."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in PUBLIC_DOMAINS else domain


def _people(event_id: int) -> tuple[dict[str, set[int]], dict[str, set[int]], dict[str, set[int]]]:
    """The proposals by mail domain, by folded name of a body, by folded name of a person."""
    by_domain, by_body, by_name = defaultdict(set), defaultdict(set), defaultdict(set)
    columns = (ProposalPerson.proposal_id, ProposalPerson.email_key, ProposalPerson.organisation_name, ProposalPerson.name)
    query = select(*columns).join(Proposal, Proposal.id == ProposalPerson.proposal_id).where(Proposal.event_id == event_id)
    for row in db.session.execute(query):
        for found, key in (
            (by_domain, domain_of(row.email_key)), (by_body, text.fold(row.organisation_name)), (by_name, text.fold(row.name)),
        ):  # fmt: skip
            if key:
                found[key].add(row.proposal_id)
    return by_domain, by_body, by_name


def _bodies(event_id: int, person_id: int) -> Iterable[str]:
    """Every folded name under which the organisations go that a person is tied to."""
    said = select(Tie.organisation_key).where(
        Tie.event_id == event_id, Tie.person_id == person_id, Tie.withdrawn_at.is_(None), Tie.organisation_key != ""
    )
    known = select(OrganisationName.key).where(OrganisationName.organisation_id.in_(shield.organisations(event_id, person_id)))
    return set(db.session.scalars(said.union(known)))


def suggest(
    event_id: int, found: Iterable[tuple[int, int, list[tuple[str, str]]]], *, of: Sequence[Person], now: datetime
) -> int:
    """Write down what was seen `of` these people: (person, proposal, evidence). What was dismissed stays so.

    What is seen no more goes, unless it was dismissed. Inside the running transaction. Returns how many are new.
    """
    query = select(TieSuggestion).where(TieSuggestion.event_id == event_id, TieSuggestion.person_id.in_([one.id for one in of]))
    known = {(one.person_id, one.proposal_id): one for one in db.session.scalars(query)}
    seen, new, touched = set(), 0, set()
    for person_id, proposal_id, evidence in found:
        seen.add((person_id, proposal_id))
        one = known.get((person_id, proposal_id))
        if one is None:
            one = TieSuggestion(event_id=event_id, person_id=person_id, proposal_id=proposal_id, found_at=now)
            db.session.add(one)
            new += 1
            touched.add(person_id)
        if one.dismissed_at is None:
            one.evidence = [list(pair) for pair in evidence]
    for key, one in known.items():
        if key not in seen and one.dismissed_at is None:
            db.session.delete(one)
    db.session.flush()
    for person_id in sorted(touched):
        cutting.cut(event_id, db.session.get_one(Person, person_id), now=now)
    return new


def due(now: datetime) -> None:
    """Look again where people of proposals, reviewers or ties have changed since; take from reviewers what they are tied to."""
    for event_id in db.session.scalars(select(Reviewing.event_id)).all():
        if db.session.get_one(Reviewing, event_id).seen_key != _key(event_id):
            with transaction(queue=("reviewing", event_id)) as at:
                look_again(event_id, now=at)


def look_again(event_id: int, *, now: datetime) -> None:
    """Look among all reviewers, unless nothing has changed since it was done last. Inside the running transaction."""
    settings, key = db.session.get(Reviewing, event_id), _key(event_id)
    if settings is None or settings.seen_key == key:
        return
    people = [reviewer.person for reviewer in queries.reviewers(event_id)]
    detect(event_id, people, now=now)
    for person in people:
        cutting.cut(event_id, person, now=now)
    settings.seen_key = _key(event_id)


def _key(event_id: int) -> str:
    """Changes when somebody comes to a proposal or leaves it, answers, is named otherwise, reviews or is tied to something."""
    of_event = Proposal.event_id == event_id
    people = select(func.count(), func.max(ProposalPerson.id), func.max(ProposalPerson.answered_at), func.max(Proposal.changed_at))
    one = db.session.execute(
        people.select_from(ProposalPerson).join(Proposal, Proposal.id == ProposalPerson.proposal_id).where(of_event)
    ).one()
    two = db.session.execute(
        select(func.count(), func.max(Reviewer.added_at)).where(Reviewer.event_id == event_id, Reviewer.left_at.is_(None))
    ).one()
    three = db.session.execute(select(func.max(Tie.id), func.count(Tie.withdrawn_at)).where(Tie.event_id == event_id)).one()
    return "|".join(str(value) for value in (*one, *two, *three))

