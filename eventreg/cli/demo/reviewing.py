# ruff: noqa: E501, RUF001 (texts read better in long lines)
"""How were the demo's proposals reviewed? Criteria frozen before the call closed, 40 reviewers of government and civil society, three each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from eventreg.cli.demo import proposals, texts
from eventreg.cli.demo.guests import KnownBody
from eventreg.core import audit, times
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS, Text
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.proposals.rules import State
from eventreg.reviewing import assignments, conflicts, criteria, phases, queries, reviewers, rules
from eventreg.reviewing.assignments import Pair
from eventreg.reviewing.models import Assignment, CriteriaSet, Review, Reviewer, ReviewVersion, Score
from eventreg.reviewing.rules import AssignmentState, CriterionPlan, Given

Moments = list[tuple[datetime, Callable[[], object]]]

_FROZEN = datetime.fromisoformat("2022-07-04T11:00+01:00")
_NAMED = datetime.fromisoformat("2022-08-09T10:00+01:00")
_GIVEN = datetime.fromisoformat("2022-08-26T09:00+01:00")
_WAVES = (("2022-09-01T20:00+01:00", 0.3), ("2022-09-08T20:00+01:00", 0.7), ("2022-09-15T22:00+01:00", 0.97))
_CLOSES = "2022-09-16"
_PER_PROPOSAL = 3


def _level(ar: str, fr: str, en: str) -> Text:
    return Text(ar=ar, fr=fr, en=en)


CRITERIA = (
    CriterionPlan(
        "score", _level("الملاءمة للحكومة المنفتحة", "Pertinence pour le gouvernement ouvert", "Relevance to open government"),
        _level("هل تخدم الورشة التزاما أو إصلاحا محددا؟", "L'atelier sert-il un engagement ou une réforme précise ?", "Does the workshop serve a precise commitment or reform?"),
        {1: _level("صلة ضعيفة", "Lien faible", "Weak link"), 3: _level("صلة واضحة بمحور", "Lien clair avec un axe", "Clear link to a theme"),
         5: _level("التزام محدد مستهدف", "Engagement précis visé", "A precise commitment is aimed at")}, 3,
    ),
    CriterionPlan(
        "score", _level("المنهجية ومشاركة الجمهور", "Méthode et participation du public", "Method and public participation"), Text(),
        {1: _level("عروض فقط", "Exposés seulement", "Talks only"), 3: _level("قسط من النقاش", "Une part d'échange", "Some exchange"),
         5: _level("الجمهور ينتج النتيجة", "Le public produit le résultat", "The public makes the result")}, 2,
    ),
    CriterionPlan(
        "score", _level("المخرجات المنتظرة", "Résultats attendus", "Expected outputs"), Text(),
        {1: _level("لا مخرجات", "Aucun livrable", "No output"), 3: _level("مخرجات دون متابعة", "Livrable sans suite", "An output without follow-up"),
         5: _level("مخرجات وتاريخ ومسؤول", "Livrable, date et responsable", "An output, a date and somebody in charge")}, 2,
    ),
    CriterionPlan(
        "score", _level("الإدماج: النوع والإعاقة والمجالات", "Inclusion : genre, handicap, territoires", "Inclusion: gender, disability, regions"), Text(),
        {1: _level("غير متناول", "Non traitée", "Not addressed"), 3: _level("مذكور دون تدابير", "Citée, sans mesure", "Named, without measures"),
         5: _level("تدابير وأرقام", "Mesures et chiffres", "Measures and figures")}, 2,
    ),
    CriterionPlan(
        "condition", _level("مفتوحة للجميع ودون طابع تجاري", "Ouvert à tous et sans but commercial", "Open to everybody and not commercial"),
    ),
)  # fmt: skip
_GOOD = {
    "ar": ("منهجية ملموسة ومخرجات واضحة، مع مشاركة حقيقية للجمهور.", "شراكة متوازنة بين الإدارة والجمعية، وموضوع يهم عدة بلدان."),
    "fr": ("Méthode très concrète et résultats clairs, avec une vraie part de public.", "Une alliance équilibrée entre administration et association, utile à plusieurs pays."),
    "en": ("A very concrete method and clear outputs, with a real part for the public.", "A balanced partnership of institution and association, useful to several countries."),
}  # fmt: skip
_FAIR = {
    "ar": ("الفكرة جيدة، غير أن المخرجات تحتاج إلى مزيد من التدقيق.", "موضوع مهم، لكن برنامج الورشة مكثف بالنسبة إلى مدتها."),
    "fr": ("L'idée est bonne, mais les résultats attendus restent à préciser.", "Un sujet important, mais un déroulé trop chargé pour la durée prévue."),
    "en": ("A good idea, but what shall come out of it has to be said more precisely.", "An important subject, but too much for the time that the format gives."),
}  # fmt: skip
_WEAK = {
    "ar": ("عرض عام لا يبين ما سيتعلمه المشاركون أو ينجزونه.", "لا تظهر المشاركة ولا الصلة بالتزامات الحكومة المنفتحة."),
    "fr": ("Une présentation générale : on ne voit pas ce que les participants y feront.", "Ni la participation ni le lien avec un engagement n'apparaissent clairement."),
    "en": ("A general talk: it is not clear what participants would do or take away.", "Neither participation nor a link to a commitment can be seen in the text."),
}  # fmt: skip
# what the committee came to think of it, before anybody had decided
_QUALITY = {State.ACCEPTED: 4.3, State.RESERVE: 3.8, State.SHORTLISTED: 3.7, State.IN_REVIEW: 3.2, State.DECLINED: 2.5}


def moments(event: Event, bodies: Sequence[KnownBody], proposed: int, chair: Person) -> Moments:
    """Everything that happens to the reviews, each with its moment; nothing where nobody proposes."""
    if not proposed:
        return []
    made: Moments = [
        (_FROZEN, partial(_freeze, event.id, chair)),
        (_NAMED, partial(_name, event.id, bodies, max(6, round(proposed * 40 / 300)), chair)),
        (_NAMED + timedelta(days=1), partial(_open, event, chair)), (_GIVEN, partial(_give, event.id, chair)),
    ]  # fmt: skip
    ends = {str(story.texts["title"]): story.end for story in proposals.stories(proposed)}
    return made + [(datetime.fromisoformat(at), partial(_review, event.id, ends, share)) for at, share in _WAVES]


def _freeze(event_id: int, chair: Person) -> None:
    criteria.begin(event_id, by=chair.id)
    for plan in CRITERIA:
        criteria.save(event_id, plan, by=chair.id)
    criteria.freeze(event_id, by=chair.id)


def _name(event_id: int, bodies: Sequence[KnownBody], count: int, chair: Person) -> None:
    """Half from government, the others from civil society and from universities; they say what they read and know."""
    for number in range(count):
        rng = Random(f"reviewer {number}")
        sector = "government" if number % 2 else ("academia" if number % 10 == 4 else "civil_society")
        lang = LANGS[number % 3]
        raw = proposals.person_raw(rng, bodies, lang, sector, f"r{number}")
        latin, arabic = (raw["name"], "") if raw["script"] == "latin" else ("", raw["name"])
        found = organisations.recognised(raw["organisation_code"], raw["organisation_name"], raw["country"])
        plan = reviewers.ReviewerPlan(
            people_rules.email_address(raw["email"]), lang, latin, arabic, found.id if found else None, raw["organisation_name"],
            sector, raw["country"],
        )  # fmt: skip
        made = reviewers.add(event_id, plan, by=chair.id)
        with transaction():
            people.confirm_address(made.person_id, made.added_at)
        reads = sorted({lang, "en" if lang != "en" else "fr", *(("ar",) if number % 4 == 0 else ())}, key=LANGS.index)
        tracks = {track[0]: rng.choice((0, 1, 2)) for track in texts.TRACKS}
        reviewers.say_profile(event_id, made.person_id, languages=reads, tracks=tracks)
        if number % 12 != 11:  # a few have not looked through the list yet
            conflicts.look_through(event_id, made.person_id)


def _open(event: Event, chair: Person) -> None:
    closes = times.deadline(_CLOSES, texts.ZONE)
    phases.set_up(event.id, phases.ReviewingPlan(closes=closes, per_proposal=_PER_PROPOSAL, max_load=30), by=chair.id)
    phases.open_now(event.id, by=chair.id)


def _give(event_id: int, chair: Person) -> None:
    """Each proposal to the least loaded who read its language and have no conflict, one of government and one of civil society first."""
    found = db.session.scalars(queries.reviewable(event_id, chair).order_by(Proposal.number)).all()
    panel = queries.reviewers(event_id)
    hidden = {one.person_id: set(db.session.scalars(shield.hidden(event_id, one.person))) for one in panel}
    load = dict.fromkeys(hidden, 0)
    pairs = []
    for proposal in found:
        free = [one for one in panel if proposal.id not in hidden[one.person_id] and proposal.lang in one.languages]
        free.sort(key=lambda one: (load[one.person_id], one.person_id))
        for one in _mixed(free):
            load[one.person_id] += 1
            pairs.append(Pair(proposal.id, one.person_id, ("language", "load")))
    assignments.assign(event_id, pairs, by=chair.id)


def _mixed(free: list[Reviewer]) -> list[Reviewer]:
    first = [next((one for one in free if one.sector == sector), None) for sector in ("government", "civil_society")]
    chosen = [one for one in first if one is not None]
    return (chosen + [one for one in free if one not in chosen])[:_PER_PROPOSAL]


def _review(event_id: int, ends: dict[str, State], share: float) -> None:
    """Those of each reviewer's proposals that come in by now are submitted."""
    query = (
        select(Assignment, Proposal, Reviewer)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Reviewer, (Reviewer.person_id == Assignment.person_id) & (Reviewer.event_id == event_id))
        .where(Assignment.event_id == event_id, Assignment.state == AssignmentState.ASSIGNED, Proposal.state == State.IN_REVIEW)
        .order_by(Assignment.id)
    )
    with transaction(queue=("reviewing", event_id)) as now:
        found, made = queries.frozen(event_id), []
        for assignment, proposal, reviewer in db.session.execute(query).unique().all():
            rng = Random(f"review {assignment.proposal_id} {assignment.person_id}")
            if rng.random() < share and found is not None:
                end = ends.get(proposal.title.in_(proposal.lang), State.IN_REVIEW)
                made.append(_submitted(assignment, proposal, reviewer, found, _QUALITY.get(end, 3.0), rng, now))
        db.session.add_all(review for _assignment, review, _by in made)
        db.session.flush()
        for assignment, review, _by in made:
            assignment.state, assignment.started_at, assignment.submitted_at = AssignmentState.SUBMITTED, now, now
            db.session.add(_version(review, found, now))
        db.session.flush()
        for person in {by for _assignment, _review, by in made}:
            deeds = [audit.Deed(assignment, {"version": 1, "criteria": 1}, {}) for assignment, _review, by in made if by is person]
            audit.record_many("review.submitted", deeds, event_id=event_id, actor=people.actor_of(person))


def _submitted(
    assignment: Assignment, proposal: Proposal, reviewer: Reviewer, found: CriteriaSet, quality: float, rng: Random, now: datetime
) -> tuple[Assignment, Review, Person]:
    """A review by somebody of their own severity; one in forty finds the condition not met."""
    severity = Random(f"severity {reviewer.person_id}").gauss(0, 0.4)
    given = {}
    for one in found.criteria:
        if one.kind == "condition":
            given[one.code] = Given(0 if rng.random() < 0.025 else 1)
        else:
            given[one.code] = Given(min(5, max(1, round(rng.gauss(quality + severity, 0.7)))))
    total = rules.total(given, queries.asked(found))
    words = _GOOD if (total or 0) >= 4 else _FAIR if (total or 0) >= 3 else _WEAK
    lang = reviewer.person.lang
    review = Review(
        assignment_id=assignment.id, event_id=assignment.event_id, proposal_id=proposal.id, person_id=reviewer.person_id, set_id=found.id,
        proposal_version=proposal.version, revision=1, confidence=rng.choice((1, 2, 2, 3, 3)), to_committee=rng.choice(words[lang]),
        to_proposer=rng.choice(words[proposal.lang]) if rng.random() < 0.5 else "", total=total, is_submitted=True, changed_at=now,
        submitted_at=now,
    )  # fmt: skip
    review.scores = [Score(criterion_id=one.id, value=given[one.code].value) for one in found.criteria]
    return assignment, review, reviewer.person


def _version(review: Review, found: CriteriaSet | None, now: datetime) -> ReviewVersion:
    codes = {one.id: one.code for one in found.criteria} if found else {}
    content = {
        "scores": {codes[score.criterion_id]: [score.value, ""] for score in review.scores}, "confidence": review.confidence,
        "to_committee": review.to_committee, "to_proposer": review.to_proposer, "total": review.total,
        "proposal_version": review.proposal_version,
    }  # fmt: skip
    return ReviewVersion(review_id=review.id, number=1, set_id=review.set_id, content=content, kept_at=now)
