"""Many proposals at once, each with some 400 words in each of the three languages, for the measures of their list."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select

from eventreg.core import clock, text
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.trilingual import LANGS
from eventreg.events import queries as events
from eventreg.people.models import Person
from eventreg.proposals import queries
from eventreg.proposals.models import Proposal, ProposalPerson, ProposalSearch

_WORDS = 400
_COMMON = {
    "ar": "في من على إلى التي الحكومة المنفتحة المشاركة المواطنة الشفافية الجمعيات الميزانية الولوج العدالة الورشة القانون الخدمات",
    "fr": "de la et les des pour dans une gouvernement participation citoyenne transparence associations justice atelier",
    "en": "the of and to in for with government participation transparency associations access justice workshop services data",
}
_SYLLABLES = {
    "ar": ["با", "رم", "سيل", "كت", "نو", "فع", "حد", "مق", "ول", "شر", "ضي", "تج", "هن", "صو", "خب"],
    "fr": ["ta", "ri", "mo", "lé", "vir", "con", "per", "pla", "nou", "ga", "dé", "sim", "for", "ble", "ment"],
    "en": ["ta", "ri", "mo", "le", "ver", "con", "per", "pla", "new", "ga", "de", "sim", "for", "ble", "ing"],
}


def _vocabulary(lang: str, chance: random.Random) -> list[str]:
    """A few words that stand everywhere, then thousands that get rarer and rarer, as in any language."""
    rare = {"".join(chance.choices(_SYLLABLES[lang], k=chance.choice((2, 3, 3, 4)))) for _n in range(8000)}
    return _COMMON[lang].split() + sorted(rare)


def _texts(vocabulary: list[str], chance: random.Random) -> str:
    ranks = (int(chance.paretovariate(0.45)) - 1 for _n in range(_WORDS))
    return " ".join(vocabulary[min(rank, chance.randrange(len(vocabulary)))] for rank in ranks)


def fill(event_id: int, number: int) -> None:
    """`number` proposals by bulk insert; "budget" and "ميزانية" stand in one of ten, "zebra" and "غائب" nowhere."""
    chance = random.Random(number)
    vocabularies = {lang: _vocabulary(lang, chance) for lang in LANGS}
    tracks, formats = events.tracks(event_id), queries.formats(event_id)
    now, first = clock.now(), 1 + (db.session.scalar(select(func.max(Proposal.id))) or 0)
    lead = db.session.scalars(select(Person.id)).first() or 0
    rows: dict[Any, list[dict[str, Any]]] = {Proposal: [], ProposalPerson: [], ProposalSearch: []}
    for n in range(first, first + number):
        texts = [_texts(vocabularies[lang], chance) + (" budget ميزانية" if n % 10 == 0 else "") for lang in LANGS]
        title, body = f"Open schools {n}", f"Association {n % 90}"
        words = " ".join(dict.fromkeys(text.search_key(title, *texts).split()))
        names = f"{text.search_key(title, body, f'W-{n}')} {text.skeleton(f'{title} {body}')}"
        is_sent = n % 20 != 0
        rows[Proposal].append(
            {"id": n, "event_id": event_id, "code": f"W-{n}", "number": n if is_sent else None, "lang": LANGS[n % 3],
             "state": "submitted" if is_sent else "draft", "lead_id": lead, "title": Text(en=title),
             "track_id": tracks[n % len(tracks)].id, "format_id": formats[n % len(formats)].id,
             "country": ["MA", "TN", "SN"][n % 3],
             "sectors": ["government", "civil_society"] if n % 6 == 0 else ["civil_society"],
             "languages": list(LANGS[: 1 + n % 3]), "missing": n % 4, "version": int(is_sent), "begun_at": now, "changed_at": now,
             "sent_at": now + timedelta(seconds=n) if is_sent else None, "sort_title": text.sort_key(title)}
        )  # fmt: skip
        person = {"proposal_id": n, "name": "Amina Test", "organisation_name": body, "added_at": now, "added_by_id": lead}
        rows[ProposalPerson].append({**person, "code": f"PP-{n}", "role": "lead", "answer": "accepted", "person_id": lead})
        if n % 15 == 0:
            asked = {"code": f"PC-{n}", "role": "co_organiser", "answer": "invited", "person_id": None}
            rows[ProposalPerson].append({**person, **asked})
        rows[ProposalSearch].append({"proposal_id": n, "event_id": event_id, "names": names, "words": words})
    with transaction():
        for table, found in rows.items():
            db.session.execute(insert(table), found)
