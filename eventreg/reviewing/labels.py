"""What the things of reviewing are called, and what is refused there, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core import refusals
from eventreg.core.i18n import instant_long
from eventreg.reviewing.rules import AssignmentState

STATE = {
    AssignmentState.ASSIGNED: _l("To do"),
    AssignmentState.STARTED: _l("In progress"),
    AssignmentState.SUBMITTED: _l("Submitted"),
    AssignmentState.DECLINED: _l("Given back"),
    AssignmentState.CONFLICTED: _l("Conflict of interest"),
    AssignmentState.TAKEN_AWAY: _l("Taken away"),
}
STATE_FAMILY = {
    AssignmentState.ASSIGNED: "neutral", AssignmentState.STARTED: "waiting", AssignmentState.SUBMITTED: "good",
    AssignmentState.DECLINED: "problem", AssignmentState.CONFLICTED: "problem", AssignmentState.TAKEN_AWAY: "neutral",
}  # fmt: skip
KIND = {"score": _l("Score"), "condition": _l("Condition that a proposal meets or fails")}
TIE = {
    "own_organisation": _l("My organisation, now or in the last three years"),
    "co_author": _l("I worked on it, or with those who propose it"),
    "family": _l("Family or close friends"),
    "other": _l("Another tie"),
}
EVIDENCE = {
    "mail_domain": _l("the same mail domain"),
    "organisation_name": _l("an organisation of the same name"),
    "same_name": _l("a person of the same name"),
}
CONFIDENCE = {1: _l("Little: this is not my field"), 2: _l("Some"), 3: _l("Sure: I know this field")}
TRACK_LEVEL = {0: _l("Little"), 1: _l("Some"), 2: _l("Much")}
REASON = {
    "language": _l("You read the language in which it is written."),
    "track": _l("You said that you know its track."),
    "government": _l("Each proposal is read by somebody from government."),
    "civil_society": _l("Each proposal is read by somebody from civil society."),
    "load": _l("The proposals were shared out evenly."),
}


def _too_long(params: Mapping[str, object]) -> Any:
    limit = int(str(params["limit"]))
    return ngettext("At most %(num)s word in each language.", "At most %(num)s words in each language.", limit)


def _short(params: Mapping[str, object]) -> Any:
    least = int(str(params["least"]))
    return ngettext("Write at least %(num)s character.", "Write at least %(num)s characters.", least)


refusals.texts.update(
    {
        "criteria.kind": _l("Choose what kind of criterion it is."),
        "criteria.name_missing": _l("Give the criterion a name, in one language at least."),
        "criteria.weight": _l("A weight is a whole number from 1 to %(most)s."),
        "criteria.too_long": _too_long,
        "criteria.no_such_level": _l("There is no such level on the scale."),
        "criteria.scale": _l("The scale begins at 0 or 1 and has at most %(most)s levels."),
        "criteria.too_many": _l("There are at most %(most)s criteria. Take one out first."),
        "criteria.nothing_to_score": _l("At least one criterion must be scored."),
        "criteria.nothing_required": _l("At least one score must be required."),
        "criteria.incomplete": _l("Something is not written in all three languages yet."),
        "criteria.reason_missing": _l("Say why the criteria change: reviewers and the public read it."),
        "criteria.no_draft": _l("No criteria are being written."),
        "criteria.waits": _l("This version waits for a second person. Take it back to change it."),
        "criteria.none_such": _l("This criterion is not there any more."),
        "criteria.nothing_offered": _l("No change of the criteria waits for a yes."),
        "criteria.same_person": _l("A second person must agree: not the one who proposed the change."),
        "criteria.changed_since": _l("The criteria were changed since you opened the page. Read them again."),
        "reviewing.per_proposal": _l("A proposal gets 1 to %(most)s reviews."),
        "reviewing.max_load": _l("A number of proposals is a whole number from 1 to %(most)s."),
        "reviewing.no_criteria": _l("Freeze the criteria first."),
        "reviewing.no_closing": _l("Say until when reviews are to be submitted."),
        "reviewing.closing_passed": _l("The closing has passed. Choose a later one."),
        "reviewing.open_already": _l("Reviewing is open already."),
        "reviewer.sector_missing": _l("Say for which sector they review."),
        "reviewer.load": _l("A number of proposals is a whole number from 1 to %(most)s."),
        "reviewer.already": _l("This person is a reviewer already."),
        "reviewer.none_such": _l("This person does not review for this meeting."),
        "reviewer.languages_missing": _l("Tick at least one language that you read."),
        "conflict.kind_missing": _l("Say what kind of tie it is."),
        "conflict.nothing": _l("Choose the proposal or the organisation."),
        "conflict.none_such": _l("This tie is not there any more."),
        "conflict.own": _l("Somebody else must decide on your own ties."),
        "conflict.reason_missing": _l("Say why this is no conflict of interest."),
        "assignment.not_reviewed": _l("This proposal is not to be reviewed: it was not sent, or is withdrawn."),
        "assignment.tied": _l("This reviewer has a conflict of interest with the proposal."),
        "assignment.none_such": _l("This proposal is not among those you review."),
        "assignment.reason_missing": _l("Say in a few words why you give it back."),
        "review.wrong_state": _l("That is not possible any more: something has changed since you opened the page."),
        "review.not_yours": _l("This proposal is not among those you review any more."),
        "review.proposal_gone": _l("The proposal was withdrawn or merged meanwhile. You can still copy your text from this page."),
        "review.not_open": _l("Reviewing has not begun yet."),
        "review.closed": lambda params: str(_l("Reviewing closed on %(when)s.")) % {"when": instant_long(params["at"])},
        "review.submitted": _l("You have submitted this review. Submit it again to change it."),
        "review.erased": _l("What was saved before is not there any more. You can still copy your text from this page."),
        "review.not_a_level": _l("A score is a whole number from %(least)s to %(most)s."),
        "review.off_the_scale": _l("The scale goes from %(least)s to %(most)s."),
        "review.comment_long": _l("At most %(most)s characters."),
        "review.comment_short": _short,
        "review.score_missing": _l("Choose a score, or say that you cannot judge."),
        "review.unable_why": _l("Say in a few words why you cannot judge."),
        "review.confidence_missing": _l("Say how sure you are."),
    }
)
