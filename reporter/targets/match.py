"""Segments: what each contributes at the peak, the program that fits it, and the second best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation, SegmentLabel
from reporter.settings import TargetSettings
from reporter.targets.assign import Assignment
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Mask, describe
from reporter.targets.model import SegmentPotential
from reporter.words import kw, percent

_EXPORTING = 0.05
"""Export ÷ import from which a segment's net mean load says little about its size."""


@dataclass(frozen=True)
class SegmentLoad:
    """What a segment draws in the peak hours."""

    label: SegmentLabel
    customers: int
    coincident_kw: float
    """Mean load per customer over the peak hours, of members with readings then [kW]."""
    mean_kw: float
    """Mean load per customer, of the same members [kW]."""
    above_kw: float
    """Load above baseload in the peak hours, sum over members [kW]."""
    above_share: float
    """The same as a share of all customers' load above baseload."""
    movable: float
    """Load above baseload ÷ load, in the peak hours."""
    exports: bool

    @property
    def peak_ratio(self) -> float:
        """Load at the peak ÷ mean load; infinite for net exporters who draw at the peak."""
        if self.mean_kw > 0:
            return self.coincident_kw / self.mean_kw
        return float("inf") if self.coincident_kw > 0 else 0.0


def segment_loads(profiles: Profiles, segmentation: Segmentation) -> list[SegmentLoad]:
    """What each segment draws in the peak hours, in canonical order."""
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
    return [
        SegmentLoad(
            label=label,
            customers=int(members[index]),
            coincident_kw=float(coincident_sum[index]) / max(int(count[index]), 1),
            mean_kw=float(mean_sum[index]) / max(int(count[index]), 1),
            above_kw=float(above_sum[index]),
            above_share=float(above_sum[index]) / above_all if above_all > 0 else 0.0,
            movable=float(above_sum[index] / coincident_sum[index]) if coincident_sum[index] > 0 else 0.0,
            exports=bool(export[index] > _EXPORTING * taken[index]),
        )
        for index, label in enumerate(segmentation.labels)
    ]


def fits_segment(program: Program, load: SegmentLoad, wanted: TargetSettings) -> bool:
    """Whether a program is for a segment: its label, its id, its own peak. Bills play no part."""
    labels, ids = program.labels, program.eligible.segments
    return (
        (not labels or load.label.label in labels)
        and (not ids or load.label.segment_id in ids)
        and (not program.own_peak_only or load.peak_ratio >= wanted.min_peak_ratio)
    )


def enough_to_move(program: Program, load: SegmentLoad, wanted: TargetSettings) -> bool:
    """Whether enough of a segment's load in the peak hours is above baseload; a device's load is looked at by customer."""
    return program.seeks_devices or load.movable >= wanted.min_above_share


def fitting_customers(
    programs: Sequence[Program],
    loads: Sequence[SegmentLoad],
    segment_of: NDArray[np.int32],
    own_rules: Sequence[Mask],
    wanted: TargetSettings,
) -> list[Mask]:
    """(n,) who may be offered each program: by the segment, and by the customer's own rules."""
    result = []
    for program, own in zip(programs, own_rules, strict=True):
        by_segment = np.array(
            [fits_segment(program, load, wanted) and enough_to_move(program, load, wanted) for load in loads]
        )
        result.append(by_segment[segment_of] & own)
    return result


def match_programs(
    programs: Sequence[Program],
    loads: Sequence[SegmentLoad],
    found: Assignment,
    wanted: TargetSettings,
) -> list[SegmentPotential]:
    """The program that fits each segment, and the second best, in canonical order.

    The program of a segment is the one that would lower the peak most, were it offered to all members whom it fits;
    after those with a published effect come the others, in the order of the catalogue.
    """
    result = []
    for index, load in enumerate(loads):
        fitting = [place for place, program in enumerate(programs) if fits_segment(program, load, wanted)]
        able = [
            place
            for place in fitting
            if enough_to_move(programs[place], load, wanted) and found.fitting[place, index] > 0
        ]
        ranked = sorted(
            able, key=lambda place: (programs[place].effect is None, -found.by_segment[place, index], place)
        )
        first = programs[ranked[0]] if ranked else None
        second = programs[ranked[1]] if len(ranked) > 1 else None
        general = [programs[place] for place in fitting if not programs[place].seeks_devices]
        too_low = first is None and any(not enough_to_move(program, load, wanted) for program in general)
        not_offered = None if first else "segment-low-at-peak" if too_low else "no-program-for-segment"
        result.append(
            SegmentPotential(
                segment_id=load.label.segment_id,
                title=load.label.title,
                customers=load.customers,
                coincident_kw=load.coincident_kw,
                mean_kw=load.mean_kw,
                peak_ratio=load.peak_ratio,
                above_baseload_kw=load.above_kw,
                above_baseload_share=load.above_share,
                program=first.id if first else None,
                program_customers=int(found.fitting[ranked[0], index]) if ranked else 0,
                second_program=second.id if second else None,
                second_reason=_second_reason(second, int(found.fitting[ranked[1], index]), load)
                if second
                else None,
                not_offered=not_offered,
                reason=_reason(load, first, too_low, wanted.min_above_share),
            )
        )
    return result


def by_potential(segments: Sequence[SegmentPotential]) -> list[SegmentPotential]:
    """Segments with the largest load above baseload at the peak first; equals stay in canonical order."""
    return sorted(segments, key=lambda segment: -segment.above_baseload_kw)


def _second_reason(program: Program, customers: int, load: SegmentLoad) -> str:
    whom = describe(program)
    for_whom = f" ({customers:,} of {load.customers:,} customers: {whom})" if whom else ""
    counted = "" if program.effect else "; no published effect, so it is not counted"
    return f"{program.title}{for_whom}: {program.why}{counted}."


def _reason(load: SegmentLoad, program: Program | None, too_low: bool, min_above_share: float) -> str:
    size = f"In the peak hours this segment draws {kw(load.coincident_kw)} per customer"
    # Net of export the mean is no measure of size.
    if load.mean_kw > 0 and not load.exports:
        size += f", {load.coincident_kw / load.mean_kw:.2f} times its mean load"
    if too_low:
        close = "just under" if percent(load.movable) == percent(min_above_share) else "less than"
        return (
            f"{size}; {percent(load.movable)} of it is above baseload, {close} the {percent(min_above_share)} that a "
            "program for the peak needs."
        )
    part = f"{size}, {percent(load.movable)} of it above baseload, and holds {percent(load.above_share)} of all load above baseload then"
    if program is None:
        return f"{part}; no program of the catalogue fits the label {load.label.label} and its customers."
    return f"{part}; {program.why}."
