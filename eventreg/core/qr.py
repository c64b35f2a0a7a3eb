"""The QR code of a token or an address: as modules, as SVG for pages, as PNG for mails."""

from __future__ import annotations

import io
import re
from typing import Any, Literal

import png as pypng
import qrcode
from flask_babel import gettext as _
from markupsafe import Markup, escape
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

INK = "#1B2430"
Level = Literal["L", "M", "Q", "H"]

_LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
_TOKEN = re.compile(r"[A-Z0-9]{16}")
# Trying all eight masks is nine tenths of the work, and a token reads well under any: one mask for all of them.
_TOKEN_MASK = 3


def matrix(data: str, *, level: Level = "Q", border: int = 4) -> list[list[bool]]:
    """Rows of modules, True where dark, with `border` light modules around (the standard wants 4).

    A token of 16 capitals is version 1 at level Q: 21 modules, 29 with the border.
    """
    fast = level == "Q" and _TOKEN.fullmatch(data) is not None
    code = qrcode.QRCode(
        version=1 if fast else None,
        error_correction=_LEVELS[level],
        border=border,
        mask_pattern=_TOKEN_MASK if fast else None,
    )
    code.add_data(data)
    code.make(fit=not fast)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def svg(data: str, *, level: Level = "Q") -> Markup:
    """One SVG element for a page: ink on white with its quiet zone, named "QR code" for those who do not see it."""
    rows = matrix(data, level=level)
    n = len(rows)
    runs = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _runs(row))
    return Markup(
        f'<svg class="qr" viewBox="0 0 {n} {n}" role="img" aria-label="{escape(_("QR code"))}" '
        f'shape-rendering="crispEdges"><path fill="#FFFFFF" d="M0 0h{n}v{n}H0z"/><path fill="{INK}" d="{runs}"/></svg>'
    )


def png(data: str, *, level: Level = "Q", scale: int = 8) -> bytes:
    """A PNG of one bit per pixel, `scale` pixels per module, quiet zone included."""
    rows = [[0 if cell else 1 for cell in row for _pixel in range(scale)] for row in matrix(data, level=level)]
    size = len(rows) * scale
    target = io.BytesIO()
    pypng.Writer(width=size, height=size, greyscale=True, bitdepth=1).write(
        target, [row for row in rows for _line in range(scale)]
    )
    return target.getvalue()


def cells(data: str, *, level: Level = "Q") -> dict[str, Any]:
    """For PDFs: one grey byte per module, {n: modules in a row, cells: rows one after another}, quiet zone included."""
    rows = matrix(data, level=level)
    return {"n": len(rows), "cells": [0 if dark else 255 for row in rows for dark in row]}


def in_fours(token: str) -> list[str]:
    """Two lines of two fours, as a token stands beside its code and is read aloud at the door."""
    fours = re.findall(".{1,4}", token)
    return [" ".join(fours[start : start + 2]) for start in range(0, len(fours), 2)]


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Start and width of each run of dark modules."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
