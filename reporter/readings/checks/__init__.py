"""Checks of the readings: a table of them, those that sums answer and those that need the order of readings."""

from dataclasses import replace

import numpy as np
import pandas as pd

from reporter.findings import Finding
from reporter.readings import Engine, Readings
from reporter.readings.checks.model import Check, Checked, Repair, Result, Values
from reporter.readings.checks.order import blocks, sample_rows
from reporter.readings.checks.sums import unit_suspicion
from reporter.readings.checks.table import CHECKS
from reporter.settings import Settings
from reporter.words import counted, percent, was

__all__ = ["CHECKS", "Check", "Checked", "Repair", "Result", "check"]

_TOLD = {"implausible-readings", "empty-readings", "readings-without-time", "identical-duplicates", "conflicting-duplicates", "spring-hour-recovered"}  # fmt: skip
"""Checks that the audit and the cleaning have findings of their own for."""


def check(readings: Readings, engine: Engine, settings: Settings) -> Readings:
    """The readings with what all checks found, and their findings with what of that a reader must know.

    Args:
        readings: of the customers used, with the audit of all.
        engine: reads them again in their order, some customers or all.
        settings: thresholds, and whether the audit is to be full.
    """
    audit = readings.audit
    ids = audit.customers["customer_id"].to_numpy()
    used = np.flatnonzero(audit.customers["exclusion_reason"].isna().to_numpy())
    frame = _frame(readings)
    full = settings.audit.mode == "full"
    rows = sample_rows(readings, full, settings.seed)
    values: dict[str, Values] = {
        one.name: one.find(frame, settings.audit) for one in CHECKS if one.scope == "readings"
    }
    in_order = [one for one in CHECKS if one.scope == "order"]
    found: dict[str, Values] = {one.name: np.full(len(ids), np.nan) for one in in_order}
    if len(rows):
        for block in blocks(readings, engine, rows):
            for one in in_order:
                found[one.name][used[block.rows]] = one.find(block, settings.audit)
    values |= found
    results, parts, findings = [], [], []
    for one in CHECKS:
        value = values[one.name]
        looked_at = len(rows) if one.scope == "order" else len(ids)
        result = _result(one, value, looked_at, settings)
        results.append(result)
        hit = np.flatnonzero(np.isfinite(value))
        parts.append(
            pd.DataFrame({"customer_id": ids[hit], "check": one.name, "value": value[hit], "unit": one.unit})
        )
        if result.customers and result.severity != "info" and one.name not in _TOLD:
            data = {"customers": result.customers, "looked_at": looked_at}
            findings.append(
                Finding(name=one.name, severity=result.severity, description=result.sentence, data=data)
            )
    suspicion = unit_suspicion(frame, settings.audit)
    if suspicion is not None:
        text, numbers, severity = suspicion
        findings.append(Finding(name="unit-suspicion", severity=severity, description=text, data=numbers))
    affected = pd.concat(parts, ignore_index=True).astype({"customer_id": "str", "value": "float64"})
    checked = Checked(results, affected, _repairs(readings), settings.audit.mode, len(rows))
    return replace(readings, checked=checked, findings=[*readings.findings, *findings])


def _frame(readings: Readings) -> pd.DataFrame:
    """What sums say of each customer, one row each as in ``Audit.customers``."""
    audit = readings.audit
    customers, counts = audit.customers, audit.counts
    hours = counts["minutes_there"] / 60
    frame = counts.assign(
        customer_id=customers["customer_id"],
        readings=customers["readings"],
        minutes=customers["minutes"],
        coverage=customers["coverage"],
        peak_kw=customers["peak_kw"],
        used=customers["exclusion_reason"].isna(),
        mean_kw=counts["period_net_kwh"] / np.maximum(hours, 1e-9),
    )
    duplicates = readings.duplicates.set_axis(
        frame.index[frame["used"].to_numpy()][readings.duplicates.index]
    )
    for name in ("identical", "conflicting", "recovered"):
        frame[name] = duplicates[name].reindex(frame.index).fillna(0)
    return frame


def _result(check: Check, value: Values, looked_at: int, settings: Settings) -> Result:
    customers = int(np.isfinite(value).sum())
    limit = None if check.setting is None else float(getattr(settings.audit, check.setting))
    share = customers / looked_at if looked_at else 0.0
    shown = "" if limit is None else percent(limit) if check.unit == "share" else f"{limit:g}"
    what = check.what.format(limit=shown)
    if customers == 1:
        what = what.replace("have ", "has ", 1) if what.startswith("have ") else what
    whom = counted(customers, "customer") + (
        f" of the {looked_at:,} looked at" if check.scope == "order" and looked_at else ""
    )
    return Result(
        check=check,
        severity=check.severity if share > check.many or (check.many == 0 and customers) else "info",
        customers=customers,
        looked_at=looked_at,
        limit=limit,
        sentence=f"{whom if customers else whom.replace('0 customers', 'No customers')} {what}.",
    )


def _repairs(readings: Readings) -> list[Repair]:
    """What was left out or changed, and how, in the order in which it happens to a reading."""
    audit = readings.audit
    customers, counts = audit.customers, audit.counts
    used = customers["exclusion_reason"].isna()
    surplus = int(readings.duplicates["surplus"].sum())
    conflicting = int(readings.duplicates["conflicting"].sum())
    rows = [
        ("no-customer", audit.unnamed, "without a customer id: left out"),
        ("no-time", int(counts["undated"].sum()), "without a usable time: left out"),
        ("empty", int(counts["empty"].sum()), "empty: counted as missing, nothing is filled in"),
        ("beyond-limit", int(counts["beyond"].sum()), "beyond the physical limit: left out"),
        (
            "no-length",
            int(counts["dropped"].sum()),
            "of days in which the length of the intervals changes: left out",
        ),
        ("outside-period", int(counts["outside"].sum()), "outside of the period: left out"),
        (
            "customers-left-out",
            int(counts.loc[~used, "valid"].sum()),
            "of customers left out of the analysis",
        ),
        (
            "duplicates",
            surplus,
            "that came again for the same customer and time: one counts"
            + (
                f", of {counted(conflicting, 'time')} with different values the one further from zero"
                if conflicting
                else ""
            ),
        ),
    ]
    repairs = [
        Repair(name, number, f"{counted(number, 'reading')} {text}.") for name, number, text in rows if number
    ]
    moved = int(readings.duplicates["recovered"].sum())
    if moved:
        text = f"{counted(moved, 'reading')} {was(moved)} put into the hour that a clock set wrong skipped in spring, half of the sum in each."
        repairs.append(Repair("spring-hour-recovered", moved, text))
    split = int(counts.loc[used, "split"].sum())
    if split:
        text = f"{counted(split, 'reading')} of customers whose intervals change {was(split)} divided evenly into parts of the shortest."
        repairs.append(Repair("divided", split, text))
    return repairs
