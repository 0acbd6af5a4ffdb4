"""The reader of the optional files: columns, ids, times, numbers, and the line that can't be read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.tables import Table, read_table


def table(folder: Path, text: str, mapped: dict[str, str] | None = None) -> Table:
    path = folder / "events.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path, "events", mapped)


def test_a_column_is_found_as_mapped_then_by_role_then_by_usual_name(tmp_path: Path) -> None:
    text = "Meter No,Start Time,offered\n1,2026-01-01,2\n"
    assert table(tmp_path, text).find("start", ("start_time",)) == "Start Time"
    assert table(tmp_path, text, {"start": "offered"}).find("start") == "offered"
    assert table(tmp_path, text).customer_column() == "Meter No"
    assert table(tmp_path, text).customer_column("offered") == "offered"
    assert table(tmp_path, text).find("end") is None


def test_a_missing_column_tells_what_was_found_and_how_to_map_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column 'end' \(found: start\).*columns\.events"):
        table(tmp_path, "start\n2026-01-01\n").column("end")


def test_lines_are_those_of_the_file_even_below_a_cell_of_two_lines(tmp_path: Path) -> None:
    found = table(tmp_path, 'note,start\n"a\nb",2026-01-01 10:00\n\nx,soon\n')
    with pytest.raises(DataError, match=r"events\.csv, line 5: 'soon' in column 'start' is no time"):
        found.times("start")


def test_empty_cells_are_allowed_only_where_asked(tmp_path: Path) -> None:
    found = table(tmp_path, "start,kw\n2026-01-01,1\n,\n")
    assert found.times("start", may_be_empty=True).isna().tolist() == [False, True]
    np.testing.assert_array_equal(found.numbers("kw", may_be_empty=True), [1, np.nan])
    for read in (found.times, found.numbers):
        with pytest.raises(DataError, match=r"line 3: the cell in column '(start|kw)' is empty"):
            read("start" if read == found.times else "kw")


def test_offsets_become_utc_and_one_clock_is_asked_for(tmp_path: Path) -> None:
    found = table(tmp_path, "start\n2026-07-01T10:00+02:00\n2026-07-01 10:00Z\n")
    assert [str(stamp) for stamp in found.times("start")] == [
        "2026-07-01 08:00:00+00:00",
        "2026-07-01 10:00:00+00:00",
    ]
    with pytest.raises(DataError, match=r"line 3.*one clock"):
        table(tmp_path, "start\n2026-07-01T10:00+02:00\n2026-07-01 10:00\n").times("start")


def test_parquet_columns_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    day = pd.to_datetime(["2026-01-01", "2026-01-02"])
    pd.DataFrame(
        {"id": pd.array([7, 8], dtype="Int64"), "date": day.date, "t": day.tz_localize("UTC")}
    ).to_parquet(path)
    found = read_table(path, "events")
    assert found.ids("id").tolist() == ["7", "8"]
    assert list(found.times("date")) == list(day)
    assert str(found.times("t").tz) == "UTC"
