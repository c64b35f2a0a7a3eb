"""Which badges are printed, in which order, and which are new."""

from __future__ import annotations

import dataclasses

import pytest

from eventreg.badges import rules
from eventreg.badges.rules import Holder, News, Where
from eventreg.core import text
from eventreg.core.refusals import Refused


def a_holder(code: str, latin: str = "Amina Test", arabic: str = "", **changes: object) -> Holder:
    """A participant who writes in Latin letters, without any print yet."""
    holder = Holder(
        registration_id=1, code=code, ticket_id=10, token="B" * 16, name_own=latin or arabic,
        name_other=arabic if latin else "", organisation="Example Press", organisation_other="", country="MA",
        category="media", lang="en", search_key=text.search_key(latin, arabic, code),
        sort_latin=text.sort_key(latin or arabic), sort_arabic=text.sort_key(arabic or latin),
    )  # fmt: skip
    return dataclasses.replace(holder, **changes)  # type: ignore[arg-type]


def printed(holder: Holder) -> Holder:
    """The same after its badge came out of the printer."""
    return dataclasses.replace(holder, printed_ticket_id=holder.ticket_id, printed_hash=rules.face_hash(holder))


def codes(holders: list[Holder]) -> list[str]:
    return [holder.code for holder in holders]


def test_a_printed_badge_is_no_news_until_something_on_its_face_changes() -> None:
    holder = printed(a_holder("R-1"))

    assert rules.news(a_holder("R-1")) is News.NEVER
    assert rules.news(holder) is News.NONE
    for change in (
        {"name_own": "Amina B"}, {"name_other": "أمينة"}, {"organisation": "Other"}, {"organisation_other": "أخرى"},
        {"country": "TN"}, {"category": "staff"}, {"lang": "ar"},
    ):  # fmt: skip
        assert rules.news(dataclasses.replace(holder, **change)) is News.CHANGED, change  # type: ignore[arg-type]


def test_a_new_code_makes_a_badge_new_though_its_face_is_the_same() -> None:
    assert rules.news(dataclasses.replace(printed(a_holder("R-1")), ticket_id=11)) is News.REPLACED


def test_two_fields_that_swap_their_words_are_a_change() -> None:
    holder = printed(a_holder("R-1", organisation="A", organisation_other="B"))

    assert rules.news(dataclasses.replace(holder, organisation="B", organisation_other="A")) is News.CHANGED


def test_counts_add_up() -> None:
    same, changed = printed(a_holder("R-1")), dataclasses.replace(printed(a_holder("R-2")), country="TN")
    replaced = dataclasses.replace(printed(a_holder("R-3")), ticket_id=99)

    counts = rules.counts([same, changed, replaced, a_holder("R-4")])

    assert (counts.confirmed, counts.printed, counts.fresh) == (4, 1, 3)
    assert (counts.never, counts.replaced, counts.changed) == (1, 1, 1)


def test_each_order_sorts_by_its_own_alphabet() -> None:
    people = [
        a_holder("R-1", "Zineb", "أمينة", country="MA", organisation="Beta"),
        a_holder("R-2", "Amina", "زينب", country="TN", organisation="Alpha"),
        a_holder("R-3", "Élodie", "بسمة", country="DZ", organisation="Gamma"),
    ]

    orders = {order: codes(rules.selected(people, Where(order=order))) for order in rules.ORDERS}

    assert orders == {
        "latin": ["R-2", "R-3", "R-1"],
        "arabic": ["R-1", "R-3", "R-2"],
        "country": ["R-3", "R-1", "R-2"],
        "organisation": ["R-2", "R-1", "R-3"],
    }


def test_people_with_one_name_stand_in_the_same_order_at_every_print() -> None:
    people = [a_holder("R-2"), a_holder("R-1")]

    assert codes(rules.selected(people, Where())) == codes(rules.selected(people[::-1], Where())) == ["R-1", "R-2"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Where(), ["R-1", "R-2", "R-3"]),
        (Where(which="new"), ["R-2", "R-3"]),
        (Where(which="one_script"), ["R-2", "R-3"]),
        (Where(category="staff"), ["R-3"]),
        (Where(country="TN"), ["R-2"]),
        (Where(q="yusuf"), ["R-2"]),
        (Where(q="YÚSUF b"), ["R-2"]),
        (Where(q="r-3"), ["R-3"]),
        (Where(organisation="ministere"), ["R-3"]),
        (Where(q="nobody"), []),
        (Where(country="TN", category="staff"), []),
    ],
)
def test_a_selection_holds_those_it_asks_for(where: Where, found: list[str]) -> None:
    people = [
        printed(a_holder("R-1", "Amina", "أمينة")),
        a_holder("R-2", "Yusuf Ben", country="TN"),
        a_holder("R-3", "Zineb", category="staff", organisation="Ministère d’exemple"),
    ]

    assert codes(rules.selected(people, where)) == found


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("", Where()),
        ("category=media,country=MA", Where(category="media", country="MA")),
        ("organisation=Example, Press and Sons, name=Amina", Where(organisation="Example, Press and Sons", q="Amina")),
        (" category = staff ", Where(category="staff")),
    ],
)
def test_the_command_lines_filter_is_read(typed: str, where: Where) -> None:
    assert rules.parse_where(typed) == where


def test_new_only_joins_the_command_lines_filter() -> None:
    assert rules.parse_where("country=MA", only_new=True) == Where(which="new", country="MA")


@pytest.mark.parametrize("part", ["category=medai", "country=Morocco", "colour=red", "media", "name=", "which=new"])
def test_a_filter_that_is_not_understood_prints_nobody_instead_of_everybody(part: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.parse_where(f"country=MA,{part}" if "=" in part else part)

    assert refused.value.refusal.code == "badges.unknown_filter"
    assert refused.value.refusal.params == {"part": part}


def test_an_addresss_unknown_values_count_as_not_said() -> None:
    wild = {"which": "evil", "category": "x", "country": "XX", "order": "'", "q": "Amina", "other": "1"}

    assert rules.where_of(wild) == Where(q="Amina")


def test_a_selection_survives_its_record() -> None:
    where = Where(which="new", category="media", q="Amina", order="arabic")

    assert rules.where_of(where.as_dict()) == where


@pytest.mark.parametrize("layout", ["", "a5", "A6", "../a6"])
def test_an_unknown_layout_is_refused(layout: str) -> None:
    refusal = rules.why_not_layout(layout)

    assert refusal is not None and refusal.code == "badges.unknown_layout"


def test_a_reason_is_one_line_and_required() -> None:
    assert rules.clean_reason("  lost \n at the  door ") == "lost at the door"
    for typed, code in ((" \n", "badges.reason_required"), ("x" * 201, "badges.reason_too_long")):
        with pytest.raises(Refused) as refused:
            rules.clean_reason(typed)
        assert refused.value.refusal.code == code
