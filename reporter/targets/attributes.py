"""Customer attributes: the optional file, and who must never be offered a program."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.settings import Settings, TargetSettings
from reporter.tables import flags_of, fold, not_a_flag, read_table

_MEANING = ", which excludes from offers,"


@dataclass(frozen=True)
class Exclusions:
    """Who must never be offered a program, and what the file could not say about that."""

    flags: dict[str, NDArray[np.bool_]]
    """Reason → (n,) whether it holds for the customer, in order of precedence."""
    findings: list[Finding]


def exclusion_columns(settings: TargetSettings) -> dict[str, tuple[str, ...]]:
    """Reason for not being a target → attribute columns that state it, in order of precedence."""
    return {
        "life-support": settings.life_support_columns,
        "medical-baseline": settings.medical_columns,
        "already-enrolled": settings.enrolled_columns,
        "opted-out": settings.opted_out_columns,
    }


def read_customers(path: Path, settings: Settings) -> pd.DataFrame:
    """The attributes of customers in a CSV (also gzip) or Parquet file.

    Returns:
        ``customer_id`` (string, leading zeros kept) and the file's other columns: text from a CSV, typed from
        Parquet, boolean where the column excludes from offers.

    Raises:
        DataError: the file can't be read, has no customers or no id column, has an id twice or none in a row, or
            an exclusion column holds something that is neither true nor false.
    """
    table = read_table(path, "customer", settings.columns.customer)
    id_column = table.customer_column(settings.readings.customer_column)
    ids = table.ids(id_column)
    if ids.duplicated().any():
        twice = int(np.flatnonzero(ids.duplicated())[0])
        raise DataError(
            f"{table.at(twice)}: customer '{ids.iloc[twice]}' comes a second time; keep one row a customer."
        )
    frame = table.frame.rename(columns=_as_customer_id(list(table.frame.columns), id_column))
    frame["customer_id"] = ids
    for names in exclusion_columns(settings.targets).values():
        for column in matching_columns(frame.columns, names):
            frame[column] = table.flags(column, _MEANING)
    return frame


def find_exclusions(
    attributes: pd.DataFrame | None, customer_id: NDArray[np.str_], settings: Settings
) -> Exclusions:
    """Who must never be offered a program.

    Args:
        attributes: ``customer_id`` and any columns, or ``None``.
        customer_id: (n,) ids of the customers used.
        settings: which columns exclude.

    Raises:
        DataError: an id appears twice, or an exclusion column holds something that is neither true nor false.
    """
    reasons = exclusion_columns(settings.targets)
    flags = {reason: np.zeros(len(customer_id), dtype=np.bool_) for reason in reasons}
    if attributes is None:
        return Exclusions(flags, [_no_file()])
    ids = pd.Index(attributes["customer_id"].astype(str).to_numpy(dtype=object))
    if not ids.is_unique:
        raise DataError(
            f"customer attributes: customer '{ids[ids.duplicated()][0]}' appears twice; keep one row a customer."
        )
    row = ids.get_indexer(pd.Index(customer_id.astype(object)))
    known = row >= 0
    without_column = []
    for reason, names in reasons.items():
        columns = matching_columns(attributes.columns, names)
        if not columns:
            without_column.append(reason)
        for column in columns:
            values, bad = flags_of(attributes[column])
            if bad is not None:
                raise DataError(
                    f"customer attributes, row {bad + 1}: {not_a_flag(attributes, column, bad, _MEANING)}"
                )
            flags[reason][known] |= values[row[known]]
    return Exclusions(flags, _gaps(known, without_column, reasons))


def _no_file() -> Finding:
    return Finding(
        name="no-customer-attributes",
        severity="warning",
        description="No customer file was given, so nobody could be left out for life support, a medical baseline, "
        "a running enrolment or an opt-out; take them off the list before acting on it.",
    )


def _gaps(
    known: NDArray[np.bool_], without_column: list[str], reasons: dict[str, tuple[str, ...]]
) -> list[Finding]:
    """Findings about customers and exclusions that the file says nothing about."""
    findings = []
    absent = int((~known).sum())
    if absent:
        who = "one customer" if absent == 1 else f"{absent:,} customers"
        none = " (none of the ids match: check their spelling and leading zeros)" if not known.any() else ""
        findings.append(
            Finding(
                name="customers-without-attributes",
                severity="serious" if not known.any() else "warning",
                description=f"The customer file has no row for {who} of the {len(known):,} used{none}; whether they "
                "must be left out is not known, and they are treated as if nothing excluded them.",
                data={"customers": absent, "customers_used": len(known)},
            )
        )
    if without_column:
        findings.append(
            Finding(
                name="no-exclusion-column",
                severity="warning",
                description=f"The customer file has no column that states {_or(without_column)}, so nobody is left "
                "out for that; columns of other names can be named in the settings, section [targets].",
                data={"looked_for": {reason: list(reasons[reason]) for reason in without_column}},
            )
        )
    return findings


def _or(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def matching_columns(columns: "pd.Index[Any]", names: Sequence[str]) -> list[str]:
    """Columns by these names, whatever their capitals and blanks, but for the id."""
    wanted = {fold(name) for name in names}
    return [column for column in columns if column != "customer_id" and fold(column) in wanted]


def _as_customer_id(columns: Sequence[str], id_column: str) -> dict[str, str]:
    """New names, with the id column called ``customer_id``; one that had that name already makes way."""
    renamed = {id_column: "customer_id"}
    if id_column != "customer_id" and "customer_id" in columns:
        renamed["customer_id"] = "customer_id (as supplied)"
    return renamed
