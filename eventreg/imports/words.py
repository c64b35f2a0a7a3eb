"""How is said what an import has to say? The words of tables and imports, the names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core import refusals
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES
from eventreg.core.questions.judging import field_name
from eventreg.imports.columns import OWN
from eventreg.imports.rules import Told
from eventreg.manage import own_answers
from eventreg.proposals import labels, standard

COLUMN: Mapping[str, Any] = {
    "code": _l("Code"), "name_latin": _l("Name in Latin letters"), "name_arabic": _l("Name in Arabic letters"),
    "name": _l("Name (or family name)"), "first_name": _l("First name"), "email": _l("E-mail address"), "phone": _l("Phone"),
    "organisation": _l("Organisation"), "sector": _l("Sector"), "category": _l("Category"), "country": _l("Country"),
    "position": _l("Position"), "days": _l("Days"), "languages": _l("Languages"), "lang": _l("Language of mails"),
    "state": _l("State"), "address_confirmed": _l("Address confirmed"), "registered_at": _l("Registered"),
    "confirmed_at": _l("Place confirmed on"), "ended_at": _l("Ended on"), "visa_letter": _l("Visa letter"),
    "photo_consent": _l("Agrees to photographs"), "contact_consent": _l("Agrees to be contacted"),
    "name_ar": _l("Name in Arabic"), "name_fr": _l("Name in French"), "name_en": _l("Name in English"), "acronym": _l("Acronym"),
    "aliases": _l("Other names"), "level": _l("Level"), "parent": _l("Code of the parent organisation"),
    "is_public": _l("Suggested to everybody"),
    # of proposals
    **{name: labels.FIELD[name] for name in standard.QUESTION_OF if name in labels.FIELD},
    **{name: labels.FIELD[name] for name in standard.WORDS},
    "number": _l("Number"), "lead": _l("Name of the lead"), "lead_email": _l("E-mail address of the lead"),
    "lead_organisation": _l("Organisation of the lead"), "lead_sector": _l("Sector of the lead's organisation"),
    "co_organisers": _l("Co-organisers"), "co_organiser_emails": _l("E-mail addresses of co-organisers"),
    "co_organiser_organisations": _l("Organisations of co-organisers"), "complete_in": _l("Complete in these languages"),
    "missing": _l("Answers missing"), "version": _l("Version sent last"), "begun_at": _l("Begun"), "changed_at": _l("Changed last"),
    "sent_at": _l("Sent on"), "sectors": _l("Sectors"), "unanswered": _l("Co-organisers who have not answered"),
    "speakers": _l("Speakers"), "contacts": _l("Contacts"),
}  # fmt: skip


def column(key: str) -> str:
    """What a column is called; one of an own question as the question."""
    if key.startswith(OWN):
        return own_answers.label(field_name(key.removeprefix(OWN))) or key
    name, _sep, lang = key.rpartition("_")
    if name in standard.WORDS and lang in LANGS:
        return f"{labels.FIELD[name]} ({LANGUAGE_NAMES[lang]})"
    return str(COLUMN.get(key, key))


def said(told: Told) -> str:
    """One thing about a row or a file, in the reader's language; with its column, where it is about one."""
    words = refusals.say(told.refusal)
    return _("%(column)s: %(words)s", column=column(told.column), words=words) if told.column else words


def column_names(keys: Any) -> str:
    """Columns as people read them."""
    return _(", ").join(column(key) for key in keys)


def _counted(code: str) -> Any:
    def words(params: Mapping[str, Any]) -> str:
        count = int(params["count"])
        return {
            "hidden": lambda: ngettext(
                "%(num)s row is hidden in the workbook. It is read as well.",
                "%(num)s rows are hidden in the workbook. They are read as well.", count,
            ),
            "merged": lambda: ngettext(
                "%(num)s group of cells is merged: its value counts for each of its rows, in its first column only.",
                "%(num)s groups of cells are merged: their value counts for each of their rows, in the first column only.",
                count,
            ),
            "uncomputed": lambda: ngettext(
                "%(num)s formula has no result in the file and is read as empty. Open the file in Excel and save it once.",
                "%(num)s formulas have no result in the file and are read as empty. Open the file in Excel and save it"
                " once.", count,
            ),
            "wrong_rows": lambda: ngettext(
                "%(num)s row is wrong. Correct it, or choose to import the good rows only.",
                "%(num)s rows are wrong. Correct them, or choose to import the good rows only.", count,
            ),
        }[code]()  # fmt: skip

    return words


def _too_large(params: Mapping[str, Any]) -> str:
    return _("The file is larger than %(megabytes)s MB. Send it in parts.", megabytes=params["megabytes"])


refusals.texts.update(
    {
        "tables.empty": _l("The file is empty."),
        "tables.too_large": _too_large,
        "tables.kind": _l("This is a file of the kind %(kind)s, which is not read here. Save the table as .xlsx or .csv and"
        " choose that file."),
        "tables.broken": _l("This begins like an Excel workbook (a ZIP archive), but it is damaged. Save it anew as .xlsx or"
        " .csv."),
        "tables.locked": _l("This workbook is protected by a password. Save it without the password."),
        "tables.macros": _l("This workbook holds macros. Save it as .xlsx without macros."),
        "tables.unpacked": _l("This workbook unpacks to far more than a table of people. Save the sheet as .csv."),
        "tables.entities": _l("This workbook holds parts that no spreadsheet program writes. Save it anew as .xlsx or .csv."),
        "tables.quote": _l("A quotation mark stands where none may stand: inside a cell in quotation marks it is written twice."),
        "tables.quote_open": _l("A quotation mark opens here and is never closed."),
        "tables.cell_too_long": _l("A cell that begins here is far too long for a table: perhaps a quotation mark is missing."),
        "imports.no_header": _l("No line with the names of the columns was found. The first line must name them."),
        "imports.columns_missing": lambda params: _(
            "These columns are missing: %(columns)s.", columns=column_names(params["columns"])
        ),
        "imports.mapped_twice": lambda params: _(
            "Two columns of the file cannot both be: %(columns)s.", columns=column_names(params["columns"])
        ),
        "imports.no_rows": _l("There is no row under the names of the columns: 0 rows."),
        "imports.choose_encoding": lambda params: _(
            "It is not certain in which encoding this was written. Say which: %(encodings)s.",
            encodings=_(", ").join(params["encodings"]),
        ),
        "imports.encoding_guessed": _l("The letters were read as %(encoding)s. Look at the names: are they right?"),
        "imports.encoding_doubtful": lambda params: _(
            "The letters were read as %(encoding)s, but they could be %(others)s as well. Look at the names before you go on.",
            encoding=params["encoding"], others=_(", ").join(params["others"]),
        ),
        "imports.column_twice": _l("The column “%(name)s” names what another column names already. Only the first is read."),
        "imports.hidden": _counted("hidden"),
        "imports.merged": _counted("merged"),
        "imports.uncomputed": _counted("uncomputed"),
        "imports.wrong_rows": _counted("wrong_rows"),
        "imports.nothing_to_do": _l("No row of this file would change anything."),
        "imports.wrong_state": _l("Something else happened to this import in the meantime. Look at it anew."),
        "imports.erased": _l("The rows of this import are erased: they are kept for 30 days."),
        "imports.no_file": _l("Choose a file."),
        "imports.not_asked": _l("Not asked of this person, so it is left out."),
        "imports.level_unknown": _l("“%(value)s” is no level of government that we know."),
        "imports.organisation_unknown": _l("No organisation has the code %(code)s."),
        "imports.several_organisations": _l("Several organisations bear this name: %(codes)s. Give the code of the right one."),
        "imports.same_name_elsewhere": _l("An organisation of another country bears this name: %(code)s."),
        "imports.more_cells": _l("This line has %(cells)s cells, and there are %(columns)s columns."),
        "imports.unreadable": _l("This cell holds signs that cannot be read."),
        "imports.no_row": _l("This line is passed over: it repeats the names of the columns, or adds up."),
        "imports.country_unknown": _l("“%(value)s” is no country that is known here."),
        "imports.category_unknown": _l("“%(value)s” is none of the categories."),
        "imports.country_missing": _l("The country is missing."),
        "imports.phone_shortened": _l("“%(value)s”: the spreadsheet program has cut digits off this number. Format the column as"
        " text and enter it anew."),
        "imports.broken_letters": _l("“%(value)s” was saved in the wrong encoding; perhaps “%(meant)s” is meant."),
        "imports.other_script": _l("This name stands in the column of the other script; it is taken for what it is."),
        "imports.mixed_encodings": _l("Some lines are written in UTF-8, the others are not. Each line was read in its own way:"
        " look at the names."),
        "imports.category_missing": _l("The category is missing."),
        "imports.language_unknown": _l("“%(value)s” is none of the three languages."),
        "imports.yes_or_no": _l("“%(value)s” is neither yes nor no."),
        "imports.day_unknown": _l("“%(value)s” is no day of the meeting."),
        "imports.code_unknown": _l("There is no %(code)s here. Leave the code empty for a new one."),
        "imports.two_people": _l("The code names somebody else than the address, which belongs to %(code)s."),
        "imports.twice": _l("The same as line %(line)s."),
        "imports.perhaps_twice": _l("Perhaps the same as line %(line)s: name and organisation are the same."),
        "imports.perhaps_same": _l("Perhaps the same as %(code)s: name and organisation are the same."),
        "imports.perhaps_typo": _l("%(address)s: is %(meant)s meant?"),
        "imports.lookalike": _l("The address mixes alphabets that look alike; mail would go to %(address)s."),
        "imports.address_kept": _l("The address on record, %(address)s, stays: an import changes no address."),
        "imports.over": _l("The registration %(code)s has ended and is not changed."),
        "imports.answered_themselves": lambda params: _(
            "Registered already as %(code)s by themselves: their answers stay. They differ in: %(fields)s.",
            code=params["code"], fields=column_names(params["fields"]),
        ),
        "imports.hides": lambda params: _(
            "Not asked any more after this change, so these answers will be erased: %(fields)s.",
            fields=column_names(params["fields"]),
        ),
        "imports.written_themselves": lambda params: _(
            "Proposed already as %(code)s by themselves: their words stay. They differ in: %(fields)s.",
            code=params["code"], fields=column_names(params["fields"]),
        ),
        "imports.proposal_over": _l("The proposal %(code)s is being studied or was decided, and is not changed."),
        "imports.in_writing": _l("The proposal %(code)s is being written anew by its lead, and is not changed."),
        "imports.lead_missing": _l("The e-mail address of the lead is missing."),
        "imports.language_missing": _l("In which language is this? Add the column of the language, or a column for each one."),
        "imports.language_kept": _l("The language in which the proposal is written stays."),
        "imports.track_unknown": _l("“%(value)s” is none of the tracks."),
        "imports.format_unknown": _l("“%(value)s” is none of the formats."),
        "imports.state_unknown": _l("“%(value)s” is no state of a proposal. Write “draft” or “submitted”."),
        "imports.state_not_given": _l("A table brings drafts and what is sent; any other state is given on the pages. Write “draft”"
        " or “submitted”."),
        "imports.number_wrong": _l("“%(value)s” is no number of a proposal."),
        "imports.number_taken": _l("Number %(number)s belongs to another proposal; this one gets the next free number."),
        "imports.number_kept": _l("The number of this proposal stays: %(number)s."),
        "imports.changed_meanwhile": _l("This has changed since the check and was left alone."),
        "imports.changed_since": _l("This was changed after the import, so it stays."),
    }
)  # fmt: skip
