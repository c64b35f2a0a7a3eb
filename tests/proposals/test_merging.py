"""Two proposals become one: who joins, what stays readable, who hears of it, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import clock as product_clock
from eventreg.core.audit import OPERATOR, verify
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import likeness, merging, partners, queries, services
from eventreg.proposals.models import Proposal, ProposalMerge
from eventreg.proposals.rules import Role
from tests import factories as make
from tests.house.test_http import snapshot

MINISTRY = {**make.A_BODY, "name": "Omar Test", "organisation_name": "Ministry of Justice", "sector": "government"}
LIST = "/en/ogp-2022/manage/proposals"


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Iterator[Event]:
    with clock.at(make.CALL_OPEN):
        made = make.an_event()
        make.a_call(made)
        yield made


def pair(event: Event) -> tuple[Proposal, Proposal, Person, Person]:
    """One that will go, one that will stay, with their leads; both have a co-organiser of the same address."""
    goes, stays = make.a_person("goes@example.org"), make.a_person("stays@example.org")
    source = make.a_proposal(event, goes, title_en="Signboards", body=MINISTRY)
    target = make.a_proposal(event, stays, title_en="Signboards that stay")
    for one, lead in ((source, goes), (target, stays)):
        invited = partners.invite(one.id, {**make.A_BODY, "name": "", "email": "both@example.org", "lang": "fr"}, by=lead.id)
        if one is source:
            partners.answer(event.id, invited.code, accepts=True)
    partners.invite(source.id, {**make.A_BODY, "name": "", "email": "waits@example.org", "lang": "ar"}, by=goes.id)
    partners.name(source.id, {"name": "Sami Speaker"}, Role.SPEAKER, by=goes.id)
    return source, target, goes, stays


def merge(event: Event, source: Proposal, target: Proposal, **changes: object) -> ProposalMerge:
    given = {"reason": "The same subject.", "both_agreed": True, "by": OPERATOR, **changes}
    return merging.merge(event.id, source.code, target.code, **given)  # type: ignore[arg-type]


def mails(kind: str) -> dict[str, str]:
    return {mail.to_address: mail.text for mail in db.session.scalars(select(Mail).where(Mail.kind == f"proposals/{kind}"))}


def fresh(one: Proposal) -> Proposal:
    return db.session.get_one(Proposal, one.id, populate_existing=True)


def sound(event: Event) -> bool:
    return invariants.findings(product_clock.now()) == [] and verify(event.id) is None


def test_the_people_of_both_stand_behind_the_one_that_stays(event: Event) -> None:
    source, target, goes, stays = pair(event)
    made = merge(event, source, target)

    gone, one = fresh(source), fresh(target)
    assert (gone.state, gone.merged_into_id, gone.number, one.state, one.lead_id) == ("merged", one.id, 1, "submitted", stays.id)
    assert [(p.role, p.answer, p.email or p.name) for p in queries.people(one.id)] == [
        ("lead", "accepted", "stays@example.org"), ("co_organiser", "accepted", "both@example.org"),
        ("co_organiser", "accepted", "goes@example.org"), ("co_organiser", "invited", "waits@example.org"),
        ("speaker", "named", "Sami Speaker"),
    ]  # fmt: skip
    assert set(one.sectors) == {"civil_society", "government"} and sound(event)
    told = mails("merged")
    assert set(told) == {"stays@example.org", "both@example.org", "goes@example.org"}
    assert "The same subject." in told["goes@example.org"] and "was merged into this one" in told["stays@example.org"]
    assert "waits@example.org" in mails("co_organiser")  # asked again, about the one that stays
    assert made.reason == "The same subject." and likeness.index(event.id).like(source.code) == []
    # both texts stay readable for everybody of both; the one that went is written no more
    assert queries.own(event.id, source.code, stays.id) is not None and queries.own(event.id, target.code, goes.id) is not None
    assert queries.own(event.id, source.code, make.a_person().id) is None
    with pytest.raises(Refused):
        services.save_part(source.id, "outputs", {"outputs_en": "x"}, based_on=1, by=goes.id)
    with pytest.raises(Refused):
        services.withdraw(source.id, by=goes.id)


def test_undone_at_once_it_is_what_it_was_and_everybody_hears_of_it(event: Event) -> None:
    source, target, _goes, _stays = pair(event)
    before = {name: rows for name, rows in snapshot().items() if name.startswith("proposal") and name != "proposal_merge"}
    made = merge(event, source, target)
    with product_clock.at("2022-08-02T10:00+01:00"):
        merging.undo(event.id, made.code, by=OPERATOR)
        assert sound(event)

    after = {name: rows for name, rows in snapshot().items() if name.startswith("proposal") and name != "proposal_merge"}
    assert after == before
    assert set(mails("merge_undone")) == {"stays@example.org", "both@example.org", "goes@example.org"}
    for code in (made.code, "M-NOTHING"):
        with pytest.raises(Refused):
            merging.undo(event.id, code, by=OPERATOR)


def test_what_was_written_since_stays_when_it_is_undone(event: Event) -> None:
    source, target, goes, stays = pair(event)
    made = merge(event, source, target)
    with product_clock.at("2022-08-03T10:00+01:00"):
        services.save_part(target.id, "outputs", {"outputs_en": "- ours together"}, based_on=1, by=goes.id)
        merging.undo(event.id, made.code, by=OPERATOR)
        assert sound(event)

    assert queries.parts(target.id)["outputs"].answers == {"outputs_en": "- ours together"}
    assert queries.writer(target.id, goes.id) is None and queries.writer(source.id, goes.id) is not None


def test_what_cannot_be_merged_is_refused_with_its_reason(event: Event) -> None:
    source, target, goes, _stays = pair(event)
    draft = make.a_proposal(event, sent=False)
    other_event = make.an_event(slug="other")
    make.a_call(other_event)
    elsewhere = make.a_proposal(other_event)
    gone = make.a_proposal(event, goes)
    services.withdraw(gone.id, by=goes.id)
    before = snapshot()

    def why(a: Proposal, b: Proposal, **changes: object) -> str:
        with pytest.raises(Refused) as refused:
            merge(event, a, b, **changes)
        return refused.value.refusal.code

    assert why(source, source) == "proposal.merge_same"
    assert why(source, draft) == "proposal.merge_into_draft"
    assert why(source, elsewhere) == why(elsewhere, source) == "proposal.merge_unknown"
    assert why(gone, target) == why(target, gone) == "proposal.merge_state"
    assert why(source, target, both_agreed=False) == "proposal.merge_no_consent"
    assert why(source, target, reason=" \n") == "proposal.merge_no_reason"
    assert why(source, target, reason="x" * 501) == "answers.too_long"
    assert snapshot() == before
    merge(event, draft, target)  # a draft may go into one that was sent
    assert why(draft, source) == "proposal.merge_state"


def test_a_merge_is_undone_for_thirty_days_and_not_under_another_one(event: Event) -> None:
    source, target, _goes, _stays = pair(event)
    third = make.a_proposal(event)
    first, second = merge(event, source, target), merge(event, target, third)

    def why(code: str) -> str:
        with pytest.raises(Refused) as refused:
            merging.undo(event.id, code, by=OPERATOR)
        return refused.value.refusal.code

    assert why(first.code) == "proposal.merged_since"
    merging.undo(event.id, second.code, by=OPERATOR)
    assert why(second.code) == "proposal.merge_undone"
    with product_clock.at("2022-08-31T10:00:01+01:00"):
        assert why(first.code) == "proposal.merge_undo_over"
    assert sound(event)


def test_the_check_finds_a_merge_that_leads_nowhere(event: Event) -> None:
    source, target, _goes, _stays = pair(event)
    merge(event, source, target)
    with transaction():
        fresh(source).merged_into_id = None

    assert {finding.name for finding in invariants.findings(product_clock.now())} == {"proposal.merged"}


def test_the_team_looks_merges_undoes_and_tells_apart(app: Flask, client: FlaskClient, event: Event) -> None:
    source, target, _goes, _stays = pair(event)
    for number in range(4):
        make.a_proposal(event, title_en=f"Another subject {number}", summary_en=f"Of courts and their clerks {number}")
    make.sign_in(client, make.an_organiser(event))
    both = {"one": source.code, "other": target.code}
    find = client.get(f"{LIST}/merge?one={source.code}").text
    preview = client.get(f"{LIST}/merge?one={source.code}&other=2").text
    empty = client.post(f"{LIST}/merge", data={**both, "survivor": target.code, "reason": "Typed"})

    assert f"other={target.code}" in find and client.get(f"{LIST}/merge?one={source.code}&other=99").text.count("There is no such")
    assert "Omar Test joins as: Co-organiser" in preview.replace("<bdi>", "").replace("</bdi>", "")
    assert empty.status_code == 422 and "Ask both leads first" in empty.text and "Typed" in empty.text
    done = client.post(f"{LIST}/merge", data={**both, "survivor": target.code, "reason": "The same.", "both_agreed": "y"})
    assert done.location.endswith(f"{target.code}?done=merged") and fresh(source).state == "merged"
    page = client.get(done.location).text
    assert "The two are one now." in page and "The same." in page and "was merged into this one." in page
    ended = client.get(f"{LIST}/merge?one={source.code}&other=3").text
    assert "is now: Merged." in ended and "is now" not in preview  # the other way round it could be: there is a form
    [made] = db.session.scalars(select(ProposalMerge))
    back = client.post(f"{LIST}/merge/{made.code}/undo")
    assert back.location.endswith(f"{source.code}?done=unmerged") and fresh(source).state == "submitted"
    assert client.post(f"{LIST}/merge/{made.code}/undo").status_code == 422
    assert client.post(f"{LIST}/merge/M-XXXXXXXX/undo").status_code == 404
    assert "Two different ones" in client.get(f"{LIST}/twins").text
    for _n in range(2):
        assert client.post(f"{LIST}/merge/not-same", data=both).status_code == 303
    assert "No two proposals look alike." in client.get(f"{LIST}/twins").text
    assert "Proposals that look alike" not in client.get(f"{LIST}/{source.code}").text


def test_the_writers_of_both_find_both_texts(app: Flask, client: FlaskClient, event: Event) -> None:
    source, target, _goes, stays = pair(event)
    merge(event, source, target)
    make.sign_in(client, stays)
    mine = client.get(f"/en/ogp-2022/proposals/{target.code}/").text
    other = client.get(f"/en/ogp-2022/proposals/{source.code}/")

    assert f"/proposals/{source.code}" in mine and "Proposals merged into it" in mine
    assert "It was joined with another proposal" in other.text and f"/proposals/{target.code}" in other.text
    assert client.get(f"/en/ogp-2022/proposals/{source.code}/history").status_code == 200
