"""Which segments may stand alone, and which only together, so that nothing can be subtracted back.

Suppressed segments are shown as one group. What is published are then sums over sets that divide the customers, and unions of them:
every difference of two of them is a union again, and each set satisfies the rule by itself. This is complementary suppression by
construction: where one segment is too small, the next smallest goes with it until both together are large enough.

Reports that were given out before divide the customers otherwise. A sum over a few customers follows from two divisions where a choice
of sets of one and of sets of the other differ by no more than these few (a small cut of the graph whose nodes are the sets of both and
whose edges are the customers that two of them share). All choices are tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.privacy.rule import Mask, Rule, Ruled

Cells = NDArray[np.int64]
"""(n,) set of each customer; −1: in none."""
_ENUMERATED = 13
"""Sets up to which all choices are tried; beyond, every set that two divisions share must satisfy the rule."""
TOGETHER = -2


@dataclass(frozen=True)
class Earlier:
    """The sets of a report that was given out before."""

    cells: Cells
    """(n,) set of each customer used now; −1: was not in it."""
    gone_cells: Cells
    """(m,) sets of customers who were in it and are not used now."""
    gone_energy: NDArray[np.float64]
    """(m,) their energy [kWh]."""


@dataclass(frozen=True)
class Division:
    """How customers are divided for others."""

    segment: Cells
    """(n,) segment of each, or ``TOGETHER``."""
    cells: Cells
    """(n,) finest sets of which anything is published."""
    earlier: int
    """Earlier reports that it was held against."""


def divide(segment: Cells, offered: Cells, ruled: Ruled, earlier: Sequence[Earlier] = ()) -> Division | None:
    """Segments that may stand alone, and the others together; none where that leaves no more than one group.

    A segment stands alone where it, those of it who are offered each program, and those of it who are offered none satisfy the rule.

    Args:
        segment: (n,) segment of each customer used.
        offered: (n,) program that each is offered, −1 without one.
        ruled: what the rule says of them.
        earlier: reports of the same time that were given out.
    """
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
        cells = finest(shown, offered)
        told = next((both for report in earlier if (both := _both(cells, report, ruled)) is not None), None)
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
    return Division(shown, finest(shown, offered), len(earlier))


def finest(segment: Cells, offered: Cells) -> Cells:
    """(n,) number of each customer's set by segment and program."""
    pairs = np.stack([segment, offered], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _both(cells: Cells, earlier: Earlier, ruled: Ruled) -> Mask | None:
    """What a report and an earlier one tell together, over the customers of both."""
    gone = len(earlier.gone_cells)
    everybody = Ruled(
        np.concatenate([ruled.energy, earlier.gone_energy]),
        np.concatenate([ruled.class_of, np.zeros(gone, dtype=np.int64)]),
        ruled.rules,
    )
    return tells(
        np.concatenate([cells, np.full(gone, -1)]),
        np.concatenate([earlier.cells, earlier.gone_cells]),
        everybody,
    )


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
    known = (one >= 0) | (other >= 0)
    pairs, atom = np.unique(np.stack([one[known], other[known]], axis=1), axis=0, return_inverse=True)
    atom = atom.reshape(-1)
    rows = np.flatnonzero(known)

    def members(atoms: NDArray[np.bool_]) -> Mask:
        found = np.zeros(len(one), dtype=np.bool_)
        found[rows[atoms[atom]]] = True
        return found

    # What the rule looks at, by shared set: choices are many, customers may be a million.
    m = len(pairs)
    count = np.bincount(atom, minlength=m).astype(np.float64)
    energy = np.bincount(atom, weights=ruled.energy[rows], minlength=m)
    largest = np.zeros(m)
    np.maximum.at(largest, atom, ruled.energy[rows])
    fewest, share = np.zeros(m), np.ones(m)
    np.maximum.at(fewest, atom, np.array([rule.customers for rule in ruled.rules])[ruled.class_of[rows]])
    np.minimum.at(share, atom, np.array([rule.share for rule in ruled.rules])[ruled.class_of[rows]])

    def allowed(atoms: NDArray[np.bool_]) -> bool:
        rule = Rule(int(fewest[atoms].max()), float(share[atoms].min()))
        return rule.allows(count[atoms].sum(), energy[atoms].sum(), largest[atoms].max())

    # Fewer sets on this side: all choices of them are tried.
    if len(np.unique(pairs[:, 1])) < len(np.unique(pairs[:, 0])):
        pairs = pairs[:, ::-1]
    left = [number for number in np.unique(pairs[:, 0]).tolist() if number >= 0]
    if len(left) > _ENUMERATED:
        single = np.eye(m, dtype=np.bool_)
        small = next((place for place in range(m) if not allowed(single[place])), None)
        return None if small is None else members(single[small])
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
                if cut.any() and not allowed(cut):
                    return members(cut)
    return None
