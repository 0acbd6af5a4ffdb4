"""The way from segments to a ranked list of offers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation
from reporter.settings import Settings, TargetSettings
from reporter.targets import notes, wording
from reporter.targets.attributes import find_exclusions
from reporter.targets.catalogue import Catalogue, Program, read_catalogue
from reporter.targets.match import by_potential, match_programs
from reporter.targets.model import Float, Names, SegmentPotential, Targeting
from reporter.targets.participation import History, estimate_participation
from reporter.targets.portfolio import Ledger, Rows
from reporter.targets.potential import EffectShares, effect_kw, effect_shares
from reporter.targets.rows import NotTarget, ProgramRow, Uncertainty
from reporter.targets.selection import Offers, Selection, expected_cost, run_programs
from reporter.targets.strategies import Goal, compare_strategies, gains_curve
from reporter.targets.take_up import TakeUp, take_up
from reporter.targets.uncertainty import (
    Sums,
    Variation,
    effect_deviation,
    interval,
    load_variation,
    own_variance,
    probability,
)
from reporter.words import percent

Mask = NDArray[np.bool_]

_OF_PROGRAMS = {
    "program-too-small",
    "beyond-goal",
    "beyond-offer-limit",
    "program-not-quantified",
    "small-effect",
}
"""Reasons that concern a program and not a single customer."""


@dataclass(frozen=True)
class _Effects:
    """(n,) effect of the offered program at its value and both ends [kW]; NaN without one."""

    value: Float
    low: Float
    high: Float


def target(
    profiles: Profiles,
    segmentation: Segmentation,
    attributes: pd.DataFrame | None,
    settings: Settings,
    catalogue: Catalogue | None = None,
    history: History | None = None,
) -> Targeting:
    """Whom to offer which program, ranked, for the goal of the settings.

    The published effect of a program is common to all its customers. So the range of the sum is the sum at the
    range's ends: it does not shrink with the number of customers, as independent errors would make it.

    Args:
        profiles: of the n customers used, in order of ``customer_id``.
        segmentation: of the same customers.
        attributes: ``customer_id`` and any columns, as from ``read_customers``; or ``None``.
        settings: of the run.
        catalogue: of programs, by default the one that comes with the package.
        history: past offers and what came of them, as from ``read_enrolment``; or ``None``.

    Raises:
        DataError: the attributes have an id twice, or a value in an exclusion column that is neither true nor false.
    """
    wanted = settings.targets
    catalogue = read_catalogue() if catalogue is None else catalogue
    exclusions = find_exclusions(attributes, profiles.customer_id, settings)
    segments = match_programs(profiles, segmentation, catalogue, wanted)
    by_id = {program.id: program for program in catalogue.program}
    programs = [by_id[segment.program] if segment.program else None for segment in segments]
    assignment = segmentation.assignment

    shares = effect_shares(programs, assignment)
    effects = _Effects(
        effect_kw(shares.value, profiles),
        effect_kw(shares.low, profiles),
        effect_kw(shares.high, profiles),
    )
    reasons = _why_not(profiles, exclusions.flags, segments, assignment, effects, wanted.min_effect_kw)
    eligible = reasons == ""
    could_be_offered = int(eligible.sum())
    likelihood = None if history is None else estimate_participation(history, profiles, attributes, settings)
    accepted = take_up(likelihood, wanted, programs, assignment, eligible)
    goal_kw = (
        wanted.goal_kw
        if wanted.goal_kw is not None
        else max(wanted.goal_share * profiles.peak.sample_peak_kw, 0.0)
    )
    variation = load_variation(profiles)
    offers = _offers(profiles, programs, assignment, effects, shares, accepted, variation, wanted)
    chosen, kept = run_programs(offers, eligible, programs, assignment, goal_kw, wanted, settings.seed)
    reasons[eligible & ~kept] = "program-too-small"
    eligible = kept
    reasons[chosen.ranked[len(chosen.listed) :]] = "beyond-offer-limit" if chosen.limited else "beyond-goal"

    reasons[chosen.listed] = None

    rank = np.zeros(len(eligible), dtype=np.int64)
    rank[chosen.ranked] = np.arange(1, len(chosen.ranked) + 1)
    expected = np.where(eligible, accepted.per_offer(effects.value), np.nan)
    sums = offers.sums(chosen.offered)
    pool = np.flatnonzero(
        np.isfinite(profiles.coincident_kw) & ~np.any(list(exclusions.flags.values()), axis=0)
    )
    # Every strategy makes the same offer to a customer, that of its segment; only the order differs.
    goal = Goal(goal_kw, wanted.goal_probability if offers.known else None)
    strategies, curves = compare_strategies(
        profiles, assignment, pool, chosen.ranked, offers.ledger, offers.participation, goal, wanted.holdout_share, settings.seed
    )  # fmt: skip
    uncertainty = (
        _uncertainty(offers, sums, variation.shared, accepted.spread, wanted) if offers.known else None
    )
    chance = float(probability(sums, goal_kw, offers.ledger.spread)[0]) if offers.known else None
    expected_total, low_total, high_total = (float(part[0]) for part in (sums.value, sums.low, sums.high))
    above = np.nan_to_num(profiles.above_baseload_kw.astype(np.float64))

    return Targeting(
        customer_id=profiles.customer_id,
        program=np.array([program.id if program else None for program in programs], dtype=object)[assignment],
        participation=np.where(
            eligible, np.nan if accepted.participation is None else accepted.participation, np.nan
        ),
        effect_kw=effects.value,
        effect_low_kw=effects.low,
        effect_high_kw=effects.high,
        expected_kw=expected,
        target_rank=rank,
        not_target_reason=reasons,
        listed=chosen.listed,
        group=np.where(chosen.held_out, "holdout", "offer").astype(object),
        listed_segment_label=np.array([label.label for label in segmentation.labels], dtype=object)[
            assignment[chosen.listed]
        ],
        reasons=_read_out(profiles, programs, assignment, chosen.listed, effects.value, shares.value),
        segments=by_potential(segments),
        programs=_program_rows(programs, segments, assignment, eligible, chosen, effects, accepted, reasons),
        goal_kw=goal_kw,
        goal_source="default" if wanted.goal_kw is None else "user",
        goal_reached=expected_total >= goal_kw * (1 - 1e-9),
        eligible=could_be_offered,
        recommended_offers=len(chosen.offered),
        holdout=int(chosen.held_out.sum()),
        enrolment_rate=wanted.enrolment_rate,
        enrolment_basis=accepted.basis,
        enrolments=_enrolments(accepted, chosen.offered),
        likelihood=likelihood.participation if likelihood else None,
        expected_kw_total=expected_total,
        low_kw=low_total,
        high_kw=high_total,
        probability_of_goal=chance,
        uncertainty=uncertainty,
        provisional=notes.is_outside_season(profiles.peak, settings.peak.season),
        offered_share=len(chosen.offered) / len(eligible),
        offered_above_share=float(above[chosen.offered].sum() / above.sum()) if above.sum() > 0 else 0.0,
        strategies=strategies,
        curves=curves,
        gains=gains_curve(profiles),
        not_targets=_not_targets(reasons, wanted),
        findings=[
            *notes.peak_findings(profiles.peak, settings.peak.season),
            *exclusions.findings,
            *accepted.findings,
            *notes.program_findings(segments, catalogue),
            *notes.goal_findings(
                goal_kw, expected_total, len(chosen.offered), chosen.limited, wanted, accepted.basis
            ),
            *notes.probability_findings(
                chance, expected_total >= goal_kw * (1 - 1e-9), chosen.limited, wanted
            ),
        ],
    )


def _why_not(
    profiles: Profiles,
    flags: dict[str, Mask],
    segments: Sequence[SegmentPotential],
    assignment: NDArray[np.int32],
    effects: _Effects,
    min_effect_kw: float,
) -> Names:
    """(n,) the first reason against an offer; empty for the eligible."""

    def in_segment(reason: str) -> Mask:
        return np.array([segment.not_offered == reason for segment in segments])[assignment]

    conditions = {
        **flags,
        "no-readings-in-peak-hours": ~np.isfinite(profiles.coincident_kw),
        "no-program-for-segment": in_segment("no-program-for-segment"),
        "segment-low-at-peak": in_segment("segment-low-at-peak"),
        "program-not-quantified": np.isnan(effects.value),
        # An offer without any effect is none, also where the setting is 0.
        "small-effect": (effects.value < min_effect_kw) | (effects.value <= 0),
    }
    reasons = np.full(len(assignment), "", dtype=object)
    for reason, holds in reversed(conditions.items()):
        reasons[holds] = reason
    return reasons


def _offers(
    profiles: Profiles,
    programs: Sequence[Program | None],
    assignment: NDArray[np.int32],
    effects: _Effects,
    shares: EffectShares,
    accepted: TakeUp,
    variation: Variation,
    wanted: TargetSettings,
) -> Offers:
    """What an offer to each customer brings, and what it costs."""
    n = len(assignment)
    low, value, high = (
        np.nan_to_num(accepted.per_offer(effect)) for effect in (effects.low, effects.value, effects.high)
    )
    own = np.zeros(n)
    if accepted.participation is not None:
        own = own_variance(
            np.nan_to_num(effects.value),
            accepted.participation,
            np.nan_to_num(shares.value) * variation.own_kw,
        )
    cost = expected_cost(programs, assignment, accepted.participation, wanted.budget)
    spread = float(np.hypot(variation.shared, accepted.spread))
    return Offers(Ledger(low, value, high, own, spread, cost), accepted.participation)


def _uncertainty(
    offers: Offers, sums: Sums, weather: float, take_up_spread: float, wanted: TargetSettings
) -> Uncertainty:
    """What makes the size of the list unsure, part by part."""
    low, high = interval(sums, offers.ledger.spread)
    expected = float(sums.value[0])
    return Uncertainty(
        goal_probability_wanted=wanted.goal_probability,
        likely_low_kw=low,
        likely_high_kw=high,
        effect_kw=effect_deviation(sums),
        weather_kw=weather * expected,
        take_up_kw=take_up_spread * expected,
        own_kw=float(np.sqrt(sums.variance[0])),
    )


def _program_rows(
    programs: Sequence[Program | None],
    segments: Sequence[SegmentPotential],
    assignment: NDArray[np.int32],
    eligible: Mask,
    chosen: Selection,
    effects: _Effects,
    accepted: TakeUp,
    reasons: Names,
) -> list[ProgramRow]:
    """One row for each segment that is offered a program, largest effect first."""
    offered = np.zeros(len(assignment), dtype=np.bool_)
    offered[chosen.offered] = True
    rows = []
    for index, (program, segment) in enumerate(zip(programs, segments, strict=True)):
        if program is None:
            continue
        mine = assignment == index
        taken = mine & offered
        offers = int(taken.sum())
        basis = taken if offers else mine & eligible
        effect = program.effect
        rows.append(
            ProgramRow(
                program=program.id,
                title=program.title,
                segment_id=segment.segment_id,
                offers=offers,
                enrolments=_enrolments(accepted, np.flatnonzero(taken)),
                kw_per_enrolment=float(effects.value[basis].mean()) if effect and basis.any() else None,
                total_kw=float(accepted.per_offer(effects.value)[taken].sum()) if effect else None,
                low_kw=float(accepted.per_offer(effects.low)[taken].sum()) if effect else None,
                high_kw=float(accepted.per_offer(effects.high)[taken].sum()) if effect else None,
                effect_share=effect.value if effect else None,
                effect_low=effect.low if effect else None,
                effect_high=effect.high if effect else None,
                range_note=program.range_note,
                reason=segment.reason,
                no_offers=_why_none(reasons[mine]) if not offers else None,
                source=program.source,
            )
        )
    return sorted(rows, key=lambda row: -1.0 if row.total_kw is None else row.total_kw, reverse=True)


def _enrolments(accepted: TakeUp, offered: Rows) -> int:
    """Enrolments expected of these offers; where nothing is known of take-up, all of them."""
    if accepted.participation is None:
        return len(offered)
    return int(accepted.participation[offered].sum() + 0.5)


def _why_none(reasons: Names) -> str:
    """The commonest reason why nobody of a segment is offered its program, the exclusions of single customers aside."""
    counts = pd.Series(reasons, dtype=object).value_counts()
    if counts.empty:
        # All whom the list reaches are set aside.
        return "holdout"
    own = [str(reason) for reason in counts.index if reason in _OF_PROGRAMS]
    return own[0] if own else str(counts.index[0])


def _read_out(
    profiles: Profiles,
    programs: Sequence[Program | None],
    assignment: NDArray[np.int32],
    listed: Rows,
    effect: Float,
    share: Float,
) -> list[str]:
    """(m,) why each customer on the list is on it."""
    when = wording.peak_hours(profiles.peak.starts)
    words = [(program.phrase, _as_published(program)) if program else ("", "") for program in programs]
    coincident = profiles.coincident_kw[listed].astype(np.float64)
    above = profiles.above_baseload_kw[listed].astype(np.float64)
    capped = share[listed] * coincident > above
    return [
        wording.target_reason(when, *words[segment], *numbers)
        for segment, *numbers in zip(
            assignment[listed].tolist(),
            coincident.tolist(),
            (coincident - above).tolist(),
            effect[listed].tolist(),
            capped.tolist(),
            strict=True,
        )
    ]


def _as_published(program: Program) -> str:
    share = percent(program.effect.value) if program.effect else ""
    by_vendor = program.source is not None and program.source.vendor_claim
    return f"{share} of its load, as {'its vendor ' if by_vendor else ''}published"


def _not_targets(reasons: Names, wanted: TargetSettings) -> list[NotTarget]:
    """Customers not on the list, counted by reason."""
    counts = pd.Series(reasons, dtype=object).value_counts()
    values = {
        "min_above_percent": percent(wanted.min_above_share),
        "min_effect_kw": wanted.min_effect_kw,
        "customers_max": wanted.customers_max or 0,
        "min_program_offers": wanted.min_program_offers,
    }
    return [
        NotTarget(reason=reason, customers=int(counts[reason]), description=description.format(**values))
        for reason, description in wording.DESCRIPTIONS.items()
        if reason in counts.index
    ]
