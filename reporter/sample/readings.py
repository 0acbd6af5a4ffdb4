"""One day of readings after another, as meter head-ends export them: by time, then by customer.

Arrays are intervals × customers, so that their order in memory is the order of the rows.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.population import (
    FAULTS_NAMES,
    HOMES,
    OUTAGES,
    READINGS,
    SESSIONS,
    WEATHER,
    Flags,
    Floats,
    Ints,
    Period,
    stream,
)
from reporter.sample.shapes import daylight, home_shape_table


@dataclass(frozen=True)
class Recipe:
    """How noisy, how complete and how fine the readings are."""

    interval_minutes: int = 60
    noise: float = 0.12
    """Relative standard deviation of a home's hour around its usual one, and of its day's energy."""
    missing: float = 0.002
    """Share of readings missing one by one."""
    outages: float = 0.08
    """Outages per customer and 92 days, of an hour to four days."""
    duplicates: float = 0.0005
    """Share of readings that come twice."""
    conflicts: float = 0.1
    """Share of the duplicates whose second value differs."""

    @property
    def per_day(self) -> int:
        """Intervals a day."""
        return 24 * 60 // self.interval_minutes

    @property
    def hours(self) -> float:
        """Length of an interval [h]."""
        return self.interval_minutes / 60


@dataclass(frozen=True)
class Day:
    """Readings of one day; h intervals × n customers."""

    day: date
    watt_hours: NDArray[np.int32]
    """(h, n) net energy [Wh]; an integer, so that sums are exact and rows have three decimals of a kWh."""
    copies: NDArray[np.uint8]
    """(h, n) how often the reading is in the rows: 0 missing, 1, or 2."""
    conflict_cells: Ints
    """(c,) places, in the raveled arrays, of readings whose second copy differs."""
    conflict_watt_hours: NDArray[np.int32]
    """(c,) the second value [Wh]."""
    in_service: Flags
    """(n,) whether the customer should have readings on this day."""


@dataclass(frozen=True)
class _Usual:
    """What doesn't change from day to day in a period."""

    home_kwh: tuple[Floats, Floats]
    """Weekday and weekend: (h, n) usual energy of the homes per interval [kWh]."""
    ev_rows: Ints
    solar_rows: Ints
    outage_rows: Ints
    """(o,) customer of each outage."""
    outage_start: NDArray[np.float64]
    """(o,) begin of each outage, hours from the period's start [h]."""
    outage_end: NDArray[np.float64]
    weather: NDArray[np.float64]
    """(days,) warm or cold spell: change of an average home's energy."""
    clearness: NDArray[np.float64]
    """(days,) share of clear-sky sunshine."""


def days_of(period: Period, recipe: Recipe, seed: int) -> Iterator[Day]:
    """All days of a period, in order; a day is worked out while the one before is being used."""
    usual = _usual(period, recipe, seed)
    # Each day has a random stream of its own, so the order of work doesn't matter.
    with ThreadPoolExecutor(max_workers=1) as worker:
        ahead = worker.submit(_day, period, recipe, usual, seed, 0)
        for number in range(1, period.days + 1):
            day = ahead.result()
            if number < period.days:
                ahead = worker.submit(_day, period, recipe, usual, seed, number)
            yield day


def day_table(day: Day, ids: pa.Array, recipe: Recipe) -> pa.Table:
    """The rows of a day: customer_id (dictionary), timestamp (naive local interval start), kwh."""
    cells = np.repeat(np.arange(day.copies.size, dtype=np.int32), day.copies.ravel())
    watt_hours = day.watt_hours.ravel()[cells]
    if len(day.conflict_cells):
        last_copy = np.cumsum(day.copies.ravel(), dtype=np.int64) - 1
        watt_hours[last_copy[day.conflict_cells]] = day.conflict_watt_hours
    interval, customer = np.divmod(cells, np.int32(day.copies.shape[1]))
    starts = np.datetime64(day.day, "s") + np.arange(recipe.per_day) * np.timedelta64(
        recipe.interval_minutes, "m"
    )
    return pa.table(
        {
            "customer_id": pa.DictionaryArray.from_arrays(pa.array(customer), ids),
            "timestamp": pa.array(starts[interval]),
            "kwh": pa.array(watt_hours / 1000.0),
        }
    )


def _usual(period: Period, recipe: Recipe, seed: int) -> _Usual:
    population = period.population
    rng = stream(seed, WEATHER, period.number)
    # A spell lasts some days: an autoregressive walk, 6 % of energy.
    weather = np.zeros(period.days)
    for day, shock in enumerate(rng.normal(0, 0.06 * np.sqrt(1 - 0.7**2), period.days)):
        weather[day] = 0.7 * weather[day - 1] + shock if day else shock / np.sqrt(1 - 0.7**2)
    clearness = 0.25 + 0.75 * rng.beta(3.0, 1.4, period.days)
    weekday, weekend = (_home_kwh(period, recipe, day_type) for day_type in (0, 1))
    rows, begin, end = _outages(period, recipe, seed)
    return _Usual(
        home_kwh=(weekday, weekend),
        ev_rows=np.flatnonzero(population.has_ev),
        solar_rows=np.flatnonzero(population.has_solar),
        outage_rows=rows,
        outage_start=begin,
        outage_end=end,
        weather=weather,
        clearness=clearness,
    )


def _home_kwh(period: Period, recipe: Recipe, day_type: int) -> Floats:
    """Usual energy of each home by interval, without EV and solar [kWh]: (h, n)."""
    population = period.population
    table = home_shape_table()[:, day_type]
    hours = np.arange(recipe.per_day) * recipe.hours
    result = np.empty((recipe.per_day, len(population)), dtype=np.float32)
    for number in range(len(HOMES)):
        rows = np.flatnonzero(population.home == number)
        level = table[number].mean()
        curve = level + population.contrast[rows] * (table[number][:, None] - level)
        # Hour by hour between two hours' values, so that a home may live half an hour later than its class.
        at = (hours[:, None] - population.shift_hours[rows]) % 24
        below = at.astype(np.int64) % 24
        part = (at - below).astype(np.float32)
        columns = np.arange(len(rows))
        result[:, rows] = (1 - part) * curve[below, columns] + part * curve[(below + 1) % 24, columns]
    habit = np.repeat(population.hour_factor, 60 // recipe.interval_minutes, axis=0)
    result *= habit * population.mean_kw * np.float32(recipe.hours)
    return result


def _outages(
    period: Period, recipe: Recipe, seed: int
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Customer, begin and end [h from the period's start] of every outage: single ones and one storm."""
    rng = stream(seed, OUTAGES, period.number)
    n = len(period.population)
    count = round(recipe.outages * n * period.days / 92)
    rows = rng.integers(0, n, count)
    begin = rng.random(count) * 24 * period.days
    length = np.exp(rng.uniform(np.log(1.0), np.log(96.0), count))
    # A storm takes a third of one area for an afternoon.
    struck = np.flatnonzero((period.population.area == rng.integers(0, 8)) & (rng.random(n) < 1 / 3))
    if recipe.outages == 0:
        struck = struck[:0]
    storm = rng.integers(0, period.days) * 24.0 + 15.0
    return (
        np.concatenate([rows, struck]),
        np.concatenate([begin, np.full(len(struck), storm)]),
        np.concatenate([begin + length, storm + rng.uniform(2, 8, len(struck))]),
    )


def _day(period: Period, recipe: Recipe, usual: _Usual, seed: int, number: int) -> Day:
    rng = stream(seed, READINGS, period.number, number)
    today = period.start + timedelta(days=number)
    watt_hours = _net_watt_hours(period, recipe, usual, seed, number, rng)
    in_service = (period.first_day <= number) & (number <= period.last_day)
    copies = _copies(period, recipe, usual, number, in_service, rng)
    doubles = np.flatnonzero(copies == 2)
    # A stuck meter has one value, whenever it is asked.
    stuck = np.isin(period.fault, [FAULTS_NAMES.index(name) for name in ("stuck-meter", "zero-meter")])
    differs = (rng.random(len(doubles)) < recipe.conflicts) & ~stuck[doubles % len(stuck)]
    cells = doubles[differs]
    # The second value of a conflict is an estimate: off by a fifth or so, and never the same.
    first = watt_hours.ravel()[cells]
    off = np.maximum(np.abs(first) * rng.uniform(0.05, 0.4, len(cells)), 1)
    second = first + np.rint(np.where(rng.random(len(cells)) < 0.5, -off, off)).astype(np.int32)
    return Day(today, watt_hours, copies, cells, second, in_service)


def _net_watt_hours(
    period: Period, recipe: Recipe, usual: _Usual, seed: int, number: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Net energy of every customer by interval [Wh]: home with its noise, plus EV, less solar."""
    population = period.population
    weekend = (period.start + timedelta(days=number)).weekday() >= 5
    energy = _noise(period, recipe, usual, number, rng)
    energy *= usual.home_kwh[weekend]
    if len(usual.ev_rows):
        # A session of the evening before may run into today.
        energy[:, usual.ev_rows] += _charging_kwh(period, recipe, usual.ev_rows, seed, number - 1, number)
        energy[:, usual.ev_rows] += _charging_kwh(period, recipe, usual.ev_rows, seed, number, number)
    if len(usual.solar_rows):
        energy[:, usual.solar_rows] -= _solar_kwh(period, recipe, usual, number, rng)
    stuck, zero = (period.fault == FAULTS_NAMES.index(name) for name in ("stuck-meter", "zero-meter"))
    energy[:, stuck] = population.mean_kw[stuck] * np.float32(recipe.hours)
    energy[:, zero] = 0
    energy *= np.float32(1000)
    return np.rint(energy).astype(np.int32)


def _noise(period: Period, recipe: Recipe, usual: _Usual, number: int, rng: np.random.Generator) -> Floats:
    """What a home uses ÷ what it usually uses: by hour, by day, and with the weather: (h, n)."""
    n = len(period.population)
    level = np.float32(recipe.noise)
    noise = level * rng.standard_normal((24, n), dtype=np.float32)
    if recipe.per_day > 24:
        # Within an hour, intervals differ as much again.
        noise = np.repeat(noise, recipe.per_day // 24, axis=0)
        noise += level * rng.standard_normal(noise.shape, dtype=np.float32)
    noise += level * rng.standard_normal(n, dtype=np.float32)
    noise += np.float32(usual.weather[number]) * period.population.weather_response
    # Log-normal, so that loads stay above zero.
    return np.asarray(np.exp(noise, out=noise))


def _solar_kwh(
    period: Period, recipe: Recipe, usual: _Usual, number: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Energy of the panels by interval on one day [kWh]: (h, s)."""
    day_of_year = (period.start + timedelta(days=number)).timetuple().tm_yday
    middle = (np.arange(recipe.per_day, dtype=np.float64) + 0.5) * recipe.hours
    # One sky over all areas; roofs differ a little.
    sky = usual.clearness[number] * np.exp(recipe.noise * rng.standard_normal(recipe.per_day))
    roof = np.exp(0.05 * rng.standard_normal(len(usual.solar_rows)))
    sun = recipe.hours * daylight(day_of_year, middle) * np.minimum(sky, 1.0)
    return np.asarray(sun[:, None] * (roof * period.population.solar_kw[usual.solar_rows]))


def _charging_kwh(period: Period, recipe: Recipe, rows: Ints, seed: int, evening: int, number: int) -> Floats:
    """Energy on day ``number`` of the charging session that starts on the evening of day ``evening`` [kWh].

    Args:
        period: whose customers.
        recipe: how long intervals are.
        rows: (e,) customers with an EV.
        seed: of the sample.
        evening: the day itself or the day before; −1 is the evening before the period.
        number: the day.

    Returns:
        (h, e) energy by interval.
    """
    population = period.population
    rng = stream(seed, SESSIONS, period.number, evening + 1)
    charges = rng.random(len(rows)) < population.ev_night_share[rows]
    usual_kwh = population.ev_kwh_per_day[rows] / population.ev_night_share[rows]
    kwh = usual_kwh * rng.lognormal(-0.02, 0.2, len(rows))
    start = population.ev_start_hour[rows] + rng.normal(0, 0.2, len(rows)) - 24 * (number - evening)
    end = start + kwh / population.ev_kw[rows]
    begin = (np.arange(recipe.per_day, dtype=np.float64) * recipe.hours)[:, None]
    overlap = np.minimum(end, begin + recipe.hours) - np.maximum(start, begin)
    energy = np.clip(overlap, 0, recipe.hours) * (population.ev_kw[rows] * charges)
    return np.asarray(energy, dtype=np.float32)


def _copies(
    period: Period, recipe: Recipe, usual: _Usual, number: int, in_service: Flags, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """How often each reading of a day is in the rows: (h, n)."""
    shape = (recipe.per_day, len(period.population))
    patchy = period.fault == FAULTS_NAMES.index("patchy")
    lost = np.where(patchy, 0.65, recipe.missing).astype(np.float32)
    there = rng.random(shape, dtype=np.float32) >= lost
    there &= in_service
    begins = 24 * number + np.arange(recipe.per_day) * recipe.hours
    now = np.flatnonzero((usual.outage_start < begins[-1] + 1) & (usual.outage_end > begins[0]))
    for outage in now:
        out = (begins >= usual.outage_start[outage]) & (begins < usual.outage_end[outage])
        there[out, usual.outage_rows[outage]] = False
    copies = there.astype(np.uint8)
    twice = rng.integers(0, copies.size, round(recipe.duplicates * copies.size))
    copies.ravel()[twice] *= 2
    return copies
