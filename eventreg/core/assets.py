"""What browsers may keep for ever: static/ under /assets/<hash of all of it>/, the CSS files joined into one.

The hash is that of the whole tree, so a new version is a new address, and relative addresses (a tile in the CSS, an
import in a script) need no rewriting. Everything is read once, at the start, and answered from memory.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

# fmt: off
CSS = (
    "layers", "fonts", "reset", "tokens", "base", "layout",
    "components/masthead", "components/button", "components/notice", "components/card", "components/chart",
    "components/empty", "components/field", "components/choice", "components/table", "components/list",
    "components/state", "components/progress",
    "rooms/home", "rooms/register", "rooms/badge", "rooms/me", "rooms/proposal", "utilities", "print",
)
# What only staff see, and the bold faces: a stranger's first view is 60 kB at most, so there the browser makes its own bold.
STAFF_CSS = ("fonts-bold", "rooms/manage", "rooms/form", "rooms/desk", "rooms/review")
# fmt: on
JOINED = {"all.css": CSS, "staff.css": STAFF_CSS}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
PACKED = {".css", ".js", ".mjs", ".json", ".svg", ".wasm", ".txt"}
FOR_EVER = "public, max-age=31536000, immutable"
CHECK_FIRST = "public, no-cache"
KEY = "eventreg.assets"

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `packed` is its gzip form, or None where packing gains nothing."""

    body: bytes
    packed: bytes | None
    content_type: str


@dataclass(frozen=True)
class Shelf:
    """All assets by path below /assets/<tree>/."""

    tree: str
    files: dict[str, Asset]


def init_app(app: Flask) -> None:
    """Read static/ and give templates `asset_url(path)`."""
    app.extensions[KEY] = read(Path(cast(str, app.static_folder)))
    app.register_blueprint(bp)
    app.add_template_global(asset_url, "asset_url")


def asset_url(path: str) -> str:
    """The lasting address of a file of static/ ("js/app.js") or of joined CSS ("all.css", "staff.css")."""
    shelf = _shelf()
    if path not in shelf.files:
        raise LookupError(f"no such asset: {path}")
    return url_for("assets.file", tree=shelf.tree, path=path)


def read(static: Path) -> Shelf:
    """Every servable file of the folder, and the joined CSS."""
    bodies = {
        path.relative_to(static).as_posix(): path.read_bytes()
        for path in sorted(static.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    bodies |= {joined: join_css(static / "css", names) for joined, names in JOINED.items()}
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return Shelf(tree=digest.hexdigest()[:12], files={name: _asset(name, body) for name, body in bodies.items()})


def join_css(folder: Path, names: tuple[str, ...] = CSS) -> bytes:
    """The named CSS files in their order; addresses in them are relative to static/."""
    return b"\n".join((folder / f"{name}.css").read_bytes() for name in names)


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    packed = gzip.compress(body, compresslevel=9, mtime=0) if suffix in PACKED else None
    if packed is not None and len(packed) >= len(body):
        packed = None
    return Asset(body, packed, TYPES[suffix])


def _shelf() -> Shelf:
    return cast(Shelf, current_app.extensions[KEY])


@bp.get("/assets/<tree>/<path:path>")
def file(tree: str, path: str) -> Response:
    """A file from memory; an old tree gets today's file, to be asked for again next time."""
    shelf = _shelf()
    asset = shelf.files.get(path)
    if asset is None:
        abort(404)
    is_packed = asset.packed is not None and request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if is_packed else asset.body)
    response.headers["Content-Type"] = asset.content_type
    response.headers["Cache-Control"] = FOR_EVER if tree == shelf.tree else CHECK_FIRST
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    if asset.packed is not None:
        response.vary.add("Accept-Encoding")
    response.set_etag(hashlib.sha256(asset.body).hexdigest()[:16] + ("-gz" if is_packed else ""))
    response.make_conditional(request)
    return response
