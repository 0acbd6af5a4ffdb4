"""Which segments may stand alone, and which only together, so that nothing can be subtracted back.

Suppressed segments are shown as one group. What is published are then sums over sets that divide the customers, and unions of them:
every difference of two of them is a union again, and each set satisfies the rule by itself. This is complementary suppression by
construction: where one segment is too small, the next smallest goes with it until both together are large enough.

A program offered to too few is joined with the next smallest in the same way, so that its sums don't follow from those of all programs.

Reports that were given out before divide the customers otherwise. A sum over a few customers follows from two divisions where a choice
of sets of one and of sets of the other differ by no more than these few (a small cut of the graph whose nodes are the sets of both and
whose edges are the customers that two of them share). All choices are tried.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.privacy.combined import combined
from reporter.privacy.rule import Cells, Mask, Ruled, Shared

_ENUMERATED = 13
"""Sets up to which all choices are tried; beyond, every set that two divisions share must satisfy the rule."""
TOGETHER = -2
NOT_OFFERED = -1


@dataclass(frozen=True)
class Earlier:
    """The reports that were given out before, over the n customers used now and, behind them, m who are in one of those and not used now."""

    reports: tuple[Cells, ...]
    """Each (n + m,) set of each customer; −1: was not in it."""
    gone_energy: NDArray[np.float64]
    """(m,) energy of those who are not used now [kWh]."""


@dataclass(frozen=True)
class Division:
    """How customers are divided for others."""

    segment: Cells
    """(n,) segment of each, or ``TOGETHER``."""
    offered: Cells
    """(n,) program that each is offered, ``NOT_OFFERED``, or ``TOGETHER`` for one of those that are shown as one."""
    cells: Cells
    """(n,) finest sets of which anything is published."""


def divide(segment: Cells, offered: Cells, ruled: Ruled, earlier: Earlier | None = None) -> Division | None:
    """Segments that may stand alone, and the others together; none where that leaves no more than one group.

    A segment stands alone where it, those of it who are offered each program, and those of it who are offered none satisfy the rule.

    Args:
        segment: (n,) segment of each customer used.
        offered: (n,) program that each is offered, −1 without one.
        ruled: what the rule says of them.
        earlier: reports of the same time that were given out.
    """
    joined = join_programs(offered, ruled)
    if joined is None:
        return None
    offered = joined
    shown = segment.copy()
    sizes = np.bincount(segment)

    def together(number: int) -> None:
        shown[segment == number] = TOGETHER

    for number in np.unique(segment).tolist():
        if not _allowed(segment == number, offered, ruled):
            together(number)
    while True:
        alone = np.unique(shown[shown != TOGETHER])
        rest = shown == TOGETHER
        if rest.any() and not _allowed(rest, offered, ruled):
            if not len(alone):
                return None
            together(min(alone.tolist(), key=lambda number: (sizes[number], number)))
            continue
        told = _beside(finest(shown, offered), earlier, ruled) if earlier is not None else None
        if told is None:
            break
        told = told[: len(segment)]
        inside = np.unique(shown[told & (shown != TOGETHER)])
        near = inside if len(inside) else alone
        if not len(near):
            return None
        together(min(near.tolist(), key=lambda number: (sizes[number], number)))
    groups = len(np.unique(shown))
    if groups < 2 and len(np.unique(segment)) > 1:
        return None
    return Division(shown, offered, finest(shown, offered))


def join_programs(offered: Cells, ruled: Ruled) -> Cells | None:
    """Programs of which too few are offered one as one program, with as many more, the smallest first, as it takes.

    None where all offers together are still too few: then nothing can be told of them, nor of those who are offered none.
    """
    counts = {number: int((offered == number).sum()) for number in np.unique(offered).tolist() if number >= 0}
    small = [number for number in counts if not ruled.allows(offered == number)]
    if not small:
        return offered
    others = sorted(set(counts) - set(small), key=lambda number: (counts[number], number))
    while not ruled.allows(np.isin(offered, small)):
        if not others:
            return None
        small.append(others.pop(0))
    return np.where(np.isin(offered, small), TOGETHER, offered)


def finest(segment: Cells, offered: Cells) -> Cells:
    """(n,) number of each customer's set by segment and program."""
    pairs = np.stack([segment, offered], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _beside(cells: Cells, earlier: Earlier, ruled: Ruled) -> Mask | None:
    """Of whom a report tells too much beside one earlier report or all of them, over the customers of all; none where it does not."""
    gone = len(earlier.gone_energy)
    everybody = Ruled(
        np.concatenate([ruled.energy, earlier.gone_energy]),
        np.concatenate([ruled.class_of, np.zeros(gone, dtype=np.int64)]),
        ruled.rules,
    )
    now = np.concatenate([cells, np.full(gone, -1)])
    for report in earlier.reports:
        told = tells(now, report, everybody)
        if told is not None:
            return told
    return combined(now, earlier.reports, everybody) if len(earlier.reports) > 1 else None


def _allowed(members: Mask, offered: Cells, ruled: Ruled) -> bool:
    return ruled.allows(members) and all(
        ruled.allows(members & (offered == program)) for program in np.unique(offered[members]).tolist()
    )


def tells(one: Cells, other: Cells, ruled: Ruled) -> Mask | None:
    """Customers of whom the sums over two divisions together tell more than the rule allows; none where they don't.

    Args:
        one: (n,) sets of a report; −1: in none.
        other: (n,) sets of another.
        ruled: what the rule says of the customers.
    """
    rows = np.flatnonzero((one >= 0) | (other >= 0))
    pairs, atom = np.unique(np.stack([one[rows], other[rows]], axis=1), axis=0, return_inverse=True)
    m = len(pairs)
    shared = Shared.of(rows, atom.reshape(-1), m, ruled)
    count, energy = shared.count, shared.energy

    # Fewer sets on this side: all choices of them are tried.
    if len(np.unique(pairs[:, 1])) < len(np.unique(pairs[:, 0])):
        pairs = pairs[:, ::-1]
    left = [number for number in np.unique(pairs[:, 0]).tolist() if number >= 0]
    if len(left) > _ENUMERATED:
        single = np.eye(m, dtype=np.bool_)
        small = next((place for place in range(m) if not shared.allows(single[place])), None)
        return None if small is None else shared.members(single[small])
    right, join = np.unique(pairs[:, 1], return_inverse=True)
    join = join.reshape(-1)
    joinable = right >= 0
    flips = [np.zeros(len(right), dtype=np.bool_), *np.eye(len(right), dtype=np.bool_)[joinable]]
    for choice in range(1 << len(left)):
        inside = [number for place, number in enumerate(left) if choice >> place & 1]
        chosen = np.isin(pairs[:, 0], inside)
        for weight in (count, energy):
            # Each set of the other division joins the side on which less is cut; one of them at a time also the other.
            within = np.bincount(join, weights=weight * chosen, minlength=len(right))
            without = np.bincount(join, weights=weight * ~chosen, minlength=len(right))
            joins = joinable & (within > without)
            for flip in flips:
                cut = chosen != (joins ^ flip)[join]
                if cut.any() and not shared.allows(cut):
                    return shared.members(cut)
    return None
