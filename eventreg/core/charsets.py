"""In which encoding was this text written? Marks first, then what the letters would say in each; honest where two would do.

A table without a mark comes from Excel in Arabic (windows-1256), French (windows-1252), from a Mac or from an old export.
Every candidate is read as far as its high bytes go and judged by what Arabic and French look like.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

ENCODINGS = (
    "utf-8", "utf-16-le", "utf-16-be", "windows-1256", "windows-1252", "iso-8859-15", "iso-8859-6", "mac-roman",
    "mac-arabic", "cp850",
)  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_ONE_BYTE = ("windows-1252", "windows-1256", "iso-8859-15", "iso-8859-6", "mac-roman", "mac-arabic", "cp850")
_USUAL = {"windows-1252": 1.0, "windows-1256": 1.0, "mac-arabic": -1.0, "cp850": -0.5}  # what is met more often is likelier
_SAMPLE = 200_000
_CLEAR = 1.5  # how much likelier, in nats over all its high bytes together, the best reading must be to be called certain


@dataclass(frozen=True)
class Guess:
    """`is_certain` is False when another encoding would give another text that is nearly as likely; `others` are those."""

    encoding: str
    is_certain: bool
    others: tuple[str, ...] = ()


def guess(data: bytes) -> Guess:
    """The likeliest encoding of a text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Guess(encoding, True)
    if (wide := _utf_16(data[:_SAMPLE])) is not None:
        return Guess(wide, True)
    if _is_utf_8(data):
        return Guess("utf-8", True)
    return _one_byte(data)


def decode(data: bytes, encoding: str) -> str:
    """The text without its mark. Bytes that the encoding does not know become U+FFFD, so that they can be named and refused."""
    for mark, name in _MARKS:
        if name == encoding and data.startswith(mark):
            data = data[len(mark) :]
            break
    if encoding in _ONE_BYTE and holds_utf_8(data):
        return "".join(_line(line, encoding) for line in data.splitlines(keepends=True))
    return data.decode(encoding, "replace")


def holds_utf_8(data: bytes) -> bool:
    """Whether a line of a file in an older encoding is UTF-8: pasted in from another file. By chance this hardly happens."""
    return any(_is_plainly_utf_8(line) for line in data.splitlines()) if _TWO_BYTES.search(data) else False


_TWO_BYTES = re.compile(rb"[\xc3\xc5\xd8-\xdb\xe2][\x80-\xbf]")


def _is_plainly_utf_8(line: bytes) -> bool:
    if not _TWO_BYTES.search(line):
        return False
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(line: bytes, encoding: str) -> str:
    return line.decode("utf-8" if _is_plainly_utf_8(line) else encoding, "replace")


def unbroken(words: str) -> str:
    """What was meant by 'SÃ©ra' or 'Ø³Ø§Ø±Ø©', UTF-8 that somebody read as Latin; '' for words that are whole."""
    if not _BROKEN.search(words):
        return ""
    for encoding in ("windows-1252", "latin-1"):
        try:
            meant = words.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return meant if meant != words else ""
    return ""


_BROKEN = re.compile("[\u00c2\u00c3\u00c5\u00d8-\u00db\u00e2][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")


def _utf_16(data: bytes) -> str | None:
    """Every second byte is the same half of a sign: 0 for Latin, 6 for Arabic, 0x20 for dashes and quotes."""
    if len(data) < 4:
        return None
    usual = (0x00, 0x06, 0x20, 0xFB, 0xFE)
    for encoding, high, low in (("utf-16-le", data[1::2], data[::2]), ("utf-16-be", data[::2], data[1::2])):
        told = Counter(high)
        if told[0] and sum(told[byte] for byte in usual) >= 0.9 * len(high) and Counter(low)[0] < 0.02 * len(low):
            return encoding
    return None


def _is_utf_8(data: bytes) -> bool:
    """All of it, or all but a few places among many right ones: a cut cell does not make a file another encoding."""
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        right = sum(1 for sign in text if sign > "\x7f") - wrong
        return right >= 8 * wrong


def _one_byte(data: bytes) -> Guess:
    together = b" ".join(_high_words(data))
    high = sum(byte > 0x7F for byte in together)
    readings: dict[str, tuple[float, str]] = {}
    for encoding in _ONE_BYTE:
        try:
            text = together.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Mac encodings write ASCII signs a second time, among the high bytes
        hidden = high - sum(sign > "\x7f" for sign in text)
        readings[encoding] = (_likelihood(text) + hidden * _SECOND + _USUAL.get(encoding, 0), text)
    if not readings:
        return Guess("windows-1252", False, ("windows-1256",))
    best = max(readings, key=lambda name: readings[name][0])
    score, text = readings[best]
    near = [name for name, (other, said) in readings.items() if said != text and other > score - _CLEAR]
    return Guess(best, not near, tuple(near))


def _high_words(data: bytes) -> list[bytes]:
    """The runs of letters that hold a high byte, each once with its neighbours; common ones weigh no more than rare ones."""
    found = re.findall(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*", data[: 20 * _SAMPLE])
    return list(dict.fromkeys(word[:60] for word in found))[:4000]


# ---- what is likely ------------------------------------------------------------------------------------------------

_ARABIC: Mapping[str, float] = dict(
    zip(
        "المينوتربعدةسهفحكقأجشصطخىإزضثءغذئظؤآ",
        (12.5, 12, 6.5, 7, 6.5, 6, 4, 5, 4.5, 3.7, 3.5, 4, 3, 3, 2.7, 2.3, 2.2, 2.2, 2, 1.6, 1.3, 1.2, 1.2, 1, 0.9, 0.9, 0.8,
        0.6, 0.6, 0.4,
         0.5, 0.4, 0.4, 0.3, 0.2, 0.2),
        strict=True,
    )
) | dict.fromkeys("ًٌٍَُِّْـ", 0.15) | dict.fromkeys("پچژگ", 0.02)  # fmt: skip
_LATIN: Mapping[str, float] = {
    "é": 30, "è": 6, "à": 5, "ê": 3, "ç": 4, "ô": 3, "î": 2, "ï": 3, "â": 2, "û": 1, "ù": 1, "ë": 1.5, "É": 3, "È": 0.7, "À": 0.5,
    "Ç": 0.7, "œ": 1, "ü": 1, "ö": 0.8, "ä": 0.6, "á": 1, "í": 1, "ó": 1, "ú": 0.6, "ñ": 1, "ã": 0.6, "õ": 0.3, "Î": 0.3, "Ô": 0.3,
    "Œ": 0.2, "Ê": 0.2, "Ï": 0.1, "Â": 0.1, "Ë": 0.1, "Ö": 0.1, "Ü": 0.1, "Á": 0.1, "Í": 0.1, "Ó": 0.1, "Ñ": 0.1, "ß": 0.1,
}  # fmt: skip
_SIGNS: Mapping[str, float] = {
    "’": 5, "‘": 1, "“": 1, "”": 1, "«": 1, "»": 1, "–": 1, "—": 0.5, "…": 0.3, "\xa0": 1, "€": 0.3, "°": 0.5, "•": 0.1, "،": 0.5,
    "؛": 0.1, "؟": 0.1, "№": 0.1, "²": 0.05, "×": 0.02,
} | dict.fromkeys("٠١٢٣٤٥٦٧٨٩", 0.1)  # fmt: skip
_RARE = math.log(0.002 / 100)
_SECOND = math.log(0.2 / 100)
_NEVER_FIRST, _ONLY_LAST = set("ةىئؤء"), set("ةى")


def _likelihood(text: str) -> float:
    """How much the high signs of a text look like Arabic or French, in nats; 0 would be perfect."""
    framed = f" {text} "
    return sum(_of_sign(framed, at) for at in range(1, len(framed) - 1) if framed[at] > "\x7f")


def _of_sign(text: str, at: int) -> float:
    sign, before, after = text[at], text[at - 1], text[at + 1]
    if sign in _ARABIC:
        return math.log(_ARABIC[sign] / 100) + _arabic_around(sign, before, after)
    if sign in _LATIN:
        return math.log(_LATIN[sign] / 100) + _latin_around(sign, before, after)
    if sign not in _SIGNS or (sign != "’" and _is_plain(before) and _is_plain(after)):
        return _RARE
    return math.log(_SIGNS[sign] / 100)


def _arabic_around(sign: str, before: str, after: str) -> float:
    fit = 0.0
    if _is_plain(before) or _is_plain(after) or before in _LATIN or after in _LATIN:
        fit -= 6
    is_first, is_last = before not in _ARABIC, after not in _ARABIC
    if is_first and is_last:
        fit -= 0 if sign == "و" else 2
    if (sign in _NEVER_FIRST and is_first) or (sign in _ONLY_LAST and not is_last):
        fit -= 4
    if sign == "ا" and is_first and after == "ل":
        fit += 1.5
    return fit + (0.8 if before in _ARABIC else 0)


def _latin_around(sign: str, before: str, after: str) -> float:
    fit = 0.0
    near = [other for other in (before, after) if _is_plain(other)]
    if not near:
        fit -= 3 if before in _LATIN or after in _LATIN else 2
    if sign.isupper() and any(other.islower() for other in near):
        fit -= 4 if before.islower() else 0
    if sign.islower() and before.isupper() and after.isupper():
        fit -= 3
    return fit


def _is_plain(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()
