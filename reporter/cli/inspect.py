"""``inspect``: the data audit alone."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from reporter.cli.app import (
    MORE,
    ChannelColumn,
    Channels,
    Config,
    CustomerColumn,
    DateOrder,
    Decimal,
    Encoding,
    End,
    Json,
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


@app.command(rich_help_panel=MORE)
def inspect(
    readings: Annotated[
        list[Path], typer.Argument(help="Files or folders of interval readings.", show_default=False)
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
    config: Config = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Audit readings: who can be used, who can't, and why. Writes nothing.

    Example: `reporter inspect readings/ --json`
    """
    from reporter.pipeline import inspect as audit
    from reporter.settings import resolve

    flags = form_flags(channel_column, channels, date_order, decimal, encoding) | readings_flags(
        customer_column, timestamp_column, value_column, unit, timezone, source_timezone, stamps, start, end
    )
    show(audit(readings, resolve(flags, config).settings), as_json=as_json)


def show(result: dict[str, Any], *, as_json: bool) -> None:
    """Print an audit: the quality object as JSON, or the same in words."""
    quality, period = result["quality"], result["period"]
    if as_json:
        sys.stdout.write(json.dumps(quality, ensure_ascii=False, indent=1, default=str) + "\n")
        return
    lines = [
        f"Period     {period['start']} to {period['end']} ({period['days']} days, {period['timezone']} time)",
        f"Customers  {quality['customers_read']:,} read, {quality['customers_used']:,} can be used",
        f"Readings   {quality['readings_read']:,}, every {' or '.join(map(str, quality['interval_minutes'])) or '?'} minutes",
        f"Energy     {quality['energy_kwh']:,.0f} kWh taken from the grid, {quality['export_kwh']:,.0f} kWh sent to it",
        f"Coverage   {quality['coverage']:.1%} of the intervals of the days that there are",
    ]
    lines += [
        f"Left out   {row['customers']:,}: {row['description']} ({row['reason']})"
        for row in quality["excluded"]
    ]
    lines += [
        f"{finding['severity'].capitalize():10} {finding['description']} ({finding['name']})"
        for finding in quality["findings"]
    ]
    sys.stdout.write("\n".join(lines) + "\n")
