"""Files written day by day, whole or not at all, with the same bytes each time."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from reporter.errors import UsageError

SUFFIXES = (".parquet", ".csv", ".csv.gz")
ROWS_PER_GROUP = 1_000_000

Add = Callable[[pa.Table], None]


def suffix_of(out: Path) -> str:
    """The suffix that is the format of readings.

    Raises:
        UsageError: there is no such format.
    """
    for suffix in SUFFIXES:
        if out.name.lower().endswith(suffix) and len(out.name) > len(suffix):
            return out.name[-len(suffix) :]
    raise UsageError(f"{out}: readings are written as .parquet, .csv or .csv.gz; choose one by the suffix.")


@contextmanager
def readings_writer(part: Path, suffix: str) -> Iterator[Add]:
    """A function that adds readings to a file; groups of rows are as large where days are small."""
    writer: Callable[[Path, str], AbstractContextManager[Add]]
    writer = _parquet_writer if suffix == ".parquet" else _csv_writer
    waiting: list[pa.Table] = []
    with writer(part, suffix) as write:

        def flush() -> None:
            if waiting:
                write(pa.concat_tables(waiting))
                waiting.clear()

        def add(table: pa.Table) -> None:
            waiting.append(table)
            # Small samples would else have a row group a day.
            if sum(table.num_rows for table in waiting) >= ROWS_PER_GROUP:
                flush()

        yield add
        flush()


def write_csv(table: pa.Table, part: Path) -> None:
    """A table as CSV."""
    with part.open("wb") as sink:
        sink.write((",".join(table.column_names) + "\n").encode())
        pa.csv.write_csv(table, sink, pa.csv.WriteOptions(include_header=False, quoting_style="none"))


@contextmanager
def written_whole(files: list[Path], overwrite: bool) -> Iterator[list[Path]]:
    """Temporary siblings of the files, renamed at the end; removed when something goes wrong.

    Raises:
        UsageError: a file is there already, or can't be written.
    """
    for file in files:
        if file.exists() and not overwrite:
            raise UsageError(f"{file}: is there already; choose another place, or replace it (--force).")
    parts = [file.with_name(f".{file.name}.partial") for file in files]
    try:
        for part in parts:
            part.parent.mkdir(parents=True, exist_ok=True)
        yield parts
        for part, file in zip(parts, files, strict=True):
            part.replace(file)
    except OSError as error:
        raise UsageError(
            f"{error.filename or files[0]}: can't be written ({error.strerror or error})."
        ) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextmanager
def _parquet_writer(part: Path, _suffix: str) -> Iterator[Add]:
    schema = pa.schema(
        [
            ("customer_id", pa.dictionary(pa.int32(), pa.string())),
            ("timestamp", pa.timestamp("us")),
            ("kwh", pa.float64()),
        ]
    )
    # The dictionary of a million ids must not fall back to plain strings.
    with pa.parquet.ParquetWriter(
        part, schema, compression="zstd", dictionary_pagesize_limit=256 << 20, store_schema=False
    ) as writer:
        yield lambda table: writer.write_table(table.cast(schema), row_group_size=max(table.num_rows, 1))


@contextmanager
def _csv_writer(part: Path, suffix: str) -> Iterator[Add]:
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none", batch_size=65_536)
    with ExitStack() as stack:
        sink: IO[bytes] | gzip.GzipFile = stack.enter_context(part.open("wb"))
        if suffix == ".csv.gz":
            # Neither name nor clock time in the file: the same arguments give the same bytes.
            sink = stack.enter_context(gzip.GzipFile("", "wb", compresslevel=1, fileobj=sink, mtime=0))
        sink.write(b"customer_id,timestamp,kwh\n")
        yield lambda table: pa.csv.write_csv(table, sink, options)
