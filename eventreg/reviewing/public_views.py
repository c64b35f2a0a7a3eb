"""What everybody may read of reviewing: the criteria in force with their hash, and those before them."""

from __future__ import annotations

from flask import Response, abort, g, jsonify, render_template

from eventreg.core.access import requires
from eventreg.core.i18n import Text, mark_text
from eventreg.reviewing import criteria, labels, queries
from eventreg.reviewing.blueprint import bp
from eventreg.reviewing.models import Criterion


@bp.get("/criteria/")
@requires("public.read")
def public_criteria() -> str:
    """The frozen criteria, the newest version first; 404 while there are none."""
    found = queries.frozen_sets(g.event.id) or abort(404)
    return render_template("reviewing/criteria.html", sets=found, label=labels)


@bp.get("/criteria/<int:number>.json")
@requires("public.read")
def criteria_json(number: int) -> Response:
    """A frozen version as it is hashed: SHA-256 of this object with sorted keys and without blanks gives `hash`."""
    found = next((one for one in queries.frozen_sets(g.event.id) if one.number == number), None) or abort(404)
    frozen_at = found.frozen_at.isoformat() if found.frozen_at else None
    return jsonify({"hash": found.hash, "frozen_at": frozen_at, "hashed": criteria.published(found)})


def level_words(criterion: Criterion, level: int) -> str:
    """What a level of a criterion means, in the page's language."""
    return mark_text(Text.of(criterion.anchors.get(str(level), {})))


bp.add_app_template_global(level_words, "level_words")
