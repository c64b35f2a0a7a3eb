"""Proposals out of tables: taken in whole, told line by line, changed, taken back; and the own export, which changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.cli import invariants
from eventreg.core import clock as product_clock
from eventreg.core import tables, worker
from eventreg.core.audit import verify
from eventreg.core.db import db, transaction
from eventreg.core.i18n import in_language
from eventreg.core.outbox import Mail
from eventreg.core.questions import store
from eventreg.core.questions.shape import Kind, Question
from eventreg.core.trilingual import Text
from eventreg.events.models import Event
from eventreg.imports import words, work
from eventreg.manage import proposal_export
from eventreg.manage.proposal_filters import DEFAULT, ProposalFilter
from eventreg.people.models import Person
from eventreg.proposals import partners, queries, services, standard, table
from eventreg.proposals.models import Proposal, ProposalPerson, ProposalVersion
from tests import factories as make
from tests.house.test_http import snapshot
from tests.imports import files

WHOLE = {
    "lang": "fr", "title_fr": "Lire un budget communal", "summary_fr": "Pourquoi et comment.", "approach_fr": "Des tables de huit.",
    "objectives_fr": "- lire", "outputs_fr": "- un guide", "track": "participation", "format": "workshop",
    "spoken": "ar fr", "size_min": "20", "size_max": "40", "lead": "Awa Ndiaye", "lead_email": "awa@example.org",
    "lead_organisation": "Réseau des budgets", "country": "SN", "lead_sector": "civil_society",
}  # fmt: skip


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Iterator[Event]:
    with clock.at(make.CALL_OPEN):
        made = make.an_event()
        make.a_call(made)
        yield made


def sheet(*rows: dict[str, str], head: Sequence[str] = ()) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, head or list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def take(event: Event, *rows: dict[str, str], **wish: Any) -> Any:
    return files.take(event, sheet(*rows), "proposals", **wish)


def found() -> list[Proposal]:
    return list(db.session.scalars(select(Proposal).order_by(Proposal.id).execution_options(populate_existing=True)))


def told(report: Any) -> list[tuple[int | None, str, str]]:
    return [(line, one.column, one.refusal.code) for line, one in report.problems]


def export(event: Event) -> bytes:
    offer = queries.offer(event.id)
    rows = proposal_export.rows(event.id, offer, ProposalFilter(), DEFAULT, None, lang="en")
    with tables.csv_file(table.columns(offer), rows) as file:
        return file.read()


def undo() -> None:
    batch = files.batch()
    with transaction():
        db.session.get_one(type(batch), batch.id).state = "undoing"
    work.undo(batch.id, lambda done, total: None)


def sound(event: Event) -> bool:
    return invariants.findings(product_clock.now()) == [] and verify(event.id) is None


def test_a_row_becomes_a_sent_proposal_with_its_lead_and_whom_it_asks(event: Event) -> None:
    report = take(event, {**WHOLE, "co_organiser_emails": "a@example.org; b@example.org", "number": "41"})

    [one] = found()
    assert (report.status, report.problems, report.counts["new"]) == ("imported", [], 1)
    assert (one.state, one.number, one.version, one.missing, one.lang) == ("submitted", 41, 1, 0, "fr")
    assert (one.country, one.sectors, one.languages) == ("SN", ["civil_society"], ["fr"])
    people = queries.people(one.id)
    assert [(person.role, person.answer, person.email) for person in people] == [
        ("lead", "accepted", "awa@example.org"), ("co_organiser", "invited", "a@example.org"),
        ("co_organiser", "invited", "b@example.org"),
    ]  # fmt: skip
    assert db.session.get_one(ProposalVersion, 1).answers["spoken"] == ["ar", "fr"]
    assert db.session.scalar(select(func.count(Mail.id))) == 0  # nobody is mailed unless that is wished
    # its lead goes on with it as with any other
    services.save_part(one.id, "outputs", {"outputs_fr": "- deux guides"}, based_on=1, by=one.lead_id)
    services.send(one.id, by=one.lead_id)
    assert found()[0].version == 2 and sound(event)


def test_mails_go_out_when_they_are_wished(event: Event) -> None:
    take(event, {**WHOLE, "co_organiser_emails": "a@example.org"}, sends_mail=True)

    kinds = {tuple(row) for row in db.session.execute(select(Mail.kind, Mail.to_address))}
    assert kinds == {("proposals/received", "awa@example.org"), ("proposals/co_organiser", "a@example.org")}


@pytest.mark.parametrize(
    "head",
    [
        "Langue;Titre;Résumé;Approche;Objectifs;Livrables;Thème;Format;Langues;Minimum;Maximum;Porteur;Courriel;Organisme;Pays;Secteur;État",
        "اللغة;العنوان;ملخص;المنهجية;الأهداف;المخرجات;المحور;الصيغة;لغات الورشة;الحد الأدنى;الحد الأقصى;صاحب الاقتراح;"
        "البريد الإلكتروني;المنظمة;البلد;القطاع;الحالة",
        "lang;title;abstract;approach;objectives;outputs;track;format;languages;size_min;size_max;lead;lead_email;lead_organisation;"
        "lead_country;sector;state",
    ],
)
def test_columns_and_values_are_understood_in_the_words_of_people(event: Event, head: str) -> None:
    row = ("français;Lire un budget;Pourquoi;Des tables;- lire;- un guide;Participation citoyenne;atelier;arabe, français;20,0;40;"
           "Awa;awa@example.org;Réseau;Sénégal;ONG;envoyée")  # fmt: skip
    report = files.take(event, f"{head}\n{row}\n".encode(), "proposals")

    assert (report.status, report.problems) == ("imported", [])
    [one] = found()
    assert (one.title.fr, one.state, one.country, one.sectors) == ("Lire un budget", "submitted", "SN", ["civil_society"])


def test_a_draft_may_lack_what_comes_later_but_holds_nothing_wrong(event: Event) -> None:
    draft = {"title": "ميزانية الجماعة", "lead_email": "a@example.org", "state": "draft", "track": "", "size_min": ""}
    report = take(event, draft, {**draft, "lead_email": "b@example.org", "track": "cooking", "size_min": "-3", "title": "عنوان"})

    assert told(report) == [(3, "track", "imports.track_unknown"), (3, "size_min", "proposal.size_range")]
    take(event, draft)
    [one] = found()
    assert (one.state, one.number, one.lang, one.title.ar) == ("draft", None, "ar", "ميزانية الجماعة")
    assert one.missing > 4 and sound(event)


WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "no title": ({"title_fr": ""}, "title_fr", "proposal.title_missing"),
    "title too long": ({"title_fr": "mot " * 21}, "title_fr", "proposal.too_many_words"),
    "no letters": ({"summary_fr": "…"}, "summary_fr", "proposal.no_letters"),
    "summary missing": ({"summary_fr": ""}, "summary_fr", "proposal.summary_missing"),
    "unknown track": ({"track": "cuisine"}, "track", "imports.track_unknown"),
    "no track": ({"track": ""}, "track", "proposal.track_missing"),
    "unknown format": ({"format": "opéra"}, "format", "imports.format_unknown"),
    "unknown language": ({"lang": "klingon"}, "lang", "imports.language_unknown"),
    "spoken": ({"spoken": "ar; latin"}, "spoken", "imports.language_unknown"),
    "sizes": ({"size_min": "60"}, "size_max", "proposal.size_reversed"),
    "no number": ({"size_max": "beaucoup"}, "size_max", "proposal.size_range"),
    "no address": ({"lead_email": ""}, "lead_email", "imports.lead_missing"),
    "address": ({"lead_email": "awa@"}, "lead_email", "email.not_an_address"),
    "no body": ({"lead_organisation": ""}, "lead_organisation", "answers.organisation_missing"),
    "country": ({"country": "Atlantis"}, "country", "imports.country_unknown"),
    "sector": ({"lead_sector": "guest"}, "lead_sector", "imports.category_unknown"),
    "state": ({"state": "accepted"}, "state", "imports.state_not_given"),
    "no state": ({"state": "perhaps"}, "state", "imports.state_unknown"),
    "co-organiser": ({"co_organiser_emails": "nobody"}, "co_organiser_emails", "email.not_an_address"),
    "code": ({"code": "W-XXXXXXXX"}, "code", "imports.code_unknown"),
}  # fmt: skip


def test_every_wrong_line_is_named_with_its_reason_and_nothing_is_written(event: Event) -> None:
    before = snapshot()
    rows = [{**WHOLE, "title_fr": f"Titre {n}", **change} for n, (change, *_rest) in enumerate(WRONG.values())]
    report = files.take(event, sheet(*rows, head=[*WHOLE, "state", "co_organiser_emails", "code"]), "proposals")

    assert report.status == "refused" and report.counts["wrong"] == len(WRONG)
    for line, (_change, column, code) in enumerate(WRONG.values(), start=2):
        assert [(c, why) for at, c, why in told(report) if at == line] == [(column, code)], line
    assert snapshot() == before
    for lang in ("ar", "fr", "en"):
        with in_language(lang):
            assert all(words.said(one) for _line, one in report.problems)


def test_of_many_rows_with_37_wrong_ones_each_is_named_and_the_good_ones_can_be_had(app: Flask, event: Event) -> None:
    rows = [{**WHOLE, "title_fr": f"Atelier numéro {n}", "lead_email": f"lead{n}@example.org"} for n in range(190)]
    wrong = [4 + 5 * k for k in range(37)]
    for k, n in enumerate(wrong):
        rows[n] |= list(WRONG.values())[k % 16][0]
    data = sheet(*rows)
    with make.statements(app) as few:
        files.take(event, sheet(*rows[:5]), "proposals", is_dry_run=True)
    with make.statements(app) as many:
        refused = files.take(event, data, "proposals")
    nothing = found()
    partial = files.take(event, data, "proposals", only_good=True)

    assert refused.status == "refused" and nothing == [] and len(many) <= len(few)
    assert sorted({line for line, _column, _code in told(refused)}) == [n + 2 for n in wrong]
    assert (partial.status, partial.counts["new"], partial.counts["wrong"]) == ("partial", 153, 37)
    assert sorted(one.number or 0 for one in found()) == list(range(1, 154))


# ---- again, changed, taken back --------------------------------------------------------------------------------------


def test_the_own_export_changes_nothing(event: Event) -> None:
    lead = make.a_person("lead@example.org")
    mine = make.a_proposal(event, lead, title_en="=1+1", summary_fr="- lire; \n=2\n@x", size_min="٤٠")
    invited = partners.invite(mine.id, {**make.A_BODY, "email": "co@example.org", "lang": "ar"}, by=lead.id)
    partners.answer(event.id, invited.code, accepts=True)
    make.a_proposal(event, lang="ar", sent=False, title_ar="مسودة: لم تكتمل", outputs_ar="")
    services.withdraw(make.a_proposal(event).id, by=found()[-1].lead_id)
    before = snapshot()
    report = files.take(event, export(event), "proposals")

    assert (report.counts["unchanged"], report.problems) == (3, [])
    assert snapshot() == before


def test_the_same_file_again_changes_nothing_and_a_corrected_one_is_put_back_exactly(event: Event) -> None:
    draft = {**WHOLE, "title_fr": "Brouillon", "state": "draft", "summary_fr": ""}
    take(event, {**WHOLE, "state": ""}, draft)
    again = take(event, {**WHOLE, "state": ""}, draft)
    assert (again.counts["unchanged"], again.problems) == (2, [])
    before = snapshot_of_proposals()

    corrected = {**WHOLE, "size_max": "80", "lead_organisation": "Ligue", "co_organiser_emails": "new@example.org", "state": ""}
    report = take(event, corrected, {**draft, "summary_fr": "Voilà.", "state": "submitted"})
    sent, was_draft = found()
    assert (report.counts["changed"], report.problems) == (2, [])
    assert (sent.version, was_draft.version, was_draft.state, was_draft.number) == (2, 1, "submitted", 2)
    assert [p.email for p in queries.people(sent.id)] == ["awa@example.org", "new@example.org"]
    assert queries.people(sent.id)[0].organisation_name == "Ligue" and sound(event)
    undo()

    assert snapshot_of_proposals() == before and sound(event)


def snapshot_of_proposals() -> dict[str, Any]:
    return {name: rows for name, rows in snapshot().items() if name.startswith("proposal")}


def test_what_people_wrote_themselves_stays_unless_a_code_names_it_or_it_is_wished(event: Event) -> None:
    lead = make.a_person("awa@example.org")
    mine = make.a_proposal(event, lead, lang="fr", title_fr=WHOLE["title_fr"], size_max="60")
    change = {"title_fr": WHOLE["title_fr"], "lead_email": "awa@example.org", "size_max": "70"}

    kept = take(event, change)
    assert told(kept) == [(2, "", "imports.written_themselves")] and found()[0].version == 1
    assert take(event, change, updates_own=True).counts["changed"] == 1
    assert take(event, {"code": mine.code, "size_max": "75"}).counts["changed"] == 1
    assert queries.version(mine.id, 3).answers["size_max"] == 75  # type: ignore[union-attr]
    part = {**queries.parts(mine.id)["outputs"].answers, "outputs_fr": "- pas encore"}
    services.save_part(mine.id, "outputs", part, based_on=1, by=lead.id)
    assert told(take(event, {"code": mine.code, "size_max": "90"})) == [(2, "", "imports.in_writing")]
    services.withdraw(mine.id, by=lead.id)
    assert told(take(event, {"number": "1", "size_max": "90"})) == [(2, "", "imports.proposal_over")]


def test_taking_back_leaves_what_somebody_has_touched_and_nothing_else(event: Event) -> None:
    people = db.session.scalar(select(func.count(Person.id)))
    take(event, WHOLE, {**WHOLE, "title_fr": "Un autre", "lead_email": "other@example.org", "co_organiser_emails": "c@example.org"})
    first, second = found()
    with product_clock.at("2022-08-02T10:00+01:00"):
        services.save_part(first.id, "outputs", {"outputs_fr": "- deux"}, based_on=1, by=first.lead_id)
    undo()

    [kept] = found()
    assert kept.code == first.code and files.batch().counts["kept"] == 1
    assert db.session.scalar(select(func.count(ProposalPerson.id))) == 1
    assert db.session.scalar(select(func.count(Person.id))) == (people or 0) + 1 and sound(event)


def test_a_number_that_is_taken_and_rows_that_come_twice_are_told(event: Event) -> None:
    make.a_proposal(event)
    other = {**WHOLE, "title_fr": "Autre", "objectives_fr": "- lire\n- demander", "number": "9"}
    report = take(event, {**WHOLE, "number": "1"}, other, {**WHOLE, "number": "8"}, only_good=True)

    assert told(report) == [(2, "number", "imports.number_taken"), (5, "", "imports.twice")]
    assert [one.number for one in found()] == [1, 10, 9]


def test_own_questions_of_the_call_are_columns(event: Event) -> None:
    sign = Question("sign", Kind.CONSENT, Text(en="Sign language", fr="Langue des signes"))
    with transaction() as now:
        form = queries.form_of(event.id)
        home = form.sections[-1]
        store.save(event.id, standard.PURPOSE, form.with_section(replace(home, questions=(*home.questions, sign))), now=now, by="x")
    take(event, {**WHOLE, "Langue des signes": "oui"})

    assert queries.version(found()[0].id, 1).answers["q_sign"] is True  # type: ignore[union-attr]
    assert files.take(event, export(event), "proposals").counts["unchanged"] == 1


def test_without_a_call_nothing_can_be_taken_in(app: Flask, clock: ModuleType) -> None:
    report = take(make.an_event(), WHOLE)

    assert (report.status, told(report)) == ("refused", [(None, "", "call.none")])


def test_the_page_takes_proposals_in_and_back(app: Flask, client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event))
    where = files.checked(app, client, sheet(WHOLE, {**WHOLE, "title_fr": "Mauvais", "track": "cuisine"}), what="proposals")
    page = client.get(where).text
    assert "“cuisine” is none of the tracks." in page and "Mail the leads and the co-organisers" in page
    assert client.post(f"{where}/apply").status_code == 422 and found() == []
    assert client.post(f"{where}/apply", data={"only_good": "y"}).status_code == 303
    worker.drain(app)
    assert [one.state for one in found()] == ["submitted"] and "Proposals imported: 1 new, 0 changed." in client.get(where).text
    assert f"manage/proposals/{found()[0].code}" in client.get(where).text
    client.post(f"{where}/undo")
    worker.drain(app)

    assert found() == [] and "1 row was taken back." in client.get(where).text
