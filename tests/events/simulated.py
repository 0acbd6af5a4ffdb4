"""Programs with events whose effect is known, all of a program's loads drawn at once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.events import Event
from reporter.events.impact import WINDOW, Estimate, mean_of
from reporter.events.loads import WEEKDAY, WEEKEND, Called, Loads
from reporter.events.measure import against_others, like_days
from reporter.settings import EventSettings

HOURS = (16, 17, 18, 19)
DAYS = 91
FIRST = pd.Timestamp("2026-07-06")


@dataclass(frozen=True)
class Program:
    """A program and the truth about it."""

    loads: Loads
    truth_kw: float
    """Mean reduction of the called customers over the hours of their events [kW]."""


def program(
    seed: int, customers: int = 200, enrolled: int = 40, events: int = 6, share: float = 0.18
) -> Program:
    """A summer: homes of all sizes that feel the heat more or less, of whom large ones with a sharp evening enrol.

    Events are called on hot working days; each customer takes part in 85 % of them and drops a share of its own.
    """
    rng = np.random.default_rng(seed)
    size = rng.lognormal(-0.7, 0.5, customers)
    evening = rng.gamma(9, 1 / 9, customers)
    hour = np.arange(24)
    bump = np.exp(-0.5 * ((hour - 19) / 2.5) ** 2)
    shape = 0.6 + evening[:, None] * bump
    heat = np.convolve(rng.normal(0, 1, DAYS + 4), np.ones(5) / 5, mode="valid") * 2 + rng.normal(
        0, 0.4, DAYS
    )
    feels = rng.gamma(4, 0.06, customers)
    warm = 1 + np.maximum(heat, 0) * feels[:, None]
    noise = np.exp(
        0.3 * rng.standard_normal((customers, DAYS, 24)) + 0.2 * rng.standard_normal((customers, DAYS, 1))
    )
    kw = size[:, None, None] * shape[:, None, :] * warm[:, :, None] * noise
    dates = pd.date_range(FIRST, periods=DAYS)
    kind = np.where(dates.day_of_week >= 5, WEEKEND, WEEKDAY).astype(np.int8)
    working = np.flatnonzero(kind == WEEKDAY)
    working = working[working >= 15]
    hot = working[np.argsort(-heat[working])][: 2 * events]
    days = np.sort(rng.choice(hot, events, replace=False))
    taste = np.exp(np.log(size) + evening)
    places = np.sort(rng.choice(customers, enrolled, replace=False, p=taste / taste.sum()))
    own = np.clip(rng.normal(share, share / 3, enrolled), 0, None)
    part = own[:, None] * (rng.random((enrolled, events)) < 0.85)
    ordinary = kw.astype("float32")
    window = np.ix_(places, days, HOURS)
    dropped = kw[window] * part[:, :, None]
    kw[window] -= dropped
    loads = kw.astype("float32")
    ordinary = loads.copy()
    ordinary[np.ix_(places, days)] = np.nan
    pool = np.ones(customers, dtype=np.bool_)
    pool[places] = False
    called = [
        Called(
            Event(dates[day] + pd.Timedelta(hours=16), dates[day] + pd.Timedelta(hours=20)),
            int(day),
            HOURS,
            places,
            enrolled,
        )
        for day in days
    ]
    temperature = 20 + 3 * heat
    result = Loads(np.arange(customers), loads, ordinary, kind, called, pool, 0, temperature)
    return Program(result, float(dropped.mean()))


def estimate(made: Program, options: EventSettings | None = None) -> Estimate:
    """The mean over the events against the comparison group."""
    options = options or EventSettings()
    segment = np.zeros(len(made.loads.rows), dtype=np.int32)
    found = []
    for called in made.loads.events:
        event = against_others(
            made.loads, called, like_days(made.loads, called, True, options), segment, options
        )
        assert event is not None
        contrast = event.contrasts[None]
        assert contrast is not None
        found.append(contrast)
    return mean_of(found)


def covered(programs: range) -> tuple[float, float, float]:
    """Share of programs whose 90 % interval holds the truth, mean error and mean truth [kW]."""
    inside, errors, truths = [], [], []
    for seed in programs:
        made = program(seed)
        mean = estimate(made)
        error = float(mean.reduction_kw[WINDOW]) - made.truth_kw
        inside.append(abs(error) <= float(mean.half_kw[WINDOW]))
        errors.append(error)
        truths.append(made.truth_kw)
    return float(np.mean(inside)), float(np.mean(errors)), float(np.mean(truths))
