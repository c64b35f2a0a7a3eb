"""Are the translations compiled? The .mo files are not in git: they are made from the .po at start and in the wheel."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


def compile_missing(folder: Path = TRANSLATIONS) -> list[Path]:
    """Compile each .po below `folder` whose .mo is missing or older; return the .mo files written.

    Safe when several processes start at once. Where the folder cannot be written, an existing .mo is kept as it is;
    OSError when there is none.
    """
    return [mo for po in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _compile(po, mo := po.with_suffix(".mo"))]


def _compile(po: Path, mo: Path) -> bool:
    if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
        return False
    try:
        _write_whole(mo, _compiled(po))
    except OSError:
        if mo.exists():  # an installation that its user may not write to came with its own
            return False
        raise
    return True


def _compiled(po: Path) -> bytes:
    with po.open("rb") as file:
        # babel's own Arabic plural header swaps two forms; reading by locale would put it in the place of the file's
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def _write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step: another process never reads half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
