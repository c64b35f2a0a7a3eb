"""Whom do we let in? The queue, what is prepared with its mails, the release and its quarter of an hour, what it brought."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.i18n import direction
from eventreg.core.refusals import Refused
from eventreg.manage import filters, keyset
from eventreg.manage import moderation_queries as found
from eventreg.manage.blueprint import bp
from eventreg.manage.forms import FilterForm
from eventreg.manage.forms_moderation import DecideForm, ModerationForm
from eventreg.manage.queries import countries_present
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import labels, moderation
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration, RegistrationDecision
from eventreg.registration.rules import State

Answer = Response | str | tuple[str, int]

WHICH = {
    "open": _l("To decide"),
    "prepared": _l("Prepared"),
    "released": _l("Released, not yet in force"),
    "declined": _l("Declined (second look)"),
}
VERDICT = {"yes": (_l("Yes"), "good"), "no": (_l("No"), "problem")}
OUTCOME = {
    State.CONFIRMED.value: (_l("Confirmed"), "good"),
    State.WAITLISTED.value: (_l("Waiting list"), "waiting"),
    State.DECLINED.value: (_l("Declined"), "problem"),
    "void": (_l("Left before"), "ended"),
}
_MOST_BATCHES = 2**31 - 1  # more than a column of integers holds PostgreSQL would refuse
_ASKED = ("q", "sector", "country", "day", "language", "address")


def _organiser() -> Actor:
    return actor_of(g.viewer, "organiser")


def _which() -> str:
    asked = request.args.get("which", "")
    return asked if asked in WHICH else "open"


# ---- the queue -----------------------------------------------------------------------------------------------------


@bp.get("/manage/moderation", endpoint="moderation")
@requires("registration.decide")
def queue() -> str:
    """Who waits for a decision, filtered as the address says, and the decision for those ticked or for all that match."""
    return _queue_page(DecideForm(formdata=None))


@bp.post("/manage/moderation", endpoint="moderation_prepare")
@requires("registration.decide")
def prepare() -> Answer:
    """Prepare one decision for several people: nothing leaves, nobody sees it."""
    form, wanted = DecideForm(), _wanted()
    decision = form.decision()
    chosen = found.ids(g.event.id, _which(), wanted) if form.who.data == "all" else _ticked()
    if not chosen:
        form.who.errors = [_("Tick at least one person.")]
    if decision is None or not chosen:
        return _queue_page(form), 422
    try:
        number = moderation.prepare(g.event.id, chosen, decision, by=_organiser())
    except Refused as refused:
        form.refuse(refused.refusal)
        return _queue_page(form), 422
    return redirect(url_for("manage.moderation", which=_which(), prepared=number, **wanted.as_args()), 303)


def _ticked() -> list[int]:
    return found.ids_of(g.event.id, request.form.getlist("code"))


def _wanted() -> filters.ParticipantFilter:
    asked = {name: request.args[name] for name in _ASKED if name in request.args}
    return filters.participant_filter(asked)


def _queue_page(form: DecideForm) -> str:
    which, wanted = _which(), _wanted()
    page = keyset.page_of(
        found.queue(g.event.id, which, wanted), Registration.id, kept={"which": which, **wanted.as_args()}, descending=False
    )
    form.offer(ngettext("The %(num)s person that matches", "All %(num)s that match", page.total))
    numbers = found.numbers(g.event.id)
    filter_form = FilterForm.of(wanted, days=g.event.days, present=countries_present(g.event.id), sees_needs=False)
    for name in [field.name for field in filter_form if field.name not in _ASKED]:
        del filter_form[name]
    return render_template(
        "manage/moderation.html", side=side("moderation"), page=page, form=form, filters=filter_form, which=which,
        parts=_parts(numbers, which, wanted), numbers=numbers, is_filtered=bool(wanted.as_args()), wanted=wanted,
        ticked=request.form.getlist("code"), verdict=VERDICT, category=labels.CATEGORY, batches=_batches(),
        prepared=_prepared(request.args.get("prepared", "")), standing=registrations.standing(g.event.id), outcome=OUTCOME,
        here=url_for("manage.moderation", which=which, **wanted.as_args()),
    )  # fmt: skip


def _parts(numbers: dict[str, int], which: str, wanted: filters.ParticipantFilter) -> list[dict[str, Any]]:
    return [
        {
            "label": label, "number": numbers[name], "current": name == which,
            "url": url_for("manage.moderation", which=name, **wanted.as_args()),
        }
        for name, label in WHICH.items()
    ]  # fmt: skip


def _prepared(number: str) -> str:
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return ""
    return str(
        ngettext(
            "%(num)s decision is prepared. Nobody sees it before you release it.",
            "%(num)s decisions are prepared. Nobody sees them before you release them.", int(number),
        )
    )  # fmt: skip


def _batches(number: int | None = None) -> list[dict[str, Any]]:
    now = clock.now()
    return [{"batch": batch, "is_running": batch.is_running(now)} for batch in found.batches(g.event.id, number)]


# ---- prepared, with its mails ---------------------------------------------------------------------------------------


@bp.get("/manage/moderation/release")
@requires("registration.decide")
def moderation_ready() -> str:
    """Everything that is prepared: what each decision will bring, the mail it will send, and one button."""
    return _ready_page()


@bp.post("/manage/moderation/release")
@requires("registration.decide")
def moderation_release() -> Answer:
    """Release what is prepared: it holds in a quarter of an hour."""
    try:
        batch = moderation.release(g.event.id, by=_organiser())
    except Refused as refused:
        return _ready_page(refusals.say(refused.refusal)), 409
    return redirect(url_for("manage.moderation_batch", batch=batch), 303)


def _ready_page(trouble: str = "") -> str:
    query = found.queue(g.event.id, "prepared", filters.ParticipantFilter())
    page = keyset.page_of(query, Registration.id, kept={}, descending=False)
    forecast = moderation.forecast(g.event)
    prepared = set(found.ids(g.event.id, "prepared", filters.ParticipantFilter()))
    expected = [forecast.get(number, State.DECLINED) for number in prepared]
    return render_template(
        "manage/moderation_ready.html", side=side("moderation"), page=page, trouble=trouble, verdict=VERDICT, outcome=OUTCOME,
        reason=labels.DECISION_REASON, minutes=int(moderation.UNDO.total_seconds() // 60),
        expected={name: expected.count(name) for name in (State.CONFIRMED, State.WAITLISTED, State.DECLINED)},
        will_be=lambda row: forecast.get(row.id, State.DECLINED),
    )  # fmt: skip


@bp.get("/manage/moderation/mail/<code>")
@requires("registration.decide")
def moderation_mail(code: str) -> str:
    """The mail that a decision will bring, as this person will read it."""
    registration, decision = _open_decision(code)
    subject, text, _html = moderation.preview(g.event, registration, decision)
    return render_template(
        "manage/moderation_mail.html", side=side("moderation"), registration=registration, subject=subject,
        lines=text.strip().split("\n"), mail_lang=registration.lang, mail_dir=direction(registration.lang),
        is_released=decision.released_at is not None,
    )  # fmt: skip


@bp.post("/manage/moderation/mail/<code>/take-back")
@requires("registration.decide")
def moderation_take_back(code: str) -> Answer:
    """Take a prepared decision back."""
    registration = registrations.by_code(g.event.id, code) or abort(404)
    moderation.take_back(g.event.id, registration.id, by=_organiser())
    return redirect(url_for("manage.moderation_ready"), 303)


def _open_decision(code: str) -> tuple[Registration, RegistrationDecision]:
    registration = registrations.by_code(g.event.id, code) or abort(404)
    decision = moderation.open_decision(g.event.id, registration.id) or abort(404)
    return registration, decision


# ---- released ------------------------------------------------------------------------------------------------------


@bp.get("/manage/moderation/batches/<int:batch>")
@requires("registration.decide")
def moderation_batch(batch: int) -> str:
    """A batch: how long it can be taken back, then what each decision brought."""
    return _batch_page(batch)


@bp.post("/manage/moderation/batches/<int:batch>/undo")
@requires("registration.decide")
def moderation_undo(batch: int) -> Answer:
    """Take the batch back, or the decision about one person."""
    code = request.form.get("code", "")
    one = (registrations.by_code(g.event.id, code) or abort(404)) if code else None
    if batch > _MOST_BATCHES:
        abort(404)
    try:
        moderation.undo(g.event.id, batch, by=_organiser(), registration_id=one.id if one else None)
    except Refused as refused:
        words = refusals.say(refused.refusal)
        return (_batch_page(batch, words) if _batches(batch) else _ready_page(words)), 409
    return redirect(url_for("manage.moderation_batch" if code else "manage.moderation_ready", batch=batch if code else None), 303)


def _batch_page(number: int, trouble: str = "") -> str:
    known = _batches(number) if number <= _MOST_BATCHES else []
    if not known:
        abort(404)
    page = keyset.page_of(
        found.of_batch(g.event.id, number), RegistrationDecision.id, kept={}, descending=False, endpoint="manage.moderation_batch"
    )
    return render_template(
        "manage/moderation_batch.html", side=side("moderation"), page=page, trouble=trouble, now=clock.now(), verdict=VERDICT,
        outcome=OUTCOME, reason=labels.DECISION_REASON, **known[0],
    )  # fmt: skip


# ---- whether a yes is needed ----------------------------------------------------------------------------------------


@bp.route("/manage/settings/moderation", methods=["GET", "POST"])
@requires("event.moderation")
def moderation_setting() -> Answer:
    """Whether a registration needs our yes; ending that says first what happens to those who wait for one."""
    waiting = found.numbers(g.event.id)["open"]
    form = ModerationForm(data={"moderated": g.event.moderated} if request.method == "GET" else None)
    ends = form.is_submitted() and g.event.moderated and not form.moderated.data and waiting > 0
    if ends and not form.let_in.data:
        form.let_in.errors = [
            ngettext(
                "%(num)s person waits for a decision. Without moderation they get a place within minutes, or join the waiting "
                "list. Tick the box if that is meant.",
                "%(num)s people wait for a decision. Without moderation they get a place within minutes, in order of "
                "registration, or join the waiting list where a limit is full. Tick the box if that is meant.", waiting,
            )
        ]  # fmt: skip
    elif form.is_submitted():
        moderation.switch(g.event.id, is_on=bool(form.moderated.data), by=_organiser())
        return redirect(url_for("manage.moderation_setting", done="saved"), 303)
    page = render_template(
        "manage/moderation_setting.html", side=side("moderation"), form=form, waiting=waiting, asks=ends,
        is_done=request.args.get("done") == "saved",
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200
