"""How does a paper come to be? A typst template and data become an accessible PDF (PDF/UA-1) in the vendored fonts."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"

# "> <06440627>" in a font's table from glyphs to letters: two Arabic letters or more, in hexadecimal UTF-16
_TWO_LETTERS = re.compile(rb"(?<=> <)(?:06[0-9A-Fa-f]{2}){2,}(?=>)")
# A direction typed into a name would turn round what stands beside it.
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_ARABIC_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefe]+")
_WITHIN_A_WORD = re.compile(r"(?<=\S)(?=[^\W_])")  # never before a vowel sign
_BREAKS = re.compile(r"\s+")
# Shown as nothing: joiners, variation selectors and soft breaks need no glyph.
_INVISIBLE = {0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10)}


def compile(
    template: Path,
    data: Mapping[str, Any],
    *,
    issued_at: datetime,
    title: str,
) -> bytes:
    """The PDF of `template`, which reads `data` and `title` from /data.json; equal arguments give equal bytes.

    Strings in `data` are never markup.
    Raises typst.TypstError (a RuntimeError) where the template fails, also on a picture without a description.
    """
    import typst  # slow: 81 MB of compiler, and only those who print need it

    with tempfile.TemporaryDirectory(prefix="eventreg-pdf-") as folder:
        root = Path(folder)
        shutil.copy(template, root / "main.typ")
        (root / "data.json").write_text(json.dumps({"title": title, **data}, ensure_ascii=False), "utf-8")
        pdf = typst.compile(
            str(root / "main.typ"),
            root=folder,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=int(issued_at.timestamp()),
        )
    return _copied_in_order(pdf)


def _copied_in_order(pdf: bytes) -> bytes:
    """The same paper, whose Arabic can be copied as text in the right order (Poppler, PDFium).

    A glyph for two letters (lam-alef, …) says its letters in reading order, but those programs turn a whole Arabic line round,
    letter by letter: so they must stand the other way. And a file said to run from right to left makes them turn Latin, too.
    """
    import pikepdf  # slow: only those who print need it

    with pikepdf.open(BytesIO(pdf)) as paper:
        for font in paper.objects:
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font:
                letters = font.ToUnicode.read_bytes()
                font.ToUnicode.write(_TWO_LETTERS.sub(_reversed_letters, letters))
        if "/ViewerPreferences" in paper.Root:
            paper.Root.ViewerPreferences.Direction = pikepdf.Name.L2R
        written = BytesIO()
        paper.save(written, deterministic_id=True)
        return written.getvalue()


def _reversed_letters(found: re.Match[bytes]) -> bytes:
    return b"".join(reversed(re.findall(rb"....", found.group())))


def missing_glyphs(text: str) -> list[str]:
    """The characters that no vendored font can print, each once, in the order of their appearance."""
    return list(dict.fromkeys(char for char in _tidy(text) if not _has_glyph(char)))


def printable(text: str) -> str:
    """`text` as it is set: one line, no direction controls, presentation forms as letters, no glyphless characters."""
    return printable_part(text).strip()


def printable_part(text: str) -> str:
    """As `printable`, of words within a line: a blank before or after them stays."""
    return _BREAKS.sub(" ", "".join(char for char in _tidy(text) if _has_glyph(char)))


def breakable(text: str) -> str:
    """`text` with a place to break after every letter of its long words; letters of a cut Arabic word stay joined.

    For the one endless word that no type size brings onto a badge; never used while whole words fit.
    """
    words = text.split(" ")
    return " ".join(_WITHIN_A_WORD.sub("\u200d\u200b\u200d", word) if len(word) > 12 else word for word in words)


def left_to_right(text: str) -> str:
    """A telephone number or code that keeps its order inside an Arabic line; '' stays ''.

    Not for spans of days: "1–3" is read from the right there, the 1 first.
    """
    return f"\u2066{text}\u2069" if text else ""


def _tidy(text: str) -> str:
    plain = _BREAKS.sub(" ", _BIDI_CONTROLS.sub("", text))
    letters = _ARABIC_FORMS.sub(lambda form: unicodedata.normalize("NFKC", form.group()), plain)
    return unicodedata.normalize("NFC", letters)


def _has_glyph(char: str) -> bool:
    return ord(char) in _covered() or ord(char) in _INVISIBLE


@cache
def _covered() -> frozenset[int]:
    """Code points of all vendored fonts; reading them takes about 0.1 s, once per process."""
    points: set[int] = set()
    for path in sorted(FONTS.glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)
