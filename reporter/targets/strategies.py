"""Ways of choosing customers for one goal: how many offers each needs, and how steep its gains are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reporter.targets.model import Float
from reporter.targets.portfolio import Ledger, Rows, shortest
from reporter.targets.rows import Curve, CurvePoint, GainsPoint, Strategy
from reporter.targets.uncertainty import Sums, probability

if TYPE_CHECKING:
    from reporter.profiles import Profiles

GAINS_POINTS = 41
CURVE_POINTS = 40
_HOLDOUT, _WITHIN_SEGMENT = 1, 2
"""Streams of random numbers, so that one choice does not shift another."""


@dataclass(frozen=True)
class Reach:
    """How far one walks down an ordered list to reach a goal."""

    length: int
    """Customers walked over, offers and holdout."""
    offers: int
    expected_kw: float
    """Load reduction of the offers [kW]."""
    reached: bool


def holdout_positions(count: int, share: float, seed: int) -> NDArray[np.bool_]:
    """(count,) which places of a ranked list are set aside: one drawn at random from each 1/``share`` in a row.

    Drawing within blocks of like rank keeps both groups alike in size of effect, and the start of a list is
    set aside in the same way however long it becomes.
    """
    held = np.zeros(count, dtype=np.bool_)
    # Below that, not one of a billion would be set aside, and 1/share would overflow.
    if share < 1e-9:
        return held
    edges = np.rint(np.arange(int(np.ceil(count * share)) + 1) / share)
    draw = np.random.default_rng([seed, _HOLDOUT]).random(len(edges) - 1)
    places = edges[:-1] + np.floor(draw * np.diff(edges))
    held[places[places < count].astype(np.int64)] = True
    return held


def reach_goal(gain_kw: Float, held_out: NDArray[np.bool_], goal_kw: float) -> Reach:
    """Walk down an ordered list until the offers in it reach the goal, or to its end.

    Args:
        gain_kw: (m,) load reduction per offer, in the order of the list [kW].
        held_out: (m,) who is set aside and brings nothing.
        goal_kw: load reduction wanted [kW].
    """
    if goal_kw <= 0 or not len(gain_kw):
        return Reach(0, 0, 0.0, goal_kw <= 0)
    reached_kw = np.cumsum(np.where(held_out, 0.0, gain_kw))
    # Sums of many small numbers: a goal that is met but for rounding is met.
    wanted = goal_kw * (1 - 1e-9)
    length = min(int(np.searchsorted(reached_kw, wanted)) + 1, len(gain_kw))
    expected = float(reached_kw[length - 1])
    return Reach(length, int((~held_out[:length]).sum()), expected, expected >= wanted)


@dataclass(frozen=True)
class Goal:
    """When a way of choosing customers is at its end."""

    kw: float
    probability: float | None
    """Probability of the goal that is wanted; none where take-up is not known, and the effects are to add up to it."""


def compare_strategies(
    profiles: "Profiles",
    assignment: NDArray[np.int32],
    pool: Rows,
    ranked: Rows,
    ledger: Ledger,
    participation: Float | None,
    goal: Goal,
    holdout_share: float,
    seed: int,
) -> tuple[list[Strategy], list[Curve]]:
    """Offers that each way of choosing needs for the same goal, with the same exclusions, effects and holdout.

    Args:
        profiles: of the n customers.
        assignment: (n,) segment.
        pool: customers who may be offered anything, ascending.
        ranked: the targeted list, of the eligible among them.
        ledger: what an offer to each of the n customers brings.
        participation: (n,) probability of enrolment, or none.
        goal: when enough offers are made.
        holdout_share: share of every list that is set aside.
        seed: of the holdout and of the order within a segment.
    """
    held = holdout_positions(len(pool), holdout_share, seed)
    orders = {
        "targeted": ranked,
        "highest-bill": pool[_descending(profiles.import_kwh[pool])],
        "highest-peak": pool[_descending(profiles.peak_kw[pool])],
        "highest-load-segment": pool[_by_segment(profiles.mean_kw, assignment, pool, seed)],
    }
    enrols = np.ones(len(assignment)) if participation is None else participation
    lists = {
        name: _Walk.along(ledger.of(order), enrols[order], ~held[: len(order)])
        for name, order in orders.items()
    }
    lists["random"] = _Walk.at_random(ledger.of(pool), enrols[pool], len(pool) - int(held.sum()))
    names = ("targeted", "random", "highest-bill", "highest-peak", "highest-load-segment")
    rows = {name: lists[name].strategy(name, goal, ledger.spread) for name in names}
    # Far enough to see every way of choosing reach the goal, and no further.
    furthest = max((row.offers for row in rows.values()), default=0)
    curves = [
        Curve(strategy=name, points=lists[name].points(furthest, goal, ledger.spread)) for name in names
    ]
    return [rows[name] for name in names], curves


@dataclass(frozen=True)
class _Walk:
    """Running sums along an ordered list, one entry an offer."""

    sums: Sums
    enrolments: Float

    @classmethod
    def along(cls, ledger: Ledger, enrols: Float, offered: NDArray[np.bool_]) -> "_Walk":
        """Along a list of which some are set aside."""
        return cls(ledger.of(np.flatnonzero(offered)).running(), np.cumsum(enrols[offered]))

    @classmethod
    def at_random(cls, ledger: Ledger, enrols: Float, most: int) -> "_Walk":
        """Offers drawn by lot: the expected sums, and the variance of who is drawn on top."""
        if not len(ledger.value):
            return cls(ledger.running(), enrols)
        number = np.arange(1, most + 1, dtype=np.float64)
        own = float(ledger.variance.mean() + ledger.value.var())
        means = [float(part.mean()) for part in (ledger.low, ledger.value, ledger.high)]
        low, value, high = (number * mean for mean in means)
        return cls(Sums(low, value, high, number * own), number * float(enrols.mean()))

    def strategy(self, name: str, goal: Goal, spread: float) -> Strategy:
        """What this way of choosing needs for the goal."""
        most = len(self.sums.value)
        if goal.probability is not None:
            length, chance = shortest(self.sums, most, goal.kw, spread, goal.probability)
            reached = chance >= goal.probability
            length = length if reached else most
        else:
            length = min(int(np.searchsorted(self.sums.value, goal.kw * (1 - 1e-9))) + 1, most)
            reached = most > 0 and bool(self.sums.value[length - 1] >= goal.kw * (1 - 1e-9))
        at = self._at(np.array([length - 1])) if length else None
        return Strategy(
            strategy=name,
            offers_needed=length if reached else None,
            offers=length,
            expected_kw=float(at.value[0]) if at else 0.0,
            probability=float(probability(at, goal.kw, spread)[0])
            if at and goal.probability is not None
            else None,
        )

    def points(
        self, furthest: int, goal: Goal, spread: float, number: int = CURVE_POINTS
    ) -> list[CurvePoint]:
        """Points along the list, from no offer on."""
        most = min(len(self.sums.value), furthest)
        places = (
            np.unique(np.linspace(1, most, min(number, most)).round().astype(np.int64))
            if most
            else np.zeros(0, np.int64)
        )
        at = self._at(places - 1)
        chances = probability(at, goal.kw, spread) if goal.probability is not None else None
        start = CurvePoint(
            offers=0,
            enrolments=0,
            expected_kw=0,
            low_kw=0,
            high_kw=0,
            probability=None if chances is None else 0.0,
        )
        return [start] + [
            CurvePoint(
                offers=int(place),
                enrolments=float(self.enrolments[place - 1]),
                expected_kw=float(at.value[index]),
                low_kw=float(at.low[index]),
                high_kw=float(at.high[index]),
                probability=None if chances is None else float(chances[index]),
            )
            for index, place in enumerate(places)
        ]

    def _at(self, places: Rows) -> Sums:
        sums = self.sums
        return Sums(sums.low[places], sums.value[places], sums.high[places], sums.variance[places])


def _descending(values: NDArray[np.float32] | Float) -> Rows:
    """Order of falling values; equals keep their order, that of ``customer_id``, and NaN comes last."""
    return np.argsort(-values, kind="stable")


def _by_segment(mean_kw: NDArray[np.float32], assignment: NDArray[np.int32], pool: Rows, seed: int) -> Rows:
    """Order by mean load per customer of the segment, highest first; at random within a segment."""
    counts = np.maximum(np.bincount(assignment), 1)
    segment_kw = np.bincount(assignment, weights=mean_kw.astype(np.float64)) / counts
    place = np.argsort(np.argsort(-segment_kw, kind="stable"))
    shuffled = np.random.default_rng([seed, _WITHIN_SEGMENT]).permutation(len(pool))
    return np.lexsort((shuffled, place[assignment[pool]]))


def gains_curve(
    import_kwh: NDArray[np.float32] | Float,
    pool: Rows,
    ranked: Rows,
    value_kw: Float,
    points: int = GAINS_POINTS,
) -> list[GainsPoint]:
    """What offers to a share of the customers bring, of what offers to all of them would.

    Empty where no offer brings anything.

    Args:
        import_kwh: (n,) energy taken from the grid [kWh].
        pool: customers who may be offered anything, ascending.
        ranked: the targeted list, of the eligible among them.
        value_kw: (n,) load reduction that an offer brings [kW].
        points: how many, evenly from no offer to all.
    """
    total = float(value_kw[pool].sum())
    if total <= 0:
        return []
    shares = np.linspace(0.0, 1.0, points)

    def curve(order: Rows) -> Float:
        brought = np.concatenate([[0.0], np.cumsum(value_kw[order])]) / total
        reached: Float = np.interp(shares * len(pool), np.arange(len(brought)), brought)
        return reached

    # Behind the list come those whom no program is worth an offer to.
    behind = np.setdiff1d(pool, ranked)
    targeted = curve(np.concatenate([ranked, behind[_descending(value_kw[behind])]]))
    highest_bill = curve(pool[_descending(import_kwh[pool])])
    return [
        GainsPoint(
            share_customers=float(share), targeted=float(best), random=float(share), highest_bill=float(bill)
        )
        for share, best, bill in zip(shares, targeted, highest_bill, strict=True)
    ]
