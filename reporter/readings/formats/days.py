"""Readings placed by date and number of the interval → readings with stamps.

The number counts the intervals of the local day from midnight. On the days on which clocks change:

- Spring: where no customer has anything in the last hour's columns, the columns are filled one after another (23 hours); otherwise
  they are named by the clock, and what stands in the hour that is skipped counts only if it is not zero.
- Autumn: where there is anything beyond the day's 24 hours, the columns are filled one after another (25 hours), but for columns
  that are named as the second ones of an hour.
"""

from typing import Any

import ibis
import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Columns
from reporter.readings.engine import Engine
from reporter.readings.intervals import DAY
from reporter.readings.zones import zone
from reporter.settings import ReadingsSettings
from reporter.words import counted

_PER_DAY = (24, 48, 96, 144, 288)


def placed(
    table: Any, columns: Columns, engine: Engine, settings: ReadingsSettings, where: str
) -> tuple[Any, list[Finding]]:
    """The table with stamps: starts of intervals by the local clock.

    Args:
        table: stamp (midnight of the date), ordinal (number of the interval from 0) or period_text, value.
        columns: how many intervals a day has, where the table's columns tell.
        engine: holds the table.
        settings: the zone, which has the days on which clocks change.
        where: the file, for messages.

    Raises:
        DataError: a number is none of a day's, or there is a 25th hour on a day that has none.
    """
    if columns.day is not None:
        per_day = columns.day.per_day
    else:
        table, per_day = _numbered(table, columns, engine, where)
    day = table.stamp.truncate("D")
    table = table.mutate(day=day)
    if columns.shape == "days":
        _refuse_times(table, columns, engine, where)
    step = DAY // per_day
    edge = table.filter((table.ordinal >= per_day - 60 // step) & table.value.notnull() & (table.value != 0))
    used = engine.frame(edge.group_by("day").aggregate(last=lambda t: t.ordinal.max()).order_by("day"))
    dates = engine.frame(table.aggregate(first=table.day.min(), last=table.day.max())).iloc[0]
    beyond = set(used.loc[used["last"] >= per_day, "day"])
    last_hour = set(used["day"])
    name = settings.source_timezone or settings.timezone
    changes = _changes(dates["first"], dates["last"], name) if name else {}
    _refuse_beyond(beyond, changes, name, where)
    second_of = columns.day.second_of if columns.day is not None else ()
    lookup = _lookup(changes, beyond, last_hour, per_day, second_of)
    minutes = (table.ordinal.cast("int64") * step).as_interval("m")
    ordinary = table.filter(table.ordinal < per_day).mutate(stamp=lambda t: t.day + minutes)
    if lookup.empty:
        return ordinary.drop("day", "ordinal"), []
    special = engine.lookup(lookup)
    joined = table.left_join(special, ["day", "ordinal"])
    listed = joined.place.notnull() & (~joined.unless_zero | (joined.value != 0))
    kept = joined.filter(
        ibis.ifelse(joined.order.notnull(), listed, joined.ordinal < per_day).fill_null(False)
    )
    ordinary_place = kept.day + (kept.ordinal.cast("int64") * step).as_interval("m")
    kept = kept.mutate(stamp=ibis.coalesce(kept.place, ordinary_place))
    text = f"{counted(len(changes), 'day')} on which clocks change in {name}: columns were read "
    found = [order for order in ("by the clock", "one after another") if order in set(lookup["order"])]
    finding = Finding(
        name="days-of-clock-change",
        severity="info",
        description=f"{text}{' or '.join(found)}, as the cells show.",
        data={"days": [str(d.date()) for d in sorted(changes)]},
    )
    return kept.drop("day", "ordinal", "place", "unless_zero", "order"), [finding]


def _numbered(table: Any, columns: Columns, engine: Engine, where: str) -> tuple[Any, int]:
    """The table with the numbers of a column from 0, and how many intervals a day has."""
    column = columns.called(columns.period)
    number = table.period_text.try_cast("float64")
    table = table.mutate(ordinal=number.try_cast("int64"))
    counts = engine.frame(
        table.aggregate(
            low=table.ordinal.min(),
            high=table.ordinal.max(),
            strange=ibis.ifelse(table.ordinal.isnull(), table.period_text, None).min(),
            missing=table.ordinal.isnull().sum(),
        )
    ).iloc[0]
    if counts["missing"]:
        text = counts["strange"] if isinstance(counts["strange"], str) else ""
        raise DataError(
            f"{where}: '{text[:40]}' in column '{column}' is no number of an interval; mend it, or name the time with --timestamp-column."
        )
    base, high = int(counts["low"]), int(counts["high"])
    highest = high - base + 1
    per_day = next((n for n in _PER_DAY if n - n // 24 < highest <= n + n // 24), None)
    if base not in {0, 1} or per_day is None:
        raise DataError(
            f"{where}: the numbers in column '{column}' go from {base} to {high}, as the intervals of no day do (24, 48, 96, 144 or 288)."
        )
    return table.mutate(ordinal=table.ordinal - base), per_day


def _refuse_times(table: Any, columns: Columns, engine: Engine, where: str) -> None:
    """In a table of a row a day, a date with a time of day would be another kind of table."""
    clocks = engine.frame(table.aggregate(n=(table.stamp != table.day).sum()))["n"].fillna(0)[0]
    if clocks:
        raise DataError(
            f"{where}: '{columns.called(columns.stamp)}' has times of day, but each row has the intervals of a whole day; "
            "give dates, or a table with a row a reading."
        )


def _changes(first: pd.Timestamp, last: pd.Timestamp, name: str) -> dict[pd.Timestamp, pd.DatetimeIndex]:
    """Days on which clocks change → wall-clock times of their minutes that are multiples of 5, one after another."""
    clock = zone(name, "--timezone")
    days = pd.date_range(first, last + pd.Timedelta(days=1), freq="D")
    starts = days.tz_localize(clock, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
    lengths = np.diff(starts.tz_convert("UTC").to_numpy()).astype("timedelta64[m]").astype(int)
    return {
        day: pd.date_range(start, end, freq="5min", inclusive="left").tz_localize(None)
        for day, start, end, length in zip(days[:-1], starts[:-1], starts[1:], lengths, strict=True)
        if length != DAY
    }


def _refuse_beyond(
    beyond: set[pd.Timestamp], changes: dict[pd.Timestamp, pd.DatetimeIndex], name: str | None, where: str
) -> None:
    wrong = sorted(day for day in beyond if day not in changes or len(changes[day]) * 5 <= DAY)
    if not wrong:
        return
    if name is None:
        raise DataError(
            f"{where}: {wrong[0].date()} has a 25th hour, so clocks change, but where is not known; give --timezone."
        )
    raise DataError(
        f"{where}: {wrong[0].date()} has a 25th hour, but clocks in {name} do not go back that day; give the zone of the readings."
    )


def _lookup(
    changes: dict[pd.Timestamp, pd.DatetimeIndex],
    beyond: set[pd.Timestamp],
    last_hour: set[pd.Timestamp],
    per_day: int,
    second_of: tuple[int, ...],
) -> pd.DataFrame:
    """Where intervals of days of 23 or 25 hours belong: day, ordinal, place (none: nowhere), unless_zero (a filler), order."""
    step = DAY // per_day
    parts = []
    for day, walls in changes.items():
        inside = walls[:: step // 5]
        if len(inside) < per_day and day in last_hour:
            places = pd.date_range(day, periods=per_day, freq=f"{step}min").difference(inside)
            ordinals = np.asarray((places - day) // pd.Timedelta(minutes=step))
            fillers, order = True, "by the clock"
        elif second_of and len(inside) > per_day:
            ordinals = per_day + np.arange(len(second_of))
            places = pd.DatetimeIndex(day + pd.to_timedelta(np.array(second_of) * step, unit="min"))
            fillers, order = False, "by the clock"
        elif len(inside) < per_day or day in beyond:
            ordinals = np.arange(max(len(inside), per_day))
            places = pd.DatetimeIndex([*inside, *[pd.NaT] * (len(ordinals) - len(inside))])
            fillers, order = False, "one after another"
        else:
            continue
        part = pd.DataFrame({"ordinal": ordinals, "place": places, "unless_zero": fillers, "order": order})
        parts.append(part.assign(day=day))
    if not parts:
        return pd.DataFrame()
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(
        ordinal=frame["ordinal"].astype("int64"),
        day=frame["day"].astype("datetime64[us]"),
        place=frame["place"].astype("datetime64[us]"),
    )
