"""The list in rows and words: programs by segment, why each customer is on it, why the others are not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.settings import TargetSettings
from reporter.targets import wording
from reporter.targets.assign import Assignment
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Devices, Mask
from reporter.targets.end_uses import end_uses
from reporter.targets.model import Float, Names, SegmentPotential
from reporter.targets.portfolio import Rows
from reporter.targets.potential import end_use_kw
from reporter.targets.rows import NotTarget, ProgramRow, SegmentMatch
from reporter.targets.selection import Offers, Selection
from reporter.words import kw, percent

_OF_PROGRAMS = {
    "program-too-small",
    "beyond-goal",
    "beyond-offer-limit",
    "program-not-quantified",
    "small-effect",
    "not-eligible",
}
"""Reasons that concern a program and not a single customer."""


def segment_matches(programs: Sequence[Program], segments: Sequence[SegmentPotential]) -> list[SegmentMatch]:
    """The best and second best program of each segment, in canonical order."""
    titles = {program.id: program.title for program in programs}
    return [
        SegmentMatch(
            segment_id=segment.segment_id,
            program=segment.program,
            program_title=titles[segment.program] if segment.program else None,
            program_customers=segment.program_customers,
            reason=segment.reason,
            second_program=segment.second_program,
            second_reason=segment.second_reason,
        )
        for segment in segments
    ]


def program_rows(
    programs: Sequence[Program],
    segments: Sequence[SegmentPotential],
    segment_of: NDArray[np.int32],
    found: Assignment,
    eligible: Mask,
    chosen: Selection,
    offers: Offers,
    reasons: Names,
    devices: Devices | None,
) -> list[ProgramRow]:
    """One row for each program offered to members of a segment, and for the segment's own where nobody is; largest effect first."""
    offered = np.zeros(len(segment_of), dtype=np.bool_)
    offered[chosen.offered] = True
    place = {program.id: index for index, program in enumerate(programs)}
    rows = []
    for index, segment in enumerate(segments):
        mine = segment_of == index
        used = set(np.unique(found.program[mine & offered]).tolist())
        own = {place[segment.program]} if segment.program and not used else set()
        for number in sorted(used | own):
            program = programs[number]
            taken = mine & offered & (found.program == number)
            rows.append(
                _row(
                    program,
                    segment,
                    taken,
                    mine & eligible & (found.program == number),
                    found,
                    offers,
                    reasons[mine],
                    devices,
                )
            )
    return sorted(rows, key=lambda row: -1.0 if row.total_kw is None else row.total_kw, reverse=True)


def _row(
    program: Program,
    segment: SegmentPotential,
    taken: Mask,
    could: Mask,
    found: Assignment,
    offers: Offers,
    reasons: Names,
    devices: Devices | None,
) -> ProgramRow:
    effect, many = program.effect, int(taken.sum())
    basis = taken if many else could
    sums = offers.sums(np.flatnonzero(taken))

    def each(effect_kw: Float) -> float | None:
        return float(effect_kw[basis].mean()) if effect and basis.any() else None

    return ProgramRow(
        program=program.id,
        title=program.title,
        segment_id=segment.segment_id,
        offers=many,
        enrolments=int(offers.enrolments(np.flatnonzero(taken)) + 0.5),
        kw_per_enrolment=each(found.value),
        low_kw_per_enrolment=each(found.low),
        high_kw_per_enrolment=each(found.high),
        total_kw=float(sums.value[0]) if effect else None,
        low_kw=float(sums.low[0]) if effect else None,
        high_kw=float(sums.high[0]) if effect else None,
        effect_basis=effect.basis if effect else None,
        end_use=effect.end_use if effect else None,
        effect_share=effect.value if effect else None,
        effect_low=effect.low if effect else None,
        effect_high=effect.high if effect else None,
        range_note=program.range_note,
        end_uses=end_uses(devices, basis),
        reason=segment.reason
        if program.id == segment.program
        else f"For members to whom the segment's own program gives less or nothing: {program.why}.",
        no_offers=None if many else _why_none(reasons),
        events_a_year=program.events_a_year,
        hours_an_event=program.hours_an_event,
        source=program.source,
    )


def _why_none(reasons: Names) -> str:
    """The commonest reason why nobody of a segment is offered its program, the exclusions of single customers aside."""
    counts = pd.Series(reasons, dtype=object).value_counts()
    if counts.empty:
        # All whom the list reaches are set aside.
        return "holdout"
    own = [str(reason) for reason in counts.index if reason in _OF_PROGRAMS]
    return own[0] if own else str(counts.index[0])


def why_not(
    profiles: Profiles,
    flags: dict[str, Mask],
    segments: Sequence[SegmentPotential],
    segment_of: NDArray[np.int32],
    fits_any: Mask,
    found: Assignment,
    min_effect_kw: float,
) -> Names:
    """(n,) the first reason against an offer; empty for the eligible."""

    def in_segment(reason: str) -> Mask:
        return np.array([segment.not_offered == reason for segment in segments])[segment_of]

    with np.errstate(invalid="ignore"):
        # An offer without any effect is none, also where the setting is 0.
        small = (found.value < min_effect_kw) | (found.value <= 0)
    conditions = {
        **flags,
        "no-readings-in-peak-hours": ~np.isfinite(profiles.coincident_kw),
        "segment-low-at-peak": in_segment("segment-low-at-peak") & ~fits_any,
        "no-program-for-segment": in_segment("no-program-for-segment") & ~fits_any,
        "not-eligible": ~fits_any,
        "program-not-quantified": np.isnan(found.value),
        "small-effect": small,
    }
    reasons = np.full(len(segment_of), "", dtype=object)
    for reason, holds in reversed(conditions.items()):
        reasons[holds] = reason
    return reasons


def not_targets(reasons: Names, wanted: TargetSettings) -> list[NotTarget]:
    """Customers not on the list, counted by reason."""
    counts = pd.Series(reasons, dtype=object).value_counts()
    values = {
        "min_above_percent": percent(wanted.min_above_share),
        "min_effect_kw": wanted.min_effect_kw,
        "limit": _limit(wanted),
        "min_program_offers": wanted.min_program_offers,
    }
    return [
        NotTarget(reason=reason, customers=int(counts[reason]), description=description.format(**values))
        for reason, description in wording.DESCRIPTIONS.items()
        if reason in counts.index
    ]


def _limit(wanted: TargetSettings) -> str:
    parts = []
    if wanted.customers_max is not None:
        parts.append(f"the limit of {wanted.customers_max:,} offers")
    if wanted.budget is not None:
        parts.append(f"the budget of {wanted.budget:,.0f}")
    return " and ".join(parts) or "the limit"


def read_out(
    profiles: Profiles,
    programs: Sequence[Program],
    found: Assignment,
    listed: Rows,
    devices: Devices | None,
) -> list[str]:
    """(m,) why each customer on the list is on it, in words to read out."""
    when = wording.peak_hours(profiles.peak.starts)
    coincident = profiles.coincident_kw[listed].astype(np.float64)
    above = profiles.above_baseload_kw[listed].astype(np.float64)
    regular = consistency(profiles)[listed]
    parts = {use: end_use_kw(use, devices) for use in wording.END_USES}
    sentences = []
    for place, row in enumerate(listed.tolist()):
        program = programs[int(found.program[row])]
        effect = program.effect
        assert effect is not None
        known = parts.get(effect.end_use or "")
        part = float("nan") if known is None else float(known[row])
        acts_on = effect.end_use if part == part else None
        base = {"kw-per-enrolment": 1.0, "share-of-end-use": part}.get(effect.basis, float(coincident[place]))
        less = effect.value * base > float(found.value[row]) * (1 + 1e-9)
        by_part = acts_on is not None and part < above[place]
        offer = wording.Offer(
            phrase=program.phrase,
            published=_published(program),
            coincident_kw=float(coincident[place]),
            baseload_kw=float(coincident[place] - above[place]),
            effect_kw=float(found.value[row]),
            regular=float(regular[place]),
            end_use=acts_on,
            end_use_kw=part,
            capped_by=None if not less else "end-use" if by_part else "baseload",
        )
        sentences.append(wording.target_reason(when, offer))
    return sentences


def consistency(profiles: Profiles) -> NDArray[np.float64]:
    """(n,) share of the peak hours in which the load above baseload is at least half of its mean over them; NaN where unknown."""
    hourly = profiles.peak_hours_kw.astype(np.float64)
    if not hourly.size:
        return np.full(len(profiles.customer_id), np.nan)
    known = np.isfinite(hourly)
    above = hourly - profiles.baseload_kw.astype(np.float64)[:, None]
    half = profiles.above_baseload_kw.astype(np.float64)[:, None] / 2
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        there = (known & (above >= half) & (half > 0)).sum(axis=1)
    return np.where(count > 0, there / np.maximum(count, 1), np.nan)


def _published(program: Program) -> str:
    effect, source = program.effect, program.source
    assert effect is not None
    of = {
        "kw-per-enrolment": kw(effect.value),
        "share-of-end-use": f"{percent(effect.value)} of the {wording.END_USES[effect.end_use or 'temperature']}",
    }.get(effect.basis, f"{percent(effect.value)} of the load")
    return f"{of}, as {'its vendor ' if source is not None and source.vendor_claim else ''}published"
