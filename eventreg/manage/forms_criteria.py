"""The form of one criterion, made for the scale of its set; the scale; the reason for a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import ValidationError

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, Text
from eventreg.core.refusals import Refusal
from eventreg.manage.fields import NumberField, lines, one_line, refuse
from eventreg.manage.forms_call import IN_LANGUAGE
from eventreg.reviewing import labels, rules
from eventreg.reviewing.rules import CriterionPlan


class CriterionForm(PageForm):
    """A criterion in three languages; the fields of its levels are added by `made`."""

    kind = RadioField(
        _l("What the reviewer answers"), choices=[SelectChoice(*one) for one in labels.KIND.items()], validate_choice=False
    )
    weight = NumberField(_l("Weight"))
    is_required = BooleanField(_l("Reviewers must answer it, or say why they cannot judge"))
    levels: tuple[int, ...] = ()

    def plan(self, code: str) -> CriterionPlan | None:
        """The criterion that was described, or None: then every problem stands at its field."""
        self.validate()
        weight = 1
        if self.kind.data == "score":
            try:
                weight = self.weight.number(least=1, most=rules.MOST_WEIGHT) or 1
            except ValidationError as error:
                refuse(self.weight, str(error))
        if self.errors:
            return None
        return CriterionPlan(
            self.kind.data or "", self._words("name"), self._words("guidance"),
            {level: self._words(f"anchor_{level}") for level in self.levels if self._words(f"anchor_{level}")},
            weight, bool(self.is_required.data), code,
        )  # fmt: skip

    def _words(self, name: str) -> Text:
        return Text(**{lang: self[f"{name}_{lang}"].data or "" for lang in LANGS})

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put what the service refused at its field; of words in three languages at the first."""
        for name, why in problems.items():
            refuse(self[name] if name in self._fields else self[f"{name}_{LANGS[0]}"], why)

    def mark_lacking(self, names: list[str]) -> None:
        """Say at each field that it lacks before the criteria can be frozen."""
        for name in names:
            if not self[name].errors:
                refuse(self[name], _("Needed before the criteria can be frozen."))


def made(lowest: int, highest: int, given: CriterionPlan | None) -> CriterionForm:
    """The form for a set of this scale, filled with what was sent, else with the criterion."""
    levels = tuple(range(lowest, highest + 1))
    fields: dict[str, Any] = {}
    for name in ("name", *(f"anchor_{level}" for level in levels)):
        fields |= {f"{name}_{lang}": StringField(IN_LANGUAGE[lang], filters=[one_line]) for lang in LANGS}
    fields |= {f"guidance_{lang}": TextAreaField(IN_LANGUAGE[lang], filters=[lines]) for lang in LANGS}
    form: CriterionForm = type("CriterionOfScale", (CriterionForm,), {**fields, "levels": levels})(data=_typed(given))
    return form


def _typed(plan: CriterionPlan | None) -> dict[str, Any]:
    if plan is None:
        return {"kind": "score", "weight": "1", "is_required": True}
    typed: dict[str, Any] = {"kind": plan.kind, "weight": str(plan.weight), "is_required": plan.is_required}
    for name, words in (("name", plan.name), ("guidance", plan.guidance), *((f"anchor_{n}", w) for n, w in plan.anchors.items())):
        typed |= {f"{name}_{lang}": words.as_dict().get(lang, "") for lang in LANGS}
    return typed


class ReasonForm(PageForm):
    """Why frozen criteria are to change, in three languages."""

    reason_ar = StringField(IN_LANGUAGE["ar"], filters=[one_line])
    reason_fr = StringField(IN_LANGUAGE["fr"], filters=[one_line])
    reason_en = StringField(IN_LANGUAGE["en"], filters=[one_line])

    def words(self) -> Text | None:
        """The reason, or None where a language lacks: then that stands at its field."""
        for lang in LANGS:
            if not self[f"reason_{lang}"].data:
                refuse(self[f"reason_{lang}"], refusals.say(Refusal("criteria.reason_missing")))
        return None if self.errors else Text(**{lang: self[f"reason_{lang}"].data for lang in LANGS})


class ScaleForm(PageForm):
    """From which to which level criteria are scored."""

    lowest = RadioField(_l("The scale begins at"), choices=[SelectChoice("0", "0"), SelectChoice("1", "1")], validate_choice=False)
    highest = NumberField(_l("and ends at"))
