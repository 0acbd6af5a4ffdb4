"""Checks: each finds what is wrong, of whom, and leaves the others alone."""

import json
from datetime import date
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.readings import Readings, open_engine, read
from reporter.readings.checks import CHECKS, check

START = "2026-05-04"


def looked_at(frame: pd.DataFrame, folder: Path, **flags: object) -> Readings:
    wanted = builders.settings(**flags)
    with open_engine(wanted.running) as engine:
        readings = read([builders.parquet(frame, folder)], engine, wanted)
        return check(readings, engine, wanted)


def affected(readings: Readings) -> dict[str, dict[str, float]]:
    assert readings.checked is not None
    found: dict[str, dict[str, float]] = {}
    for row in readings.checked.affected.itertuples():
        found.setdefault(str(row.check), {})[str(row.customer_id)] = float(str(row.value))
    return found


def street(customers: int = 25, days: int = 84, minutes: int = 60) -> pd.DataFrame:
    """Homes with an evening peak and some noise."""
    frame = builders.long_table(customers, days, minutes, START)
    noise = np.random.default_rng(0).gamma(16, 1 / 16, len(frame))
    shape = np.array(builders.EVENING)[frame["timestamp"].dt.hour] * minutes / 60 * 2
    return frame.assign(kwh=(shape * noise).round(3))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    frame = street()
    of = {name: frame["customer_id"] == name for name in frame["customer_id"].unique()}
    at = frame["timestamp"]
    frame.loc[of["C001"] & (at >= "2026-06-01") & (at < "2026-06-02 06:00"), "kwh"] = 0.777
    frame.loc[of["C002"] & (at >= "2026-06-01") & (at < "2026-06-04"), "kwh"] = 0.0
    frame.loc[of["C003"] & (at == "2026-06-10 04:00"), "kwh"] = 60.0
    frame.loc[of["C004"], "kwh"] *= 100
    late = of["C005"] & (at >= "2026-06-15")
    sharp = np.where(at.dt.hour.isin([7, 19]), 3.0, 0.2) + 0.001 * at.dt.day
    frame.loc[of["C005"], "kwh"] = sharp[of["C005"]]
    frame.loc[late, "kwh"] = frame.loc[late, "kwh"].shift(1, fill_value=0.2)
    gone = (of["C006"] & (at >= "2026-06-01") & (at < "2026-06-06")) | (
        of["C007"] & ((at.dt.hour + at.dt.day) % 6 == 3)
    )
    frame = frame[~gone]
    twice = frame[(frame["customer_id"] == "C008") & (frame["timestamp"] == "2026-06-01 12:00")]
    frame = pd.concat([frame, twice, twice.assign(kwh=9.0)])
    return looked_at(frame, tmp_path_factory.mktemp("broken"), audit__min_days=1)


@pytest.mark.parametrize(
    ("name", "customer", "value"),
    [
        ("stuck-readings", "C001", 30),
        ("long-zeros", "C002", 72),
        ("spikes", "C003", 1),
        ("unusual-size", "C004", None),
        ("clock-shift-of-customers", "C005", 1),
        ("long-gaps", "C006", 120),
        ("low-coverage", "C007", None),
        ("conflicting-duplicates", "C008", 1),
    ],
)
def test_each_check_finds_its_customer_and_no_other(
    broken: Readings, name: str, customer: str, value: float | None
) -> None:
    found = affected(broken)[name]
    assert list(found) == [customer]
    if value is not None:
        assert found[customer] == pytest.approx(value)


def test_every_check_has_a_result_a_sentence_and_a_setting_that_exists(broken: Readings) -> None:
    assert broken.checked is not None
    results = {result.check.name: result for result in broken.checked.results}
    assert list(results) == [one.name for one in CHECKS]
    for result in results.values():
        assert result.sentence.endswith(".")
        assert "{" not in result.sentence
        assert (result.limit is None) == (result.check.setting is None)
        assert result.looked_at == 25
    assert results["stuck-readings"].severity == "warning"
    assert "stuck-readings" in {finding.name for finding in broken.findings}


def test_readings_are_accounted_for(broken: Readings) -> None:
    assert broken.checked is not None
    left = sum(
        repair.readings
        for repair in broken.checked.repairs
        if repair.name not in {"divided", "spring-hour-recovered"}
    )
    assert broken.audit.readings_read == broken.readings_used + left
    assert {repair.name for repair in broken.checked.repairs} == {"duplicates"}


def test_homes_as_they_should_be_raise_nothing(tmp_path: Path) -> None:
    assert affected(looked_at(street(), tmp_path)) == {}


@pytest.mark.parametrize(("factor", "minutes"), [(4, 15), (12, 5), (1 / 12, 5), (1000, 60), (1 / 1000, 60)])
def test_a_wrong_unit_is_suspected(factor: float, minutes: int, tmp_path: Path) -> None:
    frame = street(customers=21, days=8, minutes=minutes)
    assert "unit-suspicion" not in {f.name for f in looked_at(frame, tmp_path).findings}
    wrong = frame.assign(kwh=frame["kwh"] * factor)
    readings = looked_at(wrong, tmp_path, audit__min_mean_kw=0, audit__max_kw=1e6)
    found = next(finding for finding in readings.findings if finding.name == "unit-suspicion")
    assert found.severity == ("warning" if factor in (4, 1 / 12) else "serious")
    assert {4: "4 times", 12: "12 times", 1 / 12: "twelfth", 1000: "Wh were read", 0.001: "thousandth"}[
        factor
    ] in found.description
    # Reported, never repaired.
    assert readings.audit.import_kwh == pytest.approx(wrong["kwh"].sum(), rel=1e-3)


def test_one_kind_of_meter_with_another_unit_is_suspected(tmp_path: Path) -> None:
    quarters = street(customers=20, days=8, minutes=15).assign(customer_id=lambda t: "Q" + t["customer_id"])
    frame = pd.concat([street(customers=20, days=8), quarters.assign(kwh=quarters["kwh"] * 4)])
    found = next(f for f in looked_at(frame, tmp_path).findings if f.name == "unit-suspicion")
    assert "every 15 minutes draw 3.97 times" in found.description


def test_loads_of_a_period_are_of_that_period_alone(tmp_path: Path) -> None:
    frame = street(days=84)
    frame.loc[frame["timestamp"] < "2026-06-15", "kwh"] *= 50
    readings = looked_at(frame, tmp_path, readings__start=date(2026, 6, 15))
    assert readings.calendar.dates[0].date() == date(2026, 6, 15)
    assert not {"unit-suspicion"} & {finding.name for finding in readings.findings}
    inside = frame[frame["timestamp"] >= "2026-06-15"].groupby("customer_id")["kwh"].sum()
    np.testing.assert_allclose(readings.audit.counts["period_import_kwh"], inside.to_numpy(), rtol=1e-9)


def test_ids_that_differ_in_zeros_or_capitals_are_kept_apart_and_said(tmp_path: Path) -> None:
    frame = builders.long_table(5, 14, 60, START)
    ids = dict(zip(sorted(frame["customer_id"].unique()), ["007", "7", "Ab", "aB", "0"], strict=True))
    readings = looked_at(frame.assign(customer_id=frame["customer_id"].map(ids)), tmp_path)
    assert affected(readings)["similar-ids"] == {"007": 1, "7": 1, "Ab": 1, "aB": 1}
    assert "similar-ids" in {finding.name for finding in readings.findings}
    assert len(readings.audit.customers) == 5


def test_numbers_that_change_between_files_are_seen(tmp_path: Path) -> None:
    frame = street(customers=20, days=40)
    renamed = frame["customer_id"].isin([f"C{n:03d}" for n in range(8)]) & (
        frame["timestamp"] >= "2026-05-24"
    )
    frame["customer_id"] = frame["customer_id"].mask(renamed, "N" + frame["customer_id"])
    readings = looked_at(frame, tmp_path)
    found = affected(readings)["renumbered-customers"]
    assert len(found) == 16
    assert set(found.values()) == {19.0}
    assert "renumbered-customers" in {finding.name for finding in readings.findings}


def test_fast_looks_at_a_sample_in_order_and_full_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporter.readings.checks.order.FAST_VALUES", 24)
    frame = street(customers=210, days=2)
    fast = looked_at(frame, tmp_path).checked
    full = looked_at(frame, tmp_path, audit__mode="full").checked
    assert fast is not None
    assert full is not None
    assert (fast.order_sample, full.order_sample) == (200, 210)
    assert "of the 200 looked at" in next(r.sentence for r in fast.results if r.check.name == "spikes")


def test_affected_customers_and_repairs_are_in_the_run(tmp_path: Path) -> None:
    frame = street(customers=25, days=20)
    frame.loc[(frame["customer_id"] == "C001") & (frame["timestamp"] < "2026-05-07"), "kwh"] = 0.0
    run = builders.make_run(builders.parquet(frame, tmp_path), tmp_path / "run")
    table = pd.read_parquet(run / "audit.parquet")
    assert table.to_dict("records") == [
        {"customer_id": "C001", "check": "long-zeros", "value": 72.0, "unit": "hours"}
    ]
    quality = json.loads((run / "facts.json").read_text())["quality"]
    zeros = next(row for row in quality["checks"] if row["name"] == "long-zeros")
    assert (zeros["customers"], zeros["setting"], zeros["limit"]) == (1, "audit.zero_hours", 48)
    assert sum(row["customers"] for row in quality["daily_energy"]) == 25
    assert quality["readings_by_day"][0] == {"day": "2026-05-04", "readings": 600, "customers": 25}
    assert np.array(quality["coverage_map"]["share"]).min() == 1
