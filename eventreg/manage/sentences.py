"""What happened, in a sentence? A line of the record becomes words; an action nobody gave words to is still told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from eventreg.core.audit import AuditLine, AuditValue
from eventreg.core.i18n import instant_long
from eventreg.manage import fact_words, own_answers
from eventreg.registration import labels

Facts = Mapping[str, Any]

FIELDS = {
    "name_latin": _l("name in Latin letters"),
    "name_arabic": _l("name in Arabic letters"),
    "organisation": _l("organisation"),
    "organisation_name": _l("organisation"),
    "category": _l("category"),
    "country": _l("country"),
    "position": _l("position"),
    "phone": _l("phone"),
    "days": _l("days"),
    "languages": _l("languages"),
    "wants_visa_letter": _l("visa letter"),
    "consents_photo": _l("consent to photographs"),
    "consents_contact": _l("consent to be contacted"),
    "door_note": _l("note for the door"),
    "reason": _l("Reason"),
    "access": _l("access needs"), "decision_words": _l("words told with a decision"),
    "diet": _l("dietary needs"),
    "gender": _l("gender"),
    "filter_name": _l("name of the filter"),
    "name_ar": _l("name in Arabic"),
    "name_fr": _l("name in French"),
    "name_en": _l("name in English"),
    "acronym": _l("acronym"),
    "aliases": _l("further names"),
    "organisation_country": _l("country"),
    "sector": _l("sector"),
    "level": _l("level of government"),
    "parent": _l("organisation above it"),
    "is_public": _l("suggested in the form"),
}


def field_label(name: str) -> str:
    """What a field is called: one of the product's, or an organiser's own question."""
    return own_answers.label(name) or str(FIELDS.get(name, name))


def fields(names: Iterable[str]) -> str:
    """Fields in the middle of a sentence; an organiser's own question in quotation marks, as it may be a sentence itself."""
    own = {name: own_answers.label(name) for name in names}
    return _(", ").join(_("“%(words)s”", words=words) if (words := own[name]) else field_label(name) for name in own)


def _category(value: Any) -> str:
    return fact_words.category(value)


def _registered(facts: Facts) -> str:
    if facts.get("state") == "submitted":
        return _("Registered; waits for a decision.")
    if facts.get("state") == "waitlisted":
        return _("Registered; all places were taken, so the waiting list.")
    if facts.get("passed_limit"):
        return _("Registered by an invitation although all places were taken.")
    if facts.get("passed_deadline"):
        return _("Registered by an invitation after the deadline.")
    if facts.get("in_grace"):
        return _("Registered in the minutes after the deadline, with a form opened before it.")
    return _("Registered.")


def _declined(facts: Facts) -> str:
    reason = labels.DECISION_REASON.get(facts.get("reason", ""))
    return _("Declined: %(reason)s", reason=reason) if reason else _("Declined.")


def _accepted(facts: Facts) -> str:
    if facts.get("outcome") == "waitlisted":
        return _("Accepted; a limit was full, so the waiting list.")
    return _("Accepted.")


def _changed(facts: Facts) -> str:
    names = fields(facts.get("changed", []))
    return _("Answers changed: %(fields)s.", fields=names) if names else _("Answers sent again, nothing changed.")


def _given(facts: Facts) -> str:
    before, after = _category(facts.get("before")), _category(facts.get("after"))
    return _("Category changed from “%(before)s” to “%(after)s”.", before=before, after=after)


def _offered(facts: Facts) -> str:
    until = facts.get("until")
    if not until:
        return _("A place was offered.")
    return _("A place was offered until %(until)s.", until=instant_long(datetime.fromisoformat(until)))


def _jumped(facts: Facts) -> str:
    if facts.get("over_limit"):
        return _("A place was offered out of order, beyond the limit.")
    return _("A place was offered out of order.")


def _noted(facts: Facts) -> str:
    return _("The note for the door was removed.") if facts.get("is_empty") else _("A note for the door was written.")


def _organisation(facts: Facts) -> str:
    """Why a registration is of another organisation, or of another sector, than before."""
    code = str(facts.get("after", ""))
    words = {
        "linked": _("Linked with the organisation %(code)s.", code=code),
        "merged": _("Its organisation was merged into %(code)s.", code=code),
        "unmerged": _("The merge was undone: back to the organisation %(code)s.", code=code),
        "sector": _("The sector of its organisation changed."),
    }[str(facts.get("why", "sector"))]
    if "sector_after" in facts:
        before, after = _category(facts.get("sector_before")), _category(facts["sector_after"])
        words += " " + _("Sector “%(before)s” became “%(after)s”; the category stays.", before=before, after=after)
    if gone := fields(facts.get("erased", [])):
        words += " " + _("Answers that are not asked in this sector were erased: %(fields)s.", fields=gone)
    if back := fields(facts.get("back", [])):
        words += " " + _("Answers came back: %(fields)s.", fields=back)
    return words


def _entered(facts: Facts) -> str:
    if facts.get("passed_deadline"):
        return _("Entered by an organiser after the deadline.")
    return _("Entered by an organiser.")


SENTENCES: Mapping[str, Any | Callable[[Facts], str]] = {
    "registration.entered": _entered,
    "registration.put_back": _l("Answers put back to what they were before an import."),
    "registration.taken_back": _l("The registration was removed: the import that made it was taken back."),
    "registration.registered": _registered,
    "registration.named": _l("Named by the head of a delegation, who speaks for this person."),
    "registration.changed": _changed,
    "registration.cancelled": _l("Cancelled."),
    "registration.expired": _l("Expired: the e-mail address was not confirmed in time."),
    "registration.declined": _declined,
    "registration.accepted": _accepted,
    "registration.address_corrected": _l("E-mail address corrected; the links and the code mailed before are dead."),
    "registration.address_confirmed": _l("E-mail address confirmed."),
    "registration.category_given": _given,
    "registration.door_note": _noted,
    "registration.organisation_set": _organisation,
    "registration.mailed_again": _l("The confirmation was mailed again."),
    "needs.read": _l("Read the access and dietary needs of this person."),
    "waiting.offered": _offered,
    "waiting.jumped": _jumped,
    "waiting.accepted": _l("The offered place was accepted."),
    "waiting.refused": _l("The offered place was refused."),
    "waiting.lapsed": _l("The offered place was not answered in time."),
    "badges.reprinted": _l("A new badge was printed; the code on the old one is dead."),
    "scan.forced": _l("Let in at the door all the same."),
    "scan.undone": _l("An entry at the door was taken back."),
    "organisation.added": _l("Noted down."),
    "organisation.removed": _l("Taken out of the directory: it came with an import that was taken back."),
    "organisation.changed": _l("Changed."),
}


def sentence(line: AuditLine, values: Sequence[AuditValue] = ()) -> Markup:
    """The line in the reader's language, with what changed as long as the values still exist."""
    told = [Markup.escape(_words(line)), *(_change(value) for value in values if _is_telling(value))]
    return Markup(" ").join(told)


def _words(line: AuditLine) -> str:
    words = SENTENCES.get(line.action)
    if words is None:
        return _("Recorded: %(action)s.", action=line.action)
    return words(line.facts) if callable(words) else str(words)


def _is_telling(value: AuditValue) -> bool:
    """What was first answered stands on the page already."""
    return bool(value.before) or value.name in ("door_note", "reason")


def _change(value: AuditValue) -> Markup:
    before, after = (_said(value.name, kept) for kept in (value.before, value.after))
    label = field_label(value.name)
    known = {"field": label[:1].upper() + label[1:], "before": _typed(before), "after": _typed(after)}
    if not value.before:
        return Markup.escape(_("%(field)s: “%(after)s”.")) % known
    if not value.after:
        return Markup.escape(_("%(field)s: “%(before)s” removed.")) % known
    return Markup.escape(_("%(field)s: “%(before)s” became “%(after)s”.")) % known


def _said(name: str, kept: str | None) -> str:
    return own_answers.said(name, kept) if own_answers.question_of(name) else fact_words.value(name, kept)


def _typed(value: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(value)
