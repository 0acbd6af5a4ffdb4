"""Load profile → load shape: a customer's own row is scaled, so that size drops out and shape stays.

Scaling columns instead (as the usual script does) groups customers by size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import HOURS, Float
from reporter.segments.cells import DAY
from reporter.settings import Normalise, SegmentSettings

_TINY = 1e-9


@dataclass(frozen=True)
class ShapeSpace:
    """Where customers are compared: how a profile is scaled, and what counts as near.

    The distance of two shapes x and y is that of the rows (x, Gx, w·x̄) and (y, Gy, w·ȳ): the shape itself, the shape
    smoothed around the clock, so that a habit half an hour later is near and not elsewhere, and its mean over the hours that
    programs act in. Being linear in the shape, it is the Euclidean distance after one 24 × 24 matrix.
    """

    normalise: Normalise
    smoothing_hours: float = 0.0
    """Standard deviation of the Gaussian G around the clock [h]; 0: without."""
    focus: tuple[int, int] = (17, 21)
    """Hours of x̄, [first, last); may pass midnight."""
    focus_weight: float = 0.0
    """w."""
    kinds: tuple[str, ...] = (DAY,)
    """Kinds of days that lie side by side in a row, 24 hours each; see ``cells``."""
    band_hours: int = 0
    """Hours that a habit may be shifted (dynamic time warping); 0: the Euclidean distance counts."""

    @classmethod
    def of(cls, settings: SegmentSettings, kinds: tuple[str, ...] = (DAY,)) -> "ShapeSpace":
        """As the settings say; smoothing and focus are for shapes that are loads by hour, so for l2 and l1."""
        if settings.method == "dtw":
            return cls(settings.normalise, kinds=kinds, band_hours=settings.band_hours)
        if settings.normalise not in ("l2", "l1"):
            return cls(settings.normalise, kinds=kinds)
        return cls(settings.normalise, settings.smoothing_hours, settings.focus, settings.focus_weight, kinds)

    def __call__(self, profiles: Float) -> Float:
        """(n, p) shapes of profiles (n, p) [kW], p a multiple of 24; Euclidean distances between them count."""
        plain = shapes(profiles, self.normalise)
        if not self.smoothing_hours and not self.focus_weight:
            return plain
        days = plain.reshape(len(plain), -1, HOURS)
        # Not by BLAS, which adds a row's terms in another order when other rows stand beside it.
        turned = np.einsum("ndh,hg->ndg", days.astype("float64"), self._root())
        turned_rows: Float = turned.reshape(plain.shape).astype("float32")
        return turned_rows

    def _root(self) -> NDArray[np.float64]:
        """(24, 24) symmetric root of I + GᵀG + w²uuᵀ, u the mean over the focus."""
        metric = np.eye(HOURS)
        hours = np.arange(HOURS)
        if self.smoothing_hours:
            apart = (hours[:, None] - hours[None, :] + HOURS / 2) % HOURS - HOURS / 2
            blur = np.exp(-0.5 * (apart / self.smoothing_hours) ** 2)
            blur /= blur.sum(axis=1, keepdims=True)
            metric = metric + blur.T @ blur
        first, last = self.focus
        inside = (hours >= first) & (hours < last) if first < last else (hours >= first) | (hours < last)
        mean = self.focus_weight * inside / max(inside.sum(), 1)
        values, vectors = np.linalg.eigh(metric + np.outer(mean, mean))
        root: NDArray[np.float64] = (vectors * np.sqrt(values)) @ vectors.T
        return root


def shapes(profiles: Float, normalise: Normalise) -> Float:
    """Shapes in which customers are compared.

    Args:
        profiles: (n, p) mean load by hour [kW]; NaN is filled with the customer's mean.
        normalise: ``l2`` unit length; ``l1`` absolute loads sum to 1; ``minmax`` 0 to 1; ``zscore`` mean 0 and deviation 1;
            ``cumulative`` running sum of ``l1`` (its Euclidean distance approximates the earth mover's).

    Returns:
        (n, p) float32; a profile of zeros stays zeros.
    """
    rows = filled(profiles).astype("float64")
    if normalise == "l2":
        result = rows / _least(np.linalg.norm(rows, axis=1, keepdims=True))
    elif normalise == "minmax":
        low = rows.min(axis=1, keepdims=True)
        result = (rows - low) / _least(rows.max(axis=1, keepdims=True) - low)
    elif normalise == "zscore":
        result = (rows - rows.mean(axis=1, keepdims=True)) / _least(rows.std(axis=1, keepdims=True))
    else:
        result = rows / _least(np.abs(rows).sum(axis=1, keepdims=True))
        if normalise == "cumulative":
            result = np.cumsum(result, axis=1)
    return result.astype("float32")


def relative(profiles: Float) -> Float:
    """Profiles ÷ their mean absolute load: 1 is the customer's average. The shape that people are shown."""
    rows = filled(profiles)
    return (rows / _least(np.abs(rows).mean(axis=1, keepdims=True))).astype("float32")


def filled(profiles: Float) -> Float:
    """Profiles with each missing hour at the customer's mean of the others."""
    missing = np.isnan(profiles)
    if not missing.any():
        return profiles
    with np.errstate(invalid="ignore"):
        known = np.where(missing, 0, profiles).sum(axis=1) / np.maximum((~missing).sum(axis=1), 1)
    return np.where(missing, known[:, None], profiles).astype("float32")


def _least(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(scale > _TINY, scale, 1.0)
