"""One part of a proposal: written, saved as one types, and never over somebody else's words."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import files, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS
from eventreg.core.questions.shape import Kind, Section
from eventreg.proposals import forms, labels, queries, rules, saving, services, standard
from eventreg.proposals.blueprint import bp, call_here, mine, why_not_write
from eventreg.proposals.forms import PartForm
from eventreg.proposals.models import Proposal, ProposalPart
from eventreg.proposals.queries import Offer
from eventreg.proposals.saving import Outcome
from eventreg.proposals.writing import Standing


@bp.get("/proposals/<code>/part/<section>")
@requires("proposal.read")
def part(code: str, section: str) -> str:
    """One part, filled with what is being written; read only once the call is closed."""
    proposal, offer = mine(code), queries.offer(g.event.id)
    asked, parts = _section(offer, section), queries.parts(proposal.id)
    stands = parts.get(section)
    form = forms.made(
        asked, offer, lang=proposal.lang, given=stands.answers if stands else {}, revision=stands.revision if stands else 0
    )
    if stands is not None and "check" in request.args:
        form.show(_problems(proposal, offer, form))
    return _page(proposal, offer, asked, form, stands)


@bp.post("/proposals/<code>/part/<section>")
@requires("proposal.write")
def save_part(code: str, section: str) -> str | AnyResponse:
    """Keep the part as typed, then say what is wrong with it; or, when somebody else was faster, show both."""
    proposal, offer = mine(code), queries.offer(g.event.id)
    asked = _section(offer, section)
    parts = queries.parts(proposal.id)
    stands = parts.get(section)
    form = forms.made(asked, offer, lang=proposal.lang, given={}, revision=stands.revision if stands else 0)
    kept_files = {name: stands.answers[name] for name in _file_fields(asked) if stands and name in stands.answers}
    outcome = saving.tried(
        lambda: services.save_part(
            proposal.id, section, {**kept_files, **form.raw()}, based_on=form.based_on(), by=g.viewer.id
        ),
        proposal,
    )  # fmt: skip
    if saving.is_quiet():
        return saving.for_script(outcome)
    if outcome.stands is not None:
        return _overtaken(proposal, offer, asked, form, outcome)
    if outcome.saved is None:
        return make_response(_page(proposal, offer, asked, form, stands, refusal=outcome.refusal), 409)
    if request.form.get("then") == "later":
        return redirect(url_for(".one", code=code), 303)
    proposal = mine(code)
    wrong = _problems(proposal, offer, form)
    if wrong:
        form.show(wrong)
        form.revision.data = str(outcome.saved.revision)
        return make_response(_page(proposal, offer, asked, form, queries.parts(proposal.id).get(section)), 422)
    return redirect(_next(proposal, offer, section), 303)


def _section(offer: Offer, code: str) -> Section:
    section = offer.form.section(code)
    return section if section is not None and any(question.is_asked for question in section.questions) else abort(404)


def _file_fields(section: Section) -> list[str]:
    asked = [question for question in section.questions if question.kind is Kind.FILE]
    return [name for question in asked for name in rules.fields_of(question)]


def _problems(proposal: Proposal, offer: Offer, form: PartForm) -> dict[str, Any]:
    """What is wrong in this part, judged with all the others."""
    raw = queries.raw_of(queries.parts(proposal.id))
    problems = rules.parse(raw, form=offer.form, lang=proposal.lang, choices=offer.choices)[1]
    return {name: why for name, why in problems.items() if name in form.names()}


def _next(proposal: Proposal, offer: Offer, section: str) -> str:
    """Back to the check, or to the next part in which something is missing, else to the tasks."""
    if request.args.get("back") == "check":
        return url_for(".check", code=proposal.code)
    return url_for(".one", code=proposal.code)


def _overtaken(proposal: Proposal, offer: Offer, asked: Section, form: PartForm, outcome: Outcome) -> AnyResponse:
    """Both texts, side by side: theirs as it stands now, mine to go on with. Saving again is knowing."""
    stands = outcome.stands
    assert stands is not None
    form.revision.data = str(stands.revision)
    theirs = saving.side_by_side(
        form.raw(), stands, lambda name: forms.label_of(name) if name in standard.QUESTION_OF else name
    )  # fmt: skip
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
    if stored is None or (stored.about_kind, stored.about_ref) != ("proposal", proposal.code):
        abort(404)
    return files.open_for_download(stored)
