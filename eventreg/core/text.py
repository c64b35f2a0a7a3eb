"""Are these two texts the same to a reader? Cleaning what was typed, folding, sorting, measuring it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Look empty and are letters or symbols to Unicode: Hangul fillers, braille blank, combining grapheme joiner.
_LOOK_EMPTY = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
# Format characters that are drawn: Arabic number sign, year sign, end of ayah …
_DRAWN_FORMATS = {*map(chr, range(0x600, 0x606)), "\u06dd", "\u070f", "\u08e2"}
_ZWNJ, _ZWJ = "\u200c", "\u200d"

# R15 and the Latin letters that have no decomposition; what decomposes (أ ؤ ئ é ẹ) loses its mark instead.
_FOLDED = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ە": "ه", "ھ": "ه", "ک": "ك", "ڪ": "ك",
        "ڭ": "گ", "ڨ": "ڤ", "ɗ": "d", "đ": "d", "ð": "d", "ɖ": "d", "ƙ": "k", "ɓ": "b", "ƴ": "y", "ŋ": "n", "ɲ": "n",
        "ø": "o", "ɔ": "o", "ł": "l", "ɛ": "e", "ə": "e", "ǝ": "e", "ı": "i", "ɩ": "i", "ħ": "h", "æ": "ae",
        "œ": "oe", "þ": "th", "ʋ": "v",
    }
)  # fmt: skip
_APOSTROPHES = re.compile("['\u2018\u2019\u201b`´ʹʻʼʽʾʿˈ′＇]")
_NOT_A_WORD = re.compile(r"[\W_]+")


def clean_line(typed: str) -> str:
    """What was typed as one line: composed, trimmed, single-spaced, without signs that nobody sees.

    Presentation forms out of old PDF files and full-width signs become ordinary letters; every other sign stays.
    """
    return " ".join(_clean(typed).split())


def clean_text(typed: str) -> str:
    """The same for several lines: ends of lines are \\n, at most one empty line in a row, inner blanks stay."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    text = "\n".join(_clean(line).rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _clean(typed: str) -> str:
    if typed.isascii() and typed.isprintable():
        return typed
    ordinary = "".join(unicodedata.normalize("NFKC", sign) if _is_compatibility(sign) else sign for sign in typed)
    kept = [sign for at, sign in enumerate(ordinary) if not _is_useless(ordinary, at)]
    return unicodedata.normalize("NFC", "".join(kept))


def _is_compatibility(sign: str) -> bool:
    return "\ufb50" <= sign <= "\ufdff" or "\ufe70" <= sign <= "\ufefc" or "\uff01" <= sign <= "\uffee"


def _is_useless(text: str, at: int) -> bool:
    sign = text[at]
    if sign in (_ZWNJ, _ZWJ):
        # they have a function inside Arabic-script words, Indic ones and emoji, never beside a Latin letter or a blank
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        return len(around) < 2 or any(near < "\u0590" or near.isspace() for near in around)
    category = unicodedata.category(sign)
    if category == "Cc":
        return not sign.isspace()
    return category == "Cs" or sign in _LOOK_EMPTY or (category == "Cf" and sign not in _DRAWN_FORMATS)


def latin_digits(typed: str) -> str:
    """The same with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in typed)


def fold(text: str) -> str:
    """The text as search compares it (R15): no case, accents, vowel marks, tatweel, apostrophes or leading ال.

    Words are joined by one space; digits are ASCII. For search and hints only, never stored in place of the text.
    """
    return " ".join(_without_article(word) for word in _words(text))


@lru_cache(maxsize=512)  # a name is folded for its search key, its sort key and its skeleton, one after the other
def _words(text: str) -> tuple[str, ...]:
    """Folded words, with their article."""
    if text.isascii():  # nothing to take apart
        return tuple(_NOT_A_WORD.sub(" ", text.casefold().replace("'", "").replace("`", "")).split())
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    apart = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", plain))
    bare = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Me", "Cf") and sign != "ـ")
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in bare.translate(_FOLDED))
    return tuple(_NOT_A_WORD.sub(" ", unicodedata.normalize("NFC", digits)).split())


def _without_article(word: str) -> str:
    while word.startswith("ال") and len(word) >= 5:
        word = word[2:]
    return word


def search_key(*parts: str | None) -> str:
    """What a search column holds: the folded parts, then their words that begin with ال in full.

    A name is found when every word of fold(query) is in it, so that a left-out "بن" does no harm.
    """
    folded = [fold(part) for part in parts if part]
    in_full = [word for part in parts if part for word in _words(part) if word != _without_article(word)]
    return " ".join(dict.fromkeys(filter(None, folded + in_full)))


# ---- one skeleton for both scripts ---------------------------------------------------------------------------------

# Begin with the letters of the article and are no article: Ilyas, Ilham, Alpha, Albert, Aline.
_NO_ARTICLE = {"الياس", "الهام", "الفا", "البير", "البرت", "الين", "اليسا"}
_ARABIC_SOUNDS = dict(
    zip("بپتثجچحخدذرزسشصضطظغفڤقكگلمنه", "BBTTJCHXDDRZSCSDTDGFFKKGLMNH", strict=True)
) | dict.fromkeys("اعءوي", "")  # fmt: skip
# In this order: the longer spelling first.
_LATIN_SOUNDS = (
    ("sch", "C"), ("tch", "C"), ("ch", "C"), ("sh", "C"), ("kh", "X"), ("gh", "G"), ("th", "T"), ("dh", "D"),
    ("ph", "F"), ("dj", "J"), ("ck", "K"), ("gu", "G"), ("qu", "K"),
)  # fmt: skip
_LATIN_LETTERS = {**{letter: letter.upper() for letter in "bdfhjklmnrstzg"}, "p": "B", "q": "K", "v": "F", "x": "KS"}
_ARTICLES = {"al", "el", "ul", "ال"}
_SERVANT_OF = {"عبد", "abd", "abdel", "abdul", "abdoul"}
_DIN = {"الدين", "دين", "eddine", "edine", "eddin", "dine", "din", "uddin", "aldin", "eldin"}


def skeleton(text: str) -> str:
    """The consonants that Arabic and Latin spellings of a name share, word by word: 'Mohamed', 'محمّد' → 'MHMD'.

    Only for search and hints: unlike names may share a skeleton. Words in other scripts stay folded as they are.
    """
    bones: list[str] = []
    compound = False  # after عبد the rest of the name belongs to the same word: Abd el Kader, Abdelkader
    for word in _words(text):
        if compound:
            bones[-1] += _bones(word).removeprefix("A")
            compound = word in _ARTICLES
        elif word in _DIN and bones:
            bones[-1] += "DN"
        elif word not in _ARTICLES:
            bones.append(_bones(word if word in _NO_ARTICLE else _without_article(word)))
            compound = word in _SERVANT_OF
    return " ".join(filter(None, map(_settled, bones)))


def _settled(bones: str) -> str:
    """Doubled sounds once, and the article's l inside Abdel… unsaid before the letters that swallow it."""
    once = re.sub(r"(.)\1+", r"\1", bones)
    return re.sub(r"^ABDL(?=[TDRZSCLN])", "ABD", once)


def _bones(word: str) -> str:
    script = script_of(word)
    if script == "arabic":
        sounds = "".join(_ARABIC_SOUNDS.get(letter, letter) for letter in word[1:])
        first = {"ا": "A", "ع": "A", "ء": "A", "و": "W", "ي": "Y"}.get(word[0], _ARABIC_SOUNDS.get(word[0], word[0]))
        return _without_last_h(first + sounds)
    return _without_last_h(_latin_bones(word)) if script == "latin" else word


def _latin_bones(word: str) -> str:
    if len(word) >= 5 and re.match(r"e(zz|rr|dd|nn|ss|tt)", word):
        word = word[2:]  # the article, swallowed: Ezzahra, Errachidi
    word = re.sub(r"^ou(?=[aeiy])", "w", word)
    word = re.sub(r"c(?=[eiy])", "s", re.sub(r"g(?=[eiy])", "j", word))
    for spelling, sound in _LATIN_SOUNDS:
        word = word.replace(spelling, sound)
    first = {"w": "W", "y": "Y"}.get(word[0], "A" if word[0] in "aeiou" else "")
    letters = {**_LATIN_LETTERS, "c": "K", **dict.fromkeys("aeiouwy", "")}
    return first + "".join(letters.get(letter, letter) for letter in word)


def _without_last_h(bones: str) -> str:
    """Final h is written or not: Sara, Sarah, سارة."""
    return bones[:-1] if len(bones) > 1 and bones.endswith("H") else bones


# ---- order, length, script -----------------------------------------------------------------------------------------

# Folded Arabic letters stand in alphabetical order in Unicode; these few come after the letter they resemble.
_AFTER = {"پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف", "گ": "ك"}


def sort_key(name: str) -> str:
    """A stored column that any database sorts rightly: digits, Latin, Arabic by its alphabet, then other scripts.

    Case, accents, vowel marks and a leading ال do not count. Only [0-9a-f], so that no collation can reorder it.
    """
    return "".join(f"{_rank(sign):06x}" for sign in fold(name))


def _rank(sign: str) -> int:
    if sign in _AFTER:
        return 2 * ord(_AFTER[sign]) + 1
    return 2 * ord(sign)


def graphemes(text: str) -> int:
    """How many signs people see: a letter with its marks, a flag, a family of emoji are one each."""
    count, before, open_flag = 0, "", False
    for sign in text:
        flag = "\U0001f1e6" <= sign <= "\U0001f1ff"
        joined = before == _ZWJ or (flag and open_flag) or _belongs_to_the_letter_before(sign)
        if not joined or not count:
            count += 1
        open_flag = flag and not open_flag
        before = sign
    return count


def _belongs_to_the_letter_before(sign: str) -> bool:
    if unicodedata.category(sign) in ("Mn", "Me", "Mc") or sign in (_ZWJ, _ZWNJ):
        return True
    return "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f"


def marks_on_one_letter(text: str) -> int:
    """The longest stack of combining marks; languages need up to 4, painting over other lines needs more."""
    longest = stack = 0
    for sign in text:
        stack = stack + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        longest = max(longest, stack)
    return longest


def script_of(text: str) -> str:
    """'latin', 'arabic', 'mixed' (both), 'other' (no letter of these two) or 'none' (no letter at all)."""
    scripts = {unicodedata.name(sign, "").split(" ")[0] for sign in text if sign.isalpha()}
    known = scripts & {"LATIN", "ARABIC"}
    if len(known) == 2:
        return "mixed"
    if known:
        return known.pop().lower()
    return "other" if scripts else "none"


def isolate(text: str) -> str:
    """The text between U+2068 and U+2069: in plain-text mails its direction can't disturb the sentence around it."""
    return f"\u2068{text}\u2069"


_WHITESPACE = re.compile(r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def count_words(text: str) -> int:
    """How many words people see: what stands between blanks and has a letter or a digit. The page's script counts alike."""
    return sum(1 for part in _WHITESPACE.split(text) if any(unicodedata.category(sign)[0] in "LN" for sign in part))
