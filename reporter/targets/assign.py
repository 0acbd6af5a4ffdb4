"""Which program each customer is offered: its segment's own, or another that gives clearly more; never two.

Published effects of one kind of program are seldom known to a few percent, and each program that runs costs work. So a customer
leaves the program of its segment only for one that gives more by a share that the settings name.
"""

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
    switch_share: float,
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
        switch_share: how much more another program than the segment's own must give.
        without: programs that are not run.
    """
    n, p = len(segment_of), len(programs)
    effects, chances, gains = [], [], np.full((p, n), -np.inf)
    totals, counts = np.zeros((p, segments)), np.zeros((p, segments), dtype=np.int64)
    for index, program in enumerate(programs):
        effect, chance = effect_of(program, profiles, devices), np.ones(n)
        counts[index] = np.bincount(segment_of[fits[index]], minlength=segments)
        if program.effect is not None and fits[index].any():
            chance = accepted.of(program, n)
            here = fits[index] & np.isfinite(effect.value)
            gains[index, here] = (effect.value * chance)[here]
            totals[index] = np.bincount(segment_of[here], weights=gains[index, here], minlength=segments)
        effects.append(effect)
        chances.append(chance)
    runs = np.array([index not in without for index in range(p)])
    chosen = _choice(
        np.where(runs[:, None], gains, -np.inf),
        np.where(runs[:, None], totals, -1.0),
        segment_of,
        switch_share,
    )

    def of(parts: list[Float], otherwise: float) -> Float:
        # The last row is for −1: no program.
        return np.asarray(np.vstack([*parts, np.full(n, otherwise)])[chosen, np.arange(n)])

    return Assignment(
        chosen,
        of([effect.value for effect in effects], np.nan),
        of([effect.low for effect in effects], np.nan),
        of([effect.high for effect in effects], np.nan),
        of(chances, 1.0),
        totals,
        counts,
    )


def _choice(
    gains: Float, totals: Float, segment_of: NDArray[np.int32], switch_share: float
) -> NDArray[np.int64]:
    """(n,) index of the program; −1 where none fits."""
    if not len(gains):
        return np.full(len(segment_of), -1)
    own = totals.argmax(axis=0)[segment_of]
    best = gains.argmax(axis=0)
    customers = np.arange(len(segment_of))
    most, stays = gains[best, customers], gains[own, customers]
    chosen = np.where((stays > 0) & (most < (1 + switch_share) * stays), own, best)
    return np.where(np.isfinite(most), chosen, -1)
