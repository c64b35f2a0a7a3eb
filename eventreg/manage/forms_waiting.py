"""The form of an offer before somebody's turn, and what is refused there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, TextAreaField

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.registration import limit_words
from eventreg.registration.rules import Full


class JumpForm(PageForm):
    """Why somebody is served before their turn; beyond the limit only on purpose."""

    reason = TextAreaField(_l("Reason"))
    over_limit = BooleanField(_l("Also beyond the limit: one place more than the limit allows"))


def _still_full(params: Mapping[str, Any]) -> str:
    words: str = _("%(full)s To offer one all the same, tick this.", full=limit_words.full(Full(params["full"].limits, ())))
    return words


refusals.texts.update(
    {
        "waiting.no_reason": _l("Give the reason: it is kept in the record, as others have waited longer."),
        "waiting.not_waiting": _l("This person does not wait any more."),
        "waiting.begun": _l("The meeting has begun: no place is offered any more."),
        "waiting.still_full": _still_full,
    }
)
