"""The audit: every reason for leaving a customer out, every total, and nobody lost on the way."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.readings import REASONS, open_engine, read
from reporter.readings.audit import Audit


def finding(audit: Audit, name: str) -> dict[str, object]:
    return next(f for f in audit.findings if f.name == name).data


def reasons(audit: Audit) -> dict[str, str | None]:
    reason = audit.customers["exclusion_reason"].astype(object)
    return dict(zip(audit.customers["customer_id"], reason.where(reason.notna(), None), strict=True))


def usual(customer: str = "GOOD", days: int = 10, minutes: int = 60) -> pd.DataFrame:
    return builders.long_table(customers=1, days=days, minutes=minutes).assign(customer_id=customer)


CASES = {
    "no-valid-readings": lambda f: f.assign(kwh=np.nan),
    "interval-too-long": lambda f: f[f["timestamp"].dt.hour % 2 == 0],
    "irregular-intervals": lambda f: f[(f["timestamp"].dt.minute == 0) | (f["timestamp"].dt.minute == 25)],
    "too-few-days": lambda f: f[f["timestamp"] < "2026-07-12"],
    "low-coverage": lambda f: f[(f["timestamp"].dt.hour + f["timestamp"].dt.day) % 3 == 0],
    "hours-missing": lambda f: f[f["timestamp"].dt.hour != 4],
    "constant-readings": lambda f: f.assign(kwh=0.25),
    "almost-no-load": lambda f: f.assign(kwh=f["kwh"] / 1000),
}


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason != "not-chosen"])
def test_each_reason_is_found_and_the_customer_stays_in_the_table(reason: str, tmp_path: Path) -> None:
    minutes = 5 if reason == "irregular-intervals" else 60
    broken = CASES[reason](usual("BAD", minutes=minutes))
    frame = pd.concat([usual(), broken], ignore_index=True)
    audit = builders.audited(builders.parquet(frame, tmp_path), audit__min_days=7)
    assert reasons(audit) == {"BAD": reason, "GOOD": None}
    assert list(audit.used["customer_id"]) == ["GOOD"]
    assert audit.readings_read == len(frame)


def test_zeros_all_along_are_no_shape(tmp_path: Path) -> None:
    frame = pd.concat([usual(), usual("ZERO").assign(kwh=0.0)])
    assert reasons(builders.audited(builders.parquet(frame, tmp_path)))["ZERO"] == "constant-readings"


@pytest.mark.parametrize("minutes", [5, 10, 15, 20, 30, 60])
@pytest.mark.parametrize("stamps", ["start", "end"])
def test_intervals_from_5_to_60_minutes_are_found(minutes: int, stamps: str, tmp_path: Path) -> None:
    path = builders.parquet(builders.long_table(customers=2, days=3, minutes=minutes), tmp_path)
    audit = builders.audited(path, readings__stamps=stamps)
    assert audit.interval_minutes == [minutes]
    assert set(audit.customers["exclusion_reason"].isna()) == {True}


@pytest.mark.parametrize("minutes", [1, 2, 3, 4])
def test_intervals_below_5_minutes_are_refused(minutes: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=2, minutes=minutes)
    assert set(reasons(builders.audited(builders.parquet(frame, tmp_path))).values()) == {
        "irregular-intervals"
    }


@pytest.mark.parametrize("hours", [2, 3, 4, 6, 12, 24])
@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata"])
def test_intervals_above_an_hour_are_refused_also_over_a_clock_change(
    hours: int, zone: str, tmp_path: Path
) -> None:
    stamps = pd.date_range("2026-03-15", periods=24 * 24 // hours, freq=f"{hours}h", tz="UTC")
    values = np.random.default_rng(0).random(len(stamps))
    frame = pd.DataFrame({"customer_id": "A", "timestamp": stamps, "kwh": values})
    audit = builders.audited(builders.parquet(frame, tmp_path), readings__timezone=zone)
    assert reasons(audit) == {"A": "interval-too-long"}


def test_daily_values_are_refused_with_one_sentence(tmp_path: Path) -> None:
    frame = pd.concat([usual(f"C{n}", days=30) for n in range(3)])
    frame = frame[frame["timestamp"].dt.hour == 0]
    wanted = builders.settings()
    with (
        open_engine(wanted.running) as engine,
        pytest.raises(DataError, match="intervals of 5 to 60 minutes"),
    ):
        read([builders.parquet(frame, tmp_path)], engine, wanted)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("zone", [None, "Asia/Kolkata"])
def test_intervals_that_change_their_length_count_for_what_they_last(
    share: float, zone: str | None, tmp_path: Path
) -> None:
    # The first part hourly, the rest half-hourly: taken for half hours, the load of the first would be wrong by a factor of two.
    frame = usual("MIXED", days=40, minutes=30)
    early = frame["timestamp"] < frame["timestamp"].iloc[0] + pd.Timedelta(days=40 * share)
    hour = frame["timestamp"].dt.floor("h")
    frame["kwh"] = np.where(early, frame.groupby(hour)["kwh"].transform("sum"), frame["kwh"])
    frame = frame[~early | (frame["timestamp"].dt.minute == 0)]
    total = frame["kwh"].sum()
    frame = pd.concat([frame, usual("HALF", days=40, minutes=30), usual("HOUR", days=40)])
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    path = builders.parquet(frame, tmp_path)
    found, readings = builders.cells(path, **({"readings__timezone": zone} if zone else {}))
    audit = readings.audit
    assert reasons(audit) == {"HALF": None, "HOUR": None, "MIXED": None}
    assert audit.interval_minutes == [30, 60]
    mixed = found[found["customer_id"] == "MIXED"]
    assert mixed["micro"].sum() == round(total * 1e6)
    assert mixed["minutes"].sum() == 40 * 24 * 60
    assert finding(audit, "changing-intervals") == {"customers": 1, "readings": 0}
    row = audit.customers.set_index("customer_id").loc["MIXED"]
    assert (row["minutes"], row["coverage"]) == (30, pytest.approx(1, abs=0.03))
    assert row["import_kwh"] == pytest.approx(total)
    assert row["peak_kw"] <= 2 * 2 * 1.999


def test_the_day_on_which_the_length_changes_is_left_out_and_said(tmp_path: Path) -> None:
    frame = usual("MIXED", days=20, minutes=15)
    early = frame["timestamp"] < "2026-07-16 13:00"
    frame = pd.concat([frame[~early | (frame["timestamp"].dt.minute == 0)], usual("GOOD", days=20)])
    found, readings = builders.cells(builders.parquet(frame, tmp_path))
    mixed = found[found["customer_id"] == "MIXED"]
    assert pd.Timestamp("2026-07-16").date() not in set(mixed["date"])
    assert finding(readings.audit, "changing-intervals") == {"customers": 1, "readings": 13 + 11 * 4}


def test_power_is_power_whatever_the_length(tmp_path: Path) -> None:
    frame = usual("MIXED", days=20, minutes=30).rename(columns={"kwh": "kw"})
    early = frame["timestamp"] < "2026-07-16"
    frame = frame[~early | (frame["timestamp"].dt.minute == 0)]
    hours = np.where(frame["timestamp"] < "2026-07-16", 1.0, 0.5)
    other = usual("GOOD", days=20).rename(columns={"kwh": "kw"})
    audit = builders.audited(builders.parquet(pd.concat([frame, other]), tmp_path))
    row = audit.customers.set_index("customer_id").loc["MIXED"]
    assert row["import_kwh"] == pytest.approx((frame["kw"] * hours).sum())
    assert row["peak_kw"] == pytest.approx(frame["kw"].max())


@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_readings_missing_at_random_do_not_look_like_other_intervals(minutes: int, tmp_path: Path) -> None:
    frame = pd.concat([usual(f"C{n:03d}", days=7, minutes=minutes) for n in range(60)], ignore_index=True)
    frame = frame.sample(frac=0.6, random_state=0)
    assert set(reasons(builders.audited(builders.parquet(frame, tmp_path))).values()) == {None}


def test_coverage_is_the_share_of_intervals_of_the_days_that_there_are(tmp_path: Path) -> None:
    # 8 days of 24; the customer skips two days whole, and 3 hours on one of the others.
    frame = usual("A", days=8)
    day = frame["timestamp"].dt.day
    frame = frame[~day.isin([8, 9]) & ~((day == 10) & (frame["timestamp"].dt.hour < 3))]
    audit = builders.audited(builders.parquet(frame, tmp_path))
    row = audit.customers.iloc[0]
    assert (row["days"], row["readings"]) == (6, 6 * 24 - 3)
    assert row["coverage"] == pytest.approx((6 * 24 - 3) / (6 * 24))
    assert audit.coverage == pytest.approx((6 * 24 - 3) / (6 * 24))


def test_duplicates_do_not_fill_gaps(tmp_path: Path) -> None:
    frame = usual("A")
    kept = frame[(frame["timestamp"].dt.hour + frame["timestamp"].dt.day) % 3 == 0]
    audit = builders.audited(builders.parquet(pd.concat([kept] * 3), tmp_path))
    assert reasons(audit) == {"A": "low-coverage"}


def test_totals_are_exact_and_of_all_that_was_read(tmp_path: Path) -> None:
    frame = pd.concat(
        [
            usual("IN").assign(kwh=lambda t: np.arange(len(t)) / 1000),
            usual("OUT").assign(kwh=lambda t: np.where(t.index % 3 == 0, -0.002, 0.001)),
            usual("SHORT", days=1).assign(kwh=7.5),
        ]
    )
    audit = builders.audited(builders.parquet(frame, tmp_path), audit__min_days=7)
    assert audit.readings_read == 240 + 240 + 24
    assert audit.import_kwh == pytest.approx(239 * 240 / 2 / 1000 + 160 * 0.001 + 24 * 7.5, abs=1e-9)
    assert audit.export_kwh == pytest.approx(80 * 0.002, abs=1e-9)
    assert finding(audit, "export") == {"customers": 1}
    by_customer = audit.customers.set_index("customer_id")
    assert by_customer.loc["SHORT", "import_kwh"] == pytest.approx(180)
    assert by_customer.loc["OUT", "export_kwh"] == pytest.approx(0.16)


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_units_give_the_same_audit(minutes: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=3, minutes=minutes)
    power = frame.assign(kwh=frame["kwh"] * 60 / minutes)
    audits = [
        builders.audited(builders.parquet(frame, tmp_path, "kwh.parquet")),
        builders.audited(
            builders.parquet(frame.assign(kwh=frame["kwh"] * 1000).rename(columns={"kwh": "wh"}), tmp_path, "wh.parquet")
        ),
        builders.audited(builders.parquet(power.rename(columns={"kwh": "power_kw"}), tmp_path, "kw.parquet")),
        builders.audited(builders.parquet(power, tmp_path, "flag.parquet"), readings__unit="kw"),
    ]  # fmt: skip
    for audit in audits:
        assert audit.import_kwh == pytest.approx(frame["kwh"].sum(), rel=1e-9)
        highest = frame.groupby("customer_id")["kwh"].max().to_numpy() * 60 / minutes
        assert audit.customers["peak_kw"].to_numpy() == pytest.approx(highest, rel=1e-9)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300, -1e12, 1000.5])
def test_values_beyond_the_limit_are_counted_and_not_used(value: float, tmp_path: Path) -> None:
    frame = usual("A")
    frame.loc[5, "kwh"] = value
    path = builders.parquet(frame, tmp_path)
    audit = builders.audited(path)
    assert finding(audit, "implausible-readings") == {"readings": 1}
    assert audit.import_kwh == pytest.approx(frame["kwh"].drop(5).sum())
    assert audit.customers.iloc[0]["valid"] == len(frame) - 1
    both = pd.concat([frame, usual("B")])
    found, _ = builders.cells(builders.parquet(both, tmp_path))
    assert found["micro"].sum() == round(both["kwh"].mask(both["kwh"].abs() > 1000).sum() * 1e6)


@pytest.mark.parametrize("not_a_number", [True, False])
def test_empty_readings_are_missing_ones(not_a_number: bool, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = usual("A")
    frame.loc[[5, 6], "kwh"] = np.nan
    values = pa.array(frame["kwh"].to_numpy(), from_pandas=not not_a_number)
    assert values.null_count == (0 if not_a_number else 2)
    path = tmp_path / "r.parquet"
    table = pa.table({"customer_id": frame["customer_id"], "timestamp": frame["timestamp"], "kwh": values})
    pq.write_table(table, path)
    audit = builders.audited(path)
    assert finding(audit, "empty-readings") == {"readings": 2}
    assert "implausible-readings" not in {f.name for f in audit.findings}
    assert audit.customers.iloc[0]["coverage"] == pytest.approx(238 / 240)


def test_readings_without_a_time_or_a_customer_are_counted(tmp_path: Path) -> None:
    frame = usual("A")
    frame.loc[3, "timestamp"] = pd.NaT
    frame.loc[4, "timestamp"] = pd.Timestamp("0001-01-01")
    frame.loc[5, "customer_id"] = None
    frame.loc[6, "customer_id"] = ""
    audit = builders.audited(builders.parquet(frame, tmp_path))
    assert finding(audit, "readings-without-time") == {"readings": 2}
    assert finding(audit, "readings-without-customer") == {"readings": 2}
    assert audit.readings_read == len(frame)
    assert list(audit.customers["customer_id"]) == ["A"]


def test_customers_are_in_order_of_their_ids_as_text(tmp_path: Path) -> None:
    frame = pd.concat([usual(name) for name in ("b", "B", "10", "9", "009")])
    audit = builders.audited(builders.parquet(frame, tmp_path))
    assert list(audit.customers["customer_id"]) == ["009", "10", "9", "B", "b"]


def test_too_few_customers_is_one_sentence_with_the_reasons(tmp_path: Path) -> None:
    frame = pd.concat([usual("A"), usual("B", days=2)])
    wanted = builders.settings(audit__min_days=7, audit__min_customers=20)
    with open_engine(wanted.running) as engine, pytest.raises(DataError) as caught:
        read([builders.parquet(frame, tmp_path)], engine, wanted)
    text = str(caught.value)
    assert "1 of 2 customers can be used" in text
    assert "at least 20" in text
    assert "1 customer left out: fewer days" in text


def test_a_nul_byte_in_an_id_is_refused(tmp_path: Path) -> None:
    frame = pd.concat([usual("A"), usual("A\x00")])
    with pytest.raises(DataError, match="NUL byte"):
        builders.audited(builders.parquet(frame, tmp_path))
