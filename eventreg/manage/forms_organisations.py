"""The forms about organisations: what is looked for, what is noted down, which names a survivor keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, Form, RadioField, SearchField, SelectChoice, SelectField, StringField, TextAreaField

from eventreg.core import countries, refusals, text
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, Text, page_lang
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.fields import one_line, refuse
from eventreg.manage.organisation_queries import OrganisationFilter
from eventreg.people import organisation_rules, organisations
from eventreg.people import rules as people_rules
from eventreg.people.models import Organisation
from eventreg.people.organisation_rules import Plan
from eventreg.registration.labels import CATEGORY

LEVEL = {
    "central": _l("Central government"),
    "agency": _l("Public agency"),
    "parliament": _l("Parliament"),
    "governance": _l("Governance body"),
    "local": _l("Local government"),
}

REASON = {
    organisation_rules.NAME: _l("a name in common"),
    organisation_rules.ACRONYM: _l("the same acronym and country"),
    organisation_rules.SOUND: _l("names alike in another script or spelling"),
}

refusals.texts.update(
    {
        "organisation.no_name": _l("Enter the name in at least one language."),
        "organisation.no_letter": _l("Enter a name with letters or digits."),
        "organisation.no_country": _l("Choose the country of the organisation."),
        "organisation.no_sector": _l("Choose the sector of the organisation."),
        "organisation.too_many_aliases": _l("At most %(limit)s further names."),
        "organisation.known_name": _l("An organisation of this country has this name already: %(code)s."),
        "organisation.no_parent": _l("There is no organisation with this code to which it could belong."),
        "organisation.circle": _l("It cannot belong to itself, or to an organisation that belongs to it."),
        "organisation.unknown": _l("There is no organisation with this code."),
        "organisation.merged": _l("This organisation was merged into another in the meantime."),
        "organisation.same": _l("Choose two different organisations."),
        "organisation.no_merge": _l("There is no such merge."),
        "organisation.undone": _l("This merge has been undone already."),
        "organisation.undo_over": _l("This merge is older than 30 days and can no longer be undone."),
        "organisation.merged_since": _l("The organisation that stayed was itself merged since: undo that first."),
    }
)


class OrganisationFilterForm(Form):
    """Which organisations the list shows; sent by GET, so that the address keeps it."""

    q = SearchField(_l("Search for organisations"))
    country = SelectField(_l("Country"))
    sector = SelectField(_l("Sector"))
    level = SelectField(_l("Level of government"))
    public = SelectField(_l("Suggested in the form"))
    twins = SelectField(_l("Twins"))

    @classmethod
    def of(cls, wanted: OrganisationFilter, *, present: Iterable[str]) -> OrganisationFilterForm:
        """The form that shows this filter, with the countries there are."""
        form = cls(data=wanted.as_args())
        for name, choices in choices_of(present).items():
            form[name].choices = [("", _("All")), *choices]
        return form


def choices_of(present: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The words for each value of each filter."""
    lang = page_lang()
    by_name = sorted(set(present), key=lambda code: text.sort_key(countries.name(code, lang)))
    return {
        "country": [(code, countries.name(code, lang)) for code in by_name],
        "sector": sectors(),
        "level": [(key, str(words)) for key, words in LEVEL.items()],
        "public": [("yes", _("In the public list")), ("no", _("Not in the public list"))],
        "twins": [("yes", _("Probable twins"))],
    }


def sectors() -> list[tuple[str, str]]:
    """The seven sectors, (key, words)."""
    return [(key, str(CATEGORY[key])) for key in people_rules.SECTORS]


class OrganisationForm(PageForm):
    """An organisation as noted down; `plan` reads it. `typed` and `typed_country`: whose registrations it takes up."""

    name_ar = StringField(_l("Name in Arabic"))
    name_fr = StringField(_l("Name in French"))
    name_en = StringField(_l("Name in English"))
    acronym = StringField(_l("Acronym"))
    aliases = TextAreaField(_l("Further names"))
    country = SelectField(_l("Country"), validate_choice=False)
    sector = SelectField(_l("Sector"), validate_choice=False)
    level = SelectField(_l("Level of government"), validate_choice=False)
    parent = StringField(_l("Belongs to"), filters=[one_line])
    is_public = BooleanField(_l("May be suggested to everybody who registers"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("Choose")), *countries.choices(page_lang())]
        self.sector.choices = [("", _("Choose")), *sectors()]
        self.level.choices = [("", _("None")), *((key, str(words)) for key, words in LEVEL.items())]

    @classmethod
    def of(cls, organisation: Organisation, *, parent: str) -> OrganisationForm:
        """The form that shows what is noted of an organisation; `parent` is the code of the one it belongs to."""
        names = {f"name_{lang}": getattr(organisation.name, lang) for lang in LANGS}
        data = names | {
            "acronym": organisation.acronym, "aliases": "\n".join(organisations.aliases_of(organisation.id)),
            "country": organisation.country, "sector": organisation.sector, "level": organisation.level,
            "parent": parent, "is_public": organisation.is_public,
        }  # fmt: skip
        return cls(data=data)

    def plan(self) -> Plan | None:
        """What is to be noted down, or None: then every problem stands at its field."""
        names = {lang: self._read(self[f"name_{lang}"], organisation_rules.clean_name) for lang in LANGS}
        acronym = self._read(self.acronym, organisation_rules.clean_acronym)
        aliases = self._read(self.aliases, lambda typed: organisation_rules.clean_aliases(typed.splitlines()))
        plan = Plan(
            Text(**{lang: name or "" for lang, name in names.items()}), self.country.data or "", self.sector.data or "",
            acronym or "", aliases or (), self.level.data or "", (self.parent.data or "").upper(), bool(self.is_public.data),
        )  # fmt: skip
        if self.errors:
            return None
        try:
            return organisation_rules.cleaned(plan)
        except Refused as refused:
            self.refuse(refused.refusal)
            return None

    def _read(self, field: Field, clean: Callable[[str], Any]) -> Any:
        try:
            return clean(field.data or "")
        except Refused as refused:
            refuse(field, refused.refusal)
            return None

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused at the field that can repair it."""
        named = next((self[f"name_{lang}"] for lang in LANGS if self[f"name_{lang}"].data), self.name_ar)
        places = {
            "organisation.no_country": self.country, "organisation.no_sector": self.sector,
            "organisation.no_parent": self.parent, "organisation.circle": self.parent,
            "organisation.too_many_aliases": self.aliases,
        }  # fmt: skip
        refuse(places.get(refusal.code, named), refusal)


class MergeForm(PageForm):
    """Which of two stays, and whose name it bears in each language."""

    survivor = RadioField(_l("Which one stays?"), validate_choice=False)
    ar = RadioField(_l("Name in Arabic"), validate_choice=False)
    fr = RadioField(_l("Name in French"), validate_choice=False)
    en = RadioField(_l("Name in English"), validate_choice=False)
    acronym = RadioField(_l("Acronym"), validate_choice=False)

    def show(self, one: Organisation, other: Organisation) -> None:
        """Offer the two, and every name in which they differ; where only one has a name, it is kept."""
        lang = page_lang()
        self.survivor.choices = [SelectChoice(row.code, f"{row.name.in_(lang)} ({row.code})") for row in (one, other)]
        for field in (self.ar, self.fr, self.en, self.acronym):
            names = [row.acronym if field.name == "acronym" else getattr(row.name, field.name) for row in (one, other)]
            if not all(names) or names[0] == names[1]:
                del self[field.name]
            else:
                field.choices = [SelectChoice(row.code, name) for row, name in zip((one, other), names, strict=True)]

    def names_in_question(self) -> list[Field]:
        """The fields of names in which the two differ."""
        return [self[name] for name in (*LANGS, "acronym") if name in self]

    def keep(self, source: str) -> dict[str, str]:
        """Of which the source's name is kept, as `merging.merge` takes it."""
        return {field.name: "source" for field in self.names_in_question() if field.data == source}
