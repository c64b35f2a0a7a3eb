"""What an answer of a proposal must be: words counted, ranges, choices, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import text, versions
from eventreg.proposals import rules, standard
from eventreg.proposals.rules import Choices

CHOICES = Choices(("participation",), ("workshop",))


def problems(raw: dict[str, object], lang: str = "en") -> dict[str, str]:
    return {name: why.code for name, why in rules.parse(raw, form=standard.form(), lang=lang, choices=CHOICES)[1].items()}


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("", 0), ("  \n ", 0), ("one", 1), ("one  two\nthree", 3), ("— … !", 0), ("الميزانية المفتوحة", 2),
        ("الميزانيّة، المفتوحة؛ 2022", 3), ("l'eau et l'énergie", 3), ("a\u00a0b", 2), ("a\u200bb", 1), ("٢٠٢٢ عام", 2),
    ],
)  # fmt: skip
def test_words_are_counted_as_people_see_them(written: str, count: int) -> None:
    assert text.count_words(written) == count


def test_a_text_is_judged_by_its_words_and_needed_in_its_own_language_alone() -> None:
    limit = standard.WORDS["summary"]

    assert problems({"summary_en": "word " * limit}).get("summary_en") is None
    assert problems({"summary_en": "word " * (limit + 1)})["summary_en"] == "proposal.too_many_words"
    assert problems({"summary_fr": "word " * (limit + 1)})["summary_fr"] == "proposal.too_many_words"
    assert "summary_fr" not in problems({})
    assert problems({}, lang="fr")["summary_fr"] == "proposal.summary_missing"
    assert problems({"summary_en": "…"})["summary_en"] == "proposal.no_letters"
    assert problems({"summary_en": "x" * 5000})["summary_en"] == "answers.too_long"
    assert problems({"title_en": "a" + "\u0301" * 9})["title_en"] == "proposal.unreadable"


@pytest.mark.parametrize(
    ("least", "most", "wrong"),
    [
        ("40", "60", {}), ("40", "40", {}), ("٤٠", "٦٠", {}), ("150", "200 ", {}),
        ("60", "40", {"size_max": "proposal.size_reversed"}),
        ("", "40", {"size_min": "proposal.size_min_missing"}),
        ("0", "40", {"size_min": "proposal.size_range"}),
        ("-5", "40", {"size_min": "proposal.size_range"}),
        ("4.5", "40", {"size_min": "proposal.size_range"}),
        ("many", "40", {"size_min": "proposal.size_range"}),
        ("1e3", "40", {"size_min": "proposal.size_range"}),
        ("5001", "6000", {"size_min": "proposal.size_range", "size_max": "proposal.size_range"}),
    ],
)  # fmt: skip
def test_the_size_is_a_range_of_people(least: str, most: str, wrong: dict[str, str]) -> None:
    found = problems({"size_min": least, "size_max": most})

    assert {name: why for name, why in found.items() if name.startswith("size")} == wrong


NOT_OFFERED = [{"track": "other"}, {"track": ["participation"]}, {"track": None}, {"spoken": "ar"}, {"spoken": ["xx"]}]


@pytest.mark.parametrize("raw", NOT_OFFERED)
def test_nothing_but_what_is_offered_can_be_chosen(raw: dict[str, object]) -> None:
    name = next(iter(raw))

    assert problems(raw)[name] == f"proposal.{name}_missing"


WORDS = st.text(st.sampled_from("abc ءبج\n،. "), max_size=60)


@given(WORDS, WORDS)
def test_a_difference_gives_both_texts_back(old: str, new: str) -> None:
    pieces = versions.difference(old, new)

    assert "".join(piece.words for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.words for piece in pieces if piece.kind != "gone") == new
    assert versions.is_changed(pieces) is (old != new)


def test_a_difference_in_arabic_is_told_word_by_word() -> None:
    pieces = versions.difference("مقاربة ومنهجية العمل في الورشة", "مقاربة تشاركية ومنهجية العمل في الورشة")

    assert [(piece.kind, piece.words.strip()) for piece in pieces if piece.kind != "same"] == [("new", "تشاركية")]
