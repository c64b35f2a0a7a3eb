"""What happens when answers are written or changed: derived columns, other limits, needs kept apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import inspect

from eventreg.core import audit, capacity, text
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.questions.judging import field_name
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people.models import Organisation
from eventreg.registration import asking, delegated, invitations, places, queries, rules, uploads
from eventreg.registration.models import Needs, Registration
from eventreg.registration.rules import Answers, LimitKey, State, Waiting


def change(registration_id: int, answers: Answers, *, lang: str, by: Actor, keep_needs: bool = False) -> Registration:
    """Change the answers of a live registration. The address stays as it is. Raises Refused; nothing is written then.

    `keep_needs` leaves access and dietary needs alone (they were not shown to whoever changed the rest).
    """
    registration = db.session.get_one(Registration, registration_id)
    with transaction(queue=("event", registration.event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        event = db.session.get_one(Event, registration.event_id)
        if registration.state not in rules.LIVE:
            raise Refused(Refusal("registration.wrong_state", {"state": registration.state}))
        if answers.form_version not in (None, queries.form_of(event.id).version):
            raise Refused(Refusal("question.form_changed"))
        if keep_needs:
            answers = with_needs(answers, db.session.get(Needs, registration_id))
        apply_answers(registration, event, answers, lang=lang, now=now, by=by)
        return registration


def with_needs(answers: Answers, needs: Needs | None) -> Answers:
    """The answers with the needs that are on record in place of what they say of needs."""
    needs = needs or Needs(access="", diet="", gender="", answers={})
    own = {**answers.own_sensitive, **needs.answers}
    return replace(answers, access=needs.access, diet=needs.diet, gender=needs.gender, own_sensitive=own)


def apply_answers(
    registration: Registration,
    event: Event,
    answers: Answers,
    *,
    lang: str,
    now: datetime,
    by: Actor,
) -> None:
    """Write changed answers down, inside the event's queue; answers that count under other limits claim anew.

    Raises Refused (registration.limit_full, registration.answer_offer_first, invitation.other_organisation,
    delegation.fixed_answers).
    """
    before, claimed = _seen(registration), queries.claims_of(registration)
    needs_before = _needs_seen(registration)
    answers = asking.with_unasked(answers, registration)
    write_answers(registration, answers, lang=lang, now=now)
    if by.kind != "organiser":
        invitations.check_organisation(registration)
        delegated.check_fixed(registration, before)
    write_needs(registration, answers)
    asking.drop_hidden(registration)
    claim_anew(registration, event, claimed, now=now)
    after = _seen(registration)
    both = {name: (before.get(name, ""), after.get(name, "")) for name in {**before, **after}}
    changed = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    needs_after = _needs_seen(registration)
    apart = {name for name in {**needs_before, **needs_after} if needs_before.get(name) != needs_after.get(name)}
    facts = {"changed": sorted(changed.keys() | apart)}  # of what is kept apart the record has no values
    audit.record("registration.changed", registration, event_id=event.id, actor=by, facts=facts, personal=changed)


def claim_anew(registration: Registration, event: Event, claimed: frozenset[LimitKey], *, now: datetime) -> None:
    """Other answers may count under other limits: each new one must have a place, or everything stays as it was.

    `claimed` is what the registration counted under before (queries.claims_of).
    """
    wanted = queries.claims_of(registration)
    if wanted == claimed:
        return
    pools = capacity.all_pools(event.id)
    new, old = capacity.among(pools, wanted - claimed), capacity.among(pools, claimed - wanted)
    if not new and not old:
        return
    entry = queries.live_entry(registration.id)
    if entry is not None and entry.state == Waiting.OFFERED:
        raise Refused(Refusal("registration.answer_offer_first"))
    if registration.state == State.CONFIRMED:
        if capacity.claim(new) is not None:
            raise Refused(Refusal("registration.limit_full", {"full": queries.what_is_full(event, wanted - claimed)}))
        capacity.release(old)
    places.offer_free_places(event, now=now)


def _seen(registration: Registration) -> dict[str, str]:
    """What an audit line says of a registration's answers: strings by field (needs are not among them)."""
    names = (
        "name_latin", "name_arabic", "organisation_name", "category", "country", "position", "phone", "days", "languages",
        "wants_visa_letter", "consents_photo", "consents_contact",
    )  # fmt: skip
    return {name: str(getattr(registration, name)) for name in names} | own_seen(registration.answers)


def own_seen(answers: Mapping[str, Any]) -> dict[str, str]:
    """Answers to own questions as the record keeps them: JSON by field."""
    return {field_name(code): json.dumps(value, ensure_ascii=False) for code, value in answers.items()}


def _needs_seen(registration: Registration) -> dict[str, Any]:
    """What is kept apart, to see which of it changed."""
    needs = db.session.get(Needs, registration.id)
    if needs is None:
        return {}
    built_in = {"access": needs.access, "diet": needs.diet, "gender": needs.gender}
    return {name: value for name, value in built_in.items() if value} | {field_name(c): v for c, v in needs.answers.items()}


def write_answers(registration: Registration, answers: Answers, *, lang: str, now: datetime) -> None:
    """Write answers into a registration, inside the running transaction; a known organisation decides the sector."""
    known = organisations.recognised(answers.organisation_code, answers.organisation_name, answers.country)
    known = known or _same_as_before(registration, answers)
    write_known(registration, answers, known, lang=lang, now=now)


def write_known(
    registration: Registration, answers: Answers, organisation: organisations.Found | None, *, lang: str, now: datetime
) -> None:
    """The same where the organisation was looked up already."""
    registration.organisation_id = organisation.id if organisation else None
    registration.organisation_name = answers.organisation_name
    sector = organisation.sector if organisation else answers.sector
    if registration.sector != sector and registration.category not in rules.GIVEN_CATEGORIES:
        registration.category = sector  # the same sector again keeps what an organiser chose
    registration.sector = sector
    registration.name_latin, registration.name_arabic = answers.name_latin, answers.name_arabic
    registration.country, registration.position, registration.phone = answers.country, answers.position, answers.phone
    registration.days, registration.languages = list(answers.days), list(answers.languages)
    registration.wants_visa_letter = answers.wants_visa_letter
    registration.consents_photo, registration.consents_contact = answers.consents_photo, answers.consents_contact
    registration.consent_version = rules.CONSENT_VERSION
    stored = registration.answers or {}
    registration.answers = _carried(stored, answers.own, answers)
    uploads.settle(registration.event_id, uploads.about(registration), before=stored, after=registration.answers)
    registration.lang, registration.changed_at = lang, now
    write_keys(registration, email=answers.email.address, organisation_key=organisation.names if organisation else "")


def _same_as_before(registration: Registration, answers: Answers) -> organisations.Found | None:
    """The organisation that an organiser gave to what was typed, as long as that is typed again."""
    is_same = (registration.organisation_name, registration.country) == (answers.organisation_name, answers.country)
    if registration.organisation_id is None or not is_same:
        return None
    return organisations.with_names(db.session.get_one(Organisation, registration.organisation_id))


def write_keys(registration: Registration, *, email: str, organisation_key: str = "") -> None:
    """Derive the columns for search and sorting from names, organisation and address."""
    names = (registration.name_latin, registration.name_arabic, registration.organisation_name, organisation_key)
    # the skeletons, in capitals, let a name be found that is written in the other script or spelt another way
    bones = (text.skeleton(name) for name in (registration.name_latin, registration.name_arabic) if name)
    found_by = (text.search_key(*names, email, registration.code), *bones)
    registration.search_key = " ".join(dict.fromkeys(filter(None, found_by)))
    registration.sort_latin = text.sort_key(registration.name_latin or registration.name_arabic)
    registration.sort_arabic = text.sort_key(registration.name_arabic or registration.name_latin)


def _carried(stored: Mapping[str, Any], given: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    """The own answers from now on: of questions that were not judged now (asked no more, asked after) the stored ones."""
    return {code: value for code, value in stored.items() if code not in answers.judged} | dict(given)


def write_needs(registration: Registration, answers: Answers) -> None:
    """Keep access and dietary needs, gender and sensitive own answers apart; none given, none kept."""
    needs = db.session.get(Needs, registration.id) or Needs(registration_id=registration.id, answers={})
    needs.access, needs.diet, needs.gender = answers.access, answers.diet, answers.gender
    stored = needs.answers
    needs.answers = _carried(stored, answers.own_sensitive, answers)
    uploads.settle(registration.event_id, uploads.about(registration), before=stored, after=needs.answers)
    if needs.access or needs.diet or needs.gender or needs.answers:
        db.session.add(needs)
    elif inspect(needs).persistent:
        db.session.delete(needs)
    db.session.flush()
