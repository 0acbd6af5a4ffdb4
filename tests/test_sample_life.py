"""Synthetic readings are as rich as life: clock, weather, devices, power cuts, programs; and the truth says how."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from reporter.readings import read_system_load
from reporter.sample import Sample, generate_sample, write_sample
from reporter.sample.clock import ZONE, clock_of, clocks_of, holidays
from reporter.sample.weather import weather_of
from reporter.settings import Settings


@pytest.fixture(scope="module")
def summer() -> Sample:
    return generate_sample(1000, date(2026, 7, 1), 92, seed=3)


@pytest.fixture(scope="module")
def rows(summer: Sample) -> pd.DataFrame:
    frame = summer.readings.to_pandas().drop_duplicates(["customer_id", "timestamp"])
    return frame.assign(customer_id=frame["customer_id"].astype(str))


@pytest.fixture(scope="module")
def truth(summer: Sample) -> pd.DataFrame:
    return summer.truth.to_pandas().set_index("customer_id")


@pytest.fixture(scope="module")
def daily(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean kW by day and customer; NaN where more than an hour is missing."""
    groups = rows.groupby([rows["timestamp"].dt.normalize(), "customer_id"])["kwh"]
    return groups.mean().where(groups.size() >= 23).unstack()


def test_days_off_are_known() -> None:
    assert {day for day in holidays(2026) if 4 <= day.month <= 9} == {
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 7, 4),
        date(2026, 9, 7),
    }
    assert date(2026, 11, 26) in holidays(2026)
    assert not clock_of(date(2021, 12, 31)).works
    assert clock_of(date(2026, 7, 2)).works


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize(("start", "hours"), [(date(2026, 3, 7), 71), (date(2026, 10, 31), 73)])
def test_clock_changes_are_in_the_readings(start: date, hours: int, minutes: int) -> None:
    sample = generate_sample(40, start, 3, seed=1, interval_minutes=minutes, missing=0)
    frame = sample.readings.to_pandas()
    frame = frame[frame["customer_id"] == frame["customer_id"].iloc[-1]]
    walls = pd.DatetimeIndex(frame["timestamp"])
    instants = pd.date_range(
        pd.Timestamp(start, tz=ZONE), periods=hours * 60 // minutes, freq=f"{minutes}min"
    )
    expected = instants.tz_localize(None)
    assert len(expected.unique()) == {71: 71, 73: 72}[hours] * 60 // minutes
    pd.testing.assert_index_equal(walls, expected, check_names=False, exact=False)
    counts = sample.truth.to_pandas()
    assert (counts["readings"] + counts["missing"] == hours * 60 // minutes).all()
    for table in (sample.temperature, sample.system_load):
        assert table["timestamp"].to_pylist() == [t.to_pydatetime() for t in expected[expected.minute == 0]]


def test_weather_is_of_a_temperate_place_and_a_function_of_time() -> None:
    year = weather_of(clocks_of(date(2025, 7, 1), 365), seed=5)
    air = pd.Series(year.temperature_c, index=pd.date_range("2025-07-01", periods=8760, freq="h"))
    monthly = air.groupby(air.index.month).mean()
    assert -4 < monthly[1] < 5
    assert 21 < monthly[7] < 28
    assert 25 < air.max() < 41
    assert -22 < air.min() < -2
    by_hour = air.groupby(air.index.hour).mean()
    assert by_hour.idxmax() in (14, 15, 16, 17)
    assert 6 < by_hour.max() - by_hour.min() < 12
    part = weather_of(clocks_of(date(2026, 2, 1), 10), seed=5)
    place = (date(2026, 2, 1) - date(2025, 7, 1)).days * 24 + 1
    np.testing.assert_allclose(part.temperature_c, year.temperature_c[place : place + 240])
    np.testing.assert_allclose(part.felt_c, year.felt_c[place : place + 240], atol=0.02)


def test_cooling_is_a_change_point_response_as_the_truth_says(
    summer: Sample, daily: pd.DataFrame, truth: pd.DataFrame
) -> None:
    air = summer.temperature.to_pandas().set_index("timestamp")["temperature_c"].resample("D").mean()
    hot = air > 23
    plain = truth[(truth["data_fault"] == "none") & truth["household"].isin(["usual", "works-from-home"])]
    plain = plain[plain["shape_class"].isin(["evening-peak", "mid-peak", "flat", "double-peak"])]
    relative = daily[plain.index] / plain["home_kw"]
    cooled = plain.index[plain["cooling_kw_per_c"] > 0]
    others = plain.index.difference(cooled)
    slopes = {
        name: np.polyfit(air[hot], relative.loc[hot, ids].mean(axis=1), 1)[0]
        for name, ids in (("cooled", cooled), ("others", others))
    }
    expected = (plain["cooling_kw_per_c"] / plain["home_kw"])[cooled].mean()
    assert slopes["cooled"] == pytest.approx(expected, rel=0.25)
    assert abs(slopes["others"]) < 0.01
    assert 0.6 < len(cooled) / len(plain) < 0.85
    assert plain.loc[cooled, "cooling_from_c"].between(18, 22).all()
    assert plain.loc[others, "cooling_from_c"].isna().all()


def test_electric_heating_shows_in_winter() -> None:
    sample = generate_sample(300, date(2026, 1, 1), 31, seed=3)
    truth = sample.truth.to_pandas().set_index("customer_id")
    plain = truth[(truth["data_fault"] == "none") & truth["shape_class"].isin(["evening-peak", "mid-peak"])]
    ratio = plain["import_kwh"] / plain["readings"] / plain["home_kw"]
    heated = plain["heating_kw_per_c"] > 0
    assert 1.4 < ratio[heated].mean() < 1.9
    assert 0.95 < ratio[~heated].mean() < 1.1


def test_vacant_homes_are_small_and_flat_and_shops_shut(
    rows: pd.DataFrame, daily: pd.DataFrame, truth: pd.DataFrame
) -> None:
    sound = truth[truth["data_fault"] == "none"]
    vacant, shops = (sound.index[sound["household"] == name] for name in ("vacant", "shop"))
    assert 10 <= len(vacant) <= 25
    assert (sound.loc[vacant, "shape_class"] == "flat").all()
    assert sound.loc[vacant, "home_kw"].between(0.03, 0.25).all()
    by_hour = rows[rows["customer_id"].isin(vacant)].groupby(["customer_id", rows["timestamp"].dt.hour])[
        "kwh"
    ]
    shape = by_hour.mean().unstack()
    assert (shape.max(axis=1) / shape.mean(axis=1)).max() < 1.25

    assert set(sound.loc[shops, "shape_class"]) == {"midday-peak", "flat"}
    midday = shops[sound.loc[shops, "shape_class"] == "midday-peak"]
    days = pd.DatetimeIndex(daily.index)
    weekdays = daily.loc[days.day_of_week < 5, midday].mean(axis=1)
    assert daily.loc[days.day_of_week == 6, midday].mean().mean() < 0.75 * weekdays.mean()
    assert weekdays.nsmallest(2).index.tolist() == [pd.Timestamp(2026, 7, 3), pd.Timestamp(2026, 9, 7)]


def test_somebody_working_from_home_uses_more_in_desk_hours(rows: pd.DataFrame, truth: pd.DataFrame) -> None:
    moderate = truth[(truth["shape_class"] == "mid-peak") & (truth["data_fault"] == "none")]
    workdays = rows[rows["timestamp"].dt.day_of_week < 5]
    kw = workdays.groupby(["customer_id", workdays["timestamp"].dt.hour])["kwh"].mean().unstack()
    share = kw[[10, 11, 12, 13, 14]].mean(axis=1) / kw.mean(axis=1)
    groups = share[moderate.index].groupby(moderate["household"]).mean()
    assert 1.04 < groups["works-from-home"] / groups["usual"] < 1.15
    assert (truth.loc[truth["shape_class"] == "midday-peak", "household"] != "usual").all()


def test_hot_water_comes_in_short_blocks() -> None:
    sample = generate_sample(
        200, date(2026, 7, 1), 10, seed=1, interval_minutes=15, noise=0.02, missing=0, shares={"flat": 1.0}
    )
    truth = sample.truth.to_pandas().set_index("customer_id")
    kwh = sample.readings.to_pandas().groupby("customer_id", observed=True)["kwh"]
    # The heater has 4.5 kW, far more than a flat home uses otherwise.
    spread = (kwh.max() - kwh.median()).reindex(truth.index)
    heats = truth["water_heating_kwh_per_day"] > 0
    sound = truth["data_fault"] == "none"
    assert 0.2 < heats.mean() < 0.45
    assert (spread[heats & sound] > 0.45).mean() > 0.8
    assert (spread[~heats & sound] > 0.45).mean() < 0.2


def test_power_cuts_are_zero_readings_where_the_utility_says_so(
    summer: Sample, rows: pd.DataFrame, truth: pd.DataFrame
) -> None:
    cuts = summer.outages.to_pandas()
    assert summer.outages.column_names == ["customer_id", "start", "end"]
    assert 60 < len(cuts) < 140
    assert (cuts["end"] > cuts["start"]).all()
    assert cuts["start"].is_monotonic_increasing
    assert cuts["start"].dt.normalize().value_counts().max() > 20  # a storm
    values = rows.set_index(["customer_id", "timestamp"])["kwh"]
    zeros = whole = 0
    for cut in cuts.itertuples():
        if truth.loc[cut.customer_id, "data_fault"] != "stuck-meter":
            hours = pd.date_range(cut.start.ceil("h"), cut.end.floor("h"), freq="h", inclusive="left")
            found = values.reindex([(cut.customer_id, hour) for hour in hours]).dropna()
            zeros, whole = zeros + (found == 0).sum(), whole + len(found)
    assert zeros == whole > 100


def test_the_system_peaks_on_hot_evenings(summer: Sample) -> None:
    load = summer.system_load.to_pandas().set_index("timestamp")["load_mw"]
    air = summer.temperature.to_pandas().set_index("timestamp")["temperature_c"].resample("D").mean()
    assert len(load) == len(summer.temperature) == 92 * 24
    assert load.between(60, 400).all()
    top = load.nlargest(20)
    assert pd.DatetimeIndex(top.index).hour.isin(range(16, 22)).all()
    assert (air[pd.DatetimeIndex(top.index).normalize()] > air.quantile(0.75)).mean() > 0.9


def test_enrolled_homes_drop_load_in_events(summer: Sample, rows: pd.DataFrame) -> None:
    events = summer.events.to_pandas()
    assert summer.events.column_names == ["start", "end", "program"]
    assert len(events) == 6
    assert not {day.date() for day in events["start"]} & holidays(2026)
    assert (events["start"].dt.day_of_week < 5).all()
    programs = summer.enrolment_truth.to_pandas().set_index("customer_id")
    enrolled = programs.index[programs["event_response"] > 0]
    evening = rows[rows["timestamp"].dt.hour.between(16, 19)]
    kw = evening.pivot_table(index=evening["timestamp"].dt.normalize(), columns="customer_id", values="kwh")
    inside = pd.DatetimeIndex(kw.index).isin(events["start"].dt.normalize())
    hot = (kw.mean(axis=1) > kw.mean(axis=1).quantile(0.7)) & (pd.DatetimeIndex(kw.index).day_of_week < 5)
    ratio = kw[enrolled].sum(axis=1) / kw.drop(columns=enrolled).sum(axis=1)
    drop = 1 - ratio[inside].mean() / ratio[hot & ~inside].mean()
    # 85 % take part in an event; part of the load (EV, solar) doesn't take part.
    assert drop == pytest.approx(0.85 * programs.loc[enrolled, "event_response"].mean(), abs=0.04)


def test_enrolment_follows_the_true_probability_and_spares_the_holdout() -> None:
    sample = generate_sample(6000, date(2026, 7, 1), 1, seed=4)
    history, truth = sample.enrolment.to_pandas(), sample.enrolment_truth.to_pandas().set_index("customer_id")
    customers = sample.customers.to_pandas().set_index("customer_id")
    assert sample.enrolment.column_names == [
        "customer_id", "program", "offered", "enrolled", "enrolled_on", "opted_out",
    ]  # fmt: skip
    assert history["customer_id"].is_unique
    assert (
        not customers.loc[history["customer_id"], ["holdout", "life_support", "medical_baseline"]].any().any()
    )
    assert customers["holdout"].sum() == (truth["group"] == "holdout").sum() == 600
    assert len(history) == (truth["group"] == "offered").sum() == 3600

    probability = truth.loc[history["customer_id"], "enrolment_probability"].to_numpy()
    assert 0.15 < history["enrolled"].mean() < 0.30
    assert history["enrolled"].mean() == pytest.approx(probability.mean(), abs=0.02)
    assert 0.72 < roc_auc_score(history["enrolled"], probability) < 0.85
    tenths = history["enrolled"].groupby(pd.qcut(probability, 5, labels=False)).mean()
    assert tenths.to_numpy() == pytest.approx(
        pd.Series(probability).groupby(pd.qcut(probability, 5, labels=False)).mean().to_numpy(), abs=0.05
    )
    offered, on = pd.to_datetime(history["offered"]), pd.to_datetime(history["enrolled_on"])
    assert on.notna().equals(history["enrolled"])
    assert (on.dropna() > offered[on.notna()]).all()
    assert on.max() < pd.Timestamp(2026, 7, 1)
    assert history.loc[history["opted_out"], "enrolled"].all()
    responds = truth["event_response"] > 0
    assert set(truth.index[responds]) == set(
        history.loc[history["enrolled"] & ~history["opted_out"], "customer_id"]
    )


def test_evenings_and_ownership_make_enrolment_likelier(summer: Sample, truth: pd.DataFrame) -> None:
    probability = summer.enrolment_truth.to_pandas().set_index("customer_id")["enrolment_probability"]
    by_class = probability.groupby(truth["shape_class"]).mean()
    assert by_class["evening-peak"] > 2 * by_class["flat"]
    tenure = summer.customers.to_pandas().set_index("customer_id")["tenure"]
    by_tenure = probability.groupby(tenure).mean()
    assert by_tenure["owner"] > 1.3 * by_tenure["tenant"]


def test_files_beside_the_readings_are_named_after_them(tmp_path: Path, summer: Sample) -> None:
    files = write_sample(tmp_path / "june.csv", 30, 2, date(2026, 6, 1), seed=3)
    assert all(path.is_file() for path in files.all())
    names = {path.name for path in tmp_path.glob("june.*")}
    assert names == {
        "june.csv", "june.customers.csv", "june.enrolment.csv", "june.events.csv", "june.outages.csv",
        "june.system_load.csv", "june.temperature.csv",
    }  # fmt: skip
    for name, path in files.beside.items():
        assert path.read_text().splitlines()[0] == ",".join(getattr(summer, name).column_names)
    load, unit = read_system_load(files.beside["system_load"], Settings())[:2]
    assert (len(load), unit) == (48, "MW")
