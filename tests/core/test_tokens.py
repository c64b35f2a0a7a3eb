"""Badge tokens survive keyboards, hands and scanners, or are refused; they are never taken for another."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import tokens
from eventreg.core.refusals import Refusal, Refused
from tests.data.badinputs.badinputs import FILTERS, expand, load

CODE = "BCDFGHJKLNPRSTVP"
UNSHIFTED_ARABIC = {"B": "لا"} | dict(zip("CDFGHJKLNPRSTVX", "ؤيبلاتنمىحقسفرء", strict=True))

letters = st.text(tokens.ALPHABET, min_size=15, max_size=15)

EXPECTED: dict[str, str] = {
    "QRC-01": CODE,
    "QRC-02": CODE,
    "QRC-03": "token.letters_only",
    "QRC-04": CODE,
    "QRC-05": "token.incomplete",
    "QRC-06": "token.check_failed",
    "QRC-07": "token.check_failed",
    "QRC-12": "token.not_a_code",
    "QRC-13": "token.not_a_code",
    "QRC-14": "token.not_a_code",
}


def reading(scanned: str) -> str:
    """The token, or the code of the refusal."""
    try:
        return tokens.read_badge_token(scanned)
    except Refused as refused:
        return refused.refusal.code


@pytest.mark.parametrize("case", [c for c in load("qr") if c["id"] in EXPECTED], ids=lambda c: c["id"])
def test_a_scan_gives_the_token_or_says_what_is_wrong(case: dict[str, Any]) -> None:
    scanned = expand(case, code=CODE)

    assert isinstance(scanned, str)
    assert reading(scanned) == EXPECTED[case["id"]]


@pytest.mark.parametrize("vector", ["BCDFGHJKLNPRSTVP", "BBBBBBBBBBBBBBBN", "XXXXXXXXXXXXXXXL"])
def test_the_check_letter_is_iso_7064_mod_17_16(vector: str) -> None:
    assert tokens.check_letter(vector[:-1]) == vector[-1]
    assert reading(vector) == vector


@pytest.mark.parametrize("disguise", ["lower", "azerty", "arabic101", "fullwidth"])
@given(body=letters)
def test_a_token_is_read_through_every_disguise(disguise: str, body: str) -> None:
    token = body + tokens.check_letter(body)

    assert reading(FILTERS[disguise](token, None)) == token


@given(body=letters)
def test_arabic_keys_without_shift_give_the_token_or_a_refusal(body: str) -> None:
    token = body + tokens.check_letter(body)

    found = reading("".join(UNSHIFTED_ARABIC[letter] for letter in token))

    assert found == ("token.incomplete" if "GH" in token else token)


@given(body=letters, at=st.integers(0, 15), other=st.sampled_from(tokens.ALPHABET))
def test_every_single_wrong_letter_is_caught(body: str, at: int, other: str) -> None:
    token = body + tokens.check_letter(body)
    wrong = token[:at] + other + token[at + 1 :]

    assert reading(wrong) == (token if wrong == token else "token.check_failed")


@given(st.text(max_size=200))
def test_whatever_is_scanned_is_a_valid_token_or_refused(scanned: str) -> None:
    found = reading(scanned)

    assert found.startswith("token.") or tokens.check_letter(found[:-1]) == found[-1]


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("", "token.incomplete"),
        (CODE + "B", "token.not_a_code"),
        ("12", "token.letters_only"),
        ("Sara", "token.not_a_code"),
    ],
)
def test_other_things_than_tokens_are_refused(scanned: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        tokens.read_badge_token(scanned)

    assert refused.value.refusal == Refusal(code)


def test_a_long_scan_is_refused_before_it_is_looked_at() -> None:
    assert reading(CODE + " " * 64) == CODE
    assert reading(CODE + " " * 65) == "token.not_a_code"


def test_new_tokens_are_valid_and_unlike() -> None:
    made = [tokens.new_badge_token() for number in range(200)]

    assert [reading(token) for token in made] == made
    assert len(set(made)) == 200


def test_a_token_is_printed_in_fours() -> None:
    assert tokens.in_fours(CODE) == "BCDF GHJK LNPR STVP"


def test_a_secret_is_long_and_stored_as_its_sha256() -> None:
    secret = tokens.new_secret()

    assert len(secret) == 43
    assert secret != tokens.new_secret()
    assert tokens.hash_secret(secret) == hashlib.sha256(secret.encode()).hexdigest()


def test_a_short_code_has_its_prefix_and_no_sign_that_is_misread() -> None:
    codes = [tokens.short_code("R") for number in range(200)]

    assert {code[:2] for code in codes} == {"R-"}
    assert {len(code) for code in codes} == {10}
    assert not set("".join(code[2:] for code in codes)) & set("0O1IL5S8B2ZUAE")
    assert len(tokens.short_code(length=4)) == 4


def test_every_swap_of_neighbours_is_caught_in_a_code_that_we_issue() -> None:
    for token in (tokens.new_badge_token() for draw in range(300)):
        for at in range(15):
            swapped = token[:at] + token[at + 1] + token[at] + token[at + 2 :]
            assert reading(swapped) == (token if swapped == token else "token.check_failed")
