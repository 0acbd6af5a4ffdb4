"""Engines elsewhere: Spark, or any that Ibis knows by a URL. Readings stay there; what comes back are aggregates and the days of a sample.

Expressions are the same as on this machine. What an engine lacks a word for is put in other words here (``_portable``), and what it
says when it fails is told in one sentence.
"""

import logging
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

import ibis
import ibis.expr.operations as ops
import pandas as pd
import pyarrow as pa
from ibis.common.exceptions import (
    TableNotFound,
    UnsupportedOperationError,
)

from reporter.errors import DataError, ReporterError, UsageError
from reporter.readings.functions import bit_or
from reporter.settings import RunningSettings
from reporter.words import without_secrets

_AT_ONCE = 4_000_000
"""Most rows that are fetched together from an engine that hands out a result whole: some 100 MB."""

_SPARK = "pyspark"
_SPARKS = ("spark", "pyspark", "sc", "local")

_INSTALLS = {
    "spark": "'reporter[spark]'",
    "pyspark": "'reporter[spark]'",
    "sc": "'reporter[spark]' 'pyspark[connect]'",
}


class RemoteEngine:
    """A connection of Ibis, for the length of a run."""

    remote = True

    def __init__(self, connection: Any, folder: Path, name: str) -> None:
        self.connection = connection
        self.folder = folder
        self.name = name
        """As messages call it."""
        self._reads = ""

    @property
    def reads_files(self) -> bool:
        """Whether it reads Parquet files where they are."""
        return str(self.connection.name) in {_SPARK, "duckdb"}

    def table(self, name: str) -> Any:
        """A table by its name, as ``table``, ``schema.table`` or ``catalog.schema.table``."""
        parts = [part.strip('`"') for part in re.findall(r'`[^`]+`|"[^"]+"|[^.]+', name)]
        self._reads = name
        with self._explained():
            schema: Any = tuple(parts[:-1]) if len(parts) > 2 else parts[0] if len(parts) == 2 else None
            return self.connection.table(parts[-1], database=schema)

    def parquet(self, address: str) -> Any:
        """A table over a Parquet file or a folder of them, read by the engine; partitions named in the path are text."""
        self._reads = address
        with self._explained():
            return self.connection.read_parquet(address)

    def frame(self, expression: Any) -> pd.DataFrame:
        """The result of an Ibis expression."""
        with self._explained():
            result: pd.DataFrame = self.connection.to_pyarrow(self._portable(expression)).to_pandas()
            return result

    def batches(self, expression: Any, most: int | None = None) -> Iterator[pa.RecordBatch]:
        """The result batch by batch."""
        with self._explained():
            yield from self.connection.to_pyarrow_batches(self._portable(expression), chunk_size=1_000_000)

    def lookup(self, frame: pd.DataFrame) -> Any:
        """A small table of ours that expressions can join."""
        return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))

    def store(self, expression: Any, name: str) -> Any:
        """Keep a result in a temporary table, which ends with the connection; where there is none, it is worked out each time."""
        with self._explained():
            try:
                return self.connection.create_table(
                    self._own(name), obj=self._portable(expression), temp=True
                )
            except (NotImplementedError, UnsupportedOperationError):
                return expression

    def close(self) -> None:
        """End the connection."""
        self.connection.disconnect()

    def _own(self, name: str) -> str:
        """A name of ours that no table has."""
        return f"reporter_{name}_{uuid4().hex[:12]}"

    def _portable(self, expression: Any) -> Any:
        """The expression in words that the engine has."""
        if self.connection.name not in {_SPARK, "databricks"}:
            return expression
        return expression.op().replace(_in_spark).to_expr()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ReporterError:
            raise
        except TableNotFound as error:
            raise DataError(
                f"{self._reads}: {self.name} has no such table, or you may not read it; check the name, with its catalog and schema."
            ) from error
        # Drivers have errors of their own, with nothing in common.
        except Exception as error:
            raise DataError(f"{self._reads}: {self.name} could not read them ({said(error)}).") from error


_SET: dict[str, str | None] = {
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # An id in the name of a folder keeps its zeros.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.session.timeZone": None,
    "spark.sql.mapKeyDedupPolicy": None,
}
"""Settings of the session that are changed, and what to; ``None`` where Ibis does it."""


class SparkEngine(RemoteEngine):
    """A session of Spark: lookups and what is kept are views of it, given back at the end, since the session may go on."""

    def __init__(self, session: Any, folder: Path, *, ours: bool) -> None:
        # Ours and those that Ibis sets as it connects: a session that goes on gets its own back.
        self._before = {name: session.conf.get(name, None) for name in _SET}
        super().__init__(ibis.pyspark.connect(session), folder, "Spark")
        for name, value in _SET.items():
            if value is not None:
                session.conf.set(name, value)
        self._session = session
        self._ours = ours
        self._views: list[str] = []
        self._kept: list[Any] = []

    @property
    def here(self) -> bool:
        """Whether its executors are on this machine, so that they see our folder."""
        return str(self._session.conf.get("spark.master", "")).startswith("local")

    def table(self, name: str) -> Any:
        """A table or view by its name."""
        return self._instants(super().table(name))

    def parquet(self, address: str) -> Any:
        """A table over a Parquet file or a folder of them."""
        return self._instants(super().parquet(address))

    def _instants(self, table: Any) -> Any:
        """The table with Spark's TIMESTAMP as what it is, instants; Ibis takes it for a time without a zone."""
        from pyspark.sql.types import TimestampType

        with self._explained():
            fields = self._session.sql(self.connection.compile(table)).schema.fields
        zoned = [field.name for field in fields if isinstance(field.dataType, TimestampType)]
        return table.mutate(**{name: table[name].cast("timestamp('UTC')") for name in zoned})

    def batches(self, expression: Any, most: int | None = None) -> Iterator[pa.RecordBatch]:
        """The result batch by batch.

        Spark hands out a result whole: a large one is worked out once, kept there, and fetched some customers at a time.
        """
        key = next((name for name in ("row", "code") if name in expression.columns), None)
        with self._explained():
            if key is None or (most is not None and most <= _AT_ONCE):
                yield from self.connection.to_pyarrow(self._portable(expression)).to_batches(
                    max_chunksize=1_000_000
                )
                return
            kept = self._run(expression).persist()
            self._kept.append(kept)
            view = self._view(kept, "batches")
            size = self.frame(view.aggregate(rows=view.count(), last=view[key].max()))
            rows, last = int(size["rows"][0]), int(size["last"].fillna(-1)[0])
            step = max(1, (last + 1) * _AT_ONCE // max(rows, 1))
            for first in range(0, last + 1, step):
                part = view if step > last else view.filter(view[key].between(first, first + step - 1))
                yield from self.connection.to_pyarrow(part).to_batches(max_chunksize=1_000_000)
            kept.unpersist()

    def lookup(self, frame: pd.DataFrame) -> Any:
        """A small table of ours that expressions can join."""
        from ibis.backends.pyspark.datatypes import PySparkSchema

        with self._explained():
            schema = ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False)).schema()
            # Spark takes no text that pandas holds in pieces, and would fall back to going row by row.
            plain = frame.astype({name: object for name, kind in schema.items() if kind.is_string()})
            made = self._session.createDataFrame(plain, schema=PySparkSchema.from_ibis(schema))
            return self._view(made, "lookup")

    def store(self, expression: Any, name: str) -> Any:
        """Keep a result: as Parquet in our folder where Spark is on this machine, else in its cache, on the executors' disks."""
        with self._explained():
            result = self._run(expression)
            if self.here:
                place = str(self.folder / self._own(name))
                result.write.parquet(place)
                return self._view(self._session.read.parquet(place), name)
            kept = result.persist()
            self._kept.append(kept)
            return self._view(kept, name)

    def close(self) -> None:
        """Give back what was kept, and end the session where it is ours."""
        if self._ours:
            self._session.stop()
            return
        for kept in self._kept:
            kept.unpersist()
        for view in self._views:
            self._session.catalog.dropTempView(view)
        for name, value in self._before.items():
            if value is None:
                self._session.conf.unset(name)
            else:
                self._session.conf.set(name, value)

    def _run(self, expression: Any) -> Any:
        return self._session.sql(self.connection.compile(self._portable(expression)))

    def _view(self, frame: Any, name: str) -> Any:
        view = self._own(name)
        frame.createTempView(view)
        self._views.append(view)
        return self.connection.table(view)


def _in_spark(node: Any, changed: dict[str, Any] | None) -> Any:
    """What Ibis has no rule for, by the engine's own name."""
    if isinstance(node, ops.BitOr):
        return bit_or((changed or {}).get("arg", node.arg).to_expr()).op()
    return node.__recreate__(changed) if changed else node


def said(error: BaseException) -> str:
    """What a driver says, in a line without secrets: of a chain of causes, as Java writes it, the last."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line.split(":", 1)[1].strip() for line in lines if line.startswith(("Caused by:", ":"))]
    text = (causes or lines or [type(error).__name__])[-1 if causes else 0]
    return without_secrets(text).rstrip(".")[:300]


@contextmanager
def open_remote(settings: RunningSettings, folder: Path) -> Iterator[RemoteEngine]:
    """A connection to the engine that the settings name.

    Raises:
        UsageError: it is not known, its driver is not installed, or it can't be reached.
    """
    scheme = re.split(r"[:\[]", settings.engine, maxsplit=1)[0].lower()
    engine = _opened(settings, folder, scheme)
    try:
        yield engine
    finally:
        engine.close()


def _opened(settings: RunningSettings, folder: Path, scheme: str) -> RemoteEngine:
    if scheme not in _SPARKS and "://" not in settings.engine:
        raise UsageError(_unknown(settings.engine))
    try:
        if scheme in _SPARKS:
            return _spark(settings, folder, scheme)
        connect = _databricks if scheme == "databricks" else ibis.connect
        return RemoteEngine(connect(settings.engine), folder, scheme)
    except ImportError as error:
        packages = _INSTALLS.get(scheme, f"'ibis-framework[{scheme}]'")
        raise UsageError(
            f"--engine {scheme}: its driver is not installed; install it with: pip install {packages}."
        ) from error
    # Drivers have errors of their own, with nothing in common.
    except Exception as error:
        if "Don't know how to connect" in str(error):
            raise UsageError(_unknown(settings.engine)) from error
        if "JAVA_GATEWAY" in str(error):
            raise UsageError(
                f"--engine {settings.engine}: Java did not start; install Java 17, set JAVA_HOME to it, and see `reporter doctor`."
            ) from error
        raise UsageError(
            f"--engine {without_secrets(settings.engine)}: can't be reached ({said(error)}); check the address, the account and the network."
        ) from error


def _databricks(url: str) -> Any:
    """A connection by a URL, which Ibis 12 does not take apart: databricks://token:…@host/catalog/schema?http_path=…."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    given |= dict(zip(("catalog", "schema"), filter(None, parts.path.split("/")), strict=False))
    if parts.password:
        given["access_token"] = unquote(parts.password)
    if parts.hostname:
        given["server_hostname"] = parts.hostname
    return ibis.databricks.connect(**given)


def _unknown(text: str) -> str:
    return (
        f"--engine {without_secrets(text)}: is no engine that reporter knows; give duckdb, spark, or a URL such as spark://host:7077, "
        "databricks://…, snowflake://… or bigquery://…."
    )


def _spark(settings: RunningSettings, folder: Path, scheme: str) -> SparkEngine:
    """The session that is there, as in a notebook of Databricks, or one for this run."""
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    if there is None:
        heard = signal.getsignal(signal.SIGINT)
        with _silent(folder):
            session = _session(SparkSession.builder, settings, scheme)
        if threading.current_thread() is threading.main_thread():
            # Spark puts its own in place of what a stopped command does.
            signal.signal(signal.SIGINT, heard)
    else:
        session = there
    # What fails, and that a command was stopped, is told in one sentence, and not by their loggers as well.
    for name in ("SQLQueryContextLogger", "py4j"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_not_from_the_gateway)
    return SparkEngine(session, folder, ours=there is None)


def _not_from_the_gateway(record: logging.LogRecord) -> bool:
    """Whether a record is not the gateway's to Java, which tells the root logger that a command was stopped."""
    return record.module != "java_gateway"


@contextmanager
def _silent(folder: Path) -> Iterator[None]:
    """Keep what Java writes, now and until it ends, out of standard output and error, which have forms of their own."""
    own = os.dup(1), os.dup(2)
    try:
        with (folder / "spark.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        yield
    finally:
        for number, descriptor in enumerate(own, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _session(builder: Any, settings: RunningSettings, scheme: str) -> Any:
    if scheme == "sc":
        return builder.remote(settings.engine).getOrCreate()
    options = {
        "spark.app.name": "reporter",
        "spark.driver.memory": re.sub(r"(?i)b$", "", settings.memory.replace(" ", "")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
    }
    if scheme == "local" or settings.engine.startswith("spark://"):
        options["spark.master"] = settings.engine
    elif settings.threads is not None:
        options["spark.master"] = f"local[{settings.threads}]"
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
