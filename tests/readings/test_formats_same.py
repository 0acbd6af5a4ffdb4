"""The same readings in every form that is read give the same ``customers.parquet``, byte by byte."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import forms
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# The market's clock of NEM12 and the wall clock of Brisbane are the same.
ZONE = "Australia/Brisbane"
SHAPES = np.array([builders.EVENING, np.roll(builders.EVENING, 10), np.full(24, 0.6)])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """24 homes of three shapes, ten days, half-hourly; whole watt-hours, some of them sent to the grid."""
    rng = np.random.default_rng(3)

    def rule(n: int, stamps: pd.DatetimeIndex) -> Any:
        use = SHAPES[n % 3][stamps.hour] * rng.uniform(0.3, 0.9, len(stamps))
        sent = 1.5 * np.exp(-((stamps.hour - 12) ** 2) / 8) if n % 8 == 0 else 0
        return (use - sent).round(3)

    frame = builders.by_rule(rule, customers=24, days=10, minutes=30, start="2026-07-06")
    return frame.assign(customer_id="NMI000" + frame["customer_id"].str[1:])


def aware(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(timestamp=frame["timestamp"].dt.tz_localize(ZONE))


def csv(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "r.csv"
    frame.to_csv(path, index=False)
    return path


def european(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "r.csv.gz"
    stamps = frame["timestamp"].dt.strftime("%d.%m.%Y %H:%M")
    text = frame.assign(timestamp=stamps).to_csv(index=False, sep=";", decimal=",")
    path.write_bytes(gzip.compress(text.encode("utf-16")))
    return path


def offsets(frame: pd.DataFrame, folder: Path) -> Path:
    return csv(frame.assign(timestamp=aware(frame)["timestamp"].map(lambda stamp: stamp.isoformat())), folder)


def power(frame: pd.DataFrame, folder: Path) -> Path:
    return csv(frame.assign(kw=frame["kwh"] * 2).drop(columns="kwh"), folder)


def hive(frame: pd.DataFrame, folder: Path) -> Path:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_to_dataset(table, folder / "set", partition_cols=["customer_id"])
    return folder / "set"


def days(frame: pd.DataFrame, folder: Path) -> Path:
    day = frame["timestamp"].dt.normalize()
    place = (frame["timestamp"] - day) // pd.Timedelta(minutes=30)
    wide = frame.assign(date=day.dt.date, place=place).pivot(
        index=["customer_id", "date"], columns="place", values="kwh"
    )
    return csv(wide.set_axis([f"kwh_{n}" for n in range(1, 49)], axis=1).reset_index(), folder)


def periods(frame: pd.DataFrame, folder: Path) -> Path:
    day = frame["timestamp"].dt.normalize()
    number = (frame["timestamp"] - day) // pd.Timedelta(minutes=30) + 1
    return csv(frame.assign(date=day.dt.date, period=number).drop(columns="timestamp"), folder)


def columns(frame: pd.DataFrame, folder: Path) -> Path:
    return csv(frame.pivot(index="timestamp", columns="customer_id", values="kwh").reset_index(), folder)


def apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Import and export in rows of their own."""
    sent = frame[frame["kwh"] < 0].assign(channel="export", kwh=lambda t: -t["kwh"])
    return pd.concat([frame.assign(channel="import", kwh=frame["kwh"].clip(lower=0)), sent])


def channels(frame: pd.DataFrame, folder: Path) -> Path:
    return csv(apart(frame), folder)


def green_button(frame: pd.DataFrame, folder: Path) -> Path:
    return forms.green_button(aware(frame), folder / "feed.xml", 30)


def nem12(frame: pd.DataFrame, folder: Path) -> Path:
    to = frame.assign(kwh=frame["kwh"].clip(lower=0))
    sent = frame[frame["customer_id"].isin(frame.loc[frame["kwh"] < 0, "customer_id"])]
    first = forms.nem12(to, folder / "to.csv", 30)
    second = forms.nem12(
        sent.assign(kwh=(-sent["kwh"]).clip(lower=0)),
        folder / "sent.csv",
        30,
        suffix="B1",
        unit="Wh",
        factor=1000,
    )
    with zipfile.ZipFile(folder / "r.zip", "w") as archive:
        for path in (first, second):
            archive.write(path, path.name)
    return folder / "r.zip"


FORMS: dict[str, Callable[[pd.DataFrame, Path], Path]] = {
    form.__name__: form
    for form in (csv, european, offsets, power, hive, days, periods, columns, channels, green_button, nem12)
}


@pytest.fixture(scope="module")
def expected(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("expected")
    return customers(builders.parquet(frame, folder), folder)


def customers(path: Path, folder: Path) -> bytes:
    run = builders.make_run(path, folder / "run", readings__timezone=ZONE, segments__k=2)
    return (run / "customers.parquet").read_bytes()


@pytest.mark.parametrize("form", list(FORMS))
def test_the_same_customers(form: str, frame: pd.DataFrame, expected: bytes, tmp_path: Path) -> None:
    assert customers(FORMS[form](frame, tmp_path), tmp_path) == expected
