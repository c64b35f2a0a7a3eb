"""Third-party files are the published ones, named with version and licence, and none came in unlisted."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELVES = [ROOT / "static" / "vendor", ROOT / "tests" / "vendor"]
SUM_LINE = re.compile(r"^([0-9a-f]{64})  (\S+)$", re.MULTILINE)


def _listed(shelf: Path) -> dict[str, str]:
    """The sums written in the shelf's VENDOR.txt, by file name."""
    text = (shelf / "VENDOR.txt").read_text(encoding="utf-8")
    return {name: digest for digest, name in SUM_LINE.findall(text)}


def _found(shelf: Path) -> dict[str, str]:
    """The sums of the files that lie on the shelf, by file name."""
    files = [path for path in shelf.rglob("*") if path.is_file() and path.name != "VENDOR.txt"]
    return {str(path.relative_to(shelf)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("shelf", SHELVES, ids=["static", "tests"])
def test_vendored_files_are_exactly_the_listed_ones(shelf: Path) -> None:
    assert _found(shelf) == _listed(shelf)


@pytest.mark.parametrize("shelf", SHELVES, ids=["static", "tests"])
def test_every_vendored_package_lies_beside_its_licence(shelf: Path) -> None:
    packages = {Path(name).parts[0] for name in _listed(shelf) if "/" in name}

    assert {package for package in packages if not (shelf / package / "LICENSE").is_file()} == set()
