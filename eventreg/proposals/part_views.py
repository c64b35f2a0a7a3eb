"""One part of a proposal: written, saved as one types, and never over somebody else's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import files, limits, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS
from eventreg.core.questions import judging
from eventreg.core.questions.shape import Section, When
from eventreg.core.refusals import Refusal
from eventreg.proposals import forms, labels, queries, rules, saving, services, standard
from eventreg.proposals import uploads as proposal_uploads
from eventreg.proposals.blueprint import bp, call_here, mine, why_not_write
from eventreg.proposals.forms import PartForm
from eventreg.proposals.models import Proposal, ProposalPart
from eventreg.proposals.queries import Offer
from eventreg.proposals.saving import Outcome
from eventreg.proposals.writing import Standing
from eventreg.registration import uploads


@bp.get("/proposals/<code>/part/<section>")
@requires("proposal.read")
def part(code: str, section: str) -> str | AnyResponse:
    """One part, filled with what is being written; read only once the call is closed."""
    proposal, offer = mine(code), queries.offer(g.event.id)
    asked, parts = _section(offer, section), queries.parts(proposal.id)
    form, problems = _as_written(proposal, offer, asked, parts)
    if not form.shown:
        return redirect(url_for(".one", code=code), 303)  # nothing of it is asked of this proposal
    if section in parts and "check" in request.args:
        form.show(problems)
    return _page(proposal, offer, asked, form, parts.get(section))


@bp.post("/proposals/<code>/part/<section>")
@requires("proposal.write")
@files.takes_upload()
def save_part(code: str, section: str) -> str | AnyResponse:
    """Keep the part as typed, then say what is wrong with it; or, when somebody else was faster, show both."""
    proposal, offer = mine(code), queries.offer(g.event.id)
    asked = _section(offer, section)
    stands = queries.parts(proposal.id).get(section)
    form = forms.made(asked, offer, _sent_by_page(asked), lang=proposal.lang, given={}, revision=stands.revision if stands else 0)
    taken, refused = _files(proposal, form)
    given = {**form.raw(), **taken}
    outcome = saving.tried(
        lambda: services.save_part(proposal.id, section, given, based_on=form.based_on(), by=g.viewer.id), proposal
    )
    if outcome.saved is None:
        uploads.forget(g.event.id, taken)
    if saving.is_quiet():
        return saving.for_script(outcome)
    if outcome.saved is None:
        _remember_files(form, stands, taken)
        if outcome.stands is not None:
            return _overtaken(proposal, offer, asked, form, outcome)
        return make_response(_page(proposal, offer, asked, form, stands, refusal=outcome.refusal), 409)
    return _saved(code, asked, refused)


def _saved(code: str, asked: Section, refused: Mapping[str, Refusal]) -> AnyResponse:
    """Where one goes from a part that was saved; back to it where something in it is wrong."""
    if "remove" in request.form:
        return redirect(url_for(".part", code=code, section=asked.code, back=request.args.get("back")), 303)
    if request.form.get("then") == "later" and not refused:
        return redirect(url_for(".one", code=code), 303)
    proposal, offer = mine(code), queries.offer(g.event.id)
    parts = queries.parts(proposal.id)
    form, problems = _as_written(proposal, offer, asked, parts)
    if wrong := {**problems, **refused}:
        form.show(wrong)
        return make_response(_page(proposal, offer, asked, form, parts.get(asked.code)), 422)
    return redirect(_next(proposal), 303)


def _as_written(
    proposal: Proposal, offer: Offer, asked: Section, parts: Mapping[str, ProposalPart]
) -> tuple[PartForm, dict[str, Refusal]]:
    """The part as it is being written, with the questions that are asked of this proposal, and what is wrong in it."""
    raw, stands = queries.raw_of(parts), parts.get(asked.code)
    judged = rules.judge(raw, form=offer.form, lang=proposal.lang, choices=offer.choices)
    form = forms.made(
        asked, offer, rules.shown_on(asked, judged.known), lang=proposal.lang, given=raw,
        revision=stands.revision if stands else 0, is_anew=True,
    )  # fmt: skip
    return form, {name: why for name, why in judged.problems.items() if name in form.names()}


def _sent_by_page(asked: Section) -> dict[str, When | None]:
    """The questions that the page showed when it was filled in: others may be asked by now, or asked no more."""
    shown = rules.open_on(asked)
    if "asked" not in request.form:
        return shown
    told = set(request.form["asked"].split())
    return {code: when for code, when in shown.items() if code in told}


def _files(proposal: Proposal, form: PartForm) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """The files that came with the page, kept: (answers, refusals). Nothing is taken while somebody types or may not write."""
    if not form.has_files or saving.is_quiet() or why_not_write(proposal) is not None:
        return {}, {}
    return uploads.take(
        g.event.id, form.shown, request.files, about=proposal_uploads.about(proposal), network=limits.network(),
        remove=request.form.get("remove", ""),
    )  # fmt: skip


def _remember_files(form: PartForm, stands: ProposalPart | None, taken: Mapping[str, Any]) -> None:
    """The page was not saved: the files are those of before, and what came with it is to be chosen again."""
    answers = stands.answers if stands is not None else {}
    form.files = {question.code: answers.get(judging.field_name(question.code)) for question in form.shown}
    form.show({name: Refusal("proposal.file_again") for name, value in taken.items() if value})


def _section(offer: Offer, code: str) -> Section:
    section = offer.form.section(code)
    return section if section is not None and any(question.is_asked for question in section.questions) else abort(404)


def _next(proposal: Proposal) -> str:
    """Back to the check, else to the tasks."""
    return url_for(".check" if request.args.get("back") == "check" else ".one", code=proposal.code)


def _overtaken(proposal: Proposal, offer: Offer, asked: Section, form: PartForm, outcome: Outcome) -> AnyResponse:
    """Both texts, side by side: theirs as it stands now, mine to go on with. Saving again is knowing."""
    stands = outcome.stands
    assert stands is not None
    form.revision.data = str(stands.revision)
    theirs = [
        (name, label, forms.said(name, their, offer), forms.said(name, my, offer))
        for name, label, their, my in saving.side_by_side(form.raw(), stands, lambda name: forms.field_label(name, offer))
    ]
    return make_response(_page(proposal, offer, asked, form, stands, overtaken=outcome.said, theirs=theirs), 409)


def _page(
    proposal: Proposal, offer: Offer, asked: Section, form: PartForm, stands: ProposalPart | Standing | None, **more: Any
) -> str:
    refusal = why_not_write(proposal)
    others = [lang for lang in LANGS if lang != proposal.lang]
    texts = [question.code for question in form.shown if question.code in standard.WORDS]
    filled = [lang for lang in others if any(form[standard.field_of(name, lang)].data for name in texts)]
    return render_template(
        "proposals/part.html", proposal=proposal, section=asked, form=form, stands=stands, label=labels, call=call_here(),
        closed=refusals.say(refusal) if refusal else "", others=others if texts else [], filled=filled,
        limits=standard.WORDS, texts=texts, **more,
    )  # fmt: skip


@bp.get("/proposals/<code>/files/<file>")
@requires("proposal.read")
def download(code: str, file: str) -> Response:
    """A file of this proposal, as something to save and never to run."""
    proposal = mine(code)
    stored = files.find(file, event_id=g.event.id)
    if stored is None or (stored.about_kind, stored.about_ref) != proposal_uploads.about(proposal):
        abort(404)
    return files.open_for_download(stored)
