"""One person's pages: where they stand, their ticket, their answers, what is asked of them; and every personal link of a mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, links, qr, refusals, zellige
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.core.links import Link
from eventreg.core.refusals import Refused
from eventreg.me import links as personal
from eventreg.people import services as people
from eventreg.people import session
from eventreg.registration import changes, drafts, forms, invitations, labels, mails, queries, rules, services, tickets
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
    return abort(404)


def _to_my_page(link: Link) -> AnyResponse:
    registration = queries.by_code(g.event.id, link.ref)
    if registration is None:
        abort(404)
    services.confirm_address(registration.id)
    answer = redirect(url_for(".home"), 303)
    if session.is_full() and g.viewer.id == registration.person_id:
        return answer
    if old := request.cookies.get(session.COOKIE):
        people.sign_out(old)  # this browser becomes somebody else: the sign-in before must not live on
    lasts = link.expires_at - clock.now()
    agent = request.headers.get("User-Agent", "")
    return session.keep(answer, personal.open_own_pages(registration, lasts=lasts, agent=agent))


def _accept_invitation(link: Link) -> AnyResponse:
    invitation = invitations.opened(g.event.id, link.ref)
    begun = registration_views.current_draft()
    if begun is not None and begun.sent_at is None:
        drafts.use_invitation(begun.id, invitation.id)
        return redirect(url_for("registration.step", name="email"), 303)
    secret = drafts.start(g.event.id, lang=page_lang(), invitation_id=invitation.id)
    return registration_views.keep_draft(redirect(url_for("registration.step", name="email"), 303), secret)


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
        return render_template("me/nothing.html", phase=rules.phase(queries.window(g.event), clock.now()))
    if session.is_full() and (g.viewer.email_confirmed_at or registration.registered_at) > registration.registered_at:
        registration = services.confirm_address(registration.id)  # they signed in by a link that we mailed to them since
    ticket = queries.live_ticket(registration.id) if registration.state == State.CONFIRMED else None
    entry = queries.live_entry(registration.id) if registration.state == State.WAITLISTED else None
    return render_template(
        "me/home.html", mine=registration, ticket=ticket, entry=entry, rank=mails.rank_of(registration),
        offered=entry is not None and entry.state == Waiting.OFFERED, groups=_groups(registration),
        qr_svg=qr.svg(ticket.token) if ticket else None, seal_svg=zellige.rosette(ticket.token) if ticket else None,
        may_change=registration.state in rules.LIVE, had_place=queries.had_ticket(registration.id), label=labels,
        may_come_back=registration.state in (State.CANCELLED, State.EXPIRED) and _is_open(),
    )  # fmt: skip


def _is_open() -> bool:
    return rules.why_not_register(queries.window(g.event), clock.now()) is None


def _groups(registration: Registration) -> list[dict[str, Any]]:
    groups = registration_views.answer_groups(_raw(registration), edit=False, with_needs=session.is_full())
    for name, group in zip(rules.STEPS, groups, strict=True):
        if name != "email" and registration.state in rules.LIVE:
            group["change_url"] = url_for(".edit", part=name)
    return groups


def _raw(registration: Registration) -> dict[str, Any]:
    """A registration's answers as a form holds them; needs only for those who really signed in."""
    person = queries.person_of(registration)
    needs = queries.needs_of(registration.id) if session.is_full() else None
    names = [name for step, fields in rules.STEPS.items() if step != "email" for name in fields]
    plain = {name: getattr(registration, name) for name in names if hasattr(registration, name)}
    return plain | {
        "email": person.email or "", "organisation_code": "", "access": needs.access if needs else "",
        "diet": needs.diet if needs else "", "gender": needs.gender if needs else "",
    }  # fmt: skip


@bp.get("/me/edit")
@requires("registration.own")
def edit_all() -> AnyResponse:
    """The first part that can be changed."""
    return redirect(url_for(".edit", part="name"), 303)


@bp.get("/me/edit/<any(name,organisation,needs,consent):part>")
@requires("registration.own")
def edit(part: str) -> str:
    """Change one part of my answers."""
    return _edit_page(forms.made(part, _raw(_mine()), g.event.days))


def _edit_page(form: forms.StepForm, refusal: str = "") -> str:
    return render_template(
        f"me/edit_{form.step}.html", form=form, title=forms.TITLES[form.step], refusal=refusal, sees_needs=session.is_full()
    )


@bp.post("/me/edit")
@requires("registration.own")
def save_all() -> str | AnyResponse:
    """The parts that were sent, all at once."""
    registration = _mine()
    given: dict[str, Any] = {}
    for part, names in rules.STEPS.items():
        if part != "email" and any(name in request.form for name in names):
            given |= {name: value for name, value in forms.FORMS[part]().raw().items() if name in request.form}
    part = rules.step_of(next(iter(given), "name_latin"))
    return _write(registration, _raw(registration) | given, forms.made(part, _raw(registration) | given, g.event.days))


@bp.post("/me/edit/<any(name,organisation,needs,consent):part>")
@requires("registration.own")
def save(part: str) -> str | AnyResponse:
    """Change my answers; another sector claims a place anew, or changes nothing and says why."""
    registration = _mine()
    form = forms.FORMS[part]()
    if isinstance(form, forms.NeedsStep):
        form.offer(g.event.days)
    raw = _raw(registration)
    if not form.check(g.event.days, before=raw):
        return make_response(_edit_page(form), 422)
    return _write(registration, raw | form.raw(), form)


def _write(registration: Registration, raw: dict[str, Any], form: forms.StepForm) -> str | AnyResponse:
    try:
        answers = rules.answers(raw, days=g.event.days)
        changes.change(
            registration.id, answers, lang=page_lang(), by=people.actor_of(g.viewer), keep_needs=not session.is_full()
        )
    except rules.Incomplete as error:
        form.show(error.problems)
        return make_response(_edit_page(form, refusals.say(error.refusal)), 422)
    except Refused as error:
        return make_response(_edit_page(form, refusals.say(error.refusal)), 409)
    return redirect(url_for(".home", changed=1), 303)


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
    response.headers["Content-Disposition"] = f'attachment; filename="{g.event.slug}-ticket.pdf"'
    return response


@bp.post("/me/again")
@requires("registration.own")
def come_back() -> AnyResponse:
    """After cancelling: the same answers again, while registration is open."""
    registration = _mine()
    if registration.state not in (State.CANCELLED, State.EXPIRED):
        return redirect(url_for(".home"), 303)
    secret = drafts.again(
        registration, _raw(registration), email_key=g.viewer.email_key or "", lang=page_lang(), keeps_needs=not session.is_full()
    )
    return registration_views.keep_draft(redirect(url_for("registration.check"), 303), secret)


def title_of_state(state: str) -> str:
    """The sentence on top of my page."""
    return {
        State.CONFIRMED: _("Your registration is confirmed."),
        State.WAITLISTED: _("You are on the waiting list."),
        State.CANCELLED: _("Your registration is cancelled."),
        State.EXPIRED: _("Your registration has expired."),
        State.DECLINED: _("Your registration was declined."),
    }.get(State(state), _("Your registration was sent"))


bp.add_app_template_global(title_of_state)
