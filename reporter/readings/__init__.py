"""Files → Readings: a table in the engine, its calendar, and the audit of both."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.audit import REASONS, Audit, audit
from reporter.readings.calendar import Calendar, build_calendar
from reporter.readings.clean import clean
from reporter.readings.clock import told_by_stamps
from reporter.readings.columns import Unit
from reporter.readings.compact import Compact, compact
from reporter.readings.engine import Engine, open_engine
from reporter.readings.files import check_unchanged, states
from reporter.readings.lengths import Lengths, find_lengths
from reporter.readings.settled import Settled
from reporter.readings.sources import Source, open_source
from reporter.readings.system_load import SystemLoad, read_system_load
from reporter.readings.temperature import Temperature, check_temperature, read_temperature
from reporter.settings import Settings
from reporter.words import counted

if TYPE_CHECKING:
    from reporter.readings.checks import Checked

__all__ = [
    "REASONS",
    "Engine",
    "Readings",
    "SystemLoad",
    "Temperature",
    "Unit",
    "check_temperature",
    "open_engine",
    "read",
    "read_audit",
    "read_system_load",
    "read_temperature",
]


@dataclass(frozen=True)
class Readings:
    """Readings of the customers used, in the engine, with their calendar and audit."""

    table: Any
    """Ibis table: row (index into ``audit.used``), minutes, slot, day, hour, weekend, micro (value × 10⁶),
    export (what flowed to the grid × 10⁶), n (readings)."""
    settled: Settled | None
    """The same as an array, where that holds them; ``table`` is then ``None``."""
    unit: Unit
    calendar: Calendar
    audit: Audit
    files: list[Path]
    readings_used: int
    """Readings behind the table, each counted once whatever it was divided into."""
    duplicates: pd.DataFrame
    """As in ``clean.Clean``."""
    findings: list[Finding] = field(default_factory=list)
    """Findings of the audit, of the cleaning and of the checks."""
    checked: "Checked | None" = None
    """What the checks found, where they were made: see ``checks.checked``."""
    remote: bool = False
    """Whether ``files`` are tables of an engine elsewhere."""


@dataclass(frozen=True)
class Audited:
    """Readings in the engine, audited, before anything is left out."""

    source: Source
    compact: Compact
    lengths: Lengths
    calendar: Calendar
    audit: Audit


def read_audit(paths: list[Path], engine: Engine, settings: Settings) -> Audited:
    """Readings as they came, with their calendar and audit.

    Raises:
        DataError: the files can't be read.
        UsageError: a time zone is not known.
    """
    source = open_source(paths, engine, settings.readings)
    before = {} if engine.remote else states(source.files)
    settings = source.timed(settings)
    try:
        numbers = compact(source, engine, settings)
    except LookupError:
        # An id or a stamp that the pass before has not seen.
        check_unchanged(before)
        raise
    # Nothing reads the files after this. Passes over a file that grew would each have seen another.
    check_unchanged(before)
    stamps = numbers.stamps
    told, findings = told_by_stamps(numbers.by_stamp, source.aware, settings.readings)
    settings = settings.model_copy(update={"readings": told})
    lengths = find_lengths(numbers, power=source.unit == "kw", ends=told.stamps == "end", engine=engine)
    calendar = build_calendar(stamps, source.aware, told, settings.calendar, lengths.forms)
    if calendar.by_form or bool(lengths.customers["changing"].any()):
        numbers = numbers.tabled(engine)
    result = audit(source, numbers, lengths, calendar, engine, settings)
    result = replace(result, findings=[*source.findings, *findings, *result.findings])
    return Audited(source, numbers, lengths, calendar, result)


def read(
    paths: list[Path],
    engine: Engine,
    settings: Settings,
    *,
    least: int | None = None,
    chosen: frozenset[str] | None = None,
) -> Readings:
    """Readings ready for the profiles.

    Args:
        paths: files and folders.
        engine: holds them.
        settings: of the run.
        least: used customers that are needed, by default as the settings say.
        chosen: ids of the customers to use; by default all.

    Raises:
        DataError: the files can't be read, or too few customers can be used.
        UsageError: a time zone is not known.
    """
    found = read_audit(paths, engine, settings)
    source, result = found.source, found.audit
    if chosen is not None:
        result = result.keeping(chosen)
    _enough(result, source.files, settings.audit.min_customers if least is None else least)
    cleaned = clean(found.compact, found.lengths, found.calendar, result, source.unit, engine)
    findings = [*result.findings, *cleaned.findings]
    # Every pass from here on would join and settle them again; on this machine that is cheaper than writing them.
    table = engine.store(cleaned.table, "cleaned") if engine.remote else cleaned.table
    return Readings(
        table,
        cleaned.settled,
        source.unit,
        found.calendar,
        result,
        source.files,
        cleaned.readings,
        cleaned.duplicates,
        findings,
        remote=engine.remote,
    )


def _enough(result: Audit, files: list[Path], needed: int) -> None:
    used = len(result.used)
    if used >= needed:
        return
    reasons = result.customers["exclusion_reason"].value_counts()
    if len(reasons) and reasons.index[0] == "interval-too-long":
        raise DataError(
            f"{files[0]}: readings are more than an hour apart; reporter needs intervals of 5 to 60 minutes."
        )
    left_out = "; ".join(
        f"{counted(int(n), 'customer')} left out: {REASONS[str(name)]}" for name, n in reasons.items()
    )
    read_in = counted(len(result.customers), "customer")
    raise DataError(
        f"{files[0]}: {used} of {read_in} can be used, and a segmentation needs at least {needed}"
        + (f" ({left_out})" if left_out else "")
        + "; add customers or days."
    )
