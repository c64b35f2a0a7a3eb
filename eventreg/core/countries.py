"""Which countries are there, and what are they called? ISO 3166-1 codes, named by CLDR for ar-MA, fr and en-GB, some by usage."""

from __future__ import annotations

from functools import cache

from babel import Locale

from eventreg.core import text

_LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB"}


def _codes(line: str) -> list[str]:
    return line.split(" ")


# Left out of ISO 3166-1: EH, which is no member of the United Nations and nobody's nationality, and territories without
# inhabitants (AQ, BV, GS, HM, IO, TF, UM).
# Where this meeting's guests come from: these stand first in the list of choices.
AFRICA = _codes(
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE "
    "NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW"
)
MIDDLE_EAST = _codes("AE BH IQ IR IL JO KW LB OM PS QA SA SY TR YE")
ELSEWHERE = _codes(
    "AD AF AG AI AL AM AR AS AT AU AW AX AZ BA BB BD BE BG BL BM BN BO BQ BR BS BT BY BZ CA CC CH CK CL CN CO "
    "CR CU CW CX CY CZ DE DK DM DO EC EE ES FI FJ FK FM FO FR GB GD GE GF GG GI GL GP GR GT GU GY HK HN HR HT "
    "HU ID IE IM IN IS IT JE JM JP KG KH KI KN KP KR KY KZ LA LC LI LK LT LU LV MC MD ME MF MH MK MM MN MO MP MQ "
    "MS MT MV MX MY NC NF NI NL NO NP NR NU NZ PA PE PF PG PH PK PL PM PN PR PT PW PY RO RS RU SB SE SG SI SJ SK SM "
    "SR SV SX TC TH TJ TK TL TM TO TT TV TW UA US UY UZ VA VC VE VG VI VN VU WF WS"
)
_CODES = frozenset((*AFRICA, *MIDDLE_EAST, *ELSEWHERE))


def is_country(code: str) -> bool:
    """Whether it is an assigned two-letter code, in capitals."""
    return code in _CODES


def name(code: str, lang: str) -> str:
    """The country in 'ar', 'fr' or 'en'; the code itself if it is none."""
    return _names(lang).get(code, code) if is_country(code) else code


@cache
def choices(lang: str) -> tuple[tuple[str, str], ...]:
    """(code, name): Africa and the Middle East by name, then all others by name, each once."""
    near = sorted((*AFRICA, *MIDDLE_EAST), key=lambda code: text.sort_key(name(code, lang)))
    far = sorted(ELSEWHERE, key=lambda code: text.sort_key(name(code, lang)))
    return tuple((code, name(code, lang)) for code in (*near, *far))


# Where administrations of the region write another name than CLDR.
_USUAL = {"ar": {"PS": "فلسطين", "CI": "كوت ديفوار"}, "fr": {"PS": "Palestine"}, "en": {"PS": "Palestine"}}


@cache
def _names(lang: str) -> dict[str, str]:
    return dict(Locale.parse(_LOCALES[lang]).territories) | _USUAL[lang]
