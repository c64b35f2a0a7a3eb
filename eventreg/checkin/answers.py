"""What does the door say? A stored scan becomes the words of its coloured screen, in the language of the volunteer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from eventreg.checkin import rules, services
from eventreg.checkin.queries import Counts, Outcome
from eventreg.checkin.services import Desk
from eventreg.core import clock, countries, i18n, refusals, zellige
from eventreg.core.refusals import Refusal
from eventreg.registration import labels

refusals.texts.update({
    "door.nothing_to_undo": _l("There is no entry to take back here."),
    "door.undo_too_late": _l("An entry can be taken back within five minutes. Ask an organiser."),
    "door.reason_required": _l("Enter the reason."),
    "door.may_not_force": _l("Only an organiser can let this person in."),
    "door.pairing_over": _l("This pairing link is over. Ask an organiser for a new one."),
    "door.device_revoked": _l("This device has been revoked. Name a new one."),
})  # fmt: skip

VERDICTS = {
    "ok": _l("Entry recorded"),
    "again": _l("Already recorded"),
    "attention": _l("Attention"),
    "refused": _l("Entry refused"),
    "held": _l("Saved, to verify"),
}
_HELP_DESK = _l("Send the person to the help desk.")
_SCAN_AGAIN = _l("Scan again, or search the name.")

# reason -> (what is the matter, what to do); reasons with an hour are in _told_with_time
_REFUSED: dict[str, tuple[Any, Any]] = {
    "unknown": (_l("This code is not known."), _SCAN_AGAIN),
    "other_event": (_l("This badge is for another event."), _HELP_DESK),
    "cancelled": (_l("The registration is cancelled."), _HELP_DESK),
    "declined": (_l("The registration was declined."), _HELP_DESK),
    "expired": (_l("The registration has expired."), _HELP_DESK),
    "merged": (_l("This registration was merged with another one."), _l("Search the name.")),
    "waiting": (_l("This person is on the waiting list."), _HELP_DESK),
    "not_confirmed": (_l("The registration is not confirmed yet."), _HELP_DESK),
}


def answer(outcome: Outcome, *, desk: Desk) -> dict[str, Any]:
    """The fields of one result as behaviours/scan.js expects them; the pages without a script show the same."""
    return {**_words(outcome, desk=desk), "seal_svg": _seal(outcome)}


def _words(outcome: Outcome, *, desk: Desk) -> dict[str, Any]:
    scan = outcome.scan
    detail, following = _told(outcome)
    return {
        "id": scan.id, "result": scan.verdict, "verdict": _verdict(outcome), **_person(outcome), "detail": detail,
        "next": following,
        "can_force": not scan.forced and services.may_force(scan.verdict, scan.reason, desk=desk),
        "undo_url": url_for("checkin.undo", scan_id=scan.id) if _can_undo(outcome, desk=desk) else None,
    }  # fmt: skip


def bad(told_id: str) -> dict[str, Any]:
    """The answer to a part of a batch that is no scan: named, nothing stored."""
    return {
        "id": told_id, "result": "refused", "verdict": str(VERDICTS["refused"]), "name": "", "name_other": "",
        "category": "", "organisation": "", "detail": _("This scan could not be read."), "next": str(_SCAN_AGAIN),
        "seal_svg": "", "can_force": False, "undo_url": None,
    }  # fmt: skip


def _verdict(outcome: Outcome) -> str:
    if outcome.scan.reason == "test":
        return _("Scanner OK: the layout of the keyboard does not matter.")
    if outcome.scan.forced:
        return _("Let in with a reason")
    return str(VERDICTS[outcome.scan.verdict])


def _person(outcome: Outcome) -> dict[str, str]:
    who = outcome.registration
    if who is None:
        return {"name": "", "name_other": "", "category": "", "organisation": ""}
    country = countries.name(who.country, i18n.page_lang())
    return {
        "name": who.name_own,
        "name_other": who.name_other,
        "category": str(labels.CATEGORY.get(who.category, who.category)),
        "organisation": _("%(organisation)s, %(country)s", organisation=who.organisation_name, country=country),
    }


def _told(outcome: Outcome) -> tuple[str, str]:
    """What is the matter, and what to do next."""
    scan, who = outcome.scan, outcome.registration
    if scan.reason == "test" or scan.forced:
        return "", ""
    if scan.verdict == "again":
        return _already(outcome), ""
    if scan.verdict == "attention":
        return (who.door_note if who is not None else ""), _already(outcome) or _hand_out(outcome)
    if scan.verdict == "ok":
        return (_already(outcome), "") if outcome.entry is not None else (_hand_out(outcome), "")
    if scan.reason in ("replaced", "revoked"):
        return _dead_code(outcome), str(_HELP_DESK)
    if scan.reason in _REFUSED:
        matter, following = _REFUSED[scan.reason]
        return str(matter), str(following)
    return refusals.say(Refusal(scan.reason)), str(_SCAN_AGAIN) if scan.reason == "token.not_a_code" else ""


def _already(outcome: Outcome) -> str:
    if outcome.entry is None:
        return ""
    hour = i18n.hour(outcome.entry.at)
    if not outcome.entry.door:
        return _("Already recorded at %(hour)s.", hour=hour)
    return _("Already recorded at %(hour)s, %(door)s.", hour=hour, door=outcome.entry.door)


def _hand_out(outcome: Outcome) -> str:
    if not outcome.is_first_visit:
        return ""
    return _("Hand out the badge.") if outcome.is_printed else _("Print a badge.")


def _dead_code(outcome: Outcome) -> str:
    at = outcome.ticket.revoked_at if outcome.ticket is not None else None
    if at is None:
        return _("This badge is no longer valid.")
    same_day = i18n.local(at).date() == i18n.local(outcome.scan.at).date()
    when = i18n.hour(at) if same_day else i18n.instant_long(at)
    if outcome.scan.reason == "revoked":
        return _("This badge is no longer valid since %(when)s.", when=when)
    if same_day:
        return _("This badge was replaced at %(hour)s. Look at the photo or an identity card.", hour=when)
    return _("This badge was replaced on %(when)s. Look at the photo or an identity card.", when=when)


def _seal(outcome: Outcome) -> str:
    """The rosette of the badge, to compare at a glance; only while the person stands at the door."""
    scan = outcome.scan
    is_here = clock.now() - scan.at < rules.SENT_LATE
    return zellige.rosette(outcome.ticket.token) if outcome.ticket is not None and is_here else ""


def _can_undo(outcome: Outcome, *, desk: Desk) -> bool:
    scan = outcome.scan
    undoable = outcome.is_live and rules.can_be_undone(scan.verdict, forced=scan.forced) and desk.may_force
    return undoable and clock.now() - scan.received_at <= rules.UNDO_LASTS


def can_undo_late(outcome: Outcome, *, desk: Desk) -> bool:
    """Whether this desk may take the entry back on the page that asks for a reason."""
    scan = outcome.scan
    undoable = outcome.is_live and rules.can_be_undone(scan.verdict, forced=scan.forced)
    return undoable and desk.is_lead and clock.now() - scan.received_at > rules.UNDO_LASTS


def line(outcome: Outcome, *, desk: Desk) -> dict[str, Any]:
    """One line of the log: what the screen said, when, and whether it has been taken back."""
    scan = outcome.scan
    was_entry = rules.can_be_undone(scan.verdict, forced=scan.forced) and scan.registration_id is not None
    undone = was_entry and not outcome.is_live
    return {
        **_words(outcome, desk=desk), "at": scan.at, "is_undone": undone, "source": scan.source,
        "verdict": _("Taken back") if undone else _verdict(outcome), "offset_s": scan.offset_s,
        "late_undo": can_undo_late(outcome, desk=desk), "door": scan.door,
    }  # fmt: skip


def counts(numbers: Counts, door: str) -> dict[str, int]:
    """The numbers that the page keeps fresh; `here` is what came through this door."""
    return {"in": numbers.inside, "expected": numbers.expected, "here": numbers.doors.get(door, 0)}


def undone(at: datetime) -> str:
    """What stands in the place of the verdict once it is taken back."""
    return _("Taken back at %(hour)s", hour=i18n.hour(at))


def seal(answered: dict[str, Any]) -> Markup:
    """The rosette as markup for the page: it is drawn here from the token's hash, nothing of it was typed."""
    return Markup(answered["seal_svg"])
