"""Every form in which readings come gives the same readings; what can't be read is one sentence."""

import decimal
import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reporter.errors import DataError, UsageError
from reporter.readings import open_engine
from reporter.readings.columns import recognise
from reporter.settings import ReadingsSettings, RunningSettings

# The 13th shows which number is the day.
FRAME = builders.long_table(customers=3, days=3, start="2026-07-12")
CSV = FRAME.to_csv(index=False)
LINES = CSV.splitlines()

Write = Callable[[Path], Any]


def text(content: str | bytes, name: str = "r.csv", encoding: str = "utf-8") -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def table(frame: pd.DataFrame | pa.Table, name: str = "r.parquet") -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        if isinstance(frame, pd.DataFrame):
            frame.to_parquet(path, index=False)
        else:
            pq.write_table(frame, path)
        return path

    return write


def csv(**options: object) -> str:
    return str(FRAME.to_csv(index=False, **options))


def stamped(pattern: str) -> str:
    return str(FRAME.assign(timestamp=FRAME["timestamp"].dt.strftime(pattern)).to_csv(index=False))


def several(folder: Path) -> list[Path]:
    text(csv(), "a.csv")(folder)
    parts = np.array_split(np.arange(len(FRAME)), 3)
    return [text(FRAME.iloc[part].to_csv(index=False), f"p{n}.csv")(folder) for n, part in enumerate(parts)]


def other_order(folder: Path) -> list[Path]:
    half = len(FRAME) // 2
    first = text(FRAME.iloc[:half].to_csv(index=False), "one.csv")(folder)
    turned = FRAME.iloc[half:][["kwh", "customer_id", "timestamp"]]
    second = text(turned.to_csv(index=False, sep=";"), "two.csv")(folder)
    return [first, second]


def folder_of_files(folder: Path) -> Path:
    inside = folder / "readings"
    (inside / "deep").mkdir(parents=True)
    (inside / ".checkpoints").mkdir()
    half = len(FRAME) // 2
    text(FRAME.iloc[:half].to_csv(index=False), "one.csv")(inside)
    text(FRAME.iloc[half:].to_csv(index=False), "two.csv")(inside / "deep")
    text("Read me.", "README.txt")(inside)
    text(CSV, ".hidden.csv")(inside)
    text(CSV, "copy.csv")(inside / ".checkpoints")
    (inside / "loop").symlink_to(inside)
    return inside


def dataset(folder: Path) -> Path:
    months = pa.Table.from_pandas(FRAME.assign(day=FRAME["timestamp"].dt.day), preserve_index=False)
    pq.write_to_dataset(months, folder / "set", partition_cols=["day"])
    return folder / "set"


def arrow(**columns: object) -> pa.Table:
    return pa.table({name: columns.get(name, FRAME[name]) for name in FRAME})


def twenty_four() -> str:
    """Midnight is the end of the day before."""
    stamps = FRAME["timestamp"]
    midnight = (stamps - pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d 24:00")
    return str(
        FRAME.assign(
            timestamp=stamps.dt.strftime("%Y-%m-%d %H:%M").where(stamps.dt.hour > 0, midnight)
        ).to_csv(index=False)
    )


def apart(date: str, time: str) -> str:
    stamps = FRAME["timestamp"].dt
    frame = FRAME.assign(**{"Date": stamps.strftime(date), "Start Time": stamps.strftime(time)})
    return str(frame.drop(columns="timestamp").to_csv(index=False))


def periods(first: int) -> str:
    stamps = FRAME["timestamp"].dt
    frame = FRAME.assign(settlement_date=stamps.date, settlement_period=stamps.hour + first)
    return str(frame.drop(columns="timestamp").to_csv(index=False))


def noted(*notes: str) -> str:
    """With a column of no interest; the last note stands in the last line."""
    cells = [notes[0]] * (len(LINES) - 2) + [notes[-1]]
    return "\n".join(
        [f"{LINES[0]},note", *(f"{line},{cell}" for line, cell in zip(LINES[1:], cells, strict=True))]
    )


def zstd(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)


def changing_units() -> str:
    wh = FRAME.index % 2 == 0
    frame = FRAME.assign(
        value=FRAME["kwh"].where(~wh, (FRAME["kwh"] * 1000).round()), uom=np.where(wh, "Wh", "KWH")
    )
    return str(frame.drop(columns="kwh").to_csv(index=False))


def scaled(name: str, factor: float) -> str:
    values = (FRAME["kwh"] * factor).round(6)
    return str(FRAME.assign(**{name: values}).drop(columns="kwh").to_csv(index=False))


def hive(folder: Path) -> Path:
    pq.write_to_dataset(
        pa.Table.from_pandas(FRAME, preserve_index=False), folder / "set", partition_cols=["customer_id"]
    )
    return folder / "set"


SAME: dict[str, Write] = {
    "comma": text(CSV),
    "semicolon": text(csv(sep=";")),
    "tab": text(csv(sep="\t"), "r.tsv"),
    "pipe": text(csv(sep="|")),
    "byte order mark": text("\ufeff" + CSV),
    "all quoted": text(csv(quoting=1)),
    "byte order mark and quoted": text("\ufeff" + csv(quoting=1)),
    "crlf": text(csv(lineterminator="\r\n")),
    "cr": text(csv(lineterminator="\r")),
    "blank lines": text(CSV.replace("\n", "\n\n", 5) + "\n\n"),
    "no newline at the end": text(CSV.rstrip("\n")),
    "gzip": text(gzip.compress(CSV.encode()), "r.csv.gz"),
    "upper-case suffix": text(CSV, "R.CSV"),
    "spaces in the header": text(CSV.replace(LINES[0], "customer_id , timestamp,  KWH/hh (per half hour) ")),
    "spaces around cells": text(CSV.replace(",", " , ")),
    "more columns": text("\n".join(f"{line},{'note' if n == 0 else n},x" for n, line in enumerate(LINES))),
    "columns of the same name": text("\n".join(f"{line},a,A,a" for line in LINES)),
    "unnamed column": text("\n".join(f"{'' if n == 0 else n},{line}" for n, line in enumerate(LINES))),
    "t between date and time": text(stamped("%Y-%m-%dT%H:%M:%S")),
    "minutes": text(stamped("%Y-%m-%d %H:%M")),
    "milliseconds": text(stamped("%Y-%m-%d %H:%M:%S.000")),
    "slashes": text(stamped("%Y/%m/%d %H:%M")),
    "midnight as a date alone": text(CSV.replace(" 00:00:00", "")),
    "day first": text(stamped("%d/%m/%Y %H:%M")),
    "month first": text(stamped("%m/%d/%Y %H:%M")),
    "month first, two digits": text(stamped("%m/%d/%y %H:%M:%S")),
    "month first, twelve hours": text(stamped("%m/%d/%Y %I:%M %p")),
    "day first with points": text(stamped("%d.%m.%Y %H:%M")),
    "named month": text(stamped("%d-%b-%Y %H:%M")),
    "named month, two digits": text(stamped("%d %b %y %H:%M")),
    "named month as SAS writes it": text(stamped("%d%b%Y:%H:%M:%S")),
    "named month, twelve hours": text(stamped("%d-%B-%y %I:%M:%S %p")),
    "compact": text(stamped("%Y%m%d%H%M")),
    "compact with seconds": text(stamped("%Y%m%d %H%M%S")),
    "compact date": text(stamped("%Y%m%d %H:%M")),
    "twelve hours": text(stamped("%Y-%m-%d %I:%M:%S %p")),
    "24:00": text(twenty_four()),
    "date and time apart": text(apart("%Y-%m-%d", "%H:%M")),
    "date and time apart, month first": text(apart("%m/%d/%Y", "%I:%M %p")),
    "date and hour from 1": text(periods(1)),
    "date and hour from 0": text(periods(0)),
    "decimal comma": text(csv(sep=";", decimal=",")),
    "decimal comma, quoted": text(csv(decimal=",", quoting=1)),
    "decimal comma, late": text(csv(sep=";", decimal=",").replace(",", ".", 250)),
    "utf-16": text(CSV, encoding="utf-16"),
    "utf-16 without a mark": text(CSV, encoding="utf-16-le"),
    "latin-1": text(noted("M\u00fcller"), encoding="latin-1"),
    "latin-1 after the first megabyte": text(noted("x" * 4000, "M\u00fcller"), encoding="latin-1"),
    "zstd": text(zstd(CSV.encode()), "r.csv.zst"),
    "text called gzip": text(CSV, "r.csv.gz"),
    "gzip called text": text(gzip.compress(CSV.encode())),
    "lines above the header": text("Energy Power,Readings\nMade for,\"Smith, Jane\"\n\n" + CSV),
    "a unit in each row": text("\n".join(f"{line},{'units' if n == 0 else 'kWh'}" for n, line in enumerate(LINES))),
    "units that change": text(changing_units()),
    "watt-hours": text(scaled("Wh", 1000)),
    "megawatt-hours": text(scaled("MWh", 0.001)),
    "kilowatts": text(scaled("kW", 1)),
    "watts": text(scaled("power (W)", 1000)),
    "called txt": text(CSV, "r.txt"),
    "parquet with text times": table(FRAME.assign(timestamp=FRAME["timestamp"].astype(str))),
    "parquet with text values": table(FRAME.assign(kwh=FRAME["kwh"].astype(str))),
    "parquet with dates and hours": table(FRAME.assign(date=FRAME["timestamp"].dt.date, hour=FRAME["timestamp"].dt.hour + 1).drop(columns="timestamp")),
    "parquet by customer": hive,
    "several files": several,
    "files of other order and delimiter": other_order,
    "folder with a stray README": folder_of_files,
    "file named like a pattern": text(CSV, "r[1]*?.csv"),
    "file with a quotation mark": text(CSV, "it's \"r\".csv"),
    "parquet": table(FRAME),
    "parquet named pq": table(FRAME, "r.pq"),
    "parquet folder": dataset,
    "parquet named like a pattern": table(FRAME, "r[1]*?.parquet"),
    "seconds": table(arrow(timestamp=pa.array(FRAME["timestamp"].astype("datetime64[s]")))),
    "nanoseconds": table(arrow(timestamp=pa.array(FRAME["timestamp"].astype("datetime64[ns]")))),
    "decimals": table(arrow(kwh=pa.array([decimal.Decimal(f"{v:.3f}") for v in FRAME["kwh"]]))),
    "float32": table(FRAME.assign(kwh=FRAME["kwh"].astype("float32"))),
    "dictionary of ids": table(FRAME.assign(customer_id=FRAME["customer_id"].astype("category"))),
    "large text": table(arrow(customer_id=pa.array(FRAME["customer_id"], pa.large_string()))),
    "names that differ in case": table(
        pa.table([*FRAME.to_dict("series").values(), np.zeros(len(FRAME))], names=["Customer_ID", "timestamp", "kwh", "timeStamp2"])
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = builders.parquet(FRAME, tmp_path_factory.mktemp("same"))
    sums = builders.cells(path)[0].groupby("customer_id")["micro"].sum()
    assert dict(sums) == {n: round(kwh * 1e6) for n, kwh in FRAME.groupby("customer_id")["kwh"].sum().items()}
    found, _ = builders.rows(path)
    assert list(found["value"]) == list(FRAME["kwh"])
    return found


@pytest.mark.parametrize("form", list(SAME))
def test_the_same_readings_in_every_form(form: str, expected: pd.DataFrame, tmp_path: Path) -> None:
    found, source = builders.rows(SAME[form](tmp_path))
    tolerance = {"rtol": 1e-6} if form in {"float32", "megawatt-hours"} else {"check_exact": True}
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, **tolerance)  # type: ignore[call-overload]
    assert source.unit == ("kw" if "watts" in form and "hours" not in form else "kwh")


def test_a_pattern_in_a_name_brings_in_no_other_file(expected: pd.DataFrame, tmp_path: Path) -> None:
    text(CSV.replace("C0", "D0"), "r1.csv")(tmp_path)
    found, _ = builders.rows(text(CSV, "r*.csv")(tmp_path))
    pd.testing.assert_frame_equal(found, expected)


def test_stray_files_are_said(tmp_path: Path) -> None:
    audit = builders.audited(folder_of_files(tmp_path))
    ignored = next(finding for finding in audit.findings if finding.name == "files-ignored")
    assert "README.txt" in ignored.description
    assert ignored.data == {"files": 1}


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = text(CSV)(tmp_path)
    (tmp_path / "link.csv").symlink_to(path)
    (tmp_path / "inside").mkdir()
    paths = [path, tmp_path / "inside" / ".." / "r.csv", tmp_path / "link.csv", tmp_path]
    assert builders.audited(paths).readings_read == len(FRAME)


ZONED = {
    "z": "%Y-%m-%dT%H:%M:%SZ",
    "small z": "%Y-%m-%dT%H:%M:%Sz",
    "offset": "%Y-%m-%dT%H:%M:%S+00:00",
    "offset without colon": "%Y-%m-%d %H:%M:%S+0000",
    "offset of hours": "%Y-%m-%d %H:%M:%S+00",
    "offset after a space": "%Y-%m-%d %H:%M:%S +00:00",
    "offset after minutes": "%Y-%m-%dT%H:%M+00:00",
    "z after minutes": "%Y-%m-%d %H:%MZ",
    "utc": "%Y-%m-%d %H:%M:%S UTC",
    "utc after minutes": "%Y-%m-%d %H:%M UTC",
    "milliseconds": "%Y-%m-%dT%H:%M:%S.000Z",
}


@pytest.mark.parametrize("form", list(ZONED))
def test_stamps_with_an_offset_are_instants(form: str, tmp_path: Path) -> None:
    found, readings = builders.cells(
        text(stamped(ZONED[form]))(tmp_path), readings__timezone="America/New_York"
    )
    aware = FRAME.assign(timestamp=FRAME["timestamp"].dt.tz_localize("UTC"))
    expected, _ = builders.cells(builders.parquet(aware, tmp_path), readings__timezone="America/New_York")
    pd.testing.assert_frame_equal(found, expected)
    assert readings.calendar.source_timezone == "UTC"


def test_stamps_of_changing_offsets_are_instants(tmp_path: Path) -> None:
    instants = pd.date_range("2026-10-24T23:00", periods=72, freq="h", tz="UTC")
    local = instants.tz_convert("Europe/London")
    frame = pd.concat(
        pd.DataFrame({"customer_id": name, "timestamp": [s.isoformat() for s in local], "kwh": np.arange(72) / 1000})
        for name in "AB"
    )  # fmt: skip
    found, _ = builders.cells(text(frame.to_csv(index=False))(tmp_path), readings__timezone="Europe/London")
    first = found[(found["customer_id"] == "A") & (found["date"].astype(str) == "2026-10-25")]
    assert dict(zip(first["hour"], first["n"], strict=True))[1] == 2
    assert first["n"].sum() == 25


@pytest.mark.parametrize(
    ("first", "later"), [("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%SZ"), ("%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%dT%H:%M:%S")]
)  # fmt: skip
def test_stamps_with_and_without_offset_are_refused_together(first: str, later: str, tmp_path: Path) -> None:
    stamps = FRAME["timestamp"]
    mixed = stamps.dt.strftime(first).where(FRAME.index < 100, stamps.dt.strftime(later))
    path = text(FRAME.assign(timestamp=mixed).to_csv(index=False))(tmp_path)
    with pytest.raises(DataError, match=r"r\.csv, line \d+: the time '.*offset"):
        builders.audited(path)
    zoned = FRAME.assign(timestamp=stamps.dt.tz_localize("UTC"))
    with pytest.raises(DataError, match="time zone"):
        builders.audited([builders.parquet(FRAME, tmp_path), builders.parquet(zoned, tmp_path, "z.parquet")])


@pytest.mark.parametrize(
    "name", ["000123", "123", "1e5", "0x1F", "NULL", "=1+1", "<script>", "O'Brien", "a,b", "ß"]
)
def test_ids_are_text_as_written(name: str, tmp_path: Path) -> None:
    frame = FRAME.assign(customer_id=FRAME["customer_id"].replace("C001", name))
    for path in (text(frame.to_csv(index=False))(tmp_path), table(frame)(tmp_path)):
        assert name in list(builders.audited(path).customers["customer_id"])


def test_ids_that_differ_in_zeros_or_case_are_different(tmp_path: Path) -> None:
    frame = FRAME.assign(customer_id=FRAME["customer_id"].map({"C000": "7", "C001": "07", "C002": "x"}))
    more = FRAME[FRAME["customer_id"] == "C000"].assign(customer_id="X")
    path = text(pd.concat([frame, more]).to_csv(index=False))(tmp_path)
    assert list(builders.audited(path).customers["customer_id"]) == ["07", "7", "X", "x"]


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_whole_numbers_as_ids(kind: str, tmp_path: Path) -> None:
    numbers = FRAME["customer_id"].str[1:].astype(int) + 1_000_000_001
    path = table(FRAME.assign(customer_id=numbers.astype(kind)))(tmp_path)
    assert list(builders.audited(path).customers["customer_id"]) == ["1000000001", "1000000002", "1000000003"]


@pytest.mark.parametrize("empty", ["", '""', "   "])
def test_readings_without_an_id_are_no_customer(empty: str, tmp_path: Path) -> None:
    audit = builders.audited(text(CSV + f"{empty},2026-07-06 00:00:00,1\n")(tmp_path))
    assert list(audit.customers["customer_id"]) == ["C000", "C001", "C002"]
    assert "readings-without-customer" in {finding.name for finding in audit.findings}


@pytest.mark.parametrize("empty", ["", '""', "NA", "n/a", "null", "NaN"])
def test_an_empty_value_is_a_missing_reading(empty: str, tmp_path: Path) -> None:
    path = text(CSV + f"C000,2026-07-06 00:00:00,{empty}\n")(tmp_path)
    found = next(f for f in builders.audited(path).findings if f.name == "empty-readings")
    assert found.data == {"readings": 1}


def at(line: int, content: str) -> str:
    return "\n".join([*LINES[: line - 1], content, *LINES[line:]]) + "\n"


_GZIP = gzip.compress(CSV.encode())
_PARQUET = pa.BufferOutputStream()
pq.write_table(pa.Table.from_pandas(FRAME, preserve_index=False), _PARQUET)
_PARQUET_BYTES = _PARQUET.getvalue().to_pybytes()

BROKEN: dict[str, tuple[Write, str]] = {
    "empty": (text(""), "r.csv: the file is empty"),
    "header only": (text(LINES[0]), "header but no reading"),
    "header and a blank line": (text(LINES[0] + "\n\n"), "header but no reading"),
    "blank lines only": (text("\n\n\n"), "no header line"),
    "no header": (text(FRAME.to_csv(index=False, header=False)), "holds a reading, not names"),
    "no value column": (text(FRAME.drop(columns="kwh").to_csv(index=False)), "no energy column"),
    "no customer column": (text(FRAME.drop(columns="customer_id").to_csv(index=False)), "no customer column"),
    "no time column": (text(FRAME.drop(columns="timestamp").to_csv(index=False)), "no time column"),
    "two value columns": (text("\n".join(f"{line},wh" for line in LINES)), r"several columns could be the energy \(kwh, wh\)"),
    "text for a number": (text(at(50, "C000,2026-07-06 00:00:00,abc")), "r.csv, line 50: 'abc' in column 'kwh' is no number"),
    "no such month": (text(at(50, "C000,2026-13-06 00:00:00,1")), "r.csv, line 50: '2026-13-06 00:00:00' in column 'timestamp'"),
    "no time": (text(at(50, "C000,,1")), "r.csv, line 50: '' in column 'timestamp'"),
    "year 1": (text(at(50, "C000,0001-01-01 00:00:00,1")), "r.csv, line 50: '0001-01-01 00:00:00'"),
    "year 9999": (text(at(50, "C000,9999-12-31 00:00:00,1")), "r.csv, line 50: '9999-12-31 00:00:00'"),
    "infinity": (text(at(50, "C000,infinity,1")), "r.csv, line 50: 'infinity'"),
    "a cell too many": (text(at(50, "C000,2026-07-06 00:00:00,1,2")), "r.csv, line 50: 4 cells where the header names 3"),
    "a cell too few": (text(at(50, "C000,2026-07-06 00:00:00")), "r.csv, line 50: 2 cells where the header names 3"),
    "first line short": (text(at(2, "C000")), "r.csv, line 2: 1 cell where the header names 3"),
    "open quotation mark": (text(at(50, '"C000,2026-07-06 00:00:00,1')), "r.csv, line 50: a quotation mark is left open"),
    "after a quoted newline": (
        text(at(50, '"C0\n00",2026-07-06 00:00:00,1').replace(LINES[59], LINES[59] + "x")), "r.csv, line 61: '.*x' in column 'kwh'"
    ),
    "nul in an id": (text(at(50, "C0\x0000,2026-07-06 00:00:00,1")), "NUL"),
    "latin-1 late": (text(CSV * 200 + "Cä,2026-07-06 00:00:00,1\n", encoding="latin-1"), "UTF-8|no number"),
    "noise": (text(np.random.default_rng(0).bytes(5000)), "r.csv"),
    "gzip cut in the middle": (text(_GZIP[: len(_GZIP) // 2], "r.csv.gz"), "ended before"),
    "gzip cut at the end": (text(_GZIP[:-4], "r.csv.gz"), "ended before"),
    "zstd cut": (text(zstd(CSV.encode())[:-40], "r.csv.zst"), "not readable as text"),
    "gzip damaged": (text(_GZIP[:300] + b"\0\0\0" + _GZIP[303:], "r.csv.gz"), "not readable as text"),
    "text called parquet": (text(CSV, "r.parquet"), "not a readable Parquet file"),
    "parquet cut": (text(_PARQUET_BYTES[: len(_PARQUET_BYTES) // 2], "r.parquet"), "not a readable Parquet file"),
    "parquet damaged": (text(_PARQUET_BYTES[:60] + b"\0" * 400 + _PARQUET_BYTES[460:], "r.parquet"), "could not read"),
    "parquet without rows": (table(FRAME.iloc[:0]), "no reading"),
    "parquet without times": (table(arrow(timestamp=pa.nulls(len(FRAME), pa.timestamp("us")))), "no reading"),
    "parquet without a column": (table(FRAME.drop(columns="kwh")), "no energy column"),
    "another kind of file": (text("hello", "readings.docx"), "not a format that reporter reads"),
    "too many columns": (text(",".join(f"c{n}" for n in range(200_000)) + "\n1"), "columns"),
    "one endless line": (text("customer_id,timestamp,kwh" + "x" * 3_000_000), "r.csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BROKEN))
def test_what_cannot_be_read_is_one_sentence_that_names_the_place(case: str, tmp_path: Path) -> None:
    write, words = BROKEN[case]
    path = write(tmp_path)
    with pytest.raises(DataError, match=words) as caught:
        builders.cells(path)
    sentence = str(caught.value)
    assert caught.value.exit_status == 3
    assert str(tmp_path) in sentence
    assert "\n" not in sentence
    assert len(sentence) < 500


@pytest.mark.parametrize("kind", ["missing", "socket", "pipe", "loop", "empty folder"])
def test_a_path_that_holds_no_readings_is_one_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(path))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to("r.csv")
    elif kind == "empty folder":
        path.mkdir()
    with pytest.raises(DataError, match=r"r\.csv"):
        builders.audited(path)


def test_two_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="different formats"):
        builders.audited([table(FRAME)(tmp_path), text(CSV)(tmp_path)])


def test_a_later_file_without_the_column_is_named(tmp_path: Path) -> None:
    first = text(CSV, "a.csv")(tmp_path)
    second = text(FRAME.rename(columns={"kwh": "energy"}).to_csv(index=False), "b.csv")(tmp_path)
    with pytest.raises(DataError, match=r"b\.csv: column 'kwh' is missing"):
        builders.audited([first, second])


USUAL = [
    ["customer_id", "timestamp", "kwh"],
    ["LCLid", "tstp", "energy(kWh/hh)"],
    ["LCLid", "stdorToU", "DateTime", "KWH/hh (per half hour) "],
    ["meter", "Start", "value"],
    ["Usage Point", "DATE_TIME", "Usage (kWh)"],
    ["ESIID", "interval_start", "kW"],
    ["NMI", "ts", "consumption"],
]


@pytest.mark.parametrize("names", [USUAL[0], USUAL[2], USUAL[3], USUAL[5], USUAL[6]])
def test_usual_names_are_recognised(names: list[str]) -> None:
    columns = recognise(names, ReadingsSettings(), "r.csv")
    assert [columns.called(place) for place in (columns.customer, columns.stamp, columns.value)] == [
        names[0],
        names[-2],
        names[-1],
    ]


@pytest.mark.parametrize(
    ("name", "unit"), [("kwh", "kwh"), ("wh", "wh"), ("energy_wh", "wh"), ("power_kw", "kw"), ("value", None), ("KW", "kw"), ("energy (MWh)", "mwh"), ("power [W]", "w")]
)  # fmt: skip
def test_the_unit_is_in_the_name(name: str, unit: str | None) -> None:
    assert recognise(["customer_id", "timestamp", name], ReadingsSettings(), "r.csv").unit == unit


def test_settings_map_columns_and_win_over_usual_names() -> None:
    names = ["customer_id", "timestamp", "kwh", "who", "when", "what"]
    mapped = ReadingsSettings(customer_column="who", timestamp_column="when", value_column="what", unit="wh")
    columns = recognise(names, mapped, "r.csv")
    assert (columns.customer, columns.stamp, columns.value, columns.unit) == (3, 4, 5, "wh")
    with pytest.raises(DataError, match=r"there is no column 'whom'.*correct --customer-column"):
        recognise(names, ReadingsSettings(customer_column="whom"), "r.csv")


def test_ambiguous_columns_are_named() -> None:
    with pytest.raises(DataError, match=r"several columns could be the customer \(meter, account\)"):
        recognise(["meter", "account", "timestamp", "kwh"], ReadingsSettings(), "r.csv")


@pytest.mark.parametrize("memory", ["lots", "", "4 apples"])
def test_an_amount_of_memory_that_is_none_is_a_wrong_flag(memory: str) -> None:
    with pytest.raises(UsageError, match="--memory"), open_engine(RunningSettings(memory=memory)):
        pass


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_dates_that_could_be_either_way_are_asked_about(order: str, tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=3, start="2026-07-06")
    pattern = {"dmy": "%d/%m/%Y %H:%M", "mdy": "%m/%d/%Y %H:%M"}[order]
    path = text(frame.assign(timestamp=frame["timestamp"].dt.strftime(pattern)).to_csv(index=False))(tmp_path)
    with pytest.raises(
        DataError, match=r"r\.csv: '.*' in column 'timestamp' could .*--date-order dmy or mdy"
    ):
        builders.audited(path)
    found, _ = builders.cells(path, readings__date_order=order)
    assert str(found["date"].min()) == "2026-07-06"


def test_a_comma_that_could_be_either_is_asked_about(tmp_path: Path) -> None:
    whole = "customer_id;timestamp;kwh\n" + "\n".join(
        f"A;2026-07-12 {h:02d}:00;1,{h + 100}" for h in range(24)
    )
    path = text(whole)(tmp_path)
    with pytest.raises(DataError, match=r"line 2: '1,100' in column 'kwh' could .*--decimal"):
        builders.audited(path)
    total = sum(1000 + h + 100 for h in range(24))
    assert builders.audited(path, readings__decimal=",").import_kwh == pytest.approx(total / 1000)
    # Thousands of kWh in an hour are beyond the physical limit unless they are Wh.
    assert builders.audited(path, readings__decimal=".", readings__unit="wh").import_kwh == pytest.approx(
        total / 1000
    )


GREEN_BUTTON = [
    'Name,"DOE, JANE"',
    '"Address","1 Main St, Springfield"',
    "Account Number,001234567",
    "Service,Service 1",
    "",
    "TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES",
]


@pytest.mark.parametrize("account", [True, False])
def test_the_csv_that_utilities_call_green_button(account: bool, tmp_path: Path) -> None:
    stamps = FRAME["timestamp"][:48]
    rows = [
        f"Electric usage,{s:%m/%d/%Y},{s:%H:%M},{s:%H:59},{kwh},$0.05,"
        for s, kwh in zip(stamps, FRAME["kwh"][:48], strict=True)
    ]
    head = [line for line in GREEN_BUTTON if account or "Account" not in line]
    paths = [text("\n".join([*head, *rows]), f"use-{n}.csv")(tmp_path) for n in (1, 2)]
    found, source = builders.rows(paths if not account else paths[:1])
    assert list(found["customer_id"].unique()) == (["001234567"] if account else ["use-1", "use-2"])
    assert list(found["stamp"][:48]) == list(stamps)
    assert list(found["value"][:48]) == list(FRAME["kwh"][:48])
    assert source.stamps is None
    with pytest.raises(DataError, match=rf"use-1\.csv, line {len(head) + 5}: 'x' in column 'USAGE \(kWh\)'"):
        builders.rows(
            text(
                "\n".join([*head, *rows]).replace(
                    rows[4], rows[4].replace(",$", "x,$").replace(rows[4].split(",")[4], "")
                ),
                "use-1.csv",
            )(tmp_path)
        )
    with pytest.raises(
        DataError, match=rf"use-1\.csv, line {len(head) + 9}: 8 cells where the header names 7"
    ):
        builders.rows(text("\n".join([*head, *rows]).replace(rows[8], rows[8] + ",x"), "use-1.csv")(tmp_path))
    gas = "\n".join(
        [
            *GREEN_BUTTON[:-1],
            "TYPE,DATE,START TIME,END TIME,USAGE,UNITS",
            "Natural gas usage,2026-07-13,00:00,23:59,1.2,therms",
        ]
    )
    with pytest.raises(DataError, match="'therms' is one of gas or water; reporter reads electricity only"):
        builders.rows(text(gas)(tmp_path))


def test_a_file_a_customer(tmp_path: Path) -> None:
    for name, own in FRAME.groupby("customer_id"):
        text(own.drop(columns="customer_id").to_csv(index=False), f"{name}.csv")(tmp_path)
    with pytest.raises(DataError, match=r"no customer column .*'filename' where each file is one customer"):
        builders.rows(tmp_path)
    found, _ = builders.rows(tmp_path, readings__customer_column="filename")
    assert list(found["value"]) == list(FRAME["kwh"])
    assert list(found["customer_id"].unique()) == ["C000", "C001", "C002"]


def test_import_and_export_in_columns_and_in_rows(tmp_path: Path) -> None:
    start = pd.Timestamp("2026-07-13")
    stamps = pd.date_range(start, periods=4, freq="h")
    wide = pd.DataFrame(
        {
            "meter": "A",
            "time": stamps,
            "delivered_kwh": [0.5, 0, 0.3, None],
            "received_kwh": [0, 0.7, 0.1, None],
        }
    )
    long = wide.melt(["meter", "time"], value_name="kwh", var_name="direction").assign(
        direction=lambda t: t["direction"].str.replace("_kwh", "")
    )
    negative = long.assign(kwh=long["kwh"].where(long["direction"] == "delivered", -long["kwh"]))
    for n, frame in enumerate((wide, long, negative)):
        path = builders.parquet(frame, tmp_path, f"{n}.parquet")
        found, _ = builders.rows(path)
        assert list(found["value"][:3]) == pytest.approx([0.5, -0.7, 0.2])
        assert np.isnan(found["value"][3])
        assert list(found["export"][:3]) == [0, 0.7, 0.1]
        audit = builders.audited(path)
        assert (audit.import_kwh, audit.export_kwh) == (pytest.approx(0.8), pytest.approx(0.8))
        assert audit.readings_read == len(frame)
        alone, _ = builders.rows(path, readings__channels="import")
        assert list(alone["value"][:3]) == [0.5, 0, 0.3]
    doubled = pd.concat([long, long[long["direction"] == "delivered"]])
    found, _ = builders.rows(builders.parquet(doubled, tmp_path, "twice.parquet"))
    # A reading that comes twice comes twice still, and is settled later.
    assert sorted(found["value"].dropna()) == pytest.approx([-0.7, 0, 0.2, 0.3, 0.5, 0.5])


def test_channels_that_are_not_known_are_asked_about(tmp_path: Path) -> None:
    rows = [
        "meter,time,kwh,channel",
        "A,2026-07-13 00:00,1,R1",
        "A,2026-07-13 00:00,0.25,R2",
        "A,2026-07-13 00:00,9,kVArh",
    ]
    path = text("\n".join(rows))(tmp_path)
    with pytest.raises(DataError, match="which way 'r1' in column 'channel' flows is not known"):
        builders.rows(path)
    found, source = builders.rows(path, readings__import_channels=["R1"], readings__export_channels=["R2"])
    assert list(found["value"]) == [0.75]
    assert "channels-ignored" in {finding.name for finding in source.findings}


def test_flags_of_quality_mark_estimates(tmp_path: Path) -> None:
    frame = FRAME.assign(quality=np.where(FRAME.index % 10 == 0, "E", "A"))
    found, source = builders.rows(text(frame.to_csv(index=False))(tmp_path))
    assert found["estimated"].sum() == (FRAME.index % 10 == 0).sum()
    assert "reading-quality" in {finding.name for finding in source.findings}


def test_a_column_that_is_called_utc_holds_utc(tmp_path: Path) -> None:
    for name in ("interval_start_utc", "timestamp"):
        _, source = builders.rows(
            text(FRAME.rename(columns={"timestamp": name}).to_csv(index=False))(tmp_path)
        )
        assert source.source_timezone == ("+00:00" if name.endswith("utc") else None)
    _, source = builders.rows(
        text(stamped("%Y-%m-%dT%H:%M:%SZ").replace("timestamp", "DateTime UTC"))(tmp_path)
    )
    assert (source.aware, source.source_timezone) == (True, None)


@pytest.mark.parametrize("name", ["interval_end", "timestamp"])
def test_a_column_that_is_called_an_end_holds_ends(name: str, tmp_path: Path) -> None:
    _, source = builders.rows(text(FRAME.rename(columns={"timestamp": name}).to_csv(index=False))(tmp_path))
    assert source.stamps == ("end" if name == "interval_end" else None)


def test_patterns_and_files_of_no_usual_name(tmp_path: Path) -> None:
    half = len(FRAME) // 2
    for n, part in enumerate((FRAME.iloc[:half], FRAME.iloc[half:])):
        text(part.to_csv(index=False), f"2026-{n}.csv")(tmp_path)
    text("not, readings", "2025-1.csv")(tmp_path)
    found, source = builders.rows(tmp_path / "2026-*.csv")
    assert list(found["value"]) == list(FRAME["kwh"])
    assert len(source.files) == 2
    with pytest.raises(DataError, match=r"2027-\*\.csv: no file matches this pattern"):
        builders.rows(tmp_path / "2027-*.csv")
    # A name says little; a file that was named is looked into.
    found, _ = builders.rows(text(CSV, "export.dat")(tmp_path))
    assert list(found["value"]) == list(FRAME["kwh"])
    found, _ = builders.rows(text(_PARQUET_BYTES, "export")(tmp_path))
    assert list(found["value"]) == list(FRAME["kwh"])


def test_what_shrinks_too_well_is_a_trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporter.readings.formats.text_files._SMALL", 1000)
    monkeypatch.setattr("reporter.readings.formats.text_files._MOST_RATIO", 2)
    with pytest.raises(DataError, match="unpacks to more than 2 times its size"):
        builders.rows(text(_GZIP, "r.csv.gz")(tmp_path))
    monkeypatch.setattr("reporter.readings.formats.parquet._ROWS_PER_BYTE", 0.001)
    with pytest.raises(DataError, match=r"216 rows in [\d,]+ bytes are no readings"):
        builders.rows(text(_PARQUET_BYTES, "r.parquet")(tmp_path))
