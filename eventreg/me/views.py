"""One person's pages: where they stand, their ticket, their answers, what is asked of them; and every personal link of a mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, downloads, files, limits, links, qr, refusals, zellige
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.core.links import Link
from eventreg.core.questions.shape import Asked, Section
from eventreg.core.refusals import Refused
from eventreg.me import links as personal
from eventreg.me import proposal_links
from eventreg.me import proposals as my_proposals
from eventreg.people import services as people
from eventreg.people import session
from eventreg.registration import (
    answering,
    changes,
    delegations,
    drafts,
    forms,
    invitations,
    labels,
    mails,
    moderation,
    needs,
    queries,
    readable,
    rules,
    services,
    tickets,
    uploads,
)  # fmt: skip
from eventreg.registration import views as registration_views
from eventreg.registration.models import Registration
from eventreg.registration.rules import State, Waiting

bp = Blueprint("me", __name__)


# ---- the personal link of a mail ------------------------------------------------------------------------------------


@bp.get("/i/<token>")
@requires("link.open")
def open_link(token: str) -> str | AnyResponse:
    """What a link opens, behind one press: programs that read mails follow links, people press buttons."""
    link = links.find(token)
    if link is None or link.event_id != g.event.id or link.purpose not in personal.PURPOSES:
        abort(404)
    state = personal.state(link)
    if state != "open":
        return make_response(render_template("me/link_over.html", state=state, purpose=link.purpose), 410)
    return render_template("me/link.html", **personal.PURPOSES[link.purpose](link), is_somebody_else=personal.is_of_another(link))


@bp.post("/i/<token>")
@requires("link.open")
def use_link(token: str) -> AnyResponse:
    """Follow the link: to one's own page, back to a draft, or into the form with an invitation."""
    link = links.find(token)
    if link is None or link.event_id != g.event.id or personal.state(link) != "open":
        return redirect(url_for(".open_link", token=token), 303)
    if link.purpose == "registration":
        return _to_my_page(link)
    if link.purpose == "draft":
        secret = drafts.take_over(g.event.id, link.ref)
        if secret is None:
            return redirect(url_for("registration.start"), 303)
        return registration_views.keep_draft(redirect(url_for("registration.check"), 303), secret)
    if link.purpose == "invitation":
        return _accept_invitation(link)
    if link.purpose == "delegation":
        return _take_delegated_place(link, token)
    if link.purpose == "delegation_head":
        return _to_my_delegation(link)
    if link.purpose in proposal_links.PURPOSES:
        return _to_proposal(link, token)
    return abort(404)


def _to_proposal(link: Link, token: str) -> AnyResponse:
    try:
        answer = proposal_links.follow(link, _go_as)
    except Refused:  # withdrawn meanwhile: the page of the link says that it is over
        return redirect(url_for(".open_link", token=token), 303)
    return answer or redirect(url_for(".open_link", token=token, declined=1), 303)


def _go_as(person_id: int, target: str, lasts: timedelta) -> AnyResponse:
    return _as_person_for(person_id, redirect(target, 303), lasts)


def _to_my_page(link: Link) -> AnyResponse:
    registration = queries.by_code(g.event.id, link.ref)
    if registration is None:
        abort(404)
    services.confirm_address(registration.id)
    return _as_person(registration.person_id, redirect(url_for(".home"), 303), link)


def _to_my_delegation(link: Link) -> AnyResponse:
    delegation = delegations.by_code(g.event.id, link.ref) or abort(404)
    return _as_person(delegation.head_id, redirect(url_for("delegations.one", code=delegation.code), 303), link)


def _as_person(person_id: int, answer: AnyResponse, link: Link) -> AnyResponse:
    """Let this browser see the own pages of whom the link belongs to."""
    return _as_person_for(person_id, answer, link.expires_at - clock.now())


def _as_person_for(person_id: int, answer: AnyResponse, lasts: timedelta) -> AnyResponse:
    if session.is_full() and g.viewer.id == person_id:
        return answer
    if old := request.cookies.get(session.COOKIE):
        people.sign_out(old)  # this browser becomes somebody else: the sign-in before must not live on
    agent = request.headers.get("User-Agent", "")
    return session.keep(answer, personal.open_own_pages(person_id, lasts=lasts, agent=agent))


def _accept_invitation(link: Link) -> AnyResponse:
    invitation = invitations.opened(g.event.id, link.ref)
    begun = registration_views.current_draft()
    if begun is not None and begun.sent_at is None:
        drafts.use_invitation(begun.id, invitation.id)
        return redirect(url_for("registration.step", name="email"), 303)
    secret = drafts.start(g.event.id, lang=page_lang(), invitation_id=invitation.id)
    return registration_views.keep_draft(redirect(url_for("registration.step", name="email"), 303), secret)


def _take_delegated_place(link: Link, token: str) -> AnyResponse:
    try:
        secret = drafts.start_member(g.event.id, link.ref, lang=page_lang(), begun=registration_views.current_draft())
    except Refused:  # another was faster: the page of the link says that it is over
        return redirect(url_for(".open_link", token=token), 303)
    answer = redirect(url_for("registration.step", name="email"), 303)
    return registration_views.keep_draft(answer, secret) if secret else answer


# ---- my page --------------------------------------------------------------------------------------------------------


def _mine() -> Registration:
    """The viewer's own registration for this event; 404 where there is none."""
    return queries.of_person(g.event.id, g.viewer.id) or abort(404)


@bp.get("/me/")
@requires("registration.own")
def home() -> str:
    """Where I stand, my ticket, what comes next."""
    registration = queries.of_person(g.event.id, g.viewer.id)
    if registration is None:
        phase = rules.phase(queries.window(g.event), clock.now())
        mine, notes = my_proposals.of_viewer(), proposal_links.note_tasks()
        return render_template("me/nothing.html", phase=phase, proposals=mine, notes=notes)
    if session.is_full() and (g.viewer.email_confirmed_at or registration.registered_at) > registration.registered_at:
        registration = services.confirm_address(registration.id)  # they signed in by a link that we mailed to them since
    raw = answering.raw_of(registration)
    progress = answering.progress(g.event, raw, asked=None)
    ticket = queries.live_ticket(registration.id) if registration.state == State.CONFIRMED else None
    entry = queries.live_entry(registration.id) if registration.state == State.WAITLISTED else None
    return render_template(
        "me/home.html", mine=registration, ticket=ticket, entry=entry, rank=mails.rank_of(registration),
        offered=entry is not None and entry.state == Waiting.OFFERED,
        full=queries.what_is_full(g.event, queries.claims_of(registration)) if entry is not None else None,
        groups=_groups(registration, raw, progress), tasks=_tasks(registration, progress),
        qr_svg=qr.svg(ticket.token) if ticket else None, seal_svg=zellige.rosette(ticket.token) if ticket else None,
        may_change=registration.state in rules.LIVE, had_place=queries.had_ticket(registration.id), label=labels,
        readings=_readings(registration), proposals=my_proposals.of_viewer(), notes=proposal_links.note_tasks(),
        heads=delegations.headed_by(g.event.id, g.viewer.id) or delegations.may_register(g.event, g.viewer),
        decision=moderation.newest(registration.id) if registration.state == State.DECLINED else None,
        may_come_back=registration.state in (State.CANCELLED, State.EXPIRED) and _is_open(),
    )  # fmt: skip


def _is_open() -> bool:
    return rules.why_not_register(queries.window(g.event), clock.now()) is None


def _file_url(code: str) -> str:
    return url_for(".answer_file", code=code)


def _tasks(registration: Registration, progress: answering.Progress) -> list[tuple[Any, str]]:
    """Sections in which an answer is missing: what became required since, and what is asked once a place is confirmed."""
    if registration.state not in rules.LIVE:
        return []
    missing = {rules.section_of(field, progress.form) for field in progress.problems}
    sections = progress.sections()
    if registration.state == State.CONFIRMED:
        later = progress.sections(Asked.AFTER)
        missing |= {section.code for section in later if not {q.code for q in section.questions} & progress.judged.values.keys()}
        sections = sections + later
    found = [section for section in sections if section.code in missing and section.code != "email"]
    return [(forms.title_of(section), url_for(".edit", part=section.code)) for section in found]


def _readings(registration: Registration) -> list[tuple[Any, str]]:
    """Who read my needs: (instant, sentence); only for those who really signed in, as the needs themselves."""
    if not session.is_full():
        return []
    own = _("An organiser read your access and dietary needs.")
    listed = _("An organiser saw the list of those who told needs, with you in it.")
    return [(reading.at, listed if reading.is_list else own) for reading in needs.readings(registration)]


def _groups(registration: Registration, raw: dict[str, Any], progress: answering.Progress) -> list[dict[str, Any]]:
    """The answers by section; each can be changed while the registration lives."""
    groups = []
    for section in progress.sections() + (progress.sections(Asked.AFTER) if registration.state == State.CONFIRMED else []):
        group = readable.group(section, progress, raw, hide_sensitive=not session.is_full(), file_url=_file_url)
        may_change = registration.state in rules.LIVE and section.code != "email"
        groups.append(group | {"change_url": url_for(".edit", part=section.code) if may_change else None})
    return groups


@bp.get("/me/edit")
@requires("registration.own")
def edit_all() -> AnyResponse:
    """The first part that can be changed."""
    return redirect(url_for(".edit", part="name"), 303)


def _section(part: str) -> Section:
    """A section that its person can change; the address is changed by registering anew."""
    section = queries.form_of(g.event.id).section(part)
    return section if section is not None and part != "email" else abort(404)


def _form(section: Section, registration: Registration, raw: dict[str, Any]) -> tuple[forms.StepForm, answering.Progress]:
    """The form of a section and what it stands on; sensitive answers only for those who really signed in."""
    if section.asked is Asked.AFTER and registration.state != State.CONFIRMED:
        abort(404)
    progress = answering.progress(g.event, raw, asked=None)
    return forms.made(section, progress, g.event.days, given=raw, hidden=not session.is_full()), progress


@bp.get("/me/edit/<part>")
@requires("registration.own")
def edit(part: str) -> str:
    """Change one part of my answers."""
    section, registration = _section(part), _mine()
    return _edit_page(section, *_form(section, registration, answering.raw_of(registration)))


def _edit_page(section: Section, form: forms.StepForm, progress: answering.Progress, refusal: str = "") -> str:
    shown = progress.asked_on(section)
    asked = [question for question in section.questions if question.code in shown]
    hides = not session.is_full() and any(answering.is_sensitive(question) for question in asked)
    return render_template(
        "me/edit.html", form=form, section=section, progress=progress, refusal=refusal, hides_sensitive=hides
    )


@bp.post("/me/edit/<part>")
@requires("registration.own")
@files.takes_upload()
def save(part: str) -> str | AnyResponse:
    """Change my answers; another limit claims a place anew, or changes nothing and says why."""
    section, registration = _section(part), _mine()
    before = answering.raw_of(registration)
    form, _progress = _form(section, registration, before)
    taken, refused = uploads.take(
        g.event.id, form.shown, request.files, about=uploads.about(registration), network=limits.network(),
        remove=request.form.get("remove", ""),
    )  # fmt: skip
    raw = before | form.raw() | taken
    progress = answering.progress(g.event, raw, asked=None)
    wrong = {field: refusal for field, refusal in progress.problems.items() if field in form.names()} | refused
    if wrong:
        uploads.forget(g.event.id, taken)
        form.show(wrong)
        return make_response(_edit_page(section, form, progress), 422)
    answer = _write(registration, raw, section, form, progress, changed=form.names())
    if not isinstance(answer, str) and answer.status_code != 303:
        uploads.forget(g.event.id, taken)
    return answer


@bp.post("/me/edit")
@requires("registration.own")
def save_all() -> str | AnyResponse:
    """The answers that were sent, of whatever sections, all at once."""
    registration = _mine()
    before = answering.raw_of(registration)
    given: dict[str, Any] = {}
    for section in queries.form_of(g.event.id).sections:
        if section.code != "email" and (section.asked is Asked.FORM or registration.state == State.CONFIRMED):
            form, _progress = _form(section, registration, before)
            given |= {name: value for name, value in form.raw().items() if name in request.form}
    raw = before | given
    progress = answering.progress(g.event, raw, asked=None)
    first = next((field for field in progress.problems if field in given), next(iter(given), "name_latin"))
    section = _section(rules.section_of(first, progress.form))
    form = forms.made(section, progress, g.event.days, given=raw, hidden=not session.is_full())
    return _write(registration, raw, section, form, progress, changed=list(given))


def _write(
    registration: Registration, raw: dict[str, Any], section: Section, form: forms.StepForm, progress: answering.Progress,
    *, changed: list[str],
) -> str | AnyResponse:  # fmt: skip
    try:
        answers = answering.changed(g.event, raw, form=progress.form, insist=changed)
        changes.change(
            registration.id, answers, lang=page_lang(), by=people.actor_of(g.viewer), keep_needs=not session.is_full()
        )
    except rules.Incomplete as error:
        form.show(error.problems)
        return make_response(_edit_page(section, form, progress, refusals.say(error.refusal)), 422)
    except Refused as error:
        return make_response(_edit_page(section, form, progress, refusals.say(error.refusal)), 409)
    return redirect(url_for(".home", changed=1), 303)


@bp.get("/me/files/<code>")
@requires("registration.own")
def answer_file(code: str) -> Response:
    """A file that I handed in; a sensitive one only after signing in."""
    registration, needs = _mine(), None
    if session.is_full():
        needs = queries.needs_of(registration.id)
    if code not in uploads.codes_in({**registration.answers, **(needs.answers if needs else {})}):
        abort(404)
    return files.open_for_download(files.find(code, event_id=g.event.id) or abort(404))


@bp.get("/me/cancel")
@requires("registration.own")
def ask_cancel() -> str:
    """What cancelling means, and one button."""
    _mine()  # 404 for those who have none
    return render_template("me/cancel.html")


@bp.post("/me/cancel")
@requires("registration.own")
def cancel() -> AnyResponse:
    """Cancel: the place goes to the next person at once."""
    services.cancel(_mine().id, by=people.actor_of(g.viewer), reason="own")
    return redirect(url_for(".home"), 303)


@bp.post("/me/offer")
@requires("waiting.answer")
def answer_offer() -> str | AnyResponse:
    """Accept or refuse the place that is offered; what counts is the moment at which this is written down."""
    acts = {"accept": services.accept_offer, "refuse": services.refuse_offer}
    act = acts.get(request.form.get("answer", "")) or abort(400)
    try:
        act(_mine().id, by=people.actor_of(g.viewer))
    except Refused as error:
        return make_response(render_template("me/offer_over.html", why=refusals.say(error.refusal)), 409)
    return redirect(url_for(".home"), 303)


@bp.get("/me/badge")
@requires("ticket.own")
def badge() -> str:
    """My code, large, for the door; prints well."""
    registration = _mine()
    ticket = queries.live_ticket(registration.id) or abort(404)
    return render_template("me/badge.html", mine=registration, ticket=ticket, qr_svg=qr.svg(ticket.token))


@bp.get("/me/ticket.pdf")
@requires("ticket.own")
def ticket_pdf() -> Response:
    """My ticket on paper."""
    registration = _mine()
    ticket = queries.live_ticket(registration.id) or abort(404)
    response = make_response(tickets.pdf(registration, g.event, ticket))
    response.mimetype = "application/pdf"
    return downloads.attached(response, f"{g.event.slug}-ticket.pdf")


@bp.post("/me/again")
@requires("registration.own")
def come_back() -> AnyResponse:
    """After cancelling: the same answers again, while registration is open."""
    registration = _mine()
    if registration.state not in (State.CANCELLED, State.EXPIRED):
        return redirect(url_for(".home"), 303)
    raw, full = answering.raw_of(registration), session.is_full()
    if not full:  # whoever follows a link must not find them in the new form
        raw = answering.without_sensitive(raw, queries.form_of(g.event.id))
    secret = drafts.again(registration, raw, email_key=g.viewer.email_key or "", lang=page_lang(), keeps_needs=not full)
    return registration_views.keep_draft(redirect(url_for("registration.check"), 303), secret)


def title_of_state(state: str) -> str:
    """The sentence on top of my page."""
    return {
        State.CONFIRMED: _("Your registration is confirmed."),
        State.WAITLISTED: _("You are on the waiting list."),
        State.CANCELLED: _("Your registration is cancelled."),
        State.EXPIRED: _("Your registration has expired."),
        State.DECLINED: _("Your registration was declined."),
        State.SUBMITTED: _("Your registration is being considered."),
    }.get(State(state), _("Your registration was sent"))


bp.add_app_template_global(title_of_state)
