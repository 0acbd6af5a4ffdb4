"""Parquet: single files and folders of them, a long table each, read where they are."""

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from reporter.errors import DataError
from reporter.readings.columns import Unit, recognise
from reporter.readings.engine import Engine
from reporter.readings.formats.stamps import dated
from reporter.settings import ReadingsSettings

NAME = "Parquet (.parquet)"


def matches(path: Path) -> bool:
    """Whether the file's name is that of a Parquet file."""
    return path.suffix.lower() in {".parquet", ".pq"}


def read(files: list[Path], engine: Engine, settings: ReadingsSettings) -> tuple[Any, Unit, bool]:
    """The files as one table of readings.

    Raises:
        DataError: a file is no Parquet file, or a column is missing or of the wrong type.
    """
    schemas = [_schema(file) for file in files]
    columns = recognise(list(schemas[0].names), settings, str(files[0]))
    for file, schema in zip(files, schemas, strict=True):
        for name in (columns.customer, columns.timestamp, columns.value):
            if name not in schema.names:
                raise DataError(
                    f"{file}: column '{name}' is missing, which {files[0]} has; give files of one layout."
                )
        _check(file, schema, columns.timestamp, columns.value)
    aware = _aware(files, schemas, columns.timestamp)
    table = engine.parquet(files)

    def column(name: str) -> Any:
        # By place: the engine gives another name to one of two that differ in case only.
        return table[table.columns[schemas[0].names.index(name)]]

    stamp = column(columns.timestamp)
    if aware:
        stamp = stamp.cast("timestamp('UTC')")
    customer = column(columns.customer)
    if customer.type().is_floating():
        # Whole numbers become floating where one is missing; their ids are whole all the same.
        customer = ibis.ifelse(
            customer == customer.round(), customer.try_cast("int64").cast("string"), customer.cast("string")
        )
    return (
        table.select(
            customer_id=customer.cast("string").nullif(""),
            stamp=dated(stamp.cast("timestamp")),
            value=column(columns.value).cast("float64"),
        ),
        columns.unit,
        aware,
    )


def _aware(files: list[Path], schemas: list[pa.Schema], timestamp: str) -> bool:
    """Whether the stamps carry a zone, in all files or in none."""
    aware = [schema.field(timestamp).type.tz is not None for schema in schemas]
    if any(aware) and not all(aware):
        raise DataError(
            f"{files[aware.index(True)]} has a time zone in '{timestamp}' and {files[aware.index(False)]} has none; write all times on one clock."
        )
    return aware[0]


def _schema(file: Path) -> pa.Schema:
    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{file}: not a readable Parquet file; it may be cut short, so export it again."
        ) from error


def _check(file: Path, schema: pa.Schema, timestamp: str, value: str) -> None:
    stamp_type = schema.field(timestamp).type
    if not pa.types.is_timestamp(stamp_type):
        raise DataError(
            f"{file}: column '{timestamp}' holds {stamp_type}, not timestamps; convert it or choose another with --timestamp-column."
        )
    kind = schema.field(value).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise DataError(
            f"{file}: column '{value}' holds {kind}, not numbers; convert it or choose another with --value-column."
        )
