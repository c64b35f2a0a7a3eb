"""May everybody open what they should, and nothing else? Every role walks every address, held against the table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from eventreg.checkin import devices
from eventreg.core import access, jobs, links, times
from eventreg.core.audit import OPERATOR, Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.outbox import Mail
from eventreg.core.questions.shape import Kind, Question
from eventreg.events.models import Event
from eventreg.imports import services as imports
from eventreg.imports import work as importing
from eventreg.manage import bulk, saved_filters
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.people import organisations
from eventreg.people.models import Grant, Person
from eventreg.permissions import TABLE
from eventreg.proposals import late, note_comments
from eventreg.proposals.models import Proposal
from eventreg.registration import moderation
from eventreg.registration import services as registration
from eventreg.registration.models import Registration
from eventreg.registration.rules import Verdict
from eventreg.reviewing import criteria as reviewing_criteria
from tests import factories
from tests.house.test_http import snapshot

MATRIX = Path(__file__).parents[1] / "data" / "access_matrix.csv"

# Views that anybody may call and that know no roles.
WITHOUT_ACTION = {"assets.file", "health.alive", "health.ready", "metrics.figures"}

# Parts of an address that name no object: `kind` is csv or xlsx.
NO_OBJECT = {"lang", "event", "kind", "what"}

# Our actions in the words of the access matrix.
ROW_OF = {
    "public.read": "read public pages, programme, criteria, open data",
    "registration.register": "register (open, or invitation)",
    "registration.own": "read / change / withdraw a registration",
    "registration.change": "read / change / withdraw a registration",
    "registration.decide": "read / change / withdraw a registration",
    "needs.read": "see diet and accessibility answers",
    "delegation.own": "read / change / withdraw a registration",
    "delegations.manage": "register someone else, merge duplicates, swap delegate",
    "waiting.jump": "reorder waiting list or override a limit (with reason)",
    "waiting.answer": "join, leave waiting list; accept offered place",
    "participants.list": "list, search participants",
    "participants.bulk": "read / change / withdraw a registration",
    "participants.export": "export participants (CSV/XLSX)",
    "organisations.manage": "register someone else, merge duplicates, swap delegate",
    "participants.import": "export participants (CSV/XLSX)",
    "invitations.issue": "issue, revoke invitations",
    "event.deadline": "move deadline, change limits",
    "form.change": "move deadline, change limits",
    "event.moderation": "move deadline, change limits",
    "event.overview": "list, search participants",
    "mail.read": "read mails sent to a person",
    "mail.send_again": "write, preview, send letters to a segment",
    "audit.read": "read audit trail (non-public part)",
    "audit.verify": "verify the public chain",
    "badges.print": "design, print badge batches",
    "badges.reprint": "reprint one, revoke old",
    "proposal.write": "create, edit, submit, withdraw a proposal while open",
    "proposal.read": "read a proposal before decision",
    "call.manage": "move deadline, change limits",
    "proposals.list": "read a proposal before decision",
    "proposals.export": "read a proposal before decision",
    "proposals.restore": "restore a withdrawn proposal, merge two",
    "proposals.merge": "restore a withdrawn proposal, merge two",
    "note.read": "read a proposal before decision",
    "note.comment": "read a proposal before decision",
    "note.write": "create, edit, submit, withdraw a proposal while open",
    "note.sign": "sign off one exact concept note version",
    "criteria.edit": "edit criteria (unfrozen) / freeze",
    "assignment.manage": "assign reviewers, run the optimiser",
    "conflict.others": "see others' conflicts",
    "selection.read": "see ranking, statistics, what-if sets",
    "review.write": "write, change own review while open",
    "conflict.own": "declare own conflict",
    "ticket.own": "own ticket and QR",
    "door.scan": "scan, check in, search at the door",
    "door.undo": "undo check-in, override a refusal (with reason)",
    "door.devices": "enrol, revoke a device",
    "account.own": "export my data, erase me",
    "system.health": "/metrics, full health",
}
# What the matrix has no row for: a secret link decides by itself; a job is its owner's; components are examples only; the page
# that shows the matrix.
BEYOND_THE_MATRIX = {"link.open", "job.own", "components.look", "access.read"}

# The directory of organisations is one for all meetings.
OF_THE_INSTALLATION = {"organisations.manage"}

# Taking data out of the house is itself written into the audit chain.
WRITTEN_DOWN = {"participants.export", "proposals.export"}
NO_SCAN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class World:
    """A meeting with one of everything that an address can name."""

    event: Event
    participant: Person
    values: list[tuple[str, dict[str, object]]]

    def path(self, rule: Rule, *, event: str = "") -> str:
        """The address of a rule, naming things that exist: the first entry whose fragment is in it."""
        values: dict[str, object] = {"lang": "en", "event": event or self.event.slug}
        for fragment, found in self.values:
            if fragment in rule.rule:
                values = {**found, **values}
        missing = rule.arguments - set(values)
        assert not missing, f"{rule.rule}: teach World.values what {missing} can be"
        built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
        assert built is not None, rule.rule
        return str(built[1])


@pytest.fixture
def world(app: Flask, clock: ModuleType) -> Iterator[World]:
    with clock.at(factories.OPEN):
        yield a_world()


def a_world(slug: str = "ogp-2022") -> World:
    event = factories.an_event(slug=slug)
    organiser = factories.an_organiser(event)
    mine, other = factories.a_registration(event), factories.a_registration(event)
    participant = db.session.get_one(Person, mine.person_id)
    invitation = factories.an_invitation(event, organiser)
    question, section = f"arrival_{event.id}", f"later_{event.id}"  # no other meeting has these
    factories.ask(event, after=(Question(question, Kind.DATE, Text(en="Day of arrival")),), later=section)
    device = devices.create(event.id, name="Phone 1", door="North", by=organiser)
    pairing = devices.pairing_secret(device.id, by=organiser)
    with transaction() as now:
        job = jobs.enqueue("badges.batch", {}, event_id=event.id, person_id=organiser.id, now=now).code
    table = a_table(event, organiser)
    values = _values(other, mine, invitation.invitation.code, device.code, device.id, pairing, job, table)
    form: list[tuple[str, dict[str, object]]] = [
        ("/manage/form/sections/", {"code": section}), ("/manage/form/questions/", {"code": question}),
    ]  # fmt: skip
    proposal, lists = _of_call(event, participant), _of_lists(event, organiser, other)
    return World(event, participant, [*form, *_of_reviewing(event), *proposal, *_of_decisions(event, organiser), *lists, *values])


def _of_reviewing(event: Event) -> list[tuple[str, dict[str, object]]]:
    """Somebody reviews a proposal; what they were given is nobody else's."""
    chair = factories.a_chair(event)
    factories.open_reviewing(event, chair, closes="2022-10-20")
    reviewer = factories.a_reviewer(event, chair)
    (task,) = factories.assigned(event, chair, reviewer, factories.a_proposal(event))
    criteria = reviewing_criteria.begin(event.id, by=chair.id, reason=Text(ar="سبب", fr="Motif", en="Reason")).criteria
    proposal = db.session.get_one(Proposal, task.proposal_id)
    file = factories.a_proposal_file(proposal)
    return [("/review/", {"code": task.code, "file": "0" * 22}), ("/chair/criteria/", {"code": criteria[0].code}),
            ("/criteria/", {"number": 1}), ("/chair/proposals/", {"code": proposal.code, "file": file})]  # fmt: skip


def _of_decisions(event: Event, organiser: Person) -> list[tuple[str, dict[str, object]]]:
    """One decision that is released and one that is prepared."""
    by = Actor("organiser", organiser.code)
    with transaction():
        db.session.get_one(Event, event.id).moderated = True
    released, prepared = factories.a_registration(event), factories.a_registration(event)
    with transaction():
        db.session.get_one(Event, event.id).moderated = False
    yes = moderation.Decision(Verdict.YES)
    moderation.prepare(event.id, [released.id], yes, by=by)
    batch = moderation.release(event.id, by=by)
    moderation.prepare(event.id, [prepared.id], yes, by=by)
    return [("/manage/moderation/mail/", {"code": prepared.code}), ("/manage/moderation/batches/", {"batch": batch})]


def _of_call(event: Event, lead: Person) -> list[tuple[str, dict[str, object]]]:
    """The participant leads a proposal, and somebody else this one; the call is open while the walk goes on."""
    factories.a_call(event, closes="2022-10-01")
    own = Question(f"before_{event.id}", Kind.LONG_TEXT, Text(en="Held before?"))  # no other meeting has these
    factories.ask_call(event, own, section=f"more_{event.id}")
    factories.a_proposal(event, lead)
    proposal = factories.a_proposal(event)
    file = factories.a_proposal_file(proposal)
    names: dict[str, object] = {"code": proposal.code, "section": "title", "number": 1, "revision": 1, "what": "speaker"}
    guest = late.LatePlan("Guest", "asked", "en", times.deadline("2022-10-10", event.zone))
    invited = late.invite(event.id, guest, by=lead).invitation
    note = ("/proposals/<code>/notes", _of_note(event))
    return [note, ("/manage/proposals.", {"kind": "csv"}), ("/manage/call/invitations/", {"code": invited.code}),
            ("/manage/proposals/merge/", {"merge_code": "M-NOTHING"}), ("/manage/call/tracks/", {"slug": "participation"}),
            ("/manage/call/preview/", {"name": "title"}), ("/manage/call/form/sections/", {"code": f"more_{event.id}"}),
            ("/manage/call/form/questions/", {"code": f"before_{event.id}"}),
            ("/manage/proposals/<code>/files/", {"code": proposal.code, "file": file}),
            ("/proposals/<code>", {**names, "file": "0" * 22})]  # fmt: skip


def _of_note(event: Event) -> dict[str, object]:
    """Somebody else leads a workshop that was accepted, and says something on its note."""
    accepted, lead, _other = factories.an_accepted_proposal(event)
    factories.a_note(accepted, lead)
    said = note_comments.say(accepted.id, 1, "axis", "Which one?", by=lead.id)
    return {"code": accepted.code, "number": 1, "section": "axis", "comment": said.code}


def _of_lists(event: Event, organiser: Person, other: Registration) -> list[tuple[str, dict[str, object]]]:
    wanted = ParticipantFilter(country="MA")
    shown = bulk.show(event.id, wanted, "mail", {}, by=organiser)
    kept = saved_filters.save(event.id, "Morocco", wanted, Order(), is_shared=True, by=organiser)
    file = factories.a_file_answer(event, other)
    batch = factories.a_batch(event, organiser, "guest@example.org; Guest")
    delegation = factories.a_delegation(event, organiser)
    registration.set_limit(event.id, "category", "donor", 0, by=OPERATOR)
    in_line = factories.a_registration(event, sector="donor")
    return [
        ("/manage/waiting.", {"kind": "csv"}),
        ("/manage/waiting/", {"code": in_line.code}),
        ("/me/delegation/", {"code": delegation.code, "number": 1}),
        ("/manage/delegations/", {"code": delegation.code, "number": 1}),
        ("/me/files/", {"code": file}),
        ("/manage/people/<code>/files/", {"code": other.code, "file": file}),
        ("/manage/people/<code>/answers/", {"code": other.code, "part": "name"}),
        ("/manage/invitations/batches/", {"code": batch.code}), ("/manage/people/bulk/", {"code": shown.code}),
        ("/manage/people/filters/", {"code": kept.code}),
    ]  # fmt: skip


def a_table(event: Event, organiser: Person) -> str:
    """An import with a wrong row, checked; returns its code."""
    data = b"name_latin,country,category\nAmina,Atlantis,gov\n"
    plan = imports.look(data, "participants", event_id=event.id)
    batch = imports.take_in(event.id, "participants", data, plan, filename="people.csv", by=organiser)
    importing.check(batch.id, lambda done, total: None)
    return batch.code


def _values(
    other: Registration, mine: Registration, invitation: str, device: str, device_id: int, pairing: str, job: str,
    batch: str,
) -> list[tuple[str, dict[str, object]]]:
    """Later entries win nothing: the first that knows a name keeps it."""
    with transaction() as now:
        until = now.replace(year=now.year + 1)
        personal = links.make("registration", mine.code, now=now, expires_at=until, event_id=mine.event_id)
        sign_in = links.make("sign_in", "P-NOBODY", now=now, expires_at=until, max_uses=1)
        body = organisations.add(Text(fr="Réseau"), country="MA", sector="civil_society", now=now).code
    mail = db.session.query(Mail.id).filter(Mail.event_id == mine.event_id).limit(1).scalar()
    return [
        ("/manage/people/", {"code": other.code}),
        ("/manage/import/", {"code": batch, "kind": "csv"}),
        ("/manage/people.", {"kind": "csv"}),
        ("/manage/orgs/", {"code": body, "merge_code": "M-NOTHING"}),
        ("/manage/orgs.", {"kind": "csv"}),
        ("/manage/invitations/", {"code": invitation}),
        ("/manage/badges/", {"code": other.code, "number": 1}),
        ("/manage/form/preview/", {"name": "name"}),
        ("/manage/jobs/", {"code": job}),
        ("/manage/mail/", {"mail_id": mail}),
        ("/desk/", {"code": device, "device_id": device_id, "token": pairing, "secret": pairing, "scan_id": NO_SCAN}),
        ("/i/", {"token": personal}),
        ("/me/edit/", {"part": "name"}),
        ("/register/", {"name": "email"}),
        ("/sign-in/", {"token": sign_in}),
        ("/account/security/", {"ref": "0" * 16}),
        ("/assets/", {"tree": "0" * 12, "path": "all.css"}),
        ("bare_slug", {"bare_slug": "ogp-2022", "rest": "programme/"}),
    ]


# ---- the walk --------------------------------------------------------------------------------------------------------

VIEWERS: dict[str, frozenset[str]] = {
    "anonymous": frozenset({"AN"}),
    "participant": frozenset({"AN", "PA", "PR"}),  # who leads a proposal
    "by a mail's link": frozenset({"AN", "PA", "PR"}),
    "by a mail's link of another event": frozenset({"AN"}),
    "check-in": frozenset({"AN", "PA", "CI"}),
    "organiser": frozenset({"AN", "PA", "OR"}),
    "reviewer": frozenset({"AN", "PA", "RE"}),
    "chair": frozenset({"AN", "PA", "CH"}),
    "organiser of another event": frozenset({"AN", "PA"}),
    "administrator": frozenset({"AN", "PA", "AD"}),
}


def a_client(app: Flask, world: World, viewer: str) -> FlaskClient:
    """A browser of this viewer."""
    client = app.test_client()
    event, scopes = world.event, ["needs", "audit"]
    if viewer == "participant":
        factories.sign_in(client, world.participant)
    elif viewer == "by a mail's link":
        factories.sign_in(client, world.participant, kind="link", event=event)
    elif viewer == "by a mail's link of another event":
        factories.sign_in(client, world.participant, kind="link", event=factories.an_event(slug="other"))
    elif viewer == "organiser of another event":
        factories.sign_in(client, factories.an_organiser(factories.an_event(slug="other")))
    elif viewer != "anonymous":
        role, where = {
            "check-in": ("CI", event), "organiser": ("OR", event), "administrator": ("AD", None), "reviewer": ("RE", event),
            "chair": ("CH", event),
        }[viewer]  # fmt: skip
        factories.sign_in(client, factories.staff(role, where, scopes=scopes))
    return client


def expected(rule: Rule, action: str, viewer: str) -> str:
    """open, sign-in, forbidden or absent, by the table."""
    roles = VIEWERS[viewer]
    if viewer == "by a mail's link" and "event" not in rule.arguments:
        roles = frozenset({"AN"})  # the link knows one event and nothing of the installation
    if roles & set(TABLE[action]):
        return "open"
    if viewer == "anonymous":
        return "sign-in"
    return "absent" if rule.arguments - NO_OBJECT else "forbidden"


def observed(answer: TestResponse) -> str:
    """What the answer amounts to; "open" is anything that a permitted person may get, except a server error."""
    if answer.status_code == 303 and (answer.location or "").startswith("/en/sign-in?next="):
        return "sign-in"
    if answer.status_code == 303 and answer.location == "/en/sign-in" and answer.request.method == "POST":
        return "sign-in"
    if answer.status_code >= 500:
        return f"error {answer.status_code}"
    return {401: "forbidden", 403: "forbidden", 404: "absent"}.get(answer.status_code, "open")


def guarded_rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every address with the action that its view names."""
    found = [(rule, access.action_of(app.view_functions[rule.endpoint])) for rule in app.url_map.iter_rules()]
    return [(rule, action) for rule, action in found if action is not None]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_page_opens_for_the_roles_of_the_table_and_for_nobody_else(app: Flask, world: World, viewer: str) -> None:
    client = a_client(app, world, viewer)
    wrong = []
    for rule, action in guarded_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        path, want = world.path(rule), expected(rule, action, viewer)

        got = observed(client.get(path))

        # an own page may find nothing of this viewer's: 404 is right for those who may ask
        if got != want and not (want == "open" and got == "absent" and set(TABLE[action].values()) & {"O", "A"}):
            wrong.append(f"{path} ({action}): {got}, should be {want}")
    assert wrong == []


@pytest.mark.parametrize("viewer", [viewer for viewer in VIEWERS if viewer not in ("organiser", "administrator")])
def test_nothing_can_be_sent_to_an_address_that_is_closed_to_the_sender(app: Flask, world: World, viewer: str) -> None:
    client = a_client(app, world, viewer)
    wrong = []
    for rule, action in guarded_rules(app):
        want = expected(rule, action, viewer)
        if "POST" not in (rule.methods or ()) or want == "open":
            continue

        got = observed(client.post(world.path(rule)))

        if got != want:
            wrong.append(f"POST {rule.rule} ({action}): {got}, should be {want}")
    assert wrong == []


def test_opening_pages_changes_nothing(app: Flask, world: World) -> None:
    for viewer in ("participant", "organiser", "chair"):
        client = a_client(app, world, viewer)
        before = snapshot()
        for rule, action in guarded_rules(app):
            if "GET" in (rule.methods or ()) and action not in WRITTEN_DOWN:
                path = world.path(rule)
                client.get(path)
                assert snapshot() == before, path


def test_an_object_of_another_event_does_not_exist_here(app: Flask, world: World) -> None:
    other = factories.an_event(slug="other")
    client = app.test_client()
    factories.sign_in(client, factories.an_organiser(other))
    found = {}
    for rule, action in guarded_rules(app):
        no_objects = {"lang", "event", "part", "name", "kind"}
        if (
            "GET" in (rule.methods or ())
            and rule.arguments - no_objects
            and "event" in rule.arguments
            and action not in OF_THE_INSTALLATION | {"public.read"}
        ):
            found[rule.rule] = client.get(world.path(rule, event="other")).status_code
    assert found, "there must be something to hide"
    # a secret of another event is answered like a secret that has ended
    assert {
        rule: status for rule, status in found.items() if status not in ({404, 410} if "/<secret>" in rule else {404})
    } == {}


# ---- the table -------------------------------------------------------------------------------------------------------


def test_every_view_names_an_action_of_the_table(app: Flask) -> None:
    actions = {endpoint: access.action_of(view) for endpoint, view in app.view_functions.items()}

    assert {endpoint for endpoint, action in actions.items() if action is None} == WITHOUT_ACTION
    assert {action for action in actions.values() if action is not None} - set(TABLE) == set()


def test_the_table_allows_nothing_that_the_access_matrix_denies() -> None:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        matrix = {row["action"]: row for row in csv.DictReader(file)}

    wider = [
        f"{action}: {role} has {cell}, the matrix says {matrix[ROW_OF[action]][role]}"
        for action, cells in TABLE.items()
        if action not in BEYOND_THE_MATRIX
        for role, cell in cells.items()
        if matrix[ROW_OF[action]][role] not in (cell, "Y")
    ]

    assert set(TABLE) == set(ROW_OF) | BEYOND_THE_MATRIX
    assert wider == []


def test_rights_taken_away_are_gone_at_the_next_click(app: Flask, world: World) -> None:
    client = a_client(app, world, "organiser")
    assert client.get(f"/en/{world.event.slug}/manage/").status_code == 200
    with transaction():
        db.session.query(Grant).delete()

    assert client.get(f"/en/{world.event.slug}/manage/").status_code == 403
