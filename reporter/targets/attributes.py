"""Customer attributes: the optional file, and who must never be offered a program."""

import csv
import gzip
import sys
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

ID_NAMES = (
    "customerid", "customer", "custid", "meterid", "meter", "meternumber", "meterno", "lclid", "usagepoint", "usagepointid",
    "servicepoint", "servicepointid", "nmi", "mpan", "esiid", "accountid", "account", "accountnumber", "householdid",
    "household", "premiseid", "premise", "siteid", "id",
)  # fmt: skip
"""Usual names of the column with the customer's id, in order of preference: those of the readings, and ``id``."""

_TRUE = frozenset({"true", "yes", "1", "y"})
_FALSE = frozenset({"false", "no", "0", "n", ""})
_DELIMITERS = (",", ";", "\t", "|")


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
    try:
        if path.is_dir():
            raise DataError(f"{path}: this is a folder; give the customer file itself.")
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise DataError(
            f"{path}: the customer file can't be read ({error.strerror}); check the path."
        ) from error
    if not start:
        raise DataError(
            f"{path}: the customer file is empty; it needs a column customer_id and a row a customer."
        )
    frame, places = _read_parquet(path, settings) if start == b"PAR1" else _read_csv(path, settings)

    if frame.empty:
        raise DataError(f"{path}: the customer file has a header but no customers; add a row a customer.")
    ids = frame["customer_id"]
    if (missing := _first(ids.isna() | (ids == ""))) is not None:
        raise DataError(f"{path}: {places(missing)} has no customer id; fill it in or delete the row.")
    if (twice := _first(ids.duplicated())) is not None:
        raise DataError(
            f"{path}: {places(twice)} has customer '{ids[twice]}' a second time; keep one row a customer."
        )
    for names in exclusion_columns(settings.targets).values():
        for column in _matching(frame.columns, names):
            values, bad = _flags(frame[column])
            if bad is not None:
                raise DataError(f"{path}: {places(bad)} has {_not_a_flag(frame, column, bad)}")
            frame[column] = values
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
        columns = _matching(attributes.columns, names)
        if not columns:
            without_column.append(reason)
        for column in columns:
            values, bad = _flags(attributes[column])
            if bad is not None:
                raise DataError(
                    f"customer attributes: row {bad + 1} has {_not_a_flag(attributes, column, bad)}"
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
        looked_for = "; ".join(
            f"{reason}: {', '.join(reasons[reason]) or 'no name given'}" for reason in without_column
        )
        findings.append(
            Finding(
                name="no-exclusion-column",
                severity="warning",
                description=f"The customer file has no column that states {_or(without_column)}, so nobody is left "
                f"out for that (names looked for: {looked_for}).",
                data={"reasons": without_column},
            )
        )
    return findings


def _or(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _first(mask: "pd.Series[bool]") -> int | None:
    rows = np.flatnonzero(mask.to_numpy(dtype=np.bool_))
    return int(rows[0]) if rows.size else None


def _fold(name: object) -> str:
    """A column name without case, spaces and punctuation: ``Life Support`` is ``life_support``."""
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def _matching(columns: "pd.Index[Any]", names: Sequence[str]) -> list[str]:
    wanted = {_fold(name) for name in names}
    return [column for column in columns if column != "customer_id" and _fold(column) in wanted]


def _flag(value: object) -> bool | None:
    """A value of an exclusion column; ``None`` where it is neither true nor false."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return {1.0: True, 0.0: False}.get(float(value))
    text = str(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


def _flags(column: "pd.Series[Any]") -> tuple[NDArray[np.bool_], int | None]:
    """(n,) flags (an empty cell is false), and the first row that holds neither true nor false."""
    codes, distinct = pd.factorize(column)
    parsed = [_flag(value) for value in distinct]
    # Code −1, an empty cell, picks the last element.
    bad = np.array([value is None for value in parsed] + [False])[codes]
    values = np.array([bool(value) for value in parsed] + [False])[codes]
    return values, int(np.flatnonzero(bad)[0]) if bad.any() else None


def _not_a_flag(frame: pd.DataFrame, column: str, row: int) -> str:
    value = str(frame[column].iloc[row])
    shown = value if len(value) <= 40 else value[:40] + "…"
    return f"'{shown}' in column '{column}', which excludes from offers; write true or false (or yes, no, 1, 0, y, n)."


def _id_column(path: Path, columns: Sequence[str], settings: Settings) -> str:
    """Name of the id column: the one of the readings if the file has it, else a usual name."""
    by_fold = {_fold(column): column for column in reversed(columns)}
    for name in (settings.readings.customer_column, *ID_NAMES):
        if name is not None and _fold(name) in by_fold:
            return by_fold[_fold(name)]
    shown = ", ".join(columns[:8]) + (", …" if len(columns) > 8 else "")
    raise DataError(f"{path}: line 1 has no column customer_id (found: {shown}); name the column of ids so.")


class _Lines:
    """Where a row stands in its file, for messages."""

    def __init__(self, word: str, numbers: Sequence[int]) -> None:
        self._word = word
        self._numbers = numbers

    def __call__(self, row: int) -> str:
        return f"{self._word} {self._numbers[row]}"


def _as_customer_id(columns: Sequence[str], id_column: str) -> list[str]:
    """Column names with the id column called ``customer_id``; one that had that name already makes way."""
    renamed = {id_column: "customer_id"}
    if id_column != "customer_id":
        renamed["customer_id"] = "customer_id (as supplied)"
    return [renamed.get(column, column) for column in columns]


def _read_csv(path: Path, settings: Settings) -> tuple[pd.DataFrame, _Lines]:
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    line = 1
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            header = _header(path, next(csv.reader([first], delimiter=delimiter), []))
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            for row in reader:
                start, line = line + 1, reader.line_num + 1
                if not row:
                    continue
                if len(row) != len(header):
                    raise DataError(
                        f"{path}: line {start} has {len(row)} fields where the header has {len(header)}; mend the line."
                    )
                # Few distinct values: interning keeps a million rows small.
                rows.append([sys.intern(value) for value in row])
                lines.append(start)
    except (OSError, EOFError) as error:
        raise DataError(
            f"{path}: the customer file can't be read ({error}); check that it is whole."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: after line {line} the text is not UTF-8; save the file as UTF-8."
        ) from error
    except csv.Error as error:
        raise DataError(
            f"{path}: the record after line {line} is not valid CSV ({error}); mend its quotes."
        ) from error
    id_column = _id_column(path, header, settings)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    names = _as_customer_id(header, id_column)
    frame = pd.DataFrame(
        {name: pd.Series(cell, dtype="str") for name, cell in zip(names, cells, strict=True)}
    )
    frame["customer_id"] = frame["customer_id"].str.strip()
    return frame, _Lines("line", lines)


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise DataError(f"{path}: line 1 has the column '{twice[0]}' twice; rename one of them.")
    return header


def _read_parquet(path: Path, settings: Settings) -> tuple[pd.DataFrame, _Lines]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a readable Parquet file ({reason}); write it again.") from error
    header = _header(path, table.column_names)
    id_column = _id_column(path, header, settings)
    position = header.index(id_column)
    ids = table.column(position)
    kind = ids.type.value_type if pa.types.is_dictionary(ids.type) else ids.type
    if not (pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise DataError(f"{path}: column '{id_column}' holds {ids.type}; ids must be text or whole numbers.")
    table = table.set_column(position, id_column, ids.cast(pa.string()))
    table = table.rename_columns(_as_customer_id(header, id_column))
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    frame["customer_id"] = frame["customer_id"].str.strip()
    return frame, _Lines("row", range(1, len(frame) + 1))
