"""Stamp → local date, hour and day type: time is settled once, here.

Readings are joined to this table, so daylight saving, holidays and weekday numbers never depend on an engine.
An interval belongs to the local hour of its start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.readings.zones import LOCAL, change_days, zone
from reporter.settings import CalendarSettings, ReadingsSettings

_HOUR, _DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)

_LATEST_CHANGE = 3
"""Hour of the night, by the clock of the stamps, up to which clocks are changed anywhere."""

_MOST_STAMPS = 12 * 24 * 366 * 30


Form = tuple[int, int]
"""Length of a reading's interval, and of the parts that it is kept in [min]: the same but where a customer's intervals change."""


@dataclass(frozen=True)
class Calendar:
    """The local time of every interval, and where a reading belongs by its stamp.

    ``table`` has one row a distinct start: ``slot`` (dense, ascending in time), ``day`` (index into ``dates``), ``hour`` (local,
    0–23), ``local_minute`` (of the local hour), ``instant`` (UTC; the stamps' clock where no zone is known), ``weekend`` (weekend
    or holiday).

    ``places`` has one row a stamp, form and part: ``stamp_slot`` (place among the distinct stamps), ``form`` (index into
    ``forms``), ``part``, ``slot`` (of the part's start), ``day``, ``hour``, ``weekend`` (of the interval's start), ``repeats``
    (2 where the clock shows the stamp twice, in the hour that autumn doubles, else 1), and ``later_slot``, ``later_day``,
    ``later_hour``, ``later_weekend``: where the second of two readings with this stamp belongs, if both are right: elsewhere in the
    doubled hour and, for a clock set wrong, in the night in which clocks are put forward.
    """

    table: pd.DataFrame
    places: pd.DataFrame
    forms: list[Form]
    dates: list[pd.Timestamp]
    timezone: str
    source_timezone: str

    @property
    def weekend(self) -> np.ndarray:
        """(days,) weekend or holiday."""
        by_day = self.table.groupby("day")["weekend"].first()
        return by_day.reindex(range(len(self.dates)), fill_value=False).to_numpy(dtype=bool)

    @property
    def by_form(self) -> bool:
        """Whether a reading's place depends on the length of its interval, and not on its stamp alone."""
        return len(self.forms) > 1


def check_stamps(stamps: pd.DatetimeIndex) -> None:
    """Refuse stamps that are no interval grid.

    Raises:
        DataError: there are too many.
    """
    if len(stamps) > _MOST_STAMPS:
        raise DataError(
            f"There are {len(stamps):,} distinct timestamps, more than 5-minute readings of 30 years; these are no interval readings."
        )


def build_calendar(
    stamps: pd.DatetimeIndex,
    aware: bool,
    readings: ReadingsSettings,
    settings: CalendarSettings,
    forms: Sequence[Form] = ((60, 60),),
) -> Calendar:
    """Calendar of the distinct stamps of a data set.

    Args:
        stamps: distinct stamps, ascending; naive, or UTC without a zone where ``aware``.
        aware: whether the stamps carried an offset.
        readings: zones, stamp convention, first and last day.
        settings: weekend days and holidays.
        forms: lengths of interval that there are, and of the parts that they are kept in.

    Raises:
        UsageError: a zone is not known.
        DataError: no stamp falls into the period.
    """
    forms = list(forms)
    if readings.stamps != "end" and all(length == part for length, part in forms):
        # A start is where it is, however long the interval.
        forms = forms[:1]
    blocks = [
        _placed(stamps, aware, readings, number, length, part)
        for number, (length, parts) in enumerate(forms)
        for part in range(0, length, parts)
    ]
    zone_names = _zone_names(aware, readings)
    times = pd.concat(blocks, ignore_index=True)
    day = times["local"].dt.normalize()
    first, last = (
        edge if given is None else pd.Timestamp(given)
        for given, edge in ((readings.start, day.min()), (readings.end, day.max()))
    )
    times = _kept_in(times[(day >= first) & (day <= last)])
    if times.empty:
        raise DataError(
            f"No reading falls between {readings.start or 'the first day'} and {readings.end or 'the last day'}; check --start and --end."
        )
    return _numbered(times, settings, forms, zone_names)


def _placed(
    stamps: pd.DatetimeIndex, aware: bool, readings: ReadingsSettings, form: int, length: int, part: int
) -> pd.DataFrame:
    """Where intervals of a length (or a part of them that begins so many minutes in) lie by their stamps, before days are numbered.

    Columns: stamp_slot, form, part, repeats; ``instant`` (UTC) and ``own`` (local wall clock) of the part's start, ``local`` of the
    interval's start; the same with ``later_``.
    """
    times = _times(stamps, aware, readings, length)
    ahead = pd.Timedelta(minutes=part)
    return pd.DataFrame(
        {
            "stamp_slot": np.arange(len(stamps), dtype="int32"),
            "form": np.int8(form),
            "part": np.int8(part),
            "repeats": times.repeats.astype("int8"),
            "instant": times.utc + ahead,
            "own": times.wall(times.utc + ahead) if part else times.local,
            "local": times.local,
            "later_instant": times.later_utc + ahead,
            "later_own": times.wall(times.later_utc + ahead) if part else times.later_local,
            "later_local": times.later_local,
        }
    )


def _kept_in(times: pd.DataFrame) -> pd.DataFrame:
    """Second readings and parts that would leave the days of the period stay with the first."""
    first, last = times["local"].min().floor("D"), times["local"].max().floor("D") + _DAY
    changes = {}
    for place in ("own", "later_own", "later_local"):
        inside = (times[place] >= first) & (times[place] < last)
        moment = {"own": "instant", "later_own": "later_instant"}.get(place)
        changes[place] = times[place].where(inside, times["local"])
        if moment:
            changes[moment] = times[moment].where(inside, times["instant"])
    return times.assign(**changes)


def _numbered(
    times: pd.DataFrame, settings: CalendarSettings, forms: list[Form], names: tuple[str, str]
) -> Calendar:
    """Slots and days as numbers."""
    starts = pd.concat(
        [
            times[["instant", "own"]],
            times[["later_instant", "later_own"]].set_axis(["instant", "own"], axis=1),
        ]
    ).drop_duplicates()
    starts = starts.sort_values(["instant", "own"], ignore_index=True)
    all_days = pd.concat([times["local"], times["later_local"], starts["own"]]).dt.normalize()
    days = pd.DatetimeIndex(np.sort(all_days.unique()))
    weekend = np.isin(days.day_of_week, settings.weekend) | days.isin(pd.to_datetime(list(settings.holidays)))
    day = days.get_indexer(starts["own"].dt.normalize())
    table = pd.DataFrame(
        {
            "slot": np.arange(len(starts), dtype="int32"),
            "day": day.astype("int32"),
            "hour": starts["own"].dt.hour.astype("int8"),
            "local_minute": starts["own"].dt.minute.astype("int8"),
            "instant": starts["instant"],
            "weekend": weekend[day],
        }
    )
    place = pd.MultiIndex.from_frame(starts)
    columns: dict[str, Any] = {name: times[name] for name in ("stamp_slot", "form", "part", "repeats")}
    for prefix in ("", "later_"):
        local = times[f"{prefix}local"]
        number = days.get_indexer(local.dt.normalize())
        slots = place.get_indexer(pd.MultiIndex.from_frame(times[[f"{prefix}instant", f"{prefix}own"]]))
        columns |= {
            f"{prefix}slot": slots.astype("int32"),
            f"{prefix}day": number.astype("int32"),
            f"{prefix}hour": local.dt.hour.astype("int8"),
            f"{prefix}weekend": weekend[number],
        }
    places = pd.DataFrame(columns).reset_index(drop=True)
    return Calendar(table, places, forms, list(days), *names)


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
    return _times(naive, aware, settings, 60).local


@dataclass(frozen=True)
class _Times:
    """Starts of intervals, by instants (UTC) and on the local wall clock, without a zone."""

    utc: pd.DatetimeIndex
    local: pd.DatetimeIndex
    later_utc: pd.DatetimeIndex
    """Where the second of two readings with one stamp belongs: where the clock shows the stamp again, and an hour later in the
    night in which clocks are put forward."""
    later_local: pd.DatetimeIndex
    repeats: np.ndarray
    zone: tzinfo | None
    """Of the report; None where no zone is known."""

    def wall(self, utc: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """Instants on the local wall clock."""
        return utc if self.zone is None else _wall(utc.tz_localize("UTC"), self.zone)


def _zone_names(aware: bool, settings: ReadingsSettings) -> tuple[str, str]:
    """The zone of the report and the clock of the stamps, by name."""
    if aware:
        return settings.timezone or "UTC", "UTC"
    source = settings.source_timezone or settings.timezone
    return (settings.timezone or source or LOCAL), source or LOCAL


def _times(stamps: pd.DatetimeIndex, aware: bool, settings: ReadingsSettings, minutes: int) -> _Times:
    """Where intervals of a length begin."""
    name, source_name = _zone_names(aware, settings)
    back = pd.Timedelta(minutes=minutes if settings.stamps == "end" else 0)
    # The last minute of an interval, such as 00:29, is as good an end as 00:30.
    late = (stamps.minute % 5 == 4) & (settings.stamps == "end")
    ends = stamps.where(~late, stamps.ceil("5min"))
    once = np.ones(len(stamps), dtype="int8")
    # Only in the night in which clocks are put forward can a second reading be the next hour's: see ``clean``.
    spring = [
        day for day, forward in change_days((name, source_name), stamps[0], stamps[-1]).items() if forward
    ]
    night = (stamps.hour <= _LATEST_CHANGE) & stamps.normalize().isin(spring)
    ahead = pd.to_timedelta(np.where(night, 1, 0), unit="h")
    if aware or name == LOCAL:
        here = None if name == LOCAL else zone(name, "--timezone")
        utc = ends - back
        later = utc + ahead
        times = _Times(utc, utc, later, later, once, here)
        return replace(times, local=times.wall(utc), later_local=times.wall(later))
    source = zone(source_name, "--source-timezone" if settings.source_timezone else "--timezone")
    first, second = _instants(ends, source)
    doubled = first != second
    utc, again = (instants.tz_convert("UTC").tz_localize(None) - back for instants in (first, second))
    later = again.where(doubled, utc + ahead)
    times = _Times(utc, utc, later, later, np.where(doubled, 2, once), zone(name, "--timezone"))
    local = times.wall(utc)
    if source_name == name:
        # A stamp in the hour that the spring change skips is kept as it is: the meter's own clock said so.
        local = local.where(first.tz_localize(None) == ends, ends - back)
    return replace(times, local=local, later_local=times.wall(later))


def _instants(walls: pd.DatetimeIndex, source: tzinfo) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """First and second instant at which a clock shows each time: the same but where autumn's change doubles an hour."""
    first, second = (
        walls.tz_localize(source, ambiguous=np.full(len(walls), summer), nonexistent=timedelta(hours=1))
        for summer in (True, False)
    )
    return first, second


def _wall(instants: pd.DatetimeIndex, target: tzinfo) -> pd.DatetimeIndex:
    return instants.tz_convert(target).tz_localize(None)
