"""How far segments are apart, in what a program can use: the evening's share of the load, and the hour of the peak.

A criterion of fit can't tell one noisy shape from many: it has no unit. The size of the difference can.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float

_EVENING = slice(17, 21)
_TIE = 0.15
"""Part of the mean load by which a segment's highest hour must be above its load in everybody's highest hour to count as another:
the highest hour of a flat day, or of two like peaks, is chance."""


@dataclass(frozen=True)
class Effect:
    """Spread (standard deviation over customers) between segments, and within them."""

    evening_between: float
    """Of the segments' evening shares, 1 being the customer's mean load."""
    evening_within: float
    """Of the members' evening shares about their segment's."""
    peak_between: float
    """Of the segments' peak hours, around the clock [h]."""
    peak_within: float
    """Of the members' peak hours about their segment's [h]."""


def evening_share(relative_kw: Float) -> NDArray[np.float64]:
    """(n,) mean load from 17 to 21 h ÷ mean absolute load."""
    share: NDArray[np.float64] = relative_kw[:, _EVENING].mean(axis=1, dtype="float64")
    return share


def explained_share(values: Float | NDArray[np.float64], groups: NDArray[np.int32]) -> float:
    """Between-group share of the total sum of squares over all columns (η²)."""
    values = values.astype("float64")
    total = float(((values - values.mean(axis=0)) ** 2).sum())
    within = sum(
        float(((v - v.mean(axis=0)) ** 2).sum()) for v in (values[groups == g] for g in np.unique(groups))
    )
    return 1 - within / total if total > 0 else 0.0


def effect(relative_kw: Float, groups: NDArray[np.int32]) -> Effect:
    """How far the groups are apart.

    Args:
        relative_kw: (n, 24 × kinds of days) profiles ÷ their mean absolute load; of several kinds the one that is furthest apart counts
            in each measure.
        groups: (n,) segment of each.
    """
    kinds = relative_kw.reshape(len(relative_kw), -1, HOURS)
    evenings, peaks = zip(*(_of_day(kinds[:, kind], groups) for kind in range(kinds.shape[1])), strict=True)
    return Effect(*max(evenings), *max(peaks))


def _of_day(relative_kw: Float, groups: NDArray[np.int32]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Spread between and within, of evening shares and of peak hours."""
    evening = evening_share(relative_kw)
    names, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=evening) / sizes
    usual = int(relative_kw.mean(axis=0).argmax())
    peaks: NDArray[np.int64] = np.array(
        [_peak_hour(relative_kw[groups == g].mean(axis=0), usual) for g in names], dtype="int64"
    )
    own = relative_kw.argmax(axis=1)
    return (
        float(np.sqrt(((means[place] - evening.mean()) ** 2).mean())),
        float(np.sqrt(((evening - means[place]) ** 2).mean())),
    ), (
        _hours_apart((peaks[place] - _middle(peaks[place])).astype("float64")),
        _hours_apart(own - peaks[place]),
    )


def _peak_hour(load: Float, usual: int) -> int:
    """The highest hour; the usual one where that is as high."""
    highest = int(load.argmax())
    return usual if load[highest] - load[usual] < _TIE else highest


def _middle(hours: NDArray[np.int64]) -> float:
    """Mean hour around the clock."""
    turn = np.exp(2j * np.pi * hours / 24).mean()
    return float(np.angle(turn) * 24 / (2 * np.pi))


def _hours_apart(difference: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Root mean square of differences, the shorter way around the clock [h]."""
    short = (difference + 12) % 24 - 12
    return float(np.sqrt((short.astype("float64") ** 2).mean()))
