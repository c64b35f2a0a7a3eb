"""Which proposals look like the same one sent twice? Pure: folded words in, the most similar others with their reasons out.

Words weigh by how rare they are in this call (inverse document frequency, Spärck Jones 1972) and are compared by their first
six letters, so that participatif, participatory and participation meet across French and English; across the two scripts
names meet by the consonants that they share, numbers as they are, and the words of the field by what they mean. Two
proposals are as similar as the angle between their weights is small (cosine, Salton 1975), titles and texts apart; shared
people and bodies add to it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eventreg.core import text
from eventreg.proposals import concepts

STEM = 6  # letters by which words are compared
BONES = 3  # consonants that a name must have to be compared across scripts
TITLE, WORDS, PEOPLE, BODY = 0.5, 0.5, 0.25, 0.05  # how much each says
IDEAS = 0.8  # what is common to scripts says less than words
ABROAD = 2.5  # between two languages little else is common: what is, tells as much as the words of one language
LOOKS_ALIKE = 0.18  # from here on two proposals are worth a look: of the demo's pairs two in three are the same idea


@dataclass(frozen=True)
class Described:
    """One proposal, as far as likeness is concerned: folded words of its titles and texts, keys of its people and bodies.

    `lang` is the language it is written in.
    """

    code: str
    title: str
    words: str
    people: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    lang: str = ""


@dataclass(frozen=True)
class Likeness:
    """Two proposals and how much they are alike, 0 to 1 and a little more; `reasons`: title, words, people, body."""

    one: str
    other: str
    score: float
    reasons: tuple[str, ...]


def terms(folded: str) -> frozenset[str]:
    """What is compared of folded words: beginnings of words, numbers, consonants of words that may be names."""
    return frozenset(term for word in folded.split() for term in _terms_of(word))


@lru_cache(maxsize=50_000)  # a call has far fewer words than its proposals together
def _terms_of(word: str) -> tuple[str, ...]:
    if word.isdigit():
        return (word,) if len(word) > 1 else ()
    if len(word) < 3:
        return ()
    bones = text.skeleton(word)
    found = (word[:STEM], concepts.concept(word), "~" + bones if len(bones) >= BONES else "")
    return tuple(term for term in found if term)


def is_common_to_scripts(term: str) -> bool:
    """Whether a term can be met in a text of another language: a number, a name's consonants, an idea of the field."""
    return term[0] in "=~" or term.isdigit()


class Index:
    """All proposals of a call, ready to be compared; built once, asked often."""

    def __init__(self, proposals: Sequence[Described]) -> None:
        self._all = {one.code: one for one in proposals}
        self._titles = _Space([(one.code, terms(one.title)) for one in proposals])
        whole = [(one.code, terms(f"{one.title} {one.words}")) for one in proposals]
        self._words = _Space(whole)
        self._ideas = _Space([(code, frozenset(term for term in found if is_common_to_scripts(term))) for code, found in whole])
        self._by_person: dict[str, set[str]] = defaultdict(set)
        for one in proposals:
            for person in one.people:
                self._by_person[person].add(one.code)

    def like(self, code: str, *, limit: int = 5) -> list[Likeness]:
        """The proposals most like this one, the most similar first; nothing of one that is not in the index."""
        one = self._all.get(code)
        if one is None:
            return []
        titles, words = self._titles.near(code), self._words.near(code)
        for other, likeness in self._ideas.near(code).items():
            weight = IDEAS if self._all[other].lang == one.lang else ABROAD
            words[other] = max(words[other], min(1.0, likeness * weight))  # type: ignore[assignment]
        together = {other for person in one.people for other in self._by_person[person]} - {code}
        found = [self._likeness(one, self._all[other], titles, words) for other in {*titles, *words, *together}]
        return sorted(found, key=lambda likeness: (-likeness.score, likeness.other))[:limit]

    def _likeness(self, one: Described, other: Described, titles: Counter[str], words: Counter[str]) -> Likeness:
        title, body = titles[other.code], words[other.code]
        shares_people, shares_body = bool(one.people & other.people), bool(one.bodies & other.bodies)
        score = TITLE * title + WORDS * body + PEOPLE * shares_people + BODY * shares_body
        said = (("title", title >= 0.3), ("words", body >= 0.2), ("people", shares_people), ("body", shares_body))
        return Likeness(one.code, other.code, score, tuple(name for name, is_so in said if is_so))

    def pairs(self, *, least: float = LOOKS_ALIKE, but: Collection[frozenset[str]] = ()) -> list[Likeness]:
        """Every two that look alike, the most similar first, without those in `but`."""
        found: dict[frozenset[str], Likeness] = {}
        for code in self._all:
            for likeness in self.like(code):
                pair = frozenset((likeness.one, likeness.other))
                if likeness.score >= least and pair not in but:
                    found.setdefault(pair, likeness)
        return sorted(found.values(), key=lambda likeness: (-likeness.score, likeness.one, likeness.other))


class _Space:
    """Documents as sets of terms, each term with the weight of its rarity."""

    def __init__(self, documents: Iterable[tuple[str, frozenset[str]]]) -> None:
        self._terms = dict(documents)
        self._having: dict[str, list[str]] = defaultdict(list)
        for code, found in self._terms.items():
            for term in found:
                self._having[term].append(code)
        number = max(1, len(self._terms))
        self._weight = {term: math.log(1 + number / len(codes)) ** 2 for term, codes in self._having.items()}
        self._common = number // 3 + 1  # a term that every third has tells nothing and costs most
        self._length = {code: math.sqrt(sum(self._weight[term] for term in found)) for code, found in self._terms.items()}

    def near(self, code: str) -> Counter[str]:
        """The cosine with each document that shares a term which is not common."""
        sums: Counter[str] = Counter()
        for term in self._terms[code]:
            having = self._having[term]
            if len(having) > self._common:
                continue
            for other in having:
                sums[other] += self._weight[term]  # type: ignore[assignment]
        del sums[code]
        length = self._length[code]
        for other in sums:
            sums[other] /= length * self._length[other]  # type: ignore[assignment]
        return sums
