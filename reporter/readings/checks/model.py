"""What a check is, and what it found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Severity
from reporter.settings import AuditSettings

Values = NDArray[np.float64]
"""(customers,) how much of it each customer has; NaN where a customer is not affected."""

Scope = Literal["readings", "order"]
"""Whether sums over all readings answer a check, or the readings must be seen in their order."""


@dataclass(frozen=True)
class Block:
    """Some customers' readings in their order, on an even grid of one length of interval."""

    rows: NDArray[np.int64]
    """(m,) index into the customers used."""
    minutes: int
    kw: NDArray[np.float32]
    """(m, intervals) mean load [kW]; NaN where there is no reading."""
    hour: NDArray[np.int8]
    """(intervals,) local hour."""
    day: NDArray[np.int64]
    """(intervals,) index into ``Calendar.dates``."""


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong with a customer's readings."""

    name: str
    severity: Severity
    """Where it concerns many: see ``many``."""
    scope: Scope
    find: Callable[[Any, AuditSettings], Values]
    """From the sums of all customers (a frame) or from a ``Block``."""
    setting: str | None
    """Field of ``AuditSettings`` that is its threshold."""
    unit: str
    """What the value of an affected customer counts."""
    what: str
    """What an affected customer has, after "customers": "have a gap of more than 48 hours"; ``{limit}`` is the setting."""
    many: float = 0.01
    """Share of the customers looked at from which it has its severity; below that it is good to know."""


@dataclass(frozen=True)
class Result:
    """What a check found."""

    check: Check
    severity: Severity
    customers: int
    looked_at: int
    limit: float | None
    sentence: str


@dataclass(frozen=True)
class Repair:
    """Readings that were left out or changed, and how."""

    name: str
    readings: int
    description: str


@dataclass(frozen=True)
class Checked:
    """All checks of a set of readings."""

    results: list[Result]
    affected: pd.DataFrame
    """customer_id, check, value, unit: one row a customer and check."""
    repairs: list[Repair]
    mode: Literal["fast", "full"]
    order_sample: int
    """Customers whose readings were looked at in their order."""
