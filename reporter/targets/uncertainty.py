"""How sure a program's size is: what all its customers share, and what is each customer's own.

The effect of a program, the weather and the take-up are common to all customers, so a larger program is not more certain
than they are; only whether a single customer enrols, and what its own load is on the day, evens out with numbers.

For a set of offers with mean M [kW] at the published effect, L and H at the ends of its range, the reduction is

    D = (1 + s·V)·m(Z) + own,   m(Z) = M + (M − L)·Z/z₉₀ for Z < 0,   M + (H − M)·Z/z₉₀ for Z ≥ 0,

with Z and V standard normal, z₉₀ = 1.645 (so that the published range is the middle 90 % of the effect), s the
relative spread of weather and take-up, and own of mean 0 and variance Σσ².
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reporter.targets.model import Float

if TYPE_CHECKING:
    from reporter.profiles import Profiles

Z90 = 1.6448536269514722
_NODES = 400
_CHUNK = 2_000


@dataclass(frozen=True)
class Sums:
    """Sums over sets of offers, one a set."""

    low: Float
    """(s,) reduction at the low end of the published range [kW]."""
    value: Float
    """(s,) at the published effect [kW]."""
    high: Float
    """(s,) at the high end [kW]."""
    variance: Float
    """(s,) variance that is each customer's own [kW²]."""


@dataclass(frozen=True)
class Variation:
    """How load in the peak hours varies from one peak day to another."""

    shared: float
    """Relative standard deviation of the sum over all customers."""
    own_kw: Float
    """(n,) standard deviation of a customer's own load beyond that [kW]; 0 where it can't be told."""


def load_variation(profiles: "Profiles") -> Variation:
    """Variation between peak days, in its two parts."""
    days = [start.date() for start in profiles.peak_hours]
    names = sorted(set(days))
    hourly = profiles.peak_hours_kw.astype(np.float64)
    if len(names) < 2:
        return Variation(0.0, np.zeros(len(profiles.customer_id)))
    number = np.array([names.index(day) for day in days])
    daily = np.column_stack([_mean(hourly[:, number == day]) for day in range(len(names))])
    known = np.isfinite(daily)
    everywhere = known.all(axis=1)
    total = daily[everywhere].sum(axis=0) if everywhere.any() else np.ones(len(names))
    level = total / total.mean() if total.mean() > 0 else np.ones(len(names))
    mean = _mean(daily)
    residual = np.where(known, daily - mean[:, None] * level, 0.0)
    count = known.sum(axis=1)
    own = np.sqrt((residual**2).sum(axis=1) / np.maximum(count - 1, 1))
    return Variation(float(level.std(ddof=1)), np.where(count > 1, own, 0.0))


def own_variance(effect_kw: Float, participation: Float, effect_spread_kw: Float) -> Float:
    """(n,) variance of an offer's reduction that is the customer's own [kW²].

    A customer enrols or not (Bernoulli), and an enrolled one has its own load on the day.
    """
    second_moment = participation * (effect_kw**2 + effect_spread_kw**2)
    variance: Float = second_moment - (participation * effect_kw) ** 2
    return np.maximum(variance, 0.0)


def probability(sums: Sums, goal_kw: float, spread: float) -> Float:
    """(s,) probability that the reduction reaches the goal.

    Args:
        sums: of s sets of offers.
        goal_kw: reduction wanted [kW].
        spread: relative standard deviation of weather and take-up together.
    """
    from scipy.special import ndtr

    result = np.empty(len(sums.value))
    for start in range(0, len(result), _CHUNK):
        part = slice(start, start + _CHUNK)
        middle, deviation = _states(sums, part, spread)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(
                deviation > 0,
                (middle - goal_kw) / deviation,
                np.where(middle >= goal_kw * (1 - 1e-9), np.inf, -np.inf),
            )
        result[part] = ndtr(score).mean(axis=1)
    return result


def interval(sums: Sums, spread: float, level: float = 0.9) -> tuple[float, float]:
    """Ends of the central interval of the reduction of one set of offers [kW]."""
    from scipy.special import ndtr

    middle, deviation = _states(sums, slice(0, 1), spread)
    far = float(np.abs(middle).max() + 8 * deviation.max())
    if far <= 0:
        return 0.0, 0.0
    safe = np.maximum(deviation, 1e-9 * far)

    def quantile(share: float) -> float:
        low, high = -far, far
        for _ in range(80):
            at = (low + high) / 2
            low, high = (at, high) if ndtr((at - middle) / safe).mean() < share else (low, at)
        return high

    return max(quantile((1 - level) / 2), 0.0), quantile((1 + level) / 2)


def effect_deviation(sums: Sums) -> float:
    """Standard deviation of the reduction of one set of offers from the range of the effects alone [kW]."""
    middle, _ = _states(sums, slice(0, 1), 0.0)
    return float(middle.std())


def _states(sums: Sums, part: slice, spread: float) -> tuple[Float, Float]:
    """(s, nodes) mean and standard deviation of the reduction in each state of the shared effect."""
    from scipy.special import ndtri

    z = ndtri((np.arange(_NODES) + 0.5) / _NODES) / Z90
    value = sums.value[part, None]
    slope = np.where(z < 0, value - sums.low[part, None], sums.high[part, None] - value)
    middle = np.maximum(value + slope * z, 0.0)
    return middle, np.sqrt((spread * middle) ** 2 + sums.variance[part, None])


def _mean(values: NDArray[np.float64]) -> Float:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    mean: Float = np.where(count > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return mean
