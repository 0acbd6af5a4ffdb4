"""The list to act on: who is on it, in which order, where it ends, and who is set aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.errors import UsageError
from reporter.settings import TargetSettings
from reporter.targets.catalogue import Program
from reporter.targets.model import Float
from reporter.targets.portfolio import Ledger, Limits, Mask, Rows, choose, highest, lengths_within, looked_at
from reporter.targets.strategies import holdout_positions, reach_goal
from reporter.targets.uncertainty import Sums


@dataclass(frozen=True)
class Offers:
    """What an offer to each of the n customers brings, whoever chooses; nothing where there is no effect."""

    ledger: Ledger
    participation: Float | None
    """(n,) probability of enrolment; none where nothing is known of it."""

    @property
    def known(self) -> bool:
        """Whether a probability of the goal can be stated."""
        return self.participation is not None

    def sums(self, rows: Rows) -> Sums:
        """The sums of offers to some customers."""
        part = self.ledger.of(rows)
        return Sums(
            *(np.array([values.sum()]) for values in (part.low, part.value, part.high, part.variance))
        )

    def enrolments(self, rows: Rows) -> float:
        """Enrolments expected of offers to some customers; where nothing is known of take-up, all of them."""
        return float(len(rows)) if self.participation is None else float(self.participation[rows].sum())


@dataclass(frozen=True)
class Selection:
    """The customers to act on, by rank."""

    ranked: Rows
    """All eligible customers, the worthiest of an offer first; without ``whole`` the first of them."""
    listed: Rows
    """The first of them: those to offer and the holdout."""
    held_out: Mask
    """(m,) which of ``listed`` are set aside."""
    reached: bool
    """The goal is reached, with the probability wanted where take-up is known."""
    limited: bool
    """A limit of offers or money ended the list."""

    @property
    def offered(self) -> Rows:
        """Customers to offer a program."""
        return self.listed[~self.held_out]


def expected_cost(
    programs: Sequence[Program], chosen: NDArray[np.int64], participation: Float, budget: float | None
) -> Float | None:
    """(n,) what an offer costs, its enrolment included as likely as it is; ``None`` where no cost is known.

    Args:
        programs: of the catalogue.
        chosen: (n,) program of each customer, −1 without one.
        participation: (n,) probability of enrolment.
        budget: most to spend, or ``None``.

    Raises:
        UsageError: there is a budget, and a program that would be offered has no costs.
    """
    costs = [program.costs for program in programs]
    if budget is not None:
        for place in np.unique(chosen[chosen >= 0]).tolist():
            if costs[place] is None:
                raise UsageError(
                    f"--budget: the catalogue says no costs of {programs[place].title}; add [program.costs] with per_offer and per_enrolment "
                    "to your catalogue and give it with --programs."
                )
    if not any(costs):
        return None
    return cost_of(
        [(cost.per_offer, cost.per_enrolment) if cost else (0.0, 0.0) for cost in costs],
        chosen,
        participation,
    )


def cost_of(costs: Sequence[tuple[float, float]], chosen: NDArray[np.int64], participation: Float) -> Float:
    """(n,) what an offer costs, its enrolment included as likely as it is.

    Args:
        costs: of an offer and of an enrolment, by program.
        chosen: (n,) program of each customer, −1 without one.
        participation: (n,) probability of enrolment.
    """
    per_offer = np.array([offer for offer, _ in costs] + [0.0])[chosen]
    per_enrolment = np.array([enrolment for _, enrolment in costs] + [0.0])[chosen]
    return np.asarray(per_offer + per_enrolment * participation)


def select(
    offers: Offers, eligible: Mask, goal_kw: float, wanted: TargetSettings, seed: int, whole: bool = True
) -> Selection:
    """The list for a goal, a seeded holdout in it set aside.

    Where take-up is known it ends when the goal is reached with the probability wanted, else when the effects of those
    offered add up to it. With a limit and no goal of the utility's own it goes as far as the limit.

    Args:
        offers: what an offer to each of the n customers brings.
        eligible: (n,) who can be offered a program.
        goal_kw: reduction wanted [kW].
        wanted: limits, probability, holdout.
        seed: of the holdout.
        whole: rank all eligible customers, those beyond the list too.
    """
    rows = np.flatnonzero(eligible)
    ledger = offers.ledger if len(rows) == len(eligible) else offers.ledger.of(rows)
    held = holdout_positions(len(rows), wanted.holdout_share, seed)
    limits = Limits(wanted.customers_max, wanted.budget)
    to_the_goal = wanted.goal_kw is not None or (wanted.customers_max is None and wanted.budget is None)
    if offers.known and to_the_goal:
        found = choose(ledger, goal_kw, held, limits, wanted.goal_probability, whole)
        reached, limited = found.probability >= wanted.goal_probability, found.limited
        place, length = found.order, found.length
        if not reached:
            # Who is on the list makes the goal likeliest; in which order they are asked does not, so the largest come first.
            chosen = place[:length]
            place = np.concatenate([chosen[np.argsort(-ledger.value[chosen], kind="stable")], place[length:]])
        order = rows[place]
    else:
        worth = ledger.value
        if wanted.budget is not None and ledger.cost is not None:
            worth = worth / np.maximum(ledger.cost, 1e-9)
        for count in (len(rows),) if whole else looked_at(len(rows)):
            place = highest(worth, count)
            ordered = ledger.of(place)
            most = lengths_within(ordered, held[: len(place)], limits)
            reach = reach_goal(ordered.value[:most], held[:most], goal_kw if to_the_goal else np.inf)
            if most < len(place) or reach.length < most:
                break
        order, length = rows[place], reach.length
        reached = reach.expected_kw >= goal_kw * (1 - 1e-9)
        limited = most < len(rows) and length >= most
    return Selection(order, order[:length], held[:length], bool(reached), bool(limited))


def too_small(chosen: Selection, program: NDArray[np.int64], fewest: int) -> int | None:
    """The program with the fewest offers, where they are too few to run it and another one has more."""
    numbers, counts = np.unique(program[chosen.offered], return_counts=True)
    if len(numbers) < 2:
        return None
    smallest = int(counts.argmin())
    return int(numbers[smallest]) if counts[smallest] < fewest else None
