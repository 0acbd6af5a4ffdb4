"""Agglomerative grouping by Ward's criterion, on a sample, then everyone to the nearest mean.

Ward 1963, doi:10.1080/01621459.1963.10500845; Müllner 2011, arXiv 1109.2378 (the algorithm that SciPy has).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.segments.methods import kmeans
from reporter.segments.methods.base import View

_SAMPLE = 2_000
"""Customers that the tree is grown on: its distances are n²."""

_QUICK_SAMPLE = 500
_TREE = 24
"""Branches of the tree that are shown."""


@dataclass(frozen=True)
class Merge:
    """Two branches of the tree that become one; branches are numbered from 0 to ``leaves`` − 1, then merges in their order."""

    left: int
    right: int
    height: float
    """Ward distance at which they join."""
    customers: int


@dataclass(frozen=True)
class Hierarchical:
    """Ward's criterion as a method."""

    sample: int = _SAMPLE

    def fit(self, view: View, k: int, seed: int) -> Float:
        """(k, p) means of the k branches."""
        from scipy.cluster.hierarchy import fcluster

        shapes = self._sampled(view, seed)
        branch = fcluster(self._linkage(shapes), k, criterion="maxclust")
        return np.stack([shapes[branch == b].mean(axis=0) for b in np.unique(branch)]).astype("float32")

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest mean."""
        return kmeans.assign(shapes, prototypes)

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared distances to the nearest mean."""
        return kmeans.inertia(shapes, prototypes)

    def each(self, shapes: Float, prototypes: Float) -> NDArray[np.float64]:
        """(n,) squared distance to the nearest prototype."""
        return kmeans.each(shapes, prototypes)

    def quick(self) -> "Hierarchical":
        """On fewer customers."""
        return replace(self, sample=min(self.sample, _QUICK_SAMPLE))

    def tree(self, view: View, seed: int) -> list[Merge]:
        """The last merges, lowest first: what a dendrogram shows."""
        steps = self._linkage(self._sampled(view, seed))
        n = len(steps) + 1
        shown = steps[-(_TREE - 1) :]
        number: dict[int, int] = {}
        for step in shown:
            for child in step[:2].astype(int):
                if child < n + len(steps) - len(shown):
                    number.setdefault(int(child), len(number))
        leaves = len(number)
        for place in range(len(shown)):
            number[n + len(steps) - len(shown) + place] = leaves + place
        return [
            Merge(number[int(left)], number[int(right)], float(height), int(customers))
            for left, right, height, customers in shown
        ]

    def _sampled(self, view: View, seed: int) -> NDArray[np.float64]:
        shapes = view.shapes
        if len(shapes) > self.sample:
            shapes = shapes[
                np.sort(np.random.default_rng(seed).choice(len(shapes), self.sample, replace=False))
            ]
        return shapes.astype("float64")

    @staticmethod
    def _linkage(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.cluster.hierarchy import linkage

        steps: NDArray[np.float64] = linkage(shapes, method="ward")
        return steps
