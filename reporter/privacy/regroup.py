"""Segmentation and targeting as others may see them: segments that the rule keeps from standing alone are one group."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from reporter.privacy.partition import TOGETHER
from reporter.privacy.rule import Cells
from reporter.segments import Segmentation, SegmentLabel
from reporter.targets import Targeting
from reporter.targets.model import SegmentPotential
from reporter.targets.rows import ProgramRow, SegmentMatch

OTHER = "other"
_REASON = "Segments that the aggregation rule keeps from being shown by themselves, together."
OTHER_PROGRAMS = "other-programs"
_PROGRAMS_TITLE = "Other programs"
_FEW = "What fits it is not told: that would be of too few of its customers for the aggregation rule."
_PROGRAMS_REASON = "Programs that the aggregation rule keeps from being shown by themselves, together."


def regroup(segmentation: Segmentation, shown: Cells) -> Segmentation:
    """The segments that stand alone, and one of all others.

    Args:
        segmentation: of the n customers.
        shown: (n,) segment of each as it may be shown.
    """
    kept = [number for number in range(len(segmentation.labels)) if (shown == number).any()]
    labels = [segmentation.labels[number] for number in kept]
    place = {number: index for index, number in enumerate(kept)} | {TOGETHER: len(kept)}
    together = bool((shown == TOGETHER).any())
    if together:
        labels.append(SegmentLabel(OTHER, OTHER, "Other customers", _REASON))
    diagnostics = segmentation.diagnostics
    if diagnostics is not None:
        none = np.zeros(0, dtype=np.bool_)
        confidence = (
            [diagnostics.label_confidence[number] for number in kept] if diagnostics.label_confidence else []
        )
        diagnostics = replace(
            diagnostics,
            silhouette=np.zeros(0, dtype=np.float32),
            label_confidence=[*confidence, None] if together and confidence else confidence,
            tree=[],
            typical_days=None,
            odd=none,
            odd_size=none,
            alternative=None,
            # How large single classes are is not for others.
            findings=[finding for finding in diagnostics.findings if finding.name != "classes-pooled"],
        )
    choice = segmentation.choice
    if segmentation.within is not None:
        column = segmentation.within.column.replace("_", " ")
        choice = replace(choice, reason=f"Each segment was made within one class of {column}.")
    return replace(
        segmentation,
        labels=labels,
        assignment=np.array([place[number] for number in shown.tolist()], dtype=np.int32),
        centroids=np.vstack([segmentation.centroids[kept], np.zeros((int(together), segmentation.centroids.shape[1]))]),
        choice=replace(choice, k=len(labels), candidates=[]),
        diagnostics=diagnostics,
        within=None,
    )  # fmt: skip


def regroup_targets(
    targeting: Targeting, segmentation: Segmentation, joined: frozenset[str], least: int
) -> Targeting:
    """Targeting by the segments of ``regroup``, without what is known of few customers or of single ones.

    Args:
        targeting: of the run.
        segmentation: as from ``regroup``.
        joined: ids of the programs that are shown as one.
        least: fewest customers that the rule asks for.
    """
    ids = [label.segment_id for label in segmentation.labels]
    alone = {name for name in ids if name != OTHER}
    # Why a program fits a segment is told where it and those of the segment whom it fits not are enough.
    members = np.bincount(segmentation.assignment, minlength=len(ids))
    said = {
        row.segment_id
        for row in targeting.matches
        if row.segment_id in alone
        and row.program not in joined
        and not 0 < row.program_customers < least
        and not 0 < members[ids.index(row.segment_id)] - row.program_customers < least
    } | {row.segment_id for row in targeting.matches if row.program is None}
    merged: dict[tuple[str, str], list[ProgramRow]] = defaultdict(list)
    for row in targeting.programs:
        if row.offers:
            merged[
                row.segment_id if row.segment_id in alone else OTHER,
                OTHER_PROGRAMS if row.program in joined else row.program,
            ].append(row)
    plant = targeting.plant
    return replace(
        targeting,
        segments=[
            *(
                entry if entry.segment_id in said else replace(entry, reason=_FEW)
                for entry in targeting.segments
                if entry.segment_id in alone
            ),
            *([_potential(segmentation)] if OTHER in ids else []),
        ],
        programs=sorted(
            [_together(rows, segment, program) for (segment, program), rows in merged.items()],
            key=lambda row: -(row.total_kw or 0.0),
        ),
        matches=[
            *(
                # The second best comes with numbers of those whom it fits.
                row.model_copy(update={"second_program": None, "second_reason": None})
                if row.segment_id in said
                else _match(row.segment_id, _FEW)
                for row in targeting.matches
                if row.segment_id in alone
            ),
            *([_match(OTHER, _REASON)] if OTHER in ids else []),
        ],
        event_hours=[
            row.model_copy(update={"end_uses": []})
            for row in targeting.event_hours
            if row.segment_id in alone
        ],
        plant=plant.model_copy(
            update={
                "rows": [row for row in plant.rows if row.segment_id in alone and row.program not in joined]
            }
        )
        if plant
        else None,
        strategies=[],
        curves=[],
        gains=[],
    )


def _together(rows: list[ProgramRow], segment_id: str, program: str) -> ProgramRow:
    """Rows of a program, or of several, as one."""
    first = rows[0]
    offers = sum(row.offers for row in rows)
    reason = first.reason
    if program == OTHER_PROGRAMS:
        reason = _PROGRAMS_REASON
    elif segment_id == OTHER:
        reason = _REASON

    def total(name: str) -> float | None:
        values = [getattr(row, name) for row in rows]
        return None if any(value is None for value in values) else float(sum(values))

    def mean(name: str) -> float | None:
        values = [(getattr(row, name), row.offers) for row in rows]
        if any(value is None for value, _ in values):
            return None
        return float(sum(value * weight for value, weight in values) / offers)

    update: dict[str, object] = {
        "segment_id": segment_id,
        "offers": offers,
        "enrolments": sum(row.enrolments for row in rows),
        **{name: total(name) for name in ("total_kw", "low_kw", "high_kw")},
        **{
            name: mean(name) for name in ("kw_per_enrolment", "low_kw_per_enrolment", "high_kw_per_enrolment")
        },
        "end_uses": [],
        "reason": reason,
    }
    if program == OTHER_PROGRAMS:
        # What is published of one of them is not said of all.
        update |= {
            "program": OTHER_PROGRAMS,
            "title": _PROGRAMS_TITLE,
            "range_note": "several programs, each at its own published effect",
            **dict.fromkeys(
                ("effect_basis", "end_use", "effect_share", "effect_low", "effect_high", "events_a_year", "hours_an_event", "source")
            ),
        }  # fmt: skip
    return first.model_copy(update=update)


def _potential(segmentation: Segmentation) -> SegmentPotential:
    """A stand-in: of it only the reason is read."""
    members = int((segmentation.assignment == len(segmentation.labels) - 1).sum())
    return SegmentPotential(
        OTHER, "Other customers", members, 0.0, 0.0, 0.0, 0.0, 0.0, None, 0, None, None, None, _REASON
    )


def _match(segment_id: str, reason: str) -> SegmentMatch:
    return SegmentMatch(
        segment_id=segment_id,
        program=None,
        program_title=None,
        program_customers=0,
        reason=reason,
        second_program=None,
        second_reason=None,
    )
