"""How does a file leave the house? As something to keep, under a name that every browser writes down the same way."""

from __future__ import annotations

from typing import TypeVar

from werkzeug.wrappers import Response

R = TypeVar("R", bound=Response)


def attached(response: R, filename: str) -> R:
    """The answer as a file to keep under this name, in the form of RFC 6266."""
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response
