"""How many people does the venue admit, and how large a delegation may a participant register? One page of settings."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import DataRequired, ValidationError

from eventreg.core import clock
from eventreg.core.access import requires
from eventreg.core.forms import PageForm
from eventreg.events import services as events
from eventreg.manage import actors
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import NumberField, refuse
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import queries as registration

MOST_PEOPLE, MOST_MEMBERS = 100_000, 100


class GroupRulesForm(PageForm):
    """Two numbers; without the first, the right to pass the limit has no end of its own."""

    venue_capacity = NumberField(_l("People the venue admits"))
    delegation_max = NumberField(_l("Largest delegation that a participant may register"), [DataRequired(_l("Enter 0 for none."))])

    def numbers(self) -> tuple[int | None, int] | None:
        """What was typed, or None: then every problem stands at its field."""
        self.validate()
        venue = self._number(self.venue_capacity, least=1, most=MOST_PEOPLE)
        largest = self._number(self.delegation_max, least=0, most=MOST_MEMBERS)
        return None if self.errors else (venue, largest or 0)

    @staticmethod
    def _number(field: Field, *, least: int, most: int) -> int | None:
        try:
            found: int | None = field.number(least=least, most=most)
        except ValidationError as error:
            refuse(field, str(error))
            return None
        return found


@bp.route("/manage/settings/groups", methods=["GET", "POST"])
@requires("event.deadline")
def group_rules() -> object:
    """Set both numbers; the page says what is taken and promised now."""
    event = g.event
    known = {"venue_capacity": "" if event.venue_capacity is None else event.venue_capacity, "delegation_max": event.delegation_max}
    form = GroupRulesForm(data={name: str(value) for name, value in known.items()} if request.method == "GET" else None)
    if form.is_submitted() and (numbers := form.numbers()) is not None:
        by = actor_of(g.viewer, "organiser")
        events.set_group_rules(event.id, venue_capacity=numbers[0], delegation_max=numbers[1], by=by)
        return redirect(url_for("manage.group_rules", done=1), 303)
    page = render_template(
        "manage/group_rules.html", side=side("invitations"), form=form, done="done" in request.args,
        changed=actors.last_change(event.id, "event.group_rules_set"),
        taken=registration.places_held(event.id), promised=registration.places_promised(event.id, clock.now()),
    )  # fmt: skip
    return page, 422 if form.errors else 200
