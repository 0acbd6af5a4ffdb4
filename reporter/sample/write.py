"""Synthetic readings to files, whole or not at all, with the truth in a folder of its own."""

import gzip
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from reporter.errors import UsageError
from reporter.sample.population import (
    FAULTS_NAMES,
    Period,
    draw_attributes,
    draw_pair,
    draw_periods,
    draw_population,
)
from reporter.sample.readings import Day, Recipe, day_table, days_of
from reporter.sample.shapes import CLASS_SHARES

SUFFIXES = (".parquet", ".csv", ".csv.gz")
DEFAULT_START = date(2026, 4, 1)
DEFAULT_SEED = 7
MAX_CUSTOMERS = 10_000_000
ROWS_PER_GROUP = 1_000_000


@dataclass(frozen=True)
class Sample:
    """Synthetic readings of one period, in memory."""

    readings: pa.Table
    """customer_id, timestamp (naive local interval start), kwh."""
    customers: pa.Table
    """customer_id and attributes."""
    truth: pa.Table
    """A row a customer: class, technology, faults and counts; see ``sample_data/README.md``."""


@dataclass(frozen=True)
class SampleFiles:
    """What was written."""

    readings: tuple[Path, ...]
    customers: Path
    truth: tuple[Path, ...]
    rows: int
    """Readings written, duplicates included."""


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
        missing: share of readings missing one by one, beside outages.
        shares: class → share of the customers.

    Raises:
        UsageError: an argument is out of range.
    """
    recipe = _recipe(interval_minutes, noise, missing)
    period, attributes = _single(customers, start, days, seed, shares)
    ids = pa.array(period.population.customer_id)
    counts = _Counts(period)
    tables = []
    for day in days_of(period, recipe, seed):
        counts.add(day)
        tables.append(day_table(day, ids, recipe))
    return Sample(pa.concat_tables(tables), attributes, counts.truth())


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

    Beside ``june.parquet`` come ``june.customers.csv`` (attributes) and ``truth/june.csv``.

    Args:
        out: file for the readings; its suffix (.parquet, .csv, .csv.gz) is its format.
        customers: number of customers.
        days: number of days.
        start: first local day.
        seed: the same arguments give the same bytes.
        interval_minutes: 60, 30 or 15.
        noise: relative standard deviation of a home's hour and day.
        missing: share of readings missing one by one, beside outages.
        shares: class → share of the customers.
        overwrite: replace files that exist.

    Raises:
        UsageError: an argument is out of range, or a file exists or can't be written.
    """
    recipe = _recipe(interval_minutes, noise, missing)
    stem = out.name.removesuffix(_suffix(out))
    files = [out, out.with_name(f"{stem}.customers.csv"), out.parent / "truth" / f"{stem}.csv"]
    period, attributes = _single(customers, start, days, seed, shares)
    with _written_whole(files, overwrite) as (readings_part, customers_part, truth_part):
        truth = _write_readings(readings_part, _suffix(out), period, recipe, seed)
        _write_csv(attributes, customers_part)
        _write_csv(truth, truth_part)
    return SampleFiles((out,), files[1], (files[2],), _rows(truth))


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

    ``folder`` gets ``2026Q2/readings.parquet``, ``2026Q3/readings.parquet``, ``customers.csv`` and
    ``truth/2026Q2.csv``, ``truth/2026Q3.csv``.

    Args:
        folder: where to; made if it isn't there.
        customers: customers in both quarters together.
        seed: the same arguments give the same bytes.
        start: first day of the first quarter.
        interval_minutes: 60, 30 or 15.
        noise: relative standard deviation of a home's hour and day.
        missing: share of readings missing one by one, beside outages.
        changes: share of customers with another class in the second quarter (half of them a new EV, a third
            new solar, the rest other habits); 0: nothing changed but noise and weather.
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
    population = draw_population(customers, seed, shares)
    periods = draw_pair(population, start, seed, changes, movers)
    readings = tuple(folder / period.label / f"readings{suffix}" for period in periods)
    truth = tuple(folder / "truth" / f"{period.label}.csv" for period in periods)
    rows = 0
    with _written_whole([*readings, *truth, folder / "customers.csv"], overwrite) as parts:
        for number, period in enumerate(periods):
            table = _write_readings(parts[number], suffix, period, recipe, seed)
            _write_csv(table, parts[2 + number])
            rows += _rows(table)
        _write_csv(draw_attributes(population, seed), parts[4])
    return SampleFiles(readings, folder / "customers.csv", truth, rows)


class _Counts:
    """What the truth says about each customer's readings, added up day by day."""

    def __init__(self, period: Period) -> None:
        n = len(period.population)
        self._period = period
        names = ("expected", "missing", "duplicates", "conflicts", "import_wh", "export_wh")
        self._sums: dict[str, NDArray[np.int64]] = {name: np.zeros(n, dtype=np.int64) for name in names}

    def add(self, day: Day) -> None:
        """Count one day's readings."""
        sums = self._sums
        intervals, n = day.copies.shape
        there = day.copies > 0
        sums["expected"] += intervals * day.in_service
        sums["missing"] += (intervals - there.sum(axis=0)) * day.in_service
        sums["duplicates"] += (day.copies == 2).sum(axis=0)
        sums["conflicts"] += np.bincount(day.conflict_cells % n, minlength=n)
        used = day.watt_hours * there
        total = used.sum(axis=0, dtype=np.int64)
        export = -np.minimum(used, 0).sum(axis=0, dtype=np.int64)
        sums["import_wh"] += total + export
        sums["export_wh"] += export

    def truth(self) -> pa.Table:
        """One row a customer, in the order of the ids."""
        period, sums = self._period, self._sums
        population = period.population
        start = np.datetime64(period.start, "D")
        return pa.table(
            {
                "customer_id": population.customer_id,
                "period": [period.label] * len(population),
                "shape_class": population.classes(),
                "data_fault": [FAULTS_NAMES[fault] for fault in period.fault],
                "first_day": start + period.first_day,
                "last_day": start + period.last_day,
                "home_kw": _decimals(population.mean_kw),
                "ev_kw": _decimals(population.ev_kw * population.has_ev),
                "ev_kwh_per_day": _decimals(population.ev_kwh_per_day * population.has_ev),
                "solar_kw": _decimals(population.solar_kw * population.has_solar),
                "readings": sums["expected"] - sums["missing"],
                "missing": sums["missing"],
                "duplicates": sums["duplicates"],
                "conflicts": sums["conflicts"],
                "import_kwh": sums["import_wh"] / 1000,
                "export_kwh": sums["export_wh"] / 1000,
            }
        )


def _single(
    customers: int, start: date, days: int, seed: int, shares: Mapping[str, float]
) -> tuple[Period, pa.Table]:
    _check_size(customers, days, seed, shares)
    population = draw_population(customers, seed, shares)
    return draw_periods(population, start, days, seed)[0], draw_attributes(population, seed)


def _write_readings(part: Path, suffix: str, period: Period, recipe: Recipe, seed: int) -> pa.Table:
    """Stream the readings of a period into a file; the truth about them."""
    ids = pa.array(period.population.customer_id)
    counts = _Counts(period)
    write = _parquet_writer if suffix == ".parquet" else _csv_writer
    with write(part, suffix) as add:
        waiting: list[pa.Table] = []
        for day in days_of(period, recipe, seed):
            counts.add(day)
            waiting.append(day_table(day, ids, recipe))
            # Small samples would else have a row group a day.
            if sum(table.num_rows for table in waiting) >= ROWS_PER_GROUP:
                add(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            add(pa.concat_tables(waiting))
    return counts.truth()


@contextmanager
def _parquet_writer(part: Path, _suffix: str) -> Iterator[Any]:
    schema = pa.schema(
        [
            ("customer_id", pa.dictionary(pa.int32(), pa.string())),
            ("timestamp", pa.timestamp("us")),
            ("kwh", pa.float64()),
        ]
    )
    # The dictionary of a million ids must not fall back to plain strings.
    with pa.parquet.ParquetWriter(
        part, schema, compression="zstd", dictionary_pagesize_limit=256 << 20, store_schema=False
    ) as writer:
        yield lambda table: writer.write_table(table.cast(schema), row_group_size=max(table.num_rows, 1))


@contextmanager
def _csv_writer(part: Path, suffix: str) -> Iterator[Any]:
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none", batch_size=65_536)
    with ExitStack() as stack:
        sink: IO[bytes] | gzip.GzipFile = stack.enter_context(part.open("wb"))
        if suffix == ".csv.gz":
            # Neither name nor clock time in the file: the same arguments give the same bytes.
            sink = stack.enter_context(gzip.GzipFile("", "wb", compresslevel=1, fileobj=sink, mtime=0))
        sink.write(b"customer_id,timestamp,kwh\n")
        yield lambda table: pa.csv.write_csv(table, sink, options)


def _write_csv(table: pa.Table, part: Path) -> None:
    with part.open("wb") as sink:
        sink.write((",".join(table.column_names) + "\n").encode())
        pa.csv.write_csv(table, sink, pa.csv.WriteOptions(include_header=False, quoting_style="none"))


@contextmanager
def _written_whole(files: list[Path], overwrite: bool) -> Iterator[list[Path]]:
    """Temporary siblings of the files, renamed at the end; removed when something goes wrong."""
    for file in files:
        _check(
            overwrite or not file.exists(),
            f"{file}: is there already; choose another place, or replace it (--force).",
        )
    parts = [file.with_name(f".{file.name}.partial") for file in files]
    try:
        for part in parts:
            part.parent.mkdir(parents=True, exist_ok=True)
        yield parts
        for part, file in zip(parts, files, strict=True):
            part.replace(file)
    except OSError as error:
        raise UsageError(
            f"{error.filename or files[0]}: can't be written ({error.strerror or error})."
        ) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


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


def _suffix(out: Path) -> str:
    for suffix in SUFFIXES:
        if out.name.lower().endswith(suffix) and len(out.name) > len(suffix):
            return out.name[-len(suffix) :]
    raise UsageError(f"{out}: readings are written as .parquet, .csv or .csv.gz; choose one by the suffix.")


def _rows(truth: pa.Table) -> int:
    return int(np.sum(truth["readings"].to_numpy()) + np.sum(truth["duplicates"].to_numpy()))


def _decimals(values: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.round(values.astype(np.float64), 3))
