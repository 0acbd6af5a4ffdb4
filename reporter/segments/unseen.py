"""Do segments say anything about days that they were not made from?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from reporter.profiles import DailyProfiles, Float
from reporter.segments import kmeans
from reporter.segments.model import UnseenDays
from reporter.segments.shapes import relative, shapes
from reporter.settings import Normalise

_EVENING = slice(17, 21)
_FEWEST_DAYS = 14
_FEWEST_CUSTOMERS = 20


@dataclass(frozen=True)
class Halves:
    """Profiles of the same customers from every other day, and from the days between."""

    rows: NDArray[np.int64]
    even: Float
    odd: Float


def halves(daily: DailyProfiles) -> Halves | None:
    """Split the days in two, turn about; None where there are too few days or customers for it."""
    if len(daily.dates) < _FEWEST_DAYS:
        return None
    even, odd = _mean_day(daily.kw[:, ::2]), _mean_day(daily.kw[:, 1::2])
    complete = ~(np.isnan(even).any(axis=1) | np.isnan(odd).any(axis=1))
    if complete.sum() < _FEWEST_CUSTOMERS:
        return None
    return Halves(daily.rows[complete], even[complete], odd[complete])


@dataclass(frozen=True)
class Explained:
    """What segments of even days explain of odd days (η²): of the evening share, and of the whole shape."""

    evening: float
    shape: float


def explained(
    split: Halves, k: int, normalise: Normalise, seed: int, starts: int, least_share: float
) -> Explained | None:
    """Segment on even days; share of the variance between customers on odd days that the segments explain.

    Evening share is the mean load from 17 to 21 h ÷ the mean absolute load. None where there are too few customers for K.
    """
    if k > len(split.rows) // 2:
        return None
    even = shapes(split.even, normalise)
    groups = kmeans.assign(even, kmeans.fit(even, k, seed, starts, least_share))
    odd = relative(split.odd)
    return Explained(
        _explained(odd[:, _EVENING].mean(axis=1, keepdims=True), groups), _explained(odd, groups)
    )


def unseen_days(
    split: Halves, centroids: Float, normalise: Normalise, shape_explained: float | None
) -> UnseenDays:
    """How far two halves of the days agree on everyone's segment, the segments held fixed."""
    even = kmeans.assign(shapes(split.even, normalise), centroids)
    odd = kmeans.assign(shapes(split.odd, normalise), centroids)
    return UnseenDays(
        agreement=float(adjusted_rand_score(even, odd)),
        changed=float((even != odd).mean()),
        shape_explained=shape_explained,
    )


def _mean_day(kw: Float) -> Float:
    present = ~np.isnan(kw)
    count = present.sum(axis=1)
    total = np.where(present, kw, 0).sum(axis=1, dtype="float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan).astype("float32")


def _explained(values: Float, groups: NDArray[np.int32]) -> float:
    """Between-group share of the total sum of squares, over all columns."""
    values = values.astype("float64")
    total = float(((values - values.mean(axis=0)) ** 2).sum())
    within = sum(
        float(((v - v.mean(axis=0)) ** 2).sum()) for v in (values[groups == g] for g in np.unique(groups))
    )
    return 1 - within / total if total > 0 else 0.0
