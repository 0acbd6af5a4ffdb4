"""What is wrong with the data, who is left out, and why.

Grouped passes over all readings answer every question here; nothing is decided per reading in Python.
"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd

from reporter.findings import Finding, Severity
from reporter.readings.bits import counted as counted_with_bits
from reporter.readings.calendar import Calendar
from reporter.readings.columns import Unit
from reporter.readings.compact import Compact
from reporter.readings.engine import Engine
from reporter.readings.grid import MICRO, Grid
from reporter.readings.grid_sums import in_period
from reporter.readings.lengths import Lengths
from reporter.readings.presence import Presence, look
from reporter.readings.sources import Source
from reporter.readings.zones import LOCAL
from reporter.settings import Settings
from reporter.words import counted, was

REASONS = {
    "no-valid-readings": "no reading with a number and a time in the period",
    "interval-too-long": "readings are more than an hour apart",
    "irregular-intervals": "readings are on no regular grid of 5 to 60 minutes",
    "too-few-days": "fewer days with readings than the setting asks for",
    "low-coverage": "too many readings are missing on the days that there are",
    "hours-missing": "some hours of the day never have a reading",
    "constant-readings": "every reading has the same value, so there is no shape",
    "almost-no-load": "next to no load: a vacant home or a dead meter",
    "not-chosen": "not among the customers that --where chooses",
}
"""Reasons for leaving a customer out, in the order in which they are looked for."""


@dataclass(frozen=True)
class Audit:
    """The audit of a set of readings.

    ``customers`` has one row a customer read, in order of ``customer_id``: ``readings``, ``valid``
    (readings that can be used), ``days``, ``minutes`` (interval length), ``coverage``, ``import_kwh``, ``export_kwh`` (of all that was read),
    ``peak_kw``, ``longest_gap_hours``, ``has_duplicates``, ``exclusion_reason`` (None where used).
    """

    customers: pd.DataFrame
    counts: pd.DataFrame
    """One row a customer, as in ``customers``: what the checks look at."""
    presence: Presence
    findings: list[Finding]
    readings_read: int
    interval_minutes: list[int]
    coverage: float
    unnamed: int = 0
    """Readings without a customer."""

    @property
    def used(self) -> pd.DataFrame:
        """The rows of the customers used."""
        return self.customers[self.customers["exclusion_reason"].isna()]

    def keeping(self, chosen: frozenset[str]) -> "Audit":
        """The same with everybody else left out."""
        reason = self.customers["exclusion_reason"]
        beside = reason.isna() & ~self.customers["customer_id"].isin(list(chosen))
        reasons = np.where(beside, "not-chosen", reason.to_numpy(dtype=object))
        customers = self.customers.assign(exclusion_reason=pd.Series(reasons, reason.index, dtype=object))
        used = customers[customers["exclusion_reason"].isna()]
        return replace(self, customers=customers, interval_minutes=sorted({int(m) for m in used["minutes"]}))

    @property
    def import_kwh(self) -> float:
        """Import of all that was read [kWh]."""
        return float(self.customers["import_kwh"].sum())

    @property
    def export_kwh(self) -> float:
        """Export of all that was read, as a positive number [kWh]."""
        return float(self.customers["export_kwh"].sum())


def audit(
    source: Source,
    readings: Compact,
    lengths: Lengths,
    calendar: Calendar,
    engine: Engine,
    settings: Settings,
) -> Audit:
    """Look at every reading, by customer.

    Args:
        source: the readings as they came.
        readings: the same as whole numbers.
        lengths: of their intervals.
        calendar: of their stamps.
        engine: runs the pass.
        settings: thresholds.
    """
    if readings.grid is not None:
        counts, presence = _counted(readings.grid, lengths, calendar, source.unit)
    else:
        table = located(readings, lengths, calendar, engine)
        counts, presence = _counts(table, readings, lengths, calendar, source.unit, engine)
    return _judge(counts, presence, readings, lengths, calendar, source, settings)


def located(readings: Compact, lengths: Lengths, calendar: Calendar, engine: Engine) -> Any:
    """Every reading with the place of its interval: one row a reading, those outside of the period left out.

    An Ibis table with the columns of ``Compact.table``, ``Calendar.places`` and ``Lengths.grid``, ``minutes`` (length of the
    interval), ``kept_minutes`` (of the parts that it is kept in) and ``per_hour`` (60 ÷ ``minutes``).
    """
    customers = lengths.customers
    changing = bool(customers["changing"].any())
    table = readings.table
    if changing or calendar.by_form:
        forms = pd.DataFrame({"code": np.arange(len(customers), dtype="int32"), "form": customers["form"]})
        table = table.inner_join(engine.lookup(forms), "code")
    if changing:
        grid = engine.lookup(lengths.grid[["stamp_slot", "length_day"]])
        by_day = engine.lookup(lengths.by_day.rename(columns={"form": "day_form"}))
        table = table.inner_join(grid, "stamp_slot").left_join(by_day, ["code", "length_day"])
        # Days without a length are left out here.
        table = table.mutate(form=ibis.ifelse(table.form < 0, table.day_form, table.form))
        table = table.filter(table.form.notnull()).select(*readings.table.columns, "form")
    length, kept = np.array(calendar.forms, dtype="int16").T
    places = calendar.places[calendar.places["part"] == 0].drop(columns="part")
    places = places.assign(minutes=length[places["form"]], kept_minutes=kept[places["form"]])
    places = places.merge(lengths.grid, on="stamp_slot")
    if calendar.by_form:
        return table.inner_join(engine.lookup(_per_hour(places)), ["stamp_slot", "form"])
    places = places.drop(columns="form")
    if len(lengths.forms) > 1:
        # Starts lie where they are, so that the length is the customer's alone.
        minutes = customers["minutes"].astype("int16")
        own = pd.DataFrame({"code": np.arange(len(customers), dtype="int32"), "minutes": minutes})
        own = _per_hour(own.assign(kept_minutes=minutes))
        table = table.inner_join(engine.lookup(own), "code")
        return table.inner_join(engine.lookup(places.drop(columns=["minutes", "kept_minutes"])), "stamp_slot")
    places["minutes"], places["kept_minutes"] = (np.int16(m) for m in lengths.forms[0])
    return table.inner_join(engine.lookup(_per_hour(places)), "stamp_slot")


def _per_hour(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(per_hour=60 // np.maximum(frame["minutes"].astype("int64"), 1))


def _counted(grid: Grid, lengths: Lengths, calendar: Calendar, unit: Unit) -> tuple[pd.DataFrame, Presence]:
    """``_counts`` on the array of readings."""
    minutes = lengths.customers["minutes"].to_numpy("int64")
    if len(lengths.forms) == 1:
        minutes = np.full_like(minutes, lengths.forms[0][0])
    counts, bits = in_period(grid, calendar, minutes, power=unit == "kw")
    presence = look(bits, lengths, calendar, grid.threads)
    counts["minutes_there"] = counts["valid"] * lengths.customers["minutes"]
    return counts.join(presence.customers), presence


def _counts(
    table: Any, readings: Compact, lengths: Lengths, calendar: Calendar, unit: Unit, engine: Engine
) -> tuple[pd.DataFrame, Presence]:
    """What there is of each customer in the period, one row a customer as in ``Compact.customers``."""
    load = table.micro if unit == "kw" else table.micro * table.per_hour
    # As energy: power times minutes, where values are power.
    energy = table.micro * table.minutes.cast("int64") if unit == "kw" else table.micro
    wanted = {
        "valid": table.micro.count(),
        "net": energy.sum().cast("int64"),
        "moved": energy.abs().sum().cast("int64"),
        "highest": load.max(),
        "lowest": load.min(),
        "zeros": (table.micro == 0).sum(),
        "estimated": table.estimated.sum(),
    }
    if (calendar.places["repeats"] > 1).any():
        wanted["doubled"] = (table.repeats > 1).sum()
    if lengths.customers["changing"].any():
        wanted["minutes_there"] = table.minutes.cast("int64").sum()
    customers = len(readings.customers)
    bits = np.zeros((customers, -(-len(readings.stamps) // 8)), dtype=np.uint8)
    frames = []
    for frame, packed in counted_with_bits(table, wanted, customers, len(readings.stamps), engine):
        bits[frame.index.to_numpy()] = packed
        frames.append(frame)
    counts = pd.concat(frames).reindex(range(customers)).fillna(0).astype("int64")
    presence = look(bits, lengths, calendar)
    if "doubled" not in counts:
        counts["doubled"] = 0
    if "minutes_there" not in counts:
        counts["minutes_there"] = counts["valid"] * lengths.customers["minutes"]
    return counts.join(presence.customers), presence


def _judge(
    counts: pd.DataFrame,
    presence: Presence,
    readings: Compact,
    lengths: Lengths,
    calendar: Calendar,
    source: Source,
    settings: Settings,
) -> Audit:
    came, own = readings.customers, lengths.customers
    # Power times minutes, where values are power: see ``Lengths``.
    # Whole numbers are divided once, so that the same energy is the same number whatever its unit was.
    divisor = MICRO if source.unit != "kw" else 60 * MICRO
    counts = counts.assign(
        period_net_kwh=counts["net"] / divisor,
        period_import_kwh=(counts["moved"] + counts["net"]) / (2 * divisor),
        **{name: came[name] for name in ("undated", "empty", "beyond")},
        dropped=own["dropped"],
        outside=own["valid"] - counts["valid"] - own["dropped"],
        split=np.where(own["changing"], counts["valid"], 0),
    )
    there: pd.Series[float] = counts["minutes_there"] * counts["stamps"] / np.maximum(counts["valid"], 1)
    coverage: pd.Series[float] = there / np.maximum(counts["days"] * 24 * 60, 1)
    export_kwh = own["export_weighted"] / divisor
    customers = pd.DataFrame(
        {
            "customer_id": came["customer_id"],
            "readings": came["readings"],
            "valid": counts["valid"],
            "days": counts["days"],
            "minutes": own["minutes"],
            "coverage": np.minimum(coverage, 1.0),
            "import_kwh": (own["net_weighted"] + own["export_weighted"]) / divisor,
            "export_kwh": export_kwh,
            "peak_kw": counts["highest"] / MICRO,
            "longest_gap_hours": counts["gap_hours"],
            "has_duplicates": counts["valid"] - counts["doubled"] > counts["once_stamps"],
        }
    )
    hours = counts["minutes_there"] / 60
    checks: dict[str, pd.Series[bool]] = {
        "no-valid-readings": counts["valid"] == 0,
        "interval-too-long": own["sparse"] & (counts["days"] > 2),
        "irregular-intervals": ~own["regular"],
        "too-few-days": counts["days"] < settings.audit.min_days,
        "low-coverage": coverage < settings.audit.min_coverage,
        "hours-missing": counts["hours"] < 24,
        "constant-readings": counts["highest"] == counts["lowest"],
        "almost-no-load": counts["moved"] / divisor < settings.audit.min_mean_kw * hours,
    }
    reason = np.select(list(checks.values()), list(checks), default="")
    customers["exclusion_reason"] = pd.Series(reason, index=customers.index).replace("", None)
    used = customers[customers["exclusion_reason"].isna()]
    weights = used["days"].to_numpy()
    return Audit(
        customers=customers,
        counts=counts,
        presence=presence,
        findings=_findings(readings, lengths, counts, calendar, source, customers, settings),
        readings_read=int(came["readings"].sum()) + readings.unnamed + source.netted,
        interval_minutes=sorted({int(m) for m in used["minutes"]}),
        coverage=float(np.average(used["coverage"], weights=weights)) if len(used) else 0.0,
        unnamed=readings.unnamed,
    )


def _findings(
    readings: Compact,
    lengths: Lengths,
    counts: pd.DataFrame,
    calendar: Calendar,
    source: Source,
    customers: pd.DataFrame,
    settings: Settings,
) -> list[Finding]:
    findings = []

    def add(name: str, severity: Severity, description: str, **data: Any) -> None:
        findings.append(Finding(name=name, severity=severity, description=description, data=data))

    def unused(name: str, severity: Severity, n: int, what: str, then: str = "not used") -> None:
        if n:
            add(name, severity, f"{counted(n, 'reading')} {what} {was(n)} {then}.", readings=n)

    came = readings.customers
    if source.aware and settings.readings.timezone is None:
        add(
            "timezone-assumed",
            "serious",
            "The times carry an offset from UTC but no time zone was given, so every hour in this report is UTC, not the customers' "
            "own: peaks and labels are at the wrong time of day unless they live by UTC. Give --timezone.",
        )
    if calendar.timezone == LOCAL:
        add(
            "timezone-assumed",
            "warning",
            "The times carry no time zone and none was given, so they were taken as local time without daylight saving; "
            "if the clocks changed in this period, hours after the change are an hour off. Give --timezone.",
        )
    unused("implausible-readings", "warning", int(came["beyond"].sum()), "beyond the physical limit")
    empty = int(came["empty"].sum())
    if empty:
        add(
            "empty-readings",
            "info",
            f"{counted(empty, 'reading')} {was(empty)} empty and counted as missing.",
            readings=empty,
        )
    unused("readings-without-customer", "warning", readings.unnamed, "without a customer id")
    unused("readings-without-time", "warning", int(came["undated"].sum()), "without a usable time")
    dropped, outside = int(counts["dropped"].sum()), int(counts["outside"].sum())
    unused("readings-outside-period", "info", outside, "outside the period")
    if source.ignored:
        names = ", ".join(sorted(path.name for path in source.ignored)[:3])
        n = len(source.ignored)
        add(
            "files-ignored",
            "info",
            f"{counted(n, 'file')} beside the readings {was(n)} no readings and {was(n)} ignored ({names}).",
            files=n,
        )
    exporters = int((customers["export_kwh"] > 0).sum())
    if exporters:
        add(
            "export",
            "info",
            f"{counted(exporters, 'customer')} sent energy to the grid; negative readings are export, and loads are net of it.",
            customers=exporters,
        )
    used = customers["exclusion_reason"].isna()
    minutes = sorted({int(m) for m in customers.loc[used, "minutes"]})
    if len(minutes) > 1:
        listed = ", ".join(str(m) for m in minutes)
        add(
            "several-intervals",
            "info",
            f"Customers are metered at different intervals ({listed} minutes); each is weighted by time.",
            minutes=minutes,
        )
    changing = int((lengths.customers["changing"] & used).sum())
    if changing:
        text = (
            f"The intervals of {counted(changing, 'customer')} change their length; longer ones were divided evenly into parts of the "
            "shortest"
        )
        text += (
            f", and {counted(dropped, 'reading')} of days without one length {was(dropped)} not used"
            if dropped
            else ""
        )
        add("changing-intervals", "info", f"{text}.", customers=changing, readings=dropped)
    return findings
