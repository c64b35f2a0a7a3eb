"""Which delegation comes? One of six: three named by their head, one who answered their own link, one link not used yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eventreg.cli.demo import questions
from eventreg.core import clock
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import email_address
from eventreg.registration import answering, delegations, members
from eventreg.registration import services as registration
from eventreg.registration.delegations import DelegationPlan, Member
from eventreg.registration.models import Delegation

HEAD = "head.of.delegation@example.org"
_NAMED = (("Awa Ndiaye", "", "fr"), ("Ibrahima Sarr", "", "fr"), ("Mariama Ba", "", "fr"))
_ANSWERS = Member("Cheikh Gueye", "", "fr", email_address("cheikh.gueye@example.org"))
_ASKED = Member("Aminata Sow", "", "fr", email_address("aminata.sow@example.org"))


def moments(event: Event, by: Person) -> list[tuple[datetime, Callable[[], None]]]:
    """When it is made, and when its head says who comes."""
    made: list[Delegation] = []

    def make() -> None:
        plan = DelegationPlan(
            name="Ministère de la Fonction publique du Sénégal", organisation_name="Ministère de la Fonction publique",
            organisation_code="", sector="government", country="SN", size=6,
        )  # fmt: skip
        made.append(delegations.make(event.id, plan, email_address(HEAD), lang="fr", by=by))

    def name() -> None:
        head = people.actor_of(by, "organiser")
        for number, (latin, arabic, lang) in enumerate(_NAMED, start=1):
            delegations.name_place(made[0].id, number, Member(latin, arabic, lang), by=head)
        for number, member in ((4, _ANSWERS), (5, _ASKED)):
            delegations.name_place(made[0].id, number, member, by=head)

    def answer() -> None:
        place = delegations.places_of(made[0].id)[3]
        more = {"days": [day.isoformat() for day in event.days], "languages": ["fr"]}
        raw = members.first_answers(place) | more
        answers = answering.complete(event, raw | questions.answers(place.number, raw, is_woman=False))
        sending = registration.Sending(lang="fr", key=None, form_opened_at=clock.now(), delegation_code=place.link_code or "")
        registration.register(event.id, answers, sending)

    return [(datetime.fromisoformat(f"2022-09-{day}+01:00"), act) for day, act in (
        ("12T10:20", make), ("14T11:05", name), ("15T16:40", answer),
    )]  # fmt: skip
