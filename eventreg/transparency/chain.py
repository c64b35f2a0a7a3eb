"""Can anyone have changed the record since? A meeting's chain for everybody, recomputed on request."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, g, render_template
from flask_babel import lazy_gettext as _l

from eventreg.core import audit, clock, limits
from eventreg.core.access import requires
from eventreg.core.db import transaction

bp = Blueprint("chain", __name__)

MOST_TRIES, PER = 20, timedelta(minutes=10)  # a long chain takes seconds: once in a while per network, not in a loop

REASONS = {
    "missing": _l("A line is missing here."),
    "does not follow the line before it": _l("This line does not follow the one before it."),
    "was changed": _l("This line was changed."),
}
_VALUE_CHANGED = _l("A personal value of this line was changed.")


@bp.get("/audit/")
@requires("audit.verify")
def chain() -> str:
    """Length and head of the chain: who notes today's head can tell tomorrow that nothing before it changed."""
    return render_template("transparency/chain.html", **_head())


@bp.post("/audit/")
@requires("audit.verify")
def verify() -> str:
    """Recompute every line and say whether all hold, or which is the first that does not."""
    network = limits.network()
    with transaction() as now:
        limits.check("chain", network, now=now, limit=MOST_TRIES, per=PER)
        limits.hit("chain", network, now=now)
    broken = audit.verify(g.event.id)
    found = {
        "checked_at": clock.now(),
        "broken": broken.seq if broken else None,
        "reason": REASONS.get(broken.reason, _VALUE_CHANGED) if broken else None,
    }
    return render_template("transparency/chain.html", **_head(), **found)


def _head() -> dict[str, object]:
    return {"length": audit.length(g.event.id), "head": audit.head(g.event.id)}
