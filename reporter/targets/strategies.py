"""Ways of choosing customers for one goal: how many offers each needs, and how steep its gains are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.targets.model import Float
from reporter.targets.rows import GainsPoint, Strategy

Rows = NDArray[np.int64]

GAINS_POINTS = 41
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


def reach_goal(
    gain_kw: Float, held_out: NDArray[np.bool_], goal_kw: float, customers_max: int | None = None
) -> Reach:
    """Walk down an ordered list until the offers in it reach the goal, or until the most offers are made.

    Args:
        gain_kw: (m,) load reduction per offer, in the order of the list [kW].
        held_out: (m,) who is set aside and brings nothing.
        goal_kw: load reduction wanted [kW].
        customers_max: most offers to make.
    """
    if goal_kw <= 0 or not len(gain_kw):
        return Reach(0, 0, 0.0, goal_kw <= 0)
    reached_kw = np.cumsum(np.where(held_out, 0.0, gain_kw))
    # Sums of many small numbers: a goal that is met but for rounding is met.
    wanted = goal_kw * (1 - 1e-9)
    length = min(int(np.searchsorted(reached_kw, wanted)) + 1, len(gain_kw))
    if customers_max is not None:
        length = min(length, int(np.searchsorted(np.cumsum(~held_out), customers_max)) + 1)
    expected = float(reached_kw[length - 1])
    return Reach(length, int((~held_out[:length]).sum()), expected, expected >= wanted)


def compare_strategies(
    profiles: Profiles,
    assignment: NDArray[np.int32],
    pool: Rows,
    ranked: Rows,
    gain_kw: Float,
    goal_kw: float,
    holdout_share: float,
    seed: int,
) -> list[Strategy]:
    """Offers that each way of choosing needs for the same goal, with the same exclusions, effects and holdout.

    Args:
        profiles: of the n customers.
        assignment: (n,) segment.
        pool: customers who may be offered anything, ascending.
        ranked: the targeted list, of the eligible among them.
        gain_kw: (n,) load reduction per offer [kW].
        goal_kw: load reduction wanted [kW].
        holdout_share: share of every list that is set aside.
        seed: of the holdout and of the order within a segment.
    """
    held = holdout_positions(len(pool), holdout_share, seed)

    def walked(strategy: str, order: Rows) -> Strategy:
        reach = reach_goal(gain_kw[order], held[: len(order)], goal_kw)
        return Strategy(
            strategy=strategy,
            offers_needed=reach.offers if reach.reached else None,
            offers=reach.offers,
            expected_kw=reach.expected_kw,
        )

    return [
        walked("targeted", ranked),
        _random(gain_kw[pool], len(pool) - int(held.sum()), goal_kw),
        walked("highest-bill", pool[_descending(profiles.import_kwh[pool])]),
        walked("highest-peak", pool[_descending(profiles.peak_kw[pool])]),
        walked("highest-load-segment", pool[_by_segment(profiles.mean_kw, assignment, pool, seed)]),
    ]


def _descending(values: NDArray[np.float32] | Float) -> Rows:
    """Order of falling values; equals keep their order, that of ``customer_id``, and NaN comes last."""
    return np.argsort(-values, kind="stable")


def _random(gain_kw: Float, most_offers: int, goal_kw: float) -> Strategy:
    """Offers at random: the expected number, goal ÷ mean effect per offer."""
    mean_kw = float(gain_kw.mean()) if gain_kw.size else 0.0
    needed = int(np.ceil(max(goal_kw, 0.0) / mean_kw * (1 - 1e-9))) if mean_kw > 0 else most_offers + 1
    if needed <= most_offers:
        return Strategy(strategy="random", offers_needed=needed, offers=needed, expected_kw=needed * mean_kw)
    return Strategy(
        strategy="random", offers_needed=None, offers=most_offers, expected_kw=most_offers * mean_kw
    )


def _by_segment(mean_kw: NDArray[np.float32], assignment: NDArray[np.int32], pool: Rows, seed: int) -> Rows:
    """Order by mean load per customer of the segment, highest first; at random within a segment."""
    counts = np.maximum(np.bincount(assignment), 1)
    segment_kw = np.bincount(assignment, weights=mean_kw.astype(np.float64)) / counts
    place = np.argsort(np.argsort(-segment_kw, kind="stable"))
    shuffled = np.random.default_rng([seed, _WITHIN_SEGMENT]).permutation(len(pool))
    return np.lexsort((shuffled, place[assignment[pool]]))


def gains_curve(profiles: Profiles, points: int = GAINS_POINTS) -> list[GainsPoint]:
    """Share of all load above baseload in the peak hours that a share of the customers carries.

    Ranked by that load itself, at random (the diagonal), and by energy taken from the grid. Without any load
    above baseload every curve is the diagonal.
    """
    above = np.nan_to_num(profiles.above_baseload_kw.astype(np.float64))
    shares = np.linspace(0.0, 1.0, points)

    def curve(order: Rows) -> Float:
        total = np.concatenate([[0.0], np.cumsum(above[order])])
        if total[-1] <= 0:
            return shares
        carried: Float = np.interp(shares * len(above), np.arange(len(total)), total / total[-1])
        return carried

    targeted, highest_bill = curve(_descending(above)), curve(_descending(profiles.import_kwh))
    return [
        GainsPoint(
            share_customers=float(share), targeted=float(best), random=float(share), highest_bill=float(bill)
        )
        for share, best, bill in zip(shares, targeted, highest_bill, strict=True)
    ]
