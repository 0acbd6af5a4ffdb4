"""What every way of grouping customers offers."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float


def _no_days() -> Float:
    return np.zeros((0, 0, HOURS), dtype="float32")


@dataclass(frozen=True)
class View:
    """Customers as a method sees them."""

    shapes: Float
    """(n, p) where customers are compared."""
    days: Float = field(default_factory=_no_days)
    """(m, d, 24) load of single days of some customers [kW]; NaN where there is no reading."""
    days_of: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype="int64"))
    """(n,) index into ``days`` of each customer; −1 where its days are not known; empty where nobody's are."""

    def take(self, rows: NDArray[np.int64]) -> "View":
        """Some of the customers, each as often as it is named."""
        return View(self.shapes[rows], self.days, self.days_of[rows] if len(self.days_of) else self.days_of)

    def __len__(self) -> int:
        return len(self.shapes)


class Method(Protocol):
    """A way of grouping: prototypes are fitted, customers are put to the nearest."""

    def fit(self, view: View, k: int, seed: int) -> Float:
        """Prototypes (k, p), such as centroids, one a segment; fewer where the customers do not make as many."""

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest prototype."""

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared distances to the nearest prototype."""

    def each(self, shapes: Float, prototypes: Float) -> NDArray[np.float64]:
        """(n,) squared distance to the nearest prototype."""

    def quick(self) -> "Method":
        """The same with less effort, for the many fits of a bootstrap."""
