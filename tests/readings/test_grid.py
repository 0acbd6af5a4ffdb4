"""Readings as an array: the same numbers as the engine's passes give, whatever is wrong with the readings."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.errors import DataError
from reporter.profiles.days import day_blocks
from reporter.readings import open_engine, read
from reporter.readings.cells import export_by_customer, sums_by_cell, sums_by_hour
from reporter.readings.checks import check
from reporter.readings.engine import LocalEngine
from reporter.readings.grid import Codes

DUBLIN = "Europe/Dublin"


def _untidy(minutes: int, start: str, seed: int, *, doubled: bool = False) -> pd.DataFrame:
    """Twelve customers over three weeks, with all that goes wrong in readings."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range(start, periods=21 * 1440 // minutes, freq=f"{minutes}min")
    if doubled:  # the clock shows one hour of autumn again
        hour = stamps[(stamps >= "2025-10-26 01:00") & (stamps < "2025-10-26 02:00")]
        stamps = stamps.append(hour).sort_values()
    ids = [f"C{number:03d}" for number in range(12)]
    frame = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, len(stamps)).astype(object),
            "timestamp": np.tile(stamps, len(ids)),
            "kwh": rng.gamma(2.0, 0.3, len(ids) * len(stamps)).round(3) - 0.2,
        }
    )
    frame = frame[rng.random(len(frame)) > 0.05]
    frame.loc[rng.random(len(frame)) < 0.01, "kwh"] = np.nan
    frame.loc[rng.random(len(frame)) < 0.01, "kwh"] = 5000.0
    frame.loc[rng.random(len(frame)) < 0.01, "kwh"] = 0.0
    frame.loc[rng.random(len(frame)) < 0.005, "timestamp"] = pd.NaT
    frame.loc[rng.random(len(frame)) < 0.005, "customer_id"] = None
    frame.loc[frame["customer_id"] == "C004", "kwh"] = 0.7
    twice = frame.sample(60, random_state=seed)
    other = frame.sample(60, random_state=seed + 1).assign(kwh=lambda f: f["kwh"] * 1.5)
    spaced = frame.sample(30, random_state=seed + 2)
    spaced["customer_id"] = spaced["customer_id"] + " "
    return pd.concat([frame, twice, other, spaced]).sample(frac=1, random_state=seed)


CASES: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "hours": (_untidy(60, "2025-06-01", 1), {"readings.timezone": DUBLIN}),
    "power": (_untidy(30, "2025-06-01", 2).rename(columns={"kwh": "kw"}), {"readings.timezone": DUBLIN}),
    "autumn, doubled": (_untidy(30, "2025-10-12", 3, doubled=True), {"readings.timezone": DUBLIN}),
    "spring, ends": (_untidy(60, "2025-03-20", 4), {"readings.timezone": DUBLIN, "readings.stamps": "end"}),
    "part of the time": (
        _untidy(60, "2025-06-01", 5),
        {"readings.start": "2025-06-04", "readings.end": "2025-06-15"},
    ),
    "two lengths": (
        pd.concat(
            [
                _untidy(60, "2025-06-01", 6),
                _untidy(30, "2025-06-01", 7).assign(customer_id=lambda f: "D" + f["customer_id"]),
            ]
        ),
        {},
    ),
}


def _results(path: Path, flags: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    settings = builders.settings(**flags)
    with open_engine(settings.running) as engine:
        readings = check(read([path], engine, settings), engine, settings)
        yield "array", readings.settled is not None
        audit = readings.audit
        yield "customers", audit.customers
        yield "counts", audit.counts[sorted(audit.counts)]
        yield "presence", audit.presence.coverage
        yield "duplicates", readings.duplicates
        yield "findings", readings.findings
        yield "left", readings.readings_used
        assert readings.checked is not None
        yield "affected", readings.checked.affected
        days = len(readings.calendar.dates)
        every = np.arange(days * 24).reshape(days, 24)
        yield "cells", sums_by_cell(readings, engine, every % 7, (7,))
        yield "some", sums_by_cell(readings, engine, every, (days, 24), np.array([1, 2, 5]))
        yield "export", export_by_customer(readings, engine)
        yield "hours", sums_by_hour(readings, engine)
        rows = np.arange(len(audit.used))
        yield "days", [(b.rows, b.minutes, b.kw) for b in day_blocks(readings, engine, rows)]


@pytest.mark.parametrize("name", list(CASES))
def test_the_array_and_the_engine_give_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, flags = CASES[name]
    path = builders.parquet(frame, tmp_path)
    as_array = dict(_results(path, flags))
    monkeypatch.setattr(sys.modules["reporter.readings.compact"], "LEAST_SHARE", 2.0)
    by_engine = dict(_results(path, flags))
    assert (as_array.pop("array"), by_engine.pop("array")) == (True, False)
    for part, found in as_array.items():
        _same(part, found, by_engine[part])


def _same(part: str, found: Any, expected: Any) -> None:
    if isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_names=False, obj=part)
    elif isinstance(found, list | tuple) and not hasattr(found, "name"):
        assert len(found) == len(expected), part
        for one, other in zip(found, expected, strict=True):
            _same(part, one, other)
    elif isinstance(found, np.ndarray):
        np.testing.assert_array_equal(found, expected, err_msg=part)
    else:
        assert found == expected, part


def test_readings_too_sparse_for_an_array_go_the_engines_way(tmp_path: Path) -> None:
    # A customer a month of its own: each has few of all stamps.
    parts = [
        builders.long_table(customers=1, days=10).assign(
            customer_id=f"C{number}", timestamp=lambda f, n=number: f["timestamp"] + pd.Timedelta(days=30 * n)
        )
        for number in range(12)
    ]
    found = dict(_results(builders.parquet(pd.concat(parts), tmp_path), {}))
    assert not found["array"]
    assert found["left"] == 12 * 10 * 24


@given(st.sets(st.integers(0, 2**64 - 1), min_size=1, max_size=60), st.sampled_from([0, 1, 40]))
def test_every_number_finds_its_code(numbers: set[int], shared: int) -> None:
    # Numbers alike in their first bits meet in the first tables.
    known = np.array(sorted({number >> shared for number in numbers}), dtype="uint64")
    codes = Codes(known, np.arange(len(known)) - 1)
    asked = np.concatenate([known[::-1], known])
    assert codes.of(asked).tolist() == [*range(len(known) - 2, -2, -1), *range(-1, len(known) - 1)]


@pytest.mark.parametrize(
    "later",
    [builders.long_table(4, 10), builders.long_table(3, 12), builders.long_table(3, 12, start="2026-07-01")],
)
def test_a_file_that_changes_between_two_scans_is_said_to(
    later: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = builders.parquet(builders.long_table(3, 10), tmp_path)
    scan = LocalEngine.batches

    def changed(self: LocalEngine, *arguments: Any) -> Iterator[Any]:
        later.to_parquet(path, index=False)
        return scan(self, *arguments)

    monkeypatch.setattr(LocalEngine, "batches", changed)
    settings = builders.settings()
    with open_engine(settings.running) as engine, pytest.raises(DataError, match="changed while"):
        read([path], engine, settings)


def test_much_beside_the_array_goes_the_engines_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, flags = CASES["hours"]
    path = builders.parquet(frame, tmp_path)
    as_array = dict(_results(path, flags))
    monkeypatch.setattr("reporter.readings.grid._MOST_BESIDE", 10)
    by_engine = dict(_results(path, flags))
    assert not by_engine["array"]
    _same("cells", as_array["cells"], by_engine["cells"])
