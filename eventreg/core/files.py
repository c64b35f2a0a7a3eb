"""Where is a file that somebody handed in, and may it go out again? Distrusted on the way in, inert on the way out.

The bytes lie in instance/uploads under a name of our own; the row knows everything else. What a file is, its content says.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from flask import Flask, Response, current_app, request, send_file
from sqlalchemy import Index, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core import clock, filecheck, limits, text
from eventreg.core.db import Base, db, in_transaction, transaction
from eventreg.core.refusals import Refusal, Refused

MB = 1024 * 1024
DOCUMENTS = tuple(filecheck.TYPES)  # what is taken unless a use asks for less
PICTURES = filecheck.IMAGES
MOST_EACH = 10 * MB
MOST_FILES = 20  # that hang on one thing: a draft, a registration …
MOST_TOGETHER = 50 * MB
PER_HOUR = 200  # files from one network: a mobile network puts many people behind one address
NAME_LENGTH = 100
_ORPHAN = 3600  # seconds after which a file without a row was left by a crash
_SWEEP_EVERY = 600.0

View = TypeVar("View", bound=Callable[..., Any])
_swept = {"at": float("-inf")}


class StoredFile(Base):
    """A file that was handed in. `about` is what it hangs on; `code` names it in addresses and on the disk.

    `filename` is for people: cleaned, never a path. `deleted_at`: nobody sees it any more; its bytes go at the next `due`.
    """

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_about", "about_kind", "about_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int | None] = mapped_column(index=True)
    purpose: Mapped[str]
    about_kind: Mapped[str]
    about_ref: Mapped[str]
    filename: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def content_type(self) -> str:
        """As its content says."""
        return filecheck.TYPES[self.kind]


class Upload(Protocol):
    """What a form hands over (werkzeug's FileStorage)."""

    filename: str | None
    stream: IO[bytes]


class Damaged(Exception):
    """The bytes on the disk are not those that were stored; they are not handed out."""


@dataclass(frozen=True)
class _Fit:
    """A file that passed: what it is, how it is called, what to keep."""

    kind: str
    filename: str
    data: bytes


# ---- taking in -------------------------------------------------------------------------------------------------------


def store(
    event_id: int | None, upload: Upload, *, purpose: str, about: tuple[str, str], accept: Collection[str] = DOCUMENTS,
    max_bytes: int = MOST_EACH, network: str = "",
) -> StoredFile:  # fmt: skip
    """Keep a file that hangs on `about` (kind and ref); pictures are drawn anew without what cameras write into them.

    Reading it takes up to a second, so this must not be called inside a transaction. `network`: where it came from, to be counted.
    Raises Refused (files.…, limits.too_many); nothing is kept then.
    """
    if in_transaction():
        raise RuntimeError("files.store takes long and does not belong inside transaction()")
    if network:
        limits.check("upload", network, now=clock.now(), limit=PER_HOUR, per=timedelta(hours=1))
    fit = check(upload, accept=accept, max_bytes=max_bytes)
    code = secrets.token_hex(11)
    _write(folder() / code, fit.data)  # before its row: a row without bytes would be a loss, bytes without a row are swept
    with transaction(queue=(f"files {about[0]} {about[1]}", 0)) as now:
        _refuse_too_many(about, len(fit.data))
        if network:
            limits.hit("upload", network, now=now)
        kept = StoredFile(
            code=code, event_id=event_id, purpose=purpose, about_kind=about[0], about_ref=about[1], filename=fit.filename,
            kind=fit.kind, size=len(fit.data), sha256=hashlib.sha256(fit.data).hexdigest(), created_at=now,
        )  # fmt: skip
        db.session.add(kept)
    return kept


def check(upload: Upload, *, accept: Collection[str] = DOCUMENTS, max_bytes: int = MOST_EACH) -> _Fit:
    """Judge a file without keeping it. Raises Refused (files.…)."""
    data = upload.stream.read(max_bytes + 1)
    if not data:
        raise Refused(Refusal("files.empty"))
    if len(data) > max_bytes:
        raise Refused(Refusal("files.too_large", {"megabytes": f"{max_bytes / MB:.3g}"}))
    stem, ending = _split(upload.filename or "")
    verdict = _judged(data, accept)
    if verdict.refused:
        _turn_away(verdict.refused, accept)
    # whatever its name said, it ends as its content says from now on; but words may be anything, unless they say so
    if verdict.kind == "txt" and ending != "txt":
        _turn_away("kind", accept)
    shown = {"jpeg": "jpg"}.get(verdict.kind, verdict.kind)
    return _Fit(verdict.kind, f"{stem}.{shown}", verdict.data)


def _turn_away(reason: str, accept: Collection[str]) -> None:
    allowed = ", ".join({"jpeg": "JPEG", "webp": "WebP"}.get(kind, kind.upper()) for kind in accept)
    raise Refused(Refusal(f"files.{reason}", {"kinds": allowed}))


def _judged(data: bytes, accept: Collection[str]) -> filecheck.Verdict:
    """The verdict of a process of its own; a process that crashes or takes too long means that the file is broken."""
    command = [sys.executable, "-I", filecheck.__file__, ",".join(accept)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * filecheck.SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return filecheck.Verdict(refused="broken")
    line, _newline, changed = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line:
        return filecheck.Verdict(refused="broken")
    told = json.loads(line)
    return filecheck.Verdict(told["refused"], told["kind"], changed if told["is_changed"] else data)


def shown_name(filename: str) -> str:
    """A file's name as people may see it: no folders, nothing that reads backwards, not too long; its ending stays."""
    stem, ending = _split(filename)
    return f"{stem}.{ending[:10]}" if ending else stem


def _split(filename: str) -> tuple[str, str]:
    """The name as people may see it, without folders and its ending, and its ending."""
    bare = text.clean_line("".join(s for s in filename if unicodedata.category(s) != "Cf")).replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = bare.rpartition(".")
    if not dot:
        stem, ending = bare, ""
    ending = ending.strip().lower()
    stem = "".join(sign if sign not in '<>:"|?*%;' else "_" for sign in stem).strip(" .")
    return stem[:NAME_LENGTH].strip(" .") or "file", ending


def _refuse_too_many(about: tuple[str, str], size: int) -> None:
    alive = _alive().where(StoredFile.about_kind == about[0], StoredFile.about_ref == about[1]).subquery()
    count, together = db.session.execute(select(func.count(), func.coalesce(func.sum(alive.c.size), 0)).select_from(alive)).one()
    if count >= MOST_FILES or together + size > MOST_TOGETHER:
        raise Refused(Refusal("files.too_many", {"count": MOST_FILES, "megabytes": MOST_TOGETHER // MB}))


def takes_upload(max_bytes: int = MOST_EACH) -> Callable[[View], View]:
    """Mark a view whose form may carry a file of this size; all other forms stay small."""

    def mark(view: View) -> View:
        view.max_content = max_bytes + MB  # type: ignore[attr-defined]  # the other fields of the form
        return view

    return mark


def init_app(app: Flask) -> None:
    """Let marked views take larger bodies; must stand before whatever reads the form."""

    @app.before_request
    def allow() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if larger := getattr(view, "max_content", None):
            request.max_content_length = larger


# ---- where the bytes are ---------------------------------------------------------------------------------------------


def folder() -> Path:
    """instance/uploads, made when first needed."""
    path = Path(current_app.config["INSTANCE"]) / "uploads"
    path.mkdir(parents=True, exist_ok=True, mode=0o750)
    return path


def _write(path: Path, data: bytes) -> None:
    """On the disk for good before anybody is told so."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def content(stored: StoredFile) -> bytes:
    """The bytes. Raises Damaged when they are not what was stored."""
    try:
        data = (folder() / stored.code).read_bytes()
    except FileNotFoundError as error:
        raise Damaged(f"file {stored.code} is missing") from error
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise Damaged(f"file {stored.code} was changed")
    return data


# ---- handing out and moving on ---------------------------------------------------------------------------------------


def _alive() -> Any:
    return select(StoredFile).where(StoredFile.deleted_at.is_(None))


def find(code: str, *, event_id: int | None) -> StoredFile | None:
    """The file with this code in this event; None when there is none or it was deleted. Whose it is, the caller asks."""
    found: StoredFile | None = db.session.scalar(_alive().where(StoredFile.code == code, StoredFile.event_id == event_id))
    return found


def of(about: tuple[str, str], *, purpose: str = "") -> list[StoredFile]:
    """The files that hang on something, oldest first."""
    query = _alive().where(StoredFile.about_kind == about[0], StoredFile.about_ref == about[1])
    query = query.where(StoredFile.purpose == purpose) if purpose else query
    return list(db.session.scalars(query.order_by(StoredFile.id)))


def open_for_download(stored: StoredFile) -> Response:
    """The file as an answer that a browser saves and never runs."""
    response = send_file(
        io.BytesIO(content(stored)), mimetype=stored.content_type, as_attachment=True, download_name=stored.filename,
        conditional=False, etag=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def hand_over(old: tuple[str, str], new: tuple[str, str]) -> None:
    """What hung on one thing hangs on another now (a draft became a registration). Inside the running transaction."""
    for stored in of(old):
        stored.about_kind, stored.about_ref = new


def delete(stored: StoredFile) -> None:
    """Nobody sees it from now on; its bytes and its row go at the next `due`. Inside the running transaction."""
    if not in_transaction():
        raise RuntimeError("files.delete belongs inside transaction()")
    db.session.get_one(StoredFile, stored.id).deleted_at = clock.now()


def delete_all(codes: Collection[str], *, event_id: int) -> None:
    """Delete many files of one event. Inside the running transaction."""
    if not in_transaction():
        raise RuntimeError("files.delete_all belongs inside transaction()")
    wanted = sorted(codes)
    for at in range(0, len(wanted), 500):
        these = StoredFile.code.in_(wanted[at : at + 500])
        gone = update(StoredFile).where(these, StoredFile.event_id == event_id, StoredFile.deleted_at.is_(None))
        db.session.execute(gone.values(deleted_at=clock.now()))


def delete_of(about: tuple[str, str]) -> None:
    """Delete whatever hangs on this. Inside the running transaction."""
    for stored in of(about):
        delete(stored)


def due(now: datetime) -> None:
    """Erase what was deleted, bytes first; now and then also what a crash left without a row."""
    deleted = select(StoredFile).where(StoredFile.deleted_at.is_not(None)).limit(200)
    for stored in db.session.scalars(deleted).all():
        (folder() / stored.code).unlink(missing_ok=True)
        with transaction():
            if row := db.session.get(StoredFile, stored.id):  # another worker may have been faster
                db.session.delete(row)
    if clock.monotonic() - _swept["at"] > _SWEEP_EVERY:
        _swept["at"] = clock.monotonic()
        sweep()


def sweep() -> None:
    """Remove files without a row that are older than an hour: their upload never came to its end."""
    for path in _unknown(older_than=_ORPHAN):
        path.unlink(missing_ok=True)


def _unknown(*, older_than: float) -> Iterator[Path]:
    # the disk's clock, not the product's: a moved demo clock must not make every upload look old
    before = time.time() - older_than
    old = {path.name: path for path in folder().iterdir() if path.is_file() and path.stat().st_mtime < before}
    known = set(db.session.scalars(select(StoredFile.code)))
    return (path for name, path in old.items() if name not in known)


def faults() -> Iterator[Mapping[str, str]]:
    """For `eventreg check`: rows without their bytes, changed bytes, bytes that no row knows and no sweep took."""
    for stored in db.session.scalars(_alive()).all():
        try:
            content(stored)
        except Damaged as damaged:
            yield {"name": "file.bytes", "where": str(damaged)}
    for path in _unknown(older_than=2 * _ORPHAN):
        yield {"name": "file.unknown", "where": f"uploads/{path.name}"}
