"""The list for another goal, limit, take-up or cost: the run's own selection over what ``customers.parquet`` holds of each offer.

Which program a customer would be offered stays as in the run, and so does who could be offered one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.settings import TargetSettings
from reporter.targets.model import Float
from reporter.targets.odds import shift_to, shifted
from reporter.targets.portfolio import Ledger, Mask
from reporter.targets.rows import EnrolmentBasis, ListRules
from reporter.targets.selection import Offers, cost_of, select
from reporter.targets.uncertainty import own_variance, probability


@dataclass(frozen=True)
class Columns:
    """What is known of an offer to each of n customers, in order of ``customer_id``."""

    program: NDArray[np.int64]
    """(n,) index into the programs of the rules; −1 where that is not known."""
    value: Float
    """(n,) effect [kW]."""
    low: Float
    high: Float
    deviation: Float
    """(n,) standard deviation of the effect from the customer's own load on the day [kW]."""
    participation: Float
    """(n,) probability of enrolment; NaN where it is not known."""
    eligible: Mask


@dataclass(frozen=True)
class Changed:
    """What is otherwise; ``None`` stays as it is."""

    goal_kw: float | None = None
    budget: float | None = None
    customers_max: int | None = None
    participation: float | None = None
    cost_per_offer: float | None = None
    cost_per_enrolment: float | None = None


@dataclass(frozen=True)
class Outcome:
    """The list that comes of it."""

    offers: int
    holdout: int
    enrolments: float
    expected_kw: float
    low_kw: float
    high_kw: float
    reached: bool
    """The effects add up to the goal."""
    probability_of_goal: float | None
    limited: bool
    """A limit ended the list."""
    cost: float | None
    """Expected cost of offers and enrolments; ``None`` where no cost is known."""


def recompute(
    columns: Columns,
    rules: ListRules,
    basis: EnrolmentBasis,
    goal_kw: float,
    own_goal: bool,
    seed: int,
    changed: Changed,
) -> Outcome:
    """The list with something changed.

    Args:
        columns: of the n customers used.
        rules: of the run.
        basis: what the run knows of take-up.
        goal_kw: of the run [kW].
        own_goal: the goal is the utility's own.
        seed: of the holdout.
        changed: what is otherwise.
    """
    chance, known, take_up_spread = columns.participation, basis != "none", rules.take_up_spread
    if changed.participation is not None:
        known, take_up_spread = True, 0.0
        if basis in ("history-model", "history-rate") and columns.eligible.any():
            # As the run does with a stated rate beside a history: its level, and the history for who is likelier than others.
            chance = shifted(chance, shift_to(chance[columns.eligible], changed.participation))
        else:
            chance = np.full(len(columns.value), changed.participation)
    chance = np.nan_to_num(chance) if known else np.ones(len(columns.value))
    low, value, high, deviation = (
        np.nan_to_num(part) for part in (columns.low, columns.value, columns.high, columns.deviation)
    )
    cost = _cost(columns.program, chance, rules, changed)
    own = own_variance(value, chance, deviation) if known else np.zeros(len(value))
    spread = float(np.hypot(rules.load_spread, take_up_spread)) if known else 0.0
    offers = Offers(
        Ledger(low * chance, value * chance, high * chance, own, spread, cost), chance if known else None
    )
    limits = {
        "customers_max": rules.customers_max if changed.customers_max is None else changed.customers_max,
        "budget": rules.budget if changed.budget is None else changed.budget,
    }
    goal = goal_kw if changed.goal_kw is None else changed.goal_kw
    wanted = TargetSettings.model_construct(
        **{
            **TargetSettings().model_dump(),
            **limits,
            "goal_kw": goal if own_goal or changed.goal_kw is not None else None,
            "goal_probability": rules.goal_probability,
            "holdout_share": rules.holdout_share,
        }
    )
    chosen = select(offers, columns.eligible, goal, wanted, seed, whole=False)
    sums = offers.sums(chosen.offered)
    expected, lowest, highest = (float(part[0]) for part in (sums.value, sums.low, sums.high))
    return Outcome(
        offers=len(chosen.offered),
        holdout=int(chosen.held_out.sum()),
        enrolments=offers.enrolments(chosen.offered),
        expected_kw=expected,
        low_kw=lowest,
        high_kw=highest,
        reached=expected >= goal * (1 - 1e-6),
        probability_of_goal=float(probability(sums, goal, spread)[0]) if known else None,
        limited=chosen.limited,
        cost=None if cost is None else float(cost[chosen.offered].sum()),
    )


def _cost(program: NDArray[np.int64], chance: Float, rules: ListRules, changed: Changed) -> Float | None:
    """(n,) expected cost of an offer; what is stated of it holds for every program."""
    stated = (changed.cost_per_offer, changed.cost_per_enrolment)
    if stated != (None, None):
        return cost_of([(stated[0] or 0.0, stated[1] or 0.0)], np.zeros(len(chance), dtype=np.int64), chance)
    if not any(row.per_offer is not None for row in rules.costs):
        return None
    return cost_of([(row.per_offer or 0.0, row.per_enrolment or 0.0) for row in rules.costs], program, chance)
