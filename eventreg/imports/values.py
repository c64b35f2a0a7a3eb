"""What does this cell say? Values as people write them in three languages become ours, where only one is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from babel.core import get_global

from eventreg.core import countries, text
from eventreg.core.refusals import Refusal, Refused
from eventreg.imports import dates

_CATEGORIES = {
    "government": "gov | govt | governmental | government body | public | public sector | administration | ministry |"
    " representative of government | représentant du gouvernement | administration publique | حكومية |"
    " إدارة عمومية | مؤسسة عمومية | gouvernement |"
    " gouvernemental | secteur public | ministère | حكومة | الحكومة | حكومي | القطاع الحكومي | القطاع العام | إدارة | وزارة",
    "civil_society": "civil society | civil society organisation | cso | ngo | ngos | association | associations |"
    " non governmental | ngo cso | cso ngo |"
    " société civile | osc | ong | ong osc | osc ong | associatif | organisation de la société civile |"
    " منظمات المجتمع المدني | منظمة المجتمع المدني | المجتمع المدني | مجتمع مدني | جمعية | جمعيات",
    "donor": "donors | funder | bailleur | bailleurs | bailleur de fonds | bailleurs de fonds |"
    " donateur | donateurs | الجهات المانحة | جهة مانحة | مانح | ممول",
    "international": "international organisation | international organization | international org | io | organisation"
    " internationale |"
    " organisations internationales | international organisations | oi | منظمة دولية | منظمات دولية | المنظمات الدولية | دولي",
    "media": "medias | média | médias | journalist | journaliste | وسائل الإعلام | إعلام | صحفي",
    "academia": "academic | university | research | académique | milieu académique | université | universitaire | recherche |"
    " الوسط الأكاديمي | أكاديمي | جامعة | جامعي",
    "private": "private sector | business | company | privé | secteur privé | entreprise | القطاع الخاص | خاص | شركة | مقاولة",
    "guest": "guests | vip | invited | invité | invitée | invité(e) | invités | ضيف | ضيف شرف | ضيفة | ضيف(ة) | ضيوف",
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
    "US": "usa | united states | united states of america | états unis | états unis d'amérique |"
    " الولايات المتحدة | الولايات المتحدة الأمريكية | أمريكا",
    "MA": "kingdom of morocco | royaume du maroc | المملكة المغربية | maroc | morocco",
    "AE": "uae | emirates | émirats | émirats arabes unis | الإمارات",
    "CI": "ivory coast | côte d'ivoire | ساحل العاج",
    "CD": "drc | rdc | democratic republic of congo | république démocratique du congo | congo kinshasa |"
    " congo rdc | congo drc | الكونغو الديمقراطية",
    "CG": "congo | republic of congo | congo brazzaville | الكونغو",
    "PS": "palestine | فلسطين | state of palestine", "SZ": "swaziland", "CV": "cap vert | cape verde | cabo verde",
    "TZ": "tanzania | tanzanie",
    "KR": "south korea | corée du sud", "RU": "russia | russie", "IR": "iran", "SY": "syria | syrie", "LY": "libya | libye",
    "NL": "holland | pays bas | the netherlands", "CZ": "czech republic | république tchèque", "TR": "turkey | turquie | türkiye",
    "EG": "egypt | égypte | مصر", "SA": "ksa | saudi arabia | arabie saoudite | السعودية", "GM": "gambia | gambie",
    "GN": "guinée conakry | guinea conakry | غينيا كوناكري", "BF": "burkina", "CF": "rca",
}  # fmt: skip
_EVERY_DAY = {text.fold(word) for word in ("all", "all days", "tous", "tous les jours", "كل الأيام", "جميع الأيام", "الكل")}


_NOTHING = (
    "- | -- | --- | – | — | / | . | … | n/a | n.a. | #n/a | n/d | néant | neant | non renseigné | non communiqué | sans objet |"
    " not available | none given | لا يوجد | لا شيء | غير متوفر | غير متوفرة | بدون"
)


def is_nothing(typed: str) -> bool:
    """Whether the cell says that there is nothing to say: a dash, n/a, néant, لا يوجد."""
    return text.clean_line(typed).casefold() in {word.strip() for word in _NOTHING.split("|")}


def phone_digits(typed: str) -> str:
    """The number as it was before a spreadsheet program took it for a quantity, as far as its digits are still there.

    Raises Refused (imports.phone_shortened) for 2.12661E+11, whose last digits are lost.
    """
    plain = text.latin_digits(text.clean_line(typed)).lstrip("'’")
    found = re.fullmatch(r"(\d)(?:[.,](\d+))?e\+?(\d{1,2})", plain, re.IGNORECASE)
    if found is None:
        return re.sub(r"(?<=\d)[.,]0$", "", plain) if re.fullmatch(r"\d{7,}[.,]0", plain) else plain
    first, rest, size = found[1], found[2] or "", int(found[3])
    if len(rest) != size:
        raise Refused(Refusal("imports.phone_shortened", {"value": typed[:60]}))
    return first + rest


def country(typed: str) -> str:
    """The two-letter code: from a code of two or three letters, or a name in Arabic, French or English.

    Raises Refused (imports.country_unknown).
    """
    wanted = text.clean_line(typed)
    found = _country(wanted) or _country_in_parts(wanted)
    if found is None:
        raise Refused(Refusal("imports.country_unknown", {"value": wanted[:60]}))
    return found


def _country(wanted: str) -> str | None:
    code = "".join(chr(ord(sign) - _FLAG_A + ord("A")) for sign in wanted) if _FLAG.fullmatch(wanted) else wanted.upper()
    if len(code) == 2 and countries.is_country(code):
        return code
    names = _country_names()
    return names.get(_folded(wanted)) or names.get(_folded(wanted.replace(".", ""))) or _three_letters(code)


def _country_in_parts(wanted: str) -> str | None:
    """"Maroc (MA)", "المغرب / Maroc": one country said twice."""
    said = {_country(part.strip()) for part in re.split(r"[()\[\]/|–—-]", wanted) if part.strip()}
    return said.pop() if len(said) == 1 else None


_FLAG_A = 0x1F1E6
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


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
    found = _by_name("category").get(_folded(wanted)) or _by_name("category").get(_folded(wanted.replace(".", "")))
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
    """Days of the meeting as ISO dates, in order. Raises Refused (imports.day_unknown)."""
    if text.fold(typed) in _EVERY_DAY:
        return tuple(day.isoformat() for day in of)
    said = dates.named(typed, of)
    if not said:
        raise Refused(Refusal("imports.day_unknown", {"value": text.clean_line(typed)[:60]}))
    return tuple(day.isoformat() for day in of if day in said)


def _parts(typed: str) -> list[str]:
    return [part for part in re.split(r"[\s,;،؛|+&]+", text.clean_line(typed)) if part and part not in ("et", "and", "و")]


def _folded(words: str) -> str:
    return text.fold(words.replace("_", " "))
