"""Which pattern? Zellige tiles of the tracks and the personal rosette of a badge, as SVG (Hankin's method).

A tile is one cell of the 4.8.8 tiling (one octagon, a quarter of a square in each corner): it repeats without a seam.
From the middle of every edge two rays enter the polygon at the contact angle; each stops where it meets the ray of the
next edge. 45 degrees makes the khatam (two crossed squares), 67.5 the {8/3} star. Straps weave by one rule that holds
across every edge: the ray that leans left passes over, the other one under.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

CREAM, INK, SAFFRON = "#FBF8F3", "#1B2430", "#F2B632"

Point = tuple[float, float]


@dataclass(frozen=True)
class Shades:
    """A track's looks: contact angle in degrees (45 to 75) and three colours as #RRGGBB."""

    angle: float
    colour: str
    deep: str
    pale: str


TRACKS: dict[str, Shades] = {
    "civic-participation": Shades(45.0, "#12735F", "#0B4F42", "#CFE5DD"),
    "digital-innovation": Shades(55.0, "#2A3C9E", "#1B2870", "#D5DAF2"),
    "access-to-justice": Shades(67.5, "#4A1A5E", "#331041", "#E3D3EA"),
    "anti-corruption": Shades(75.0, "#A23E1A", "#74290F", "#F3D9CC"),
}


def tile(shades: Shades, title: str, *, size: int = 160) -> str:
    """One seamless square cell of `size` units: the octagon is as wide as the tile, squares sit on the four corners."""
    theta, middle = shades.angle, size / 2
    small_apothem = middle * math.tan(math.radians(22.5))  # half of the common edge
    big = _motif(8, middle, theta, (middle, middle))
    corners = [(float(x), float(y)) for x in (0, size) for y in (0, size)]
    small = [_motif(4, small_apothem, theta, corner, 45) for corner in corners]
    body = f'<rect width="{size}" height="{size}" fill="{shades.colour}"/>'
    body += _jewel(8, middle, theta, (middle, middle), (shades.pale, shades.deep, SAFFRON))
    seed = small_apothem * min(0.42, _inner(4, theta) * 0.72)
    for corner, star in zip(corners, small, strict=True):
        body += _fill(star, shades.deep) + _fill(_motif(8, seed, 45, corner), shades.pale)
    near = [
        _motif(8, middle, theta, (middle + dx, middle + dy))
        for dx, dy in ((size, 0), (-size, 0), (0, size), (0, -size))
    ]
    return _svg(size, body + _straps([big, *near, *small], size / 26, CREAM, theta), title)


def rosette(token: str, *, size: int = 160) -> str:
    """The personal rosette of a badge: 8, 10, 12 or 16 points, an angle and a colour order drawn from the token's hash.

    It helps people to compare two screens at a glance; it proves nothing.
    """
    h = hashlib.sha256(("khatam:" + token).encode()).digest()
    n, shades = (8, 10, 12, 16)[h[0] % 4], list(TRACKS.values())[h[1] % 4]
    theta, middle = 90 - 180 / n * (1.15 + h[2] / 255 * 1.2), size / 2
    apothem, centre = middle * 0.94, (middle, middle)
    body = f'<circle cx="{middle:.0f}" cy="{middle:.0f}" r="{middle:.1f}" fill="{shades.deep}"/>'
    rim = apothem / math.cos(math.pi / n) * 0.985
    body += _fill([_at(rim, (k + 0.5) * 360 / n, centre) for k in range(n)], shades.colour)
    turns = [(k + 0.5) * 360 / n for k in range(n)]
    gem_colour = (SAFFRON, shades.pale)[h[6] % 2]
    gems = [_motif(4, apothem * 0.6 / n, 60, _at(apothem * 0.90, turn, centre), turn) for turn in turns]
    body += "".join(_fill(gem, gem_colour) for gem in gems)
    colours = (CREAM, (shades.colour, shades.deep)[h[3] % 2], (SAFFRON, shades.pale)[h[4] % 2])
    body += _jewel(n, apothem, theta, centre, colours)
    strap = SAFFRON if h[5] % 2 else CREAM
    return _svg(size, body + _straps([_motif(n, apothem, theta, centre)], size / 30, strap, theta), "Personal rosette")


def _at(radius: float, degrees: float, centre: Point) -> Point:
    x, y = centre
    return x + radius * math.cos(math.radians(degrees)), y + radius * math.sin(math.radians(degrees))


def _inner(n: int, theta: float) -> float:
    """Where a ray meets its neighbour, as a share of the apothem: by symmetry on the axis through a polygon corner."""
    return math.cos(math.radians(theta)) / math.cos(math.radians(theta - 180 / n))


def _motif(n: int, apothem: float, theta: float, centre: Point, turn: float = 0.0) -> list[Point]:
    """Points of the star inside one regular n-gon: contact, corner, contact, corner, ... (2n points)."""
    radii = apothem, apothem * _inner(n, theta)
    return [_at(radii[k % 2], turn + k * 180 / n, centre) for k in range(2 * n)]


def _path(points: list[Point], *, close: bool = True) -> str:
    return "M" + "L".join(f"{x + 0.0:.1f} {y + 0.0:.1f}" for x, y in points) + ("Z" if close else "")


def _fill(points: list[Point], colour: str) -> str:
    return f'<path fill="{colour}" d="{_path(points)}"/>'


def _jewel(n: int, apothem: float, theta: float, centre: Point, colours: tuple[str, str, str]) -> str:
    """A star with a smaller one turned inside it and a round seed: the middle of every tile."""
    outer, middle, core = colours
    mid, lean = apothem * min(0.56, _inner(n, theta) * 0.93), 45 if n == 8 else theta * 0.8
    return (
        _fill(_motif(n, apothem, theta, centre), outer)
        + _fill(_motif(n, mid, lean, centre, 180 / n), middle)
        + _fill(_motif(n, mid * 0.54, lean, centre), core)
    )


def _straps(stars: list[list[Point]], width: float, colour: str, theta: float) -> str:
    """Weave: draw every strap once, then draw again the left-leaning piece of each crossing (at the contact points).

    Two straps cross at 180 - 2 * theta degrees: the sharper the crossing, the longer the piece that must lie on top.
    """
    whole, over, cover = "".join(_path(star) for star in stars), "", ""
    piece = width * 0.62 / math.cos(math.radians(theta))
    for star in stars:
        for (x, y), (u, v) in zip(star[::2], star[1::2], strict=True):
            long = math.hypot(u - x, v - y) or 1
            share = min(0.8, piece / long)
            over += _path([(x, y), (x + (u - x) * share, y + (v - y) * share)], close=False)
            share += width * 0.12 / long  # the colour runs a little further than its dark edge: no hairline is left
            cover += _path([(x, y), (x + (u - x) * share, y + (v - y) * share)], close=False)
    layers = ((whole, width, INK), (whole, width * 0.66, colour), (over, width, INK), (cover, width * 0.66, colour))
    return "".join(
        f'<path fill="none" stroke="{stroke}" stroke-width="{w:.1f}" stroke-linejoin="round" d="{path}"/>'
        for path, w, stroke in layers
    )


def _svg(size: int, body: str, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="{size}" height="{size}" role="img">'
        f"<title>{title}</title>{body}</svg>\n"
    )
