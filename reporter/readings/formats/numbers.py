"""Text → numbers: decimal points and commas told apart by the numbers themselves."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import ibis

Decimal = Literal[".", ","]

_COMMA = r"^[+-]?(\d{1,3}(\.\d{3})*|\d*),\d+$"
"""A number with a decimal comma, perhaps with points between thousands."""
_THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$"
"""A number with commas between thousands: ``1,234`` could be either."""
EMPTY = ("", "null", "na", "n/a", "-", "none")
"""Cells that hold no number and mean it; nan is a number to the engine."""


def decimal(texts: Sequence[str]) -> Decimal | None:
    """The decimal sign, from some numbers; None where no number has a comma, or where it could be either."""
    comma = any(re.match(_COMMA, text.strip()) and not re.match(_THOUSANDS, text.strip()) for text in texts)
    return "," if comma else None


def parsed(text: Any, sign: Decimal | None) -> Any:
    """Text as a number, null where it is none."""
    if sign == ",":
        with_point = text.replace(".", "").replace(",", ".")
        return ibis.ifelse(
            text.re_search(r"^[+-]?\d+([.,]\d{3})*(,\d*)?$|^[+-]?,\d+$|[a-zA-Z]"), with_point, None
        ).try_cast("float64")
    plain = text.try_cast("float64")
    if sign == ".":
        return ibis.coalesce(
            plain, ibis.ifelse(text.re_search(_THOUSANDS), text.replace(",", ""), None).try_cast("float64")
        )
    return plain


def could_be_either(text: str) -> bool:
    """Whether a cell is a number with commas, decimal or between thousands."""
    return re.match(_THOUSANDS, text) is not None


def is_comma(text: Any) -> Any:
    """Whether a cell can only be a number with a decimal comma."""
    return text.re_search(_COMMA) & ~text.re_search(_THOUSANDS)


def is_either(text: Any) -> Any:
    """Whether a cell is a number with commas, decimal or between thousands."""
    return text.re_search(_THOUSANDS)
