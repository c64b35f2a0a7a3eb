"""What is missing on this machine? Tests that need it are skipped with the reason; in CI nothing may be missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

in_ci = os.environ.get("CI") == "true"


def without(reason: str) -> NoReturn:
    """Leave this test out because of `reason`; with CI=true it fails instead."""
    if in_ci:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def tell(notes: list[str], reporter: pytest.TerminalReporter) -> None:
    """Say at the end what could not be tested: to ./run when it asked, else on the terminal."""
    if asked := os.environ.get("EVENTREG_TEST_NOTES"):
        Path(asked).write_text("".join(f"- {note}\n" for note in notes), "utf-8")
    elif notes:
        reporter.section("Not everything was tested here")
        for note in notes:
            reporter.line(f"- {note}")
