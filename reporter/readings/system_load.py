"""The utility's own system load, hour by hour, from which the peak hours are taken."""

from pathlib import Path

import pandas as pd

from reporter.readings.calendar import local_stamps
from reporter.settings import Settings
from reporter.tables import TIMESTAMP, read_table

_UNITS = {"load_mw": "MW", "load_kw": "kW"}


def read_system_load(path: Path, settings: Settings) -> tuple[pd.Series, str]:
    """Mean load by local hour (index: local start of the hour) and its unit, MW or kW.

    Raises:
        DataError: the file can't be read, a column is missing, or a value is no time or number.
    """
    table = read_table(path, "system load", settings.columns.system_load)
    stamps = table.times(table.column("timestamp", TIMESTAMP))
    role = next((role for role in _UNITS if table.find(role)), "load_mw")
    values = table.numbers(table.column(role, or_else=" or 'load_kw'"))
    local = local_stamps(stamps, settings.readings, path)
    return pd.Series(values, index=local.floor("h")).groupby(level=0).mean(), _UNITS[role]
