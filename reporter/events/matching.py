"""A comparison group: customers in no program who are alike in load."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from reporter.events.loads import Flags, Ints, Loads
from reporter.events.rows import Balance

FEATURES = (
    "load in the event’s hours on the heaviest third of other days",
    "load in the event’s hours on the other days",
    "load in the hours before",
    "mean load",
)
"""What matched customers are alike in, on days without events."""

_BEFORE = 4


@dataclass(frozen=True)
class Matched:
    """The customers outside the program that each called one is compared with."""

    places: Ints
    """(n,) called customers with a match, index into the loads."""
    others: NDArray[np.int64]
    """(n, matches) index into the loads."""
    pool: Ints
    """(p,) all who could be matched, index into the loads."""
    features: NDArray[np.float64]
    """(m, 4) what they are alike in [kW]."""
    balance: list[Balance]

    def weights(self, chosen: Flags) -> NDArray[np.float64]:
        """(m,) weight of each customer outside the program in the comparison of some of the called ones; they add up to 1.

        Matches count once each. What is left of a difference in the features is taken off by a regression on them among all
        outside the program, which is a small change of these weights (Abadie and Imbens 2011, doi:10.1198/jbes.2009.07333):
        large homes have few who are as large, and on a hot day they gain more.
        """
        others = self.others[chosen]
        weight = np.bincount(others.ravel(), minlength=len(self.features)) / max(others.size, 1)
        left = self.features[self.places[chosen]].mean(axis=0) - weight[self.pool] @ self.features[self.pool]
        scale = np.maximum(self.features[self.pool].std(axis=0), 1e-6)
        design = np.column_stack([np.ones(len(self.pool)), self.features[self.pool] / scale])
        if len(design) > 2 * design.shape[1]:
            weight[self.pool] += np.linalg.pinv(design).T @ np.concatenate([[0.0], left / scale])
        return weight


def match(loads: Loads, places: Ints, days: Ints, hours: Sequence[int], matches: int) -> Matched:
    """Nearest neighbours in standardised loads, with replacement.

    Args:
        loads: of called customers and others.
        places: (n,) the called ones.
        days: days without an event, the heaviest first by the load of the customers outside the program.
        hours: of the event.
        matches: for each called customer.
    """
    part = loads.ordinary[:, days]
    use = part[:, :, list(hours)].mean(axis=2)
    heavy = np.arange(len(days)) < max(len(days) // 3, 1)
    before = [hour for hour in range(min(hours) - _BEFORE, min(hours)) if hour >= 0] or [min(hours)]
    features = np.column_stack(
        [
            known_mean(use[:, heavy]),
            known_mean(use[:, ~heavy]),
            known_mean(part[:, :, before].reshape(len(part), -1)),
            known_mean(part.reshape(len(part), -1)),
        ]
    )
    whole: Flags = np.asarray(~np.isnan(features).any(axis=1))
    pool = np.flatnonzero(loads.pool & whole)
    places = places[whole[places]]
    if not len(pool) or not len(places):
        none = np.zeros((0, matches), dtype=np.int64)
        return Matched(places[:0], none, pool, features, [])
    spread = np.maximum(features[pool].std(axis=0), 1e-6)
    near = min(matches, len(pool))
    _, found = cKDTree(features[pool] / spread).query(features[places] / spread, k=near)
    others = pool[np.asarray(found).reshape(len(places), near)]
    both = np.maximum(np.sqrt((features[places].var(axis=0) + features[pool].var(axis=0)) / 2), 1e-6)
    means = [group.mean(axis=0) for group in (features[places], features[pool], features[others.ravel()])]
    balance = [
        Balance(
            what=name,
            called_kw=float(means[0][i]),
            pool_kw=float(means[1][i]),
            matched_kw=float(means[2][i]),
            difference_before=float((means[0][i] - means[1][i]) / both[i]),
            difference_after=float((means[0][i] - means[2][i]) / both[i]),
        )
        for i, name in enumerate(FEATURES)
    ]
    return Matched(places, others, pool, features, balance)


def known_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n,) mean of what is known in each row; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1, dtype="float64")
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
