"""Numbers in plain sentences: findings, reasons and evidence, which go to JSON and CSV as well as to the report.

What is set as type (figures, templates) has ``figures/numbers.py``, with its non-breaking spaces.
"""

import re
from collections.abc import Iterable

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""Not from the locale: the same facts give the same bytes everywhere."""


def kw(value: float) -> str:
    """A load with its unit: 0.42 kW, 12.3 kW, 1,240 kW."""
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value + 0.0:,.{digits}f} kW"


def percent(share: float) -> str:
    """A share as a percentage, without decimals unless it is below 1 %."""
    digits = 1 if 0 < share < 0.01 else 0
    return f"{100 * share:.{digits}f} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 offer, 2 offers."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """Words in a sentence: a, b and c."""
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last


def was(number: int) -> str:
    """The verb to a count."""
    return "was" if number == 1 else "were"


def without_secrets(text: str) -> str:
    """A text with the passwords and tokens of the URLs in it hidden."""
    text = re.sub(r"(\w+://[^\s:/@]*):[^\s@/]+@", r"\1:…@", text)
    return re.sub(r"(?i)([?&;][\w.-]*(?:token|passw|pwd|secret|key)[\w.-]*=)[^\s&;]+", r"\1…", text)
