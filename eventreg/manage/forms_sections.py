"""The form of a section: its title, what stands under it, when it is asked, its address."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, page_lang
from eventreg.core.questions.shape import CODE, Asked, Section
from eventreg.core.refusals import Refusal
from eventreg.core.trilingual import Text
from eventreg.manage.fields import lines, one_line, refuse
from eventreg.manage.forms_questions import HELP_LIMIT, IN_LANGUAGE, LABEL_LIMIT, refuse_long


class SectionForm(PageForm):
    """A section as typed: its title, what stands under it, when it is asked, its address."""

    version = HiddenField()
    seal = HiddenField()
    title_ar = StringField(IN_LANGUAGE["ar"], filters=[one_line], description=_l("Title"))
    title_fr = StringField(IN_LANGUAGE["fr"], filters=[one_line], description=_l("Title"))
    title_en = StringField(IN_LANGUAGE["en"], filters=[one_line], description=_l("Title"))
    intro_ar = TextAreaField(IN_LANGUAGE["ar"], filters=[lines], description=_l("Introduction"))
    intro_fr = TextAreaField(IN_LANGUAGE["fr"], filters=[lines], description=_l("Introduction"))
    intro_en = TextAreaField(IN_LANGUAGE["en"], filters=[lines], description=_l("Introduction"))
    asked = RadioField(_l("When is it asked?"), validate_choice=False)
    code = StringField(_l("Address"), filters=[one_line])

    def offer(self) -> None:
        """Fill the choices in the reader's language."""
        self.asked.flags.required = True
        self.asked.choices = [
            (Asked.FORM.value, _("In the registration form")),
            (Asked.AFTER.value, _("After confirmation, as a task on the person's own page")),
        ]

    def words(self, name: str) -> list[Any]:
        """The three fields of a text."""
        return [self[f"{name}_{lang}"] for lang in LANGS]

    def wanted(self, before: Section | None, *, is_built_in: bool, is_call: bool) -> Section | None:
        """The section that was described (without a code where one is to be made), or None: problems stand at their fields.

        One of the call keeps its address, as what is written in it hangs on that, and is asked in the form.
        """
        for name, limit in (("title", LABEL_LIMIT), ("intro", HELP_LIMIT)):
            for field in self.words(name):
                refuse_long(field, limit)
        title, intro = (Text(*(field.data for field in self.words(name))) for name in ("title", "intro"))
        if not title and not is_built_in:
            refuse(self[f"title_{page_lang()}"], _("Write the title in at least one language."))
        is_fixed = is_built_in or is_call
        if self.code.data and not is_fixed and not CODE.fullmatch(self.code.data):
            refuse(self.code, Refusal("question.bad_code"))
        if self.errors:
            return None
        asked = Asked.AFTER if self.asked.data == Asked.AFTER.value and not is_fixed else Asked.FORM
        typed = "" if is_fixed else self.code.data or ""
        code = typed or (before.code if before is not None else "")
        return Section(code, title, intro, asked, before.questions if before else ())

    def refuse(self, refusal: Refusal) -> None:
        """Put what is refused at the field that it is about."""
        field = {"question.code_taken": "code", "question.built_in_after": "asked"}.get(refusal.code)
        if field is None:
            self.form_errors.append(refusals.say(refusal))
        else:
            refuse(self[field], refusal)
