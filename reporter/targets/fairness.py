"""Who is offered a program, by the attributes that the utility declares protected or asks to look at, and what stands in for them.

Leaving an attribute out does not make a choice fair: an area, a dwelling or a load shape may say nearly the same. So every
attribute that may be used, the areas, the segments and the size of the load are held against each protected one.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation
from reporter.settings import TargetSettings
from reporter.targets.attributes import exclusion_columns, matching_columns
from reporter.targets.eligibility import Mask
from reporter.targets.portfolio import Rows
from reporter.targets.rows import GroupShare, StandIn
from reporter.targets.uncertainty import Z90

_FEWEST = 5
"""Customers that a group needs to be shown: fewer could be told who they are."""
_VALUES_MAX = 12
_PARTS = 5
"""Parts of like size into which a number is divided."""
_CHANCE = 0.01
_UNKNOWN = frozenset({"", "nan", "none", "null", "<na>", "nat"})
Groups = list[tuple[str, str, Mask]]
"""Column, value, (n,) who has it."""


def attribute_groups(
    attributes: pd.DataFrame | None, customer_id: NDArray[np.str_], settings: TargetSettings
) -> Groups:
    """The groups that are looked at: each value of a protected column, or of one to look at, that has few values.

    Args:
        attributes: ``customer_id`` and any columns, or ``None``.
        customer_id: (n,)
        settings: which columns.
    """
    if attributes is None:
        return []
    found: Groups = []
    for column in _looked_at(attributes, settings):
        codes, values = _classes(attributes, column, customer_id)
        if len(values) > _VALUES_MAX:
            continue
        for code, value in enumerate(values):
            if (codes == code).sum() >= _FEWEST:
                found.append((column, value, codes == code))
    return found


def group_shares(groups: Groups, eligible: Mask, offered: Rows, settings: TargetSettings) -> list[GroupShare]:
    """Share of each group that is offered a program, and how it compares with that of all others of the column.

    Twice: of all customers, which is what a group gets, and of those who could be offered one, which is what the choice does.

    The interval of a ratio of shares is that of its logarithm, half an offer added to each count (Katz et al. 1978,
    doi:10.2307/2530610; Pettigrew et al. 1986, doi:10.1093/biomet/73.3.525).

    Args:
        groups: as from ``attribute_groups``.
        eligible: (n,) who can be offered a program.
        offered: rows of those who are.
        settings: from which ratio on shares count as alike.
    """
    taken = np.zeros(len(eligible), dtype=np.bool_)
    taken[offered] = True
    found = []
    for column, value, mine in groups:
        of_column = np.any([mask for name, _, mask in groups if name == column], axis=0)
        rest = of_column & ~mine
        offers, others = int((mine & taken).sum()), int((rest & taken).sum())
        able, able_rest = int((mine & eligible).sum()), int((rest & eligible).sum())
        ratio = _ratio(offers, int(mine.sum()), others, int(rest.sum()))
        choice = _ratio(offers, able, others, able_rest)
        found.append(
            GroupShare(
                column=column,
                value=value or "not known",
                customers=int(mine.sum()),
                eligible=able,
                offers=offers,
                offered_share=float(taken[mine].mean()),
                ratio=ratio[0] if ratio else None,
                ratio_low=ratio[1] if ratio else None,
                ratio_high=ratio[2] if ratio else None,
                notable=_notable(ratio, settings),
                eligible_share=offers / able if able else None,
                eligible_ratio=choice[0] if choice else None,
                eligible_ratio_low=choice[1] if choice else None,
                eligible_ratio_high=choice[2] if choice else None,
                eligible_notable=_notable(choice, settings),
            )
        )
    return found


def _ratio(offers: int, customers: int, others: int, rest: int) -> tuple[float, float, float] | None:
    """Ratio of two shares with its 90 % interval; none where there are no others, or nobody of them is offered anything."""
    if not rest or not customers or not others:
        return None
    a, b, n, m = offers + 0.5, others + 0.5, customers + 0.5, rest + 0.5
    middle, error = np.log(a / n) - np.log(b / m), np.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
    return (
        (offers / customers) / (others / rest),
        float(np.exp(middle - Z90 * error)),
        float(np.exp(middle + Z90 * error)),
    )


def _notable(ratio: tuple[float, float, float] | None, settings: TargetSettings) -> bool:
    return bool(ratio and ratio[0] < settings.fair_ratio and ratio[2] < 1)


def stand_ins(
    attributes: pd.DataFrame | None,
    profiles: Profiles,
    segmentation: Segmentation,
    settings: TargetSettings,
) -> list[StandIn]:
    """What says nearly the same as a protected attribute: other columns, areas, the segment, the size of the load.

    Association is Cramér's V without its bias (Bergsma 2013, doi:10.1016/j.jkss.2012.10.002): 0 is none, 1 the same. Shown are
    those from ``settings.stand_in`` on that chance would give less than once in a hundred, the number of pairs counted.

    Args:
        attributes: ``customer_id`` and any columns, or ``None``.
        profiles: of the n customers.
        segmentation: of the same.
        settings: which columns are protected or looked at, and from when on something stands in.
    """
    if attributes is None:
        return []
    ids = profiles.customer_id
    excluding = {
        name
        for names in exclusion_columns(settings).values()
        for name in matching_columns(attributes.columns, names)
    }
    protected = [(column, *_classes(attributes, column, ids)) for column in _looked_at(attributes, settings)]
    others: list[tuple[str, NDArray[np.int64]]] = [("segment", segmentation.assignment.astype(np.int64))]
    others += [
        ("size of the load", _parted(profiles.mean_kw)),
        ("load in the peak hours", _parted(profiles.coincident_kw)),
    ]
    for column in attributes.columns:
        if column == "customer_id" or column in excluding:
            continue
        codes, values = _classes(attributes, str(column), ids)
        if 2 <= len(values) <= 10 * _VALUES_MAX and len(values) < len(ids) / 4:
            others.append((str(column), codes))
    pairs = [
        (column, codes, name, other)
        for column, codes, values in protected
        if 2 <= len(values) <= _VALUES_MAX
        for name, other in others
        if name != column
    ]
    found = []
    for column, codes, name, other in pairs:
        strength, chance = _association(codes, other)
        if strength >= settings.stand_in and chance * len(pairs) < _CHANCE:
            found.append(StandIn(column=column, stand_in=name, strength=strength))
    return sorted(found, key=lambda row: (row.column, -row.strength, row.stand_in))


def _looked_at(attributes: pd.DataFrame, settings: TargetSettings) -> list[str]:
    names = (*settings.protected_columns, *settings.fairness_columns)
    return [str(column) for column in matching_columns(attributes.columns, names)]


def _classes(
    attributes: pd.DataFrame, column: str, customer_id: NDArray[np.str_]
) -> tuple[NDArray[np.int64], list[str]]:
    """(n,) value of each customer by its number, −1 without a row; the values, an empty one where the cell is."""
    row = pd.Index(attributes["customer_id"].astype(str)).get_indexer(pd.Index(customer_id.astype(object)))
    text = attributes[column].astype(str).str.strip()
    codes, values = pd.factorize(text.where(~text.str.lower().isin(_UNKNOWN), ""), sort=True)
    return np.where(row >= 0, codes[row], -1), [str(value) for value in values]


def _parted(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n,) fifth in which a number lies; −1 where it is not known."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(values), -1, dtype=np.int64)
    ends = np.unique(np.quantile(values[known], np.arange(1, _PARTS) / _PARTS))
    return np.where(known, np.searchsorted(ends, values, side="right"), -1).astype(np.int64)


def _association(one: NDArray[np.int64], other: NDArray[np.int64]) -> tuple[float, float]:
    """Cramér's V without its bias, and how often chance alone would give as much."""
    from scipy.stats import chi2_contingency

    known = (one >= 0) & (other >= 0)
    table = pd.crosstab(one[known], other[known]).to_numpy()
    n, (rows, columns) = int(table.sum()), table.shape
    if n < 2 or rows < 2 or columns < 2:
        return 0.0, 1.0
    found = chi2_contingency(table, correction=False)
    phi = max(float(found.statistic) / n - (rows - 1) * (columns - 1) / (n - 1), 0.0)
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return (float(np.sqrt(phi / least)) if least > 0 else 0.0), float(found.pvalue)
