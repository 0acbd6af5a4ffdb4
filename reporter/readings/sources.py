"""Paths on the command line → one table of readings (``customer_id``, ``stamp``, ``value``, ``export``, ``estimated``)."""

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import ibis

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Unit
from reporter.readings.engine import Engine
from reporter.readings.files import find
from reporter.readings.formats import delimited, green_button, parquet
from reporter.readings.formats.base import Read
from reporter.settings import ReadingsSettings, Settings

FORMATS = (parquet, delimited, green_button)


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
    """Readings in files and folders, in whichever format they are.

    Raises:
        DataError: a path is missing or empty, nothing readable is there, or formats are mixed.
    """
    given = {path.absolute() for path in paths}
    kinds: dict[Path, ModuleType | None] = {}

    def known(file: Path) -> bool:
        kinds[file] = _format(file, settings, named=file.absolute() in given)
        return kinds[file] is not None

    found = find(paths, known, ", ".join(module.NAME for module in FORMATS))
    modules = [kinds[file] for file in found.files]
    for module in FORMATS:
        chosen = [file for file, kind in zip(found.files, modules, strict=True) if kind is module]
        if chosen and len(chosen) < len(found.files):
            other = next(file for file in found.files if file not in chosen)
            raise DataError(f"{chosen[0]} and {other} are of different formats; give one format at a time.")
        if chosen:
            return _source(module.read(chosen, engine, settings), chosen, found.ignored)
    raise AssertionError("every file found has a format")


def _format(file: Path, settings: ReadingsSettings, *, named: bool) -> ModuleType | None:
    """The format of a file, by its name and, where that says too little, by what it holds."""
    if parquet.matches(file):
        return parquet
    if delimited.matches(file):
        # Notes beside the readings are text files too.
        notes = file.suffix.lower() == ".txt" and not named
        return None if notes and not delimited.holds_a_table(file, settings) else delimited
    return green_button if green_button.matches(file) else None


def _source(read: Read, files: list[Path], ignored: list[Path]) -> Source:
    """What a format read, with all columns, in kWh or kW."""
    divisor = {"wh": 1000.0, "w": 1000.0, "mwh": 0.001}.get(read.unit)
    table = read.table
    if divisor is not None:
        scaled = [name for name in ("value", "export") if name in table.columns]
        table = table.mutate(**{name: table[name] / divisor for name in scaled})
    if "export" not in table.columns:
        table = table.mutate(export=ibis.ifelse(table.value < 0, -table.value, 0.0))
    if "estimated" not in table.columns:
        table = table.mutate(estimated=ibis.literal(False))
    return Source(
        table=table.select("customer_id", "stamp", "value", "export", "estimated"),
        unit="kw" if read.unit in {"kw", "w"} else "kwh",
        aware=read.aware,
        files=files,
        ignored=ignored,
        findings=read.findings,
        netted=read.netted,
        timezone=read.timezone,
        source_timezone=read.source_timezone,
        stamps=read.stamps,
    )


def _files(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    files: list[Path] = []
    ignored: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
            usable = [p for p in inside if _known(p)]
            if not usable:
                raise DataError(
                    f"{path}: the folder holds no readings; reporter reads {', '.join(m.NAME for m in FORMATS)}."
                )
            files += usable
            ignored += [p for p in inside if not _known(p)]
        elif path.is_file():
            if not _known(path):
                raise DataError(
                    f"{path}: not a format that reporter reads ({', '.join(m.NAME for m in FORMATS)})."
                )
            files.append(path)
        elif path.exists() or path.is_symlink():
            raise DataError(f"{path}: is neither a file nor a folder that can be read; check the path.")
        else:
            raise DataError(f"{path}: no such file or folder; check the path.")
    for file in files:
        if file.stat().st_size == 0:
            raise DataError(f"{file}: the file is empty; export it again or leave it out.")
    # One file reached by two paths is still one file.
    by_place = {file.resolve(): file for file in reversed(files)}
    return sorted(by_place.values()), ignored


def _hidden(inside: Path) -> bool:
    """Whether a path in a folder is out of sight, such as an editor's copy of the readings."""
    return any(part.startswith(".") for part in inside.parts)


def _known(path: Path) -> bool:
    return any(module.matches(path) for module in FORMATS)
