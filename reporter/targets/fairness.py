"""Who is offered a program, by the attributes that the utility declares protected: they play no part in the choice."""

import numpy as np
import pandas as pd

from reporter.settings import TargetSettings
from reporter.targets.attributes import matching_columns
from reporter.targets.eligibility import Mask
from reporter.targets.portfolio import Rows
from reporter.targets.rows import GroupShare

_FEWEST = 5
"""Customers that a group needs to be shown: fewer could be told who they are."""
_VALUES_MAX = 12


def group_shares(
    attributes: pd.DataFrame | None,
    customer_id: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    eligible: Mask,
    offered: Rows,
    settings: TargetSettings,
) -> list[GroupShare]:
    """Share of each group that is offered a program, for every protected column with few values.

    Args:
        attributes: ``customer_id`` and any columns, or ``None``.
        customer_id: (n,)
        eligible: (n,) who can be offered a program.
        offered: rows of those who are.
        settings: protected columns.
    """
    if attributes is None:
        return []
    row = pd.Index(attributes["customer_id"].astype(str)).get_indexer(pd.Index(customer_id.astype(object)))
    taken = np.zeros(len(customer_id), dtype=np.bool_)
    taken[offered] = True
    found = []
    for column in matching_columns(attributes.columns, settings.protected_columns):
        codes, values = pd.factorize(attributes[column].astype(str).str.strip(), sort=True)
        if len(values) > _VALUES_MAX:
            continue
        group = np.where(row >= 0, codes[row], -1)
        for code, value in enumerate(values):
            mine = group == code
            if mine.sum() >= _FEWEST:
                found.append(
                    GroupShare(
                        column=str(column),
                        value=str(value) or "not known",
                        customers=int(mine.sum()),
                        eligible=int((mine & eligible).sum()),
                        offers=int((mine & taken).sum()),
                        offered_share=float(taken[mine].mean()),
                    )
                )
    return found
