"""The application, and what its commands share."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="reporter",
    help="From smart-meter readings to a demand-response program: load-shape segments, targets and a report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FIRST = "Start here"
MORE = "More"

READINGS, OUTPUT, TIME, WHO, ANALYSIS, PROGRAM, RUNNING = (
    "Readings",
    "Output",
    "Time",
    "Who",
    "Analysis",
    "Program",
    "Running",
)

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file (default: reporter.toml).", rich_help_panel=RUNNING),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", rich_help_panel=RUNNING)
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show a traceback for a bug of ours.", rich_help_panel=RUNNING)
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on stdout.", rich_help_panel=OUTPUT)
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace a folder that reporter wrote.", rich_help_panel=OUTPUT)
]


def progress(quiet: bool) -> Callable[[str], None]:
    """A function that tells progress on stderr."""
    if quiet:
        return lambda _: None

    def tell(message: str) -> None:
        sys.stderr.write(f"{message} …\n")
        sys.stderr.flush()

    return tell
