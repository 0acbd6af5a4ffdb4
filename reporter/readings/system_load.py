"""The utility's own system load, hour by hour, from which the peak hours are taken."""

from pathlib import Path

import pandas as pd

from reporter.errors import DataError
from reporter.readings.calendar import local_times
from reporter.settings import ReadingsSettings

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
    stamps = pd.to_datetime(frame["timestamp"], errors="coerce", utc=_aware(frame["timestamp"]))
    values = pd.to_numeric(frame[column], errors="coerce")
    for name, parsed in (("timestamp", stamps), (column, values)):
        if parsed.isna().any():
            line = int(parsed.isna().to_numpy().argmax()) + 2
            raise DataError(
                f"{path}, line {line}: '{frame[name].iloc[line - 2]}' in column '{name}' can't be read; mend or remove that line."
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


def _aware(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return True
    return bool(column.astype(str).str.contains(r"(?:[+-]\d{2}:?\d{2}|Z)$").any())
