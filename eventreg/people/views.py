"""Sign in, sign out, and the page of one's own account."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from eventreg.core import clock, i18n, limits, links, pace, refusals, tokens, urls
from eventreg.core.access import requires
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import (
    account,
    refusal_texts,  # noqa: F401 (its words are registered by importing it)
    rules,
    services,
    session,
)
from eventreg.people.forms import PasswordForm, SignInForm
from eventreg.people.services import SignedIn

bp = Blueprint("people", __name__, url_prefix="/<any(ar,fr,en):lang>")

# Keys of the browser's own form session: which address a link was asked for; which sign-in was opened by a link.
_SENT, _BY_LINK = "sign_in_sent", "by_link"


# ---- sign in ---------------------------------------------------------------------------------------------------------


@bp.get("/sign-in")
@requires("public.read")
def sign_in() -> ResponseReturnValue:
    """Ask who it is; who is already signed in goes where they wanted to go."""
    if session.is_full():
        return redirect(_own(request.args.get("next")), 303)
    return render_template("people/sign_in.html", form=SignInForm(data={"next": request.args.get("next", "")}))


@bp.post("/sign-in")
@requires("public.read")
def sign_in_now() -> ResponseReturnValue:
    """With a password: in. Without: a link by mail, and the same answer whether the address is known or not."""
    form = SignInForm(data={"next": request.args.get("next", "")})
    if not form.validate() or form.address is None:
        return render_template("people/sign_in.html", form=form), 422
    try:
        if form.password.data and request.form.get("way") != "link":
            return _with_password(form.address, form.password.data, wanted=form.next.data)
        return _with_link(form.address, wanted=form.next.data)
    except Refused as refused:
        form.show(refused.refusal)
        return render_template("people/sign_in.html", form=form), *_answer(refused.refusal)


def _with_password(address: rules.Email, password: str, *, wanted: str | None) -> Response:
    signed_in = services.sign_in(address, password, network=limits.network(), agent=_agent())
    return _welcome(signed_in, wanted)


def _with_link(address: rules.Email, *, wanted: str | None) -> Response:
    wanted = wanted if urls.is_own_path(wanted) else ""
    with pace.levelled():
        services.send_sign_in_link(address, lang=i18n.page_lang(), network=limits.network(), next_path=wanted or "")
    form_session[_SENT] = {"email": address.address, "next": wanted}
    return redirect(url_for("people.sent"), 303)


@bp.get("/sign-in/sent")
@requires("public.read")
def sent() -> ResponseReturnValue:
    """What to do now; says the same for every address."""
    asked = form_session.get(_SENT)
    if asked is None:
        return redirect(url_for("people.sign_in"), 303)
    minutes = int(services.LINK_LASTS.total_seconds() // 60)
    return render_template("people/sent.html", email=asked["email"], next=asked["next"], minutes=minutes)


@bp.get("/sign-in/<token>")
@requires("public.read")
def use_link(token: str) -> ResponseReturnValue:
    """One button. Opening the page uses nothing up: mail scanners open every link."""
    link = links.find(token)
    state = link.state(clock.now()) if link is not None and link.purpose == "sign_in" else "unknown"
    if state != "open":
        return _link_ended(Refusal(f"people.link_{state}"))
    return render_template("people/use_link.html")


@bp.post("/sign-in/<token>")
@requires("public.read")
def use_link_now(token: str) -> ResponseReturnValue:
    """The button was pressed: the link is used up and the browser is signed in."""
    try:
        signed_in, wanted = services.use_sign_in_link(token, agent=_agent())
    except Refused as refused:
        return _link_ended(refused.refusal)
    answer = _welcome(signed_in, wanted)
    form_session[_BY_LINK] = tokens.hash_secret(signed_in.secret)
    return answer


def _link_ended(refusal: Refusal) -> tuple[str, int]:
    page = render_template("people/link_ended.html", words=refusals.say(refusal))
    return page, 404 if refusal.code == "people.link_unknown" else 410


def _welcome(signed_in: SignedIn, wanted: str | None) -> Response:
    """Hand out the new cookie; what this browser held before is over, so that no planted session lives on."""
    if g.sign_in is not None:
        services.sign_out(request.cookies[session.COOKIE])
    form_session.clear()
    target = wanted if urls.is_own_path(wanted) else _desk_of(signed_in.person_id)
    return session.keep(redirect(_own(target), 303), signed_in)


def _own(wanted: str | None) -> str:
    """Where the person wanted to go, if that is in this house; else the first page."""
    return wanted if wanted and urls.is_own_path(wanted) else url_for("transparency_root.events")


def _desk_of(person_id: int) -> str | None:
    """Where somebody with one role in one meeting works: the organiser's first page, or the door."""
    work = {"OR": "manage.today", "CI": "checkin.scan"}
    found = [(slug, work[role]) for slug, role in services.roles_in_events(person_id) if role in work]
    return url_for(found[0][1], event=found[0][0]) if len(found) == 1 else None


def _agent() -> str:
    return request.user_agent.string


def _answer(refusal: Refusal) -> tuple[int, dict[str, str]]:
    """Status and headers of a refused form: tried too often tells programs, too, how long to wait."""
    if refusal.code in ("limits.too_many", "people.too_many_passwords"):
        return 429, {"Retry-After": str(int(str(refusal.params["minutes"])) * 60)}
    return 422, {}


# ---- sign out --------------------------------------------------------------------------------------------------------


@bp.post("/sign-out")
@requires("public.read")
def sign_out() -> ResponseReturnValue:
    """End this sign-in, also one opened by a mail's link; copies of the cookie are dead."""
    if g.sign_in is not None:
        services.sign_out(request.cookies[session.COOKIE])
    form_session.clear()
    return session.forget(redirect(url_for("transparency_root.events"), 303))


# ---- my account ------------------------------------------------------------------------------------------------------


@bp.get("/account/security")
@requires("account.own")
def security() -> ResponseReturnValue:
    """Where I am signed in, and my password."""
    return _security(PasswordForm())


@bp.post("/account/security")
@requires("account.own")
def change_password() -> ResponseReturnValue:
    """Set or change my password; a change signs all other browsers out."""
    form = PasswordForm()
    if not form.validate():
        return _security(form), 422
    try:
        current = form.current.data or "" if _needs_current() else None
        renewed = account.change_password(g.viewer.id, form.new.data or "", current=current, agent=_agent())
    except Refused as refused:
        form.show(refused.refusal)
        return _security(form), *_answer(refused.refusal)
    page = redirect(url_for("people.security", saved="password"), 303)
    return session.keep(page, renewed) if renewed else page


@bp.post("/account/security/<ref>/end")
@requires("account.own")
def end_sign_in(ref: str) -> ResponseReturnValue:
    """End one of my sign-ins."""
    account.end_sign_in(g.viewer.id, ref)
    return redirect(url_for("people.security", saved="ended"), 303)


@bp.post("/account/security/end-all")
@requires("account.own")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all my sign-ins, this one too."""
    services.sign_out_everywhere(g.viewer.id)
    form_session.clear()
    return session.forget(redirect(url_for("people.sign_in"), 303))


def _security(form: PasswordForm) -> str:
    done = {"password": _("The password is set."), "ended": _("That sign-in has ended.")}
    return render_template(
        "people/security.html",
        form=form,
        saved=done.get(request.args.get("saved", "")),
        sign_ins=account.open_sign_ins(g.viewer.id, this=g.sign_in.id),
        has_password=account.has_password(g.viewer.id),
        needs_current=_needs_current(),
    )


def _needs_current() -> bool:
    """Who signed in by a mail's link minutes ago has shown who they are: so a forgotten password is replaced."""
    is_fresh = clock.now() - g.sign_in.created_at < services.LINK_LASTS
    return not (is_fresh and form_session.get(_BY_LINK) == g.sign_in.hash)
