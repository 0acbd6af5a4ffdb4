"""Random numbers, one stream for each use, so that a new use leaves the others as they were."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

TRAITS, TECHNOLOGY, ATTRIBUTES, CHANGES, MOVES, FAULTS, GAPS, WEATHER, READINGS, SESSIONS = range(10)
DEVICES, HOUSEHOLDS, WATER, OUTAGES, ENROLMENT, EVENTS, SYSTEM = range(10, 17)


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """Random numbers of one purpose, independent of every other purpose."""
    return np.random.default_rng([seed, *purpose])


def choose(
    rng: np.random.Generator, among: Flags, count: int, weight: NDArray[np.float64] | None = None
) -> Flags:
    """A random ``count`` of the true entries of ``among``; all of them where there are fewer."""
    # Efraimidis and Spirakis 2006: the largest u^(1/w) are a weighted sample without replacement.
    key = rng.random(len(among)) ** (1.0 if weight is None else 1 / weight)
    chosen = np.zeros(len(among), dtype=np.bool_)
    candidates = np.flatnonzero(among)
    chosen[candidates[np.argsort(-key[candidates], kind="stable")[:count]]] = True
    return chosen


def in_shares(rng: np.random.Generator, count: int, shares: Mapping[str, float]) -> list[str]:
    """Names in random order, each as often as its share says (largest remainders first)."""
    exact = np.asarray(list(shares.values())) * count / sum(shares.values())
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: count - whole.sum()]
    whole[rest] += 1
    return [str(name) for name in rng.permutation(np.repeat(list(shares), whole))]


def float32(values: NDArray[np.float64]) -> Floats:
    """Values in single precision, enough for a meter's three decimals."""
    return values.astype(np.float32)
