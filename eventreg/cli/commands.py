"""`eventreg COMMAND …`: which commands are there? Results on stdout, progress on stderr, three exit statuses."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from eventreg.cli import backup, check, database, files, first, importing, opening, roles, serve
from eventreg.cli.demo import command as demo
from eventreg.cli.ending import could_not, status_of
from eventreg.cli.solve import command as solve
from eventreg.core import refusals
from eventreg.core.config import ConfigError
from eventreg.core.i18n import in_language
from eventreg.core.refusals import Refused
from eventreg.core.turnstile import Busy

COMMANDS = (demo, first, roles, serve, check, backup, files, importing, database, solve)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status. Expected errors become one line on stderr."""
    given = parser().parse_args(arguments)
    try:
        return status_of(lambda: given.run(given))
    except ConfigError as error:
        return could_not(str(error))
    except Refused as error:
        return could_not(_words(error))
    except Busy:
        return could_not("The database is busy: another program holds it. Try again in a moment.")
    except DBAPIError as error:
        return could_not(f"The database refused: {str(error.orig).splitlines()[0]}")


def parser() -> argparse.ArgumentParser:
    """All commands with their options and help."""
    top = argparse.ArgumentParser(prog="eventreg", description="Registration, badges and the door of a public meeting.")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(subparsers)
    return top


def _words(error: Refused) -> str:
    """The refusal as its page would say it."""
    with opening.open_app().app_context(), in_language("en"):
        return refusals.say(error.refusal)
