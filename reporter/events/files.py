"""The optional files of events and outages, validated on reading.

Their times are wall-clock times of the report's zone unless they carry an offset: a program calls its customers on their own
clock, whatever the meters' clock is.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.readings.calendar import local_stamps
from reporter.settings import Settings
from reporter.tables import CUSTOMER_ID, TIMESTAMP, Table, read_table

_START = ("started", "start_time", "starttime", "start_at", "event_start", "begin", "from")
_END = ("ended", "end_time", "endtime", "end_at", "event_end", "finish", "until", "to")
_PROGRAM = ("programme", "program_id", "product")
_KEY = ("event", "event_id", "event_no", "event_number", "dispatch")
_LONGEST = pd.Timedelta(hours=24)
_LONGEST_OUTAGE = pd.Timedelta(days=366)


@dataclass(frozen=True)
class Event:
    """A call to use less, from ``start`` to ``end`` on the local clock."""

    start: pd.Timestamp
    end: pd.Timestamp
    program: str | None = None
    customers: frozenset[str] | None = None
    """Ids of those called; None: all who were enrolled by then."""


@dataclass(frozen=True)
class Outages:
    """Power cuts."""

    frame: pd.DataFrame
    """``customer_id`` (text), ``start``, ``end`` (local clock), by start and customer."""


def read_events(path: Path, settings: Settings) -> list[Event]:
    """Events by start, in one of two forms.

    A row an event (``start``, ``end``, optionally ``program`` and ``customer_id``), or a row an interval of a customer's event
    (``customer_id``, ``timestamp`` of its start, optionally a key of the event).

    Raises:
        DataError: the file can't be read, a column is missing, a row has no time, or an event ends before it starts or lasts
            longer than a day.
    """
    table = read_table(path, "events", settings.columns.events)
    program = table.find("program", _PROGRAM)
    customer = _customer(table, settings)
    if customer and table.find("end", _END) is None and table.find("timestamp", TIMESTAMP):
        frame = _by_interval(table, customer, settings)
    else:
        frame = _spans(table, settings, _LONGEST, "event")
        frame["customer_id"] = table.ids(customer).to_numpy(dtype=object) if customer else None
    frame["program"] = table.texts(program).to_numpy(dtype=object)[frame["row"]] if program else None
    return _gathered(frame)


def read_outages(path: Path, settings: Settings) -> Outages:
    """Power cuts: ``customer_id``, ``start``, ``end``.

    Raises:
        DataError: the file can't be read, a column is missing, or a row has no customer or time, or ends before it starts.
    """
    table = read_table(path, "outages", settings.columns.outages)
    ids = table.ids(table.customer_column(settings.readings.customer_column)).to_numpy(dtype=object)
    frame = _spans(table, settings, _LONGEST_OUTAGE, "outage").assign(customer_id=ids)
    columns = ["customer_id", "start", "end"]
    return Outages(
        frame[columns].drop_duplicates().sort_values(["start", "customer_id", "end"], ignore_index=True)
    )


def _spans(table: Table, settings: Settings, longest: pd.Timedelta, what: str) -> pd.DataFrame:
    """``row``, ``start`` and ``end`` of each row, on the local clock."""
    start_column, end_column = table.column("start", _START), table.column("end", _END)
    start, end = (_local(table, table.times(column), settings) for column in (start_column, end_column))
    for wrong, why in (
        (end <= start, f"the {what} ends before it starts, or when it starts"),
        (end - start > longest, f"the {what} lasts longer than {longest.days} day{'s' * (longest.days > 1)}"),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError(f"{table.at(row)}: {why} ({start[row]} to {end[row]}); mend its times.")
    return pd.DataFrame({"row": np.arange(len(start)), "start": start, "end": end})


def _customer(table: Table, settings: Settings) -> str | None:
    """The column of customer ids; one that is only called ``id`` may be the event's."""
    if "customer_id" in table.mapped or settings.readings.customer_column is None:
        return table.find("customer_id", CUSTOMER_ID[:-1])
    return table.find(settings.readings.customer_column) or table.find("customer_id", CUSTOMER_ID[:-1])


def _by_interval(table: Table, customer: str, settings: Settings) -> pd.DataFrame:
    """Events of single customers, from the intervals that belong to them."""
    ids = table.ids(customer)
    stamps = _local(table, table.times(table.column("timestamp", TIMESTAMP)), settings)
    key = table.find("event_key", _KEY)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(ids)),
            "customer_id": ids.to_numpy(dtype=object),
            "key": table.texts(key).to_numpy(dtype=object) if key else "",
            "start": stamps,
        }
    ).sort_values(["customer_id", "key", "start"], ignore_index=True)
    same = frame.duplicated(["customer_id", "key"])
    step = frame["start"].diff().where(same)
    length = step[step > pd.Timedelta(0)].min()
    if pd.isna(length) or length > pd.Timedelta(hours=1):
        raise DataError(
            f"{table.path}: the file has neither a column 'end' nor intervals of an hour or less that follow one another; "
            "give 'start' and 'end' of each event."
        )
    # A key joins what an interval that is missing would part; without one, intervals must follow one another.
    apart = ~same if key else ~same | (step > length)
    events = frame.groupby(apart.cumsum()).agg(
        row=("row", "min"),
        customer_id=("customer_id", "first"),
        start=("start", "min"),
        last=("start", "max"),
    )
    events["end"] = events.pop("last") + length
    long = events["end"] - events["start"] > _LONGEST
    if long.any():
        first = events[long].iloc[0]
        raise DataError(
            f"{table.at(int(first['row']))}: the event lasts longer than 1 day ({first['start']} to {first['end']}); mend its times "
            "or its key."
        )
    return events.reset_index(drop=True)


def _gathered(frame: pd.DataFrame) -> list[Event]:
    """One event for all customers with the same times and program."""
    events = []
    keys = frame[["start", "end"]].assign(program=frame["program"].fillna("").astype(str))
    key: Any
    for key, rows in frame.groupby([keys["start"], keys["end"], keys["program"]], sort=True):
        start, end, program = key
        named = rows["customer_id"].notna().all()
        customers = frozenset(rows["customer_id"].astype(str)) if named else None
        events.append(Event(start, end, program or None, customers))
    return events


def _local(table: Table, stamps: pd.DatetimeIndex, settings: Settings) -> pd.DatetimeIndex:
    """Times on the local clock: moments, and never the ends of intervals or on the meters' clock."""
    clock = settings.readings.model_copy(update={"source_timezone": None, "stamps": "start"})
    return local_stamps(stamps, clock, table.path)
