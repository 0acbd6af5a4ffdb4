"""Tables of an engine elsewhere, and Parquet files that it reads itself: one row a reading, columns by the usual names."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from reporter.errors import DataError, UsageError
from reporter.findings import Finding
from reporter.readings.columns import Columns, recognise
from reporter.readings.formats import tables
from reporter.readings.formats.base import Read, Sheet
from reporter.readings.remote import RemoteEngine
from reporter.settings import ReadingsSettings
from reporter.words import listed

_SAMPLE = 200


def read(names: list[Path], engine: RemoteEngine, settings: ReadingsSettings) -> Read:
    """Tables or files as one table of readings.

    Args:
        names: of tables (``catalog.schema.table``), or addresses of Parquet files and folders, as the user gave them.
        engine: has them.
        settings: what the user mapped.

    Raises:
        UsageError: the engine reads no files.
        DataError: a table is not there, a column is missing, or it holds text where times or numbers are needed.
    """
    sheets = [_sheet(address(name), engine, settings) for name in names]
    for sheet in sheets:
        _refuse(sheet, recognise(sheet.names, settings, str(sheet.files[0]), sheet.sample))
    result = tables.read(sheets, engine, settings)
    told = listed([sheet.files[0].name for sheet in sheets])
    return replace(result, findings=[_named(finding, told) for finding in result.findings])


def address(name: Path) -> str:
    """The name as it was typed: a path folds the two slashes of a URL into one."""
    return re.sub(
        r"^([a-z][a-z0-9+.-]+):/(?!/)",
        lambda m: m[0] if m[1] in {"file", "dbfs"} else f"{m[1]}://",
        str(name),
    )


def _sheet(name: str, engine: RemoteEngine, settings: ReadingsSettings) -> Sheet:
    table = _table(name, engine)
    if settings.source_timezone is not None:
        # Warehouses keep times of a wall clock as instants too, as if it were that of UTC.
        zoned = [column for column, kind in table.schema().items() if kind.is_timestamp() and kind.timezone]
        table = table.mutate(
            **{column: table[column].cast("timestamp('UTC')").cast("timestamp") for column in zoned}
        )
    rows = engine.frame(table.head(_SAMPLE))
    return Sheet(
        names=tuple(table.columns),
        table=table,
        files=[Path(name)],
        sample=[["" if cell is None else str(cell) for cell in row] for row in rows.itertuples(index=False)],
        locate=lambda place, text: name,
    )


def _table(name: str, engine: RemoteEngine) -> Any:
    if not ("/" in name or "\\" in name or name.lower().endswith((".parquet", ".pq")) or Path(name).exists()):
        return engine.table(name)
    if not engine.reads_files:
        raise UsageError(
            f"{name}: {engine.name} reads no files; name a table of its as catalog.schema.table, or leave out --engine."
        )
    if (
        "://" not in name
        and Path(name).is_absolute()
        and not Path(name).exists()
        and Path(name).parent.exists()
    ):
        raise DataError(f"{name}: no such file; check the path.")
    return engine.parquet(name)


def _refuse(sheet: Sheet, columns: Columns) -> None:
    """Refuse what would need every engine's own way of reading text or of turning columns into rows."""
    where = sheet.files[0]
    if columns.shape != "long" or columns.time is not None:
        raise DataError(
            f"{where}: it has not one row a reading with its time in one column; make a view of customer, time and value, and name that."
        )
    stamp = sheet.column(columns.stamp).type()
    if not (stamp.is_timestamp() or stamp.is_date()):
        raise DataError(
            f"{where}: column '{columns.called(columns.stamp)}' holds {stamp}, not times; make a view that casts it to a timestamp."
        )
    for place in (columns.value, columns.export):
        if place is not None and not sheet.column(place).type().is_numeric():
            raise DataError(
                f"{where}: column '{columns.called(place)}' holds {sheet.column(place).type()}, not numbers; make a view that casts it."
            )


def _named(finding: Finding, told: str) -> Finding:
    if finding.name != "columns-recognised":
        return finding
    text = re.sub(r"^Read in [^:]*:", lambda _: f"Read in {told}:", finding.description)
    return finding.model_copy(update={"description": text})
