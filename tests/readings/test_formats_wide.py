"""Tables with a row a day or a column a customer are the same readings as a long one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.errors import DataError
from reporter.readings.columns import recognise
from reporter.readings.intervals import day_columns
from reporter.settings import ReadingsSettings

Names = Callable[[int], Sequence[str]]


def clock(step: int, end: bool = False, pattern: str = "{:02d}:{:02d}") -> list[str]:
    first = step if end else 0
    return [pattern.format(*divmod(minute, 60)) for minute in range(first, first + 24 * 60, step)]


NAMES: dict[str, tuple[int, Sequence[str]]] = {
    "H01 to H24": (60, [f"H{n:02d}" for n in range(1, 25)]),
    "h0 to h23": (60, [f"h{n}" for n in range(24)]),
    "HE1 to HE24": (60, [f"HE{n}" for n in range(1, 25)]),
    "H01 to H25": (60, [f"H{n:02d}" for n in range(1, 26)]),
    "1 to 24": (60, [str(n) for n in range(1, 25)]),
    "starts": (60, clock(60)),
    "starts with seconds": (30, [f"{name}:00" for name in clock(30)]),
    "ends": (30, clock(30, end=True)),
    "ends, midnight as 00:00": (30, [*clock(30)[1:], "00:00"]),
    "ends without colon": (30, clock(30, end=True, pattern="{:02d}{:02d}")),
    "ranges": (60, [f"{h:02d}:00 - {h + 1:02d}:00" for h in range(24)]),
    "twelve hours": (60, [f"{h % 12 or 12}:00 {'AM' if h < 12 else 'PM'}" for h in range(24)]),
    "kwh_1 to kwh_48": (30, [f"kwh_{n}" for n in range(1, 49)]),
    "hh_0 to hh_47": (30, [f"hh_{n}" for n in range(48)]),
    "kwh_1 to kwh_50": (30, [f"kwh_{n}" for n in range(1, 51)]),
    "kwh_1 to kwh_96": (15, [f"kwh_{n}" for n in range(1, 97)]),
    "V001 to V100": (15, [f"V{n:03d}" for n in range(1, 101)]),
    "Interval 1 (kWh)": (30, [f"Interval {n} (kWh)" for n in range(1, 49)]),
    "00:00 to 23:55": (5, clock(5)),
}


def day_table(frame: pd.DataFrame, names: Sequence[str], step: int) -> pd.DataFrame:
    """A row a customer and day; columns beyond the day are empty."""
    day = frame["timestamp"].dt.normalize()
    ordinal = (frame["timestamp"] - day) // pd.Timedelta(minutes=step)
    wide = frame.assign(day=day.dt.date, ordinal=ordinal).pivot(
        index=["customer_id", "day"], columns="ordinal", values="kwh"
    )
    return wide.reindex(columns=range(len(names))).set_axis(list(names), axis=1).reset_index()


def written(frame: pd.DataFrame, folder: Path, kind: str) -> Path:
    path = folder / f"wide.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


def same(path: Path, frame: pd.DataFrame, **flags: Any) -> None:
    """A file holds the readings of a long table, by the clock on the wall."""
    found, source = builders.rows(path, **flags)
    local = (
        frame["timestamp"].dt.tz_localize(None)
        if frame["timestamp"].dt.tz is not None
        else frame["timestamp"]
    )
    expected = frame.assign(stamp=local, value=frame["kwh"]).sort_values(
        ["customer_id", "stamp", "value"], ignore_index=True
    )
    columns = ["customer_id", "stamp", "value"]
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_dtype=False)
    assert not source.aware


@pytest.mark.parametrize("form", list(NAMES))
def test_a_row_a_day_is_the_same_readings(form: str, tmp_path: Path) -> None:
    step, names = NAMES[form]
    frame = builders.long_table(customers=2, days=3, minutes=step)
    frame = frame[frame.index % 7 != 3]
    kind = "parquet" if form in {"H01 to H24", "ends", "H01 to H25"} else "csv"
    same(written(day_table(frame, names, step), tmp_path, kind), frame)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("customers", [3, 24, 1100])
def test_a_column_a_customer_is_the_same_readings(kind: str, customers: int, tmp_path: Path) -> None:
    frame = builders.long_table(customers=customers, days=1)
    wide = frame.pivot(index="timestamp", columns="customer_id", values="kwh").reset_index()
    same(written(wide, tmp_path, kind), frame)


def test_a_column_a_customer_as_the_electricity_load_diagrams_have_it(tmp_path: Path) -> None:
    # Semicolons, decimal commas, quotes, no name above the time.
    frame = builders.long_table(customers=3, days=2)
    wide = frame.assign(timestamp=frame["timestamp"].astype(str)).pivot(
        index="timestamp", columns="customer_id", values="kwh"
    )
    path = tmp_path / "LD.txt"
    wide.to_csv(path, sep=";", decimal=",", quoting=2, index_label="")
    same(path, frame)


ZONES = ["Europe/London", "America/New_York", "Australia/Sydney"]
CHANGES = {
    "Europe/London": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Sydney": ("2026-10-04", "2026-04-05"),
}


def year_of(zone: str, day: str, step: int) -> pd.DataFrame:
    """Instants around a day on which clocks change: customer_id, timestamp (aware), kwh."""
    start = pd.Timestamp(day, tz=zone) - pd.Timedelta(days=2)
    stamps = pd.date_range(
        start.normalize(),
        (start + pd.Timedelta(days=5)).normalize(),
        freq=f"{step}min",
        inclusive="left",
        unit="us",
    )
    values = np.random.default_rng(1).integers(1, 2000, 2 * len(stamps)) / 1000
    return pd.DataFrame(
        {"customer_id": np.repeat(["A", "B"], len(stamps)), "timestamp": [*stamps, *stamps], "kwh": values}
    )


@pytest.mark.parametrize(("zone", "step"), list(zip(ZONES, [60, 30, 15], strict=True)))
@pytest.mark.parametrize("turn", [0, 1])
def test_columns_filled_one_after_another_when_clocks_change(
    zone: str, turn: int, step: int, tmp_path: Path
) -> None:
    frame = year_of(zone, CHANGES[zone][turn], step)
    local = frame["timestamp"]
    day = local.dt.tz_localize(None).dt.normalize()
    ordinal = frame.groupby(["customer_id", day]).cumcount()
    columns = [f"kwh_{n}" for n in range(1, 25 * 60 // step + 1)]
    wide = frame.assign(date=day.dt.date, ordinal=ordinal).pivot(
        index=["customer_id", "date"], columns="ordinal", values="kwh"
    )
    wide = wide.reindex(columns=range(len(columns))).set_axis(columns, axis=1).reset_index()
    for filled in (wide, wide.fillna(0)):
        same(written(filled, tmp_path, "csv"), frame, readings__timezone=zone)
    expected, _ = builders.cells(builders.parquet(frame, tmp_path), readings__timezone=zone)
    found, readings = builders.cells(tmp_path / "wide.csv", readings__timezone=zone)
    pd.testing.assert_frame_equal(found, expected)
    assert "duplicates" not in {f.name for f in readings.findings}
    # The same by number of the interval.
    long = frame.assign(settlement_date=day.dt.date, settlement_period=ordinal + 1).drop(columns="timestamp")
    same(written(long, tmp_path, "csv"), frame, readings__timezone=zone)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("filler", [None, 0.0])
def test_columns_named_by_the_clock_in_spring(zone: str, filler: float | None, tmp_path: Path) -> None:
    """The hour that is skipped is empty or zero, and the last hour is there."""
    frame = year_of(zone, CHANGES[zone][0], 60)
    walls = frame.assign(timestamp=frame["timestamp"].dt.tz_localize(None))
    wide = day_table(walls, clock(60), 60).rename(columns={"day": "date"})
    if filler is not None:
        wide = wide.fillna(filler)
    same(written(wide, tmp_path, "csv"), frame, readings__timezone=zone)


@pytest.mark.parametrize("filler", [None, 0.0])
def test_a_column_that_is_the_second_of_its_hour(filler: float | None, tmp_path: Path) -> None:
    frame = year_of("America/New_York", "2026-11-01", 60)
    walls = frame["timestamp"].dt.tz_localize(None)
    second = frame.assign(timestamp=walls).duplicated(["customer_id", "timestamp"])
    wide = day_table(frame.assign(timestamp=walls)[~second], [f"HE{n:02d}" for n in range(1, 25)], 60)
    extra = frame.assign(day=walls.dt.date)[second].set_index(["customer_id", "day"])["kwh"]
    wide["HE02X"] = pd.MultiIndex.from_frame(wide[["customer_id", "day"]]).map(extra)
    if filler is not None:
        wide = wide.fillna(filler)
    same(written(wide, tmp_path, "csv"), frame, readings__timezone="America/New_York")


@pytest.mark.parametrize(
    "pattern", ["%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%d-%b-%y", "%b %d, %Y", "%Y%m%d", "%Y-%m-%d 00:00:00"]
)
def test_dates_alone_in_any_way_of_writing(pattern: str, tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=3, start="2026-07-12")
    wide = day_table(frame, clock(60, end=True), 60)
    same(written(wide.assign(day=pd.to_datetime(wide["day"]).dt.strftime(pattern)), tmp_path, "csv"), frame)


def test_a_25th_hour_needs_a_zone_that_has_it(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=3)
    wide = day_table(frame, [f"H{n:02d}" for n in range(1, 26)], 60)
    wide.loc[1, "H25"] = 0.3
    path = written(wide, tmp_path, "csv")
    with pytest.raises(DataError, match=r"2026-07-07 has a 25th hour.*give --timezone"):
        builders.audited(path)
    with pytest.raises(DataError, match=r"clocks in Europe/London do not go back that day"):
        builders.audited(path, readings__timezone="Europe/London")


def test_broken_cells_of_wide_tables_are_named(tmp_path: Path) -> None:
    wide = day_table(
        builders.long_table(customers=2, days=3), [f"H{n:02d}" for n in range(1, 25)], 60
    ).astype(object)
    wide.loc[3, "H07"] = "abc"
    with pytest.raises(DataError, match=r"wide\.csv, line 5: 'abc' in column 'H07' is no number"):
        builders.audited(written(wide, tmp_path, "csv"))
    wide.loc[3, "H07"] = 1
    wide.loc[2, "day"] = "2026-13-01"
    with pytest.raises(DataError, match=r"wide\.csv, line 4: '2026-13-01' in column 'day' is no time"):
        builders.audited(written(wide, tmp_path, "csv"))


@given(step=st.sampled_from([5, 10, 15, 30, 60]), first=st.sampled_from([0, 1]), beyond=st.sampled_from([-1, 0, 1]),
       prefix=st.sampled_from(["", "H", "kwh_", "Interval "]))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_counted_columns_are_a_day_whatever_their_number(
    step: int, first: int, beyond: int, prefix: str
) -> None:
    count = (24 + beyond) * 60 // step
    (found,) = day_columns(["id", "date", *(f"{prefix}{n}" for n in range(first, first + count)), "total"])
    assert found.per_day == 24 * 60 // step
    assert list(found.ordinals) == list(range(count))


@pytest.mark.parametrize(
    ("names", "sample", "shape"),
    [
        (["id", "date", *(f"h{n}" for n in range(24))], ["7", "2026-07-01", *"1" * 24], "days"),
        (["time", *(f"MT_{n}" for n in range(24))], ["2026-07-01 00:15", *"1" * 24], "customers"),
        (["time", "a", "b"], ["2026-07-01 00:15", "1", "2,5"], "customers"),
        (["meter", "date", "hour", "kwh"], ["7", "2026-07-01", "1", "2"], "periods"),
        (["meter", "date", "hour", "kwh"], ["7", "2026-07-01", "01:00", "2"], "long"),
        (["meter", "timestamp", "kwh", "note"], ["7", "2026-07-01 00:00", "1", "x"], "long"),
    ],
)  # fmt: skip
def test_shapes_are_told_apart(names: list[str], sample: list[str], shape: str) -> None:
    assert recognise(names, ReadingsSettings(), "r.csv", [sample]).shape == shape


def test_two_sets_of_columns_are_asked_about(tmp_path: Path) -> None:
    names: list[Any] = ["id", "date", *(f"imp_{n}" for n in range(24)), *(f"exp_{n}" for n in range(24))]
    with pytest.raises(DataError, match=r"several sets of columns .*'imp_0'.*'exp_0'"):
        recognise(names, ReadingsSettings(), "r.csv", [["7", "2026-07-01", *"1" * 48]])
    # Flags beside the values are no energy.
    names = ["id", "date", *(f"kwh_{n}" for n in range(24)), *(f"flag_{n}" for n in range(24))]
    assert recognise(names, ReadingsSettings(), "r.csv", [["7", "2026-07-01", *"1" * 48]]).said.count("kwh_0")
