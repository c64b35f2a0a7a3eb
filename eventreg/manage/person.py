"""Who is this, and what happened with their registration? One page per participant, with what an organiser can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field

from eventreg.core import access, audit, countries, files, refusals, tokens
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import day_name, instant_long, page_lang
from eventreg.core.questions.shape import Asked
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import services, timeline
from eventreg.manage.blueprint import bp
from eventreg.manage.forms import CancelForm, CategoryForm, DoorNoteForm
from eventreg.manage.people import may_see_needs
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.people.services import actor_of
from eventreg.registration import answering, forms, labels, mails, needs, readable, rules, uploads
from eventreg.registration import queries as registrations
from eventreg.registration import services as registration_services
from eventreg.registration.models import Invitation, Registration

DONE = {
    "cancelled": _l("The registration is cancelled. Its place goes to the next person in line."),
    "category": _l("The category is changed."),
    "note": _l("The note for the door is kept."),
    "mailed": _l("The confirmation will be mailed again."),
    "answers": _l("The answers were changed."),
}

# what ends a registration without anybody's words
END_REASON = {
    "address": _l("the e-mail address was not confirmed in time"),
    "offer_lapsed": _l("the offered place was not answered in time"),
    "offer_refused": _l("the offered place was refused"),
    "swapped": _l("another person took the place in the delegation"),
    **labels.DECISION_REASON,
}

_SHOWN = "needs_shown"  # where the browser's own cookie keeps whose needs are shown on the next page, once


@bp.get("/manage/people/<code>")
@requires("participants.list")
def person(code: str) -> str:
    """Everything about one participant."""
    return _page(registration_or_404(code))


@bp.post("/manage/people/<code>/cancel")
@requires("registration.change")
def cancel_person(code: str) -> Any:
    """Cancel, with a reason."""
    registration, form = registration_or_404(code), CancelForm()
    return _do(
        registration, form, form.reason, done="cancelled", problem=form.problem(),
        act=lambda by: registration_services.cancel(registration.id, by=by, reason=form.why()),
    )  # fmt: skip


@bp.post("/manage/people/<code>/category")
@requires("registration.change")
def give_category(code: str) -> Any:
    """Another category, also one that nobody can choose in the form."""
    registration, form = registration_or_404(code), CategoryForm()
    return _do(
        registration, form, form.category, done="category", problem=form.problem(),
        act=lambda by: services.give_category(registration.id, form.category.data or "", by=by),
    )  # fmt: skip


@bp.post("/manage/people/<code>/door-note")
@requires("registration.change")
def note_for_door(code: str) -> Any:
    """What the door shall say."""
    registration, form = registration_or_404(code), DoorNoteForm()
    return _do(
        registration, form, form.door_note, done="note", problem=None,
        act=lambda by: services.note_for_door(registration.id, form.door_note.data or "", by=by),
    )  # fmt: skip


@bp.post("/manage/people/<code>/mail-again")
@requires("mail.send_again")
def mail_again(code: str) -> Any:
    """The confirmation once more."""
    registration = registration_or_404(code)
    return _do(
        registration, None, None, done="mailed", problem=None,
        act=lambda by: services.send_confirmation_again(registration.id, by=by),
    )  # fmt: skip


@bp.post("/manage/people/<code>/needs")
@requires("needs.read")
def show_needs(code: str) -> Any:
    """Show access and dietary needs, once; that they were read is written down first, and told to the person."""
    registration = registration_or_404(code)
    if not may_see_needs():
        abort(403)
    needs.read(registration.id, by=actor_of(g.viewer, "organiser"))
    flask_session[_SHOWN] = code
    return redirect(url_for("manage.person", code=code, _anchor="needs"), 303)


def registration_or_404(code: str) -> Registration:
    """The registration with this code here; a code of another event is as unknown as one that nobody has."""
    known = code.isascii() and code.isprintable() and len(code) <= 20
    found = registrations.by_code(g.event.id, code) if known else None
    return found or abort(404)


def _do(
    registration: Registration, form: Any, field: Field | None, *, done: str, problem: Refusal | None,
    act: Callable[[audit.Actor], Any],
) -> Any:  # fmt: skip
    """Do it and show the page anew, or say at the field why not, with everything typed kept."""
    try:
        if problem is not None:
            raise Refused(problem)
        act(actor_of(g.viewer, "organiser"))
    except Refused as refused:
        why = refusals.say(refused.refusal)
        if field is not None:
            field.errors = [why]
        return _page(registration_or_404(registration.code), form=form, trouble="" if field else why), 422
    return redirect(url_for("manage.person", code=registration.code, done=done), 303)


# ---- the page ------------------------------------------------------------------------------------------------------


def _page(registration: Registration, *, form: Any = None, trouble: str = "") -> str:
    who = registrations.person_of(registration)
    ticket, state = registrations.live_ticket(registration.id), rules.State(registration.state)
    return render_template(
        "manage/person.html", side=side("people"), registration=registration, who=who,
        name=registration.name_in(page_lang()), other=_other_name(registration),
        token=tokens.in_fours(ticket.token) if ticket else "", state=labels.STATE[state],
        family=labels.STATE_FAMILY[state], place=_place(registration), groups=_groups(registration, who),
        timeline=timeline.of(registration), needs=_needs(registration), form=form, cancel=_form(CancelForm, form),
        category=_form(CategoryForm, form, category=registration.category), trouble=trouble,
        note=_form(DoorNoteForm, form, door_note=registration.door_note), done=DONE.get(request.args.get("done", "")),
        is_live=state in rules.LIVE, sections=_answer_sections(registration) if state in rules.LIVE else [],
        ended_because=END_REASON.get(registration.end_reason, registration.end_reason),
        may_mail=_may_mail(registration, who), reprint_url=_reprint(registration),
    )  # fmt: skip


def _answer_sections(registration: Registration) -> list[tuple[Any, str]]:
    """What can be changed of somebody's answers: (title, address); the address of their mails is theirs."""
    progress = answering.progress(g.event, answering.raw_of(registration), asked=None)
    found = progress.sections() + (progress.sections(Asked.AFTER) if registration.state == rules.State.CONFIRMED else [])
    parts = [section for section in found if section.code != "email"]
    return [(forms.title_of(part), url_for("manage.person_answers", code=registration.code, part=part.code)) for part in parts]


def _form(kind: type[Any], sent: Any, **data: Any) -> Any:
    """The form just sent with its errors, or a fresh one showing what is kept."""
    return sent if isinstance(sent, kind) else kind(formdata=None, data=data)


def _other_name(registration: Registration) -> str:
    name = registration.name_in(page_lang())
    return next((other for other in (registration.name_latin, registration.name_arabic) if other and other != name), "")


def _may_mail(registration: Registration, who: Person) -> bool:
    return registration.state in rules.LIVE and bool(who.email_ascii)


def _reprint(registration: Registration) -> str | None:
    can = registration.state == rules.State.CONFIRMED and access.allows("badges.reprint")
    return url_for("badges.reprint", code=registration.code) if can else None


def _place(registration: Registration) -> str:
    """Where they stand in the waiting list, or why the registration ended."""
    if registration.state == rules.State.WAITLISTED:
        entry = registrations.live_entry(registration.id)
        if entry is not None and entry.offer_expires_at is not None and entry.state == rules.Waiting.OFFERED:
            return _("A place is theirs until %(until)s.", until=instant_long(entry.offer_expires_at))
        rank = mails.rank_of(registration)
        return _("Number %(rank)s on the waiting list.", rank=rank) if rank else ""
    if registration.ended_at is not None:
        return _("Ended on %(when)s.", when=instant_long(registration.ended_at))
    return ""


Rows = list[tuple[Any, Any]]


def _groups(registration: Registration, who: Person) -> list[dict[str, Any]]:
    return [
        {"title": _("Person"), "rows": _person_rows(registration, who)},
        {"title": _("Organisation"), "rows": _organisation_rows(registration)},
        {"title": _("Taking part"), "rows": _part_rows(registration)},
        {"title": _("Registration"), "rows": _registration_rows(registration)},
        *_own_groups(registration),
    ]


def _own_groups(registration: Registration) -> list[dict[str, Any]]:
    """What was answered to the organiser's own questions, section by section; sensitive answers are not among them."""
    form = registrations.form_of(g.event.id)
    found = []
    for section in form.sections:
        rows = readable.own_rows(section, registration.answers, sensitive=False, file_url=_file_url(registration))
        if rows:
            found.append({"title": forms.title_of(section), "rows": rows})
    return found


def _file_url(registration: Registration) -> Callable[[str], str]:
    return lambda code: url_for("manage.person_file", code=registration.code, file=code)


@bp.get("/manage/people/<code>/files/<file>")
@requires("participants.list")
def person_file(code: str, file: str) -> Any:
    """A file that this person handed in with their answers; one that is sensitive is for who may see needs."""
    registration = registration_or_404(code)
    kept = registrations.needs_of(registration.id) if may_see_needs() else None
    if file not in uploads.codes_in(registration.answers):
        if kept is None or file not in uploads.codes_in(kept.answers):
            abort(404)
        needs.read(registration.id, by=actor_of(g.viewer, "organiser"))
    return files.open_for_download(files.find(file, event_id=g.event.id) or abort(404))


def _needs(registration: Registration) -> dict[str, Any] | None:
    """Access and dietary needs, gender, sensitive own answers: None for who may not see them; `rows` once they are shown."""
    if not may_see_needs():
        return None
    is_shown = flask_session.get(_SHOWN) == registration.code
    if not is_shown:
        return {"rows": None}
    flask_session.pop(_SHOWN)
    kept = registrations.needs_of(registration.id)
    if not needs.told(kept) or kept is None:
        return {"rows": []}
    return {
        "rows": [
            (_("Access needs"), kept.access), (_("Dietary needs"), kept.diet),
            (_("Gender"), labels.GENDER.get(kept.gender, "")),
            *readable.own_rows(registrations.form_of(g.event.id), kept.answers, sensitive=True, file_url=_file_url(registration)),
        ]
    }  # fmt: skip


def _person_rows(registration: Registration, who: Person) -> Rows:
    confirmed = registration.address_confirmed_at
    return [
        (_("Name in Latin letters"), registration.name_latin),
        (_("Name in Arabic letters"), registration.name_arabic),
        (_("E-mail address"), _ltr(who.email or "")),
        (_("Address confirmed"), instant_long(confirmed) if confirmed else _("No")),
        (_("Phone"), _ltr(registration.phone)),
        (_("Country"), _filter_link(countries.name(registration.country, page_lang()), country=registration.country)),
    ]


def _organisation_rows(registration: Registration) -> Rows:
    name = registration.organisation_name
    return [
        (_("Organisation"), _filter_link(name, organisation=name)),
        (_("Sector"), labels.CATEGORY.get(registration.sector, registration.sector)),
        (_("Position"), registration.position),
        (_("Category"), labels.CATEGORY.get(registration.category, registration.category)),
    ]


def _part_rows(registration: Registration) -> Rows:
    days = [day_name(day) for day in g.event.days if day.isoformat() in registration.days]
    languages = [str(labels.LANGUAGE[lang]) for lang in registration.languages if lang in labels.LANGUAGE]
    return [
        (_("Days"), _(", ").join(days)),
        (_("Languages"), _(", ").join(languages)),
        (_("Language of mails"), labels.LANGUAGE.get(registration.lang, registration.lang)),
        (_("Visa letter"), _yes(registration.wants_visa_letter)),
        (_("Agrees to photographs"), _yes(registration.consents_photo)),
        (_("Agrees to be contacted"), _yes(registration.consents_contact)),
    ]


def _registration_rows(registration: Registration) -> Rows:
    return [
        (_("Code"), _ltr(registration.code)),
        (_("Registered"), instant_long(registration.registered_at)),
        (_("Invitation"), _invitation(registration)),
        (_("Last change"), instant_long(registration.changed_at)),
    ]


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")


def _ltr(value: str) -> Any:
    return Markup('<bdi dir="ltr">{}</bdi>').format(value) if value else ""


def _filter_link(words: str, **wanted: str) -> Markup:
    """The words, leading to everybody who has the same."""
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(url_for("manage.people", **wanted), words)


def _invitation(registration: Registration) -> Any:
    if registration.invitation_id is None:
        return _("None")
    invitation = db.session.get_one(Invitation, registration.invitation_id)
    url = url_for("manage.invitation", code=invitation.code)
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(url, invitation.label)
