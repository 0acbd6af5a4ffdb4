"""What the engine would count in passes over all readings, counted on the array of them: the same numbers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings.calendar import Calendar
from reporter.readings.grid import Grid, Ints

Block = NDArray[Any]


def first_sums(grid: Grid, stamps: pd.DatetimeIndex) -> tuple[pd.DataFrame, Ints, NDArray[np.float64]]:
    """Sums over all readings, before it is known how long their intervals are.

    Args:
        grid: all readings.
        stamps: the distinct stamps, ascending.

    Returns:
        A row a code: valid, most, net, export, minute_mask, hour_mask, as ``lengths`` needs them; (stamps,) readings that are not
        zero; and (stamps,) the sum of their millionths.
    """
    minute, hour = stamps.minute.to_numpy("int64"), stamps.hour.to_numpy("int64")
    minutes, hours = np.unique(minute), np.unique(hour)
    customers = grid.customers
    count = np.zeros((len(minutes), customers), dtype="int64")
    net, export = np.zeros(customers, dtype="int64"), np.zeros(customers, dtype="int64")
    hour_mask = np.zeros(customers, dtype="int64")

    def work(band: slice, block: Block) -> tuple[Ints, Ints]:
        there, positive = block != 0, block > 0
        for place, one in enumerate(minutes):
            count[place, band] = (there if len(minutes) == 1 else there[minute == one]).sum(axis=0)
        for one in hours:
            hour_mask[band] |= there[hour == one].any(axis=0).astype("int64") << one
        net[band] = block.sum(axis=0, dtype="int64") - positive.sum(axis=0)
        exports = block < 0
        if exports.any():
            export[band] = -np.where(exports, block, 0).sum(axis=0, dtype="int64")
        moving = there.sum(axis=1) - (block == 1).sum(axis=1)
        return moving, block.sum(axis=1, dtype="int64") - positive.sum(axis=1)

    by_stamp = np.zeros((2, len(stamps)), dtype="int64")
    for _, part in grid.by_band(work):
        by_stamp += part
    again = grid.again
    code, slot, micro = (again[name].to_numpy() for name in ("code", "stamp_slot", "micro"))
    np.add.at(count, (np.searchsorted(minutes, minute[slot]), code), 1)
    np.add.at(net, code, micro)
    np.add.at(export, code, np.maximum(-micro, 0))
    np.add.at(by_stamp[0], slot, (micro != 0).astype("int64"))
    np.add.at(by_stamp[1], slot, micro)
    frame = pd.DataFrame(
        {
            "code": np.arange(customers),
            "valid": count.sum(axis=0),
            "most": count.max(axis=0),
            "net": net,
            "export": export,
            "minute_mask": ((count > 0) << minutes[:, None]).sum(axis=0),
            "hour_mask": hour_mask,
        }
    )
    return frame, by_stamp[0], by_stamp[1].astype("float64")


def in_period(
    grid: Grid, calendar: Calendar, minutes: Ints, *, power: bool
) -> tuple[pd.DataFrame, NDArray[np.uint8]]:
    """Sums of the readings of the period by customer as the audit needs them, a row a code; and a bit a stamp that is there.

    Args:
        grid: all readings, of one form of interval.
        calendar: of the stamps.
        minutes: (customers,) length of the interval.
        power: whether values are power, so that energy is power times minutes.
    """
    places = calendar.places[calendar.places["part"] == 0].sort_values("stamp_slot")
    rows = places["stamp_slot"].to_numpy("int64")
    doubled = places["repeats"].to_numpy() > 1
    stamps, customers = grid.values.shape[1], grid.customers
    names = ("valid", "net", "moved", "highest", "lowest", "zeros", "estimated", "doubled")
    found = {name: np.zeros(customers, dtype="int64") for name in names}
    bits = np.zeros((customers, -(-stamps // 8)), dtype=np.uint8)
    top = np.iinfo(grid.values.dtype).max

    def work(band: slice, block: Block) -> None:
        there, positive = block != 0, block > 0
        positives = positive.sum(axis=0)
        found["valid"][band] = there.sum(axis=0)
        found["net"][band] = block.sum(axis=0, dtype="int64") - positives
        found["moved"][band] = np.abs(block).sum(axis=0, dtype="int64") - positives
        high, low = block.max(axis=0).astype("int64"), block.min(axis=0).astype("int64")
        # Places without a reading are zero, between exports and all else.
        least, most = np.where(positive, block, top).min(axis=0), high - 1
        below = positives == 0
        if below.any():
            most[below] = np.where(there[:, below], block[:, below], -top).max(axis=0)
        found["highest"][band] = most
        found["lowest"][band] = np.where(low < 0, low, least.astype("int64") - 1)
        found["zeros"][band] = (block == 1).sum(axis=0)
        if doubled.any():
            found["doubled"][band] = there[doubled].sum(axis=0)
        full = np.zeros((stamps, block.shape[1]), dtype=bool)
        full[rows] = there
        bits[band] = np.packbits(full.T, axis=1)

    for _ in grid.by_band(work, rows):
        pass
    inside, twice = np.zeros(stamps, dtype=bool), np.zeros(stamps, dtype=bool)
    inside[rows], twice[rows] = True, doubled
    again = grid.again[inside[grid.again["stamp_slot"].to_numpy()]]
    code, micro = again["code"].to_numpy(), again["micro"].to_numpy()
    for name, value in (
        ("valid", 1),
        ("net", micro),
        ("moved", np.abs(micro)),
        ("zeros", micro == 0),
        ("estimated", again["estimated"].to_numpy()),
        ("doubled", twice[again["stamp_slot"].to_numpy()]),
    ):
        np.add.at(found[name], code, np.asarray(value).astype("int64"))
    np.maximum.at(found["highest"], code, micro)
    np.minimum.at(found["lowest"], code, micro)
    marked = grid.estimated[inside[grid.estimated["stamp_slot"].to_numpy()]]
    np.add.at(found["estimated"], marked["code"].to_numpy(), 1)
    frame = pd.DataFrame(found)
    scale = 1 if power else 60 // np.maximum(minutes, 1)
    weight = minutes if power else 1
    frame = frame.assign(
        net=frame["net"] * weight,
        moved=frame["moved"] * weight,
        highest=frame["highest"] * scale,
        lowest=frame["lowest"] * scale,
    )
    frame.loc[frame["valid"] == 0] = 0
    return frame, bits
