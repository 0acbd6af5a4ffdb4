"""Two runs → Comparison: which segments correspond, who moved, and whether that is more than noise.

Two views. *Frozen*: the old centroids applied to the new profiles, so that only customers can have changed: shares and
migration. *Refitted*: the new run's own segments, matched to the old ones by the distance of their shapes.
"""

import math
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from scipy.optimize import linear_sum_assignment

from reporter.errors import UsageError
from reporter.facts import Facts, Period, Segment
from reporter.facts.rounding import rounded
from reporter.findings import Finding
from reporter.run import Run, profile_array
from reporter.words import counted

SCHEMA_VERSION = "1.0"

_SAME_SHAPE = 0.25
"""Distance between two mean shapes ÷ the length of the older one, up to which they count as one segment."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Part):
    """A segment in two periods."""

    status: Literal["matched", "new", "gone"] = Field(
        description="matched: in both; new or gone: in one only"
    )
    old_segment_id: str | None = Field(description="in the older run")
    new_segment_id: str | None = Field(description="in the newer run")
    old_title: str | None
    new_title: str | None
    distance: float | None = Field(description="distance of the mean shapes ÷ the length of the older one")
    old_customers: int
    new_customers: int
    old_share: float
    new_share: float


class Migration(_Part):
    """Customers of both periods, by the older run's segments (frozen centroids)."""

    segments: list[str] = Field(description="segment_id of rows and columns: the older run's")
    titles: list[str]
    matrix: list[list[int]] = Field(description="customers by old (row) and new (column) segment")
    customers: int = Field(description="customers in both periods")
    changed: float | None = Field(description="share of them whose segment is another now")
    changed_low: float | None = Field(description="low end of its 95 % interval (Wilson 1927)")
    changed_high: float | None = Field(description="high end of its 95 % interval")
    noise_floor: float | None = Field(
        description="the same share between even and odd days of one period, the larger of the two runs'"
    )
    noise_floor_high: float | None = Field(description="high end of its 95 % interval")
    beyond_noise: bool | None = Field(
        description="whether the intervals of change and noise floor are apart; null where the floor is not known"
    )
    arrivals: int = Field(description="customers used in the newer run only")
    departures: int = Field(description="customers used in the older run only")


class Drift(_Part):
    """How a matched segment changed."""

    old_segment_id: str
    new_segment_id: str
    measure: Literal[
        "share", "energy_kwh_per_day", "peak_hour", "peak_to_mean", "coincident_kw", "above_baseload_kw"
    ]
    old: float
    new: float
    change: float = Field(
        description="new − old, in the measure's unit; for hours the shorter way round the clock"
    )


class Emerging(_Part):
    """A load that was not there before."""

    kind: Literal["ev", "solar", "electric-heat", "vacant", "other"]
    customers: int


class Comparison(_Part):
    """What changed between two periods."""

    schema_version: str
    periods: list[Period] = Field(description="oldest first")
    segments: list[Match]
    migration: Migration
    drift: list[Drift]
    emerging: list[Emerging] = Field(description="empty: signatures of technology are not estimated yet")
    findings: list[Finding]


def compare(old: Run, new: Run) -> tuple[Comparison, pd.DataFrame]:
    """The comparison, and one row a customer of either run (``migrations.parquet``).

    Raises:
        UsageError: the runs are in the wrong order or speak different time zones.
    """
    _check(old, new)
    matches, drift = _matches(old.facts, new.facts)
    moves = _moves(old, new)
    migration = _migration(old, new, moves)
    comparison = Comparison(
        schema_version=SCHEMA_VERSION,
        periods=[old.facts.period, new.facts.period],
        segments=matches,
        migration=migration,
        drift=drift,
        emerging=[],
        findings=_findings(old.facts, new.facts, migration),
    )
    rounded_comparison = Comparison.model_validate(rounded(comparison.model_dump()))
    return rounded_comparison, moves.assign(emerging=pd.Series([None] * len(moves), dtype="string"))


def _check(old: Run, new: Run) -> None:
    first, second = old.facts.period, new.facts.period
    if first.timezone != second.timezone:
        raise UsageError(
            f"{old.folder} speaks {first.timezone} time and {new.folder} {second.timezone}; make both with the same --timezone, else hours don't compare."
        )
    if first.start > second.start:
        raise UsageError(
            f"{old.folder} ({first.label}) is later than {new.folder} ({second.label}); give the oldest run first."
        )


def _matches(old: Facts, new: Facts) -> tuple[list[Match], list[Drift]]:
    before, after = np.array([s.shape for s in old.segments]), np.array([s.shape for s in new.segments])
    cost = np.linalg.norm(before[:, None] - after[None], axis=2) / np.linalg.norm(before, axis=1)[:, None]
    pairs = {
        int(i): int(j) for i, j in zip(*linear_sum_assignment(cost), strict=True) if cost[i, j] <= _SAME_SHAPE
    }
    matches, drift = [], []
    for i, segment in enumerate(old.segments):
        partner = new.segments[pairs[i]] if i in pairs else None
        matches.append(_match(segment, partner, float(cost[i, pairs[i]]) if partner else None))
        if partner:
            drift += _drift(segment, partner)
    matches += [
        _match(None, segment, None) for j, segment in enumerate(new.segments) if j not in pairs.values()
    ]
    return matches, drift


def _match(old: Segment | None, new: Segment | None, distance: float | None) -> Match:
    return Match(
        status="matched" if old and new else "gone" if old else "new",
        old_segment_id=old.segment_id if old else None,
        new_segment_id=new.segment_id if new else None,
        old_title=old.title if old else None,
        new_title=new.title if new else None,
        distance=distance,
        old_customers=old.customers if old else 0,
        new_customers=new.customers if new else 0,
        old_share=old.share if old else 0.0,
        new_share=new.share if new else 0.0,
    )


def _drift(old: Segment, new: Segment) -> list[Drift]:
    result = []
    for measure in (
        "share",
        "energy_kwh_per_day",
        "peak_hour",
        "peak_to_mean",
        "coincident_kw",
        "above_baseload_kw",
    ):
        before, after = float(getattr(old, measure)), float(getattr(new, measure))
        change = (after - before + 12) % 24 - 12 if measure == "peak_hour" else after - before
        result.append(
            Drift(
                old_segment_id=old.segment_id,
                new_segment_id=new.segment_id,
                measure=measure,
                old=before,
                new=after,
                change=change,
            )
        )
    return result


def _moves(old: Run, new: Run) -> pd.DataFrame:
    """customer_id, old_segment_id, new_segment_id, both in the older run's segments; null where not used."""
    ids = np.array([segment["segment_id"] for segment in old.segmentation.segments])
    profiles = new.profiles
    before = old.profiles[["customer_id", "segment_id"]].rename(columns={"segment_id": "old_segment_id"})
    after = pd.DataFrame(
        {
            "customer_id": profiles["customer_id"],
            "new_segment_id": ids[old.segmentation.apply(profile_array(profiles))],
        }
    )
    return before.merge(after, on="customer_id", how="outer").sort_values("customer_id", ignore_index=True)


def _migration(old: Run, new: Run, moves: pd.DataFrame) -> Migration:
    segments = old.facts.segments
    ids = [segment.segment_id for segment in segments]
    both = moves.dropna(subset=["old_segment_id", "new_segment_id"])
    matrix = pd.crosstab(both["old_segment_id"], both["new_segment_id"]).reindex(
        index=ids, columns=ids, fill_value=0
    )
    changed = float((both["old_segment_id"] != both["new_segment_id"]).mean()) if len(both) else None
    low, high = _wilson(changed, len(both)) if changed is not None else (None, None)
    floor, floor_high = _noise_floor(old.facts, new.facts)
    return Migration(
        segments=ids,
        titles=[segment.title for segment in segments],
        matrix=matrix.to_numpy().tolist(),
        customers=len(both),
        changed=changed,
        changed_low=low,
        changed_high=high,
        noise_floor=floor,
        noise_floor_high=floor_high,
        beyond_noise=low > floor_high if low is not None and floor_high is not None else None,
        arrivals=int(moves["old_segment_id"].isna().sum()),
        departures=int(moves["new_segment_id"].isna().sum()),
    )


def _noise_floor(*runs: Facts) -> tuple[float | None, float | None]:
    """The larger of the runs' noise floors and the high end of its interval."""
    floors = [
        (run.selection.halves_changed, _wilson(run.selection.halves_changed, run.method.daily_sample)[1])
        for run in runs
        if run.selection.halves_changed is not None and run.method is not None
    ]
    return max(floors) if floors else (None, None)


def _wilson(share: float, customers: int) -> tuple[float, float]:
    """95 % interval of a share of so many customers (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    n, z = max(customers, 1), 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _findings(old: Facts, new: Facts, migration: Migration) -> list[Finding]:
    findings = []
    if not migration.customers:
        findings.append(
            Finding(
                name="no-common-customers",
                severity="serious",
                description="No customer id is in both runs, so nobody's move can be followed; ids may have been renumbered.",
            )
        )
    if _season(old.period.start, old.period.end) != _season(new.period.start, new.period.end):
        findings.append(
            Finding(
                name="season-differs",
                severity="warning",
                description=f"{old.period.label} and {new.period.label} lie in different seasons; what changed may be the season, "
                "and only the same season of another year would tell the rest.",
            )
        )
    unknown = migration.noise_floor is None and migration.customers
    if unknown:
        findings.append(
            Finding(
                name="noise-floor-unknown",
                severity="warning",
                description=f"There are too few days to say how much of the moves of {counted(migration.customers, 'customer')} is noise.",
            )
        )
    return findings


def _season(start: date, end: date) -> int:
    """Quarter of the year that the middle of a period lies in."""
    middle = start + (end - start) / 2
    return (middle.month - 1) // 3
