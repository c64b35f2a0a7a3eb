# ruff: noqa: E501, RUF001 (texts read better in long lines)
"""How did the demo's call go? Some 300 proposals of a summer, by whom, with whom, when sent, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select, update

from eventreg.cli.demo import guests, names, texts
from eventreg.cli.demo.guests import KnownBody
from eventreg.core import clock, times
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS, Text
from eventreg.core.questions import editing
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Kind, Option, Question
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.services import actor_of
from eventreg.proposals import calls, form_changes, late, merging, partners, services, standard
from eventreg.proposals.calls import CallPlan, FormatPlan
from eventreg.proposals.models import Proposal
from eventreg.proposals.rules import Role, State

Moments = list[tuple[datetime, Callable[[], object]]]

OPENS, FIRST_CLOSES, CLOSES = "2022-06-13", "2022-07-31", "2022-08-07"
_FIRST = datetime.fromisoformat("2022-06-13T10:00+01:00")
_LAST = datetime.fromisoformat("2022-08-07T23:30+01:00")
_MOVED = datetime.fromisoformat("2022-07-26T11:00+01:00")
_LATE = datetime.fromisoformat("2022-08-22T15:00+01:00")
_MERGED = datetime.fromisoformat("2022-08-25T15:40+01:00")
DECIDED = datetime.fromisoformat("2022-09-20T10:00+01:00")

_INTRO = Text(
    ar="نفتح باب تقديم اقتراحات الورشات التي ستشكل برنامج اللقاء. نرحب بكل تجربة ملموسة، وخاصة الورشات التي تعدها إدارة عمومية وجمعية معا.",
    fr="Nous recherchons les ateliers qui feront le programme de la rencontre : des expériences concrètes, et surtout celles qu'une administration et une association préparent ensemble.",
    en="We are looking for the workshops that will make the programme of the meeting: concrete experience, above all what a public institution and an association prepare together.",
)
_WHY_MOVED = Text(
    ar="طلبت عدة جمعيات أسبوعا إضافيا لإعداد اقتراحات مشتركة.",
    fr="Plusieurs associations ont demandé une semaine de plus pour des propositions communes.",
    en="Several associations asked for one more week for joint proposals.",
)
_WHY_MERGED = {
    "ar": "الموضوع واحد والتجربتان متكاملتان: اتفق المسؤولان عن الاقتراحين على تنظيم ورشة واحدة.",
    "fr": "Le même sujet et deux expériences qui se complètent : les deux responsables préfèrent un seul atelier.",
    "en": "The same subject, and two experiences that complete each other: both leads prefer one workshop.",
}
FORMATS = [
    FormatPlan(Text(ar="ورشة", fr="Atelier", en="Workshop"), 90, "workshop"),
    FormatPlan(Text(ar="حلقة نقاش", fr="Table ronde", en="Panel"), 60, "panel"),
    FormatPlan(Text(ar="عرض موجز", fr="Présentation éclair", en="Lightning talk"), 15, "lightning"),
]
QUESTIONS = [
    Question("held_before", Kind.LONG_TEXT, Text(
        ar="هل سبق لكم تنظيم هذه الورشة؟ أين؟", fr="Avez-vous déjà animé cet atelier ? Où ?",
        en="Have you held this workshop before? Where?",
    )),
    Question("sign_language", Kind.ONE_OF, Text(
        ar="هل تحتاج الورشة إلى ترجمة بلغة الإشارة؟", fr="L'atelier a-t-il besoin d'une interprétation en langue des signes ?",
        en="Does it need interpretation in sign language?",
    ), options=(
        Option("yes", Text(ar="نعم", fr="Oui", en="Yes")), Option("no", Text(ar="لا", fr="Non", en="No")),
        Option("not_known", Text(ar="لا نعرف بعد", fr="Nous ne le savons pas encore", en="We do not know yet")),
    )),
]  # fmt: skip
_HELD = {
    "ar": ("لا، هذه أول مرة.", "نعم، في تونس سنة 2021 مع عشرين جماعة ترابية.", "نظمنا صيغة أقصر منها في الرباط."),
    "fr": ("Non, ce sera la première fois.", "Oui, à Tunis en 2021, avec vingt communes.", "Une version plus courte, à Dakar en mars."),
    "en": ("No, this is the first time.", "Yes, in Nairobi in 2021, with twenty counties.", "A shorter form of it, in Accra in March."),
}  # fmt: skip
_POSITIONS = {
    "ar": ("منسقة برامج", "مدير", "مستشارة", "رئيس جمعية"), "fr": ("Coordinatrice de programmes", "Directeur", "Conseillère", "Président"),
    "en": ("Programme coordinator", "Director", "Adviser", "Chairperson"),
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One proposal: what is written, and what happens to it. `end` is its state once everything has been decided."""

    number: int
    texts: dict[str, Any]
    begun: datetime
    sent: datetime | None
    again: datetime | None  # sent a second time
    end: State


@lru_cache(maxsize=1)
def written() -> tuple[dict[str, Any], ...]:
    """The texts, in an order in which languages and tracks are mixed."""
    source = Path(__file__).with_name("proposals.jsonl").read_text("utf-8")
    found = [json.loads(line) for line in source.splitlines()]
    Random("proposals").shuffle(found)
    return tuple(found)


def stories(count: int) -> Iterator[Story]:
    """The first `count` proposals: drafts that were never sent, most of them sent in the last days, their ends."""
    for number, told in enumerate(written()[:count]):
        rng = Random(f"proposal {number}")
        begun = _FIRST + (_LAST - timedelta(days=1) - _FIRST) * rng.random() ** 0.6
        is_draft = rng.random() < 0.06
        sent = begun + (_LAST - begun) * rng.random() ** 0.5
        again = sent + (_LAST - sent) * 0.8 if rng.random() < 0.15 else None
        end = State.DRAFT if is_draft else _end(number, rng)
        yield Story(number, told, begun, None if is_draft else sent, None if is_draft else again, end)


def _end(number: int, rng: Random) -> State:
    """Of ten that are sent about one is accepted, three are answered no; the rest is still being studied on 27 September."""
    roll = rng.random()
    for state, share in (
        (State.ACCEPTED, 0.10), (State.RESERVE, 0.04), (State.DECLINED, 0.30), (State.SHORTLISTED, 0.12), (State.WITHDRAWN, 0.03),
    ):  # fmt: skip
        if roll < share:
            return state
        roll -= share
    return State.IN_REVIEW


# ---- in time ---------------------------------------------------------------------------------------------------------


def moments(event: Event, bodies: Sequence[KnownBody], count: int, organiser: Person) -> Moments:
    """Everything that happens to the call, each with its moment."""
    by = actor_of(organiser, "organiser")
    made: Moments = [(_FIRST - timedelta(days=14), partial(_open, event.id, by)), (_MOVED, partial(_move, event.id, by))]
    codes: dict[int, int] = {}
    for story in stories(count):
        made += _of_one(event, bodies, story, codes)
    made.append((_LAST + timedelta(hours=3), lambda: calls.close(clock.now())))
    made.append((_LATE, partial(_invite_late, event.id, organiser)))
    made.append((_MERGED, lambda: _merge(event.id, codes, list(stories(count)), by)))
    made.append((DECIDED, lambda: _decide(codes, list(stories(count)))))
    return made


def _open(event_id: int, by: Actor) -> None:
    calls.set_formats(event_id, FORMATS, by=by)
    calls.set_call(event_id, _plan(FIRST_CLOSES), by=by)
    for version, question in enumerate(QUESTIONS):
        wish = Wish(partial(editing.with_question, question=question, in_section="practical"),
                    {"did": "question_added", "code": "", "name": question.label.as_dict()})  # fmt: skip
        form_changes.change(event_id, wish, version=version, seal="", by=by)


def _invite_late(event_id: int, organiser: Person) -> None:
    """One open link past the closing, not used yet."""
    late.invite(event_id, late.LatePlan("Réseau des maires d'Afrique", "Demandé par le comité de pilotage", "fr",
                                        times.deadline("2022-10-07", texts.ZONE)), by=organiser)  # fmt: skip


def _move(event_id: int, by: Actor) -> None:
    calls.set_call(event_id, _plan(CLOSES, _WHY_MOVED), by=by)


def _plan(closes: str, reason: Text = Text()) -> CallPlan:  # noqa: B008 (a constant)
    return CallPlan(
        times.start(OPENS, texts.ZONE), times.deadline(closes, texts.ZONE), intro=_INTRO, per_person=3,
        results_on=date(2022, 10, 5), notes=times.deadline("2022-10-14", texts.ZONE), reason=reason,
    )  # fmt: skip


def _of_one(event: Event, bodies: Sequence[KnownBody], story: Story, codes: dict[int, int]) -> Moments:
    made: Moments = [(story.begun, partial(_write, event, bodies, story, codes))]
    if story.sent is not None:
        made.append((story.sent, lambda: services.send(codes[story.number], by=_lead(codes[story.number]))))
    if story.again is not None:
        made.append((story.again, lambda: _send_again(story, codes[story.number])))
    if story.end is State.WITHDRAWN and story.sent is not None:
        made.append((_LAST + timedelta(days=5 + story.number % 20), lambda: _withdraw(codes[story.number])))
    return made


def _lead(proposal_id: int) -> int:
    return db.session.get_one(Proposal, proposal_id).lead_id


def _write(event: Event, bodies: Sequence[KnownBody], story: Story, codes: dict[int, int]) -> None:
    """Its lead writes all of it; those with whom it is prepared are asked, and most accept."""
    told, rng = story.texts, Random(f"writing {story.number}")
    lang = told["lang"]
    with transaction():
        lead, raw = _person(rng, bodies, lang, told["sectors"][0], f"w{story.number}")
        parts = _parts(told)
        if story.number % 3 == 0:
            asked = Random(f"asked {story.number}")
            parts["practical"] |= {
                "q_held_before": asked.choice(_HELD[lang]), "q_sign_language": asked.choice(("yes", "no", "not_known")),
            }  # fmt: skip
        made = services.begin(event.id, lead.id, parts.pop("title"), lang=lang)
        codes[story.number] = made.id
        partners.describe_lead(made.id, raw, by=lead.id)
        for number, sector in enumerate(told["sectors"][1:], start=1):
            _ask_partner(event, made, rng, bodies, sector, number, lead)
        for number in range(rng.randrange(0, 4)):
            speaker = person_raw(rng, bodies, lang, rng.choice(told["sectors"]), f"s{story.number}-{number}")
            partners.name(made.id, {**speaker, "email": ""}, Role.SPEAKER, by=lead.id)
        for section, given in list(parts.items())[: 2 if story.sent is None else None]:
            services.save_part(made.id, section, given, based_on=0, by=lead.id)


def _ask_partner(
    event: Event, proposal: Proposal, rng: Random, bodies: Sequence[KnownBody], sector: str, number: int, lead: Person
) -> None:
    raw = person_raw(rng, bodies, proposal.lang, sector, f"p{proposal.id}-{number}")
    invited = partners.invite(proposal.id, raw, by=lead.id)
    if (roll := rng.random()) < 0.92:
        partners.answer(event.id, invited.code, accepts=roll < 0.85)


def _parts(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    lang = told["lang"]
    spoken = sorted({lang, *(other for other in LANGS if len(told["title"]) % 3 == LANGS.index(other))})
    return {
        "title": {
            f"title_{lang}": told["title"], f"summary_{lang}": told["summary"], "track": told["track"].replace("_", "-"),
        },
        **{name: {standard.field_of(name, lang): told[name]} for name in ("approach", "objectives", "outputs")},
        "practical": {"format": told["format"], "spoken": spoken, "size_min": str(told["min"]), "size_max": str(told["max"])},
    }  # fmt: skip


def _person(rng: Random, bodies: Sequence[KnownBody], lang: str, sector: str, mark: str) -> tuple[Person, dict[str, Any]]:
    raw = person_raw(rng, bodies, lang, sector, mark)
    latin, arabic = (raw["name"], "") if raw["script"] == "latin" else ("", raw["name"])
    email = people_rules.email_address(raw["email"])
    person = people.find_or_create(email, lang=lang, name_latin=latin, name_arabic=arabic)
    people.confirm_address(person.id, clock.now())
    return person, raw


def person_raw(rng: Random, bodies: Sequence[KnownBody], lang: str, sector: str, mark: str) -> dict[str, Any]:
    """Somebody of a country whose people write in this language, and of a body of this sector."""
    country = rng.choice([code for code in names.COUNTRIES if lang in names.LANGS.get(names.COUNTRIES[code][1], "en").split()])
    name = names.names(names.COUNTRIES[country][1], rng)
    fitting = [body for body in bodies if body.sector == sector and body.country == country] or [
        body for body in bodies if body.sector == sector
    ]
    body = rng.choice(fitting)
    is_arabic = bool(name.arabic) and (lang == "ar" or not name.latin)
    return {
        "name": name.arabic if is_arabic else name.latin, "script": "arabic" if is_arabic else "latin",
        "email": f"{guests.address(name.latin) or 'proposer'}.{mark}@example.org", "position": rng.choice(_POSITIONS[lang]),
        "organisation_name": body.names[lang], "organisation_code": body.code, "country": body.country, "sector": sector, "lang": lang,
    }  # fmt: skip


def _send_again(story: Story, proposal_id: int) -> None:
    lang, lead = story.texts["lang"], _lead(proposal_id)
    more = {"ar": "- تقرير مفتوح للعموم", "fr": "- un compte rendu public", "en": "- a public report"}[lang]
    given = {f"outputs_{lang}": f"{story.texts['outputs']}\n{more}"}
    services.save_part(proposal_id, "outputs", given, based_on=1, by=lead)
    services.send(proposal_id, by=lead)


def _withdraw(proposal_id: int) -> None:
    services.withdraw(proposal_id, by=_lead(proposal_id), reason="")


def _merge(event_id: int, codes: dict[int, int], told: list[Story], by: Actor) -> None:
    """The first two of the same idea, as both leads agreed on the phone."""
    known = {story.texts["id"]: story for story in told}
    pairs = ((story, known[story.texts["twin"]]) for story in told if story.texts["twin"] in known)
    for source, target in pairs:
        one, other = (db.session.get_one(Proposal, codes[story.number]) for story in (source, target))
        if one.state == other.state == State.IN_REVIEW:
            merging.merge(event_id, one.code, other.code, reason=_WHY_MERGED[target.texts["lang"]], both_agreed=True, by=by)
            return


def _decide(codes: dict[int, int], told: list[Story]) -> None:
    """The first decisions of the committee, as they stand in its minutes."""
    with transaction():
        for state in (State.ACCEPTED, State.RESERVE, State.DECLINED, State.SHORTLISTED):
            ids = [codes[story.number] for story in told if story.end is state and story.number in codes]
            statement = update(Proposal).where(Proposal.id.in_(ids), Proposal.state == State.IN_REVIEW).values(state=state)
            db.session.execute(statement, execution_options={"synchronize_session": False})


def accepted(event_id: int) -> list[Proposal]:
    """Those that were accepted, in order of their numbers."""
    query = select(Proposal).where(Proposal.event_id == event_id, Proposal.state == State.ACCEPTED)
    return list(db.session.scalars(query.order_by(Proposal.number)))


