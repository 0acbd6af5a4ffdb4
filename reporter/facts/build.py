"""Readings, profiles, segments and targets → Facts: plain numbers, rounded once, so that every reader sees the same."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reporter.events import EventStudy
from reporter.facts.audit import audit_facts
from reporter.facts.model import SCHEMA_VERSION, Facts, Method
from reporter.facts.rounding import rounded
from reporter.facts.technology import device_signs, technology_facts
from reporter.facts.tell import tell
from reporter.findings import Finding
from reporter.money import Worth
from reporter.profiles import Float, Profiles
from reporter.readings import REASONS, Readings
from reporter.readings.calendar import Calendar
from reporter.segments import Choice, Diagnostics, Segmentation, relative
from reporter.settings import PeakSettings, Settings
from reporter.targets import Targeting
from reporter.technology import Technology

_SILHOUETTES = 200


def build_facts(
    readings: Readings,
    profiles: Profiles,
    technology: Technology,
    segmentation: Segmentation,
    targeting: Targeting,
    method: Method,
    settings: Settings,
    events: EventStudy | None = None,
    worth: Worth | None = None,
) -> Facts:
    """All that the report says.

    Args:
        readings: period and audit.
        profiles: of the customers used.
        technology: of the same.
        segmentation: of the same.
        targeting: of the same.
        method: how it was made.
        settings: label of the period.
        events: what events that happened were worth.
        worth: what the offers are worth, and what they do to bills.
    """
    diagnostics = segmentation.diagnostics
    findings = [*readings.findings, *(diagnostics.findings if diagnostics else []), *targeting.findings]
    facts = {
        "schema_version": SCHEMA_VERSION,
        "period": period_facts(readings.calendar, settings),
        "quality": quality_facts(readings, findings),
        "selection": _selection(segmentation.choice, segmentation.diagnostics),
        "within": _within(segmentation),
        "segments": [
            _segment(i, profiles, technology, segmentation, targeting)
            for i in range(len(segmentation.labels))
        ],
        "targets": _targets(profiles, targeting, settings),
        "method": method.model_dump(),
        "technology": technology_facts(technology),
        "events": events.model_dump() if events is not None else None,
        "money": worth.money.model_dump() if worth is not None and worth.money is not None else None,
        "bills": worth.bills.model_dump() if worth is not None and worth.bills is not None else None,
    }
    told = Facts.model_validate(rounded(facts))
    return told.model_copy(update={"story": tell(told)})


def period_facts(calendar: Calendar, settings: Settings) -> dict[str, Any]:
    """The period of the readings, as in ``facts.Period``."""
    start, end = calendar.dates[0].date(), calendar.dates[-1].date()
    return {
        "label": settings.readings.period or _label(calendar),
        "start": start,
        "end": end,
        "timezone": calendar.timezone,
        "source_timezone": calendar.source_timezone,
        "days": len(calendar.dates),
    }


def quality_facts(readings: Readings, findings: Iterable[Finding]) -> dict[str, Any]:
    """What was read and used, as in ``facts.Quality``."""
    audit = readings.audit
    reasons = audit.customers["exclusion_reason"].value_counts()
    return {
        "customers_read": len(audit.customers),
        "customers_used": len(audit.used),
        "readings_read": audit.readings_read,
        "readings_used": readings.readings_used,
        "energy_kwh": audit.import_kwh,
        "export_kwh": audit.export_kwh,
        "interval_minutes": audit.interval_minutes,
        "coverage": audit.coverage,
        "excluded": [
            {"reason": name, "customers": int(reasons[name]), "description": text}
            for name, text in REASONS.items()
            if name in reasons
        ],
        "findings": [finding.model_dump() for finding in findings],
        **audit_facts(readings),
    }


def _selection(made: Choice, diagnostics: Diagnostics | None) -> dict[str, Any]:
    choice = asdict(made)
    unseen = diagnostics.unseen if diagnostics else None
    return choice | {
        "effect": asdict(diagnostics.effect) if diagnostics and diagnostics.effect else None,
        **_method_facts(diagnostics),
        "alternative": asdict(diagnostics.alternative) if diagnostics and diagnostics.alternative else None,
        "halves_agreement": unseen.agreement if unseen else None,
        "halves_changed": unseen.changed if unseen else None,
        "halves_drifted": unseen.drifted if unseen else None,
        "unseen_shape_explained": unseen.shape_explained if unseen else None,
    }


def _segment(
    index: int,
    profiles: Profiles,
    technology: Technology,
    segmentation: Segmentation,
    targeting: Targeting,
) -> dict[str, Any]:
    members = segmentation.assignment == index
    name = segmentation.labels[index]
    mean = _mean(profiles.profile_kw[members])
    member_shapes = relative(profiles.profile_kw[members])
    low, high = np.quantile(member_shapes, [0.1, 0.9], axis=0)
    coincident = np.nan_to_num(profiles.coincident_kw)
    potential = next(p for p in targeting.segments if p.segment_id == name.segment_id)
    return {
        "segment_id": name.segment_id,
        "label": name.label,
        "title": name.title,
        "class_name": one.name if (one := segmentation.class_of(index)) else None,
        "customers": int(members.sum()),
        "share": float(members.mean()),
        "profile_kw": mean,
        "shape": member_shapes.mean(axis=0, dtype="float64"),
        "shape_low": low,
        "shape_high": high,
        "weekday_kw": _mean(profiles.weekday_kw[members], mean),
        "weekend_kw": _mean(profiles.weekend_kw[members], mean),
        "seasons": [
            {
                "name": season.name,
                "days": season.days,
                "profile_kw": _mean(season.profile_kw[members], mean),
                "weekday_kw": _mean(season.weekday_kw[members], mean),
                "weekend_kw": _mean(season.weekend_kw[members], mean),
            }
            for season in profiles.seasons
        ],
        "peak_day_kw": np.nansum(profiles.peak_day_kw[members], axis=0, dtype="float64"),
        "peak_hour": int(np.argmax(mean)),
        "peak_to_mean": float(mean.max() / np.abs(mean).mean()),
        "load_factor": _known_mean(profiles.load_factor[members]),
        "energy_kwh_per_day": float(profiles.mean_kw[members].mean(dtype="float64") * 24),
        "energy_share": _share(profiles.import_kwh, members),
        "coincident_kw": _known_mean(profiles.coincident_kw[members]),
        "coincident_share": _share(coincident, members),
        "above_baseload_kw": _known_mean(profiles.above_baseload_kw[members]),
        **_silhouette(index, segmentation),
        "evidence": name.evidence,
        "label_confidence": _confidence(index, segmentation),
        "technology": device_signs(technology, members),
        **_days(members, segmentation),
        "program_reason": potential.reason,
    }


def _within(segmentation: Segmentation) -> dict[str, Any] | None:
    within = segmentation.within
    if within is None:
        return None
    return {
        "column": within.column,
        "classes": [
            {
                "name": one.name,
                "values": list(one.values),
                "customers": one.customers,
                "segment_ids": [segmentation.labels[place].segment_id for place in one.places],
                "selection": _selection(one.choice, one.diagnostics),
            }
            for one in within.classes
        ],
        "elsewhere": [{"value": value, "customers": n} for value, n in within.nearest.items()],
    }


def _method_facts(diagnostics: Diagnostics | None) -> dict[str, Any]:
    """What a method shows beside the segments: its tree, or its typical days."""
    typical = diagnostics.typical_days if diagnostics else None
    if diagnostics is None or typical is None:
        return {"tree": [asdict(merge) for merge in diagnostics.tree] if diagnostics else []}
    shares = typical.encoding.shares.mean(axis=0, dtype="float64")
    return {
        "typical_days": [
            {"shape": shape, "share": share} for shape, share in zip(typical.shapes, shares, strict=True)
        ],
        "days_encoded": len(typical.encoding.rows),
    }


def _days(members: NDArray[np.bool_], segmentation: Segmentation) -> dict[str, Any]:
    """Odd members, and how predictable the members' days are."""
    diagnostics = segmentation.diagnostics
    if diagnostics is None:
        return {}
    odd = int((members & diagnostics.odd).sum()) if len(diagnostics.odd) else 0
    if diagnostics.typical_days is None:
        return {"odd_customers": odd}
    encoding = diagnostics.typical_days.encoding
    inside = members[encoding.rows]
    return {
        "odd_customers": odd,
        "day_entropy": float(encoding.entropy[inside].mean()) if inside.any() else None,
        "usual_day_share": float(encoding.shares[inside].max(axis=1).mean(dtype="float64"))
        if inside.any()
        else None,
    }


def _confidence(index: int, segmentation: Segmentation) -> float | None:
    known = segmentation.diagnostics.label_confidence if segmentation.diagnostics else []
    return known[index] if known else None


def _silhouette(index: int, segmentation: Segmentation) -> dict[str, Any]:
    diagnostics = segmentation.diagnostics
    if diagnostics is None or not len(diagnostics.silhouette):
        return {"silhouette": None, "silhouette_values": []}
    values = np.sort(diagnostics.silhouette[segmentation.assignment[diagnostics.sample] == index])[::-1]
    if not len(values):
        return {"silhouette": None, "silhouette_values": []}
    # Evenly spaced ranks keep the outline of the plot, which is all that it shows.
    ranks = np.linspace(0, len(values) - 1, min(len(values), _SILHOUETTES)).round().astype(int)
    return {"silhouette": float(values.mean(dtype="float64")), "silhouette_values": values[ranks]}


def _targets(profiles: Profiles, targeting: Targeting, settings: Settings) -> dict[str, Any]:
    peak = profiles.peak
    return {
        "peak_hours": {
            "source": peak.source,
            "description": peak.description,
            "unit": peak.unit,
            "peak_day": peak.peak_day,
            "hours": [
                {"start": start.isoformat(), "load": load}
                for start, load in zip(peak.starts, peak.load, strict=True)
            ],
            "sample_peak_kw": peak.sample_peak_kw,
            "weekend_hours": peak.weekend_hours,
            "passed_over": list(peak.passed_over),
            "months": [{"start": month.start.isoformat(), "load": month.load} for month in peak.months],
            "areas": [
                {
                    "area": area.area,
                    "customers": area.customers,
                    "hours": [
                        {"start": start.isoformat(), "load": load}
                        for start, load in zip(area.starts, area.load, strict=True)
                    ],
                }
                for area in peak.areas
            ],
            "net_of_solar": peak.net_of_solar,
        },
        "programs": [row.model_dump() for row in targeting.programs],
        "groups": [row.model_dump() for row in targeting.groups],
        "stand_ins": [row.model_dump() for row in targeting.stand_ins],
        "event_hours": [row.model_dump() for row in targeting.event_hours],
        "matches": [row.model_dump() for row in targeting.matches],
        "goal_kw": targeting.goal_kw,
        "goal_source": targeting.goal_source,
        "goal_reached": targeting.goal_reached,
        "eligible": targeting.eligible,
        "recommended_offers": targeting.recommended_offers,
        "holdout": targeting.holdout,
        "enrolment_rate": targeting.enrolment_rate,
        "enrolment_basis": targeting.enrolment_basis,
        "enrolments": targeting.enrolments,
        "participation": targeting.likelihood.model_dump() if targeting.likelihood else None,
        "repeat_offers": targeting.repeats.model_dump() if targeting.repeats else None,
        "expected_kw": targeting.expected_kw_total,
        "low_kw": targeting.low_kw,
        "high_kw": targeting.high_kw,
        "at_system": _at_system(targeting, settings.peak),
        "rules": targeting.rules.model_dump(),
        "provisional": targeting.provisional,
        "probability_of_goal": targeting.probability_of_goal,
        "may_be_asked": targeting.may_be_asked,
        "offered_gain_share": targeting.offered_gain_share,
        "uncertainty": targeting.uncertainty.model_dump() if targeting.uncertainty else None,
        "curves": [row.model_dump() for row in targeting.curves],
        "strategies": [row.model_dump() for row in targeting.strategies],
        "gains": [row.model_dump() for row in targeting.gains],
        "not_targets": [row.model_dump() for row in targeting.not_targets],
        "plant": targeting.plant.model_dump() if targeting.plant else None,
    }


def _at_system(targeting: Targeting, settings: PeakSettings) -> dict[str, float] | None:
    """The reduction where the system supplies it; none where nothing is added."""
    if not settings.losses and not settings.reserve:
        return None
    factor = (1 + settings.reserve) / (1 - settings.losses)
    return {
        "losses": settings.losses,
        "reserve": settings.reserve,
        "factor": factor,
        "expected_kw": targeting.expected_kw_total * factor,
        "low_kw": targeting.low_kw * factor,
        "high_kw": targeting.high_kw * factor,
    }


def _mean(profiles: Float, otherwise: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """(24,) mean over customers, hours without a reading left out; an hour that nobody has comes from ``otherwise``."""
    known = ~np.isnan(profiles)
    count = known.sum(axis=0)
    total = np.where(known, profiles, 0).sum(axis=0, dtype="float64")
    mean = total / np.maximum(count, 1)
    return mean if otherwise is None else np.where(count > 0, mean, otherwise)


def _share(values: NDArray[Any], members: NDArray[np.bool_]) -> float:
    """Share of the members in a sum; 0 where there is nothing to share."""
    total = float(values.sum(dtype="float64"))
    return float(values[members].sum(dtype="float64")) / total if total else 0.0


def _known_mean(values: Float) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean(dtype="float64")) if len(known) else 0.0


def _label(calendar: Calendar) -> str:
    """``2026Q3`` where the period lies in one quarter and covers most of it, else its months."""
    first, last = calendar.dates[0], calendar.dates[-1]
    if first.year == last.year and first.quarter == last.quarter and (last - first).days >= 60:
        return f"{first.year}Q{first.quarter}"
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
