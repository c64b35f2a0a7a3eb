"""The forms of one action for many people: what it needs, the number typed; and the words for whom it leaves as they are."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from eventreg.core import refusals, text
from eventreg.core.forms import PageForm
from eventreg.core.refusals import Refusal
from eventreg.manage import services
from eventreg.manage.forms import CancelForm, CategoryForm, DoorNoteForm
from eventreg.registration import labels

TITLE = {
    "category": _l("Give a category"),
    "cancel": _l("Cancel registrations"),
    "mail": _l("Mail the confirmation again"),
    "note": _l("Write a note for the door"),
}
READING = {
    "badges": _l("Print badges"),
    "print": _l("Print a list"),
    "csv": _l("Export as CSV"),
    "xlsx": _l("Export as XLSX"),
}
DOES = {
    "category": _l("Get the category “%(category)s”"),
    "cancel": _l("Are cancelled"),
    "mail": _l("Get the confirmation again"),
    "note": _l("Get the note “%(note)s”"),
    "no_note": _l("Lose their note for the door"),
}



refusals.texts.update(
    {
        "bulk.nobody": _l("Nobody is chosen: tick people in the list, or take all that match."),
        "bulk.too_many": _l("These are too many people for one action: %(limit)s at most. Narrow the filter."),
        "bulk.type_the_number": _l("Type the number of people to go on: %(number)s."),
        "bulk.cancelled_already": _l("Cancelled already: they stay so"),
        "bulk.ended": _l("The registration has ended: nothing changes"),
        "bulk.open_offer": _l("A place is offered to them and not answered yet: they are left"),
        "bulk.same_category": _l("Have this category already"),
        "bulk.same_note": _l("Have this note already"),
        "bulk.no_address": _l("Have no e-mail address: nothing can be mailed"),
        "bulk.full": _l("A limit leaves no place: they stay as they were"),
        "bulk.not_possible": _l("This is not possible for them: they stay as they were"),
        "bulk.changed_meanwhile": _l("Changed after the page was shown: they were left as they are"),
    }
)


class MailForm(PageForm):
    """Mail the confirmation again; nothing has to be said."""

    def problem(self) -> Refusal | None:
        """Nothing can be wrong."""
        return None


class NumberForm(PageForm):
    """Confirm what was shown; a large cancellation wants the number of people."""

    number = StringField(_l("Number of people"))

    def typed(self) -> str:
        """The number in Latin digits without blanks."""
        return "".join(str(int(sign)) for sign in self.number.data or "" if sign.isdecimal())


class BulkNoteForm(DoorNoteForm):
    """A note for the door of many."""

    def problem(self) -> Refusal | None:
        """Why the note will not do, or None."""
        length = text.graphemes(text.clean_line(self.door_note.data or ""))
        limit = services.NOTE_LIMIT
        return Refusal("answers.too_long", {"limit": limit, "length": length}) if length > limit else None


FORMS: dict[str, type[Any]] = {"category": CategoryForm, "cancel": CancelForm, "mail": MailForm, "note": BulkNoteForm}
FIELD = {"category": "category", "cancel": "reason", "note": "door_note"}


def params_of(kind: str, form: Any) -> dict[str, str]:
    """What the action needs, cleaned."""
    if kind == "cancel":
        return {"reason": form.why()}
    if kind == "category":
        return {"category": form.category.data or ""}
    return {"note": text.clean_line(form.door_note.data or "")} if kind == "note" else {}


def does(kind: str, params: dict[str, str]) -> str:
    """What happens to those who are changed."""
    key = "no_note" if kind == "note" and not params.get("note") else kind
    known = {"category": labels.CATEGORY.get(params.get("category", ""), ""), "note": text.isolate(params.get("note", ""))}
    return str(DOES[key]) % known
