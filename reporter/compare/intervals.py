"""Intervals of shares and means, at 95 %."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Z = 1.959964
"""Quantile of the standard normal distribution at 97.5 %."""

Values = NDArray[np.float64]


def wilson(share: float, customers: int) -> tuple[float, float]:
    """Interval of a share of so many customers (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    n = max(customers, 1)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def together(intervals: int) -> float:
    """Quantile with which so many intervals all hold at 95 % (Bonferroni, after Dunn 1961, doi:10.1080/01621459.1961.10482090)."""
    return float(norm.ppf(1 - 0.025 / max(intervals, 1)))


def paired_shares(came: int, went: int, customers: int, z: float = Z) -> tuple[float, float, float]:
    """Change of a share of the same customers, and its interval.

    Args:
        came: customers who are in now and were not.
        went: customers who were in and are not now.
        customers: all of them.
        z: quantile of the interval.

    Returns:
        (came − went) ÷ customers, low, high (Agresti and Min 2005, doi:10.1002/sim.1781: Wald with half a customer added to each
        of the four cells).
    """
    change = (came - went) / max(customers, 1)
    b, c, n = came + 0.5, went + 0.5, customers + 2.0
    middle = (b - c) / n
    half = z * math.sqrt(max(b + c - (b - c) ** 2 / n, 0.0)) / n
    return change, middle - half, middle + half


def members(
    before: Values, after: Values, was: NDArray[np.bool_], is_now: NDArray[np.bool_]
) -> tuple[Values, Values, NDArray[np.bool_], tuple[Values, Values]]:
    """Values of all customers then and now, as ``mean_change`` takes those of a group: who was in it, and who is now."""
    both = was & is_now
    known = ~np.isnan(before[both]) & ~np.isnan(after[both])
    return before[both], after[both], known, (before[was & ~both], after[is_now & ~both])


def mean_change(
    old: Values, new: Values, together: NDArray[np.bool_], apart: tuple[Values, Values]
) -> tuple[float, float, float]:
    """Change of a group's mean where some of its members are the same customers, and its interval.

    Args:
        old, new: (m,) values of the customers in the group in both periods, in the same order.
        together: (m,) those of them with both values.
        apart: values of the others, then and now.

    Returns:
        Change of the mean of all members, low, high (normal, with the covariance of those in both); NaN where a period has none.
    """
    before = np.concatenate([old, apart[0]])
    after = np.concatenate([new, apart[1]])
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if not len(before) or not len(after):
        return math.nan, math.nan, math.nan
    change = float(after.mean() - before.mean())
    variance = _variance(before) / len(before) + _variance(after) / len(after)
    a, b = old[together], new[together]
    if len(a) > 1:
        variance -= 2 * float(np.cov(a, b)[0, 1]) * len(a) / (len(before) * len(after))
    half = Z * math.sqrt(max(variance, 0.0))
    return change, change - half, change + half


def _variance(values: Values) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0
