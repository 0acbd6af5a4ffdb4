"""The system load file: columns, units, clocks, and what can't be read."""

from pathlib import Path

import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.readings import read_system_load
from reporter.settings import ColumnSettings, ReadingsSettings, Settings


def write(folder: Path, rows: str, name: str = "load.csv") -> Path:
    path = folder / name
    path.write_text(rows, encoding="utf-8")
    return path


@pytest.mark.parametrize(("column", "unit"), [("load_mw", "MW"), ("load_kw", "kW")])
def test_half_hours_become_the_mean_of_the_hour(column: str, unit: str, tmp_path: Path) -> None:
    path = write(
        tmp_path, f"timestamp,{column}\n2026-07-01 17:00,10\n2026-07-01 17:30,20\n2026-07-01 18:00,5\n"
    )
    series, found = read_system_load(path, Settings())[:2]
    assert found == unit
    assert series.to_dict() == {pd.Timestamp("2026-07-01 17:00"): 15, pd.Timestamp("2026-07-01 18:00"): 5}


def test_offsets_are_brought_to_the_zone_of_the_report(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,load_mw\n2026-07-01T17:00Z,10\n2026-01-01T17:00Z,20\n")
    series, _ = read_system_load(path, Settings(readings=ReadingsSettings(timezone="Europe/London")))[:2]
    assert set(series.index) == {pd.Timestamp("2026-07-01 18:00"), pd.Timestamp("2026-01-01 17:00")}


def test_parquet_and_byte_order_mark(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"timestamp": pd.date_range("2026-07-01", periods=3, freq="h"), "load_mw": [1.0, 2, 3]}
    )
    frame.to_parquet(tmp_path / "load.parquet")
    series, _ = read_system_load(tmp_path / "load.parquet", Settings())[:2]
    path = write(tmp_path, "\ufefftimestamp,load_mw\n" + frame.to_csv(index=False, header=False))
    again, _ = read_system_load(path, Settings())[:2]
    assert list(series) == list(again) == [1, 2, 3]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("timestamp,load\n2026-07-01 17:00,1\n", "no column 'load_mw' or 'load_kw'"),
        ("when,load_mw\n2026-07-01 17:00,1\n", "no column 'timestamp'"),
        ("timestamp,load_mw\n2026-07-01 17:00,1\n2026-07-01 18:00,lots\n", "line 3: 'lots'"),
        ("timestamp,load_mw\n2026-07-01 17:00,1\nyesterday,1\n", "line 3: 'yesterday'"),
        ("timestamp,load_mw\n2026-07-01 17:00,1\n2026-07-01 18:00,\n", "line 3"),
        ("timestamp,load_mw\n", "no rows"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(rows: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_system_load(write(tmp_path, rows), Settings())
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"load\.csv: no such file"):
        read_system_load(tmp_path / "load.csv", Settings())


def test_mixed_clocks_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,load_mw\n2026-07-01 17:00,1\n2026-07-01T18:00Z,2\n")
    with pytest.raises(DataError, match="offset"):
        read_system_load(path, Settings(readings=ReadingsSettings(timezone="Europe/London")))


@pytest.mark.parametrize("stamp", ["0001-01-01 00:00", "9999-12-31 00:00", "2026-07-01"])
def test_odd_times_do_not_end_in_a_traceback(stamp: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"timestamp,load_mw\n2026-07-01 17:00,1\n{stamp},2\n")
    try:
        read_system_load(path, Settings(readings=ReadingsSettings(timezone="Europe/London")))
    except DataError as error:
        assert "line 3" in str(error)


def test_day_and_month_are_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,load_mw\n01/07/2026 17:00,1\n")
    with pytest.raises(DataError, match="line 2: '01/07/2026 17:00'"):
        read_system_load(path, Settings())


def test_an_endless_load_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, "timestamp,load_mw\n2026-07-01 17:00,inf\n")
    with pytest.raises(DataError, match="line 2"):
        read_system_load(path, Settings())


def test_settings_map_names_that_are_not_the_usual_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "Stunde;Netzlast\n2026-07-01 17:00;10\n")
    columns = ColumnSettings(system_load={"timestamp": "Stunde", "load_mw": "Netzlast"})
    series, unit = read_system_load(path, Settings(columns=columns))[:2]
    assert (list(series), unit) == ([10], "MW")
    wrong = Settings(columns=ColumnSettings(system_load={"timestamp": "Hour"}))
    with pytest.raises(DataError, match=r"no column 'Hour' \(found: Stunde, Netzlast\); correct the setting"):
        read_system_load(path, wrong)
