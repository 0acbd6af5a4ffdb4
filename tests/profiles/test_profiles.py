"""Profiles against sums made by hand."""

from datetime import date, datetime
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.profiles import Profiles


def reference(frame: pd.DataFrame, minutes: int, days: set[date] | None = None) -> pd.DataFrame:
    """Mean load by customer and hour with pandas: energy ÷ hours."""
    chosen = frame if days is None else frame[frame["timestamp"].dt.date.isin(days)]
    grouped = chosen.groupby([chosen["customer_id"], chosen["timestamp"].dt.hour])["kwh"]
    return (grouped.sum() / (grouped.size() * minutes / 60)).unstack()


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_means_by_hour_and_day_type(minutes: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=4, days=9, minutes=minutes, start="2026-07-03")
    frame = frame.sample(frac=0.8, random_state=1)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    weekend = {day for day in frame["timestamp"].dt.date if day.weekday() >= 5}
    weekday = set(frame["timestamp"].dt.date) - weekend
    for found, days in (
        (profiles.profile_kw, None),
        (profiles.weekday_kw, weekday),
        (profiles.weekend_kw, weekend),
    ):
        np.testing.assert_allclose(found, reference(frame, minutes, days).to_numpy(), rtol=1e-6)
    total = frame.groupby("customer_id")["kwh"]
    hours = total.size().to_numpy() * minutes / 60
    np.testing.assert_allclose(profiles.mean_kw, total.sum().to_numpy() / hours, rtol=1e-6)
    np.testing.assert_allclose(profiles.peak_kw, total.max().to_numpy() * 60 / minutes, rtol=1e-6)
    np.testing.assert_allclose(profiles.import_kwh, total.sum().to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(profiles.load_factor, profiles.mean_kw / profiles.peak_kw, rtol=1e-6)
    assert profiles.readings_used == len(frame)
    assert list(profiles.customer_id) == ["C000", "C001", "C002", "C003"]


def test_energy_is_hours_times_load(tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=10, minutes=30)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    days = profiles.days[:, None]
    np.testing.assert_allclose((profiles.profile_kw * days).sum(axis=1), profiles.import_kwh, rtol=1e-5)


def test_units_and_intervals_give_the_same_profiles(tmp_path: Path) -> None:
    hourly = builders.by_rule(lambda n, t: builders.EVENING[t.hour] * (n + 1), customers=3, days=8)
    quarters = pd.concat(
        [hourly.assign(timestamp=hourly["timestamp"] + pd.Timedelta(minutes=m), kwh=hourly["kwh"] / 4) for m in (0, 15, 30, 45)]
    )  # fmt: skip
    watt_hours = hourly.assign(wh=hourly["kwh"] * 1000).drop(columns="kwh")
    power = quarters.assign(load_kw=quarters["kwh"] * 4).drop(columns="kwh")
    expected, _ = builders.profiled(builders.parquet(hourly, tmp_path))
    for n, frame in enumerate((quarters, watt_hours, power)):
        found, _ = builders.profiled(builders.parquet(frame, tmp_path, f"{n}.parquet"))
        for name in (
            "profile_kw",
            "weekday_kw",
            "weekend_kw",
            "mean_kw",
            "peak_kw",
            "baseload_kw",
            "coincident_kw",
            "import_kwh",
            "peak_day_kw",
        ):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-6, err_msg=name)
        assert found.peak.starts == expected.peak.starts
        assert found.peak.load == pytest.approx(expected.peak.load)
        assert found.peak.sample_peak_kw == pytest.approx(expected.peak.sample_peak_kw)  # fmt: skip


def test_customers_of_different_intervals_weigh_by_time(tmp_path: Path) -> None:
    hourly = builders.by_rule(lambda n, t: builders.EVENING[t.hour], customers=1, days=8)
    halves = pd.concat(
        [hourly.assign(timestamp=hourly["timestamp"] + pd.Timedelta(minutes=m), kwh=hourly["kwh"] / 2, customer_id="C001") for m in (0, 30)]
    )  # fmt: skip
    profiles, readings = builders.profiled(builders.parquet(pd.concat([hourly, halves]), tmp_path))
    assert readings.audit.interval_minutes == [30, 60]
    np.testing.assert_allclose(profiles.profile_kw[0], profiles.profile_kw[1], rtol=1e-6)
    np.testing.assert_allclose(profiles.profile_kw[0], builders.EVENING, rtol=1e-6)
    assert profiles.peak.sample_peak_kw == pytest.approx(2 * 1.2)


def test_an_hour_without_readings_on_weekends_is_unknown_there_only(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=9)
    gap = (frame["timestamp"].dt.day_of_week >= 5) & (frame["timestamp"].dt.hour == 3)
    profiles, _ = builders.profiled(builders.parquet(frame[~gap], tmp_path))
    assert np.isnan(profiles.weekend_kw[:, 3]).all()
    assert np.isnan(profiles.weekend_kw).sum() == 2
    assert not np.isnan(profiles.weekday_kw).any()
    assert not np.isnan(profiles.profile_kw).any()


def test_baseload_is_the_mean_of_the_four_lowest_hours_and_not_below_zero(tmp_path: Path) -> None:
    shape = np.array([4, 1, 2, 3, *range(5, 25)]) / 10
    frame = builders.by_rule(lambda n, t: shape[t.hour] - n * 10, customers=2, days=8)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    np.testing.assert_allclose(profiles.baseload_kw, [0.25, 0], rtol=1e-6)


def test_export_is_counted_apart_and_loads_are_net(tmp_path: Path) -> None:
    frame = builders.by_rule(
        lambda n, t: np.where((t.hour >= 10) & (t.hour < 14) & (n == 1), -0.5, 1.0), customers=2, days=10
    )
    frame = pd.concat([frame, frame[frame["timestamp"] == "2026-07-07 12:00"]])
    frame.loc[frame["timestamp"].dt.hour == 20, "kwh"] = 2.0
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    np.testing.assert_allclose(profiles.export_kwh, [0, 10 * 4 * 0.5])
    np.testing.assert_allclose(profiles.import_kwh, [10 * 25.0, 10 * 21.0])
    np.testing.assert_allclose(profiles.mean_kw, [25 / 24, 19 / 24], rtol=1e-6)
    np.testing.assert_allclose(profiles.profile_kw[1, 10:14], -0.5)


def peaky(days: int = 20) -> pd.DataFrame:
    """Load of 1 kW, and more on each day from 18 to 20 h: the later the day, the more."""
    return builders.by_rule(
        lambda n, t: np.where((t.hour >= 18) & (t.hour < 20), 1 + 0.1 * t.day + (t.hour == 18) * 0.01, 1.0) * (n + 1),
        customers=2, days=days, start="2026-07-06",
    )  # fmt: skip


def test_peak_hours_are_the_highest_of_the_supplied_meters(tmp_path: Path) -> None:
    profiles, _ = builders.profiled(builders.parquet(peaky(), tmp_path), peak__hours=4)
    peak = profiles.peak
    assert (peak.source, peak.unit) == ("sample", "kW")
    assert peak.starts == [
        datetime(2026, 7, 25, 18),
        datetime(2026, 7, 25, 19),
        datetime(2026, 7, 24, 18),
        datetime(2026, 7, 24, 19),
    ]
    np.testing.assert_allclose(peak.load, [10.53, 10.5, 10.23, 10.2], rtol=1e-6)
    assert peak.peak_day == date(2026, 7, 25)
    assert peak.sample_peak_kw == pytest.approx(10.53)
    np.testing.assert_allclose(
        profiles.coincident_kw, [(3.51 + 3.5 + 3.41 + 3.4) / 4 * n for n in (1, 2)], rtol=1e-6
    )
    np.testing.assert_allclose(profiles.above_baseload_kw, profiles.coincident_kw - profiles.baseload_kw)
    expected = np.ones(24)
    expected[18:20] = [3.51, 3.5]
    np.testing.assert_allclose(profiles.peak_day_kw, [expected, 2 * expected], rtol=1e-6)


def test_peak_hours_are_at_most_a_twentieth_of_the_period(tmp_path: Path) -> None:
    profiles, _ = builders.profiled(builders.parquet(peaky(days=3), tmp_path), peak__hours=20)
    assert len(profiles.peak.starts) == 3  # 5 % of 72


def test_coincident_load_counts_only_the_hours_that_are_there(tmp_path: Path) -> None:
    frame = peaky()
    gone = (frame["customer_id"] == "C000") & (frame["timestamp"] == "2026-07-25 18:00")
    all_gone = (frame["customer_id"] == "C001") & (frame["timestamp"].dt.date == date(2026, 7, 25))
    more = builders.by_rule(lambda n, t: 0.1 + 0.001 * t.hour, customers=4, days=20).replace(
        {"C000": "X", "C001": "Y"}
    )
    full = pd.concat([frame[~gone & ~all_gone], more[more["customer_id"].isin(["X", "Y"])]])
    profiles, _ = builders.profiled(
        builders.parquet(full, tmp_path), system_load("2026-07-25 18:00", "2026-07-25 19:00"), peak__hours=2
    )
    assert list(profiles.customer_id) == ["C000", "C001", "X", "Y"]
    assert profiles.coincident_kw[0] == pytest.approx(3.5)
    assert np.isnan(profiles.coincident_kw[1])


def system_load(*highest: str, unit: str = "MW") -> tuple[pd.Series, str]:
    index = pd.date_range("2026-01-01", "2026-12-31 23:00", freq="h")
    load = pd.Series(100.0, index=index)
    for n, stamp in enumerate(highest):
        load[pd.Timestamp(stamp)] = 900.0 - n
    return load, unit


@pytest.mark.parametrize("unit", ["MW", "kW"])
def test_the_system_load_decides_where_it_is_given(unit: str, tmp_path: Path) -> None:
    profiles, _ = builders.profiled(
        builders.parquet(peaky(), tmp_path), system_load("2026-07-08 03:00", "2026-01-05 03:00", "2026-07-09 18:00", unit=unit), peak__hours=2
    )  # fmt: skip
    peak = profiles.peak
    assert (peak.source, peak.unit) == ("system-load", unit)
    # January is no part of the readings.
    assert peak.starts == [datetime(2026, 7, 8, 3), datetime(2026, 7, 9, 18)]
    assert peak.load == [900.0, 898.0]
    np.testing.assert_allclose(profiles.coincident_kw, [(1 + 1.91) / 2 * n for n in (1, 2)], rtol=1e-6)
    assert peak.sample_peak_kw == pytest.approx(10.53)


def test_a_system_load_of_another_time_is_an_error(tmp_path: Path) -> None:
    load = pd.Series(1.0, index=pd.date_range("2020-01-01", periods=100, freq="h"))
    with pytest.raises(DataError, match="no hour between 2026-07-06 and 2026-07-25"):
        builders.profiled(builders.parquet(peaky(), tmp_path), (load, "MW"))


def test_planned_hours_restrict_the_peak(tmp_path: Path) -> None:
    frame = builders.by_rule(
        lambda n, t: 1 + (t.hour == 8) * 1.0 + (t.hour == 23) * 0.5 + (t.hour == 1) * 0.4 + (t.month == 8) * (t.hour == 8) * 1.0,
        customers=2, days=60, start="2026-07-01",
    )  # fmt: skip
    path = builders.parquet(frame, tmp_path)

    def peak(**flags: object) -> set[tuple[int, int]]:
        profiles, _ = builders.profiled(path, peak__hours=5, **flags)
        return {(start.month, start.hour) for start in profiles.peak.starts}

    assert peak() == {(8, 8)}
    assert peak(peak__season=[7]) == {(7, 8)}
    assert peak(peak__window=[16, 24]) == {(7, 23)}
    assert peak(peak__window=[0, 6]) == {(7, 1)}
    assert peak(peak__window=[22, 6]) == {(7, 23)}
    assert peak(peak__season=[8], peak__window=[22, 6]) == {(8, 23)}
    # A season that the period has no day of leaves all hours in; a finding says so.
    assert peak(peak__season=[1]) == {(8, 8)}


def test_an_hour_when_few_report_is_no_peak(tmp_path: Path) -> None:
    frame = builders.by_rule(lambda n, t: 1 + 0.01 * t.hour, customers=5, days=8)
    lonely = frame["timestamp"] == "2026-07-08 04:00"
    frame.loc[lonely & (frame["customer_id"] == "C000"), "kwh"] = 500.0
    frame = frame[~lonely | (frame["customer_id"] == "C000")]
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    assert profiles.peak.sample_peak_kw == pytest.approx(5 * 1.23)
    assert {start.hour for start in profiles.peak.starts} == {23, 22}


def test_missing_customers_do_not_lower_the_load_of_the_sample(tmp_path: Path) -> None:
    frame = builders.by_rule(lambda n, t: builders.EVENING[t.hour], customers=4, days=8)
    gone = (frame["customer_id"] == "C000") & (frame["timestamp"] >= "2026-07-09")
    profiles, _ = builders.profiled(builders.parquet(frame[~gone], tmp_path))
    np.testing.assert_allclose(profiles.peak.load[:4], 4 * 1.2, rtol=1e-6)


def test_the_daily_sample_holds_each_day(tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=5, minutes=30)
    gap = (frame["customer_id"] == "C001") & (frame["timestamp"].dt.date == date(2026, 7, 8))
    profiles, _ = builders.profiled(builders.parquet(frame[~gap], tmp_path))
    daily = profiles.daily
    assert list(daily.rows) == [0, 1, 2]
    assert daily.dates == [date(2026, 7, day) for day in range(6, 11)]
    assert list(daily.weekend) == [False] * 5
    assert daily.kw.shape == (3, 5, 24)
    expected = frame.groupby(["customer_id", frame["timestamp"].dt.date, frame["timestamp"].dt.hour])[
        "kwh"
    ].sum()
    expected_kw = expected.to_numpy().reshape(3, 5, 24).copy()
    expected_kw[1, 2] = np.nan
    np.testing.assert_allclose(daily.kw, expected_kw, rtol=1e-6)


def fields(profiles: Profiles) -> dict[str, object]:
    return {name: value for name, value in vars(profiles).items() if isinstance(value, np.ndarray)}


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_order_do_not_change_a_bit(threads: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=30, days=10, minutes=30)
    first, _ = builders.profiled(builders.parquet(frame, tmp_path), running__threads=1)
    shuffled = builders.parquet(frame.sample(frac=1, random_state=3), tmp_path, "shuffled.parquet")
    again, _ = builders.profiled(shuffled, running__threads=threads)
    for name, value in fields(first).items():
        assert np.asarray(value).tobytes() == np.asarray(fields(again)[name]).tobytes(), name
    assert first.peak == again.peak
    assert first.daily.kw.tobytes() == again.daily.kw.tobytes()
