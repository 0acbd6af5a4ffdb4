"""Believable `Facts` and profiles for tests: numbers are computed from made-up customers, so they agree."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter import facts as f
from reporter.events import EventStudy
from reporter.findings import Finding

Array = NDArray[np.float64]
HOURS = np.arange(24)
PEAK_HOURS = (17, 18, 19, 20)


def _bump(centre: float, width: float) -> Array:
    distance = np.minimum(np.abs(HOURS - centre), 24 - np.abs(HOURS - centre))
    return np.asarray(np.exp(-0.5 * (distance / width) ** 2))


@dataclass(frozen=True)
class _Kind:
    label: str
    title: str
    shape: Array
    weight: float
    size_kw: float
    evidence: str


_KINDS = [
    _Kind("evening-peak", "Evening peak", 0.5 + 2.6 * _bump(19, 1.9), 0.24, 0.75,
          "highest at 19 h, 2.3 times the mean (evening peak: 1.75 or more)"),
    _Kind("mid-peak", "Moderate evening peak", 0.75 + 0.9 * _bump(19, 3.0), 0.22, 0.6,
          "highest at 19 h, 1.5 times the mean (mid-peak: 1.35 to 1.75)"),
    _Kind("flat", "Flat", 1.0 + 0.08 * _bump(18, 4), 0.17, 0.5,
          "highest hour 1.1 times the mean (flat: at most 1.35)"),
    _Kind("morning-peak", "Morning peak", 0.55 + 2.0 * _bump(7, 1.5) + 0.35 * _bump(19, 2), 0.11, 0.55,
          "highest at 7 h, 2.4 times the mean"),
    _Kind("double-peak", "Morning and evening peak", 0.45 + 1.5 * _bump(7, 1.4) + 1.7 * _bump(19, 1.8), 0.10, 0.65,
          "two peaks, 7 h and 19 h; the second is 0.9 of the first (double peak: 0.75 or more)"),
    _Kind("night-peak", "Night peak", 0.55 + 3.6 * _bump(2, 1.6) + 0.3 * _bump(19, 2), 0.07, 1.1,
          "highest at 2 h, in the night hours 23 to 6"),
    _Kind("solar-export", "Solar", 0.85 - 2.9 * _bump(13, 2.1) + 1.2 * _bump(20, 1.8), 0.05, 0.7,
          "exports from 11 to 15 h"),
    _Kind("midday-peak", "Midday peak", 0.6 + 1.5 * _bump(13, 2.4), 0.04, 0.6,
          "highest at 13 h, 1.7 times the mean"),
    _Kind("evening-peak", "Late evening peak", 0.5 + 2.3 * _bump(22, 1.5), 0.04, 0.7,
          "highest at 22 h, 2.2 times the mean"),
    _Kind("night-peak", "Night peak at midnight", 0.5 + 2.5 * _bump(23.5, 1.2), 0.03, 0.9,
          "highest at 0 h, in the night hours 23 to 6"),
    _Kind("mid-peak", "Moderate peak, long afternoon", 0.7 + 0.8 * _bump(16, 4.0), 0.03, 0.8,
          "highest at 16 h, 1.4 times the mean"),
    _Kind("morning-peak", "Early morning peak", 0.5 + 2.0 * _bump(5, 1.4), 0.03, 0.5,
          "highest at 5 h, 2.3 times the mean"),
]  # fmt: skip

_TOU = f.Source(
    citation="LBNL/DOE, Consumer Behavior Studies, final report 2016",
    basis="share of peak load, average over treatments",
    vendor_claim=False,
)
_CPP = f.Source(
    citation="LBNL/DOE, Consumer Behavior Studies, final report 2016",
    basis="share of load in events",
    vendor_claim=False,
)
_EV = f.Source(
    citation="Brattle for EnergyHub, managed EV charging",
    basis="share of EV peak load, field cohort of 58 drivers",
    vendor_claim=True,
)

# label → (program, title, share of load moved, low, high, source, reason)
_PROGRAMS: dict[str, tuple[str, str, float, float, float, f.Source, str]] = {
    "evening-peak": ("critical-peak-price-thermostat", "Critical-peak price with smart thermostat", 0.35, 0.26, 0.35, _CPP,
                     "Its load is highest in the hours of the peak, where an event price acts."),
    "double-peak": ("critical-peak-price", "Critical-peak price", 0.20, 0.06, 0.20, _CPP,
                    "Half of its two peaks falls into the peak hours."),
    "mid-peak": ("time-of-use", "Time-of-use rate", 0.18, 0.06, 0.18, _TOU,
                 "A broad evening load moves with a daily price better than with single events."),
    "solar-export": ("time-of-use", "Time-of-use rate", 0.18, 0.06, 0.18, _TOU,
                     "It draws from the grid after sunset, inside the peak hours."),
    "night-peak": ("managed-ev-charging", "Managed EV charging", 0.5, 0.5, 0.5, _EV,
                   "The load is charging that starts in the evening."),
}  # fmt: skip


def profiles_frame(k: int = 4, customers: int = 400, seed: int = 1, id_prefix: str = "C") -> pd.DataFrame:
    """Made-up profiles of ``k`` segments, with the columns of ``profiles.parquet``."""
    rng = np.random.default_rng(seed)
    kinds = _KINDS[:k] if k > 1 else [_KINDS[1]]
    weights = np.array([kind.weight for kind in kinds])
    counts = np.maximum((weights / weights.sum() * customers).astype(int), 1)
    counts[0] += customers - counts.sum()
    blocks = []
    for index, (kind, count) in enumerate(zip(kinds, counts, strict=True)):
        size = kind.size_kw * rng.lognormal(-0.1, 0.45, (count, 1))
        noise = rng.gamma(9, 1 / 9, (count, 24))
        shift = rng.integers(-1, 2, count)
        base = np.stack([np.roll(kind.shape, step) for step in shift])
        weekday = size * base * noise
        weekend = size * (0.65 * base + 0.35 * base.mean()) * rng.gamma(9, 1 / 9, (count, 24)) * 1.08
        frame = pd.DataFrame(weekday, columns=[f"weekday_{hour:02d}" for hour in HOURS])
        frame[[f"weekend_{hour:02d}" for hour in HOURS]] = weekend
        frame[[f"profile_{hour:02d}" for hour in HOURS]] = (5 * weekday + 2 * weekend) / 7
        frame.insert(0, "segment_id", f"S{index + 1}")
        blocks.append(frame.copy())
    frame = pd.concat(blocks, ignore_index=True)
    frame.insert(0, "customer_id", [f"{id_prefix}{number:06d}" for number in range(len(frame))])
    return frame


def hours(frame: pd.DataFrame, prefix: str) -> Array:
    return frame[[f"{prefix}_{hour:02d}" for hour in HOURS]].to_numpy(dtype=float)


def run(
    k: int = 4,
    customers: int = 400,
    *,
    enrolment_rate: float | None = None,
    programs: bool = True,
    goal_share: float = 0.05,
    titles: dict[int, str] | None = None,
    findings: list[Finding] | None = None,
    provisional: bool = False,
    id_prefix: str = "C",
) -> tuple[f.Facts, pd.DataFrame]:
    """A run: its facts and its profiles."""
    frame = profiles_frame(k, customers, id_prefix=id_prefix)
    facts = make_facts(
        frame,
        enrolment_rate=enrolment_rate,
        programs=programs,
        goal_share=goal_share,
        titles=titles or {},
        findings=findings,
    )
    return change(facts, provisional=provisional), frame


def make_facts(
    frame: pd.DataFrame,
    *,
    enrolment_rate: float | None,
    programs: bool,
    goal_share: float,
    titles: dict[int, str],
    findings: list[Finding] | None,
) -> f.Facts:
    rng = np.random.default_rng(2)
    ids = sorted(frame["segment_id"].unique(), key=lambda name: int(name[1:]))
    kinds = _KINDS[: len(ids)] if len(ids) > 1 else [_KINDS[1]]
    profile = hours(frame, "profile")
    weekday = hours(frame, "weekday")
    coincident = weekday[:, PEAK_HOURS].mean(axis=1)
    above = np.maximum(coincident - np.sort(profile, axis=1)[:, :5].mean(axis=1), 0)
    segments = []
    for index, (name, kind) in enumerate(zip(ids, kinds, strict=True)):
        member = (frame["segment_id"] == name).to_numpy()
        own = profile[member]
        shapes = own / np.abs(own).mean(axis=1, keepdims=True)
        mean = own.mean(axis=0)
        values = np.sort(np.clip(rng.normal(0.22, 0.14, min(200, member.sum())), -0.3, 0.7))[::-1]
        segments.append(
            f.Segment(
                segment_id=name,
                label=kind.label,
                title=titles.get(index, kind.title),
                customers=int(member.sum()),
                share=float(member.mean()),
                profile_kw=_list(mean),
                shape=_list(shapes.mean(axis=0)),
                shape_low=_list(np.quantile(shapes, 0.1, axis=0)),
                shape_high=_list(np.quantile(shapes, 0.9, axis=0)),
                weekday_kw=_list(weekday[member].mean(axis=0)),
                weekend_kw=_list(hours(frame, "weekend")[member].mean(axis=0)),
                peak_day_kw=_list(weekday[member].sum(axis=0) * 1.2),
                peak_hour=int(mean.argmax()),
                peak_to_mean=float(mean.max() / mean.mean()),
                load_factor=float((own.mean(axis=1) / (own.max(axis=1) * 2.5)).mean()),
                energy_kwh_per_day=float(mean.sum()),
                energy_share=float(np.maximum(own, 0).sum() / np.maximum(profile, 0).sum()),
                coincident_kw=float(coincident[member].mean()),
                coincident_share=float(coincident[member].sum() / coincident.sum()),
                above_baseload_kw=float(above[member].mean()),
                silhouette=float(values.mean()) if len(ids) > 1 else None,
                silhouette_values=_list(values) if len(ids) > 1 else [],
                evidence=kind.evidence,
                program_reason=f"In the peak hours this segment draws {coincident[member].mean() / mean.mean():.2f} times its mean load",
            )
        )
    method = f.Method(
        normalise="l2", clustering="kmeans", seed=0, starts=10, tree_most=2000, bootstraps=20, sample=5000, daily_sample=5000,
        settings={"segments.k_max": "12"}, versions={"reporter": "0.1.0", "scikit-learn": "1.9.0"},
        inputs=[
            f.InputFile(name="readings.parquet", role="readings", size_bytes=1_234_567, sha256="0123456789abcdef" * 4),
            f.InputFile(name="customers.csv", role="customers", size_bytes=4_567, sha256="fedcba9876543210" * 4),
        ],
    )  # fmt: skip
    return f.Facts(
        schema_version=f.SCHEMA_VERSION,
        period=f.Period(
            label="2026Q3", start=date(2026, 7, 1), end=date(2026, 9, 30),
            timezone="Europe/London", source_timezone="Europe/London", days=92,
        ),
        quality=_quality(frame, profile, findings),
        selection=_selection(len(ids)),
        segments=segments,
        method=method,
        targets=_targets(frame, segments, coincident, above, profile, enrolment_rate, programs, goal_share),
    )  # fmt: skip


def _list(values: Array) -> list[float]:
    return [round(float(value), 5) for value in values]


def _quality(frame: pd.DataFrame, profile: Array, findings: list[Finding] | None) -> f.Quality:
    used = len(frame)
    default = [
        Finding(name="sample-peak", severity="warning", description="No system load was given: the peak hours are those of the supplied meters, and the system's may fall elsewhere."),
        Finding(name="continuum", severity="warning", description="The load shapes form a continuum: the mean silhouette is 0.22, so customers near a border could sit in either segment."),
        Finding(name="duplicate-readings", severity="info", description="76 readings came twice; the last one was used."),
    ]  # fmt: skip
    return f.Quality(
        customers_read=used + 13,
        customers_used=used,
        readings_read=(used + 13) * 92 * 48,
        readings_used=int(used * 92 * 48 * 0.97),
        energy_kwh=float(profile.sum() * 92 * 1.02),
        export_kwh=float(-np.minimum(profile, 0).sum() * 92),
        interval_minutes=[30],
        coverage=0.97,
        excluded=[
            f.Exclusion(reason="too-few-days", customers=9, description="fewer than 7 days of readings"),
            f.Exclusion(reason="all-zero", customers=4, description="every reading is zero"),
        ],
        findings=default if findings is None else findings,
    )


def _selection(k: int) -> f.Selection:
    candidates = [
        f.Candidate(
            k=number,
            inertia=1000 / number**0.7,
            silhouette=0.3 - 0.018 * abs(number - k),
            stability=max(0.9 - 0.05 * abs(number - k), 0.2),
            stability_low=max(0.8 - 0.06 * abs(number - k), 0.1),
            stability_high=max(0.95 - 0.04 * abs(number - k), 0.3),
            usefulness=min(0.14 * number**0.7, 0.6),
            smallest_share=0.5 / number,
        )
        for number in range(2, max(k, 10) + 1)
    ]
    return f.Selection(
        k=k,
        chosen_by="usefulness" if k > 1 else "silhouette",
        candidates=candidates,
        elbow_k=4,
        silhouette_k=k if k > 1 else 2,
        reason=f"{k} segments say most about days they have not seen among the numbers that stay stable."
        if k > 1
        else "No number of segments is clearly better than one group.",
        halves_agreement=0.68 if k > 1 else None,
        halves_changed=0.17 if k > 1 else None,
        unseen_shape_explained=0.44 if k > 1 else None,
    )


def _targets(
    frame: pd.DataFrame,
    segments: list[f.Segment],
    coincident: Array,
    above: Array,
    profile: Array,
    enrolment_rate: float | None,
    programs: bool,
    goal_share: float,
) -> f.Targets:
    peak_kw = float(coincident.sum() * 1.25)
    goal = goal_share * peak_kw
    rows = []
    for segment in segments:
        chosen = _PROGRAMS.get(segment.label)
        if not programs or chosen is None or segment.coincident_kw < 0.3:
            continue
        name, title, share, low, high, source, reason = chosen
        offers = int(segment.customers * 0.8)
        enrolments = offers if enrolment_rate is None else max(round(offers * enrolment_rate), 1)
        each = share * segment.coincident_kw
        rows.append(
            f.ProgramRow(
                program=name, title=title, segment_id=segment.segment_id, offers=offers, enrolments=enrolments,
                kw_per_enrolment=each, total_kw=enrolments * each, low_kw=enrolments * low * segment.coincident_kw,
                high_kw=enrolments * high * segment.coincident_kw, effect_share=share, effect_low=low, effect_high=high,
                range_note="lowest and highest published mean for this kind of program", reason=reason, source=source,
            )
        )  # fmt: skip
    rows.sort(key=lambda row: -(row.total_kw or 0))
    wanted = goal / max(sum(row.total_kw or 0 for row in rows), 1e-9)
    rows = [_part(row, min(1.02 * wanted, 1.0), enrolment_rate) for row in rows]  # offers stop at the goal
    expected = sum(row.total_kw or 0 for row in rows)
    offers = sum(row.offers for row in rows)
    reached = bool(rows) and expected >= goal
    needed = offers if reached else None
    n = len(frame)
    by_above = np.sort(above)[::-1].cumsum() / above.sum()
    by_bill = above[np.argsort(-profile.sum(axis=1))].cumsum() / above.sum()
    shares = np.linspace(0, 1, 51)
    gains = [
        f.GainsPoint(
            share_customers=float(share),
            targeted=float(by_above[int(share * n) - 1]) if share > 0 else 0.0,
            random=float(share),
            highest_bill=float(by_bill[int(share * n) - 1]) if share > 0 else 0.0,
        )
        for share in shares
    ]
    reduction = min(goal, expected) if rows else 0.0
    strategies = [
        f.Strategy(strategy=name, offers_needed=int(needed * factor) if needed else None, expected_kw=reduction if needed else expected / factor)
        for name, factor in (("targeted", 1.0), ("random", 2.4), ("highest-bill", 1.5), ("highest-peak", 1.2), ("highest-load-segment", 1.3))
    ]  # fmt: skip
    chance = None if enrolment_rate is None or not rows else 0.8
    curves = [
        f.Curve(
            strategy=row.strategy,
            points=[
                f.CurvePoint(
                    offers=int(part * max(row.offers_needed or offers, 1)),
                    enrolments=part * max(row.offers_needed or offers, 1) * (enrolment_rate or 1),
                    expected_kw=part * row.expected_kw, low_kw=part * row.expected_kw * 0.4, high_kw=part * row.expected_kw * 1.7,
                    probability=None if chance is None else chance * part,
                )
                for part in (0.0, 0.5, 1.0)
            ],
        )
        for row in strategies
    ]  # fmt: skip
    uncertainty = f.Uncertainty(
        goal_probability_wanted=0.8, likely_low_kw=0.3 * expected, likely_high_kw=1.9 * expected, effect_kw=0.4 * expected,
        weather_kw=0.05 * expected, take_up_kw=0.1 * expected, own_kw=0.03 * expected,
    )  # fmt: skip
    return f.Targets(
        peak_hours=f.PeakHours(
            source="sample",
            description="The 20 hours with the highest sum of the supplied meters.",
            unit="kW",
            peak_day=date(2026, 7, 15),
            hours=[
                f.PeakHour(start=f"2026-07-{15 + day:02d}T{hour}:00:00+01:00", load=peak_kw * (1 - 0.01 * (4 * day + place)))
                for day in range(5)
                for place, hour in enumerate((19, 18, 20, 17))
            ],
            sample_peak_kw=peak_kw,
        ),
        programs=rows,
        goal_kw=goal,
        goal_source="default",
        goal_reached=reached,
        eligible=int(n * 0.95),
        may_be_asked=int(n * 0.97),
        offered_gain_share=min(offers / max(n, 1) * 1.4, 1.0),
        recommended_offers=offers,
        holdout=int(offers * 0.1),
        enrolment_rate=enrolment_rate,
        enrolment_basis="none" if enrolment_rate is None else "stated",
        enrolments=sum(row.enrolments for row in rows),
        expected_kw=expected,
        low_kw=sum(row.low_kw or 0 for row in rows),
        high_kw=sum(row.high_kw or 0 for row in rows),
        probability_of_goal=chance,
        uncertainty=uncertainty if chance is not None else None,
        curves=curves,
        strategies=strategies,
        gains=gains,
        not_targets=[
            f.NotTarget(reason="life-support", customers=3, description="life support at home"),
            f.NotTarget(reason="opted-out", customers=8, description="asked not to be contacted"),
            f.NotTarget(reason="small-effect", customers=max(n - offers - 11, 0), description="effect at the peak too small to be worth an offer"),
        ],
    )  # fmt: skip


def _part(row: f.ProgramRow, share: float, enrolment_rate: float | None) -> f.ProgramRow:
    offers = max(round(row.offers * share), 1)
    enrolments = offers if enrolment_rate is None else max(round(offers * enrolment_rate), 1)
    factor = enrolments / row.enrolments
    return row.model_copy(
        update={
            "offers": offers,
            "enrolments": enrolments,
            **{key: getattr(row, key) * factor for key in ("total_kw", "low_kw", "high_kw")},
        }
    )


def participation(*, model: bool = True) -> f.Participation:
    """What past offers say about who enrols, as made up as the rest."""
    calibration = [
        {"offers": 60, "predicted": p, "observed": p * 1.1, "low": p * 0.7, "high": min(p * 1.6, 1.0)}
        for p in (0.05, 0.1, 0.2, 0.3, 0.45)
    ]
    shares = np.linspace(0, 1, 21)
    validation = {
        "kind": "later-offers", "description": "Made from the 700 offers before 2026-01-31 and checked on the 300 since.",
        "offers": 300, "enrolments": 66, "roc_auc": 0.74, "roc_auc_low": 0.7, "roc_auc_high": 0.78, "pr_auc": 0.43,
        "brier": 0.14, "brier_reference": 0.17, "calibration_slope": 0.97,
        "calibration_slope_low": 0.81, "calibration_slope_high": 1.13, "mean_predicted": 0.22, "mean_observed": 0.22,
        "calibration": calibration,
        "gains": [{"share_offers": float(s), "share_enrolments": float(s**0.5)} for s in shares],
    }  # fmt: skip
    return f.Participation.model_validate(
        {
            "offers": 1000, "enrolments": 220, "offers_without_customer": 0, "programs": ["critical-peak-price"],
            "first_offer": "2025-05-06", "last_offer": "2026-01-31",
            "method": "logistic-regression" if model else "mean-rate", "reason": "Logistic regression is used.",
            "candidates": {"mean-rate": 0.55, "logistic-regression": 0.47}, "validation": validation if model else None,
            "drivers": [{"feature": "evening share", "importance": 0.08, "spread": 0.02, "direction": "higher"},
                        {"feature": "tenure", "importance": 0.03, "spread": 0.01, "direction": "owner"}] if model else [],
            "left_out": [{"feature": "gender", "reason": "protected", "description": "declared protected: kept for the check of fairness only"}],
            "rate_spread": 0.1, "never_offered_share": 0.4, "selection_auc": 0.71, "opted_out": 12,
        }
    )  # fmt: skip


def events(
    segments: list[f.Segment], *, reduction: float = 0.2, half: float = 0.05, few: bool = False
) -> EventStudy:
    """Two events from 16 to 20 h, as made up as the rest; the first segment has an effect, the others too few customers."""

    def effect(value: float, half: float) -> dict[str, float]:
        usual = 1.0
        shares = {
            "share": value / usual,
            "share_low": (value - half) / usual,
            "share_high": (value + half) / usual,
        }
        ends = {"low_kw": value - half, "high_kw": value + half, "error_kw": half / 1.7}
        return {"reduction_kw": value, "load_kw": usual - value, **ends, **shares}

    inside = [float(16 <= hour < 20) for hour in range(24)]
    return EventStudy.model_validate(
        {
            "method": "comparison-group",
            "events": [
                {"start": f"2026-07-{day}T16:00:00", "end": f"2026-07-{day}T20:00:00", "program": "critical-peak-price", "called": 41,
                 "measured": 40, "effect": effect(reduction, 2 * half), "total_kw": 40 * reduction, "baseline_kw": 0.8 * reduction}
                for day in (17, 27)
            ],
            "customers": 6 if few else 40, "few": few, "comparison": 90, "pool": 200, "effect": effect(reduction, half),
            "total_kw": 40 * reduction, "after": effect(-0.02, 0.03), "after_hours": 2, "came_back": 0.05 if reduction > half else None,
            "hours": [
                {"hour": hour, "in_event": there, "load_kw": 0.8 - there * reduction, "without_kw": 0.8, "baseline_kw": 0.78,
                 "reduction_kw": there * reduction, "error_kw": half / 1.7, "low_kw": there * reduction - half,
                 "high_kw": there * reduction + half}
                for hour, there in enumerate(inside)
            ],
            "segments": [
                {"program": "critical-peak-price", "segment_id": segment.segment_id, "label": segment.label, "title": segment.title,
                 "customers": 4 if few or place else 30, "effect": None if few or place else effect(reduction, half)}
                for place, segment in enumerate(segments)
            ],
            "baselines": [
                {"name": name, "adjusted": moved, "bias": bias, "cvrmse": 0.06, "cvrmse_customer": 0.3, "reduction_kw": 0.15,
                 "least_biased": bias == -0.01}
                for name, moved, bias in (("high-4-of-5", True, -0.01), ("10-of-10", False, -0.06))
            ],
            "baseline_days": 20,
            "balance": [{"what": "mean load", "called_kw": 0.6, "pool_kw": 0.5, "matched_kw": 0.58, "difference_before": 0.4,
                         "difference_after": 0.08}],
            "compliance": {"least_share": 0.5, "share_events": 0.64, "share_days": 0.28, "part": 0.1, "clear": 18, "customers": 40},
            "opted_out": 3, "outages": 4, "limits": ["The effect holds for the weather of these events."],
        }
    )  # fmt: skip


def change(facts: f.Facts, **targets: Any) -> f.Facts:
    """The same facts with other values in ``targets``."""
    return facts.model_copy(update={"targets": facts.targets.model_copy(update=targets)})
