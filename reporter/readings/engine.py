"""The one place that talks with DuckDB: open it, run expressions, say plainly what failed."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from reporter.errors import DataError
from reporter.settings import RunningSettings


class Engine:
    """An in-memory DuckDB with a folder for spilling that goes when the run ends."""

    def __init__(self, connection: Any, folder: Path) -> None:
        self.connection = connection
        self.folder = folder

    def frame(self, expression: Any) -> pd.DataFrame:
        """The result of an Ibis expression."""
        with _explained():
            result: pd.DataFrame = self.connection.to_pyarrow(expression).to_pandas()
            return result

    def batches(self, expression: Any) -> Iterator[pa.RecordBatch]:
        """The result batch by batch, so that a large one is never held twice."""
        with _explained():
            yield from self.connection.to_pyarrow_batches(expression, chunk_size=1_000_000)

    def lookup(self, frame: pd.DataFrame) -> Any:
        """A small table of ours that expressions can join."""
        return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))

    def parquet(self, paths: list[Path]) -> Any:
        """A table over Parquet files, read where they are."""
        with _explained():
            return self.connection.read_parquet([str(path) for path in paths], union_by_name=True)

    def delimited(self, paths: list[Path]) -> Any:
        """A table over delimited text files, every column as text: types are settled by us, with a line to name."""
        with _explained():
            return self.connection.read_csv(
                [str(path) for path in paths], all_varchar=True, header=True, union_by_name=True
            )

    def store(self, expression: Any, name: str) -> Any:
        """Write a result once to a temporary Parquet file, where reading the source again would be slow."""
        path = self.folder / f"{name}.parquet"
        with _explained():
            self.connection.to_parquet(expression, path, compression="zstd")
            return self.connection.read_parquet(str(path))


@contextmanager
def open_engine(settings: RunningSettings) -> Iterator[Engine]:
    """An engine for the length of a run; it reaches nothing but local files."""
    with tempfile.TemporaryDirectory(prefix="reporter-") as folder:
        options: dict[str, Any] = {
            "memory_limit": settings.memory,
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if settings.threads is not None:
            options["threads"] = settings.threads
        with _explained():
            connection = ibis.duckdb.connect(**options)
            connection.raw_sql("SET TimeZone = 'UTC'")
        try:
            yield Engine(connection, Path(folder))
        finally:
            connection.disconnect()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise DataError(
            "The memory limit is too small for these readings; raise it with --memory."
        ) from error
    except (duckdb.Error, pa.ArrowException) as error:
        raise DataError(_sentence(str(error))) from error


def _sentence(text: str) -> str:
    line = re.search(r"CSV Error on Line: (\d+)", text)
    file = re.search(r'(?:file = |file "|file ")([^"\n]+)', text)
    first = next((part.strip() for part in text.splitlines() if part.strip()), "unknown error")
    where = file.group(1).strip() if file else "The readings"
    if line:
        detail = next(
            (part.strip() for part in text.splitlines() if part.startswith(("Expected", "Value", "Invalid"))),
            first,
        )
        return f"{where}, line {line.group(1)}: {detail.rstrip('.')}; mend or remove that line."
    return f"{where}: the engine could not read them ({first.rstrip('.')})."
