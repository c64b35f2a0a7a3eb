"""The forms of the call for workshops: its dates and limits, the formats it offers, its tracks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from eventreg.core import times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Track
from eventreg.events.services import LOOKS, TrackPlan
from eventreg.manage.fields import DayField, HourField, NumberField, lines, one_line, refuse
from eventreg.manage.forms_invitations import NO_LANGUAGE, NO_REASON
from eventreg.manage.forms_settings import DeadlineForm
from eventreg.people import rules as people_rules
from eventreg.proposals.calls import MOST_FORMATS, CallPlan, FormatPlan
from eventreg.proposals.late import MOST_USES, LatePlan
from eventreg.proposals.models import Call, ProposalFormat
from eventreg.registration.labels import LANGUAGE

MOST_LED = 500
IN_LANGUAGE = {"ar": _l("In Arabic"), "fr": _l("In French"), "en": _l("In English")}
_INTRO = Length(max=2000, message=_l("At most 2,000 characters."))
_NAME = Length(max=80, message=_l("At most 80 characters."))
_SUMMARY = Length(max=300, message=_l("At most 300 characters."))


class CallForm(DeadlineForm):
    """The call. `day`, `hour`, `which` and `grace` are its closing, and read like the deadline of registration."""

    opens_day = DayField(_l("First day"), [DataRequired(_l("Enter the first day of the call."))])
    opens_hour = HourField(_l("Hour of the opening"))
    day = DayField(_l("Last day"), [DataRequired(_l("Enter the last day of the call."))])
    hour = HourField(_l("Hour of the closing"))
    closes_now = BooleanField(_l("The call is to be closed"))
    intro_ar = TextAreaField(IN_LANGUAGE["ar"], [_INTRO], filters=[lines])
    intro_fr = TextAreaField(IN_LANGUAGE["fr"], [_INTRO], filters=[lines])
    intro_en = TextAreaField(IN_LANGUAGE["en"], [_INTRO], filters=[lines])
    per_person = NumberField(_l("Proposals that one person may lead"))
    per_organisation = NumberField(_l("Proposals that one organisation may lead"))
    results_on = DayField(_l("Day on which everybody is answered"))
    notes_day = DayField(_l("Last day for signed concept notes"))
    notes_hour = HourField(_l("Hour for concept notes"))

    def call_plan(self, zone: str, *, now: datetime, call: Call | None) -> CallPlan | None:
        """The call that was described, or None: then every problem stands at its field."""
        self.validate()
        opens, closes, notes = self._opens(zone), self._closes(zone), self._notes(zone)
        grace, results = self._grace(), self._results()
        per_person, per_organisation = (_number(one, least=1, most=MOST_LED) for one in (self.per_person, self.per_organisation))
        has_moved = closes is not None and (call is None or closes.instant != call.closes_at)
        if closes is not None and has_moved and closes.instant <= now:
            self.asks_closes_now = True
            if not self.closes_now.data:
                refuse(self.closes_now, _("This moment is past. Tick the box if that is meant."))
        if self.errors or opens is None or closes is None or grace is None:
            return None
        intro = Text(ar=self.intro_ar.data, fr=self.intro_fr.data, en=self.intro_en.data)
        reason = Text(ar=self.reason_ar.data, fr=self.reason_fr.data, en=self.reason_en.data)
        return CallPlan(opens, closes, grace, intro, per_person, per_organisation, results, notes, reason)

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused."""
        places = {
            "call.reason_missing": self.reason_ar, "call.results_too_early": self.results_on,
            "call.notes_too_early": self.notes_day,
        }  # fmt: skip
        refuse(places.get(refusal.code, self.day), refusal)

    def _opens(self, zone: str) -> times.LocalMoment | None:
        return moment(self.opens_day, self.opens_hour, lambda typed: times.start(typed, zone))

    def _notes(self, zone: str) -> times.LocalMoment | None:
        return moment(self.notes_day, self.notes_hour, lambda typed: times.deadline(typed, zone))

    def _results(self) -> date | None:
        if not self.results_on.data:
            return None
        try:
            return times.day(self.results_on.data)
        except Refused as refused:
            refuse(self.results_on, refused.refusal)
            return None


def moment(day: DayField, hour: HourField | None, read: Any) -> times.LocalMoment | None:
    """A day and perhaps an hour; an hour that happens twice or never is refused at the hour."""
    if not day.data:
        return None
    try:
        typed = hour.iso() if hour is not None else ""
    except ValidationError as error:
        refuse(hour, str(error))
        return None
    try:
        moment: times.LocalMoment = read(f"{day.data}T{typed}" if typed else day.data)
    except Refused as refused:
        refuse(hour if typed and refused.refusal.code in ("times.skipped", "times.ambiguous") else day, refused.refusal)
        return None
    return moment


def _number(field: NumberField, *, least: int, most: int) -> int | None:
    try:
        return field.number(least=least, most=most)
    except ValidationError as error:
        refuse(field, str(error))
        return None


# ---- formats ---------------------------------------------------------------------------------------------------------


class FormatsForm(PageForm):
    """Every format on one page, and empty lines for more. `made` adds the fields of each."""

    slugs: Sequence[str] = ()
    NEW = ("new1", "new2")

    @classmethod
    def made(cls, formats: Sequence[ProposalFormat]) -> FormatsForm:
        """The form with these formats, in their order."""
        fields: dict[str, Field] = {}
        data: dict[str, Any] = {}
        slugs = [one.slug for one in formats] + [new for new in cls.NEW if len(formats) < MOST_FORMATS]
        for slug in slugs:
            for lang in LANGS:
                fields[f"name_{lang}_{slug}"] = StringField(IN_LANGUAGE[lang], [_NAME], filters=[one_line])
            fields[f"minutes_{slug}"] = NumberField(_l("Length in minutes"))
            fields[f"rank_{slug}"] = NumberField(_l("Place in the list"))
            fields[f"offered_{slug}"] = BooleanField(_l("Offered"))
        for rank, one in enumerate(formats, start=1):
            data |= {f"name_{lang}_{one.slug}": one.name.as_dict().get(lang, "") for lang in LANGS}
            data |= {f"minutes_{one.slug}": str(one.minutes), f"rank_{one.slug}": str(rank), f"offered_{one.slug}": one.is_offered}
        found: FormatsForm = type("FormatsForm", (cls,), {**fields, "slugs": tuple(slugs)})(
            data=data if request.method == "GET" else None
        )
        return found

    def rows(self) -> list[dict[str, Any]]:
        """For the page: the fields of each format."""
        return [
            {"slug": slug, "names": [self[f"name_{lang}_{slug}"] for lang in LANGS], "minutes": self[f"minutes_{slug}"],
             "rank": self[f"rank_{slug}"], "offered": self[f"offered_{slug}"], "is_new": slug in self.NEW}
            for slug in self.slugs
        ]  # fmt: skip

    def plans(self) -> list[FormatPlan] | None:
        """What is to be offered, in order, or None: then every problem stands at its field."""
        self.validate()
        found = [(self._rank(slug), plan) for slug in self.slugs if (plan := self._plan(slug)) is not None]
        return None if self.errors else [plan for _rank, plan in sorted(found, key=lambda pair: pair[0])]

    def _plan(self, slug: str) -> FormatPlan | None:
        name = Text(**{lang: self[f"name_{lang}_{slug}"].data for lang in LANGS})
        is_new = slug in self.NEW
        if (is_new and not name and not self[f"minutes_{slug}"].data) or (not is_new and not self[f"offered_{slug}"].data):
            return None
        if not name:
            refuse(self[f"name_{LANGS[0]}_{slug}"], Refusal("call.format_no_name"))
        minutes = _number(self[f"minutes_{slug}"], least=5, most=600)
        if minutes is None and not self[f"minutes_{slug}"].errors:
            refuse(self[f"minutes_{slug}"], Refusal("call.format_minutes"))
        return FormatPlan(name, minutes or 0, "" if is_new else slug)

    def _rank(self, slug: str) -> tuple[int, int]:
        rank = _number(self[f"rank_{slug}"], least=1, most=999)
        return (rank if rank is not None else 1000, self.slugs.index(slug))


# ---- tracks ----------------------------------------------------------------------------------------------------------

LOOK_NAME = {
    "civic": _l("Green, crossing lines"), "digital": _l("Blue, fine star"), "justice": _l("Violet, wide star"),
    "integrity": _l("Red clay, steep star"),
}  # fmt: skip


class TrackForm(PageForm):
    """A track: what it is called, what it is about, which colour and pattern it has."""

    name_ar = StringField(IN_LANGUAGE["ar"], [_NAME], filters=[one_line])
    name_fr = StringField(IN_LANGUAGE["fr"], [_NAME], filters=[one_line])
    name_en = StringField(IN_LANGUAGE["en"], [_NAME], filters=[one_line])
    summary_ar = TextAreaField(IN_LANGUAGE["ar"], [_SUMMARY], filters=[lines])
    summary_fr = TextAreaField(IN_LANGUAGE["fr"], [_SUMMARY], filters=[lines])
    summary_en = TextAreaField(IN_LANGUAGE["en"], [_SUMMARY], filters=[lines])
    look = RadioField(_l("Colour and pattern"), choices=[SelectChoice(*one) for one in LOOK_NAME.items()], validate_choice=False)

    @classmethod
    def of(cls, track: Track) -> dict[str, Any]:
        """What a track is, as one would type it."""
        typed = {f"{part}_{lang}": getattr(track, part).as_dict().get(lang, "") for part in ("name", "summary") for lang in LANGS}
        return typed | {"look": track.look}

    def plan(self) -> TrackPlan | None:
        """The track that was described, or None: then every problem stands at its field."""
        self.validate()
        for lang in LANGS:
            if not self[f"name_{lang}"].data:
                refuse(self[f"name_{lang}"], Refusal("events.track_no_name"))
        if self.look.data not in LOOKS:
            refuse(self.look, Refusal("events.track_look"))
        if self.errors:
            return None
        name, summary = (Text(**{lang: self[f"{part}_{lang}"].data for lang in LANGS}) for part in ("name", "summary"))
        return TrackPlan(name, summary, self.look.data)


# ---- invitations past the closing ------------------------------------------------------------------------------------


class LateForm(PageForm):
    """Somebody who may propose after the closing; `plan` reads it."""

    label = StringField(
        _l("For whom"),
        [DataRequired(_l("Say for whom the invitation is.")), Length(max=120, message=_l("At most 120 characters."))],
        filters=[one_line],
    )  # fmt: skip
    email = EmailField(_l("E-mail address"))
    lang = RadioField(
        _l("Language of the invitation"), [InputRequired(NO_LANGUAGE), AnyOf(LANGS, message=NO_LANGUAGE)],
        choices=[SelectChoice(lang, LANGUAGE[lang]) for lang in LANGS], validate_choice=False,
    )  # fmt: skip
    expires = DayField(_l("Last day"), [DataRequired(_l("Enter the last day on which it can be used."))])
    max_uses = NumberField(_l("How many proposals may be begun with it"))
    reason = TextAreaField(
        _l("Reason"), [DataRequired(NO_REASON), Length(max=500, message=_l("At most 500 characters."))], filters=[lines]
    )

    def plan(self, zone: str) -> LatePlan | None:
        """The invitation that was described, or None: then every problem stands at its field."""
        self.validate()
        expires = moment(self.expires, None, lambda typed: times.deadline(typed, zone))
        uses = _number(self.max_uses, least=1, most=MOST_USES) if self.max_uses.data else 1
        email = None
        if (self.email.data or "").strip():
            try:
                email = people_rules.email_address(self.email.data)
            except Refused as refused:
                refuse(self.email, refused.refusal)
        if self.errors or expires is None or uses is None:
            return None
        return LatePlan(self.label.data, self.reason.data, self.lang.data, expires, uses, email)

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        places = {"invitation.no_reason": self.reason, "late.uses_range": self.max_uses}
        refuse(places.get(refusal.code, self.expires), refusal)


def pressed() -> tuple[str, str]:
    """Which button of a list was pressed: "up:t1" as ("up", "t1")."""
    do, _colon, slug = request.form.get("do", "").partition(":")
    return do, slug
