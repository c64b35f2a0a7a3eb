"""What is asked at sign-in and in the account, and what is said when it does not fit."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import Length, ValidationError

from eventreg.core import refusals
from eventreg.core.forms import PageForm
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules

PASSWORD_LIMIT = 1000  # characters; hashing more would only cost time


def _too_many_passwords(params: Mapping[str, object]) -> str:
    words: str = ngettext(
        "Too many wrong passwords were entered for this address. Get a sign-in link by mail, "
        "or try the password again in %(num)s minute.",
        "Too many wrong passwords were entered for this address. Get a sign-in link by mail, "
        "or try the password again in %(num)s minutes.",
        int(str(params["minutes"])),
    )
    return words


refusals.texts.update({
    "people.too_many_passwords": _too_many_passwords,
    "people.wrong_sign_in": _l(
        "The e-mail address or the password is wrong. "
        "Try again, or leave the password empty to get a sign-in link by mail."
    ),
    "people.wrong_password": _l(
        "This is not your current password. Try again, or sign out, sign in by a link and set a new one."
    ),
    "people.password_short": _l("Enter a password of at least %(length)s characters."),
    "people.link_unknown": _l("This sign-in link is incomplete or wrong."),
    "people.link_used": _l("This sign-in link was already used. Each link works once."),
    "people.link_expired": _l("This sign-in link has expired."),
    "people.link_revoked": _l("This sign-in link has been revoked."),
    "people.own_grant": _l("Nobody can give a role to themselves. Ask another administrator."),
})  # fmt: skip

_LENGTH = Length(max=PASSWORD_LIMIT, message=_l("A password has at most 1,000 characters."))


class SignInForm(PageForm):
    """One form for both ways: with a password, or without one for a link by mail."""

    email = EmailField(_l("E-mail address"))
    password = PasswordField(_l("Password"), validators=[_LENGTH])
    next = HiddenField()

    address: rules.Email | None = None

    def validate_email(self, field: EmailField) -> None:
        """Read the address into `address`."""
        try:
            self.address = rules.email_address(field.data or "")
        except Refused as refused:
            raise ValidationError(refusals.say(refused.refusal)) from None

    def show(self, refusal: Refusal) -> None:
        """Put what the service refused at its place, in words."""
        if refusal.code == "people.wrong_sign_in":
            self.password.errors = [refusals.say(refusal)]
        else:
            self.form_errors = [refusals.say(refusal)]


class PasswordForm(PageForm):
    """A first password, or a new one in place of the current one."""

    current = PasswordField(_l("Current password"), validators=[_LENGTH])
    new = PasswordField(_l("New password"), validators=[_LENGTH])

    def show(self, refusal: Refusal) -> None:
        """Put what the service refused at its place, in words."""
        field = {"people.wrong_password": self.current, "people.password_short": self.new}.get(refusal.code)
        if field is None:
            self.form_errors = [refusals.say(refusal)]
        else:
            field.errors = [refusals.say(refusal)]
