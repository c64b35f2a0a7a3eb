"""python -m bench.rush URL --clients 16 --people 160: people register at once through the pages, as browsers would.

URL is a meeting's address, e.g. http://127.0.0.1:8000/en/ogp-2022. Sends only to the machine it runs on. Prints how many forms
were accepted, the slowest answer, and requests a second; who got a place is in the database (eventreg check, the mail page).
"""

from __future__ import annotations

import argparse
import re
import threading
import time
from collections import Counter
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from eventreg.registration.rules import STEPS

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """One person's browser: cookies, the token of the page before, redirects followed."""

    def __init__(self, base: str, times: list[float]) -> None:
        self._base, self._times = base, times
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def open(self, path: str, fields: dict[str, object] | None = None) -> tuple[int, str]:
        """GET, or POST when there are fields; status and final address."""
        data = urlencode({**fields, "csrf_token": self._token}, doseq=True).encode() if fields is not None else None
        began = time.perf_counter()
        try:
            answer = self._opener.open(self._base + path, data, timeout=60)
            page, status, url = answer.read().decode(), answer.status, answer.url
        except HTTPError as error:
            page, status, url = error.read().decode(), error.code, self._base + path
        self._times.append(time.perf_counter() - began)
        if found := TOKEN.search(page):
            self._token = found.group(1)
        return status, url


def register(base: str, number: int, days: list[str], times: list[float]) -> str:
    """One person from start to sent; 'sent' or what went wrong."""
    browser = Browser(base, times)
    answers: dict[str, object] = {
        "email": f"rush{number}@example.org", "name_latin": f"Rush Person {number}", "name_arabic": "", "country": "MA",
        "organisation_name": "Association of the rush", "organisation_code": "", "sector": "civil_society", "position": "",
        "phone": "", "days": days, "languages": ["ar"], "access": "", "diet": "",
    }  # fmt: skip
    browser.open("/register/")
    browser.open("/register/", {})
    for step, names in STEPS.items():
        status, _url = browser.open(f"/register/{step}", {name: answers[name] for name in names if name in answers})
        if status != 200:
            return f"{step}: {status}"
    status, url = browser.open("/register/check", {})
    return "sent" if url.endswith("/register/done") else f"check: {status} {url}"


def main() -> None:
    """Run the rush and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--people", type=int, default=160)
    parser.add_argument("--days", default="2022-11-01")
    given = parser.parse_args()
    if urlsplit(given.url).hostname not in {"127.0.0.1", "localhost", "::1"}:
        parser.error("only an address on this machine")
    try:
        build_opener().open(given.url, timeout=10).close()
    except OSError as error:
        parser.error(f"{given.url} does not answer: {error}")
    outcomes: Counter[str] = Counter()
    times: list[float] = []
    numbers = iter(range(given.people))
    lock = threading.Lock()

    def client() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            outcome = register(given.url.rstrip("/"), number, given.days.split(","), times)
            with lock:
                outcomes[outcome] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(given.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    ordered = sorted(times)
    print(f"{dict(outcomes)} in {seconds:.1f} s, {given.people / seconds:.1f} registrations a second")
    median, slow = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95))
    print(f"{len(times)} requests, median {median:.0f} ms, p95 {slow:.0f} ms")
    print(f"slowest {ordered[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
