"""``--where``: which customers an expression over their attributes chooses."""

import re

import pandas as pd

from reporter.errors import UsageError

_CALL = re.compile(r"\b(?!(?:and|or|not|in)\b)\w+\s*\(")
"""A name before a bracket: a call, unless it is a word of logic."""


def chosen(attributes: pd.DataFrame | None, expression: str) -> frozenset[str]:
    """Ids of the customers for whom the expression holds.

    Args:
        attributes: the customer file; text from a CSV is a number where the whole column is.
        expression: such as ``rate_class == 'RES-1' and dwelling != 'flat'``.

    Raises:
        UsageError: no customer file, an unknown column, or no expression of true and false.
    """
    if attributes is None:
        raise UsageError("--where asks for attributes of customers; give their file with --customers.")
    # What a user's own command says is his; names of functions and of Python are still not to be had.
    if "@" in expression or "__" in expression or _CALL.search(expression):
        raise UsageError(
            f"--where: '{expression}' calls something; compare columns, such as rate_class == 'RES-1' and area != 'North'."
        )
    frame = attributes.copy()
    for name in frame.columns.drop("customer_id"):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if frame[name].notna().any() and numbers.notna().eq(frame[name].notna()).all():
            frame[name] = numbers
    try:
        found = frame.eval(expression, engine="python", local_dict={}, global_dict={})
    except Exception as error:
        columns = ", ".join(str(name) for name in frame.columns)
        raise UsageError(
            f"--where: '{expression}' can't be read ({error}); compare columns of the customer file: {columns}."
        ) from error
    if not isinstance(found, pd.Series) or found.dtype != bool:
        raise UsageError(
            f"--where: '{expression}' is neither true nor false for a customer; write a comparison."
        )
    return frozenset(frame.loc[found, "customer_id"].astype(str))
