"""Segmentation and targeting as others may see them: segments that the rule keeps from standing alone are one group."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from reporter.privacy.partition import TOGETHER, Cells
from reporter.segments import Segmentation, SegmentLabel
from reporter.targets import Targeting
from reporter.targets.model import SegmentPotential
from reporter.targets.rows import ProgramRow, SegmentMatch

OTHER = "other"
_REASON = "Segments that the aggregation rule keeps from being shown by themselves, together."


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


def regroup_targets(targeting: Targeting, segmentation: Segmentation) -> Targeting:
    """Targeting by the segments of ``regroup``, without what is known of few customers or of single ones."""
    ids = [label.segment_id for label in segmentation.labels]
    rows = [row for row in targeting.programs if row.offers]
    alone = [_shareable(row) for row in rows if row.segment_id in ids]
    merged = defaultdict(list)
    for row in rows:
        if row.segment_id not in ids:
            merged[row.program].append(row)
    plant = targeting.plant
    return replace(
        targeting,
        segments=[
            *(entry for entry in targeting.segments if entry.segment_id in ids),
            *([_potential(segmentation)] if OTHER in ids else []),
        ],
        programs=sorted(
            [*alone, *(_together(entries) for entries in merged.values())],
            key=lambda row: -(row.total_kw or 0.0),
        ),
        matches=[
            *(row for row in targeting.matches if row.segment_id in ids),
            *([_match()] if OTHER in ids else []),
        ],
        event_hours=[
            row.model_copy(update={"end_uses": []}) for row in targeting.event_hours if row.segment_id in ids
        ],
        plant=plant.model_copy(update={"rows": [row for row in plant.rows if row.segment_id in ids]})
        if plant
        else None,
        strategies=[],
        curves=[],
        gains=[],
    )


def _shareable(row: ProgramRow) -> ProgramRow:
    return row.model_copy(update={"end_uses": []})


def _together(rows: list[ProgramRow]) -> ProgramRow:
    """A program's rows of several segments as one."""
    first = rows[0]
    offers = sum(row.offers for row in rows)

    def total(name: str) -> float | None:
        values = [getattr(row, name) for row in rows]
        return None if any(value is None for value in values) else float(sum(values))

    def mean(name: str) -> float | None:
        values = [(getattr(row, name), row.offers) for row in rows]
        if any(value is None for value, _ in values):
            return None
        return float(sum(value * weight for value, weight in values) / offers)

    return first.model_copy(
        update={
            "segment_id": OTHER,
            "offers": offers,
            "enrolments": sum(row.enrolments for row in rows),
            **{name: total(name) for name in ("total_kw", "low_kw", "high_kw")},
            **{
                name: mean(name)
                for name in ("kw_per_enrolment", "low_kw_per_enrolment", "high_kw_per_enrolment")
            },
            "end_uses": [],
            "reason": _REASON,
        }
    )


def _potential(segmentation: Segmentation) -> SegmentPotential:
    """A stand-in: of it only the reason is read."""
    members = int((segmentation.assignment == len(segmentation.labels) - 1).sum())
    return SegmentPotential(
        OTHER, "Other customers", members, 0.0, 0.0, 0.0, 0.0, 0.0, None, 0, None, None, None, _REASON
    )


def _match() -> SegmentMatch:
    return SegmentMatch(
        segment_id=OTHER,
        program=None,
        program_title=None,
        program_customers=0,
        reason=_REASON,
        second_program=None,
        second_reason=None,
    )
