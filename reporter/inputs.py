"""What a run is made from. Imports nothing, so that a command can say it before the analysis is loaded."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Inputs:
    """The files of a run."""

    readings: list[Path]
    customers: Path | None = None
    enrolment: Path | None = None
    system_load: Path | None = None
    temperature: Path | None = None
    events: Path | None = None
    outages: Path | None = None
    programs: Path | None = None
    tariff: Path | None = None
    costs: Path | None = None
    previous: Path | None = None
    """Run folder of an earlier period, whose segments keep their ids."""
    id_map: Path | None = None
    """Old and new ids, where customers were renumbered since."""
