"""What was sent and how it was written: every version, and what changed from one to the next, word by word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, g, render_template, request, url_for
from werkzeug.exceptions import NotFound

from eventreg.core import versions
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES, page_lang
from eventreg.core.questions import judging, words
from eventreg.core.questions.shape import Form
from eventreg.people.models import Person
from eventreg.proposals import forms, labels, queries, readable, rules, standard
from eventreg.proposals.blueprint import bp, mine
from eventreg.proposals.models import Proposal
from eventreg.proposals.queries import Offer


def file_url(proposal: Proposal) -> Callable[[str], str]:
    """Where those who propose fetch a file of theirs."""
    return lambda file: url_for(".download", code=proposal.code, file=file)


@bp.get("/proposals/<code>/history")
@requires("proposal.read")
def history(code: str) -> str:
    """The versions that were sent, and who wrote which part when."""
    proposal = mine(code)
    offer, parts = queries.offer(g.event.id), queries.parts(proposal.id)
    written = [
        (forms.title_of(section), section.code, queries.edits(parts[section.code].id))
        for section in offer.form.sections
        if section.code in parts
    ]
    return render_template(
        "proposals/history.html", proposal=proposal, sent=queries.versions(proposal.id), written=written, name_of=_names(proposal)
    )


@bp.get("/proposals/<code>/history/<int:number>")
@requires("proposal.read")
def version(code: str, number: int) -> str:
    """One version that was sent, and what it changed of the one before (or of another)."""
    proposal = mine(code)
    asked = request.args.get("against", "")
    against = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else number - 1
    found = queries.version(proposal.id, number) or abort(404)
    older = queries.version(proposal.id, against)
    now = queries.offer(g.event.id)
    offer = queries.offer_as_sent(now, g.event.id, found)
    was = queries.offer_as_sent(now, g.event.id, older).form if older else None
    return render_template(
        "proposals/version.html", proposal=proposal, version=found, older=older,
        changes=differences(older.answers, found.answers, offer, was=was) if older else None,
        groups=readable.groups(found.answers, offer, lang=proposal.lang, file_url=file_url(proposal)),
        all_numbers=range(1, proposal.version + 1),
    )  # fmt: skip


@bp.get("/proposals/<code>/history/<section>/<int:revision>")
@requires("proposal.read")
def edit(code: str, section: str, revision: int) -> str:
    """A part as somebody left it, and what they had changed."""
    proposal = mine(code)
    part = queries.parts(proposal.id).get(section) or abort(404)
    found = queries.edits(part.id)
    at = next((number for number, (one, _person) in enumerate(found) if one.revision == revision), None)
    if at is None:
        raise NotFound
    older = found[at + 1][0].answers if at + 1 < len(found) else {}
    offer = queries.offer(g.event.id)
    changes = differences(older, found[at][0].answers, offer)
    return render_template(
        "proposals/edit.html", proposal=proposal, section=section, edit=found[at][0], person=found[at][1], changes=changes,
        title=_title(section, offer.form), name_of=_names(proposal),
    )  # fmt: skip


def _names(proposal: Proposal) -> Callable[[Person], str]:
    """What its people are called: as the proposal names them, else as they are known here."""
    named = {one.person_id: one.name for one in queries.people(proposal.id) if one.person_id and one.name}
    return lambda person: named.get(person.id) or person.name_in(page_lang()) or person.email


def _title(section: str, form: Form) -> Any:
    """What a part is called, also one that is in the form no more."""
    found = form.section(section)
    return forms.title_of(found) if found is not None else labels.SECTION.get(section, section)


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], offer: Offer, *, was: Form | None = None
) -> list[dict[str, Any]]:
    """By field what changed: its name, its language where it has one, the pieces. `was` is the form by which `old` was answered."""
    asked = {field: offer.form for section in offer.form.sections for field in rules.section_fields(section)}
    asked_then = {field: was for section in was.sections for field in rules.section_fields(section)} if was else {}
    found = []
    for field, form in {**asked, **{field: then for field, then in asked_then.items() if field not in asked}}.items():
        before, after = _said(field, old.get(field), was or offer.form, offer), _said(field, new.get(field), form, offer)
        if before != after:
            pieces = versions.difference(before, after)
            found.append({"label": _label(field, form), "lang": _lang(field), "pieces": pieces})
    return found


def _lang(field: str) -> str:
    name, _sep, lang = field.rpartition("_")
    return lang if name in standard.WORDS and lang in LANGS else page_lang()


def _label(field: str, form: Form) -> str:
    if field in standard.QUESTION_OF:
        name, _sep, lang = field.rpartition("_")
        label = forms.label_of(field)
        return f"{label} ({LANGUAGE_NAMES[lang]})" if name in standard.WORDS and lang in LANGS else label
    question = form.find(field.removeprefix(judging.field_name("")))
    return question.label.in_(page_lang()) if question is not None else field


def _said(field: str, value: Any, form: Form, offer: Offer) -> str:
    """An answer in words, as one reads it."""
    question = form.find(field.removeprefix(judging.field_name("")))
    if question is not None and question.is_own:
        return words.said(question, value)
    return readable.choice(field, value, offer) if field in ("track", "format", "spoken") else str(value or "")


