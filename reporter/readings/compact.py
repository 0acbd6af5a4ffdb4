"""Readings as whole numbers: who, when, how much. Written once, so that every later pass reads a few bytes a reading.

Ids become codes in the order of the ids as text, stamps become places among the distinct stamps, values become millionths of
their unit. What is no reading (no customer, no time, no number, beyond the physical limit) is counted and left behind here.
"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.readings.engine import Engine
from reporter.readings.grid import LEAST_SHARE, Grid, fill, readings_of
from reporter.readings.sources import Source
from reporter.settings import Settings

_SPACES = " \t\n\r\v\f"

MICRO = 1_000_000
"""Energy is summed as whole millionths, so that a sum doesn't depend on the order of its terms."""


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
    """The same as an array, where that holds them; ``table`` is then ``None``: see ``readings``."""
    unnamed: int
    """Readings without a customer."""
    stamps: pd.DatetimeIndex
    """Distinct stamps, ascending."""

    def readings(self, engine: Engine, wanted: pd.DataFrame | None, name: str) -> Any:
        """Readings of some places (code, stamp_slot), or of all, as ``table`` is: for what an array can't answer."""
        if self.grid is None:
            return self.table
        return readings_of(self.grid, engine, wanted, name)

    def tabled(self, engine: Engine) -> "Compact":
        """The same without an array."""
        return replace(self, table=self.readings(engine, None, "compact"), grid=None)


def by_stamp(source: Source, engine: Engine, settings: Settings) -> pd.DataFrame:
    """The distinct stamps, ascending: ``stamp``, ``readings``, ``moving`` (readings that are not zero), ``micro`` (their sum)."""
    table = source.table
    number = plausible(table.value, settings)
    frame = engine.frame(
        table.filter(table.stamp.notnull())
        .group_by("stamp")
        .aggregate(
            readings=lambda t: t.count(),
            moving=(number & (table.value != 0)).sum(),
            micro=ibis.ifelse(number, micros(table.value), 0).sum(),
        )
        .order_by("stamp")
    )
    if frame.empty:
        raise DataError(f"{source.files[0]}: there is no reading in it; export it again or leave it out.")
    return frame.assign(micro=frame["micro"].astype("float64"), moving=frame["moving"].astype("int64"))


def compact(
    source: Source, stamps: pd.DatetimeIndex, readings: int, engine: Engine, settings: Settings
) -> Compact:
    """Write the readings once as whole numbers.

    Args:
        source: the readings as they came.
        stamps: their distinct stamps, ascending.
        readings: how many have a stamp.
        engine: writes them.
        settings: the physical limit.

    Raises:
        DataError: an id that two programs could read as two customers.
    """
    customers, codes, unnamed = _customers(source, engine, settings)
    grid = _grid(source, codes, len(customers), int(readings), stamps, engine, settings)
    if grid is not None:
        return Compact(None, customers, grid, unnamed, stamps)
    slots = pd.DataFrame({"stamp": stamps.as_unit("us"), "stamp_slot": np.arange(len(stamps), dtype="int32")})
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


def _grid(
    source: Source,
    codes: pd.DataFrame,
    customers: int,
    readings: int,
    stamps: pd.DatetimeIndex,
    engine: Engine,
    settings: Settings,
) -> Grid | None:
    """The readings as an array, where it holds them and is not mostly empty."""
    if not source.exports_are_negative or readings < LEAST_SHARE * customers * len(stamps):
        return None
    table = source.table.inner_join(engine.lookup(codes), "customer_id")
    chosen = table.filter(table.stamp.notnull() & plausible(table.value, settings))
    flags = {"estimated": chosen.estimated.fill_null(False)} if source.flagged else {}
    return fill(
        chosen.select("code", "stamp", micro=micros(chosen.value), **flags),
        customers,
        stamps,
        wide=settings.audit.max_kw * MICRO >= np.iinfo(np.int32).max,
        flagged=source.flagged,
        engine=engine,
        threads=settings.running.threads,
    )


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
    # Tools disagree about where a text with a NUL byte ends, so two customers could become one.
    if frame["customer_id"].dropna().str.contains("\0", regex=False).any():
        raise DataError(
            f"{source.files[0]}: a customer id holds a NUL byte, so the file may be damaged; export it again."
        )
    name = frame["customer_id"].astype("str").str.strip(_SPACES)
    named = frame["customer_id"].notna() & (name != "")
    unnamed = int(frame.loc[~named, "readings"].sum())
    counts = frame.loc[named].drop(columns="customer_id").fillna(0).astype("int64")
    customers = counts.groupby(name[named]).sum().sort_index().rename_axis("customer_id").reset_index()
    customers["undated"] = customers["readings"] - customers.pop("dated")
    code = pd.Index(customers["customer_id"]).get_indexer(pd.Index(name[named]))
    codes = pd.DataFrame({"customer_id": frame.loc[named, "customer_id"], "code": code.astype("int32")})
    return customers, codes, unnamed


def plausible(value: Any, settings: Settings) -> Any:
    """Whether a value is a finite number within the physical limit."""
    return value.notnull() & (value.abs() <= settings.audit.max_kw)


def micros(value: Any) -> Any:
    """A value in whole millionths of its unit."""
    return (value * MICRO).round().cast("int64")
