"""Commands: parse, call one function, print. No analysis lives here."""

import re
import signal
import sys
import warnings
from types import FrameType

from reporter.cli.app import app
from reporter.errors import ReporterError

# Importing the commands registers them, in the order in which help lists them.
# fmt: off
from reporter.cli import generate, compare, customer, ask, chat, mcp, inspect, sample, index, programs, templates, settings, doctor  # noqa: F401  isort: skip
# fmt: on

__all__ = ["app", "main"]

_INTERRUPTED = 130


def main() -> None:
    """Run a command; what goes wrong becomes one sentence on stderr and the exit status of the contract."""
    interrupted = _watch_ctrl_c()
    # Where shared memory may not be used, joblib says so; nothing here runs in processes of its own.
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode")
    try:
        app(standalone_mode=True)
    except SystemExit as stop:
        # Typer turns Ctrl-C into this status, and says nothing.
        if stop.code == _INTERRUPTED:
            _say("stopped; nothing was written.")
        raise
    except ReporterError as error:
        _say(str(error))
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if interrupted:
            # The engine has an error of its own for Ctrl-C.
            _say("stopped; nothing was written.")
            sys.exit(_INTERRUPTED)
        if any(arg == "--verbose" or re.fullmatch(r"-[a-z]*v[a-z]*", arg) for arg in sys.argv):
            raise
        # Python's own words for it; the engine and the PDF's process ask for such a folder in several places.
        if isinstance(error, FileNotFoundError) and "usable temporary directory" in str(error):
            _say("no temporary folder can be written; name one that can with TMPDIR.")
            sys.exit(2)
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        _say(f"this is a bug of ours ({said}); run again with -v and report what it prints.")
        sys.exit(70)


def _watch_ctrl_c() -> list[int]:
    """A list that is empty until Ctrl-C comes."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    # In the background of a shell it is ignored, and stays so.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, note)
    return came


def _say(sentence: str) -> None:
    sys.stderr.write(f"reporter: {sentence}\n")
