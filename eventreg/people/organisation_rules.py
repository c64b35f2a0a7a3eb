"""What may an organisation be, and might two be one? Plain values in, a cleaned plan or reasons out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from eventreg.core import countries, text
from eventreg.core.i18n import LANGS, Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules

LEVELS = ("central", "agency", "parliament", "governance", "local")  # of a government's bodies (R14)
ACRONYM_LIMIT = 20
MOST_ALIASES = 100
_TELLING_BONES = 6  # fewer consonants are shared by names that have nothing to do with each other


@dataclass(frozen=True)
class Plan:
    """Everything that is noted of an organisation; `parent` is the code of the one it belongs to."""

    name: Text
    country: str
    sector: str
    acronym: str = ""
    aliases: tuple[str, ...] = ()
    level: str = ""
    parent: str = ""
    is_public: bool = False

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names in three languages that it has."""
        return tuple(getattr(self.name, lang) for lang in LANGS if getattr(self.name, lang))


@dataclass(frozen=True)
class Written:
    """A name as it is kept: as shown, as compared, by its bones."""

    name: str
    key: str
    bones: str
    is_alias: bool


def cleaned(plan: Plan) -> Plan:
    """The plan as it may be kept. Raises Refused (organisation.no_name, .no_country, .no_sector, .too_many_aliases …)."""
    name = Text(**{lang: clean_name(getattr(plan.name, lang)) for lang in LANGS})
    if not name:
        raise Refused(Refusal("organisation.no_name"))
    if not countries.is_country(plan.country):
        raise Refused(Refusal("organisation.no_country"))
    if plan.sector not in rules.SECTORS:
        raise Refused(Refusal("organisation.no_sector"))
    level = plan.level if plan.sector == "government" and plan.level in LEVELS else ""
    kept = replace(plan, name=name, acronym=clean_acronym(plan.acronym), level=level)
    return replace(kept, aliases=clean_aliases(plan.aliases, besides=(*kept.own_names, kept.acronym)))


def clean_name(typed: str, *, limit: int = rules.ORGANISATION_LIMIT) -> str:
    """A name that may be left empty. Raises Refused (organisation.unreadable, .too_long, .marks, .no_letter)."""
    if not text.clean_line(typed):
        return ""
    name = rules.clean_organisation(typed, limit=limit)
    if not text.fold(name):
        raise Refused(Refusal("organisation.no_letter"))
    return name


def clean_acronym(typed: str) -> str:
    """A short name that may be left empty. Raises Refused as `clean_name`."""
    return clean_name(typed, limit=ACRONYM_LIMIT)


def clean_aliases(typed: Iterable[str], *, besides: Iterable[str] = ()) -> tuple[str, ...]:
    """Further names, each once, without those it bears anyway; " | " parts two, as in the table that leaves the house.

    Raises Refused (organisation.too_many_aliases …).
    """
    found: dict[str, str] = {}
    for words in (part for line in typed for part in line.split("|")):
        name = clean_name(words)
        if name:
            found.setdefault(text.fold(name), name)
    if len(found) > MOST_ALIASES:
        raise Refused(Refusal("organisation.too_many_aliases", {"limit": MOST_ALIASES}))
    borne = {text.fold(name) for name in besides}
    return tuple(name for key, name in found.items() if key not in borne)


def written(name: Text, acronym: str, aliases: Iterable[str]) -> dict[str, Written]:
    """Every name by its key: its own first, so that an alias never hides one."""
    own = [(getattr(name, lang), False, False) for lang in LANGS]
    found: dict[str, Written] = {}
    for words, is_short, is_alias in [*own, (acronym, True, False), *((alias, False, True) for alias in aliases)]:
        key = text.fold(words)
        if key and key not in found:
            bones = "" if is_short else telling_bones(words)
            found[key] = Written(words, key, bones, is_alias)
    return found


def telling_bones(name: str) -> str:
    """The consonants by which the same name in another script or spelling is found; '' when they are too few."""
    bones = text.skeleton(name)
    return bones if len(bones.replace(" ", "")) >= _TELLING_BONES else ""


def found_by(names: Collection[Written], code: str) -> str:
    """What the search column holds: every name folded, the code, and in capitals the bones."""
    bones = (text.skeleton(written.name) for written in names)
    keys = (text.search_key(*(written.name for written in names), code), *bones)
    return " ".join(dict.fromkeys(filter(None, keys)))


# ---- twins -----------------------------------------------------------------------------------------------------------

NAME, ACRONYM, SOUND = "name", "acronym", "sound"


@dataclass(frozen=True)
class Known:
    """What twins are told by: the country, the acronym's key, and every name's bones by its key."""

    country: str
    acronym: str
    names: Mapping[str, str]


def why_twins(one: Known, other: Known) -> tuple[str, ...]:
    """Why two may be one: NAME (a name in common), ACRONYM, SOUND (a name alike in another script or spelling); or ()."""
    reasons = []
    common = one.names.keys() & other.names.keys()
    if common - {one.acronym, other.acronym}:
        reasons.append(NAME)
    if one.country == other.country and one.acronym and one.acronym == other.acronym:
        reasons.append(ACRONYM)
    elif common and not reasons:
        reasons.append(NAME)  # the acronym of one is a further name of the other
    if not reasons and {bones for bones in one.names.values() if bones} & set(other.names.values()):
        reasons.append(SOUND)
    return tuple(reasons)
