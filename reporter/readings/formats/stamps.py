"""Text → times, in every usual way of writing them; which times can be times of readings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ibis

from reporter.readings.functions import microseconds, try_strptime

FIRST, LAST = datetime(1970, 1, 2), datetime(2199, 12, 31)
"""Outside of these a stamp is a placeholder or a mistake, not the time of a smart meter's reading."""

Order = Literal["ymd", "dmy", "mdy"]
Family = Literal["iso", "numbers", "month", "compact", "epoch"]

# Only after a time of day: the last two digits of a date alone are no offset.
OFFSET = r"\d:\d{2}(:\d{2}(\.\d+)?)? ?([+-]\d{2}(:?\d{2})?|[Zz]|UTC)$"
_HALF = r"(?i)\d ?[ap]\.?m\.?$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FAMILIES: tuple[tuple[Family, str], ...] = (
    ("epoch", r"\d{10}(\d{3})?$"),
    ("compact", r"\d{8}([ T]?\d{4}(\d{2})?|[ T]?\d{1,2}:\d{2}.*)?$"),
    ("numbers", r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d{2})(?!\d)"),
    ("month", r"(?i)(\d{1,2}[- /]?)?(" + "|".join(_MONTHS) + r")[a-z]*\.?[- ,/]*\d"),
)


@dataclass(frozen=True)
class Form:
    """How times are written in a set of files."""

    family: Family
    aware: bool
    """Whether a time carries an offset from UTC."""
    like: str
    """A time of theirs; others of its length are taken to have its form."""


def dated(stamp: Any) -> Any:
    """The stamp, or null where it can't be the time of a reading."""
    return ibis.ifelse(stamp.between(ibis.timestamp(FIRST), ibis.timestamp(LAST)), stamp, None)


def form(texts: Sequence[str]) -> Form:
    """How times are written, from some of them."""
    like = next((text.strip() for text in texts if text.strip()), "")
    family: Family = next((name for name, pattern in _FAMILIES if re.match(pattern, like)), "iso")
    aware = family == "epoch" or bool(re.search(OFFSET, like))
    return Form(family, aware, like)


def parsed(text: Any, how: Form, order: Order) -> Any:
    """Text as a time: by the clock of the stamps, or in UTC where they carry an offset; null where it can't be one.

    Args:
        text: column of text.
        how: the form of the times.
        order: which of two numbers is the day, where only numbers are written.
    """
    if how.family == "epoch":
        count = text.try_cast("int64")
        return dated(microseconds(ibis.ifelse(text.length() > 10, count * 1000, count * 1_000_000)))
    usual = _usual(text, how.family, order).strip()
    if re.search(_HALF, how.like):
        times = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p", "%I %p", "%I%p")
        return dated(try_strptime(usual, ibis.literal([f"%Y-%m-%d {time}" for time in times])))
    return dated(_instant(usual) if how.aware else usual.try_cast("timestamp"))


def other_clock(text: Any, how: Form) -> Any:
    """The text where it has an offset and the others have none, or the other way round."""
    if how.family == "epoch":
        return ibis.null("string")
    # Stamps of the same length as the first have its form; only the others are looked at closely.
    like_first = (text.length() == len(how.like)) | text.isnull()
    return ibis.ifelse(~like_first & (text.re_search(OFFSET) != ibis.literal(how.aware)), text, None)


def _usual(text: Any, family: Family, order: Order) -> Any:
    """Year, month and day in that order, with dashes."""
    if family == "compact":
        return (
            text.re_replace(r"^(\d{4})(\d{2})(\d{2})[ T]?(\d{2})(\d{2})(\d{2})", r"\1-\2-\3 \4:\5:\6")
            .re_replace(r"^(\d{4})(\d{2})(\d{2})[ T]?(\d{2})(\d{2})", r"\1-\2-\3 \4:\5")
            .re_replace(r"^(\d{4})(\d{2})(\d{2})", r"\1-\2-\3")
        )
    if family == "numbers":
        day, month = (r"\1", r"\2") if order == "dmy" else (r"\2", r"\1")
        return text.re_replace(
            r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[ T,]*", rf"\3-{month}-{day} "
        ).re_replace(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})([ T,]|$)", rf"20\3-{month}-{day} ")
    if family == "month":
        numbered = text.lower()
        for number, name in enumerate(_MONTHS, 1):
            numbered = numbered.re_replace(rf"{name}[a-z]*\.?", f"<{number:02d}>")
        first, last = (
            r"^(\d{1,2})[- /]*<(\d\d)>[- ,/]*",
            r"^<(\d\d)> *(\d{1,2})(?:st|nd|rd|th)?,? *(\d{4})[, ]*",
        )
        return (
            numbered.re_replace(first + r"(\d{4})[ :t,]*", r"\3-\2-\1 ")
            .re_replace(first + r"(\d{2})(?:[ :t,]+|$)", r"20\3-\2-\1 ")
            .re_replace(last, r"\3-\1-\2 ")
        )
    return text


def _instant(text: Any) -> Any:
    """Text with an offset as an instant; what the engine's own cast doesn't know is brought to a form that it knows."""
    usual = (
        text.re_replace(r" ?(?:UTC|utc|z)$", "Z")
        .re_replace(r" ([+-]\d{2}:?\d{2})$", r"\1")
        .re_replace(r"([T ]\d{1,2}:\d{2})(Z|[+-]\d{2}(?::?\d{2})?)$", r"\1:00\2")
    )
    zoned = "timestamp('UTC')"
    return ibis.coalesce(text.try_cast(zoned), usual.try_cast(zoned)).cast("timestamp")
