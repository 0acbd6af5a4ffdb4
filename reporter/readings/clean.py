"""Readings of the customers used, valid and counted once, as integers that the engine can add exactly.

Duplicates (two readings of a customer with one stamp) are settled by one rule: identical ones count once; of conflicting
ones the value further from zero counts, since exports put zero where a value is missing. In the hour that autumn's clock
change doubles, two readings are right and both count.
"""

from dataclasses import dataclass
from typing import Any

import ibis

from reporter.findings import Finding
from reporter.readings.audit import Audit, distinct, micros, plausible
from reporter.readings.engine import Engine
from reporter.readings.sources import Source
from reporter.settings import Settings
from reporter.words import counted

_KEYS = ["row", "minutes", "slot", "day", "hour", "weekend"]
_ONE = ibis.literal(1).cast("int64")


@dataclass(frozen=True)
class Clean:
    """An Ibis table: row (customer), minutes (interval length), slot, day, hour, weekend, micro (value), n (readings)."""

    table: Any
    findings: list[Finding]


def clean(source: Source, audit: Audit, calendar_table: Any, engine: Engine, settings: Settings) -> Clean:
    """The readings that the profiles are made of.

    Args:
        source: the readings as they came.
        audit: who is used, and who has duplicates.
        calendar_table: the calendar as a table of the engine.
        engine: settles the duplicates, once.
        settings: the physical limit.
    """
    used = audit.used.reset_index(drop=True)
    customers = used[["customer_id", "minutes", "has_duplicates"]].assign(row=used.index.astype("int32"))
    customers["minutes"] = customers["minutes"].astype("int16")
    joined = source.table.inner_join(engine.lookup(customers), "customer_id").inner_join(
        calendar_table, "stamp"
    )
    joined = joined.filter(plausible(joined.value, source.unit, settings)).mutate(
        micro=lambda t: micros(t.value)
    )
    doubled_hours = bool(
        engine.frame(calendar_table.aggregate(repeats=calendar_table.repeats.max()))["repeats"][0] > 1
    )
    if used.empty or not (used["has_duplicates"].any() or doubled_hours):
        return Clean(joined.select(*_KEYS, "micro", n=_ONE), [])

    # Grouping by stamp is slow, so only days with a duplicate go that way: they are few where customers are many.
    flagged = engine.store(_days_with_duplicates(joined, int(used["minutes"].min())), "flagged")
    marked = joined.left_join(flagged.mutate(flag=True), ["row", "day"])
    tangled = marked.flag.notnull() | (marked.repeats > 1)
    plain = marked.filter(~tangled).select(*_KEYS, "micro", n=_ONE)
    groups = (
        marked.filter(tangled)
        .group_by([*_KEYS, "repeats"])
        .aggregate(copies=lambda t: t.count(), low=lambda t: t.micro.min(), high=lambda t: t.micro.max())
    )
    groups = engine.store(groups, "settled")
    further = ibis.ifelse(groups.high.abs() >= groups.low.abs(), groups.high, groups.low)
    both = (groups.repeats > 1) & (groups.copies > 1)
    settled = groups.select(
        *_KEYS,
        micro=ibis.ifelse(both, groups.high + groups.low, further),
        n=ibis.least(groups.copies, groups.repeats.cast("int64")),
    )
    return Clean(plain.union(settled), _findings(groups, engine))


def _days_with_duplicates(joined: Any, shortest: int) -> Any:
    """row and day wherever a customer has more readings than distinct times."""
    suspects = joined.filter(joined.has_duplicates & (joined.repeats == 1))
    place = ((suspects.hour.cast("int32") * 60 + suspects.minute) // suspects.minutes.cast("int32")).cast(
        "int32"
    )
    by_day = suspects.group_by(["row", "day"]).aggregate(
        readings=suspects.count(), times=distinct(place, 0, 24 * 60 // shortest)
    )
    return by_day.filter(by_day.readings > by_day.times).select("row", "day")


def _findings(groups: Any, engine: Engine) -> list[Finding]:
    single = groups.filter((groups.repeats == 1) & (groups.copies > 1))
    totals = engine.frame(
        single.aggregate(
            surplus=(single.copies - 1).sum(),
            stamps=single.count(),
            conflicting=(single.high != single.low).sum(),
            customers=single.row.nunique(),
        )
    ).iloc[0]
    if not totals["stamps"]:
        return []
    surplus, conflicting, customers = (
        int(totals["surplus"]),
        int(totals["conflicting"]),
        int(totals["customers"]),
    )
    text = f"{counted(surplus, 'duplicate reading')} of {counted(customers, 'customer')} not counted"
    if conflicting:
        text += f"; {counted(conflicting, 'time')} had different values, of which the one further from zero was kept"
    data = {"readings": surplus, "conflicting": conflicting, "customers": customers}
    return [
        Finding(
            name="duplicates",
            severity="warning" if conflicting else "info",
            description=f"{text}.",
            data=data,
        )
    ]
