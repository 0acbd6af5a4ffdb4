"""What a home uses and makes on one day: habits, weather, hot water, a car that charges, panels on the roof.

Arrays are intervals × customers, so that their order in memory is the order of the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.sample.clock import Clock
from reporter.sample.periods import Period
from reporter.sample.population import HOMES, SHOP, VACANT, WORKS_FROM_HOME
from reporter.sample.shapes import daylight, home_shape_table
from reporter.sample.streams import SESSIONS, WATER, Floats, Ints, float32, stream

ACTIVITY = 0.25
"""Part of heating and cooling that goes with what the home does anyway; the rest goes with the temperature alone."""

DESK_HOURS = (9, 16)
DESK_FACTOR = 1.12
"""Load in desk hours of a moderate home where somebody works ÷ without."""

CLOSED_SHARE = 0.4
"""Peaks of a shop on Sundays and holidays ÷ those of a working day."""

WATER_DRAWS = 2
"""Hot-water draws a day."""
WATER_KW = 4.5
COLD_WATER_PER_C = 0.015
"""More energy for hot water per degree below the year's mean: the water comes in colder [1/°C]."""


@dataclass(frozen=True)
class Habits:
    """What doesn't change from day to day in a period; p intervals of an ordinary day × n customers."""

    home_kwh: dict[str, Floats]
    """Day type → (p, n) usual energy in mild weather, hot water aside, by wall-clock interval [kWh]."""
    weather_kwh: dict[str, Floats]
    """Day type → (p, n) energy that heating and cooling are a multiple of [kWh]."""
    draws: NDArray[np.float64]
    """(24, m) cumulative share of hot water by wall-clock hour, homes with an electric water heater."""
    water_rows: Ints
    ev_rows: Ints
    solar_rows: Ints


def habits_of(period: Period, interval_minutes: int) -> Habits:
    """Usual days of every home."""
    population = period.population
    hours = interval_minutes / 60
    home = {
        day_type: _home_kwh(period, interval_minutes, day_type) for day_type in ("work", "rest", "closed")
    }
    mean_kwh = population.used_kw() * np.float32(hours)
    water_rows = np.flatnonzero(population.water_share > 0)
    by_hour = home["work"][:, water_rows].reshape(24, -1, len(water_rows)).sum(axis=1, dtype=np.float64)
    weather = {name: (1 - ACTIVITY) * mean_kwh + np.float32(ACTIVITY) * table for name, table in home.items()}
    for table in home.values():
        table *= 1 - population.water_share
    return Habits(
        home_kwh=home,
        weather_kwh=weather,
        draws=np.cumsum(by_hour / by_hour.sum(axis=0), axis=0),
        water_rows=water_rows,
        ev_rows=np.flatnonzero(population.has_ev),
        solar_rows=np.flatnonzero(population.has_solar),
    )


def day_type(clock: Clock) -> str:
    """``work``, ``rest`` (Saturdays) or ``closed`` (Sundays and holidays, when shops are shut)."""
    return "work" if clock.works else "rest" if clock.day.weekday() == 5 else "closed"


def weather_factor(period: Period, felt_c: NDArray[np.float64]) -> Floats:
    """Energy of heating and cooling ÷ ``weather_kwh`` by hour: (t, n), a change-point response.

    Args:
        period: whose customers.
        felt_c: (t,) temperature that homes feel [°C].
    """
    population = period.population
    felt = felt_c.astype(np.float32)[:, None]
    factor: Floats = np.maximum(felt - population.cooling_from_c, 0)
    factor *= population.cooling_per_c
    if felt.min() < population.heating_below_c.max(initial=0):
        cold = np.maximum(population.heating_below_c - felt, 0)
        cold *= population.heating_per_c
        factor += cold
    return factor


def water_kwh(
    period: Period, habits: Habits, clock: Clock, mean_c: float, interval_minutes: int, seed: int, number: int
) -> Floats:
    """Energy of electric water heating by interval on one day [kWh]: (h, m).

    Draws come when the home is busy, each a short block of the heater's full power.
    """
    population = period.population
    rows, hours = habits.water_rows, interval_minutes / 60
    rng = stream(seed, WATER, period.number, number)
    cold = 1 + COLD_WATER_PER_C * (12.5 - mean_c)
    usual = 24 * population.used_kw()[rows] * population.water_share[rows] * cold / WATER_DRAWS
    begin = clock.starts(interval_minutes)[:, None]
    energy = np.zeros((len(begin), len(rows)), dtype=np.float32)
    for _ in range(WATER_DRAWS):
        hour = (habits.draws < rng.random(len(rows))).sum(axis=0)
        start = np.minimum(hour, 23) + rng.random(len(rows))
        length = usual * rng.lognormal(-0.08, 0.4, len(rows)) / WATER_KW
        overlap = np.minimum(start + length, begin + hours) - np.maximum(start, begin)
        energy += float32(WATER_KW * np.clip(overlap, 0, hours))
    return energy


def solar_kwh(
    period: Period,
    rows: Ints,
    clock: Clock,
    clearness: float,
    noise: float,
    interval_minutes: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Energy of the panels by interval on one day [kWh]: (h, s)."""
    hours = interval_minutes / 60
    saving = np.repeat(clock.saving, 60 // interval_minutes)
    middle = clock.starts(interval_minutes) - saving + hours / 2
    # One sky over all areas; roofs differ a little.
    sky = clearness * np.exp(noise * rng.standard_normal(len(middle)))
    roof = np.exp(0.05 * rng.standard_normal(len(rows)))
    sun = hours * daylight(clock.day.timetuple().tm_yday, middle) * np.minimum(sky, 1.0)
    return np.asarray(sun[:, None] * (roof * period.population.solar_kw[rows]))


def charging_kwh(
    period: Period, rows: Ints, clock: Clock, interval_minutes: int, seed: int, evening: int, number: int
) -> Floats:
    """Energy on day ``number`` of the charging session that starts on the evening of day ``evening`` [kWh].

    Args:
        period: whose customers.
        rows: (e,) customers with an EV.
        clock: of the day.
        interval_minutes: how long intervals are.
        seed: of the sample.
        evening: the day itself or the day before; −1 is the evening before the period.
        number: the day.

    Returns:
        (h, e) energy by interval.
    """
    population, hours = period.population, interval_minutes / 60
    rng = stream(seed, SESSIONS, period.number, evening + 1)
    charges = rng.random(len(rows)) < population.ev_night_share[rows]
    usual_kwh = population.ev_kwh_per_day[rows] / population.ev_night_share[rows]
    kwh = usual_kwh * rng.lognormal(-0.02, 0.2, len(rows))
    start = population.ev_start_hour[rows] + rng.normal(0, 0.2, len(rows)) - 24 * (number - evening)
    end = start + kwh / population.ev_kw[rows]
    begin = clock.starts(interval_minutes)[:, None]
    overlap = np.minimum(end, begin + hours) - np.maximum(start, begin)
    energy = np.clip(overlap, 0, hours) * (population.ev_kw[rows] * charges)
    return np.asarray(energy, dtype=np.float32)


def _home_kwh(period: Period, interval_minutes: int, day_type: str) -> Floats:
    """Usual energy of each home by interval in mild weather, without EV and solar [kWh]: (p, n)."""
    population = period.population
    per_day, hours = 24 * 60 // interval_minutes, interval_minutes / 60
    table = home_shape_table()[:, 0 if day_type == "work" else 1]
    clock_hours = np.arange(per_day) * hours
    result = np.empty((per_day, len(population)), dtype=np.float32)
    for number, name in enumerate(HOMES):
        rows = np.flatnonzero(population.home == number)
        level = table[number].mean()
        curve = level + population.contrast[rows] * (table[number][:, None] - level)
        if day_type == "closed":
            shut = population.household[rows] == SHOP
            low = curve.min(axis=0)
            curve = np.where(shut, low + CLOSED_SHARE * (curve - low), curve)
        if day_type == "work" and name == "mid-peak":
            desk = population.household[rows] == WORKS_FROM_HOME
            curve[slice(*DESK_HOURS)] *= np.where(desk, np.float32(DESK_FACTOR), np.float32(1))
        # Hour by hour between two hours' values, so that a home may live half an hour later than its class.
        at = (clock_hours[:, None] - population.shift_hours[rows]) % 24
        below = at.astype(np.int64) % 24
        part = (at - below).astype(np.float32)
        columns = np.arange(len(rows))
        result[:, rows] = (1 - part) * curve[below, columns] + part * curve[(below + 1) % 24, columns]
    habit = np.repeat(population.hour_factor, 60 // interval_minutes, axis=0)
    # Nobody lives by the clock in a vacant home.
    habit[:, population.household == VACANT] = 1
    result *= habit * population.used_kw() * np.float32(hours)
    return result
