"""Which bodies come with several people? The list of delegations, a new one for a head, one with its places and its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, func, select
from werkzeug.wrappers import Response
from wtforms import EmailField, RadioField, SelectChoice, SelectField
from wtforms.validators import AnyOf, DataRequired

from eventreg.core import audit, clock, downloads, refusals, tables, text, times
from eventreg.core.access import requires
from eventreg.core.db import db, transaction
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, local, page_lang
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.tables import instant
from eventreg.events.models import Event
from eventreg.manage import actors, keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import told
from eventreg.manage.fields import DayField, one_line
from eventreg.manage.forms_invitations import GIVABLE
from eventreg.manage.people import pieces
from eventreg.manage.side import side
from eventreg.people import rules as people
from eventreg.people.models import Person
from eventreg.people.rules import Email
from eventreg.people.services import actor_of
from eventreg.registration import delegations
from eventreg.registration.delegation_forms import SEAT, DelegationForm, put
from eventreg.registration.labels import CATEGORY, LANGUAGE
from eventreg.registration.models import Delegation, DelegationPlace

Answer = Response | str | tuple[str, int]

COLUMNS = (
    "code", "name", "organisation", "country", "category", "head", "head_email", "places", "complete", "given_back",
    "names_until", "made_at",
)  # fmt: skip
DONE = {
    "made": _l("The places are kept, and the head gets a mail."),
    "given_back": _l("The place is given back."),
    "until": _l("The day is saved."),
    "mailed": _l("The head gets the link once more."),
}


class NewDelegationForm(DelegationForm):
    """An organiser keeps places for a body; its head is told by mail."""

    head = EmailField(_l("E-mail address of the head"), [DataRequired(_l("Enter the head's address."))])
    lang = RadioField(
        _l("Language of the mail"), [AnyOf(LANGS, message=_l("Choose a language."))],
        choices=[SelectChoice(lang, LANGUAGE[lang]) for lang in LANGS], validate_choice=False,
    )  # fmt: skip
    category = SelectField(_l("Category given"), validate_choice=False)
    names_until = DayField(_l("Members may be named until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang.flags.required = True
        self.category.choices = [("", _("The one of their sector")), *((key, str(CATEGORY[key])) for key in GIVABLE)]

    def head_address(self) -> Email | None:
        """The head's address, or None: then the problem stands at its field."""
        try:
            return people.email_address(self.head.data or "")
        except Refused as refused:
            if not self.head.errors:
                put(self.head, refused.refusal)
            return None

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        put(self.names_until if refusal.code == "delegation.names_after_event" else self.size, refusal)


class NamesUntilForm(PageForm):
    """Until when members may be named although registration is closed; empty: not after it."""

    names_until = DayField(_l("Members may be named until"))


def _moment(field: DayField, zone: str) -> times.LocalMoment | None:
    """The end of the day in the field, None when it is empty or wrong (then with an error)."""
    if not field.data:
        return None
    try:
        return times.deadline(field.data, zone)
    except Refused as refused:
        put(field, refused.refusal)
        return None


def _query(event_id: int, words: str) -> Select[Any]:
    """Delegations with their heads, and how many places they have, complete and given back."""
    def number(condition: Any) -> Any:
        return (
            select(func.coalesce(func.sum(case((condition, 1), else_=0)), 0))
            .where(DelegationPlace.delegation_id == Delegation.id).correlate(Delegation).scalar_subquery()
        )  # fmt: skip

    given_back = DelegationPlace.given_back_at.is_not(None)
    query = select(
        Delegation, Person, number(~given_back), number(DelegationPlace.registration_id.is_not(None)), number(given_back)
    ).join(Person, Person.id == Delegation.head_id).where(Delegation.event_id == event_id)  # fmt: skip
    for word in text.search_key(words).split():
        query = query.where(Delegation.search_key.contains(word, autoescape=True))
    return query


@bp.get("/manage/delegations", endpoint="delegations")
@requires("delegations.manage")
def list_delegations() -> str:
    """All delegations, the newest first; search by name, organisation or the head's address."""
    words = one_line(request.args.get("q"))[:100]
    page = keyset.page_of(_query(g.event.id, words), Delegation.id, kept={"q": words})
    return render_template("manage/delegations.html", side=side("delegations"), page=page, words=words, category=CATEGORY)


@bp.get("/manage/delegations.csv")
@requires("participants.export")
def delegations_export() -> FlaskResponse:
    """The same list as a table; who took it is written down first."""
    words = one_line(request.args.get("q"))[:100]
    with transaction():
        count = db.session.scalar(select(func.count()).select_from(_query(g.event.id, words).subquery()))
        facts = {"rows": count, "is_searched": bool(words)}
        by = actor_of(g.viewer, "organiser")
        event = db.session.get_one(Event, g.event.id)
        audit.record("delegations.exported", event, event_id=event.id, actor=by, facts=facts)
    file = tables.csv_file(COLUMNS, _rows(g.event.id, words))
    name = f"{g.event.slug}-delegations-{local(clock.now()):%Y-%m-%d}.csv"
    return downloads.attached(FlaskResponse(pieces(file), content_type=tables.CSV_TYPE, direct_passthrough=True), name)


def _rows(event_id: int, words: str) -> Iterator[tuple[str, ...]]:
    for found, head, kept, complete, given_back in db.session.execute(_query(event_id, words).order_by(Delegation.id.desc())):
        yield (
            found.code, found.name, found.organisation_name, found.country, found.category, head.name_in(page_lang()),
            head.email or "", str(kept), str(complete), str(given_back), instant(found.names_until_at), instant(found.created_at),
        )  # fmt: skip


@bp.route("/manage/delegations/new", methods=["GET", "POST"])
@requires("delegations.manage")
def delegation_new() -> Answer:
    """Keep places for a body; all of them or none."""
    form = NewDelegationForm(data={"lang": page_lang()} if request.method == "GET" else None)
    if form.is_submitted():
        until = _moment(form.names_until, g.event.zone)
        failed = list(form.names_until.errors)
        plan = form.plan(category=form.category.data if form.category.data in GIVABLE else "", names_until=until)
        head = form.head_address()
        form.names_until.errors = failed
        if plan is not None and head is not None and not failed:
            try:
                made = delegations.make(g.event.id, plan, head, lang=form.lang.data, by=g.viewer)
            except Refused as refused:
                form.refuse(refused.refusal)
            else:
                return redirect(url_for("manage.delegation", code=made.code, done="made"), 303)
    page = render_template("manage/delegation_new.html", side=side("delegations"), form=form)
    return (page, 422) if form.is_submitted() else page


@bp.get("/manage/delegations/<code>")
@requires("delegations.manage")
def delegation(code: str) -> Answer:
    """One delegation: its places, until when they are named, what happened."""
    return _page(_found(code))


def _page(found: Delegation, form: NamesUntilForm | None = None, refusal: str = "") -> str:
    history = audit.history(g.event.id, "delegation", found.code)
    names = actors.names([line.actor for line in history], page_lang())
    last = times.last_minute(found.names_until_at) if found.names_until_at else None
    form = form or NamesUntilForm(data={"names_until": f"{local(last, g.event.zone):%Y-%m-%d}" if last else ""})
    return render_template(
        "manage/delegation.html", side=side("delegations"), delegation=found, seats=delegations.seats(found.id), states=SEAT,
        head=db.session.get_one(Person, found.head_id), form=form, category=CATEGORY, refusal=refusal,
        history=[(line.at, names[line.actor], told(line)) for line in history], done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


@bp.post("/manage/delegations/<code>/names-until")
@requires("delegations.manage")
def delegation_until(code: str) -> Answer:
    """Let members be named after the deadline, or no longer."""
    found, form = _found(code), NamesUntilForm()
    until = _moment(form.names_until, g.event.zone)
    if not form.names_until.errors:
        try:
            delegations.set_names_until(found.id, until, by=actor_of(g.viewer, "organiser"))
        except Refused as refused:
            put(form.names_until, refused.refusal)
            found = _found(code)
        else:
            return redirect(url_for("manage.delegation", code=code, done="until"), 303)
    return _page(found, form), 422


@bp.post("/manage/delegations/<code>/mail-head")
@requires("delegations.manage")
def delegation_mail_head(code: str) -> Answer:
    """The link to the head once more."""
    delegations.mail_head(_found(code).id, by=actor_of(g.viewer, "organiser"))
    return redirect(url_for("manage.delegation", code=code, done="mailed"), 303)


@bp.post("/manage/delegations/<code>/<int:number>/give-back")
@requires("delegations.manage")
def delegation_give_back(code: str, number: int) -> Answer:
    """Give a place back to everybody."""
    found = _found(code)
    if number not in {place.number for place in delegations.places_of(found.id)}:
        abort(404)
    try:
        delegations.give_back(found.id, number, by=actor_of(g.viewer, "organiser"))
    except Refused as refused:
        return _page(_found(code), refusal=refusals.say(refused.refusal)), 409
    return redirect(url_for("manage.delegation", code=code, done="given_back"), 303)


def _found(code: str) -> Delegation:
    known = code.isascii() and code.isprintable() and len(code) <= 20
    return (delegations.by_code(g.event.id, code) if known else None) or abort(404)
