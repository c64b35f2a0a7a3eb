"""What needs a person today? Open tasks first, each with its link; then numbers, then charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import g, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventreg.badges import queries as badges
from eventreg.core import access, clock, countries, times
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS, date_short, day_name, direction, instant_long, local, number, page_lang
from eventreg.events.models import Event
from eventreg.manage import moderation_queries
from eventreg.manage.blueprint import bp
from eventreg.manage.overview import Overview, overview
from eventreg.manage.side import side
from eventreg.proposals import queries as proposals
from eventreg.registration import labels, rules
from eventreg.registration import queries as registrations

COUNTRIES_SHOWN = 10
NEAR_DEADLINE = timedelta(days=7)


@dataclass(frozen=True)
class Need:
    """Something a person must look at: what, a second line, where to go."""

    family: str
    icon: str
    what: str
    more: str
    url: str
    act: str


@bp.get("/manage/")
@requires("event.overview")
def today() -> str:
    """The organiser's first page."""
    now = clock.now()
    view = overview(g.event, now=now)
    if view.people.total == 0 and view.drafts == 0:
        return render_template("manage/today_new.html", side=side("today"), now=now, steps=_checklist(g.event, view))
    return render_template(
        "manage/today.html", side=side("today"), now=now, needs=_needs(view), numbers=_numbers(view), bars=_bars(view),
        curve=_curve(g.event, view),
    )  # fmt: skip


# ---- what needs a person -------------------------------------------------------------------------------------------


def _needs(view: Overview) -> list[Need]:
    asks = (_failed_mails, _undecided, _unreleased, _unused_places, _ending_offers, _unconfirmed, _drafts, _badges)
    return [need for ask in asks if (need := ask(view)) is not None] + _of_call()


def _failed_mails(view: Overview) -> Need | None:
    failed = view.mails.get("failed", 0)
    if not failed:
        return None
    what = ngettext("%(num)s mail could not be delivered", "%(num)s mails could not be delivered", failed)
    more = _("The people do not know what we wrote. Correct the address, or send it again.")
    return Need("problem", "mail", what, more, url_for("manage.mail", state="failed"), _("See the mails"))


def _undecided(view: Overview) -> Need | None:
    number = _moderated(view).get("open", 0)
    if not number:
        return None
    what = ngettext("%(num)s registration waits for a decision", "%(num)s registrations wait for a decision", number)
    more = _("They hold no place until you say yes.")
    return Need("waiting", "people", what, more, url_for("manage.moderation"), _("Decide"))


def _unreleased(view: Overview) -> Need | None:
    number = _moderated(view).get("prepared", 0)
    if not number:
        return None
    what = ngettext("%(num)s decision is prepared and not released", "%(num)s decisions are prepared and not released", number)
    more = _("The people know nothing of it yet.")
    return Need("waiting", "people", what, more, url_for("manage.moderation_ready"), _("Read and release"))


def _moderated(view: Overview) -> Mapping[str, int]:
    """How many stand where in the queue of decisions; nothing is asked where nobody stands in it."""
    considered = view.people.by_state.get(rules.State.SUBMITTED, 0) + view.people.by_state.get(rules.State.DECLINED, 0)
    return moderation_queries.numbers(g.event.id) if considered and access.allows("registration.decide") else {}


def _unused_places(view: Overview) -> Need | None:
    could = view.waits.could_have_a_place
    if not could:
        return None
    what = ngettext(
        "%(num)s person waits although there is a place", "%(num)s people wait although there are places", could
    )
    more = _("Places are offered by themselves until the meeting begins; from then on somebody must decide.")
    return Need("problem", "people", what, more, url_for("manage.waiting"), _("See the waiting list"))


def _ending_offers(view: Overview) -> Need | None:
    ending = view.waits.offers_ending
    if not ending or view.waits.next_end is None:
        return None
    what = ngettext("%(num)s offered place lapses within a day", "%(num)s offered places lapse within a day", ending)
    first = instant_long(view.waits.next_end)
    more = _("The first one on %(when)s; then the next person in line is asked.", when=first)
    return Need("waiting", "clock", what, more, url_for("manage.waiting"), _("See the waiting list"))


def _unconfirmed(view: Overview) -> Need | None:
    if not view.people.unconfirmed:
        return None
    what = ngettext(
        "%(num)s e-mail address is not confirmed", "%(num)s e-mail addresses are not confirmed", view.people.unconfirmed
    )
    more = ngettext(
        "After %(num)s hour without an answer the place goes to the next person.",
        "After %(num)s hours without an answer the place goes to the next person.", g.event.confirm_hours,
    )  # fmt: skip
    return Need("waiting", "mail", what, more, url_for("manage.people", address="unconfirmed"), _("See who"))


def _drafts(view: Overview) -> Need | None:
    left = g.event.closes_at - clock.now()
    if not view.drafts or not timedelta() < left <= NEAR_DEADLINE:
        return None
    what = ngettext("%(num)s form is begun and not sent", "%(num)s forms are begun and not sent", view.drafts)
    more = _("Registration closes on %(when)s.", when=instant_long(times.last_minute(g.event.closes_at)))
    return Need("waiting", "note", what, more, url_for("manage.deadline"), _("See the deadline"))


def _badges(view: Overview) -> Need | None:
    fresh = badges.fresh(g.event.id) if view.people.confirmed and access.allows("badges.print") else 0
    if not fresh:
        return None
    what = ngettext("%(num)s badge is not printed", "%(num)s badges are not printed", fresh)
    more = _("New people, and people whose badge says something else than the one on paper.")
    return Need("waiting", "badge", what, more, url_for("badges.batches", which="new"), _("Print badges"))


def _of_call() -> list[Need]:
    """What waits for somebody about the call for workshops: it cannot be answered as it is, or its closing is near."""
    call = proposals.call_of(g.event.id)
    if call is None or clock.now() >= call.closes_at:
        return []
    offer, left = proposals.offer(g.event.id), call.closes_at - clock.now()
    if not offer.tracks or not offer.choices.formats:
        more = _("It opens on %(when)s.", when=instant_long(call.opens_at))
        return [Need("problem", "note", _("Nobody can complete a proposal: the call has no track or no format"), more,
                     url_for("manage.call"), _("See the call"))]  # fmt: skip
    begun = proposals.drafts(g.event.id, g.viewer) if left <= NEAR_DEADLINE else 0
    if not begun:
        return []
    what = ngettext("%(num)s proposal is begun and not sent", "%(num)s proposals are begun and not sent", begun)
    more = _("The call closes on %(when)s.", when=instant_long(times.last_minute(call.closes_at)))
    return [Need("waiting", "note", what, more, url_for("manage.proposals", state="draft"), _("See the proposals"))]


# ---- numbers and charts --------------------------------------------------------------------------------------------


def _numbers(view: Overview) -> list[tuple[Any, str, str]]:
    states = view.people.by_state
    places = (
        _("confirmed, no limit of places") if view.limit is None
        else _("confirmed, of %(places)s places", places=number(view.limit))
    )  # fmt: skip
    shown: list[tuple[Any, str, str]] = [(view.people.confirmed, places, _people(state="confirmed"))]
    shown.append((states.get("waitlisted", 0), _("in the waiting list"), _people(state="waitlisted")))
    shown.append((view.people.unconfirmed, _("address not confirmed"), _people(address="unconfirmed")))
    shown.append((states.get("cancelled", 0), _("cancelled"), _people(state="cancelled")))
    rarely = {"expired": _("expired"), "declined": _("declined"), "submitted": _("sent")}
    shown += [(states[state], words, _people(state=state)) for state, words in rarely.items() if states.get(state)]
    return shown


def _people(**args: str) -> str:
    return url_for("manage.people", **args)


Bars = tuple[str, list[tuple[str, int, str]], str]


def _bars(view: Overview) -> list[Bars]:
    by, lang = view.people.confirmed_by, page_lang()
    days = [(day_name(date.fromisoformat(day)), count, _people(state="confirmed", day=day))
            for day, count in view.people.confirmed_on.items()]  # fmt: skip
    by_country = [(countries.name(code, lang), count, _people(state="confirmed", country=code))
                  for code, count in by["country"].items()]  # fmt: skip
    many = len(by_country)
    title = ngettext("Confirmed people come from %(num)s country", "Confirmed people come from %(num)s countries", many)
    if many > COUNTRIES_SHOWN:
        title = _("%(title)s; these are the first ten", title=title)
    return [
        (_("Confirmed people by category"), _bars_of("category", by["category"]), _("Category")),
        (_("Confirmed people by sector"), _bars_of("sector", by["sector"]), _("Sector")),
        (title, by_country[:COUNTRIES_SHOWN], _("Country")),
        (_("Confirmed people by day"), days, _("Day")),
    ]


def _bars_of(name: str, counts: Any) -> list[tuple[str, int, str]]:
    return [
        (str(labels.CATEGORY.get(key, key)) or _("Not given"), count, _people(**{"state": "confirmed", name: key}) if key else "")
        for key, count in counts.items()
    ]


def _curve(event: Event, view: Overview) -> dict[str, Any] | None:
    """What the chart needs: x from 0 (opening, or the first registration) to 1 (today, or a deadline to come)."""
    if not view.curve:
        return None
    today_on, closes_on = local(clock.now()).date(), local(event.closes_at - timedelta(seconds=1)).date()
    first = min(local(event.opens_at).date(), view.curve[0][0])
    last = max(today_on, closes_on, view.curve[-1][0])
    span = max((last - first).days, 1)
    points = [((day - first).days / span, count) for day, count in view.curve]
    people = view.curve[-1][1]
    return {
        "title": ngettext("%(num)s person has registered", "%(num)s people have registered", people),
        "points": points, "deadline_x": (closes_on - first).days / span, "limit": view.limit or people,
        "first_label": date_short(first), "last_label": date_short(last),
        "limit_label": _("%(places)s places", places=number(view.limit)) if view.limit else _("No limit of places"),
        "rows": [(date_short(day), count) for day, count in view.curve], "turned": direction(page_lang()) == "rtl",
    }  # fmt: skip


# ---- a new meeting -------------------------------------------------------------------------------------------------


def _checklist(event: Event, view: Overview) -> list[tuple[str, bool, str | None]]:
    """(what, whether it is done, where to do it): a meeting with every line done can open."""
    in_all = (
        (_("Name in three languages"), event.name), (_("Aims in three languages"), event.aims),
        (_("City and place in three languages"), event.venue), (_("Organiser in three languages"), event.host),
    )  # fmt: skip
    steps: list[tuple[str, bool, str | None]] = [
        (what, all(getattr(words, lang) for lang in LANGS), None) for what, words in in_all
    ]
    steps.append((_("Address for help"), bool(event.help_email), None))
    is_to_come = rules.phase(registrations.window(event), clock.now()) in ("before", "open", "soon")
    steps.append((_("Deadline that is still to come"), is_to_come, url_for("manage.deadline")))
    steps.append((_("Number of places"), view.limit is not None, url_for("manage.limits")))
    steps.append((_("Day on which the programme is published"), event.programme_on is not None, None))
    return steps
