"""Is the code tidy and are its types right? ruff everywhere; mypy, strictly, where decisions are made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_ruff_finds_nothing() -> None:
    complaints = _complaints("ruff", "check", "--no-cache", "--quiet", "--output-format=concise", ".")

    assert complaints == "", complaints


def test_types_are_right_in_core_and_rules() -> None:
    rules = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("eventreg/*/rules.py"))
    algorithms = [f"eventreg/reviewing/{name}.py" for name in ("agreement", "calibration", "reml")]

    complaints = _complaints("mypy", "--no-error-summary", "eventreg/core", *rules, *algorithms)

    assert complaints == "", complaints


def _complaints(tool: str, *arguments: str) -> str:
    command = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
