"""Load-shape dictionary: every customer-day is encoded by the nearest of K typical days.

Kwac, Flora and Rajagopal 2014, doi:10.1109/TSG.2013.2278477. A customer belongs with those whose days are most often of one
kind; the entropy of its days says how predictable they are, not how flexible.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float
from reporter.segments.methods import kmeans
from reporter.segments.methods.base import View
from reporter.segments.shapes import shapes as scaled
from reporter.settings import Normalise

_DAYS = 40_000
"""Customer-days that the typical days are fitted on."""

_QUICK_DAYS = 8_000


@dataclass(frozen=True)
class Encoding:
    """Days of some customers in terms of typical days."""

    rows: NDArray[np.int64]
    """(m,) index into the customers."""
    shares: Float
    """(m, k) share of the days in each typical day."""

    @property
    def entropy(self) -> NDArray[np.float64]:
        """(m,) entropy of the shares [bits]: 0 where all days are alike, log2 k where every kind is as usual."""
        share = self.shares.astype("float64")
        terms = np.where(share > 0, share * np.log2(np.maximum(share, 1e-12)), 0.0)
        bits: NDArray[np.float64] = -terms.sum(axis=1)
        return np.maximum(bits, 0)


@dataclass(frozen=True)
class Dictionary:
    """Grouping by the kind of day that is most usual."""

    normalise: Normalise
    starts: int
    days: int = _DAYS

    def fit(self, view: View, k: int, seed: int) -> Float:
        """(k, p) means of the customers whose most usual day is of one kind; kinds that are nobody's are left out."""
        typical = self.typical(view, k, seed)
        encoding = self.encode(view, typical)
        usual = encoding.shares.argmax(axis=1)
        return np.stack(
            [
                view.shapes[encoding.rows[usual == kind]].mean(axis=0, dtype="float64")
                for kind in np.unique(usual)
            ]
        ).astype("float32")

    def typical(self, view: View, k: int, seed: int) -> Float:
        """(k, 24) typical days, by K-means on the shapes of customer-days, usual ones first."""
        days = self._days(view).reshape(-1, HOURS)
        days = days[~np.isnan(days).any(axis=1)]
        if len(days) > self.days:
            days = days[np.sort(np.random.default_rng(seed).choice(len(days), self.days, replace=False))]
        found = kmeans.fit(days, k, seed, self.starts)
        sizes = np.bincount(kmeans.assign(days, found), minlength=k)
        ordered: Float = found[np.argsort(-sizes, kind="stable")]
        return ordered

    def encode(self, view: View, typical: Float) -> Encoding:
        """Every day with all its hours, by the nearest typical day."""
        days = self._days(view)
        whole = ~np.isnan(days).any(axis=2)
        kinds = np.full(whole.shape, -1)
        kinds[whole] = kmeans.assign(days[whole], typical)
        counts = np.stack([(kinds == kind).sum(axis=1) for kind in range(len(typical))], axis=1)
        seen = counts.sum(axis=1) > 0
        shares = counts[seen] / counts[seen].sum(axis=1, keepdims=True)
        return Encoding(np.flatnonzero(view.days_of >= 0)[seen], shares.astype("float32"))

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest mean."""
        return kmeans.assign(shapes, prototypes)

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared distances to the nearest mean."""
        return kmeans.inertia(shapes, prototypes)

    def each(self, shapes: Float, prototypes: Float) -> NDArray[np.float64]:
        """(n,) squared distance to the nearest prototype."""
        return kmeans.each(shapes, prototypes)

    def quick(self) -> "Dictionary":
        """On fewer days."""
        return replace(self, starts=1, days=min(self.days, _QUICK_DAYS))

    def _days(self, view: View) -> Float:
        """(m, d, 24) shapes of the days of the customers whose days are known."""
        kw = view.days[view.days_of[view.days_of >= 0]]
        shape = scaled(np.nan_to_num(kw).reshape(-1, HOURS), self.normalise).reshape(kw.shape)
        return np.where(np.isnan(kw), np.nan, shape).astype("float32")
