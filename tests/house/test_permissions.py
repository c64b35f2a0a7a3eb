"""Is every action of the access table one that the code asks for?"""

from __future__ import annotations

import re
from pathlib import Path

from eventreg.permissions import TABLE

CODE = Path(__file__).resolve().parents[2] / "eventreg"


def test_every_action_of_the_table_is_asked_for() -> None:
    code = "\n".join(path.read_text("utf-8") for path in sorted(CODE.rglob("*.py")) if path.name != "permissions.py")
    asked = set(re.findall(r'"([a-z]+\.[a-z_]+)"', code))

    assert set(TABLE) - asked == set()
