"""Is every command and every setting in the documentation?"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from eventreg.core.config import Settings
from tests.cli.test_commands import NAMES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_command_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text("utf-8")

    assert [name for name in NAMES if f"eventreg {name}" not in page] == []


def test_every_setting_is_documented() -> None:
    page = (DOCS / "operating.md").read_text("utf-8")

    assert [field.name for field in fields(Settings) if field.name != "instance" and f"`{field.name}`" not in page] == []


def test_every_file_to_be_copied_is_told_of() -> None:
    page = (DOCS / "operating.md").read_text("utf-8")

    assert [path.name for path in sorted((DOCS / "deploy").iterdir()) if path.name not in page] == []
