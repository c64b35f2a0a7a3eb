"""The forms of moderation: one decision for several people, and whether a yes is needed at all."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, TextAreaField

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.core.refusals import Refusal
from eventreg.manage.fields import lines, refuse
from eventreg.registration.labels import DECISION_REASON
from eventreg.registration.moderation import Decision
from eventreg.registration.rules import Verdict

refusals.texts.update(
    {
        "moderation.reason_missing": _l("Choose the reason: the person reads it in their language."),
        "moderation.words_missing": _l("Write the reason in your own words: this decision needs them."),
        "moderation.nothing_prepared": _l("Nothing is prepared, so there is nothing to release."),
        "moderation.too_late": _l("The time to take it back is over, or it was taken back already."),
    }
)

_FIELD_OF = {"moderation.reason_missing": "reason", "moderation.words_missing": "words", "answers.too_long": "words"}


class DecideForm(PageForm):
    """Yes or no, why, and for whom: those ticked, or all that match the filter."""

    who = RadioField(_l("Whom it is about"), validate_choice=False, default="ticked")
    verdict = RadioField(_l("Decision"), validate_choice=False)
    reason = SelectField(_l("Reason"), validate_choice=False)
    words = TextAreaField(_l("In your own words"), filters=[lines])

    def offer(self, total: str) -> None:
        """Fill the choices in the reader's language; `total` says how many match."""
        self.who.choices = [("ticked", _("Those ticked on this page")), ("all", total)]
        self.verdict.choices = [("yes", _("Yes: a place, or the waiting list where a limit is full")), ("no", _("No"))]
        self.reason.choices = [("", _("No reason")), *((code, str(words)) for code, words in DECISION_REASON.items())]
        self.verdict.flags.required = self.who.flags.required = True

    def decision(self) -> Decision | None:
        """What was decided, None when neither yes nor no was chosen."""
        if self.verdict.data not in ("yes", "no"):
            refuse(self.verdict, _("Choose yes or no."))
            return None
        reason = self.reason.data if self.reason.data in DECISION_REASON else ""
        return Decision(Verdict(self.verdict.data), reason or "", self.words.data or "")

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at its field."""
        refuse(self[_FIELD_OF.get(refusal.code, "verdict")], refusal)


class ModerationForm(PageForm):
    """Whether a registration needs an organiser's yes; `let_in` is asked for when that ends and people wait for one."""

    moderated = BooleanField(_l("A registration needs our yes before it gets a place"))
    let_in = BooleanField(_l("Let them in as described"))
