"""The audit of the readings → facts: checks, repairs, and what the pictures of the audit show."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reporter.readings import Readings
from reporter.readings.audit import Audit

_ROWS = 24
"""Rows of the coverage map, of about as many customers each."""

_BINS = 24
"""Bins of the distribution of daily energy; the last one holds all beyond the 99th percentile."""


def audit_facts(readings: Readings) -> dict[str, Any]:
    """What ``facts.Quality`` has beside its sums."""
    checked, audit = readings.checked, readings.audit
    gaps = audit.customers["longest_gap_hours"]
    minutes = audit.customers.loc[audit.customers["valid"] > 0, "minutes"].value_counts().sort_index()
    found: dict[str, Any] = {
        "longest_gap_hours": float(gaps.max()) if len(gaps) else 0.0,
        "interval_counts": [
            {"minutes": length, "customers": number}
            for length, number in zip(minutes.index.tolist(), minutes.tolist(), strict=True)
        ],
        "coverage_map": _coverage_map(readings),
        "readings_by_day": _by_day(readings),
        "daily_energy": _daily_energy(audit),
    }
    if checked is not None:
        found |= {
            "audit_mode": checked.mode,
            "checks": [
                {
                    "name": result.check.name,
                    "severity": result.severity,
                    "setting": None if result.check.setting is None else f"audit.{result.check.setting}",
                    "limit": result.limit,
                    "customers": result.customers,
                    "looked_at": result.looked_at,
                    "unit": result.check.unit,
                    "description": result.sentence,
                }
                for result in checked.results
            ],
            "repairs": [vars(repair) for repair in checked.repairs],
        }
    return found


def _coverage_map(readings: Readings) -> dict[str, Any] | None:
    """Customers in the order in which they come and go, in rows of about as many; days in columns."""
    presence, dates = readings.audit.presence, readings.calendar.dates
    order = presence.customers.assign(whole=-presence.coverage.sum(axis=1))
    order = order[order["stamps"] > 0].sort_values(
        ["first_day", "last_day", "whole"], ascending=[True, False, True]
    )
    rows: list[NDArray[np.int64]] = [
        part for part in np.array_split(order.index.to_numpy(), min(_ROWS, len(order)) or 1) if len(part)
    ]
    if not rows:
        return None
    begins = np.unique(presence.columns, return_index=True)[1]
    return {
        "days": [dates[day].date() for day in begins],
        "customers": [len(part) for part in rows],
        "share": [presence.coverage[part].mean(axis=0, dtype="float64") for part in rows],
    }


def _by_day(readings: Readings) -> list[dict[str, Any]]:
    presence, dates = readings.audit.presence, readings.calendar.dates
    return [
        {"day": day.date(), "readings": int(number), "customers": int(customers)}
        for day, number, customers in zip(dates, presence.by_day, presence.metered, strict=True)
    ]


def _daily_energy(audit: Audit) -> list[dict[str, Any]]:
    """How many customers draw how much a day of the period."""
    customers = audit.customers
    used = (customers["exclusion_reason"].isna() & (customers["days"] > 0)).to_numpy()
    if not used.any():
        return []
    each = (audit.counts["period_import_kwh"] / customers["days"]).to_numpy()[used]
    top = float(np.quantile(each, 0.99)) or float(each.max()) or 1.0
    edges = np.linspace(0, top, _BINS)
    counts = np.histogram(each, bins=[*edges, np.inf])[0]
    return [
        {"low_kwh": float(low), "high_kwh": None if high is None else float(high), "customers": int(number)}
        for low, high, number in zip(edges, [*edges[1:], None], counts, strict=True)
    ]
