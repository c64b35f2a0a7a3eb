"""Which column is meant? The names of our own tables, and what people call the same in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from eventreg.core import text
from eventreg.core.questions.shape import Kind, Question
from eventreg.imports import proposal_columns
from eventreg.imports.column import Column
from eventreg.imports.column import split as _names

_COUNTRY = _names(
    "pays | land | country code | code pays | country of residence | pays de résidence | pays d'origine | country of origin |"
    " البلد | الدولة | بلد الإقامة | بلد الأصل | البلد الأصلي | البلد أو الدولة"
)
_SECTOR = _names("secteur | secteur d'activité | القطاع | قطاع | sector of organisation")

PARTICIPANTS = (
    Column("code", _names("registration | registration code | code d'inscription | numéro d'inscription | رقم التسجيل | رمز"
        " التسجيل")),
    Column("name_latin", _names(
        "name in latin letters | name in latin | latin name | nom en lettres latines | nom latin | nom (latin) |"
        " name (latin) | nom en français |"
        " الاسم بالحروف اللاتينية | الاسم باللاتينية | الاسم بالفرنسية | الاسم اللاتيني"
    )),
    Column("name_arabic", _names(
        "name in arabic letters | name in arabic | arabic name | nom en lettres arabes | nom arabe | nom en arabe | nom (arabe) |"
        " name (arabic) |"
        " الاسم بالحروف العربية | الاسم بالعربية | الاسم العربي"
    )),
    Column("name", _names(
        "nom complet | nom et prénom | nom prénom | prénom nom | nom et prénoms | nom & prénom | prénom et nom | noms et prénoms |"
        " full name | participant name | name and surname | nom du participant | participant | nom |"
        " family name | last name | surname | nom de famille | الاسم | الاسم الكامل | الاسم والنسب |"
        " الاسم و النسب | اسم المشارك | الاسم واللقب | النسب | الاسم العائلي | اللقب | المشارك"
    )),
    Column("first_name", _names("first name | given name | forename | prénom | prénoms | الاسم الشخصي | الاسم الأول")),
    Column("email", _names(
        "e-mail | mail | email address | e-mail address | adresse e-mail | adresse mail | adresse électronique | courriel |"
        " adresse email | mél | الإيميل | إيميل | البريد الإلكتروني | البريد | بريد إلكتروني | العنوان الإلكتروني |"
        " عنوان البريد الإلكتروني"
    )),
    Column("phone", _names(
        "telephone | phone number | mobile | tel | téléphone | tél | numéro de téléphone | portable |"
        " tél portable | téléphone portable | n° de téléphone | n° tél | mobile phone | cell phone | whatsapp | gsm | الهاتف |"
        " هاتف | رقم الهاتف | الهاتف المحمول | الهاتف النقال | رقم الجوال | الجوال"
    )),
    Column("organisation", _names(
        "organization | organisation name | institution | company | association | body | organisme | structure | établissement |"
        " entité | administration | nom de l'organisation | المؤسسة | الهيئة | المنظمة | الجهة | الجمعية | الإدارة | الهيئة"
        " أو المنظمة"
    )),
    Column("sector", _SECTOR),
    Column("category", _names("catégorie | type | type de participation | type de participant | participant type | profil |"
        " profile | catégorie de participant | catégorie du participant | participant category | category of participant |"
        " فئة المشارك | صفة المشارك | فئة المشاركة | الفئة | الصنف |"
        " صفة المشاركة | صنف المشاركة")),
    Column("country", _COUNTRY),
    Column("position", _names(
        "function | job title | title | role | fonction | poste | qualité | المنصب | الوظيفة | الصفة | المهمة"
    )),
    Column("days", _names("day | attendance | jours | jour | jours de présence | dates | الأيام | أيام الحضور | اليوم")),
    Column("languages", _names("spoken languages | langues | langues parlées | اللغات | لغات المتابعة")),
    Column("lang", _names("language | language of mails | langue | langue des courriels | langue de correspondance | اللغة |"
        " لغة المراسلة")),
    Column("state", _names("status | état | statut | الحالة"), is_told=True),
    Column("address_confirmed", is_told=True),
    Column("registered_at", _names("registered | registration date | date d'inscription | تاريخ التسجيل"), is_told=True),
    Column("confirmed_at", is_told=True),
    Column("ended_at", is_told=True),
    Column("visa_letter", _names("visa | visa letter | lettre de visa | lettre pour le visa | رسالة التأشيرة | التأشيرة")),
    Column("photo_consent", _names("photo | photos | droit à l'image | الموافقة على التصوير | التصوير")),
    Column("contact_consent", _names("contact | may be contacted | accepte d'être contacté | الموافقة على التواصل")),
)  # fmt: skip

ORGANISATIONS = (
    Column("code", _names("organisation code | code de l'organisation | رمز المنظمة | الرمز")),
    Column("name_ar", _names("name in arabic | arabic name | nom arabe | nom en arabe | الاسم بالعربية | الاسم العربي |"
        " name_arabic")),
    Column("name_fr", _names("name in french | french name | nom français | nom en français | nom | الاسم بالفرنسية | nom (fr)")),
    Column("name_en", _names("name in english | english name | nom anglais | nom en anglais | الاسم بالإنجليزية | name |"
        " organisation")),
    Column("acronym", _names("abbreviation | short name | sigle | acronyme | abréviation | الاختصار | المختصر")),
    Column("aliases", _names("alias | other names | autres noms | أسماء أخرى | also known as")),
    Column("country", _COUNTRY),
    Column("sector", (*_SECTOR, *_names("category | catégorie | type | الفئة"))),
    Column("level", _names("niveau | المستوى")),
    Column("parent", _names("parent code | tutelle | organisme de tutelle | الجهة الوصية | الوصاية")),
    Column("is_public", _names("public | publique | visible | عمومي | علني")),
)  # fmt: skip

TABLES: Mapping[str, tuple[Column, ...]] = {
    "participants": PARTICIPANTS, "organisations": ORGANISATIONS, "proposals": proposal_columns.made(_COUNTRY, _SECTOR),
}  # fmt: skip
OWN = "q:"  # before the short name of an organiser's own question, as in the export
IGNORED = ""  # what a column of the file is mapped to that nobody reads


# what our own pages call the sector in French and Arabic, and most others the category
_SECTOR_IF_BOTH = {text.fold("catégorie"), text.fold("الفئة")}


def own(questions: Iterable[Question]) -> tuple[Column, ...]:
    """A column for each own question whose answers a table may hold: not those kept apart, and no files."""
    asked = (q for q in questions if q.is_own and q.is_asked and not q.is_sensitive and q.kind is not Kind.FILE)
    return tuple(Column(OWN + q.code, tuple(filter(None, (q.label.ar, q.label.fr, q.label.en)))) for q in asked)


def matched(header: Sequence[str], table: Sequence[Column]) -> list[str]:
    """For each cell of the header the column it names, IGNORED for unknown ones and for what was named before."""
    known = _known(table)
    found: list[str] = []
    keys = [_key(cell, known) for cell in header]
    for cell, key in zip(header, keys, strict=True):
        if folded(cell) in _SECTOR_IF_BOTH and keys.count("category") > 1:
            key = "sector"
        if key == "name" and key in found:  # "Nom" and "الاسم" side by side are one name in two scripts
            key = "name_arabic" if text.script_of(cell) == "arabic" else "name_latin"
        found.append(key if key not in found else IGNORED)
    return found


def recognised(cells: Sequence[str], table: Sequence[Column]) -> int:
    """How many different columns a line names: a line that names columns has one in at least half of its cells."""
    keys = {key for key in matched(cells, table) if key}
    filled = sum(1 for cell in cells if cell.strip())
    return len(keys) if 2 * len(keys) >= min(filled, 6) else 0


def twice(header: Sequence[str], table: Sequence[Column]) -> list[str]:
    """Cells that name a column which another cell has named before, and so are not read."""
    known = _known(table)
    keys = matched(header, table)
    return [cell.strip() for cell, key in zip(header, keys, strict=True) if key == IGNORED and _key(cell, known)]


def missing(keys: Sequence[str], what: str) -> list[str]:
    """What a table must have and has not: each a column, or 'a|b' where one of two does."""
    have = set(keys)
    if what == "proposals":
        titles = {"title", "title_ar", "title_fr", "title_en"}
        is_known = {"code", "number"} & have and not {"lead_email"} & have
        return [] if is_known else [name for name, one in (("title", titles), ("lead_email", {"lead_email"})) if not one & have]
    if what == "organisations":
        wanted = [{"name_ar", "name_fr", "name_en"}, {"country"}, {"sector"}]
    else:
        wanted = [{"name_latin", "name_arabic", "name"}, {"country"}, {"category"}]
    if "code" in have:
        return []  # the rows name what is known already, and change what they have
    return [min(one) if len(one) == 1 else "name" for one in wanted if not one & have]


def folded(words: str) -> str:
    """A name of a column as it is compared: no case, accents, signs; an underscore is a blank."""
    return text.fold(words.replace("_", " ").replace("*", " "))


def _key(cell: str, known: Mapping[str, str]) -> str:
    """The column that a cell of the header names; in doubt without what stands in brackets, or by what both languages say."""
    if found := known.get(folded(cell)):
        return found
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", cell)
    if found := known.get(folded(outside)):
        return found
    said = {known.get(folded(part), IGNORED) for part in re.split(r"[/|\n]|\s[–—-]\s", outside) if folded(part)} - {IGNORED}
    if said == {"name", "first_name"}:  # "Nom / Prénom" is one name
        return "name"
    return said.pop() if len(said) == 1 else IGNORED


def _known(table: Sequence[Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in table:
        found.setdefault(folded(column.key), column.key)
    for column in table:
        for name in column.names:
            found.setdefault(folded(name), column.key)
    return found
