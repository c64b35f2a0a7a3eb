"""What does every answer carry, and which requests are refused before any view? Headers, origin, compression, errors."""

from __future__ import annotations

import gzip
import logging
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Request, Response, abort, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError
from werkzeug.formparser import FormDataParser

from eventreg.core import access, logs, refusals
from eventreg.core.turnstile import Busy

log = logging.getLogger("eventreg")
csrf = CSRFProtect()

POLICY = (
    "default-src 'none'; script-src 'self'{wasm}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_NOT_REPEATED = ("csrf_token", "password")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_COMPRESSED = ("text/html", "application/json", "text/csv", "text/calendar", "text/plain")


class Readable(ImmutableMultiDict[str, Any]):
    """Query and form values without NUL, which no database keeps: it becomes U+FFFD, so that a field can say "unreadable"."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = iter_multi_items(mapping) if mapping else ()
        super().__init__([(key, v.replace("\0", "\ufffd") if isinstance(v, str) else v) for key, v in pairs])


class ReadableForm(FormDataParser):
    """Bytes that are no UTF-8 become U+FFFD (werkzeug would keep them as "%FF", which looks like something typed)."""

    def _parse_urlencoded(self, stream: Any, mimetype: str, content_length: int | None, options: dict[str, str]) -> Any:
        pairs = parse_qsl(stream.read().decode("ascii", "replace"), keep_blank_values=True, errors="replace")
        return stream, self.cls(pairs), self.cls()


class ReadableRequest(Request):
    """A request whose values every database can keep."""

    parameter_storage_class = Readable
    form_data_parser_class = ReadableForm

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """As Flask does, but brackets nested deeper than the parser goes are no JSON, too, rather than an error of ours."""
        try:
            return super().get_json(force=force, silent=silent, cache=cache)
        except RecursionError:
            return None if silent else abort(400)


def init_app(app: Flask) -> None:
    """Guard every request and dress every answer."""
    app.request_class = ReadableRequest
    csrf.init_app(app)
    app.before_request(_readable_address)
    app.before_request(_own_origin_only)
    app.after_request(_headers)
    app.after_request(_compress)
    _error_pages(app)


def needs_wasm() -> None:
    """Allow WebAssembly on this one page (the camera's decoder)."""
    g.wasm = True


def _readable_address() -> None:
    """No address of ours has a NUL in it, and PostgreSQL refuses to look for one."""
    if "\0" in request.path:
        abort(404)


def _own_origin_only() -> None:
    """A form of another site is refused even with a token: browsers tell the origin of every unsafe request."""
    origin = request.headers.get("Origin")
    if request.method in _SAFE or origin is None:
        return
    allowed = {urlsplit(str(current_app.config["BASE_URL"])).netloc, request.host}
    try:
        is_own = urlsplit(origin).netloc in allowed
    except ValueError:  # not even an address
        is_own = False
    if not is_own:
        abort(403)


def _headers(response: Response) -> Response:
    wasm = " 'wasm-unsafe-eval'" if g.get("wasm") else ""
    response.headers.setdefault("Content-Security-Policy", POLICY.format(wasm=wasm))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")  # the policy says it to today's browsers, this to those before
    is_secret = bool({"token", "secret"} & set(request.view_args or {}))  # no style sheet's log may hold the address
    response.headers.setdefault("Referrer-Policy", "strict-origin" if is_secret else "same-origin")
    camera = "(self)" if g.get("wasm") else "()"
    response.headers.setdefault("Permissions-Policy", f"camera={camera}, microphone=(), geolocation=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        is_personal = g.get("viewer") or any(name.startswith("draft-") for name in request.cookies)
        response.headers["Cache-Control"] = "private, no-store" if is_personal else "private, no-cache"
    response.vary.add("Cookie")
    return response


def _compress(response: Response) -> Response:
    """gzip for pages: 60 kB on a slow line is the budget of a first view."""
    if (
        response.direct_passthrough
        or response.mimetype not in _COMPRESSED
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
        or len(response.get_data()) < 600
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), compresslevel=5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _error_pages(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: _page(400, why="csrf"))
    app.register_error_handler(access.SignedOut, lambda error: _page(401, why="signed_out"))
    app.register_error_handler(SecurityError, lambda error: _unknown_host())
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(refusals.Refused, _refused)
    app.register_error_handler(Busy, lambda error: _page(503))
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _unknown_host() -> Response:
    """For a host name that is not ours no address can be made, so no page either."""
    return Response("This host name is not known here.\n", 400, mimetype="text/plain")


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    response = _page(error.code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _refused(error: refusals.Refused) -> Response:
    """A refusal that no form shows at its place: the page says it in words."""
    return _page(429 if error.refusal.code == "limits.too_many" else 409, words=refusals.say(error.refusal))


def _database(error: OperationalError) -> Response:
    if "locked" in str(error.orig) or "timeout" in str(error.orig):
        return _page(503)
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error on %s", request.endpoint, exc_info=error)
    try:
        return _page(500, reference=logs.request_id())
    except Exception:  # what broke the page may break every page: the bare words are better than a server's own
        log.exception("the error page could not be made")
        return _bare(logs.request_id())


def _bare(reference: str) -> Response:
    words = "حدث خطأ من جانبنا\nUne erreur est survenue de notre côté\nSomething went wrong on our side"
    return Response(f"{words}\n{reference}\n", 500, mimetype="text/plain")


def _typed() -> list[tuple[str, str]]:
    """What was typed in a form that could not be taken, so that it can be sent again; never passwords."""
    return [(name, value) for name, value in request.form.items(multi=True) if not any(w in name for w in _NOT_REPEATED)]


def _page(code: int, *, words: str | None = None, why: str = "", reference: str = "") -> Response:
    known = code if code in {400, 401, 403, 404, 409, 410, 413, 429, 500, 503} else (400 if code < 500 else 500)
    if code == 405:
        known = 404
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json" or request.is_json:
        body = current_app.make_response({"status": code, "title": words or str(code), "reference": reference})
        body.mimetype = "application/problem+json"
    else:
        typed = _typed() if (why or code in (500, 503)) and request.method == "POST" else []
        page = render_template(f"errors/{known}.html", words=words, why=why, reference=reference, typed=typed)
        body = current_app.make_response(page)
    body.status_code = code
    if code == 503:
        body.headers["Retry-After"] = "5"
    return body
