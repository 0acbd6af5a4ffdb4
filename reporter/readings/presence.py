"""When each customer has readings: a bit for each customer and stamp, counted in the engine and looked at here.

All that depends on which readings are there, and not on what they say, is exact for every customer: days, hours of the day, coverage,
the longest gap, and the map of the coverage over time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings.calendar import Calendar
from reporter.readings.lengths import Lengths
from reporter.threads import in_order

Bits = NDArray[np.uint8]

_CELLS = 16_000_000
"""Most customers × stamps that are looked at together: 16 MB a copy, and ten times that where nearly all are missing."""

MAP_COLUMNS = 96
"""Most columns of days that the coverage is kept in."""


@dataclass(frozen=True)
class Presence:
    """What the presence of readings shows, one row a customer as in ``Compact.customers``."""

    customers: pd.DataFrame
    """``stamps`` (distinct), ``once_stamps`` (distinct, without the hour that autumn doubles), ``days``, ``hours`` (of the day),
    ``gap_hours`` (longest time without a reading between two readings), ``first_day``, ``last_day`` (index into
    ``Calendar.dates``)."""
    by_day: NDArray[np.int64]
    """(days,) distinct readings of all customers."""
    metered: NDArray[np.int64]
    """(days,) customers between their first and their last day."""
    coverage: NDArray[np.float32]
    """(customers, columns) share of the intervals of each column's days that are there."""
    columns: NDArray[np.int64]
    """(days,) column of ``coverage`` that a day falls into."""


def look(bits: Bits, lengths: Lengths, calendar: Calendar, threads: int = 1) -> Presence:
    """Look at the bits of all customers.

    Args:
        bits: (customers, bytes) a bit for each stamp, the first stamp first; zeros where a customer has none.
        lengths: of the intervals.
        calendar: of the stamps.
        threads: most that work at once.
    """
    n, days = len(bits), len(calendar.dates)
    width = -(-days // MAP_COLUMNS)
    columns = np.arange(days) // width
    result = {
        name: np.zeros(n, dtype="int64")
        for name in ("stamps", "once_stamps", "days", "hours", "first_day", "last_day")
    }
    gap_hours = np.zeros(n)
    by_day = np.zeros(days, dtype="int64")
    coverage = np.zeros((n, int(columns[-1]) + 1), dtype="float32")
    in_column = np.bincount(columns)

    def one(group: tuple[NDArray[np.int64], int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, form, minutes = group
        grid = _Grid(calendar, form, minutes)
        there = np.unpackbits(bits[rows], axis=1)[:, grid.stamps]
        counts = (
            np.add.reduceat(there, grid.day_begins, axis=1, dtype="int32")
            if len(grid.stamps)
            else there[:, :0]
        )
        some = counts > 0
        result["stamps"][rows] = counts.sum(axis=1)
        result["once_stamps"][rows] = there[:, grid.once].sum(axis=1)
        result["days"][rows] = some.sum(axis=1)
        result["hours"][rows] = np.maximum.reduceat(there[:, grid.hour_order], grid.hour_begins, axis=1).sum(
            axis=1
        )
        result["first_day"][rows] = grid.days[some.argmax(axis=1)]
        result["last_day"][rows] = grid.days[some.shape[1] - 1 - some[:, ::-1].argmax(axis=1)]
        gap_hours[rows] = grid.longest_gap(there) * minutes / 60
        share = np.zeros((len(rows), days), dtype="float32")
        share[:, grid.days] = np.minimum(counts * (minutes / 1440), 1)
        coverage[rows] = (
            np.add.reduceat(share, np.searchsorted(columns, np.arange(len(in_column))), axis=1) / in_column
        )
        return grid.days, counts.sum(axis=0)

    groups = _groups(lengths, len(calendar.forms), max(1, _CELLS // len(lengths.grid)))
    for days_there, counts in in_order(one, groups, threads):
        np.add.at(by_day, days_there, counts)
    frame = pd.DataFrame(result).assign(gap_hours=gap_hours)
    come = frame[frame["stamps"] > 0]
    steps = np.bincount(come["first_day"], minlength=days + 1) - np.bincount(
        come["last_day"] + 1, minlength=days + 1
    )
    return Presence(frame, by_day, steps.cumsum()[:days], coverage, columns)


def unpack(blobs: "pd.Series[bytes]", stamps: int) -> Bits:
    """The engine's bit strings as rows of bytes, the first stamp in the highest bit of the first byte."""
    if not len(blobs):  # nobody has a valid reading
        return np.zeros((0, -(-stamps // 8)), dtype=np.uint8)
    raw = np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(len(blobs), -1)
    # The first byte says how many ones stand before the first stamp.
    padding = int(raw[0, 0]) if len(raw) else 0
    return np.packbits(np.unpackbits(raw[:, 1:], axis=1)[:, padding : padding + stamps], axis=1)


def _groups(lengths: Lengths, forms: int, step: int) -> Iterator[tuple[NDArray[np.int64], int, int]]:
    """Customers of one form and length, so many at a time: their rows, the form, and the length [min]."""
    customers = lengths.customers
    # A customer whose intervals change is looked at on the grid that its readings are kept in.
    form = (
        customers["form"].to_numpy("int64").copy() if forms > 1 else np.zeros(len(customers), dtype="int64")
    )
    kept = {pair: number for number, pair in enumerate(lengths.forms)}
    minutes = np.maximum(customers["minutes"].to_numpy("int64"), 1)
    if forms > 1:
        changing = form < 0
        form[changing] = [kept.get((int(m), int(m)), 0) for m in minutes[changing]]
    for number, length in sorted(set(zip(form.tolist(), minutes.tolist(), strict=True))):
        rows = np.flatnonzero((form == number) & (minutes == length))
        for first in range(0, len(rows), step):
            yield rows[first : first + step], number, length


class _Grid:
    """The stamps of the period as intervals of one form lie on them."""

    def __init__(self, calendar: Calendar, form: int, minutes: int) -> None:
        places = calendar.places
        places = places[(places["part"] == 0) & (places["form"] == form)].sort_values("stamp_slot")
        self.stamps = places["stamp_slot"].to_numpy("int64")
        day = places["day"].to_numpy("int64")
        self.days, self.day_begins = np.unique(day, return_index=True)
        self.once = places["repeats"].to_numpy() == 1
        hour = places["hour"].to_numpy()
        self.hour_order = np.argsort(hour, kind="stable")
        self.hour_begins = np.unique(hour[self.hour_order], return_index=True)[1]
        instants = calendar.table["instant"].to_numpy()[places["slot"].to_numpy()]
        # Intervals since the first; those of finer grids than the customer's share a place.
        since = (
            (instants - instants.min()) // np.timedelta64(minutes, "m")
            if len(instants)
            else np.zeros(0, "int64")
        )
        self.place, self.begins = np.unique(since, return_index=True)
        self.length = int(self.place[-1]) + 1 if len(self.place) else 0

    def longest_gap(self, there: Bits) -> NDArray[np.int64]:
        """(rows,) longest run of intervals without a reading between two readings."""
        longest = np.zeros(len(there), dtype="int64")
        if not self.length:
            return longest
        on_grid = np.zeros((len(there), self.length), dtype=np.uint8)
        on_grid[:, self.place] = np.maximum.reduceat(there, self.begins, axis=1)
        return longest_run(on_grid == 0, inside=on_grid)


def longest_run(marked: NDArray[np.bool_], inside: NDArray[np.uint8] | None = None) -> NDArray[np.int64]:
    """(rows,) longest run of marked places; with ``inside``, only between the first and the last place that is not zero there."""
    rows, width = marked.shape
    longest = np.zeros(rows, dtype="int64")
    row, place = np.nonzero(marked)
    if not len(row):
        return longest
    flat = row * (width + 1) + place
    begins = np.flatnonzero(np.diff(flat, prepend=-2) != 1)
    lengths = np.diff(begins, append=len(flat))
    run_row, first = row[begins], place[begins]
    if inside is not None:
        # A run at an end is time before the customer came or after it left.
        some: NDArray[np.bool_] = np.asarray(inside.any(axis=1))
        begin, end = inside.argmax(axis=1), width - inside[:, ::-1].argmax(axis=1)
        kept = some[run_row] & (first > begin[run_row]) & (first + lengths < end[run_row])
        lengths = np.where(kept, lengths, 0)
    np.maximum.at(longest, run_row, lengths)
    return longest
