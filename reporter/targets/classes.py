"""``--within``: classes of customers by an attribute."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import UsageError
from reporter.segments.within import Classes
from reporter.tables import flags_of
from reporter.targets.attributes import matching_columns

_LONGEST = 40
"""Letters of a class that stand in titles."""


def class_column(attributes: pd.DataFrame | None, wanted: str) -> str:
    """Name of a column as the customer file has it.

    Args:
        attributes: the customer file.
        wanted: the column, whatever its capitals and blanks.

    Raises:
        UsageError: no customer file, no such column, or nothing in it.
    """
    if attributes is None:
        raise UsageError("--within asks for an attribute of customers; give their file with --customers.")
    found = [name for name in attributes.columns if name == wanted] or matching_columns(
        attributes.columns, [wanted]
    )
    if not found or found[0] == "customer_id":
        columns = ", ".join(str(name) for name in attributes.columns if name != "customer_id")
        raise UsageError(
            f"--within: the customer file has no column '{wanted}'; it has {columns or 'no other column'}."
        )
    if not (_texts(attributes[found[0]]) != "").any():
        raise UsageError(f"--within: column '{found[0]}' of the customer file is empty; choose another.")
    return str(found[0])


def classes_of(attributes: pd.DataFrame, column: str, customer_id: NDArray[np.str_]) -> Classes:
    """The class of each customer, and its name in words.

    Args:
        attributes: the customer file.
        column: one of its columns.
        customer_id: (n,) customers used.
    """
    rows = pd.Index(attributes["customer_id"].astype(str)).get_indexer(pd.Index(customer_id.astype(object)))
    texts = _texts(attributes[column])
    flags, bad = flags_of(attributes[column])
    if bad is None:
        texts = np.where(texts == "", "", np.where(flags, "yes", "no")).astype(object)
    of = np.where(rows >= 0, texts[rows], "").astype(object)
    words = {value: _words(value, column, flag=bad is None) for value in np.unique(of).tolist()}
    again = pd.Series(words)
    return Classes(
        column, of, {**words, **{v: f"{words[v]} ({v})" for v in again.index[again.duplicated(keep=False)]}}
    )


def _texts(column: "pd.Series[Any]") -> NDArray[np.object_]:
    """(n,) cells as text, blanks put right; empty where there is nothing."""
    codes, distinct = pd.factorize(column)
    written = [
        str(int(value)) if isinstance(value, float) and value.is_integer() else " ".join(str(value).split())
        for value in distinct
    ]
    return np.array([*written, ""], dtype=object)[codes]


def _words(value: str, column: str, *, flag: bool) -> str:
    what = " ".join(column.replace("_", " ").replace("-", " ").split())
    if not value:
        return f"{what} not known"
    if flag:
        return what if value == "yes" else f"not {what}"
    shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return f"{what} {shown}" if shown.replace(".", "").isdigit() else shown
