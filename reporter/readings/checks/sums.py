"""Checks that sums over all readings answer: every reading of every customer counts."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Severity
from reporter.readings.checks.model import Values
from reporter.settings import AuditSettings
from reporter.tables import plain_ids

_FACTORS = (1000.0, 12.0, 6.0, 4.0, 3.0, 2.0)
"""What wrong units multiply by: Wh for kWh, and kW for kWh at 5, 10, 15, 20 and 30 minutes."""

_FAR = 2.5
"""Times beyond what is plausible from which hardly any homes are left that it could be."""

_FEWEST = 20
"""Customers of a length of interval that say something about all of that length."""

_NEXT_DAYS = 2
"""Days within which a new id may follow an old one."""

_EDGE_DAYS = 7
"""Customers who end so near to the end of the period, or begin so near to its start, are there all along."""

_SHARE_OF_ALL = 0.05
"""Share of all customers that must end and begin together for a change of numbers."""


def _where(affected: "pd.Series[bool]", value: "pd.Series[float]") -> Values:
    values: Values = np.where(affected, value.astype("float64"), np.nan)
    return values


def _count(frame: pd.DataFrame, name: str) -> Values:
    return _where(frame[name] > 0, frame[name])


def beyond(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Readings beyond the physical limit."""
    return _count(frame, "beyond")


def empty(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Empty readings."""
    return _count(frame, "empty")


def undated(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Readings without a usable time."""
    return _count(frame, "undated")


def identical(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Readings that came again with the same value."""
    return _count(frame, "identical")


def conflicting(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Times that came again with another value."""
    return _count(frame, "conflicting")


def recovered(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Readings that were put into the hour that a clock set wrong skipped."""
    return _count(frame, "recovered")


def gap(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Hours of the longest gap."""
    return _where(frame["gap_hours"] >= settings.gap_hours, frame["gap_hours"])


def coverage(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Share of the intervals of a customer's days that are there."""
    return _where((frame["valid"] > 0) & (frame["coverage"] < settings.good_coverage), frame["coverage"])


def zero_share(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Share of zeros."""
    share: pd.Series[float] = frame["zeros"] / np.maximum(frame["valid"], 1)
    return _where(share >= settings.zero_share, share)


def estimated(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Share of readings that were not measured."""
    share: pd.Series[float] = frame["estimated"] / np.maximum(frame["valid"], 1)
    return _where((share >= settings.estimated_share) & (frame["estimated"] > 0), share)


def size(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Mean load as a multiple of the median customer's, where it is out of all proportion."""
    load = frame["mean_kw"].abs()
    median = float(load[(load > 0) & frame["used"]].median()) if ((load > 0) & frame["used"]).any() else 0.0
    if not median:
        return np.full(len(frame), np.nan)
    times = load / median
    return _where(
        frame["used"] & ((times >= settings.size_ratio) | (times <= 1 / settings.size_ratio)), times
    )


def renumbered(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Day (counted from the first) on which an id ends while as many new ones begin."""
    there = frame["valid"] > 0
    last = int(frame.loc[there, "last_day"].max()) if there.any() else 0
    ends = there & (frame["last_day"] < last - _EDGE_DAYS)
    begins = there & (frame["first_day"] > _EDGE_DAYS)
    result = np.full(len(frame), np.nan)
    if not (ends.any() and begins.any()):
        return result
    wanted = max(2.0, _SHARE_OF_ALL * int(there.sum()))
    counts = frame.loc[ends, "last_day"].value_counts()
    for day, number in zip(counts.index.astype(int).tolist(), counts.tolist(), strict=True):
        if number < wanted:
            continue
        new = begins & frame["first_day"].between(day, day + _NEXT_DAYS)
        if int(new.sum()) >= max(wanted, number / 2):
            old = ends & (frame["last_day"] == day)
            result[(old | new).to_numpy()] = day
    return result


def similar_ids(frame: pd.DataFrame, settings: AuditSettings) -> Values:
    """Other ids that are the same but for capitals and leading zeros."""
    plain = plain_ids(frame["customer_id"])
    others = plain.map(plain.value_counts()) - 1
    return _where(others > 0, others.astype("float64"))


def unit_suspicion(
    frame: pd.DataFrame, settings: AuditSettings
) -> tuple[str, dict[str, float], Severity] | None:
    """Whether the loads of all customers together look like another unit: a sentence, its numbers, and how serious it is.

    Medians over the customers used are held against what homes draw. A wrong unit moves all of them by its factor, so a median
    says it where a single customer can't; customers of another length of interval are held against the others.
    """
    used = frame[frame["used"] & (frame["mean_kw"].abs() > 0)]
    if len(used) < 2:
        return None
    for minutes, part in used.groupby("minutes"):
        others = used[used["minutes"] != minutes]
        if len(part) < _FEWEST or len(others) < _FEWEST:
            continue
        ratio = float(part["mean_kw"].abs().median() / others["mean_kw"].abs().median())
        factor = _factor(ratio, (1000.0, 60 / float(str(minutes))))
        if factor is not None:
            return (
                f"Customers metered every {minutes} minutes draw {ratio:,.3g} times what the others do (medians), as if "
                f"{_mistake(factor)}; check their unit.",
                {"minutes": float(str(minutes)), "ratio": ratio},
                "serious",
            )
    mean, peak = float(used["mean_kw"].abs().median()), float(used["peak_kw"].median())
    numbers = {"median_mean_kw": mean, "median_peak_kw": peak}
    (low_mean, high_mean), (low_peak, high_peak) = settings.plausible_mean_kw, settings.plausible_peak_kw
    drawn = f"The median customer draws {mean:,.3g} kW on average and {peak:,.3g} kW at most"
    hours = 60 / float(used["minutes"].median())
    if mean > high_mean or peak > high_peak:
        beyond = max(mean / high_mean, peak / high_peak)
        factor = _nearest(beyond, (hours, 1000.0))
        text = f"{drawn}, more than most homes do: as if {_mistake(factor)}. {_CHECK}"
    elif mean < low_mean and peak < low_peak:
        beyond = min(low_mean / max(mean, 1e-9), low_peak / max(peak, 1e-9))
        factor = 1 / _nearest(beyond, (hours, 1000.0))
        text = f"{drawn}, less than most homes do: as if {_mistake(factor)}. {_CHECK}"
    else:
        return None
    return text, numbers, "serious" if beyond > _FAR else "warning"


_CHECK = (
    "Check --unit; if your customers are no homes, set audit.plausible_mean_kw and audit.plausible_peak_kw."
)


def _factor(ratio: float, factors: tuple[float, ...]) -> float | None:
    """The factor that a ratio of medians is, within a third, if any."""
    for factor in factors:
        for value in (factor, 1 / factor):
            if value != 1 and abs(np.log(ratio / value)) < np.log(4 / 3):
                return value
    return None


def _nearest(least: float, factors: tuple[float, ...]) -> float:
    """The smallest factor that makes up for so much."""
    fitting = [factor for factor in sorted(factors) if factor > 1 and factor >= least]
    return fitting[0] if fitting else max(factors)


def _mistake(factor: float) -> str:
    """What gives a wrong factor."""
    if factor >= 500:
        return "Wh were read as kWh (1,000 times too much)"
    if factor <= 1 / 500:
        return "MWh were read as kWh (a thousandth)"
    times = (
        f"{factor:.0f} times too much"
        if factor > 1
        else f"a {_ORDINAL.get(round(1 / factor), f'1/{1 / factor:.0f}')} of it"
    )
    return f"kW were read as kWh ({times})" if factor > 1 else f"kWh were read as kW ({times})"


_ORDINAL = {2: "half", 3: "third", 4: "quarter", 6: "sixth", 12: "twelfth"}


def median_of(values: NDArray[np.float64]) -> float:
    """Median of the affected."""
    return float(np.nanmedian(values))
