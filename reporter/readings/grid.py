"""All readings as one array, a row a stamp and a column a customer: filled by one scan, and added up by blocks of customers.

The engine answers a question by a pass over all readings. Where readings stand on a common grid, an array answers the same questions
from four bytes a reading, many at once, with the same whole numbers. Readings that no such array can hold (many lengths of interval,
several readings of a customer and stamp) go the engine's way.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from reporter.readings import room
from reporter.readings.engine import Engine

Result = TypeVar("Result")
Ints = NDArray[np.int64]

LEAST_SHARE = 0.3
"""Share of the places of the array that must hold a reading, for it to be smaller than the readings."""

_BAND = 1024
"""Customers looked at together: a page of each row, and a quarter's hours of them fit the processor's cache."""

_RELEASE = 20
"""Batches or bands after which pages of the file are given back."""

_ROWS = 4_000_000
"""Most readings written to a file of the engine at once."""


@dataclass(frozen=True)
class Grid:
    """Readings by stamp and customer.

    A place holds 0 where there is no reading, and a reading's millionths, one more where they are zero or above: so a file is
    empty as it comes.
    """

    values: NDArray[Any]
    """(stamps, customers) as above; int32, or int64 where readings may be so large."""
    again: pd.DataFrame
    """code, stamp_slot, micro, estimated: readings after the first of a customer and stamp."""
    estimated: pd.DataFrame
    """code, stamp_slot of the first readings that were not measured."""
    threads: int

    def by_band(
        self, work: "Callable[[slice, NDArray[Any]], Result]", rows: Ints | None = None
    ) -> "Iterator[tuple[slice, Result]]":
        """What some work gives for each band of customers (their codes as a slice, and the band), in order.

        Args:
            work: takes the codes and the values, a copy.
            rows: stamps that are wanted; by default all.
        """
        customers = self.values.shape[1]
        bands = (slice(begin, min(begin + _BAND, customers)) for begin in range(0, customers, _BAND))

        def one(band: slice) -> tuple[slice, Result]:
            part = self.values[:, band] if rows is None else self.values[rows, band]
            return band, work(band, np.ascontiguousarray(part))

        with ThreadPoolExecutor(self.threads) as pool:
            # So many at a time: a million customers make a thousand bands, and results wait until they are taken.
            while chosen := list(islice(bands, _RELEASE * self.threads)):
                yield from pool.map(one, chosen)
                room.release(self.values)

    def micro(self, codes: Ints, stamp_slots: Ints) -> Ints:
        """Millionths at single places, all of which hold a reading."""
        found = self.values[stamp_slots, codes].astype("int64")
        return found - (found > 0)


def fill(
    table: Any,
    customers: int,
    stamps: pd.DatetimeIndex,
    *,
    wide: bool,
    flagged: bool,
    engine: Engine,
    threads: int | None,
) -> Grid:
    """Read all readings into an array.

    Args:
        table: Ibis table: code, stamp, micro, and estimated where ``flagged``.
        customers: number of codes.
        stamps: the distinct stamps, ascending.
        wide: whether readings may be too large for 32 bits.
        flagged: whether some readings may not have been measured.
        engine: runs the scan, and has room for the array.
        threads: most that may work at once; ``None`` for all.
    """
    values = room.zeros(engine.folder, (len(stamps), customers), np.int64 if wide else np.int32)
    flat = values.reshape(-1)
    slot_of = _slots(stamps)
    again, estimated = [_readings([], [], [], [])], [_readings([], [], [], [])]
    for number, batch in enumerate(engine.batches(table)):
        code = batch["code"].to_numpy().astype("int64")
        slot = slot_of(batch["stamp"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy())
        micro = batch["micro"].to_numpy()
        marked = batch["estimated"].to_numpy(zero_copy_only=False) if flagged else None
        place = slot * customers + code
        first = _put(flat, place, (micro + (micro >= 0)).astype(values.dtype))
        if first is not None:
            later = ~first
            flags = marked[later] if marked is not None else np.zeros(int(later.sum()), dtype=bool)
            again.append(_readings(code[later], slot[later], micro[later], flags))
        if marked is not None and marked.any():
            chosen = marked if first is None else marked & first
            estimated.append(_readings(code[chosen], slot[chosen], micro[chosen], marked[chosen]))
        if number % _RELEASE == _RELEASE - 1:
            room.release(values)
    return Grid(
        values,
        pd.concat(again, ignore_index=True),
        pd.concat(estimated, ignore_index=True)[["code", "stamp_slot"]],
        threads or os.cpu_count() or 1,
    )


def _readings(code: Any, slot: Any, micro: Any, estimated: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": np.asarray(code, dtype="int64"),
            "stamp_slot": np.asarray(slot, dtype="int64"),
            "micro": np.asarray(micro, dtype="int64"),
            "estimated": np.asarray(estimated, dtype=bool),
        }
    )


def _put(flat: NDArray[Any], place: Ints, value: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Write values where nothing is yet; which of them were, or ``None`` where all were."""
    free: NDArray[np.bool_] = flat[place] == 0
    if len(place) > 1 and not (place[1:] > place[:-1]).all():
        # Each writes its number: the one that stands there in the end is the one that counts.
        numbers = np.arange(1, len(place) + 1).astype(flat.dtype)
        flat[place[free]] = numbers[free]
        free &= flat[place] == numbers
    if free.all():
        flat[place] = value
        return None
    flat[place[free]] = value[free]
    return free


def _slots(stamps: pd.DatetimeIndex) -> Callable[[Ints], Ints]:
    """Microseconds → place among the distinct stamps."""
    known = stamps.as_unit("us").asi8
    step = int(np.gcd.reduce(np.diff(known))) if len(known) > 1 else 1
    number = (known - known[0]) // step
    if number[-1] > 8 * len(known) + 100_000:
        return lambda us: np.searchsorted(known, us)
    place = np.zeros(int(number[-1]) + 1, dtype="int64")
    place[number] = np.arange(len(known))
    return lambda us: place[(us - known[0]) // step]


def readings_of(grid: Grid, engine: Engine, wanted: pd.DataFrame | None, name: str) -> Any:
    """Readings as an Ibis table, as ``Compact.table``: of places (code, stamp_slot), or all.

    Args:
        grid: the array.
        engine: keeps the table in a temporary file.
        wanted: distinct code and stamp_slot; places without a reading are passed over.
        name: of the file.
    """

    def frames() -> Iterator[pd.DataFrame]:
        if wanted is not None:
            for begin in range(0, len(wanted), _ROWS):
                part = wanted.iloc[begin : begin + _ROWS]
                yield _found(grid, part["code"].to_numpy("int64"), part["stamp_slot"].to_numpy("int64"))
            keys = pd.MultiIndex.from_frame(wanted[["code", "stamp_slot"]].astype("int64"))
            mine = pd.MultiIndex.from_frame(grid.again[["code", "stamp_slot"]]).isin(keys)
            yield grid.again[mine]
            return
        stamps, customers = grid.values.shape
        step = max(1, _ROWS // stamps)
        for begin in range(0, customers, step):
            slot, code = np.nonzero(grid.values[:, begin : begin + step])
            yield _found(grid, code + begin, slot)
            room.release(grid.values)
        yield grid.again

    flags = pd.MultiIndex.from_frame(grid.estimated)
    schema = pa.schema(
        [
            ("code", pa.int32()),
            ("stamp_slot", pa.int32()),
            ("micro", pa.int64()),
            ("export", pa.int64()),
            ("estimated", pa.bool_()),
        ]
    )

    def tables() -> Iterator[pa.Table]:
        for frame in frames():
            marked = frame["estimated"].to_numpy()
            if "first" in frame and len(flags):
                marked = pd.MultiIndex.from_frame(frame[["code", "stamp_slot"]]).isin(flags)
            micro = frame["micro"].to_numpy()
            columns = [frame["code"], frame["stamp_slot"], micro, np.maximum(-micro, 0), marked]
            yield pa.table(
                [pa.array(c).cast(f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
            )

    return engine.keep(tables(), schema, name)


def _found(grid: Grid, code: Ints, slot: Ints) -> pd.DataFrame:
    there = grid.values[slot, code] != 0
    code, slot = code[there], slot[there]
    return _readings(code, slot, grid.micro(code, slot), np.zeros(len(code), dtype=bool)).assign(first=True)
