"""Delimited text (CSV), also gzip and zstd: any delimiter, quotes, byte order mark, lines above the header."""

import contextlib
import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Columns, recognise
from reporter.readings.engine import LocalEngine, NotUtf8Error, filename
from reporter.readings.formats import tables, text_files
from reporter.readings.formats.base import Read, Sheet
from reporter.readings.formats.text_files import TextFile
from reporter.readings.vocabulary import CUSTOMER, plain
from reporter.settings import ReadingsSettings
from reporter.words import counted

NAME = "CSV (.csv, .csv.gz, .csv.zst)"

_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 50_000
_HEADER_WITHIN = 40
"""Lines in which a header is looked for: exports put names, addresses and accounts above it."""
_SAMPLE = 200
_LINE = 1 << 21
"""Longest line, as for the engine."""


def matches(path: Path) -> bool:
    """Whether the file's name is that of a delimited text file."""
    name = re.sub(r"\.(gz|zst|zstd)$", "", path.name.lower())
    return name.endswith((".csv", ".tsv", ".psv", ".txt", ".tab"))


@dataclass(frozen=True)
class _Layout:
    """How the cells of a file are laid out."""

    header: tuple[str, ...]
    delimiter: str
    skip: int
    compression: str
    one_customer: bool


@dataclass(frozen=True)
class _Start:
    """What the first lines of a file tell."""

    layout: _Layout
    rows: list[list[str]]
    customer: str | None
    """The account that the lines above the header name."""


def read(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    """The files as one table of readings, parsed once into a temporary Parquet file.

    Raises:
        DataError: a column is missing, or a time or a number can't be read; file and line are named.
    """
    texts = [text_files.prepare(file, engine, settings.encoding, n) for n, file in enumerate(files)]
    try:
        return _read(texts, engine, settings)
    except NotUtf8Error:
        if settings.encoding is not None:
            raise
        # The first megabyte of a file looked like UTF-8 and the rest is not.
        latin = [
            text if text_files.is_utf8(text) else _as_latin(text, engine, len(files) + n)
            for n, text in enumerate(texts)
        ]
        return _read(latin, engine, settings)


def _as_latin(text: TextFile, engine: LocalEngine, number: int) -> TextFile:
    return replace(text_files.prepare(text.file, engine, "cp1252", number), assumed=True)


def holds_a_table(file: Path, settings: ReadingsSettings) -> bool:
    """Whether a text file beside the readings has a header that is understood."""
    compression = text_files.compression_of(file)
    try:
        return _start(TextFile(file, file, compression, "utf-8", assumed=False), settings) is not None
    except (DataError, *text_files.BROKEN):
        return False


def _read(texts: list[TextFile], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    layouts: dict[_Layout, list[tuple[TextFile, _Start]]] = {}
    for text in texts:
        start = _start(text, settings)
        layouts.setdefault(start.layout, []).append((text, start))
    sheets = [_sheet(layout, members, engine) for layout, members in layouts.items()]
    result = tables.read(sheets, engine, settings)
    return replace(result, findings=[*_encodings(texts), *result.findings])


def _sheet(layout: _Layout, members: list[tuple[TextFile, _Start]], engine: LocalEngine) -> Sheet:
    texts = [text for text, _ in members]
    table = engine.delimited(
        [text.path for text in texts],
        layout.delimiter,
        len(layout.header),
        skip=layout.skip,
        compression=layout.compression,
        by_file=layout.one_customer,
    )

    def locate(place: int, text: str) -> str:
        return _locate(texts, layout, place, text)

    customers = {filename(text.path): start.customer or _stem(text.file) for text, start in members}
    return Sheet(
        names=layout.header,
        table=table,
        files=[text.file for text in texts],
        sample=[row for _, start in members[:5] for row in start.rows],
        locate=locate,
        customers=customers if layout.one_customer else {},
    )


def _stem(file: Path) -> str:
    return re.sub(r"(\.(csv|tsv|psv|txt|tab))?(\.(gz|zst|zstd))?$", "", file.name, flags=re.IGNORECASE)


def _start(text: TextFile, settings: ReadingsSettings) -> _Start:
    """Find the header, and how cells are told apart, in the first lines."""
    try:
        lines = _lines(text)
        candidates = sorted(
            _DELIMITERS, key=lambda sign: -max((line.count(sign) for line in lines), default=0)
        )
        found = [
            start for sign in candidates if (start := _with_header(text, lines, sign, settings)) is not None
        ]
        start = max(found, key=lambda s: len(s.layout.header)) if found else _plain_start(text, lines)
    except text_files.BROKEN as error:
        raise DataError(
            f"{text.file}: not readable as text ({' '.join(str(error).split())[:120]}); export it again as CSV in UTF-8."
        ) from error
    _check(start, text.file)
    return start


def _lines(text: TextFile) -> list[str]:
    """The first lines, as they come; a line that never ends is cut."""
    with text.open() as stream:
        lines: list[str] = []
        size = 0
        while len(lines) < _SAMPLE + _HEADER_WITHIN and size < 4 * _LINE:
            line = stream.readline(_LINE)
            if not line:
                break
            lines.append(line)
            size += len(line)
            if len(line) >= _LINE and not line.endswith(("\n", "\r")):
                break
    return lines


def _with_header(
    text: TextFile, lines: list[str], delimiter: str, settings: ReadingsSettings
) -> _Start | None:
    """The first line whose names are understood as those of readings, or None."""
    rows = _rows(lines, delimiter)
    above: list[list[str]] = []
    for n, (_, row) in enumerate(rows[:_HEADER_WITHIN]):
        header = tuple(name.strip() for name in row)
        if len(header) > 1 and len(header) <= _MOST_COLUMNS:
            sample = [r for _, r in rows[n + 1 : n + 1 + _SAMPLE] if r]
            columns = _understood(header, settings, text.file, sample, may_be_one=_may_be_one(header))
            if columns is not None:
                first = rows[n - 1][0] if n else 0
                skip = first if any(any(cell.strip() for cell in r) for r in above) else 0
                layout = _Layout(
                    header,
                    delimiter,
                    skip,
                    text.compression,
                    columns.customer is None and not columns.customers,
                )
                return _Start(layout, sample, _account(above))
        above.append(row)
    return None


def _may_be_one(header: Sequence[str]) -> bool:
    """Whether a table is one of those that utilities give a customer, Green Button's CSV: date, start and end of each interval."""
    names = {plain(name) for name in header}
    return {"date", "starttime", "endtime"} <= names


def _understood(
    header: Sequence[str],
    settings: ReadingsSettings,
    file: Path,
    sample: list[list[str]],
    *,
    may_be_one: bool,
) -> Columns | None:
    try:
        return recognise(header, settings, str(file), sample, one_customer=may_be_one)
    except DataError:
        return None


def _rows(lines: list[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows with the number of their last line."""
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    with contextlib.suppress(csv.Error):
        rows.extend((reader.line_num, row) for row in reader)
    return rows


def _account(above: list[list[str]]) -> str | None:
    """The account or meter that a line above the header names."""
    for row in above:
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) == 2 and plain(cells[0]) in CUSTOMER:
            return cells[1]
    return None


def _plain_start(text: TextFile, lines: list[str]) -> _Start:
    """Without a header that is understood: the first line with anything in it, for the message."""
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = [row for _, row in _rows(lines, delimiter)]
    header_at = next((n for n, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    header = tuple(name.strip() for name in rows[header_at]) if header_at is not None else ()
    sample = [row for row in rows[(header_at or 0) + 1 :] if row]
    one = False
    return _Start(_Layout(header, delimiter, 0, text.compression, one), sample, None)


def _check(start: _Start, file: Path) -> None:
    header = start.layout.header
    if not header:
        raise DataError(f"{file}: there is no header line; name the columns in the first line.")
    if len(header) > _MOST_COLUMNS:
        raise DataError(
            f"{file}: the header names {len(header):,} columns or more, more than readings have; export them as a long table."
        )
    first = next((row for row in start.rows if row), None)
    if first is None:
        raise DataError(f"{file}: there is a header but no reading; export it again or leave it out.")
    if len(first) < len(header):
        line = start.layout.skip + 2
        raise DataError(
            f"{file}, line {line}: {counted(len(first), 'cell')} where the header names {len(header)}; mend that line."
        )


def _locate(texts: list[TextFile], layout: _Layout, place: int, wanted: str) -> str:
    """File and line of the first cell with that text, for the error message; empty where there is none."""
    for text in texts:
        with text.open() as stream:
            for _ in range(layout.skip):
                stream.readline()
            reader = csv.reader(stream, delimiter=layout.delimiter)
            try:
                for row in itertools.islice(reader, 1, None):
                    if len(row) > place and row[place].strip() == wanted:
                        return f"{text.file}, line {layout.skip + reader.line_num}"
            except (csv.Error, *text_files.BROKEN):
                continue
    return ""


def _encodings(texts: list[TextFile]) -> list[Finding]:
    assumed = [text for text in texts if text.assumed]
    if not assumed:
        return []
    names = ", ".join(sorted({text.encoding.replace("cp1252", "Windows-1252").upper() for text in assumed}))
    return [
        Finding(
            name="encoding-assumed",
            severity="warning",
            description=f"{counted(len(assumed), 'file')} not in UTF-8, read as {names} (first: {assumed[0].file.name}): letters with "
            "accents in customer ids may be wrong. Give --encoding.",
            data={"files": len(assumed), "encoding": names},
        )
    ]
