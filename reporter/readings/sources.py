"""Paths on the command line → one table of readings (``customer_id``, ``stamp``, ``value``, ``export``, ``estimated``)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import ibis

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Unit
from reporter.readings.engine import Engine
from reporter.readings.formats import delimited, parquet
from reporter.settings import ReadingsSettings, Settings

FORMATS = (parquet, delimited)


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
    files, ignored = _files(paths)
    for module in FORMATS:
        chosen = [file for file in files if module.matches(file)]
        if chosen and len(chosen) < len(files):
            other = next(file for file in files if file not in chosen)
            raise DataError(f"{chosen[0]} and {other} are of different formats; give one format at a time.")
        if chosen:
            table, unit, aware = module.read(chosen, engine, settings)
            return Source(_completed(table, unit), "kw" if unit == "kw" else "kwh", aware, chosen, ignored)
    raise DataError(f"{paths[0]}: no readings found; reporter reads {', '.join(m.NAME for m in FORMATS)}.")


def _completed(table: Any, unit: Unit) -> Any:
    """The table with all of its columns, in kWh or kW."""
    value = table.value / 1000 if unit == "wh" else table.value
    return table.select("customer_id", "stamp", value=value).mutate(
        export=lambda t: ibis.ifelse(t.value < 0, -t.value, 0.0), estimated=ibis.literal(False)
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
