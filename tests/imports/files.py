"""Files to import, and what came of them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import worker
from eventreg.core.db import db
from eventreg.core.i18n import in_language
from eventreg.events.models import Event
from eventreg.imports import whole
from eventreg.imports.models import ImportBatch
from eventreg.imports.whole import Report, Wish
from eventreg.people.models import Person
from eventreg.registration.models import Registration

HEAD = "name_latin,name_arabic,email,country,category\n"
BASE = "/en/ogp-2022/manage/import"


def table(*lines: str, head: str = HEAD) -> bytes:
    """A CSV of these lines."""
    return (head + "".join(line + "\n" for line in lines)).encode()


def workbook(*rows: Sequence[Any]) -> bytes:
    """An XLSX of these rows."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


def take(event: Event, data: bytes, what: str = "participants", **wish: Any) -> Report:
    """Import as the command line does."""
    with in_language("en"):
        return whole.import_file(event, what, data, Wish(**wish), filename="people.csv", progress=lambda done, total: None)


def everybody() -> list[Registration]:
    """All registrations, in the order in which they came."""
    return list(db.session.scalars(select(Registration).order_by(Registration.id).execution_options(populate_existing=True)))


def address(registration: Registration) -> str | None:
    """Whose address it is."""
    return db.session.get_one(Person, registration.person_id).email


def send(client: FlaskClient, data: bytes, *, name: str = "people.csv", what: str = "participants") -> TestResponse:
    """Hand a file in on the page."""
    form = {"what": what, "file": (io.BytesIO(data), name)}
    return client.post(BASE, data=form, content_type="multipart/form-data")


def checked(app: Flask, client: FlaskClient, data: bytes, *, what: str = "participants", **choices: str) -> str:
    """Hand in, keep the columns as they were found, have the rows checked; the address of the import."""
    answer = send(client, data, what=what)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = client.get(answer.location).get_data(as_text=True)
    read = client.post(f"{answer.location}/read", data={**mapping_on(page), "do": "check", **choices})
    assert read.status_code == 303, read.get_data(as_text=True)
    worker.drain(app)
    return str(answer.location)


def mapping_on(page: str) -> dict[str, str]:
    """The selects of the columns, as they stand."""
    found = {}
    for name, options in re.findall(r'<select class="field__input" id="column-\d+" name="(column-\d+)">(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        found[name] = chosen.group(1) if chosen else ""
    return found


def batch() -> ImportBatch:
    """The newest import."""
    query = select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
