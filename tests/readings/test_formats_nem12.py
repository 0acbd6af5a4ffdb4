"""NEM12: registers, qualities, interval lengths, archives, and what is refused."""

import zipfile
from pathlib import Path

import builders
import forms
import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.readings.formats import nem12

FRAME = builders.long_table(customers=2, days=2, minutes=30)


def file(folder: Path, *lines: str, name: str = "r.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["100,NEM12,202607010000,MDP1,Retailer1", *lines, "900"]) + "\n")
    return path


def register(
    nmi: str,
    suffix: str,
    minutes: int,
    value: float,
    unit: str = "kWh",
    flag: str = "A",
    day: str = "20260713",
) -> list[str]:
    values = ",".join([f"{value:g}"] * (24 * 60 // minutes))
    return [
        f"200,{nmi},E1B1,1,{suffix},N1,M1,{unit},{minutes},",
        f"300,{day},{values},{flag},,,20260801000000,",
    ]


@pytest.mark.parametrize(("unit", "factor"), [("kWh", 1), ("KWH", 1), ("Wh", 1000), ("MWh", 0.001)])
@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_the_same_readings_as_a_long_table(minutes: int, unit: str, factor: float, tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=1, minutes=minutes)
    frame = frame[frame.index % 7 != 3]
    found, source = builders.rows(forms.nem12(frame, tmp_path / "r.csv", minutes, unit=unit, factor=factor))
    found = found.dropna(subset="value").reset_index(drop=True)
    assert list(found["value"]) == pytest.approx(list(frame["kwh"]))
    assert list(found["stamp"]) == list(frame["timestamp"])
    assert (source.source_timezone, source.stamps, source.aware) == ("+10:00", "start", False)
    assert source.timed(builders.settings()).readings.source_timezone == "+10:00"


def test_many_days_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = builders.long_table(customers=5, days=9, minutes=30)
    path = forms.nem12(frame, tmp_path / "r.csv", 30)
    whole, _ = builders.rows(path)
    monkeypatch.setattr(nem12, "_PIECE", 4)
    monkeypatch.setattr(nem12, "_ROWS", 100)
    pieces, _ = builders.rows(path)
    pd.testing.assert_frame_equal(pieces, whole)
    assert list(whole["value"]) == list(frame["kwh"])
    broken = path.read_text().splitlines()
    broken[40] = broken[40].replace(",A,", ",1.5,A,")
    path.write_text("\n".join(broken) + "\n")
    with pytest.raises(DataError, match=r"r\.csv, line 41: a day of another number of values than the 48"):
        builders.rows(path)


def test_registers_are_added_and_others_are_ignored(tmp_path: Path) -> None:
    lines = [
        *register("A", "E1", 30, 0.3), *register("A", "E2", 30, 0.2), *register("A", "B1", 30, 0.4),
        *register("A", "Q1", 30, 9, "kVArh"), *register("A", "V1", 10, 240, "V"), *register("B", "E1", 30, 250, "Wh"),
    ]  # fmt: skip
    path = file(tmp_path, *lines)
    found, source = builders.rows(path)
    by_customer = found.groupby("customer_id")["value"].first()
    assert dict(by_customer) == {"A": pytest.approx(0.1), "B": 0.25}
    assert source.netted == 96
    ignored = next(finding for finding in source.findings if finding.name == "channels-ignored")
    assert ignored.data == {"readings": 48 + 144}
    audit = builders.audited(path)
    assert audit.readings_read == 4 * 48
    assert audit.import_kwh == pytest.approx(48 * 0.75)
    assert audit.export_kwh == pytest.approx(48 * 0.4)
    alone, _ = builders.rows(path, readings__channels="import")
    assert alone["value"].sum() == pytest.approx(48 * 0.75)


def test_registers_of_different_lengths_meet_at_the_longest(tmp_path: Path) -> None:
    lines = [
        *register("A", "E1", 30, 0.3),
        *register("A", "E2", 5, 0.1),
        *register("A", "E1", 5, 0.05, day="20260714"),
    ]
    found, _ = builders.rows(file(tmp_path, *lines))
    first, second = (found[found["stamp"].dt.day == day] for day in (13, 14))
    assert (len(first), len(second)) == (48, 288)
    assert list(first["value"]) == pytest.approx([0.9] * 48)


def test_qualities_are_counted_and_lack_of_data_is_no_reading(tmp_path: Path) -> None:
    varied = [
        *register("A", "E1", 30, 1, flag="V"),
        "400,1,10,A,,",
        "400,11,20,S14,76,",
        "400,21,40,F11,,",
        "400,41,48,N,,",
    ]
    found, source = builders.rows(file(tmp_path, *varied, *register("B", "E1", 30, 1)))
    finding = next(f for f in source.findings if f.name == "reading-quality")
    assert finding.data == {
        "flags": {"actual": 58, "final substitute": 20, "no data": 8, "substitute": 10},
        "estimated": 30,
    }
    a = found[found["customer_id"] == "A"]
    assert int(a["estimated"].sum()) == 30
    assert int(a["value"].isna().sum()) == 8


def test_times_are_those_of_the_market_unless_a_zone_is_given(tmp_path: Path) -> None:
    frame = builders.long_table(customers=2, days=3, minutes=30, start="2026-01-12")
    path = forms.nem12(frame, tmp_path / "r.csv", 30)
    _, readings = builders.cells(path)
    assert (readings.calendar.timezone, readings.calendar.source_timezone) == ("+10:00", "+10:00")
    found, readings = builders.cells(path, readings__timezone="Australia/Sydney")
    assert (readings.calendar.timezone, readings.calendar.source_timezone) == ("Australia/Sydney", "+10:00")
    first = found[found["customer_id"] == "C000"].iloc[0]
    assert (str(first["date"]), first["hour"]) == ("2026-01-12", 1)


def test_archives_of_several_files(tmp_path: Path) -> None:
    parts = [FRAME[FRAME["customer_id"] == name] for name in ("C000", "C001")]
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n, part in enumerate(parts):
            archive.write(forms.nem12(part, tmp_path / "part.csv", 30), f"../../deep/NEM12#{n}.csv")
        archive.writestr("README.txt", "Read me.")
        archive.writestr("empty.csv", "")
    found, source = builders.rows(tmp_path / "all.zip")
    assert list(found["value"]) == list(FRAME["kwh"])
    assert source.files == [tmp_path / "all.zip"]
    assert [path.name for path in source.ignored] == ["README.txt"]


def refuse_zip(folder: Path, kind: str) -> Path:
    path = folder / "a.zip"
    if kind == "no zip":
        path.write_bytes(b"PK\x03\x04 and no more")
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "bomb":
            archive.writestr("r.csv", b"0" * (300 << 20))
        elif kind == "notes only":
            archive.writestr("README.md", "Read me.")
        elif kind == "zip in zip":
            archive.writestr("b.zip", b"PK\x03\x04")
        else:
            archive.writestr("r.csv", "customer_id,timestamp,kwh\n" + "A,2026-07-13 00:00,x\n" * 5)
    if kind == "damaged":
        content = bytearray(path.read_bytes())
        content[40:44] = b"\xff\xff\xff\xff"
        path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("no zip", "not a readable ZIP file"),
        ("bomb", "unpacks to more than 300 times its size"),
        ("notes only", "there are no readings in it"),
        ("zip in zip", "there are no readings in it"),
        ("damaged", "not a readable ZIP file"),
        ("broken inside", r"a\.zip/r\.csv, line 2: 'x' in column 'kwh' is no number"),
    ],
)
def test_archives_that_hold_no_readings_are_one_sentence(kind: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words) as caught:
        builders.rows(refuse_zip(tmp_path, kind))
    assert "reporter-" not in str(caught.value)


GOOD = register("A", "E1", 30, 1)
BROKEN = {
    "NEM13": (["100,NEM13,202607010000,M,R", "250,A,11,1,11,11,M,E,1,20260101000000,A,,,2,20260401000000,A,,,1,kWh,,,", "900"], "NEM13 holds accumulated readings"),
    "no header": ([*GOOD, "900"], r"line 1: the header \(record 100\) of NEM12 is missing"),
    "no end": (["100,NEM12,202607010000,M,R", *GOOD], r"the end \(record 900\) is missing"),
    "no readings": (["100,NEM12,202607010000,M,R", "900"], "no interval reading of energy"),
    "reactive alone": (["100,NEM12,202607010000,M,R", *register("A", "Q1", 30, 1, "kVArh"), "900"], r"its registers Q1 are no energy"),
    "a value too few": (["100,NEM12,202607010000,M,R", GOOD[0], GOOD[1].replace("300,20260713,1,", "300,20260713,"), "900"], "line 3: a day of another number of values"),
    "no number": (["100,NEM12,202607010000,M,R", GOOD[0], GOOD[1].replace("300,20260713,1,", "300,20260713,x,"), "900"], "the reading 'x' is no number"),
    "no date": (["100,NEM12,202607010000,M,R", GOOD[0], GOOD[1].replace("20260713", "20261313"), "900"], "line 3: no record of NEM12 that can be read"),
    "no length": (["100,NEM12,202607010000,M,R", GOOD[0].replace(",30,", ",0,"), GOOD[1], "900"], "line 2: '0' is no interval length"),
    "another record": (["100,NEM12,202607010000,M,R", *GOOD, "777,x", "900"], "line 4: '777' is no record of NEM12"),
    "quality that is not explained": (["100,NEM12,202607010000,M,R", *register("A", "E1", 30, 1, flag="V"), "900"], "no record 400 says"),
    "day before register": (["100,NEM12,202607010000,M,R", GOOD[1], "900"], "no record of NEM12 that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BROKEN))
def test_broken_files_are_one_sentence(case: str, tmp_path: Path) -> None:
    lines, words = BROKEN[case]
    path = tmp_path / "r.csv"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=words) as caught:
        builders.rows(path)
    assert "r.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_of_a_green_button_feed(tmp_path: Path) -> None:
    frame = FRAME.assign(timestamp=FRAME["timestamp"].dt.tz_localize("UTC"))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(forms.green_button(frame, tmp_path / "f.xml", 30), "feed.xml")
    found, _ = builders.rows(tmp_path / "a.zip")
    np.testing.assert_array_equal(found["value"], FRAME["kwh"])
