"""Commands: parse, call one function, print. No analysis lives here."""

import gc
import re
import sys
import warnings
from typing import NoReturn

from reporter.cli import stop
from reporter.cli.app import app
from reporter.errors import NO_ROOM, ReporterError

# Importing the commands registers them, in the order in which help lists them.
# fmt: off
from reporter.cli import generate, compare, customer, ask, chat, mcp, inspect, sample, index, programs, templates, settings, doctor  # noqa: F401  isort: skip
# fmt: on

__all__ = ["app", "main"]

_GARBAGE = (100_000, 20, 100)
"""How many new objects there are before garbage is looked for, and how seldom among the old ones.

A command makes most of its objects once and keeps them; looking through all of them again and again was a tenth of its time.
"""

_INTERRUPTED = 130
"""What Typer makes of a signal to stop."""


def main() -> None:
    """Run a command; what goes wrong becomes one sentence on stderr and the exit status of the contract."""
    stopped = stop.watch()
    gc.set_threshold(*_GARBAGE)
    # Where shared memory may not be used, joblib says so; nothing here runs in processes of its own.
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode")
    try:
        app(standalone_mode=True)
    except SystemExit as ended:
        # Typer says nothing of it.
        if ended.code == _INTERRUPTED:
            _end(stopped)
        raise
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        # Whatever broke off the work says something of its own for it, the engine too.
        if stopped:
            _end(stopped)
        if isinstance(error, ReporterError):
            _say(str(error))
            sys.exit(error.exit_status)
        if any(arg == "--verbose" or re.fullmatch(r"-[a-z]*v[a-z]*", arg) for arg in sys.argv):
            raise
        # Python's own words for it; the engine and the PDF's process ask for such a folder in several places.
        if isinstance(error, FileNotFoundError) and "usable temporary directory" in str(error):
            _say("no temporary folder can be written; name one that can with TMPDIR.")
            sys.exit(2)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            where = f"{error.filename}: " if error.filename else ""
            _say(f"{where}there is no room on the disk ({error.strerror}); free some space and run again.")
            sys.exit(2)
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        _say(f"this is a bug of ours ({said}); run again with -v and report what it prints.")
        sys.exit(70)


def _end(stopped: list[int]) -> NoReturn:
    _say(stop.sentence())
    sys.exit(stop.status(stopped))


def _say(sentence: str) -> None:
    sys.stderr.write(f"reporter: {sentence}\n")
