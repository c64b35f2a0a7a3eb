"""The forms of the badge pages, and the words of what this room refuses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from eventreg.badges import rules
from eventreg.badges.rules import Where
from eventreg.core import countries, refusals
from eventreg.core.forms import PageForm
from eventreg.core.i18n import page_lang
from eventreg.registration import labels

LAYOUT = {
    "a6": _l("A6, two sides: one badge per sheet of 105 × 148 mm"),
    "a6-fold": _l("A6 folded: A5 sheets with front and back side by side, to fold once"),
    "a4x8": _l("Eight fronts on A4: to cut, without backs"),
}
WHICH = {
    "all": _l("All participants"),
    "new": _l("New or changed since printed"),
    "one_script": _l("Name in one script only"),
}
ORDER = {
    "latin": _l("Name, Latin alphabet"),
    "arabic": _l("Name, Arabic alphabet"),
    "country": _l("Country, then organisation"),
    "organisation": _l("Organisation"),
}

refusals.texts.update(
    {
        "badges.unknown_layout": _l("Choose one of the three layouts."),
        "badges.unknown_filter": _l(
            "“%(part)s” is not understood. Write for example: category=media, country=MA, organisation=Ministry"
        ),
        "badges.nothing_to_print": _l("There is no badge to print for this selection. Nothing was printed."),
        "badges.reason_required": _l("Say why the badge is printed again."),
        "badges.reason_too_long": _l("The reason is too long: %(limit)s characters at most."),
        "badges.not_confirmed": _l("This registration is not confirmed, so it has no badge."),
        "jobs.not_found": _l("There is no such work here."),
    }
)


def _layout_field() -> Any:
    """The choice of a layout; one that does not exist is refused by the service, with its words."""
    required = InputRequired(_l("Choose one of the three layouts."))
    choices = [SelectChoice(key, words) for key, words in LAYOUT.items()]
    return RadioField(_l("Layout"), [required], choices=choices, default="a6", validate_choice=False)


class Selection(Form):
    """Which badges: a form of the address, nothing in it is refused."""

    which = SelectField(_l("Which badges"))
    category = SelectField(_l("Category"))
    country = SelectField(_l("Country"))
    organisation = StringField(_l("Organisation"))
    q = StringField(_l("Name or code"))
    order = SelectField(_l("Order"))
    codes = HiddenField()

    def __init__(self, where: Where, *, present: Collection[str] = (), **places: Any) -> None:
        """`present`: the countries of those who have a badge; no other is offered, but one already chosen stays."""
        super().__init__(data=vars(where), **places)
        everything, offered = ("", _("All")), {*present, where.country}
        self.which.choices = list(WHICH.items())
        self.category.choices = [everything, *((key, labels.CATEGORY[key]) for key in rules.CATEGORIES)]
        self.country.choices = [everything, *(pair for pair in countries.choices(page_lang()) if pair[0] in offered)]
        self.order.choices = list(ORDER.items())


class PrintForm(PageForm):
    """Print the selection that the page shows."""

    layout = _layout_field()
    which = HiddenField()
    category = HiddenField()
    country = HiddenField()
    organisation = HiddenField()
    q = HiddenField()
    order = HiddenField()
    codes = HiddenField()

    def where(self) -> Where:
        """The selection as it was sent along."""
        return rules.where_of({name: getattr(self, name).data for name in vars(Where())})


class ReprintForm(PageForm):
    """Print one badge again."""

    reason = StringField(_l("Why is it printed again?"))
    layout = _layout_field()
