"""The form of the limits: one field for each, and one more limit on whatever else can be counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField
from wtforms.validators import ValidationError

from eventreg.core.forms import PageForm
from eventreg.core.refusals import Refusal
from eventreg.manage.fields import NumberField, refuse
from eventreg.manage.limits import PoolState
from eventreg.registration import limit_words
from eventreg.registration.rules import LimitKey

MOST_PLACES = 100_000


def field_name(limit: LimitKey) -> str:
    """The name of a limit's field: event, category_media, day_2022-11-02."""
    kind, key = limit
    return f"{kind}_{key}" if key else kind


class LimitsForm(PageForm):
    """Empty is no limit, 0 is none. `made` adds a field for each limit; `lowered` is asked for when too many have a place."""

    new_limit = SelectField(_l("Another limit on"), validate_choice=False)
    new_number = NumberField(_l("Places"))
    lowered = BooleanField(_l("Save it all the same"))

    asks_lowered = False
    shown: tuple[LimitKey, ...] = ()

    @classmethod
    def made(cls, states: Mapping[LimitKey, PoolState], possible: Mapping[str, Sequence[LimitKey]]) -> LimitsForm:
        """The form with these limits, filled with what is set, and with what another limit can be set on."""
        names = {limit: _("All places of the meeting") if limit[0] == "event" else limit_words.name(limit) for limit in states}
        fields = {field_name(limit): NumberField(name) for limit, name in names.items()}
        typed = {field_name(limit): "" if state.limit is None else str(state.limit) for limit, state in states.items()}
        form: LimitsForm = type("LimitsForm", (cls,), {**fields, "shown": tuple(states)})(data=typed)
        form.new_limit.choices = {_("No other limit"): [("", _("Choose"))]} | {
            str(limit_words.KIND[kind]): _choices(limit for limit in limits if limit not in states)
            for kind, limits in possible.items()
        }
        return form

    def field_of(self, limit: LimitKey) -> Field:
        """The field of a limit."""
        return self[field_name(limit)]

    def limits(self, possible: Mapping[str, Sequence[LimitKey]]) -> dict[LimitKey, int | None] | None:
        """The wanted limit of every field that was sent, or None: then every problem stands at its field."""
        self.validate()
        wanted: dict[LimitKey, int | None] = {}
        for limit in self.shown:
            if field_name(limit) in request.form:  # one that another organiser has added since is none of this form's
                wanted[limit] = self._number(self.field_of(limit))
        wanted |= self._added(possible)
        return None if self.errors else wanted

    def _added(self, possible: Mapping[str, Sequence[LimitKey]]) -> dict[LimitKey, int | None]:
        chosen = self.new_limit.data or ""
        if not chosen and not self.new_number.data:
            return {}
        kind, _colon, key = chosen.partition(":")
        if (kind, key) not in possible.get(kind, ()):
            refuse(self.new_limit, _("Choose what the limit is for."))
            return {}
        number = self._number(self.new_number)
        if number is None and not self.new_number.errors:
            refuse(self.new_number, _("Enter how many places there are; 0 means none."))
        return {(kind, key): number}

    @staticmethod
    def _number(field: Any) -> int | None:
        try:
            number: int | None = field.number(least=0, most=MOST_PLACES)
        except ValidationError as error:
            negative = field.data.startswith("-")
            refuse(field, Refusal("registration.limit_negative") if negative else str(error))
            return None
        return number

    def may_lower(self, wanted: Mapping[LimitKey, int | None], states: Mapping[LimitKey, PoolState]) -> bool:
        """Whether no limit goes under what is taken, or that is meant."""
        under = [limit for limit, number in wanted.items() if _goes_under(number, states[limit])]
        self.asks_lowered = bool(under)
        if under and not self.lowered.data:
            refuse(self.lowered, _(
                "More people have a place than this would allow (%(limits)s). Everybody keeps their place, and nobody gets "
                "one until enough have left. Tick the box if that is meant.", limits=limit_words.names(under),
            ))  # fmt: skip
            return False
        return True


def _goes_under(number: int | None, state: PoolState) -> bool:
    return number is not None and number != state.limit and number < state.taken


def _choices(limits: Iterable[LimitKey]) -> list[tuple[str, str]]:
    return [(":".join(limit), limit_words.name(limit)) for limit in limits]
