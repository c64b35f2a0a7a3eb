"""The form of the page that shows every component: one field of each kind, some right and some wrong."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired

from eventreg.core.forms import PageForm

LANGUAGES = [SelectChoice("ar", "العربية"), SelectChoice("fr", "Français"), SelectChoice("en", "English")]
SECTORS = [
    SelectChoice("government", _l("Government")),
    SelectChoice("civil_society", _l("Civil society")),
    SelectChoice("media", _l("Media")),
]


class ComponentsForm(PageForm):
    """Never sent: the page only shows it."""

    full_name = StringField(_l("Full name"), [InputRequired(_l("Write the name as it shall stand on the badge"))])
    email = EmailField(
        _l("E-mail address"), [InputRequired(), Email(_l("Write an address with an @, like name@example.org"))]
    )
    phone = TelField(_l("Phone"))
    sector = SelectField(_l("Sector"), choices=SECTORS)
    arrival = DateField(_l("Day of arrival"))
    photo = FileField(_l("Photo"))
    needs = TextAreaField(_l("Access needs"))
    language = RadioField(_l("Language of the badge"), [InputRequired(_l("Choose a language"))], choices=LANGUAGES)
    interpretation = SelectMultipleField(_l("Interpretation"), choices=LANGUAGES)
    consent = BooleanField(
        _l("My name may stand in the list of participants"), [InputRequired(_l("Tick the box or write to us"))]
    )


def example() -> ComponentsForm:
    """The form as it stands after a try with two mistakes and two omissions."""
    sent = MultiDict(
        [
            ("full_name", ""),
            ("email", "amina.example.org"),
            ("phone", "+212 600 00 00 00"),
            ("sector", "media"),
            ("interpretation", "fr"),
        ]
    )
    form = ComponentsForm(formdata=sent, meta={"csrf": False})
    form.validate()
    return form
