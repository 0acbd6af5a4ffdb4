"""The typed, versioned result of a run (made in ``build``); everything after reads only this."""

from reporter.facts.model import (
    SCHEMA_VERSION,
    Candidate,
    Exclusion,
    Facts,
    InputFile,
    Method,
    PeakHour,
    PeakHours,
    Period,
    Quality,
    Segment,
    Selection,
    Targets,
)
from reporter.targets.catalogue import Source
from reporter.targets.rows import GainsPoint, NotTarget, Participation, ProgramRow, Strategy, Validation

__all__ = [
    "SCHEMA_VERSION",
    "Candidate",
    "Exclusion",
    "Facts",
    "GainsPoint",
    "InputFile",
    "Method",
    "NotTarget",
    "Participation",
    "PeakHour",
    "PeakHours",
    "Period",
    "ProgramRow",
    "Quality",
    "Segment",
    "Selection",
    "Source",
    "Strategy",
    "Targets",
    "Validation",
]
