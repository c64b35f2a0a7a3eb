"""Two organisations are one: everything moves to the survivor, the old names stay as aliases, and for 30 days it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from eventreg.core import audit, text, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS, Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import directory, organisations
from eventreg.people.directory import Happening, Holders
from eventreg.people.models import NotTheSame, Organisation, OrganisationMerge, OrganisationName

UNDO = timedelta(days=30)  # R13


@dataclass(frozen=True)
class Undone:
    """What undoing did: who is back, how many rows went back, how many changed since and were left, what else was left."""

    source_code: str
    back: int
    left: int
    kept: tuple[str, ...]


def merge(source_code: str, target_code: str, keep: Mapping[str, str], *, holders: Holders, by: Actor) -> OrganisationMerge:
    """Let the source go into the target, the survivor; `keep` says whose name stays: {"fr": "source", "acronym": "source"}.

    What is not said stays the target's. All other names become aliases. Country, sector and level are the target's; children
    and links move; suggested to strangers it is when one of them was. Raises Refused (organisation.same, .merged, .unknown).
    """
    with directory.standing_still() as now:
        source, target = directory.standing(source_code), directory.standing(target_code)
        if source.id == target.id:
            raise Refused(Refusal("organisation.same"))
        code = tokens.short_code("M")
        moved = _move(source, target, keep)
        happening = Happening(now, by, code)
        held = {holder.name: holder.move(source, target, happening) for holder in holders}
        made = OrganisationMerge(
            code=code, source_id=source.id, target_id=target.id, moved=moved, held=held, merged_at=now, merged_by=str(by),
            undo_until=now + UNDO,
        )  # fmt: skip
        db.session.add(made)
        facts = {"merge": code, "source": source.code, "target": target.code, "children": len(moved["children"])}
        facts |= {f"{name}s": len(rows) for name, rows in held.items()}
        audit.record("organisation.merged", target, event_id=None, actor=by, facts=facts)
        audit.record("organisation.merged_away", source, event_id=None, actor=by, facts=facts)
        return made


def _move(source: Organisation, target: Organisation, keep: Mapping[str, str]) -> dict[str, Any]:
    """Names, children, the public flag; the source keeps its own rows and only points at its survivor."""
    before, aliases = _facts(target), organisations.aliases_of(target.id)
    children = select(Organisation.id).where(Organisation.parent_id == source.id, Organisation.id != target.id)
    moved = list(db.session.scalars(children.order_by(Organisation.id)))
    if source.id in directory.line_above(target):
        target.parent_id = source.parent_id  # it takes the place of the one above it: no circle
    for child_id in moved:
        db.session.get_one(Organisation, child_id).parent_id = target.id
    chosen = {lang: _chosen(source, target, lang, keep) for lang in LANGS}
    old = [*_all_names(target.id), *_all_names(source.id)]
    target.name, target.acronym = Text(**chosen), _chosen_acronym(source, target, keep)
    target.is_public = target.is_public or source.is_public
    source.merged_into_id = target.id
    organisations.write_names(target, old)
    return {
        "children": moved, "before": before, "after": _facts(target), "aliases_before": aliases,
        "aliases_after": organisations.aliases_of(target.id),
    }  # fmt: skip


def _chosen(source: Organisation, target: Organisation, lang: str, keep: Mapping[str, str]) -> str:
    names: tuple[str, str] = getattr(source.name, lang), getattr(target.name, lang)
    return (names[0] or names[1]) if keep.get(lang) == "source" else (names[1] or names[0])


def _chosen_acronym(source: Organisation, target: Organisation, keep: Mapping[str, str]) -> str:
    names = source.acronym, target.acronym
    return (names[0] or names[1]) if keep.get("acronym") == "source" else (names[1] or names[0])


def _all_names(organisation_id: int) -> list[str]:
    query = select(OrganisationName.name).where(OrganisationName.organisation_id == organisation_id)
    return list(db.session.scalars(query.order_by(OrganisationName.id)))


def _facts(organisation: Organisation) -> dict[str, Any]:
    """What a merge may change of the survivor, as plain values."""
    names = {lang: getattr(organisation.name, lang) for lang in LANGS}
    return names | {
        "acronym": organisation.acronym, "is_public": organisation.is_public, "parent_id": organisation.parent_id
    }  # fmt: skip


# ---- undo ------------------------------------------------------------------------------------------------------------


def undo(code: str, *, holders: Holders, by: Actor) -> Undone:
    """Put everything back that this merge moved, but for what changed since.

    Raises Refused (organisation.no_merge, .undone, .undo_over, .merged_since: the survivor itself was merged since).
    """
    with directory.standing_still() as now:
        made = db.session.scalar(select(OrganisationMerge).where(OrganisationMerge.code == code))
        if made is None:
            raise Refused(Refusal("organisation.no_merge"))
        source, target = (db.session.get_one(Organisation, key) for key in (made.source_id, made.target_id))
        if (refusal := why_not_undo(made, target, now)) is not None:
            raise Refused(refusal)
        happening = Happening(now, by, made.code)
        source.merged_into_id, made.undone_at = None, now
        kept = _put_back(source, target, made.moved)
        back = left = 0
        for holder in holders:
            moved, stayed = holder.put_back(made.held.get(holder.name, []), source, target, happening)
            back, left = back + moved, left + stayed
        facts = {"merge": made.code, "source": source.code, "target": target.code, "back": back, "left": left, "kept": kept}
        for organisation in (source, target):
            audit.record("organisation.merge_undone", organisation, event_id=None, actor=by, facts=facts)
        return Undone(source.code, back, left, tuple(kept))


def why_not_undo(made: OrganisationMerge, target: Organisation, now: datetime) -> Refusal | None:
    """Why this merge cannot be undone (any more), or None."""
    if made.undone_at is not None:
        return Refusal("organisation.undone")
    if now >= made.undo_until:
        return Refusal("organisation.undo_over")
    if target.merged_into_id is not None:
        return Refusal("organisation.merged_since")
    return None


def _put_back(source: Organisation, target: Organisation, moved: Mapping[str, Any]) -> list[str]:
    """Names, flag, place and children as they were before; which of them were left alone."""
    now_is, before, after = _facts(target), moved["before"], moved["after"]
    left = [name for name in before if now_is[name] != after[name]]
    was = {name: before[name] if now_is[name] == after[name] else now_is[name] for name in before}
    target.name = Text(**{lang: was[lang] for lang in LANGS})
    target.acronym, target.is_public = was["acronym"], was["is_public"]
    organisations.write_names(target, _aliases_without(target.id, moved))
    stayed = [_child_back(child_id, source, target) for child_id in moved["children"]]
    if was["parent_id"] != target.parent_id and not _take_parent(target, was["parent_id"]):
        left.append("parent_id")
    return [*left, *(["children"] if not all(stayed) else [])]


def _aliases_without(target_id: int, moved: Mapping[str, Any]) -> list[str]:
    """The aliases of today without those the merge brought, with those that it had made names of its own."""
    keys = {name: text.fold(name) for name in (*moved["aliases_before"], *moved["aliases_after"])}
    before = {keys[name]: name for name in moved["aliases_before"]}
    borne = {text.fold(moved["before"][name]) for name in (*LANGS, "acronym")}  # own names stay its names, come what may
    brought = {keys[name] for name in moved["aliases_after"]} - before.keys() - borne
    today = {text.fold(name): name for name in organisations.aliases_of(target_id)}
    lost = before.keys() - {keys[name] for name in moved["aliases_after"]}
    return [*(name for key, name in today.items() if key not in brought), *(before[key] for key in before if key in lost)]


def _child_back(child_id: int, source: Organisation, target: Organisation) -> bool:
    """Whether the child is the source's again; one that was given another parent since is left, so is one above the source."""
    child = db.session.get_one(Organisation, child_id)
    return child.parent_id == target.id and _take_parent(child, source.id)


def _take_parent(organisation: Organisation, parent_id: int | None) -> bool:
    """Give it this parent unless that would be a circle."""
    if parent_id is not None:
        parent = organisations.survivor(db.session.get_one(Organisation, parent_id))
        parent_id = parent.id
        if organisation.id in (parent.id, *directory.line_above(parent)):
            return False
    organisation.parent_id = parent_id
    return True


# ---- twins that are none ---------------------------------------------------------------------------------------------


def not_the_same(one_code: str, other_code: str, *, by: Actor) -> None:
    """Remember that these two only look alike; said again is the same. Raises Refused (organisation.same, .unknown, .merged)."""
    with transaction(queue=("organisations", 0)) as now:
        one, other = directory.standing(one_code), directory.standing(other_code)
        if one.id == other.id:
            raise Refused(Refusal("organisation.same"))
        low, high = sorted((one, other), key=lambda organisation: organisation.id)
        if db.session.get(NotTheSame, (low.id, high.id)) is not None:
            return
        db.session.add(NotTheSame(low_id=low.id, high_id=high.id, said_at=now, said_by=str(by)))
        facts = {"other": high.code}
        audit.record("organisation.not_the_same", low, event_id=None, actor=by, facts=facts)
