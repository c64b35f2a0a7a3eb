"""What happens to whom when one action meets many people? Pure: what is known of a person in, done or why not out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eventreg.registration.rules import LIVE, State

KINDS = ("category", "cancel", "mail", "note")  # what changes people; badges, export and printing only read
TYPE_THE_NUMBER_OVER = 20  # so many people are not cancelled by a slip of the finger
AT_ONCE = 50  # more go to the worker, with a bar


@dataclass(frozen=True)
class Subject:
    """What decides about one person: as they are now."""

    code: str
    state: str
    category: str
    door_note: str
    has_offer: bool
    has_address: bool


def why_left(kind: str, params: Mapping[str, Any], who: Subject) -> str:
    """Why the action leaves this person as they are, '' when it does something to them."""
    if kind == "cancel" and who.state == State.CANCELLED:
        return "cancelled_already"
    if who.state not in LIVE:
        return "ended"
    if who.has_offer and kind != "note":
        return "open_offer"
    same = {"category": who.category, "note": who.door_note}
    if kind in same and same[kind] == params.get(kind):
        return f"same_{kind}"
    if kind == "mail":
        return _why_not_mailed(who)
    return ""


def _why_not_mailed(who: Subject) -> str:
    if not who.has_address:
        return "no_address"
    return "" if who.state in (State.CONFIRMED, State.WAITLISTED) else "ended"


def in_turn(kind: str, people: Iterable[Subject]) -> list[Subject]:
    """The order in which it is done: those who wait are cancelled first, or they would be offered the places of the others."""
    if kind != "cancel":
        return list(people)
    return sorted(people, key=lambda who: who.state != State.WAITLISTED)


def mail_of(kind: str, state: str) -> str:
    """The name of the mail that the action sends to somebody in this state; '' for none."""
    if kind == "mail":
        return "waiting" if state == State.WAITLISTED else "confirmed"
    return "cancelled" if kind == "cancel" else ""
