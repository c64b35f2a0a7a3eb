"""The form of every page: only what a form sends is read, never a JSON body or a file under a text field's name."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted


class PageForm(FlaskForm):  # type: ignore[misc]
    """A form with its one-time token, filled from `request.form` when it was sent."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF would take JSON and files for form fields, and fail on a list or a number."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The sent fields, or nothing for a page that is only looked at."""
            if formdata is not _Auto:
                return formdata
            return request.form if _is_submitted() else None
