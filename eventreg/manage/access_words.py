"""Who may do what, in words: each action of the access table, each of its cells."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

# in the order in which the page shows them
ACTION: dict[str, Any] = {
    "public.read": _l("Read the public pages: home, programme, figures"),
    "link.open": _l("Open a personal link of a mail: what it opens, its secret decides"),
    "audit.verify": _l("Recompute the record of changes on the public page"),
    "registration.register": _l("Register for the meeting"),
    "registration.own": _l("Read, change and cancel a registration of one's own"),
    "delegation.own": _l("Head a delegation: name its members, swap them, give places back"),
    "waiting.answer": _l("Answer an offered place"),
    "proposal.write": _l("Propose a workshop: begin, write, send and withdraw one's own proposals"),
    "proposal.read": _l("Read the proposals that one leads or co-organises"),
    "call.manage": _l("Set up the call for workshops: dates, limits, formats, tracks"),
    "proposals.list": _l("List, search and read all proposals"),
    "proposals.export": _l("Take the list of proposals away"),
    "proposals.restore": _l("Restore a withdrawn proposal"),
    "proposals.merge": _l("Merge two proposals, undo it, say that two are not the same"),
    "note.read": _l("Read the concept note of an accepted workshop"),
    "note.comment": _l("Comment on a concept note"),
    "note.write": _l("Write a concept note with those who co-organise the workshop, and put it to signature"),
    "note.sign": _l("Sign a concept note for one's organisation, or ask for changes"),
    "criteria.edit": _l("Write the criteria and freeze them"),
    "assignment.manage": _l("Name reviewers, say how the meeting reviews, give proposals to reviewers"),
    "conflict.others": _l("Read what ties others to proposals, and say what is none"),
    "selection.read": _l("See the ranking of the proposals"),
    "review.write": _l("Read and review the proposals that one was given"),
    "conflict.own": _l("Declare what ties oneself to proposals and organisations"),
    "ticket.own": _l("See one's own ticket and badge code"),
    "account.own": _l("Change one's own password and sign-ins"),
    "event.overview": _l("See the overview of the meeting: what needs a person, figures"),
    "participants.list": _l("List and search participants, read their answers and what happened with them"),
    "needs.read": _l("Read access and dietary needs, gender and sensitive answers of participants"),
    "participants.export": _l("Take the list of participants away, as a file or on paper"),
    "participants.bulk": _l("Do one thing for many participants at once"),
    "participants.import": _l("Take in tables of participants and organisations, and take them back"),
    "registration.change": _l("Change the category, cancel, write a note for the door"),
    "registration.decide": _l("Decide who is let in, and release the decisions"),
    "waiting.jump": _l("Offer a place out of order, also beyond a limit, with a reason"),
    "organisations.manage": _l("Name, recognise and merge organisations"),
    "form.change": _l("Build the registration form: sections, questions, conditions"),
    "invitations.issue": _l("Make, send and revoke invitations"),
    "delegations.manage": _l("Make delegations and see who is complete"),
    "event.deadline": _l("Move the deadline, set limits and the other rules of the meeting"),
    "event.moderation": _l("Switch the approval of registrations on and off"),
    "mail.read": _l("Read the mails sent to participants"),
    "mail.send_again": _l("Send mails again"),
    "badges.print": _l("Print badges"),
    "badges.reprint": _l("Print one badge again; the old one is dead then"),
    "door.scan": _l("Scan badges and search people at the door"),
    "door.undo": _l("Take an entry back, let somebody in with a reason"),
    "door.devices": _l("Name, pair and revoke door devices"),
    "audit.read": _l("Read the record of changes"),
    "access.read": _l("Read this page: who may do what, and who holds which role"),
    "job.own": _l("Follow long work that one has started"),
    "components.look": _l("See the parts that pages are made of"),
    "system.health": _l("Read the health and figures of the system"),
}

CELL = {
    "Y": _l("Yes"),
    "O": _l("Only one's own"),
    "A": _l("As far as it was granted"),
    "C": _l("Except where a conflict of interest hides it"),
    "2": _l("With a second person's approval"),
    "": _l("No"),
}
SIGN = {"Y": "●", "O": "◐", "A": "◔", "C": "◕", "2": "②", "": "–"}
FAMILY = {"Y": "good", "": "ended"}

# what "as far as it was granted" means where it is not simply the role
NOTE: dict[tuple[str, str], Any] = {
    ("needs.read", "OR"): _l("Only who was given the right to read needs; each reading is recorded and told to the person"),
    ("audit.read", "OR"): _l("Yes; personal values before and after only for whom that was granted"),
    ("registration.register", "AN"): _l("Yes: no account is needed"),
}


def cell(action: str, role: str, value: str) -> str:
    """What the table says for this role, explained."""
    return str(NOTE.get((action, role)) or CELL[value])
