"""Which badge is this, and may this link be trusted? Badge tokens, read in any keyboard's disguise, and secrets."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

from eventreg.core.refusals import Refusal, Refused

# The same physical keys on QWERTY, AZERTY and QWERTZ, no Shift, no digits, and without vowels no words.
ALPHABET = "BCDFGHJKLNPRSTVX"
LENGTH = 16
# Nothing that a badge, a hand or a keyboard makes of 16 letters is longer; a QR code may hold 7,000 signs.
LONGEST_READ = 80

# People read these out on the phone: no 0/O, 1/I/L, 5/S, 8/B, 2/Z, U/V, and no vowels.
_READABLE = "34679CDFGHJKMNPQRTVWXY"

# What the US keys of the alphabet give on a computer set to Arabic (101): with Shift, and without.
_ARABIC_PAIRS = {"لآ": "B", "لأ": "G", "لإ": "T", "لا": "B", "ﻵ": "B", "ﻷ": "G", "ﻹ": "T", "ﻻ": "B"}
_ARABIC_KEYS = dict(zip("}][أـ،/آ؛ٌٍ{ْ", "CDFHJKLNPRSVX", strict=True)) | dict(
    zip("ؤيبلاتنمىحقسفرء", "CDFGHJKLNPRSTVX", strict=True)
)


def new_badge_token() -> str:
    """15 random letters (59.8 bits) and their check letter.

    MOD 17,16 misses 1 % of the swaps of two neighbours: a code with such a pair, one in nine, is drawn anew, so that
    swaps are caught in every code we issue.
    """
    while True:
        letters = "".join(secrets.choice(ALPHABET) for position in range(LENGTH - 1))
        token = letters + check_letter(letters)
        if _every_swap_is_caught(token):
            return token


def _every_swap_is_caught(token: str) -> bool:
    for at in range(LENGTH - 1):
        swapped = token[:at] + token[at + 1] + token[at] + token[at + 2 :]
        if swapped != token and check_letter(swapped[:-1]) == swapped[-1]:
            return False
    return True


def check_letter(letters: str) -> str:
    """The sixteenth letter, by ISO 7064 hybrid MOD 17,16: every single wrong letter is caught, 99 % of swaps are."""
    p = LENGTH
    for letter in letters:
        q = (p + ALPHABET.index(letter)) % 16 or 16
        p = 2 * q % 17
    return ALPHABET[(1 - p) % 16]


def read_badge_token(scanned: str) -> str:
    """The token behind what a scanner, a camera or a hand gave: case, gaps, full-width and Arabic keyboards undone.

    Raises Refused: token.not_a_code, token.letters_only (digits in it), token.incomplete, token.check_failed.
    A look-alike is never guessed: 8 is not taken for B.
    """
    if len(scanned) > LONGEST_READ:
        raise Refused(Refusal("token.not_a_code"))
    letters = _without_gaps(_by_key_positions(scanned)).upper()
    if set(letters) <= set(ALPHABET):
        return _checked(letters)
    has_digit = any(sign.isdigit() for sign in letters)
    if has_digit and letters.isalnum() and len(letters) <= LENGTH:
        raise Refused(Refusal("token.letters_only"))
    raise Refused(Refusal("token.not_a_code"))


def _checked(letters: str) -> str:
    if len(letters) < LENGTH:
        raise Refused(Refusal("token.incomplete"))
    if len(letters) > LENGTH:
        raise Refused(Refusal("token.not_a_code"))
    if check_letter(letters[:-1]) != letters[-1]:
        raise Refused(Refusal("token.check_failed"))
    return letters


def _by_key_positions(scanned: str) -> str:
    """Undo full-width signs and the Arabic layout; no normal form before, it would reorder the vowel marks."""
    text = "".join(chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in scanned)
    if not any("\u0600" <= sign <= "\u06ff" or "\ufe70" <= sign <= "\ufefc" for sign in text):
        return text
    # Lam-alef is one key. Without Shift لا is B and also G then H: read as B, so the other comes out too short
    # and is refused, never mistaken.
    for pair, letter in _ARABIC_PAIRS.items():
        text = text.replace(pair, letter)
    return "".join(_ARABIC_KEYS.get(sign, sign) for sign in text)


def _without_gaps(text: str) -> str:
    gaps = {"Zs", "Cc", "Cf", "Pd"}
    return "".join(sign for sign in text if unicodedata.category(sign) not in gaps)


def in_fours(token: str) -> str:
    """'BCDF GHJK LNPR STVP': as printed under the QR code, to be read aloud."""
    return " ".join(token[start : start + 4] for start in range(0, len(token), 4))


def new_secret() -> str:
    """256 random bits for an address; given to one person, stored only as `hash_secret`."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex: what is stored of a secret. Enough without salt, as the secret is random and long."""
    return hashlib.sha256(secret.encode()).hexdigest()


def short_code(prefix: str = "", *, length: int = 8) -> str:
    """'R-7K3FQM4T': a number that people quote; it opens nothing. Two alike among 20,000: one chance in 250."""
    code = "".join(secrets.choice(_READABLE) for position in range(length))
    return f"{prefix}-{code}" if prefix else code
