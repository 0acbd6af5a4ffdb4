"""Paths on the command line → one table of readings (``customer_id``, ``stamp``, ``value``)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.errors import DataError
from reporter.readings.columns import Unit
from reporter.readings.engine import Engine
from reporter.readings.formats import delimited, parquet
from reporter.settings import ReadingsSettings

FORMATS = (parquet, delimited)


@dataclass(frozen=True)
class Source:
    """Readings as they came, before anything is left out."""

    table: Any
    """Ibis table: customer_id (string), stamp (timestamp without zone, UTC where ``aware``), value (float64)."""
    unit: Unit
    aware: bool
    files: list[Path]
    ignored: list[Path]
    """Files beside the readings that are none."""


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
            return Source(table, unit, aware, chosen, ignored)
    raise DataError(f"{paths[0]}: no readings found; reporter reads {', '.join(m.NAME for m in FORMATS)}.")


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
