"""The pages of reviewing: importing this file brings all of them to the blueprint."""

from __future__ import annotations

from eventreg.reviewing import own_views, public_views, review_views
from eventreg.reviewing.blueprint import bp

__all__ = ["bp", "own_views", "public_views", "review_views"]
