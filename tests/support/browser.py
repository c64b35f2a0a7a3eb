"""What does a person see? One Chromium per worker, one fresh profile per page, and axe to judge what is on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

HOW_TO_GET_IT = (
    "Chromium is not here, so the browser journeys were left out. On Debian or Ubuntu: apt install chromium; "
    "elsewhere set EVENTREG_CHROMIUM to its path"
)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
_JUDGE = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
    return result.violations
        .filter(v => v.impact === "serious" || v.impact === "critical")
        .flatMap(v => v.nodes.map(n => `${v.id}: ${v.help} - ${n.target.join(" ")}`));
}"""


def executable() -> str:
    """The path of Chromium on this machine, '' when there is none."""
    path = os.environ.get("EVENTREG_CHROMIUM") or "/usr/bin/chromium"
    return path if os.access(path, os.X_OK) else ""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a window for the length of the block."""
    with sync_playwright() as playwright, TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # it would write into the home of whoever runs the tests
        own: dict[str, str | float | bool] = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        browser = playwright.chromium.launch(executable_path=executable(), args=list(_ARGUMENTS), env=own)
        try:
            yield browser
        finally:
            browser.close()


class Pages:
    """Makes pages at `base_url`, each in a profile of its own; `faults` gathers script errors and CSP violations."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def __call__(self, lang: str = "en", *, width: int = 1280, dark: bool = False, js: bool = True) -> Page:
        """An empty page `width` CSS pixels wide of a reader of `lang`; `page.goto("/ar/…")` starts at the product."""
        context = self._browser.new_context(
            base_url=self._base_url,
            locale={"ar": "ar-MA", "fr": "fr-FR", "en": "en-GB"}[lang],
            viewport={"width": width, "height": 844 if width < 600 else 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
            has_touch=width < 600,
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def close(self) -> None:
        """Close every page made here."""
        for context in self._contexts:
            context.close()


def axe(page: Page) -> list[str]:
    """The serious and critical violations of WCAG 2.2 A and AA on `page`, one line each; [] is what one hopes for."""
    page.evaluate(_axe_source())  # unlike a script tag, this is not stopped by the page's CSP
    violations: list[str] = page.evaluate(_JUDGE)
    return violations


@cache
def _axe_source() -> str:
    return _AXE.read_text("utf-8")
