"""The clock on the sample's meters: local wall time with daylight saving, and the days off work.

Meters show the wall-clock time of ``ZONE``: a spring day lacks an hour, an autumn day has one twice.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ZONE = ZoneInfo("America/New_York")

_FIXED = ((1, 1), (6, 19), (7, 4), (12, 25))
"""Month and day of holidays with a date; on a weekend, the nearest working day is off as well."""

_MONDAYS = ((1, 3), (2, 3), (5, -1), (9, 1))
"""Month and which Monday: Martin Luther King Day, Presidents' Day, Memorial Day, Labor Day."""


@dataclass(frozen=True)
class Clock:
    """The hours of one local day."""

    day: date
    hour: NDArray[np.int64]
    """(t,) wall-clock hour at the start of each of the day's 23, 24 or 25 hours."""
    since_epoch: NDArray[np.int64]
    """(t,) start of each hour, whole hours since 1970 UTC [h]."""
    saving: NDArray[np.int64]
    """(t,) how far the wall clock runs ahead of standard time [h]."""
    works: bool
    """Whether people go to work: no weekend, no holiday."""

    def starts(self, interval_minutes: int) -> NDArray[np.float64]:
        """(h,) wall-clock time at the start of each interval, hours after midnight [h]."""
        parts = 60 // interval_minutes
        return np.asarray(np.repeat(self.hour, parts) + np.tile(np.arange(parts) / parts, len(self.hour)))

    def stamps(self, interval_minutes: int) -> NDArray[np.datetime64]:
        """(h,) wall-clock stamp of each interval's start, without a zone."""
        minutes = np.rint(60 * self.starts(interval_minutes)).astype(np.int64)
        return np.asarray(np.datetime64(self.day, "s") + minutes * np.timedelta64(1, "m"))


def clock_of(day: date) -> Clock:
    """The hours of a local day."""
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=ZONE) for d in (day, day + timedelta(days=1)))
    first, last = (round(t.astimezone(UTC).timestamp()) // 3600 for t in (begin, end))
    since_epoch = np.arange(first, last)
    if last - first == 24:
        hour = np.arange(24)
        saving = np.full(24, _saving(begin))
    else:
        walls = [datetime.fromtimestamp(3600 * int(instant), ZONE) for instant in since_epoch]
        hour = np.asarray([wall.hour for wall in walls])
        saving = np.asarray([_saving(wall) for wall in walls])
    return Clock(day, hour, since_epoch, saving, day.weekday() < 5 and not is_holiday(day))


def clocks_of(start: date, days: int) -> list[Clock]:
    """The hours of each day of a period."""
    return [clock_of(start + timedelta(days=number)) for number in range(days)]


def is_holiday(day: date) -> bool:
    """Whether a day is off, also as the eve on which a New Year's Day on a Saturday is kept."""
    return day in holidays(day.year) or day in holidays(day.year + 1)


@lru_cache
def holidays(year: int) -> frozenset[date]:
    """Days off in a year, the substitute for a holiday on a weekend among them."""
    days = [_monday(year, month, which) for month, which in _MONDAYS]
    # Thanksgiving: the fourth Thursday of November is the one from the 22nd to the 28th.
    days.append(date(year, 11, 22 + (3 - date(year, 11, 22).weekday()) % 7))
    for month, number in _FIXED:
        day = date(year, month, number)
        days += [day, day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))]
    return frozenset(days)


def wall_stamps(start: date, hours: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Wall-clock stamps, to the minute, that many hours after a period's start by its clock [h].

    A time that the spring change skips becomes the one that the clock jumps to.
    """
    minutes = np.rint(60 * hours).astype(np.int64)
    walls = pd.DatetimeIndex(np.datetime64(start, "s") + minutes * np.timedelta64(1, "m"))
    told = walls.tz_localize(ZONE, ambiguous=np.ones(len(walls), dtype=bool), nonexistent="shift_forward")
    return np.asarray(told.tz_localize(None).to_numpy())


def _saving(moment: datetime) -> int:
    shift = moment.dst()
    return round(shift.total_seconds() / 3600) if shift else 0


def _monday(year: int, month: int, which: int) -> date:
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(-first.weekday()) % 7 + 7 * (which - 1))
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=last.weekday())
