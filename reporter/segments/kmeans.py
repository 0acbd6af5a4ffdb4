"""K-means on shapes, deterministic, and for any number of customers."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from reporter.profiles import Float

_FIT_ON = 50_000
"""Most customers that centroids are fitted on; the rest are assigned. More do not move a mean noticeably."""

_CHUNK = 100_000


def fit(shapes: Float, k: int, seed: int, starts: int) -> Float:
    """Centroids of K-means (Lloyd; k-means++ starts, Arthur and Vassilvitskii 2007).

    Args:
        shapes: (n, p).
        k: number of centroids.
        seed: of the sample and the starts.
        starts: independent starts, of which the best is kept.

    Returns:
        (k, p) float32.
    """
    if len(shapes) > _FIT_ON:
        shapes = shapes[np.random.default_rng(seed).choice(len(shapes), _FIT_ON, replace=False)]
    # One thread: with several, sums are added in the order in which threads finish, and the bytes differ.
    # Fewer distinct shapes than centroids leave some without members; callers see to that.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = KMeans(k, n_init=starts, random_state=seed).fit(shapes.astype("float64"))
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
