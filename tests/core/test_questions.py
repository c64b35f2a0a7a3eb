"""Own questions: what is asked of whom, which answers hold, what becomes of answers when questions change."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventreg.core.questions import changing, checking, conditions, editing, judging, shape
from eventreg.core.questions.shape import Asked, Form, Kind, Option, Question, Section, When
from eventreg.core.refusals import Refused
from eventreg.core.trilingual import Text

WORDS = Text(ar="سؤال", fr="Question", en="Question")
YES_OR_NO = (Option("yes", Text(en="Yes")), Option("no", Text(en="No")))
SCRIPT = Path("static/js/behaviours/conditions.js").resolve()


def question(code, kind=Kind.TEXT, **more):
    return Question(code, kind, WORDS, **more)


def form(*questions, after=()):
    sections = (
        Section("travel", WORDS, questions=tuple(questions)),
        Section("later", WORDS, asked=Asked.AFTER, questions=tuple(after)),
    )
    return Form(sections)


def when(*tests, match="all"):
    return When(tuple(shape.Test(*test) for test in tests), match)


VISA = question(
    "passport_country", Kind.COUNTRY, is_required=True,
    when=when(("sector", "is", ("civil_society",)), ("wants_visa_letter", "is", ("yes",))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "is_asked"),
    [
        ({"sector": "civil_society", "wants_visa_letter": True}, True),
        ({"sector": "civil_society", "wants_visa_letter": False}, False),
        ({"sector": "government", "wants_visa_letter": True}, False),
        ({}, False),
    ],
)
def test_a_question_is_asked_only_of_those_its_condition_names(facts, is_asked):
    judged = judging.judge(form(VISA), {"q_passport_country": "SN"}, facts)

    assert judged.values == ({"passport_country": "SN"} if is_asked else {})
    assert judged.hidden == (frozenset() if is_asked else {"passport_country"})


def test_a_required_question_is_missing_only_where_it_is_asked():
    asked = judging.judge(form(VISA), {}, {"sector": "civil_society", "wants_visa_letter": True})
    hidden = judging.judge(form(VISA), {}, {"sector": "donor", "wants_visa_letter": True})

    assert asked.problems["passport_country"].code == "question.missing"
    assert hidden.problems == {}


def test_what_hangs_on_a_hidden_question_is_hidden_too():
    first = question("first", Kind.ONE_OF, options=YES_OR_NO, when=when(("sector", "is", ("media",))))
    second = question("second", when=when(("first", "is", ("yes",))))
    raw = {"q_first": "yes", "q_second": "typed around the page"}

    assert judging.judge(form(first, second), raw, {"sector": "donor"}).values == {}
    assert judging.judge(form(first, second), raw, {"sector": "media"}).values == {
        "first": "yes",
        "second": "typed around the page",
    }


def test_what_is_asked_after_a_place_is_confirmed_is_not_judged_with_the_form():
    made = form(question("a"), after=[question("b", is_required=True)])

    assert judging.judge(made, {"q_a": "1", "q_b": "2"}, {}).values == {"a": "1"}
    assert judging.judge(made, {"q_a": "1", "q_b": "2"}, {}, asked=None).values == {"a": "1", "b": "2"}


CASES = [
    (question("t", most=5), "abcdef", "question.too_long"),
    (question("t", least=3), "ab", "question.too_short"),
    (question("t"), "  مرحبا\u200f ", "مرحبا"),
    (question("n", Kind.NUMBER), "١٢٫٥", "12.5"),
    (question("n", Kind.NUMBER), "1 200,50", "1200.5"),
    (question("n", Kind.NUMBER), "-3", "-3"),
    (question("n", Kind.NUMBER), "0", "0"),
    (question("n", Kind.NUMBER), "1e9", "question.not_a_number"),
    (question("n", Kind.NUMBER), "1.2.3", "question.not_a_number"),
    (question("n", Kind.NUMBER), "NaN", "question.not_a_number"),
    (question("n", Kind.NUMBER, least=1, most=4), "5", "question.too_large"),
    (question("n", Kind.NUMBER, least=1, most=4), "0.5", "question.too_small"),
    (question("d", Kind.DATE), "2022-11-01", "2022-11-01"),
    (question("d", Kind.DATE), "2022-02-30", "times.no_such_day"),
    (question("d", Kind.DATE), "tomorrow", "times.not_a_date"),
    (question("o", Kind.ONE_OF, options=YES_OR_NO), "yes", "yes"),
    (question("o", Kind.ONE_OF, options=YES_OR_NO), "maybe", "question.not_an_option"),
    (question("s", Kind.SEVERAL_OF, options=YES_OR_NO), ["no", "yes", "no"], ["yes", "no"]),
    (question("s", Kind.SEVERAL_OF, options=YES_OR_NO, most=1), ["no", "yes"], "question.too_many"),
    (question("s", Kind.SEVERAL_OF, options=YES_OR_NO), ["x"], "question.not_an_option"),
    (question("c", Kind.COUNTRY), "ma", "MA"),
    (question("c", Kind.COUNTRY), "ZZ", "question.not_an_option"),
    (question("g", Kind.ORGANISATION), "Ligue  des droits", "Ligue des droits"),
    (question("k", Kind.CONSENT), True, True),
    (question("k", Kind.CONSENT), "y", None),
    (question("k", Kind.CONSENT, is_required=True), False, "question.must_agree"),
    (question("f", Kind.FILE), "../../etc/passwd", None),
    (
        question("f", Kind.FILE),
        {"code": "abc", "name": "a.pdf", "size": 3, "path": "/etc"},
        {"code": "abc", "name": "a.pdf", "size": 3},
    ),
    (question("t"), ["a", "list"], None),
    (question("t", is_required=True), None, "question.missing"),
]


@pytest.mark.parametrize(("asked", "given_value", "expected"), CASES)
def test_answers_are_kept_clean_or_refused(asked, given_value, expected):
    try:
        outcome = judging.clean(asked, given_value)
    except Refused as error:
        outcome = error.refusal.code

    assert outcome == expected


def test_a_form_is_the_same_after_json():
    made = form(
        VISA, question("z", Kind.NUMBER, least=0, most=0),
        question("o", Kind.ONE_OF, options=YES_OR_NO, is_sensitive=True, purpose=WORDS, delete_on=date(2022, 12, 3)),
        replace(question("x"), is_asked=False), question("n", Kind.NUMBER, least=0, most=9), after=[question("b")],
    )  # fmt: skip

    assert shape.from_json(json.loads(json.dumps(shape.as_json(made)))) == made


TESTABLE = {"sector": checking.Testable("organisation", frozenset({"media", "donor"}))}
BUILT_IN = Question("organisation", Kind.BUILTIN)


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ([BUILT_IN, question("a", when=when(("sector", "is", ("media",))))], None),
        ([question("a", when=when(("sector", "is", ("media",)))), BUILT_IN], "question.condition_unknown"),
        ([question("a", when=when(("b", "answered"))), question("b")], "question.condition_unknown"),
        ([question("a", when=when(("a", "answered")))], "question.condition_unknown"),
        ([BUILT_IN, question("a", when=when(("sector", "is", ("priest",))))], "question.condition_value"),
        ([question("a", Kind.NUMBER), question("b", when=when(("a", "at_least", ("x",))))], "question.condition_value"),
        ([question("a"), question("a")], "question.code_taken"),
        ([question("a", Kind.ONE_OF, options=YES_OR_NO[:1])], "question.too_few_options"),
        ([question("a", Kind.ONE_OF, options=YES_OR_NO + YES_OR_NO)], "question.option_twice"),
        ([question("A b")], "question.bad_code"),
        ([Question("a", Kind.TEXT)], "question.no_label"),
        ([question("a", is_sensitive=True)], "question.no_purpose"),
        ([question("a", is_sensitive=True, purpose=WORDS)], "question.no_delete_on"),
        ([question("a", least=5, most=2)], "question.bounds_reversed"),
    ],
)
def test_a_badly_made_form_is_told(questions, code):
    refusal = checking.why_not_form(form(*questions), testable=TESTABLE)

    assert (refusal.code if refusal else None) == code


def test_a_question_that_a_condition_asks_about_cannot_be_removed():
    made = form(question("a"), question("b", when=when(("a", "answered"))))

    with pytest.raises(Refused, match="question.in_use"):
        editing.removed(made, "a")
    assert [q.code for q in editing.removed(editing.removed(made, "b"), "a").questions()] == []


def test_moving_a_question_keeps_all_others():
    made = form(question("a"), question("b"), question("c"), after=[question("d")])

    assert [q.code for q in editing.shifted(made, "c", by=-1).questions()] == ["a", "c", "b", "d"]
    assert [q.code for q in editing.shifted(made, "c", by=1).questions()] == ["a", "b", "c", "d"]
    assert [q.code for q in editing.moved(made, "a", to_section="later").questions()] == ["b", "c", "d", "a"]


# ---- what becomes of answers ----------------------------------------------------------------------------------------


def fate(old, new, value, facts=None):
    changed = changing.Crossing(form(old), form(new)).of({old.code: value}, facts or {})
    return changed.fates.get(old.code), changed.values.get(old.code)


def test_answers_follow_a_question_where_they_can():
    text, number = question("a"), question("a", Kind.NUMBER)
    choice = question("a", Kind.ONE_OF, options=(Option("yes", Text(fr="Oui", en="Yes")), Option("no", Text(fr="Non"))))
    several = replace(choice, kind=Kind.SEVERAL_OF)

    assert fate(text, number, "12,5") == ("rewritten", "12.5")
    assert fate(text, number, "twelve") == ("unreadable", None)
    assert fate(text, choice, "Oui") == ("rewritten", "yes")
    assert fate(choice, text, "yes") == ("rewritten", "Yes")
    assert fate(choice, several, "yes") == ("rewritten", ["yes"])
    assert fate(several, choice, ["yes", "no"]) == ("option", None)
    assert fate(several, replace(several, options=(*choice.options[:1], Option("x", WORDS))), ["yes", "no"]) == (
        "rewritten",
        ["yes"],
    )
    assert fate(text, replace(text, is_asked=False), "kept") == ("kept", "kept")
    assert fate(text, replace(text, when=when(("sector", "is", ("media",)))), "gone", {"sector": "donor"}) == ("hidden", None)
    assert fate(text, replace(text, most=3), "four") == ("unreadable", None)


def test_who_has_no_answer_to_what_became_required_is_counted():
    old, new = form(question("a"), question("b")), form(question("a"), question("b", is_required=True))
    people = [{"a": "x"}, {"a": "x", "b": "y"}, {}]

    effects = {}
    for values in people:
        changed = changing.Crossing(old, new).of(values, {})
        changing.add_up(effects, changed.fates, changed.missing)

    assert (effects["b"].missing, effects["b"].kept, effects["a"].kept) == (2, 1, 2)
    assert changing.Crossing(old, new).of({"a": "x"}, {}).values == {"a": "x"}


# ---- the page decides as the server does -----------------------------------------------------------------------------

_NAMES = ("a", "b", "sector")
_any_value = st.lists(st.sampled_from(("x", "y", "yes", "no")), min_size=1, max_size=2).map(tuple)
_number = st.sampled_from(("1", "10")).map(lambda value: (value,))
_tests = st.builds(
    shape.Test, st.sampled_from(_NAMES), st.sampled_from(("is", "is_not", "answered", "empty")), _any_value
) | st.builds(shape.Test, st.sampled_from(_NAMES), st.sampled_from(("at_least", "at_most")), _number)  # fmt: skip
_facts = st.dictionaries(
    st.sampled_from(_NAMES), st.sampled_from(("x", "y", "", "0", "5", "10", "100", True, False, ["x"], ["x", "y"], [])),
)  # fmt: skip
_cases = st.tuples(st.builds(When, st.lists(_tests, max_size=3).map(tuple), st.sampled_from(("all", "any"))), _facts)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
@settings(max_examples=5, deadline=None)
@given(st.lists(_cases, min_size=60, max_size=60))
def test_the_page_and_the_server_agree_on_every_condition(cases):
    asked = [
        {
            "when": {"match": w.match, "tests": [{"question": t.question, "op": t.op, "values": list(t.values)} for t in w.tests]},
            "values": {name: conditions.given_values(facts.get(name)) for name in _NAMES},
        }
        for w, facts in cases
    ]
    program = f"""
        import {{ holds }} from {json.dumps(SCRIPT.as_uri())};
        const cases = {json.dumps(asked)};
        console.log(JSON.stringify(cases.map((one) => holds(one.when, (name) => one.values[name]))));
    """
    done = subprocess.run(["node", "--input-type=module", "-e", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [conditions.holds(w, facts) for w, facts in cases]


def test_codes_are_made_of_what_was_written():
    made = form(question("hotel"))

    assert editing.free_code(made, ["Hôtel: quel est le vôtre ?"]) != "hotel"
    assert re.fullmatch(r"[a-z][a-z0-9_]*", editing.free_code(made, ["سؤال"]))
    assert editing.free_code(made, ["فندق", "Hotel"]) == "hotel_2"


def test_an_unticked_box_is_a_no_for_the_questions_after_it():
    alone = question("alone", Kind.CONSENT)
    company = question("company", when=when(("alone", "is", ("no",))))
    asked = form(alone, company)

    assert judging.judge(asked, {"q_alone": False, "q_company": "Amina"}, {}).values == {"company": "Amina"}
    assert judging.judge(asked, {"q_alone": True, "q_company": "Amina"}, {}).values == {"alone": True}
    assert changing.Crossing(asked, asked).of({"company": "Amina"}, {}).values == {"company": "Amina"}


_typed_numbers = ("12", " ١٢٫٥", "۵", "2,50", "1\u202f000", "−3", "-0", "\u200f7", "--5", "NaN", "1e3", "1.234", "", "5.", "+4")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
def test_the_page_reads_numbers_as_the_server_does():
    program = f"""
        import {{ number }} from {json.dumps(SCRIPT.as_uri())};
        console.log(JSON.stringify({json.dumps(_typed_numbers)}.map(number)));
    """
    done = subprocess.run(["node", "--input-type=module", "-e", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [_kept_number(typed) for typed in _typed_numbers]


def _kept_number(typed):
    try:
        return judging.clean(question("k", Kind.NUMBER), typed) or ""
    except Refused:
        return ""
