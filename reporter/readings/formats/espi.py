"""Green Button feeds (ESPI, NAESB REQ.21), read element by element: memory doesn't grow with a file.

Atom entries hold usage points, meter readings, reading types, interval blocks and local time parameters, which point to one another
by links. Readings go to a file of ours as they come; what they mean is known at the end, when all links are.
"""

import re
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

import pyarrow as pa
import pyarrow.parquet as pq

from reporter.errors import DataError
from reporter.readings.formats.text_files import BROKEN, compression_of, opened

_CHUNK = 1 << 16
_MOST_WAITING = 1 << 21
"""Bytes of one element, beyond which it is none that a feed has."""
_DEEPEST = 100
_LONGEST = 4096
"""Characters of a text that counts."""
_ROWS = 200_000

_KINDS = {"UsagePoint", "MeterReading", "ReadingType", "IntervalBlock", "LocalTimeParameters"}
_FIELDS = {
    "ReadingType": {"accumulationBehaviour", "commodity", "flowDirection", "powerOfTenMultiplier", "uom", "intervalLength"},
    "LocalTimeParameters": {"dstEndRule", "dstOffset", "dstStartRule", "tzOffset"},
    "ServiceCategory": {"kind"},
    "timePeriod": {"start", "duration"},
    "IntervalReading": {"value"},
    "ReadingQuality": {"quality"},
    "entry": {"id", "title"},
}  # fmt: skip
_SCHEMA = pa.schema(
    [("block", pa.int64()), ("start", pa.int64()), ("duration", pa.int64()), ("value", pa.float64()), ("quality", pa.int16())]
)  # fmt: skip


@dataclass(slots=True)
class Entry:
    """An Atom entry: what it holds and where it points."""

    kind: str = ""
    identity: str = ""
    title: str = ""
    own: str = ""
    """Its address (link ``self``)."""
    up: str = ""
    related: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    place: int = 0
    """In the feed."""


@dataclass(slots=True)
class Feed:
    """A file's entries but for its interval blocks, of which the meter reading alone is kept."""

    file: Path
    entries: list[Entry] = field(default_factory=list)
    first_block: int = 0
    blocks: "array[int]" = field(default_factory=lambda: array("q"))
    """Place in ``pointers`` of what each interval block points to."""
    pointers: dict[tuple[str, str, int], int] = field(default_factory=dict)
    """Addresses (parent of its own, up) of blocks, and the last meter reading before them, in the order in which they came."""

    def of_kind(self, kind: str) -> list[Entry]:
        """Entries that hold one kind of thing."""
        return [entry for entry in self.entries if entry.kind == kind]


class ReadingsFile:
    """Readings of all feeds on their way to a Parquet file: block, start and duration [s], value, quality."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._columns: tuple[Any, ...] = self._empty()

    def add(self, block: int, start: int, duration: int, value: float, quality: int) -> None:
        """One reading."""
        for column, cell in zip(self._columns, (block, start, duration, value, quality), strict=True):
            column.append(cell)
        if len(self._columns[0]) >= _ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self.rows += len(self._columns[0])
        arrays = [pa.array(column, kind) for column, kind in zip(self._columns, _SCHEMA.types, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=_SCHEMA))
        self._columns = self._empty()

    @staticmethod
    def _empty() -> tuple[Any, ...]:
        return array("q"), array("q"), array("q"), array("d"), array("h")


def read_feed(file: Path, readings: ReadingsFile, first_block: int) -> Feed:
    """Read a file to its end.

    Args:
        file: a feed, gzipped or not.
        readings: takes its readings.
        first_block: number of its first interval block.

    Raises:
        DataError: it is no XML, has a document type, or a reading can't be read; the line is named.
    """
    feed = Feed(file, first_block=first_block)
    parser = expat.ParserCreate()
    handler = _Handler(parser, feed, readings)
    fed = 0
    try:
        with opened(file, compression_of(file)) as stream:
            while data := stream.read(_CHUNK):
                parser.Parse(data, False)
                fed += len(data)
                if fed - max(parser.CurrentByteIndex, 0) > _MOST_WAITING:
                    raise handler.broken("an element goes on without an end")
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DataError(
            f"{file}, line {error.lineno}: not readable as XML ({expat.ErrorString(error.code)}); the file may be cut short, so download it again."
        ) from error
    except (LookupError, ValueError) as error:
        # UnicodeError among them: the declaration names an encoding that is none, or that the parser lacks.
        raise DataError(f"{file}: not readable as XML ({error}); download it again, in UTF-8.") from error
    except BROKEN as error:
        raise DataError(f"{file}: not readable ({error}); download it again.") from error
    return feed


class _Handler:
    """Listens to the parser."""

    def __init__(self, parser: Any, feed: Feed, readings: ReadingsFile) -> None:
        self.parser = parser
        self.feed = feed
        self.readings = readings
        self.path: list[str] = []
        self.text: list[str] = []
        self.size = 0
        self.entry = Entry()
        self.last_meter = -1
        self.reading: dict[str, str] = {}
        self.waiting: list[tuple[int, int, float, int]] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.doctype
        parser.buffer_text = True

    def broken(self, what: str) -> DataError:
        return DataError(
            f"{self.feed.file}, line {self.parser.CurrentLineNumber}: {what}; download the file again, or leave it out."
        )

    def doctype(self, *_: Any) -> None:
        raise self.broken(
            "a document type is declared, which can hold traps, and which Green Button files have none of"
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        parent = self.path[-1] if self.path else ""
        self.path.append(local)
        if len(self.path) > _DEEPEST:
            raise self.broken("elements are nested too deeply")
        wanted = local in _FIELDS.get(parent, ())
        self.parser.CharacterDataHandler = self.collect if wanted else None
        self.text, self.size = [], 0
        if local == "entry":
            self.entry = Entry()
        elif local == "link" and parent == "entry":
            self.link(attributes.get("rel", ""), attributes.get("href", ""))
        elif local == "IntervalReading":
            self.reading = {}
        elif local in _KINDS:
            self.entry.kind = local

    def end(self, name: str) -> None:
        local = self.path.pop()
        self.parser.CharacterDataHandler = None
        parent = self.path[-1] if self.path else ""
        if local in _FIELDS.get(parent, ()):
            self.value(parent, local, "".join(self.text).strip())
        elif local == "IntervalReading":
            self.finish_reading()
        elif local == "entry" or (local in _KINDS and "entry" not in self.path):
            self.finish_entry()

    def collect(self, text: str) -> None:
        self.size += len(text)
        if self.size > _LONGEST:
            raise self.broken(f"<{self.path[-1]}> holds more than {_LONGEST} characters")
        self.text.append(text)

    def value(self, parent: str, local: str, text: str) -> None:
        if parent == "entry":
            if local == "id":
                self.entry.identity = re.sub(r"^urn:uuid:", "", text)
            else:
                self.entry.title = text
        elif parent in {"timePeriod", "IntervalReading", "ReadingQuality"}:
            if "IntervalReading" in self.path:
                self.reading[local] = text
        else:
            self.entry.fields.setdefault(local, text)

    def link(self, rel: str, href: str) -> None:
        address = urlsplit(href).path.strip("/") if len(href) <= _LONGEST else ""
        if rel == "self":
            self.entry.own = address
        elif rel == "up":
            self.entry.up = address
        elif address:
            self.entry.related.append(address)

    def finish_reading(self) -> None:
        start, duration = self.whole("start"), self.whole("duration", 0)
        text = self.reading.get("value")
        quality = self.whole("quality", -1)
        if not text:
            value = float("nan")
        elif re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", text):
            value = float(text)
        else:
            raise self.broken(f"the value '{text[:40]}' is no number")
        block = self.feed.first_block + len(self.feed.blocks)
        self.readings.add(block, start, duration, value, quality if -1 <= quality < 1000 else -1)

    def whole(self, name: str, default: int | None = None) -> int:
        text = self.reading.get(name, "")
        if not text and default is not None:
            return default
        if not re.fullmatch(r"[+-]?\d{1,12}", text):
            raise self.broken(f"<{name}> of a reading is '{text[:40]}' instead of whole seconds")
        return int(text)

    def finish_entry(self) -> None:
        entry, self.entry = self.entry, Entry()
        if entry.kind == "IntervalBlock":
            pointer = entry.own.rpartition("/")[0], entry.up, self.last_meter
            self.feed.blocks.append(self.feed.pointers.setdefault(pointer, len(self.feed.pointers)))
        elif entry.kind:
            entry.place = len(self.feed.entries)
            if entry.kind == "MeterReading":
                self.last_meter = entry.place
            self.feed.entries.append(entry)
