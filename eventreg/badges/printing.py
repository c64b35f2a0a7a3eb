"""Badge batches."""
from __future__ import annotations
from pathlib import Path
from typing import Any
from eventreg.core.jobs import Running


def run_batch(job: Running) -> tuple[dict[str, Any], Path | None]:
    raise NotImplementedError
