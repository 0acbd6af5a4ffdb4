"""The way from segments to a ranked list of offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation
from reporter.settings import Settings, TargetSettings
from reporter.targets import notes
from reporter.targets.account import not_targets, program_rows, read_out, segment_matches, why_not
from reporter.targets.assign import Assignment, assign
from reporter.targets.attributes import find_exclusions
from reporter.targets.catalogue import Catalogue, Program, read_catalogue
from reporter.targets.eligibility import Devices, Known, Mask, eligibility
from reporter.targets.event_hours import event_hours
from reporter.targets.fairness import attribute_groups, group_shares, stand_ins
from reporter.targets.match import by_potential, fitting_customers, match_programs, segment_loads
from reporter.targets.model import Float, Names, SegmentPotential, Targeting
from reporter.targets.participation import History, estimate_participation
from reporter.targets.plant import plant
from reporter.targets.portfolio import Ledger
from reporter.targets.repeats import REASON as DECLINED
from reporter.targets.repeats import find_decliners, repeat_findings, repeat_offers
from reporter.targets.rows import ListRules, ProgramCost, Uncertainty
from reporter.targets.selection import Offers, Selection, expected_cost, select, too_small
from reporter.targets.strategies import Goal, compare_strategies, gains_curve
from reporter.targets.take_up import TakeUp, levelled, other_programs, take_up
from reporter.targets.uncertainty import (
    Sums,
    Variation,
    effect_deviation,
    interval,
    load_variation,
    own_variance,
    probability,
)


@dataclass(frozen=True)
class _State:
    """What each customer is offered, with some programs not run."""

    found: Assignment
    offers: Offers
    segments: list[SegmentPotential]
    reasons: Names
    """(n,) the first reason against an offer; empty for the eligible."""
    take_up_spread: float
    """Relative standard deviation of the reduction from take-up that is off for all."""

    @property
    def eligible(self) -> Mask:
        """(n,) who can be offered a program."""
        return np.asarray(self.reasons == "", dtype=np.bool_)


def target(
    profiles: Profiles,
    segmentation: Segmentation,
    attributes: pd.DataFrame | None,
    settings: Settings,
    catalogue: Catalogue | None = None,
    history: History | None = None,
    devices: Devices | None = None,
    temperatures: Mapping[date, float] | None = None,
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
        devices: signs of devices and the load behind them in the peak hours; or ``None``.
        temperatures: mean temperature of the days of the period [°C]; or ``None``.

    Raises:
        DataError: the attributes have an id twice, or a value in an exclusion column that is neither true nor false.
        UsageError: there is a budget and no costs.
    """
    wanted = settings.targets
    programs = (read_catalogue() if catalogue is None else catalogue).program
    exclusions = find_exclusions(attributes, profiles.customer_id, settings)
    left = {} if history is None else _left(history, profiles.customer_id)
    if history is not None:
        # In a program by the history: in a second one its load would count twice.
        exclusions.flags["already-enrolled"] |= _enrolled(history, profiles.customer_id)
    rules = eligibility(programs, Known(profiles.customer_id, attributes, devices, left))
    loads = segment_loads(profiles, segmentation)
    segment_of = segmentation.assignment
    fits = fitting_customers(
        programs, loads, segment_of, [rules.masks[program.id] for program in programs], wanted
    )
    likelihood = (
        None
        if history is None
        else estimate_participation(history, profiles, attributes, settings, _signs(devices))
    )
    quantified = [p for p, mask in zip(programs, fits, strict=True) if p.effect is not None and mask.any()]
    accepted = take_up(likelihood, wanted, quantified)
    declined = find_decliners(history, likelihood, profiles.customer_id, programs, wanted)
    if accepted.likelihood is not None and wanted.enrolment_rate is not None:
        before = assign(
            programs, fits, profiles, devices, accepted, segment_of, len(loads), wanted.switch_share
        )
        excluded = np.any(list(exclusions.flags.values()), axis=0)
        over = (before.program >= 0) & (before.value > 0) & ~excluded & ~declined.left_out(before.program)
        accepted = levelled(accepted, before.participation, wanted.enrolment_rate, over)
    goal_kw = (
        wanted.goal_kw
        if wanted.goal_kw is not None
        else max(wanted.goal_share * profiles.peak.sample_peak_kw, 0.0)
    )
    variation = load_variation(profiles)

    def state(without: frozenset[int]) -> _State:
        found = assign(
            programs, fits, profiles, devices, accepted, segment_of, len(loads), wanted.switch_share, without
        )
        segments = match_programs(programs, loads, found, wanted)
        fits_any = np.any(
            [mask for place, mask in enumerate(fits) if place not in without]
            or [np.zeros(len(segment_of), dtype=np.bool_)],
            axis=0,
        )
        reasons = why_not(
            profiles, exclusions.flags, segments, segment_of, fits_any, found, wanted.min_effect_kw
        )
        reasons[(reasons == "") & declined.left_out(found.program)] = DECLINED
        offers = _offers(profiles, programs, found, accepted, variation, wanted)
        return _State(found, offers, segments, reasons, accepted.spread)

    def settle(at: _State) -> tuple[_State, Selection]:
        """The list, with take-up as unsure as it is for those whom a first walk puts on it."""
        chosen = select(at.offers, at.eligible, goal_kw, wanted, settings.seed)
        spread = accepted.spread_over(
            at.found.participation[chosen.offered], np.nan_to_num(at.found.value[chosen.offered])
        )
        if spread == at.take_up_spread:
            return at, chosen
        ledger = replace(at.offers.ledger, spread=float(np.hypot(variation.shared, spread)))
        at = replace(at, offers=replace(at.offers, ledger=ledger), take_up_spread=spread)
        return at, select(at.offers, at.eligible, goal_kw, wanted, settings.seed)

    first, final, chosen = _run(state, settle, wanted.min_program_offers)
    found, offers, reasons = final.found, final.offers, final.reasons.copy()
    eligible = final.eligible
    reasons[first.eligible & (reasons != "") & (reasons != DECLINED)] = "program-too-small"
    reasons[chosen.ranked[len(chosen.listed) :]] = "beyond-offer-limit" if chosen.limited else "beyond-goal"
    reasons[chosen.listed] = None

    rank = np.zeros(len(eligible), dtype=np.int64)
    rank[chosen.ranked] = np.arange(1, len(chosen.ranked) + 1)
    sums = offers.sums(chosen.offered)
    pool = np.flatnonzero(
        np.isfinite(profiles.coincident_kw)
        & ~np.any(list(exclusions.flags.values()), axis=0)
        & ~declined.left_out(found.program)
    )
    # Every strategy makes the same offer to a customer; only the order differs.
    goal = Goal(goal_kw, wanted.goal_probability if offers.known else None)
    strategies, curves = compare_strategies(
        profiles, segment_of, pool, chosen.ranked, offers.ledger, offers.participation, goal, wanted.holdout_share, settings.seed
    )  # fmt: skip
    chance = float(probability(sums, goal_kw, offers.ledger.spread)[0]) if offers.known else None
    expected_total, low_total, high_total = (float(part[0]) for part in (sums.value, sums.low, sums.high))
    reached = expected_total >= goal_kw * (1 - 1e-9)
    names = np.array([program.id for program in programs] + [None], dtype=object)
    repeats = repeat_offers(
        declined, found.program, eligible | (reasons == DECLINED), offers, chosen.offered, goal_kw
    )

    return Targeting(
        customer_id=profiles.customer_id,
        program=names[found.program],
        participation=np.where(eligible & offers.known, found.participation, np.nan),
        effect_kw=found.value,
        effect_low_kw=found.low,
        effect_high_kw=found.high,
        effect_deviation_kw=_deviation(profiles, found, variation),
        expected_kw=np.where(eligible, offers.ledger.value, np.nan),
        target_rank=rank,
        not_target_reason=reasons,
        listed=chosen.listed,
        group=np.where(chosen.held_out, "holdout", "offer").astype(object),
        listed_segment_label=np.array([label.label for label in segmentation.labels], dtype=object)[
            segment_of[chosen.listed]
        ],
        reasons=read_out(profiles, programs, found, chosen.listed, devices),
        segments=by_potential(final.segments),
        matches=segment_matches(programs, final.segments),
        rules=_rules(programs, wanted, variation.shared, final.take_up_spread),
        groups=group_shares(
            attribute_groups(attributes, profiles.customer_id, wanted), first.eligible, chosen.offered, wanted
        ),
        stand_ins=stand_ins(attributes, profiles, segmentation, wanted),
        event_hours=event_hours(
            profiles, segment_of, [label.segment_id for label in segmentation.labels], temperatures, devices
        ),
        programs=program_rows(
            programs, final.segments, segment_of, found, eligible, chosen, offers, reasons, devices
        ),
        goal_kw=goal_kw,
        goal_source="default" if wanted.goal_kw is None else "user",
        goal_reached=reached,
        eligible=int(first.eligible.sum()),
        recommended_offers=len(chosen.offered),
        holdout=int(chosen.held_out.sum()),
        enrolment_rate=_rate(accepted, wanted, offers, chosen),
        enrolment_basis=accepted.basis,
        enrolments=int(offers.enrolments(chosen.offered) + 0.5),
        likelihood=likelihood.participation if likelihood else None,
        repeats=repeats,
        expected_kw_total=expected_total,
        low_kw=low_total,
        high_kw=high_total,
        probability_of_goal=chance,
        uncertainty=_uncertainty(offers, sums, variation.shared, final.take_up_spread, wanted)
        if offers.known
        else None,
        plant=plant(profiles, segmentation, programs, found, offers, chosen.offered, devices, settings.plant),
        provisional=notes.is_outside_season(profiles.peak, settings.peak.season),
        may_be_asked=len(pool),
        offered_gain_share=expected_total / brought
        if (brought := float(offers.ledger.value[pool].sum())) > 0
        else 0.0,
        strategies=strategies,
        curves=curves,
        gains=gains_curve(profiles.import_kwh, pool, chosen.ranked, offers.ledger.value),
        not_targets=not_targets(reasons, wanted),
        findings=[
            *notes.peak_findings(profiles.peak, settings.peak.season),
            *notes.planned_findings(profiles.peak, settings.peak),
            *exclusions.findings,
            *rules.findings,
            *accepted.findings,
            *other_programs(
                accepted, [programs[place] for place in np.unique(found.program[chosen.offered])], programs
            ),
            *repeat_findings(
                repeats,
                declined.past,
                short=not reached or (chance is not None and chance < wanted.goal_probability),
            ),
            *notes.program_findings(final.segments, programs),
            *notes.goal_findings(
                goal_kw, expected_total, len(chosen.offered), chosen.limited, wanted, accepted.basis
            ),
            *notes.probability_findings(chance, reached, chosen.limited, wanted),
        ],
    )


def _run(
    state: Callable[[frozenset[int]], _State],
    settle: Callable[[_State], tuple[_State, Selection]],
    fewest: int,
) -> tuple[_State, _State, Selection]:
    """The list, without programs that would have too few offers where the others reach the goal as well, or fill the limit.

    Their customers are offered the next best program that fits them.

    Returns:
        All programs run; those that are left; the list.
    """
    without: frozenset[int] = frozenset()
    first, chosen = settle(state(without))
    now = first
    while (small := too_small(chosen, now.found.program, fewest)) is not None:
        other, fewer = settle(state(without | {small}))
        # A limit leaves no room for a handful; without one, what they bring is missed where the goal is.
        if not (fewer.reached if chosen.reached else chosen.limited):
            break
        without, now, chosen = without | {small}, other, fewer
    return first, now, chosen


def _enrolled(history: History, customer_id: NDArray[np.str_]) -> Mask:
    """(n,) enrolled in some program by the history, and not opted out since."""
    rows = history.frame
    taking_part = rows.loc[rows["enrolled"] & ~rows["opted_out"], "customer_id"]
    return np.asarray(pd.Index(customer_id.astype(object)).isin(taking_part), dtype=np.bool_)


def _left(history: History, customer_id: NDArray[np.str_]) -> dict[str, Mask]:
    """Program → (n,) opted out of it, by the history: not to be offered it again."""
    ids = pd.Index(customer_id.astype(object))
    return {
        str(program): np.asarray(ids.isin(rows.loc[rows["opted_out"], "customer_id"]), dtype=np.bool_)
        for program, rows in history.frame.groupby("program")
    }


def _signs(devices: Devices | None) -> dict[str, NDArray[np.float64]]:
    """Signs of technology that may tell who enrols, by the name of the feature."""
    if devices is None:
        return {}
    frame = devices.frame()
    names = {
        "electric vehicle": "ev_probability",
        "cooling": "cooling_kw_per_c",
        "heating": "heating_kw_per_c",
    }
    return {
        feature: frame[column].to_numpy(dtype=np.float64)
        for feature, column in names.items()
        if column in frame
    }


def _rate(accepted: TakeUp, wanted: TargetSettings, offers: Offers, chosen: Selection) -> float | None:
    """The stated rate: the setting, or the mean of what the catalogue states over the offers."""
    if wanted.enrolment_rate is not None or accepted.basis != "stated":
        return wanted.enrolment_rate
    rows = chosen.offered if len(chosen.offered) else chosen.ranked
    return offers.enrolments(rows) / len(rows) if len(rows) else None


def _offers(
    profiles: Profiles,
    programs: Sequence[Program],
    found: Assignment,
    accepted: TakeUp,
    variation: Variation,
    wanted: TargetSettings,
) -> Offers:
    """What an offer to each customer brings, and what it costs."""
    low, value, high = (np.nan_to_num(part) for part in (found.low, found.value, found.high))
    own = np.zeros(len(value))
    if accepted.known:
        own = own_variance(value, found.participation, _deviation(profiles, found, variation))
    chance = found.participation
    cost = expected_cost(programs, found.program, chance, wanted.budget)
    ledger = Ledger(
        low * chance,
        value * chance,
        high * chance,
        own,
        float(np.hypot(variation.shared, accepted.spread)),
        cost,
    )
    return Offers(ledger, chance if accepted.known else None)


def _deviation(profiles: Profiles, found: Assignment, variation: Variation) -> Float:
    """(n,) how far the effect is off by the customer's own load on the day [kW]: an effect varies with the load that it is a share of."""
    load = np.maximum(np.nan_to_num(profiles.coincident_kw.astype(np.float64)), 1e-3)
    return np.asarray(np.nan_to_num(found.value) * np.minimum(variation.own_kw / load, _WILD))


def _rules(
    programs: Sequence[Program], wanted: TargetSettings, load_spread: float, take_up_spread: float
) -> ListRules:
    """What the list was made by."""
    return ListRules(
        goal_probability=wanted.goal_probability,
        holdout_share=wanted.holdout_share,
        customers_max=wanted.customers_max,
        budget=wanted.budget,
        load_spread=load_spread,
        take_up_spread=take_up_spread,
        costs=[
            ProgramCost(
                program=program.id,
                title=program.title,
                per_offer=program.costs.per_offer if program.costs else None,
                per_enrolment=program.costs.per_enrolment if program.costs else None,
            )
            for program in programs
        ],
    )


_WILD = 3.0
"""Most that a customer's own load counts as varying, in multiples of itself."""


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
