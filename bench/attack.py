"""python -m bench.attack [VIEWER …]: what a scanner would try, in every field and parameter of every page, as every viewer.

The payloads are those classes that wapiti and sqlmap send: markup, SQL, templates, paths, commands, headers, entities, numbers and
dates out of range, slow patterns. Told is each server error, each answer slower than two seconds, each payload that came back as
markup, and whatever of the data is afterwards not what it must be. Some minutes; exit 1 when something was found.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from eventreg.cli import invariants
from eventreg.core import clock
from tests import factories
from tests.house.test_access import World, a_client, a_world, guarded_rules
from tests.safety.test_surplus_fields import forms_of
from tests.support.crawl import Page
from tests.support.installation import Installation

VIEWERS = ("anonymous", "participant", "check-in", "organiser", "administrator")
PAYLOADS = (
    "\"><script>zqx(1)</script>", "'><img src=zqx onerror=zqx(1)>", "javascript:zqx(1)//", "{{7*191}}${7*191}#{7*191}<%= 7*191 %>",
    "' OR '1'='1' -- ", "1) UNION SELECT NULL,NULL--", "'; SELECT pg_sleep(3);--", "1 AND randomblob(900000000)", "%_%_\\",
    "../../../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "$(sleep 3)`sleep 3`;sleep 3|sleep 3",
    "x\r\nSet-Cookie: zqx=1\r\n\r\n<b>", "a\0b", "99999999999999999999999", "-1", "NaN", "1e309", "%s%s%n{0.__class__}%(x)s",
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "a" * 5000 + "!", "٣" * 50,
    '{"$gt":""}', "\u202e\u2066x", "", "x" * 60_000, "0000-00-00", "99999-12-31", "2022-02-30T25:61", "http://169.254.169.254/",
    "//evil.example/", "=?utf-8?q?=0ABcc=3A_thief=40example.org?=",
)  # fmt: skip
_LEAVING = {"people.sign_out", "people.sign_out_everywhere", "people.end_sign_in"}
_SLOW = 2.0
_MARKUP = re.compile(r"<script>zqx|<img src=zqx|href=\"javascript:zqx")


def main() -> int:
    """Attack as the viewers named on the command line, or as all of them."""
    logging.disable(logging.CRITICAL)
    app = Installation(Path(tempfile.mkdtemp()) / "attacked").app
    found: set[str] = set()
    with app.app_context(), clock.at(factories.OPEN):
        world = a_world()
        for viewer in sys.argv[1:] or VIEWERS:
            faults = list(_attacked(app, world, viewer))
            found |= {f"{viewer}: {fault}" for fault in faults if fault}
            print(f"{viewer}: {len(faults)} requests", file=sys.stderr, flush=True)
        found |= {f"{broken.name}: {broken.sentence}: {broken.where}" for broken in invariants.findings(clock.now())}
    print("\n".join(sorted(found)) or "nothing found")
    return 1 if found else 0


def _attacked(app: Flask, world: World, viewer: str) -> Iterator[str]:
    """The fault of each request in turn, mostly none."""
    client = a_client(app, world, viewer)
    if viewer == "anonymous":
        client.post(f"/en/{world.event.slug}/register/")
    forms = forms_of(app, client, world)
    for address, name in sorted(_parameters(app, client, world)):
        for payload in PAYLOADS:
            if len(payload) < 10_000:
                yield _fault(client, "GET", address, MultiDict([(name, payload)]), f"GET {address} {name}", payload)
    for (endpoint, _names), form in forms.items():
        if endpoint in _LEAVING:
            continue
        for name in sorted(form.names):
            for payload in PAYLOADS:
                fields = MultiDict(form.fields + form.buttons[:1])
                fields[name] = payload
                yield _fault(client, "POST", form.action, fields, f"POST {endpoint} {name}", payload)
    for rule, _action in guarded_rules(app):
        if "GET" in (rule.methods or ()):
            yield _fault(client, "GET", world.path(rule), MultiDict(), f"reading {rule.rule}", "")


def _parameters(app: Flask, client: FlaskClient, world: World) -> set[tuple[str, str]]:
    """Every parameter in a link or a searching form of every page."""
    found = set()
    for rule, _action in guarded_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        path = world.path(rule)
        answer = client.get(path)
        if answer.mimetype == "text/html":
            page = Page(path, answer.text)
            pairs = (link.partition("?")[::2] for link in page.links)
            found |= {(bare, pair.partition("=")[0]) for bare, query in pairs for pair in query.split("&") if pair}
            found |= {(form.action.partition("?")[0], name) for form in page.forms if form.method == "get" for name in form.names}
    return found


def _fault(client: FlaskClient, method: str, address: str, fields: MultiDict[str, str], what: str, payload: str) -> str:
    began = time.monotonic()
    sent = {"query_string": fields} if method == "GET" else {"data": fields}
    answer = client.open(address, method=method, **sent)
    wrong = _wrong(answer, time.monotonic() - began, payload)
    return f"{wrong} at {what}: {payload[:60]!r}" if wrong else ""


def _wrong(answer: TestResponse, seconds: float, payload: str) -> str:
    body = answer.get_data().decode("utf-8", "replace")
    if answer.status_code >= 500:
        return f"status {answer.status_code}"
    if seconds > _SLOW:
        return f"{seconds:.1f} seconds"
    if answer.mimetype == "text/html" and _MARKUP.search(body):
        return "markup"
    if "root:x:0" in body or "Traceback (most" in body or ("7*191" in payload and "1337" in body):
        return "something of the server"
    if any("zqx=" in cookie for cookie in answer.headers.getlist("Set-Cookie")) or (answer.location or "").startswith("//"):
        return "a head line"
    return ""


if __name__ == "__main__":
    sys.exit(main())
