"""How does a command end that could not do its work? With one line on stderr and status 2; nothing here is slow to import."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


class Stop(Exception):
    """The command could not do its work; the message is the one line that the operator reads."""


def status_of(work: Callable[[], int]) -> int:
    """Do it, and answer for what may happen to any command."""
    try:
        return int(work())
    except BrokenPipeError:  # `eventreg check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return could_not("Stopped.")
    except Stop as error:
        return could_not(str(error))
    except OSError as error:
        return could_not(f"{error.filename or 'A file'}: {error.strerror or error}")


def could_not(words: str) -> int:
    """Say why."""
    print(words, file=sys.stderr)
    return 2
