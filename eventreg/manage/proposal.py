"""One proposal as the team sees it: what was sent, who stands behind it, its versions, what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventreg.core import files, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import LANGUAGE_NAMES, instant_long
from eventreg.core.refusals import Refused
from eventreg.manage import proposal_twins, timeline
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_proposals import RestoreForm
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.proposals import labels, merging, note_queries, queries, readable, rules, services, shield, standard, uploads
from eventreg.proposals.history_views import differences
from eventreg.proposals.models import Proposal, ProposalVersion
from eventreg.proposals.queries import Offer

DONE = {
    "restored": _l("The proposal is restored. Everybody who writes it gets a mail that says so."),
    "merged": _l("The two are one now. Everybody who writes either of them gets a mail that says so."),
    "unmerged": _l("The merge is undone. Everybody who writes either of them gets a mail that says so."),
}


@bp.get("/manage/proposals/<code>", endpoint="proposal")
@requires("proposals.list")
def one_proposal(code: str) -> str:
    """The whole file: the version sent last, or the draft as it is being written."""
    return _page(proposal_or_404(code))


@bp.post("/manage/proposals/<code>/restore")
@requires("proposals.restore")
def proposal_restore(code: str) -> Any:
    """Take a withdrawal back, with a reason."""
    proposal, form = proposal_or_404(code), RestoreForm()
    try:
        if refusal := form.problem():
            raise Refused(refusal)
        services.restore(proposal.id, reason=form.why(), by=actor_of(g.viewer, "organiser"))
    except Refused as refused:
        form.reason.errors = [refusals.say(refused.refusal)]
        return _page(proposal_or_404(code), form=form), 422
    return redirect(url_for(".proposal", code=code, done="restored"), 303)


@bp.get("/manage/proposals/<code>/versions/<int:number>")
@requires("proposals.list")
def proposal_version(code: str, number: int) -> str:
    """One version that was sent, whole, and what it changed of the one before or of another."""
    proposal, now = proposal_or_404(code), queries.offer(g.event.id)
    found = queries.version(proposal.id, number) or abort(404)
    offer = queries.offer_as_sent(now, g.event.id, found)
    asked = request.args.get("against", "")
    older = queries.version(proposal.id, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else number - 1)
    was = queries.offer_as_sent(now, g.event.id, older).form if older else None
    return render_template(
        "manage/proposal_version.html", side=side("proposals"), proposal=proposal, version=found, older=older,
        numbers=range(1, proposal.version + 1),
        groups=readable.groups(found.answers, offer, lang=proposal.lang, file_url=_file_url(proposal)),
        changes=differences(older.answers, found.answers, offer, was=was) if older else [],
    )  # fmt: skip


@bp.get("/manage/proposals/<code>/files/<file>")
@requires("proposals.list")
def proposal_file(code: str, file: str) -> Response:
    """A file of this proposal, as something to save and never to run."""
    return file_of(proposal_or_404(code), file)


def file_of(proposal: Proposal, file: str) -> Response:
    """The file with this code as a download; 404 where it hangs on something else."""
    stored = files.find(file, event_id=proposal.event_id)
    if stored is None or (stored.about_kind, stored.about_ref) != uploads.about(proposal):
        abort(404)
    return files.open_for_download(stored)


def _file_url(proposal: Proposal) -> Callable[[str], str]:
    return lambda file: url_for(".proposal_file", code=proposal.code, file=file)


def proposal_or_404(code: str) -> Proposal:
    """The proposal with this code here; one of another event, or hidden from the viewer, is as unknown as one that nobody has."""
    known = code.isascii() and code.isprintable() and len(code) <= 20
    found = queries.by_code(g.event.id, code) if known else None
    return found if found is not None and not shield.is_hidden(found, g.viewer) else abort(404)


def _page(proposal: Proposal, *, form: RestoreForm | None = None) -> str:
    offer, people = queries.offer(g.event.id), queries.people(proposal.id)
    sent = queries.versions(proposal.id)
    bodies = queries.bodies(people)
    answers = _answers(proposal, sent[0][0] if sent else None)
    offer = queries.offer_as_sent(offer, g.event.id, sent[0][0]) if sent else offer
    return render_template(
        "manage/proposal.html", side=side("proposals"), proposal=proposal, label=labels, people=people, bodies=bodies,
        is_joint=rules.is_joint(bodies), sent=sent,
        groups=readable.groups(answers, offer, lang=proposal.lang, file_url=_file_url(proposal)),
        like=proposal_twins.like(proposal), facts=_facts(proposal, offer, answers), timeline=timeline.of_proposal(proposal.code),
        has_note=note_queries.has_note(proposal), merges=proposal_twins.past(of=proposal.id),
        may_merge=merging.may_merge(proposal),
        form=form, restore=form or RestoreForm(formdata=None), done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _answers(proposal: Proposal, sent: ProposalVersion | None) -> Mapping[str, Any]:
    return sent.answers if sent is not None else queries.raw_of(queries.parts(proposal.id))


def _facts(proposal: Proposal, offer: Offer, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a list says of it, in full: when, how complete, in which languages."""
    found = rules.languages_of(answers, offer.form)
    languages = "; ".join(_language(lang, lacks) for lang, lacks in found.items())
    sent = instant_long(proposal.sent_at) if proposal.sent_at else _("Not sent")
    rows = [
        (_("Code"), readable.in_language(proposal.code, "en")),
        (_("Written in"), readable.language_name(proposal.lang)),
        (_("Languages"), languages),
        (_("Begun"), instant_long(proposal.begun_at)),
        (_("Sent"), _("%(when)s, within the minutes of grace", when=sent) if proposal.in_grace else sent),
        (_("Changed last"), instant_long(proposal.changed_at)),
        (_("Answers missing in what is being written"), proposal.missing),
    ]
    if proposal.ended_at:
        rows.append((_("Ended"), instant_long(proposal.ended_at)))
        rows.append((_("Reason"), proposal.end_reason))
    return [{"title": _("About the proposal"), "rows": rows}]


def _language(lang: str, lacks: frozenset[str]) -> str:
    if not lacks:
        return _("%(language)s: complete", language=LANGUAGE_NAMES[lang])
    parts = _(", ").join(str(labels.FIELD[name]) for name in standard.WORDS if name in lacks)
    return _("%(language)s: lacks %(parts)s", language=LANGUAGE_NAMES[lang], parts=parts)
