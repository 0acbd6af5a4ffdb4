"""Columns that are the intervals of a day: ``H01`` to ``H24``, ``00:00`` to ``23:30``, ``kwh_1`` to ``kwh_96``."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reporter.readings.vocabulary import VALUE, plain

DAY = 24 * 60
_LENGTHS = (60, 30, 15, 10, 5)
_FEWEST = 23

_NAME = re.compile(
    r"(?P<prefix>.*?)"
    r"(?P<time>\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*(?:-|to)\s*\d{1,2}[:.h]\d{2}(?::\d{2})?)?(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?|\d{1,4})"
    r"(?P<suffix>\D*)",
    re.IGNORECASE,
)
# How a column says that it is the second one of that hour, in the night in which clocks go back.
_SECOND = re.compile(r"[ _]*(?:\(2\)|\(dst\)|dst|\*|b|x|bis|extra|repeat(?:ed)?)", re.IGNORECASE)


@dataclass(frozen=True)
class DayColumns:
    """Columns that hold the intervals of a day, in their order."""

    places: tuple[int, ...]
    """Where each column stands in the table."""
    ordinals: tuple[int, ...]
    """Which interval of the day each holds, the first being 0; those of an hour more lie beyond the day."""
    per_day: int
    """Intervals of a day of 24 hours."""
    prefix: str
    second_of: tuple[int, ...] = ()
    """Which intervals those beyond the day come second of, where their names say so."""


def day_columns(names: Sequence[str]) -> list[DayColumns]:
    """All sets of columns of a table that are the intervals of a day."""
    groups: dict[tuple[str, str], list[tuple[int, str, bool]]] = defaultdict(list)
    for place, name in enumerate(names):
        match = _NAME.fullmatch(name.strip())
        if match is None:
            continue
        second = bool(match["suffix"]) and _SECOND.fullmatch(match["suffix"]) is not None
        key = plain(match["prefix"]), "" if second else plain(match["suffix"])
        groups[key].append((place, match["time"], second))
    found = [_set(prefix, members) for (prefix, _), members in groups.items() if len(members) >= _FEWEST]
    return [columns for columns in found if columns is not None]


def preferred(sets: list[DayColumns]) -> list[DayColumns]:
    """Of several sets those that are named like energy: the others are flags of quality."""
    named = [
        s
        for s in sets
        if s.prefix in VALUE | {"v", "i", "h", "hr", "hour", "q", "int", "interval", "period", ""}
    ]
    return named if named and len(named) < len(sets) else sets


def _set(prefix: str, members: list[tuple[int, str, bool]]) -> DayColumns | None:
    texts = [text for _, text, second in members if not second]
    minutes = _minutes(texts)
    if minutes is None:
        minutes = _numbered(texts)
    if minutes is None:
        return None
    step = min((b - a for a, b in pairwise(sorted(set(minutes)))), default=0)
    if step not in _LENGTHS or any(minute % step for minute in minutes):
        return None
    by_text = dict(zip(texts, minutes, strict=True))
    if len(by_text) < len(texts) or any(text not in by_text for _, text, second in members if second):
        return None
    per_day = DAY // step
    first = [(place, by_text[text] // step) for place, text, second in members if not second]
    doubled = [(place, by_text[text] // step) for place, text, second in members if second]
    # A day that is an hour short or long has all the others; fewer columns are no day.
    ordinals = [ordinal for _, ordinal in first]
    complete = set(range(per_day - 60 // step)) <= set(ordinals)
    if not complete or max(ordinals) >= per_day + (0 if doubled else 60 // step):
        return None
    return DayColumns(
        places=tuple(place for place, _ in [*first, *doubled]),
        ordinals=(*ordinals, *range(per_day, per_day + len(doubled))),
        per_day=per_day,
        prefix=prefix,
        second_of=tuple(ordinal for _, ordinal in doubled),
    )


def _minutes(texts: list[str]) -> list[int] | None:
    """Starts of intervals named by the clock [minutes from midnight], or None where the names are no times."""
    times = [_clock(text) for text in texts]
    if any(time is None for time in times):
        return None
    minutes = [time for time in times if time is not None]
    if len(set(minutes)) < len(minutes):
        return None
    step = min(b - a for a, b in pairwise(sorted(minutes)))
    ranged = all(re.search(r"-|to", text) for text in texts)
    if not ranged and (min(minutes) == step or (minutes[0] == step and minutes[-1] == 0)):
        # The first name is the end of the first interval; midnight at the end of the row ends the last one.
        minutes = [(minute or DAY) - step for minute in minutes]
    return minutes


def _clock(text: str) -> int | None:
    """Minutes from midnight of a time such as 0:30, 00:30:00, 0030, 12:30 AM; of a range its start."""
    match = re.match(r"(\d{1,2})[:.h](\d{2})|(\d{2})(\d{2})$|(\d{1,2})(?=\s*[ap])", text, re.IGNORECASE)
    if match is None:
        return None
    hour = int(match[1] or match[3] or match[5])
    minute = int(match[2] or match[4] or 0)
    half = re.search(r"([ap])\.?m", text, re.IGNORECASE)
    if half:
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    return hour * 60 + minute if hour <= 25 and minute < 60 else None


def _numbered(texts: list[str]) -> list[int] | None:
    """Starts of intervals that are counted through the day [minutes from midnight], or None where they are not."""
    if not all(text.isdigit() for text in texts):
        return None
    numbers = [int(text) for text in texts]
    first, last = min(numbers), max(numbers)
    if first > 1 or len(set(numbers)) != len(numbers) or last - first + 1 != len(numbers):
        return None
    for length in _LENGTHS:
        per_hour = 60 // length
        if abs(len(numbers) - DAY // length) in {0, per_hour}:
            return [(number - first) * length for number in numbers]
    return None
