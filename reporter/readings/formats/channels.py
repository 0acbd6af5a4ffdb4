"""Energy to and from the customer, given apart → one reading an interval: import less export.

The rule: load is import less export of the same customer and time, so that negative load is export. A channel without a reading
at a time counts as zero where another one has a reading. With ``channels = "import"`` export is left out.
"""

import re
from typing import Any

import ibis

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Columns
from reporter.readings.engine import Engine
from reporter.readings.functions import bits_set
from reporter.readings.vocabulary import FROM_CUSTOMER, NO_ENERGY, TO_CUSTOMER, plain, unit_of
from reporter.settings import ReadingsSettings
from reporter.words import counted, was

_MOST = 60
"""Channels of a table; more distinct cells than these are something else."""


def netted(
    table: Any, columns: Columns, engine: Engine, settings: ReadingsSettings, where: str
) -> tuple[Any, int, list[Finding]]:
    """The table with one row an interval, the rows that went into others, and what was done.

    Raises:
        DataError: it is not known which way a channel flows.
    """
    if columns.export is not None:
        return _columns(table, settings), 0, [_said(settings)]
    signs, names = _signs(table, columns, engine, settings, where)
    findings = []
    if 0 in signs.values():
        ignored = table.filter(table.channel.isin([name for name, sign in signs.items() if sign == 0]))
        n = int(engine.frame(ignored.aggregate(n=ignored.count()))["n"][0])
        findings.append(ignored_channels({name for name, sign in signs.items() if sign == 0}, n))
    if len([sign for sign in signs.values() if sign]) < 2 and -1 not in signs.values():
        return table if not findings else table.filter(table.channel.isin(names)), 0, findings
    marked = table.filter(table.channel.isin(names)).mutate(
        sign=table.channel.cases(*((name, sign) for name, sign in signs.items() if sign), else_=1),
        channel=table.channel.cases(*((name, place) for place, name in enumerate(names)), else_=0),
    )
    result, merged = combined(marked, engine, settings)
    return result, merged, [*findings, _said(settings)]


def combined(table: Any, engine: Engine, settings: ReadingsSettings) -> tuple[Any, int]:
    """Readings of all channels as one a customer and time: value is net, export is what flowed to the grid.

    Args:
        table: customer_id, stamp, value, channel (0 to 59), sign (1 to the customer, -1 from the customer), perhaps estimated.
        engine: groups them.
        settings: net, or import alone.

    Returns:
        The readings, and how many rows went into others.
    """
    if settings.channels == "import":
        table = table.filter(table.sign > 0)
    if "estimated" not in table.columns:
        table = table.mutate(estimated=ibis.literal(False))
    # An export channel may come as positive numbers or as negative ones.
    exported = ibis.ifelse(table.sign < 0, table.value.abs(), None)
    imported = ibis.ifelse(table.sign > 0, table.value, None)
    bit = ibis.literal(1).cast("int64") << table.channel.cast("int64")
    table = engine.store(table.mutate(imported=imported, exported=exported, bit=bit), "channels")
    keys = ["customer_id", "stamp"]
    seen = table.group_by(keys).aggregate(n=lambda t: t.count(), kinds=lambda t: bits_set(t.bit.bit_or()))
    rows = engine.frame(seen.aggregate(before=seen.n.sum(), twice=(seen.n > seen.kinds).any()))
    if bool(rows["twice"].fillna(False)[0]):
        # The second reading of a channel at a time belongs to the second of the others: both remain, to be settled later.
        window = ibis.window(group_by=[*keys, "channel"], order_by=["value"])
        table = table.mutate(turn=ibis.row_number().over(window))
        keys = [*keys, "turn"]
    groups = table.group_by(keys).aggregate(
        imported=lambda t: t.imported.sum(),
        exported=lambda t: t.exported.sum(),
        estimated=lambda t: t.estimated.any(),
    )
    result = engine.store(
        groups.select(
            "customer_id",
            "stamp",
            "estimated",
            value=ibis.ifelse(
                groups.imported.isnull() & groups.exported.isnull(),
                None,
                groups.imported.fill_null(0.0) - groups.exported.fill_null(0.0),
            ),
            export=groups.exported.fill_null(0.0),
        ),
        "netted",
    )
    after = int(engine.frame(result.aggregate(n=result.count()))["n"][0])
    return result, int(rows["before"].fillna(0)[0]) - after


def ignored_channels(names: set[str], readings: int) -> Finding:
    """Says which channels are no energy."""
    return Finding(
        name="channels-ignored",
        severity="info",
        description=f"{counted(readings, 'reading')} of {', '.join(sorted(names))} {was(readings)} ignored: they are no energy.",
        data={"readings": readings},
    )


def said(settings: ReadingsSettings) -> Finding:
    """Says what was made of import and export."""
    return _said(settings)


def _said(settings: ReadingsSettings) -> Finding:
    net = settings.channels == "net"
    return Finding(
        name="channels",
        severity="info",
        description="Import and export are given apart; "
        + (
            "load is import less export in each interval."
            if net
            else "export was left out, as the settings say."
        ),
        data={"channels": settings.channels},
    )


def _columns(table: Any, settings: ReadingsSettings) -> Any:
    if settings.channels == "import":
        return table.mutate(export=ibis.literal(0.0))
    export = table.export.abs().fill_null(0.0)
    missing = table.value.isnull() & table.export.isnull()
    return table.mutate(value=ibis.ifelse(missing, None, table.value.fill_null(0.0) - export), export=export)


def _signs(
    table: Any, columns: Columns, engine: Engine, settings: ReadingsSettings, where: str
) -> tuple[dict[str, int], list[str]]:
    """Cell → 1 to the customer, -1 from the customer, 0 no energy; and the channels of energy."""
    found = engine.frame(table.select("channel").distinct().order_by("channel").limit(_MOST + 1))["channel"]
    cells = [name for name in found if isinstance(name, str)]
    column = columns.called(columns.channel)
    if len(cells) > _MOST:
        raise DataError(
            f"{where}: column '{column}' holds more than {_MOST} different texts, so it is no channel; rename it, or name the one "
            "that is with --channel-column."
        )
    given = {name.lower(): 1 for name in settings.import_channels}
    given |= {name.lower(): -1 for name in settings.export_channels}
    known = {name: given.get(name, _sign(name)) for name in cells}
    strange = [name for name, sign in known.items() if sign is None]
    if strange and len(cells) > 1:
        raise DataError(
            f"{where}: which way '{strange[0][:40]}' in column '{column}' flows is not known; list it in import_channels or "
            "export_channels of the settings."
        )
    signs = {name: 1 if sign is None else sign for name, sign in known.items()}
    return signs, [name for name, sign in signs.items() if sign]


def _sign(name: str) -> int | None:
    """Which way a channel flows, by usual names, suffixes of NMIs, OBIS codes and flow directions of ESPI."""
    text = plain(name)
    if name in {"a+", "+a", "a-", "-a"}:
        return 1 if "+" in name else -1
    if text in NO_ENERGY or re.fullmatch(r"[qkv]\d", text):
        return 0
    if text in TO_CUSTOMER or re.fullmatch(r"e\d|1", text) or re.search(r"(^|:)1\.(8|29)\.", name):
        return 1
    if text in FROM_CUSTOMER or re.fullmatch(r"b\d|19", text) or re.search(r"(^|:)2\.(8|29)\.", name):
        return -1
    words = set(re.split(r"[^a-z0-9]+", name)) - {""}
    to, back = words & TO_CUSTOMER, words & FROM_CUSTOMER
    if unit_of(name) and not (to or back):
        return 1
    return None if bool(to) == bool(back) else (1 if to else -1)
