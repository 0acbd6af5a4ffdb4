"""Events that happened: what they were worth, against baselines and a comparison group."""

from reporter.events.files import Event, Outages, read_events, read_outages
from reporter.events.rows import (
    Balance,
    BaselineRow,
    Compliance,
    Effect,
    EventHour,
    EventRow,
    EventStudy,
    SegmentEffect,
)

__all__ = [
    "Balance",
    "BaselineRow",
    "Compliance",
    "Effect",
    "Event",
    "EventHour",
    "EventRow",
    "EventStudy",
    "Outages",
    "SegmentEffect",
    "read_events",
    "read_outages",
]
