"""The application, and what its commands share."""

import importlib.metadata
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

_WORDS = {"Value error, ": "", "does not match the formats '%Y-%m-%d'": "is no date; write it as 2026-07-01"}
"""Words of the parser → a user's."""


class _Plain(TyperGroup):
    """Commands whose errors about a flag are in plain words."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            for theirs, ours in _WORDS.items():
                error.message = error.message.replace(theirs, ours)
            raise


app = typer.Typer(
    cls=_Plain,
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

CustomerColumn = Annotated[
    str | None, typer.Option(help="Column with the customer id.", rich_help_panel=READINGS)
]
TimestampColumn = Annotated[str | None, typer.Option(help="Column with the time.", rich_help_panel=READINGS)]
ValueColumn = Annotated[
    str | None, typer.Option(help="Column with the energy or power.", rich_help_panel=READINGS)
]
UnitOption = Annotated[
    Literal["kwh", "wh", "kw", "mwh", "w"] | None,
    typer.Option(help="Unit of the value.", rich_help_panel=READINGS),
]
ChannelColumn = Annotated[
    str | None, typer.Option(help="Column that tells import from export.", rich_help_panel=READINGS)
]
Channels = Annotated[
    Literal["net", "import"] | None,
    typer.Option(
        help="Load where import and export are apart: the difference, or import.", rich_help_panel=READINGS
    ),
]
DateOrder = Annotated[
    Literal["dmy", "mdy"] | None,
    typer.Option(help="Day or month first in dates of numbers.", rich_help_panel=READINGS),
]
Decimal = Annotated[
    str | None, typer.Option(help="Decimal sign of numbers, a point or a comma.", rich_help_panel=READINGS)
]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of text files, such as latin-1.", rich_help_panel=READINGS)
]
Timezone = Annotated[
    str | None,
    typer.Option(help="Zone that the report speaks, such as Europe/London.", rich_help_panel=TIME),
]
SourceTimezone = Annotated[
    str | None,
    typer.Option(help="Clock of the stamps: a zone or an offset such as +00:00.", rich_help_panel=TIME),
]
Stamps = Annotated[
    Literal["start", "end"] | None,
    typer.Option(help="Whether a stamp is the start or end of its interval.", rich_help_panel=TIME),
]
Start = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="First local day to use.", rich_help_panel=TIME),
]
End = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last local day to use.", rich_help_panel=TIME),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="duckdb|spark|URL",
        help="Where the readings are: here, in Spark, or in a warehouse; READINGS then name tables of it.",
        rich_help_panel=RUNNING,
    ),
]
AuditMode = Annotated[
    Literal["fast", "full"] | None,
    typer.Option(
        "--audit",
        help="Look at readings in their order for a sample of the customers, or for all.",
        rich_help_panel=RUNNING,
    ),
]
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
Against = Annotated[
    Path | None,
    typer.Option(
        help="Folder that `reporter compare` wrote, of this run and earlier ones: what changed is answered from it."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on stdout.", rich_help_panel=OUTPUT)
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace a folder that reporter wrote.", rich_help_panel=OUTPUT)
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reporter {importlib.metadata.version('reporter')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def form_flags(
    channel_column: str | None,
    channels: str | None,
    date_order: str | None,
    decimal: str | None,
    encoding: str | None,
) -> dict[str, Any]:
    """Flags that say how readings are written, by the name of their setting."""
    return {
        "readings.channel_column": channel_column,
        "readings.channels": channels,
        "readings.date_order": date_order,
        "readings.decimal": decimal,
        "readings.encoding": encoding,
    }


def readings_flags(
    customer_column: str | None,
    timestamp_column: str | None,
    value_column: str | None,
    unit: str | None,
    timezone: str | None,
    source_timezone: str | None,
    stamps: str | None,
    start: datetime | None,
    end: datetime | None,
) -> dict[str, Any]:
    """Flags that say how readings are read, by the name of their setting."""
    return {
        "readings.customer_column": customer_column,
        "readings.timestamp_column": timestamp_column,
        "readings.value_column": value_column,
        "readings.unit": unit,
        "readings.timezone": timezone,
        "readings.source_timezone": source_timezone,
        "readings.stamps": stamps,
        "readings.start": start.date() if start else None,
        "readings.end": end.date() if end else None,
    }
