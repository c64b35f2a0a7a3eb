"""What do the facts and values of the record say in words? Codes, yes and no, instants and lists, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventreg.core import countries, times
from eventreg.core.audit import AuditLine
from eventreg.core.i18n import Text, day_name, instant_long, number, page_lang
from eventreg.manage.mail_words import KIND_NAME
from eventreg.manage.note_sentences import SENTENCES as NOTE_ACTIONS
from eventreg.proposals.labels import ANSWER as PROPOSAL_ANSWER
from eventreg.proposals.labels import ROLE as PROPOSAL_ROLE
from eventreg.proposals.labels import STATE as PROPOSAL_STATE
from eventreg.registration import labels

Words = Callable[[Any], str]
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

ROLE = {
    "AN": _l("Anybody"), "PA": _l("Participant"), "PR": _l("Proposer"), "CO": _l("Co-organiser of a proposal"),
    "SP": _l("Speaker"), "RE": _l("Reviewer"), "CH": _l("Chair of the selection"), "SC": _l("Host of a session"),
    "CI": _l("Check-in"), "OR": _l("Organiser"), "FO": _l("Funding officer"), "DO": _l("Donor"),
    "CM": _l("Member of the committee"), "SE": _l("Secretariat"), "AD": _l("Administrator"),
}  # fmt: skip
SCOPE = {
    "needs": _l("may read access and dietary needs"),
    "audit": _l("may read personal values in the record"),
    "lead": _l("leads the desk at the door"),
}
FILE = {"csv": "CSV", "xlsx": "XLSX", "print": _l("on paper"), "list": _l("on the screen")}
LAYOUT = {"a6": "A6", "a6-fold": _l("A6, folded"), "a4x8": _l("eight on A4")}
WHICH = {"all": _l("all"), "new": _l("new or changed"), "one_script": _l("name in one script only")}
MAIL_STATE = {
    "waiting": _l("waiting to be sent"), "sending": _l("being sent"), "sent": _l("sent"), "failed": _l("not delivered"),
}  # fmt: skip
BULK = {
    "category": _l("category"), "cancel": _l("cancellation"), "mail": _l("confirmation mailed again"),
    "note": _l("note for the door"),
}  # fmt: skip
DOOR = {
    "unknown": _l("This code is not known."), "other_event": _l("This badge is for another event."),
    "cancelled": _l("The registration is cancelled."), "declined": _l("The registration was declined."),
    "expired": _l("The registration has expired."), "merged": _l("This registration was merged with another one."),
    "waiting": _l("This person is on the waiting list."), "not_confirmed": _l("The registration is not confirmed yet."),
}  # fmt: skip
PART = {
    "state": _l("State"), "category": _l("Category"), "sector": _l("Sector"), "country": _l("Country"), "day": _l("Day"),
    "language": _l("Language of mails"), "address": _l("E-mail address"), "needs": _l("Access or dietary needs"),
    "codes": _l("People ticked"), "action": _l("Action"), "kind": _l("About"), "code": _l("Code"), "actor": _l("Who"),
    "since": _l("From the day"), "until": _l("To the day"),
}  # fmt: skip


def _of(table: Mapping[str, Any]) -> Words:
    """A word of the table; a value that is not in it says nothing."""
    return lambda value: str(table.get(str(value), ""))


def _yes(value: Any) -> str:
    return _("Yes") if value in (True, "True", "yes") else _("No")


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _count(value: Any) -> str:
    return number(value) if isinstance(value, int) else ""


def category(value: Any) -> str:
    """A category or sector; one that the product does not know any more says so."""
    return str(labels.CATEGORY.get(str(value), "")) or _("a category that is no more")


def _state(value: Any) -> str:
    return str({state.value: words for state, words in labels.STATE.items()}.get(str(value), ""))


def _country(value: Any) -> str:
    return countries.name(str(value), page_lang()) if countries.is_country(str(value)) else ""


def _moment(value: Any) -> str:
    """An instant, a local date and time, or a day, said as people say it."""
    try:
        if len(str(value)) == len("2022-11-01"):
            return day_name(date.fromisoformat(str(value)))
        return instant_long(datetime.fromisoformat(str(value)))
    except ValueError:
        return ""


def _last_minute(value: Any) -> str:
    return instant_long(times.last_minute(datetime.fromisoformat(str(value))))


def _numbers(value: Any) -> str:
    return _joined(map(_count, value)) if isinstance(value, list) else ""


def _last_local(value: Any) -> str:
    """A bound on the wall clock of the meeting, which is exclusive."""
    return instant_long(times.last_minute(datetime.fromisoformat(str(value))))


def _pair(value: Any) -> str:
    if not isinstance(value, list) or len(value) != 2:
        return ""
    return _("“%(before)s” became “%(after)s”", before=_moment(value[0]), after=_moment(value[1]))


def _about(value: Any) -> str:
    """'registration R-…': the code says enough, its kind stands in the other columns."""
    return str(value).partition(" ")[2]


def _joined(words: Iterable[str]) -> str:
    comma: str = _(", ")
    return comma.join(filter(None, words))


def _days(value: Any) -> str:
    """Days as a list or as the text that the record keeps of one."""
    return _joined(day_name(date.fromisoformat(day)) for day in _ISO_DAY.findall(str(value)))


def _languages(value: Any) -> str:
    return _joined(str(labels.LANGUAGE[lang]) for lang in re.findall(r"\b(?:ar|fr|en)\b", str(value)))


def scopes(value: Any) -> str:
    """The rights given beside a role."""
    return _joined(str(SCOPE.get(str(scope), "")) for scope in value) if isinstance(value, list) else ""


def _text(value: Any) -> str:
    return Text(**value).in_(page_lang()) if isinstance(value, dict) else _plain(value)


def _filter(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return _("none")
    return _joined(f"{PART[name]}: {_filtered(name, value[name])}" for name in value if name in PART)


def _filtered(name: str, value: Any) -> str:
    if name == "codes":
        return number(len(str(value).split(",")))
    ways: dict[str, Words] = {
        "state": _state, "category": category, "sector": category, "country": _country, "day": _moment,
        "language": _languages, "needs": _yes, "since": _moment, "until": _moment,
        "address": _of({"confirmed": _l("Address confirmed"), "unconfirmed": _l("Address not confirmed")}),
    }  # fmt: skip
    return ways.get(name, _plain)(value)


# what a fact is called, and how its value is said; those that the sentence says already are None
FACTS: dict[str, tuple[Any, Words] | None] = {
    "state": (_l("State"), _state), "category": (_l("Category"), category), "country": (_l("Country"), _country),
    "lang": (_l("Language of mails"), _of(labels.LANGUAGE)), "in_grace": (_l("In the minutes of grace"), _yes),
    "passed_deadline": (_l("Past the deadline by invitation"), _yes),
    "passed_limit": (_l("Past the limit by invitation"), _yes),
    "passes_deadline": (_l("May pass the deadline"), _yes), "passes_limit": (_l("May pass the limit"), _yes),
    "passes_moderation": (_l("May pass moderation"), _yes),
    "position": (_l("Position in the waiting list"), _count), "until": (_l("Until"), _moment),
    "number": (_l("Batch"), _count), "layout": (_l("Layout"), _of(LAYOUT)), "which": (_l("Which badges"), _of(WHICH)),
    "count": (_l("Badges"), _count), "rows": (_l("People"), _count), "filter": (_l("Filter"), _filter),
    "is_searched": (_l("With words searched"), _yes), "door": (_l("Door"), _plain), "role": (_l("Role"), _of(ROLE)),
    "scopes": (_l("Scopes"), scopes), "tracks": (_l("Number of tracks"), _count), "registration": (_l("Registration"), _plain),
    "opens_local": (_l("Opens"), _moment), "closes_local": (_l("Closes"), _last_local), "zone": (_l("Time zone"), _plain),
    "expires_at": (_l("Ends"), _last_minute), "max_uses": (_l("Uses allowed"), _count), "uses": (_l("Uses"), _count),
    "reason": (_l("Reason"), _text), "is_shared": (_l("For all organisers"), _yes),
    "bound": (_l("For one address only"), _yes), "answer": (_l("What the door had said"), _of(DOOR)),
    "mails": (_l("Mails"), _count), "for_organisation": (_l("For one organisation"), _yes),
    "remind_days": (_l("Days until reminders"), _numbers), "batch": None, "opens_at": (_l("Opens"), _pair),
    "closes_at": (_l("Closes"), _pair), "about": (_l("About"), _about),
    "sector": (_l("Sector"), category), "sector_before": (_l("Sector before"), category),
    "sector_after": (_l("Sector after"), category),
    "registrations": (_l("Registrations"), _count), "merge": None, "source": None, "target": None, "other": None,
    "children": None, "back": None, "left": None, "kept": None,
    "people": None, "questions": None, "version": (_l("Version of the form"), _count), "did": None, "name": None,
    "rewritten": None, "erased": None, "incomplete": None,
    "done": None, "skipped": None, "untouched": None, "changed": None, "is_empty": None, "key": None, "kind": None,
    "before": None, "after": None, "scan": None, "why": None, "what": None, "undone": None,
    "over_limit": None, "outcome": (_l("State"), _state), "verdict": None, "let_in": None, "is_on": None,
    "per_person": None, "per_organisation": None, "grace_minutes": None, "notes_local": None, "results_on": None, "intro": None,
    "hash": (_l("Hash"), _plain), "place": None, "size": None, "is_kept": None,
    "section": None, "bodies": None,
    # of reviewing: who is tied to what and who reviews what is the chair's alone to read
    "criteria": None, "criterion": None, "scale": None, "removed": None, "moved": None, "to": None, "freed": None, "tie": None,
    "evidence": None, "by_solver": (_l("Proposed by the product"), _yes), "languages": (_l("Languages read"), _languages),
    "per_proposal": (_l("Reviews of a proposal"), _count), "max_load": (_l("Most proposals of one reviewer"), _count),
    "mixes_sectors": (_l("Read from government and from civil society"), _yes),
    "is_blind": (_l("Without the names of those who propose"), _yes),
    "shows_others": (_l("Others' reviews are shown after one's own"), _yes),
}  # fmt: skip

# facts whose words depend on what happened
BY_ACTION: dict[tuple[str, str], tuple[Any, Words]] = {
    ("participants.exported", "kind"): (_l("How"), _of(FILE)),
    ("needs.listed", "kind"): (_l("How"), _of(FILE)),
    ("participants.bulk", "kind"): (_l("What"), _of(BULK)),
    ("mail.sent_again", "before"): (_l("State before"), _of(MAIL_STATE)),
    ("registration.cancelled", "before"): (_l("State before"), _state),
    ("registration.expired", "before"): (_l("State before"), _state),
    ("registration.declined", "before"): (_l("State before"), _state),
    ("waiting.refused", "before"): (_l("State before"), _state),
    ("waiting.lapsed", "before"): (_l("State before"), _state),
    ("event.deadline_moved", "before"): (_l("Before"), lambda value: _last_local(value["closes_local"])),
    ("event.deadline_moved", "after"): (_l("After"), lambda value: _last_local(value["closes_local"])),
    ("invitation_batch.made", "count"): (_l("Invitations"), _count),
    ("invitation_batch.revoked", "count"): (_l("Invitations"), _count),
    ("invitations.exported", "rows"): (_l("Rows"), _count),
    ("delegations.exported", "rows"): (_l("Rows"), _count),
    ("delegation.names_until_set", "before"): (_l("Before"), lambda value: _last_local(value) if value else ""),
    ("delegation.names_until_set", "after"): (_l("After"), lambda value: _last_local(value) if value else ""),
    ("call.closed", "count"): (_l("Proposals"), _count),
    ("proposal.sent", "by_invitation"): (_l("After the closing, by invitation"), lambda value: _yes(value) if value else ""),
    ("late_invitation.used", "proposal"): (_l("Code"), _plain),
    ("proposal.sent", "number"): (_l("Number of the proposal"), _count),
    ("proposal.sent", "version"): (_l("Version"), _count),
    ("proposal.person_named", "role"): (_l("Role"), _of(PROPOSAL_ROLE)),
    ("proposal.person_removed", "role"): (_l("Role"), _of(PROPOSAL_ROLE)),
    ("proposal.co_organiser_answered", "answer"): (_l("Answer"), _of(PROPOSAL_ANSWER)),
    ("proposal.restored", "state"): (_l("State"), _of(PROPOSAL_STATE)),
    **{(action, "version"): (_l("Version"), _count) for action in NOTE_ACTIONS},
    ("mail.sent_again", "kind"): (_l("Mail"), _of(KIND_NAME)),
}


def details(line: AuditLine) -> list[tuple[str, str]]:
    """What the line keeps beside its sentence: (what it is called, what it says). Unknown facts stay in the exported file."""
    found = []
    for name, value in sorted(line.facts.items()):
        entry = BY_ACTION.get((line.action, name)) or FACTS.get(name)
        said = entry[1](value) if entry is not None else ""
        if entry is not None and said:
            found.append((str(entry[0]), said))
    return found


# how a personal value that is no free text is said
_VALUES: dict[str, Words] = {
    "category": category, "country": _country, "days": _days, "languages": _languages, "wants_visa_letter": _yes,
    "consents_photo": _yes, "consents_contact": _yes, "sector": category,
}  # fmt: skip


def value(name: str, kept: str | None) -> str:
    """A personal value as people say it; what somebody typed stays as it is."""
    if kept is None or kept == "":
        return ""
    return _VALUES[name](kept) if name in _VALUES else kept
