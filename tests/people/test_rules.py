"""Names, addresses, phone numbers and probable twins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import text
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules
from eventreg.people.rules import Email
from tests.data.badinputs.badinputs import expand, load


def refusal_of(rule: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        rule()
    return refused.value.refusal


# ---- names ---------------------------------------------------------------------------------------------------------

NAMES_REFUSED = {
    "NAM-15": Refusal("name.required"),
    "NAM-18": Refusal("name.marks"),
    "NAM-19": Refusal("name.too_long", {"limit": 100, "length": 439}),
    "NAM-25": Refusal("name.unreadable"),
    "NAM-26": Refusal("name.unreadable"),
}


@pytest.mark.parametrize("case", list(load("names")), ids=lambda c: c["id"])
def test_every_name_of_the_corpus(case: dict[str, Any]) -> None:
    value = expand(case)
    # a web server reads bytes that are no UTF-8 as U+FFFD
    typed = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    script = "arabic" if case["field"] == "name_arabic" else "latin"

    if case["id"] in NAMES_REFUSED:
        assert refusal_of(lambda: rules.clean_name(typed, script=script)) == NAMES_REFUSED[case["id"]]
    else:
        assert case["expected"]["outcome"] in ("accept", "normalise", "inert")
        assert rules.clean_name(typed, script=script) == case["expected"].get("value", typed)


@pytest.mark.parametrize(
    "typed",
    [
        "sara@example.org",
        "Win at www.evil.example",
        "https://evil.example/x",
        "Sara evil.example",
        "evil.com",
        "a pay-now.info/x",
    ],
)
def test_a_name_that_would_be_a_link_in_a_mail_is_refused(typed: str) -> None:
    assert refusal_of(lambda: rules.clean_name(typed)) == Refusal("name.address")


@pytest.mark.parametrize("typed", ["Dr. Sara J.-P. Ba", "M.Diallo", "St.John", "Sara Ba Jr."])
def test_a_name_with_dots_is_no_address(typed: str) -> None:
    assert rules.clean_name(typed) == typed


@pytest.mark.parametrize(
    ("typed", "script", "code"),
    [
        ("Sara", "arabic", "name.arabic_letters"),
        ("سارة", "latin", "name.latin_letters"),
        ("-", "any", "name.no_letter"),
        ("🌟 12", "any", "name.no_letter"),
        ("Sa\ud800ra", "any", "name.unreadable"),
        ("Sa\x07ra", "any", "name.unreadable"),
    ],
)
def test_a_name_has_letters_of_its_script(typed: str, script: Any, code: str) -> None:
    assert refusal_of(lambda: rules.clean_name(typed, script=script)) == Refusal(code)


def test_the_limit_counts_signs_as_people_see_them() -> None:
    fits = "مُحَمَّد" * 25

    assert len(fits) > 100
    assert rules.clean_name(fits) == fits
    assert refusal_of(lambda: rules.clean_name(fits + "د")) == Refusal("name.too_long", {"limit": 100, "length": 101})


def test_a_huge_name_is_refused_before_work() -> None:
    assert refusal_of(lambda: rules.clean_name("a" * 10_000_000)).code == "name.too_long"


def test_an_organisation_may_hold_any_sign() -> None:
    formula = "@SUM(1+1)*cmd|' /C calc'!A0"

    assert rules.clean_organisation(formula) == formula
    assert refusal_of(lambda: rules.clean_organisation(" \u200b")) == Refusal("organisation.required")


@given(st.text(max_size=120))
def test_a_cleaned_name_is_accepted_again_unchanged(typed: str) -> None:
    try:
        once = rules.clean_name(typed)
    except Refused:
        return

    assert rules.clean_name(once) == once
    assert 1 <= text.graphemes(once) <= rules.NAME_LIMIT


# ---- e-mail --------------------------------------------------------------------------------------------------------

EMAILS_REFUSED = {
    "EML-06": Refusal("email.too_long", {"limit": 254}),
    "EML-07": Refusal("email.one_line"),
    "EML-08": Refusal("email.not_an_address"),
    "EML-09": Refusal("email.no_public_domain"),
    "EML-11": Refusal("email.only_one"),
    "EML-14": Refusal("email.not_an_address"),
}


@pytest.mark.parametrize("case", list(load("email")), ids=lambda c: c["id"])
def test_every_address_of_the_corpus(case: dict[str, Any]) -> None:
    typed = str(expand(case))

    if case["id"] in EMAILS_REFUSED:
        assert refusal_of(lambda: rules.email_address(typed)) == EMAILS_REFUSED[case["id"]]
    else:
        assert case["expected"]["outcome"] in ("accept", "normalise", "warn", "same")
        found = rules.email_address(typed)
        assert found.address == case["expected"].get("value", typed)
        assert found.suspicious is (case["expected"]["outcome"] == "warn")


def test_one_address_in_many_spellings_has_one_key() -> None:
    spellings = [
        "a@bücher.example",
        "A@xn--bcher-kva.example",
        " a@B\u0075\u0308cher.example ",
        "mailto:a@BÜCHER.example",
    ]

    assert {rules.email_address(typed).key for typed in spellings} == {"a@bücher.example"}
    assert {rules.email_address(typed).ascii.casefold() for typed in spellings} == {"a@xn--bcher-kva.example"}


def test_a_look_alike_is_another_person_and_staff_see_its_ascii_form() -> None:
    assert rules.email_address("sara@exаmple.org") == Email(
        "sara@exаmple.org", "sara@exаmple.org", "sara@xn--exmple-4nf.org", suspicious=True
    )
    assert rules.email_address("sara@еу.example").suspicious is True  # noqa: RUF001
    assert rules.email_address("sara@موقع.example").suspicious is False
    assert rules.email_address("sara@почта.example").suspicious is False


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "email.required"),
        ("sara", "email.not_an_address"),
        ("@example.org", "email.not_an_address"),
        ("sara@", "email.not_an_address"),
        ("sara@example.org;omar@example.org", "email.only_one"),
        ("sara@example.org omar@example.org", "email.only_one"),
        ("سارة@example.org", "email.local_not_ascii"),
        ("sara@printer.local", "email.no_public_domain"),
        ('"sara b"@example.org', "email.not_an_address"),
        ("sara@[127.0.0.1]", "email.not_an_address"),
        ("sara@example.org\0", "email.one_line"),
    ],
)
def test_other_things_are_no_address(typed: str, code: str) -> None:
    assert refusal_of(lambda: rules.email_address(typed)) == Refusal(code)


@given(st.text(max_size=300))
def test_an_accepted_address_is_safe_in_a_mail_header(typed: str) -> None:
    try:
        found = rules.email_address(typed)
    except Refused:
        return

    assert found.ascii.isascii()
    assert not set(found.ascii) & set("\r\n ,;<>")
    assert rules.email_address(found.address) == found


@pytest.mark.parametrize(
    ("address", "suggestion"),
    [
        ("sara@gmial.com", "sara@gmail.com"),
        ("sara@gmail.con", "sara@gmail.com"),
        ("sara@gmai.com", "sara@gmail.com"),
        ("sara@hotmaill.fr", "sara@hotmail.fr"),
        ("sara@yaho.fr", "sara@yahoo.fr"),
        ("sara@gmail.com", None),
        ("sara@mail.com", None),
        ("sara@example.org", None),
        ("sara", None),
    ],
)
def test_a_slip_in_a_common_domain_is_asked_about(address: str, suggestion: str | None) -> None:
    assert rules.typo_suggestion(address) == suggestion


# ---- phone ---------------------------------------------------------------------------------------------------------

PHONES_REFUSED = {
    "PHO-06": Refusal("phone.wrong_length"),
    "PHO-07": Refusal("phone.not_a_number"),
    "PHO-08": Refusal("phone.not_a_number"),
}


@pytest.mark.parametrize("case", list(load("phone")), ids=lambda c: c["id"])
def test_every_phone_number_of_the_corpus(case: dict[str, Any]) -> None:
    typed = case["input"]

    if case["id"] in PHONES_REFUSED:
        assert refusal_of(lambda: rules.phone(typed, country="MA")) == PHONES_REFUSED[case["id"]]
    else:
        assert rules.phone(typed, country="MA") == case["expected"].get("value", "+212612345678;ext=12")


def test_a_national_number_needs_its_country() -> None:
    assert refusal_of(lambda: rules.phone("0612345678", country=None)) == Refusal("phone.country_needed")
    assert rules.phone("00212612345678", country=None) == "+212612345678"


@pytest.mark.parametrize("extension", ["x12", ";ext=12", " poste 12", " تحويلة 12", " #12", " ext. ١٢"])
def test_an_extension_is_kept(extension: str) -> None:
    assert rules.phone("+212612345678" + extension, country=None) == "+212612345678;ext=12"


@given(st.text(max_size=120), st.sampled_from([None, "MA", "KE", "FR"]))
def test_whatever_is_typed_is_a_number_or_refused(typed: str, country: str | None) -> None:
    try:
        found = rules.phone(typed, country=country)
    except Refused:
        return

    assert rules.phone(found, country=None) == found
