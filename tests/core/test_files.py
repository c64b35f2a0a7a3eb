"""Files that strangers hand in: judged by content, kept under our own names, inert when they go out, gone when deleted."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pikepdf
import pytest
from flask import Flask
from openpyxl import Workbook
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from eventreg.core import files, refusals
from eventreg.core.db import db, transaction
from eventreg.core.files import StoredFile
from eventreg.core.refusals import Refused
from tests.data.badinputs.badinputs import expand, file_bytes, load

CASES = {case["id"]: case for case in load("uploads") if case["kind"] == "json"}
TAKEN = {"accept", "normalise"}
ABOUT = ("draft", "D-1")


def an_upload(data: bytes, filename: str) -> FileStorage:
    return FileStorage(io.BytesIO(data), filename=filename)


def a_picture(kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, kind, **options)
    return out.getvalue()


def a_pdf(change: Any = None, **options: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if change is not None:
            change(document)
        document.save(out, **options)
    return out.getvalue()


def an_archive(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return out.getvalue()


def a_document(**more: str) -> bytes:
    return an_archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>", **more})


def store(data: bytes, filename: str, **options: Any) -> StoredFile:
    return files.store(None, an_upload(data, filename), purpose="answer", about=ABOUT, **options)


def refusal(data: bytes, filename: str, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        files.check(an_upload(data, filename), **options)
    assert "%(" not in refusals.say(caught.value.refusal)
    return caught.value.refusal.code


@pytest.mark.parametrize("case_id", CASES)
def test_each_file_of_the_corpus_is_taken_or_refused_as_expected(app: Flask, case_id: str) -> None:
    case = CASES[case_id]
    value = expand(case)
    assert isinstance(value, dict)
    accept = files.PICTURES if case["field"] == "photo" else files.DOCUMENTS

    if case["expected"]["outcome"] in TAKEN:
        kept = store(value["data"], value["filename"], accept=accept)
        assert files.content(kept)
        assert "/" not in kept.filename and len(kept.filename) <= 110 and kept.filename.rpartition(".")[2] in ("pdf", "jpg")
        assert [path.name for path in files.folder().iterdir()] == [kept.code]
        return
    with pytest.raises(Refused):
        store(value["data"], value["filename"], accept=accept)
    assert db.session.scalars(select(StoredFile)).all() == []
    assert not list(Path(app.config["INSTANCE"]).glob("uploads/*"))


def test_an_arabic_name_comes_back_whole_and_a_path_or_a_reversal_does_not(app: Flask) -> None:
    kept = [store(a_pdf(), name).filename for name in (
        "تقرير نهائي.pdf", "../../static/app.pdf", "C:\\temp\\note.PDF", "a\u202efdp.\u202cx.pdf", "\r\nSet-Cookie: x.pdf", ".pdf",
    )]  # fmt: skip

    assert kept == ["تقرير نهائي.pdf", "app.pdf", "note.pdf", "afdp.x.pdf", "Set-Cookie_ x.pdf", "file.pdf"]


def test_a_picture_is_drawn_anew_upright_and_without_what_the_camera_wrote(app: Flask) -> None:
    kept = store(file_bytes({"jpeg_exif": {"gps": True, "orientation": 6}}), "me.jpg")

    with Image.open(io.BytesIO(files.content(kept))) as picture:
        assert picture.size == (20, 40)
        assert dict(picture.getexif()) == {}
        assert "exif" not in picture.info


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_hangs_behind_a_picture_is_cut_off(app: Flask, kind: str) -> None:
    kept = store(a_picture(kind) + b"<script>alert(1)</script>" + an_archive(x="y"), "me.png")

    assert b"script" not in files.content(kept)
    assert not zipfile.is_zipfile(io.BytesIO(files.content(kept)))
    assert kept.filename == {"PNG": "me.png", "JPEG": "me.jpg", "WEBP": "me.webp"}[kind]


def with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_deep_script(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    document.pages[0].obj.Annots = pikepdf.Array([pikepdf.Dictionary(A=pikepdf.Dictionary(Next=pikepdf.Array([action])))])


def with_a_file_inside(document: pikepdf.Pdf) -> None:
    document.attachments["inside.exe"] = b"MZ"


@pytest.mark.parametrize("change", [with_script, with_deep_script, with_a_file_inside])
@pytest.mark.parametrize("packed", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_a_pdf_that_would_do_something_is_refused(app: Flask, change: Any, packed: Any) -> None:
    assert refusal(a_pdf(change, object_stream_mode=packed), "a.pdf") == "files.active"


def test_a_pdf_with_a_password_or_an_archive_behind_it_is_refused(app: Flask) -> None:
    locked = a_pdf(encryption=pikepdf.Encryption(user="u", owner="o"))

    assert refusal(locked, "a.pdf") == "files.locked"
    assert refusal(a_pdf() + an_archive(x="y"), "a.pdf") == "files.kind"
    assert refusal(file_bytes({"pdf_js": "app.alert(1)"}), "a.pdf") in ("files.active", "files.broken")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"word/vbaProject.bin": "x"}, "files.active"),
        ({"word/embeddings/oleObject1.bin": "x"}, "files.active"),
        ({"word/_rels/settings.xml.rels": '<Relationship Type="x/attachedTemplate" TargetMode="External" Target="http://x"/>'},
         "files.active"),
        ({"customXml/item1.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'}, "files.active"),
        ({"../../outside.xml": "<x/>"}, "files.broken"),
        ({"word/_rels/document.xml.rels": '<Relationship Type="x/hyperlink" TargetMode="External" Target="http://x"/>'}, ""),
    ],
)  # fmt: skip
def test_an_office_document_is_plain_or_refused(app: Flask, more: dict[str, str], code: str) -> None:
    data = a_document(**more)

    if code:
        assert refusal(data, "a.docx") == code
    else:
        assert files.check(an_upload(data, "a.docx")).kind == "docx"


def test_each_kind_of_document_is_known_by_its_content(app: Flask) -> None:
    sheet = io.BytesIO()
    Workbook().save(sheet)
    samples = {
        "a.xlsx": sheet.getvalue(), "a.docx": a_document(), "a.txt": "نص\nتجريبي".encode(),
        "a.odt": an_archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<office:scripts/>"}),
    }  # fmt: skip

    assert {name: files.check(an_upload(data, name)).kind for name, data in samples.items()} == {n: n[2:] for n in samples}
    assert files.check(an_upload("é".encode("utf-16"), "a.txt")).data == "é".encode()
    assert files.check(an_upload(samples["a.xlsx"], "a.docx")).filename == "a.xlsx"  # content and ending must agree
    assert refusal(samples["a.txt"], "a.pdf") == "files.kind"
    assert refusal(samples["a.xlsx"], "a.xlsx", accept=("pdf",)) == "files.kind"
    for text in (b"<svg onload=x>", b" <!doctype html>", b"#!/bin/sh", b"a\x00b", b"\xff\xfe\x00\xd8"):
        assert refusal(text, "a.txt") == "files.kind", text


def test_a_file_over_the_size_of_its_use_is_refused(app: Flask) -> None:
    assert refusal(b"x" * 1001, "a.txt", max_bytes=1000) == "files.too_large"
    assert files.check(an_upload(b"x" * 1000, "a.txt"), max_bytes=1000).kind == "txt"


def test_a_thing_carries_so_many_files_and_a_network_hands_in_so_many_an_hour(
    app: Flask, clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 2)
    monkeypatch.setattr(files, "PER_HOUR", 3)
    with clock.at("2022-09-27T09:10+01:00"):
        for name in ("a.txt", "b.txt"):
            store(b"x", name, network="10.0.0")
        with pytest.raises(Refused, match=r"files\.too_many"):
            store(b"x", "c.txt", network="10.0.0")
        files.store(None, an_upload(b"x", "d.txt"), purpose="answer", about=("draft", "D-2"), network="10.0.0")
        with pytest.raises(Refused, match=r"limits\.too_many"):
            files.store(None, an_upload(b"x", "e.txt"), purpose="answer", about=("draft", "D-3"), network="10.0.0")

    assert len(db.session.scalars(select(StoredFile)).all()) == 3


def test_what_goes_out_is_saved_and_never_run(app: Flask) -> None:
    kept = store(a_pdf(), "تقرير.pdf")
    with app.test_request_context():
        answer = files.open_for_download(kept)

    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1.pdf" in answer.headers["Content-Disposition"]
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_changed_bytes_are_not_handed_out_and_are_found_by_the_check(app: Flask) -> None:
    kept, lost = store(b"one", "a.txt"), store(b"two", "b.txt")
    assert list(files.faults()) == []
    (files.folder() / kept.code).write_bytes(b"ONE")
    (files.folder() / lost.code).unlink()

    with pytest.raises(files.Damaged):
        files.content(kept)
    assert {fault["where"] for fault in files.faults()} == {f"file {kept.code} was changed", f"file {lost.code} is missing"}


def test_a_deleted_file_is_gone_at_once_and_its_bytes_at_the_next_turn_of_the_worker(app: Flask, clock: ModuleType) -> None:
    kept, other = store(b"one", "a.txt"), store(b"two", "b.txt")
    with transaction():
        files.delete(kept)

    assert files.find(kept.code, event_id=None) is None
    assert [found.id for found in files.of(ABOUT)] == [other.id]
    files.due(clock.now())
    assert [path.name for path in files.folder().iterdir()] == [other.code]
    assert db.session.scalars(select(StoredFile.id)).all() == [other.id]


def test_what_hangs_on_a_draft_goes_with_it_or_moves_on(app: Flask) -> None:
    kept = store(b"one", "a.txt")
    with transaction():
        files.hand_over(ABOUT, ("registration", "R-1"))
        files.delete_of(ABOUT)

    assert [found.code for found in files.of(("registration", "R-1"))] == [kept.code]


def test_a_file_of_another_event_is_not_found(app: Flask) -> None:
    kept = files.store(7, an_upload(b"x", "a.txt"), purpose="answer", about=ABOUT)

    assert files.find(kept.code, event_id=8) is None
    assert files.find(kept.code, event_id=7) is not None


def test_what_a_crash_left_without_a_row_is_swept_when_it_is_old(app: Flask) -> None:
    kept = store(b"one", "a.txt")
    fresh, old = files.folder() / "f", files.folder() / "o"
    for path, age in ((fresh, 60), (old, 3 * 3600), (files.folder() / kept.code, 3 * 3600)):
        path.touch()
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    assert [fault["where"] for fault in files.faults()] == ["uploads/o"]

    files.sweep()

    assert sorted(path.name for path in files.folder().iterdir()) == sorted(["f", kept.code])
