"""The forms of the pages about people: what is looked for, and what is done with one registration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, SearchField, SelectField, StringField, TextAreaField

from eventreg.core import countries, refusals, text
from eventreg.core.forms import PageForm
from eventreg.core.i18n import day_name, page_lang
from eventreg.manage.filters import ParticipantFilter
from eventreg.registration import labels, rules

REASON_LIMIT = 300

refusals.texts.update(
    {
        "manage.no_address": _l("This person has no e-mail address, so nothing can be mailed."),
        "manage.reason_missing": _l("Write the reason: it is kept in the record."),
        "manage.category_missing": _l("Choose a category."),
    }
)


class FilterForm(Form):
    """Which people the list shows; sent by GET, so that the address keeps it."""

    q = SearchField(_l("Search for people"))
    state = SelectField(_l("State"))
    category = SelectField(_l("Category"))
    sector = SelectField(_l("Sector"))
    country = SelectField(_l("Country"))
    day = SelectField(_l("Day"))
    language = SelectField(_l("Language of mails"))
    address = SelectField(_l("E-mail address"))
    needs = SelectField(_l("Access or dietary needs"))

    @classmethod
    def names(cls) -> dict[str, str]:
        """What each filter is called."""
        return {field.name: str(field.label.text) for field in cls(data={})}

    @classmethod
    def of(
        cls, wanted: ParticipantFilter, *, days: Iterable[date], present: Iterable[str], sees_needs: bool
    ) -> FilterForm:
        """The form that shows this filter, with the choices of this event."""
        form = cls(data=wanted.as_args())
        if not sees_needs:
            del form.needs
        for name, choices in choices_of(days=days, present=present).items():
            if name in form:
                form[name].choices = [("", _("All")), *choices]
        return form


def choices_of(*, days: Iterable[date], present: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The words for each value of each filter."""
    lang = page_lang()
    by_name = sorted(present, key=lambda code: text.sort_key(countries.name(code, lang)))
    return {
        "state": [(state.value, str(words)) for state, words in labels.STATE.items()],
        "category": [(key, str(words)) for key, words in labels.CATEGORY.items()],
        "sector": [(key, str(labels.CATEGORY[key])) for key in rules.CATEGORIES],
        "country": [(code, countries.name(code, lang)) for code in by_name],
        "day": [(day.isoformat(), day_name(day)) for day in days],
        "language": [(key, str(words)) for key, words in labels.LANGUAGE.items()],
        "address": [("confirmed", _("Address confirmed")), ("unconfirmed", _("Address not confirmed"))],
        "needs": [("yes", _("Has access or dietary needs"))],
    }


class CancelForm(PageForm):
    """Cancel somebody's registration; why."""

    reason = TextAreaField(_l("Reason"))

    def why(self) -> str:
        """The reason; Refused is shown at the field by `problem`."""
        return text.clean_line(self.reason.data or "")

    def problem(self) -> refusals.Refusal | None:
        """Why the reason will not do, or None."""
        if not self.why():
            return refusals.Refusal("manage.reason_missing")
        length = text.graphemes(self.why())
        if length > REASON_LIMIT:
            return refusals.Refusal("answers.too_long", {"limit": REASON_LIMIT, "length": length})
        return None


class CategoryForm(PageForm):
    """Count somebody under another category."""

    category = SelectField(_l("Category"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category.choices = [(key, str(words)) for key, words in labels.CATEGORY.items()]

    def problem(self) -> refusals.Refusal | None:
        """Why there is no such category, or None."""
        is_known = self.category.data in (*rules.CATEGORIES, *rules.GIVEN_CATEGORIES)
        return None if is_known else refusals.Refusal("manage.category_missing")


class DoorNoteForm(PageForm):
    """What the door shall say."""

    door_note = StringField(_l("Note for the door"))
