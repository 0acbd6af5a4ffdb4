"""Green Button (ESPI XML): usage points are customers, interval readings are theirs by the links of the feed.

Import is what flows forward (flow direction 1) or has no direction, export what flows back (19), net (4) is as it stands. Of several
meter readings of one usage point and direction, those of energy come before those of power, and then those of the shortest interval;
what is left of equal rank are registers, and is added.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import FILENAME
from reporter.readings.engine import LocalEngine
from reporter.readings.formats import channels, quality, stamps
from reporter.readings.formats.base import Read
from reporter.readings.formats.dst_rules import zone_of
from reporter.readings.formats.espi import Entry, Feed, ReadingsFile, read_feed
from reporter.readings.functions import microseconds
from reporter.settings import ReadingsSettings
from reporter.words import counted, was

NAME = "Green Button (.xml)"

_SERVICES = {"1": "gas", "2": "water", "4": "heat", "5": "refuse", "6": "sewerage"}
_UNITS = {"72": "energy", "38": "power"}
_DIALS = {"2", "3"}
"""Accumulation behaviours of a dial that counts up."""
_BACK, _NET = "19", "4"
_QUALITIES = {
    0: "valid", 7: "edited", 8: "estimated by a day", 9: "estimated by interpolation", 10: "questionable", 11: "derived",
    12: "projected", 13: "mixed", 14: "raw", 15: "normalised for weather", 16: "other", 17: "validated", 18: "verified",
    19: "revenue quality",
}  # fmt: skip
_ESTIMATED = (7, 8, 9, 12)
_LONGEST = 3600


def matches(path: Path) -> bool:
    """Whether the file's name is that of an XML file."""
    return path.name.lower().endswith((".xml", ".xml.gz"))


def holds(start: bytes) -> bool:
    """Whether the first bytes of a file are those of XML."""
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return re.match(rb"<(\?xml|!--|!DOCTYPE|([a-z]+:)?[A-Za-z]+[ >/])", text) is not None


@dataclass(frozen=True)
class _Meter:
    """A meter reading: whose it is, and what its values are."""

    customer: str
    unit: str
    flow: str
    power_of_ten: int
    interval: int
    """As its reading type says [s], 0 where it doesn't."""


@dataclass
class _Notes:
    """Meter readings that are not used, by reason."""

    services: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    dials: int = 0
    untyped: int = 0

    def refusal(self) -> str:
        """Why nothing at all can be used."""
        if self.services:
            return f"it holds readings of {' and '.join(sorted(self.services))}; reporter reads electricity only."
        if self.dials:
            return "it holds readings of a dial that counts up; download interval data, of energy in each interval."
        if self.untyped:
            return "no reading type says in which unit the readings are; download the file again."
        units = ", ".join(sorted(self.units))
        return (
            f"its readings are neither energy nor power (unit of measure {units}); reporter reads Wh and W."
        )

    def findings(self) -> list[Finding]:
        """What was ignored beside what was read."""
        what = [f"of {name}" for name in sorted(self.services)]
        what += ["in another unit than Wh or W"] * bool(self.units) + ["of a dial"] * bool(self.dials)
        what += ["without a reading type"] * bool(self.untyped)
        n = self.services.total() + self.units.total() + self.dials + self.untyped
        if not n:
            return []
        return [
            Finding(
                name="channels-ignored",
                severity="info",
                description=f"{counted(n, 'meter reading')} {was(n)} ignored: {', '.join(what)}.",
                data={"meter_readings": n},
            )
        ]


def read(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    """The files as one table of readings.

    Raises:
        DataError: a file is no feed of electricity, or its readings are longer than an hour.
    """
    rows = ReadingsFile(engine.folder / "espi.parquet")
    meters: list[_Meter] = []
    blocks: list[pd.DataFrame] = []
    notes = _Notes()
    clocks: list[Entry] = []
    first = 0
    for file in files:
        feed = read_feed(file, rows, first)
        if not feed.blocks:
            raise DataError(
                f"{file}: there are no interval readings in it; download interval data, in Green Button format."
            )
        place = _places(feed, _meters(feed, settings, notes), meters)
        of_block = pd.Series(feed.blocks).map(place)
        blocks.append(pd.DataFrame({"block": range(first, first + len(of_block)), "meter": of_block}))
        clocks += feed.of_kind("LocalTimeParameters")
        first += len(feed.blocks)
    rows.close()
    if not meters:
        raise DataError(f"{files[0]}: {notes.refusal()}")
    table = _joined(rows, pd.concat(blocks), meters, engine)
    chosen, findings = _chosen(table, meters, engine, files[0])
    table, netted, more = _signed(table, chosen, engine, settings)
    zone, said = _zone(clocks, table, engine, settings)
    customers = len({meter.customer for meter in meters})
    recognised = Finding(
        name="columns-recognised",
        severity="info",
        description=f"Read Green Button in {counted(len(files), 'file')}: {counted(customers, 'usage point')}, "
        f"{counted(len(meters), 'meter reading')} of electricity.",
        data={"shape": "green-button", "files": len(files)},
    )
    return Read(
        table=table,
        unit="kwh",
        aware=True,
        findings=[recognised, *said, *notes.findings(), *findings, *more],
        netted=netted,
        timezone=zone,
        stamps="start",
    )


def _meters(feed: Feed, settings: ReadingsSettings, notes: _Notes) -> dict[int, _Meter | None]:
    """Place of each meter reading in its feed → what it is, or None where it is not used; -1 stands for none at all."""
    points = feed.of_kind("UsagePoint")
    types = feed.of_kind("ReadingType")
    entries = feed.of_kind("MeterReading") or [Entry(kind="MeterReading", place=-1)]
    by_address = {address: point for point in points for address in (*point.related, point.own) if address}
    type_by_address = {entry.own: entry for entry in types if entry.own}
    names = _customers(feed, points, settings)
    result: dict[int, _Meter | None] = {}
    for entry, following in zip(entries, [*(e.place for e in entries[1:]), len(feed.entries)], strict=True):
        point = _above([entry.up, entry.own], by_address) or _last_before(points, entry.place)
        linked = [type_by_address[address] for address in entry.related if address in type_by_address]
        near = [kind for kind in types if entry.place < kind.place < following]
        kind = next(iter([*linked, *near, *(types if len(types) == 1 else [])]), None)
        customer = names[point.place] if point is not None else _stem(feed.file)
        service = point.fields.get("kind", "0") if point is not None else "0"
        result[entry.place] = _meter(customer, service, kind, notes)
    return result


def _meter(customer: str, service: str, kind: Entry | None, notes: _Notes) -> _Meter | None:
    if service in _SERVICES:
        notes.services[_SERVICES[service]] += 1
        return None
    if kind is None:
        notes.untyped += 1
        return None
    unit = kind.fields.get("uom", "")
    if unit not in _UNITS:
        notes.units[unit or "missing"] += 1
        return None
    if kind.fields.get("accumulationBehaviour") in _DIALS:
        notes.dials += 1
        return None
    return _Meter(
        customer=customer,
        unit=_UNITS[unit],
        flow=kind.fields.get("flowDirection", ""),
        power_of_ten=_whole(kind.fields.get("powerOfTenMultiplier", ""), -12, 12),
        interval=_whole(kind.fields.get("intervalLength", ""), 0, 10**9),
    )


def _customers(feed: Feed, points: list[Entry], settings: ReadingsSettings) -> dict[int, str]:
    """Place of a usage point → the id of its customer: its own, which the standard makes unique, or its title, address or file."""
    if settings.customer_column == FILENAME:
        return {point.place: _stem(feed.file) for point in points}
    if settings.customer_column == "title":
        return {point.place: point.title or point.identity for point in points}
    often = Counter(point.identity for point in points)
    return {
        point.place: (point.identity if often[point.identity] == 1 else "") or point.own or _stem(feed.file)
        for point in points
    }


def _places(feed: Feed, own: dict[int, _Meter | None], meters: list[_Meter]) -> dict[int, int]:
    """Place of a pointer of interval blocks → number of its meter in ``meters``, to which the feed's are added; -1 for none."""
    number = {}
    for place, meter in own.items():
        number[place] = len(meters) if meter is not None else -1
        if meter is not None:
            meters.append(meter)
    entries = feed.of_kind("MeterReading")
    by_address = {address: entry for entry in entries for address in (*entry.related, entry.own) if address}
    result = {}
    for (parent, up, last), pointer in feed.pointers.items():
        entry = _above([up, parent], by_address)
        result[pointer] = number[
            entry.place if entry is not None else (last if last in number else next(iter(number)))
        ]
    return result


def _above(addresses: Iterable[str], known: dict[str, Entry]) -> Entry | None:
    """What stands at an address or nearest above it."""
    for address in addresses:
        while address:
            if address in known:
                return known[address]
            address = address.rpartition("/")[0]
    return None


def _last_before(entries: list[Entry], place: int) -> Entry | None:
    before = [entry for entry in entries if entry.place < place]
    return before[-1] if before else next(iter(entries), None)


def _joined(rows: ReadingsFile, blocks: pd.DataFrame, meters: list[_Meter], engine: LocalEngine) -> Any:
    """All readings of electricity: meter, customer_id, stamp, seconds, value [kWh or kW], estimated."""
    frame = pd.DataFrame(
        {
            "meter": range(len(meters)),
            "customer_id": [meter.customer for meter in meters],
            "power": [meter.unit == "power" for meter in meters],
            "typical": [meter.interval for meter in meters],
            # Dividing by a power of ten rounds once: 0.001 itself is no number of the machine's.
            "divisor": [10.0 ** max(3 - meter.power_of_ten, 0) for meter in meters],
            "multiplier": [10.0 ** max(meter.power_of_ten - 3, 0) for meter in meters],
        }
    )
    used = blocks[blocks["meter"] >= 0].astype("int64")
    table = (
        engine.parquet([rows.path])
        .inner_join(engine.lookup(used), "block")
        .inner_join(engine.lookup(frame), "meter")
    )
    seconds = ibis.ifelse(table.duration > 0, table.duration, table.typical)
    value = ibis.ifelse(table.value.isnan(), None, table.value / table.divisor * table.multiplier)
    return table.select(
        "meter",
        "customer_id",
        "quality",
        stamp=stamps.dated(microseconds(table.start * 1_000_000)),
        seconds=seconds,
        value=ibis.ifelse(table.power, value * seconds / 3600, value),
        estimated=table.quality.isin(_ESTIMATED),
    )


def _chosen(
    table: Any, meters: list[_Meter], engine: LocalEngine, file: Path
) -> tuple[pd.DataFrame, list[Finding]]:
    """The meter readings that count (meter, sign, channel), and what was found of lengths and qualities."""
    lengths = engine.frame(table.group_by(["meter", "seconds"]).aggregate(n=lambda t: t.count()))
    usual = lengths.sort_values(["meter", "n", "seconds"], ascending=[True, False, True])
    found = usual.groupby("meter", as_index=False).agg(
        seconds=("seconds", "first"), most=("n", "first"), n=("n", "sum")
    )
    if found.empty:
        raise DataError(
            f"{file}: there are no interval readings in it; download interval data, in Green Button format."
        )
    found["customer"] = [meters[n].customer for n in found["meter"]]
    found["power"] = [meters[n].unit == "power" for n in found["meter"]]
    flows = [meters[n].flow for n in found["meter"]]
    found["net"] = [flow == _NET for flow in flows]
    found["sign"] = [-1 if flow == _BACK else 1 for flow in flows]
    apart = set(found.loc[~found["net"] & (found["sign"] > 0), "customer"])
    counts = found[~(found["net"] & found["customer"].isin(apart))]
    ranked = counts.sort_values(["customer", "sign", "power", "seconds", "meter"])
    best = ranked.groupby(["customer", "sign"])[["power", "seconds"]].transform("first")
    chosen = ranked[(ranked["power"] == best["power"]) & (ranked["seconds"] == best["seconds"])]
    if (chosen["seconds"] > _LONGEST).all():
        hours = chosen["seconds"].min() / 3600
        raise DataError(
            f"{file}: each reading is of {hours:.0f} hours; reporter needs intervals of 5 to 60 minutes, so download interval data."
        )
    if (chosen["power"] & (chosen["seconds"] <= 0)).any():
        raise DataError(f"{file}: readings of power lack a duration; download the file again.")
    findings = []
    left = len(found) - len(chosen)
    if left:
        findings.append(
            Finding(
                name="meter-readings-ignored",
                severity="info",
                description=f"{counted(left, 'meter reading')} {was(left)} not used, because the same usage points have finer ones.",
                data={"meter_readings": left},
            )
        )
    strange = int((chosen["n"] - chosen["most"]).sum())
    if strange:
        findings.append(
            Finding(
                name="interval-lengths",
                severity="info",
                description=f"{counted(strange, 'reading')} of another length than most of their meter's; each counts at its start.",
                data={"readings": strange},
            )
        )
    channel = chosen.groupby("customer").cumcount()
    return chosen[["meter", "sign"]].assign(channel=channel), findings + _qualities(table, chosen, engine)


def _qualities(table: Any, chosen: pd.DataFrame, engine: LocalEngine) -> list[Finding]:
    used = table.filter(table.meter.isin(list(chosen["meter"])) & (table.quality >= 0))
    found = engine.frame(used.group_by("quality").aggregate(n=lambda t: t.count()))
    if found.empty:
        return []
    counts = {
        _QUALITIES.get(int(q), str(int(q))): int(n) for q, n in zip(found["quality"], found["n"], strict=True)
    }
    return [quality.finding(counts, int(found.loc[found["quality"].isin(_ESTIMATED), "n"].sum()))]


def _signed(
    table: Any, chosen: pd.DataFrame, engine: LocalEngine, settings: ReadingsSettings
) -> tuple[Any, int, list[Finding]]:
    """Import and export of a usage point as one."""
    marked = table.drop("quality", "seconds").inner_join(engine.lookup(chosen.astype("int64")), "meter")
    if chosen["channel"].max() > 0 or (chosen["sign"] < 0).any():
        result, merged = channels.combined(marked.drop("meter"), engine, settings)
        return result, merged, [channels.said(settings)] if (chosen["sign"] < 0).any() else []
    return marked.select("customer_id", "stamp", "value", "estimated"), 0, []


def _zone(
    clocks: list[Entry], table: Any, engine: LocalEngine, settings: ReadingsSettings
) -> tuple[str | None, list[Finding]]:
    """The zone that local time parameters mean, where the settings name none."""
    last = engine.frame(table.aggregate(last=table.stamp.max()))["last"][0]
    if settings.timezone is not None or not clocks or pd.isna(last):
        return None, []
    zones = {zone_of(entry.fields, last.year) for entry in clocks}
    zone = next(iter(zones)) if len(zones) == 1 else None
    if zone is None:
        return None, []
    return zone, [
        Finding(
            name="timezone-from-file",
            severity="info",
            description=f"The local time parameters of the files are those of {zone}, which this report speaks; --timezone names another.",
            data={"timezone": zone},
        )
    ]


def _whole(text: str, low: int, high: int) -> int:
    """A whole number of a field, 0 where there is none that makes sense."""
    try:
        number = int(text)
    except ValueError:
        return 0
    return number if low <= number <= high else 0


def _stem(file: Path) -> str:
    return file.name.split(".")[0] or file.name
