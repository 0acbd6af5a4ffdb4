"""Stamp → local date, hour and day type: time is settled once, here.

Readings are joined to this table, so daylight saving, holidays and weekday numbers never depend on an engine.
An interval belongs to the local hour of its start.
"""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reporter.errors import DataError, UsageError
from reporter.settings import CalendarSettings, ReadingsSettings

LOCAL = "local"
"""Name of the clock when no zone is known: local time without daylight saving."""

_MOST_STAMPS = 12 * 24 * 366 * 30


@dataclass(frozen=True)
class Calendar:
    """One row a distinct stamp in the period.

    Columns of ``table``: ``stamp`` (as in the readings; UTC where they carry an offset), ``slot`` (dense index),
    ``day`` (index into ``dates``), ``hour`` (local, 0–23), ``local_minute`` (of the local hour), ``utc_hour`` (0–23; the stamp's where no zone is known),
    ``minute`` (of the hour, by the clock of the stamps: the grid on which the meter reads), ``weekend`` (weekend or holiday),
    ``repeats`` (2 in the hour that autumn's clock change doubles in naive local stamps, else 1).
    """

    table: pd.DataFrame
    dates: list[pd.Timestamp]
    timezone: str
    source_timezone: str

    @property
    def weekend(self) -> np.ndarray:
        """(days,) weekend or holiday."""
        by_day = self.table.groupby("day")["weekend"].first()
        return by_day.reindex(range(len(self.dates)), fill_value=False).to_numpy(dtype=bool)


def build_calendar(
    stamps: pd.DatetimeIndex, aware: bool, readings: ReadingsSettings, settings: CalendarSettings
) -> Calendar:
    """Calendar of the distinct stamps of a data set.

    Args:
        stamps: distinct stamps, ascending; naive, or UTC without a zone where ``aware``.
        aware: whether the stamps carried an offset.
        readings: zones, stamp convention, first and last day.
        settings: weekend days and holidays.

    Raises:
        UsageError: a zone is not known.
        DataError: the stamps are no interval grid, or none falls into the period.
    """
    if len(stamps) > _MOST_STAMPS:
        raise DataError(
            f"There are {len(stamps):,} distinct timestamps, more than 5-minute readings of 30 years; these are no interval readings."
        )
    times = _times(stamps, aware, readings)
    local = times.local
    days = local.normalize()
    weekend = np.isin(days.day_of_week, settings.weekend) | days.isin(pd.to_datetime(list(settings.holidays)))
    table = pd.DataFrame(
        {
            "stamp": stamps.as_unit("us"),
            "local_day": days,
            "hour": local.hour.astype("int8"),
            "local_minute": local.minute.astype("int8"),
            "utc_hour": times.utc.hour.astype("int8"),
            "minute": times.starts.minute.astype("int8"),
            "weekend": weekend,
            "repeats": times.repeats.astype("int8"),
        }
    )
    if readings.start is not None:
        table = table[table["local_day"] >= pd.Timestamp(readings.start)]
    if readings.end is not None:
        table = table[table["local_day"] <= pd.Timestamp(readings.end)]
    if table.empty:
        raise DataError(
            f"No reading falls between {readings.start or 'the first day'} and {readings.end or 'the last day'}; check --start and --end."
        )
    codes, dates = pd.factorize(table.pop("local_day"), sort=True)
    table = table.assign(slot=np.arange(len(table), dtype="int32"), day=codes.astype("int32"))
    return Calendar(
        table.reset_index(drop=True), list(pd.DatetimeIndex(dates)), times.zone, times.source_zone
    )


def local_stamps(stamps: pd.DatetimeIndex, settings: ReadingsSettings, path: Path) -> pd.DatetimeIndex:
    """Local wall-clock times of the stamps of an optional file, by the same rules as the readings'.

    Raises:
        DataError: the stamps carry an offset and no time zone is given.
    """
    aware = stamps.tz is not None
    if aware and settings.timezone is None:
        raise DataError(
            f"{path}: its times carry an offset from UTC, so the hours of the day need a time zone; give --timezone."
        )
    naive = stamps.tz_convert("UTC").tz_localize(None) if aware else stamps
    return _times(naive, aware, settings).local


def zone(name: str, flag: str) -> tzinfo:
    """A time zone by name, or a fixed offset such as ``+10:00``.

    Raises:
        UsageError: no such zone.
    """
    offset = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name)
    if offset:
        sign = -1 if offset[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{flag}: there is no time zone '{name}'; use a name such as Europe/London or an offset such as +00:00."
        ) from error


@dataclass(frozen=True)
class _Times:
    """Starts of intervals by each clock, without a zone."""

    starts: pd.DatetimeIndex
    """By the clock of the stamps."""
    utc: pd.DatetimeIndex
    local: pd.DatetimeIndex
    repeats: np.ndarray
    zone: str
    source_zone: str


def _times(stamps: pd.DatetimeIndex, aware: bool, settings: ReadingsSettings) -> _Times:
    # An end stamp belongs to the interval before it; a minute earlier is in the same hour whatever the interval's length.
    shift = pd.Timedelta(minutes=1) if settings.stamps == "end" else pd.Timedelta(0)
    starts = stamps - shift
    once = np.ones(len(stamps), dtype="int8")
    if aware:
        name = settings.timezone or "UTC"
        local = _wall(starts.tz_localize("UTC"), zone(name, "--timezone"))
        return _Times(starts, starts, local, once, name, "UTC")

    source_name = settings.source_timezone or settings.timezone
    if source_name is None:
        return _Times(starts, starts, starts, once, LOCAL, LOCAL)
    target_name = settings.timezone or source_name
    source = zone(source_name, "--source-timezone" if settings.source_timezone else "--timezone")
    first, second = _instants(stamps, source)
    # What ends in the doubled hour comes twice, and so does what starts there where hours are named by their end.
    doubled = (first != second) | np.not_equal(*_instants(starts, source))
    instants = first - shift
    if source_name == target_name:
        # A stamp in the hour that the spring change skips is kept as it is: the meter's own clock said so.
        skipped = first.tz_localize(None) != stamps
        local = starts.where(skipped, _wall(instants, source))
    else:
        local = _wall(instants, zone(target_name, "--timezone"))
    repeats = np.where(doubled, 2, 1)
    return _Times(
        starts, instants.tz_convert("UTC").tz_localize(None), local, repeats, target_name, source_name
    )


def _instants(walls: pd.DatetimeIndex, source: tzinfo) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """First and second instant at which a clock shows each time: the same but where autumn's change doubles an hour."""
    first, second = (
        walls.tz_localize(source, ambiguous=np.full(len(walls), summer), nonexistent="shift_forward")
        for summer in (True, False)
    )
    return first, second


def _wall(instants: pd.DatetimeIndex, target: tzinfo) -> pd.DatetimeIndex:
    return instants.tz_convert(target).tz_localize(None)
