"""One part of a proposal: written, saved as one types, and never over somebody else's words."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import files, refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import LANGS, hour, page_lang
from eventreg.core.questions.shape import Kind, Section
from eventreg.core.refusals import Refused
from eventreg.people.models import Person
from eventreg.proposals import forms, labels, queries, rules, services, standard
from eventreg.proposals.blueprint import bp, call_here, mine, why_not_write
from eventreg.proposals.forms import PartForm
from eventreg.proposals.models import Proposal, ProposalPart
from eventreg.proposals.queries import Offer
from eventreg.proposals.services import Overtaken, Saved, Standing


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
    is_quiet = request.accept_mimetypes.best == "application/json"
    try:
        saved = services.save_part(
            proposal.id, section, {**kept_files, **form.raw()}, based_on=form.based_on(), by=g.viewer.id
        )
    except Overtaken as overtaken:
        return _overtaken(proposal, offer, asked, form, overtaken.now, is_quiet=is_quiet)
    except Refused as refused:
        words = refusals.say(refused.refusal)
        if is_quiet:
            return make_response(jsonify({"refused": words}), 409)
        return make_response(_page(proposal, offer, asked, form, stands, refusal=words), 409)
    if is_quiet:
        return _saved_answer(saved)
    if request.form.get("then") == "later":
        return redirect(url_for(".one", code=code), 303)
    proposal = mine(code)
    wrong = _problems(proposal, offer, form)
    if wrong:
        form.show(wrong)
        form.revision.data = str(saved.revision)
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


def _saved_answer(saved: Saved) -> AnyResponse:
    """For the page's script: the revision on which one writes from now on, and what the page says."""
    return jsonify({"revision": saved.revision, "said": _("Saved at %(hour)s", hour=hour(saved.at)), "missing": saved.missing})


def _next(proposal: Proposal, offer: Offer, section: str) -> str:
    """Back to the check, or to the next part in which something is missing, else to the tasks."""
    if request.args.get("back") == "check":
        return url_for(".check", code=proposal.code)
    return url_for(".one", code=proposal.code)


def _overtaken(
    proposal: Proposal, offer: Offer, asked: Section, form: PartForm, stands: Standing, *, is_quiet: bool
) -> AnyResponse:
    """Both texts, side by side: theirs as it stands now, mine to go on with. Saving again is knowing."""
    by = db.session.get_one(Person, stands.changed_by_id)
    mine_ = queries.writer(proposal.id, stands.changed_by_id)
    body = (mine_.organisation_name or mine_.name if mine_ else "") or by.name_in(page_lang())
    said = _("Changed by %(body)s at %(hour)s.", body=body, hour=hour(stands.changed_at))
    if is_quiet:
        return make_response(jsonify({"overtaken": said}), 409)
    form.revision.data = str(stands.revision)
    theirs = [
        (name, forms.label_of(name) if name in standard.QUESTION_OF else name, stands.answers.get(name, ""), typed)
        for name, typed in form.raw().items()
        if stands.answers.get(name, "") != typed
    ]
    page = _page(proposal, offer, asked, form, stands, overtaken=said, theirs=theirs)
    return make_response(page, 409)


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
