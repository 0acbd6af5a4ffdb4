"""What is wrong with the data, who is left out, and why.

One grouped pass over all readings answers every question here; nothing is decided per reading in Python.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis
import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.findings import Finding, Severity
from reporter.readings.calendar import LOCAL, Calendar
from reporter.readings.columns import Unit
from reporter.readings.engine import Engine
from reporter.readings.sources import Source
from reporter.settings import Settings
from reporter.words import counted, was

MICRO = 1_000_000
"""Energy is summed as whole millionths, so that a sum doesn't depend on the order of its terms."""

_MIXED = 0.03
"""Share of the readings from which a surplus on the hour counts as intervals of several lengths."""

REASONS = {
    "no-valid-readings": "no reading with a number and a time in the period",
    "interval-too-long": "readings are more than an hour apart",
    "irregular-intervals": "readings are on no regular grid of 5 to 60 minutes",
    "too-few-days": "fewer days with readings than the setting asks for",
    "low-coverage": "too many readings are missing on the days that there are",
    "hours-missing": "some hours of the day never have a reading",
    "constant-readings": "every reading has the same value, so there is no shape",
    "almost-no-load": "next to no load: a vacant home or a dead meter",
}
"""Reasons for leaving a customer out, in the order in which they are looked for."""


@dataclass(frozen=True)
class Audit:
    """The audit of a set of readings.

    ``customers`` has one row a customer read, in order of ``customer_id``: ``readings``, ``valid``
    (readings that can be used), ``days``, ``minutes`` (interval length), ``coverage``, ``import_kwh``, ``export_kwh`` (of all that was read),
    ``peak_kw``, ``has_duplicates``, ``exclusion_reason`` (None where used).
    """

    customers: pd.DataFrame
    findings: list[Finding]
    readings_read: int
    interval_minutes: list[int]
    coverage: float

    @property
    def used(self) -> pd.DataFrame:
        """The rows of the customers used."""
        return self.customers[self.customers["exclusion_reason"].isna()]

    @property
    def import_kwh(self) -> float:
        """Import of all that was read [kWh]."""
        return float(self.customers["import_kwh"].sum())

    @property
    def export_kwh(self) -> float:
        """Export of all that was read, as a positive number [kWh]."""
        return float(self.customers["export_kwh"].sum())


@ibis.udf.agg.builtin(name="bitstring_agg")
def _bits(value: int, first: int, last: int) -> str:
    """A bit for each distinct value."""


@ibis.udf.scalar.builtin(name="bit_count")
def _bit_count(bits: str) -> int:
    """Number of bits set."""


def audit(
    source: Source, calendar: Calendar, calendar_table: Any, engine: Engine, settings: Settings
) -> Audit:
    """Look at every reading once, by customer.

    Args:
        source: the readings as they came.
        calendar: the calendar of their stamps.
        calendar_table: the same as a table of the engine.
        engine: runs the pass.
        settings: thresholds.
    """
    joined = source.table.left_join(calendar_table, "stamp")
    in_period = joined.slot.notnull()
    number = plausible(joined.value, source.unit, settings)
    empty = joined.value.isnull() | joined.value.isnan()
    valid = number & in_period
    once = valid & (joined.repeats == 1)
    micro = micros(joined.value)
    last_slot, last_day = len(calendar.table) - 1, len(calendar.dates) - 1
    one = ibis.literal(1).cast("int64")
    frame = engine.frame(
        joined.group_by("customer_id").aggregate(
            readings=joined.count(),
            undated=joined.stamp.isnull().sum(),
            missing=(in_period & empty).sum(),
            beyond=(in_period & ~empty & ~number).sum(),
            valid=valid.sum(),
            once=once.sum(),
            once_slots=distinct(ibis.ifelse(once, joined.slot, None), 0, last_slot),
            slots=distinct(ibis.ifelse(valid, joined.slot, None), 0, last_slot),
            days=distinct(ibis.ifelse(valid, joined.day, None), 0, last_day),
            minute_mask=ibis.ifelse(valid, one << joined.minute.cast("int64"), None).bit_or(),
            hour_mask=ibis.ifelse(valid, one << joined.hour.cast("int64"), None).bit_or(),
            utc_hour_mask=ibis.ifelse(valid, one << joined.utc_hour.cast("int64"), None).bit_or(),
            on_the_hour=(valid & joined.minute.isin([0, 59])).sum(),
            import_micro=ibis.ifelse(number, micros(joined.value + joined.export), 0).sum(),
            net_micro=ibis.ifelse(number, micro, 0).sum(),
            highest=ibis.ifelse(valid, joined.value, None).max(),
            lowest=ibis.ifelse(valid, joined.value, None).min(),
        )
    )
    return _judge(frame, calendar, source, settings)


def distinct(value: Any, first: int, last: int) -> Any:
    """Exact number of distinct whole numbers in [first, last], in memory that does not grow with the readings."""
    return _bit_count(_bits(value, first, last))


def plausible(value: Any, unit: Unit, settings: Settings) -> Any:
    """Whether a value is a finite number within the physical limit."""
    limit = settings.audit.max_kw * (1000.0 if unit == "wh" else 1.0)
    return value.notnull() & (value.abs() <= limit)


def micros(value: Any) -> Any:
    """A value in whole millionths of its unit."""
    return (value * MICRO).round().cast("int64")


def energy_kwh(micro: Any, unit: Unit, minutes: Any) -> Any:
    """Energy behind a sum of millionths [kWh]; power counts for the length of its interval."""
    factor = {"kwh": 1.0, "wh": 1e-3, "kw": minutes / 60.0}[unit]
    return micro.astype("float64") / MICRO * factor


def _judge(frame: pd.DataFrame, calendar: Calendar, source: Source, settings: Settings) -> Audit:
    _refuse_nul(frame["customer_id"], source)
    unnamed = int(frame.loc[frame["customer_id"].isna(), "readings"].sum())
    frame = frame[frame["customer_id"].notna()].sort_values("customer_id", ignore_index=True)
    counts = frame.drop(columns=["customer_id", "highest", "lowest"]).fillna(0).astype("int64")
    per_hour = _ones(counts["minute_mask"])
    minutes = np.where(per_hour > 0, 60 // np.maximum(per_hour, 1), 0)
    coverage = counts["slots"] / np.maximum(counts["days"] * 24 * per_hour, 1)
    scale = energy_kwh(np.ones(len(frame)) * MICRO, source.unit, minutes)
    customers = pd.DataFrame(
        {
            "customer_id": frame["customer_id"].astype(str),
            "readings": counts["readings"],
            "valid": counts["valid"],
            "days": counts["days"],
            "minutes": minutes,
            "coverage": np.minimum(coverage, 1.0),
            "import_kwh": counts["import_micro"] / MICRO * scale,
            "export_kwh": (counts["import_micro"] - counts["net_micro"]) / MICRO * scale,
            "peak_kw": frame["highest"] * scale * (60.0 / np.maximum(minutes, 1)),
            "has_duplicates": counts["once"] > counts["once_slots"],
        }
    )
    moved_kwh = customers["import_kwh"] + customers["export_kwh"]
    mixed = _mixed(counts["on_the_hour"], counts["valid"], per_hour, coverage)
    checks = {
        "no-valid-readings": counts["valid"] == 0,
        "interval-too-long": (per_hour == 1)
        & (_sparse(counts["hour_mask"]) | _sparse(counts["utc_hour_mask"]))
        & (counts["days"] > 2),
        "irregular-intervals": ~_even(counts["minute_mask"], per_hour) | mixed,
        "too-few-days": counts["days"] < settings.audit.min_days,
        "low-coverage": coverage < settings.audit.min_coverage,
        "hours-missing": _ones(counts["hour_mask"]) < 24,
        "constant-readings": (frame["highest"] * MICRO).round() == (frame["lowest"] * MICRO).round(),
        "almost-no-load": moved_kwh < settings.audit.min_mean_kw * counts["valid"] * minutes / 60,
    }
    reason = np.select([checks[name] for name in REASONS], list(REASONS), default="")
    customers["exclusion_reason"] = pd.Series(reason, index=customers.index).replace("", None)
    used = customers[customers["exclusion_reason"].isna()]
    weights = used["days"].to_numpy()
    return Audit(
        customers=customers,
        findings=_findings(
            counts, unnamed, calendar, source, customers, zone_given=settings.readings.timezone is not None
        ),
        readings_read=int(counts["readings"].sum()) + unnamed + source.netted,
        interval_minutes=sorted({int(m) for m in used["minutes"]}),
        coverage=float(np.average(used["coverage"], weights=weights)) if len(used) else 0.0,
    )


def _findings(
    counts: pd.DataFrame,
    unnamed: int,
    calendar: Calendar,
    source: Source,
    customers: pd.DataFrame,
    *,
    zone_given: bool,
) -> list[Finding]:
    findings = []

    def add(name: str, severity: Severity, description: str, **data: Any) -> None:
        findings.append(Finding(name=name, severity=severity, description=description, data=data))

    if source.aware and not zone_given:
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
    if int(counts["beyond"].sum()):
        n = int(counts["beyond"].sum())
        add(
            "implausible-readings",
            "warning",
            f"{counted(n, 'reading')} beyond the physical limit {was(n)} not used.",
            readings=n,
        )
    if int(counts["missing"].sum()):
        n = int(counts["missing"].sum())
        add(
            "empty-readings",
            "info",
            f"{counted(n, 'reading')} {was(n)} empty and counted as missing.",
            readings=n,
        )
    if unnamed:
        add(
            "readings-without-customer",
            "warning",
            f"{counted(unnamed, 'reading')} without a customer id {was(unnamed)} not used.",
            readings=unnamed,
        )
    if int(counts["undated"].sum()):
        n = int(counts["undated"].sum())
        add(
            "readings-without-time",
            "warning",
            f"{counted(n, 'reading')} without a usable time {was(n)} not used.",
            readings=n,
        )
    accounted = ["valid", "beyond", "missing", "undated"]
    outside = int(counts["readings"].sum() - counts[accounted].to_numpy().sum())
    if outside:
        add(
            "readings-outside-period",
            "info",
            f"{counted(outside, 'reading')} outside the period {was(outside)} not used.",
            readings=outside,
        )
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
    lengths = sorted({int(m) for m in customers.loc[customers["exclusion_reason"].isna(), "minutes"]})
    if len(lengths) > 1:
        listed = ", ".join(str(m) for m in lengths)
        add(
            "several-intervals",
            "info",
            f"Customers are metered at different intervals ({listed} minutes); each is weighted by time.",
            minutes=lengths,
        )
    return findings


def _refuse_nul(ids: pd.Series, source: Source) -> None:
    """Tools disagree about where a text with a NUL byte ends, so two customers could become one."""
    if ids.dropna().str.contains("\0", regex=False).any():
        raise DataError(
            f"{source.files[0]}: a customer id holds a NUL byte, so the file may be damaged; export it again."
        )


def _mixed(
    on_the_hour: pd.Series, valid: pd.Series, per_hour: np.ndarray, coverage: pd.Series
) -> "pd.Series[bool]":
    """Whether a customer's intervals change length: longer ones leave more readings on the hour than between.

    Readings missing at random leave a difference too; up to four of its standard deviations are taken for that.
    """
    excess = on_the_hour * per_hour - valid
    deviation = np.sqrt(per_hour * (per_hour - 1) * on_the_hour * (1 - np.minimum(coverage, 1.0)))
    mixed: pd.Series[bool] = excess > np.maximum(_MIXED * valid, 4 * deviation)
    return mixed


def _ones(mask: pd.Series) -> np.ndarray:
    """Number of bits set in each value."""
    ones: np.ndarray = np.bitwise_count(mask.to_numpy(dtype=np.uint64)).astype("int64")
    return ones


def _even(mask: pd.Series, per_hour: np.ndarray) -> np.ndarray:
    """Whether the minutes of the hour in each mask stand at even distances of 5 to 60 minutes."""
    result = np.zeros(len(mask), dtype=bool)
    for value in np.unique(mask.to_numpy()):
        minutes = [m for m in range(60) if int(value) >> m & 1]
        steps = {b - a for a, b in pairwise([*minutes, minutes[0] + 60])} if minutes else {0}
        result[mask.to_numpy() == value] = len(steps) == 1 and min(steps) >= 5
    return result


def _sparse(mask: pd.Series) -> np.ndarray:
    """Whether the hours of the day in each mask stand on a grid of two hours or more."""
    result = np.zeros(len(mask), dtype=bool)
    for value in np.unique(mask.to_numpy()):
        hours = [h for h in range(24) if int(value) >> h & 1]
        result[mask.to_numpy() == value] = math.gcd(24, *(h - hours[0] for h in hours)) > 1
    return result
