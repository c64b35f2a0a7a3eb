"""What happened to the meeting as a whole, in a sentence: deadline, limits, invitations, mail. What actions are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from eventreg.core import times
from eventreg.core.audit import AuditLine, AuditValue
from eventreg.core.i18n import Text, instant_long, page_lang
from eventreg.core.questions.shape import Kind, Question, Section
from eventreg.manage import note_sentences, proposal_sentences, review_sentences, sentences
from eventreg.registration import forms as registration_forms
from eventreg.registration import limit_words, standard

Facts = Mapping[str, Any]


def _moved(facts: Facts) -> str:
    closes = times.last_minute(datetime.fromisoformat(facts["after"]["closes_at"]))
    return _("Deadline moved to %(moment)s.", moment=instant_long(closes))


def _limit(facts: Facts) -> str:
    after = _("no limit") if facts.get("after") is None else str(facts["after"])
    before = _("no limit") if facts.get("before") is None else str(facts["before"])
    if facts.get("kind") != "event":
        what = limit_words.name((facts["kind"], facts["key"]))
        return _("Limit of “%(category)s” set: %(before)s became %(after)s.", category=what, before=before, after=after)
    return _("Limit of the meeting set: %(before)s became %(after)s.", before=before, after=after)


def _used(facts: Facts) -> str:
    """R7: what a registration passed by this invitation."""
    code = facts.get("registration", "")
    passed = (bool(facts.get("passed_deadline")), bool(facts.get("passed_limit")))
    return {
        (True, True): _("Invitation used by registration %(code)s, past the deadline and past the limit.", code=code),
        (True, False): _("Invitation used by registration %(code)s, past the deadline.", code=code),
        (False, True): _("Invitation used by registration %(code)s, past the limit.", code=code),
        (False, False): _("Invitation used by registration %(code)s, with nothing to pass.", code=code),
    }[passed]


def _bulk(facts: Facts) -> str:
    done, skipped, untouched = (int(facts.get(name, 0)) for name in ("done", "skipped", "untouched"))
    what = {
        "category": _("Category given to many"), "cancel": _("Many registrations cancelled"),
        "mail": _("Confirmation mailed again to many"), "note": _("Note for the door written for many"),
    }.get(facts.get("kind", ""), _("One action for many people"))  # fmt: skip
    numbers = _("done: %(done)s, left as they were: %(skipped)s, not reached: %(untouched)s", done=done, skipped=skipped,
                untouched=untouched)  # fmt: skip
    return _("%(what)s (%(numbers)s).", what=what, numbers=numbers)


def _delegation_made(facts: Facts) -> str:
    return str(ngettext("Delegation made with %(num)s place.", "Delegation made with %(num)s places.", facts["size"]))


def _of_place(words: Any) -> Callable[[Facts], str]:
    """A sentence about one place of a delegation."""
    return lambda facts: str(words) % facts


def _left(facts: Facts) -> str:
    if facts.get("is_kept"):
        return str(_("Registration %(registration)s left; place %(place)s stays with the delegation.")) % facts
    return str(_("Registration %(registration)s left; place %(place)s of the delegation could not be kept.")) % facts


def _batch_made(facts: Facts) -> str:
    return str(ngettext("A list of %(num)s invitation was made.", "A list of %(num)s invitations was made.", facts["count"]))


def _batch_revoked(facts: Facts) -> str:
    return str(ngettext("A list was taken back: %(num)s open invitation revoked.",
                        "A list was taken back: %(num)s open invitations revoked.", facts["count"]))  # fmt: skip


def _group_rules(facts: Facts) -> str:
    after = facts["after"]
    venue = _("no limit") if after["venue_capacity"] is None else str(after["venue_capacity"])
    largest = after["delegation_max"]
    return _("People the venue admits: %(venue)s; largest delegation of a participant: %(largest)s.", venue=venue, largest=largest)


def _merged(facts: Facts) -> str:
    return _("%(source)s was merged into %(target)s.", source=facts.get("source", ""), target=facts.get("target", ""))


def _undone(facts: Facts) -> str:
    words = _("The merge of %(source)s into %(target)s was undone.", source=facts.get("source", ""), target=facts.get("target", ""))
    return words + (" " + _("What was changed since stayed.") if facts.get("left") or facts.get("kept") else "")


def _registrations_moved(facts: Facts) -> str:
    number, code = int(facts.get("registrations", 0)), facts.get("target", "")
    return str(
        ngettext(
            "%(num)s registration moved to the organisation %(code)s.",
            "%(num)s registrations moved to the organisation %(code)s.",
            number,
            code=code,
        )
    )


def _registrations_back(facts: Facts) -> str:
    number, code = int(facts.get("registrations", 0)), facts.get("source", "")
    return str(
        ngettext(
            "%(num)s registration moved back to the organisation %(code)s.",
            "%(num)s registrations moved back to the organisation %(code)s.",
            number,
            code=code,
        )
    )


def _erased(facts: Facts) -> str:
    fields = sentences.fields(facts.get("questions", []))
    return ngettext(
        "Answers erased, as their time was over: %(fields)s; of %(num)s person.",
        "Answers erased, as their time was over: %(fields)s; of %(num)s people.",
        facts.get("people", 0), fields=fields,
    )  # fmt: skip


def _failed_again(facts: Facts) -> str:
    number = int(facts.get("mails", 0))
    words: str = ngettext("%(num)s failed mail sent again.", "%(num)s failed mails sent again.", number)
    return words


def _needs_listed(facts: Facts) -> str:
    if facts.get("kind") == "list":
        return _("Looked at the list of those who told access or dietary needs.")
    return _("Took away the list of those who told access or dietary needs.")

def _form(facts: Facts) -> str:
    """What was done to the form, and what became of answers."""
    said = _FORM[facts["did"]] % {"name": Text.of(facts.get("name", {})).in_(page_lang()) or _built_in(facts)}
    rewritten, erased = facts.get("rewritten", 0), facts.get("erased", 0)
    parts = [said]
    if rewritten:
        parts.append(ngettext("%(num)s answer was rewritten.", "%(num)s answers were rewritten.", rewritten))
    if erased:
        parts.append(ngettext("%(num)s answer was erased.", "%(num)s answers were erased.", erased))
    return " ".join(parts)


def _built_in(facts: Facts) -> str:
    """What the product calls its own question or section."""
    code = str(facts.get("code", ""))
    if str(facts["did"]).startswith("section"):
        return str(registration_forms.title_of(Section(code)))
    return str(registration_forms.label_of(Question(code, Kind.BUILTIN))) if code in standard.FIELDS else code


_FORM: Mapping[str, Any] = {
    "question_added": _l("Form: question “%(name)s” added."),
    "question_changed": _l("Form: question “%(name)s” changed."),
    "question_moved": _l("Form: question “%(name)s” moved."),
    "question_stopped": _l("Form: question “%(name)s” is asked no more."),
    "question_asked": _l("Form: question “%(name)s” is asked again."),
    "question_deleted": _l("Form: question “%(name)s” deleted with its answers."),
    "section_added": _l("Form: section “%(name)s” added."),
    "section_changed": _l("Form: section “%(name)s” changed."),
    "section_moved": _l("Form: section “%(name)s” moved."),
    "section_deleted": _l("Form: section “%(name)s” deleted."),
    "copied": _l("Form taken over from the meeting “%(name)s”."),
}



def _imported(facts: Facts) -> str:
    new, changed = facts.get("applied_new", 0), facts.get("applied_changed", 0)
    if facts.get("what") == "organisations":
        return _("Organisations imported: %(new)s new, %(changed)s changed.", new=new, changed=changed)
    return _("Participants imported: %(new)s new, %(changed)s changed.", new=new, changed=changed)


def _import_undone(facts: Facts) -> str:
    undone, kept = facts.get("undone", 0), facts.get("kept", 0)
    return _("An import was taken back: %(undone)s rows; %(kept)s stay, as they were changed since.", undone=undone, kept=kept)




def _prepared(facts: Facts) -> str:
    number = facts.get("number", 0)
    if facts.get("verdict") == "no":
        return str(ngettext("A no for %(num)s person was prepared.", "A no for %(num)s people was prepared.", number))
    return str(ngettext("A yes for %(num)s person was prepared.", "A yes for %(num)s people was prepared.", number))


def _released(facts: Facts) -> str:
    number = facts.get("number", 0)
    return str(ngettext("%(num)s decision was released.", "%(num)s decisions were released.", number))


def _release_undone(facts: Facts) -> str:
    number = facts.get("number", 0)
    return str(ngettext("%(num)s released decision was undone.", "%(num)s released decisions were undone.", number))


def _switched(facts: Facts) -> str:
    if facts.get("is_on"):
        return _("Registrations need approval from now on.")
    number = facts.get("let_in", 0)
    return str(
        ngettext(
            "Registrations need no approval any more; %(num)s person who waited for a decision got a yes.",
            "Registrations need no approval any more; %(num)s people who waited for a decision got a yes.", number,
        )
    )  # fmt: skip


SENTENCES: Mapping[str, Any | Callable[[Facts], str]] = {
    "import.applied": _imported,
    "import.undone": _import_undone,
    "import.stopped": _l("Work at an import was stopped."),
    "import.erased": _l("The rows of an import were erased."),
    "event.set_up": _l("The meeting was set up."),
    "answers.erased": _erased,
    "form.set_up": _l("The questions of the form were set up."),
    "event.tracks_set": _l("The tracks were set."),
    "event.deadline_moved": _moved,
    "event.limit_set": _limit,
    "form.changed": _form,
    "event.moderation_switched": _switched,
    "moderation.prepared": _prepared,
    "moderation.released": _released,
    "moderation.undone": _release_undone,
    "moderation.taken_back": _l("A prepared decision was taken back."),
    "event.clock_rules_changed": _l("The rules of the clock changed; the moments were computed anew."),
    "invitation.issued": _l("Invitation made."),
    "invitation.link_renewed": _l("New link of the invitation made; the old one is dead."),
    "invitation.opened": _l("Link of the invitation opened."),
    "invitation.revoked": _l("Invitation revoked."),
    "invitation.used": _used,
    "invitation.reminded": _l("A reminder of the invitation went out, with another link."),
    "delegation.made": _delegation_made,
    "delegation.link_sent": _of_place(_l("Link for place %(place)s of the delegation sent.")),
    "delegation.link_revoked": _of_place(_l("Link for place %(place)s of the delegation taken back.")),
    "delegation.member_complete": _of_place(_l("Place %(place)s of the delegation taken by registration %(registration)s.")),
    "delegation.member_left": _left,
    "delegation.place_given_back": _of_place(_l("Place %(place)s of the delegation given back.")),
    "delegation.names_until_set": _l("The day until which members of the delegation may be named was set."),
    "delegation.head_mailed": _l("The link to the page of the delegation was mailed to its head again."),
    "delegations.exported": _l("List of delegations exported."),
    "invitation_batch.made": _batch_made,
    "invitation_batch.revoked": _batch_revoked,
    "invitations.exported": _l("List of invitations exported."),
    "event.group_rules_set": _group_rules,
    "role.granted": _l("A role was given to somebody."),
    "account.password_set": _l("A password was set."),
    "badges.batch_asked": _l("A batch of badges was asked for."),
    "badges.printed": _l("A batch of badges was printed."),
    "device.created": _l("A door device was added."),
    "device.pairing_shown": _l("The pairing code of a door device was shown."),
    "device.paired": _l("A door device was paired."),
    "device.revoked": _l("A door device was revoked."),
    "mail.sent_again": _l("Mail sent again."),
    "mail.failed_again": _failed_again,
    "needs.listed": _needs_listed,
    "participants.exported": _l("List of participants exported."),
    "participants.bulk": _bulk,
    "filter.saved": _l("A filter of the list of people was saved."),
    "filter.changed": _l("A saved filter was renamed."),
    "filter.removed": _l("A saved filter was removed."),
    "audit.exported": _l("Record of changes exported."),
    "organisation.merged": _merged,
    "organisation.merged_away": _merged,
    "organisation.merge_undone": _undone,
    "organisation.registrations_moved": _registrations_moved,
    "organisation.registrations_put_back": _registrations_back,
    "organisation.not_the_same": _l("Said not to be the same as another that looks alike."),
    **proposal_sentences.SENTENCES,
    **note_sentences.SENTENCES,
    **review_sentences.SENTENCES,
}

# what the actions are called whose sentence depends on what happened
LABELS: Mapping[str, Any] = {
    "answers.erased": _l("Answers erased"),
    "form.changed": _l("Form changed"),
    "import.applied": _l("Table imported"),
    "import.undone": _l("Import taken back"),
    "registration.entered": _l("Entered by an organiser"),
    "registration.registered": _l("Registration made"),
    "registration.changed": _l("Answers changed"),
    "registration.category_given": _l("Category changed"),
    "registration.door_note": _l("Note for the door written or removed"),
    "waiting.offered": _l("A place was offered."),
    "waiting.jumped": _l("A place was offered out of order."),
    "event.deadline_moved": _l("Deadline moved"),
    "event.limit_set": _l("Limit set"),
    "event.moderation_switched": _l("Approval of registrations switched"),
    "moderation.prepared": _l("Decision prepared"),
    "moderation.released": _l("Decisions released"),
    "moderation.undone": _l("Release undone"),
    "registration.accepted": _l("Accepted"),
    "registration.declined": _l("Declined"),
    "invitation.used": _l("Invitation used"),
    "participants.bulk": _l("One action for many people"),
    "delegation.made": _l("Delegation made"),
    "delegation.link_sent": _l("Link for a place of a delegation sent"),
    "delegation.link_revoked": _l("Link for a place of a delegation taken back"),
    "delegation.member_complete": _l("Place of a delegation taken"),
    "delegation.member_left": _l("A member left a delegation"),
    "delegation.place_given_back": _l("Place of a delegation given back"),
    "invitation_batch.made": _l("List of invitations made"),
    "invitation_batch.revoked": _l("List of invitations taken back"),
    "event.group_rules_set": _l("Rules for invitations and delegations set"),
    "registration.organisation_set": _l("Organisation of a registration set"),
    "organisation.merged": _l("Organisations merged"),
    "organisation.merged_away": _l("Organisation merged into another"),
    "organisation.merge_undone": _l("Merge of organisations undone"),
    "organisation.registrations_moved": _l("Registrations moved to another organisation"),
    "organisation.registrations_put_back": _l("Registrations moved back to their organisation"),
    "mail.failed_again": _l("Failed mails sent again"),
    "needs.listed": _l("List of those with needs seen or taken away"),
    **proposal_sentences.LABELS,
    **note_sentences.LABELS,
    **review_sentences.LABELS,
}

KINDS: Mapping[str, Any] = {
    "event": _l("Meeting"),
    "import_batch": _l("Import"),
    "registration": _l("Registration"),
    "invitation": _l("Invitation"),
    "invitation_batch": _l("List of invitations"),
    "delegation": _l("Delegation"),
    "person": _l("Person"),
    "mail": _l("Mail"),
    "organisation": _l("Organisation"),
    "badge_batch": _l("Batch of badges"),
    "device": _l("Door device"),
    "scan": _l("Scan at the door"),
    "bulk": _l("Action for many people"),
    "saved_filter": _l("Saved filter"),
    "needs": _l("Access and dietary needs"),
    **proposal_sentences.KINDS,
    **review_sentences.KINDS,
}


def action_label(action: str) -> str:
    """What an action is called where one is chosen; the action itself when nobody gave it words."""
    words = LABELS.get(action) or SENTENCES.get(action) or sentences.SENTENCES.get(action) or action
    return str(words).removesuffix(".")


def kind_label(kind: str) -> str:
    """What a kind of thing is called."""
    return str(KINDS.get(kind, kind))


def told(line: AuditLine, values: Sequence[AuditValue] = ()) -> Markup:
    """The line in the reader's language; what happened to one registration is told by `sentences`."""
    words = SENTENCES.get(line.action)
    if words is None:
        return sentences.sentence(line, values)
    return Markup.escape(words(line.facts) if callable(words) else str(words))
