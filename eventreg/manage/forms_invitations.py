"""The forms of invitations: for whom, what they allow, until when, how often, why, when to remind; one, or a whole list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from eventreg.core import i18n, refusals, text, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, in_language
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.fields import DayField, NumberField, lines, one_line, refuse
from eventreg.people import organisations
from eventreg.people import rules as people
from eventreg.people.rules import Email
from eventreg.registration import rules
from eventreg.registration.invitations import MOST_USES, InvitationPlan
from eventreg.registration.invited_lines import Words
from eventreg.registration.labels import CATEGORY, LANGUAGE

NO_LANGUAGE = _l("Choose a language.")
NO_REASON = _l("Give the reason: it is kept with the invitation.")
GIVABLE = (*rules.GIVEN_CATEGORIES, *rules.CATEGORIES)

PASSES_DEADLINE = _l("May register after the deadline")
PASSES_LIMIT = _l("May register although all places are taken")
PASSES_MODERATION = _l("Needs no approval, where registrations are approved one by one")


def _above_capacity(params: Mapping[str, Any]) -> str:
    shown = {name: i18n.number(params[name]) for name in ("capacity", "taken", "promised")}
    known = _(
        "The venue admits %(capacity)s people: %(taken)s places are taken and %(promised)s more are promised by open "
        "invitations of this kind.", **shown,
    )  # fmt: skip
    left = ngettext("%(num)s more person can be invited past the limit.", "%(num)s more people can be invited past the limit.",
                    params["left"])  # fmt: skip
    return f"{known} {left}"


refusals.texts.update({
    "invitation.expires_after_event": _l("Enter a day no later than the last day of the meeting."),
    "invitation.one_binding": _l("Give an address or an organisation, not both: the invitation is for one or for the other."),
    "invitation.unknown_category": _l("Choose a category."),
    "invitation.remind_days": _l("Enter at most %(most)s numbers of days from 1 to %(last)s, such as 3, 7."),
    "invitation.remind_whom": _l("Only an invitation for an e-mail address can be reminded of."),
    "invitation.above_capacity": _above_capacity,
    "invited.nothing": _l("Paste the list or choose a file: one person in each line."),
    "invited.too_long": _l("At most %(most)s lines at once. Divide the list."),
    "invited.nobody": _l("Nobody of this list is left to invite."),
    "invited.not_text": _l("This file is not a text in UTF-8. Save the table as CSV (UTF-8), or paste its lines."),
    "invited.twice": _l("The same address stands in line %(line)s."),
    "invited.registered": _l("Already registered."),
    "invited.invited": _l("Already invited, and that invitation is still open."),
    "invited.cells": _l("%(count)s parts instead of four at most: address, name, language, category."),
    "invited.name_long": _l("The name is too long: at most %(limit)s characters."),
    "invited.language": _l("“%(typed)s” is none of the three languages: write ar, fr or en."),
    "invited.category": _l("“%(typed)s” is none of the categories."),
})  # fmt: skip


class _Terms(PageForm):
    """What a single invitation and a list of them have in common, and what only one of the two has, in order of the page."""

    label = StringField(
        _l("For whom"),
        [DataRequired(_l("Say for whom the invitation is.")), Length(max=120, message=_l("At most 120 characters."))],
        filters=[one_line],
    )  # fmt: skip
    guests = TextAreaField(_l("Whom to invite"))
    file = FileField(_l("Or a file with these lines"), render_kw={"accept": ".csv,.txt,text/csv,text/plain"})
    email = EmailField(_l("E-mail address"))
    organisation_name = StringField(_l("Organisation"), filters=[one_line])
    organisation_code = HiddenField()
    lang = RadioField(
        _l("Language of the invitation"), [InputRequired(NO_LANGUAGE), AnyOf(LANGS, message=NO_LANGUAGE)],
        choices=[SelectChoice(lang, LANGUAGE[lang]) for lang in LANGS], validate_choice=False,
    )  # fmt: skip
    passes_deadline = BooleanField(PASSES_DEADLINE)
    passes_limit = BooleanField(PASSES_LIMIT)
    passes_moderation = BooleanField(PASSES_MODERATION)
    category = SelectField(_l("Category given"), validate_choice=False)
    expires = DayField(_l("Last day"), [DataRequired(_l("Enter the last day on which it can be used."))])
    max_uses = NumberField(_l("How many people may use it"), [DataRequired(_l("Enter a whole number from 1 to 500."))], default="1")
    remind = StringField(_l("Remind while unused, after how many days"), filters=[one_line])
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(NO_REASON), Length(max=500, message=_l("At most 500 characters."))],
        filters=[lines],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category.choices = [("", _("The one of their sector")), *((key, str(CATEGORY[key])) for key in GIVABLE)]

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        places: dict[str, Any] = {
            "invitation.no_reason": self.reason, "invitation.expires_in_past": self.expires,
            "invitation.expires_after_event": self.expires, "invitation.uses_range": self.max_uses,
            "invitation.one_binding": self.organisation_name, "invitation.unknown_category": self.category,
            "invitation.remind_days": self.remind, "invitation.remind_whom": self.remind,
            "invitation.above_capacity": self.passes_limit,
        }  # fmt: skip
        place = self.guests if refusal.code.startswith("invited.") else places.get(refusal.code)
        refuse(self.passes_deadline if place is None else place, refusal)

    def _plan(self, zone: str, **more: Any) -> InvitationPlan | None:
        expires, days = self._expires(zone), self._remind_days()
        if self.errors or expires is None:
            return None
        return InvitationPlan(
            label=self.label.data, reason=self.reason.data, lang=self.lang.data, expires=expires, category=self.category.data or "",
            passes_deadline=self.passes_deadline.data, passes_limit=self.passes_limit.data,
            passes_moderation=self.passes_moderation.data, remind_days=days, **more,
        )  # fmt: skip

    def _expires(self, zone: str) -> times.LocalMoment | None:
        if not self.expires.data:
            return None
        try:
            return times.deadline(self.expires.data, zone)
        except Refused as refused:
            refuse(self.expires, refused.refusal)
            return None

    def _remind_days(self) -> tuple[int, ...]:
        """'3, 7' as numbers; what is no number becomes one that the service refuses."""
        parts = [part for part in re.split(r"[\s,;،]+", self.remind.data or "") if part]
        return tuple(sorted({int(part) if re.fullmatch(r"\d{1,4}", part) else 0 for part in parts}))


class InvitationForm(_Terms):
    """An invitation to be made; `plan` reads it."""

    guests = None
    file = None

    def plan(self, zone: str) -> InvitationPlan | None:
        """The invitation that was described, or None: then every problem stands at its field."""
        self.validate()
        if not (self.passes_deadline.data or self.passes_limit.data or self.passes_moderation.data or self.category.data):
            refuse(self.passes_deadline, Refusal("invitation.no_right"))
        email, organisation_id, uses = self._email(), self._organisation(), self._uses()
        return self._plan(zone, email=email, organisation_id=organisation_id, max_uses=uses)

    def _email(self) -> Email | None:
        if not (self.email.data or "").strip():
            return None
        try:
            return people.email_address(self.email.data)
        except Refused as refused:
            refuse(self.email, refused.refusal)
            return None

    def _organisation(self) -> int | None:
        """The known organisation that was named: by choice from the suggestions, or by any of its names."""
        if not self.organisation_name.data:
            return None
        found = organisations.named(self.organisation_code.data or "", self.organisation_name.data)
        if len(found) == 1:
            return found[0].id
        if found:
            refuse(self.organisation_name, _("Several organisations bear this name. Choose one of the suggestions."))
        else:
            refuse(self.organisation_name, _("No known organisation bears this name. Choose one of the suggestions."))
        return None

    def _uses(self) -> int | None:
        try:
            return self.max_uses.number(least=1, most=MOST_USES)
        except ValidationError as error:
            refuse(self.max_uses, str(error))
            return None


class InvitedListForm(_Terms):
    """Many invitations to be made from lines "address; name; language; category"."""

    email = None
    organisation_name = None
    organisation_code = None
    max_uses = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label.label.text = _("Name of this list")
        self.lang.label.text = _("Language, where a line names none")
        self.category.label.text = _("Category, where a line names none")
        if self.is_submitted() and (upload := request.files.get("file")) and upload.filename:
            self._take(upload.read())

    def _take(self, data: bytes) -> None:
        """The lines of a file take the place of what was pasted, so that the page shows them and they can be corrected."""
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            self.guests.data = data.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            self._unreadable = True

    _unreadable = False

    def plan(self, zone: str) -> InvitationPlan | None:
        """What all invitations of the list have in common, or None: then every problem stands at its field."""
        self.validate()
        if self._unreadable:
            refuse(self.file, Refusal("invited.not_text"))
        return self._plan(zone)

    def words(self) -> Words:
        """How languages and categories may be written in the list: by our keys, or by their names in three languages."""
        return Words(_names(LANGUAGE), _names({key: CATEGORY[key] for key in GIVABLE}), self.lang.data, self.category.data or "")


def _names(labels: Mapping[str, Any]) -> dict[str, str]:
    found = {text.fold(key.replace("_", " ")): key for key in labels}
    for lang in LANGS:
        with in_language(lang):
            found |= {text.fold(str(words)): key for key, words in labels.items()}
    return found
