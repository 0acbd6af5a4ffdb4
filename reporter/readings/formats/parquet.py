"""Parquet: single files, folders of them and hive-style partitions, read where they are."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reporter.errors import DataError
from reporter.readings.columns import FILENAME
from reporter.readings.engine import LocalEngine, filename
from reporter.readings.formats import tables
from reporter.readings.formats.base import Read, Sheet
from reporter.settings import ReadingsSettings

NAME = "Parquet (.parquet)"

_SAMPLE = 200
_ROWS_PER_BYTE = 5_000
"""More rows than these in a byte are a trap: the same reading over and over still takes a bit in some thousands."""


def matches(path: Path) -> bool:
    """Whether the file's name is that of a Parquet file."""
    return path.suffix.lower() in {".parquet", ".pq"}


def read(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    """The files as one table of readings.

    Raises:
        DataError: a file is no Parquet file, or a column is missing or of the wrong type.
    """
    layouts: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        schema = _schema(file)
        key = tuple(f"{name}: {kind}" for name, kind in zip(schema.names, schema.types, strict=True))
        layouts.setdefault(key, []).append(file)
    return tables.read([_sheet(members, engine, settings) for members in layouts.values()], engine, settings)


def _sheet(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Sheet:
    by_file = settings.customer_column == FILENAME
    table = engine.parquet(files, by_file=by_file)
    names = tuple(name for name in table.columns if not (by_file and name == FILENAME))
    rows = engine.frame(table.head(_SAMPLE))
    sample = [["" if cell is None else str(cell) for cell in row] for row in rows.itertuples(index=False)]
    return Sheet(
        # The engine gives another name to one of two that differ in case only.
        names=_own_names(names, files[0]),
        table=table,
        files=files,
        sample=[row[: len(names)] for row in sample],
        locate=lambda place, text: str(files[0]),
        customers={filename(file): file.stem for file in files} if by_file else {},
    )


def _own_names(names: tuple[str, ...], file: Path) -> tuple[str, ...]:
    """The names as the file has them, and then those of partitions."""
    own = tuple(pq.read_schema(file).names)
    return (*own, *names[len(own) :])


def _schema(file: Path) -> pa.Schema:
    try:
        meta = pq.read_metadata(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{file}: not a readable Parquet file; it may be cut short, so export it again."
        ) from error
    if meta.num_rows > _ROWS_PER_BYTE * file.stat().st_size:
        raise DataError(
            f"{file}: {meta.num_rows:,} rows in {file.stat().st_size:,} bytes are no readings; export it again."
        )
    return meta.schema.to_arrow_schema()
