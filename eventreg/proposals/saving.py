"""What does saving a part answer, to the page and to its script? Saved, refused, or: somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, jsonify, make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.db import db
from eventreg.core.i18n import hour, page_lang
from eventreg.core.refusals import Refused
from eventreg.people.models import Person
from eventreg.proposals import queries
from eventreg.proposals.models import Proposal
from eventreg.proposals.writing import Overtaken, Saved, Standing


@dataclass(frozen=True)
class Outcome:
    """What came of it. `stands` is the part as somebody else left it, `said` who and when."""

    saved: Saved | None = None
    refusal: str = ""
    stands: Standing | None = None
    said: str = ""


def tried(save: Callable[[], Saved], proposal: Proposal) -> Outcome:
    """Save a part of this proposal or its note."""
    try:
        return Outcome(saved=save())
    except Overtaken as overtaken:
        return Outcome(stands=overtaken.now, said=_changed_by(proposal, overtaken.now))
    except Refused as refused:
        return Outcome(refusal=refusals.say(refused.refusal))


def _changed_by(proposal: Proposal, stands: Standing) -> str:
    if stands.changed_by_id == g.viewer.id:
        return str(_("You changed it yourself at %(hour)s, in another window.", hour=hour(stands.changed_at)))
    by = db.session.get_one(Person, stands.changed_by_id)
    member = queries.writer(proposal.id, stands.changed_by_id)
    body = (member.organisation_name or member.name if member else "") or by.name_in(page_lang())
    words: str = _("Changed by %(body)s at %(hour)s.", body=body, hour=hour(stands.changed_at))
    return words


def is_quiet() -> bool:
    """Whether the page's script asks while somebody types."""
    return request.accept_mimetypes.best == "application/json"


def for_script(outcome: Outcome) -> Response:
    """The revision on which one writes from now on and what the page says; else why nothing was saved."""
    if outcome.saved is not None:
        saved = outcome.saved
        said = _("Saved at %(hour)s", hour=hour(saved.at))
        return jsonify({"revision": saved.revision, "said": said, "missing": saved.missing})
    return make_response(jsonify({"overtaken": outcome.said} if outcome.stands else {"refused": outcome.refusal}), 409)


def side_by_side(typed: Mapping[str, Any], stands: Standing, label_of: Callable[[str], Any]) -> list[tuple[str, Any, Any, Any]]:
    """Where the two differ: (field, what it is called, their words, mine)."""
    return [
        (name, label_of(name), stands.answers.get(name, ""), words)
        for name, words in typed.items()
        if stands.answers.get(name, "") != words
    ]
