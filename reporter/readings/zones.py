"""Time zones: by name or as a fixed offset, and when their clocks change."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from reporter.errors import UsageError

LOCAL = "local"
"""Name of the clock when no zone is known: local time without daylight saving."""

_ANYWHERE = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Pacific/Auckland")
"""Zones whose clocks change on the days on which nearly all clocks do that change."""

_DAY = pd.Timedelta(days=1)
_ZERO = pd.Timedelta(0)


@dataclass(frozen=True)
class Change:
    """A change of the clocks in a zone, by wall-clock times without a zone."""

    at: pd.Timestamp
    """Where the skipped or doubled time begins on the clock."""
    length: pd.Timedelta
    """How much is skipped (spring, positive) or doubled (autumn, negative)."""

    @property
    def day(self) -> pd.Timestamp:
        """The day of the change."""
        return self.at.normalize()


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
        near = _near(name)
        hint = (
            f"did you mean '{near}'?"
            if near
            else "use a name such as Europe/London or an offset such as +00:00."
        )
        raise UsageError(f"{flag}: there is no time zone '{name}'; {hint}") from error


def _near(name: str) -> str | None:
    """The zone of a city that is named without its continent, or with a mistake in writing."""
    wanted = re.sub(r"\W+", "_", name.strip()).lower()
    known = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    cities = {zone.rsplit("/", 1)[1].lower(): zone for zone in reversed(known)}
    whole = {zone.lower().replace("/", "_"): zone for zone in known}
    for names in (whole, cities):
        near = difflib.get_close_matches(wanted, names, 1, cutoff=0.85)
        if near:
            return names[near[0]]
    return None


def changes(here: tzinfo, first: pd.Timestamp, last: pd.Timestamp) -> Iterator[Change]:
    """The changes of a zone's clocks between two wall-clock times; none where the offset is fixed."""
    if not isinstance(here, ZoneInfo):
        return
    days = pd.date_range(first.floor("D"), last.floor("D") + _DAY, freq="D").tz_localize("UTC")
    offsets = np.array([day.astimezone(here).utcoffset() for day in days.to_pydatetime()])
    for place in np.flatnonzero(offsets[1:] != offsets[:-1]).tolist():
        low, high = days[place], days[place + 1]
        before = offsets[place]
        while high - low > pd.Timedelta(minutes=1):
            middle = (low + (high - low) / 2).floor("min")
            if middle.to_pydatetime().astimezone(here).utcoffset() == before:
                low = middle
            else:
                high = middle
        length = pd.Timedelta(offsets[place + 1] - before)
        wall = high.tz_localize(None) + pd.Timedelta(before)
        yield Change(wall if length > _ZERO else wall + length, length)


def change_days(names: tuple[str, ...], first: pd.Timestamp, last: pd.Timestamp) -> dict[pd.Timestamp, bool]:
    """Days on which the clocks of some zones change, ascending, and whether they are put forward; where no zone is known, those on
    which clocks change anywhere."""
    known = [name for name in names if name != LOCAL] or list(_ANYWHERE)
    found = {
        change.day: change.length > _ZERO
        for name in known
        for change in changes(zone(name, "--timezone"), first, last)
    }
    return dict(sorted(found.items()))


def standard_offset(here: ZoneInfo, around: pd.Timestamp) -> str:
    """The zone's offset without daylight saving, such as +00:00."""
    offsets = [pd.Timestamp(year=around.year, month=month, day=1, tz=here).utcoffset() for month in (1, 7)]
    minutes = min(offset for offset in offsets if offset is not None) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
