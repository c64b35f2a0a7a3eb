"""Places, the waiting list, invitations and the clock: what the services promise, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from eventreg.core import audit, capacity, clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.registration import changes, expiry, queries, rules, services
from eventreg.registration.models import Needs, Registration, Ticket, WaitingEntry
from tests import factories
from tests.factories import OPEN, a_registration, an_event


@pytest.fixture(autouse=True)
def _three_days_before(app):
    with clock.at(OPEN):
        yield


def state_of(registration):
    return db.session.get_one(Registration, registration.id, populate_existing=True).state


def entry_of(registration):
    query = select(WaitingEntry).where(WaitingEntry.registration_id == registration.id).order_by(WaitingEntry.id.desc())
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def mails_to(registration):
    person = queries.person_of(registration)
    query = select(Mail.kind).where(Mail.to_address == person.email_ascii).order_by(Mail.id)
    return [kind.removeprefix("registration/") for kind in db.session.scalars(query)]


def taken(event, kind="event", key=""):
    db.session.expire_all()
    return capacity.pools(event.id, [(kind, key)])[0].taken


def refused(call):
    with pytest.raises(Refused) as error:
        call()
    return error.value.refusal.code


def test_cancelling_offers_the_place_to_the_first_in_line():
    event = an_event(limit=1)
    amina, badr, chadia = a_registration(event), a_registration(event), a_registration(event)

    services.cancel(amina.id, by=OPERATOR)

    assert [entry_of(badr).state, entry_of(chadia).state] == ["offered", "waiting"]
    assert mails_to(badr) == ["waiting", "offered"]
    assert taken(event) == 1


def test_an_accepted_offer_is_a_confirmed_place_with_a_code():
    event = an_event(limit=1)
    amina, badr = a_registration(event), a_registration(event)
    services.cancel(amina.id, by=OPERATOR)

    services.accept_offer(badr.id, by=OPERATOR)

    assert state_of(badr) == "confirmed"
    assert queries.live_ticket(badr.id) is not None
    assert mails_to(badr)[-1] == "confirmed"


def test_an_offer_that_lapses_goes_to_the_next_and_is_told():
    event = an_event(limit=1)
    amina, badr, chadia = a_registration(event), a_registration(event), a_registration(event)
    services.cancel(amina.id, by=OPERATOR)

    clock.tick(hours=48)
    expiry.due(clock.now())

    assert [entry_of(badr).state, entry_of(chadia).state] == ["lapsed", "offered"]
    assert (state_of(badr), mails_to(badr)[-1]) == ("cancelled", "lapsed")


def test_an_offer_accepted_in_the_second_it_ends_has_ended():
    event = an_event(limit=1)
    amina, badr = a_registration(event), a_registration(event)
    services.cancel(amina.id, by=OPERATOR)

    clock.tick(hours=48)

    assert refused(lambda: services.accept_offer(badr.id, by=OPERATOR)) == "waiting.lapsed"
    clock.tick(seconds=-1)
    services.accept_offer(badr.id, by=OPERATOR)
    assert state_of(badr) == "confirmed"


def test_who_cancels_and_comes_again_waits_at_the_end():
    event = an_event(limit=1)
    a_registration(event)
    badr, chadia = a_registration(event, email="badr@example.org"), a_registration(event)

    services.cancel(badr.id, by=OPERATOR)
    again = a_registration(event, email="badr@example.org")

    assert again.id == badr.id
    assert (entry_of(chadia).position, entry_of(again).position) == (2, 3)


def test_a_full_category_takes_nothing_from_the_event():
    event = an_event(limit=10, media=1)
    a_registration(event, sector="media")

    second = a_registration(event, sector="media")

    assert state_of(second) == "waitlisted"
    assert (taken(event), taken(event, "category", "media")) == (1, 1)


def test_a_freed_place_passes_over_those_whose_category_is_full_without_moving_them():
    event = an_event(limit=2, media=1)
    press, guest = a_registration(event, sector="media"), a_registration(event)
    waiting_press, waiting_guest = a_registration(event, sector="media"), a_registration(event)

    services.cancel(guest.id, by=OPERATOR)
    assert [entry_of(waiting_press).state, entry_of(waiting_guest).state] == ["waiting", "offered"]

    services.cancel(press.id, by=OPERATOR)
    assert entry_of(waiting_press).state == "offered"


def test_a_limit_below_what_is_taken_throws_nobody_out_and_lets_nobody_in():
    event = an_event(limit=3)
    for _ in range(3):
        a_registration(event)
    waiting = a_registration(event)

    services.set_limit(event.id, "event", "", 1, by=OPERATOR)
    first = db.session.scalars(select(Registration).order_by(Registration.id)).first()
    services.cancel(first.id, by=OPERATOR)

    assert taken(event) == 2
    assert entry_of(waiting).state == "waiting"


def test_a_raised_limit_moves_the_waiting_list():
    event = an_event(limit=0)
    first, second = a_registration(event), a_registration(event)

    services.set_limit(event.id, "event", "", 1, by=OPERATOR)

    assert [entry_of(first).state, entry_of(second).state] == ["offered", "waiting"]


def test_changing_the_sector_claims_anew_or_changes_nothing():
    event = an_event(limit=10, media=1)
    a_registration(event, sector="media")
    guest = a_registration(event)
    to_media = rules.answers(factories.raw_answers(sector="media", name_latin="New Name"), days=event.days)
    to_donor = rules.answers(factories.raw_answers(sector="donor"), days=event.days)

    assert refused(lambda: changes.change(guest.id, to_media, lang="en", by=OPERATOR)) == "registration.limit_full"
    assert db.session.get_one(Registration, guest.id, populate_existing=True).name_latin == guest.name_latin
    changes.change(guest.id, to_donor, lang="en", by=OPERATOR)

    assert db.session.get_one(Registration, guest.id, populate_existing=True).category == "donor"
    assert (taken(event), taken(event, "category", "media")) == (2, 1)


def test_an_address_that_is_never_confirmed_loses_its_place_after_a_day():
    event = an_event(limit=1)
    lazy = a_registration(event, confirmed_address=False)
    waiting = a_registration(event)

    clock.tick(hours=24)
    expiry.due(clock.now())
    expiry.due(clock.now())

    assert (state_of(lazy), entry_of(waiting).state) == ("expired", "offered")
    assert queries.live_ticket(lazy.id) is None
    assert mails_to(lazy) == ["confirmed", "expired"]


def test_until_an_address_is_confirmed_the_newest_answers_count():
    event = an_event(limit=5)
    a_registration(event, email="x@example.org", name_latin="Somebody Else", confirmed_address=False)

    mine = a_registration(event, email="X@EXAMPLE.org", name_latin="Real Owner")

    assert mine.name_latin == "Real Owner"
    assert taken(event) == 1


def test_an_invitation_passes_the_limit_only_if_it_says_so():
    event = an_event(limit=0)
    organiser = factories.an_organiser(event)
    issued = factories.an_invitation(event, organiser, passes_deadline=False, passes_limit=True)
    plain = factories.an_invitation(event, organiser, passes_deadline=True, passes_limit=False)

    guest = invited(event, issued)
    waits = invited(event, plain)

    assert (guest.state, guest.passed_limit, waits.state) == ("confirmed", True, "waitlisted")
    lines = audit.history(event.id, "invitation", issued.invitation.code)
    assert [line.action for line in lines] == ["invitation.used", "invitation.issued"]
    assert lines[0].facts == {"registration": guest.code, "passed_deadline": False, "passed_limit": True}


def invited(event, issued, **changes):
    answers = rules.answers(factories.raw_answers(**changes), days=event.days)
    sending = services.Sending(lang="en", key=None, form_opened_at=clock.now(), invitation_id=issued.invitation.id)
    return services.register(event.id, answers, sending)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"max_uses": 1}, "invitation.used_up"),
        ({}, "invitation.expired"),
        ({"email": "guest@example.org"}, "invitation.other_address"),
    ],
)
def test_an_invitation_that_is_used_up_expired_or_for_another_address_opens_nothing(changes, code):
    event = an_event()
    if "email" in changes:
        changes = {"email": factories.people_rules.email_address(changes["email"])}
    issued = factories.an_invitation(event, factories.an_organiser(event), **changes)
    if code == "invitation.used_up":
        invited(event, issued)
    clock.tick(days=40 if code == "invitation.expired" else 5)  # the deadline is over

    before = len(db.session.scalars(select(Registration)).all())
    assert refused(lambda: invited(event, issued)) == code
    assert len(db.session.scalars(select(Registration)).all()) == before


def test_nothing_is_offered_once_the_meeting_has_begun():
    event = an_event(limit=1)
    amina, badr = a_registration(event), a_registration(event)

    clock.tick(days=35)
    services.cancel(amina.id, by=OPERATOR)

    assert entry_of(badr).state == "waiting"


def test_in_the_last_three_days_an_offer_lasts_four_hours():
    event = an_event(limit=1)
    amina, badr = a_registration(event), a_registration(event)

    with clock.at("2022-10-30T12:00+01:00"):
        services.cancel(amina.id, by=OPERATOR)

    entry = entry_of(badr)
    assert entry.offer_expires_at - entry.offered_at == timedelta(hours=4)


def test_every_step_is_in_the_chain_and_the_chain_holds():
    event = an_event(limit=1)
    amina, badr = a_registration(event), a_registration(event)
    services.cancel(amina.id, by=OPERATOR)
    services.accept_offer(badr.id, by=OPERATOR)

    assert audit.verify(event.id) is None
    actions = [line.action for line in audit.history(event.id, "registration", badr.code)]
    assert actions == [
        "waiting.accepted", "waiting.offered", "registration.address_confirmed", "registration.registered",
    ]  # fmt: skip


def test_one_code_lives_per_registration():
    event = an_event()
    amina = a_registration(event)
    services.cancel(amina.id, by=OPERATOR)
    again = a_registration(event, email=queries.person_of(amina).email)

    tickets = db.session.scalars(select(Ticket).where(Ticket.registration_id == again.id)).all()

    assert sorted(ticket.revoked_because for ticket in tickets) == ["", "cancelled"]


def test_gender_is_optional_judged_and_kept_apart_with_the_needs():
    event = an_event()
    amina = a_registration(event, gender="woman")
    badr = a_registration(event)
    with pytest.raises(rules.Incomplete) as error:
        a_registration(event, gender="<b>")

    assert db.session.get_one(Needs, amina.id).gender == "woman"
    assert db.session.get(Needs, badr.id) is None
    assert error.value.problems["gender"].code == "answers.gender_unknown"
    answers = rules.answers(factories.raw_answers(email=amina_mail(amina), gender="man"), days=event.days)
    changes.change(amina.id, answers, lang="en", by=OPERATOR, keep_needs=True)
    assert db.session.get_one(Needs, amina.id, populate_existing=True).gender == "woman"
    assert "woman" not in str([value.after for value in db.session.scalars(select(audit.AuditValue))])


def amina_mail(registration):
    return queries.person_of(registration).email


# ---- limits that overlap --------------------------------------------------------------------------------------------

DAYS = ["2022-11-01", "2022-11-02", "2022-11-03"]


def limited(event, **limits):
    """Limits by kind: day={"2022-11-02": 1}, country={"SN": 0} …"""
    for kind, keys in limits.items():
        for key, number in keys.items():
            services.set_limit(event.id, kind, key, number, by=OPERATOR)


def new_answers(registration, **changed):
    raw = factories.raw_answers(email=amina_mail(registration), **changed)
    return rules.answers(raw, days=[date.fromisoformat(day) for day in DAYS])


@pytest.mark.parametrize(
    ("kind", "key", "answers", "others"),
    [
        ("day", "2022-11-02", {"days": DAYS[:2]}, {"days": DAYS[2:]}),
        ("country", "SN", {"country": "SN"}, {"country": "MA"}),
        ("gender", "woman", {"gender": "woman"}, {"gender": ""}),
        ("sector", "donor", {"sector": "donor"}, {"sector": "media"}),
        ("category", "donor", {"sector": "donor"}, {"sector": "media"}),
    ],
)
def test_a_limit_of_any_kind_counts_those_it_is_about_and_offers_to_the_next_of_them(kind, key, answers, others):
    event = an_event(limit=10)
    limited(event, **{kind: {key: 1}})
    amina, badr, chadia = a_registration(event, **answers), a_registration(event, **answers), a_registration(event, **others)

    assert [state_of(amina), state_of(badr), state_of(chadia)] == ["confirmed", "waitlisted", "confirmed"]
    assert (entry_of(badr).full_pool, taken(event, kind, key), taken(event)) == (f"{kind}:{key}", 1, 2)
    services.cancel(chadia.id, by=OPERATOR)
    assert entry_of(badr).state == "waiting"
    services.cancel(amina.id, by=OPERATOR)
    assert (entry_of(badr).state, taken(event, kind, key), taken(event)) == ("offered", 1, 1)
    services.refuse_offer(badr.id, by=OPERATOR)
    assert (taken(event, kind, key), taken(event)) == (0, 0)


def test_a_limit_set_later_counts_those_who_hold_a_place_already():
    event = an_event()
    a_registration(event, gender="woman", country="SN", days=DAYS[:1])
    a_registration(event, gender="man", days=DAYS)
    limited(event, gender={"woman": 5}, country={"SN": 5}, day={"2022-11-01": 5, "2022-11-03": 5}, sector={"civil_society": 9})

    counted = [taken(event, *limit) for limit in (("gender", "woman"), ("country", "SN"), ("day", "2022-11-01"))]
    assert counted == [1, 1, 2]
    assert (taken(event, "day", "2022-11-03"), taken(event, "sector", "civil_society")) == (1, 2)


def test_another_day_is_claimed_anew_or_nothing_changes_and_the_refusal_says_which_days_are_free():
    event = an_event()
    limited(event, day={"2022-11-02": 1, "2022-11-03": 5})
    a_registration(event, days=["2022-11-02"])
    badr = a_registration(event, days=["2022-11-01"], gender="man")

    with pytest.raises(Refused) as error:
        changes.change(badr.id, new_answers(badr, days=DAYS, gender="woman"), lang="en", by=OPERATOR)
    full = error.value.refusal.params["full"]
    assert (full.limits, full.open) == ((("day", "2022-11-02"),), (("day", "2022-11-01"), ("day", "2022-11-03")))
    assert db.session.get_one(Registration, badr.id, populate_existing=True).days == ["2022-11-01"]
    assert db.session.get_one(Needs, badr.id, populate_existing=True).gender == "man"
    assert taken(event, "day", "2022-11-03") == 0

    changes.change(badr.id, new_answers(badr, days=["2022-11-03"]), lang="en", by=OPERATOR)
    assert (taken(event, "day", "2022-11-03"), taken(event, "day", "2022-11-02")) == (1, 1)


def test_who_waits_for_a_day_and_comes_on_another_is_offered_a_place_at_once():
    event = an_event()
    limited(event, day={"2022-11-02": 0})
    badr, chadia = a_registration(event, days=DAYS), a_registration(event, days=DAYS)

    changes.change(chadia.id, new_answers(chadia, days=["2022-11-01"]), lang="en", by=OPERATOR)

    assert [entry_of(badr).state, entry_of(chadia).state] == ["waiting", "offered"]
    with pytest.raises(Refused) as error:
        changes.change(chadia.id, new_answers(chadia, days=["2022-11-02"]), lang="en", by=OPERATOR)
    assert error.value.refusal.code == "registration.answer_offer_first"


def test_a_mail_to_who_waits_names_what_is_full_and_what_is_not():
    event = an_event()
    limited(event, day={"2022-11-02": 0})
    badr = a_registration(event, days=DAYS)

    mail = db.session.scalar(select(Mail).where(Mail.about_ref == badr.code))
    words = mail.text.replace("\u00a0", " ")
    assert "All places for 2 November are taken. There are places on 1 November and 3 November." in words


def test_offers_cost_no_statement_for_each_who_is_barred(app):
    costs = []
    for number in (3, 40):
        event = an_event(slug=f"meeting-{number}", limit=5)
        limited(event, day={"2022-11-02": 0})
        for _each in range(number):
            a_registration(event, days=DAYS)
        with factories.statements(app) as sent:
            services.set_limit(event.id, "event", "", 6, by=OPERATOR)
        costs.append(len(sent))
    assert costs[0] == costs[1]
