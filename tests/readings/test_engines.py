"""An engine elsewhere gives what DuckDB gives: audit, cleaned readings, profiles and days, for every option of the calendar and shapes.

Spark is a real session on this machine. Where Java or pyspark is missing, those tests are skipped and say so; the same passes run through a
database file of DuckDB's in any case, as an engine elsewhere of which only what all engines know is asked.
"""

import dataclasses
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import builders
import duckdb
import numpy as np
import pandas as pd
import pytest

from reporter.profiles import Profiles
from reporter.profiles.build import build_profiles
from reporter.profiles.days import day_blocks
from reporter.readings import Readings, open_engine, read, remote
from reporter.readings.checks import check
from reporter.settings import Settings

pytestmark = [
    # Warnings of libraries about libraries; nothing here can change them.
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@dataclasses.dataclass(frozen=True)
class Case:
    """Readings with what is odd about them, and how they are to be read."""

    frame: pd.DataFrame
    settings: Settings


def stamps(zone: str, first: str, last: str, minutes: int) -> pd.DatetimeIndex:
    """Instants of a zone's days as UTC."""
    return pd.date_range(first, last, freq=f"{minutes}min", tz=zone, inclusive="left", unit="us").tz_convert(
        "UTC"
    )


def customer(name: str, instants: pd.DatetimeIndex, seed: int, export: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    value = np.round(0.2 + rng.gamma(2.0, 0.4, len(instants)) * (1 + (instants.hour > 16)), 3)
    if export:
        value = np.where(rng.random(len(value)) < 0.2, -value, value)
    return pd.DataFrame({"customer_id": name, "instant": instants, "value": value})


def spoilt(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same with gaps, empty and impossible values, and readings that come twice, in part with another value."""
    rng = np.random.default_rng(seed)
    frame = frame[rng.random(len(frame)) > 0.02].reset_index(drop=True)
    some = rng.choice(len(frame), 60, replace=False)
    frame.loc[some[:15], "value"] = np.nan
    frame.loc[some[15:18], "value"] = [5e6, np.inf, -5e6]
    twice = frame.loc[some[20:40]]
    other = twice.iloc[10:].assign(value=twice["value"].iloc[10:] * 1.5)
    nobody = frame.loc[some[40:45]].assign(customer_id=None)
    return pd.concat([frame, twice.iloc[:10], other, nobody], ignore_index=True).sample(
        frac=1, random_state=seed, ignore_index=True
    )


def autumn() -> Case:
    """Local clock, ends, kWh, intervals of three lengths and one that changes, the doubled hour, a week's days."""
    zone, first, last = "Europe/London", "2026-10-12", "2026-11-02"
    grids = [60] * 4 + [30] * 3 + [15] * 2
    parts = [
        customer(f"0{n}", stamps(zone, first, last, grid), n, export=n == 2) for n, grid in enumerate(grids)
    ]
    parts += [
        customer("changes", stamps(zone, first, "2026-10-21", 60), 20),
        customer("changes", stamps(zone, "2026-10-21", last, 30), 21),
    ]
    frame = pd.concat(parts)
    length = np.concatenate([np.repeat(g, len(stamps(zone, first, last, g))) for g in grids])
    length = np.concatenate([length, np.repeat((60, 30), (len(parts[-2]), len(parts[-1])))])
    frame["instant"] += pd.to_timedelta(length, unit="min")
    frame = spoilt(frame, 1)
    local = pd.DatetimeIndex(frame["instant"]).tz_convert(zone).tz_localize(None)
    frame = frame.assign(timestamp=local)[["customer_id", "timestamp", "value"]]
    return Case(
        frame.rename(columns={"value": "kwh"}),
        builders.settings(
            readings__timezone=zone,
            readings__stamps="end",
            segments__shape="weekly",
            segments__week="days",
            calendar__holidays=("2026-10-26",),
        ),
    )


def spring() -> Case:
    """Times with an offset, kW, the hour that is skipped, a shorter period, seasons."""
    zone = "America/New_York"
    grids = [30] * 4 + [15] * 3
    frame = pd.concat(
        [customer(f"A{n}", stamps(zone, "2026-02-24", "2026-03-16", grid), n) for n, grid in enumerate(grids)]
    )
    frame = spoilt(frame, 2).rename(columns={"instant": "timestamp", "value": "kw"})
    return Case(
        frame[["timestamp", "kw", "customer_id"]],
        builders.settings(
            readings__timezone=zone,
            readings__start="2026-02-25",
            readings__end="2026-03-14",
            segments__shape="seasonal",
            seasons__summer=(3,),
            seasons__winter=(2,),
            peak__season=(3,),
        ),
    )


def south() -> Case:
    """Wh to and from the grid in two columns, and clocks that were put forward late: the hour before comes twice."""
    zone = "Australia/Sydney"
    frame = pd.concat(
        [
            customer(f"{n:04d}", stamps(zone, "2026-09-26", "2026-10-10", 30), n, export=n > 3)
            for n in range(7)
        ]
    )
    local = pd.DatetimeIndex(frame["instant"]).tz_convert(zone).tz_localize(None)
    late = (
        (local >= "2026-10-04 03:00")
        & (local < "2026-10-04 04:00")
        & frame["customer_id"].isin(["0001", "0002"])
    )
    frame["timestamp"] = local - pd.to_timedelta(np.where(late, 1, 0), unit="h")
    frame["import_wh"] = (frame["value"].clip(lower=0) * 1000).round()
    frame["export_wh"] = (-frame["value"].clip(upper=0) * 1000).round()
    return Case(
        frame[["customer_id", "timestamp", "import_wh", "export_wh"]].reset_index(drop=True),
        builders.settings(readings__timezone=zone, segments__shape="daily"),
    )


def fixed_clock() -> Case:
    """A clock that is not the customers': stamps in UTC all year, half-hours, ends."""
    frame = pd.concat(
        [customer(f"{n:04d}", stamps("UTC", "2026-10-19", "2026-11-02", 30), n) for n in range(6)]
    )
    frame = spoilt(frame, 3)
    frame["timestamp"] = pd.DatetimeIndex(frame["instant"]).tz_localize(None)
    return Case(
        frame[["customer_id", "timestamp", "value"]].rename(columns={"value": "kwh"}),
        builders.settings(
            readings__timezone="Europe/Berlin", readings__source_timezone="UTC", readings__stamps="end"
        ),
    )


CASES: dict[str, Callable[[], Case]] = {f.__name__: f for f in (autumn, spring, south, fixed_clock)}


@dataclasses.dataclass(frozen=True)
class Found:
    """All that a run takes from the engine."""

    readings: Readings
    profiles: Profiles
    days: dict[int, np.ndarray]


def found(case: Case, place: Path, engine: str = "duckdb") -> Found:
    wanted = case.settings
    wanted = wanted.model_copy(update={"running": wanted.running.model_copy(update={"engine": engine})})
    with open_engine(wanted.running) as opened:
        readings = check(read([place], opened, wanted), opened, wanted)
        profiles = build_profiles(readings, opened, wanted)
        rows = np.arange(len(readings.audit.used))[::2]
        days = {
            int(row): kw
            for block in day_blocks(readings, opened, rows)
            for row, kw in zip(block.rows, block.kw, strict=True)
        }
    return Found(readings, profiles, days)


def assert_same(one: Found, other: Found) -> None:
    assert one.readings.checked is not None and other.readings.checked is not None
    pd.testing.assert_frame_equal(one.readings.audit.customers, other.readings.audit.customers)
    pd.testing.assert_frame_equal(
        one.readings.audit.counts, other.readings.audit.counts, check_like=True, check_names=False
    )
    pd.testing.assert_frame_equal(one.readings.duplicates, other.readings.duplicates, check_index_type=False)
    pd.testing.assert_frame_equal(one.readings.checked.affected, other.readings.checked.affected)
    assert one.readings.readings_used == other.readings.readings_used
    np.testing.assert_array_equal(
        one.readings.audit.presence.coverage, other.readings.audit.presence.coverage
    )
    told = [[f for f in x.readings.findings if f.name != "columns-recognised"] for x in (one, other)]
    assert told[0] == told[1]
    for field in dataclasses.fields(Profiles):
        compare(getattr(one.profiles, field.name), getattr(other.profiles, field.name), field.name)
    assert one.days.keys() == other.days.keys()
    for row, kw in one.days.items():
        np.testing.assert_allclose(kw, other.days[row], rtol=1e-6)


def compare(one: Any, other: Any, name: str) -> None:
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            compare(getattr(one, field.name), getattr(other, field.name), f"{name}.{field.name}")
    elif isinstance(one, list):
        assert len(one) == len(other), name
        for a, b in zip(one, other, strict=True):
            compare(a, b, name)
    elif isinstance(one, np.ndarray) and one.dtype.kind == "f":
        np.testing.assert_allclose(one, other, rtol=1e-6, err_msg=name)
    elif isinstance(one, (pd.Series, pd.DataFrame)):
        assert one.equals(other), name
    else:
        assert np.array_equal(one, other), name


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Case, Path, Found]]:
    """A case, its Parquet file, and what DuckDB makes of it; each once."""
    known: dict[str, tuple[Case, Path, Found]] = {}

    def of(name: str) -> tuple[Case, Path, Found]:
        if name not in known:
            case = CASES[name]()
            path = builders.parquet(case.frame, tmp_path_factory.mktemp(name))
            known[name] = case, path, found(case, path)
        return known[name]

    return of


@pytest.mark.parametrize("name", CASES)
def test_a_table_elsewhere_gives_what_a_file_gives(name: str, local: Any, tmp_path: Path) -> None:
    case, path, here = local(name)
    with duckdb.connect(str(tmp_path / "warehouse.db")) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema meters")
        connection.execute(f"create table meters.readings as select * from '{path}'")
    assert_same(found(case, Path("meters.readings"), f"duckdb://{tmp_path}/warehouse.db"), here)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of Spark on this machine, small."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install 'reporter[spark]'")
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and (Path(home) / "bin" / "java").exists())):
        pytest.skip("there is no Java for Spark")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("test")
    for name, value in {
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        "spark.log.level": "ERROR",
        # Short passes: what the compilers of Java and of Spark would gain is less than they cost.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.adaptive.enabled": "false",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.parametrize("name", ["autumn", "spring", "south"])
def test_spark_gives_what_duckdb_gives(
    name: str, local: Any, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, path, here = local(name)
    zone = "America/New_York"
    spark.conf.set("spark.sql.session.timeZone", zone)
    place = path
    if name == "spring":
        spark.read.parquet(str(path)).createOrReplaceTempView("readings_of_spring")
        place = Path("readings_of_spring")
    if name == "south":
        # As on a cluster: nothing is kept in our folder, and results are more than is fetched at once.
        monkeypatch.setattr(remote.SparkEngine, "here", False)
        monkeypatch.setattr(remote, "_AT_ONCE", 2_000)
    assert_same(found(case, place, "spark"), here)
    # The session goes on after the run: nothing of ours stays in it.
    assert spark.conf.get("spark.sql.session.timeZone") == zone
    assert [table.name for table in spark.catalog.listTables() if table.name.startswith("reporter_")] == []
