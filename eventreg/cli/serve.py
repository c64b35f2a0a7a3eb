"""`eventreg serve` and `eventreg worker`: how do pages and the worker start, stay up and stop?

One parent watches two kinds of children: the web server (gunicorn, whose own processes answer requests) and, on the
embedded database, the worker. Whichever dies is
started again; when the parent is told to stop, both finish what they do.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.process import BaseProcess
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger as GunicornLogger  # type: ignore[import-untyped]

from eventreg.app import create_app
from eventreg.cli import demo_mark, opening
from eventreg.cli.ending import Stop
from eventreg.core import logs, worker
from eventreg.core.config import Settings

HOST = "127.0.0.1"
GRACE = 20  # seconds for requests and mails in hand when told to stop
START = 30.0  # seconds within which the first page must be answered
_EXAMPLE = "example:\n  eventreg serve --port 8080 --workers 2"
_fork = multiprocessing.get_context("fork")


def add(subparsers: Any) -> None:
    """Register `serve` and `worker`."""
    made = subparsers.add_parser(
        "serve", help="the pages and, on the embedded database, the worker", epilog=_EXAMPLE,
        description="Brings the tables to the newest state, then answers until it is stopped (Ctrl-C or SIGTERM).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s, this machine only)")
    made.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    made.add_argument("--workers", type=int, default=2, help="processes that answer, 4 threads each (default: %(default)s)")
    made.set_defaults(run=serve)
    more = subparsers.add_parser(
        "worker", help="deliver mails and run jobs; as many as wanted", epilog="example:\n  eventreg worker",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    more.set_defaults(run=run_worker)


def serve(given: argparse.Namespace) -> int:
    """Serve until stopped."""
    if given.workers < 1:
        raise Stop("--workers must be 1 or more")
    settings = settings_for(given.port)
    refuse_taken(given.host, given.port)
    with create_app(settings).app_context():
        opening.upgrade()
        settings = replace(settings, clock_offset=settings.clock_offset or demo_mark.clock_offset() or 0.0)
    told = f"eventreg answers at {settings.base_url}/ (Ctrl-C stops it)"
    if not settings.is_embedded:
        told += "\nMails and jobs need a worker beside it: eventreg worker"
    return keep_up(
        settings, host=given.host, port=given.port, workers=given.workers, when_up=lambda: print(told, flush=True),
        with_worker=settings.is_embedded,
    )  # fmt: skip


def run_worker(given: argparse.Namespace) -> int:
    """Deliver and run jobs until stopped."""
    app = opening.ready_app()
    logs.configure()
    print("The worker runs (Ctrl-C stops it).", file=sys.stderr, flush=True)
    worker.run(app)
    return 0


def settings_for(port: int, **given: Any) -> Settings:
    """The settings, with links that lead to this port unless an address is configured."""
    configured = opening.settings()
    if configured.base_url == Settings.base_url:
        given["base_url"] = f"http://{HOST}:{port}"
    return opening.settings(**given)


def refuse_taken(host: str, port: int) -> None:
    """Raise Stop when the port cannot be had: before anything else is begun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise Stop(f"There is no port {port}: choose one from 1 to 65535") from None
        except OSError as error:
            raise Stop(f"Port {port} cannot be used ({error.strerror}). Choose another: --port {port + 1}") from None


# ---- parent and children ---------------------------------------------------------------------------------------------


def keep_up(
    settings: Settings, *, host: str, port: int, workers: int, when_up: Callable[[], None], with_worker: bool
) -> int:
    """Run the web server and, where wanted, the worker until SIGTERM or SIGINT; the exit status."""
    children: dict[str, Callable[[], None]] = {"web server": lambda: _web(settings, host, port, workers)}
    if with_worker:
        children["worker"] = lambda: worker.run(create_app(settings))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_received: stopping.set())
    running = {name: _started(work) for name, work in children.items()}
    try:
        if not _is_up(host, port, running["web server"], stopping):
            raise Stop("The web server did not start: see the lines above.")
        if not stopping.is_set():
            when_up()
        _watch(running, children, stopping)
    finally:
        _end(list(running.values()))
    return 0


def _watch(running: dict[str, BaseProcess], children: dict[str, Callable[[], None]], stopping: threading.Event) -> None:
    """Start again whatever dies, until told to stop."""
    while not stopping.wait(0.5):
        for name, process in running.items():
            if not process.is_alive():
                print(f"The {name} ended ({process.exitcode}); starting it again.", file=sys.stderr, flush=True)
                running[name] = _started(children[name])


def _started(work: Callable[[], None]) -> BaseProcess:
    process = _fork.Process(target=_child, args=(work, os.getpid()))
    process.start()
    return process


def _child(work: Callable[[], None], parent: int) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    logs.configure()
    os.setpgrp()  # Ctrl-C reaches the parent only, which then stops its children in order
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    work()


def _end_with(parent: int) -> None:
    """Nothing keeps running when the parent was killed outright."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    until = time.monotonic() + GRACE + 5
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _is_up(host: str, port: int, web: BaseProcess, stopping: threading.Event) -> bool:
    """Wait for the first answer; False when the server died or never answered. True as well when told to stop."""
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}/healthz"
    until = time.monotonic() + START
    while time.monotonic() < until and web.is_alive():
        if stopping.is_set():
            return True
        try:
            with urlopen(address, timeout=5):
                return True
        except (URLError, TimeoutError, ConnectionError) as error:
            if hasattr(error, "code"):  # it answered, though not with 200: it is up
                return True
            stopping.wait(0.1)
    return False


class _Logger(GunicornLogger):  # type: ignore[misc]
    """gunicorn's own complaints go where ours go, masked like ours: it would write addresses out."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line: each of its processes builds the application for itself."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings, self._options = settings, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._settings)


def _web(settings: Settings, host: str, port: int, workers: int) -> None:
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers, "worker_class": "gthread", "threads": 4, "graceful_timeout": GRACE, "timeout": 60,
        "keepalive": 5, "loglevel": "warning", "logger_class": _Logger, "proc_name": "eventreg", "control_socket_disable": True,
    }  # fmt: skip
    _Gunicorn(settings, options).run()
