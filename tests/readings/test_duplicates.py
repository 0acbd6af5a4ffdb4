"""Duplicates: identical ones count once, of conflicting ones the one further from zero; nothing depends on order."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.findings import Finding
from reporter.readings import Readings


def duplicates(readings: Readings) -> Finding | None:
    return next((f for f in readings.findings if f.name == "duplicates"), None)


def with_rows(frame: pd.DataFrame, *rows: tuple[str, str, float]) -> pd.DataFrame:
    more = pd.DataFrame(rows, columns=["customer_id", "timestamp", "kwh"])
    more["timestamp"] = pd.to_datetime(more["timestamp"])
    return pd.concat([frame, more], ignore_index=True)


def flat(customers: int = 2, days: int = 3) -> pd.DataFrame:
    return builders.by_rule(lambda n, t: 0.1 + 0.01 * t.hour + n, customers=customers, days=days)


def cell(found: pd.DataFrame, customer: str, day: str, hour: int) -> pd.Series:
    chosen = found[
        (found["customer_id"] == customer)
        & (found["date"] == pd.Timestamp(day).date())
        & (found["hour"] == hour)
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_identical_readings_count_once(tmp_path: Path) -> None:
    frame = flat()
    twice = pd.concat([frame, frame, frame], ignore_index=True)
    once, _ = builders.cells(builders.parquet(frame, tmp_path, "once.parquet"))
    found, readings = builders.cells(builders.parquet(twice, tmp_path))
    pd.testing.assert_frame_equal(found, once)
    finding = duplicates(readings)
    assert finding is not None
    assert finding.data == {"readings": 2 * len(frame), "conflicting": 0, "customers": 2}
    assert finding.severity == "info"


@pytest.mark.parametrize(
    ("values", "kept"),
    [((0.0, 5.0), 5.0), ((5.0, 0.0), 5.0), ((-3.0, 2.0), -3.0), ((1.0, 4.0, 2.0), 4.0), ((-4.0, 4.0), 4.0)],
)
def test_of_conflicting_readings_the_one_further_from_zero_counts(
    values: tuple[float, ...], kept: float, tmp_path: Path
) -> None:
    frame = flat()
    stamp = "2026-07-07 05:00"
    frame = frame[~((frame["customer_id"] == "C000") & (frame["timestamp"] == stamp))]
    found, readings = builders.cells(
        builders.parquet(with_rows(frame, *(("C000", stamp, value) for value in values)), tmp_path)
    )
    settled = cell(found, "C000", "2026-07-07", 5)
    assert (settled["micro"], settled["minutes"]) == (round(kept * 1e6), 60)
    finding = duplicates(readings)
    assert finding is not None
    assert finding.data == {"readings": len(values) - 1, "conflicting": 1, "customers": 1}
    assert finding.severity == "warning"


def test_gaps_do_not_hide_duplicates(tmp_path: Path) -> None:
    # As many readings as intervals: one is missing, another comes twice.
    frame = flat()
    frame = frame[~((frame["customer_id"] == "C000") & (frame["timestamp"] == "2026-07-07 05:00"))]
    found, readings = builders.cells(
        builders.parquet(with_rows(frame, ("C000", "2026-07-07 09:00", 9.0)), tmp_path)
    )
    assert cell(found, "C000", "2026-07-07", 9)["micro"] == 9_000_000
    assert cell(found, "C000", "2026-07-07", 9)["n"] == 1
    assert duplicates(readings) is not None


def test_a_duplicate_of_one_customer_leaves_the_others_alone(tmp_path: Path) -> None:
    frame = flat(customers=3)
    plain, _ = builders.cells(builders.parquet(frame, tmp_path, "plain.parquet"))
    found, _ = builders.cells(
        builders.parquet(with_rows(frame, ("C001", "2026-07-07 09:00", 90.0)), tmp_path)
    )
    differs = (found != plain).any(axis=1)
    assert found[differs][["customer_id", "hour"]].to_numpy().tolist() == [["C001", 9]]


def test_the_same_stamp_in_two_files_is_a_duplicate(tmp_path: Path) -> None:
    frame = flat()
    half = len(frame) // 2
    paths = [
        builders.parquet(frame.iloc[: half + 10], tmp_path, "a.parquet"),
        builders.parquet(frame.iloc[half:], tmp_path, "b.parquet"),
    ]
    found, readings = builders.cells(paths)
    once, _ = builders.cells(builders.parquet(frame, tmp_path))
    pd.testing.assert_frame_equal(found, once)
    finding = duplicates(readings)
    assert finding is not None
    assert finding.data["readings"] == 10


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize("stamps", ["start", "end"])
def test_both_readings_of_the_doubled_hour_count(minutes: int, stamps: str, tmp_path: Path) -> None:
    instants = pd.date_range(
        "2026-10-24", "2026-10-27", freq=f"{minutes}min", tz="Europe/London", inclusive="left"
    )
    shown = instants if stamps == "start" else instants + pd.Timedelta(minutes=minutes)
    values = np.arange(1, len(instants) + 1)
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(["A", "B"], len(instants)),
            "timestamp": np.tile(shown.tz_localize(None), 2),
            "kwh": np.tile(values, 2) / 1000,
        }
    )
    found, readings = builders.cells(
        builders.parquet(frame, tmp_path), readings__timezone="Europe/London", readings__stamps=stamps
    )
    assert found["micro"].sum() == 2 * values.sum() * 1000
    assert found["minutes"].sum() == 2 * len(instants) * minutes
    assert duplicates(readings) is None


def test_equal_readings_of_the_doubled_hour_are_two(tmp_path: Path) -> None:
    instants = pd.date_range("2026-10-24", "2026-10-27", freq="60min", tz="Europe/London", inclusive="left")
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(["A", "B"], len(instants)),
            "timestamp": np.tile(instants.tz_localize(None), 2),
            "kwh": np.where(np.tile(instants.hour, 2) == 1, 0.5, 0.25),
        }
    )
    found, _ = builders.cells(builders.parquet(frame, tmp_path), readings__timezone="Europe/London")
    doubled = cell(found, "A", "2026-10-25", 1)
    assert (doubled["micro"], doubled["minutes"]) == (1_000_000, 120)


def test_a_third_reading_of_the_doubled_hour_is_a_duplicate(tmp_path: Path) -> None:
    instants = pd.date_range("2026-10-24", "2026-10-27", freq="60min", tz="Europe/London", inclusive="left")
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(["A", "B"], len(instants)),
            "timestamp": np.tile(instants.tz_localize(None), 2),
            "kwh": 0.1 + 0.1 * np.tile(np.arange(len(instants)), 2),
        }
    )
    twice = with_rows(frame, ("A", "2026-10-25 01:00", float(frame["kwh"].iloc[25])))
    found, _ = builders.cells(builders.parquet(twice, tmp_path), readings__timezone="Europe/London")
    doubled = cell(found, "A", "2026-10-25", 1)
    assert (doubled["micro"], doubled["minutes"]) == (round((2.6 + 2.7) * 1e6), 120)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000), parts=st.integers(1, 4), threads=st.sampled_from([1, 2]))
def test_order_of_rows_and_files_and_threads_does_not_matter(
    seed: int, parts: int, threads: int, tmp_path: Path
) -> None:
    frame = builders.long_table(customers=3, days=4, minutes=30, seed=1)
    generator = np.random.default_rng(seed)
    again = frame.sample(60, random_state=1).assign(kwh=lambda t: t["kwh"] * 1.5)
    whole = pd.concat([frame, again], ignore_index=True)
    expected, _ = builders.cells(builders.parquet(whole, tmp_path, "whole.parquet"))
    shuffled = whole.iloc[generator.permutation(len(whole))]
    places = np.array_split(np.arange(len(whole)), parts)
    paths = [builders.parquet(shuffled.iloc[p], tmp_path, f"part{i}.parquet") for i, p in enumerate(places)]
    found, _ = builders.cells([paths[i] for i in generator.permutation(parts)], running__threads=threads)
    pd.testing.assert_frame_equal(found, expected)
