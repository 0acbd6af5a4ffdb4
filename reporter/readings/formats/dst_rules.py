"""ESPI's local time parameters → a time zone.

Rules are numbers of 32 bits (NAESB ESPI, ``DstRuleType``): month, operator, day of the month, day of the week, hour, second. A zone that
has the same offset and changes its clocks on the same days is taken for what is meant.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_USUAL = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Halifax",
    "America/St_Johns", "Europe/London", "Europe/Berlin", "Europe/Helsinki", "Australia/Sydney", "Australia/Adelaide",
    "Pacific/Auckland",
)  # fmt: skip


def zone_of(parameters: Mapping[str, str], year: int) -> str | None:
    """Name of the zone, or a fixed offset such as ``-07:00``, that local time parameters mean in a year; None where they make no sense.

    Args:
        parameters: ``tzOffset`` and ``dstOffset`` [s], ``dstStartRule`` and ``dstEndRule`` (hexadecimal).
        year: of the readings.
    """
    try:
        offset = int(parameters["tzOffset"])
        saving = int(parameters.get("dstOffset") or 0)
        rules = [int(parameters.get(name) or "0", 16) for name in ("dstStartRule", "dstEndRule")]
    except (KeyError, ValueError):
        return None
    if abs(offset) > 14 * 3600 or offset % 60:
        return None
    days = [_day(rule, year) for rule in rules]
    first, last = days
    if not saving or first is None or last is None or first == last:
        return f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}:{abs(offset) % 3600 // 60:02d}"
    return _zone(offset, saving, first, last)


def _day(rule: int, year: int) -> date | None:
    """The day on which a rule changes the clock."""
    month, operator = rule >> 28 & 0xF, rule >> 25 & 0x7
    day, weekday = rule >> 20 & 0x1F, (rule >> 17 & 0x7) - 1
    try:
        if operator == 0:
            return date(year, month, day)
        if weekday < 0:
            return None
        if operator == 7:
            end = date(year, month, monthrange(year, month)[1])
            return end - timedelta(days=(end.weekday() - weekday) % 7)
        start = date(year, month, day if operator == 1 else 1)
        weeks = 0 if operator == 1 else operator - 2
        return start + timedelta(days=(weekday - start.weekday()) % 7 + 7 * weeks)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _zone(offset: int, saving: int, first: date, last: date) -> str | None:
    """A zone whose clocks go by an offset, and by more from a first day to a last one."""
    for name in (*_USUAL, *sorted(available_timezones())):
        zone = ZoneInfo(name)
        if all(
            _offset(zone, day) == offset + (saving if summer else 0) for day, summer in _checks(first, last)
        ):
            return name
    return None


def _checks(first: date, last: date) -> list[tuple[date, bool]]:
    """Days before, on and after each change, and whether the clock is ahead."""
    one = timedelta(days=1)
    return [
        (first - one, False),
        (first, True),
        (first + one, True),
        (last - one, True),
        (last, False),
        (last + one, False),
    ]


def _offset(zone: ZoneInfo, day: date) -> int:
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
