"""Which customers to offer a program: a stochastic knapsack after Kwac and Rajagopal (arXiv 1409.4119).

Of at most N customers (or for at most a budget) choose those that make it likeliest that the goal is reached. With
independent errors alone, customers are ranked by a·μ − σ² for a range of slopes a, and the best is kept. Here the effect,
the weather and the take-up are shared (``uncertainty``), so the slope of each part is taken from the probability itself: the
set found so far says what one more kW at each end of the range, and one more kW² of own variance, are worth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.targets.model import Float
from reporter.targets.uncertainty import Sums, probability

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

_ANGLES = np.deg2rad([0.0, 8.0, 20.0, 35.0, 50.0, 65.0, 78.0, 86.0, -20.0, -45.0, -70.0])
"""Weights of variance against mean that are tried; below zero variance is sought, as when the goal is out of reach."""
_FEW_ANGLES = _ANGLES[[0, 3]]
_MANY = 100_000
"""Customers above which few weights are tried: among so many, own variance hardly matters, and the slopes below find the rest."""
_STEPS = 6
_PLACES = 200
_FIRST, _MORE = 32_768, 8
"""Customers of an order that are looked at first, and by how much more they become where they do not reach the goal: of a million, few are asked."""
_EXACT = 512
"""Lengths of a list up to which each is looked at."""
_POLISHED = 40
"""Customers up to which single swaps are tried as well."""


@dataclass(frozen=True)
class Ledger:
    """What an offer to each of m customers brings, and what it costs."""

    low: Float
    """(m,) expected reduction per offer at the low end of the published range [kW]."""
    value: Float
    """(m,) at the published effect [kW]."""
    high: Float
    """(m,) at the high end [kW]."""
    variance: Float
    """(m,) own variance [kW²]."""
    spread: float
    """Relative standard deviation of weather and take-up, which all share."""
    cost: Float | None = None
    """(m,) expected cost per offer, in the utility's currency."""

    def of(self, rows: Rows) -> "Ledger":
        """Some of the customers, in this order."""
        return Ledger(
            self.low[rows],
            self.value[rows],
            self.high[rows],
            self.variance[rows],
            self.spread,
            None if self.cost is None else self.cost[rows],
        )

    def running(self, offered: Mask | None = None) -> Sums:
        """(m,) sums over the first 1, 2, … customers, of those who are offered anything."""
        parts = (self.low, self.value, self.high, self.variance)
        return Sums(*(np.cumsum(part if offered is None else np.where(offered, part, 0.0)) for part in parts))


@dataclass(frozen=True)
class Limits:
    """What a list may not go beyond."""

    offers_max: int | None = None
    budget: float | None = None
    """In the currency of the costs."""


@dataclass(frozen=True)
class Portfolio:
    """Customers in the order in which they are worth an offer, and how far the list goes."""

    order: Rows
    """(m,) all customers; without ``whole``, as many of the first of them as were looked at."""
    length: int
    """The first so many are on the list, holdout included."""
    probability: float
    limited: bool
    """A limit ended the list, not the goal."""
    score: Float | None = None
    """(m,) what the order goes by."""


def choose(
    ledger: Ledger,
    goal_kw: float,
    held_out: Mask,
    limits: Limits,
    wanted: float | None = None,
    whole: bool = True,
) -> Portfolio:
    """The customers that make it likeliest that the goal is reached; no more of them than it takes.

    Args:
        ledger: what an offer to each of the m customers brings.
        goal_kw: reduction wanted [kW].
        held_out: (m,) which places of a ranked list are set aside and bring nothing.
        limits: most offers, and the budget.
        wanted: probability from which no more offers are made; ``None``: as likely as can be.
        whole: put all customers in order, those beyond the list too.
    """
    if not len(ledger.value):
        return Portfolio(np.zeros(0, dtype=np.int64), 0, float(goal_kw <= 0), False)
    best: Portfolio | None = None
    starts: list[Portfolio] = []
    for angle in _ANGLES if len(ledger.value) <= _MANY else _FEW_ANGLES:
        score = np.cos(angle) * _scaled(ledger.value) - np.sin(angle) * _scaled(ledger.variance)
        found = _walk(ledger, score, goal_kw, held_out, limits, wanted)
        starts.append(found)
        best = _better(best, found, wanted)
    assert best is not None
    for _ in range(_STEPS):
        score = _worth(ledger, best, goal_kw, held_out)
        if score is None:
            break
        found = _better(best, _walk(ledger, score, goal_kw, held_out, limits, wanted), wanted)
        if found is best:
            break
        best = found
    if (
        len(ledger.value) <= _POLISHED
        and not held_out.any()
        and (wanted is None or best.probability < wanted)
    ):
        for start in {frozenset(s.order[: s.length].tolist()): s for s in starts}.values():
            best = _better(best, _polished(ledger, start, goal_kw, limits), None)
    if whole and best.score is not None and len(best.order) < len(ledger.value):
        return replace(best, order=highest(best.score, len(best.score)))
    return best


def highest(score: Float, count: int) -> Rows:
    """At least the first ``count`` of the customers by falling score, equal ones in their own order: the start of the order of all."""
    if count >= len(score):
        return np.argsort(-score, kind="stable")
    place = len(score) - count
    rows = np.flatnonzero(score >= np.partition(score, place)[place])
    return rows[np.argsort(-score[rows], kind="stable")]


def looked_at(count: int) -> Iterator[int]:
    """How many customers of an order to look at, one number after another, up to all of them."""
    first = _FIRST
    while first < count:
        yield first
        first *= _MORE
    yield count


def lengths_within(ledger: Ledger, held_out: Mask, limits: Limits) -> int:
    """How many customers of an ordered list the limits allow, holdout included."""
    length = len(ledger.value)
    if limits.offers_max is not None:
        length = min(length, int(np.searchsorted(np.cumsum(~held_out), limits.offers_max, side="right")))
    if limits.budget is not None and ledger.cost is not None:
        spent = np.cumsum(np.where(held_out, 0.0, ledger.cost))
        length = min(length, int(np.searchsorted(spent, limits.budget * (1 + 1e-9), side="right")))
    return length


def shortest(sums: Sums, most: int, goal_kw: float, spread: float, wanted: float | None) -> tuple[int, float]:
    """Length of the list that reaches a probability, else the likeliest one, among the first ``most``; and its probability."""
    found = _shortest(sums, most, most, goal_kw, spread, wanted)
    assert found is not None
    return found


def _shortest(
    sums: Sums, known: int, most: int, goal_kw: float, spread: float, wanted: float | None
) -> tuple[int, float] | None:
    """The same from the sums of the first ``known`` customers; none where it takes more of them to tell."""
    if most <= 0:
        return 0, float(goal_kw <= 0)
    places = (
        np.arange(1, most + 1) if most <= _EXACT else np.unique(np.linspace(1, most, _PLACES).astype(int))
    )
    while True:
        seen = places[places <= known]
        chances = probability(_at(sums, seen - 1), goal_kw, spread)
        reached = np.flatnonzero(chances >= wanted) if wanted is not None else np.zeros(0, dtype=np.int64)
        if not reached.size and len(seen) < len(places):
            return None
        # The longest of those that are as likely: of a goal far out of reach each chance is none, and more offers bring more.
        likeliest = len(chances) - 1 - int(chances[::-1].argmax())
        index = int(reached[0]) if reached.size else likeliest
        before = int(places[max(index - 1, 0)])
        after = int(places[index]) if reached.size else int(places[min(index + 1, len(places) - 1)])
        if after - before <= 1 or len(places) == after - before + 1:
            return int(places[index]), float(chances[index])
        places = np.unique(np.linspace(before, after, min(_PLACES, after - before + 1)).astype(int))


def _walk(
    ledger: Ledger, score: Float, goal_kw: float, held_out: Mask, limits: Limits, wanted: float | None
) -> Portfolio:
    if limits.budget is not None and ledger.cost is not None:
        # Worth per unit of money, as in any knapsack; what is worth nothing comes last whatever it costs.
        score = np.where(score > 0, score / np.maximum(ledger.cost, 1e-9), score)
    found = None
    # A goal beyond all of them together takes all of them to tell.
    for count in looked_at(len(score)) if ledger.value.sum() > goal_kw else (len(score),):
        order = highest(score, count)
        ordered, held = ledger.of(order), held_out[: len(order)]
        most = lengths_within(ordered, held, limits)
        if most == len(order) < len(score):
            if limits.budget is not None:
                continue  # How far the money goes is not known yet.
            most = lengths_within(ledger, held_out, limits)
        found = _shortest(ordered.running(~held), len(order), most, goal_kw, ledger.spread, wanted)
        if found is not None:
            break
    assert found is not None
    length, chance = found
    reached = wanted is not None and chance >= wanted
    return Portfolio(order, length, chance, not reached and most < len(score), score)


def _better(best: Portfolio | None, found: Portfolio, wanted: float | None) -> Portfolio:
    """The shorter of two lists that reach the probability wanted, else the likelier."""
    if best is None:
        return found

    def rank(portfolio: Portfolio) -> tuple[float, float]:
        reached = wanted is not None and portfolio.probability >= wanted
        return (-portfolio.length, portfolio.probability) if reached else (-np.inf, portfolio.probability)

    gained = rank(found)[0] > rank(best)[0] or (
        rank(found)[0] == rank(best)[0] and rank(found)[1] > rank(best)[1] + 1e-12
    )
    return found if gained else best


def _worth(ledger: Ledger, best: Portfolio, goal_kw: float, held_out: Mask) -> Float | None:
    """(m,) what each customer adds to the probability, to first order at the list found; none where that is flat."""
    chosen = best.order[: best.length][~held_out[: best.length]]
    parts = (ledger.low, ledger.value, ledger.high, ledger.variance)
    sums = np.array([part[chosen].sum() for part in parts])
    steps = 1e-3 * np.maximum(np.array([sums[1], sums[1], sums[1], max(sums[3], 1e-9)]), 1e-9)
    both = np.concatenate([sums + np.diag(steps), sums - np.diag(steps)])
    chances = probability(
        Sums(both[:, 0], both[:, 1], both[:, 2], np.maximum(both[:, 3], 0)), goal_kw, ledger.spread
    )
    slope = (chances[:4] - chances[4:]) / (2 * steps)
    if not np.abs(slope).max() > 0:
        return None
    return np.asarray(sum(weight * part for weight, part in zip(slope, parts, strict=True)))


def _polished(ledger: Ledger, best: Portfolio, goal_kw: float, limits: Limits) -> Portfolio:
    """Single customers put in, taken out or swapped as long as that makes the goal likelier."""
    m = len(ledger.value)
    chosen = np.zeros(m, dtype=np.bool_)
    chosen[best.order[: best.length]] = True
    parts = np.array([ledger.low, ledger.value, ledger.high, ledger.variance])
    cost = np.zeros(m) if ledger.cost is None else ledger.cost
    chance = best.probability
    while True:
        inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        nobody = np.array([-1])
        pairs = np.array([(i, j) for i in np.append(inside, nobody) for j in np.append(outside, nobody)])
        change = np.where(pairs[:, 1] >= 0, parts[:, pairs[:, 1]], 0) - np.where(
            pairs[:, 0] >= 0, parts[:, pairs[:, 0]], 0
        )
        spent = (
            cost[inside].sum()
            + np.where(pairs[:, 1] >= 0, cost[pairs[:, 1]], 0)
            - np.where(pairs[:, 0] >= 0, cost[pairs[:, 0]], 0)
        )
        many = len(inside) + (pairs[:, 1] >= 0).astype(int) - (pairs[:, 0] >= 0)
        allowed = many <= (m if limits.offers_max is None else limits.offers_max)
        if limits.budget is not None:
            allowed &= spent <= limits.budget * (1 + 1e-9)
        sums = parts[:, inside].sum(axis=1)[:, None] + change
        chances = np.where(allowed, probability(Sums(*np.maximum(sums, 0)), goal_kw, ledger.spread), -1.0)
        index = int(chances.argmax())
        if chances[index] <= chance + 1e-12:
            break
        chance = float(chances[index])
        out, into = pairs[index]
        if out >= 0:
            chosen[out] = False
        if into >= 0:
            chosen[into] = True
    kept = best.order[np.argsort(~chosen[best.order], kind="stable")]
    return Portfolio(kept, int(chosen.sum()), chance, best.limited)


def _scaled(values: Float) -> Float:
    mean = float(np.abs(values).mean())
    return values / mean if mean > 0 else values


def _at(sums: Sums, places: NDArray[np.int64]) -> Sums:
    return Sums(sums.low[places], sums.value[places], sums.high[places], sums.variance[places])
