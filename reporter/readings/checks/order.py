"""Checks that need readings in their order, on even grids of some customers at a time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings import Engine, Readings
from reporter.readings.checks.model import Block, Values
from reporter.readings.grid import MICRO
from reporter.readings.presence import longest_run
from reporter.settings import AuditSettings

FAST_VALUES = 20_000_000
"""Most readings that are looked at in their order where the audit is to be fast: 80 MB, or 9,000 customers of a quarter by the hour."""

_AT_ONCE = 40_000_000
"""Most readings that are held at once."""

_BLOCK = 4_000_000
"""Most readings in a block."""

_WEEKS = 4
"""Weeks on either side over which a customer's daily shapes are compared."""

_LIKE = 0.8
"""Correlation that two shapes need when one is moved by an hour."""


def sample_rows(readings: Readings, full: bool, seed: int) -> NDArray[np.int64]:
    """Whose readings are looked at in their order: all, or a seeded sample where there are too many."""
    n = len(readings.audit.used)
    each = max(len(readings.calendar.table), 1)
    size = n if full else min(n, max(FAST_VALUES // each, 200))
    return np.sort(np.random.default_rng(seed).choice(n, size, replace=False)) if size < n else np.arange(n)


def blocks(readings: Readings, engine: Engine, rows: NDArray[np.int64]) -> Iterator[Block]:
    """The readings of these customers, block by block."""
    minutes = readings.audit.used["minutes"].to_numpy("int64")
    table = readings.calendar.table
    instants = table["instant"].to_numpy()
    for length in np.unique(minutes[rows]).tolist():
        place = ((instants - instants.min()) // np.timedelta64(length, "m")).astype("int64")
        width = int(place.max()) + 1
        first = pd.Series(range(len(place))).groupby(place).first()
        hour, day = np.zeros(width, dtype="int8"), np.full(width, -1, dtype="int64")
        hour[first.index] = table["hour"].to_numpy()[first]
        day[first.index] = table["day"].to_numpy()[first]
        members = rows[minutes[rows] == length]
        step = max(1, _AT_ONCE // width)
        for begin in range(0, len(members), step):
            chosen = members[begin : begin + step]
            kw = _filled(readings, engine, chosen, place, width, length)
            part = max(1, _BLOCK // width)
            for start in range(0, len(chosen), part):
                yield Block(chosen[start : start + part], length, kw[start : start + part], hour, day)


def _filled(
    readings: Readings,
    engine: Engine,
    rows: NDArray[np.int64],
    place: NDArray[np.int64],
    width: int,
    length: int,
) -> NDArray[np.float32]:
    """(rows, width) loads [kW]."""
    if readings.settled is not None:
        slots = np.arange(len(place))
        return readings.settled.loads(
            rows, slots, place, width, (1.0 if readings.unit == "kw" else 60 / length) / MICRO
        )
    at = np.full(int(rows.max()) + 1, -1, dtype="int64")
    at[rows] = np.arange(len(rows))
    kw = np.full((len(rows), width), np.nan, dtype="float32")
    factor = (1.0 if readings.unit == "kw" else 60 / length) / MICRO
    wanted = engine.lookup(pd.DataFrame({"row": rows.astype("int32")}))
    table = readings.table.semi_join(wanted, "row").select("row", "slot", "micro", "n")
    for batch in engine.batches(table, len(rows) * width):
        row, slot = batch["row"].to_numpy(), batch["slot"].to_numpy()
        kw[at[row], place[slot]] = batch["micro"].to_numpy() * factor
    return kw


def stuck(block: Block, settings: AuditSettings) -> Values:
    """Hours of the longest run of one value that is not zero."""
    same = (block.kw[:, 1:] == block.kw[:, :-1]) & (block.kw[:, 1:] != 0)
    hours = (longest_run(same) + 1) * block.minutes / 60
    return np.where(hours >= settings.stuck_hours, hours, np.nan)


def zeros(block: Block, settings: AuditSettings) -> Values:
    """Hours of the longest run of zeros."""
    hours = longest_run(block.kw == 0) * block.minutes / 60
    return np.where(hours >= settings.zero_hours, hours, np.nan)


def spikes(block: Block, settings: AuditSettings) -> Values:
    """Readings beyond so many times the customer's own 99th percentile, and beyond what few homes ever draw."""
    there = np.isfinite(block.kw)
    size = np.abs(np.where(there, block.kw, 0))
    count = there.sum(axis=1)
    ordered = np.sort(np.where(there, size, -1), axis=1)
    place = block.kw.shape[1] - np.maximum((0.01 * count).astype("int64"), 1) - 1
    usual = ordered[np.arange(len(ordered)), place]
    beyond = (size > settings.spike_ratio * np.maximum(usual, 0.1)[:, None]).sum(axis=1).astype("float64")
    return np.where(beyond > 0, beyond, np.nan)


def clock_shift(block: Block, settings: AuditSettings) -> Values:
    """Hours (−1 or 1) by which the customer's daily shape moves at some week and stays moved."""
    shapes = _weekly(block)
    result = np.full(len(block.rows), np.nan)
    weeks = shapes.shape[1]
    best = np.zeros(len(block.rows))
    for week in range(_WEEKS, weeks - _WEEKS + 1):
        before = _scaled(shapes[:, week - _WEEKS : week].mean(axis=1))
        after = _scaled(shapes[:, week : week + _WEEKS].mean(axis=1))
        unmoved = (before * after).sum(axis=1)
        for jump in (-1, 1):
            moved = (np.roll(before, jump, axis=1) * after).sum(axis=1)
            gain = moved - unmoved
            clear = (moved >= _LIKE) & (gain >= settings.clock_gain) & (gain > best)
            result[clear], best[clear] = jump, gain[clear]
    return result


def _weekly(block: Block) -> NDArray[np.float64]:
    """(m, weeks, 24) mean load by local hour, week by week; NaN in weeks with a gap in some hour."""
    week = np.where(block.day >= 0, block.day // 7, 0)
    weeks = int(block.day.max() // 7) + 1
    cell = week * 24 + block.hour
    there = np.isfinite(block.kw) & (block.day >= 0)
    order = np.argsort(cell, kind="stable")
    begins = np.unique(cell[order], return_index=True)
    sums, counts = (
        np.add.reduceat(part[:, order], begins[1], axis=1)
        for part in (np.where(there, block.kw, 0).astype("float64"), there.astype("float64"))
    )
    mean = np.full((len(block.rows), weeks * 24), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean[:, begins[0]] = np.where(counts >= 3 * 60 / block.minutes, sums / counts, np.nan)
    return mean.reshape(len(block.rows), weeks, 24)


def _scaled(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shapes with mean 0 and length 1, so that their product is a correlation; NaN stays."""
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled: NDArray[np.float64] = centred / length
    return scaled
