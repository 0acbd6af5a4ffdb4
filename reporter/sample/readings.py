"""One day of readings after another, as meter head-ends export them: by time, then by customer.

Arrays are intervals × customers, so that their order in memory is the order of the rows.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.clock import Clock, clocks_of
from reporter.sample.grid import (
    CUTS_PER_QUARTER,
    GAPS_PER_QUARTER,
    Spans,
    draw_cuts,
    draw_gaps,
    event_days,
    event_factor,
    lost_share,
)
from reporter.sample.homes import (
    Habits,
    charging_kwh,
    day_type,
    habits_of,
    solar_kwh,
    water_kwh,
    weather_factor,
)
from reporter.sample.periods import Period
from reporter.sample.streams import READINGS, Flags, Floats, Ints, stream
from reporter.sample.weather import Weather, weather_of


@dataclass(frozen=True)
class Recipe:
    """How noisy, how complete and how fine the readings are."""

    interval_minutes: int = 60
    noise: float = 0.12
    """Relative standard deviation of a home's hour around its usual one, and of its day's energy."""
    missing: float = 0.002
    """Share of readings missing one by one."""
    gaps: float = GAPS_PER_QUARTER
    cuts: float = CUTS_PER_QUARTER
    duplicates: float = 0.0005
    """Share of readings that come twice."""
    conflicts: float = 0.1
    """Share of the duplicates whose second value differs."""

    @property
    def hours(self) -> float:
        """Length of an interval [h]."""
        return self.interval_minutes / 60


@dataclass(frozen=True)
class Scene:
    """All that the days of a period have in common."""

    period: Period
    recipe: Recipe
    seed: int
    clocks: list[Clock]
    weather: Weather
    habits: Habits
    gaps: Spans
    cuts: Spans
    events: list[int]
    """Numbers of the days with an event."""


@dataclass(frozen=True)
class Day:
    """Readings of one day; h intervals × n customers."""

    number: int
    clock: Clock
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


def scene_of(period: Period, recipe: Recipe, seed: int) -> Scene:
    """Weather, habits, cuts and events of a period."""
    clocks = clocks_of(period.start, period.days)
    weather = weather_of(clocks, seed)
    return Scene(
        period=period,
        recipe=recipe,
        seed=seed,
        clocks=clocks,
        weather=weather,
        habits=habits_of(period, recipe.interval_minutes),
        gaps=draw_gaps(period, recipe.gaps, seed),
        cuts=draw_cuts(period, recipe.cuts, seed),
        events=event_days(clocks, weather),
    )


def days_of(scene: Scene) -> Iterator[Day]:
    """All days of a period, in order; a day is worked out while the one before is being used."""
    days = len(scene.clocks)
    # Each day has random streams of its own, so the order of work doesn't matter.
    with ThreadPoolExecutor(max_workers=1) as worker:
        ahead = worker.submit(one_day, scene, 0)
        for number in range(1, days + 1):
            day = ahead.result()
            if number < days:
                ahead = worker.submit(one_day, scene, number)
            yield day


def day_table(day: Day, ids: pa.Array, recipe: Recipe) -> pa.Table:
    """The rows of a day: customer_id (dictionary), timestamp (naive wall-clock interval start), kwh."""
    cells = np.repeat(np.arange(day.copies.size, dtype=np.int32), day.copies.ravel())
    watt_hours = day.watt_hours.ravel()[cells]
    if len(day.conflict_cells):
        last_copy = np.cumsum(day.copies.ravel(), dtype=np.int64) - 1
        watt_hours[last_copy[day.conflict_cells]] = day.conflict_watt_hours
    interval, customer = np.divmod(cells, np.int32(day.copies.shape[1]))
    return pa.table(
        {
            "customer_id": pa.DictionaryArray.from_arrays(pa.array(customer), ids),
            "timestamp": pa.array(day.clock.stamps(recipe.interval_minutes)[interval]),
            "kwh": pa.array(watt_hours / 1000.0),
        }
    )


def one_day(scene: Scene, number: int) -> Day:
    """One day by its number; with another seed in the scene, the same day's weather and homes with other chance."""
    period, recipe = scene.period, scene.recipe
    rng = stream(scene.seed, READINGS, period.number, number)
    watt_hours = _net_watt_hours(scene, number, rng)
    in_service = (period.first_day <= number) & (number <= period.last_day)
    copies = _copies(scene, number, in_service, rng)
    doubles = np.flatnonzero(copies == 2)
    # A stuck meter has one value, whenever it is asked.
    stuck = period.has_fault("stuck-meter", "zero-meter")
    differs = (rng.random(len(doubles)) < recipe.conflicts) & ~stuck[doubles % len(stuck)]
    cells = doubles[differs]
    # The second value of a conflict is an estimate: off by a fifth or so, and never the same.
    first = watt_hours.ravel()[cells]
    off = np.maximum(np.abs(first) * rng.uniform(0.05, 0.4, len(cells)), 1)
    second = first + np.rint(np.where(rng.random(len(cells)) < 0.5, -off, off)).astype(np.int32)
    return Day(number, scene.clocks[number], watt_hours, copies, cells, second, in_service)


def _net_watt_hours(scene: Scene, number: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Net energy of every customer by interval [Wh]: home with its noise, plus EV, less solar."""
    period, recipe, habits, clock = scene.period, scene.recipe, scene.habits, scene.clocks[number]
    population, minutes = period.population, recipe.interval_minutes
    starts = clock.starts(minutes)
    energy = _home_kwh(scene, number, rng)
    if len(habits.water_rows):
        mean_c = float(scene.weather.felt_on(number).mean())
        energy[:, habits.water_rows] += water_kwh(period, habits, clock, mean_c, minutes, scene.seed, number)
    if number in scene.events:
        rows, factor = event_factor(period, clock, starts, scene.seed)
        energy[:, rows] *= factor
    if len(habits.ev_rows):
        # A session of the evening before may run into today.
        for evening in (number - 1, number):
            energy[:, habits.ev_rows] += charging_kwh(
                period, habits.ev_rows, clock, minutes, scene.seed, evening, number
            )
    if len(habits.solar_rows):
        clearness = float(scene.weather.clearness[number])
        energy[:, habits.solar_rows] -= solar_kwh(
            period, habits.solar_rows, clock, clearness, recipe.noise, minutes, rng
        )
    cuts = scene.cuts.on(24.0 * number, 24.0 * (number + 1))
    if len(cuts.rows):
        rows, lost = lost_share(cuts, 24.0 * number + starts, recipe.hours)
        energy[:, rows] *= 1 - lost
    stuck, zero = period.has_fault("stuck-meter"), period.has_fault("zero-meter")
    energy[:, stuck] = population.mean_kw[stuck] * np.float32(recipe.hours)
    energy[:, zero] = 0
    energy *= np.float32(1000)
    return np.rint(energy).astype(np.int32)


def _home_kwh(scene: Scene, number: int, rng: np.random.Generator) -> Floats:
    """Energy of the homes on a day without hot water, EV and solar [kWh]: (h, n)."""
    clock, minutes = scene.clocks[number], scene.recipe.interval_minutes
    kind = day_type(clock)
    usual, weather = scene.habits.home_kwh[kind], scene.habits.weather_kwh[kind]
    if len(clock.hour) != 24:
        # The clock change leaves out an hour, or has one twice.
        places = np.rint(clock.starts(minutes) * 60 / minutes).astype(np.int64)
        usual, weather = usual[places], weather[places]
    energy = weather_factor(scene.period, scene.weather.felt_on(number))
    if minutes < 60:
        energy = np.repeat(energy, 60 // minutes, axis=0)
    energy *= weather
    energy += usual
    energy *= _noise(scene, len(clock.hour), rng)
    return energy


def _noise(scene: Scene, hours: int, rng: np.random.Generator) -> Floats:
    """What a home uses ÷ what it usually uses in such weather, by hour and by day: (h, n)."""
    n, parts = len(scene.period.population), 60 // scene.recipe.interval_minutes
    level = np.float32(scene.recipe.noise)
    noise = level * rng.standard_normal((hours, n), dtype=np.float32)
    if parts > 1:
        # Within an hour, intervals differ as much again.
        noise = np.repeat(noise, parts, axis=0)
        noise += level * rng.standard_normal(noise.shape, dtype=np.float32)
    noise += level * rng.standard_normal(n, dtype=np.float32)
    # Log-normal, so that loads stay above zero.
    return np.asarray(np.exp(noise, out=noise))


def _copies(scene: Scene, number: int, in_service: Flags, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How often each reading of a day is in the rows: (h, n)."""
    period, recipe = scene.period, scene.recipe
    begins = 24 * number + scene.clocks[number].starts(recipe.interval_minutes)
    shape = (len(begins), len(period.population))
    lost = np.where(period.has_fault("patchy"), 0.65, recipe.missing).astype(np.float32)
    there = rng.random(shape, dtype=np.float32) >= lost
    there &= in_service
    gaps = scene.gaps.on(begins[0], begins[-1] + 1)
    for row, begin, end in zip(gaps.rows, gaps.begin, gaps.end, strict=True):
        there[(begins >= begin) & (begins < end), row] = False
    copies = there.astype(np.uint8)
    twice = rng.integers(0, copies.size, round(recipe.duplicates * copies.size))
    copies.ravel()[twice] *= 2
    return copies
