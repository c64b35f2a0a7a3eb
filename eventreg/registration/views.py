"""The registration form: start, five steps, check, done; and what the page says when it is too early, too late or full."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, countries, files, limits, pace, refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import date_span, page_lang
from eventreg.core.questions import fields, judging
from eventreg.core.questions.shape import Asked, Section
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import organisations
from eventreg.people import rules as people_rules
from eventreg.registration import answering, drafts, forms, limit_words, queries, readable, rules, services, uploads
from eventreg.registration.models import Draft, Invitation

bp = Blueprint("registration", __name__)
bp.add_app_template_filter(limit_words.full, "what_is_full")

DRAFT_COOKIE_AGE = 90 * 24 * 3600


# ---- start and the ends of the window -------------------------------------------------------------------------------


@bp.get("/register/")
@requires("registration.register")
def start() -> str | AnyResponse:
    """What is needed and what happens with it; one button."""
    draft = current_draft()
    phase = queries.phase(g.event, clock.now())
    if draft is not None and draft.sent_at is None and _may_go_on(draft):
        return render_template("registration/start.html", draft=draft, phase=phase, standing=queries.standing(g.event.id))
    if phase in {"grace", "closed"}:
        return redirect(url_for(".closed"), 303)
    return render_template("registration/start.html", draft=None, phase=phase, standing=queries.standing(g.event.id))


@bp.post("/register/")
@requires("registration.register")
def begin() -> AnyResponse:
    """Start now: a draft and its cookie, then the first step."""
    draft = current_draft()
    if draft is not None and draft.sent_at is None and _may_go_on(draft):
        return redirect(url_for(".step", name=_first_open(draft)), 303)
    try:
        secret = drafts.start(g.event.id, lang=page_lang())
    except Refused as error:
        if error.refusal.code == "registration.closed":
            return redirect(url_for(".closed"), 303)
        raise
    return keep_draft(redirect(url_for(".step", name=queries.form_of(g.event.id).sections[0].code), 303), secret)


@bp.get("/register/closed")
@requires("registration.register")
def closed() -> str | AnyResponse:
    """Registration is closed: since when, and what is still possible. Not an error."""
    if queries.phase(g.event, clock.now()) not in {"grace", "closed"}:
        return redirect(url_for(".start"), 303)
    draft = current_draft()
    kept = draft is not None and draft.sent_at is None
    return render_template("registration/closed.html", kept=kept)


# ---- the steps ------------------------------------------------------------------------------------------------------


@bp.get("/register/<name>")
@requires("registration.register")
def step(name: str) -> str | AnyResponse:
    """One step, filled with what is known."""
    section = _section(name)
    draft = _draft_or_start()
    if not isinstance(draft, Draft):
        return draft
    progress = answering.progress(g.event, draft.answers)
    return _page(forms.made(section, progress, g.event.days, given=draft.answers), draft, progress)


def _section(name: str) -> Section:
    """The section of the form at this address; 404 where there is none, or it is asked only after a place is confirmed."""
    section = queries.form_of(g.event.id).section(name)
    return section if section is not None and section.asked is Asked.FORM else abort(404)


@bp.post("/register/<name>")
@requires("registration.register")
@files.takes_upload()
def save_step(name: str) -> str | AnyResponse:
    """Keep the answers, right or wrong; go on when they hold, else say everything that is wrong at once."""
    section = _section(name)
    draft = _draft_or_start()
    if not isinstance(draft, Draft):
        return draft
    before = draft.answers
    form = forms.made(section, answering.progress(g.event, before), g.event.days, given=before)
    taken, refused = uploads.take(
        g.event.id, form.shown, request.files, about=drafts.about(draft), network=limits.network(),
        remove=request.form.get("remove", ""),
    )  # fmt: skip
    draft = drafts.save(draft.id, form.raw() | taken, lang=page_lang())
    progress = answering.progress(g.event, draft.answers)
    wrong = {field: refusal for field, refusal in progress.problems.items() if field in form.names()} | refused
    form.remember(progress)
    form.show(wrong)
    if "find" in request.form or "choose" in request.form:
        return _organisation_help(form, draft, progress)
    if "remove" in request.form:
        return _page(form, draft, progress)
    if wrong:
        return make_response(_page(form, draft, progress), 422)
    asked_before = before.get("email") == form.raw().get("email")
    if "email" in form.raw() and not asked_before and people_rules.typo_suggestion(form.raw()["email"]):
        return _page(form, draft, progress)  # asked once, never insisted on
    return redirect(_next(section, progress), 303)


def _next(section: Section, progress: answering.Progress) -> str:
    """Where one goes from a section that holds: back to the check, or to the next in which something is asked."""
    names = [other.code for other in progress.sections()]
    after = names[names.index(section.code) + 1 :] if section.code in names else []
    if request.args.get("back") == "check" or not after:
        return url_for(".check")
    return url_for(".step", name=after[0])


def _organisation_help(form: forms.StepForm, draft: Draft, progress: answering.Progress) -> str | AnyResponse:
    """The organisation picker without JavaScript: search, then choose."""
    if "organisation_name" not in form.names():
        abort(400)
    for field in form:
        field.errors = []
    found = organisations.suggestions(form.organisation_name.data or "", country=request.form.get("country", ""))
    chosen = next((s for s in found if s.code == request.form.get("choose")), None)
    if chosen is not None:
        form.organisation_name.data, form.organisation_code.data = chosen.name.in_(page_lang()), chosen.code
        form.sector.data = chosen.sector
        if "country" in form.names():
            form.country.data = chosen.country
    return _page(form, draft, progress, found=[] if chosen else found, searched=chosen is None)


def _page(form: forms.StepForm, draft: Draft, progress: answering.Progress, **more: Any) -> str:
    sections = [section.code for section in progress.sections()]
    at = sections.index(form.step) if form.step in sections else 0
    typo = None
    if "email" in form.names() and form.errors == {} and form.raw()["email"]:
        typo = people_rules.typo_suggestion(form.raw()["email"])
    return render_template(
        "registration/step.html", form=form, draft=draft, number=at + 1, total=len(sections),
        before=sections[at - 1] if at else None, section=progress.form.section(form.step), progress=progress,
        typo=typo, back_to_check=request.args.get("back") == "check", in_grace=_sends_in_grace(draft),
        face=_face(form.raw()) if "name_latin" in form.names() else None, **more,
    )  # fmt: skip


def _face(names: dict[str, Any]) -> dict[str, Any]:
    """What the badge preview shows while the form is filled."""
    lang = page_lang()
    own, other = ("name_arabic", "name_latin") if lang == "ar" else ("name_latin", "name_arabic")
    return {
        "event_name": g.event.name.in_(lang), "event_place": date_span(g.event.first_day, g.event.last_day),
        "name": names[own], "name_mirror": own,
        "name_other": names[other], "name_other_mirror": other, "organisation": None, "country": None,
        "role_label": _("Participant"), "role_label_other": "Participant" if lang == "ar" else "مشارك(ة)",
        "role_kind": "participant", "seal_svg": None, "token": None, "qr_svg": None,
        "pending": _("Your entry code will stand here once your place is confirmed."),
    }  # fmt: skip


@bp.get("/register/organisations.json")
@requires("registration.register")
def suggest() -> Response:
    """Suggestions for the organisation picker: only from the public list."""
    lang = page_lang()
    found = organisations.suggestions(request.args.get("q", "")[:100], country=request.args.get("country", ""))
    return jsonify(
        [
            {
                "label": s.name.in_(lang), "value": s.code, "sector": s.sector, "country": s.country,
                "detail": (_("also known as %(name)s", name=s.found_as) if s.found_as else countries.name(s.country, lang)),
            }
            for s in found
        ]
    )  # fmt: skip


# ---- check and send -------------------------------------------------------------------------------------------------


@bp.get("/register/check")
@requires("registration.register")
def check() -> str | AnyResponse:
    """All answers, each with its way back; what is missing stands on top as a task."""
    draft = _draft_or_start()
    if not isinstance(draft, Draft):
        return draft
    return _check_page(draft)


def _check_page(draft: Draft, refusal: str = "") -> str:
    progress = answering.progress(g.event, draft.answers)
    missing = [_task(name, why, progress) for name, why in progress.problems.items()]
    has_place = bool(draft.delegation_code) or (draft.invitation_id is not None and _invitation(draft).passes_limit)
    full = rules.Full() if has_place else queries.what_is_full(g.event, rules.claims_of(progress.facts))
    sections = progress.sections()
    return render_template(
        "registration/check.html", missing=missing, refusal=refusal, full=limit_words.full(full),
        in_grace=_sends_in_grace(draft), before=sections[-1].code,
        groups=[
            readable.group(section, progress, draft.answers) | {"change_url": url_for(".step", name=section.code, back="check")}
            for section in sections
        ],
    )  # fmt: skip


def _task(field: str, why: Refusal, progress: answering.Progress) -> tuple[str, str, str]:
    """What is still to do: in which section, where, and what is wrong there."""
    section = progress.form.section(rules.section_of(field, progress.form))
    question = progress.form.find(field.removeprefix(judging.field_name("")))
    wrong = refusals.say(why)
    if section is None:
        abort(404)
    named = f"{question.label.in_(page_lang())}: {wrong}" if question is not None and question.is_own else wrong
    return str(forms.title_of(section)), url_for(".step", name=section.code, back="check"), named


@bp.post("/register/check")
@requires("registration.register")
def send() -> str | AnyResponse:
    """Send: judged by the clock of the transaction that commits. Twice is once."""
    draft = _draft_or_start(sending=True)
    if not isinstance(draft, Draft):
        return draft
    try:
        with pace.levelled():  # a known address makes less work than a new one
            drafts.send(draft.id)
    except rules.Incomplete:
        return make_response(_check_page(_read_again()), 422)
    except Refused as error:
        if error.refusal.code == "registration.closed":
            return redirect(url_for(".closed"), 303)
        return make_response(_check_page(_read_again(), refusals.say(error.refusal)), 422)
    return redirect(url_for(".done"), 303)


@bp.get("/register/done")
@requires("registration.register")
def done() -> str | AnyResponse:
    """The same for everybody: a mail says where you stand."""
    draft = current_draft()
    if draft is None or draft.sent_at is None:
        return redirect(url_for(".start"), 303)
    email = people_rules.email_address(draft.answers["email"]).address
    again_at = drafts.resend_from(draft)
    return render_template(
        "registration/done.html", mail=_masked(email), confirmed=drafts.is_address_confirmed(draft),
        resend=clock.now() >= again_at, sent_again="again" in request.args,
    )  # fmt: skip


@bp.post("/register/done")
@requires("registration.register")
def resend() -> AnyResponse:
    """Send the mail once more; says nothing about whether there was one."""
    draft = current_draft()
    if draft is not None and draft.sent_at is not None:
        services.send_mail_again(drafts.key_of(draft))
    return redirect(url_for(".done", again=1), 303)


def _masked(email: str) -> str:
    """l…@example.org: enough to see a slip, too little for the next person at this screen."""
    local_part, _at, domain = email.rpartition("@")
    return f"{local_part[:1]}…@{domain}"


# ---- the draft of this browser --------------------------------------------------------------------------------------


def keep_draft(response: AnyResponse, secret: str) -> AnyResponse:
    """Hand the browser the key of its draft."""
    response.set_cookie(
        _cookie(), secret, max_age=DRAFT_COOKIE_AGE, httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


def _cookie() -> str:
    """One form per meeting and browser."""
    return f"draft-{g.event.slug}"


def current_draft() -> Draft | None:
    """The form that this browser has begun or sent for this meeting."""
    return drafts.find(g.event.id, request.cookies.get(_cookie(), ""))


def _draft_or_start(*, sending: bool = False) -> Draft | AnyResponse:
    """The draft to go on with; else where to go instead (start, done, closed)."""
    draft = current_draft()
    if draft is None:
        return redirect(url_for(".start"), 303)
    if draft.sent_at is not None:
        return redirect(url_for(".done"), 303)
    if not sending and not _may_go_on(draft):
        return redirect(url_for(".closed"), 303)
    return draft


def _sends_in_grace(draft: Draft) -> bool:
    """Whether only the grace lets this form be sent now."""
    passes = drafts.passes_deadline(draft, clock.now())
    return queries.phase(g.event, clock.now()) == "grace" and draft.opened_at < g.event.closes_at and not passes


def _may_go_on(draft: Draft) -> bool:
    window = queries.window(g.event)
    passes = drafts.passes_deadline(draft, clock.now())
    return rules.why_not_register(window, clock.now(), form_opened_at=draft.opened_at, passes_deadline=passes) is None


def _invitation(draft: Draft) -> Invitation:
    return db.session.get_one(Invitation, draft.invitation_id)


def _read_again() -> Draft:
    return current_draft() or abort(404)


def _first_open(draft: Draft) -> str:
    """The first section whose answers do not hold yet."""
    progress = answering.progress(g.event, draft.answers)
    wrong = {rules.section_of(field, progress.form) for field in progress.problems}
    names = [section.code for section in progress.sections()]
    return next((name for name in names if name in wrong), names[-1])


@bp.post("/register/anew")
@requires("registration.register")
def begin_anew() -> AnyResponse:
    """The address was wrong: the same answers again, with the address to correct."""
    draft = current_draft()
    if draft is None or draft.sent_at is None:
        return redirect(url_for(".start"), 303)
    secret = drafts.correct(draft.id, lang=page_lang())
    return keep_draft(redirect(url_for(".step", name="email", back="check"), 303), secret)


for name, function in {
    "title_of_section": forms.title_of, "facts_of": forms.facts_of, "when_as_data": forms.when_as_data,
    "question_hint": fields.hint, "field_name": judging.field_name, "condition_words": forms.condition_words,
}.items():  # fmt: skip
    bp.add_app_template_global(function, name)
