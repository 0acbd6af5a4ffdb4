"""Numbers, units and dates as people read them: sensible digits, a unit, never exponents.

The one place for it: figures, alt texts and templates all use these functions. They write as the `Speech` says
that is in force (`speaking`): its locale decides on separators, dates and currency, its words stand between numbers.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

NBSP = "\u00a0"
MINUS = "\u2212"
MISSING = "–"
_NARROW_NBSP = "\u202f"  # what some locales group with; the typeface has none


@dataclass(frozen=True)
class Speech:
    """How numbers and dates are written."""

    locale: str = "en-GB"
    """As in BCP 47, of those that Babel knows."""
    to: str = "to"
    """Between the ends of a range."""
    conjunction: str = "and"
    """Before the last of a list."""
    under: str = "under"
    over: str = "over"

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma comes before the decimals, so that it can't part the cells of a table as well."""
        return _decimal_sign(self.locale) == ","


_DEFAULT = Speech()
_speech: ContextVar[Speech] = ContextVar("speech", default=_DEFAULT)


@contextmanager
def speaking(speech: Speech) -> Iterator[None]:
    """Numbers and dates as this speech has them, and as before at the end."""
    token = _speech.set(speech)
    try:
        yield
    finally:
        _speech.reset(token)


@cache
def _locale(name: str) -> "Locale":
    from babel import Locale

    return Locale.parse(name.replace("-", "_"))


@cache
def _decimal_sign(name: str) -> str:
    from babel.numbers import get_decimal_symbol

    return str(get_decimal_symbol(_locale(name)))


@cache
def _pattern(name: str, places: int) -> "NumberPattern":
    from babel.numbers import NumberPattern

    usual = _locale(name).decimal_formats[None]
    return NumberPattern(
        "#,##0", usual.prefix, usual.suffix, usual.grouping, (1, 309), (places, places), None, None
    )


def _written(number: Decimal) -> str:
    """A number, rounded already, with the separators of the locale; no zero has a sign."""
    name = _speech.get().locale
    places = max(-int(number.as_tuple().exponent), 0)
    text = str(_pattern(name, places).apply(abs(number), _locale(name))).replace(_NARROW_NBSP, NBSP)
    return MINUS + text if number < 0 else text


def significant(value: float, digits: int = 3) -> str:
    """A number rounded to ``digits`` significant digits, with thousands separators: 1,240 · 0.35 · −2.1."""
    return "0" if value == 0 else _written(_rounded(value, digits))


def _rounded(value: float, digits: int) -> Decimal:
    number = Decimal(repr(float(value)))
    places = digits - 1 - number.adjusted()
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded.adjusted() > number.adjusted() and places > 0:
        places -= 1  # 9.96 became 10.0: one digit less behind the point
    return rounded.quantize(Decimal(1).scaleb(-max(places, 0)))


def fixed(value: float, places: int = 1) -> str:
    """A number with a fixed count of decimals."""
    return _written(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def count(value: int) -> str:
    """A whole number with thousands separators."""
    return _written(Decimal(int(value)))


def money(value: float, currency: str, digits: int = 3) -> str:
    """An amount, rounded to ``digits`` significant digits, in a currency named as in ISO 4217: £1,240 · 1.240 €."""
    from babel.numbers import parse_pattern

    name = _speech.get().locale
    amount = _rounded(value, digits) if value else Decimal(0)
    places = max(-int(amount.as_tuple().exponent), 0)
    # Dollars and a tenth are not how prices are written.
    places = 2 if places == 1 else places
    pattern = parse_pattern(_locale(name).currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    text = str(pattern.apply(abs(amount), _locale(name), currency=currency, currency_digits=False))
    text = text.replace(_NARROW_NBSP, NBSP).replace(" ", NBSP)
    return MINUS + text if amount < 0 else text


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
        return f"{sign}{_speech.get().under} {fixed(0.1)}{suffix}"
    if value < 0.95:
        return f"{sign}{fixed(value, 1)}{suffix}"
    if 99.5 <= value < 100:
        return f"{sign}{_speech.get().over} 99{suffix}"
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
    return f"{low}{NBSP}{unit}" if low == high else f"{low}{NBSP}{_speech.get().to}{NBSP}{high}{NBSP}{unit}"


def percent_range(low: float, high: float) -> str:
    """``6 to 18 %``."""
    first, last = percent(low, unit=False), percent(high)
    return last if percent(low) == last else f"{first}{NBSP}{_speech.get().to}{NBSP}{last}"


def day(value: date) -> str:
    """``15 July 2026``."""
    from babel.dates import format_date

    text = format_date(value, "long", _locale(_speech.get().locale))
    return text.replace(" ", NBSP, 1) if text[:1].isdigit() else text


def day_range(start: date, end: date) -> str:
    """``1 July to 30 September 2026``."""
    if start == end:
        return day(start)
    return f"{_day_of_year(start) if start.year == end.year else day(start)} {_speech.get().to} {day(end)}"


def _day_of_year(value: date) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton("MMMMd", value, locale=_locale(_speech.get().locale))).replace(" ", NBSP)


def hour_range(first: int, last: int) -> str:
    """``17 to 21 h``: from the start of the first hour to the end, an hour of the day from 1 to 24."""
    return f"{first} {_speech.get().to} {last}{NBSP}h"


def listed(parts: Sequence[str], last: str | None = None) -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last or _speech.get().conjunction} {parts[-1]}"


def hours_listed(blocks: Sequence[tuple[int, int]]) -> str:
    """``7 to 9 h and 17 to 21 h``."""
    return listed([hour_range(first, last) for first, last in blocks])


_NUMBER = re.compile(
    r"(?<![\w.,:/=\-])(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?(?![\w/=\-]|[.,:]\d)", re.ASCII
)


def respoken(text: str) -> str:
    """A sentence that the run wrote down, its numbers (1,240 or 0.35) as the speech in force writes them."""
    if _speech.get().locale == _DEFAULT.locale:
        return text

    def written(found: re.Match[str]) -> str:
        if "," not in found["whole"] and not found["rest"]:
            return found[0]  # a year or a plain whole number
        return _written(Decimal(found[0].replace(",", "")))

    return _NUMBER.sub(written, text)
