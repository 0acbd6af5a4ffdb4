"""Readings as whole numbers: who, when, how much. Written once, so that every later pass reads a few bytes a reading.

Ids become codes in the order of the ids as text, stamps become places among the distinct stamps, values become millionths of
their unit. What is no reading (no customer, no time, no number, beyond the physical limit) is counted and left behind here.
"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.readings import room
from reporter.readings.calendar import check_stamps
from reporter.readings.engine import Engine
from reporter.readings.functions import hash_of
from reporter.readings.grid import (
    LEAST_SHARE,
    MICRO,
    MOST_SHARE,
    Codes,
    Grid,
    Ints,
    as_table,
    fill,
    of_customers,
)
from reporter.readings.grid_sums import first_sums
from reporter.readings.sources import Source
from reporter.settings import Settings

_SPACES = " \t\n\r\v\f"


@dataclass(frozen=True)
class Compact:
    """Readings with a customer, a time and a plausible number."""

    table: Any
    """Ibis table: code (int32, row of ``customers``), stamp_slot (int32, place in ``stamps``), micro (int64, value × 10⁶),
    export (int64, what flowed to the grid × 10⁶), estimated (boolean)."""
    customers: pd.DataFrame
    """One row a customer, in order of ``customer_id``, with counts of what came: ``readings`` (all), ``undated``, ``empty``,
    ``beyond`` (the physical limit)."""
    grid: Grid | None
    """The same as an array, where that holds them; ``table`` is then ``None``: see ``of``."""
    unnamed: int
    """Readings without a customer."""
    by_stamp: pd.DataFrame
    """The distinct stamps, ascending: ``stamp``, ``readings``, ``moving`` (readings that are not zero), ``micro`` (their sum)."""

    sums: pd.DataFrame | None = None
    """Of an array: a row a customer, as in ``grid_sums.first_sums``."""

    @property
    def stamps(self) -> pd.DatetimeIndex:
        """Distinct stamps, ascending."""
        return pd.DatetimeIndex(self.by_stamp["stamp"])

    def of(self, codes: Ints, engine: Engine, name: str) -> Any:
        """Readings of some customers (codes ascending), as ``table`` is."""
        if self.grid is not None:
            return as_table(self.grid, of_customers(self.grid, codes), engine, name)
        return self.table.semi_join(engine.lookup(pd.DataFrame({"code": codes.astype("int32")})), "code")

    def tabled(self, engine: Engine) -> "Compact":
        """The same without an array: for what that can't answer."""
        return replace(self, table=self.of(np.arange(len(self.customers)), engine, "compact"), grid=None)


def compact(source: Source, engine: Engine, settings: Settings) -> Compact:
    """Write the readings once as whole numbers.

    Args:
        source: the readings as they came.
        engine: writes them.
        settings: the physical limit.

    Raises:
        DataError: there are none, they are on no grid of intervals, or an id could be read as two customers.
    """
    # To an array every reading would have to come.
    if source.exports_are_negative and not engine.remote:
        found = _as_grid(source, engine, settings)
        if found is not None:
            return found
    number, value = plausible(source.table.value, settings), source.table.value
    stamps = _by_stamp(
        source,
        engine,
        moving=(number & (value != 0)).sum(),
        micro=ibis.ifelse(number, micros(value), 0).sum(),
    ).astype({"moving": "int64", "micro": "float64"})
    customers, codes, unnamed = _customers(source, engine, settings)
    slots = pd.DataFrame(
        {
            "stamp": pd.DatetimeIndex(stamps["stamp"]).as_unit("us"),
            "stamp_slot": np.arange(len(stamps), dtype="int32"),
        }
    )
    table = source.table.inner_join(engine.lookup(codes), "customer_id").inner_join(
        engine.lookup(slots), "stamp"
    )
    written = table.filter(plausible(table.value, settings)).select(
        "code",
        "stamp_slot",
        micro=micros(table.value),
        export=micros(table.export),
        estimated=table.estimated,
    )
    return Compact(engine.store(written, "compact"), customers, None, unnamed, stamps)


def _as_grid(source: Source, engine: Engine, settings: Settings) -> Compact | None:
    """The readings as an array, where it holds them and is not mostly empty."""
    stamps = _by_stamp(source, engine)
    ids = engine.frame(
        source.table.group_by("customer_id").aggregate(
            readings=lambda t: t.count(), hash=hash_of(source.table.customer_id).max()
        )
    )
    share = stamps["readings"].sum() / (len(ids) * len(stamps))
    if not LEAST_SHARE <= share <= MOST_SHARE or ids["hash"].duplicated().any():
        return None
    names, code = _names(ids["customer_id"], source)
    table = source.table
    flags = {"estimated": table.estimated.fill_null(False)} if source.flagged else {}
    try:
        filled = fill(
            table.select("stamp", "value", hash=hash_of(table.customer_id), **flags),
            Codes(ids["hash"].to_numpy("uint64"), code),
            len(names),
            pd.DatetimeIndex(stamps["stamp"]),
            limit=settings.audit.max_kw,
            engine=engine,
            threads=settings.running.threads,
        )
    except room.NoRoomError:
        # The engine's copy is packed, and may fit.
        return None
    if filled is None:
        return None
    named = code >= 0
    readings = np.bincount(code[named], ids["readings"].to_numpy()[named], len(names)).astype("int64")
    customers = pd.DataFrame({"customer_id": names, "readings": readings, **filled.left_out})
    sums, moving, micro = first_sums(filled.grid, pd.DatetimeIndex(stamps["stamp"]))
    unnamed = int(ids["readings"].to_numpy()[~named].sum())
    return Compact(None, customers, filled.grid, unnamed, stamps.assign(moving=moving, micro=micro), sums)


def _by_stamp(source: Source, engine: Engine, **sums: Any) -> pd.DataFrame:
    """The distinct stamps, ascending, with their number of ``readings`` and the sums that are asked for.

    Raises:
        DataError: there are none, or more than intervals have.
    """
    table = source.table
    frame = engine.frame(
        table.filter(table.stamp.notnull())
        .group_by("stamp")
        .aggregate(readings=lambda t: t.count(), **sums)
        .order_by("stamp")
    )
    if frame.empty:
        raise DataError(f"{source.files[0]}: there is no reading in it; export it again or leave it out.")
    check_stamps(pd.DatetimeIndex(frame["stamp"]))
    return frame


def _customers(source: Source, engine: Engine, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Who there is, with counts of what came; the code of each id as it came; and the number of readings without a customer."""
    table = source.table
    dated = table.stamp.notnull()
    empty = table.value.isnull() | table.value.isnan()
    frame = engine.frame(
        table.group_by("customer_id").aggregate(
            readings=lambda t: t.count(),
            dated=table.stamp.count(),
            empty=(dated & empty).sum(),
            beyond=(dated & ~empty & ~plausible(table.value, settings)).sum(),
        )
    )
    names, code = _names(frame["customer_id"], source)
    named = code >= 0
    counts = frame.drop(columns="customer_id").fillna(0).astype("int64")
    customers = counts[named].groupby(code[named]).sum().assign(customer_id=names).reset_index(drop=True)
    customers["undated"] = customers["readings"] - customers.pop("dated")
    codes = pd.DataFrame({"customer_id": frame["customer_id"], "code": code.astype("int32")})[named]
    return customers, codes, int(counts["readings"][~named].sum())


def _names(came: "pd.Series[str]", source: Source) -> tuple[NDArray[np.object_], Ints]:
    """The ids, ascending as text, and the place among them of each id as it came; −1 where it names nobody."""
    # Tools disagree about where a text with a NUL byte ends, so two customers could become one.
    if came.dropna().str.contains("\0", regex=False).any():
        raise DataError(
            f"{source.files[0]}: a customer id holds a NUL byte, so the file may be damaged; export it again."
        )
    name = came.astype("str").str.strip(_SPACES)
    named = (came.notna() & (name != "")).to_numpy()
    names = np.sort(name[named].unique().astype(object))
    code = np.full(len(came), -1, dtype="int64")
    code[named] = pd.Index(names).get_indexer(pd.Index(name[named]))
    return names, code


def plausible(value: Any, settings: Settings) -> Any:
    """Whether a value is a finite number within the physical limit."""
    return value.notnull() & (value.abs() <= settings.audit.max_kw)


def micros(value: Any) -> Any:
    """A value in whole millionths of its unit."""
    return (value * MICRO).round().cast("int64")
