"""K-means on shapes, deterministic, and for any number of customers."""

import os
import warnings
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float
from reporter.segments.methods.base import View

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_FIT_ON = 50_000
"""Most customers that centroids are fitted on; the rest are assigned. More do not move a mean noticeably."""

_CHUNK = 100_000

_DAY_BEGINS = 3
"""Hour at which the first of the windows begins that a steady start takes: when nearly everybody sleeps."""

_HALF_STEPS = 4
"""Steps of a steady start, each halfway to the means. Few: what further steps gain in inertia they lose in steadiness."""

_SETTING_ASIDE = 4
_MOST_KEPT = 0.95
"""Customers that stay in the fit, at least: more than a few are no odd ones."""


_QUICK_STARTS = 3

_QUICK_TREE = 500


@dataclass(frozen=True)
class KMeans:
    """K-means as a method; ``fit`` says what the fields are."""

    starts: int
    least_share: float = 0.0
    steady_within: float = 0.0
    tree_most: int = 0

    def fit(self, view: View, k: int, seed: int) -> Float:
        """(k, p) centroids."""
        return fit(view.shapes, k, seed, self.starts, self.least_share, self.steady_within, self.tree_most)

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest centroid."""
        return assign(shapes, prototypes)

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared distances to the nearest centroid."""
        return inertia(shapes, prototypes)

    def each(self, shapes: Float, prototypes: Float) -> NDArray[np.float64]:
        """(n,) squared distance to the nearest prototype."""
        return each(shapes, prototypes)

    def quick(self) -> "KMeans":
        """With few starts, and from trees of few customers."""
        return replace(
            self,
            starts=min(self.starts, _QUICK_STARTS),
            tree_most=min(self.tree_most, _QUICK_TREE),
        )


def fit(
    shapes: Float,
    k: int,
    seed: int,
    starts: int,
    least_share: float = 0.0,
    steady_within: float = 0.0,
    tree_most: int = 0,
) -> Float:
    """Centroids of K-means (Lloyd), from the branches of Ward's tree (1963, doi:10.1080/01621459.1963.10500845) where customers are few enough for one, else the best
    of some random starts (k-means++, Arthur and Vassilvitskii 2007).

    Few customers have many partitions that are nearly as good: which one random starts find, and so whom the next paragraph sets aside,
    is chance. A tree has no chance in it.

    A few odd customers would get a centroid of their own and force true groups together. So members of clusters
    smaller than ``least_share`` are set aside and the rest is fitted again, up to three times; ``assign`` then puts everyone
    into the nearest.

    In a continuum the best partition still hangs on a few customers. So a steady
    start (``_by_time_of_day``) is made too, and kept where its inertia comes within ``steady_within`` of the best found.

    Args:
        shapes: (n, p), p a multiple of 24 for a steady start.
        k: number of centroids.
        seed: of the sample and the starts.
        starts: independent random starts, of which the best is kept, where there is no tree.
        least_share: share of the customers that a cluster needs.
        steady_within: by how much the inertia of the steady start may be above the best, as a share of that.
        tree_most: most customers that a tree is grown on: its distances are n². Of more, the best of some random starts hangs less on chance than the
            tree of a sample does.

    Returns:
        (k, p) float32.
    """
    from sklearn.cluster import KMeans as Lloyd
    from sklearn.exceptions import ConvergenceWarning

    # Where the system does not tell its cores, their count is asked for with a warning; one thread needs no count.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if len(shapes) > _FIT_ON:
        shapes = shapes[np.random.default_rng(seed).choice(len(shapes), _FIT_ON, replace=False)]
    kept = shapes.astype("float64")
    least = least_share * len(shapes)
    # One thread: with several, sums are added in the order in which threads finish, and the bytes differ.
    # Fewer distinct shapes than centroids leave some without members; callers see to that.
    with _libraries().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(_SETTING_ASIDE):
            branches = _branches(kept, k) if k < len(kept) <= tree_most else None
            model = (
                Lloyd(k, n_init=starts, random_state=seed)
                if branches is None
                else Lloyd(k, init=branches, n_init=1)
            ).fit(kept)
            sizes = np.bincount(model.labels_, minlength=k)
            small = sizes < least
            if not small.any() or len(kept) - sizes[small].sum() < max(k, len(shapes) * _MOST_KEPT):
                break
            kept = kept[~small[model.labels_]]
    centroids: Float = model.cluster_centers_.astype("float32")
    if not steady_within or kept.shape[1] % HOURS:
        return centroids
    steady = _by_time_of_day(kept, k)
    if steady is None or np.bincount(assign(kept, steady), minlength=k).min() < max(least, 1):
        return centroids
    return steady if inertia(kept, steady) <= (1 + steady_within) * model.inertia_ else centroids


@cache
def _libraries() -> "ThreadpoolController":
    """The libraries that have threads. To look for them takes as long as a small fit, and they are all there by now."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _branches(shapes: NDArray[np.float64], k: int) -> NDArray[np.float64] | None:
    """(k, p) means of the k branches of Ward's tree; None where the shapes make fewer."""
    from scipy.cluster.hierarchy import fcluster, linkage

    branch = fcluster(linkage(shapes, method="ward"), k, criterion="maxclust")
    names = np.unique(branch)
    return np.stack([shapes[branch == b].mean(axis=0) for b in names]) if len(names) == k else None


def _by_time_of_day(shapes: NDArray[np.float64], k: int) -> Float | None:
    """(k, p) centroids from a start that no resampling moves: customers by the time of day that they stand out in.

    The day is cut into k windows that hold equal shares of everybody's load; an hour that a border cuts counts in both in
    parts, so that no border jumps from hour to hour with the sample. A customer starts in the window in which it has most
    more than others, in deviations of that window; then a few steps of Lloyd's algorithm, each half as long as usual, move the
    centroids towards their members. None where a window is left without customers.
    """
    hour = np.arange(shapes.shape[1]) % HOURS
    load = np.array([shapes[:, hour == h].mean() for h in range(HOURS)])
    load = np.roll(np.maximum(load, 0), -_DAY_BEGINS)
    if not load.sum() > 0:
        return None
    ends = np.cumsum(load) / load.sum() * k
    begins = ends - load / load.sum() * k
    inside = np.minimum(ends[:, None], np.arange(1, k + 1)) - np.maximum(begins[:, None], np.arange(k))
    part = np.maximum(inside, 0) / np.where(load > 0, ends - begins, 1)[:, None]
    excess = shapes @ np.roll(part, _DAY_BEGINS, axis=0)[hour]
    spread = excess.std(axis=0)
    groups = ((excess - excess.mean(axis=0)) / np.where(spread > 0, spread, 1)).argmax(axis=1)
    if len(np.unique(groups)) < k:
        return None
    centroids = np.stack([shapes[groups == w].mean(axis=0) for w in range(k)])
    for _ in range(_HALF_STEPS):
        groups = assign(shapes, centroids)
        for w in np.unique(groups):
            centroids[w] += (shapes[groups == w].mean(axis=0) - centroids[w]) / 2
    return centroids.astype("float32")


def assign(shapes: Float | NDArray[np.float64], centroids: Float | NDArray[np.float64]) -> NDArray[np.int32]:
    """(n,) index of the nearest centroid."""
    return np.concatenate([_distances(chunk, centroids).argmin(axis=1) for chunk in _chunks(shapes)]).astype(
        "int32"
    )


def inertia(shapes: Float | NDArray[np.float64], centroids: Float) -> float:
    """Sum of squared distances to the nearest centroid."""
    return float(sum(_distances(chunk, centroids).min(axis=1).sum() for chunk in _chunks(shapes)))


def each(shapes: Float, centroids: Float) -> NDArray[np.float64]:
    """(n,) squared distance to the nearest centroid."""
    near = [_distances(chunk, centroids).min(axis=1) for chunk in _chunks(shapes)]
    return np.concatenate([*near, np.zeros(0)])


def _chunks(shapes: Float | NDArray[np.float64]) -> list[Float | NDArray[np.float64]]:
    return [shapes[i : i + _CHUNK] for i in range(0, len(shapes), _CHUNK)]


def _distances(
    shapes: Float | NDArray[np.float64], centroids: Float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n, k) squared Euclidean distances."""
    difference = shapes[:, None, :].astype("float64") - centroids[None, :, :]
    squared: NDArray[np.float64] = np.einsum("nkp,nkp->nk", difference, difference)
    return squared
