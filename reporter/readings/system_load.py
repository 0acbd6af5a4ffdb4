"""The utility's own system load, hour by hour, from which the peak hours are taken."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from reporter.readings.calendar import local_stamps
from reporter.settings import Settings
from reporter.tables import TIMESTAMP, read_table

_UNITS = {"load_mw": "MW", "load_kw": "kW"}
_SOLAR = {"MW": "solar_mw", "kW": "solar_kw"}


class SystemLoad(NamedTuple):
    """The utility's own load, by local start of the hour."""

    series: pd.Series
    """Mean load of the whole system, net of solar generation where that is given."""
    unit: str
    """MW or kW."""
    areas: dict[str, pd.Series] = {}  # noqa: RUF012 (never changed)
    """Area, such as a feeder → its own load; empty where the file names none. The system's is their sum."""
    net_of_solar: bool = False


def read_system_load(path: Path, settings: Settings) -> SystemLoad:
    """Mean load by local hour, and its unit.

    Columns: ``timestamp``, ``load_mw`` or ``load_kw``; optionally ``area``, and the solar generation that the load includes, ``solar_mw`` or
    ``solar_kw``: the peak is then that of the net load.

    Raises:
        DataError: the file can't be read, a column is missing, or a value is no time or number.
    """
    table = read_table(path, "system load", settings.columns.system_load)
    stamps = table.times(table.column("timestamp", TIMESTAMP))
    role = next((role for role in _UNITS if table.find(role)), "load_mw")
    unit = _UNITS[role]
    values = table.numbers(table.column(role, or_else=" or 'load_kw'"))
    solar = table.find(_SOLAR[unit])
    if solar is not None:
        values = values - table.numbers(solar)
    local = local_stamps(stamps, settings.readings, path).floor("h")
    area = table.find("area")
    if area is None:
        return SystemLoad(pd.Series(values, index=local).groupby(level=0).mean(), unit, {}, solar is not None)
    frame = pd.DataFrame({"hour": local, "area": table.texts(area).to_numpy(dtype=object), "load": values})
    hourly = frame.groupby(["area", "hour"])["load"].mean().unstack("area").sort_index()
    # The system's load is known where every area's is.
    total = hourly.dropna().sum(axis=1)
    total.index.name = None
    areas = {str(name): hourly[name].dropna() for name in hourly.columns}
    return SystemLoad(total, unit, areas if len(areas) > 1 else {}, solar is not None)
