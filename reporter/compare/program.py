"""The report keeps score on itself: what the older run recommended and forecast, and what came."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from reporter.compare.intervals import Z
from reporter.compare.pair import Pair
from reporter.facts import ProgramEffect, Score
from reporter.settings import CompareSettings

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]

ENROLLED = "already-enrolled"
"""The reason in customers.parquet why an enrolled customer is no target."""
_ALIKE = ("old_coincident_kw", "old_mean_kw", "old_above_baseload_kw")
"""What matched customers are alike in, within a segment."""
_NEEDED = (
    "old_customer_id", "old", "new", *_ALIKE, "new_coincident_kw", "old_effect_kw", "old_not_target_reason", "new_not_target_reason",
    "new_exclusion_reason",
)  # fmt: skip
_CLOCK = "Measured over each period's own peak hours, on all days alike: an effect in events alone shows only in part."


def program_effect(pair: Pair, options: CompareSettings) -> ProgramEffect | None:
    """Who of the older run's targets enrolled, and what their load did against matched customers who didn't.

    None where the older run recommended nobody. Who enrolled is known from the customers file or the enrolment history of
    the newer run.
    """
    targets = pair.old.targets
    people = pair.people[[name for name in _NEEDED if name in pair.people]].merge(
        targets, left_on="old_customer_id", right_on="target_id", how="left"
    )
    recommended = (people["group"] == "offer").to_numpy()
    if not recommended.any():
        return None
    was_enrolled = (people["old_not_target_reason"] == ENROLLED).to_numpy()
    is_enrolled = (people["new_not_target_reason"] == ENROLLED).to_numpy()
    joined = recommended & is_enrolled & ~was_enrolled
    change = (people["new_coincident_kw"] - people["old_coincident_kw"]).to_numpy(dtype="float64")
    others = pair.both & ~is_enrolled & ~was_enrolled & ~np.isnan(change)
    treated = joined & pair.both & ~np.isnan(change)
    matching = _matched(people, treated, others, change, options.matches)
    effect, low, high = _mean(matching, options.least_enrolled)
    return ProgramEffect(
        recommended=int(recommended.sum()),
        enrolled=int(joined.sum()),
        holdout=int(((people["group"] == "holdout").to_numpy() & pair.both).sum()),
        moved_away=int(
            (recommended & (people["new_exclusion_reason"].isna() & (people["new"] < 0)).to_numpy()).sum()
        ),
        changed_segment=int((recommended & pair.both & (people["old"] != people["new"]).to_numpy()).sum()),
        matched=matching.others,
        effect_kw=effect,
        effect_low=low,
        effect_high=high,
        scores=_scores(pair, people, recommended, joined, (effect, low, high), options.least_enrolled),
    )


@dataclass(frozen=True)
class _Matching:
    """Each enrolled customer against the most alike others."""

    effects: Values
    """(m,) change of an enrolled customer less that of its matches [kW]."""
    others: int
    """Different customers among the matches."""
    reuse: float
    """What it adds to the variance of the mean that some of them are matched many times [kW²]."""


def _matched(people: pd.DataFrame, treated: Flags, others: Flags, change: Values, matches: int) -> _Matching:
    """Nearest neighbours within a segment, with replacement, in standardised loads (Abadie and Imbens 2006,
    doi:10.1111/j.1468-0262.2006.00655.x); what is left of a difference in these loads is taken off by a regression among
    the others (the same, 2011, doi:10.1198/jbes.2009.07333)."""
    effects: list[float] = []
    used = np.zeros(len(people))
    spread = 0.0
    loads = people[list(_ALIKE)].to_numpy(dtype="float64")
    known = ~np.isnan(loads).any(axis=1)
    for segment in np.unique(people.loc[treated, "old"]):
        inside = (people["old"] == segment).to_numpy() & known
        own, pool = np.flatnonzero(treated & inside), np.flatnonzero(others & inside)
        if not len(pool) or not len(own):
            continue
        scale = np.maximum(loads[pool].std(axis=0), 1e-6)
        near = min(matches, len(pool))
        _, found = cKDTree(loads[pool] / scale).query(loads[own] / scale, k=near)
        rows = pool[np.asarray(found).reshape(len(own), near)]
        slopes, left = _slopes(loads[pool], change[pool])
        usual = (change[rows] + (loads[own][:, None] - loads[rows]) @ slopes).mean(axis=1)
        effects += (change[own] - usual).tolist()
        weight = np.bincount(rows.ravel(), minlength=len(people)) / near
        used += weight
        spread += left * float((weight**2 - weight / near).sum())
    return _Matching(np.array(effects), int((used > 0).sum()), max(spread, 0.0) / max(len(effects), 1) ** 2)


def _slopes(loads: Values, change: Values) -> tuple[Values, float]:
    """Change per kW of each load, by least squares among customers who are not enrolled, and the variance left [kW²]."""
    if len(loads) <= loads.shape[1] + 1:
        return np.zeros(loads.shape[1]), float(change.var())
    design = np.column_stack([np.ones(len(loads)), loads])
    fit = np.asarray(np.linalg.lstsq(design, change, rcond=None)[0], dtype="float64")
    return fit[1:], float(((change - design @ fit) ** 2).sum() / (len(loads) - design.shape[1]))


def _mean(matching: _Matching, least: int) -> tuple[float | None, float | None, float | None]:
    effects = matching.effects
    if len(effects) < least:
        return None, None, None
    mean = float(effects.mean())
    half = Z * math.sqrt(float(effects.var(ddof=1)) / len(effects) + matching.reuse)
    return mean, mean - half, mean + half


def _scores(
    pair: Pair,
    people: pd.DataFrame,
    recommended: Flags,
    joined: Flags,
    effect: tuple[float | None, float | None, float | None],
    least: int,
) -> list[Score]:
    forecast = pair.old.facts.targets
    offers, count = int(recommended.sum()), int(joined.sum())
    rate = forecast.enrolment_rate
    scores = [
        Score(
            what="Customers enrolled of those recommended",
            unit="customers",
            forecast=None if rate is None else rate * offers,
            forecast_low=None,
            forecast_high=None,
            actual=float(count),
            actual_low=None,
            actual_high=None,
            note="The older run had no enrolment rate to forecast with."
            if rate is None
            else "At the enrolment rate of the older run.",
        )
    ]
    each = (
        people.loc[joined, "old_effect_kw"].to_numpy(dtype="float64")
        if "old_effect_kw" in people
        else np.zeros(0)
    )
    each = each[~np.isnan(each)]
    scale = _ends(forecast.expected_kw, forecast.low_kw, forecast.high_kw)
    mean = float(each.mean()) if len(each) else None
    found, low, high = (None if value is None else -value for value in (effect[0], effect[2], effect[1]))
    note = (
        _CLOCK
        if found is not None
        else f"Fewer than {least} of the recommended enrolled and were used in both periods: too few to measure."
    )
    scores.append(
        Score(
            what="Reduction per enrolled customer in the peak hours",
            unit="kW",
            forecast=mean,
            forecast_low=None if mean is None else mean * scale[0],
            forecast_high=None if mean is None else mean * scale[1],
            actual=found,
            actual_low=low,
            actual_high=high,
            note=note,
        )
    )
    return scores


def _ends(middle: float, low: float, high: float) -> tuple[float, float]:
    """Ends of the published range, as parts of the middle."""
    return (low / middle, high / middle) if middle > 0 else (1.0, 1.0)
