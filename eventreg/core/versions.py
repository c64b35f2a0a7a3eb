"""What changed between two texts? Word by word, in any script; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# a word with what follows it up to the next word: blanks stay with their word, so that joining gives the text back
_WORD = re.compile(r"\S+\s*|\s+")
MOST_WORDS = 5000  # of one text: beyond, the middle is told as one change


@dataclass(frozen=True)
class Piece:
    """A run of words: kind is "same", "gone" or "new"."""

    kind: str
    words: str


def difference(old: str, new: str) -> list[Piece]:
    """The words that stayed, went and came, in reading order.

    Joining "same" and "gone" gives `old`, joining "same" and "new" gives `new`. Words are compared whole, with their vowel
    marks and punctuation; the whitespace after a word belongs to it.
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return [piece for piece in (Piece("gone", old), Piece("new", new)) if piece.words]
    return list(_joined(_pieces(before, after)))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i1:i2]))
            continue
        if i2 > i1:
            yield Piece("gone", "".join(before[i1:i2]))
        if j2 > j1:
            yield Piece("new", "".join(after[j1:j2]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind become one piece."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and held.kind == piece.kind:
            held = Piece(held.kind, held.words + piece.words)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def is_changed(pieces: list[Piece]) -> bool:
    """Whether anything went or came."""
    return any(piece.kind != "same" for piece in pieces)
