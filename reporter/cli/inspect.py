"""``inspect``: the data audit alone."""

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reporter.cli.app import (
    MORE,
    OUTPUT,
    AuditMode,
    ChannelColumn,
    Channels,
    Config,
    CustomerColumn,
    DateOrder,
    Decimal,
    Encoding,
    End,
    EngineOption,
    Json,
    Quiet,
    SourceTimezone,
    Stamps,
    Start,
    TimestampColumn,
    Timezone,
    UnitOption,
    ValueColumn,
    Verbose,
    app,
    form_flags,
    readings_flags,
)
from reporter.cli.progress import announce, progress

if TYPE_CHECKING:
    from reporter.pipeline import Inspection


@app.command(rich_help_panel=MORE)
def inspect(
    readings: Annotated[
        list[Path],
        typer.Argument(
            help="Files or folders of interval readings, or tables of --engine.", show_default=False
        ),
    ],
    customer_column: CustomerColumn = None,
    timestamp_column: TimestampColumn = None,
    value_column: ValueColumn = None,
    unit: UnitOption = None,
    channel_column: ChannelColumn = None,
    channels: Channels = None,
    date_order: DateOrder = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    timezone: Timezone = None,
    source_timezone: SourceTimezone = None,
    stamps: Stamps = None,
    start: Start = None,
    end: End = None,
    engine: EngineOption = None,
    mode: AuditMode = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the audit as a page with pictures.", rich_help_panel=OUTPUT)
    ] = None,
    affected: Annotated[
        Path | None,
        typer.Option(
            help="Write the customers that checks found (.csv or .parquet).", rich_help_panel=OUTPUT
        ),
    ] = None,
    config: Config = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Audit readings: who can be used, who can't, and what is wrong. Writes nothing unless asked to.

    Example: `reporter inspect readings/ --html audit.html`
    """
    from reporter.pipeline import inspect as audit
    from reporter.pipeline import write_affected, write_inspection
    from reporter.settings import resolve

    flags = form_flags(channel_column, channels, date_order, decimal, encoding) | readings_flags(
        customer_column, timestamp_column, value_column, unit, timezone, source_timezone, stamps, start, end
    )
    settings = resolve(flags | {"audit.mode": mode, "running.engine": engine}, config).settings
    tell = announce(quiet)
    result = audit(readings, settings, progress(quiet))
    show(result, as_json=as_json)
    if html is not None:
        tell(f"Writing {html}")
        write_inspection(result, html, settings)
    if affected is not None:
        tell(f"Writing {affected}")
        write_affected(result, affected)


def show(result: "Inspection", *, as_json: bool) -> None:
    """Print an audit: the quality object as JSON, or the same in words."""
    quality, period = result.quality, result.period
    if as_json:
        content = quality.model_dump(mode="json")
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        return
    clock = period.timezone + (
        "" if period.source_timezone == period.timezone else f", stamps in {period.source_timezone}"
    )
    lengths = ", ".join(f"{row.minutes} min ({row.customers:,})" for row in quality.interval_counts)
    gap = quality.longest_gap_hours or 0
    groups: dict[str, list[tuple[str, str]]] = {
        "Data": [
            ("Period", f"{period.start} to {period.end}, {period.days} days ({clock})"),
            ("Customers", f"{quality.customers_read:,} read, {quality.customers_used:,} can be used"),
            ("Readings", f"{quality.readings_read:,} read, {quality.readings_used:,} used"),
            ("Intervals", f"{lengths or '?'}: length (customers)"),
            ("Energy", f"{quality.energy_kwh:,.0f} kWh taken from the grid, {quality.export_kwh:,.0f} kWh sent to it"),
            ("Coverage", f"{quality.coverage:.1%} of the intervals of the days that there are; longest gap {gap:,.1f} h"),
        ],
        "Left out": [(f"{row.customers:,}", f"{row.description} ({row.reason})") for row in quality.excluded],
        "Not used, or changed": [(f"{row.readings:,}", f"{row.description} ({row.name})") for row in quality.repairs],
        "Checks": [
            (row.severity, f"{row.description} ({row.name})") for row in quality.checks if row.customers
        ],
        "What a reader must know": [
            (finding.severity, f"{finding.description} ({finding.name})") for finding in quality.findings
        ],
    }  # fmt: skip
    clear = [row.name for row in quality.checks if not row.customers]
    if clear:
        groups["Checks"].append(("nothing", f"in {len(clear)} checks: {', '.join(clear)}"))
    width = min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
    lines: list[str] = []
    for title, rows in groups.items():
        if rows:
            lines += ["", title] if lines else [title]
            for first, text in rows:
                lines += textwrap.wrap(
                    text, width, initial_indent=f"  {first:>10}  ", subsequent_indent=" " * 14, break_long_words=False, break_on_hyphens=False
                )  # fmt: skip
    sys.stdout.write("\n".join(lines) + "\n")
