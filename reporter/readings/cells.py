"""Sums of readings by customer and cell of the calendar: on the array of readings where there is one, else by the engine."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings import Readings
from reporter.readings.engine import Engine
from reporter.readings.grid import Ints
from reporter.readings.settled import Settled

Sums = tuple[NDArray[np.float64], NDArray[np.float32]]


def sums_by_cell(
    readings: Readings, engine: Engine, cell: Ints, shape: tuple[int, ...], rows: Ints | None = None
) -> Sums:
    """(m, *shape) sum of millionths, and number of readings.

    Args:
        readings: of the customers used.
        engine: adds up where the readings are in no array.
        cell: (days, 24) cell of each local hour, −1 where it is in none.
        shape: of the cells, which are numbered along its last axis first.
        rows: (m,) index into the customers used, ascending; by default all.
    """
    cells = math.prod(shape)
    if readings.settled is None:
        total, count = _by_engine(readings, engine, cell, cells, rows)
    elif rows is None:
        total, count = _of_all(readings.settled, _of_slot(readings, cell), cells)
    else:
        total, count = _of_some(readings.settled, _of_slot(readings, cell), cells, rows)
    return total.reshape(-1, *shape), count.reshape(-1, *shape)


def _by_engine(readings: Readings, engine: Engine, cell: Ints, cells: int, rows: Ints | None) -> Sums:
    day, hour = np.nonzero(cell >= 0)
    table = readings.table.inner_join(
        engine.lookup(
            pd.DataFrame(
                {
                    "day": day.astype("int32"),
                    "hour": hour.astype("int8"),
                    "cell": cell[day, hour].astype("int32"),
                }
            )
        ),
        ["day", "hour"],
    )
    n = len(readings.audit.used)
    if rows is not None:
        n = len(rows)
        places = pd.DataFrame({"row": rows.astype("int32"), "place": np.arange(n, dtype="int32")})
        table = table.inner_join(engine.lookup(places), "row").drop("row").rename(row="place")
    total, count = np.zeros((n, cells), dtype="float64"), np.zeros((n, cells), dtype="float32")
    grouped = table.group_by(["row", "cell"]).aggregate(micro=table.micro.sum(), n=table.n.sum())
    for batch in engine.batches(grouped, n * cells):
        place = _numbers(batch["row"]).astype("int64"), _numbers(batch["cell"]).astype("int64")
        total[place] = _numbers(batch["micro"])
        count[place] = _numbers(batch["n"])
    return total, count


def export_by_customer(readings: Readings, engine: Engine) -> NDArray[np.float64]:
    """(n,) what flowed to the grid in the period, in millionths."""
    found = np.zeros(len(readings.audit.used), dtype="float64")
    settled = readings.settled
    if settled is None:
        table = readings.table.filter(readings.table.export > 0)
        grouped = table.group_by("row").aggregate(export=table.export.sum())
        for batch in engine.batches(grouped, len(found)):
            found[batch["row"].to_numpy()] = _numbers(batch["export"])
        return found
    row = _row_of_code(settled)
    rows = np.sort(settled.row_of[settled.row_of >= 0])
    for band, part in settled.grid.by_band(
        lambda _, block: -np.minimum(block, 0).sum(axis=0, dtype="int64"), rows
    ):
        own = row[band]
        found[own[own >= 0]] = part[own >= 0]
    np.add.at(found, settled.beside["row"].to_numpy(), settled.beside["export"].to_numpy())
    return found


def sums_by_hour(readings: Readings, engine: Engine) -> pd.DataFrame:
    """Of all customers: ``day``, ``hour``, ``micro`` (of power times minutes, where values are power) and ``minutes`` of readings."""
    power = readings.unit == "kw"
    settled = readings.settled
    if settled is None:
        table = readings.table
        energy = table.micro * table.minutes if power else table.micro
        frame = engine.frame(
            table.group_by(["day", "hour"]).aggregate(
                micro=energy.cast("int64").sum(), minutes=(table.n * table.minutes).sum()
            )
        )
        return frame.sort_values(["day", "hour"], ignore_index=True)
    row = _row_of_code(settled)
    minutes = readings.audit.used["minutes"].to_numpy("int64")
    lengths = np.unique(minutes)
    length = np.where(row >= 0, minutes[row], 0)
    slots = np.flatnonzero(settled.row_of >= 0)

    def work(band: slice, block: NDArray[Any]) -> NDArray[np.int64]:
        there, result = block != 0, np.zeros((2, len(block)), dtype="int64")
        for one in lengths:
            own = length[band] == one
            if not own.any():
                continue
            part = block if own.all() else block[:, own]
            micro = part.sum(axis=1, dtype="int64") - (part > 0).sum(axis=1)
            result[0] += micro * one if power else micro
            result[1] += (there if own.all() else there[:, own]).sum(axis=1) * one
        return result

    total = np.zeros((2, len(settled.row_of)), dtype="int64")
    for _, part in settled.grid.by_band(work, settled.row_of[slots]):
        total[:, slots] += part
    beside = settled.beside
    own = minutes[beside["row"].to_numpy()]
    np.add.at(total[0], beside["slot"].to_numpy(), beside["micro"].to_numpy() * (own if power else 1))
    np.add.at(total[1], beside["slot"].to_numpy(), own)
    table = readings.calendar.table.sort_values("slot")
    frame = pd.DataFrame(
        {
            "day": table["day"].to_numpy(),
            "hour": table["hour"].to_numpy(),
            "micro": total[0],
            "minutes": total[1],
        }
    )
    frame = frame.groupby(["day", "hour"], as_index=False).sum()
    return frame[frame["minutes"] > 0].reset_index(drop=True)


def _of_slot(readings: Readings, cell: Ints) -> Ints:
    table = readings.calendar.table
    result = np.full(len(table), -1, dtype="int64")
    result[table["slot"]] = cell[table["day"].to_numpy(), table["hour"].to_numpy()]
    return result


def _row_of_code(settled: Settled) -> Ints:
    row = np.full(settled.grid.customers, -1, dtype="int64")
    row[settled.codes] = np.arange(len(settled.codes))
    return row


def _of_all(settled: Settled, of_slot: Ints, cells: int) -> Sums:
    n = len(settled.codes)
    total, count = np.zeros((n, cells), dtype="float64"), np.zeros((n, cells), dtype="float32")
    slots = np.flatnonzero((of_slot >= 0) & (settled.row_of >= 0))
    slots = slots[np.argsort(of_slot[slots], kind="stable")]
    filled, begins = np.unique(of_slot[slots], return_index=True)
    row = _row_of_code(settled)
    if len(slots):

        def work(band: slice, block: NDArray[Any]) -> None:
            own = row[band]
            kept = own >= 0
            there = np.add.reduceat(block != 0, begins, axis=0, dtype="int32")
            micro = np.add.reduceat(block, begins, axis=0, dtype="int64")
            micro -= np.add.reduceat(block > 0, begins, axis=0, dtype="int32")
            total[np.ix_(own[kept], filled)] = micro[:, kept].T
            count[np.ix_(own[kept], filled)] = there[:, kept].T

        for _ in settled.grid.by_band(work, settled.row_of[slots]):
            pass
    cell = of_slot[settled.beside["slot"].to_numpy()]
    inside = cell >= 0
    at = settled.beside["row"].to_numpy()[inside], cell[inside]
    np.add.at(total, at, settled.beside["micro"].to_numpy()[inside])
    np.add.at(count, at, 1)
    return total, count


def _of_some(settled: Settled, of_slot: Ints, cells: int, rows: Ints) -> Sums:
    total, count = (
        np.zeros((len(rows), cells), dtype="float64"),
        np.zeros((len(rows), cells), dtype="float32"),
    )
    slots = np.flatnonzero(of_slot >= 0)
    order = np.argsort(of_slot[slots], kind="stable")
    filled, begins = np.unique(of_slot[slots][order], return_index=True)
    done = 0
    for part, micro, there in settled.blocks(rows, slots):
        if len(slots):
            at = slice(done, done + len(part))
            total[at, filled] = np.add.reduceat(micro[order], begins, axis=0).T
            count[at, filled] = np.add.reduceat(there[order], begins, axis=0, dtype="int32").T
        done += len(part)
    return total, count


def _numbers(column: Any) -> NDArray[Any]:
    numbers: NDArray[Any] = (
        column.cast("float64").to_numpy(zero_copy_only=False)
        if "decimal" in str(column.type)
        else column.to_numpy(zero_copy_only=False)
    )
    return numbers
