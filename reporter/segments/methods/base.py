"""What every way of grouping customers offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float


@dataclass(frozen=True)
class View:
    """Customers as a method sees them."""

    shapes: Float
    """(n, p) where customers are compared."""

    def take(self, rows: NDArray[np.int64]) -> "View":
        """Some of the customers, each as often as it is named."""
        return View(self.shapes[rows])

    def __len__(self) -> int:
        return len(self.shapes)


class Method(Protocol):
    """A way of grouping: prototypes are fitted, customers are put to the nearest."""

    def fit(self, view: View, k: int, seed: int) -> Float:
        """(k, p) prototypes, such as centroids, one a segment."""

    def assign(self, shapes: Float, prototypes: Float) -> NDArray[np.int32]:
        """(n,) index of the nearest prototype."""

    def inertia(self, shapes: Float, prototypes: Float) -> float:
        """Sum of squared distances to the nearest prototype."""

    def quick(self) -> "Method":
        """The same with less effort, for the many fits of a bootstrap."""
