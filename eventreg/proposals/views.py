"""The call, how one begins, and a proposal as a whole: its tasks, the check before sending, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, limits, refusals, text
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import page_lang
from eventreg.core.refusals import Refused
from eventreg.people import rules as people_rules
from eventreg.proposals import (
    beginning,
    forms,
    history_views,  # noqa: F401 (its pages are registered by importing it)
    labels,
    note_labels,
    note_queries,
    note_views,  # noqa: F401
    part_views,  # noqa: F401
    people_views,  # noqa: F401
    queries,
    readable,
    rules,
    services,
    standard,
)
from eventreg.proposals.blueprint import bp as bp
from eventreg.proposals.blueprint import call_here, late_code, late_here, late_until, mine, why_not_write
from eventreg.proposals.history_views import file_url
from eventreg.proposals.models import Proposal, ProposalPart, ProposalPerson
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Judged, Role

# ---- the call --------------------------------------------------------------------------------------------------------


@bp.get("/call/")
@requires("public.read")
def call() -> str:
    """What is asked for, until when, how it is chosen; one button."""
    here = call_here()
    offer = queries.offer(g.event.id)
    received = queries.received(g.event.id)
    own = queries.of_person(g.event.id, g.viewer.id) if g.viewer is not None else []
    return render_template(
        "proposals/call.html", call=here, phase=queries.phase(here), tracks=offer.tracks,
        formats=[one for one in offer.formats if one.is_offered], received=received, total=sum(received.values()), own=own,
        label=labels,
    )  # fmt: skip


# ---- begin -----------------------------------------------------------------------------------------------------------


@bp.get("/call/start")
@requires("public.read")
def start() -> str | AnyResponse:
    """Whom shall we write to? Who is known to this browser goes on at once."""
    if g.viewer is not None:
        return redirect(url_for(".new"), 303)
    return _start_page(forms.StartForm())


@bp.post("/call/start")
@requires("public.read")
def start_now() -> str | AnyResponse:
    """A link by mail, the same for every address."""
    form = forms.StartForm()
    try:
        email = people_rules.email_address(form.email.data or "")
        beginning.send_link(g.event.id, email, lang=page_lang(), network=limits.network(), late_code=late_code())
    except Refused as refused:
        form.email.errors = [refusals.say(refused.refusal)]
        status = 429 if refused.refusal.code == "limits.too_many" else 422
        return make_response(_start_page(form), status)
    return render_template("proposals/start_sent.html", email=email.address)


def _start_page(form: forms.StartForm) -> str:
    here = call_here()
    typo = people_rules.typo_suggestion(form.email.data) if form.email.data and not form.email.errors else None
    return render_template("proposals/start.html", form=form, call=here, phase=queries.phase(here), typo=typo)


@bp.get("/proposals/new")
@requires("proposal.write")
def new() -> str | AnyResponse:
    """Language, title and track: the draft is made of them."""
    form = forms.BeginForm(data={"lang": page_lang()})
    return _new_page(form)


@bp.post("/proposals/new")
@requires("proposal.write")
def begin() -> str | AnyResponse:
    """Make the draft; a title that they are already writing under is asked about once."""
    form = forms.BeginForm()
    offer = queries.offer(g.event.id)
    form.offer(offer)
    given = form.given()
    problems = rules.parse(given, form=offer.form, lang=form.lang.data or "", choices=offer.choices)[1]
    wanted = {standard.field_of("title", form.lang.data or ""), "track"}
    form.show({name: why for name, why in problems.items() if name in wanted})
    if form.lang.data not in ("ar", "fr", "en"):
        form.lang.errors = [_("Choose the language in which you write.")]
    if form.errors:
        return make_response(_new_page(form), 422)
    twin = _twin(form.title.data or "")
    if twin is not None and not form.anyway.data:
        form.anyway.data = "1"
        return make_response(_new_page(form, twin=twin), 409)
    try:
        proposal = services.begin(g.event.id, g.viewer.id, given, lang=form.lang.data, late_code=late_code())
    except Refused as refused:
        return make_response(_new_page(form, refusal=refusals.say(refused.refusal)), 409)
    return redirect(url_for(".one", code=proposal.code), 303)


def _twin(title: str) -> Proposal | None:
    """One of their own proposals with the same title."""
    key = text.fold(title)
    own = [proposal for proposal, _role in queries.of_person(g.event.id, g.viewer.id)]
    return next((one for one in own if key in {text.fold(words) for words in one.title.as_dict().values()}), None)


def _new_page(form: forms.BeginForm, *, twin: Proposal | None = None, refusal: str = "") -> str:
    here = call_here()
    form.offer(queries.offer(g.event.id))
    window = queries.window(here)
    why_not = rules.why_not_begin(window, clock.now(), is_late_guest=late_here() is not None) or rules.why_not_another(
        queries.led(g.event.id, g.viewer.id), here.per_person
    )
    closed = refusals.say(why_not) if why_not is not None and twin is None else ""
    return render_template("proposals/new.html", form=form, call=here, twin=twin, refusal=refusal or closed, is_closed=bool(closed))


# ---- one proposal ----------------------------------------------------------------------------------------------------


@bp.get("/proposals/<code>/")
@requires("proposal.read")
def one(code: str) -> str:
    """Its tasks while it is written, where it stands once it is sent."""
    proposal = mine(code)
    here, offer, parts = call_here(), queries.offer(g.event.id), queries.parts(proposal.id)
    people, raw = queries.people(proposal.id), queries.raw_of(parts)
    judged = rules.judge(raw, form=offer.form, lang=proposal.lang, choices=offer.choices)
    tasks = [*_tasks(proposal, offer, parts, judged, raw), _people_task(proposal, people)]
    return render_template(
        "proposals/one.html", proposal=proposal, call=here, phase=queries.phase(here), label=labels,
        closed=_closed(proposal), may_write=why_not_write(proposal) is None,
        is_lead=proposal.lead_id == g.viewer.id, tasks=_in_order(tasks), people=people,
        bodies=queries.bodies(people), is_joint=rules.is_joint(queries.bodies(people)), changed=_is_changed(proposal, judged),
        texts_in=_languages(offer, judged), steps=readable.steps(proposal, here), withdrawable=_may_withdraw(proposal),
        has_note=note_queries.has_note(proposal), note_todo=note_queries.todo_at(proposal, g.viewer.id),
        joined=queries.merged_into(proposal.id),
        into=db.session.get(Proposal, proposal.merged_into_id) if proposal.merged_into_id else None,
    )  # fmt: skip


def _closed(proposal: Proposal) -> str:
    """Why what could still be written cannot be any more; '' of a proposal that is beyond writing."""
    refusal = why_not_write(proposal)
    return refusals.say(refusal) if refusal is not None and proposal.state in rules.WRITABLE else ""


def _may_withdraw(proposal: Proposal) -> bool:
    return rules.why_not_move(proposal.state, rules.State.WITHDRAWN) is None and proposal.lead_id == g.viewer.id


def _tasks(
    proposal: Proposal, offer: Offer, parts: dict[str, ProposalPart], judged: Judged, raw: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The parts in which something is asked of this proposal, with how far each is."""
    tasks = []
    for section in offer.form.sections:
        shown = rules.shown_on(section, judged.known)
        fields = [name for one in section.questions if one.code in shown for name in rules.fields_of(one)]
        if shown:
            state = "new" if not any(raw.get(name) for name in fields) else "begun"
            state = "done" if state == "begun" and judged.problems.keys().isdisjoint(fields) else state
            tasks.append({"title": forms.title_of(section), "url": url_for(".part", code=proposal.code, section=section.code),
                          "state": state, "part": parts.get(section.code), "section": section.code})  # fmt: skip
    return tasks


def _people_task(proposal: Proposal, people: list[ProposalPerson]) -> dict[str, Any]:
    state = "done" if queries.bodies(people) else "new"
    url = url_for(".people", code=proposal.code)
    return {"title": labels.SECTION["people"], "url": url, "state": state, "part": None, "section": ""}


def _in_order(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The people, who come last, before format, languages and size where these are asked."""
    codes = [task["section"] for task in tasks]
    at = codes.index("practical") if "practical" in codes else len(tasks) - 1
    return [*tasks[:at], tasks[-1], *tasks[at:-1]]


def _is_changed(proposal: Proposal, judged: Judged) -> bool:
    """Whether something was written since it was sent."""
    if not proposal.version:
        return False
    sent = queries.version(proposal.id, proposal.version)
    return sent is not None and sent.hash != services.hash_of(judged.values)


def _languages(offer: Offer, judged: Judged) -> dict[str, list[Any]]:
    """In which languages it has texts, and which texts each lacks."""
    found = rules.languages_of(judged.values, offer.form)
    return {lang: [labels.FIELD[name] for name in standard.WORDS if name in lacks] for lang, lacks in found.items()}


# ---- check and send --------------------------------------------------------------------------------------------------


@bp.get("/proposals/<code>/check")
@requires("proposal.read")
def check(code: str) -> str:
    """All parts as they would be sent; what is missing stands on top, each with its way there."""
    return _check_page(mine(code))


@bp.post("/proposals/<code>/check")
@requires("proposal.write")
def send(code: str) -> str | AnyResponse:
    """Send it: judged by the clock of the transaction that commits."""
    proposal = mine(code)
    try:
        services.send(proposal.id, by=g.viewer.id)
    except rules.Incomplete:
        return make_response(_check_page(mine(code)), 422)
    except Refused as refused:
        return make_response(_check_page(mine(code), refusals.say(refused.refusal)), 409)
    return redirect(url_for(".one", code=code, done="sent"), 303)


def _check_page(proposal: Proposal, refusal: str = "") -> str:
    offer, parts, people = queries.offer(g.event.id), queries.parts(proposal.id), queries.people(proposal.id)
    raw = queries.raw_of(parts)
    values, problems = rules.parse(raw, form=offer.form, lang=proposal.lang, choices=offer.choices)
    missing = [
        (forms.title_of(section), readable.problem(field, problems[field], offer.form),
         url_for(".part", code=proposal.code, section=section.code) + f"#{field}")
        for section in offer.form.sections for field in rules.section_fields(section) if field in problems
    ]  # fmt: skip
    bodies = queries.bodies(people)
    if not bodies:
        missing.append((labels.SECTION["people"], refusals.say(rules.NO_BODY), url_for(".people", code=proposal.code)))
    why_not = why_not_write(proposal)

    def change(section: str) -> str:
        return url_for(".part", code=proposal.code, section=section, back="check")

    return render_template(
        "proposals/check.html", proposal=proposal, missing=missing, bodies=bodies, people=people, label=labels,
        refusal=refusal or _closed(proposal), may_send=why_not is None and not missing,
        is_lead=proposal.lead_id == g.viewer.id, may_change=why_not is None,
        waiting=[person for person in people if person.role == Role.CO_ORGANISER and person.answer == rules.Answer.INVITED],
        groups=readable.groups(
            {**raw, **values}, offer, lang=proposal.lang, url_of=change if why_not is None else None, file_url=file_url(proposal)
        ),
    )  # fmt: skip


# ---- withdraw --------------------------------------------------------------------------------------------------------


@bp.get("/proposals/<code>/withdraw")
@requires("proposal.write")
def ask_withdraw(code: str) -> str:
    """What withdrawing means, before it is done."""
    proposal = mine(code)
    if not _may_withdraw(proposal):
        abort(404)
    return render_template("proposals/withdraw.html", proposal=proposal, form=forms.WithdrawForm())


@bp.post("/proposals/<code>/withdraw")
@requires("proposal.write")
def withdraw(code: str) -> AnyResponse:
    """Take it back."""
    proposal = mine(code)
    form = forms.WithdrawForm()
    try:
        services.withdraw(proposal.id, by=g.viewer.id, reason=text.clean_text(form.reason.data or "")[:1000])
    except Refused as refused:
        words = refusals.say(refused.refusal)
        return make_response(render_template("proposals/withdraw.html", proposal=proposal, form=form, refusal=words), 409)
    return redirect(url_for(".one", code=code), 303)


for name, function in {
    "state_for_writers": labels.state_for_writers, "family_for_writers": labels.family_for_writers,
    "title_of_part": forms.title_of, "format_words": forms.format_words, "count_words": text.count_words, "late_until": late_until,
    "sector_name": readable.sector_name, "language_name": readable.language_name,
    "note_todo_words": note_labels.TODO, "paragraphs": readable.paragraphs,
}.items():  # fmt: skip
    bp.add_app_template_global(function, name)
