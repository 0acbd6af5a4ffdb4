"""What stands behind a customer's load in the system's peak hours: weather, a car, hot water, and the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.technology.blocks import Blocks
from reporter.technology.weather import Z90, WeatherFit, degrees_beyond

_THERE = 0.5
"""A load is there where it is at least this part of its mean."""


@dataclass(frozen=True)
class PeakHours:
    """The peak hours as places in the calendar's days."""

    day: NDArray[np.int64]
    """(p,)"""
    hour: NDArray[np.int64]
    """(p,)"""

    @property
    def days(self) -> NDArray[np.int64]:
        """(d,) days with peak hours, ascending."""
        return np.unique(self.day)

    def by_day(self, hourly: Float) -> Float:
        """(m, d) mean over each day's peak hours of loads (m, days, 24); NaN where there is no reading."""
        values = hourly[:, self.day, self.hour]
        there = np.isfinite(values)
        groups = (self.day[:, None] == self.days[None, :]).astype("float32")
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: Float = (np.where(there, values, 0) @ groups) / (there.astype("float32") @ groups)
        return mean

    @property
    def weight(self) -> NDArray[np.float64]:
        """(d,) number of peak hours on each of the days."""
        return np.unique(self.day, return_counts=True)[1].astype("float64")


@dataclass(frozen=True)
class Part:
    """A part of the load in the peak hours of m customers."""

    kw: Float
    low: Float
    high: Float
    there: Float
    """(m,) share of the days (or hours) on which it is there."""


def block_load(blocks: Blocks, chosen: NDArray[np.bool_], shape: tuple[int, int, int], per_day: int) -> Float:
    """Hourly load of the chosen blocks: (m, days, 24), each at its level for its length, in the middle of its intervals."""
    m, days, _ = shape
    hour = 24 / per_day
    length = blocks.hours[chosen].astype(float)
    middle = (blocks.begin[chosen] + blocks.steps[chosen] / 2) * hour
    hours = days * 24
    change = np.zeros(m * (hours + 2))
    row = blocks.customer[chosen] * (hours + 2)
    for at, sign in ((middle - length / 2, 1.0), (middle + length / 2, -1.0)):
        place = np.clip(at, 0, hours)
        whole = np.floor(place).astype(np.int64)
        part = place - whole
        kw = sign * blocks.kw[chosen]
        change += np.bincount(row + whole, kw * (1 - part), len(change))
        change += np.bincount(row + whole + 1, kw * part, len(change))
    load = np.cumsum(change.reshape(m, hours + 2), axis=1)[:, :hours]
    return np.maximum(load, 0).astype("float32").reshape(shape)


def block_part(load: Float, hourly: Float, peak: PeakHours) -> Part:
    """The part of a device's blocks; where a reading is missing, nothing is known of it."""
    by_day = peak.by_day(np.where(np.isfinite(hourly), np.minimum(load, np.maximum(hourly, 0)), np.nan))
    kw, error = _mean(by_day, peak.weight)
    with np.errstate(invalid="ignore"):
        there = np.where(np.isfinite(by_day), by_day > 0.1, np.nan)
    return Part(kw, _low(kw, error), (kw + Z90 * error).astype("float32"), _share(there))


def weather_part(
    hourly: Float,
    fit: WeatherFit,
    temperature_c: NDArray[np.float64],
    weekend: NDArray[np.bool_],
    peak: PeakHours,
) -> Part:
    """Heating and cooling in the peak hours, by the slopes of just these hours of the day beyond the change points of the days.

    The slope of the hours that hold peaks is fitted on all days; with it the degrees of the peak days give the load.
    """
    hours, number = np.unique(peak.hour, return_counts=True)
    y = np.average(hourly[:, :, hours], axis=2, weights=number)
    below, above = degrees_beyond(
        np.nan_to_num(temperature_c), fit.change_point_heating_c, fit.change_point_cooling_c
    )
    seen = np.isfinite(y) & np.isfinite(temperature_c)[None, :]
    fixed = [np.ones_like(below), np.broadcast_to(weekend.astype(float), below.shape)]
    x = np.stack([*fixed, below, above], axis=2)
    gram = np.einsum("md,mdp,mdq->mpq", seen.astype(float), x, x, optimize=True) + 1e-6 * np.eye(4)
    left = np.where(seen, y, 0)
    moment = np.einsum("md,mdp->mp", left, x, optimize=True)
    inverse = np.linalg.inv(gram)
    slopes = np.einsum("mpq,mq->mp", inverse, moment)
    residual = (left - np.einsum("mdp,mp->md", x, slopes)) * seen
    noise = (residual**2).sum(axis=1) / np.maximum(seen.sum(axis=1) - 4, 1)
    degrees = np.stack([below[:, peak.day], above[:, peak.day]], axis=2)
    each = np.maximum(np.einsum("mpk,mk->mp", degrees, np.maximum(slopes[:, 2:], 0)), 0)
    kw = each.mean(axis=1)
    mean_degrees = degrees.mean(axis=1)
    error = np.sqrt(
        np.maximum(np.einsum("mk,mkl,ml->m", mean_degrees, inverse[:, 2:, 2:], mean_degrees) * noise, 0)
    )
    level = slopes[:, :1] + slopes[:, 1:2] * weekend[peak.day][None, :]
    with np.errstate(invalid="ignore"):
        actual = hourly[:, peak.day, peak.hour] - level
        there = np.where(np.isfinite(actual), actual >= _THERE * each, np.nan)
    unknown = ~np.isfinite(fit.base_kw)
    none = kw < 1e-4
    return Part(
        kw=np.where(unknown, np.nan, kw).astype("float32"),
        low=np.where(unknown, np.nan, _low(kw, error)).astype("float32"),
        high=np.where(unknown, np.nan, np.where(none, 0, kw + Z90 * error)).astype("float32"),
        there=np.where(unknown | none, np.nan, _share(there)).astype("float32"),
    )


def rest_part(hourly: Float, baseload_kw: Float, parts: list[Part], peak: PeakHours) -> tuple[Part, Float]:
    """What the other parts leave above baseload, and how regularly the load above baseload is there."""
    above = np.maximum(peak.by_day(hourly) - baseload_kw[:, None], 0)
    kw, error = _mean(above, peak.weight)
    with np.errstate(invalid="ignore"):
        regular = np.where(np.isfinite(above), above >= _THERE * kw[:, None], np.nan)
    others = sum((np.nan_to_num(part.kw) for part in parts), np.zeros_like(kw))
    spread = [np.nan_to_num(part.high - part.kw) ** 2 for part in parts]
    error = np.sqrt(error**2 + sum(spread, np.zeros_like(kw)) / Z90**2)
    left = np.maximum(kw - others, 0)
    there = _share(regular)
    return Part(left, _low(left, error), (left + Z90 * error).astype("float32"), there), there


def _mean(by_day: Float, weight: NDArray[np.float64]) -> tuple[Float, Float]:
    """(m,) weighted mean over days and its standard error; NaN with no day, an error as wide as the mean with one."""
    there = np.isfinite(by_day)
    number = there.sum(axis=1)
    w = np.where(there, weight[None, :], 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.where(there, by_day, 0) * w).sum(axis=1) / w.sum(axis=1)
        off = np.where(there, by_day - mean[:, None], 0)
        variance = (w * off**2).sum(axis=1) / w.sum(axis=1) * number / np.maximum(number - 1, 1)
        error = np.sqrt(variance / number)
    error = np.where(number == 1, np.abs(mean) / Z90, error)
    return mean.astype("float32"), error.astype("float32")


def _low(kw: NDArray[np.floating], error: NDArray[np.floating]) -> Float:
    low: Float = np.maximum(kw - Z90 * error, 0).astype("float32")
    return low


def _share(flags: NDArray[np.floating]) -> Float:
    there = np.isfinite(flags)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Float = (np.where(there, flags, 0).sum(axis=1) / there.sum(axis=1)).astype("float32")
    return share
