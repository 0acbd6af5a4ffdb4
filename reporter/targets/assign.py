"""Which program each customer is offered: of those that fit, the one with the largest reduction per offer; never two."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Devices, Mask
from reporter.targets.model import Float
from reporter.targets.potential import effect_of
from reporter.targets.take_up import TakeUp


@dataclass(frozen=True)
class Assignment:
    """The program of each of the n customers, and what it gives."""

    program: NDArray[np.int64]
    """(n,) index into the programs; −1 where none with an effect fits."""
    value: Float
    """(n,) effect at its published value [kW]; NaN without one."""
    low: Float
    high: Float
    participation: Float
    """(n,) probability of enrolment in it; 1 where nothing is known of take-up."""
    by_segment: Float
    """(p, k) reduction that a program would give, were it offered to everyone in the segment whom it fits [kW]."""
    fitting: NDArray[np.int64]
    """(p, k) customers of a segment whom a program fits."""


def assign(
    programs: Sequence[Program],
    fits: Sequence[Mask],
    profiles: Profiles,
    devices: Devices | None,
    accepted: TakeUp,
    segment_of: NDArray[np.int32],
    segments: int,
    without: Collection[int] = (),
) -> Assignment:
    """The best program of each customer.

    Args:
        programs: p programs, in order of preference among equals.
        fits: (n,) masks of who may be offered each.
        profiles: of the n customers.
        devices: signs of devices, or ``None``.
        accepted: take-up.
        segment_of: (n,) segment of each customer.
        segments: k, how many there are.
        without: programs that are not run.
    """
    n, k = len(segment_of), segments
    best = np.full(n, -1, dtype=np.int64)
    value, low, high = (np.full(n, np.nan) for _ in range(3))
    participation, gain = np.ones(n), np.zeros(n)
    totals, counts = np.zeros((len(programs), k)), np.zeros((len(programs), k), dtype=np.int64)
    for index, program in enumerate(programs):
        counts[index] = np.bincount(segment_of[fits[index]], minlength=k)
        if program.effect is None or not fits[index].any():
            continue
        effect = effect_of(program, profiles, devices)
        chance = accepted.of(program, n)
        here = fits[index] & np.isfinite(effect.value)
        offer = np.where(here, effect.value * chance, 0.0)
        totals[index] = np.bincount(segment_of, weights=offer, minlength=k)
        if index in without:
            continue
        better = here & ((best < 0) | (offer > gain))
        best[better], gain[better] = index, offer[better]
        value[better], low[better], high[better] = (
            part[better] for part in (effect.value, effect.low, effect.high)
        )
        participation[better] = chance[better]
    return Assignment(best, value, low, high, participation, totals, counts)
