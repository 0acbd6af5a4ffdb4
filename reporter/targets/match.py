"""Segments and the program that fits each."""

from collections.abc import Sequence

import numpy as np

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation, SegmentLabel
from reporter.settings import TargetSettings
from reporter.targets.catalogue import Catalogue, Program
from reporter.targets.model import SegmentPotential
from reporter.words import kw, percent

_EXPORTING = 0.05
"""Export ÷ import from which a segment's net mean load says little about its size."""


def match_programs(
    profiles: Profiles, segmentation: Segmentation, catalogue: Catalogue, wanted: TargetSettings
) -> list[SegmentPotential]:
    """What each segment contributes at the peak and the program that it is offered, in canonical order.

    A program is offered where the catalogue has one for the segment's label and enough of the segment's load in
    the peak hours is above baseload: bills play no part. Programs that move a segment's own peak fit only where
    that falls into the system's.
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
    export = np.bincount(segmentation.assignment, weights=profiles.export_kwh, minlength=k)
    taken = np.bincount(segmentation.assignment, weights=profiles.import_kwh, minlength=k)
    above_all = float(above_sum.sum())

    result = []
    for index, label in enumerate(segmentation.labels):
        many = max(int(count[index]), 1)
        coincident_kw, mean_kw = float(coincident_sum[index]) / many, float(mean_sum[index]) / many
        share = float(above_sum[index]) / above_all if above_all > 0 else 0.0
        ratio = _peak_ratio(coincident_kw, mean_kw)
        movable = float(above_sum[index] / coincident_sum[index]) if coincident_sum[index] > 0 else 0.0
        fitting = catalogue.best_for(label.label, own_peak=ratio >= wanted.min_peak_ratio)
        reached = movable >= wanted.min_above_share
        exports = export[index] > _EXPORTING * taken[index]
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
                reason=_reason(
                    label, fitting, coincident_kw, mean_kw, movable, share, wanted.min_above_share, exports
                ),
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
    movable: float,
    share: float,
    min_above_share: float,
    exports: bool,
) -> str:
    size = f"In the peak hours this segment draws {kw(coincident_kw)} per customer"
    # Net of export the mean is no measure of size.
    if mean_kw > 0 and not exports:
        size += f", {coincident_kw / mean_kw:.2f} times its mean load"
    if movable < min_above_share:
        close = "just under" if percent(movable) == percent(min_above_share) else "less than"
        return (
            f"{size}; {percent(movable)} of it is above baseload, {close} the {percent(min_above_share)} that a "
            "program for the peak needs."
        )
    part = f"{size}, {percent(movable)} of it above baseload, and holds {percent(share)} of all load above baseload then"
    if program is None:
        return f"{part}; no program of the catalogue fits the label {label.label}."
    return f"{part}; {program.why}."
