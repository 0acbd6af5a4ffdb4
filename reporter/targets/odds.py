"""Probabilities whose odds are moved."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def shifted(probability: Float, shift: float) -> Float:
    """(n,) probabilities with a number added to the logarithm of their odds."""
    from scipy.special import expit

    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(expit(np.log(inside / (1 - inside)) + shift), dtype=np.float64)


def shift_to(probability: Float, mean: float) -> float:
    """The number to add to the logarithm of all odds so that the mean becomes what is wanted."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if shifted(probability, middle).mean() < mean else (low, middle)
    return high
