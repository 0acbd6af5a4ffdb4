"""All readings as one array, a row a stamp and a column a customer: filled by one scan, and added up by bands of customers.

The engine answers a question by a pass over all readings. Where readings stand on a common grid, an array answers the same questions
from four bytes a reading, many at once, with the same whole numbers. Further readings of a customer and stamp are kept beside it. Where these
are many, or readings stand on no common grid, the engine is asked as before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from reporter.readings import room
from reporter.readings.engine import Engine, LocalEngine
from reporter.threads import ahead, how_many, in_order

Result = TypeVar("Result")
Ints = NDArray[np.int64]

LEAST_SHARE = 0.3
"""Share of the places of the array that must hold a reading, for it to be smaller than the readings."""

MOST_SHARE = 1.05
"""Readings ÷ places from which so many come twice that the engine settles them quicker."""

MICRO = 1_000_000
"""Energy is summed as whole millionths, so that a sum doesn't depend on the order of its terms."""

_SPARE = 8
"""Places of a table for each id."""

_SHARED = -2

_MOST_BESIDE = 20_000_000
"""Most readings that are kept beside the array, in memory: 500 MB."""

_BAND_PLACES = 2_500_000
"""Most places of a band."""

_BAND = 1024
"""Customers of a band, which lies together in the file: readings in order of time fill it a page at a time, and whoever adds up reads
it through."""

_RELEASE = 20
"""Batches or bands after which pages of the file are given back."""

_ROWS = 4_000_000
"""Most readings written to a file of the engine at once."""


@dataclass(frozen=True)
class Grid:
    """Readings by stamp and customer.

    A place holds 0 where there is no reading, and a reading's millionths, one more where they are zero or above: so zeros are an empty
    array.
    """

    values: NDArray[Any]
    """(bands, stamps, customers of a band) as above; int32, or int64 where readings may be so large."""
    customers: int
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
            work: takes the codes and the values, which it must not change.
            rows: stamps that are wanted; by default all.
        """
        bands = (
            slice(begin, min(begin + self.width, self.customers))
            for begin in range(0, self.customers, self.width)
        )

        whole = rows is None or np.array_equal(rows, np.arange(self.values.shape[1]))

        def one(band: slice) -> tuple[slice, Result]:
            part = self.values[band.start // self.width, :, : band.stop - band.start]
            return band, work(band, part if whole else part[rows])

        for number, result in enumerate(in_order(one, bands, self.threads)):
            yield result
            if number % _RELEASE == _RELEASE - 1:
                room.release(self.values)

    @property
    def width(self) -> int:
        """Customers of a band."""
        return int(self.values.shape[2])

    def at(self, codes: Ints, stamp_slots: Ints) -> NDArray[Any]:
        """What single places hold."""
        found = np.empty(len(codes), dtype=self.values.dtype)
        for part in self._parts(codes):
            found[part] = self.values[codes[part] // self.width, stamp_slots[part], codes[part] % self.width]
        return found

    def columns(self, codes: Ints, stamp_slots: Ints) -> NDArray[Any]:
        """(stamps, codes) what the places of some customers hold; codes ascending."""
        found = np.empty((len(stamp_slots), len(codes)), dtype=self.values.dtype)
        band = codes // self.width
        begins = np.flatnonzero(np.diff(band, prepend=-1))
        for number, (begin, end) in enumerate(pairwise([*begins.tolist(), len(codes)])):
            part = self.values[band[begin]]
            # Whole rows first: a band lies together, and a column does not.
            found[:, begin:end] = part[stamp_slots][:, codes[begin:end] % self.width]
            if number % _RELEASE == _RELEASE - 1:
                room.release(self.values)
        return found

    def clear(self, codes: Ints, stamp_slots: Ints) -> None:
        """Empty single places."""
        for part in self._parts(codes):
            self.values[codes[part] // self.width, stamp_slots[part], codes[part] % self.width] = 0

    def _parts(self, codes: Ints) -> Iterator[NDArray[np.intp]]:
        """Single places, some bands at a time: each place brings a page of the file into memory."""
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(0, self.customers, _RELEASE * self.width))
        for begin, end in pairwise([*edges.tolist(), len(order)]):
            if end > begin:
                yield order[begin:end]
                room.release(self.values)


class Codes:
    """Numbers that stand for ids → codes: tables that give nearly all at the first look."""

    def __init__(self, numbers: NDArray[np.uint64], code: Ints) -> None:
        self._levels: list[tuple[np.uint64, NDArray[np.int64]]] = []
        shift = 64
        while len(numbers) and shift > 0:
            bits = min(shift, max(int(_SPARE * len(numbers)).bit_length(), 10))
            shift -= bits
            place = self._place(numbers, shift, bits)
            table = np.full(1 << bits, _SHARED, dtype="int64")
            table[place] = code
            alone = np.bincount(place, minlength=len(table))[place] == 1
            table[place[~alone]] = _SHARED
            self._levels.append((np.uint64(shift), table))
            numbers, code = numbers[~alone], code[~alone]
        self._rest = dict(zip(numbers.tolist(), code.tolist(), strict=True))

    @staticmethod
    def _place(numbers: NDArray[np.uint64], shift: int, bits: int) -> Ints:
        return ((numbers >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).astype("int64")

    def of(self, numbers: NDArray[np.uint64]) -> Ints:
        """The code of each number, all of which are known."""
        code = np.full(len(numbers), _SHARED, dtype="int64")
        open_ = np.arange(len(numbers))
        for shift, table in self._levels:
            found = table[((numbers[open_] >> shift) & np.uint64(len(table) - 1)).astype("int64")]
            if len(open_) == len(code):
                code = found
            else:
                code[open_] = found
            open_ = open_[found == _SHARED]
            if not len(open_):
                return code
        code[open_] = [self._rest[number] for number in numbers[open_].tolist()]
        return code


@dataclass(frozen=True)
class Filled:
    """The array, and what is not in it."""

    grid: Grid
    left_out: dict[str, Ints]
    """(customers,) readings without a time (``undated``), with a time and no number (``empty``), and beyond the limit (``beyond``)."""


@dataclass(frozen=True)
class _Batch:
    """Some readings as numbers."""

    code: Ints
    slot: Ints
    micro: Ints
    estimated: NDArray[np.bool_] | None
    place: Ints
    """In the array."""
    value: NDArray[Any]
    """As the array holds it."""
    left_out: dict[str, Ints]
    """Codes of readings that are none, by kind."""

    def readings(self, which: NDArray[np.bool_]) -> pd.DataFrame:
        """Some of them, as in ``Grid.again``."""
        marked = (
            self.estimated[which] if self.estimated is not None else np.zeros(int(which.sum()), dtype=bool)
        )
        return _readings(self.code[which], self.slot[which], self.micro[which], marked)


def fill(
    table: Any,
    codes: Codes,
    customers: int,
    stamps: pd.DatetimeIndex,
    *,
    limit: float,
    engine: Engine,
    threads: int | None,
) -> Filled | None:
    """Read all readings into an array.

    Args:
        table: Ibis table: hash (of the customer), stamp, value, and estimated where files tell of it.
        codes: hash → code; below zero for nobody.
        customers: number of codes.
        stamps: the distinct stamps, ascending.
        limit: most that a value can be.
        engine: runs the scan, and has room for the array.
        threads: most that may work at once; ``None`` for all.

    Returns:
        ``None`` where too much would have to be kept beside the array.

    Raises:
        DataError: the disk has no room for it.
    """
    wide = limit * MICRO >= np.iinfo(np.int32).max
    width = min(_BAND, max(customers, 1), max(64, _BAND_PLACES // len(stamps)))
    shape = (-(-customers // width), len(stamps), width)
    values = room.zeros(engine.folder, shape, np.int64 if wide else np.int32)
    flat = values.reshape(-1)
    numbers = np.arange(max(customers, 1))
    first_place = (numbers // width) * len(stamps) * width + numbers % width
    slot_of = _slots(stamps)
    left_out = {name: np.zeros(customers, dtype="int64") for name in ("undated", "empty", "beyond")}
    flagged = "estimated" in table.columns

    def understood(batch: pa.RecordBatch) -> _Batch:
        code = codes.of(batch["hash"].to_numpy())
        value = batch["value"].to_numpy(zero_copy_only=False)
        stamp = batch["stamp"]
        marked = batch["estimated"].to_numpy(zero_copy_only=False) if flagged else None
        kept = np.abs(value) <= limit
        out: dict[str, Ints] = {}
        if stamp.null_count or not kept.all() or code.min() < 0:
            named, dated = code >= 0, stamp.is_valid().to_numpy(zero_copy_only=False)
            missing = np.isnan(value)
            out = {
                "undated": code[named & ~dated],
                "empty": code[named & dated & missing],
                "beyond": code[named & dated & ~missing & ~kept],
            }
            kept &= named & dated
            code, value, stamp = code[kept], value[kept], stamp.filter(pa.array(kept))
            marked = marked[kept] if marked is not None else None
        slot = slot_of(stamp.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy())
        micro = value * MICRO
        # Halves go away from zero, as the engine rounds them.
        micro = np.trunc(micro + np.copysign(0.5, micro)).astype("int64")
        place = first_place[code] + slot * width
        return _Batch(code, slot, micro, marked, place, (micro + (micro >= 0)).astype(values.dtype), out)

    again, estimated = [_readings([], [], [], [])], [_readings([], [], [], [])]
    beside, working = 0, how_many(threads)
    batches = in_order(understood, ahead(engine.batches(table), working), working)
    for number, batch in enumerate(batches):
        for name, code in batch.left_out.items():
            np.add.at(left_out[name], code, 1)
        if not len(batch.code):
            continue
        first = _put(flat, batch.place, batch.value)
        marked = batch.estimated
        if first is not None:
            again.append(batch.readings(~first))
            beside += len(again[-1])
        if marked is not None and marked.any():
            estimated.append(batch.readings(marked if first is None else marked & first))
            beside += len(estimated[-1])
        if beside > _MOST_BESIDE:
            return None
        # Readings in no order of time touch pages all over the file.
        if number % _RELEASE == _RELEASE - 1 or np.ptp(batch.slot) > _RELEASE:
            room.release(values)
    grid = Grid(
        values,
        customers,
        pd.concat(again, ignore_index=True),
        pd.concat(estimated, ignore_index=True)[["code", "stamp_slot"]],
        working,
    )
    return Filled(grid, left_out)


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
        # Each writes its number, and of several the last stays: the one that stands there in the end is the one that counts.
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


def at_places(grid: Grid, wanted: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Readings of some places (distinct code and stamp_slot), some at a time, with those beside the array."""
    for begin in range(0, len(wanted), _ROWS):
        code, slot = (
            wanted[name].to_numpy("int64")[begin : begin + _ROWS] for name in ("code", "stamp_slot")
        )
        yield _found(grid.at(code, slot), code, slot)
    keys = pd.MultiIndex.from_frame(wanted[["code", "stamp_slot"]].astype("int64"))
    yield grid.again[pd.MultiIndex.from_frame(grid.again[["code", "stamp_slot"]]).isin(keys)]


def of_customers(grid: Grid, codes: Ints) -> Iterator[pd.DataFrame]:
    """All readings of some customers (codes ascending), some customers at a time, with those beside the array."""
    slots = np.arange(grid.values.shape[1])
    step = max(1, _ROWS // len(slots))
    for begin in range(0, len(codes), step):
        part = codes[begin : begin + step]
        values = grid.columns(part, slots)
        slot, column = np.nonzero(values)
        yield _found(values[slot, column], part[column], slot)
        room.release(grid.values)
    yield grid.again[grid.again["code"].isin(codes)]


def as_table(grid: Grid, frames: Iterator[pd.DataFrame], engine: Engine, name: str) -> Any:
    """Readings of the array as an Ibis table, as ``Compact.table``, in a temporary file of that name."""
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
        for frame in frames:
            marked = frame["estimated"].to_numpy()
            if "first" in frame and len(flags):
                marked = pd.MultiIndex.from_frame(frame[["code", "stamp_slot"]]).isin(flags)
            micro = frame["micro"].to_numpy()
            columns = [frame["code"], frame["stamp_slot"], micro, np.maximum(-micro, 0), marked]
            yield pa.table(
                [pa.array(c).cast(f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
            )

    assert isinstance(engine, LocalEngine)
    return engine.keep(tables(), schema, name)


def _found(values: NDArray[Any], code: Ints, slot: Ints) -> pd.DataFrame:
    there = values != 0
    micro = values[there].astype("int64")
    none = np.zeros(len(micro), dtype=bool)
    return _readings(code[there], slot[there], micro - (micro > 0), none).assign(first=True)
