"""The form with which an organiser names a device."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from eventreg.checkin.incoming import LONGEST_NAME, door_name
from eventreg.core.forms import PageForm

_TOO_LONG = Length(max=LONGEST_NAME, message=_l("Enter at most %(max)d characters."))


def _cleaned(typed: Any) -> Any:
    return door_name(typed) if isinstance(typed, str) and len(typed) <= LONGEST_NAME else typed


class DeviceForm(PageForm):
    """A name that the team knows it by, and the door where it stands."""

    name = StringField(
        _l("Name of the device"), filters=[_cleaned],
        validators=[DataRequired(_l("Enter a name for the device.")), _TOO_LONG],
    )  # fmt: skip
    door = StringField(
        _l("Door"), filters=[_cleaned], validators=[DataRequired(_l("Enter the door.")), _TOO_LONG],
    )  # fmt: skip
