"""Which encoding is found, where it is doubtful, and that nothing is ever read as something else without saying so."""

from __future__ import annotations

import pytest

from eventreg.core import charsets

ARABIC = [
    "سارة بناني", "محمد العلوي", "وزارة العدل", "عبد الرحمان الإدريسي", "المغرب", "سارة", "فاطمة الزهراء بناني، مديرة", "طه", "قيس",
    "غيثة الطاهري ؟", "الهيئة الوطنية للنزاهة والوقاية من الرشوة ومحاربتها",
]  # fmt: skip
FRENCH = [
    "José", "Amélie Noël", "Société civile", "François Lefèvre", "Ministère de l’Économie", "Bénin", "cœur", "Côte d’Ivoire",
    "MÉDIAS",
    "Sénégal;été", "Hôpital Où", "L’Île", "Léïla Ben Salah", "Gaël", "Association « Espoir » – Marrakech…", "Ağa Müller Strauß",
]  # fmt: skip


def a_table(words: str) -> str:
    return f"name_latin,name_arabic,country\n{words},x@example.org,MA\n"


@pytest.mark.parametrize("encoding", charsets.ENCODINGS)
@pytest.mark.parametrize("words", ARABIC + FRENCH)
def test_a_reading_is_right_or_called_doubtful_even_for_a_single_word(encoding: str, words: str) -> None:
    try:
        data = a_table(words).encode(encoding)
    except UnicodeEncodeError:
        return

    found = charsets.guess(data)

    if found.is_certain:
        assert charsets.decode(data, found.encoding) == a_table(words)
    else:
        assert any(charsets.decode(data, name) == a_table(words) for name in (found.encoding, *found.others))


@pytest.mark.parametrize("encoding", ["windows-1256", "windows-1252", "iso-8859-6", "mac-roman", "iso-8859-15"])
def test_a_list_of_some_rows_leaves_no_doubt(encoding: str) -> None:
    rows = [words for words in ARABIC + FRENCH if _fits(words, encoding)]
    data = "name_latin,country\n" + "".join(f"{words},MA\n" for words in rows)

    found = charsets.guess(data.encode(encoding))

    assert found.is_certain and charsets.decode(data.encode(encoding), found.encoding) == data


def _fits(words: str, encoding: str) -> bool:
    try:
        words.encode(encoding)
    except UnicodeEncodeError:
        return False
    return not words.isascii()


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_known_with_its_mark_and_without(mark: str) -> None:
    data = a_table("سارة Noël").encode(mark)

    found = charsets.guess(data)

    assert (found.is_certain, charsets.decode(data, found.encoding)) == (True, a_table("سارة Noël"))


def test_a_cell_cut_in_the_middle_of_a_sign_is_still_utf_8_and_can_be_named() -> None:
    data = a_table("سارة بناني محمد العلوي").encode() + "د".encode()[:1] + b",x,MA\n"

    assert charsets.guess(data).encoding == "utf-8"
    assert "\ufffd,x,MA" in charsets.decode(data, "utf-8")
