"""A proposal for people to read: its answers by part, what is missing in words, where it stands in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from eventreg.core import clock, markdown, refusals
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES, direction, mark_text, page_lang, typeset
from eventreg.core.questions import conditions, judging, words
from eventreg.core.questions.shape import Form, Kind, Question
from eventreg.core.refusals import Refusal
from eventreg.proposals import forms, labels, standard
from eventreg.proposals.models import Call, Proposal
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import State
from eventreg.registration import labels as registration_labels


def groups(
    answers: Mapping[str, Any], offer: Offer, *, lang: str, url_of: Callable[[str], str] | None = None,
    file_url: Callable[[str], str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The answers by part, to the questions that are asked of this proposal; `url_of` leads to where a part is changed,
    `file_url` to a file.
    """
    found, known = [], _known(answers, offer.form)
    for section in offer.form.sections:
        asked = [question for question in section.questions if conditions.is_asked(question, known)]
        rows = [row for question in asked for row in _rows(question, answers, offer, lang, file_url)]
        if rows:
            change = url_of(section.code) if url_of else None
            found.append({"title": forms.title_of(section), "rows": rows, "change_url": change})
    return found


def _known(answers: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The answers as conditions ask about them; a box that is not ticked is a no."""
    own = {question: answers.get(judging.field_name(question.code)) for question in form.own()}
    return {**answers, **{one.code: value is True if one.kind is Kind.CONSENT else value for one, value in own.items()}}


def _rows(
    question: Question, answers: Mapping[str, Any], offer: Offer, lang: str, file_url: Callable[[str], str] | None
) -> list[tuple[Any, Any]]:
    if question.is_own:
        value = answers.get(judging.field_name(question.code))
        said: Any = words.said(question, value)
        if question.kind is Kind.FILE and said and file_url is not None:
            said = Markup('<a href="{}"><bdi>{}</bdi></a>').format(file_url(value["code"]), said)
        if question.kind is Kind.LONG_TEXT:
            said = paragraphs(str(said), lang)
        return [(mark_text(question.label), said)]
    if question.code in standard.WORDS:
        return _text_rows(question.code, answers, lang)
    match question.code:
        case "track" | "format" | "spoken":
            return [(labels.FIELD[question.code], choice(question.code, answers.get(question.code), offer))]
        case _:
            return [(_("Participants expected"), size(answers))]


def choice(field: str, value: Any, offer: Offer) -> str:
    """What was chosen, in words; '' for nothing, or for what is no longer there."""
    match field:
        case "track":
            return next((track.name.in_(page_lang()) for track in offer.tracks if track.slug == value), "")
        case "format":
            one = next((one for one in offer.formats if one.slug == value), None)
            return forms.format_words(one.name, one.minutes) if one else ""
        case _:
            return str(_(", ")).join(str(registration_labels.LANGUAGE[code]) for code in LANGS if code in (value or ()))


def _text_rows(name: str, answers: Mapping[str, Any], lang: str) -> list[tuple[Any, Any]]:
    """A text in the language it is written in, then in the others that have it."""
    rows = []
    for code in (lang, *(other for other in LANGS if other != lang)):
        written = answers.get(standard.field_of(name, code)) or ""
        if written or code == lang:
            label = str(labels.FIELD[name]) if code == lang else f"{labels.FIELD[name]} ({LANGUAGE_NAMES[code]})"
            said = in_language(str(written), code) if name == "title" else paragraphs(str(written), code)
            rows.append((label, said))
    return rows


def in_language(written: str, lang: str) -> Any:
    """A line of words that is marked with its language."""
    if not written:
        return ""
    return Markup('<span lang="{}" dir="{}">{}</span>').format(lang, direction(lang), typeset(written, lang))


def paragraphs(written: str, lang: str) -> Any:
    """A long text as its writer marked it up, marked with its language."""
    if not written:
        return ""
    return Markup('<div class="written" lang="{}" dir="{}">{}</div>').format(lang, direction(lang), markdown.html(written, lang))


def size(answers: Mapping[str, Any]) -> str:
    """"40 to 60", as far as it is told."""
    smallest, largest = answers.get("size_min"), answers.get("size_max")
    if smallest and largest and str(smallest) != str(largest):
        return str(_("%(least)s to %(most)s", least=smallest, most=largest))
    return str(smallest or largest or "")


def problem(field: str, why: Refusal, form: Form) -> str:
    """What is wrong, with the name of what is asked where an organiser asks it."""
    question = form.find(field.removeprefix(judging.field_name("")))
    said = refusals.say(why)
    if question is not None and question.is_own:
        return f"{question.label.in_(page_lang())}: {said}"
    return said


def steps(proposal: Proposal, call: Call) -> list[dict[str, Any]]:
    """Where it stands, as a line of steps: written, sent, studied, answered. Nothing of a decision before it is released."""
    now = clock.now()
    if proposal.state in (State.WITHDRAWN, State.MERGED):
        return []
    sent, decided = proposal.version > 0, proposal.state in (State.ACCEPTED, State.RESERVE, State.DECLINED)
    studied = sent and (now >= call.closes_at or proposal.state in (State.IN_REVIEW, State.SHORTLISTED) or decided)
    return [
        _step(_("Written"), proposal.begun_at, is_done=sent, is_now=not sent),
        _step(_("Sent"), proposal.sent_at, is_done=studied, is_now=sent and not studied),
        _step(_("Under review"), None, is_done=decided, is_now=studied and not decided),
        _step(_("Answer"), None, is_done=False, is_now=decided, day=None if decided else call.results_on),
    ]


def _step(title: str, at: datetime | None, *, is_done: bool, is_now: bool, day: Any = None) -> dict[str, Any]:
    return {"title": title, "at": at, "day": day, "state": "done" if is_done else "now" if is_now else "next"}


def sector_name(sector: str) -> Any:
    """What a sector is called; '' for none."""
    return registration_labels.CATEGORY.get(sector, "")


def language_name(lang: str) -> Any:
    """What a language is called in the reader's."""
    return registration_labels.LANGUAGE[lang]

