"""Delimited text (CSV), also gzip: a long table with a header line."""

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from reporter.errors import DataError
from reporter.readings.columns import Columns, Unit, recognise
from reporter.readings.engine import Engine
from reporter.readings.formats.stamps import dated
from reporter.settings import ReadingsSettings

NAME = "CSV (.csv, .csv.gz)"

# Only after a time of day: the last two digits of a date alone are no offset.
_OFFSET = r"\d:\d{2}(:\d{2}(\.\d+)?)? ?([+-]\d{2}(:?\d{2})?|[Zz]|UTC)$"

_MOST_COLUMNS = 10_000


def matches(path: Path) -> bool:
    """Whether the file's name is that of a delimited text file."""
    return path.name.lower().endswith((".csv", ".csv.gz", ".tsv", ".txt.gz"))


@dataclass(frozen=True)
class _Layout:
    """How the cells of a file are laid out."""

    header: tuple[str, ...]
    delimiter: str


def read(files: list[Path], engine: Engine, settings: ReadingsSettings) -> tuple[Any, Unit, bool]:
    """The files as one table of readings, parsed once into a temporary Parquet file.

    Raises:
        DataError: a column is missing, or a time or a number can't be read; file and line are named.
    """
    layouts: dict[_Layout, list[Path]] = {}
    first_rows = []
    for file in files:
        layout, first = _first_lines(file)
        layouts.setdefault(layout, []).append(file)
        first_rows.append(first)
    first_layout = next(iter(layouts))
    columns = recognise(list(first_layout.header), settings, str(files[0]))
    for layout, members in layouts.items():
        missing = {columns.customer, columns.timestamp, columns.value} - set(layout.header)
        if missing:
            raise DataError(
                f"{members[0]}: column '{min(missing)}' is missing, which {files[0]} has; give files of one layout."
            )
    first_stamp = first_rows[0][first_layout.header.index(columns.timestamp)].strip()
    aware = bool(re.search(_OFFSET, first_stamp))
    table = ibis.union(*(_cells(engine, layout, members, columns) for layout, members in layouts.items()))
    stamp = dated(_instant(table.stamp_text) if aware else table.stamp_text.try_cast("timestamp"))
    value = table.value_text.try_cast("float64")
    # Stamps of the same length as the first have its form; only the others are looked at closely.
    like_first = (table.stamp_text.length() == len(first_stamp)) | table.stamp_text.isnull()
    other_clock = ~like_first & (table.stamp_text.re_search(_OFFSET) != ibis.literal(aware))
    stored = engine.store(
        table.select(
            "customer_id",
            stamp=stamp,
            value=value,
            # An empty cell is a missing reading; text that is no number is a broken file.
            broken_stamp=ibis.ifelse(stamp.isnull(), table.stamp_text, None),
            broken_value=ibis.ifelse(
                value.isnull() & ~table.value_text.lower().isin(["", "null", "na", "n/a"]),
                table.value_text,
                None,
            ),
            other_clock=ibis.ifelse(other_clock, table.stamp_text, None),
        ),
        "readings",
    )
    _refuse_broken(stored, engine, layouts, columns, aware)
    return stored.select("customer_id", "stamp", "value"), columns.unit, aware


def _cells(engine: Engine, layout: _Layout, files: list[Path], columns: Columns) -> Any:
    """The three columns that count, as text; found by place, so that no name of a column can mislead the engine."""
    text = engine.delimited(files, layout.delimiter, len(layout.header))

    def cell(name: str) -> Any:
        return text[text.columns[layout.header.index(name)]].strip()

    return text.select(
        customer_id=cell(columns.customer).nullif(""),
        stamp_text=cell(columns.timestamp),
        value_text=cell(columns.value),
    )


def _instant(text: Any) -> Any:
    """Text with an offset as an instant; what the engine's own cast doesn't know is brought to a form that it knows."""
    usual = (
        text.re_replace(r" ?(?:UTC|z)$", "Z")
        .re_replace(r" ([+-]\d{2}:?\d{2})$", r"\1")
        .re_replace(r"([T ]\d{1,2}:\d{2})(Z|[+-]\d{2}(?::?\d{2})?)$", r"\1:00\2")
    )
    zoned = "timestamp('UTC')"
    return ibis.coalesce(text.try_cast(zoned), usual.try_cast(zoned)).cast("timestamp")


def _refuse_broken(
    table: Any, engine: Engine, layouts: dict[_Layout, list[Path]], columns: Columns, aware: bool
) -> None:
    counts = engine.frame(
        table.aggregate(
            stamp=table.broken_stamp.min(),
            missing=table.stamp.isnull().sum(),
            value=table.broken_value.min(),
            clock=table.other_clock.min(),
            rows=table.count(),
        )
    ).iloc[0]
    if counts["rows"] == 0:
        file = next(iter(layouts.values()))[0]
        raise DataError(f"{file}: there is a header but no reading; export it again or leave it out.")
    if isinstance(counts["value"], str):
        where = _find(layouts, columns.value, counts["value"])
        raise DataError(
            f"{where}: '{_short(counts['value'])}' in column '{columns.value}' is no number; mend it or leave the cell empty."
        )
    if counts["missing"]:
        text = counts["stamp"] if isinstance(counts["stamp"], str) else ""
        where = _find(layouts, columns.timestamp, text)
        raise DataError(
            f"{where}: '{_short(text)}' in column '{columns.timestamp}' is no time that reporter reads; "
            "write times as 2026-07-01 00:30 or 2026-07-01T00:30+02:00."
        )
    if isinstance(counts["clock"], str):
        where = _find(layouts, columns.timestamp, counts["clock"])
        has, first = ("no offset from UTC", "has one") if aware else ("an offset from UTC", "has none")
        raise DataError(
            f"{where}: the time '{_short(counts['clock'])}' has {has}, but the first {first}; write all times on one clock."
        )


def _find(layouts: dict[_Layout, list[Path]], column: str, text: str) -> str:
    """File and line of the first cell with that text, for the error message."""
    for layout, files in layouts.items():
        place = layout.header.index(column)
        for file in files:
            with _open(file) as stream:
                reader = csv.reader(stream, delimiter=layout.delimiter)
                try:
                    for row in reader:
                        if len(row) > place and row[place].strip() == text and reader.line_num > 1:
                            return f"{file}, line {reader.line_num}"
                except csv.Error:
                    continue
    return str(next(iter(layouts.values()))[0])


def _short(text: str) -> str:
    """A cell for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"


def _first_lines(file: Path) -> tuple[_Layout, list[str]]:
    try:
        if file.suffix.lower() == ".gz":
            _check_whole(file)
        delimiter = _delimiter(file)
        with _open(file) as stream:
            rows = csv.reader(stream, delimiter=delimiter)
            header = next(rows, [])
            first = next((row for row in rows if row), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{file}: not readable as text ({error}); export it again as CSV in UTF-8."
        ) from error
    if not header:
        raise DataError(f"{file}: there is no header line; name the columns in the first line.")
    if len(header) > _MOST_COLUMNS:
        raise DataError(
            f"{file}: the header names {len(header):,} columns, more than readings have; export them as a long table."
        )
    if not first:
        raise DataError(f"{file}: there is a header but no reading; export it again or leave it out.")
    if len(first) < len(header):
        raise DataError(
            f"{file}, line 2: {len(first)} cells where the header names {len(header)}; mend that line."
        )
    return _Layout(tuple(name.strip() for name in header), delimiter), first


def _check_whole(file: Path) -> None:
    """Read a gzip file to its end: the engine takes what a cut one still holds, and says nothing."""
    with gzip.open(file) as stream:
        while stream.read(1 << 20):
            pass


def _open(file: Path) -> Any:
    if file.suffix.lower() == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open("r", encoding="utf-8-sig", newline="")


def _delimiter(file: Path) -> str:
    with _open(file) as stream:
        line = stream.readline(1 << 20)
    return max(",;\t|", key=line.count)
