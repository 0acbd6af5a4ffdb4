"""The array of readings once duplicates are settled: loads of the customers used by the calendar's own places."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings import room
from reporter.readings.calendar import Calendar
from reporter.readings.grid import Grid, Ints

_BLOCK = 20_000_000
"""Most places of a block that is handed out."""


@dataclass(frozen=True)
class Settled:
    """Readings of the customers used, at most one a place."""

    grid: Grid
    """Without what was tangled, which was taken out of it."""
    codes: Ints
    """(n,) of the customers used, ascending: their columns in the array."""
    row_of: Ints
    """(slots,) row of the array for each slot of the calendar; −1 where only a second reading can stand."""
    beside: pd.DataFrame
    """row, slot, micro, export, ascending by row: readings that were settled, and stand in no place of the array."""

    def micro(self, rows: Ints, slots: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """(slots, rows) millionths, and which of them are there.

        Args:
            rows: index into the customers used, ascending.
            slots: of the calendar, ascending.
        """
        codes = self.codes[rows]
        at = self.row_of[slots]
        found = self.grid.columns(codes, at).astype("int64")
        found[at < 0] = 0
        there = found != 0
        found -= found > 0
        begin, end = np.searchsorted(self.beside["row"], [rows[0], rows[-1] + 1]) if len(rows) else (0, 0)
        if end > begin:
            row, slot, micro = (self.beside[name].to_numpy()[begin:end] for name in ("row", "slot", "micro"))
            across, down = np.searchsorted(rows, row), np.searchsorted(slots, slot)
            inside = (rows[np.minimum(across, len(rows) - 1)] == row) & (
                slots[np.minimum(down, len(slots) - 1)] == slot
            )
            found[down[inside], across[inside]] = micro[inside]
            there[down[inside], across[inside]] = True
        return found, there

    def loads(self, rows: Ints, slots: Ints, place: Ints, width: int, factor: float) -> NDArray[np.float32]:
        """(rows, width) loads, NaN where there is no reading.

        Args:
            rows: index into the customers used, ascending.
            slots: of the calendar, ascending.
            place: of each slot; a customer has one of those that share a place.
            width: number of places.
            factor: load of a millionth.
        """
        result = np.full((len(rows), width), np.nan, dtype="float32")
        step = max(1, _BLOCK // max(len(slots), 1))
        shared = len(np.unique(place)) < len(place)
        for begin in range(0, len(rows), step):
            micro, there = self.micro(rows[begin : begin + step], slots)
            part = result[begin : begin + step]
            if shared:
                down, across = np.nonzero(there)
                part[across, place[down]] = micro[down, across] * factor
            else:
                part[:, place] = np.where(there, micro * factor, np.nan).T
            room.release(self.grid.values)
        return result

    def blocks(self, rows: Ints, slots: Ints) -> Iterator[tuple[Ints, Ints, NDArray[np.bool_]]]:
        """The same for some customers at a time: their rows, the millionths, and which are there."""
        step = max(1, _BLOCK // max(len(slots), 1))
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            yield part, *self.micro(part, slots)
            room.release(self.grid.values)


def settle(
    grid: Grid, codes: Ints, calendar: Calendar, beside: pd.DataFrame, tangled: pd.DataFrame
) -> Settled | None:
    """The array without what was tangled, with what that was settled to beside it.

    Args:
        grid: all readings; what was tangled is taken out of it.
        codes: of the customers used, ascending.
        calendar: of one form of interval.
        beside: row, slot, micro, export.
        tangled: row, stamp_slot of places that were settled.

    Returns:
        ``None`` where a place would hold two readings.
    """
    places = calendar.places
    row_of = np.full(len(calendar.table), -1, dtype="int64")
    row_of[places["slot"]] = places["stamp_slot"]
    beside = beside.astype("int64").sort_values(["row", "slot"], ignore_index=True)
    at = row_of[beside["slot"].to_numpy()]
    there = (at >= 0) & (grid.at(codes[beside["row"].to_numpy()], at) != 0)
    standing = pd.MultiIndex.from_arrays([beside["row"][there], at[there]])
    gone = pd.MultiIndex.from_frame(tangled[["row", "stamp_slot"]].astype("int64"))
    if (
        beside.duplicated(["row", "slot"]).any()
        or places["slot"].duplicated().any()
        or not standing.isin(gone).all()
    ):
        return None
    grid.clear(codes[tangled["row"].to_numpy("int64")], tangled["stamp_slot"].to_numpy("int64"))
    return Settled(grid, codes, row_of, beside)
