"""The blueprint on which every page module of this room puts its addresses."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("manage", __name__)
