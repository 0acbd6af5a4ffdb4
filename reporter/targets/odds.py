"""Probabilities whose odds are moved."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def shifted(probability: Float, shift: float) -> Float:
    """(n,) probabilities with a number added to the logarithm of their odds."""
    from scipy.special import expit

    return np.asarray(expit(_log_odds(probability) + shift), dtype=np.float64)


def shift_to(probability: Float, mean: float) -> float:
    """The number to add to the logarithm of all odds so that the mean becomes what is wanted.

    Newton's method inside a bracket: the mean rises with the number, so a step that leaves the bracket is halved instead.
    """
    from scipy.special import expit

    odds = _log_odds(probability)
    low, high, at = -30.0, 30.0, 0.0
    for _ in range(100):
        chance = expit(odds + at)
        over = float(chance.mean()) - mean
        low, high = (low, at) if over >= 0 else (at, high)
        slope = float((chance * (1 - chance)).mean())
        step = at - over / slope if slope > 0 else low
        step = step if low < step < high else (low + high) / 2
        if abs(step - at) <= 1e-14 * max(1.0, abs(at)):
            break
        at = step
    return at


def _log_odds(probability: Float) -> Float:
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)
