"""K-means on shapes, deterministic, and for any number of customers."""

import os
import warnings

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float

_FIT_ON = 50_000
"""Most customers that centroids are fitted on; the rest are assigned. More do not move a mean noticeably."""

_CHUNK = 100_000

_SETTING_ASIDE = 4
_MOST_KEPT = 0.95
"""Customers that stay in the fit, at least: more than a few are no odd ones."""


def fit(shapes: Float, k: int, seed: int, starts: int, least_share: float = 0.0) -> Float:
    """Centroids of K-means (Lloyd; k-means++ starts, Arthur and Vassilvitskii 2007).

    A few odd customers would get a centroid of their own and force true groups together. So members of clusters
    smaller than ``least_share`` are set aside and the rest is fitted again, up to three times; ``assign`` then puts everyone
    into the nearest.

    Args:
        shapes: (n, p).
        k: number of centroids.
        seed: of the sample and the starts.
        starts: independent starts, of which the best is kept.
        least_share: share of the customers that a cluster needs.

    Returns:
        (k, p) float32.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # Where the system does not tell its cores, their count is asked for with a warning; one thread needs no count.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if len(shapes) > _FIT_ON:
        shapes = shapes[np.random.default_rng(seed).choice(len(shapes), _FIT_ON, replace=False)]
    kept = shapes.astype("float64")
    # One thread: with several, sums are added in the order in which threads finish, and the bytes differ.
    # Fewer distinct shapes than centroids leave some without members; callers see to that.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(_SETTING_ASIDE):
            model = KMeans(k, n_init=starts, random_state=seed).fit(kept)
            sizes = np.bincount(model.labels_, minlength=k)
            small = sizes < least_share * len(shapes)
            if not small.any() or len(kept) - sizes[small].sum() < max(k, len(shapes) * _MOST_KEPT):
                break
            kept = kept[~small[model.labels_]]
    centroids: Float = model.cluster_centers_.astype("float32")
    return centroids


def assign(shapes: Float, centroids: Float) -> NDArray[np.int32]:
    """(n,) index of the nearest centroid."""
    return np.concatenate([_distances(chunk, centroids).argmin(axis=1) for chunk in _chunks(shapes)]).astype(
        "int32"
    )


def inertia(shapes: Float, centroids: Float) -> float:
    """Sum of squared distances to the nearest centroid."""
    return float(sum(_distances(chunk, centroids).min(axis=1).sum() for chunk in _chunks(shapes)))


def _chunks(shapes: Float) -> list[Float]:
    return [shapes[i : i + _CHUNK] for i in range(0, len(shapes), _CHUNK)]


def _distances(shapes: Float, centroids: Float) -> NDArray[np.float64]:
    """(n, k) squared Euclidean distances."""
    difference = shapes[:, None, :].astype("float64") - centroids[None, :, :]
    squared: NDArray[np.float64] = np.einsum("nkp,nkp->nk", difference, difference)
    return squared
