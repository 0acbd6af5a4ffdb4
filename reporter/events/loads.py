"""Whose days are needed, and their load by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.events.files import Event, Outages
from reporter.findings import Finding
from reporter.profiles.days import day_blocks
from reporter.profiles.model import Float
from reporter.readings import Readings
from reporter.settings import CalendarSettings, Settings
from reporter.tables import flags_of
from reporter.targets.attributes import exclusion_columns, matching_columns
from reporter.words import counted

if TYPE_CHECKING:
    from reporter.readings import Engine
    from reporter.targets.participation.history import History

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

WEEKDAY, WEEKEND, HOLIDAY = 0, 1, 2
_VALUES = 24_000_000
"""Most hourly loads held: 96 MB, or 10,000 customers of a quarter."""


@dataclass(frozen=True)
class Called:
    """An event of the period, and which customers with loads were called."""

    event: Event
    day: int
    """Index into the days of the period."""
    hours: tuple[int, ...]
    """Local hours that lie wholly in the event."""
    places: Ints
    """(n,) index into ``Loads.rows``."""
    called: int
    """All who were called, also those without readings or left out of a sample."""


@dataclass(frozen=True)
class Loads:
    """Hourly loads of those who were called, of those who were in no program, and the events."""

    rows: Ints
    """(m,) index into the customers used, ascending."""
    kw: Float
    """(m, days, 24) mean load by local hour [kW]; NaN where there is no reading and on days with an outage."""
    ordinary: Float
    """The same, also NaN on the days of a customer's own events."""
    kind: NDArray[np.int8]
    """(days,) weekday, weekend or holiday."""
    events: list[Called]
    pool: Flags
    """(m,) in no program, and called at no event."""
    opted_out: int
    """Customers who enrolled and left the program."""
    temperature: NDArray[np.float64] | None
    """(days,) mean outdoor temperature [°C]; None where it is not known."""
    outages: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Standing:
    """How the customers used stand to the programs."""

    enrolled_on: dict[str | None, "pd.Series[Any]"]
    """Program → day of enrolment by customer id; under None of any program."""
    touched: frozenset[str]
    """All who were ever in one, also those who left it."""
    opted_out: frozenset[str]


def check_called(
    events: Sequence[Event],
    history: "History | None",
    attributes: pd.DataFrame | None,
    settings: Settings,
    name: str,
) -> None:
    """Refuse events of which nobody can say who was called.

    Raises:
        DataError: the file names no customers, and neither an enrolment history nor the customer file says who takes part.
    """
    if all(event.customers is not None for event in events) or history is not None:
        return
    columns = exclusion_columns(settings.targets)["already-enrolled"]
    if attributes is None or not matching_columns(attributes.columns, columns):
        raise DataError(
            f"{name}: who was called is not known: the file has no column 'customer_id'; add one, or give --enrolment, or --customers "
            f"with a column '{columns[0] if columns else 'enrolled'}'."
        )


def load_events(
    events: Sequence[Event],
    outages: Outages | None,
    history: "History | None",
    attributes: pd.DataFrame | None,
    temperature: pd.DataFrame | None,
    readings: Readings,
    engine: "Engine",
    settings: Settings,
) -> Loads:
    """The days of all who were called, and of those they can be compared with; of a sample where there are too many.

    Args:
        events: all of the file.
        outages: power cuts, or None.
        history: past offers, or None.
        attributes: of customers, or None.
        temperature: mean by day of the calendar, a column an area, or None.
        readings: cleaned readings in the engine.
        engine: runs the scan.
        settings: of the run.
    """
    ids = pd.Index(readings.audit.used["customer_id"].astype(str).to_numpy(dtype=object))
    standing = _standing(history, attributes, settings)
    dates = pd.DatetimeIndex(readings.calendar.dates)
    inside, findings = _inside(events, dates)
    members = [_members(event, standing) for event, _, _ in inside]
    findings += _unknown_programs(inside, standing)
    called = np.zeros(len(ids), dtype=np.bool_)
    for who in members:
        called[_known(ids, who)] = True
    touched = called.copy()
    touched[_known(ids, standing.touched)] = True
    cut = np.zeros(len(ids), dtype=np.bool_)
    if outages is not None:
        cut[_known(ids, outages.frame["customer_id"])] = True
    most = _VALUES // (24 * len(dates))
    # Without an event only the outages want days.
    pool = ~touched if inside else np.zeros_like(touched)
    rows = _chosen(called, pool, cut & ~pool, most, settings.seed)
    findings += _sampled(called, rows)
    kw = np.full((len(rows), len(dates), 24), np.nan, dtype="float32")
    place = np.full(len(ids), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    for block in day_blocks(readings, engine, rows):
        kw[place[block.rows]] = block.hourly()
    number = 0
    if outages is not None:
        number, said = _without_outages(kw, outages, ids, place, dates)
        findings += said
    ordinary = kw.copy()
    found = []
    for (event, day, hours), who in zip(inside, members, strict=True):
        own = place[_known(ids, who)]
        own = np.sort(own[own >= 0])
        ordinary[own, day] = np.nan
        found.append(Called(event, day, hours, own, len(who)))
    return Loads(
        rows=rows,
        kw=kw,
        ordinary=ordinary,
        kind=_kinds(dates, settings.calendar),
        events=found,
        pool=~touched[rows],
        opted_out=len(standing.opted_out),
        temperature=_mean_temperature(temperature),
        outages=number,
        findings=findings,
    )


def _standing(history: "History | None", attributes: pd.DataFrame | None, settings: Settings) -> _Standing:
    enrolled: dict[str | None, pd.Series[Any]] = {}
    touched: set[str] = set()
    opted_out: set[str] = set()
    if history is not None:
        frame = history.frame[history.frame["enrolled"]]
        left = frame[frame["opted_out"]]
        touched |= set(frame["customer_id"])
        opted_out |= set(left["customer_id"])
        here = frame[~frame["opted_out"]]
        for name, part in [
            (None, here),
            *((str(name).casefold(), part) for name, part in here.groupby("program")),
        ]:
            enrolled[name] = part.groupby("customer_id")["enrolled_on"].min()
    if attributes is not None:
        columns = exclusion_columns(settings.targets)
        flagged = {
            reason: set(attributes["customer_id"][_any(attributes, columns[reason])].astype(str))
            for reason in ("already-enrolled", "opted-out")
        }
        touched |= flagged["already-enrolled"] | flagged["opted-out"]
        if history is None:
            opted_out |= flagged["opted-out"]
            enrolled[None] = pd.Series(
                pd.Timestamp.min, index=sorted(flagged["already-enrolled"] - flagged["opted-out"])
            )
    return _Standing(enrolled, frozenset(touched), frozenset(opted_out))


def _any(attributes: pd.DataFrame, names: Sequence[str]) -> Flags:
    result = np.zeros(len(attributes), dtype=np.bool_)
    for column in matching_columns(attributes.columns, names):
        result |= flags_of(attributes[column])[0]
    return result


def _members(event: Event, standing: _Standing) -> frozenset[str]:
    """Ids of those called."""
    if event.customers is not None:
        return event.customers
    programs = {name for name in standing.enrolled_on if name is not None}
    key = event.program.casefold() if event.program is not None and programs else None
    on = standing.enrolled_on.get(key)
    return frozenset() if on is None else frozenset(map(str, on.index[on <= event.start]))


def _unknown_programs(inside: list[tuple[Event, int, tuple[int, ...]]], standing: _Standing) -> list[Finding]:
    known = {name for name in standing.enrolled_on if name is not None}
    named = {event.program for event, _, _ in inside if event.customers is None and event.program}
    missing = sorted(name for name in named if known and name.casefold() not in known)
    if not missing:
        return []
    return [
        Finding(
            name="event-program-unknown",
            severity="warning",
            description=f"Nobody in the enrolment history is enrolled in '{missing[0]}', a program of the events file, so its events "
            f"called nobody (the history has: {', '.join(sorted(known))}).",
            data={"programs": missing},
        )
    ]


def _inside(
    events: Sequence[Event], dates: pd.DatetimeIndex
) -> tuple[list[tuple[Event, int, tuple[int, ...]]], list[Finding]]:
    """Events of the period with their day and whole hours."""
    found, outside, cut = [], 0, 0
    for event in events:
        midnight = event.start.normalize()
        day = int(dates.get_indexer(pd.DatetimeIndex([midnight]))[0])
        first = -(-(event.start - midnight) // pd.Timedelta(hours=1))
        last = min((event.end - midnight) // pd.Timedelta(hours=1), 24)
        if day < 0:
            outside += 1
            continue
        cut += event.end - event.start != pd.Timedelta(hours=max(last - first, 0))
        if last > first:
            found.append((event, day, tuple(range(int(first), int(last)))))
    findings = []
    if outside:
        findings.append(
            Finding(
                name="events-outside-period",
                severity="info" if found else "warning",
                description=f"{outside:,} of {counted(len(events), 'event')} {'lies' if outside == 1 else 'lie'} outside the period of the "
                "readings and play no part.",
                data={"events": outside, "of": len(events)},
            )
        )
    if cut:
        findings.append(
            Finding(
                name="event-hours-left-out",
                severity="info",
                description=f"{counted(cut, 'event')} did not begin and end on the hour, or went past midnight; hours that were only partly in "
                "an event count neither as the event nor as what followed.",
                data={"events": cut},
            )
        )
    return found, findings


def _chosen(called: Flags, pool: Flags, others: Flags, most: int, seed: int) -> Ints:
    """Rows whose days are loaded: half of the room for those called, what is left for the rest."""
    rng = np.random.default_rng(seed)
    result: list[Ints] = []
    for flags, room in ((called, most // 2), (pool, most), (others & ~called, most)):
        rows = np.flatnonzero(flags)
        room = min(room, most - sum(map(len, result)))
        result.append(rows if len(rows) <= room else np.sort(rng.choice(rows, max(room, 0), replace=False)))
    return np.sort(np.concatenate(result))


def _sampled(called: Flags, rows: Ints) -> list[Finding]:
    all_, here = int(called.sum()), int(called[rows].sum())
    if here == all_:
        return []
    return [
        Finding(
            name="event-customers-sampled",
            severity="info",
            description=f"The events are measured on {here:,} of {all_:,} customers called, drawn at random.",
            data={"customers": here, "of": all_},
        )
    ]


def _without_outages(
    kw: Float, outages: Outages, ids: "pd.Index[Any]", place: Ints, dates: pd.DatetimeIndex
) -> tuple[int, list[Finding]]:
    """Take days with an outage out of the loads, and say how many zero hours they explain."""
    frame = outages.frame
    last = dates[-1] + pd.Timedelta(days=1)
    frame = frame[(frame["end"] > dates[0]) & (frame["start"] < last)]
    row = ids.get_indexer(pd.Index(frame["customer_id"]))
    here = np.where(row >= 0, place[row], -1)
    frame, here = frame[here >= 0], here[here >= 0]
    hours = dates.to_numpy()[:, None] + np.arange(24) * np.timedelta64(1, "h")
    explained, whole, dark = 0, 0, 0
    zero = kw[np.unique(here)] == 0 if len(here) else np.zeros((0, 1, 24), dtype=np.bool_)
    days = np.zeros((len(kw), len(dates)), dtype=np.bool_)
    for at, start, end in zip(here, frame["start"].to_numpy(), frame["end"].to_numpy(), strict=True):
        inside = (hours >= start) & (hours + np.timedelta64(1, "h") <= end)
        loads = kw[at][inside]
        loads = loads[~np.isnan(loads)]
        whole += len(loads)
        dark += int((loads == 0).sum())
        touched = (hours < end) & (hours + np.timedelta64(1, "h") > start)
        explained += int((kw[at][touched] == 0).sum())
        days[at] |= touched.any(axis=1)
    kw[days] = np.nan
    if not len(here):
        return 0, []
    customers, zeros = len(np.unique(here)), int(zero.sum())
    findings = [
        Finding(
            name="outages-known",
            severity="info",
            description=f"{counted(len(here), 'outage')} of {counted(customers, 'customer')} in the period explain {explained:,} of their "
            f"{counted(zeros, 'hour')} without load; their days count neither as an event nor in a baseline.",
            data={"outages": len(here), "customers": customers, "zero_hours": zeros, "explained": explained},
        )
    ]
    if whole >= 10 and dark < 0.5 * whole:
        findings.append(
            Finding(
                name="outages-with-load",
                severity="warning",
                description=f"In {whole - dark:,} of {whole:,} whole hours of outage the meter shows load; the times of the outages may be on "
                "another clock.",
                data={"hours": whole, "with_load": whole - dark},
            )
        )
    return len(here), findings


def _kinds(dates: pd.DatetimeIndex, settings: CalendarSettings) -> NDArray[np.int8]:
    weekend = np.isin(dates.day_of_week, settings.weekend)
    holiday = dates.isin(pd.to_datetime(list(settings.holidays)))
    return np.where(holiday, HOLIDAY, np.where(weekend, WEEKEND, WEEKDAY)).astype(np.int8)


def _mean_temperature(by_day: pd.DataFrame | None) -> NDArray[np.float64] | None:
    return None if by_day is None else by_day.mean(axis=1).to_numpy(dtype="float64")


def _known(ids: "pd.Index[Any]", wanted: Any) -> Ints:
    """Rows of these ids, those that are there, ascending."""
    row = ids.get_indexer(pd.Index(sorted(map(str, set(wanted))), dtype="object"))
    return np.sort(row[row >= 0]).astype(np.int64)
