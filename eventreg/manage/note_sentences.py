"""What happened to concept notes, in a sentence; what its facts are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core.i18n import number
from eventreg.proposals import note_labels

Facts = Mapping[str, Any]


def _of_version(words: Any) -> Callable[[Facts], str]:
    """A sentence about one version."""
    return lambda facts: str(words) % {"n": number(facts.get("version", 0))}


def _at_part(words: Any) -> Callable[[Facts], str]:
    """A sentence about one part of a version."""
    return lambda facts: str(words) % {
        "n": number(facts.get("version", 0)), "part": note_labels.SECTION.get(str(facts.get("section", "")), "")
    }  # fmt: skip


def _reminded(facts: Facts) -> str:
    words: str = ngettext(
        "%(num)s organisation was reminded of the concept note.", "%(num)s organisations were reminded of the concept note.",
        facts.get("bodies", 0),
    )  # fmt: skip
    return words


SENTENCES: Mapping[str, Any | Callable[[Facts], str]] = {
    "note.begun": _of_version(_l("Version %(n)s of the concept note was begun.")),
    "note.written": _at_part(_l("Version %(n)s of the concept note was changed: %(part)s.")),
    "note.proposed": _of_version(_l("Version %(n)s of the concept note was put to signature.")),
    "note.signed": _of_version(_l("Version %(n)s of the concept note was signed for an organisation.")),
    "note.signed_off": _of_version(_l("Version %(n)s of the concept note is signed by all.")),
    "note.superseded": _of_version(_l("Version %(n)s of the concept note was replaced by a later one.")),
    "note.changes_asked": _of_version(_l("Changes were asked for in version %(n)s of the concept note; its signatures are void.")),
    "note.taken_back": _of_version(
        _l("Version %(n)s of the concept note was changed after it was put to signature; its signatures are void.")
    ),
    "note.commented": _at_part(_l("A comment was written on version %(n)s of the concept note: %(part)s.")),
    "note.comment_resolved": _at_part(_l("A comment on version %(n)s of the concept note was resolved: %(part)s.")),
    "note.reminded": _reminded,
}
LABELS: Mapping[str, Any] = {
    "note.begun": _l("Concept note begun"),
    "note.written": _l("Concept note changed"),
    "note.proposed": _l("Concept note put to signature"),
    "note.signed": _l("Concept note signed"),
    "note.signed_off": _l("Concept note signed by all"),
    "note.superseded": _l("Concept note replaced"),
    "note.changes_asked": _l("Changes asked for in a concept note"),
    "note.taken_back": _l("Concept note taken back"),
    "note.commented": _l("Comment on a concept note"),
    "note.comment_resolved": _l("Comment on a concept note resolved"),
    "note.reminded": _l("Reminder of a concept note"),
}
