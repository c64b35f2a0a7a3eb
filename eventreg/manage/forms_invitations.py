"""The form of an invitation: for whom, what it allows, until when, how often, why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from eventreg.core import refusals, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.fields import DayField, NumberField, lines, one_line, refuse
from eventreg.people import rules as people
from eventreg.people.rules import Email
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.labels import LANGUAGE

MOST_USES = 500
NO_LANGUAGE = _l("Choose a language.")
NO_REASON = _l("Give the reason: it is kept with the invitation.")

refusals.texts.update({
    "invitation.expires_after_event": _l("Enter a day no later than the last day of the meeting."),
})  # fmt: skip

PASSES_DEADLINE = _l("May register after the deadline")
PASSES_LIMIT = _l("May register although all places are taken")


class InvitationForm(PageForm):
    """An invitation to be made; `plan` reads it."""

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
    passes_deadline = BooleanField(PASSES_DEADLINE)
    passes_limit = BooleanField(PASSES_LIMIT)
    expires = DayField(_l("Last day"), [DataRequired(_l("Enter the last day on which it can be used."))])
    max_uses = NumberField(_l("How many people may use it"), [DataRequired(_l("Enter a whole number from 1 to 500."))], default="1")
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(NO_REASON), Length(max=500, message=_l("At most 500 characters."))],
        filters=[lines],
    )  # fmt: skip

    def plan(self, zone: str) -> InvitationPlan | None:
        """The invitation that was described, or None: then every problem stands at its field."""
        self.validate()
        if not self.passes_deadline.data and not self.passes_limit.data:
            refuse(self.passes_deadline, Refusal("invitation.no_right"))
        email, expires, uses = self._email(), self._expires(zone), self._uses()
        if self.errors or expires is None or uses is None:
            return None
        return InvitationPlan(
            label=self.label.data, reason=self.reason.data, lang=self.lang.data, email=email, expires=expires,
            max_uses=uses, passes_deadline=self.passes_deadline.data, passes_limit=self.passes_limit.data,
        )  # fmt: skip

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        places = {
            "invitation.no_reason": self.reason, "invitation.expires_in_past": self.expires,
            "invitation.expires_after_event": self.expires, "invitation.uses_range": self.max_uses,
        }  # fmt: skip
        refuse(places.get(refusal.code, self.passes_deadline), refusal)

    def _email(self) -> Email | None:
        if not (self.email.data or "").strip():
            return None
        try:
            return people.email_address(self.email.data)
        except Refused as refused:
            refuse(self.email, refused.refusal)
            return None

    def _expires(self, zone: str) -> times.LocalMoment | None:
        if not self.expires.data:
            return None
        try:
            return times.deadline(self.expires.data, zone)
        except Refused as refused:
            refuse(self.expires, refused.refusal)
            return None

    def _uses(self) -> int | None:
        try:
            return self.max_uses.number(least=1, most=MOST_USES)
        except ValidationError as error:
            refuse(self.max_uses, str(error))
            return None
