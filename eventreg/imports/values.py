"""What does this cell say? Values as people write them in three languages become ours, where only one is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache

from babel.core import get_global

from eventreg.core import countries, text
from eventreg.core.refusals import Refusal, Refused

_CATEGORIES = {
    "government": "gov | govt | governmental | government body | public | public sector | administration | ministry |"
    " gouvernement |"
    " gouvernemental | secteur public | ministère | حكومة | الحكومة | حكومي | القطاع الحكومي | القطاع العام | إدارة | وزارة",
    "civil_society": "civil society | civil society organisation | cso | ngo | association | associations | non governmental |"
    " société civile | osc | ong | associatif | المجتمع المدني | مجتمع مدني | جمعية | جمعيات",
    "donor": "donors | funder | bailleur | bailleur de fonds | donateur | جهة مانحة | مانح | ممول",
    "international": "international organisation | international organization | international org | io | organisation"
    " internationale |"
    " oi | منظمة دولية | دولي",
    "media": "medias | média | médias | journalist | journaliste | وسائل الإعلام | إعلام | صحفي",
    "academia": "academic | university | research | académique | milieu académique | université | universitaire | recherche |"
    " الوسط الأكاديمي | أكاديمي | جامعة | جامعي",
    "private": "private sector | business | company | privé | secteur privé | entreprise | القطاع الخاص | خاص | شركة | مقاولة",
    "guest": "guests | vip | invited | invité | invitée | invité(e) | invités | ضيف | ضيفة | ضيف(ة) | ضيوف",
    "press": "presse | الصحافة | صحافة",
    "staff": "organising team | organizing team | team | équipe | équipe d'organisation | organisation | organisateur | فريق"
    " التنظيم | منظم",
}  # fmt: skip
_LANGUAGES = {
    "ar": "arabic | arabe | ara | العربية | عربية | عربي",
    "fr": "french | français | francais | fra | fre | الفرنسية | فرنسية | فرنسي",
    "en": "english | anglais | eng | الإنجليزية | الانجليزية | إنجليزية | إنجليزي",
}
_LEVELS = {
    "central": "central government | ministry | national | administration centrale | ministère | central | إدارة مركزية |"
    " الإدارة المركزية | وزارة",
    "agency": "public institution | agency | établissement public | agence | مؤسسة عمومية | وكالة",
    "parliament": "parliament | parlement | البرلمان | برلمان",
    "governance": "governance body | instance de gouvernance | هيئة حكامة | هيئة الحكامة",
    "local": "local government | territorial collectivity | collectivité territoriale | local | جماعة ترابية | محلي",
}
_YES = "yes | y | oui | o | vrai | true | 1 | x | ok | نعم | ✓ | ✔ | ☑"
_NO = "no | n | non | faux | false | 0 | - | لا | ✗ | ✘ | ☐"
_COUNTRIES = {
    "GB": "uk | england | great britain | united kingdom of great britain and northern ireland | royaume uni | grande bretagne |"
    " المملكة المتحدة | بريطانيا",
    "US": "usa | united states | united states of america | états unis | états unis d'amérique | الولايات المتحدة | أمريكا",
    "MA": "kingdom of morocco | royaume du maroc | المملكة المغربية | maroc | morocco",
    "AE": "uae | emirates | émirats | émirats arabes unis | الإمارات",
    "CI": "ivory coast | côte d'ivoire | ساحل العاج",
    "CD": "drc | rdc | democratic republic of congo | république démocratique du congo | congo kinshasa | الكونغو الديمقراطية",
    "CG": "congo | republic of congo | congo brazzaville | الكونغو",
    "PS": "palestine | فلسطين | state of palestine", "SZ": "swaziland", "CV": "cap vert | cape verde", "TZ": "tanzania | tanzanie",
    "KR": "south korea | corée du sud", "RU": "russia | russie", "IR": "iran", "SY": "syria | syrie", "LY": "libya | libye",
    "NL": "holland | pays bas | the netherlands", "CZ": "czech republic | république tchèque", "TR": "turkey | turquie | türkiye",
    "EG": "egypt | égypte | مصر", "SA": "ksa | saudi arabia | arabie saoudite | السعودية", "GM": "gambia | gambie",
}  # fmt: skip
_EVERY_DAY = {text.fold(word) for word in ("all", "all days", "tous", "tous les jours", "كل الأيام", "جميع الأيام", "الكل")}


def country(typed: str) -> str:
    """The two-letter code: from a code of two or three letters, or a name in Arabic, French or English.

    Raises Refused (imports.country_unknown).
    """
    wanted = text.clean_line(typed)
    if len(wanted) == 2 and countries.is_country(wanted.upper()):
        return wanted.upper()
    found = _country_names().get(_folded(wanted)) or _three_letters(wanted.upper())
    if found is None:
        raise Refused(Refusal("imports.country_unknown", {"value": wanted[:60]}))
    return found


@cache
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for lang in ("ar", "fr", "en"):
        for code, name in countries.choices(lang):
            names.setdefault(_folded(name), code)
    for code, line in _COUNTRIES.items():
        names.update({_folded(word): code for word in line.split("|")})
    return names


def _three_letters(wanted: str) -> str | None:
    """MAR, SEN: CLDR keeps them as other names of the two letters."""
    if len(wanted) != 3 or not wanted.isascii():
        return None
    known = get_global("territory_aliases").get(wanted, [])
    return known[0] if len(known) == 1 and countries.is_country(known[0]) else None


def category(typed: str) -> str:
    """A category or sector by its code or its name. Raises Refused (imports.category_unknown)."""
    wanted = text.clean_line(typed)
    found = _by_name("category").get(_folded(wanted))
    if found is None:
        raise Refused(Refusal("imports.category_unknown", {"value": wanted[:60]}))
    return found


def level(typed: str) -> str:
    """Of which level of government a body is: a code or its words. Raises Refused (imports.level_unknown)."""
    found = _by_name("level").get(_folded(text.clean_line(typed)))
    if found is None:
        raise Refused(Refusal("imports.level_unknown", {"value": typed[:60]}))
    return found


def language(typed: str) -> str:
    """ar, fr or en. Raises Refused (imports.language_unknown)."""
    wanted = text.clean_line(typed)
    found = _by_name("language").get(_folded(wanted))
    if found is None:
        raise Refused(Refusal("imports.language_unknown", {"value": wanted[:60]}))
    return found


def languages(typed: str) -> tuple[str, ...]:
    """Several of them, in their usual order."""
    said = {language(word) for word in _parts(typed)}
    return tuple(lang for lang in ("ar", "fr", "en") if lang in said)


@cache
def _by_name(kind: str) -> dict[str, str]:
    table = {"category": _CATEGORIES, "level": _LEVELS, "language": _LANGUAGES}[kind]
    names = {_folded(key): key for key in table}
    for key, line in table.items():
        for word in line.split("|"):
            names.setdefault(_folded(word), key)
    return names


def yes(typed: str) -> bool:
    """Raises Refused (imports.yes_or_no)."""
    wanted = text.clean_line(typed).casefold()
    for words, meant in ((_YES, True), (_NO, False)):
        if wanted in [word.strip() for word in words.split("|")]:
            return meant
    raise Refused(Refusal("imports.yes_or_no", {"value": wanted[:60]}))


def days(typed: str, *, of: Sequence[date]) -> tuple[str, ...]:
    """Days of the meeting as ISO dates, in order. 01/11/2022 is read either way round if only one of them is a day of the meeting.

    Raises Refused (imports.day_unknown).
    """
    if text.fold(typed) in _EVERY_DAY:
        return tuple(day.isoformat() for day in of)
    said = {_day(part, of) for part in _parts(typed)}
    return tuple(day.isoformat() for day in of if day in said)


def _day(typed: str, of: Sequence[date]) -> date:
    plain = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in typed)
    found = re.fullmatch(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:T00:00(?::00)?)?", plain)
    if found:
        one, two, three = (int(part) for part in found.groups())
        readings = [(one, two, three)] if one > 31 else [(_full(three), two, one), (_full(three), one, two)]
        meant = {day for day in of if (day.year, day.month, day.day) in readings}
        if len(meant) == 1:
            return meant.pop()
    raise Refused(Refusal("imports.day_unknown", {"value": typed[:60]}))


def _full(year: int) -> int:
    return year + 2000 if year < 100 else year


def _parts(typed: str) -> list[str]:
    return [part for part in re.split(r"[\s,;،؛|+&]+", text.clean_line(typed)) if part and part not in ("et", "and", "و")]


def _folded(words: str) -> str:
    return text.fold(words.replace("_", " "))
