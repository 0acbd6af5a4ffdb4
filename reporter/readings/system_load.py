"""The utility's own system load, hour by hour, from which the peak hours are taken."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.readings.calendar import local_times
from reporter.settings import ReadingsSettings

_RANGE = pd.Timestamp("1970-01-02"), pd.Timestamp("2199-12-31")
_UNITS = {"load_mw": "MW", "load_kw": "kW"}


def read_system_load(path: Path, settings: ReadingsSettings) -> tuple[pd.Series, str]:
    """Mean load by local hour (index: local start of the hour) and its unit, MW or kW.

    Raises:
        DataError: the file can't be read, a column is missing, or a value is no time or number.
    """
    frame = read_table(path)
    column = next((name for name in _UNITS if name in frame.columns), None)
    if "timestamp" not in frame.columns or column is None:
        raise DataError(
            f"{path}: needs the columns 'timestamp' and 'load_mw' (or 'load_kw'); found: {', '.join(map(str, frame.columns[:12]))}."
        )
    if frame.empty:
        raise DataError(f"{path}: there is no load in it; export it again.")
    stamps = _stamps(frame["timestamp"], path)
    if stamps.dt.tz is not None and settings.timezone is None:
        raise DataError(
            f"{path}: its times carry an offset from UTC, so the hours of the day need a time zone; give --timezone."
        )
    values = pd.to_numeric(frame[column], errors="coerce")
    zone = stamps.dt.tz
    first, last = (stamp.tz_localize(zone) for stamp in _RANGE)
    checks = {"timestamp": stamps.between(first, last), column: np.isfinite(values)}
    for name, good in checks.items():
        if not good.all():
            raise DataError(
                f"{path}, line {_line(~good)}: '{frame[name][~good].iloc[0]}' in column '{name}' can't be read; mend or remove that line."
            )
    local = local_times(pd.DatetimeIndex(stamps), settings)
    return pd.Series(values.to_numpy(), index=local.floor("h")).groupby(level=0).mean(), _UNITS[column]


def read_table(path: Path) -> pd.DataFrame:
    """An optional file, CSV or Parquet, as a frame.

    Raises:
        DataError: the file is missing or can't be read.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; check the path.") from error
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: not a readable CSV or Parquet file ({str(error).splitlines()[0]})."
        ) from error


def _stamps(column: "pd.Series[Any]", path: Path) -> "pd.Series[Any]":
    """Times in UTC, or naive ones; NaT where a time can't be read. Day and month are never guessed."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_convert("UTC") if column.dt.tz is not None else column
    text = column.astype(str)
    aware = text.str.contains(r"\d:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[+-]\d{2}:?\d{2}|Z)$")
    other = aware != aware.iloc[0]
    if other.any():
        raise DataError(
            f"{path}, line {_line(other)}: the time '{text[other].iloc[0]}' and the first do not both have an offset from UTC; "
            "write all times on one clock."
        )
    return pd.to_datetime(text, errors="coerce", utc=bool(aware.iloc[0]), format="ISO8601")


def _line(rows: "pd.Series[bool]") -> int:
    """Line of the first of these rows in the file, below its header."""
    return int(rows.to_numpy().argmax()) + 2
