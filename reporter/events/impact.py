"""What an event did: the change of load from like days, less that of the comparison group.

Difference in differences with the customers' own like days as the time before (O. Ashenfelter, D. Card 1985,
doi:10.2307/1924810). The question is what these customers dropped in these events, so the error is that of the day: how far the
difference between the two groups swings from one like day to another.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Values = NDArray[np.float64]

HOURS = 24
WINDOW, AFTER, COLUMNS = 24, 25, 26
"""Columns behind the 24 hours: means over the event and over the hours after it."""
CONFIDENCE = 0.9
_LEAST_DAYS = 8
"""Fewest like days that an event is measured with."""


@dataclass(frozen=True)
class Contrast:
    """One group at one event; each array has a column an hour, then the event, then the hours after it."""

    customers: int
    """Customers measured."""
    load_kw: Values
    """(26,) mean load on the day [kW]."""
    reduction_kw: Values
    """(26,) mean reduction per customer [kW]; negative where load rose."""
    spread_kw: Values
    """(26,) standard deviation of the same on like days, around what their level explains [kW]."""
    leverage: float
    """Variance of what the like days foretell for the day, in units of that of one day."""
    freedom: int
    """Degrees of freedom of the standard deviation."""


@dataclass(frozen=True)
class Estimate:
    """Mean over events, with its 90 % interval."""

    load_kw: Values
    reduction_kw: Values
    error_kw: Values
    """(26,) standard error [kW]."""
    half_kw: Values
    """(26,) half the width of the 90 % interval [kW]."""
    customer_events: int


def with_windows(kw: NDArray[np.floating], hours: Sequence[int], after: Sequence[int]) -> Values:
    """Loads (…, 24) with two more columns: their means over the event and over the hours after it."""
    window = kw[..., list(hours)].mean(axis=-1, keepdims=True)
    later = kw[..., list(after)].mean(axis=-1, keepdims=True) if after else np.full_like(window, np.nan)
    return np.concatenate([kw, window, later], axis=-1).astype("float64")


def contrasts(
    loads: Values, groups: NDArray[np.float64], others: NDArray[np.float64] | None, level: Values | None
) -> list[Contrast | None]:
    """Each group at one event against the like days and, where there is one, its comparison group.

    Args:
        loads: (m, k + 1, 26) loads on k like days and, last, on the day of the event [kW], or their distance to a baseline
            where there is no comparison group; NaN where not known.
        groups: (g, m) 1 where a called customer belongs to a group.
        others: (g, m) weights of the comparison group of each; None without one.
        level: (k + 1,) how high loads were on these days; the difference of the groups may go with it. None: it does not.

    Returns:
        For each group its contrast, None where nobody was measured.
    """
    days = loads.shape[1] - 1
    # A customer's own mean on like days is taken off, so that one who is missing on a day does not move the mean.
    own = _known_mean(loads[:, :days], axis=1)
    apart = loads - own[:, None]
    change = _weighted(groups, apart)
    if others is not None:
        change = change - _weighted(others, apart)
    measured = groups @ ~np.isnan(apart[:, -1, WINDOW])
    mean = _weighted(groups, loads[:, -1:])[:, 0]
    result: list[Contrast | None] = []
    for group, count in enumerate(measured):
        known = ~np.isnan(change[group, :days, WINDOW])
        if count < 1 or known.sum() < _LEAST_DAYS:
            result.append(None)
            continue
        usual, now = change[group, :days][known], change[group, days]
        # Loads that are known for no more than some of the like days (the hours after a late event) count as they are.
        centre = _known_mean(usual, axis=0)
        left, slope, leverage, freedom = usual - centre, np.zeros(COLUMNS), 1 / len(usual), len(usual) - 1
        if level is not None:
            heights = level[:days][known] - level[:days][known].mean()
            squares = float(heights @ heights)
            ahead = float(level[days] - level[:days][known].mean())
            if squares > 0:
                slope = heights @ np.where(np.isnan(left), 0, left) / squares
                left = left - heights[:, None] * slope
                centre = centre + ahead * slope
                leverage, freedom = leverage + ahead**2 / squares, freedom - 1
        spread = np.sqrt(np.where(np.isnan(left), 0, left**2).sum(axis=0) / freedom)
        if others is not None:
            # Loads swing in proportion to their size, and an event's day is higher than most.
            like = _weighted(groups[group : group + 1], loads[:, :days]).mean(axis=(0, 1))[WINDOW]
            would = mean[group, WINDOW] + (centre - now)[WINDOW]
            spread = spread * float(np.clip(would / like if like > 0 else 1.0, 1.0, 1.5))
        result.append(
            Contrast(
                customers=int(count),
                load_kw=mean[group],
                reduction_kw=centre - now,
                spread_kw=spread,
                leverage=leverage,
                freedom=freedom,
            )
        )
    return result


def mean_of(found: Sequence[Contrast]) -> Estimate:
    """Mean over events, each counted for its customers.

    Days of events are independent of one another; like days serve several events, so their part of the error is taken as the
    same in all of them, which can only widen the interval.
    """
    weight = np.array([contrast.customers for contrast in found], dtype="float64")
    share = (weight / weight.sum())[:, None]
    spread = np.array([contrast.spread_kw for contrast in found])
    ahead = np.sqrt([[contrast.leverage] for contrast in found])
    variance = (share**2 * spread**2).sum(axis=0) + ((share * spread * ahead).sum(axis=0)) ** 2
    error = np.sqrt(variance)
    freedom = max(float(share[:, 0] @ [contrast.freedom for contrast in found]), 1)
    return Estimate(
        load_kw=(share * np.array([contrast.load_kw for contrast in found])).sum(axis=0),
        reduction_kw=(share * np.array([contrast.reduction_kw for contrast in found])).sum(axis=0),
        error_kw=error,
        half_kw=error * quantile(freedom),
        customer_events=int(weight.sum()),
    )


def quantile(freedom: float) -> float:
    """Half the width of the 90 % interval in standard errors."""
    value = float(student.ppf((1 + CONFIDENCE) / 2, freedom))
    return value if math.isfinite(value) else 0.0


def _weighted(weights: NDArray[np.float64], values: Values) -> Values:
    """(g, …) weighted mean over customers of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    flat = np.where(known, values, 0).reshape(len(values), -1)
    total = weights @ flat
    weight = weights @ known.reshape(len(values), -1).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 1e-9, total / weight, np.nan)
    return mean.reshape(len(weights), *values.shape[1:])


def _known_mean(values: Values, axis: int) -> Values:
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    mean: Values = np.where(
        count > 0, np.where(known, values, 0).sum(axis=axis) / np.maximum(count, 1), np.nan
    )
    return mean
