"""create_app: settings, extensions, the visible list of rooms with pages, and what every page knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, has_request_context, request, url_for
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, BuildError

from eventreg import permissions, wiring
from eventreg.badges import views as badges
from eventreg.checkin import views as checkin
from eventreg.core import access, assets, catalogues, clock, config, db, files, health, i18n, logs, metrics, outbox, security
from eventreg.core.config import Settings
from eventreg.imports import views as imports
from eventreg.manage import views as manage
from eventreg.me import delegations
from eventreg.me import views as me
from eventreg.people import session
from eventreg.people import views as people
from eventreg.programme import views as programme
from eventreg.proposals import queries as proposals_queries
from eventreg.proposals import views as proposals
from eventreg.registration import views as registration
from eventreg.reviewing import views as reviewing
from eventreg.transparency import chain
from eventreg.transparency import views as transparency

PACKAGE = Path(__file__).resolve().parent

EVENT_PAGES = [
    transparency.bp, chain.bp, registration.bp, proposals.bp, reviewing.bp, me.bp, delegations.bp, programme.bp, manage.bp,
    imports.bp, badges.bp, checkin.bp,
]  # fmt: skip
OTHER_PAGES = [transparency.root_bp, people.bp]


class SlugConverter(BaseConverter):
    """An event's address: lower-case letters, digits and hyphens; the code of a language is none."""

    regex = r"(?!(?:ar|fr|en)(?:/|\Z))[a-z0-9]+(?:-[a-z0-9]+)*"


def create_app(settings: Settings | None = None) -> Flask:
    """The application of one installation; without settings they are read from the environment."""
    settings = settings or config.load()
    app = Flask("eventreg", root_path=str(PACKAGE), template_folder=_asset("templates"), static_folder=None)
    app.static_folder = _asset("static")
    _configure(app, settings)
    clock.shift(settings.clock_offset)
    app.url_map.converters["slug"] = SlugConverter
    catalogues.compile_missing(PACKAGE / "translations")
    db.init_app(app)
    Migrate(app, db.db, directory=str(PACKAGE / "migrations"), render_as_batch=True)
    i18n.init_app(app)
    outbox.init_app(app)
    assets.init_app(app)
    health.init_app(app)
    metrics.init_app(app)
    logs.init_app(app)
    app.url_value_preprocessor(_take_lang_and_event)
    app.url_defaults(_fill_lang_and_event)
    session.init_app(app)
    files.init_app(app)
    security.init_app(app)
    access.init_app(app, permissions.TABLE, wiring.roles_here, wiring.derived_here)
    wiring.connect(app)
    app.context_processor(_page_context)
    for blueprint in EVENT_PAGES:
        app.register_blueprint(blueprint, url_prefix="/<any(ar,fr,en):lang>/<slug:event>")
    for blueprint in OTHER_PAGES:
        app.register_blueprint(blueprint)
    return app


def _asset(name: str) -> str:
    """templates/ and static/: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / name
    return str(inside if inside.is_dir() else PACKAGE.parent / name)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key or "testing",
        SQLALCHEMY_DATABASE_URI=settings.url,
        # an error's words must not hold what somebody typed: they go into the log
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True}
        | ({} if settings.is_embedded else {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": True}),
        INSTANCE=str(settings.instance.resolve()),
        BASE_URL=settings.base_url,
        TRUSTED_HOSTS=settings.trusted_hosts,
        TESTING=settings.testing,
        LEVEL_ANSWERS=not settings.testing,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_tls,
        MAIL_USE_SSL=settings.mail_ssl,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        MAIL_SUPPRESS_SEND=False,
        MAIL_DOMAIN=settings.mail_sender.rpartition("@")[2].rstrip(">") or "localhost",
        PASSWORD_TIME_COST=settings.password_time_cost,
        PASSWORD_MEMORY_KIB=settings.password_memory_kib,
    )
    app.extensions["eventreg.settings"] = settings
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]


def _take_lang_and_event(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views take neither: the language is in force, the meeting is g.event (404 when there is none)."""
    g.event, g.call = None, None
    if not values:
        return
    if "lang" in values:
        g.lang = values.pop("lang")
    if "event" in values:
        g.event, g.call = proposals_queries.event_with_call(values.pop("event")) or abort(404)


def _fill_lang_and_event(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = i18n.page_lang()
    if "event" not in values and g.get("event") is not None and current_app.url_map.is_endpoint_expecting(endpoint, "event"):
        values["event"] = g.event.slug


def _page_context() -> dict[str, Any]:
    lang = i18n.page_lang()
    return {
        "lang": lang,
        "dir": i18n.direction(lang),
        "event": g.get("event"),
        "viewer": g.get("viewer"),
        "languages": i18n.languages_for(_same_page_in),
        "nav": wiring.navigation(),
        "allows": access.allows,
        "now": clock.now(),
    }


def _same_page_in(lang: str) -> str:
    """The address of this very page in another language; the home page where there is no such page."""
    if not has_request_context() or request.endpoint is None:
        return url_for("transparency_root.events", lang=lang)
    values = {**(request.view_args or {}), "lang": lang}
    try:
        address = url_for(request.endpoint, **values)
    except BuildError:  # an address without a language: any page is better than none
        return url_for("transparency_root.events", lang=lang)
    # not handed to url_for, which would take "?endpoint=" or "?_scheme=" for itself
    asked = {key: value for key, value in request.args.items() if key not in values} if request.method == "GET" else {}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}" if asked else address
