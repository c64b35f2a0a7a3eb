"""`eventreg backup` and `eventreg restore`: one file, consistent while people register, and back from it."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select

from eventreg.cli import opening
from eventreg.cli.ending import Stop
from eventreg.core import clock, metrics
from eventreg.core.config import Settings
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail

_KEY, _MANIFEST, _UPLOADS = "secret.key", "manifest.json", "uploads/"
_SQLITE, _POSTGRESQL = "eventreg.sqlite", "eventreg.pgdump"
_HELD = "held: it was waiting in the backup that was restored, and may have been sent since"


def add(subparsers: Any) -> None:
    """Register `backup` and `restore`."""
    made = subparsers.add_parser(
        "backup",
        help="everything in one file, while it runs",
        epilog="example:\n  eventreg backup /backups/monday.zip",
        description="The file holds personal data and the installation's secret key: keep it as you keep those.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE")
    made.set_defaults(run=backup)
    more = subparsers.add_parser(
        "restore",
        help="an empty installation gets back what a backup holds",
        epilog="example:\n  eventreg restore /backups/monday.zip",
        description="Refuses a database that is not empty. Stop eventreg serve before. Mails that were still waiting are held: "
        "they are on the organisers' mail page, to be sent again by hand.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    more.add_argument("file", type=Path, metavar="FILE")
    more.set_defaults(run=restore)


def backup(given: argparse.Namespace) -> int:
    """The database as it is at one moment, with a manifest, in one file that appears only when complete."""
    settings = opening.settings()
    with opening.ready_app().app_context():
        revision = opening.current_revision()
    with tempfile.TemporaryDirectory(dir=given.file.resolve().parent) as folder:
        copy, packed = Path(folder) / _name(settings), Path(folder) / "packed.zip"
        _add_uploads(packed, settings)
        _save(settings, copy)
        _add_uploads(packed, settings)
        manifest = {
            "format": 1,
            "revision": revision,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "sha256": _sha256(copy),
        }
        with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
            archive.write(copy, copy.name)
            archive.writestr(_KEY, settings.secret_key)
        packed.chmod(0o600)
        packed.replace(given.file)
    (settings.instance / metrics.BACKUP_MARK).touch()
    print(f"{given.file}: {given.file.stat().st_size // 1024} kB, tables at {revision}")
    return 0


def restore(given: argparse.Namespace) -> int:
    """Put a backup into an empty installation, checked before anything is written."""
    settings = opening.settings()
    with opening.open_app().app_context():
        if not opening.is_empty():
            raise Stop("This database is not empty: a backup is only restored into an empty one. Nothing was changed.")
        db.engine.dispose()
    with tempfile.TemporaryDirectory(dir=settings.instance) as folder:
        manifest, key = _unpacked(given.file, Path(folder), _name(settings))
        _load(settings, Path(folder) / _name(settings))
        if (uploads := Path(folder) / _UPLOADS).is_dir():
            shutil.copytree(uploads, settings.instance / _UPLOADS, dirs_exist_ok=True)
    if key and key != settings.secret_key:
        kept = settings.instance / _KEY
        kept.write_text(key, "ascii")
        kept.chmod(0o600)
    with opening.open_app().app_context():
        opening.upgrade()
        revision, held = opening.current_revision(), _hold_mails()
        if held:
            print(f"{held} mails that were waiting are held; send again those that are still needed", file=sys.stderr)
        print(f"Restored what was there at {manifest['made_at']}; tables at {revision}. Now run: eventreg check")
    return 0


def _hold_mails() -> int:
    """Nobody knows whether mails that were waiting then have gone out since: people decide, not the worker."""
    with transaction():
        mails = db.session.scalars(select(Mail).where(Mail.state.in_(("waiting", "sending")))).all()
        for mail in mails:
            mail.state, mail.last_answer = "failed", _HELD
    return len(mails)


def _unpacked(file: Path, folder: Path, name: str) -> tuple[dict[str, Any], str]:
    """The manifest and the secret key, with the database beside; raises Stop for anything that is no whole backup."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            key = archive.read(_KEY).decode("ascii")
            if {_SQLITE, _POSTGRESQL} & set(archive.namelist()) - {name}:
                raise Stop(f"{file} was made on the other kind of database. Nothing was changed.")
            with archive.open(name) as packed, (folder / name).open("wb") as out:
                shutil.copyfileobj(packed, out)
            for entry in archive.namelist():
                if entry.startswith(_UPLOADS):
                    _unpack_upload(archive, entry, folder)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Stop(f"{file} is no whole backup of eventreg ({error}). Nothing was changed.") from error
    if manifest.get("format") != 1:
        raise Stop(f"{file} was made by a newer eventreg (format {manifest.get('format')}). Nothing was changed.")
    if manifest.get("sha256") != _sha256(folder / name):
        raise Stop(f"{file} is damaged: the database in it is not the one that was saved. Nothing was changed.")
    return manifest, key


def _add_uploads(packed: Path, settings: Settings) -> None:
    """Files that were handed in, if not yet in: called before and after the database is copied, so that none is missed."""
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        known = set(archive.namelist())
        for path in sorted((settings.instance / _UPLOADS).glob("*")):
            if (name := _UPLOADS + path.name) not in known:
                try:
                    archive.write(path, name)
                except FileNotFoundError:  # deleted meanwhile
                    continue


def _unpack_upload(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    """Never outside the folder, whatever the archive says."""
    target = folder / _UPLOADS / Path(name).name
    target.parent.mkdir(exist_ok=True, mode=0o750)
    with archive.open(name) as packed, target.open("wb") as out:
        shutil.copyfileobj(packed, out)


def _name(settings: Settings) -> str:
    return _SQLITE if settings.is_embedded else _POSTGRESQL


def _save(settings: Settings, target: Path) -> None:
    """SQLite's online backup, or pg_dump: both see one moment and stop nobody."""
    if settings.is_embedded:
        _copy(_file(settings), target)
    else:
        _run_tool(settings, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def _load(settings: Settings, source: Path) -> None:
    """The database from its copy: all of it or nothing."""
    if settings.is_embedded:
        _copy(source, _file(settings))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        _run_tool(settings, "pg_restore", *options, str(source))


def _run_tool(settings: Settings, tool: str, *options: str) -> None:
    """One of PostgreSQL's own programs on this database; the password is not told on the command line, which all can read."""
    url = make_url(settings.url).set(drivername="postgresql")
    environ = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    address = url._replace(password=None).render_as_string()  # URL.set would keep it
    try:
        done = subprocess.run([tool, *options, f"--dbname={address}"], env=environ, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Stop(f"{tool} is not here: install PostgreSQL's client programs, of the server's version or newer.") from error
    if done.returncode != 0:
        complaint = (done.stderr.strip().splitlines() or ["it did not say why"])[0]
        raise Stop(f"{tool} could not do it: {complaint}")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _file(settings: Settings) -> Path:
    return Path(settings.url.removeprefix("sqlite:///"))


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
