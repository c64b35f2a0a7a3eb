"""The pages of a head of delegation: how many places there are, who has them, who is complete; name, swap, give back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.core.refusals import Refused
from eventreg.people.services import actor_of
from eventreg.registration import delegations, members, queries, tickets
from eventreg.registration.delegation_forms import SEAT, DelegationForm, MemberForm
from eventreg.registration.delegations import Seat
from eventreg.registration.models import Delegation

bp = Blueprint("delegations", __name__)

Answer = Response | str | tuple[str, int]


@bp.route("/me/delegation", methods=["GET", "POST"])
@requires("delegation.own")
def mine() -> Answer:
    """My delegations; a participant may register one where the meeting allows it."""
    form = DelegationForm(data=_known() if request.method == "GET" else None)
    may_register = delegations.may_register(g.event, g.viewer)
    if form.is_submitted() and (plan := form.plan()) is not None:
        try:
            made = delegations.register_own(g.event.id, plan, by=g.viewer)
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return redirect(url_for(".one", code=made.code, done="made"), 303)
    headed = [(found, _numbers(delegations.seats(found.id))) for found in delegations.headed_by(g.event.id, g.viewer.id)]
    page = render_template("me/delegations.html", headed=headed, form=form if may_register else None)
    return (page, 422) if form.is_submitted() else page


def _known() -> dict[str, str]:
    registration = queries.of_person(g.event.id, g.viewer.id)
    if registration is None:
        return {}
    return {name: getattr(registration, name) for name in ("country", "organisation_name", "sector")}


def _numbers(seats: list[Seat]) -> tuple[int, int]:
    """How many are complete, of how many."""
    kept = [seat for seat in seats if seat.state != "given_back"]
    return len([seat for seat in kept if seat.state == "complete"]), len(kept)


@bp.get("/me/delegation/<code>")
@requires("delegation.own")
def one(code: str) -> Answer:
    """All places of a delegation with their states."""
    return _page(_own(code))


def _page(delegation: Delegation, refusal: str = "") -> str:
    seats = delegations.seats(delegation.id)
    complete, kept = _numbers(seats)
    return render_template(
        "me/delegation.html", delegation=delegation, seats=seats, states=SEAT, complete=complete, kept=kept, refusal=refusal,
        until={seat.place.id: members.ends_at(delegation, seat.place, g.event) for seat in seats}, now=clock.now(),
        done=_done(request.args.get("done", "")),
    )  # fmt: skip


def _done(what: str) -> str:
    return {
        "made": _("The places are kept. Now say who comes."), "named": _("The person is registered."),
        "sent": _("The link is on its way."), "revoked": _("The link opens nothing any more."),
        "given_back": _("The place is given back."),
    }.get(what, "")  # fmt: skip


@bp.route("/me/delegation/<code>/<int:number>", methods=["GET", "POST"])
@requires("delegation.own")
def place(code: str, number: int) -> Answer:
    """Who has this place: name somebody, or another person instead of the one who has it."""
    delegation = _own(code)
    seat = _seat(delegation, number)
    form = MemberForm(data={"lang": page_lang()} if request.method == "GET" else None)
    if form.is_submitted() and (member := form.member()) is not None:
        try:
            delegations.name_place(delegation.id, number, member, by=actor_of(g.viewer))
        except Refused as refused:
            form.refuse(refused.refusal)
            delegation = _own(code)
            seat = _seat(delegation, number)
        else:
            return redirect(url_for(".one", code=code, done="sent" if member.email else "named"), 303)
    page = render_template("me/delegation_place.html", delegation=delegation, seat=seat, form=form, states=SEAT)
    return (page, 422) if form.is_submitted() else page


@bp.post("/me/delegation/<code>/<int:number>/resend")
@requires("delegation.own")
def resend(code: str, number: int) -> Answer:
    """The link once more."""
    return _act(code, number, delegations.resend, done="sent")


@bp.post("/me/delegation/<code>/<int:number>/revoke")
@requires("delegation.own")
def revoke(code: str, number: int) -> Answer:
    """Take the link back; the place is unnamed again."""
    return _act(code, number, delegations.take_link_back, done="revoked")


@bp.post("/me/delegation/<code>/<int:number>/give-back")
@requires("delegation.own")
def give_back(code: str, number: int) -> Answer:
    """Give the place back to everybody, for good."""
    return _act(code, number, delegations.give_back, done="given_back")


@bp.get("/me/delegation/<code>/<int:number>/ticket.pdf")
@requires("delegation.own")
def ticket(code: str, number: int) -> Response:
    """The ticket of somebody who has no address: the head hands it over."""
    seat = _seat(_own(code), number)
    registration = seat.registration
    if registration is None or not seat.place.is_named_by_head:
        abort(404)
    found = queries.live_ticket(registration.id) or abort(404)
    response = make_response(tickets.pdf(registration, g.event, found))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{g.event.slug}-{code}-{number}.pdf"'
    return response


def _act(code: str, number: int, act: Callable[..., Any], *, done: str) -> Answer:
    delegation = _own(code)
    _seat(delegation, number)
    try:
        act(delegation.id, number, by=actor_of(g.viewer))
    except Refused as refused:
        return _page(_own(code), refusals.say(refused.refusal)), 409
    return redirect(url_for(".one", code=code, done=done), 303)


def _own(code: str) -> Delegation:
    """A delegation that the viewer heads; any other is as unknown as one that nobody has."""
    found = delegations.by_code(g.event.id, code) if code.isascii() and code.isprintable() and len(code) <= 20 else None
    if found is None or found.head_id != g.viewer.id:
        abort(404)
    return found


def _seat(delegation: Delegation, number: int) -> Seat:
    return next((seat for seat in delegations.seats(delegation.id) if seat.place.number == number), None) or abort(404)
