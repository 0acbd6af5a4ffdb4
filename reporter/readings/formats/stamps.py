"""Which times can be times of readings."""

from datetime import datetime
from typing import Any

import ibis

FIRST, LAST = datetime(1970, 1, 2), datetime(2199, 12, 31)
"""Outside of these a stamp is a placeholder or a mistake, not the time of a smart meter's reading."""


def dated(stamp: Any) -> Any:
    """The stamp, or null where it can't be the time of a reading."""
    return ibis.ifelse(stamp.between(ibis.timestamp(FIRST), ibis.timestamp(LAST)), stamp, None)
