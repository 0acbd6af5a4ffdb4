"""The temperature file: units, areas, gaps, clocks, and what is no temperature."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.readings import Temperature, check_temperature, read_temperature
from reporter.readings.calendar import Calendar, build_calendar
from reporter.settings import CalendarSettings, ReadingsSettings, Settings


def write(folder: Path, rows: str) -> Path:
    path = folder / "temperature.csv"
    path.write_text(rows, encoding="utf-8")
    return path


def hours(start: str, n: int, celsius: float = 10.0) -> str:
    stamps = pd.date_range(start, periods=n, freq="h")
    return "timestamp,temperature_c\n" + "".join(f"{stamp},{celsius}\n" for stamp in stamps)


def calendar(start: str, days: int) -> Calendar:
    stamps = pd.date_range(start, periods=days * 24, freq="h")
    return build_calendar(stamps, False, ReadingsSettings(), CalendarSettings())


def test_fahrenheit_becomes_celsius(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,temperature_f\n2026-07-01 17:00,50\n2026-07-01 17:30,68\n")
    assert read_temperature(path, Settings()).celsius[""].tolist() == pytest.approx([15.0])


def test_each_area_is_a_column(tmp_path: Path) -> None:
    path = write(tmp_path, "time,area,temperature_c\n2026-07-01 17:00,North,10\n2026-07-01 17:00,South,20\n")
    assert read_temperature(path, Settings()).celsius.iloc[0].to_dict() == {"North": 10, "South": 20}


def test_short_gaps_are_bridged_and_long_ones_are_not(tmp_path: Path) -> None:
    rows = "timestamp,temperature_c\n2026-07-01 00:00,10\n2026-07-01 02:00,12\n2026-07-01 07:00,20\n"
    celsius = read_temperature(write(tmp_path, rows), Settings()).celsius[""]
    np.testing.assert_array_equal(celsius, [10, 11, 12, np.nan, np.nan, np.nan, np.nan, 20])


def test_the_clock_is_that_of_the_readings(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,temperature_c\n2026-07-01T17:00Z,10\n")
    settings = Settings(readings=ReadingsSettings(timezone="Europe/London"))
    assert read_temperature(path, settings).celsius.index[0] == pd.Timestamp("2026-07-01 18:00")
    with pytest.raises(DataError, match="give --timezone"):
        read_temperature(path, Settings())


def test_a_day_needs_most_of_its_hours(tmp_path: Path) -> None:
    temperature = read_temperature(write(tmp_path, hours("2026-07-01", 30)), Settings())
    assert temperature.by_day(calendar("2026-07-01", 3))[""].isna().tolist() == [False, True, True]


def test_a_few_broken_values_are_left_out_and_said(tmp_path: Path) -> None:
    rows = hours("2026-07-01", 47) + "2026-07-02 23:00,999\n"
    temperature = read_temperature(write(tmp_path, rows), Settings())
    (finding,) = check_temperature(temperature, calendar("2026-07-01", 2))
    assert finding.name == "implausible-temperatures"
    assert "line 49" in finding.description


def test_fahrenheit_called_celsius_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2: 86 °C.*temperature_f"):
        read_temperature(write(tmp_path, hours("2026-07-01", 48, 86.0)), Settings())


def test_missing_days_are_a_finding_and_another_period_is_refused(tmp_path: Path) -> None:
    temperature: Temperature = read_temperature(write(tmp_path, hours("2026-07-01", 48)), Settings())
    (finding,) = check_temperature(temperature, calendar("2026-07-01", 4))
    assert (finding.name, finding.severity, finding.data["days"]) == ("temperature-gaps", "warning", 2)
    with pytest.raises(DataError, match="no hour between 2025-07-01 and 2025-07-04"):
        check_temperature(temperature, calendar("2025-07-01", 4))
