"""Where does a setting come from? Environment variables EVENTREG_*, then instance/eventreg.toml, then a default that works."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PACKAGE = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting is unknown or unusable; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Settings:
    """What an installation can set; each field is EVENTREG_<NAME> in the environment and `name` in eventreg.toml.

    `clock_offset` is in seconds and moves the product's clock (the demo's "as if it were"); 0 is real time.
    """

    instance: Path = Path("instance")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    hosts: str = ""  # further host names this installation answers to, separated by commas
    proxies: int = 0  # how many reverse proxies stand in front; 0 = X-Forwarded-* is not believed
    mail_server: str = ""  # empty: mails are written to instance/outbox as .eml files
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = ""
    mail_tls: bool = False
    mail_ssl: bool = False
    mail_sender: str = "noreply@example.org"
    metrics_token: str = ""  # /metrics answers who sends it as a bearer token; empty: there is no such page
    clock_offset: float = 0.0
    password_time_cost: int = 3  # argon2's defaults (64 MiB); tests lower both
    password_memory_kib: int = 65536
    testing: bool = False

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database; SQLite in the instance folder by default."""
        if not self.database_url:
            return f"sqlite:///{self.instance.resolve() / 'eventreg.sqlite'}"
        if self.database_url.startswith("postgres://"):
            return "postgresql+psycopg://" + self.database_url.removeprefix("postgres://")
        if self.database_url.startswith("postgresql://"):
            return "postgresql+psycopg://" + self.database_url.removeprefix("postgresql://")
        return self.database_url

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a SQLite file on this machine."""
        return self.url.startswith("sqlite")

    @property
    def trusted_hosts(self) -> list[str]:
        """Host names that a request may carry; everything else is answered with 400."""
        own = urlsplit(self.base_url).hostname or "localhost"
        local = ["localhost", "127.0.0.1", "[::1]"] if own in {"localhost", "127.0.0.1", "::1"} else []
        return [own, *local, *(h.strip() for h in self.hosts.split(",") if h.strip())]


def load(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Read the settings of this installation; `given` values win over everything.

    Raises ConfigError naming the variable when one is unknown or has the wrong form. Makes the instance folder and,
    once, the secret key kept in it.
    """
    instance = Path(given.get("instance") or environ.get("EVENTREG_INSTANCE") or _default_instance())
    instance.mkdir(parents=True, exist_ok=True, mode=0o750)
    values: dict[str, Any] = {"instance": instance}
    values |= _from_file(instance / "eventreg.toml")
    values |= _from_environment(environ)
    values |= given
    values["instance"] = instance
    if not values.get("secret_key"):
        values["secret_key"] = _kept_key(instance / "secret.key")
    settings = Settings(**values)
    _refuse_unknown_database(settings.url)
    return settings


def _refuse_unknown_database(url: str) -> None:
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError:
        name = ""
    if name not in {"sqlite", "postgresql"}:
        raise ConfigError("EVENTREG_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _default_instance() -> Path:
    """./instance of a checkout; for an installed package the working directory's."""
    checkout = PACKAGE.parent
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "instance"


_SAID = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "yes or no"}
_KINDS: dict[str, Any] = {f.name: f.type for f in fields(Settings)}
_NOT_SETTINGS = {"EVENTREG_INSTANCE", "EVENTREG_CHROMIUM", "EVENTREG_TEST_PG", "EVENTREG_FAULTS"}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith("EVENTREG_") or variable in _NOT_SETTINGS or variable.startswith("EVENTREG_TEST"):
            continue
        found[variable.removeprefix("EVENTREG_").lower()] = text
    return {name: _parsed(name, text, f"EVENTREG_{name.upper()}") for name, text in found.items()}


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error
    return {name: _parsed(name, value, f"{path}: {name}") for name, value in data.items()}


def _parsed(name: str, value: Any, where: str) -> Any:
    kind = _KINDS.get(name)
    if kind is None or name == "instance":
        raise ConfigError(f"{where} is not a setting of eventreg; known are: {', '.join(sorted(_KINDS))}")
    try:
        if kind == "bool":
            text = str(value).strip().lower()
            if text not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
                raise ValueError(text)
            return text in {"1", "true", "yes", "on"}
        return {"int": int, "float": float, "str": str}[str(kind)](value)
    except ValueError as error:
        raise ConfigError(f"{where} must be {_SAID[str(kind)]}, not {value!r}") from error


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), "ascii")
    return path.read_text("ascii").strip()
