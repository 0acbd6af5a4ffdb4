"""Ways of saying which hours are the system's peak."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.profiles.peaks import find_peaks
from reporter.readings import SystemLoad, read_system_load
from reporter.readings.calendar import Calendar, build_calendar
from reporter.settings import CalendarSettings, PeakSettings, ReadingsSettings, Settings
from reporter.targets.notes import planned_findings

# 1 July 2026 is a Wednesday; the load peaks at 18 h, most on Saturday the 4th.
STAMPS = pd.date_range("2026-07-01", periods=14 * 24, freq="h")
HOURS = STAMPS.hour.to_numpy()
DAYS = (STAMPS.normalize() - STAMPS[0].normalize()).days.to_numpy()
LOAD = 10 + 5 * np.exp(-0.5 * ((HOURS - 18) / 2) ** 2) + np.where(DAYS == 3, 3.0, 0.1 * DAYS)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return build_calendar(STAMPS, False, ReadingsSettings(), CalendarSettings())


def meters() -> pd.DataFrame:
    return pd.DataFrame({"start": STAMPS, "load_kw": LOAD, "customer_hours": 4.0})


def test_top_hours_and_how_many_of_them_are_on_weekends(calendar: Calendar) -> None:
    peak = find_peaks(meters(), 4, calendar, PeakSettings(hours=8), None)
    assert len(peak.starts) == 8
    assert peak.starts[0] == datetime(2026, 7, 4, 18)
    assert peak.weekend_hours == sum(start.weekday() >= 5 for start in peak.starts) > 0
    assert {f.name for f in planned_findings(peak, PeakSettings(hours=8))} == {"weekend-peak-hours"}
    weekdays = find_peaks(meters(), 4, calendar, PeakSettings(hours=8, weekdays_only=True), None)
    assert all(start.weekday() < 5 for start in weekdays.starts)
    assert weekdays.weekend_hours == 0


def test_a_percentile_takes_the_hours_above_it(calendar: Calendar) -> None:
    peak = find_peaks(meters(), 4, calendar, PeakSettings(choose="percentile", percentile=95), None)
    assert len(peak.starts) == (np.percentile(LOAD, 95) <= LOAD).sum()
    assert min(peak.load) >= np.percentile(LOAD, 95)
    assert "above the 95th percentile" in peak.description


def test_a_window_takes_every_hour_of_it(calendar: Calendar) -> None:
    wanted = PeakSettings(choose="window", window=(16, 21), season=(7,), weekdays_only=True)
    peak = find_peaks(meters(), 4, calendar, wanted, None)
    assert len(peak.starts) == 10 * 5
    assert {start.hour for start in peak.starts} == {16, 17, 18, 19, 20}
    winter = find_peaks(meters(), 4, calendar, PeakSettings(season=(1, 2)), None)
    assert winter.passed_over == ("season",)


def test_a_window_that_the_period_lacks_is_said(calendar: Calendar) -> None:
    by_day = meters()[HOURS < 12]
    peak = find_peaks(by_day, 4, calendar, PeakSettings(window=(16, 21)), None)
    assert peak.passed_over == ("window",)
    assert "peak-window-missing" in {f.name for f in planned_findings(peak, PeakSettings())}


def test_areas_have_peaks_of_their_own(calendar: Calendar) -> None:
    early = pd.Series(10 + 5 * np.exp(-0.5 * ((HOURS - 8) / 2) ** 2), index=STAMPS)
    system = SystemLoad(early + LOAD, "MW", {"north": early, "south": pd.Series(LOAD, index=STAMPS)})
    areas = np.array(["north", "north", "south", ""], dtype=object)
    peak = find_peaks(meters(), 4, calendar, PeakSettings(hours=8), system, areas)
    assert [(area.area, area.customers) for area in peak.areas] == [("north", 2), ("south", 1)]
    assert {start.hour for start in peak.areas[0].starts} <= {7, 8, 9}
    assert "peaks-by-area" in {f.name for f in planned_findings(peak, PeakSettings())}


def test_each_month_has_its_highest_hour() -> None:
    stamps = pd.date_range("2026-06-10", "2026-08-05", freq="h", inclusive="left")
    load = pd.Series(np.arange(len(stamps), dtype=float), index=stamps)
    frame = pd.DataFrame({"start": stamps, "load_kw": load.to_numpy(), "customer_hours": 1.0})
    whole = build_calendar(stamps, False, ReadingsSettings(), CalendarSettings())
    months = find_peaks(frame, 1, whole, PeakSettings(), None).months
    # Four days of August are no month.
    assert [month.start for month in months] == [datetime(2026, 6, 30, 23), datetime(2026, 7, 31, 23)]


def test_load_net_of_solar_and_by_area(tmp_path: Path) -> None:
    path = tmp_path / "load.csv"
    start = datetime.combine(date(2026, 7, 1), datetime.min.time())
    rows = ["timestamp,area,load_mw,solar_mw"]
    for hour in range(24):
        for area, size in (("north", 1), ("south", 2)):
            solar = 8 * size if hour == 12 else 0
            rows.append(f"{start + timedelta(hours=hour)},{area},{10 * size + hour},{solar}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = read_system_load(path, Settings())
    assert found.net_of_solar
    assert list(found.areas) == ["north", "south"]
    assert found.series.iloc[[11, 12]].tolist() == [30 + 22, 30 + 24 - 24]
    assert found.areas["south"].iloc[12] == 20 + 12 - 16
