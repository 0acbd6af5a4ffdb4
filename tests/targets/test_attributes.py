import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.settings import Settings
from reporter.targets.attributes import find_exclusions, read_customers

SETTINGS = Settings()


def write(folder: Path, text: str, name: str = "customers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_csv_keeps_leading_zeros_and_understands_flags(tmp_path: Path) -> None:
    path = write(tmp_path, "Customer ID,class,Life Support,medical\n007,01,Yes,\n08, a ,n,1\n\n9,,FALSE,y\n")
    frame = read_customers(path, SETTINGS)
    assert frame["customer_id"].tolist() == ["007", "08", "9"]
    assert frame["class"].tolist() == ["01", " a ", ""]
    assert frame["Life Support"].tolist() == [True, False, False]
    assert frame["medical"].tolist() == [False, True, True]


def test_semicolons_byte_order_mark_and_gzip(tmp_path: Path) -> None:
    text = 'meter_id;note;opt_out\r\n001;"a;b\r\nc";no\r\n002;;yes\r\n'
    plain = read_customers(write(tmp_path, text, encoding="utf-8-sig"), SETTINGS)
    packed = tmp_path / "customers.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    pd.testing.assert_frame_equal(plain, read_customers(packed, SETTINGS))
    assert plain["customer_id"].tolist() == ["001", "002"]
    assert plain["opt_out"].tolist() == [False, True]


def test_id_column_of_the_readings_comes_first(tmp_path: Path) -> None:
    settings = Settings.model_validate({"readings": {"customer_column": "meter"}})
    frame = read_customers(write(tmp_path, "customer_id,meter\na,1\nb,2\n"), settings)
    assert frame["customer_id"].tolist() == ["1", "2"]
    assert frame["customer_id (as supplied)"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("customer_id,area\n", "no rows"),
        ("name,area\na,b\n", "line 1 has no column 'customer_id' (found: name, area)"),
        ("customer_id,a,a\n1,2,3\n", "line 1 has the column 'a' twice"),
        ("customer_id,area\n1,x\n2\n", "line 3: 1 cells where the header names 2"),
        ("customer_id,area\n1,x\n ,y\n", "line 3: there is no customer id"),
        ("customer_id,area\n1,x\n2,y\n1,z\n", "line 4: customer '1' comes a second time"),
        ('customer_id,enrolled\n1,no\n"2",maybe\n', "line 3: 'maybe' in column 'enrolled'"),
        (
            'customer_id,note,enrolled\n1,"a\nb",no\n2,c,2026-01-03\n',
            "line 4: '2026-01-03' in column 'enrolled'",
        ),
        ('customer_id,area\n1,"x\n', "the record after line 1 is not valid CSV"),
    ],
)
def test_csv_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_customers(path, SETTINGS)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_customers(tmp_path / "none.csv", SETTINGS)
    with pytest.raises(DataError, match="is a folder"):
        read_customers(tmp_path, SETTINGS)
    with pytest.raises(DataError, match="not UTF-8"):
        read_customers(write(tmp_path, "customer_id,name\n1,Zoë\n", encoding="latin-1"), SETTINGS)
    broken = tmp_path / "customers.parquet"
    broken.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="not a readable Parquet file"):
        read_customers(broken, SETTINGS)
    broken = tmp_path / "customers.csv.gz"
    broken.write_bytes(gzip.compress(b"customer_id\n1\n")[:-6])
    with pytest.raises(DataError, match="can't be read"):
        read_customers(broken, SETTINGS)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pd.DataFrame(
        {
            "customer_id": ["01", "02", "03"],
            "life_support": [1.0, None, 0.0],
            "opted_out": [True, False, None],
            "x": 1,
        }
    ).to_parquet(path)
    frame = read_customers(path, SETTINGS)
    assert frame["customer_id"].tolist() == ["01", "02", "03"]
    assert frame["life_support"].tolist() == [True, False, False]
    assert frame["opted_out"].tolist() == [True, False, False]
    assert frame["x"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"customer_id": [1.5, 2.5]}, "holds double; ids must be text or whole numbers"),
        ({"customer_id": ["a", None]}, "row 2: there is no customer id"),
        ({"customer_id": ["a", "a"]}, "row 2: customer 'a' comes a second time"),
        ({"customer_id": ["a", "b"], "life_support": [0, 2]}, "row 2: '2' in column 'life_support'"),
        ({"name": ["a", "b"]}, "no column 'customer_id'"),
    ],
)
def test_parquet_that_cannot_be_used(tmp_path: Path, columns: dict[str, list[object]], message: str) -> None:
    path = tmp_path / "customers.parquet"
    pd.DataFrame(columns).to_parquet(path)
    with pytest.raises(DataError) as caught:
        read_customers(path, SETTINGS)
    assert message in str(caught.value)


def test_whole_numbers_and_categories_are_ids_too(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pd.DataFrame({"customer_id": [7, 8]}).to_parquet(path)
    assert read_customers(path, SETTINGS)["customer_id"].tolist() == ["7", "8"]
    pd.DataFrame({"customer_id": pd.Categorical(["07", "08"])}).to_parquet(path)
    assert read_customers(path, SETTINGS)["customer_id"].tolist() == ["07", "08"]


def test_exclusions_of_the_settings_own_columns() -> None:
    settings = Settings.model_validate({"targets": {"life_support_columns": ["Vulnerable", "LSE"]}})
    attributes = pd.DataFrame(
        {"customer_id": ["b", "a", "z"], "vulnerable": [0, 0, 1], "lse": ["y", "", "y"]}
    )
    found = find_exclusions(attributes, np.array(["a", "b", "c"]), settings)
    assert found.flags["life-support"].tolist() == [False, True, False]
    assert list(found.flags) == ["life-support", "medical-baseline", "already-enrolled", "opted-out"]
    with pytest.raises(DataError, match="row 2: 'perhaps' in column 'vulnerable'"):
        find_exclusions(attributes.assign(vulnerable=["no", "perhaps", "no"]), np.array(["a"]), settings)
