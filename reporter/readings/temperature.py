"""Outdoor temperature, hour by hour on the customers' own clock, and what is wrong with it."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.calendar import Calendar, local_stamps
from reporter.settings import Settings
from reporter.tables import TIMESTAMP, read_table
from reporter.words import counted

_CELSIUS = ("temp_c", "tempc", "celsius", "degc", "air_temperature", "temperature", "temp", "drybulb")
_FAHRENHEIT = ("temp_f", "tempf", "fahrenheit", "degf")
_PLAUSIBLE_C = -60.0, 60.0
_LONGEST_GAP_HOURS = 3
"""Gaps up to this long are bridged by a straight line; the weather does not turn faster."""


@dataclass(frozen=True)
class Temperature:
    """Outdoor temperature by local hour."""

    celsius: pd.DataFrame
    """Index: local start of the hour; a column an area (``""`` where the file names none) [°C]."""
    findings: list[Finding] = field(default_factory=list)

    def by_day(self, calendar: Calendar) -> pd.DataFrame:
        """Mean temperature of each of the calendar's local days (a row a day), NaN with fewer than 20 hours [°C]."""
        hourly = self.celsius.groupby(pd.DatetimeIndex(self.celsius.index).normalize())
        daily = hourly.mean().where(hourly.count() >= 20)
        return daily.reindex(pd.DatetimeIndex(calendar.dates))


def read_temperature(path: Path, settings: Settings) -> Temperature:
    """Mean temperature by local hour.

    Raises:
        DataError: the file can't be read, a column is missing, or a value is no time or number.
    """
    table = read_table(path, "temperature", settings.columns.temperature)
    stamps = table.times(table.column("timestamp", TIMESTAMP))
    fahrenheit = table.find("temperature_f", _FAHRENHEIT)
    celsius = table.find("temperature_c", () if fahrenheit else _CELSIUS)
    column = celsius or fahrenheit or table.column("temperature_c", or_else=" or 'temperature_f'")
    values = table.numbers(column, may_be_empty=True)
    if celsius is None:
        values = (values - 32) / 1.8
    area = table.find("area")
    local = local_stamps(stamps, settings.readings, path)
    findings = []
    with np.errstate(invalid="ignore"):
        odd = (values < _PLAUSIBLE_C[0]) | (values > _PLAUSIBLE_C[1])
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        if odd.mean() > 0.05:
            raise DataError(
                f"{table.at(first)}: {values[first]:.0f} °C is no outdoor temperature; if the column '{column}' holds "
                "degrees Fahrenheit, name it temperature_f."
            )
        n = int(odd.sum())
        findings.append(
            Finding(
                name="implausible-temperatures",
                severity="warning",
                description=f"{counted(n, 'temperature')} beyond {_PLAUSIBLE_C[0]:.0f} to {_PLAUSIBLE_C[1]:.0f} °C "
                f"{'was' if n == 1 else 'were'} not used (the first at {table.at(first)}).",
                data={"readings": n},
            )
        )
        values = np.where(odd, np.nan, values)
    frame = pd.DataFrame(
        {
            "hour": local.floor("h"),
            "area": table.frame[area].astype(str).str.strip() if area else "",
            "celsius": values,
        }
    )
    hourly = frame.pivot_table(index="hour", columns="area", values="celsius", aggfunc="mean", sort=True)
    if hourly.empty:
        raise DataError(f"{path}: every temperature is empty; export it again.")
    hours = pd.date_range(hourly.index.min(), hourly.index.max(), freq="h")
    if len(hours) > 24 * 366 * 50:
        raise DataError(
            f"{path}: its times span more than 50 years; check the column of times for a wrong date."
        )
    return Temperature(_bridge(hourly.reindex(hours)), findings)


def check_temperature(temperature: Temperature, calendar: Calendar) -> list[Finding]:
    """Findings about how well the temperatures cover the period of the readings.

    Raises:
        DataError: they have no hour of it.
    """
    first, last = calendar.dates[0], calendar.dates[-1] + pd.Timedelta(hours=23)
    inside = temperature.celsius.loc[first:last]
    if not inside.notna().to_numpy().any():
        raise DataError(
            f"The temperatures have no hour between {first.date()} and {last.date()}, when the readings were taken; "
            "give those of that period."
        )
    days = temperature.by_day(calendar)
    missing = int(days.isna().all(axis=1).sum())
    findings = list(temperature.findings)
    if missing:
        findings.append(
            Finding(
                name="temperature-gaps",
                severity="warning" if missing > 0.1 * len(days) else "info",
                description=f"{counted(missing, 'day')} of {len(days)} without temperatures took no part in the fit of load on temperature.",
                data={"days": missing, "days_of_period": len(days)},
            )
        )
    return findings


def _bridge(hourly: pd.DataFrame) -> pd.DataFrame:
    """Gaps of up to three hours filled; longer ones stay as they are."""
    filled = hourly.interpolate(limit_area="inside")
    result = hourly.copy()
    for column in hourly.columns:
        missing = hourly[column].isna()
        runs = missing.groupby((missing != missing.shift()).cumsum()).transform("sum")
        result[column] = hourly[column].where(~missing | (runs > _LONGEST_GAP_HOURS), filled[column])
    result.columns.name = None
    return result
