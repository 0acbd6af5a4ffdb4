"""Dynamic time warping with a Sakoe–Chiba band: k-medoids on a sample, then everyone to the nearest medoid.

Sakoe and Chiba 1978, doi:10.1109/TASSP.1978.1163055. Medoids by alternation (Park and Jun 2009,
doi:10.1016/j.eswa.2008.01.039) from a greedy start.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float
from reporter.segments.methods.base import View

_SAMPLE = 500
"""Customers that medoids are chosen among: their distances are n²."""

_QUICK_SAMPLE = 150
_ROUNDS = 30
_PAIRS = 200_000


@dataclass(frozen=True)
class Warping:
    """Dynamic time warping as a method."""

    band: int
    """Hours that a habit may be shifted."""
    sample: int = _SAMPLE

    def fit(self, view: View, k: int, seed: int) -> Float:
        """(k, p) medoids: shapes of customers."""
        generator = np.random.default_rng(seed)
        shapes = view.shapes
        if len(shapes) > self.sample:
            shapes = shapes[np.sort(generator.choice(len(shapes), self.sample, replace=False))]
        squared = distances(shapes, shapes, self.band)
        # Of ties the first in order of the shapes' values, so that the order of customers does not matter.
        order = np.lexsort(shapes.T[::-1])
        shapes, squared = shapes[order], squared[np.ix_(order, order)]
        medoids = _greedy(squared, k)
        for _ in range(_ROUNDS):
            groups = squared[:, medoids].argmin(axis=1)
            better = np.array(
                [
                    _middle(squared, np.flatnonzero(groups == g)) if (groups == g).any() else medoids[g]
                    for g in range(k)
                ]
            )
            if (better == medoids).all():
                break
            medoids = better
        return shapes[medoids]

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest medoid."""
        return assign(shapes, prototypes, self.band)

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared warped distances to the nearest medoid."""
        return float(
            sum(
                distances(part, prototypes, self.band).min(axis=1).sum()
                for part in _parts(shapes, prototypes)
            )
        )

    def each(self, shapes: Float, prototypes: Float) -> NDArray[np.float64]:
        """(n,) squared distance to the nearest prototype."""
        near = [distances(part, prototypes, self.band).min(axis=1) for part in _parts(shapes, prototypes)]
        return np.concatenate([*near, np.zeros(0)]).astype("float64")

    def quick(self) -> "Warping":
        """On fewer customers."""
        return replace(self, sample=min(self.sample, _QUICK_SAMPLE))


def assign(shapes: Float, prototypes: Float, band: int) -> NDArray[np.int32]:
    """(n,) index of the nearest prototype by warped distance."""
    return np.concatenate(
        [distances(part, prototypes, band).argmin(axis=1) for part in _parts(shapes, prototypes)]
    ).astype("int32")


def distances(shapes: Float, others: Float, band: int) -> NDArray[np.float32]:
    """(n, m) squared warped distances: the least sum of squared differences over monotonic paths within the band.

    Each kind of days in a row is warped by itself; their distances add up.

    Args:
        shapes: (n, p), p a multiple of 24.
        others: (m, p).
        band: hours that a path may leave the diagonal.
    """
    total = np.zeros((len(shapes), len(others)), dtype="float32")
    for first in range(0, shapes.shape[1], HOURS):
        a, b = shapes[:, first : first + HOURS], others[:, first : first + HOURS]
        # One row of the table of costs at a time, for all pairs at once.
        before = np.full((HOURS + 1, len(a), len(b)), np.inf, dtype="float32")
        before[0] = 0
        for i in range(HOURS):
            row = np.full_like(before, np.inf)
            for j in range(max(0, i - band), min(HOURS, i + band + 1)):
                cost = (a[:, i, None] - b[None, :, j]) ** 2
                row[j + 1] = cost + np.minimum(np.minimum(before[j], before[j + 1]), row[j])
            before = row
        total += before[HOURS]
    return total


def _parts(shapes: Float, prototypes: Float) -> list[Float]:
    size = max(1, _PAIRS // len(prototypes))
    return [shapes[place : place + size] for place in range(0, len(shapes), size)]


def _greedy(squared: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """First the middle of all, then each time the one that brings the others most (Kaufman and Rousseeuw's BUILD)."""
    chosen = [_middle(squared, np.arange(len(squared)))]
    nearest = squared[:, chosen[0]]
    for _ in range(1, k):
        gain = np.maximum(nearest[:, None] - squared, 0).sum(axis=0, dtype="float64")
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        nearest = np.minimum(nearest, squared[:, chosen[-1]])
    return np.array(chosen)


def _middle(squared: NDArray[np.float32], members: NDArray[np.int64]) -> int:
    inside = squared[np.ix_(members, members)].sum(axis=0, dtype="float64")
    return int(members[inside.argmin()])
