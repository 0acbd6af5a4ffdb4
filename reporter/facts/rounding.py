"""Numbers rounded once, so that every reader sees the same."""

import math
from typing import Any

import numpy as np

_DIGITS = 6
_DECIMALS = 3


def rounded(value: Any) -> Any:
    """Numbers at six significant digits, NaN as null; containers throughout.

    Never coarser than a thousandth, so that large totals stay whole.
    """
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return [rounded(inner) for inner in value.tolist()]
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return None
        if abs(value) >= 10 ** (_DIGITS - _DECIMALS):
            return round(float(value), _DECIMALS)
        return float(f"{value:.{_DIGITS}g}") if value else 0.0
    return value
