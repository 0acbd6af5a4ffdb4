"""Days of customers for the tests, and the room's answer to them."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import DailyProfiles, Float, PeakTimes, Profiles
from reporter.profiles.days import DayBlock
from reporter.sample import generate_sample
from reporter.settings import TechnologySettings
from reporter.technology import Technology
from reporter.technology.build import find_technology

START = date(2026, 7, 1)


def profiles(kw: Float, peak_hours: list[tuple[int, int]], start: date = START) -> Profiles:
    """Profiles of customers with these days (m, days, 24), as far as the room looks at them; peak hours are (day, hour)."""
    m, days, _ = kw.shape
    dates = [start + timedelta(days=day) for day in range(days)]
    weekend = np.array([day.weekday() >= 5 for day in dates])
    starts = [
        datetime.combine(dates[day], datetime.min.time()).replace(hour=hour) for day, hour in peak_hours
    ]
    seen = np.isfinite(kw)
    mean = np.where(seen, kw, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    known = {
        "customer_id": np.array([f"C{row}" for row in range(m)]),
        "baseload_kw": np.sort(mean, axis=1)[:, :4].mean(axis=1),
        "export_kwh": np.maximum(-np.where(seen, kw, 0).min(axis=(1, 2)), 0).astype(float),
        "peak": PeakTimes("sample", "", "kW", starts, [1.0] * len(starts), starts[0].date(), 1.0),
        "daily": DailyProfiles(np.arange(m), dates, weekend, kw),
    }
    # The room looks at nothing else.
    return Profiles(**{field.name: known.get(field.name, np.zeros(m)) for field in fields(Profiles)})


def examined(
    kw: Float,
    minutes: int = 60,
    temperature_c: NDArray[np.float64] | None = None,
    peak_hours: list[tuple[int, int]] | None = None,
    start: date = START,
    **settings: Any,
) -> Technology:
    """The room's answer to customers with these days (m, days, intervals) [kW]."""
    m, days, _ = kw.shape
    hourly = kw.reshape(m, days, 24, -1).mean(axis=3)
    known = profiles(hourly, peak_hours or [(day, 18) for day in range(min(days, 10))], start)
    block = DayBlock(np.arange(m), minutes, kw.astype("float32"))
    return find_technology([block], known, temperature_c, TechnologySettings(**settings))


def generated(
    customers: int, minutes: int, seed: int, **options: Any
) -> tuple[Float, NDArray[np.float64], pd.DataFrame]:
    """Days, daily temperatures and truth of a generated sample; customers with faulty meters are left out."""
    sample = generate_sample(customers=customers, seed=seed, interval_minutes=minutes, **options)
    readings = sample.readings.to_pandas().drop_duplicates(["customer_id", "timestamp"])
    wide = readings.pivot_table(index="customer_id", columns="timestamp", values="kwh", observed=True)
    truth = sample.truth.to_pandas().set_index("customer_id").loc[wide.index]
    sound = (truth["data_fault"] == "none").to_numpy()
    kw = (wide.to_numpy("float32") * 60 / minutes).reshape(len(wide), -1, 1440 // minutes)
    weather = sample.temperature.to_pandas()
    daily = weather.groupby(weather["timestamp"].dt.date)["temperature_c"].mean().to_numpy()
    return kw[sound], daily[: kw.shape[1]], truth[sound]


def precision_recall(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[float, float]:
    hit = (truth & found).sum()
    return hit / max(found.sum(), 1), hit / truth.sum()
