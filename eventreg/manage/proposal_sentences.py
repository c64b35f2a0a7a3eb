"""What happened to the call and its proposals, in a sentence; what its facts are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core import times
from eventreg.core.i18n import Text, instant_long, page_lang
from eventreg.core.questions.shape import Kind, Question, Section
from eventreg.proposals import forms, labels, standard
from eventreg.proposals.rules import Answer

Facts = Mapping[str, Any]


def _bound(value: Any) -> str:
    return instant_long(times.last_minute(datetime.fromisoformat(str(value))))


def _call_set(facts: Facts) -> str:
    before, after = facts["before"], facts["after"]
    if before.get("closes_local") != after["closes_local"]:
        return _("The closing of the call moved to %(when)s.", when=_bound(after["closes_local"]))
    return _("The settings of the call were changed.")


def _sent(facts: Facts) -> str:
    return str(_("Version %(version)s of proposal number %(number)s was sent.")) % facts


def _entered(facts: Facts) -> str:
    if facts.get("number") is None:
        return _("The team entered a draft from a table.")
    return _("The team entered the proposal from a table, under number %(number)s.", number=facts["number"])


def _amended(facts: Facts) -> str:
    if facts.get("version"):
        return _("The team changed the proposal from a table. It stands as version %(version)s.", version=facts["version"])
    return _("The team changed the draft from a table.")


def _merged(facts: Facts) -> str:
    return _("Proposal %(source)s was merged into this one.", source=facts.get("source", ""))


def _merged_away(facts: Facts) -> str:
    return _("The proposal was merged into %(target)s.", target=facts.get("target", ""))


def _not_the_same(facts: Facts) -> str:
    return _("Somebody said that this proposal and %(other)s are two.", other=facts.get("other", ""))


def _answered(facts: Facts) -> str:
    accepted = facts.get("answer") == Answer.ACCEPTED
    return _("A co-organiser accepted.") if accepted else _("A co-organiser declined.")


def _named(facts: Facts) -> str:
    return _("Somebody was named: %(role)s.", role=labels.ROLE.get(facts.get("role", ""), ""))


def _removed(facts: Facts) -> str:
    return _("Somebody was taken out: %(role)s.", role=labels.ROLE.get(facts.get("role", ""), ""))


def _formats(facts: Facts) -> str:
    names = _(", ").join(Text.of(one["name"]).in_(page_lang()) for one in facts.get("after") or ())
    return _("The formats of the call were set: %(names)s.", names=names)


def _closed(facts: Facts) -> str:
    words: str = ngettext(
        "The call closed; %(num)s proposal is under review.", "The call closed; %(num)s proposals are under review.", facts["count"]
    )
    return words


def _track(words: Any) -> Callable[[Facts], str]:
    return lambda facts: str(words) % {"name": Text.of(facts.get("name") or {}).in_(page_lang())}


def _form(facts: Facts) -> str:
    """What was done to the questions of the call, and how many proposals are incomplete by it."""
    said = str(_FORM[facts["did"]]) % {"name": Text.of(facts.get("name") or {}).in_(page_lang()) or _built_in(facts)}
    number = facts.get("incomplete", 0)
    if not number:
        return said
    lacking = ngettext(
        "%(num)s complete proposal lacked an answer by it.", "%(num)s complete proposals lacked an answer by it.", number
    )
    return f"{said} {lacking}"


def _built_in(facts: Facts) -> str:
    """What the product calls its own question or section."""
    code = str(facts.get("code", ""))
    if str(facts["did"]).startswith("section"):
        return str(forms.title_of(Section(code)))
    return str(forms.question_label(Question(code, Kind.BUILTIN))) if code in standard.FIELDS else code


_FORM: Mapping[str, Any] = {
    "question_added": _l("Call: question “%(name)s” added."),
    "question_changed": _l("Call: question “%(name)s” changed."),
    "question_moved": _l("Call: question “%(name)s” moved."),
    "question_stopped": _l("Call: question “%(name)s” is asked no more."),
    "question_asked": _l("Call: question “%(name)s” is asked again."),
    "question_deleted": _l("Call: question “%(name)s” deleted; what was sent stays."),
    "section_added": _l("Call: section “%(name)s” added."),
    "section_changed": _l("Call: section “%(name)s” changed."),
    "section_moved": _l("Call: section “%(name)s” moved."),
    "section_deleted": _l("Call: section “%(name)s” deleted."),
}


SENTENCES: Mapping[str, Any | Callable[[Facts], str]] = {
    "call.made": _l("The call for workshops was set up."),
    "call.set": _call_set,
    "call.formats_set": _formats,
    "call.form_changed": _form,
    "event.track_added": _track(_l("The track “%(name)s” was added.")),
    "event.track_changed": _track(_l("The track “%(name)s” was changed.")),
    "event.track_moved": _track(_l("The track “%(name)s” got another place.")),
    "event.track_removed": _track(_l("The track “%(name)s” was removed.")),
    "call.clock_rules_changed": _l("The rules of the clock changed; the moments of the call were computed anew."),
    "call.closed": _closed,
    "late_invitation.issued": _l("An invitation to propose after the closing was made."),
    "late_invitation.link_renewed": _l("A new link was made; the old one is dead."),
    "late_invitation.revoked": _l("The invitation was revoked."),
    "late_invitation.used": _l("A proposal is written by this invitation."),
    "proposals.exported": _l("List of proposals exported."),
    "proposal.begun": _l("A proposal was begun."),
    "proposal.sent": _sent,
    "proposal.entered": _entered,
    "proposal.amended": _amended,
    "proposal.put_back": _l("The proposal was put back to what it was before an import."),
    "proposal.taken_back": _l("The proposal was removed: the import that brought it was taken back."),
    "proposal.withdrawn": _l("The proposal was withdrawn."),
    "proposal.restored": _l("The proposal was restored."),
    "proposal.merged": _merged,
    "proposal.merged_away": _merged_away,
    "proposal.merge_undone": _l("The merge was undone: there are two proposals again."),
    "proposal.not_the_same": _not_the_same,
    "proposal.lead_described": _l("The lead said for which organisation they stand."),
    "proposal.co_organiser_invited": _l("A co-organiser was invited."),
    "proposal.co_organiser_reminded": _l("A co-organiser was reminded."),
    "proposal.co_organiser_answered": _answered,
    "proposal.person_named": _named,
    "proposal.person_removed": _removed,
}
LABELS: Mapping[str, Any] = {
    "call.set": _l("Call changed"),
    "call.closed": _l("Call closed"),
    "call.formats_set": _l("Formats of the call set"),
    "call.form_changed": _l("Questions of the call changed"),
    "event.track_added": _l("Track added"),
    "event.track_changed": _l("Track changed"),
    "event.track_moved": _l("Track got another place"),
    "event.track_removed": _l("Track removed"),
    "proposal.sent": _l("Proposal sent"),
    "proposal.entered": _l("Proposal entered from a table"),
    "proposal.merged": _l("Proposal took another one in"),
    "proposal.merged_away": _l("Proposal merged into another one"),
    "proposal.not_the_same": _l("Two proposals told apart"),
    "proposal.amended": _l("Proposal changed from a table"),
    "proposal.co_organiser_answered": _l("A co-organiser answered"),
    "proposal.person_named": _l("Somebody named in a proposal"),
    "proposal.person_removed": _l("Somebody taken out of a proposal"),
}
KINDS: Mapping[str, Any] = {
    "late_invitation": _l("Invitation past the closing"),
   "call": _l("Call"), "proposal": _l("Proposal")}
