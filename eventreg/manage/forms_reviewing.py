"""The forms of the chair: how the meeting reviews, who reviews, who gets what."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, ValidationError

from eventreg.core import countries, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, page_lang
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.fields import DayField, HourField, NumberField, one_line, refuse
from eventreg.manage.forms_call import moment
from eventreg.manage.forms_invitations import NO_LANGUAGE
from eventreg.manage.settings import day_and_hour
from eventreg.people import organisations
from eventreg.people import rules as people_rules
from eventreg.registration.labels import CATEGORY, LANGUAGE
from eventreg.reviewing.models import Reviewing
from eventreg.reviewing.phases import MOST_LOAD, MOST_REVIEWS, ReviewingPlan
from eventreg.reviewing.reviewers import ReviewerPlan


def _number(field: NumberField, *, most: int) -> int | None:
    try:
        return field.number(least=1, most=most)
    except ValidationError as error:
        refuse(field, str(error))
        return None


class ReviewingForm(PageForm):
    """How the meeting reviews."""

    day = DayField(_l("Last day for reviews"), [DataRequired(_l("Enter the last day for reviews."))])
    hour = HourField(_l("Hour"))
    per_proposal = NumberField(_l("Reviews of each proposal"), [DataRequired(_l("Enter how many reviews each proposal gets."))])
    max_load = NumberField(_l("Most proposals of one reviewer"), [DataRequired(_l("Enter how many one reviewer gets at most."))])
    mixes_sectors = BooleanField(_l("Each proposal is read by somebody from government and by somebody from civil society"))
    is_blind = BooleanField(_l("Reviewers do not see who proposes"))
    shows_others = BooleanField(_l("After submitting, a reviewer sees what others said of the same proposal, without names"))

    @classmethod
    def of(cls, found: Reviewing | None) -> dict[str, Any]:
        """What is in force, as one would type it."""
        if found is None:
            return {"per_proposal": "3", "max_load": "25", "mixes_sectors": True, "shows_others": True}
        day, hour = day_and_hour(found.closes_local) if found.closes_local else ("", "")
        return {
            "day": day, "hour": hour, "per_proposal": str(found.per_proposal), "max_load": str(found.max_load),
            "mixes_sectors": found.mixes_sectors, "is_blind": found.is_blind, "shows_others": found.shows_others,
        }  # fmt: skip

    def plan(self, zone: str) -> ReviewingPlan | None:
        """The settings that were described, or None: then every problem stands at its field."""
        self.validate()
        closes = moment(self.day, self.hour, lambda typed: times.deadline(typed, zone))
        each, load = _number(self.per_proposal, most=MOST_REVIEWS), _number(self.max_load, most=MOST_LOAD)
        if self.errors or each is None or load is None:
            return None
        return ReviewingPlan(
            closes, each, load, bool(self.mixes_sectors.data), bool(self.is_blind.data), bool(self.shows_others.data)
        )


class ReviewerForm(PageForm):
    """Somebody who is to review."""

    email = EmailField(_l("E-mail address"), [DataRequired(_l("Enter their e-mail address."))])
    name_latin = StringField(_l("Name in Latin letters"), filters=[one_line])
    name_arabic = StringField(_l("Name in Arabic letters"), filters=[one_line])
    organisation_name = StringField(_l("Organisation"), filters=[one_line])
    country = SelectField(_l("Country"), validate_choice=False)
    sector = RadioField(
        _l("Sector"), validate_choice=False,
        choices=[SelectChoice(sector, CATEGORY[sector]) for sector in people_rules.SECTORS],
    )  # fmt: skip
    lang = RadioField(
        _l("Language of mails"), validate_choice=False, choices=[SelectChoice(lang, LANGUAGE[lang]) for lang in LANGS]
    )
    max_load = NumberField(_l("Most proposals"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [SelectChoice("", "–"), *(SelectChoice(*one) for one in countries.choices(page_lang()))]

    def plan(self) -> ReviewerPlan | None:
        """The reviewer who was described, or None: then every problem stands at its field."""
        self.validate()
        email, load = self._email(), _number(self.max_load, most=MOST_LOAD)
        if self.lang.data not in LANGS:
            refuse(self.lang, str(NO_LANGUAGE))
        names = {}
        for script in ("latin", "arabic"):
            field = self[f"name_{script}"]
            try:
                names[script] = people_rules.clean_name(field.data, script=script) if field.data else ""  # type: ignore[arg-type]
            except Refused as refused:
                refuse(field, refused.refusal)
        country = self.country.data if countries.is_country(self.country.data or "") else ""
        found = organisations.recognised("", self.organisation_name.data, country) if self.organisation_name.data else None
        if found is None and self.sector.data not in people_rules.SECTORS:
            refuse(self.sector, Refusal("reviewer.sector_missing"))
        if self.errors or email is None:
            return None
        return ReviewerPlan(
            email, self.lang.data, names["latin"], names["arabic"], found.id if found else None, self.organisation_name.data or "",
            self.sector.data or "", country, load,
        )  # fmt: skip

    def _email(self) -> people_rules.Email | None:
        if not self.email.data:
            return None
        try:
            return people_rules.email_address(self.email.data)
        except Refused as refused:
            refuse(self.email, refused.refusal)
            return None
