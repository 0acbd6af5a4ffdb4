"""Blocks: loads that switch on, stay level and switch off, found in the series of interval loads.

After the training-free approach of Zhang, Son, Kim and Jain 2014 (arXiv 1404.5020): edges first, then what lies between.
A meter's interval smears an edge over two intervals, so rises and falls are taken over two.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float

LEAST_RISE_KW = 2.2
"""A rise from which a block may begin: below the smallest charger, above most of what a kitchen does for an hour."""
LONGEST_HOURS = 13
LEAST_HOURS = 0.35
_STAYS = 0.6
"""Part of the rise above which the block goes on."""
_FALLS = 0.4
"""Part of the rise that may be left when the block is over."""
_AT_ONCE = 200_000


@dataclass(frozen=True)
class Blocks:
    """The blocks of m customers, b in all, by customer and time."""

    customer: NDArray[np.int64]
    """(b,) index into the customers."""
    begin: NDArray[np.int64]
    """(b,) place of the interval in which the load rises."""
    start: Float
    """(b,) when the load rises, as a place with a fraction: what the first interval holds tells how late in it."""
    kw: Float
    """(b,) level above the load before and after [kW]."""
    hours: Float
    """(b,) energy ÷ level [h]."""
    kwh: Float
    """(b,) energy above the load before and after [kWh]."""
    unevenness: Float
    """(b,) mean distance of the level's inner intervals from their median ÷ level; 0 where there are fewer than three."""
    rises: NDArray[np.int64]
    """(m,) steep rises, of blocks and of anything else."""
    steps: NDArray[np.int64]
    """(b,) intervals from the rise to the fall, both included."""


def find_blocks(series: Float, minutes: int) -> Blocks:
    """Blocks in series of loads.

    Args:
        series: (m, intervals) mean load, in order of time; NaN where there is no reading [kW].
        minutes: length of an interval [min].
    """
    m, length = series.shape
    window = LONGEST_HOURS * 60 // minutes
    rise = np.full(series.shape, -np.inf, dtype=np.float32)
    rise[:, 1:-1] = series[:, 2:] - series[:, :-2]
    with np.errstate(invalid="ignore"):
        steep = rise >= LEAST_RISE_KW
        steep[:, 1:] &= rise[:, 1:] >= np.nan_to_num(rise[:, :-1], nan=-np.inf)
        steep[:, :-1] &= rise[:, :-1] > np.nan_to_num(rise[:, 1:], nan=-np.inf)
    steep[:, max(length - 3, 0) :] = False
    rises = steep.sum(axis=1)
    customer, begin = np.nonzero(steep)
    padded = np.concatenate([series, np.full((m, window + 3), np.nan, dtype=np.float32)], axis=1)
    parts = [
        _measure(padded, customer[first : first + _AT_ONCE], begin[first : first + _AT_ONCE], window, minutes)
        for first in range(0, len(customer), _AT_ONCE)
    ]
    if not parts:
        parts = [_measure(padded, customer, begin, window, minutes)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Blocks(rises=rises, **joined)


def _measure(
    padded: Float, customer: NDArray[np.int64], begin: NDArray[np.int64], window: int, minutes: int
) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    """Follow each rise until it falls; those that don't are no blocks."""
    hours = np.float32(minutes / 60)
    before = padded[customer, begin - 1]
    rise = padded[customer, begin + 1] - before
    ahead = padded[customer[:, None], begin[:, None] + 1 + np.arange(window + 2)]
    with np.errstate(invalid="ignore"):
        on = ahead[:, :window] >= (before + _STAYS * rise)[:, None]
    full = np.where(on.all(axis=1), window, on.argmin(axis=1))
    # The interval in which it falls is partly on; the one after must be low.
    place = np.arange(len(begin))
    after = ahead[place, np.minimum(full + 1, window + 1)]
    at_fall = ahead[place, full]
    with np.errstate(invalid="ignore"):
        fallen = np.fmin(at_fall, after) <= before + _FALLS * rise
        ends = np.where(at_fall <= before + _FALLS * rise, np.fmin(at_fall, after), after)
    good = fallen & (full < window) & np.isfinite(at_fall)
    customer, begin, before, rise, full, ahead, ends = (
        values[good] for values in (customer, begin, before, rise, full, ahead, ends)
    )
    at_fall = at_fall[good]
    base = (before + ends) / 2
    number = np.arange(window + 2)[None, :]
    inside = number < full[:, None]
    last = number == (full - 1)[:, None]
    # The last of several full intervals may be the one in which it falls.
    inner = inside & ~(last & (full > 2)[:, None])
    level = _median(np.where(inner, ahead, np.nan))
    kw = level - base
    first_kwh = np.maximum(padded[customer, begin] - base, 0)
    kwh = (
        np.where(inside, ahead - base[:, None], 0).sum(axis=1) + first_kwh + np.maximum(at_fall - base, 0)
    ) * hours
    spread = np.where(inner, np.abs(ahead - level[:, None]), 0).sum(axis=1) / np.maximum(inner.sum(axis=1), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.clip((padded[customer, begin] - before) / kw, 0, 1)
        lasts = kwh / kw
        uneven = np.where(inner.sum(axis=1) >= 3, spread / kw, 0)
    kept = (kw >= LEAST_RISE_KW) & (lasts >= LEAST_HOURS)
    return {
        "customer": customer[kept],
        "begin": begin[kept],
        "start": (begin + 1 - first)[kept].astype("float32"),
        "kw": kw[kept].astype("float32"),
        "hours": lasts[kept].astype("float32"),
        "kwh": kwh[kept].astype("float32"),
        "unevenness": uneven[kept].astype("float32"),
        "steps": full[kept] + 2,
    }


def _median(values: Float) -> Float:
    """Row medians that skip NaN; rows have at least one number."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    rows = np.arange(len(values))
    low, high = ordered[rows, (count - 1) // 2], ordered[rows, count // 2]
    median: Float = ((low + high) / 2).astype("float32")
    return median
