"""NEM12 (AEMO's Meter Data File Format) by the library nemreader, in pieces, so that memory doesn't grow with the file.

An NMI is a customer. Registers E are import and registers B are export; reactive energy, volts and the rest are not load. Times are
Australian Eastern Standard Time all year, and begin their interval. The library skips records that it can't read and says so in its
log; here such a record ends the reading, with its line.
"""

import csv
import itertools
import logging
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.engine import LocalEngine
from reporter.readings.formats import channels, quality, stamps
from reporter.readings.formats.base import Read
from reporter.readings.formats.text_files import BROKEN, compression_of, opened
from reporter.readings.functions import microseconds
from reporter.settings import ReadingsSettings
from reporter.words import counted

NAME = "NEM12 (.csv, .zip)"

_CLOCK = "+10:00"
_ENERGY = {"kwh": 1.0, "wh": 1000.0, "mwh": 0.001}
_LENGTHS = {5, 10, 15, 20, 30, 60}
_PIECE = 500
"""Records of a day that are parsed at a time."""
_LINE = 1 << 16
_ROWS = 200_000
_FLAG = re.compile(r"([AEFNSV])(\d{0,2})")
_NAMES = {"A": "actual", "E": "forward estimate", "F": "final substitute", "N": "no data", "S": "substitute"}
_ESTIMATED = "EFS"
_SCHEMA = pa.schema(
    [
        ("customer", pa.int32()),
        ("channel", pa.int16()),
        ("minutes", pa.int16()),
        ("start", pa.int64()),
        ("value", pa.float64()),
        ("flag", pa.int8()),
    ]
)


def matches(path: Path) -> bool:
    """Whether the file's name is one that NEM12 files have beside those of delimited text."""
    return path.name.lower().endswith((".nem12", ".nem", ".dat"))


def holds(start: bytes) -> bool:
    """Whether the first bytes of a file are those of NEM12 or NEM13, with their header or without."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return re.match(rb'"?100"?,"?NEM|"?200"?,[^,\n]*,([^,\n]*,){5}"?[A-Za-z]*"?,"?\d+"?,', text) is not None


@dataclass
class _Found:
    """Registers and flags of all files so far."""

    customers: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)


class _Rows:
    """Readings on their way to a Parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self.columns = self._empty()

    def flush(self, least: int = 1) -> None:
        if len(self.columns[0]) < least:
            return
        arrays = [pa.array(column, kind) for column, kind in zip(self.columns, _SCHEMA.types, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=_SCHEMA))
        self.columns = self._empty()

    def close(self) -> None:
        self.flush()
        self._writer.close()

    @staticmethod
    def _empty() -> tuple["array[Any]", ...]:
        return tuple(array(kind) for kind in "ihhqdb")


def read(files: list[Path], engine: LocalEngine, settings: ReadingsSettings) -> Read:
    """The files as one table of readings.

    Raises:
        DataError: a file is NEM13, or a record can't be read; its line is named.
    """
    rows = _Rows(engine.folder / "nem12.parquet")
    found = _Found()
    for file in files:
        for first, lines in _pieces(file):
            _parse(file, first, lines, found, rows)
            rows.flush(_ROWS)
    rows.close()
    if not found.customers:
        what = f" (its registers {', '.join(sorted(found.ignored))} are no energy)" if found.ignored else ""
        raise DataError(
            f"{files[0]}: there is no interval reading of energy in it{what}; ask for registers E or B."
        )
    table, netted, back = _table(rows, found, engine, settings)
    return Read(
        table=table,
        unit="kwh",
        aware=False,
        findings=[*_findings(files, found, settings), *([channels.said(settings)] if back else [])],
        netted=netted,
        source_timezone=_CLOCK,
        stamps="start",
    )


def _pieces(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The file's lines in pieces that can be parsed alone, each with the number of its first line.

    A piece begins with a record 200, repeated where a register has more days than a piece.
    """
    header = register = ""
    lines: list[str] = []
    first = days = number = 0
    ended = False
    try:
        with opened(file, compression_of(file)) as stream:
            for number in itertools.count(1):
                raw = stream.readline(_LINE)
                if not raw:
                    break
                if len(raw) == _LINE:
                    raise DataError(
                        f"{file}, line {number}: the line is longer than any record; ask for the file again."
                    )
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip().replace("\0", "")
                kind = line.partition(",")[0].strip('" ')
                if kind == "100":
                    header = _header(file, number, line)
                    continue
                if kind == "900" or not line:
                    ended = ended or kind == "900"
                    continue
                if not header:
                    raise DataError(
                        f"{file}, line {number}: the header (record 100) of NEM12 is missing; ask for the whole file."
                    )
                ended = False
                if lines and days >= _PIECE and kind in {"200", "300"}:
                    yield first, lines
                    # The record of the register once more, without moving the numbers of lines.
                    lines, days = ([register], 0) if kind == "300" else ([], 0)
                    first = number - len(lines)
                if kind == "200":
                    register = line
                if not lines:
                    first = number
                # Empty lines keep the numbers of lines right.
                lines += [""] * (number - first - len(lines))
                lines.append(line)
                days += kind == "300"
    except BROKEN as error:
        raise DataError(
            f"{file}, line {number}: not readable as text ({error}); ask for the file again."
        ) from error
    if not header:
        raise DataError(f"{file}: the header (record 100) of NEM12 is missing; ask for the whole file.")
    if not ended:
        raise DataError(
            f"{file}: the end (record 900) is missing, so the file may be cut short; ask for it again."
        )
    if lines:
        yield first, lines


def _header(file: Path, number: int, line: str) -> str:
    version = next(iter(line.split(",")[1:2]), "").strip('" ').upper()
    if version == "NEM13":
        raise DataError(
            f"{file}: NEM13 holds accumulated readings, a few a year; ask for interval data (NEM12)."
        )
    if version != "NEM12":
        raise DataError(
            f"{file}, line {number}: '{version[:20]}' is no version of the format that reporter reads (NEM12)."
        )
    return line


def _parse(file: Path, first: int, lines: list[str], found: _Found, rows: _Rows) -> None:
    """Some records of a file, by the library."""
    from nemreader.nem_reader import parse_nem12_rows

    try:
        records = list(csv.reader(lines))
    except csv.Error as error:
        raise DataError(
            f"{file}, from line {first}: not readable as CSV ({error}); ask for the file again."
        ) from error
    if len(records) != len(lines):
        raise DataError(f"{file}, line {first}: a quotation mark is left open; ask for the file again.")
    _check(file, first, records)
    with _log() as told:
        try:
            readings = parse_nem12_rows(records, file_name=str(file)).readings
        except Exception as error:
            # The library's own sentence names the line; what else it raises on broken records is not documented.
            line = re.search(r"line (\d+)", str(error))
            cause = str(error.__cause__ or error) or type(error).__name__
            where = f"{file}, line {first + int(line[1]) - 1}" if line else f"{file}, from line {first}"
            raise DataError(
                f"{where}: no record of NEM12 that can be read ({_short(cause)}); ask for the file again."
            ) from error
    for record in told:
        _refuse_log(file, first, record)
    for nmi, registers in readings.items():
        for suffix, values in registers.items():
            _add(file, nmi.strip(), suffix.strip().upper(), values, found, rows)


def _check(file: Path, first: int, records: list[list[str]]) -> None:
    """Refuse days whose number of values is not that of their register: the library skips the shorter, and cuts the longer."""
    length = 0
    for line, record in enumerate(records, first):
        kind = record[0].strip() if record else ""
        if kind == "200":
            text = record[8].strip() if len(record) > 8 else ""
            length = int(text) if re.fullmatch(r"\d{1,2}", text) else 0
            if length not in _LENGTHS:
                raise DataError(
                    f"{file}, line {line}: '{_short(text)}' is no interval length of a register (5, 15 or 30 minutes); ask for the file again."
                )
        elif kind == "300" and length:
            place = 2 + 24 * 60 // length
            if place >= len(record) or not _FLAG.fullmatch(record[place].strip()):
                raise DataError(
                    f"{file}, line {line}: a day of another number of values than the {place - 2} that its interval length asks for; "
                    "ask for the file again."
                )


def _add(file: Path, nmi: str, suffix: str, readings: list[Any], found: _Found, rows: _Rows) -> None:
    """The readings of a register, where it is one of energy."""
    if not readings:
        return
    if not re.fullmatch(r"[EB]\w?", suffix) or readings[0].uom.strip().lower() not in _ENERGY:
        found.ignored[suffix or "?"] += len(readings)
        return
    customer = found.customers.setdefault(nmi, len(found.customers))
    channel = found.channels.setdefault(suffix, len(found.channels))
    customers, places, minutes, starts, values, flags = rows.columns
    for reading in readings:
        unit = _ENERGY.get(reading.uom.strip().lower(), 1.0)
        length = int((reading.t_end - reading.t_start).total_seconds()) // 60
        flag = _FLAG.fullmatch((reading.quality_method or "").strip())
        if flag is None or flag[1] == "V":
            raise DataError(
                f"{file}: on {reading.t_start.date()} no record 400 says of what quality the readings of {nmi[:20]} are; ask for the file again."
            )
        found.flags[flag[1]] += 1
        customers.append(customer)
        places.append(channel)
        minutes.append(length)
        starts.append(int((reading.t_start - _EPOCH).total_seconds()))
        missing = reading.read_value is None or flag[1] == "N"
        values.append(float("nan") if missing else reading.read_value / unit)
        flags.append(flag[1] in _ESTIMATED)


_EPOCH = pd.Timestamp(1970, 1, 1).to_pydatetime()


def _table(
    rows: _Rows, found: _Found, engine: LocalEngine, settings: ReadingsSettings
) -> tuple[Any, int, bool]:
    """Readings with the registers of an NMI added up, how many went into others, and whether there are any of export."""
    names = engine.lookup(
        pd.DataFrame({"customer": range(len(found.customers)), "customer_id": list(found.customers)}).astype(
            {"customer": "int32"}
        )
    )
    signs = engine.lookup(
        pd.DataFrame(
            {
                "channel": range(len(found.channels)),
                "sign": [-1 if suffix.startswith("B") else 1 for suffix in found.channels],
            }
        ).astype("int16")
    )
    if len(found.channels) > 60:
        raise DataError(
            f"There are {len(found.channels)} different registers, more than NMIs have; ask for the file again."
        )
    table = engine.parquet([rows.path])
    table = table.mutate(stamp=stamps.dated(microseconds(table.start * 1_000_000)))
    table = table.inner_join(names, "customer").inner_join(signs, "channel")
    table = table.select(
        "customer_id",
        "channel",
        "sign",
        "minutes",
        "stamp",
        value=ibis.ifelse(table.value.isnan(), None, table.value),
        estimated=table.flag != 0,
    )
    table = _of_one_length(table, engine)
    if len(found.channels) > 1 or any(suffix.startswith("B") for suffix in found.channels):
        result, netted = channels.combined(table, engine, settings)
        return result, netted, any(suffix.startswith("B") for suffix in found.channels)
    return table.select("customer_id", "stamp", "value", "estimated"), 0, False


def _of_one_length(table: Any, engine: LocalEngine) -> Any:
    """Registers of an NMI and day that are read at different intervals, at the longest of them."""
    day = table.stamp.truncate("D")
    lengths = (
        table.mutate(day=day)
        .group_by(["customer_id", "day"])
        .aggregate(longest=lambda t: t.minutes.max(), shortest=lambda t: t.minutes.min())
    )
    mixed = engine.store(lengths.filter(lengths.longest > lengths.shortest), "lengths")
    if not int(engine.frame(mixed.aggregate(n=mixed.count()))["n"][0]):
        return table
    joined = table.mutate(day=day).left_join(mixed, ["customer_id", "day"])
    longest = joined.longest.fill_null(joined.minutes).cast("int64")
    minute = joined.stamp.hour() * 60 + joined.stamp.minute()
    start = joined.day + (minute // longest * longest).as_interval("m")
    placed = joined.mutate(start=start, parts=longest // joined.minutes)
    sums = placed.group_by(["customer_id", "channel", "sign", "start"]).aggregate(
        # Half of an interval is no interval.
        value=lambda t: ibis.ifelse(t.value.count() >= t.parts.max(), t.value.sum(), None),
        estimated=lambda t: t.estimated.any(),
    )
    return sums.rename(stamp="start")


def _findings(files: list[Path], found: _Found, settings: ReadingsSettings) -> list[Finding]:
    findings = [
        Finding(
            name="columns-recognised",
            severity="info",
            description=f"Read NEM12 in {counted(len(files), 'file')}: {counted(len(found.customers), 'NMI')}, "
            f"registers {', '.join(sorted(found.channels))}.",
            data={"shape": "nem12", "files": len(files)},
        )
    ]
    if found.ignored:
        findings.append(
            channels.ignored_channels({f"register {name}" for name in found.ignored}, found.ignored.total())
        )
    flags = {_NAMES[flag]: n for flag, n in found.flags.items()}
    if set(found.flags) != {"A"}:
        findings.append(quality.finding(flags, sum(found.flags[flag] for flag in _ESTIMATED)))
    if settings.timezone is None:
        findings.append(
            Finding(
                name="timezone-from-file",
                severity="warning",
                description="Times of NEM12 are Australian Eastern Standard Time all year, which this report speaks; where clocks are put "
                "forward in summer, give the customers' zone with --timezone, such as Australia/Sydney.",
                data={"timezone": _CLOCK},
            )
        )
    return findings


class _Kept(logging.Handler):
    """Keeps what the library warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.records) < 1000:
            self.records.append(record)


@contextmanager
def _log() -> Iterator[list[logging.LogRecord]]:
    logger = logging.getLogger("nemreader")
    handler = _Kept()
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield handler.records
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def _refuse_log(file: Path, first: int, record: logging.LogRecord) -> None:
    """What the library only logs is a reading lost."""
    text = str(record.msg)
    if text.startswith("Reading of"):
        value = record.args[0] if isinstance(record.args, tuple) and record.args else record.args
        raise DataError(
            f"{file}, from line {first}: the reading '{_short(str(value))}' is no number; ask for the file again."
        )
    if text.startswith("Record indicator") and isinstance(record.args, tuple):
        indicator, row = record.args
        raise DataError(
            f"{file}, line {first + int(str(row)) - 1}: '{_short(str(indicator))}' is no record of NEM12; ask for the file again."
        )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"
