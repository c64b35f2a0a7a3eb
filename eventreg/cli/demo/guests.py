# ruff: noqa: E501 (lists of words read better in long lines)
"""What do the demo's people answer in the form? From their number alone, so that the same demo has the same people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from eventreg.cli.demo import names, questions
from eventreg.core import countries, text
from eventreg.core.i18n import LANGS

_SECTORS = {"government": 38, "civil_society": 33, "academia": 11, "private": 7, "international": 7, "donor": 4}
# of a man, of a woman
_POSITIONS = {
    "en": ("Director;Head of unit;Adviser;Programme officer;Researcher;Coordinator;Secretary-General;Project manager",) * 2,
    "fr": (
        "Directeur;Chef de service;Conseiller;Chargé de programme;Chercheur;Coordinateur;Secrétaire général;Chef de projet",
        "Directrice;Cheffe de service;Conseillère;Chargée de programme;Chercheuse;Coordinatrice;Secrétaire générale;Cheffe de projet",
    ),
    "ar": (
        "مدير;رئيس قسم;مستشار;مكلف ببرنامج;باحث;منسق;كاتب عام;مسؤول مشروع",
        "مديرة;رئيسة قسم;مستشارة;مكلفة ببرنامج;باحثة;منسقة;كاتبة عامة;مسؤولة مشروع",
    ),
}
_ACCESS = {
    "en": ("Wheelchair access to all rooms", "Seat near the screen for lip reading", "Large print, please"),
    "fr": (
        "Accès en fauteuil roulant",
        "Place près de l'interprète en langue des signes",
        "Documents en gros caractères",
    ),
    "ar": ("الولوج بكرسي متحرك", "مقعد قريب من الشاشة", "وثائق بخط كبير"),
}
_DIET = {
    "en": ("Vegetarian", "No nuts (allergy)", "Gluten-free"), "fr": ("Végétarien", "Sans gluten", "Sans arachides (allergie)"),
    "ar": ("نباتي", "بدون غلوتين", "حساسية من المكسرات"),
}  # fmt: skip
# bodies that are not noted down yet, as people write them: ar, fr, en; those of a state with its country
_NEW_BODIES = {
    "government": (
        ("وزارة الاقتصاد والمالية", "Ministère de l'économie et des finances", "Ministry of Finance"),
        ("المجلس الأعلى للحسابات", "Cour des comptes", "Court of Auditors"),
        ("المجلس الجهوي", "Conseil régional", "Regional Council"),
        ("مؤسسة الوسيط", "Institution du Médiateur", "Office of the Ombudsman"),
    ),
    "civil_society": (
        ("نادي الميزانيات المنفتحة", "Club des budgets ouverts", "Open Budgets Club"),
        ("نساء من أجل الديمقراطية المحلية", "Femmes pour la démocratie locale", "Women for Local Democracy"),
        ("تجمع التقنيات المدنية", "Collectif civic tech", "Civic Tech Collective"),
        ("حلقة المساعدة القضائية", "Cercle d'aide juridique", "Legal Aid Circle"),
    ),
    "media": (
        ("صوت الحي", "La Voix du quartier", "Neighbourhood Voice"),
        ("الأسبوع المحلي", "La Semaine locale", "Local Weekly"),
    ),
    "academia": (
        ("مركز أبحاث السياسات العمومية", "Centre de recherche sur les politiques publiques", "Centre for Public Policy Research"),
        ("معهد الإدارة", "Institut d'administration", "Institute of Administration"),
    ),
    "private": (("مكتب الاستشارة الرقمية", "Cabinet conseil numérique", "Digital Advisers"),),
    "international": (("أمانة البرنامج الجهوي", "Secrétariat du programme régional", "Regional Programme Secretariat"),),
    "donor": (("صندوق المبادرات المواطنة", "Fonds pour les initiatives citoyennes", "Citizen Initiatives Fund"),),
}


@dataclass(frozen=True)
class KnownBody:
    """An organisation that is already noted down, as a guest may choose it."""

    code: str
    names: dict[str, str]
    country: str
    sector: str


def answers(number: int, *, days: Sequence[str], bodies: Sequence[KnownBody], is_media: bool) -> tuple[str, dict[str, Any]]:
    """The language and the raw answers of guest `number`; bodies are those they may belong to."""
    rng = Random(f"guest {number}")
    country = rng.choices([*names.COUNTRIES], [weight for weight, _culture in names.COUNTRIES.values()])[0]
    culture = names.COUNTRIES[country][1]
    lang = rng.choice(names.LANGS.get(culture, "en").split())
    name = names.names(culture, rng)
    sector = "media" if is_media else rng.choices([*_SECTORS], [*_SECTORS.values()])[0]
    body = _body(rng, bodies, country, sector)
    raw = {
        "email": f"{address(name.latin) or 'guest'}.{number}@example.org", "name_latin": name.latin, "name_arabic": name.arabic,
        "country": country, "sector": sector, "position": rng.choice(_POSITIONS[lang][name.is_woman].split(";")),
        "organisation_name": body.names[lang] if body else _new_body(rng, country, sector, lang),
        "organisation_code": body.code if body else "", "phone": "", "days": _days(rng, days),
        "languages": sorted({lang, *rng.sample(("ar", "fr", "en"), rng.randrange(0, 3))}),
        "access": rng.choice(_ACCESS[lang]) if rng.random() < 0.05 else "",
        "diet": rng.choice(_DIET[lang]) if rng.random() < 0.09 else "",
        "wants_visa_letter": country not in {"MA", "TN", "SN", "CI", "DZ"} and rng.random() < 0.3,
        "consents_photo": rng.random() < 0.8, "consents_contact": rng.random() < 0.6,
    }  # fmt: skip
    return lang, raw | questions.answers(number, raw, is_woman=name.is_woman)


def _body(rng: Random, bodies: Sequence[KnownBody], country: str, sector: str) -> KnownBody | None:
    """A known organisation of the country and sector, else one of the sector that works everywhere; some are new."""
    fitting = [body for body in bodies if body.sector == sector and body.country == country]
    if not fitting and sector in {"donor", "international"}:
        fitting = [body for body in bodies if body.sector == sector]
    return rng.choice(fitting) if fitting and rng.random() < 0.85 else None


def _new_body(rng: Random, country: str, sector: str, lang: str) -> str:
    name = rng.choice(_NEW_BODIES[sector])[LANGS.index(lang)]
    return f"{name} ({countries.name(country, lang)})" if sector == "government" else name


def _days(rng: Random, days: Sequence[str]) -> list[str]:
    return list(days) if rng.random() < 0.7 else sorted(rng.sample(list(days), rng.randrange(1, len(days))))


def address(name: str) -> str:
    """'Aïssatou Bâ' as 'aissatou.ba'."""
    plain = unicodedata.normalize("NFKD", text.clean_line(name)).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(sign for sign in word if sign.isalnum()) for word in plain.split())
