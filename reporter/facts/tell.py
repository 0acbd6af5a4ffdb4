"""Facts → the story's numbers: all the arithmetic between facts and report."""

from typing import Any

import numpy as np

from reporter.facts.model import Facts, Segment
from reporter.facts.rounding import rounded
from reporter.facts.story import SegmentStory, Story

_WINDOW_HOURS = 5
_NOTABLE_RATIO = 1.15
"""A share of the peak this much above the share of customers is worth a heading."""


def tell(facts: Facts) -> Story:
    """The story of a run."""
    targets = facts.targets
    offers = {segment.segment_id: 0 for segment in facts.segments}
    for row in targets.programs:
        offers[row.segment_id] += row.offers
    segments = [_segment(segment, offers[segment.segment_id]) for segment in facts.segments]
    chosen = [row.segment_id for row in segments if row.offers] or [
        row.segment_id for row in segments if (row.peak_ratio or 0) >= _NOTABLE_RATIO
    ]
    among = sorted(
        (segment for segment in facts.segments if segment.segment_id in chosen),
        key=lambda segment: -segment.coincident_share,
    )
    customers_share = sum(segment.share for segment in among)
    peak_share = sum(segment.coincident_share for segment in among)
    fifth = min(targets.gains, key=lambda point: abs(point.share_customers - 0.2)) if targets.gains else None
    few = len(segments) > 1 and bool(among) and peak_share >= _NOTABLE_RATIO * customers_share
    first = next((row.offers_needed for row in targets.strategies if row.strategy == "targeted"), None)
    offered = [row for row in targets.programs if row.offers]
    sure = targets.uncertainty
    peak_kw, expected = targets.peak_hours.sample_peak_kw, targets.expected_kw
    return Story.model_validate(
        rounded(
            {
                "segments": [row.model_dump() for row in segments],
                "strategies": [
                    {
                        "strategy": row.strategy,
                        "times_targeted": row.offers_needed / first if first and row.offers_needed else None,
                    }
                    for row in targets.strategies
                ],
                "customers_left_out": facts.quality.customers_read - facts.quality.customers_used,
                "why": "targets" if few else "ranking" if fifth is not None else "even",
                "why_segments": [segment.segment_id for segment in among],
                "why_customers_share": customers_share,
                "why_peak_share": peak_share,
                "gains_share": fifth.share_customers if fifth else 0.0,
                "gains_targeted": fifth.targeted if fifth else 0.0,
                "gains_highest_bill": fifth.highest_bill if fifth else 0.0,
                "offered_share": targets.recommended_offers / targets.may_be_asked
                if targets.may_be_asked
                else 0.0,
                "size": "likely" if sure else "effect",
                "size_low_kw": sure.likely_low_kw if sure else targets.low_kw,
                "size_high_kw": sure.likely_high_kw if sure else targets.high_kw,
                "own_events": _own_events(facts),
                "peak_hours_in_events": _peak_hours_in_events(facts),
                "goal_share": expected / targets.goal_kw if targets.goal_kw > 0 else 0.0,
                "goal_share_of_peak": targets.goal_kw / peak_kw if peak_kw > 0 else None,
                "first_share": (offered[0].total_kw or 0.0) / expected
                if len(offered) > 1 and expected > 0
                else None,
            }
        )
    )


def _own_events(facts: Facts) -> dict[str, Any] | None:
    study, rows = facts.events, [row for row in facts.targets.programs if row.offers]
    if study is None or study.few or study.effect.low_kw <= 0:
        return None
    if study.effect.share is None or study.effect.share_low is None or study.effect.share_high is None:
        return None
    called = {event.program for event in study.events}
    same = [row for row in rows if {row.program} == called]
    published = same[0].effect_share if same else None
    if not published or any(row.effect_basis != "share-of-load" for row in same):
        return None
    ratio = study.effect.share / published
    total = sum((row.total_kw or 0.0) * (ratio if row in same else 1.0) for row in rows)
    return {
        "program": same[0].program,
        "title": same[0].title,
        "share": study.effect.share,
        "share_low": study.effect.share_low,
        "share_high": study.effect.share_high,
        "published_share": published,
        "expected_kw": total,
    }


def _peak_hours_in_events(facts: Facts) -> int | None:
    if facts.events is None:
        return None
    inside = {hour.hour for hour in facts.events.hours if hour.in_event >= 0.5}
    return sum(int(hour.start[11:13]) in inside for hour in facts.targets.peak_hours.hours)


def _segment(segment: Segment, offers: int) -> SegmentStory:
    profile = np.asarray(segment.profile_kw)
    doubled = np.concatenate([profile, profile])
    sums = [float(doubled[hour : hour + _WINDOW_HOURS].sum()) for hour in range(24)]
    first = int(np.argmax(sums))
    exports = bool((profile < 0).any())
    values = np.asarray(segment.silhouette_values)
    return SegmentStory(
        segment_id=segment.segment_id,
        offers=offers,
        window_start=first,
        window_end=(first + _WINDOW_HOURS - 1) % 24 + 1,
        window_share=None if exports or profile.sum() <= 0 else sums[first] / float(profile.sum()),
        lowest_hour=int(profile.argmin()),
        exports=exports,
        peak_ratio=segment.coincident_share / segment.share if segment.share > 0 else None,
        outside_share=float((values < 0).mean()) if len(values) else None,
    )
