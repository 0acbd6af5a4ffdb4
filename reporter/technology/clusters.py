"""Clusters: the blocks of a customer that have the same power, as those of one device do, and what describes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.technology.blocks import LEAST_RISE_KW, Blocks

FEATURES = (
    "blocks", "day_share", "nearly_daily", "power", "power_spread", "share_of_long", "share_of_rises", "hours", "hours_spread",
    "unevenness", "same_time", "night", "evening", "weather", "energy", "energy_spread", "long_per_day", "rises_per_day", "rank", "any_share",
    "any_daily", "short_share", "start_spread", "home_night_share", "home_night_weather", "home_day_weather",
)  # fmt: skip
"""What describes a cluster, in the order of ``Clusters.features``."""

_BIN, _BINS = 0.06, 42
"""Bins of the logarithm of power: from 2.2 to 27 kW."""
_NEAR = 0.11
"""Blocks whose power differs by less than this part from the cluster's are its own: other loads add and take as much."""
_FEWEST = 5
_LEAST_DAY_SHARE = 0.08
"""Blocks on fewer days are no habit."""
_NEARLY_DAILY = 0.93


@dataclass(frozen=True)
class Clusters:
    """Clusters of m customers, c in all."""

    customer: NDArray[np.int64]
    """(c,)"""
    kw: Float
    """(c,) power [kW]."""
    features: NDArray[np.float64]
    """(c, len(FEATURES))"""
    of_block: NDArray[np.int64]
    """(b,) cluster that a block belongs to, −1 for none."""


def home_features(kw: Float, weather: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 3) share of the energy used from midnight to seven, and how much night and day follow the weather: storage heaters do.

    Args:
        kw: (m, days, intervals) loads [kW].
        weather: (days,) what heating and cooling follow, in any unit.
    """
    _, days, intervals = kw.shape
    there = np.isfinite(kw)
    load = np.where(there, kw, 0)
    dark = intervals * 7 // 24
    z = _standard(weather)
    columns = []
    means = []
    for part in (slice(0, dark), slice(dark, intervals)):
        number = np.maximum(there[:, :, part].sum(axis=2), 1)
        mean = load[:, :, part].sum(axis=2, dtype="float64") / number
        centred = mean - mean.mean(axis=1, keepdims=True)
        size = np.sqrt((centred**2).mean(axis=1))
        columns.append(np.abs(centred @ z) / days / np.maximum(size, 1e-9))
        means.append(mean.mean(axis=1))
    share = 7 * means[0] / np.maximum(7 * np.abs(means[0]) + 17 * np.abs(means[1]), 1e-9)
    return np.stack([share, *columns], axis=1)


def find_clusters(
    blocks: Blocks,
    days_seen: NDArray[np.int64],
    home: NDArray[np.float64],
    weather: NDArray[np.float64],
    per_day: int,
    *,
    least_kwh: float,
    least_hours: float,
    most: int = 3,
) -> Clusters:
    """The clusters of each customer, those with most energy first.

    Args:
        blocks: of m customers.
        days_seen: (m,) days with readings.
        home: (m, 3) as ``home_features`` gives it.
        weather: (days,) what heating and cooling follow, in any unit: temperature, or the load of everybody.
        per_day: intervals of a day.
        least_kwh: energy of the blocks that count [kWh].
        least_hours: their length [h].
        most: clusters of a customer.
    """
    m, days = len(days_seen), len(weather)
    long = np.flatnonzero((blocks.kwh >= least_kwh) & (blocks.hours >= least_hours))
    customer = blocks.customer[long]
    power = np.log(blocks.kw[long] / LEAST_RISE_KW)
    weight = np.minimum(blocks.kwh[long], 12.0)
    free = np.ones(len(long), dtype=bool)
    of_block = np.full(len(blocks.customer), -1, dtype=np.int64)
    described = _Described(blocks, long, days_seen, _standard(weather), per_day)
    found: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]] = []
    number = 0
    for rank in range(most):
        centre = _densest(customer, power, weight * free, m)
        for _ in range(2):
            near = free & (np.abs(power - centre[customer]) < _NEAR)
            count = np.bincount(customer[near], minlength=m)
            mean = np.bincount(customer[near], power[near], minlength=m) / np.maximum(count, 1)
            centre = np.where(count > 0, mean, centre)
        near = free & (np.abs(power - centre[customer]) < _NEAR)
        count = np.bincount(customer[near], minlength=m)
        enough = np.flatnonzero(count >= np.maximum(_FEWEST, _LEAST_DAY_SHARE * days_seen))
        place = np.full(m, -1, dtype=np.int64)
        place[enough] = number + np.arange(len(enough))
        number += len(enough)
        of_block[long[near]] = place[customer[near]]
        features = np.concatenate([described.of(near, power, centre, days, rank), home], axis=1)[enough]
        found.append((enough, centre[enough], features))
        free &= ~near
    return Clusters(
        customer=np.concatenate([part[0] for part in found]),
        kw=(LEAST_RISE_KW * np.exp(np.concatenate([part[1] for part in found]))).astype("float32"),
        features=np.concatenate([part[2] for part in found]),
        of_block=of_block,
    )


def _densest(
    customer: NDArray[np.int64], power: Float, weight: NDArray[np.float64], m: int
) -> NDArray[np.float64]:
    """(m,) logarithm of power around which most energy lies."""
    bins = np.minimum((power / _BIN).astype(np.int64), _BINS - 1)
    count = np.bincount(customer * _BINS + bins, weight, minlength=m * _BINS).reshape(m, _BINS)
    trio = count.copy()
    trio[:, 1:] += count[:, :-1]
    trio[:, :-1] += count[:, 1:]
    centre: NDArray[np.float64] = (trio.argmax(axis=1) + 0.5) * _BIN
    return centre


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean 0 and standard deviation 1; zeros where nothing is known."""
    known = np.isfinite(values)
    if known.sum() < 5 or np.nanstd(values) == 0:
        return np.zeros(len(values))
    return np.where(known, (values - np.nanmean(values)) / np.nanstd(values), 0.0)


@dataclass(frozen=True)
class _Described:
    """What the blocks of a cluster have in common."""

    blocks: Blocks
    long: NDArray[np.int64]
    days_seen: NDArray[np.int64]
    weather: NDArray[np.float64]
    per_day: int

    def of(
        self, near: NDArray[np.bool_], power: Float, centre: NDArray[np.float64], days: int, rank: int
    ) -> NDArray[np.float64]:
        """(m, features of blocks) of the chosen blocks by customer; nonsense where there are none."""
        m = len(self.days_seen)
        own = self.long[near]
        customer = self.blocks.customer[own]
        count = np.bincount(customer, minlength=m)
        one = np.maximum(count, 1)

        def mean(values: NDArray[np.float64] | Float) -> NDArray[np.float64]:
            total: NDArray[np.float64] = np.bincount(customer, values, minlength=m) / one
            return total

        def spread(values: NDArray[np.float64] | Float) -> NDArray[np.float64]:
            centred = values - mean(values)[customer]
            result: NDArray[np.float64] = np.sqrt(mean(centred**2))
            return result

        day = self.blocks.begin[own] // self.per_day
        hour = self.blocks.start[own].astype("float64") % self.per_day * 24 / self.per_day
        angle = 2 * np.pi * hour / 24
        usual = np.arctan2(mean(np.sin(angle)), mean(np.cos(angle)))[customer]
        off_hours = np.abs((angle - usual + np.pi) % (2 * np.pi) - np.pi) * 24 / (2 * np.pi)
        kwh = np.bincount(customer * days + day, self.blocks.kwh[own], minlength=m * days).reshape(m, days)
        share = (kwh > 0).sum(axis=1) / np.maximum(self.days_seen, 1)
        centred = kwh - kwh.mean(axis=1, keepdims=True)
        size = np.sqrt((centred**2).mean(axis=1))
        follows = (centred @ self.weather) / days / np.maximum(size, 1e-9)
        hours, energy = np.log(self.blocks.hours[own]), np.log(self.blocks.kwh[own])
        # Short blocks of the same power tell a tank, which heats a little on most days, from a car that stays away.
        alike = np.abs(np.log(self.blocks.kw / LEAST_RISE_KW) - centre[self.blocks.customer]) < _NEAR
        other = self.blocks.customer[alike]
        alike_count = np.bincount(other, minlength=m)
        on_day = np.bincount(other * days + self.blocks.begin[alike] // self.per_day, minlength=m * days)
        regular = (on_day.reshape(m, days) > 0).sum(axis=1) / np.maximum(self.days_seen, 1)
        longs = np.bincount(self.blocks.customer[self.long], minlength=m)
        seen = np.maximum(self.days_seen, 1)
        return np.stack(
            [
                np.log1p(count),
                share,
                np.maximum(share - _NEARLY_DAILY, 0),
                centre,
                spread(power[near]),
                count / np.maximum(longs, 1),
                count / np.maximum(self.blocks.rises, 1),
                mean(hours),
                spread(hours),
                mean(self.blocks.unevenness[own]),
                np.hypot(mean(np.cos(angle)), mean(np.sin(angle))),
                mean(((hour >= 21.5) | (hour < 5)).astype(float)),
                mean(((hour >= 15.5) & (hour < 21.5)).astype(float)),
                np.abs(follows),
                mean(energy),
                spread(energy),
                longs / seen,
                self.blocks.rises / seen,
                np.full(m, float(rank)),
                regular,
                np.maximum(regular - _NEARLY_DAILY, 0),
                1 - count / np.maximum(alike_count, count + 1e-9),
                np.log(0.02 + mean(off_hours)),
            ],
            axis=1,
        )
