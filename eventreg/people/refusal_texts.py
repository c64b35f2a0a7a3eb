"""What the room says when a name, an address or a number can't be taken: each sentence tells the repair."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from eventreg.core import refusals

_TOO_LONG = _l("This is too long: at most %(limit)s characters.")
_MARKS = _l("A letter carries too many accents or marks. Enter at most four on one letter.")
_UNREADABLE = _l("Some characters could not be read. Type the text again.")

refusals.texts.update({
    "name.required": _l("Enter the name."),
    "name.unreadable": _UNREADABLE,
    "name.too_long": _TOO_LONG,
    "name.marks": _MARKS,
    "name.no_letter": _l("Enter a name with at least one letter."),
    "name.address": _l("Enter a name only, without a web or e-mail address."),
    "name.arabic_letters": _l("Enter this name in Arabic letters, or leave it empty."),
    "name.latin_letters": _l("Enter this name in Latin letters; the Arabic form has its own field."),
    "organisation.required": _l("Enter the organisation."),
    "organisation.unreadable": _UNREADABLE,
    "organisation.too_long": _TOO_LONG,
    "organisation.marks": _MARKS,
    "email.required": _l("Enter an e-mail address."),
    "email.one_line": _l("Enter the e-mail address on one line."),
    "email.only_one": _l("Enter one e-mail address only."),
    "email.too_long": _l("An e-mail address has at most %(limit)s characters."),
    "email.local_not_ascii": _l("Enter an address whose part before the @ has Latin letters only."),
    "email.no_public_domain": _l("Enter an address that can be reached from the internet, such as name@example.org."),
    "email.not_an_address": _l("Enter an e-mail address in full, such as name@example.org."),
    "phone.required": _l("Enter a phone number."),
    "phone.not_a_number": _l("Enter the phone number in digits, such as +212 612 345 678."),
    "phone.country_needed": _l("Begin the phone number with + and the country code, or choose the country."),
    "phone.only_one": _l("Enter one phone number only."),
    "phone.wrong_length": _l("Check the phone number: it has too few or too many digits."),
})  # fmt: skip
