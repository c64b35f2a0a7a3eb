"""The corpus of bad files and bad texts where it is about proposals: the form, the page of imports and the command judge alike."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core import tables, worker
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.manage import proposal_export
from eventreg.manage.proposal_filters import DEFAULT, ProposalFilter
from eventreg.proposals import queries, rules, table
from eventreg.proposals.models import Proposal
from tests import factories as make
from tests.data.badinputs.badinputs import expand, load
from tests.imports import files
from tests.imports.test_proposals import WHOLE, found, sheet

FILES = {case["id"]: case for case in load("csv_import")}
TEXTS = [case for case in load("text") if case["field"] in ("abstract", "organisation")]
# how many proposals come of each file, and words of what is said
SAYS = {
    "CSV-01": (1, ""), "CSV-02": (1, ""), "CSV-03": (1, "windows-1256"), "CSV-04": (1, ""),
    "CSV-05": (0, "These columns are missing:"), "CSV-06": (0, "The same as line 2."), "CSV-08": (1, ""),
    "CSV-09": (0, "A quotation mark stands"), "CSV-10": (0, "This line has 7 cells, and there are 5 columns."), "CSV-11": (1, ""),
    "CSV-12": (0, "“Atlantis” is no country"), "CSV-14": (0, "0 rows"), "CSV-15": (0, "The file is empty."),
    "CSV-16": (0, "ZIP archive"),
}  # fmt: skip


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Iterator[Event]:
    with clock.at(make.CALL_OPEN):
        made = make.an_event()
        make.a_call(made)
        yield made


def file_of(case_id: str) -> bytes:
    """The file of the corpus as one about proposals: drafts, so that what is bad is the file and nothing else."""
    value = expand(FILES[case_id])
    data = value.encode() if isinstance(value, str) else value
    assert isinstance(data, bytes)
    encoding = {"CSV-03": "windows-1256", "CSV-04": "utf-16"}.get(case_id, "utf-8-sig" if case_id == "CSV-01" else "utf-8")
    if case_id in ("CSV-15", "CSV-16"):
        return data
    words = data.decode(encoding)
    separator = ";" if case_id == "CSV-02" else ","
    words = words.replace(separator.join(("name_latin", "name_arabic", "email", "country", "category")),
                          separator.join(("title_en", "title_ar", "lead_email", "country", "state")))  # fmt: skip
    words = re.sub(r"(?<=[,;])(civil society|gov)(?=[,\n])", "draft", words).replace("name_latin", "title_en")
    return words.encode(encoding)


@pytest.mark.parametrize("case_id", SAYS)
def test_each_file_is_taken_in_or_refused_with_its_reason(app: Flask, client: FlaskClient, event: Event, case_id: str) -> None:
    count, said = SAYS[case_id]
    data = file_of(case_id)
    make.sign_in(client, make.an_organiser(event))
    answer = files.send(client, data, what="proposals", name="proposals.csv")
    shown = answer.text
    if answer.status_code == 303:
        page = client.get(answer.location).text
        read = client.post(f"{answer.location}/read", data={**files.mapping_on(page), "do": "check"})
        worker.drain(app)
        shown = page + read.text + client.get(answer.location).text
        client.post(f"{answer.location}/apply")
        worker.drain(app)
    by_page = len(found())

    report = files.take(event, data, "proposals", only_good=False)
    assert said in shown and by_page == count
    assert report.counts["unchanged"] == count if count else report.status == "refused"  # the command says the same of it
    assert len(found()) == count
    if case_id == "CSV-08":
        assert found()[0].title.en.startswith("=cmd|") and "'=cmd|" in exported(event)
    if case_id == "CSV-11":
        assert found()[0].title.en == "Sara Bennani"


def exported(event: Event) -> str:
    offer = queries.offer(event.id)
    rows = proposal_export.rows(event.id, offer, ProposalFilter(), DEFAULT, None, lang="en")
    with tables.csv_file(table.columns(offer), rows) as file:
        return file.read().decode("utf-8-sig")


@pytest.mark.parametrize("case", TEXTS, ids=[case["id"] for case in TEXTS])
def test_each_text_is_judged_as_the_form_judges_it_and_harmless_where_it_is_shown(
    app: Flask, client: FlaskClient, event: Event, case: dict[str, object]
) -> None:
    typed = expand(case)
    assert isinstance(typed, str)
    column = {"abstract": "summary_fr", "organisation": "lead_organisation"}[str(case["field"])]
    offer = queries.offer(event.id)
    by_form = rules.parse({**WHOLE, column: typed, "spoken": ["fr"]}, form=offer.form, lang="fr", choices=offer.choices)[1]
    report = files.take(event, sheet({**WHOLE, column: typed}), "proposals")

    if case["expected"]["outcome"] == "refuse":  # type: ignore[index]
        assert report.status == "refused" and found() == []
        assert column in by_form
        return
    assert by_form == {}
    [one] = db.session.scalars(select(Proposal))
    make.sign_in(client, make.an_organiser(event))
    page = client.get(f"/en/ogp-2022/manage/proposals/{one.code}").text
    [row] = list(csv.DictReader(io.StringIO(exported(event))))
    assert tables.plain(row[column]) == typed
    assert "<img src=x" not in page and 'href="javascript:' not in page
    for address, rel, host in re.findall(r'<a href="https?://(evil[^"]*)"([^>]*)>.*?</a> \(([^)]*)\)', page):
        assert rel == ' rel="nofollow ugc noopener"' and address.startswith(host)
    assert page.count("https://evil") == len(re.findall(r'<a href="https://evil[^>]*rel="nofollow ugc noopener">', page))
    assert not row[column].startswith(("=", "@"))
