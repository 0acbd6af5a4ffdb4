"""Where expressions run: in DuckDB on this machine, or in an engine elsewhere (``remote``). DuckDB is talked with here alone: open it,
run expressions, say plainly what failed."""

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from reporter.errors import DataError, UsageError
from reporter.scratch import scratch
from reporter.settings import RunningSettings
from reporter.threads import how_many
from reporter.words import counted

LOCAL = "duckdb"
"""Name of the engine on this machine."""


class NotUtf8Error(DataError):
    """A text file is not in UTF-8."""


class Engine(Protocol):
    """Runs Ibis expressions where the readings are."""

    remote: bool
    """Whether that is elsewhere, in an engine of any kind: expressions are then of what all engines know, and only aggregates and the
    days of a sample come back."""
    folder: Path
    """For temporary files on this machine."""

    def frame(self, expression: Any) -> pd.DataFrame:
        """The result of an Ibis expression."""
        ...

    def batches(self, expression: Any, most: int | None = None) -> Iterator[pa.RecordBatch]:
        """The result batch by batch, so that a large one is never held twice; ``most``: rows that it can have, where that is known."""
        ...

    def lookup(self, frame: pd.DataFrame) -> Any:
        """A small table of ours that expressions can join."""
        ...

    def store(self, expression: Any, name: str) -> Any:
        """Work out a result once and keep it where the engine is, for expressions that go on from it."""
        ...


class LocalEngine:
    """An in-memory DuckDB with a folder for spilling that goes when the run ends."""

    remote = False

    def __init__(self, connection: Any, folder: Path, settings: RunningSettings) -> None:
        self.connection = connection
        self.folder = folder
        self._settings = settings
        self._read: list[Path] = []
        self._known: dict[str, str] = {}

    def frame(self, expression: Any) -> pd.DataFrame:
        """The result of an Ibis expression."""
        with self._explained():
            result: pd.DataFrame = self.connection.to_pyarrow(expression).to_pandas()
            return result

    def batches(self, expression: Any, most: int | None = None) -> Iterator[pa.RecordBatch]:
        """The result batch by batch, so that a large one is never held twice."""
        with self._explained():
            yield from self.connection.to_pyarrow_batches(expression, chunk_size=1_000_000)

    def lookup(self, frame: pd.DataFrame) -> Any:
        """A small table of ours that expressions can join."""
        return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))

    def known_as(self, copy: Path, file: Path) -> None:
        """Tell which file of the user's a copy of ours stands for, so that messages name that."""
        self._known[filename(copy)] = str(file)

    def _reads(self, paths: list[Path]) -> None:
        self._read += paths
        for path in paths:
            self._known.setdefault(filename(path), str(path))

    def parquet(self, paths: list[Path], *, by_file: bool = False) -> Any:
        """A table over Parquet files, read where they are; ``filename`` is its last column where ``by_file``.

        Partitions named in the path (``month=2026-07``) are columns, as text: an id keeps its zeros.
        """
        self._reads(paths)
        with self._explained():
            return self.connection.read_parquet(
                [_literal(path) for path in paths],
                union_by_name=True,
                hive_types_autocast=False,
                filename=by_file,
            )

    def delimited(
        self,
        paths: list[Path],
        delimiter: str,
        columns: int,
        *,
        skip: int = 0,
        compression: str = "none",
        by_file: bool = False,
    ) -> Any:
        """A table over delimited text files of one layout, every column as text; ``filename`` is the last where ``by_file``.

        Nothing is guessed: dialect and columns are ours, and types are settled by us, with a line to name.
        """
        self._reads(paths)
        with self._explained():
            return self.connection.read_csv(
                [_literal(path) for path in paths],
                auto_detect=False,
                header=True,
                skip=skip,
                delim=delimiter,
                quote='"',
                escape='"',
                compression=compression,
                columns={f"c{place}": "VARCHAR" for place in range(columns)},
                filename=by_file,
            )

    def store(self, expression: Any, name: str) -> Any:
        """Write a result once to a temporary Parquet file, where reading the source again would be slow."""
        path = self.folder / f"{name}.parquet"
        with self._explained():
            self.connection.to_parquet(expression, path, compression="zstd")
            return self.connection.read_parquet(str(path))

    def keep(self, tables: Iterable[pa.Table], schema: pa.Schema, name: str) -> Any:
        """Write tables of ours once to a temporary Parquet file, for expressions over more than memory should hold."""
        path = self.folder / f"{name}.parquet"
        with self._explained():
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for table in tables:
                    writer.write_table(table)
            return self.connection.read_parquet(str(path))

    def _explained(self) -> AbstractContextManager[None]:
        """What fails inside is told with the files that were read, where the engine doesn't name one."""
        first, others = next(iter(self._read), None), len(self._read) - 1
        named = self._known.get(filename(first), str(first)) if first else ""
        where = (
            "The readings" if first is None else named + (f" or one of {others} more" if others > 0 else "")
        )
        return _explained(where, self._known, self.folder, self._settings)


@contextmanager
def open_engine(settings: RunningSettings) -> Iterator[Engine]:
    """An engine for the length of a run: DuckDB, which reaches nothing but local files, or the one that the settings name.

    Raises:
        UsageError: the engine is not known, its driver is not installed, or it can't be reached.
    """
    if settings.engine != LOCAL:
        from reporter.readings.remote import open_remote

        with scratch() as folder, open_remote(settings, folder) as remote:
            yield remote
        return
    with scratch() as folder:
        options: dict[str, Any] = {
            "memory_limit": settings.memory,
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if settings.threads is not None:
            options["threads"] = settings.threads
        try:
            connection = ibis.duckdb.connect(**options)
        except duckdb.Error as error:
            raise UsageError(
                f"--memory: '{settings.memory}' is no amount of memory; write it as 4GB."
            ) from error
        connection.raw_sql("SET TimeZone = 'UTC'")
        # It would be drawn into the results on standard output.
        connection.raw_sql("SET enable_progress_bar = false")
        try:
            yield LocalEngine(connection, folder, settings)
        finally:
            connection.disconnect()


@contextmanager
def _explained(
    where: str, copies: Mapping[str, str], folder: Path, settings: RunningSettings
) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        said = str(error)
        if any(part in said for part in _NO_ROOM):
            raise DataError(
                f"{folder.parent}: there is no room for temporary files; free some space or set TMPDIR to a larger disk."
            ) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DataError(_too_little(settings)) from error
        kind = NotUtf8Error if _NOT_UTF8 in said else DataError
        raise kind(_sentence(said, where, copies)) from error
    except pa.ArrowException as error:
        kind = NotUtf8Error if _NOT_UTF8 in str(error) else DataError
        raise kind(_sentence(str(error), where, copies)) from error


_NO_ROOM = ("No space left", "max_temp_directory_size", "Disk quota", "File too large")
_THREAD_MB = 125
"""Memory that the engine's own guide asks for at least, for each thread [MB]."""
_MB = {"k": 1e-3, "m": 1.0, "g": 1e3, "t": 1e6}


def _too_little(settings: RunningSettings) -> str:
    """What is needed where the memory given is too small: what each thread needs, or twice what was not enough."""
    threads = how_many(settings.threads)
    amount = re.match(r"\s*([\d.]+)\s*([kmgt])", settings.memory.lower())
    given = float(amount[1]) * _MB[amount[2]] if amount else 0.0
    needed = math.ceil(max(_THREAD_MB * threads, 2 * given))
    return (
        f"--memory {settings.memory} is too small for these readings: give --memory {needed}MB or more "
        f"(the engine needs at least {_THREAD_MB} MB for each of {counted(threads, 'thread')}), or lower running.threads."
    )


def filename(path: Path) -> str:
    """The text that the engine has for a path in the column ``filename``."""
    # Links stay links, and dots go: as the engine does it.
    return os.path.abspath(path)  # noqa: PTH100


def _literal(path: Path) -> str:
    """A path as the engine takes it: no character of a file's name is a wildcard."""
    return re.sub(r"([*?\[])", r"[\1]", filename(path))


_NOT_UTF8 = "nvalid unicode"

_KNOWN = (
    (_NOT_UTF8, "the text is not UTF-8; export the file again in UTF-8"),
    ("unterminated quote", "a quotation mark is left open; mend that line"),
    ("invalid state", "line endings or quotation marks are mixed; export the file again"),
    ("No files found", "the file is gone; leave it where it is until the run has read it"),
    ("No such file", "the file is gone; leave it where it is until the run has read it"),
    ("Maximum line size", "the line is longer than any reading; mend that line"),
)


def _sentence(text: str, where: str, copies: Mapping[str, str]) -> str:
    """What went wrong, in one line with the file and, where it is known, the line."""
    file = re.search(r'(?:file = |file ")([^"\n]+)', text)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    where = copies.get(file.group(1).strip(), file.group(1).strip()) if file else where
    where += f", line {line.group(1)}" if line else ""
    cells = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if cells:
        return f"{where}: {cells[2]} cells where the header names {cells[1]}; mend that line."
    known = next((sentence for part, sentence in _KNOWN if part in text), None)
    if known:
        return f"{where}: {known}."
    first = next((part.strip() for part in text.splitlines() if part.strip()), "unknown error")
    return f"{where}: the engine could not read them ({first.rstrip('.')[:200]})."
