"""Delimited text (CSV), also gzip: a long table with a header line."""

import csv
import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import ibis

from reporter.errors import DataError
from reporter.readings.columns import Columns, Unit, recognise
from reporter.readings.engine import Engine
from reporter.settings import ReadingsSettings

NAME = "CSV (.csv, .csv.gz)"

_OFFSET = re.compile(r"([+-]\d{2}(:?\d{2})?|Z)$")


def matches(path: Path) -> bool:
    """Whether the file's name is that of a delimited text file."""
    return path.name.lower().endswith((".csv", ".csv.gz", ".tsv", ".txt.gz"))


def read(files: list[Path], engine: Engine, settings: ReadingsSettings) -> tuple[Any, Unit, bool]:
    """The files as one table of readings, parsed once into a temporary Parquet file.

    Raises:
        DataError: a column is missing, or a time or a number can't be read; file and line are named.
    """
    samples = [_first_lines(file) for file in files]
    columns = recognise(samples[0][0], settings, str(files[0]))
    for file, (header, _) in zip(files, samples, strict=True):
        missing = {columns.customer, columns.timestamp, columns.value} - set(header)
        if missing:
            raise DataError(
                f"{file}: column '{min(missing)}' is missing, which {files[0]} has; give files of one layout."
            )
    header, first = samples[0]
    aware = bool(_OFFSET.search(first[header.index(columns.timestamp)].strip()))
    text = engine.delimited(files)
    table = text.select(
        customer_id=text[columns.customer].strip(),
        stamp_text=text[columns.timestamp].strip(),
        value_text=text[columns.value].strip(),
    )
    stamp = table.stamp_text.try_cast("timestamp('UTC')" if aware else "timestamp").cast("timestamp")
    stored = engine.store(
        table.select(
            "customer_id",
            stamp=stamp,
            value=table.value_text.try_cast("float64"),
            # An empty cell is a missing reading; text that is no number is a broken file.
            broken_stamp=ibis.ifelse(stamp.isnull(), table.stamp_text, None),
            broken_value=ibis.ifelse(
                table.value_text.try_cast("float64").isnull()
                & ~table.value_text.lower().isin(["", "null", "na", "n/a"]),
                table.value_text,
                None,
            ),
        ),
        "readings",
    )
    _refuse_broken(stored, engine, files, columns)
    return stored.select("customer_id", "stamp", "value"), columns.unit, aware


def _refuse_broken(table: Any, engine: Engine, files: list[Path], columns: Columns) -> None:
    counts = engine.frame(
        table.aggregate(
            stamps=table.broken_stamp.count(),
            stamp=table.broken_stamp.min(),
            missing=table.stamp.isnull().sum(),
            values=table.broken_value.count(),
            value=table.broken_value.min(),
            rows=table.count(),
        )
    ).iloc[0]
    if counts["rows"] == 0:
        raise DataError(f"{files[0]}: there is a header but no reading; export it again or leave it out.")
    if counts["values"]:
        file, line = _find(files, columns.value, counts["value"])
        raise DataError(
            f"{file}, line {line}: '{counts['value']}' in column '{columns.value}' is no number; mend it or leave the cell empty."
        )
    if counts["stamps"] or counts["missing"]:
        text = counts["stamp"] or ""
        file, line = _find(files, columns.timestamp, text)
        raise DataError(
            f"{file}, line {line}: '{text}' in column '{columns.timestamp}' is no time that reporter reads; "
            "write times as 2026-07-01 00:30 or 2026-07-01T00:30+02:00."
        )


def _find(files: list[Path], column: str, text: str) -> tuple[Path, int]:
    """File and line of the first cell with that text, for the error message."""
    for file in files:
        with _open(file) as stream:
            reader = csv.DictReader(stream, delimiter=_delimiter(file))
            for row in reader:
                if (row.get(column) or "").strip() == text:
                    return file, reader.line_num
    return files[0], 1


def _first_lines(file: Path) -> tuple[list[str], list[str]]:
    try:
        with _open(file) as stream:
            rows = csv.reader(stream, delimiter=_delimiter(file))
            header = next(rows, [])
            first = next((row for row in rows if row), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{file}: not readable as text ({error}); export it again as CSV in UTF-8."
        ) from error
    if not header:
        raise DataError(f"{file}: there is no header line; name the columns in the first line.")
    if not first:
        raise DataError(f"{file}: there is a header but no reading; export it again or leave it out.")
    if len(first) < len(header):
        raise DataError(
            f"{file}, line 2: {len(first)} cells where the header names {len(header)}; mend that line."
        )
    return [name.strip() for name in header], first


def _open(file: Path) -> Any:
    if file.suffix.lower() == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open("r", encoding="utf-8-sig", newline="")


def _delimiter(file: Path) -> str:
    with _open(file) as stream:
        line = stream.readline()
    return max(",;\t|", key=line.count)
