"""What a change of a form does, in sentences, before it is done; what it means while people fill the form in."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import ngettext

from eventreg.core.questions import words
from eventreg.core.questions.changing import Effect
from eventreg.proposals import forms as call_forms
from eventreg.proposals.form_changes import Fate
from eventreg.proposals.form_changes import Outlook as CallOutlook
from eventreg.registration import forms
from eventreg.registration.form_changes import Outlook

# ---- registration ----------------------------------------------------------------------------------------------------


def registration_is_open(number: int) -> str:
    """What a change of registration's form means now: `number` people are filling it in."""
    if number == 0:
        return _("Registration is open: every change counts from the moment it is saved.")
    return str(
        ngettext(
            "Registration is open and %(num)s person is filling in the form now. They will see a change when they go on.",
            "Registration is open and %(num)s people are filling in the form now. They will see a change when they go on.",
            number,
        )
    )


def of_registration(outlook: Outlook) -> list[dict[str, Any]]:
    """By question what happens to the answers that people gave."""
    return [_told(effect, outlook) for effect in outlook.effects.values() if effect.is_telling or effect.code in outlook.moved]


def _told(effect: Effect, outlook: Outlook) -> dict[str, Any]:
    """What happens to the answers to one question, in sentences, with examples."""
    old, new = outlook.old.find(effect.code), outlook.new.find(effect.code)
    question = new or old
    if question is None:
        abort(404)
    number = effect.kept + effect.rewritten + effect.erased.total()
    said = []
    if effect.kept:
        said.append(ngettext("%(num)s answer stays.", "%(num)s answers stay.", effect.kept))
    if effect.code in outlook.moved:
        apart = new is not None and new.is_sensitive
        said.append(_("From now on they are kept apart and read only by those with that right.") if apart else
                    _("They were kept apart. From now on everybody who works with the list can read them."))  # fmt: skip
    if effect.rewritten:
        said.append(ngettext("%(num)s answer is rewritten.", "%(num)s answers are rewritten.", effect.rewritten))
    said += [_erased(reason, count) for reason, count in effect.erased.items()]
    if effect.missing:
        said.append(
            ngettext(
                "%(num)s person who is asked now has no answer: it will stand as a task on their page.",
                "%(num)s people who are asked now have no answer: it will stand as a task on their page.",
                effect.missing,
            )
        )
    examples = [
        (words.said(old, example.before), words.said(new, example.after) if new is not None and example.after is not None else "")
        for example in outlook.examples.get(effect.code, ())
        if old is not None
    ]
    return {"label": forms.label_of(question), "number": number, "said": said, "examples": examples}


def _erased(reason: str, number: int) -> str:
    match reason:
        case "hidden":
            words = ngettext(
                "%(num)s answer is erased: the question is not asked of that person any more.",
                "%(num)s answers are erased: the question is not asked of those people any more.",
                number,
            )
        case "option":
            words = ngettext(
                "%(num)s answer is erased: it cannot be chosen any more.",
                "%(num)s answers are erased: they cannot be chosen any more.",
                number,
            )
        case "unreadable":
            words = ngettext(
                "%(num)s answer is erased: it is none of the new kind.",
                "%(num)s answers are erased: they are none of the new kind.",
                number,
            )
        case _:
            words = ngettext(
                "%(num)s answer is erased with the question.", "%(num)s answers are erased with the question.", number
            )
    return str(words)


# ---- the call --------------------------------------------------------------------------------------------------------


def call_is_open(number: int) -> str:
    """What a change of the call's form means now: `number` people are writing."""
    if number == 0:
        return _("The call is open: every change counts from the moment it is saved.")
    return str(
        ngettext(
            "The call is open and %(num)s proposal is being written now. Its authors will see a change on the next page.",
            "The call is open and %(num)s proposals are being written now. Their authors will see a change on the next page.",
            number,
        )
    )


def of_call(outlook: CallOutlook) -> list[dict[str, Any]]:
    """By question what happens to proposals; first how many are incomplete from now on."""
    told = [_of_question(code, fate, outlook) for code, fate in outlook.fates.items() if fate.is_telling]
    if outlook.incomplete:
        said = ngettext(
            "%(num)s proposal that is complete now lacks an answer from then on.",
            "%(num)s proposals that are complete now lack an answer from then on.",
            outlook.incomplete,
        )
        told.insert(0, {"label": _("Complete proposals"), "number": 0, "said": [said], "examples": []})
    return told


def _of_question(code: str, fate: Fate, outlook: CallOutlook) -> dict[str, Any]:
    question = outlook.new.find(code) or outlook.old.find(code)
    if question is None:
        abort(404)
    said = []
    if fate.unasked:
        said.append(ngettext(
            "%(num)s proposal being written has an answer. It is asked for no more; what was typed is kept until the proposal is"
            " sent again.",
            "%(num)s proposals being written have an answer. It is asked for no more; what was typed is kept until they are sent"
            " again.",
            fate.unasked,
        ))  # fmt: skip
    if fate.unfit:
        said.append(ngettext(
            "%(num)s proposal being written has an answer that does not fit any more: it must be given anew.",
            "%(num)s proposals being written have an answer that does not fit any more: it must be given anew.",
            fate.unfit,
        ))  # fmt: skip
    if fate.lacking:
        said.append(ngettext(
            "%(num)s proposal that is complete now lacks this answer.", "%(num)s proposals that are complete now lack this answer.",
            fate.lacking,
        ))  # fmt: skip
    if fate.sent:
        said.append(ngettext(
            "%(num)s proposal was sent with an answer: what was sent stays as it is.",
            "%(num)s proposals were sent with an answer: what was sent stays as it is.",
            fate.sent,
        ))  # fmt: skip
    return {"label": call_forms.question_label(question), "number": 0, "said": said, "examples": []}
