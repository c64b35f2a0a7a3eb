"""What are mails and their states called, and why was one written?"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATE_NAME = {
    "failed": _l("Failed"),
    "waiting": _l("Waiting to be sent"),
    "sending": _l("Being sent"),
    "sent": _l("Sent"),
}
STATE_FAMILY = {"failed": "problem", "waiting": "waiting", "sending": "open", "sent": "good"}

KIND_NAME = {
    "registration/confirmed": _l("Place confirmed"),
    "registration/waiting": _l("Rank in the waiting list"),
    "registration/considered": _l("Being considered"),
    "registration/declined": _l("Registration declined"),
    "registration/already": _l("Already registered"),
    "registration/offered": _l("Place offered"),
    "registration/lapsed": _l("Offer lapsed"),
    "registration/cancelled": _l("Registration cancelled"),
    "registration/expired": _l("Registration expired"),
    "registration/replaced": _l("New badge"),
    "registration/draft": _l("Link to a form that was begun"),
    "registration/deadline_moved": _l("Deadline moved"),
    "registration/invitation": _l("Invitation"),
    "proposals/begin": _l("Link to propose a workshop"),
    "proposals/late": _l("Invitation to propose after the closing"),
    "proposals/received": _l("Proposal received"),
    "proposals/withdrawn": _l("Proposal withdrawn"),
    "proposals/withdrawn_team": _l("Accepted workshop withdrawn"),
    "proposals/restored": _l("Proposal restored"),
    "proposals/merged": _l("Proposals merged"),
    "proposals/merge_undone": _l("Merge of proposals undone"),
    "proposals/co_organiser": _l("Asked to co-organise"),
    "proposals/co_organiser_answered": _l("A co-organiser answered"),
    "proposals/note_to_sign": _l("Concept note to sign"),
    "proposals/note_taken_back": _l("Concept note taken back"),
    "proposals/note_signed_off": _l("Concept note signed by all"),
    "proposals/note_commented": _l("Comment at the concept note"),
}

CAUSE = {
    "registration/confirmed": _l("A place was given, or the confirmation was asked for again."),
    "registration/waiting": _l("All places were taken when the form was sent."),
    "registration/already": _l("A form was sent with the address of somebody who is registered."),
    "registration/offered": _l("A place became free and this person is first in line."),
    "registration/lapsed": _l("The offered place was not answered in time."),
    "registration/cancelled": _l("The registration was cancelled."),
    "registration/expired": _l("The e-mail address was not confirmed in time."),
    "registration/replaced": _l("The badge was printed again, with a new code."),
    "registration/draft": _l("Somebody asked for the link to the form that they had begun."),
    "registration/deadline_moved": _l("The deadline was moved while their form was begun and not sent."),
    "registration/invitation": _l("An organiser made an invitation for this address."),
    "proposals/begin": _l("Somebody entered this address to propose a workshop."),
    "proposals/late": _l("An organiser invited this person to propose a workshop after the closing."),
    "proposals/received": _l("The lead sent the proposal, or a new version of it."),
    "proposals/withdrawn": _l("The lead withdrew the proposal."),
    "proposals/withdrawn_team": _l("The lead of an accepted workshop withdrew it."),
    "proposals/restored": _l("An organiser restored the proposal."),
    "proposals/merged": _l("An organiser merged two proposals, as both leads had agreed."),
    "proposals/merge_undone": _l("An organiser undid the merge of two proposals."),
    "proposals/co_organiser": _l("The lead of a proposal named this person as a co-organiser."),
    "proposals/co_organiser_answered": _l("A co-organiser accepted or declined."),
    "proposals/note_to_sign": _l("The concept note was put to signature, or its deadline is near and it is not signed."),
    "proposals/note_taken_back": _l("Changes were asked for in the concept note, or it was changed after it was put to signature."),
    "proposals/note_signed_off": _l("The last organising body signed the concept note."),
    "proposals/note_commented": _l("Somebody commented at the concept note."),
}
