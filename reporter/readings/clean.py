"""Readings of the customers used, valid and counted once, as integers that the engine can add exactly.

Duplicates (two readings of a customer with one stamp) are settled by one rule: identical ones count once; of conflicting
ones the value further from zero counts, since exports put zero where a value is missing. Two readings are both right in the
hour that autumn's clock change doubles, and where a clock set wrong stamps an hour like the one before: in the night in which
clocks are put forward, every stamp of an hour comes twice, and the whole next hour is missing. Which of the two came first isn't known, so each of
the two hours gets half of their sum.
"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd

from reporter.findings import Finding
from reporter.readings.audit import Audit, located
from reporter.readings.bits import distinct
from reporter.readings.calendar import Calendar
from reporter.readings.columns import Unit
from reporter.readings.compact import Compact
from reporter.readings.engine import Engine
from reporter.readings.grid import Grid, as_table, at_places
from reporter.readings.lengths import Lengths
from reporter.readings.settled import Settled, settle
from reporter.words import counted

_CELL = ("slot", "day", "hour", "weekend")
_COLUMNS = ("row", "minutes", *_CELL, "micro", "export", "n")


@dataclass(frozen=True)
class Clean:
    """An Ibis table: row (customer), minutes (interval length), slot, day, hour, weekend, micro (value), export, n (readings)."""

    table: Any
    settled: Settled | None
    """The same as an array, where that holds them; ``table`` is then ``None``."""
    readings: int
    """Readings that count."""
    duplicates: pd.DataFrame
    """One row a customer used (index: row) that has any: readings that don't count (``surplus``), of them ``identical``; times with
    different values (``conflicting``); readings put into a missing hour (``recovered``)."""
    findings: list[Finding]


def clean(
    readings: Compact, lengths: Lengths, calendar: Calendar, audit: Audit, unit: Unit, engine: Engine
) -> Clean:
    """The readings that the profiles are made of.

    Args:
        readings: as whole numbers.
        lengths: of their intervals.
        calendar: of their stamps.
        audit: who is used, and who has duplicates.
        unit: of the values.
        engine: settles the duplicates, once.
    """
    used = audit.used
    rows = pd.DataFrame(
        {
            "code": used.index.to_numpy("int32"),
            "row": pd.RangeIndex(len(used)).to_numpy("int32"),
        }
    )
    if readings.grid is not None:
        found = _on_grid(readings, lengths, calendar, used, rows, unit, engine)
        if found is not None:
            return found
        readings = readings.tabled(engine)
    table = located(readings, lengths, calendar, engine).inner_join(engine.lookup(rows), "code")
    one = ibis.literal(1).cast("int64")
    if used.empty or not _any_twice(used, calendar):
        return Clean(
            _parts(table.mutate(n=one), calendar, unit, engine), None, int(used["valid"].sum()), _none(), []
        )

    # Grouping by stamp is slow, so only days with a duplicate go that way: they are few where customers are many.
    twice = engine.lookup(rows.loc[used["has_duplicates"].to_numpy(), ["code"]])
    flagged = engine.store(_days_with_duplicates(table.inner_join(twice, "code"), engine), "flagged")
    marked = table.left_join(flagged.mutate(flag=True), ["row", "stamp_day"])
    tangled = marked.flag.notnull() | (marked.repeats > 1)
    plain = _parts(marked.filter(~tangled).mutate(n=one), calendar, unit, engine)
    groups, settled = _settled(marked.filter(tangled), calendar, unit, engine)
    duplicates = _duplicates(groups, engine)
    left = int(used["valid"].sum()) - int(duplicates["surplus"].sum())
    return Clean(plain.union(settled), None, left, duplicates, _findings(duplicates))


def _any_twice(used: pd.DataFrame, calendar: Calendar) -> bool:
    """Whether a customer may have two readings with one stamp."""
    return bool(used["has_duplicates"].any() or (calendar.places["repeats"] > 1).any())


def _on_grid(
    readings: Compact,
    lengths: Lengths,
    calendar: Calendar,
    used: pd.DataFrame,
    rows: pd.DataFrame,
    unit: Unit,
    engine: Engine,
) -> Clean | None:
    """The readings as an array, where that holds them."""
    grid = readings.grid
    assert grid is not None
    codes = rows["code"].to_numpy("int64")
    beside = pd.DataFrame({name: np.zeros(0, "int64") for name in ("row", "slot", "micro", "export")})
    tangled, duplicates = beside[["row"]].assign(stamp_slot=0), _none()
    if len(used) and _any_twice(used, calendar):
        wanted = _tangled(grid, lengths, calendar, used)
        part = replace(readings, table=as_table(grid, at_places(grid, wanted), engine, "tangled"), grid=None)
        table = located(part, lengths, calendar, engine).inner_join(engine.lookup(rows), "code")
        groups, settled = _settled(table, calendar, unit, engine)
        beside = engine.frame(settled.select("row", "slot", "micro", "export"))
        tangled = engine.frame(groups.select("row", "stamp_slot").distinct())
        duplicates = _duplicates(groups, engine)
    found = settle(grid, codes, calendar, beside, tangled)
    if found is None:
        return None
    left = int(used["valid"].sum()) - int(duplicates["surplus"].sum())
    return Clean(None, found, left, duplicates, _findings(duplicates))


def _tangled(grid: Grid, lengths: Lengths, calendar: Calendar, used: pd.DataFrame) -> pd.DataFrame:
    """code and stamp_slot of the days on which a customer has a duplicate, and of the hour that autumn doubles."""
    places = calendar.places[["stamp_slot", "repeats"]].merge(lengths.grid, on="stamp_slot")
    doubled = places.loc[places["repeats"] > 1, "stamp_slot"]
    again = grid.again.loc[~grid.again["stamp_slot"].isin(doubled), ["code", "stamp_slot"]]
    again = again[again["code"].isin(used.index[used["has_duplicates"]])].merge(places, on="stamp_slot")
    days = again[["code", "stamp_day"]].drop_duplicates().merge(places, on="stamp_day")
    hours = pd.DataFrame(
        {"code": np.repeat(used.index.to_numpy(), len(doubled)), "stamp_slot": np.tile(doubled, len(used))}
    )
    return pd.concat([days[["code", "stamp_slot"]], hours], ignore_index=True).drop_duplicates(
        ignore_index=True
    )


def _settled(tangled: Any, calendar: Calendar, unit: Unit, engine: Engine) -> tuple[Any, Any]:
    """What is tangled by customer and stamp, and the readings that come of it."""
    one = ibis.literal(1).cast("int64")
    groups = engine.store(_groups(tangled, calendar), "groups")
    groups = engine.store(_with_wrong_hours(groups), "settled")
    both = ((groups.repeats > 1) | groups.wrong) & (groups.copies > 1)
    further = groups.high.abs() >= groups.low.abs()
    total, export = groups.high + groups.low, groups.export_high + groups.export_low
    half, half_export = total // 2, export // 2
    first = groups.mutate(
        micro=ibis.ifelse(both, half, ibis.ifelse(further, groups.high, groups.low)),
        export=ibis.ifelse(both, half_export, ibis.ifelse(further, groups.export_high, groups.export_low)),
        n=one,
    )
    second = groups.mutate(micro=total - half, export=export - half_export, n=one).filter(both)
    return groups, _parts(first, calendar, unit, engine).union(
        _parts(second, calendar, unit, engine, later=True)
    )


def _parts(table: Any, calendar: Calendar, unit: Unit, engine: Engine, *, later: bool = False) -> Any:
    """Readings in the parts that they are kept in, each with its cell: that of the second reading where ``later``."""
    prefix = "later_" if later else ""
    split = calendar.places["part"] > 0
    if not split.any():
        cells = {name: table[f"{prefix}{name}"] for name in _CELL}
        return table.select(
            "row", table.minutes.name("minutes"), **cells, micro=table.micro, export=table.export, n=table.n
        )
    places = calendar.places[["stamp_slot", "form", "part", *(f"{prefix}{name}" for name in _CELL)]]
    places = places.set_axis(["stamp_slot", "form", "part", *(f"part_{name}" for name in _CELL)], axis=1)
    joined = table.inner_join(engine.lookup(places), ["stamp_slot", "form"])
    parts = (joined.minutes // joined.kept_minutes).cast("int64")
    number = (joined.part // joined.kept_minutes).cast("int64")

    def share(value: Any) -> Any:
        # Whole parts that add up to the whole; power is the same in each.
        if unit == "kw":
            return value
        return (value * (number + 1)) // parts - (value * number) // parts

    cells = {name: joined[f"part_{name}"] for name in _CELL}
    return joined.select(
        "row",
        joined.kept_minutes.name("minutes"),
        **cells,
        micro=share(joined.micro),
        export=share(joined.export),
        n=ibis.literal(1).cast("int64"),
    )


def _days_with_duplicates(table: Any, engine: Engine) -> Any:
    """row and stamp_day wherever a customer has more readings than distinct times."""
    suspects = table.filter(table.repeats == 1)
    # Readings of a customer are five minutes apart or more.
    place = ((suspects.stamp_hour.cast("int32") * 60 + suspects.minute) // 5).cast("int32")
    by_day = suspects.group_by(["row", "stamp_day"]).aggregate(
        readings=suspects.count(), times=distinct(place, 0, 24 * 12, engine)
    )
    return by_day.filter(by_day.readings > by_day.times).select("row", "stamp_day")


def _groups(table: Any, calendar: Calendar) -> Any:
    """The readings of tangled days by customer and stamp: how many copies there are, the lowest and the highest."""
    keys = ["row", "stamp_slot", "stamp_day", "stamp_hour", "repeats", "minutes", "kept_minutes"]
    keys += ["form"] if calendar.by_form else []
    keys += [f"{prefix}{name}" for prefix in ("", "later_") for name in _CELL]
    return table.group_by(keys).aggregate(
        copies=lambda t: t.count(),
        low=table.micro.min(),
        high=table.micro.max(),
        export_low=table.export.argmin(table.micro),
        export_high=table.export.argmax(table.micro),
    )


def _with_wrong_hours(groups: Any) -> Any:
    """The groups with ``wrong``: whether the stamps of a whole hour come twice and those of the next are missing."""
    hours = groups.group_by(["row", "stamp_day", "stamp_hour"]).aggregate(
        times=lambda t: t.count(),
        fewest=groups.copies.min(),
        most=groups.copies.max(),
        later=(groups.later_slot != groups.slot).all(),
        repeats=groups.repeats.max(),
        minutes=groups.minutes.min(),
    )
    twice = hours.filter(
        (hours.fewest == 2)
        & (hours.most == 2)
        & (hours.repeats == 1)
        & (hours.times * hours.minutes == 60)
        & hours.later
    )
    before = hours.select("row", "stamp_day", stamp_hour=(hours.stamp_hour - 1).cast("int8"))
    wrong = twice.anti_join(before, ["row", "stamp_day", "stamp_hour"])
    marks = wrong.select("row", "stamp_day", "stamp_hour").mutate(mark=True)
    joined = groups.left_join(marks, ["row", "stamp_day", "stamp_hour"])
    return joined.select(*groups.columns, wrong=joined.mark.notnull())


def _none() -> pd.DataFrame:
    return pd.DataFrame(
        {name: np.zeros(0, "int64") for name in ("surplus", "identical", "conflicting", "recovered")}
    )


def _duplicates(groups: Any, engine: Engine) -> pd.DataFrame:
    """How many there are of each customer that has any, as in ``Clean.duplicates``."""
    right = (groups.repeats > 1) | groups.wrong
    surplus = ibis.ifelse(right, ibis.greatest(groups.copies - 2, 0), groups.copies - 1)
    same = groups.high == groups.low
    frame = engine.frame(
        groups.filter((groups.copies > 1) & ((surplus > 0) | groups.wrong))
        .group_by("row")
        .aggregate(
            surplus=surplus.sum(),
            identical=ibis.ifelse(same, surplus, 0).sum(),
            conflicting=(~right & ~same).sum(),
            recovered=groups.wrong.sum(),
        )
    )
    return frame.set_index("row").sort_index().astype("int64") if len(frame) else _none()


def _findings(duplicates: pd.DataFrame) -> list[Finding]:
    found = {name: int(duplicates[name].sum()) for name in duplicates.columns}
    found["customers"] = int((duplicates["surplus"] > 0).sum())
    found["wrong"], found["wrong_customers"] = found["recovered"], int((duplicates["recovered"] > 0).sum())
    findings = []
    if found["surplus"]:
        conflicting, customers = found["conflicting"], found["customers"]
        text = f"{counted(found['surplus'], 'duplicate reading')} of {counted(customers, 'customer')} not counted"
        if conflicting:
            text += f"; {counted(conflicting, 'time')} had different values, of which the one further from zero was kept"
        findings.append(
            Finding(
                name="duplicates",
                severity="warning" if conflicting else "info",
                description=f"{text}.",
                data={"readings": found["surplus"], "conflicting": conflicting, "customers": customers},
            )
        )
    if found["wrong"]:
        findings.append(
            Finding(
                name="spring-hour-recovered",
                severity="info",
                description=f"{counted(found['wrong'], 'reading')} of {counted(found['wrong_customers'], 'customer')} stood a second time "
                "in the night in which clocks are put forward, while the whole next hour was missing; they were put into the missing hour, "
                "half of the sum in each.",
                data={"readings": found["wrong"], "customers": found["wrong_customers"]},
            )
        )
    return findings
