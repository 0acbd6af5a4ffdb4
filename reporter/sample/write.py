"""Samples in memory and in files: readings, what a utility has beside them, and the truth in a folder of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from reporter.errors import UsageError
from reporter.sample.enrolment import (
    History,
    customer_table,
    draw_attributes,
    draw_history,
    enrolment_table,
    history_truth,
)
from reporter.sample.files import SUFFIXES, Add, readings_writer, suffix_of, write_csv, written_whole
from reporter.sample.grid import event_table, outage_table, system_load_table, temperature_table
from reporter.sample.periods import draw_moves, draw_pair, draw_single
from reporter.sample.population import Population, draw_population
from reporter.sample.readings import Recipe, Scene, day_table, days_of, scene_of
from reporter.sample.shapes import CLASS_SHARES
from reporter.sample.streams import Flags
from reporter.sample.truth import Tally

DEFAULT_START = date(2026, 4, 1)
DEFAULT_SEED = 7
MAX_CUSTOMERS = 10_000_000

BESIDE = ("customers", "enrolment", "events", "outages", "system_load", "temperature")
"""What comes beside the readings, by the stems of the files' names."""


@dataclass(frozen=True)
class Sample:
    """Synthetic readings of one period, in memory; see ``sample_data/README.md`` for the columns."""

    readings: pa.Table
    """customer_id, timestamp (naive wall-clock interval start), kwh."""
    customers: pa.Table
    """customer_id and attributes."""
    enrolment: pa.Table
    """customer_id, program, offered, enrolled, enrolled_on, opted_out."""
    events: pa.Table
    """start, end, program."""
    outages: pa.Table
    """customer_id, start, end."""
    system_load: pa.Table
    """timestamp, load_mw."""
    temperature: pa.Table
    """timestamp, temperature_c."""
    truth: pa.Table
    """A row a customer: class, devices, temperature response, faults and counts."""
    enrolment_truth: pa.Table
    """A row a customer: true probability of enrolment, and response to events."""


@dataclass(frozen=True)
class SampleFiles:
    """What was written."""

    readings: tuple[Path, ...]
    customers: Path
    beside: Mapping[str, Path]
    """Name in ``BESIDE`` → file."""
    truth: tuple[Path, ...]
    """Truth of each period."""
    enrolment_truth: Path
    rows: int
    """Readings written, duplicates included."""

    def all(self) -> tuple[Path, ...]:
        """Every file, readings first."""
        return (*self.readings, *self.beside.values(), *self.truth, self.enrolment_truth)


@dataclass(frozen=True)
class _Customers:
    """A population with its attributes and its history of offers."""

    population: Population
    attributes: pa.Table
    history: History


def generate_sample(
    customers: int,
    start: date = DEFAULT_START,
    days: int = 92,
    seed: int = DEFAULT_SEED,
    *,
    interval_minutes: int = 60,
    noise: float = 0.12,
    missing: float = 0.002,
    shares: Mapping[str, float] = CLASS_SHARES,
) -> Sample:
    """Synthetic readings of one period in memory; for large ones use ``write_sample``.

    Args:
        customers: number of customers.
        start: first local day.
        days: number of days.
        seed: the same seed gives the same sample.
        interval_minutes: 60, 30 or 15.
        noise: relative standard deviation of a home's hour and day.
        missing: share of readings missing one by one, beside lost connections.
        shares: class → share of the customers.

    Raises:
        UsageError: an argument is out of range.
    """
    recipe = _recipe(interval_minutes, noise, missing)
    known, scene = _single(customers, start, days, seed, shares, recipe)
    tables: list[pa.Table] = []
    tally = _run(scene, tables.append)
    beside = _beside(known, [scene], [tally])
    truth = tally.truth()
    return Sample(
        readings=pa.concat_tables(tables),
        truth=truth,
        enrolment_truth=history_truth(known.population, known.history),
        **beside,
    )


def write_sample(
    out: Path,
    customers: int,
    days: int = 92,
    start: date = DEFAULT_START,
    seed: int = DEFAULT_SEED,
    *,
    interval_minutes: int = 60,
    noise: float = 0.12,
    missing: float = 0.002,
    shares: Mapping[str, float] = CLASS_SHARES,
    overwrite: bool = False,
) -> SampleFiles:
    """Write synthetic readings of one period, day by day.

    Beside ``june.parquet`` come ``june.customers.csv``, ``june.temperature.csv`` and so on (``BESIDE``), and in
    ``truth`` what is really so: ``june.csv`` and ``june.enrolment.csv``.

    Args:
        out: file for the readings; its suffix (.parquet, .csv, .csv.gz) is its format.
        customers: number of customers.
        days: number of days.
        start: first local day.
        seed: the same arguments give the same bytes.
        interval_minutes: 60, 30 or 15.
        noise: relative standard deviation of a home's hour and day.
        missing: share of readings missing one by one, beside lost connections.
        shares: class → share of the customers.
        overwrite: replace files that exist.

    Raises:
        UsageError: an argument is out of range, or a file exists or can't be written.
    """
    recipe = _recipe(interval_minutes, noise, missing)
    suffix = suffix_of(out)
    stem, truth = out.name.removesuffix(suffix), out.parent / "truth"
    known, scene = _single(customers, start, days, seed, shares, recipe)
    return _write(
        known,
        [scene],
        suffix,
        readings=(out,),
        beside={name: out.with_name(f"{stem}.{name}.csv") for name in BESIDE},
        truth=(truth / f"{stem}.csv",),
        enrolment_truth=truth / f"{stem}.enrolment.csv",
        overwrite=overwrite,
    )


def write_sample_pair(
    folder: Path,
    customers: int = 240,
    seed: int = DEFAULT_SEED,
    *,
    start: date = DEFAULT_START,
    interval_minutes: int = 60,
    noise: float = 0.12,
    missing: float = 0.002,
    changes: float = 0.07,
    movers: float = 0.03,
    shares: Mapping[str, float] = CLASS_SHARES,
    suffix: str = ".parquet",
    overwrite: bool = False,
) -> SampleFiles:
    """Write two neighbouring quarters of the same customers.

    ``folder`` gets ``2026Q2/readings.parquet``, ``2026Q3/readings.parquet``, ``customers.csv``, ``temperature.csv`` and so on
    (``BESIDE``), ``truth/2026Q2.csv``, ``truth/2026Q3.csv`` and ``truth/enrolment.csv``.

    Args:
        folder: where to; made if it isn't there.
        customers: customers in both quarters together.
        seed: the same arguments give the same bytes.
        start: first day of the first quarter.
        interval_minutes: 60, 30 or 15.
        noise: relative standard deviation of a home's hour and day.
        missing: share of readings missing one by one, beside lost connections.
        changes: share of customers that are not the same in the second quarter (half of them have a new EV, a third
            new solar, the rest are vacant, heated with electricity or live otherwise); 0: nothing changed but noise and
            weather.
        movers: share of customers that leave in the first quarter, and as many that arrive in the second.
        shares: class → share of the customers in the first quarter.
        suffix: format of the readings: .parquet, .csv or .csv.gz.
        overwrite: replace files that exist.

    Raises:
        UsageError: an argument is out of range, or a file exists or can't be written.
    """
    recipe = _recipe(interval_minutes, noise, missing)
    _check(
        start.day == 1 and start.month % 3 == 1,
        f"A quarter doesn't begin on {start}; give the first of January, April, July or October.",
    )
    _check(0 <= changes <= 0.3 and 0 <= movers <= 0.3, "Changes and movers are shares from 0 to 0.3.")
    _check(suffix in SUFFIXES, f"'{suffix}' is no format for readings; use .parquet, .csv or .csv.gz.")
    _check_size(customers, 1, seed, shares)
    moves = draw_moves(customers, start, seed, movers)
    known = _customers(customers, seed, shares, ~moves.arriving)
    periods = draw_pair(known.population, moves, start, seed, changes)
    return _write(
        known,
        [scene_of(period, recipe, seed) for period in periods],
        suffix,
        readings=tuple(folder / period.label / f"readings{suffix}" for period in periods),
        beside={name: folder / f"{name}.csv" for name in BESIDE},
        truth=tuple(folder / "truth" / f"{period.label}.csv" for period in periods),
        enrolment_truth=folder / "truth" / "enrolment.csv",
        overwrite=overwrite,
    )


def _customers(customers: int, seed: int, shares: Mapping[str, float], there_before: Flags) -> _Customers:
    population = draw_population(customers, seed, shares)
    attributes = draw_attributes(population, seed)
    history = draw_history(population, attributes, there_before, seed)
    return _Customers(replace(population, event_response=history.response), attributes, history)


def _single(
    customers: int, start: date, days: int, seed: int, shares: Mapping[str, float], recipe: Recipe
) -> tuple[_Customers, Scene]:
    _check_size(customers, days, seed, shares)
    known = _customers(customers, seed, shares, np.ones(customers, dtype=np.bool_))
    return known, scene_of(draw_single(known.population, start, days, seed), recipe, seed)


def _run(scene: Scene, add: Add) -> Tally:
    """Hand on the readings of a period day by day, and count them."""
    ids = pa.array(scene.period.population.customer_id)
    tally = Tally(scene)
    for day in days_of(scene):
        tally.add(day)
        add(day_table(day, ids, scene.recipe))
    return tally


def _beside(known: _Customers, scenes: list[Scene], tallies: list[Tally]) -> dict[str, pa.Table]:
    """What a utility has beside the readings: name in ``BESIDE`` → table over all periods."""
    start = scenes[0].period.start
    return {
        "customers": customer_table(known.attributes, known.history),
        "enrolment": enrolment_table(known.population, known.history, start),
        "events": pa.concat_tables([event_table(scene.period.start, scene.events) for scene in scenes]),
        "outages": pa.concat_tables([outage_table(scene.period, scene.cuts) for scene in scenes]),
        "system_load": pa.concat_tables(
            [
                system_load_table(scene.clocks, tally.system_load_mw())
                for scene, tally in zip(scenes, tallies, strict=True)
            ]
        ),
        "temperature": pa.concat_tables([temperature_table(scene.clocks, scene.weather) for scene in scenes]),
    }


def _write(
    known: _Customers,
    scenes: list[Scene],
    suffix: str,
    *,
    readings: tuple[Path, ...],
    beside: dict[str, Path],
    truth: tuple[Path, ...],
    enrolment_truth: Path,
    overwrite: bool,
) -> SampleFiles:
    files = [*readings, *truth, *beside.values(), enrolment_truth]
    tallies, tables = [], []
    with written_whole(files, overwrite) as parts:
        for scene, part in zip(scenes, parts[: len(readings)], strict=True):
            with readings_writer(part, suffix.lower()) as add:
                tallies.append(_run(scene, add))
        tables += [tally.truth() for tally in tallies]
        tables += [_beside(known, scenes, tallies)[name] for name in beside]
        tables.append(history_truth(known.population, known.history))
        for table, part in zip(tables, parts[len(readings) :], strict=True):
            write_csv(table, part)
    rows = sum(_rows(table) for table in tables[: len(truth)])
    return SampleFiles(readings, beside["customers"], beside, truth, enrolment_truth, rows)


def _recipe(interval_minutes: int, noise: float, missing: float) -> Recipe:
    _check(
        interval_minutes in (15, 30, 60),
        f"Intervals of {interval_minutes} minutes can't be generated; use 60, 30 or 15.",
    )
    _check(0 <= noise <= 1, f"A noise of {noise} isn't a share from 0 to 1.")
    _check(0 <= missing <= 0.9, f"{missing} isn't a share of missing readings from 0 to 0.9.")
    return Recipe(interval_minutes=interval_minutes, noise=noise, missing=missing)


def _check_size(customers: int, days: int, seed: int, shares: Mapping[str, float]) -> None:
    _check(1 <= customers <= MAX_CUSTOMERS, f"A sample has 1 to {MAX_CUSTOMERS} customers, not {customers}.")
    _check(1 <= days <= 3660, f"A sample has 1 to 3660 days, not {days}.")
    _check(seed >= 0, f"A seed is 0 or more, not {seed}.")
    unknown = sorted(set(shares) - set(CLASS_SHARES))
    _check(
        not unknown,
        f"There is no load-shape class {', '.join(unknown)}; the classes are {', '.join(CLASS_SHARES)}.",
    )
    _check(
        bool(shares) and min(shares.values()) >= 0 and sum(shares.values()) > 0,
        "Shares of the classes must be 0 or more, one of them above 0.",
    )


def _check(condition: bool, sentence: str) -> None:
    if not condition:
        raise UsageError(sentence)


def _rows(truth: pa.Table) -> int:
    return int(np.sum(truth["readings"].to_numpy()) + np.sum(truth["duplicates"].to_numpy()))
