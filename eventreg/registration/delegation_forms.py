"""The forms of delegations: what is kept for whom, and who has a place. Shared by a head's pages and an organiser's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import EmailField, Field, HiddenField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length

from eventreg.core import countries, refusals, text
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, instant_long, page_lang
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules as people
from eventreg.registration import labels, limit_words, rules
from eventreg.registration.delegations import MOST_PLACES, DelegationPlan, Member


def _limit_full(params: Mapping[str, Any]) -> str:
    left = int(params["left"])
    known = {"limit": text.isolate(limit_words.name((params["kind"], params["key"])))}
    if not left:
        return str(_("No place is left under this limit: %(limit)s. Nothing was kept.", **known))
    return str(ngettext(
        "Only %(num)s place is left under this limit: %(limit)s. Nothing was kept.",
        "Only %(num)s places are left under this limit: %(limit)s. Nothing was kept.", left, **known,
    ))  # fmt: skip


def _above_max(params: Mapping[str, Any]) -> str:
    return str(ngettext(
        "You may register %(num)s more place. Ask the organisers for a larger delegation.",
        "You may register %(num)s more places. Ask the organisers for a larger delegation.", int(params["left"]),
    ))  # fmt: skip


refusals.texts.update({
    "delegation.not_allowed": _l("You cannot register a delegation for this meeting. Ask the organisers."),
    "delegation.above_max": _above_max,
    "delegation.size": _l("Enter a number of places from 1 to %(most)s."),
    "delegation.limit_full": _limit_full,
    "delegation.names_after_event": _l("Enter a day no later than the last day of the meeting."),
    "delegation.unknown": _l("This place is not known."),
    "delegation.given_back": _l("This place was given back."),
    "delegation.too_late": lambda params: _("This place could be named until %(when)s.", when=instant_long(params["until"])),
    "delegation.no_link": _l("There is no open link for this place."),
    "delegation.place_gone": _l("This place is no longer meant for you. Ask the head of your delegation."),
    "delegation.place_taken": _l("Somebody has registered for this place already. Ask the head of your delegation."),
    "delegation.fixed_answers": _l("Organisation and country are those of your delegation: ask the organisers to change them."),
})  # fmt: skip


class DelegationForm(PageForm):
    """A delegation to be made; `plan` reads it."""

    name = StringField(
        _l("Name of the delegation"),
        [DataRequired(_l("Enter a name for the delegation.")), Length(max=120, message=_l("At most 120 characters."))],
        filters=[lambda typed: text.clean_line(typed or "")],
    )  # fmt: skip
    country = SelectField(_l("Country"), validate_choice=False)
    organisation_name = StringField(_l("Organisation"))
    organisation_code = HiddenField()
    sector = SelectField(_l("Sector"), validate_choice=False)
    size = StringField(_l("Number of places"), [DataRequired(_l("Enter the number of places."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("Choose a country")), *countries.choices(page_lang())]
        self.sector.choices = [("", _("Choose a sector")), *((key, str(labels.CATEGORY[key])) for key in rules.CATEGORIES)]

    def plan(self, **more: Any) -> DelegationPlan | None:
        """The delegation that was described, or None: then every problem stands at its field."""
        self.validate()
        if not countries.is_country(self.country.data or ""):
            put(self.country, Refusal("answers.country_missing"))
        if self.sector.data not in rules.CATEGORIES:
            put(self.sector, Refusal("answers.sector_missing"))
        organisation, size = self._organisation(), self._size()
        if self.errors or organisation is None or size is None:
            return None
        return DelegationPlan(
            name=self.name.data, organisation_name=organisation, organisation_code=self.organisation_code.data or "",
            sector=self.sector.data, country=self.country.data, size=size, **more,
        )  # fmt: skip

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        put(self.size, refusal)

    def _organisation(self) -> str | None:
        try:
            return people.clean_organisation(self.organisation_name.data or "")
        except Refused as refused:
            put(self.organisation_name, refused.refusal)
            return None

    def _size(self) -> int | None:
        typed = (self.size.data or "").strip()
        if not typed:
            return None
        if not typed.isdecimal() or len(typed) > 4 or not 1 <= int(typed) <= MOST_PLACES:
            put(self.size, Refusal("delegation.size", {"most": MOST_PLACES}))
            return None
        return int(typed)


class MemberForm(PageForm):
    """Who has a place; with an address they get a link, without one the head speaks for them."""

    name_latin = StringField(_l("Name in Latin letters"))
    name_arabic = StringField(_l("Name in Arabic letters"))
    email = EmailField(_l("E-mail address"))
    lang = RadioField(
        _l("Language"), choices=[SelectChoice(lang, labels.LANGUAGE[lang]) for lang in LANGS], validate_choice=False,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang.flags.required = True

    def member(self) -> Member | None:
        """Who was named, or None: then every problem stands at its field."""
        self.validate()
        latin, arabic, email = self._name(self.name_latin), self._name(self.name_arabic), None
        if (self.email.data or "").strip():
            try:
                email = people.email_address(self.email.data)
            except Refused as refused:
                put(self.email, refused.refusal)
        if not latin and not arabic and not self.errors and email is None:
            put(self.name_latin, _("Enter the person's name, or an address to which their link goes."))
        if self.lang.data not in LANGS:
            put(self.lang, _("Choose a language."))
        return None if self.errors else Member(latin, arabic, self.lang.data, email)

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused. Whoever is named without an address comes on all days; with one they choose theirs."""
        if refusal.code == "registration.limit_full":
            more = _("Give an address: then the person gets a link and chooses among the days that still have places.")
            put(self.email, f"{limit_words.full(refusal.params['full'])} {more}")
            return
        put(self.email if refusal.code == "limits.too_many" else self.name_latin, refusal)

    @staticmethod
    def _name(field: Field) -> str:
        if not text.clean_line(field.data or ""):
            return ""
        try:
            return people.clean_name(field.data, script="arabic" if field.name == "name_arabic" else "latin")
        except Refused as refused:
            put(field, refused.refusal)
            return ""


def put(field: Field, refusal: Refusal | str) -> None:
    """An error at a field: a refusal in the reader's language, or words."""
    field.errors = [*field.errors, refusals.say(refusal) if isinstance(refusal, Refusal) else refusal]


SEAT = {
    "unnamed": (_l("Not named"), "waiting"),
    "link_sent": (_l("Link sent"), "open"),
    "filling": (_l("Filling in the form"), "open"),
    "complete": (_l("Complete"), "good"),
    "given_back": (_l("Given back"), "ended"),
}
