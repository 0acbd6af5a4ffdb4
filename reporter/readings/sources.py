"""Paths on the command line → one table of readings (``customer_id``, ``stamp``, ``value``, ``export``, ``estimated``)."""

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import ibis

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings import archives
from reporter.readings.columns import Unit
from reporter.readings.engine import Engine, LocalEngine
from reporter.readings.files import find
from reporter.readings.formats import delimited, green_button, nem12, parquet, warehouse
from reporter.readings.formats.base import Read
from reporter.readings.formats.text_files import first_bytes
from reporter.readings.remote import RemoteEngine
from reporter.settings import ReadingsSettings, Settings

FORMATS = (parquet, delimited, green_button, nem12)


@dataclass(frozen=True)
class Source:
    """Readings as they came, before anything is left out."""

    table: Any
    """Ibis table: customer_id (string), stamp (timestamp without zone, UTC where ``aware``), value (float64: net load, export
    negative), export (float64, zero or more: what flowed to the grid in the interval; import is value + export), estimated
    (boolean: the file says that the reading was not measured)."""
    unit: Unit
    """kWh or kW: readings in Wh are converted."""
    aware: bool
    files: list[Path]
    ignored: list[Path]
    """Files beside the readings that are none."""
    findings: list[Finding] = field(default_factory=list)
    """What was understood, assumed or ignored in reading."""
    exports_are_negative: bool = False
    """Whether what flowed to the grid is what is below zero, and nothing else."""
    flagged: bool = False
    """Whether the files tell of readings that they were not measured."""
    netted: int = 0
    """Readings of further channels that were added into others, so that they are rows no more."""
    timezone: str | None = None
    """Zone of the customers as the files state it, where the settings name none."""
    source_timezone: str | None = None
    """Clock of the stamps as the format defines it, where the settings name none."""
    stamps: Literal["start", "end"] | None = None
    """Whether a stamp starts or ends its interval, where the format defines it; the setting then has no say."""

    def timed(self, settings: Settings) -> Settings:
        """The settings, with what the files and their format say of time where the settings leave it open."""
        told = {
            "timezone": settings.readings.timezone or self.timezone,
            "source_timezone": settings.readings.source_timezone or self.source_timezone,
            "stamps": self.stamps or settings.readings.stamps,
        }
        return settings.model_copy(update={"readings": settings.readings.model_copy(update=told)})


def open_source(paths: list[Path], engine: Engine, settings: ReadingsSettings) -> Source:
    """Readings in files and folders, in whichever format they are, or in tables of an engine elsewhere.

    Raises:
        DataError: a path is missing or empty, nothing readable is there, or formats are mixed.
    """
    if isinstance(engine, RemoteEngine):
        return _source(warehouse.read(paths, engine, settings), paths, [])
    assert isinstance(engine, LocalEngine)
    given = {path.absolute() for path in paths}
    formats = ", ".join([*(module.NAME for module in FORMATS), "and ZIP files of them"])
    found = find(paths, lambda file: _is_known(file, settings, named=file.absolute() in given), formats)
    originals: dict[Path, Path] = {}
    ignored = list(found.ignored)
    names: dict[str, str] = {}
    for number, file in enumerate(found.files):
        if not archives.is_zip(file):
            originals[file] = file
            continue
        usable = 0
        for copy, name in archives.unpack(file, engine.folder / f"zip-{number}").items():
            engine.known_as(copy, Path(f"{file}/{name}"))
            names[str(copy)] = f"{file}/{name}"
            if not archives.is_zip(copy) and _format(copy, settings, named=False) is not None:
                originals[copy] = file
                usable += 1
            else:
                ignored.append(Path(f"{file}/{name}"))
        if not usable:
            raise DataError(f"{file}: there are no readings in it; reporter reads {formats}.")
    try:
        read = _read(list(originals), engine, settings)
    except DataError as error:
        # Whoever reads the sentence knows the archive, not our copy.
        text = str(error)
        for copy_name, name in names.items():
            text = text.replace(copy_name, name)
        raise type(error)(text) from error
    return _source(read, list(dict.fromkeys(originals.values())), ignored)


def _read(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    """Files of one format."""
    kinds = [_format(file, settings, named=True) for file in files]
    first = kinds[0]
    for file, kind in zip(files, kinds, strict=True):
        if kind is not first:
            raise DataError(f"{files[0]} and {file} are of different formats; give one format at a time.")
    assert first is not None
    result: Read = first.read(files, engine, settings)
    return result


def _is_known(file: Path, settings: ReadingsSettings, *, named: bool) -> bool:
    return archives.is_zip(file) or _format(file, settings, named=named) is not None


def _format(file: Path, settings: ReadingsSettings, *, named: bool) -> ModuleType | None:
    """The format of a file, by its name and by what it holds; a file of no usual name only where it was named by the user."""
    start = first_bytes(file, 512)
    if parquet.matches(file) or start.startswith(b"PAR1"):
        return parquet
    text = delimited.matches(file)
    if green_button.matches(file) or ((text or named) and green_button.holds(start)):
        return green_button if green_button.holds(start) else None
    if (text or named or nem12.matches(file)) and nem12.holds(start):
        return nem12
    # Notes beside the readings are text files too.
    if text and (named or file.suffix.lower() != ".txt"):
        return delimited
    return delimited if (text or named) and delimited.holds_a_table(file, settings) else None


def _source(read: Read, files: list[Path], ignored: list[Path]) -> Source:
    """What a format read, with all columns, in kWh or kW."""
    divisor = {"wh": 1000.0, "w": 1000.0, "mwh": 0.001}.get(read.unit)
    table = read.table
    if divisor is not None:
        scaled = [name for name in ("value", "export") if name in table.columns]
        table = table.mutate(**{name: table[name] / divisor for name in scaled})
    exports_are_negative, flagged = "export" not in table.columns, "estimated" in table.columns
    if exports_are_negative:
        table = table.mutate(export=ibis.ifelse(table.value < 0, -table.value, 0.0))
    if not flagged:
        table = table.mutate(estimated=ibis.literal(False))
    return Source(
        table=table.select("customer_id", "stamp", "value", "export", "estimated"),
        unit="kw" if read.unit in {"kw", "w"} else "kwh",
        aware=read.aware,
        files=files,
        ignored=ignored,
        findings=read.findings,
        exports_are_negative=exports_are_negative,
        flagged=flagged,
        netted=read.netted,
        timezone=read.timezone,
        source_timezone=read.source_timezone,
        stamps=read.stamps,
    )
