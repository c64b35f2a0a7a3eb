"""Who may do what: the whole table, role × action. The rows are those of the access matrix; what is absent is denied.

Cells: Y yes in the event · O own things only · A what was granted to them (a scope or an assignment). "Own" is enforced in the
query of the view, scopes where they are read. A test walks every address with every role and compares.
"""

from __future__ import annotations

from eventreg.core.access import ROLES, Table

_EVERYONE = dict.fromkeys(ROLES, "Y")
_ANYONE_SIGNED_IN = {role: "O" for role in ROLES if role != "AN"}

TABLE: Table = {
    "public.read": _EVERYONE,
    "link.open": _EVERYONE,  # what a personal link opens, its secret decides
    "registration.register": {**_ANYONE_SIGNED_IN, "AN": "Y"},
    "registration.own": _ANYONE_SIGNED_IN,
    "registration.change": {"OR": "Y"},
    "registration.decide": {"OR": "Y"},
    "needs.read": {"OR": "A", "FO": "O"},
    "delegation.own": _ANYONE_SIGNED_IN,
    "delegations.manage": {"OR": "Y"},
    "waiting.answer": _ANYONE_SIGNED_IN,
    "waiting.jump": {"OR": "Y"},
    "participants.list": {"OR": "Y"},
    "participants.export": {"OR": "Y"},
    "participants.bulk": {"OR": "Y"},
    "organisations.manage": {"OR": "Y"},
    "participants.import": {"OR": "Y"},
    "invitations.issue": {"OR": "Y"},
    "event.deadline": {"OR": "Y"},
    "form.change": {"OR": "Y"},
    "event.moderation": {"OR": "Y"},
    "event.overview": {"OR": "Y"},
    "mail.read": {"OR": "Y"},
    "mail.send_again": {"OR": "Y"},
    "audit.read": {"OR": "A", "AD": "Y"},
    "access.read": {"OR": "Y", "AD": "Y"},
    "audit.verify": _EVERYONE,
    "proposal.write": {"PA": "O", "PR": "O", "CO": "A", "SP": "O", "RE": "O"},
    "proposal.read": {"PR": "O", "CO": "A"},
    "call.manage": {"OR": "Y"},
    "proposals.list": {"OR": "C"},
    "proposals.export": {"OR": "C"},
    "proposals.restore": {"OR": "C"},
    "proposals.merge": {"OR": "C"},
    "note.read": {"PR": "O", "CO": "A", "OR": "C"},
    "note.comment": {"PR": "O", "CO": "A", "OR": "C"},
    "note.write": {"PR": "O", "CO": "A"},
    "note.sign": {"PR": "O", "CO": "A"},  # the organisers of the meeting never sign for a body
    "criteria.edit": {"CH": "Y"},
    "assignment.manage": {"CH": "C"},
    "conflict.others": {"CH": "C"},
    "selection.read": {"CH": "C", "CM": "A"},
    "review.write": {"RE": "A", "CH": "C"},
    "conflict.own": {"RE": "O", "CH": "O", "OR": "O", "CM": "O"},
    "badges.print": {"OR": "Y"},
    "badges.reprint": {"OR": "Y", "CI": "A"},
    "ticket.own": {role: "O" for role in _ANYONE_SIGNED_IN if role != "DO"},  # a donor may well register, as PA
    "door.scan": {"OR": "Y", "CI": "A", "SC": "A"},
    "door.undo": {"OR": "Y", "CI": "A"},
    "door.devices": {"OR": "Y"},
    "account.own": _ANYONE_SIGNED_IN,
    "job.own": _ANYONE_SIGNED_IN,
    "components.look": {"OR": "Y", "AD": "Y"},
    "system.health": {"AD": "Y"},
}
