"""Segments and the program that fits each."""

from collections.abc import Sequence

import numpy as np

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation, SegmentLabel
from reporter.targets.catalogue import Catalogue, Program
from reporter.targets.model import SegmentPotential
from reporter.targets.wording import kw, percent


def match_programs(
    profiles: Profiles, segmentation: Segmentation, catalogue: Catalogue, min_peak_ratio: float
) -> list[SegmentPotential]:
    """What each segment contributes at the peak and the program that it is offered, in canonical order.

    A program is offered where the catalogue has one for the segment's label and the segment's load in the peak
    hours is at least ``min_peak_ratio`` times its mean load: bills play no part.
    """
    k = len(segmentation.labels)
    coincident = profiles.coincident_kw.astype(np.float64)
    seen = np.isfinite(coincident)
    members = np.bincount(segmentation.assignment, minlength=k)
    assigned = segmentation.assignment[seen]
    count = np.bincount(assigned, minlength=k)
    coincident_sum = np.bincount(assigned, weights=coincident[seen], minlength=k)
    mean_sum = np.bincount(assigned, weights=profiles.mean_kw[seen], minlength=k)
    above_sum = np.bincount(assigned, weights=profiles.above_baseload_kw[seen], minlength=k)
    above_all = float(above_sum.sum())

    result = []
    for index, label in enumerate(segmentation.labels):
        many = max(int(count[index]), 1)
        coincident_kw, mean_kw = float(coincident_sum[index]) / many, float(mean_sum[index]) / many
        share = float(above_sum[index]) / above_all if above_all > 0 else 0.0
        ratio = _peak_ratio(coincident_kw, mean_kw)
        fitting = catalogue.best_for(label.label)
        reached = ratio >= min_peak_ratio
        program = fitting if reached else None
        not_offered = (
            None if program else "no-program-for-segment" if fitting is None else "segment-low-at-peak"
        )
        result.append(
            SegmentPotential(
                segment_id=label.segment_id,
                title=label.title,
                customers=int(members[index]),
                coincident_kw=coincident_kw,
                mean_kw=mean_kw,
                peak_ratio=ratio,
                above_baseload_kw=float(above_sum[index]),
                above_baseload_share=share,
                program=program.id if program else None,
                not_offered=not_offered,
                reason=_reason(label, fitting, coincident_kw, mean_kw, ratio, share, min_peak_ratio),
            )
        )
    return result


def by_potential(segments: Sequence[SegmentPotential]) -> list[SegmentPotential]:
    """Segments with the largest load above baseload at the peak first; equals stay in canonical order."""
    return sorted(segments, key=lambda segment: -segment.above_baseload_kw)


def _peak_ratio(coincident_kw: float, mean_kw: float) -> float:
    """Load at the peak ÷ mean load; infinite for net exporters who draw at the peak."""
    if mean_kw > 0:
        return coincident_kw / mean_kw
    return float("inf") if coincident_kw > 0 else 0.0


def _reason(
    label: SegmentLabel,
    program: Program | None,
    coincident_kw: float,
    mean_kw: float,
    ratio: float,
    share: float,
    min_peak_ratio: float,
) -> str:
    loads = f"{kw(coincident_kw)} against {kw(mean_kw)} per customer"
    if np.isinf(ratio):
        size = f"In the peak hours this segment draws {kw(coincident_kw)} per customer, while its mean load is not above 0"
    else:
        size = f"In the peak hours this segment draws {ratio:.2f} times its mean load ({loads})"
    part = f"{percent(share)} of all load above baseload in those hours"
    if program is None:
        return f"{size} and holds {part}; no program of the catalogue fits the label {label.label}."
    if ratio < min_peak_ratio:
        return f"{size}, less than the {min_peak_ratio:.3g} times that a program for the peak needs; it holds {part}."
    return f"{size} and holds {part}; {program.why}."
