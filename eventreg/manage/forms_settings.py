"""The form of the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from eventreg.core import text, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.fields import DayField, HourField, NumberField, lines, refuse

MOST_GRACE = 15  # minutes

_REASON_LENGTH = Length(max=500, message=_l("At most 500 characters."))


@dataclass(frozen=True)
class DeadlinePlan:
    """Another deadline as read from the form."""

    closes: times.LocalMoment
    reason: Text
    grace_minutes: int


class DeadlineForm(PageForm):
    """When registration closes. `which` is asked for an hour that happens twice, `closes_now` for a past moment."""

    day = DayField(_l("Last day of registration"), [DataRequired(_l("Enter the last day of registration."))])
    hour = HourField(_l("Hour"))
    which = RadioField(_l("Which of the two?"), choices=[SelectChoice("0", ""), SelectChoice("1", "")], validate_choice=False)
    closes_now = BooleanField(_l("Close registration now"))
    grace = NumberField(_l("Grace for forms opened before, in minutes"), [DataRequired(_l("Enter 0 for no grace."))])
    reason_ar = TextAreaField(_l("Reason in Arabic"), [_REASON_LENGTH], filters=[lines])
    reason_fr = TextAreaField(_l("Reason in French"), [_REASON_LENGTH], filters=[lines])
    reason_en = TextAreaField(_l("Reason in English"), [_REASON_LENGTH], filters=[lines])

    asks_which = False
    asks_closes_now = False

    def plan(self, zone: str, *, now: datetime) -> DeadlinePlan | None:
        """The deadline that was described, or None: then every problem stands at its field."""
        self.validate()
        reason = Text(ar=self.reason_ar.data, fr=self.reason_fr.data, en=self.reason_en.data)
        if not reason:
            refuse(self.reason_ar, Refusal("events.reason_missing"))
        grace, closes = self._grace(), self._closes(zone)
        if closes is not None and closes.instant <= now:
            self.asks_closes_now = True
            if not self.closes_now.data:
                refuse(self.closes_now, _("This moment is past. Tick the box if registration is to close now."))
        if self.errors or closes is None or grace is None:
            return None
        return DeadlinePlan(closes, reason, grace)

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused."""
        refuse(self.reason_ar if refusal.code == "events.reason_missing" else self.day, refusal)

    def _grace(self) -> int | None:
        try:
            return self.grace.number(least=0, most=MOST_GRACE)
        except ValidationError as error:
            refuse(self.grace, str(error))
            return None

    def _closes(self, zone: str) -> times.LocalMoment | None:
        if not self.day.data:
            return None
        try:
            hour = self.hour.iso()
        except ValidationError as error:
            refuse(self.hour, str(error))
            return None
        fold = int(self.which.data) if self.which.data in {"0", "1"} else None
        typed = f"{self.day.data}T{hour}" if hour else self.day.data
        try:
            self._offer_both(typed, zone)
            return times.deadline(typed, zone, fold=fold)
        except Refused as refused:
            self._refuse_moment(refused.refusal, has_hour=bool(hour))
            return None

    def _offer_both(self, typed: str, zone: str) -> None:
        """Keep the question open once it is asked, whatever was answered."""
        try:
            times.deadline(typed, zone)
        except Refused as refused:
            if refused.refusal.code != "times.ambiguous":
                raise
            self.asks_which = self.which.flags.required = True
            self.which.choices = [
                (value, self._reading(refused.refusal, name)) for value, name in (("0", "first"), ("1", "second"))
            ]

    @staticmethod
    def _reading(refusal: Refusal, name: str) -> str:
        """'2022-03-27 02:30, UTC+1', kept in that order inside Arabic."""
        local, offset = (text.isolate(str(refusal.params[part])) for part in ("local", name))
        return str(_("%(local)s, %(offset)s", local=local, offset=offset))

    def _refuse_moment(self, refusal: Refusal, *, has_hour: bool) -> None:
        if refusal.code == "times.ambiguous":
            refuse(self.which, refusal)
        elif refusal.code == "times.skipped" and has_hour:
            refuse(self.hour, refusal)
        else:
            refuse(self.day, refusal)
