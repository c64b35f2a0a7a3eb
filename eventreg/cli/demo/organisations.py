# ruff: noqa: E501 (lists of words read better in long lines)
"""Where do the demo's people come from? Some 120 invented or generic bodies of every sector, with all their names."""

from __future__ import annotations

from dataclasses import dataclass

from eventreg.core import countries
from eventreg.core.i18n import LANGS, Text

_MOST = ("MA", "TN", "SN", "CI", "KE", "NG", "GH", "JO", "EG", "LB", "PS", "BF", "BJ", "ZA", "LR", "SL")


@dataclass(frozen=True)
class Body:
    """An organisation to be noted down."""

    name: Text
    country: str
    sector: str
    level: str = ""
    acronym: str = ""
    aliases: tuple[str, ...] = ()


# sector, level, acronym stem, name, further names; each in several countries
_Kind = tuple[str, str, str, Text, tuple[str, ...]]
_IN_MOST: tuple[_Kind, ...] = (
    ("government", "central", "MJ", Text("وزارة العدل", "Ministère de la justice", "Ministry of Justice"), ("Justice",)),
    (
        "government", "central", "MTN",
        Text("وزارة الانتقال الرقمي وإصلاح الإدارة", "Ministère de la transition numérique", "Ministry of Digital Transition"),
        ("Digital ministry", "Numérique"),
    ),
    (
        "civil_society", "", "ATA",
        Text("جمعية الشفافية والولوج إلى المعلومات", "Association pour la transparence et l'accès à l'information",
             "Association for Transparency and Access to Information"),
        ("Transparency association", "Association transparence"),
    ),
)  # fmt: skip
_IN_SOME: tuple[_Kind, ...] = (
    ("government", "parliament", "", Text("البرلمان", "Parlement", "Parliament"), ("National Assembly", "Assemblée nationale")),
    (
        "government", "governance", "INPC",
        Text("هيئة النزاهة والوقاية من الرشوة", "Instance de la probité et de la prévention de la corruption",
             "Authority for Integrity and the Prevention of Corruption"),
        ("Anti-corruption authority", "هيئة النزاهة"),
    ),
    ("academia", "", "FD", Text("كلية الحقوق", "Faculté de droit", "Faculty of Law"), ("Law school",)),
    (
        "civil_society", "", "RJC",
        Text("شبكة الشباب والمواطنة", "Réseau jeunesse et citoyenneté", "Youth and Citizenship Network"), ("Youth network",),
    ),
    ("media", "", "", Text("إذاعة الجهات", "Radio des régions", "Regions Radio"), ("Radio régions",)),
)  # fmt: skip
_IN_FEW: tuple[_Kind, ...] = (
    ("government", "local", "", Text("مجلس المدينة", "Conseil municipal", "City Council"), ("Municipality", "Commune")),
    (
        "civil_society", "", "OBL",
        Text("مرصد الميزانيات المحلية", "Observatoire des budgets locaux", "Local Budgets Watch"), ("Budget watch",),
    ),
    (
        "private", "", "",
        Text("حلول البيانات المفتوحة", "Solutions données ouvertes", "Open Data Solutions"), ("ODS",),
    ),
    ("media", "", "", Text("جريدة المواطن", "Le Journal du citoyen", "The Citizen's Paper"), ("Citizen's Paper",)),
)  # fmt: skip

_OF_THE_WORLD = (
    Body(Text("صندوق التعاون من أجل الحكامة", "Fonds de coopération pour la gouvernance", "Governance Cooperation Fund"),
         "BE", "donor", acronym="GCF", aliases=("Cooperation Fund",)),
    Body(Text("مؤسسة المؤسسات المنفتحة", "Fondation institutions ouvertes", "Open Institutions Foundation"),
         "US", "donor", acronym="OIF", aliases=("Open Foundation",)),
    Body(Text("وكالة الشراكات المدنية", "Agence des partenariats civiques", "Civic Partnerships Agency"),
         "FR", "donor", acronym="APC"),
    Body(Text("المركز الجهوي للإدارة المنفتحة", "Centre régional d'administration ouverte", "Regional Centre for Open Administration"),
         "MA", "international", acronym="CRAO", aliases=("Open Administration Centre",)),
    Body(Text("منتدى المساءلة لإفريقيا", "Forum africain de la redevabilité", "African Accountability Forum"),
         "KE", "international", acronym="AAF", aliases=("Accountability Forum",)),
    Body(Text("شبكة العدالة للجميع", "Réseau justice pour tous", "Justice for All Network"),
         "GB", "international", acronym="JAN"),
    Body(Text("المرصد العربي للبيانات المفتوحة", "Observatoire arabe des données ouvertes", "Arab Open Data Observatory"),
         "JO", "international", acronym="AODO"),
)  # fmt: skip


def bodies() -> list[Body]:
    """All of them, always the same and in the same order."""
    made = [_in(country, kind) for kind in _IN_MOST for country in _MOST]
    made += [_in(country, kind) for kind in _IN_SOME for country in _MOST[:10]]
    made += [_in(country, kind) for kind in _IN_FEW for country in _MOST[:5]]
    return [*made, *_OF_THE_WORLD]


def _in(country: str, kind: _Kind) -> Body:
    sector, level, stem, name, others = kind
    named = Text(**{lang: f"{name.in_(lang)} ({countries.name(country, lang)})" for lang in LANGS})
    aliases = tuple(f"{other} {countries.name(country, 'en')}" for other in others)
    return Body(named, country, sector, level, f"{stem}-{country}" if stem else "", aliases)
