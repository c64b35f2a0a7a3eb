"""Where the command line begins: is there work for the whole product, or only for one of its algorithms?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

# One thread for linear algebra, said before numpy is imported: matrices here are small, and on a machine that does other work its
# threads wait for each other longer than they compute. Processes that are started from here inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> NoReturn:
    """What the console script and `python -m eventreg` run."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status. Expected errors become one line on stderr."""
    if list(arguments[:1]) == ["solve"]:
        from eventreg.cli.solve import command  # needs neither pages nor tables: what is imported below takes a second

        return command.run_alone(arguments)
    from eventreg.cli import commands  # slow: the whole product

    return commands.run(arguments)
