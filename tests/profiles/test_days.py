"""The days of every customer, against the readings themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.profiles.days import DayBlock, day_blocks, day_sample
from reporter.readings import Readings, open_engine, read


@contextmanager
def opened(path: Path, **flags: Any) -> Iterator[tuple[Readings, Any]]:
    settings = builders.settings(**flags)
    with open_engine(settings.running) as engine:
        yield read([path], engine, settings), engine


def whole(
    path: Path, rows: Any = None, in_memory: int = 10**8, block: int = 10**8, **flags: Any
) -> list[DayBlock]:
    with opened(path, **flags) as (readings, engine):
        wanted = np.arange(len(readings.audit.used)) if rows is None else np.asarray(rows)
        return list(day_blocks(readings, engine, wanted, in_memory=in_memory, block=block))


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_every_reading_is_in_its_place_and_a_missing_one_is_nan(minutes: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=8, minutes=minutes)
    dropped = frame.drop(index=[5, 100])
    (block,) = whole(builders.parquet(dropped, tmp_path))
    expected = frame["kwh"].to_numpy(copy=True) * 60 / minutes
    expected[[5, 100]] = np.nan
    np.testing.assert_allclose(block.kw.ravel(), expected, rtol=1e-6)
    assert block.kw.shape == (3, 8, 1440 // minutes)
    assert np.isnan(block.hourly()).sum() == 2


def test_memory_and_file_and_blocks_of_any_size_give_the_same_days(tmp_path: Path) -> None:
    hourly = builders.long_table(customers=5, days=8)
    halves = builders.long_table(customers=5, days=8, minutes=30).assign(
        customer_id=lambda t: t["customer_id"].str.replace("C", "B")
    )
    path = builders.parquet(pd.concat([hourly, halves]).sample(frac=1, random_state=0), tmp_path)
    once = whole(path)
    assert [(block.minutes, list(block.rows)) for block in once] == [
        (30, [0, 1, 2, 3, 4]),
        (60, [5, 6, 7, 8, 9]),
    ]
    many = whole(path, in_memory=500, block=400)
    assert len(many) > 4
    np.testing.assert_array_equal(
        np.concatenate([block.kw.ravel() for block in once]),
        np.concatenate([block.kw.ravel() for block in many]),
    )
    (some,) = whole(path, rows=[6, 9])
    np.testing.assert_array_equal(some.kw, once[1].kw[[1, 4]])


def test_local_time_counts_and_the_doubled_hour_has_one_place(tmp_path: Path) -> None:
    stamps = pd.date_range("2026-10-23 18:30", "2026-10-28", freq="30min", tz="UTC", unit="us")
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(["A", "B"], len(stamps)),
            "timestamp": np.tile(stamps, 2),
            "kwh": np.tile(np.arange(len(stamps)) + 1.0, 2),
        }
    )
    (block,) = whole(builders.parquet(frame, tmp_path), readings__timezone="Asia/Kolkata")
    # Midnight in Kolkata is 18:30 UTC.
    np.testing.assert_allclose(block.kw[0, 0, :3], [2, 4, 6])
    (london,) = whole(builders.parquet(frame, tmp_path), readings__timezone="Europe/London")
    autumn = london.kw[0, 2]
    begin = stamps.get_loc(pd.Timestamp("2026-10-25 00:00", tz="UTC")) + 1
    # The first of two hours from one to two counts, then the clock goes on.
    np.testing.assert_allclose(autumn[2:6] / 2, [begin, begin + 1, begin + 4, begin + 5])


def test_a_load_of_zero_is_no_missing_reading(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2)
    frame.loc[3, "kwh"] = 0.0
    (block,) = whole(builders.parquet(frame.drop(index=4), tmp_path))
    assert block.kw[0, 0, 3] == 0
    assert np.isnan(block.kw[0, 0, 4])


def test_power_and_watt_hours_become_kw(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=8, minutes=30)
    (expected,) = whole(builders.parquet(frame, tmp_path))
    for name, factor in (("wh", 1000), ("load_kw", 2)):
        other = frame.assign(**{name: frame["kwh"] * factor}).drop(columns="kwh")
        (found,) = whole(builders.parquet(other, tmp_path, f"{name}.parquet"))
        np.testing.assert_allclose(found.kw, expected.kw, rtol=1e-5)


def test_a_sample_is_seeded_and_all_are_taken_where_they_fit(tmp_path: Path) -> None:
    with opened(builders.parquet(builders.long_table(customers=9), tmp_path)) as (readings, _):
        assert list(day_sample(readings, 9, seed=1)) == list(range(9))
        few = day_sample(readings, 4, seed=1)
        assert len(set(few)) == 4
        assert list(few) == sorted(few) == list(day_sample(readings, 4, seed=1))
