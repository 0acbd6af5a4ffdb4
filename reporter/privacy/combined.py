"""What several reports tell together that no two of them do.

Every sum that can be worked out from what was published is a linear combination of published sums, so it speaks of the customers on whom
the same combination of the sets' indicators is not zero. A set of customers can be told of where the span of all indicators holds more
vectors that are zero outside it than the span of the earlier ones does: what those told alone is not the new report's to mend.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reporter.privacy.rule import Cells, Mask, Ruled, Shared

_TRIED = 4096
"""Sets of customers that are tried; where there are more, every set that the reports share must satisfy the strictest rule."""

Matrix = NDArray[np.float64]


def combined(now: Cells, earlier: Sequence[Cells], ruled: Ruled) -> Mask | None:
    """Customers of whom a report tells more than the rule allows beside all earlier ones together; none where it does not.

    Args:
        now: (n,) sets of the report; −1: in none.
        earlier: each (n,) sets of one that was given out.
        ruled: what the rule says of the customers.
    """
    reports = np.stack([now, *earlier], axis=1)
    rows = np.flatnonzero((reports >= 0).any(axis=1))
    atoms, atom = np.unique(reports[rows], axis=0, return_inverse=True)
    shared = Shared.of(rows, atom.reshape(-1), len(atoms), ruled)
    old, every = _sets(atoms[:, 1:]), _sets(atoms)
    span, before = _rank(every), _rank(old)
    # The same division as before, or one that sums of earlier ones give, tells nothing new.
    if span == before:
        return None

    def dimension(inside: Mask) -> int:
        return span - _rank(every[:, ~inside])

    def told(inside: Mask) -> bool:
        if dimension(inside) <= before - _rank(old[:, ~inside]):
            return False
        # Of a set that breaks the rule by one who outweighs it, only what speaks of that one is too much.
        heavy = shared.outweighing(inside)
        return heavy is None or dimension(inside) > min(
            (dimension(inside & (np.arange(len(atoms)) != place)) for place in heavy), default=-1
        )

    single = np.eye(len(atoms), dtype=np.bool_)
    if len(atoms) * (len(atoms) + 1) // 2 > _TRIED:
        return shared.too_small()
    # A set that breaks the rule holds one or two that do: the rule, the largest customer.
    waiting = [one | other for one in single for other in single if not shared.allows(one | other)]
    seen = {inside.tobytes() for inside in waiting}
    while waiting:
        inside = waiting.pop()
        if told(inside):
            return shared.members(inside)
        for wider in (inside | one for one in single[~inside]):
            if wider.tobytes() not in seen and not shared.allows(wider):
                seen.add(wider.tobytes())
                waiting.append(wider)
        if len(seen) > _TRIED:
            small = shared.too_small()
            return shared.members(inside) if small is None else small
    return None


def _sets(reports: Cells) -> Matrix:
    """(sets, atoms) 1 where a published set holds customers who are in the same sets of all reports."""
    rows = [column == number for column in reports.T for number in np.unique(column[column >= 0]).tolist()]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(reports))


def _rank(matrix: Matrix) -> int:
    return int(np.linalg.matrix_rank(matrix)) if matrix.size else 0
