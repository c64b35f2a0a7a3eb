"""The floor: a bare Flask page, a page with one SELECT and a template, an INSERT per request. Nothing of the product."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flask import Flask, render_template_string

PAGE = "<!doctype html><title>{{ title }}</title><ul>{% for row in rows %}<li>{{ row[0] }}</li>{% endfor %}</ul>"


def make(folder: Path) -> Flask:
    """A Flask application with the three floors at /bare, /select and /insert, on a SQLite file of its own."""
    app = Flask("floor")
    path = folder / "floor.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO thing (name) VALUES (?)", [(f"thing {n}",) for n in range(20)])

    @app.get("/bare")
    def bare() -> str:
        return "<!doctype html><title>bare</title>"

    @app.get("/select")
    def select() -> str:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT name FROM thing LIMIT 20").fetchall()
        return render_template_string(PAGE, title="select", rows=rows)

    @app.post("/insert")
    def insert() -> str:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("INSERT INTO thing (name) VALUES ('new')")
        return "ok"

    return app
