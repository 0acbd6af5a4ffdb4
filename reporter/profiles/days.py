"""Every customer's days, one by one, at the resolution of the meter: for what an average hides.

Readings come ordered by time, analyses ask by customer. One scan of the readings fills an array with a column a customer,
which is handed out in blocks of customers. Where it is larger than memory should hold, it lies in a file of the engine's
folder: readings in order of time fill it row after row, and a block is a band of columns, so both go through it in order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles.model import Float
from reporter.readings import Engine, Readings, room
from reporter.readings.grid import MICRO
from reporter.readings.settled import Settled

IN_MEMORY = 120_000_000
"""Most readings held in memory: 480 MB, or 54,000 customers of a quarter by the hour."""

_BLOCK = 3_000_000
"""Most readings in a block: what an analysis of it copies several times stays small."""

_RELEASE = 20
"""Batches after which pages of the file that are written out are given back."""


@dataclass(frozen=True)
class DayBlock:
    """The days of some customers with one length of interval."""

    rows: NDArray[np.int64]
    """(m,) index into the customers used, ascending."""
    minutes: int
    """Length of an interval [min]."""
    kw: Float
    """(m, days, 1440 ÷ minutes) mean load by local time of the day [kW]; NaN where there is no reading."""

    def hourly(self) -> Float:
        """(m, days, 24) mean load by local hour [kW]; NaN where a reading of the hour is missing."""
        m, days, intervals = self.kw.shape
        mean: Float = self.kw.reshape(m, days, 24, intervals // 24).mean(axis=3)
        return mean


def day_sample(readings: Readings, most: int, seed: int) -> NDArray[np.int64]:
    """Whose days are looked at: all customers used, or a seeded sample of ``most`` where there are more."""
    n = len(readings.audit.used)
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def day_blocks(
    readings: Readings,
    engine: Engine,
    rows: NDArray[np.int64],
    *,
    in_memory: int = IN_MEMORY,
    block: int = _BLOCK,
) -> Iterator[DayBlock]:
    """The days of these customers, block by block, in order of interval length and customer.

    In the hour that autumn doubles, an aware calendar has two readings for a place: the first counts, since a place holds one.

    Args:
        readings: cleaned readings in the engine.
        engine: runs the scan.
        rows: (m,) index into the customers used, ascending.
        in_memory: most readings held in memory; more go through a file.
        block: most readings of a block.
    """
    if not len(rows):
        return
    minutes = readings.audit.used["minutes"].to_numpy(dtype="int64")[rows]
    lengths = [int(length) for length in np.unique(minutes)]
    members = [rows[minutes == length] for length in lengths]
    days = len(readings.calendar.dates)
    if readings.settled is not None:
        for length, part in zip(lengths, members, strict=True):
            yield from _on_grid(readings, readings.settled, part, length, block)
        return
    shapes = [(days * (1440 // length), len(part)) for length, part in zip(lengths, members, strict=True)]
    sizes = [height * width for height, width in shapes]
    store = room.zeros(engine.folder, (sum(sizes),), np.float32, in_memory=4 * in_memory)
    grids, begin = [], 0
    for size, shape in zip(sizes, shapes, strict=True):
        grids.append(store[begin : begin + size].reshape(shape))
        begin += size
    _fill(readings, engine, lengths, members, store)
    for length, part, grid in zip(lengths, members, grids, strict=True):
        step = max(1, block // len(grid))
        for first in range(0, len(part), step):
            kw = np.ascontiguousarray(grid[:, first : first + step].T)
            # Nothing was written where the bits are those of a plain zero.
            kw[kw.view(np.int32) == 0] = np.nan
            yield DayBlock(part[first : first + step], length, kw.reshape(len(kw), days, -1))
            room.release(store)


def _on_grid(
    readings: Readings, settled: Settled, rows: NDArray[np.int64], length: int, block: int
) -> Iterator[DayBlock]:
    """The blocks of customers with one length of interval, from the array of readings."""
    days = len(readings.calendar.dates)
    place = _places(readings.calendar.table, length)
    slots = np.flatnonzero(place >= 0)
    factor = {"kwh": 60 / length, "kw": 1.0}[readings.unit] / MICRO
    step = max(1, block // len(place))
    for first in range(0, len(rows), step):
        part = rows[first : first + step]
        kw = settled.loads(part, slots, place[slots], days * (1440 // length), factor)
        yield DayBlock(part, length, kw.reshape(len(part), days, -1))


def _fill(
    readings: Readings, engine: Engine, lengths: list[int], members: list[NDArray[np.int64]], store: Float
) -> None:
    """Write loads [kW] into the store: a row a place of the days, a column a customer, one grid after another."""
    n, days = len(readings.audit.used), len(readings.calendar.dates)
    kind, begin, width = (np.zeros(n, dtype=np.int64) for _ in range(3))
    factor = np.zeros(n)
    offset = 0
    for number, (length, part) in enumerate(zip(lengths, members, strict=True)):
        kind[part], width[part] = number, len(part)
        begin[part] = offset + np.arange(len(part))
        factor[part] = {"kwh": 60 / length, "kw": 1.0}[readings.unit] / MICRO
        offset += len(part) * days * (1440 // length)
    places = np.stack([_places(readings.calendar.table, length) for length in lengths])
    table = readings.table
    chosen = np.concatenate(members)
    if len(chosen) < n:
        wanted = engine.lookup(pd.DataFrame({"row": np.sort(chosen).astype("int32")}))
        table = table.semi_join(wanted, "row")
    for number, batch in enumerate(engine.batches(table.select("row", "slot", "micro", "n"), len(store))):
        row = batch["row"].to_numpy()
        place = places[kind[row], batch["slot"].to_numpy()]
        load = (batch["micro"].to_numpy() / batch["n"].to_numpy() * factor[row]).astype("float32")
        # A load of zero is written as −0, whose bits are not those of a place without a reading.
        load[load == 0] = -0.0
        once = place >= 0
        if not once.all():
            row, place, load = row[once], place[once], load[once]
        store[begin[row] + place * width[row]] = load
        if number % _RELEASE == _RELEASE - 1:
            room.release(store)


def _places(calendar: pd.DataFrame, minutes: int) -> NDArray[np.int64]:
    """(slots,) place of a stamp in the days of a customer; −1 for the second of two with one local time."""
    of_day = calendar["hour"].to_numpy("int64") * 60 + calendar["local_minute"].to_numpy("int64")
    place = calendar["day"].to_numpy("int64") * (1440 // minutes) + of_day // minutes
    result = np.full(len(calendar), -1, dtype=np.int64)
    # Stamps of a finer grid than the customer's share a place; the customer has only one of them.
    exact = pd.Series(calendar["day"].to_numpy("int64") * 1440 + of_day)
    first = ~exact.duplicated().to_numpy()
    result[calendar["slot"].to_numpy("int64")] = np.where(first, place, -1)
    return result
