"""Load profile → load shape: a customer's own row is scaled, so that size drops out and shape stays.

Scaling columns instead (as the usual script does) groups customers by size.
"""

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.settings import Normalise

_TINY = 1e-9


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
