"""Which season a day belongs to: by months, on the right side of the equator, or by the temperature outside."""

from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.readings.calendar import Calendar
from reporter.readings.temperature import Temperature
from reporter.readings.zones import LOCAL, zone
from reporter.settings import SeasonSettings

Hemisphere = Literal["north", "south"]

_WARM, _COLD = (6, 7, 8), (12, 1, 2)
_UNPLACED = ("June to August", "December to February")
"""Names of the two seasons where nothing tells the hemisphere."""

BETWEEN = "spring and autumn"


@dataclass(frozen=True)
class Seasons:
    """Seasons that the days of a period span."""

    names: tuple[str, ...]
    """Those with enough days, such as summer and winter."""
    of_day: NDArray[np.int8]
    """(days,) index into ``names``; −1 where the day's season has too few days."""
    findings: list[Finding] = field(default_factory=list)


def seasons_of(calendar: Calendar, settings: SeasonSettings, temperature: Temperature | None) -> Seasons:
    """Seasons of the days of a period.

    By months: summer and winter as the settings say, else June to August and December to February, whichever is which where the
    customers are. By temperature: days on which homes heat, on which they cool, and those between.
    """
    findings: list[Finding] = []
    if settings.by == "temperature" and temperature is None:
        findings.append(
            Finding(
                name="no-temperature-for-seasons",
                severity="info",
                description="Seasons are wanted by temperature, but no temperatures were given; they go by months.",
            )
        )
    if settings.by == "temperature" and temperature is not None:
        names, place = _by_temperature(calendar, settings, temperature)
    else:
        names, place = _by_month(calendar, settings)
    days = np.bincount(place[place >= 0], minlength=len(names))
    kept = [n for n in range(len(names)) if days[n] >= settings.min_days]
    number = np.full(len(names) + 1, -1, dtype="int8")
    number[kept] = np.arange(len(kept))
    return Seasons(tuple(names[n] for n in kept), number[place], findings)


def hemisphere(name: str) -> Hemisphere | None:
    """Side of the equator of a time zone: by its daylight saving, else by where it lies; None where neither tells."""
    if name == LOCAL:
        return None
    here = zone(name, "--timezone")
    january, july = (here.utcoffset(datetime(2025, month, 15)) for month in (1, 7))
    if january is None or july is None or january == july:
        return _by_place(name)
    return "south" if january > july else "north"


def _by_place(name: str) -> Hemisphere | None:
    for row in resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8").splitlines():
        cells = row.split("\t")
        if len(cells) >= 3 and cells[2] == name:
            return "south" if cells[1].startswith("-") else "north"
    return None


def _by_month(calendar: Calendar, settings: SeasonSettings) -> tuple[list[str], NDArray[np.int64]]:
    side = hemisphere(calendar.timezone) if settings.hemisphere == "auto" else settings.hemisphere
    summer = settings.summer or (_COLD if side == "south" else _WARM)
    winter = settings.winter or (_WARM if side == "south" else _COLD)
    known = side is not None or settings.summer or settings.winter
    names = ["summer", "winter"] if known else list(_UNPLACED)
    month = pd.DatetimeIndex(calendar.dates).month
    place = np.where(np.isin(month, summer), 0, np.where(np.isin(month, winter), 1, 2))
    return [*names, BETWEEN if known else "other months"], place


def _by_temperature(
    calendar: Calendar, settings: SeasonSettings, temperature: Temperature
) -> tuple[list[str], NDArray[np.int64]]:
    daily = temperature.by_day(calendar).mean(axis=1).to_numpy()
    with np.errstate(invalid="ignore"):
        place = np.where(
            daily >= settings.cooling_from_c, 0, np.where(daily < settings.heating_below_c, 1, 2)
        )
    names = [
        f"days of {settings.cooling_from_c:g} °C or more",
        f"days below {settings.heating_below_c:g} °C",
        "days between",
    ]
    return names, np.where(np.isnan(daily), len(names), place)
