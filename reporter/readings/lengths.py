"""How long the intervals are: of each customer, and by day where they change.

The minutes of the hour at which a customer has readings tell the length: at :00 and :30 it is half an hour. Where a customer's
length changes, each day has its own, and readings are kept in parts of the finest one, so that a customer has one length from here
on.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings.calendar import Form
from reporter.readings.compact import Compact
from reporter.readings.engine import Engine

_SURPLUS = 0.03
"""Share of the readings from which a surplus at one minute of the hour may mean intervals of several lengths."""

_DAY_SURPLUS = 0.2
"""The same within a day: the day on which the length changed."""

_HALF_A_DAY = 0.5
"""Share of a day that its readings must span to say how long they are."""

_GROUPS = 4_000_000
"""Most days of customers that are looked at together."""

_ONE = ibis.literal(1).cast("int64")


@dataclass(frozen=True)
class Lengths:
    """Lengths of interval."""

    customers: pd.DataFrame
    """One row a customer, as in ``Compact.customers``: ``valid`` (readings), ``minutes`` (length that readings are kept in; 0
    without readings), ``regular``, ``changing`` (its length changes), ``form`` (index into ``forms``; −1 where it changes by day),
    ``sparse`` (readings are two hours or more apart), ``net_weighted`` and ``export_weighted`` (sums of millionths of the unit; of
    power times minutes), ``dropped`` (readings on days that have no one length)."""
    forms: list[Form]
    by_day: pd.DataFrame
    """code, length_day, form of the customers whose length changes."""
    grid: pd.DataFrame
    """One row a stamp, by its own clock: ``stamp_slot``, ``stamp_day``, ``stamp_hour``, ``minute``, ``length_day`` (the day that the
    interval lies in)."""


def find_lengths(readings: Compact, *, power: bool, ends: bool, engine: Engine) -> Lengths:
    """The lengths of the intervals of all customers.

    Args:
        readings: as whole numbers.
        power: whether values are power, so that energy is value × length.
        ends: whether stamps are ends of intervals.
        engine: runs the passes.
    """
    stamps = readings.stamps
    inside = stamps - pd.Timedelta(minutes=1) if ends else stamps
    grid = pd.DataFrame(
        {
            "stamp_slot": np.arange(len(stamps), dtype="int32"),
            "stamp_day": _day_number(stamps, stamps[0]),
            "length_day": _day_number(inside, stamps[0]),
            "stamp_hour": stamps.hour.astype("int8"),
            "minute": stamps.minute.astype("int8"),
        }
    )
    if readings.sums is not None:
        sums = readings.sums
    else:
        table = readings.table.inner_join(engine.lookup(grid), "stamp_slot")
        sums = engine.frame(_sums(table, ["code"]))
    customers = (
        sums.set_index("code")
        .reindex(range(len(readings.customers)), fill_value=0)
        .astype("int64")
        .reset_index()
    )
    per_hour = _ones(customers["minute_mask"])
    even = _even(customers["minute_mask"], per_hour)
    minutes = np.where(per_hour > 0, 60 // np.maximum(per_hour, 1), 0)
    suspects = customers.index[(customers["valid"] > 0) & (~even | _surplus(customers, per_hour))].to_numpy()
    days = _by_day(readings, grid, suspects, engine)
    days = days[days["changing"]].reset_index(drop=True)
    finest = days[days["length"] > 0].groupby("code")["length"].agg(lambda lengths: math.gcd(*lengths))
    minutes[finest.index] = finest
    changing = np.zeros(len(customers), dtype=bool)
    changing[finest.index] = True
    weight = np.where(changing | (not power), 1, minutes)
    frame = pd.DataFrame(
        {
            "valid": customers["valid"],
            "minutes": minutes,
            "regular": even | changing,
            "changing": changing,
            "sparse": (per_hour == 1) & _sparse(customers["hour_mask"]),
            "net_weighted": customers["net"] * weight,
            "export_weighted": customers["export"] * weight,
            "dropped": 0,
        }
    )
    if power and len(days):
        spans = days["length"].where(days["length"] > 0, minutes[days["code"]])
        for name in ("net", "export"):
            sums_by_code = (days[name] * spans).groupby(days["code"]).sum()
            frame.loc[sums_by_code.index, f"{name}_weighted"] = sums_by_code
    lost = days[days["length"] == 0].groupby("code")["valid"].sum()
    frame.loc[lost.index, "dropped"] = lost
    return _with_forms(frame, days[days["length"] > 0], grid)


def _day_number(stamps: pd.DatetimeIndex, first: pd.Timestamp) -> NDArray[np.int32]:
    days: NDArray[np.int32] = ((stamps.normalize() - first.normalize()) // pd.Timedelta(days=1)).to_numpy(
        "int32"
    )
    return days


def _with_forms(frame: pd.DataFrame, days: pd.DataFrame, grid: pd.DataFrame) -> Lengths:
    plain = frame.loc[~frame["changing"] & frame["regular"] & (frame["minutes"] > 0), "minutes"]
    kept_in = frame["minutes"].to_numpy()[days["code"]]
    forms = sorted(
        {(int(m), int(m)) for m in plain.unique()}
        | set(zip(days["length"].tolist(), kept_in.tolist(), strict=True))
    )
    number = {form: place for place, form in enumerate(forms)}
    own = [number.get((int(m), int(m)), 0) for m in frame["minutes"]]
    form = np.where(frame["changing"], -1, own).astype("int8")
    by_day = days[["code", "length_day"]].astype("int32")
    by_day["form"] = np.array(
        [number[pair] for pair in zip(days["length"].tolist(), kept_in.tolist(), strict=True)], dtype="int8"
    )
    return Lengths(frame.assign(form=form), forms or [(60, 60)], by_day, grid)


def _sums(table: Any, keys: list[str]) -> Any:
    """Sums by keys, and ``most``: readings at the minute of the hour that has most."""
    by_minute = table.group_by([*keys, "minute"]).aggregate(
        valid=lambda t: t.count(),
        net=table.micro.sum().cast("int64"),
        export=table.export.sum().cast("int64"),
        hour_mask=(_ONE << table.stamp_hour.cast("int64")).bit_or(),
    )
    return by_minute.group_by(keys).aggregate(
        valid=by_minute.valid.sum().cast("int64"),
        most=by_minute.valid.max(),
        net=by_minute.net.sum().cast("int64"),
        export=by_minute.export.sum().cast("int64"),
        minute_mask=(_ONE << by_minute.minute.cast("int64")).bit_or(),
        hour_mask=by_minute.hour_mask.bit_or(),
    )


def _surplus(customers: pd.DataFrame, per_hour: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether one minute of the hour has more readings than the others: longer intervals leave that behind, and so may gaps."""
    valid, most = customers["valid"].to_numpy(), customers["most"].to_numpy()
    excess = most * per_hour - valid
    # With a quarter of the readings missing at random; who is taken for another here is looked at by day.
    deviation = np.sqrt(per_hour * (per_hour - 1) * most * 0.25)
    surplus: NDArray[np.bool_] = (per_hour > 1) & (excess > np.maximum(_SURPLUS * valid, 2 * deviation))
    return surplus


def _by_day(readings: Compact, grid: pd.DataFrame, codes: NDArray[np.int64], engine: Engine) -> pd.DataFrame:
    """Days of some customers: code, length_day, valid, net, export, ``length`` (0 where a day has none) and ``changing``."""
    step = max(1, _GROUPS // len(grid["length_day"].unique()))
    blocks = [_no_days()]
    for first in range(0, len(codes), step):
        table = readings.of(codes[first : first + step], engine, f"suspects-{first}")
        table = table.inner_join(engine.lookup(grid), "stamp_slot")
        frame = engine.frame(_sums(table, ["code", "length_day"])).astype("int64")
        blocks.append(_judged(frame.sort_values(["code", "length_day"], ignore_index=True)))
    return pd.concat(blocks, ignore_index=True)


def _no_days() -> pd.DataFrame:
    columns = ("code", "length_day", "valid", "net", "export", "length")
    return pd.DataFrame({name: np.zeros(0, "int64") for name in columns}).assign(changing=np.zeros(0, bool))


def _judged(days: pd.DataFrame) -> pd.DataFrame:
    per_hour = _ones(days["minute_mask"])
    length = 60 // np.maximum(per_hour, 1)
    valid = days["valid"].to_numpy()
    excess = days["most"].to_numpy() * per_hour - valid
    one = _even(days["minute_mask"], per_hour) & (excess <= np.maximum(4, _DAY_SURPLUS * valid))
    one &= (per_hour > 1) | ~_sparse(days["hour_mask"])
    # A few readings on a day could be those of any length.
    telling = one & (valid * length >= _HALF_A_DAY * 24 * 60)
    several = days["code"][telling].groupby(days["code"]).agg(lambda codes: len(set(length[codes.index])))
    kept = pd.Series(one).groupby(days["code"]).mean()
    changing = days["code"].isin(several.index[(several > 1) & (kept.reindex(several.index) > 0.5)])
    # A day with few readings has the length of the days beside it, where its readings stand on that grid.
    codes = days["code"]
    told = pd.Series(np.where(telling, length, np.nan))
    near = told.groupby(codes).ffill().groupby(codes).bfill().fillna(0).to_numpy(dtype="int64")
    fits = one & (near > 0) & (length % np.maximum(near, 1) == 0)
    final = np.where(telling, length, np.where(fits, near, 0))
    return days[["code", "length_day", "valid", "net", "export"]].assign(length=final, changing=changing)


def _ones(mask: "pd.Series[int]") -> NDArray[np.int64]:
    """Number of bits set in each value."""
    ones: NDArray[np.int64] = np.bitwise_count(mask.to_numpy(dtype=np.uint64)).astype("int64")
    return ones


def _even(mask: "pd.Series[int]", per_hour: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the minutes of the hour in each mask stand at even distances of 5 to 60 minutes."""
    result = np.zeros(len(mask), dtype=bool)
    for value in np.unique(mask.to_numpy()):
        minutes = [m for m in range(60) if int(value) >> m & 1]
        steps = {b - a for a, b in pairwise([*minutes, minutes[0] + 60])} if minutes else {0}
        result[mask.to_numpy() == value] = len(steps) == 1 and min(steps) >= 5
    return result


def _sparse(mask: "pd.Series[int]") -> NDArray[np.bool_]:
    """Whether the hours of the day in each mask stand on a grid of two hours or more."""
    result = np.zeros(len(mask), dtype=bool)
    for value in np.unique(mask.to_numpy()):
        hours = [h for h in range(24) if int(value) >> h & 1]
        result[mask.to_numpy() == value] = bool(hours) and math.gcd(24, *(h - hours[0] for h in hours)) > 1
    return result
