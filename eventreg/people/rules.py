"""Is this a name, an address, a phone number, and might these two be one person? Values in, values or refusals out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from eventreg.core import text
from eventreg.core.refusals import Refusal, Refused

# R14: of organisations
SECTORS = ("government", "civil_society", "donor", "international", "media", "academia", "private")
NAME_LIMIT = 100
ORGANISATION_LIMIT = 200
LOCAL_PART_LIMIT = 64  # RFC 5321, 4.5.3.1.1
EMAIL_LIMIT = 254  # RFC 5321, 4.5.3.1: a path of 256 with its angle brackets
MARKS_LIMIT = 4

# At the start of a name or after a blank, where mail programs make a link of it. A formula that holds an address is
# no link bait and stays text (it is made harmless where it is exported).
_WEB_ADDRESS = re.compile(
    r"(?:^|\s)(?:[a-z]{2,10}://|www\.|[\w-]{2,}(?:\.[\w-]+)*\."
    r"(?:com|net|org|info|biz|xyz|top|site|online|shop|link|click|app|io|ru|cn|ly|example)(?:[/:?]|\s|$))",
    re.IGNORECASE,
)


def _refuse(code: str, **params: object) -> Refused:
    return Refused(Refusal(code, params))


# ---- names ---------------------------------------------------------------------------------------------------------


def clean_name(typed: str, *, script: Literal["latin", "arabic", "any"] = "any", limit: int = NAME_LIMIT) -> str:
    """The name as it will be printed. No first and last part is forced and one letter is enough (R40).

    `limit` counts signs as people see them. "arabic" wants an Arabic letter in it; "latin" is the form for everybody
    else (Tifinagh and Ethiopic too) and refuses a name that is Arabic only.
    Raises Refused: name.required, name.unreadable, name.too_long, name.marks, name.no_letter, name.address,
    name.arabic_letters, name.latin_letters.
    """
    name = _clean_words(typed, kind="name", limit=limit)
    if "@" in name or _WEB_ADDRESS.search(name):
        raise _refuse("name.address")
    found = text.script_of(name)
    if found == "none":
        raise _refuse("name.no_letter")
    if script == "arabic" and found not in ("arabic", "mixed"):
        raise _refuse("name.arabic_letters")
    if script == "latin" and found == "arabic":
        raise _refuse("name.latin_letters")
    return name


def clean_organisation(typed: str, *, limit: int = ORGANISATION_LIMIT) -> str:
    """The name in any script. Raises Refused: organisation.required, .unreadable, .too_long, .marks."""
    return _clean_words(typed, kind="organisation", limit=limit)


def _clean_words(typed: str, *, kind: str, limit: int) -> str:
    # 16 times the limit is more than any real name with all its marks: no work on what is surely too long
    if len(typed) > 16 * limit:
        raise _refuse(f"{kind}.too_long", limit=limit, length=len(typed))
    if any(_is_unreadable(sign) for sign in typed):
        raise _refuse(f"{kind}.unreadable")
    cleaned = text.clean_line(typed)
    if not cleaned:
        raise _refuse(f"{kind}.required")
    if text.marks_on_one_letter(cleaned) > MARKS_LIMIT:
        raise _refuse(f"{kind}.marks")
    length = text.graphemes(cleaned)
    if length > limit:
        raise _refuse(f"{kind}.too_long", limit=limit, length=length)
    return cleaned


def _is_unreadable(sign: str) -> bool:
    """NUL and other controls, half characters, and the sign that stands for bytes which were no UTF-8."""
    return sign == "\ufffd" or (unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace())


# ---- e-mail --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Email:
    """`address` is shown and kept, `key` decides who is the same person (R10), `ascii` is what mail is sent to.

    `suspicious`: the domain mixes look-alike alphabets; staff see `ascii`, and nothing is merged with its twin.
    """

    address: str
    key: str
    ascii: str
    suspicious: bool


NO_ADDRESS = Email("", "", "", False)  # of those who are reached through the head of their delegation


@lru_cache(maxsize=512)  # an import asks of each address whom it means, whether it holds, and whether it is a slip
def email_address(typed: str) -> Email:
    """Read one address, also out of "Name <address>", a mailto link, or full-width signs.

    Raises Refused: email.required, email.one_line, email.only_one, email.too_long, email.local_not_ascii,
    email.no_public_domain, email.not_an_address. Whether mail arrives there, only a mail can tell.
    """
    if len(typed) > 4 * EMAIL_LIMIT:
        raise _refuse("email.too_long", limit=EMAIL_LIMIT)
    if re.search(r"[\r\n\0]", typed.strip()):
        raise _refuse("email.one_line")
    candidate = _bare_address(text.clean_line(typed))
    if not candidate:
        raise _refuse("email.required")
    if candidate.count("@") > 1 and re.search(r"@[^@]*[\s,;/]+[^@]*@", candidate):
        raise _refuse("email.only_one")
    if len(candidate) > EMAIL_LIMIT:
        raise _refuse("email.too_long", limit=EMAIL_LIMIT)
    if len(candidate.rpartition("@")[0]) > LOCAL_PART_LIMIT:
        raise _refuse("email.not_an_address")
    found = _validated(candidate)
    address = f"{found.local_part}@{found.domain}"
    key = unicodedata.normalize("NFC", address.casefold())
    return Email(address, key, f"{found.local_part}@{found.ascii_domain}", _is_suspicious(found.domain))


def _bare_address(line: str) -> str:
    in_brackets = re.fullmatch(r"[^<>@]*<\s*([^<>\s]+)\s*>[.,;]?", line)
    bare = (in_brackets.group(1) if in_brackets else line).strip("\"'“”‘’«» ")
    if bare[:7].casefold() == "mailto:":
        bare = bare[7:].partition("?")[0].strip()
    bare = re.sub(r"(?<=[^\s.,;]{2})[.,;]$", "", bare)  # the end of the sentence that it was copied from
    return re.sub(r"\s*@\s*", "@", bare) if bare.count("@") == 1 else bare


# one label only, or a last label that is never delegated (RFC 6761, 6762)
_PRIVATE_DOMAIN = re.compile(r"[\w-]+\.?|.*\.(?:localhost|local|invalid|internal|lan)\.?")


def _validated(candidate: str) -> ValidatedEmail:
    local, at, domain = candidate.rpartition("@")
    if at and not local.isascii():
        raise _refuse("email.local_not_ascii")
    if at and _PRIVATE_DOMAIN.fullmatch(domain.casefold()):
        raise _refuse("email.no_public_domain")
    try:
        return validate_email(
            candidate, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=False, test_environment=True
        )
    except EmailNotValidError:
        raise _refuse("email.not_an_address") from None


def _is_suspicious(domain: str) -> bool:
    return any(_mixes_alphabets(label) or _looks_latin(label) for label in domain.split(".") if not label.isascii())


def _mixes_alphabets(label: str) -> bool:
    alphabets = {unicodedata.name(sign, "?").split(" ")[0] for sign in label if sign.isalpha()}
    # Japanese writes in several alphabets by nature
    return len(alphabets - {"CJK", "HIRAGANA", "KATAKANA"}) > 1


# Cyrillic and Greek letters that a reader takes for Latin ones (Unicode confusables, small letters)
_LATIN_TWINS = set("аеорсухіјѕԁԛԝһӏνορικυχτ")


def _looks_latin(label: str) -> bool:
    letters = {sign for sign in label if sign.isalpha()}
    return bool(letters) and letters <= _LATIN_TWINS


# Where most people's mail lives; then real domains that are only one letter away from those.
_COMMON = (
    "gmail.com", "yahoo.com", "yahoo.fr", "hotmail.com", "hotmail.fr", "outlook.com", "outlook.fr", "live.com",
    "live.fr", "icloud.com", "orange.fr", "proton.me",
)  # fmt: skip
_REAL = {"mail.com", "ymail.com", "email.com", "yahoo.ma", "yahoo.co", "live.co", "life.com", "love.com", "orange.ma"}


def typo_suggestion(address: str) -> str | None:
    """'sara@gmial.com' → 'sara@gmail.com': a question to ask, never a correction to make. None where all looks well."""
    local, at, domain = address.rpartition("@")
    domain = domain.casefold()
    if not at or domain in _COMMON or domain in _REAL:
        return None
    near = next((known for known in _COMMON if _is_one_slip_away(domain, known)), None)
    return f"{local}@{near}" if near else None


def _is_one_slip_away(typed: str, known: str) -> bool:
    """One letter more, less, other, or two neighbours swapped."""
    if len(typed) == len(known):
        differ = [at for at in range(len(known)) if typed[at] != known[at]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(typed) == sorted(known)
        return len(differ) == 1 or swapped
    longer, shorter = sorted((typed, known), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


# ---- phone ---------------------------------------------------------------------------------------------------------

_PHONE = re.compile(
    r"\+?[\d\s().\-/]+(?:(?:;ext=|,?\s*(?:ext|extension|poste|p|x|#|تحويلة)[.:]?)\s*\d{1,7})?", re.IGNORECASE
)


def phone(typed: str, *, country: str | None) -> str:
    """'+212612345678', with ';ext=12' if there is an extension. Digits of any script; 00 counts as +.

    `country` (ISO code) is needed for numbers in national form. Raises Refused: phone.required, phone.only_one,
    phone.not_a_number, phone.country_needed, phone.wrong_length.
    """
    line = text.clean_line(typed[:100])
    line = re.sub(r"(?i)^tel(?:ephone|éphone)?\s*[.:]\s*", "", text.latin_digits(line))
    line = re.sub("[‐‑‒–—−]", "-", line)
    if not line:
        raise _refuse("phone.required")
    if re.fullmatch(r"\+?\d[\d\s().\-]{6,}\s*(?:[/,;]|\bou\b|\bor\b|أو)\s*[+(\d][\d\s().\-]{7,}", line):
        raise _refuse("phone.only_one")
    if len(typed) > 60 or not _PHONE.fullmatch(line):
        raise _refuse("phone.not_a_number")
    if line.startswith("00"):
        line = "+" + line[2:]
    if not line.startswith("+") and not country:
        raise _refuse("phone.country_needed")
    line = re.sub(r"(?i)(?:poste|p|تحويلة|#)[.:]?\s*(?=\d+$)", "ext. ", line)
    try:
        number = phonenumbers.parse(line, country)
    except phonenumbers.NumberParseException:
        raise _refuse("phone.not_a_number") from None
    # possible, not valid: lists of assigned ranges age, and a new operator's customers would be turned away
    if not phonenumbers.is_possible_number(number):
        raise _refuse("phone.wrong_length")
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def name_in(lang: str, *, latin: str, arabic: str) -> str:
    """The name in the script that readers of `lang` expect, else the other one."""
    first, second = (arabic, latin) if lang == "ar" else (latin, arabic)
    return first or second
