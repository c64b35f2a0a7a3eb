"""The pages of reviewing, in several files."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("reviewing", __name__)
