"""Columns that give the outcome away: what was written down after the offer, and would not be known before one."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

AUC_MAX = 0.9
"""ROC AUC of a single column from which it counts as a leak; what drives enrolment in life stays well below."""

_PURE = 0.95
_LEAST = 8
_BINS = 10


def leaking(frame: pd.DataFrame, enrolled: NDArray[np.bool_]) -> dict[str, str]:
    """Columns that tell the outcome by themselves, and how that was noticed.

    A column is one where ordering offers by it alone gives a ROC AUC of ``AUC_MAX`` or more, or where one of its
    values (an empty cell is one too) is held nearly by enrolled customers only, by more of them than chance gives.

    Args:
        frame: (m, p) features of those who were offered a program.
        enrolled: (m,) outcome.
    """
    found = {}
    for name in frame:
        groups = _groups(frame[name])
        auc = _separation(groups, enrolled)
        if auc >= AUC_MAX:
            found[str(name)] = f"alone it tells who enrolled (ROC AUC {auc:.2f})"
        elif (value := _pure(groups, enrolled)) is not None:
            share, customers = value
            found[str(name)] = (
                f"one of its values is held by {customers} offered, of whom {share:.0%} enrolled"
            )
    return found


def _groups(values: "pd.Series[Any]") -> NDArray[np.intp]:
    """(m,) number of the group of like values; numbers with many values in ten groups of like size."""
    if pd.api.types.is_float_dtype(values) and values.nunique() > _BINS:
        ranks = values.rank(method="average", pct=True).to_numpy()
        codes = np.where(
            np.isnan(ranks), -1, np.minimum((ranks * _BINS).astype(np.intp, casting="unsafe"), _BINS - 1)
        )
        return np.asarray(codes + 1, dtype=np.intp)
    codes, _ = pd.factorize(values)
    return np.asarray(codes + 1, dtype=np.intp)


def _separation(groups: NDArray[np.intp], enrolled: NDArray[np.bool_]) -> float:
    """ROC AUC of the groups, ordered by the share enrolled of all *other* members of the group.

    Leaving each offer itself out keeps many small groups from looking like a leak.
    """
    taken = np.bincount(groups, weights=enrolled)[groups] - enrolled
    others = np.bincount(groups)[groups] - 1
    mean = (enrolled.sum() - enrolled) / max(len(enrolled) - 1, 1)
    score = (taken + 2 * mean) / (others + 2)
    return roc_auc(score, enrolled)


def roc_auc(score: NDArray[np.float64], enrolled: NDArray[np.bool_]) -> float:
    """ROC AUC by ranks (Mann and Whitney 1947)."""
    ranks = pd.Series(score).rank().to_numpy()
    positives = int(enrolled.sum())
    negatives = len(enrolled) - positives
    if not positives or not negatives:
        return 0.5
    return float((ranks[enrolled].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _pure(groups: NDArray[np.intp], enrolled: NDArray[np.bool_]) -> tuple[float, int] | None:
    """Share enrolled and size of a group that holds nearly enrolled only; none where chance could make it."""
    counts = np.bincount(groups)
    taken = np.bincount(groups, weights=enrolled)
    rate = float(enrolled.mean())
    for count, number in zip(counts.tolist(), taken.tolist(), strict=True):
        # Chance: so many enrolled in a row, were everyone three times as likely as the mean (or as likely as not).
        chance = max(min(3 * rate, 0.8), 0.5) ** number
        if number >= _LEAST and number >= _PURE * count and chance < 1e-3:
            return number / count, int(count)
    return None
