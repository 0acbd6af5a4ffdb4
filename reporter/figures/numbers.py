"""Numbers, units and dates as people read them: sensible digits, a unit, never exponents.

The one place for it: figures, alt texts and templates all use these functions.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reporter.words import MONTHS

NBSP = "\u00a0"
MINUS = "\u2212"
MISSING = "–"


def significant(value: float, digits: int = 3) -> str:
    """A number rounded to ``digits`` significant digits, with thousands separators: 1,240 · 0.35 · −2.1."""
    if value == 0:
        return "0"
    number = Decimal(repr(float(value)))
    places = digits - 1 - number.adjusted()
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded.adjusted() > number.adjusted() and places > 0:
        places -= 1  # 9.96 became 10.0: one digit less behind the point
    return _signed(f"{rounded:,.{max(places, 0)}f}")


def fixed(value: float, places: int = 1) -> str:
    """A number with a fixed count of decimals."""
    return _signed(f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}")


def count(value: int) -> str:
    """A whole number with thousands separators."""
    return _signed(f"{value:,d}")


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 customer``, ``2 customers``: a count with its noun."""
    return f"{count(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def percent(share: float, unit: bool = True) -> str:
    """A share of 1 in percent, without decimals unless below 1; never 0 or 100 where it is not quite."""
    suffix = f"{NBSP}%" if unit else ""
    value = abs(share) * 100
    sign = MINUS if share < 0 else ""
    if value == 0:
        return f"0{suffix}"
    if value < 0.1:
        return f"{sign}under 0.1{suffix}"
    if value < 0.95:
        return f"{sign}{fixed(value, 1)}{suffix}"
    if 99.5 <= value < 100:
        return f"{sign}over 99{suffix}"
    return f"{sign}{fixed(value, 0)}{suffix}"


def kw(value: float, digits: int = 3) -> str:
    """Power of one customer [kW]."""
    return f"{significant(value, digits)}{NBSP}kW"


def kwh(value: float, digits: int = 3) -> str:
    """Energy [kWh, MWh or GWh by size]."""
    for unit, size in (("GWh", 1e6), ("MWh", 1e3)):
        if abs(value) >= size:
            return f"{significant(value / size, digits)}{NBSP}{unit}"
    return f"{significant(value, digits)}{NBSP}kWh"


def power_unit(largest_kw: float) -> tuple[str, float]:
    """The unit for a program's power and how many kW it holds."""
    return ("MW", 1000.0) if abs(largest_kw) >= 1000 else ("kW", 1.0)


def power(value_kw: float, digits: int = 3) -> str:
    """Power of a program, in kW or MW by size."""
    unit, size = power_unit(value_kw)
    return f"{significant(value_kw / size, digits)}{NBSP}{unit}"


def power_range(low_kw: float, high_kw: float, digits: int = 3) -> str:
    """``1.6 to 2.2 MW``: both ends in one unit; a single number where they round to the same."""
    unit, size = power_unit(max(abs(low_kw), abs(high_kw)))
    low, high = significant(low_kw / size, digits), significant(high_kw / size, digits)
    return f"{low}{NBSP}{unit}" if low == high else f"{low}{NBSP}to{NBSP}{high}{NBSP}{unit}"


def percent_range(low: float, high: float) -> str:
    """``6 to 18 %``."""
    first, last = percent(low, unit=False), percent(high)
    return last if percent(low) == last else f"{first}{NBSP}to{NBSP}{last}"


def day(value: date) -> str:
    """``15 July 2026``."""
    return f"{value.day}{NBSP}{MONTHS[value.month - 1]} {value.year}"


def day_range(start: date, end: date) -> str:
    """``1 July to 30 September 2026``."""
    if start == end:
        return day(start)
    if start.year == end.year:
        return f"{start.day}{NBSP}{MONTHS[start.month - 1]} to {day(end)}"
    return f"{day(start)} to {day(end)}"


def hour_range(first: int, last: int) -> str:
    """``17 to 21 h``: from the start of the first hour to the end, an hour of the day from 1 to 24."""
    return f"{first} to {last}{NBSP}h"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def hours_listed(blocks: Sequence[tuple[int, int]]) -> str:
    """``7 to 9 h and 17 to 21 h``."""
    return listed([hour_range(first, last) for first, last in blocks])


def _signed(text: str) -> str:
    bare = text.lstrip("-")
    if not any(digit in bare for digit in "123456789"):
        return bare
    return MINUS + bare if text.startswith("-") else bare
