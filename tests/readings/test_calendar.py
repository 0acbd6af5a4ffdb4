"""Time: an interval belongs to the local hour of its start, and no energy is lost or made on the way there."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import builders
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.errors import DataError, UsageError
from reporter.readings.calendar import check_stamps
from reporter.readings.zones import zone

# Where clocks change in 2026, by zone; and days on which they don't.
DAYS = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4)],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)],
    "Australia/Sydney": [date(2026, 4, 5), date(2026, 10, 4), date(2026, 1, 1)],
    "Asia/Kolkata": [date(2026, 3, 29), date(2026, 8, 15)],
    "Pacific/Chatham": [date(2026, 4, 5), date(2026, 9, 27), date(2026, 2, 28)],
}


class Case(NamedTuple):
    zone: str
    first: datetime
    days: int
    minutes: int
    stamps: str
    kind: str
    seed: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(sorted(DAYS)))
    changing = draw(st.sampled_from(DAYS[name]))
    days = draw(st.integers(2, 4))
    before = draw(st.integers(0, days - 1))
    midnight = datetime.combine(changing - timedelta(days=before), datetime.min.time(), ZoneInfo(name))
    return Case(
        zone=name,
        first=midnight.astimezone(UTC),
        days=days,
        minutes=draw(st.sampled_from([5, 15, 30, 60])),
        stamps=draw(st.sampled_from(["start", "end"])),
        kind=draw(st.sampled_from(["naive", "utc", "offset"])),
        seed=draw(st.integers(0, 1000)),
    )


def truth(case: Case) -> pd.DataFrame:
    """One row a reading: customer_id, instants, value in millionths, and the local date and hour by the standard library."""
    here = ZoneInfo(case.zone)
    step = timedelta(minutes=case.minutes)
    instants = [case.first + n * step for n in range(case.days * 24 * 60 // case.minutes)]
    values = builders.np.random.default_rng(case.seed).integers(-500_000, 2_000_000, (2, len(instants)))
    rows = []
    for customer in range(2):
        for instant, value in zip(instants, values[customer], strict=True):
            local = instant.astimezone(here)
            end = (instant + step).astimezone(here)
            doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
            end_doubled = end.replace(fold=0).utcoffset() != end.replace(fold=1).utcoffset()
            rows.append(
                {
                    "customer_id": f"C{customer}",
                    "start": instant,
                    "end": instant + step,
                    "micro": int(value),
                    "date": local.date(),
                    "hour": local.hour,
                    "doubled": doubled or end_doubled,
                }
            )
    return pd.DataFrame(rows)


def write(case: Case, known: pd.DataFrame, folder: Path) -> Path:
    instants = pd.DatetimeIndex(known["start" if case.stamps == "start" else "end"])
    local = instants.tz_convert(case.zone)
    kwh = known["micro"] / 1e6
    folder.mkdir(exist_ok=True)
    if case.kind == "utc":
        frame = pd.DataFrame({"customer_id": known["customer_id"], "timestamp": instants, "kwh": kwh})
        return builders.parquet(frame, folder)
    if case.kind == "offset":
        texts = [stamp.isoformat() for stamp in local]
        frame = pd.DataFrame({"customer_id": known["customer_id"], "timestamp": texts, "kwh": kwh})
        path = folder / "readings.csv"
        frame.to_csv(path, index=False)
        return path
    naive = local.tz_localize(None)
    frame = pd.DataFrame({"customer_id": known["customer_id"], "timestamp": naive, "kwh": kwh})
    return builders.parquet(frame, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calendar")


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_cells_hold_all_energy_in_the_right_hours(case: Case, folder: Path) -> None:
    known = truth(case)
    found, readings = builders.cells(
        write(case, known, folder / case.kind), readings__timezone=case.zone, readings__stamps=case.stamps
    )

    assert set(readings.audit.used["minutes"]) == {case.minutes}
    for customer, mine in known.groupby("customer_id"):
        theirs = found[found["customer_id"] == customer]
        assert theirs["micro"].sum() == mine["micro"].sum()
        assert theirs["minutes"].sum() == len(mine) * case.minutes
    expected = known.groupby(["customer_id", "date", "hour"]).agg(micro=("micro", "sum"), n=("micro", "size"))
    actual = found.set_index(["customer_id", "date", "hour"])[["micro", "n"]]
    if case.kind == "naive" and case.stamps == "end":
        # A naive end stamp in the doubled hour fits two intervals of different hours; the sums above hold all the same.
        unsure = known[known["doubled"]][["date", "hour"]].drop_duplicates()
        for day, hour in unsure.itertuples(index=False):
            drop = pd.MultiIndex.from_product([["C0", "C1"], [day], [hour, (hour - 1) % 24, (hour + 1) % 24]])
            expected = expected.drop(drop, errors="ignore")
            actual = actual.drop(drop, errors="ignore")
    pd.testing.assert_frame_equal(
        actual.sort_index(), expected.sort_index(), check_dtype=False, check_index_type=False
    )


@pytest.mark.parametrize("stamps", ["start", "end"])
@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 4), 24)]
)
def test_a_day_has_as_many_hours_as_the_clock_gives_it(
    day: date, hours: int, stamps: str, tmp_path: Path
) -> None:
    case = Case(
        "America/New_York",
        datetime.combine(day, datetime.min.time(), ZoneInfo("America/New_York")).astimezone(UTC),
        2,
        30,
        stamps,
        "naive",
        0,
    )
    found, _ = builders.cells(
        write(case, truth(case), tmp_path), readings__timezone=case.zone, readings__stamps=stamps
    )
    first = found[(found["date"] == day) & (found["customer_id"] == "C0")]
    assert first["minutes"].sum() == hours * 60
    if hours == 23:
        assert 2 not in set(first["hour"])
    if hours == 25:
        # The hour from one to two comes twice; an end stamp of 01:00 in it may be of the hour before.
        assert first.set_index("hour")["minutes"].loc[[0, 1]].sum() == 180


def test_stamps_in_the_skipped_hour_are_kept_as_the_meter_wrote_them(tmp_path: Path) -> None:
    # Told that the stamps are on the clocks of the zone, we take a 02:00 that those clocks never show as written.
    frame = builders.long_table(customers=2, days=3, start="2026-03-07", minutes=30)
    here = "America/New_York"
    found, _ = builders.cells(
        builders.parquet(frame, tmp_path), readings__timezone=here, readings__source_timezone=here
    )
    change = found[(found["date"] == date(2026, 3, 8)) & (found["customer_id"] == "C000")]
    assert list(change["hour"]) == list(range(24))
    assert found["micro"].sum() == round(frame["kwh"].sum() * 1e6)


def test_a_fixed_clock_is_moved_to_the_zone_of_the_report(tmp_path: Path) -> None:
    # A load at 17:00 GMT falls at 18:00 in London once summer time has come.
    frame = builders.by_rule(lambda _, t: (t.hour == 17) * 1.0 + 0.1, customers=2, days=4, start="2026-03-27")
    found, readings = builders.cells(
        builders.parquet(frame, tmp_path),
        readings__timezone="Europe/London",
        readings__source_timezone="+00:00",
    )
    at_peak = found[(found["micro"] > 500_000) & (found["customer_id"] == "C000")]
    assert dict(zip(at_peak["date"], at_peak["hour"], strict=True)) == {
        date(2026, 3, 27): 17,
        date(2026, 3, 28): 17,
        date(2026, 3, 29): 18,
        date(2026, 3, 30): 18,
    }
    assert (readings.calendar.timezone, readings.calendar.source_timezone) == ("Europe/London", "+00:00")


def test_aware_stamps_without_a_zone_are_told_in_utc(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=2)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Asia/Tokyo")
    _, readings = builders.cells(builders.parquet(frame, tmp_path))
    assert (readings.calendar.timezone, readings.calendar.source_timezone) == ("UTC", "UTC")
    assumed = next(finding for finding in readings.findings if finding.name == "timezone-assumed")
    assert assumed.severity == "serious"  # evening peaks would be called night peaks


def test_naive_stamps_without_a_zone_are_said_to_be_assumed_local(tmp_path: Path) -> None:
    _, readings = builders.cells(builders.parquet(builders.long_table(customers=2), tmp_path))
    assert readings.calendar.timezone == "local"
    assert "timezone-assumed" in {finding.name for finding in readings.findings}


def test_weekends_and_holidays(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=9, start="2026-07-03")  # a Friday
    found, _ = builders.cells(builders.parquet(frame, tmp_path), calendar__holidays=[date(2026, 7, 8)])
    weekend = found[found["weekend"]]["date"].unique().tolist()
    assert weekend == [date(2026, 7, 4), date(2026, 7, 5), date(2026, 7, 8), date(2026, 7, 11)]


def test_weekend_days_are_a_setting(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=7, start="2026-07-06")
    found, _ = builders.cells(builders.parquet(frame, tmp_path), calendar__weekend=[4])
    assert found[found["weekend"]]["date"].unique().tolist() == [date(2026, 7, 10)]


def test_day_types_go_by_the_local_date(tmp_path: Path) -> None:
    # Friday 20:00 in New York is Saturday in UTC.
    frame = builders.by_rule(lambda _, t: (t.hour == 0) * 1.0 + 0.1, customers=2, days=2, start="2026-07-11")
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    found, _ = builders.cells(builders.parquet(frame, tmp_path), readings__timezone="America/New_York")
    spike = found[(found["micro"] > 500_000)].drop_duplicates("date")
    assert spike[["date", "hour", "weekend"]].to_numpy().tolist() == [
        [date(2026, 7, 10), 20, False],
        [date(2026, 7, 11), 20, True],
    ]


def test_first_and_last_day_are_local_and_inclusive(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=6, start="2026-07-06")
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    found, readings = builders.cells(
        builders.parquet(frame, tmp_path),
        readings__timezone="Australia/Sydney",
        readings__start=date(2026, 7, 7),
        readings__end=date(2026, 7, 9),
    )
    assert found["date"].unique().tolist() == [date(2026, 7, day) for day in (7, 8, 9)]
    assert found["n"].sum() == 2 * 3 * 24
    outside = next(f for f in readings.findings if f.name == "readings-outside-period")
    assert outside.data["readings"] == 2 * 3 * 24


def test_a_period_without_readings_is_an_error(tmp_path: Path) -> None:
    path = builders.parquet(builders.long_table(customers=2), tmp_path)
    with pytest.raises(DataError, match="--start and --end"):
        builders.audited(path, readings__start=date(2027, 1, 1))


@pytest.mark.parametrize("name", ["Europe/Londn", "", "../../etc/passwd", "Europe", "+25"])
def test_an_unknown_zone_is_a_wrong_flag(name: str) -> None:
    with pytest.raises(UsageError, match="--timezone"):
        zone(name, "--timezone")


@pytest.mark.parametrize(("name", "hours"), [("+10:00", 10), ("-0530", -5.5), ("+05:45", 5.75)])
def test_a_fixed_offset_is_a_zone(name: str, hours: float) -> None:
    assert zone(name, "--source-timezone").utcoffset(None) == timedelta(hours=hours)


def test_stamps_that_are_no_grid_are_refused() -> None:
    stamps = pd.date_range("2000-01-01", periods=4_000_000, freq="s", unit="us")
    with pytest.raises(DataError, match="distinct timestamps"):
        check_stamps(stamps)
