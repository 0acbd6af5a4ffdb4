"""Commands: parse, call one function, print. No analysis lives here."""

import re
import sys

from reporter.cli.app import app
from reporter.errors import ReporterError

# Importing the commands registers them, in the order in which help lists them.
from reporter.cli import generate, compare, inspect, sample, settings, doctor  # noqa: F401  isort: skip

__all__ = ["app", "main"]


def main() -> None:
    """Run a command; what goes wrong becomes one sentence on stderr and the exit status of the contract."""
    try:
        app(standalone_mode=True)
    except ReporterError as error:
        sys.stderr.write(f"reporter: {error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.stderr.write("reporter: stopped; nothing was written.\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if any(arg == "--verbose" or re.fullmatch(r"-[a-z]*v[a-z]*", arg) for arg in sys.argv):
            raise
        # Python's own words for it; the engine and the PDF's process ask for such a folder in several places.
        if isinstance(error, FileNotFoundError) and "usable temporary directory" in str(error):
            sys.stderr.write("reporter: no temporary folder can be written; name one that can with TMPDIR.\n")
            sys.exit(2)
        kind = type(error).__name__
        sys.stderr.write(
            f"reporter: this is a bug of ours ({kind}: {error}); run again with -v and report what it prints.\n"
        )
        sys.exit(70)
