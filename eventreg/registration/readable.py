"""What was answered, for people to read: on the check page, on one's own page and on the organiser's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g
from flask_babel import gettext as _
from markupsafe import Markup

from eventreg.core import countries
from eventreg.core.i18n import date_short, page_lang
from eventreg.core.questions import conditions, judging, words
from eventreg.core.questions.shape import Form, Kind, Question, Section
from eventreg.registration import forms, labels
from eventreg.registration.answering import Progress, is_sensitive

FileUrl = Callable[[str], str]


def group(
    section: Section, progress: Progress, answers: Mapping[str, Any], *, hide_sensitive: bool = False,
    file_url: FileUrl | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The answers of one section for people: what was asked, and what was said; `file_url` leads to a file by its code."""
    rows: list[tuple[Any, Any]] = []
    for question in section.questions:
        if not conditions.is_asked(question, progress.known):
            continue
        if hide_sensitive and is_sensitive(question):
            rows.append((forms.label_of(question), _("Sign in to see them")))
        elif question.is_own:
            value = progress.judged.values.get(question.code, answers.get(judging.field_name(question.code)))
            rows.append((forms.label_of(question), _own(question, value, file_url)))
        else:
            rows += _built_in_rows(question.code, answers)
    return {"title": forms.title_of(section), "rows": rows}


def _own(question: Question, value: Any, file_url: FileUrl | None) -> Any:
    said = words.said(question, value)
    if question.kind is Kind.FILE and said and file_url is not None:
        return Markup('<a href="{}"><bdi>{}</bdi></a>').format(file_url(value["code"]), said)
    return said


def own_rows(
    asked: Form | Section, answers: Mapping[str, Any], *, sensitive: bool, file_url: FileUrl | None = None
) -> list[tuple[Any, Any]]:
    """The own questions of this sort that somebody answered, also those that are asked no more."""
    questions = asked.own() if isinstance(asked, Form) else (question for question in asked.questions if question.is_own)
    wanted = (question for question in questions if question.is_sensitive == sensitive and question.code in answers)
    return [(forms.label_of(question), _own(question, answers[question.code], file_url)) for question in wanted]


def _built_in_rows(code: str, answers: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """A built-in question's answers, as they were typed where they are wrong."""
    lang, comma = page_lang(), _(", ")
    yes_no = {True: _("Yes"), False: _("No")}
    days = [date_short(day) for day in g.event.days if day.isoformat() in answers.get("days", [])]
    languages = [str(labels.LANGUAGE[key]) for key in answers.get("languages", []) if key in labels.LANGUAGE]
    country = str(answers.get("country") or "")
    rows: dict[str, list[tuple[Any, Any]]] = {
        "name": [
            (_("Name in Latin letters"), answers.get("name_latin", "")),
            (_("Name in Arabic letters"), answers.get("name_arabic", "")),
        ],
        "country": [(_("Country"), countries.name(country, lang) if countries.is_country(country) else "")],
        "organisation": [
            (_("Organisation"), answers.get("organisation_name", "")),
            (_("Sector"), str(labels.CATEGORY.get(str(answers.get("sector")), ""))),
        ],
        "days": [(_("Days attended"), comma.join(days))],
        "languages": [(_("Languages"), comma.join(languages))],
        "gender": [(_("Gender"), str(labels.GENDER.get(str(answers.get("gender")), "")))],
        "wants_visa_letter": [(_("Letter for a visa"), yes_no[bool(answers.get("wants_visa_letter"))])],
        "consents_photo": [(_("Photos may be published"), yes_no[bool(answers.get("consents_photo"))])],
        "consents_contact": [(_("Contact after the meeting"), yes_no[bool(answers.get("consents_contact"))])],
    }
    plain = {"email": _("E-mail address"), "position": _("Position"), "phone": _("Phone number"), "access": _("Access needs"),
             "diet": _("Dietary needs")}  # fmt: skip
    return rows[code] if code in rows else [(plain[code], answers.get(code, ""))]
