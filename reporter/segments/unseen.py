"""Do segments say anything about days that they were not made from?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from reporter.profiles import Float, Profiles
from reporter.segments.cells import DAY, mean_days
from reporter.segments.effect import Effect, effect, evening_share, explained_share
from reporter.segments.methods import Method, View
from reporter.segments.model import UnseenDays
from reporter.segments.shapes import ShapeSpace, relative

_FEWEST_DAYS = 14
_FEWEST_CUSTOMERS = 20


@dataclass(frozen=True)
class Halves:
    """Profiles of the same customers from every other day and from the days between, and from the first half and the second."""

    rows: NDArray[np.int64]
    even: Float
    """(m, p) what customers are compared by, from every other day [kW]."""
    odd: Float
    """(m, p) the same from the days between."""
    odd_day: Float
    """(m, 24) mean day of the days between."""
    first: Float
    """(m, p) from the first half of the period; NaN for a customer without every hour in both of these halves; so is ``second``."""
    second: Float
    even_days: Float
    """(m, d, 24) every other day [kW]."""


def halves(profiles: Profiles, kinds: Sequence[str]) -> Halves | None:
    """Split the days in two, turn about; None where there are too few days or customers for it.

    Args:
        profiles: with their days.
        kinds: of days that customers are compared by.
    """
    daily = profiles.daily
    if len(daily.dates) < _FEWEST_DAYS:
        return None
    names = [season.name for season in profiles.seasons]
    day, middle = np.arange(len(daily.dates)), len(daily.dates) // 2
    even, odd, first, second = (
        mean_days(daily, kinds, names, chosen)
        for chosen in (day % 2 == 0, day % 2 == 1, day < middle, day >= middle)
    )
    odd_day = mean_days(daily, (DAY,), names, day % 2 == 1)
    complete = ~(np.isnan(even).any(axis=1) | np.isnan(odd).any(axis=1))
    if complete.sum() < _FEWEST_CUSTOMERS:
        return None
    return Halves(
        daily.rows[complete],
        *(part[complete] for part in (even, odd, odd_day, first, second, daily.kw[:, ::2])),
    )


@dataclass(frozen=True)
class Explained:
    """What segments of even days say about odd days."""

    evening: float
    """η² of the evening share (mean load from 17 to 21 h ÷ mean absolute load)."""
    shape: float
    """η² of the whole shape."""
    effect: Effect
    """How far the segments are apart."""


def explained(split: Halves, space: ShapeSpace, method: Method, k: int, seed: int) -> Explained | None:
    """Segment on even days, measure on odd days; None where there are too few customers for K.

    Args:
        split: the two halves of the days.
        space: where customers are compared.
        method: how they are grouped.
        k: number of segments.
        seed: of the method.
    """
    if k > len(split.rows) // 2:
        return None
    even = space(split.even)
    groups = method.assign(even, method.fit(View(even, split.even_days, np.arange(len(even))), k, seed))
    odd = relative(split.odd_day)
    return Explained(
        explained_share(evening_share(odd)[:, None], groups),
        explained_share(odd, groups),
        effect(relative(split.odd), groups),
    )


def unseen_days(
    split: Halves, space: ShapeSpace, method: Method, centroids: Float, shape_explained: float | None
) -> UnseenDays:
    """How far two halves of the days agree on everyone's segment, the segments held fixed."""
    even = method.assign(space(split.even), centroids)
    odd = method.assign(space(split.odd), centroids)
    return UnseenDays(
        agreement=float(adjusted_rand_score(even, odd)),
        changed=float((even != odd).mean()),
        drifted=_drifted(split, space, method, centroids),
        shape_explained=shape_explained,
    )


def _drifted(split: Halves, space: ShapeSpace, method: Method, centroids: Float) -> float | None:
    """Share of customers in another segment in the second half of the period; None where too few are in both."""
    there = ~(np.isnan(split.first).any(axis=1) | np.isnan(split.second).any(axis=1))
    if there.sum() < _FEWEST_CUSTOMERS:
        return None
    first, second = (method.assign(space(half[there]), centroids) for half in (split.first, split.second))
    return float((first != second).mean())
