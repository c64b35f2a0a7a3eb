"""Test data in the domain's words. Factories call the services, so test data cannot be impossible."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sa_event
from werkzeug.datastructures import FileStorage

from eventreg.core import clock, files, times
from eventreg.core.audit import OPERATOR, Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS, Text
from eventreg.core.questions import store
from eventreg.core.questions.shape import Asked, Form, Kind, Question, Section
from eventreg.events import queries as events_queries
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people import session
from eventreg.people.models import Person
from eventreg.proposals import calls, partners, standard
from eventreg.proposals import notes as concept_notes
from eventreg.proposals import queries as call_queries
from eventreg.proposals import services as writing
from eventreg.proposals import uploads as proposal_uploads
from eventreg.proposals.models import Call, Proposal
from eventreg.proposals.note_models import Note
from eventreg.proposals.rules import State as ProposalState
from eventreg.registration import batches, delegations, invitations, queries, rules, uploads
from eventreg.registration import services as registration
from eventreg.registration.invited_lines import Words
from eventreg.registration.models import Delegation, InvitationBatch, Registration
from eventreg.reviewing import assignments, phases, reviewers, reviews
from eventreg.reviewing import criteria as reviewing_criteria
from eventreg.reviewing import queries as reviewing_queries
from eventreg.reviewing.models import Assignment, CriteriaSet, Review, Reviewing
from eventreg.reviewing.rules import CriterionPlan

OPEN = "2022-09-27T09:10+01:00"  # three days before the deadline
_number = itertools.count(1)


def an_event(*, slug: str = "ogp-2022", limit: int | None = None, closes: str = "2022-09-30", **changes: Any) -> Event:
    """The Marrakech meeting; `limit` is the event's, `media=5` and the like limit a category."""
    limits = {key: changes.pop(key) for key in list(changes) if key in rules.CATEGORIES}
    plan = {
        "slug": slug,
        "name": Text(ar="اللقاء الجهوي", fr="Rencontre régionale", en="Regional meeting"),
        "short_name": Text(ar="لقاء 2022", fr="OGP 2022", en="OGP 2022"),
        "aims": Text(ar="الشفافية", fr="Transparence", en="Transparency"),
        "city": Text(ar="مراكش", fr="Marrakech", en="Marrakech"),
        "venue": Text(ar="قصر المؤتمرات", fr="Palais des congrès", en="Congress centre"),
        "host": Text(ar="اللجنة", fr="Comité", en="Committee"),
        "zone_label": Text(ar="بتوقيت مراكش", fr="heure de Marrakech", en="Marrakech time"),
        "country": "MA", "zone": "Africa/Casablanca", "first_day": date(2022, 11, 1), "last_day": date(2022, 11, 3),
        "opens": "2022-07-01", "closes": closes, "help_email": "help@example.org",
    }  # fmt: skip
    with _in_summer():
        event = events.set_up(events.EventPlan(**{**plan, **changes}), by=OPERATOR)
        registration.set_limit(event.id, "event", "", limit, by=OPERATOR)
        for category, number in limits.items():
            registration.set_limit(event.id, "category", category, number, by=OPERATOR)
    return event


@contextmanager
def _in_summer() -> Iterator[None]:
    """Before the deadline, unless the test has stopped the clock itself."""
    if clock._frozen is not None:
        yield
        return
    with clock.at(OPEN):
        yield


def ask(
    event: Event, *questions: Question, section: str = "needs", after: tuple[Question, ...] = (), later: str = "later"
) -> Form:
    """Put own questions at the end of a section of the form, and `after` into one (`later`) that is asked after confirmation."""
    with transaction(queue=("event", event.id)) as now:
        form = queries.form_of(event.id)
        home = form.section(section)
        assert home is not None
        form = form.with_section(replace(home, questions=home.questions + questions))
        if after:
            title = Text(ar="بعد التأكيد", fr="Après confirmation", en="After confirmation")
            form = replace(form, sections=(*form.sections, Section(later, title, asked=Asked.AFTER, questions=after)))
        return store.save(event.id, queries.PURPOSE, form, now=now, by=str(OPERATOR))


A_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


def a_file_answer(event: Event, registration: Registration) -> str:
    """A question for a file and this person's answer to it; the file's code."""
    ask(event, Question("letter", Kind.FILE, Text(en="Letter of your organisation")))
    upload = FileStorage(io.BytesIO(A_PDF), "letter.pdf")
    stored = files.store(event.id, upload, purpose=uploads.PURPOSE, about=uploads.about(registration))
    with transaction(queue=("event", event.id)):
        mine = db.session.get_one(Registration, registration.id)
        mine.answers = {**mine.answers, "letter": uploads.answer_of(stored)}
    return stored.code


def raw_answers(**changes: Any) -> dict[str, Any]:
    """A complete form as typed; each call has an address of its own."""
    n = next(_number)
    return {
        "email": f"person{n}@example.org", "name_latin": f"Amina Test {n}", "name_arabic": "أمينة", "country": "MA",
        "organisation_name": f"Association {n}", "organisation_code": "", "sector": "civil_society", "position": "Director",
        "phone": "", "days": ["2022-11-01", "2022-11-02", "2022-11-03"], "languages": ["ar", "fr"], "access": "", "diet": "",
        "wants_visa_letter": False, "consents_photo": False, "consents_contact": False, **changes,
    }  # fmt: skip


def a_registration(
    event: Event, *, confirmed_address: bool = True, lang: str = "en", cancelled: bool = False, **changes: Any
) -> Registration:
    """Somebody registered: with a place, or waiting when full."""
    with _in_summer():
        # an answer to an own question is judged by the meeting's form; else everything that is built in may be answered
        form = queries.form_of(event.id) if any(name.startswith("q_") for name in changes) else None
        answers = rules.answers(raw_answers(**changes), days=event.days, form=form)
        made = registration.register(event.id, answers, registration.Sending(lang=lang, key=None, form_opened_at=clock.now()))
        if confirmed_address:
            registration.confirm_address(made.id)
        if cancelled:
            registration.cancel(made.id, by=OPERATOR)
    return db.session.get_one(Registration, made.id, populate_existing=True)


def a_person(email: str = "", *, lang: str = "en", **names: str) -> Person:
    """Somebody with an address."""
    with transaction():
        address = people_rules.email_address(email or f"somebody{next(_number)}@example.org")
        return people.find_or_create(address, lang=lang, **({"name_latin": "Some Body"} | names))


def staff(role: str, event: Event | None, *, email: str = "", scopes: list[str] | None = None) -> Person:
    """A person with a granted role: OR, CI, AD …"""
    person = a_person(email or f"{role.lower()}{next(_number)}@example.org")
    people.grant(person.id, role, event_id=event.id if event else None, by=Actor("operator"), scopes=scopes)
    return person


def an_organiser(event: Event, *, scopes: list[str] | None = None) -> Person:
    """An organiser of this event."""
    return staff("OR", event, scopes=scopes)


def sign_in(client: FlaskClient, person: Person, *, kind: str = "full", event: Event | None = None) -> str:
    """Sign this client in as the person; returns the cookie's secret."""
    with transaction() as now:
        opened = people.open_session(person.id, kind, now=now, event_id=event.id if event else None)
    client.set_cookie(session.COOKIE, opened.secret)
    return opened.secret


def an_invitation(event: Event, by: Person, **changes: Any) -> invitations.Issued:
    """A personal invitation; by default it passes the deadline, once, until 15 October."""
    plan = {
        "label": "Guest", "reason": "speaker", "lang": "en", "passes_deadline": True, "passes_limit": False,
        "expires": times.deadline("2022-10-15", event.zone), **changes,
    }  # fmt: skip
    with _in_summer():
        return invitations.invite(event.id, invitations.InvitationPlan(**plan), by=by, send_mail=False)


def a_batch(event: Event, by: Person, typed: str, **changes: Any) -> InvitationBatch:
    """A list that was invited: lines "address; name; language; category"."""
    plan = {
        "label": "List", "reason": "speakers", "lang": "en", "passes_deadline": True, "passes_limit": False,
        "expires": times.deadline("2022-10-15", event.zone), **changes,
    }  # fmt: skip
    words = Words({lang: lang for lang in LANGS}, {key: key for key in rules.GIVEN_CATEGORIES}, "en", "")
    with _in_summer():
        return batches.invite_all(event.id, "List", invitations.InvitationPlan(**plan), typed, words, by=by)


def a_delegation(event: Event, by: Person, *, head: str = "head@example.org", **changes: Any) -> Delegation:
    """Places that an organiser keeps for the people of a body."""
    plan = {
        "name": "Ministry of Health", "organisation_name": "Ministry of Health", "organisation_code": "", "sector": "government",
        "country": "MA", "size": 3, **changes,
    }  # fmt: skip
    with _in_summer():
        return delegations.make(event.id, delegations.DelegationPlan(**plan), people_rules.email_address(head), lang="fr", by=by)


CALL_OPENS, CALL_CLOSES = "2022-06-15", "2022-08-31"  # of the call for workshops
CALL_OPEN = "2022-08-01T10:00+01:00"
TRACKS = [
    ("participation", "civic", Text(ar="المشاركة المواطنة", fr="Participation citoyenne", en="Civic participation"), Text()),
    ("integrity", "integrity", Text(ar="مكافحة الفساد", fr="Lutte contre la corruption", en="Anti-corruption"), Text()),
]
FORMATS = [
    calls.FormatPlan(Text(ar="ورشة", fr="Atelier", en="Workshop"), 90, "workshop"),
    calls.FormatPlan(Text(ar="حلقة نقاش", fr="Table ronde", en="Panel"), 60, "panel"),
]


def a_call(event: Event, *, opens: str = CALL_OPENS, closes: str = CALL_CLOSES, **changes: Any) -> Call:
    """The call for workshops of this meeting, with two tracks and two formats."""
    plan = calls.CallPlan(times.start(opens, event.zone), times.deadline(closes, event.zone), **changes)
    if not events_queries.tracks(event.id):
        events.add_tracks(event.id, TRACKS, by=OPERATOR)
    calls.set_formats(event.id, FORMATS, by=OPERATOR)
    return calls.set_call(event.id, plan, by=OPERATOR)


def proposal_answers(lang: str = "en", **changes: Any) -> dict[str, dict[str, Any]]:
    """A complete proposal as typed, by part."""
    n = next(_number)
    parts: dict[str, dict[str, Any]] = {
        "title": {f"title_{lang}": f"Open budgets {n}", "track": "participation", f"summary_{lang}": "Why budgets should be read."},
        "approach": {f"approach_{lang}": "Three short talks, then tables of eight people."},
        "objectives": {f"objectives_{lang}": "- read a budget\n- ask a question about it"},
        "outputs": {f"outputs_{lang}": "- a guide"},
        "practical": {"format": "workshop", "spoken": ["ar", "fr"], "size_min": "40", "size_max": "60"},
    }
    for field, value in changes.items():
        own = "practical" if field.startswith("q_") else ""  # where `ask_call` puts own questions
        section = own or next(name for name, codes in standard.SECTIONS.items() if standard.QUESTION_OF[field] in codes)
        parts[section][field] = value
    return parts


def ask_call(event: Event, *questions: Question, section: str = "practical") -> Form:
    """Put own questions at the end of a section of the call, which is made at the end where there is none."""
    with transaction(queue=("event", event.id)) as now:
        form = call_queries.form_of(event.id)
        home = form.section(section) or Section(section, Text(ar="أسئلة أخرى", fr="Autres questions", en="More"))
        if form.section(section) is None:
            form = replace(form, sections=(*form.sections, home))
        form = form.with_section(replace(home, questions=home.questions + questions))
        return store.save(event.id, standard.PURPOSE, form, now=now, by=str(OPERATOR))


def a_proposal_file(proposal: Proposal) -> str:
    """A file that hangs on this proposal; its code."""
    upload = FileStorage(io.BytesIO(A_PDF), "letter.pdf")
    about = proposal_uploads.about(proposal)
    return files.store(proposal.event_id, upload, purpose=uploads.PURPOSE, about=about).code


A_BODY = {"name": "Amina Test", "organisation_name": "Association for Budgets", "country": "MA", "sector": "civil_society"}


def a_proposal(
    event: Event, lead: Person | None = None, *, lang: str = "en", sent: bool = True, body: dict[str, str] = A_BODY, **changes: Any
) -> Proposal:
    """A proposal with all its parts, sent unless told otherwise."""
    lead = lead or a_person()
    parts = proposal_answers(lang, **changes)
    with clock.at(CALL_OPEN) if clock._frozen is None else nullcontext():
        made = writing.begin(event.id, lead.id, parts["title"], lang=lang)
        for section, answers in parts.items():
            based_on = 1 if section == "title" else 0
            writing.save_part(made.id, section, answers, based_on=based_on, by=lead.id)
        partners.describe_lead(made.id, body, by=lead.id)
        if sent:
            writing.send(made.id, by=lead.id)
    return db.session.get_one(Proposal, made.id, populate_existing=True)


A_MINISTRY = {"email": "ministry@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}
ACCEPTED = "2022-09-20T10:00+01:00"  # when accepted proposals are told


def an_accepted_proposal(
    event: Event, lead: Person | None = None, *, partner: dict[str, str] | None = A_MINISTRY, lang: str = "en", **changes: Any
) -> tuple[Proposal, Person, Person]:
    """A workshop that was accepted, its lead, and the co-organiser of another body (the lead again where there is none)."""
    lead = lead or a_person()
    made, other = a_proposal(event, lead, lang=lang, sent=False, **changes), lead
    with clock.at(CALL_OPEN) if clock._frozen is None else nullcontext():
        if partner is not None:
            invited = partners.invite(made.id, partner, by=lead.id)
            accepted = partners.answer(event.id, invited.code, accepts=True)
            assert accepted is not None
            other = accepted
        writing.send(made.id, by=lead.id)
    with transaction(queue=("proposal", made.id)):
        db.session.get_one(Proposal, made.id).state = ProposalState.ACCEPTED
    return db.session.get_one(Proposal, made.id, populate_existing=True), lead, other


NOTE = {
    "theme": {"theme_en": "Women before the courts."},
    "axis": {"axis_en": "What keeps women from a judge?"},
    "programme": {
        "minutes_1": "10", "what_en_1": "Opening", "who_1": "The association", "minutes_2": "50", "what_en_2": "Tables of eight",
        "who_2": "",
    },
}  # fmt: skip


def a_note(proposal: Proposal, by: Person, *, proposed: bool = False, **parts: dict[str, str]) -> Note:
    """A whole concept note in English, put to signature if told so; `parts` in other words."""
    made = concept_notes.begin(proposal.id, by=by.id)
    for section, answers in {**NOTE, **parts}.items():
        concept_notes.save_part(proposal.id, made.number, section, answers, based_on=1, by=by.id)
    if proposed:
        concept_notes.propose(proposal.id, made.number, by=by.id)
    return db.session.get_one(Note, made.id, populate_existing=True)


# ---- reviewing -------------------------------------------------------------------------------------------------------

REVIEWING = "2022-09-05T10:00+01:00"  # while proposals are reviewed


def a_chair(event: Event, email: str | None = None) -> Person:
    """Somebody who chairs the selection."""
    person = a_person(email) if email else a_person()
    people.grant(person.id, "CH", event_id=event.id, by=OPERATOR)
    return person


def criteria(event: Event, chair: Person, *, condition: bool = False) -> CriteriaSet:
    """Two scores of weight 2 and 1 on a scale of 1 to 5, and a condition if told so; frozen."""
    reviewing_criteria.begin(event.id, by=chair.id)
    ends = {level: Text(ar="وصف", fr="Description", en="What it means") for level in (1, 5)}
    for name, weight in (("Relevance", 2), ("Method", 1)):
        words = Text(ar="معيار", fr="Critère", en=name)
        reviewing_criteria.save(event.id, CriterionPlan("score", words, anchors=ends, weight=weight), by=chair.id)
    if condition:
        words = Text(ar="شرط", fr="Condition", en="Open to all")
        reviewing_criteria.save(event.id, CriterionPlan("condition", words), by=chair.id)
    return reviewing_criteria.freeze(event.id, by=chair.id)


def open_reviewing(event: Event, chair: Person, *, closes: str = "2022-09-18", **changes: Any) -> Reviewing:
    """Reviewing with frozen criteria, open until the end of that day."""
    if reviewing_queries.frozen(event.id) is None:
        criteria(event, chair)
    phases.set_up(event.id, phases.ReviewingPlan(closes=times.deadline(closes, event.zone), **changes), by=chair.id)
    return phases.open_now(event.id, by=chair.id)


def a_reviewer(event: Event, chair: Person, email: str | None = None, *, sector: str = "government", **changes: Any) -> Person:
    """Somebody who reviews, of an organisation of their own."""
    number = next(_number)
    plan = reviewers.ReviewerPlan(
        people_rules.email_address(email or f"reviewer{number}@r{number}.example.org"), "en", name_latin=f"Reviewer {number}",
        organisation_name=f"Institute {number}", sector=sector, **changes,
    )  # fmt: skip
    return db.session.get_one(Person, reviewers.add(event.id, plan, by=chair.id).person_id)


def assigned(event: Event, chair: Person, reviewer: Person, *proposals: Proposal) -> list[Assignment]:
    """These proposals, given to the reviewer by hand."""
    return assignments.assign(event.id, [assignments.Pair(one.id, reviewer.id) for one in proposals], by=chair.id)


def review_answers(found: CriteriaSet, *values: int | str, **changes: str) -> dict[str, str]:
    """What a form sends of a whole review: these values in the order of the criteria (3 where none is given)."""
    given = dict(zip((one.code for one in found.criteria), values, strict=False))
    scores = {f"c_{one.code}": str(given.get(one.code, 3 if one.kind == "score" else 1)) for one in found.criteria}
    comment = "A clear aim, and a method that fits it well enough."
    return {**scores, "confidence": "2", "to_committee": comment, "to_proposer": "", **changes}


def a_review(event: Event, reviewer: Person, assignment: Assignment, *values: int | str, **changes: str) -> Review:
    """A submitted review."""
    found = reviewing_queries.frozen(event.id)
    assert found is not None
    return reviews.submit(event.id, reviewer, assignment.code, review_answers(found, *values, **changes), based_on=0)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL statements sent inside the block."""
    sent: list[str] = []

    def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    sa_event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        sa_event.remove(engine, "before_cursor_execute", listen)
