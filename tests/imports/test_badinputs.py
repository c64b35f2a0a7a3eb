"""The corpus of bad files and bad cells, taken in by the command and by the page, on both databases."""

from __future__ import annotations

import csv
import io
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core import worker
from eventreg.core.i18n import in_language
from eventreg.imports import words
from tests import factories as make
from tests.data.badinputs.badinputs import expand, load
from tests.imports import files

CASES = {case["id"]: case for case in load("csv_import")}
# what comes of each: how many are registered by it, and words of the report
SAYS: dict[str, tuple[int, str]] = {
    "CSV-01": (1, ""), "CSV-02": (1, ""), "CSV-03": (1, "The letters were read as windows-1256."), "CSV-04": (1, ""),
    "CSV-05": (0, "These columns are missing: Category."), "CSV-06": (0, "3: The same as line 2."),
    "CSV-07": (0, "2: Registered already as"), "CSV-08": (1, ""), "CSV-09": (0, "2: A quotation mark stands"),
    "CSV-10": (0, "2: This line has 7 cells, and there are 5 columns."), "CSV-11": (1, ""),
    "CSV-12": (0, "2: Country: “Atlantis” is no country"), "CSV-14": (0, "0 rows"), "CSV-15": (0, "The file is empty."),
    "CSV-16": (0, "ZIP archive"),
}  # fmt: skip


def bytes_of(case: dict[str, object]) -> bytes:
    value = expand(case)
    return value.encode() if isinstance(value, str) else value  # type: ignore[return-value]


@pytest.mark.parametrize("case_id", SAYS)
def test_each_file_is_taken_in_or_refused_with_its_reason_by_the_command(app: Flask, case_id: str, clock: ModuleType) -> None:
    event = make.an_event()
    known = make.a_registration(event, email="known@example.org", name_latin="Known")
    count, said = SAYS[case_id]
    with clock.at(make.OPEN):
        report = files.take(event, bytes_of(CASES[case_id]))

    with in_language("en"):
        told = [f"{line or ''}: {words.said(one)}" for line, one in report.problems]
    assert said in "\n".join(told) and bool(told) == bool(said)
    assert len(files.everybody()) == 1 + count
    assert (files.everybody()[0].name_latin, known.category) == ("Known", "civil_society")
    if case_id == "CSV-11":
        assert files.everybody()[1].name_latin == "Sara Bennani"
    if case_id in ("CSV-03", "CSV-04"):
        assert files.everybody()[1].name_arabic == "سارة"


@pytest.mark.parametrize("case_id", SAYS)
def test_the_page_says_the_same(app: Flask, client: FlaskClient, case_id: str, clock: ModuleType) -> None:
    event = make.an_event()
    make.a_registration(event, email="known@example.org", name_latin="Known")
    make.sign_in(client, make.an_organiser(event))
    count, said = SAYS[case_id]
    with clock.at(make.OPEN):
        answer = files.send(client, bytes_of(CASES[case_id]))
        shown = answer.get_data(as_text=True)
        if answer.status_code == 303:
            page = client.get(answer.location).get_data(as_text=True)
            read = client.post(f"{answer.location}/read", data={**files.mapping_on(page), "do": "check"})
            worker.drain(app)
            shown = page + read.get_data(as_text=True) + client.get(answer.location).get_data(as_text=True)
            client.post(f"{answer.location}/apply")
            worker.drain(app)

    assert said.partition(": ")[2] in shown if said[:1].isdigit() else said in shown
    assert len(files.everybody()) == 1 + count


CELLS = [
    pytest.param(case, id=case["id"])
    for area in ("names", "email", "phone", "text")
    for case in load(area)
    if case["field"] in ("name_latin", "name_arabic", "email", "phone", "organisation")
    and case["id"] not in ("NAM-25", "EML-16")  # bytes of no encoding are a matter of the whole file; known people are above
]


@pytest.mark.parametrize("case", CELLS)
def test_each_cell_is_judged_as_the_form_judges_it(app: Flask, case: dict[str, dict[str, str]], clock: ModuleType) -> None:
    event = make.an_event()
    field, typed, outcome = str(case["field"]), expand(case), case["expected"]["outcome"]  # type: ignore[arg-type]
    row = {"name_latin": "Amina", "email": "", "country": "MA", "category": "guest", "phone": "", "organisation": "",
    "name_arabic": ""}
    if field == "name_arabic":
        row["name_latin"] = ""
    row[field] = str(typed)
    out = io.StringIO()
    writer = csv.DictWriter(out, row)
    writer.writeheader()
    writer.writerow(row)
    with clock.at(make.OPEN):
        report = files.take(event, out.getvalue().encode())

    if outcome == "refuse":
        assert (report.status, files.everybody()) == ("refused", [])
        assert report.problems[0][0] == 2
        return
    [made] = files.everybody()
    expected = case["expected"].get("value", typed if outcome != "normalise" else None)
    if case["id"] == "PHO-05":
        expected = "+212612345678;ext=12"
    held: dict[str, str | None] = {"email": files.address(made), "organisation": made.organisation_name}
    assert held.get(field, getattr(made, field, None)) == expected


def test_a_hundred_thousand_rows_are_read_without_holding_them(app: Flask, clock: ModuleType) -> None:
    """The whole run is measured by bench; here, that a long file is judged row by row."""
    event = make.an_event(limit=10)
    data = bytes_of({**CASES["CSV-13"], "input": {**CASES["CSV-13"]["input"], "count": 3000}})
    with clock.at(make.OPEN):
        report = files.take(event, data, is_dry_run=True)

    assert (report.counts["new"], report.counts["wrong"]) == (3000, 0)
    assert files.everybody() == []
