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
    balance: list[Balance]

    def weights(self, chosen: Flags, size: int) -> NDArray[np.float64]:
        """(size,) weight of each customer outside the program in the comparison of some of the called ones; they add up to 1."""
        others = self.others[chosen]
        return np.bincount(others.ravel(), minlength=size) / max(others.size, 1)


def match(loads: Loads, places: Ints, days: Ints, hours: Sequence[int], order: Ints, matches: int) -> Matched:
    """Nearest neighbours in standardised loads, with replacement.

    Args:
        loads: of called customers and others.
        places: (n,) the called ones.
        days: ordinary days like the event day.
        hours: of the event.
        order: the same days, the heaviest first by the load of the customers outside the program.
        matches: for each called customer.
    """
    part = loads.ordinary[:, days]
    use = part[:, :, list(hours)].mean(axis=2)
    heavy = np.isin(days, order[: max(len(order) // 3, 1)])
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
        return Matched(places[:0], np.zeros((0, matches), dtype=np.int64), [])
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
    return Matched(places, others, balance)


def known_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n,) mean of what is known in each row; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1, dtype="float64")
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
