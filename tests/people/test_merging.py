"""Two organisations become one, and two again: everything moves, nothing is lost, what changed since is left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventreg.core import audit, clock
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people import directory, merging, organisations
from eventreg.people.models import Organisation, OrganisationName
from eventreg.people.organisation_rules import Plan
from eventreg.registration import changes, rules
from eventreg.registration.models import Registration
from eventreg.wiring import HOLDERS
from tests import factories as make

BY = Actor("organiser", "P-TEST")


def a_plan(fr: str, **changed: Any) -> Plan:
    names = {"fr": fr, **{lang: changed.pop(lang) for lang in ("ar", "en") if lang in changed}}
    return Plan(**{"name": Text(**names), "country": "MA", "sector": "civil_society", "is_public": True, **changed})


def an_organisation(fr: str, **changed: Any) -> Organisation:
    return directory.add(a_plan(fr, **changed), by=BY)


def fresh(row: Any) -> Any:
    return db.session.get_one(type(row), row.id, populate_existing=True)


def merge(source: Organisation, target: Organisation, **keep: str) -> str:
    return merging.merge(source.code, target.code, keep, holders=HOLDERS, by=BY).code


def undo(code: str) -> merging.Undone:
    return merging.undo(code, holders=HOLDERS, by=BY)


@pytest.fixture
def event(app: Flask) -> Event:
    return make.an_event()


def test_registrations_move_and_are_found_by_every_name_of_the_survivor(event: Event) -> None:
    source, target = an_organisation("Réseau A", acronym="RA"), an_organisation("Réseau B", aliases=("Bêta",))
    one = make.a_registration(event, organisation_name="Réseau A")
    other = make.a_registration(event, organisation_name="beta")

    merge(source, target)

    assert [fresh(row).organisation_id for row in (one, other)] == [target.id, target.id]
    assert fresh(one).organisation_name == "Réseau A", "what somebody wrote stays"
    for row in (one, other):
        assert {"reseau a", "reseau b", "beta"} <= {key for key in ("reseau a", "reseau b", "beta") if key in fresh(row).search_key}


def test_the_old_names_lead_to_the_survivor_while_typing_and_when_sent(event: Event) -> None:
    source, target = an_organisation("Réseau A", acronym="RA"), an_organisation("Réseau B")
    merge(source, target)

    assert [found.code for found in organisations.suggestions("RA")] == [target.code]
    late = make.a_registration(event, organisation_name="Réseau A", organisation_code=source.code)
    assert late.organisation_id == target.id
    typed = make.a_registration(event, organisation_name="RA")
    assert typed.organisation_id == target.id


def test_names_are_kept_as_chosen_and_the_others_become_further_names(app: Flask) -> None:
    source = an_organisation("Réseau A", en="Network A", ar="شبكة أ")
    target = an_organisation("Réseau B", en="Network B", acronym="RB")

    merge(source, target, en="source")

    kept = fresh(target)
    assert (kept.name.fr, kept.name.en, kept.name.ar, kept.acronym) == ("Réseau B", "Network A", "شبكة أ", "RB")
    assert set(organisations.aliases_of(target.id)) == {"Réseau A", "Network B"}


def test_the_sector_follows_the_survivor_and_the_category_stays(app: Flask) -> None:
    event = make.an_event(civil_society=5, academia=0)
    source, target = an_organisation("Cercle"), an_organisation("Institut", sector="academia")
    person = make.a_registration(event, organisation_name="Cercle", sector="civil_society")

    code = merge(source, target)

    assert (fresh(person).sector, fresh(person).category, fresh(person).state) == ("academia", "civil_society", "confirmed")
    undo(code)
    assert (fresh(person).sector, fresh(person).category) == ("civil_society", "civil_society")


def test_whoever_changes_answers_later_keeps_category_and_link(app: Flask) -> None:
    event = make.an_event(civil_society=5, academia=0)
    source, target = an_organisation("Cercle"), an_organisation("Institut", sector="academia")
    raw = make.raw_answers(organisation_name="Cercle", sector="civil_society")
    person = make.a_registration(event, **raw)
    merge(source, target)

    answers = rules.answers({**raw, "phone": "+212612345678"}, days=event.days)
    changes.change(person.id, answers, lang="en", by=BY)

    assert (fresh(person).organisation_id, fresh(person).category) == (target.id, "civil_society")


def test_every_line_of_the_record_says_what_moved(event: Event) -> None:
    source, target = an_organisation("Réseau A"), an_organisation("Réseau B")
    person = make.a_registration(event, organisation_name="Réseau A")

    code = merge(source, target)
    undo(code)

    actions = [line.action for line in audit.history(None, "organisation", target.code)]
    assert actions == ["organisation.merge_undone", "organisation.merged", "organisation.added"]
    here = [line.action for line in audit.history(event.id, "organisation", target.code)]
    assert here == ["organisation.registrations_put_back", "organisation.registrations_moved"]
    theirs = [line.facts["why"] for line in audit.history(event.id, "registration", person.code) if "why" in line.facts]
    assert theirs == ["unmerged", "merged"]
    assert audit.verify(0) is None and audit.verify(event.id) is None


def test_children_move_and_a_survivor_below_takes_the_place_of_the_one_above(app: Flask) -> None:
    top = an_organisation("Sommet")
    source = an_organisation("Ministère", parent=top.code)
    between = an_organisation("Direction", parent=source.code)
    target = an_organisation("Service", parent=between.code)

    code = merge(source, target)

    assert (fresh(between).parent_id, fresh(target).parent_id) == (target.id, top.id)
    undo(code)
    assert (fresh(between).parent_id, fresh(target).parent_id) == (source.id, between.id)


# ---- refusals --------------------------------------------------------------------------------------------------------


def test_a_merge_can_be_undone_for_thirty_days_and_once(app: Flask) -> None:
    with clock.at(make.OPEN):
        code = merge(an_organisation("Réseau A"), an_organisation("Réseau B"))
        clock.tick(days=30, seconds=-1)
        undo(code)
        with pytest.raises(Refused, match="undone"):
            undo(code)
        late = merge(an_organisation("Réseau C"), an_organisation("Réseau D"))
        clock.tick(days=30)
        with pytest.raises(Refused, match="undo_over"):
            undo(late)
    with pytest.raises(Refused, match="no_merge"):
        undo("M-NOTHING")


def test_what_was_merged_cannot_be_merged_again_nor_with_itself(app: Flask) -> None:
    one, two, three = (an_organisation(name) for name in ("Réseau A", "Réseau B", "Réseau C"))
    merge(one, two)

    for source, target, why in ((one, three, "merged"), (three, one, "merged"), (three, three, "same")):
        with pytest.raises(Refused, match=why):
            merge(source, target)


def test_a_chain_of_merges_leads_to_its_end_and_is_undone_from_there(event: Event) -> None:
    one, two, three = (an_organisation(name) for name in ("Réseau A", "Réseau B", "Réseau C"))
    person = make.a_registration(event, organisation_name="Réseau A")
    first, second = merge(one, two), merge(two, three)

    assert organisations.survivor(fresh(one)).id == three.id == fresh(person).organisation_id
    with pytest.raises(Refused, match="merged_since"):
        undo(first)
    undo(second)
    assert fresh(person).organisation_id == two.id
    undo(first)
    assert fresh(person).organisation_id == one.id


# ---- what changed since ----------------------------------------------------------------------------------------------


def test_undoing_leaves_alone_what_was_changed_since(event: Event) -> None:
    source, target = an_organisation("Réseau A"), an_organisation("Réseau B")
    child = an_organisation("Section", parent=source.code)
    raw = make.raw_answers(organisation_name="Réseau A")
    gone, stays = make.a_registration(event, **raw), make.a_registration(event, organisation_name="Réseau A")
    code = merge(source, target)
    changes.change(gone.id, rules.answers({**raw, "organisation_name": "Réseau B"}, days=event.days), lang="en", by=BY)
    directory.change(child.code, a_plan("Section"), holders=HOLDERS, by=BY)
    directory.change(target.code, a_plan("Réseau B et amis", aliases=("Réseau A", "Réseau B")), holders=HOLDERS, by=BY)

    undone = undo(code)

    assert (undone.back, undone.left, undone.kept) == (1, 1, ("fr", "children"))
    assert (fresh(gone).organisation_id, fresh(stays).organisation_id) == (target.id, source.id)
    assert fresh(child).parent_id is None
    assert fresh(target).name.fr == "Réseau B et amis"
    assert organisations.aliases_of(target.id) == ["Réseau B"], "the name it had before the merge stays with it"


def test_undoing_makes_no_circle(app: Flask) -> None:
    top = an_organisation("Sommet")
    source, target = an_organisation("Ministère", parent=top.code), an_organisation("Autre")
    child = an_organisation("Direction", parent=source.code)
    code = merge(source, target)
    directory.change(top.code, a_plan("Sommet", parent=child.code), holders=HOLDERS, by=BY)

    undone = undo(code)

    assert undone.kept == ("children",)
    assert fresh(child).parent_id == target.id


def test_the_same_organisation_is_not_merged_by_two_at_once(app: Flask) -> None:
    source, one, two = (an_organisation(name) for name in ("Réseau A", "Réseau B", "Réseau C"))
    merge(source, one)

    with pytest.raises(Refused, match="merged"):
        merge(source, two)
    assert fresh(source).merged_into_id == one.id


# ---- merge, then undo, is nothing ------------------------------------------------------------------------------------

_words = st.sampled_from(["Réseau", "Reseau", "شبكة", "Network", "RC", "rc", "Forum", "منتدى", ""])
_body = st.fixed_dictionaries({
    "ar": _words, "fr": _words, "en": _words, "acronym": st.sampled_from(["", "RC", "FM"]),
    "aliases": st.lists(_words, max_size=4).map(tuple), "sector": st.sampled_from(["media", "academia"]),
    "country": st.sampled_from(["MA", "TN"]), "is_public": st.booleans(),
})  # fmt: skip
_keep = st.dictionaries(st.sampled_from(["ar", "fr", "en", "acronym"]), st.sampled_from(["source", "target"]))
_shape = st.tuples(st.booleans(), st.sampled_from(["apart", "target below", "source below", "one between"]))


def _made(body: dict[str, Any], parent: Organisation | None) -> Organisation:
    names = Text(**{lang: body[lang] for lang in ("ar", "fr", "en")}) or Text(fr="Sans nom")
    with transaction() as now:
        return organisations.add(
            names, country=body["country"], sector=body["sector"], acronym=body["acronym"], aliases=body["aliases"],
            is_public=body["is_public"], parent_id=parent.id if parent else None, now=now,
        )  # fmt: skip


def state_of_everything() -> dict[str, Any]:
    """Organisations, names and registrations as they matter: without row ids of names and instants of change."""
    db.session.expire_all()
    bodies = [
        (o.id, o.name, o.acronym, o.country, o.sector, o.level, o.parent_id, o.merged_into_id, o.is_public, o.sort_fr,
         sorted(o.search_key.split()))
        for o in db.session.scalars(select(Organisation).order_by(Organisation.id))
    ]  # fmt: skip
    rows = db.session.scalars(select(OrganisationName))
    names = sorted((row.organisation_id, row.key, row.name, row.bones, row.is_alias) for row in rows)
    people = [
        (r.id, r.organisation_id, r.organisation_name, r.sector, r.category, r.state, sorted(r.search_key.split()))
        for r in db.session.scalars(select(Registration).order_by(Registration.id))
    ]
    return {"bodies": bodies, "names": names, "people": people}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_body, two=_body, keep=_keep, shape=_shape)
def test_merging_and_undoing_changes_nothing(
    app: Flask, one: dict[str, Any], two: dict[str, Any], keep: dict[str, str], shape: tuple[bool, str]
) -> None:
    event = db.session.scalar(select(Event)) or make.an_event()
    top = _made({**one, "fr": "Sommet"}, None) if shape[0] else None
    source = _made(one, top)
    between = _made({**two, "fr": "Entre"}, source)
    above = {"target below": source, "one between": between}.get(shape[1], top)
    target = _made(two, above)
    if shape[1] == "source below":
        with transaction():
            db.session.get_one(Organisation, source.id).parent_id = target.id
    for body in (source, source, target):
        make.a_registration(event, organisation_name=body.name.in_("fr"), organisation_code=body.code, country=body.country)
    before = state_of_everything()

    code = merge(source, target, **keep)
    assert state_of_everything() != before
    undone = undo(code)

    assert (undone.left, undone.kept) == (0, ())
    assert state_of_everything() == before


def test_undo_lasts_thirty_days() -> None:
    assert timedelta(days=30) == merging.UNDO
