"""Which address does a mail or a QR code carry? Always the configured base address, never the Host of a request."""

from __future__ import annotations

from typing import Any

from flask import current_app


def absolute(endpoint: str, **values: Any) -> str:
    """The full address of an endpoint, e.g. absolute('me.home', lang='ar', event='ogp-2022')."""
    adapter = current_app.url_map.bind("base.invalid")
    path = adapter.build(endpoint, values, force_external=False)
    return str(current_app.config["BASE_URL"]).rstrip("/") + path


def is_own_path(target: str | None) -> bool:
    """Whether a `next` address stays in the house: one leading slash, no backslash, no control characters."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return False
    return not any(sign in target for sign in "\\\t\r\n") and target.isprintable()
