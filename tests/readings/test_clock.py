"""What stamps show of themselves: starts or ends, one clock all year or the clocks of the zone. Only clear evidence decides."""

from pathlib import Path
from zoneinfo import ZoneInfo

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.errors import UsageError
from reporter.findings import Finding
from reporter.readings import open_engine, read_audit
from reporter.readings.calendar import Calendar
from reporter.readings.zones import changes, standard_offset, zone

# When clocks change in 2026, and the zone's offset without daylight saving.
SPRING = {
    "America/New_York": ("2026-03-08 02:00", "-05:00"),
    "Europe/London": ("2026-03-29 01:00", "+00:00"),
    "Australia/Sydney": ("2026-10-04 02:00", "+10:00"),
    "Pacific/Chatham": ("2026-09-27 02:45", "+12:45"),
}
AUTUMN = {"America/New_York": "2026-11-01", "Europe/London": "2026-10-25", "Australia/Sydney": "2026-04-05"}


def look(path: Path, **flags: object) -> tuple[Calendar, dict[str, Finding]]:
    wanted = builders.settings(**flags)
    with open_engine(wanted.running) as engine:
        found = read_audit([path], engine, wanted)
    return found.calendar, {finding.name: finding for finding in found.audit.findings}


def living(
    zone: str, clock: str, around: str, customers: int = 24, days: int = 15, minutes: int = 60
) -> pd.DataFrame:
    """People who live by the clock on the wall in a zone, metered on some clock: naive stamps of starts."""
    first = pd.Timestamp(around).normalize() - pd.Timedelta(days=days)
    instants = pd.date_range(
        first.tz_localize(zone), (first + pd.Timedelta(days=2 * days + 1)).tz_localize(zone), freq=f"{minutes}min", inclusive="left"
    )  # fmt: skip
    hour = instants.tz_convert(zone).hour
    shape = np.array(builders.EVENING)[hour] * minutes / 60
    noise = np.random.default_rng(0).gamma(9, 1 / 9, (customers, len(instants)))
    stamps = instants.tz_convert(clock if clock[0] not in "+-" else ZoneInfo("UTC"))
    if clock[0] in "+-":
        sign = -1 if clock[0] == "-" else 1
        stamps = stamps + sign * pd.Timedelta(hours=int(clock[1:3]), minutes=int(clock[4:6]))
    return pd.DataFrame(
        {
            "customer_id": np.repeat([f"C{n:03d}" for n in range(customers)], len(instants)),
            "timestamp": np.tile(stamps.tz_localize(None).as_unit("us"), customers),
            "kwh": (shape * noise).ravel().round(3),
        }
    )


@pytest.mark.parametrize("name", list(SPRING))
def test_changes_of_clocks_are_found_to_the_minute(name: str) -> None:
    found = list(changes(ZoneInfo(name), pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-31")))
    at, offset = SPRING[name]
    spring = next(change for change in found if change.length > pd.Timedelta(0))
    assert (spring.at, spring.length) == (pd.Timestamp(at), pd.Timedelta(hours=1))
    assert len(found) == 2
    assert standard_offset(ZoneInfo(name), pd.Timestamp(at)) == offset


@pytest.mark.parametrize("name", list(SPRING))
@pytest.mark.parametrize("minutes", [30, 60])
def test_standard_time_all_year_is_detected_by_the_hour_that_clocks_skip(
    name: str, minutes: int, tmp_path: Path
) -> None:
    at, offset = SPRING[name]
    path = builders.parquet(living(name, offset, at, days=3, minutes=minutes), tmp_path)
    calendar, findings = look(path, readings__timezone=name)
    assert (calendar.timezone, calendar.source_timezone) == (name, offset)
    assert findings["clock-detected"].data["source_timezone"] == offset
    # The day of the change has no such hour on the wall, and a day later everything is where people live.
    day = calendar.table[calendar.table["day"] == calendar.dates.index(pd.Timestamp(at).normalize())]
    assert pd.Timestamp(at).hour not in set(day["hour"]) or name == "Pacific/Chatham"


@pytest.mark.parametrize("name", list(AUTUMN))
@pytest.mark.parametrize("clock", ["zone", "standard"])
@pytest.mark.parametrize("stamps", ["start", "end"])
def test_in_autumn_the_load_itself_tells(name: str, clock: str, stamps: str, tmp_path: Path) -> None:
    offset = SPRING[name][1]
    frame = living(name, name if clock == "zone" else offset, AUTUMN[name], minutes=30)
    if stamps == "end":
        frame["timestamp"] += pd.Timedelta(minutes=30)
    calendar, findings = look(
        builders.parquet(frame, tmp_path), readings__timezone=name, readings__stamps=stamps
    )
    assert calendar.source_timezone == (name if clock == "zone" else offset)
    assert ("clock-detected" in findings) == (clock == "standard")


@pytest.mark.parametrize("name", list(SPRING))
@pytest.mark.parametrize("stamps", ["start", "end"])
def test_stamps_that_follow_the_clocks_are_left_alone(name: str, stamps: str, tmp_path: Path) -> None:
    frame = living(name, name, SPRING[name][0], days=3, minutes=15)
    if stamps == "end":
        frame["timestamp"] += pd.Timedelta(minutes=15)
    calendar, findings = look(
        builders.parquet(frame, tmp_path), readings__timezone=name, readings__stamps=stamps
    )
    assert calendar.source_timezone == name
    assert not {"clock-detected", "clock-unclear", "clock-shift"} & set(findings)


def test_a_setting_goes_before_what_the_data_show(tmp_path: Path) -> None:
    name = "Europe/London"
    path = builders.parquet(living(name, "+00:00", SPRING[name][0]), tmp_path)
    calendar, findings = look(path, readings__timezone=name, readings__source_timezone=name)
    assert calendar.source_timezone == name
    assert "clock-detected" not in findings


def test_a_filled_hour_is_no_other_clock(tmp_path: Path) -> None:
    # The load keeps to the clocks on the wall, and an export that wants 24 rows a day copies the hour before.
    name = "Europe/London"
    frame = living(name, name, SPRING[name][0])
    before = frame[frame["timestamp"] == "2026-03-29 00:00"]
    frame = pd.concat([frame, before.assign(timestamp=pd.Timestamp("2026-03-29 01:00"))])
    calendar, findings = look(builders.parquet(frame, tmp_path), readings__timezone=name)
    assert calendar.source_timezone == name
    assert "skipped-hour-filled" in findings


def test_zeros_that_fill_the_skipped_hour_are_no_evidence(tmp_path: Path) -> None:
    name = "Europe/London"
    frame = living(name, name, SPRING[name][0], customers=3, days=3)
    before = frame[frame["timestamp"] == "2026-03-29 00:00"]
    frame = pd.concat([frame, before.assign(timestamp=pd.Timestamp("2026-03-29 01:00"), kwh=0.0)])
    calendar, _ = look(builders.parquet(frame, tmp_path), readings__timezone=name)
    assert calendar.source_timezone == name


def test_without_a_zone_a_jump_of_the_load_is_said(tmp_path: Path) -> None:
    name = "Europe/London"
    path = builders.parquet(living(name, "+00:00", SPRING[name][0]), tmp_path)
    calendar, findings = look(path)
    assert calendar.timezone == "local"
    assert findings["clock-shift"].data == {"2026-03-29": -1}
    same = builders.parquet(living(name, name, SPRING[name][0]), tmp_path, "same.parquet")
    assert "clock-shift" not in look(same)[1]


def test_an_hour_that_autumn_doubles_but_is_there_once_is_said(tmp_path: Path) -> None:
    name = "Europe/London"
    frame = living(name, name, AUTUMN[name]).drop_duplicates(["customer_id", "timestamp"])
    calendar, findings = look(builders.parquet(frame, tmp_path), readings__timezone=name)
    assert calendar.source_timezone == name
    assert "doubled-hour-once" in findings


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_ends_are_told_by_where_days_begin(minutes: int, tmp_path: Path) -> None:
    starts = builders.long_table(customers=3, days=4, minutes=minutes)
    # One customer joins a day later and one leaves a day earlier, as customers do: with whole days.
    starts = starts[
        ~((starts["customer_id"] == "C000") & (starts["timestamp"] < "2026-07-07"))
        & ~((starts["customer_id"] == "C001") & (starts["timestamp"] >= "2026-07-09"))
    ]
    ends = starts.assign(timestamp=starts["timestamp"] + pd.Timedelta(minutes=minutes))
    last_minute = ends.assign(timestamp=ends["timestamp"] - pd.Timedelta(minutes=1))
    expected, _ = builders.cells(builders.parquet(starts, tmp_path, "starts.parquet"))
    for name, frame in (("ends", ends), ("last", last_minute)):
        found, readings = builders.cells(builders.parquet(frame, tmp_path, f"{name}.parquet"))
        pd.testing.assert_frame_equal(found, expected)
        assert "stamps-detected" in {finding.name for finding in readings.findings}
    assert "stamps-detected" not in look(tmp_path / "starts.parquet")[1]
    assert "stamps-detected" not in look(tmp_path / "ends.parquet", readings__stamps="end")[1]


@pytest.mark.parametrize("shift", [7, 12 * 60, 17 * 60 + 30])
def test_without_clear_evidence_stamps_are_starts(shift: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=4, minutes=30)
    frame["timestamp"] += pd.Timedelta(minutes=shift)
    assert "stamps-detected" not in look(builders.parquet(frame, tmp_path))[1]


def test_gaps_at_random_are_no_evidence(tmp_path: Path) -> None:
    frame = builders.long_table(customers=30, days=10, minutes=30)
    inside = (frame["timestamp"] >= "2026-07-06 11:00") & (frame["timestamp"] < "2026-07-15 11:00")
    frame = frame[inside].sample(frac=0.8, random_state=0)
    assert "stamps-detected" not in look(builders.parquet(frame, tmp_path))[1]


def test_ends_with_an_offset_are_told_on_the_clock_of_the_report(tmp_path: Path) -> None:
    frame = builders.long_table(customers=3, days=4, minutes=30)
    ends = (frame["timestamp"] + pd.Timedelta(minutes=30)).dt.tz_localize("Asia/Kolkata")
    path = builders.parquet(frame.assign(timestamp=ends), tmp_path)
    assert "stamps-detected" in look(path, readings__timezone="Asia/Kolkata")[1]
    assert "stamps-detected" not in look(path)[1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("New York", "did you mean 'America/New_York'"),
        ("Europe/Londn", "did you mean 'Europe/London'"),
        ("Nowhere", "use a name such as Europe/London"),
    ],
)
def test_a_zone_that_is_none_gets_a_proposal(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=rf"--timezone: there is no time zone '{name}'; {words}"):
        zone(name, "--timezone")


def test_the_scottish_homes_keep_gmt_all_year(real_data: Path) -> None:
    calendar, findings = look(real_data / "edrp_scotland622.parquet", readings__timezone="Europe/London")
    assert calendar.source_timezone == "+00:00"
    assert "clock-detected" in findings
    assert "stamps-detected" not in findings


def test_the_australian_homes_keep_standard_time_and_stamp_ends(real_data: Path) -> None:
    calendar, findings = look(real_data / "sgsc80.parquet", readings__timezone="Australia/Sydney")
    assert calendar.source_timezone == "+10:00"
    assert findings["clock-detected"].data["days"] == ["2012-10-07", "2013-10-06"]
    assert "stamps-detected" in findings
