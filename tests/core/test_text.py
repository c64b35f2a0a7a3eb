"""Cleaning, folding, sorting and measuring what people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import text

LETTERS_OF_TWO_SCRIPTS = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآؤئءٱـًَُِّْ aeiouçéèbdhkNSZ’'-ɗƙ", max_size=30)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        pytest.param("ﻣﺤﻤﺪ", "محمد", id="NAM-05 presentation forms"),
        pytest.param("Zoe\u0301 Nze\u0301", "Zoé Nzé", id="NAM-13 decomposed"),
        pytest.param("  El-Hadj\u00a0  Ba\t", "El-Hadj Ba", id="NAM-14 blanks"),
        pytest.param("\u00a0\u2003\u200b", "", id="NAM-15 looks empty"),
        pytest.param("Sa\u200bra\ufeff", "Sara", id="NAM-16 zero width"),
        pytest.param("\u202enimda\u202c", "nimda", id="NAM-17 override"),
        pytest.param("\u2067Sara\u2069\u200f\u061c", "Sara", id="isolates and marks"),
        pytest.param("\u3164\u2800", "", id="letters that look empty"),
        pytest.param("Ｓａｒａ", "Sara", id="full width"),
        pytest.param("Sa\u200dra", "Sara", id="joiner between Latin letters"),
        pytest.param("مي\u200cخواهم", "مي\u200cخواهم", id="non-joiner inside a Persian word"),
        pytest.param("👩\u200d🔬", "👩\u200d🔬", id="joiner inside an emoji"),
        pytest.param("مُحَمَّد محـــمد", "مُحَمَّد محـــمد", id="NAM-01 marks and tatweel stay"),
        pytest.param("x² ½ №", "x² ½ №", id="other compatibility signs stay"),
    ],
)
def test_a_line_is_kept_but_for_what_nobody_sees(typed: str, cleaned: str) -> None:
    assert text.clean_line(typed) == cleaned


def test_several_lines_keep_their_paragraphs() -> None:
    assert text.clean_text("\r\nOne \u200b\r\n\r\n\r\n\r\n  - two\u202e\rthree\n") == "One\n\n  - two\nthree"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    once = text.clean_line(typed)

    assert text.clean_line(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        pytest.param("مُحَمَّد بن عَبْد الله", "محمد عبد الله", id="NAM-01"),
        pytest.param("محـــمد", "محمد", id="NAM-02"),
        pytest.param("أحمد إبراهيم آدم", "احمد ابراهيم ادم", id="NAM-03"),
        pytest.param("احمد ابراهيم ادم", "أحمد إبراهيم آدم", id="NAM-03 other way"),
        pytest.param("فاطمة الزهراء", "فاطمه", id="NAM-04"),
        pytest.param("فاطمة الزهراء", "الزهر", id="beginning of a word with its article"),
        pytest.param("فاطمة الزهراء", "زهراء", id="without the article"),
        pytest.param("N’Diaye", "n'diaye", id="NAM-11"),
        pytest.param("Ɗan Ƙasa", "Dan Kasa", id="NAM-12"),
        pytest.param("Zoé Nzé", "ZOE NZE", id="NAM-13"),
        pytest.param("ⵢⵓⴱⴰ ⴰⵎⵣⵉⵖ", "ⴰⵎⵣⵉⵖ", id="NAM-07"),
        pytest.param("ተስፋዬ ገብረ", "ገብረ", id="NAM-08"),
        pytest.param("مؤمن رئيس سلمى", "مومن رييس سلمي", id="R15 hamza seats and alef maqsura"),
        pytest.param("Œuvre Straße", "oeuvre strasse", id="Latin ligatures"),
    ],
)
def test_a_name_is_found_by_every_word_of_its_folded_form(stored: str, asked: str) -> None:
    key = text.search_key(stored)

    assert [word for word in text.fold(asked).split() if word not in key] == []


def test_the_search_key_joins_both_scripts_and_skips_what_is_empty() -> None:
    assert text.search_key("Sara Alami", None, "سارة العلمي", "") == "sara alami ساره علمي العلمي"


@given(st.one_of(st.text(), LETTERS_OF_TWO_SCRIPTS))
def test_folding_twice_changes_nothing_more(typed: str) -> None:
    once = text.fold(typed)

    assert text.fold(once) == once


SPELLINGS = [
    "Mohamed Mohammed Mohammad Muhammad محمّد محمد محـــمد",
    "Ahmed Ahmad أحمد احمد",
    "Fatima Fatimah فاطمة فاطمه",
    "Youssef Yusuf Youssouf يوسف",
    "Khadija Khadidja خديجة",
    "Omar Oumar عمر",
    "Aïcha Aisha عائشة",
    "Hussein Houcine حسين",
    "Abdelkader عبدالقادر",
    "Abderrahmane Abdelrahman عبدالرحمن",
    "Abdallah Abdullah عبدالله",
    "Ilyas Elias إلياس الياس",
    "Mustapha Mostafa مصطفى",
    "Rachid Rashid رشيد",
    "Sara Sarah سارة",
    "Zineb Zaynab زينب",
    "Wafae Ouafae وفاء",
    "Idrissi الإدريسي",
    "Cherkaoui الشرقاوي",
]


@pytest.mark.parametrize("spellings", SPELLINGS)
def test_spellings_of_one_name_share_a_skeleton(spellings: str) -> None:
    assert len({text.skeleton(word) for word in spellings.split()}) == 1


def test_unlike_names_have_unlike_skeletons() -> None:
    first_spellings = [spellings.split()[0] for spellings in SPELLINGS]

    assert len({text.skeleton(word) for word in first_spellings}) == len(SPELLINGS)
    assert text.skeleton("Hamid") != text.skeleton("Ahmed")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Abd el Kader Alami", "عبد القادر العلمي"),
        ("Abd Allah", "عبد الله"),
        ("Nour Eddine", "نور الدين"),
        ("Noureddine", "نور الدين"),
        ("Fatima Ezzahra", "فاطمة الزهراء"),
        ("El-Hadj Ba", "الحاج با"),
    ],
)
def test_compound_names_share_a_skeleton_across_scripts(one: str, other: str) -> None:
    assert text.skeleton(one) == text.skeleton(other) != ""


def test_a_skeleton_goes_word_by_word_and_keeps_other_scripts() -> None:
    assert text.skeleton("Mohamed Karim") == "MHMD KRM"
    assert text.skeleton("ተስፋዬ") == text.fold("ተስፋዬ")


def test_names_sort_by_the_arabic_alphabet_without_article_and_marks() -> None:
    names = ["يوسف", "الهادي", "بَدر", "وفاء", "گلثوم", "إبراهيم", "الأمين", "كريم", "لطيفة", "پريسا", "تامر"]

    assert sorted(names, key=text.sort_key) == [
        "إبراهيم", "الأمين", "بَدر", "پريسا", "تامر", "كريم", "گلثوم", "لطيفة", "الهادي", "وفاء", "يوسف",
    ]  # fmt: skip


def test_scripts_sort_one_after_the_other_and_none_is_dropped() -> None:
    names = ["ⵢⵓⴱⴰ", "ተስፋዬ ገብረ", "سارة", "Zoé", "éva Ba", "Eva", "Ƙasa"]

    assert sorted(names, key=text.sort_key) == ["Eva", "éva Ba", "Ƙasa", "Zoé", "سارة", "ተስፋዬ ገብረ", "ⵢⵓⴱⴰ"]


@given(st.text())
def test_a_sort_key_can_not_be_reordered_by_a_collation(name: str) -> None:
    assert set(text.sort_key(name)) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("typed", "seen"),
    [("", 0), ("Sara", 4), ("e\u0301", 1), ("مُحَمَّد", 4), ("🇲🇦🇫🇷", 2), ("👩‍👩‍👧", 1), ("👍🏽!", 2), ("❤️", 1)],
)
def test_length_is_counted_as_people_see_it(typed: str, seen: int) -> None:
    assert text.graphemes(typed) == seen


@pytest.mark.parametrize(
    ("typed", "script"),
    [
        ("Sara 2", "latin"),
        ("سارة", "arabic"),
        ("سارة Sara بناني", "mixed"),
        ("ተስፋዬ", "other"),
        ("12 🌟", "none"),
    ],
)
def test_the_script_of_a_name(typed: str, script: str) -> None:
    assert text.script_of(typed) == script


def test_an_isolated_text_stands_between_its_two_marks() -> None:
    assert text.isolate("سارة") == "\u2068سارة\u2069"
