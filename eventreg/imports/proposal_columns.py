"""The columns of a table of proposals, and what people call them in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from eventreg.core.trilingual import LANGS
from eventreg.imports.column import Column, split
from eventreg.proposals import standard, table

# the texts, each in a column for every language, or in one for the language of the row
_TEXTS: Mapping[str, str] = {
    "title": "workshop title | titre | intitulé | intitulé de l'atelier | titre de l'atelier | العنوان | عنوان الورشة | عنوان",
    "summary": "abstract | description | résumé | présentation | ملخص | الملخص | تقديم",
    "approach": "approach and methodology | methodology | method | approche | méthodologie | approche et méthodologie |"
    " approche et méthodologie de travail | المقاربة | المنهجية | مقاربة ومنهجية العمل | المقاربة والمنهجية",
    "objectives": "goals | aims | objectifs | الأهداف | أهداف",
    "outputs": "expected outputs | outcomes | résultats attendus | livrables | produits attendus | المخرجات | المخرجات المنتظرة |"
    " النتائج المنتظرة",
}
_IN: Mapping[str, tuple[str, ...]] = {
    "ar": ("ar", "in arabic", "arabic", "en arabe", "arabe", "بالعربية", "العربية"),
    "fr": ("fr", "in french", "french", "en français", "français", "بالفرنسية", "الفرنسية"),
    "en": ("en", "in english", "english", "en anglais", "anglais", "بالإنجليزية", "الإنجليزية"),
}
_OTHER: Mapping[str, str] = {
    "code": "proposal code | code de la proposition | رمز الاقتراح | الرمز",
    "number": "no | n° | proposal number | numéro | numéro de la proposition | الرقم | رقم الاقتراح",
    "state": "status | état | statut | الحالة",
    "lang": "language | written in | langue | langue de la proposition | rédigée en | اللغة | لغة الاقتراح",
    "track": "theme | topic | thème | thématique | axe | axe thématique | المجال | المحور | الموضوع |"
    " المسار",
    "format": "type | session format | type d'atelier | الصيغة | الشكل | نوع الورشة",
    "spoken": "languages | languages of the workshop | working languages | langues | langues de l'atelier | langues de travail |"
    " لغات الورشة | اللغات | لغات العمل",
    "size_min": "at least this many participants | minimum | min | minimum participants | participants minimum | nombre minimum |"
    " الحد الأدنى | الحد الأدنى للمشاركين | أدنى عدد",
    "size_max": "at most this many participants | maximum | max | maximum participants | participants maximum | nombre maximum |"
    " الحد الأقصى | الحد الأقصى للمشاركين | أقصى عدد",
    "lead": "lead name | proposer | name of the lead | name | porteur | responsable | nom du porteur | nom du responsable | nom |"
    " صاحب الاقتراح | المسؤول عن الاقتراح | المسؤول | اسم المسؤول | الاسم",
    "lead_email": "e-mail | email | mail | email address | e-mail address | e-mail of the lead | proposer email | courriel |"
    " adresse électronique | adresse e-mail | e-mail du porteur | courriel du responsable | البريد الإلكتروني |"
    " عنوان البريد الإلكتروني | بريد المسؤول",
    "lead_organisation": "organisation | organization | organisation of the lead | institution | body | organisme | structure |"
    " organisme du porteur | organisme du responsable | الهيئة أو المؤسسة | هيئة المسؤول عن الاقتراح | المنظمة | الهيئة |"
    " المؤسسة",
    "co_organisers": "co-organisers | coorganisers | co-organizers | co-organisateurs | coorganisateurs | الشركاء في التنظيم |"
    " المنظمون المشاركون",
    "co_organiser_emails": "addresses of co-organisers | co-organiser e-mails | co-organisers' addresses |"
    " adresses des co-organisateurs | courriels des co-organisateurs | عناوين المنظمين المشاركين",
    "co_organiser_organisations": "organisations of co-organisers | organismes des co-organisateurs | هيئات المنظمين المشاركين",
}


def made(country: tuple[str, ...], sector: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns; `country` and `sector` are what these are called in any table."""
    others = {key: split(words) for key, words in _OTHER.items()}
    of_lead = ("lead country", "country of the lead", "pays du porteur", "pays du responsable", "بلد المسؤول عن الاقتراح")
    others |= {"country": (*country, *of_lead), "lead_sector": ("sector", *sector, "catégorie", "الفئة")}
    found = [Column(key, names) for key, names in others.items()]
    for name, words in _TEXTS.items():
        said = (name, *split(words))
        for lang in LANGS:
            found.append(Column(standard.field_of(name, lang), tuple(f"{word} {suffix}" for word in said for suffix in _IN[lang])))
        found.append(Column(name, said))
    told = (*table.ABOUT, *table.BEHIND)
    keys = {column.key for column in found}
    return (*found, *(Column(key, is_told=True) for key in told if key not in keys))
