"""Days of customers → what they say about devices."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import DailyProfiles, Float, Profiles
from reporter.profiles.days import DayBlock
from reporter.settings import TechnologySettings
from reporter.technology.blocks import Blocks, find_blocks
from reporter.technology.clusters import FEATURES, Clusters, find_clusters, home_features
from reporter.technology.model import CUSTOMER_COLUMNS, Technology
from reporter.technology.peak import PeakHours, block_load, block_part, rest_part, weather_part
from reporter.technology.signatures import RESOLUTIONS, probability, signature
from reporter.technology.solar import solar_features
from reporter.technology.weather import WeatherFit, fit_weather
from reporter.threads import in_order

_DARK = np.r_[20:24, 0:5]
"""Hours in which panels give nothing, whatever the season."""
_WHOLE_DAY_HOURS = 20
_LEAST_MONTH_DAYS = 15
_NEVER = -30.0
_SOME_EXPORT = 0.02
"""Exporters ÷ expected homes with panels below which a data set counts as one without export."""


@dataclass(frozen=True)
class Sought:
    """A device that comes in blocks, and which of them count for it."""

    name: str
    least_kwh: float
    least_hours: float


CAR = Sought("ev", 3.0, 0.9)
WATER = Sought("water", 1.2, 0.35)


def find_technology(
    blocks: Iterable[DayBlock],
    profiles: Profiles,
    temperature_c: NDArray[np.float64] | None,
    settings: TechnologySettings,
    *,
    threads: int = 1,
) -> Technology:
    """Signs of devices of all customers whose days are given.

    Args:
        blocks: the days, of each customer once.
        profiles: of all customers used; its daily sample says which days there are.
        temperature_c: (days,) mean temperature of each day, or ``None`` [°C].
        settings: expected shares of devices, and what counts as a sign.
        threads: most that work at once.
    """
    n = len(profiles.customer_id)
    found = {name: np.full(n, np.nan, dtype="float32") for name in CUSTOMER_COLUMNS}
    examined = np.zeros(n, dtype=bool)
    calendar = _Days.of(profiles, temperature_c, settings)

    def examine(block: DayBlock) -> tuple[NDArray[np.int64], dict[str, Float]]:
        return block.rows, _examine(block, profiles.baseload_kw[block.rows], calendar, settings)

    for rows, part in in_order(examine, blocks, threads):
        for name, values in part.items():
            found[name][rows] = values
        examined[rows] = True
    return Technology(
        **found, examined=examined, daily_temperature_c=temperature_c, sign_from=settings.sign_from
    )


@dataclass(frozen=True)
class _Days:
    """What all customers' days have in common."""

    temperature_c: NDArray[np.float64] | None
    weather: NDArray[np.float64]
    """(days,) what heating and cooling follow: the temperature, or else the load of everybody."""
    weekend: NDArray[np.bool_]
    month: NDArray[np.int64]
    """(days,) number of the calendar month, counted through."""
    peak: PeakHours
    solar_share: float
    """Share of homes with panels to start from."""

    @classmethod
    def of(
        cls, profiles: Profiles, temperature_c: NDArray[np.float64] | None, settings: TechnologySettings
    ) -> "_Days":
        dates = pd.DatetimeIndex(profiles.daily.dates)
        starts = pd.DatetimeIndex(profiles.peak.starts)
        day = dates.get_indexer(starts.normalize())
        peak = PeakHours(day[day >= 0].astype(np.int64), starts.hour.to_numpy("int64")[day >= 0])
        weather = _everybody(profiles.daily) if temperature_c is None else temperature_c
        month = (12 * dates.year + dates.month).to_numpy("int64")
        # Where nobody exports there is next to no solar, or the meters count one way and can't tell.
        exporters = (profiles.export_kwh > 0).mean()
        share = (
            settings.solar_share
            if exporters >= _SOME_EXPORT * settings.solar_share
            else settings.solar_share / 10
        )
        return cls(temperature_c, weather, profiles.daily.weekend, month, peak, share)


def _everybody(daily: DailyProfiles) -> NDArray[np.float64]:
    """(days,) mean load of the sampled customers against their own mean, days off and working days each around 1."""
    with np.errstate(invalid="ignore"):
        by_day = _mean(daily.kw, axis=2, least=_WHOLE_DAY_HOURS)
        relative = by_day / np.maximum(np.abs(_mean(by_day, axis=1)), 0.05)[:, None]
    load: NDArray[np.float64] = _mean(relative, axis=0).astype("float64")
    for off in (True, False):
        days = daily.weekend == off
        load[days] -= np.mean(load[days][np.isfinite(load[days])]) if np.isfinite(load[days]).any() else 0
    return load


def _mean(values: NDArray[np.floating], axis: int, least: int = 1) -> Float:
    """Mean along an axis that skips NaN; NaN with fewer values than ``least``."""
    there = np.isfinite(values)
    count = there.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Float = np.where(count >= least, np.where(there, values, 0).sum(axis=axis) / count, np.nan)
    return mean


def _examine(
    block: DayBlock, baseload_kw: Float, days: _Days, settings: TechnologySettings
) -> dict[str, NDArray[np.floating]]:
    kw, minutes = _resolved(block)
    hourly = block.hourly()
    solar = _solar(hourly, days.solar_share)
    weather = _weather(hourly, solar["solar_probability"] >= settings.sign_from, days, settings)
    blocks, clusters = block_evidence(kw, minutes, days.weather)
    shape = (len(kw), kw.shape[1], 24)
    devices: dict[str, NDArray[np.floating]] = {}
    parts = []
    taken = np.zeros(len(blocks.customer), dtype=bool)
    for sought in (CAR, WATER):
        share = settings.ev_share if sought is CAR else settings.water_share
        own = clusters[sought.name]
        chance, best = likeliest(own, sought.name, minutes, len(kw), share)
        if sought is WATER:
            chance = _not_the_car(chance, devices["ev_probability"], own, best, taken)
        sign = chance >= settings.sign_from
        cluster = np.where(sign, best, -1)
        mine = (own.of_block >= 0) & (own.of_block == cluster[blocks.customer]) & ~taken
        taken |= mine
        part = block_part(block_load(blocks, mine, shape, kw.shape[2]), hourly, days.peak)
        parts.append(part)
        name = sought.name
        devices |= {
            f"{name}_probability": chance,
            f"{name}_kw": np.where(sign, own.kw[best] if len(own.kw) else np.nan, np.nan),
            f"{name}_peak_kw": part.kw,
            f"{name}_peak_kw_low": part.low,
            f"{name}_peak_kw_high": part.high,
            f"{name}_consistency": np.where(sign, part.there, np.nan),
        }
        if sought is CAR:
            devices |= _habits(blocks, mine, sign, own, best, kw.shape[2])
    unknown = np.full(len(kw), np.nan, dtype="float32")
    if days.temperature_c is not None and weather is not None:
        followed = weather_part(hourly, weather, days.temperature_c, days.weekend, days.peak)
        parts.append(followed)
        by_weather = {
            "temperature_peak_kw": followed.kw,
            "temperature_peak_kw_low": followed.low,
            "temperature_peak_kw_high": followed.high,
            "temperature_consistency": followed.there,
            "weather_explained": weather.explained,
            **{f.name: getattr(weather, f.name) for f in fields(WeatherFit) if f.name != "explained"},
        }
    else:
        by_weather = {"base_kw": unknown}
    rest, regular = rest_part(hourly, baseload_kw, parts, days.peak)
    return {
        **devices,
        **solar,
        **by_weather,
        "season_contrast": _season_contrast(hourly, days.month),
        "rest_peak_kw": rest.kw,
        "rest_peak_kw_low": rest.low,
        "rest_peak_kw_high": rest.high,
        "consistency": regular,
    }


def _resolved(block: DayBlock) -> tuple[Float, int]:
    """Loads at a length of interval that the signatures know, and that length [min]."""
    minutes = next(length for length in RESOLUTIONS if length % block.minutes == 0)
    m, days, _ = block.kw.shape
    if minutes == block.minutes:
        return block.kw, minutes
    kw: Float = block.kw.reshape(m, days, -1, minutes // block.minutes).mean(axis=3)
    return kw, minutes


def _solar(hourly: Float, share: float) -> dict[str, NDArray[np.floating]]:
    features = solar_features(hourly)
    odds = signature("solar", 60).log_odds(features)
    return {
        "solar_probability": probability(odds, "solar", share),
        "export_day_share": features[:, 0],
        "midday_dip_kw": np.sinh(features[:, 2]) / 4,
    }


def _weather(
    hourly: Float, panels: NDArray[np.bool_], days: _Days, settings: TechnologySettings
) -> WeatherFit | None:
    """The fit on temperature; of customers with panels on the dark hours alone, or a cloudy day would pass for a cold one."""
    if days.temperature_c is None:
        return None
    daily = _mean(hourly, axis=2, least=_WHOLE_DAY_HOURS)
    daily[panels] = _mean(hourly[panels][:, :, _DARK], axis=2, least=len(_DARK) - 1)
    return fit_weather(daily, days.temperature_c, days.weekend, settings.least_share_per_c)


def likeliest(
    clusters: Clusters, technology: str, minutes: int, m: int, share: float
) -> tuple[Float, NDArray[np.int64]]:
    """(m,) probability of the likeliest cluster of each customer, and which one it is."""
    odds = np.full(m, _NEVER)
    best = np.zeros(m, dtype=np.int64)
    if len(clusters.customer):
        each = signature(technology, minutes).log_odds(clusters.features)
        order = np.lexsort((each, clusters.customer))
        last = np.flatnonzero(np.diff(clusters.customer[order], append=-1) != 0)
        chosen = order[last]
        odds[clusters.customer[chosen]] = each[chosen]
        best[clusters.customer[chosen]] = chosen
    return probability(odds, technology, share).astype("float32"), best


def _not_the_car(
    water: Float,
    car: NDArray[np.floating],
    clusters: Clusters,
    best: NDArray[np.int64],
    taken: NDArray[np.bool_],
) -> Float:
    """The probability of hot water, where its blocks are those that a car has been seen in: they can't be both."""
    if not len(clusters.customer):
        return water
    own = clusters.of_block >= 0
    number = np.bincount(clusters.of_block[own], minlength=len(clusters.customer))
    shared = np.bincount(clusters.of_block[own & taken], minlength=len(clusters.customer))
    same = (shared > number / 2)[best]
    return np.where(same, np.minimum(water, 1 - car), water).astype("float32")


def _habits(
    blocks: Blocks,
    mine: NDArray[np.bool_],
    sign: NDArray[np.bool_],
    clusters: Clusters,
    best: NDArray[np.int64],
    per_day: int,
) -> dict[str, NDArray[np.floating]]:
    """How often, how much and when a car is charged."""
    m = len(sign)
    customer = blocks.customer[mine]
    count = np.maximum(np.bincount(customer, minlength=m), 1)
    angle = 2 * np.pi * (blocks.begin[mine] % per_day + 0.5) / per_day
    mean = np.arctan2(
        np.bincount(customer, np.sin(angle), minlength=m), np.bincount(customer, np.cos(angle), minlength=m)
    )
    share = clusters.features[best, FEATURES.index("day_share")] if len(clusters.kw) else np.zeros(m)
    kwh = np.bincount(customer, blocks.kwh[mine], minlength=m) / count
    hour = mean / (2 * np.pi) * 24 % 24
    return {
        name: np.where(sign, values, np.nan)
        for name, values in (("ev_day_share", share), ("ev_kwh", kwh), ("ev_hour", hour))
    }


def _season_contrast(hourly: Float, month: NDArray[np.int64]) -> NDArray[np.floating]:
    """(m,) month with most ÷ month with least load, less 1; NaN with one month only."""
    daily = _mean(hourly, axis=2, least=_WHOLE_DAY_HOURS)
    means = np.stack(
        [_mean(daily[:, month == number], axis=1, least=_LEAST_MONTH_DAYS) for number in np.unique(month)],
        axis=1,
    )
    there = np.isfinite(means)
    least, most = (np.where(there, means, worst) for worst in (np.inf, -np.inf))
    with np.errstate(invalid="ignore", divide="ignore"):
        contrast = most.max(axis=1) / np.maximum(least.min(axis=1), 0.02) - 1
    return np.where(there.sum(axis=1) >= 2, contrast, np.nan)


def block_evidence(
    kw: Float, minutes: int, weather: NDArray[np.float64]
) -> tuple[Blocks, dict[str, Clusters]]:
    """Blocks of m customers, and the clusters that could be a device's.

    Args:
        kw: (m, days, intervals) loads [kW].
        minutes: length of an interval [min].
        weather: (days,) what heating and cooling follow.
    """
    m, _, per_day = kw.shape
    blocks = find_blocks(kw.reshape(m, -1), minutes)
    seen = (np.isfinite(kw).mean(axis=2) > 0.5).sum(axis=1)
    home = home_features(kw, weather)
    clusters = {
        sought.name: find_clusters(
            blocks, seen, home, weather, per_day, least_kwh=sought.least_kwh, least_hours=sought.least_hours
        )
        for sought in (CAR, WATER)
    }
    return blocks, clusters
