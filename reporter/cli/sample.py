"""``sample``: synthetic readings with known truth."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, OUTPUT, Verbose, app


@app.command(rich_help_panel=MORE)
def sample(
    customers: Annotated[int, typer.Option(min=1, help="Number of customers.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write: .parquet, .csv or .csv.gz.", rich_help_panel=OUTPUT),
    ],
    days: Annotated[int, typer.Option(min=1, help="Number of days.")] = 92,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")] = datetime(2026, 7, 1),
    interval_minutes: Annotated[int, typer.Option(help="Length of an interval: 60, 30 or 15.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Seed: the same gives the same bytes.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there.", rich_help_panel=OUTPUT)
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Write synthetic readings; what is true of them goes to a file of its own.

    Example: `reporter sample --customers 2000 --days 92 --out readings.parquet`
    """
    from reporter.sample import write_sample

    files = write_sample(
        out, customers, days, start.date(), seed, interval_minutes=interval_minutes, overwrite=force
    )
    for path in files.all():
        sys.stdout.write(f"{path}\n")
