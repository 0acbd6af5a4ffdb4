"""What a customer would have used, from its own earlier days.

Names and rules as utilities and system operators use them: K. Coughlin, M. A. Piette, C. Goldman, S. Kiliccote, Statistical
analysis of baseline load models for non-residential buildings, Energy and Buildings 41 (2009) 374–381,
doi:10.1016/j.enbuild.2008.11.002.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reporter.events.loads import WEEKDAY, WEEKEND
from reporter.profiles.model import Float
from reporter.settings import EventSettings

RECENT = {"10-of-10": (10, 10), "high-4-of-5": (4, 5), "high-5-of-10": (5, 10), "middle-8-of-10": (8, 10)}
"""Baselines of recent days: how many days of how many."""
WEATHER = "weather-matched"


def like_kind(kind: NDArray[np.int8], day: int) -> NDArray[np.bool_]:
    """(days,) days that may stand for this one: weekdays for a weekday, weekends for a weekend or a holiday."""
    wanted: NDArray[np.bool_] = kind == (WEEKDAY if kind[day] == WEEKDAY else WEEKEND)
    return wanted


def baselines(
    loads: Float,
    kind: NDArray[np.int8],
    day: int,
    hours: Sequence[int],
    temperature: NDArray[np.float64] | None,
    options: EventSettings,
) -> dict[str, Float]:
    """Baselines of a day, without same-day adjustment.

    A day before it within ``lookback_days``, of its kind, counts where the customer has all hours of the event. Of recent
    days, half are enough, and of High X of Y at least X; Middle 8 of 10 leaves out the day with the most and the one with the
    least use in the event's hours.

    Args:
        loads: (m, days, 24) load on ordinary days [kW]; NaN on days that must not count: events, outages.
        kind: (days,) weekday, weekend or holiday.
        day: the day wanted.
        hours: of the event.
        temperature: (days,) mean by day [°C], or None.
        options: of baselines.

    Returns:
        Name → (m, 24) [kW]; NaN where a customer has too few days.
    """
    before = np.flatnonzero(like_kind(kind, day)[:day])
    days = before[before >= day - options.lookback_days][::-1]
    part = loads[:, days]
    use = part[:, :, list(hours)].mean(axis=2)
    counts = ~np.isnan(use)
    result = {}
    for name, (x, y) in RECENT.items():
        recent = counts & (np.cumsum(counts, axis=1) <= y)
        result[name] = _mean(part, _picked(use, recent, x, y, middle=name.startswith("middle")))
    if temperature is not None:
        apart = np.abs(temperature[days] - temperature[day])
        order = np.argsort(np.where(np.isnan(apart), np.inf, apart), kind="stable")
        ranked = (counts & ~np.isnan(apart))[:, order]
        nearest = np.zeros_like(counts)
        nearest[:, order] = ranked & (np.cumsum(ranked, axis=1) <= options.weather_days)
        enough = nearest.sum(axis=1) == options.weather_days
        result[WEATHER] = _mean(part, nearest & enough[:, None])
    return result


def adjusted(baseline: Float, load: Float, hours: Sequence[int], options: EventSettings) -> Float:
    """A baseline moved up or down by what the customer used above or below it in the hours before the event.

    Args:
        baseline: (m, 24) [kW].
        load: (m, 24) load on the day itself [kW].
        hours: of the event.
        options: which hours, and the cap as a share of the baseline in the event.
    """
    last = min(hours) - options.adjust_gap
    before = [hour for hour in range(last - options.adjust_hours, last) if hour >= 0]
    if not before:
        return baseline
    apart = (load - baseline)[:, before].mean(axis=1)
    cap = options.adjust_cap * np.abs(baseline[:, list(hours)].mean(axis=1))
    moved: Float = baseline + np.clip(np.nan_to_num(apart), -cap, cap)[:, None]
    return moved


def _picked(use: Float, recent: NDArray[np.bool_], x: int, y: int, *, middle: bool) -> NDArray[np.bool_]:
    """(m, days) days that make the baseline, of the recent ones."""
    found = recent.sum(axis=1)
    half = -(-y // 2)
    least = half if middle or x == y else max(half, x)
    picked = recent.copy()
    if x < y:
        ranks = _ranks(use, recent)
        if middle:
            picked &= (ranks > 0) & (ranks < found[:, None] - 1)
        else:
            picked &= ranks >= (found - x)[:, None]
    enough: NDArray[np.bool_] = found >= least
    return np.asarray(picked & enough[:, None])


def _ranks(use: Float, recent: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rank of each recent day by its use, lowest first; of equals the earlier day of the table first."""
    order = np.argsort(np.where(recent, use, np.inf), axis=1, kind="stable")
    ranks = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(use.shape[1]), order.shape), axis=1)
    return ranks


def _mean(part: Float, picked: NDArray[np.bool_]) -> Float:
    """(m, 24) mean of the days picked [kW]; NaN where there are none."""
    weight = picked[:, :, None] & ~np.isnan(part)
    count = weight.sum(axis=1)
    total = np.where(weight, part, 0).sum(axis=1, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Float = np.where(count > 0, total / count, np.nan).astype("float32")
    return mean
