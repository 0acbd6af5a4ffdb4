"""The report keeps score on itself: what the older run recommended and forecast, and what came."""

import math

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
_CLOCK = "Measured over each period's own peak hours, on all days alike: an effect in events alone shows only in part."


def program_effect(pair: Pair, options: CompareSettings) -> ProgramEffect | None:
    """Who of the older run's targets enrolled, and what their load did against matched customers who didn't.

    None where the older run recommended nobody. Who enrolled is known from the customers file or the enrolment history of
    the newer run.
    """
    targets = pair.old.targets
    people = pair.people.merge(targets, left_on="old_customer_id", right_on="target_id", how="left")
    recommended = (people["group"] == "offer").to_numpy()
    if not recommended.any():
        return None
    was_enrolled = (people["old_not_target_reason"] == ENROLLED).to_numpy()
    is_enrolled = (people["new_not_target_reason"] == ENROLLED).to_numpy()
    joined = recommended & is_enrolled & ~was_enrolled
    change = (people["new_coincident_kw"] - people["old_coincident_kw"]).to_numpy(dtype="float64")
    others = pair.both & ~is_enrolled & ~was_enrolled & ~np.isnan(change)
    treated = joined & pair.both & ~np.isnan(change)
    effects, used = _matched(people, treated, others, change, options.matches)
    effect, low, high = _mean(effects, options.least_enrolled)
    return ProgramEffect(
        recommended=int(recommended.sum()),
        enrolled=int(joined.sum()),
        holdout=int(((people["group"] == "holdout").to_numpy() & pair.both).sum()),
        moved_away=int(
            (recommended & (people["new_exclusion_reason"].isna() & (people["new"] < 0)).to_numpy()).sum()
        ),
        changed_segment=int((recommended & pair.both & (people["old"] != people["new"]).to_numpy()).sum()),
        matched=used,
        effect_kw=effect,
        effect_low=low,
        effect_high=high,
        scores=_scores(pair, people, recommended, joined, (effect, low, high), options.least_enrolled),
    )


def _matched(
    people: pd.DataFrame, treated: Flags, others: Flags, change: Values, matches: int
) -> tuple[Values, int]:
    """Change of each treated customer less the mean change of the most alike others of its segment; how many others.

    Nearest neighbours with replacement, in standardised loads (Abadie and Imbens 2006, doi:10.1111/j.1468-0262.2006.00655.x).
    """
    effects: list[float] = []
    used: set[int] = set()
    loads = people[list(_ALIKE)].to_numpy(dtype="float64")
    for segment in np.unique(people.loc[treated, "old"]):
        own = np.flatnonzero(treated & (people["old"] == segment).to_numpy())
        pool = np.flatnonzero(others & (people["old"] == segment).to_numpy())
        pool = pool[~np.isnan(loads[pool]).any(axis=1)]
        own = own[~np.isnan(loads[own]).any(axis=1)]
        if not len(pool) or not len(own):
            continue
        scale = np.maximum(loads[pool].std(axis=0), 1e-6)
        near = min(matches, len(pool))
        _, found = cKDTree(loads[pool] / scale).query(loads[own] / scale, k=near)
        rows = pool[np.asarray(found).reshape(len(own), near)]
        effects += (change[own] - change[rows].mean(axis=1)).tolist()
        used.update(rows.ravel().tolist())
    return np.array(effects), len(used)


def _mean(effects: Values, least: int) -> tuple[float | None, float | None, float | None]:
    if len(effects) < least:
        return None, None, None
    mean, half = float(effects.mean()), Z * float(effects.std(ddof=1)) / math.sqrt(len(effects))
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
