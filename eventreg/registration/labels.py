"""What categories, states and languages are called on pages, mails and badges."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from eventreg.registration.rules import State, Waiting

CATEGORY = {
    "government": _l("Government"),
    "civil_society": _l("Civil society"),
    "donor": _l("Donor"),
    "international": _l("International organisation"),
    "media": _l("Media"),
    "academia": _l("Academia"),
    "private": _l("Private sector"),
    "guest": _l("Guest"),
    "press": _l("Press"),
    "staff": _l("Organising team"),
}

STATE = {
    State.SUBMITTED: _l("Sent"),
    State.CONFIRMED: _l("Confirmed"),
    State.WAITLISTED: _l("Waiting list"),
    State.DECLINED: _l("Declined"),
    State.CANCELLED: _l("Cancelled"),
    State.EXPIRED: _l("Expired"),
    State.MERGED: _l("Merged"),
}

# family of the status tag: good, waiting, ended, problem
STATE_FAMILY = {
    State.SUBMITTED: "waiting",
    State.CONFIRMED: "good",
    State.WAITLISTED: "waiting",
    State.DECLINED: "problem",
    State.CANCELLED: "ended",
    State.EXPIRED: "ended",
    State.MERGED: "ended",
}

WAITING = {
    Waiting.WAITING: _l("Waiting"),
    Waiting.OFFERED: _l("Place offered"),
    Waiting.ACCEPTED: _l("Accepted"),
    Waiting.REFUSED: _l("Refused"),
    Waiting.LAPSED: _l("Lapsed"),
    Waiting.REMOVED: _l("Left the list"),
}

LANGUAGE = {"ar": _l("Arabic"), "fr": _l("French"), "en": _l("English")}

DECISION_REASON = {
    "places": _l("There are fewer places than requests."),
    "balance": _l("Your organisation or your sector is represented already."),
    "audience": _l("The meeting is meant for another audience."),
    "incomplete": _l("Your registration does not say enough to decide."),
    "duplicate": _l("You are registered under another address."),
    "other": _l("For another reason."),
}

GENDER = {"woman": _l("Woman"), "man": _l("Man"), "other": _l("Other")}
