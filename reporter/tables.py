"""The optional files beside the readings: CSV (also gzip) or Parquet, columns found by name, every error with its line.

One reader for all of them: customers, system load, temperature, enrolment, events, outages. A file's cells are text from a
CSV and typed from Parquet; ``Table`` turns a column into ids, times, numbers or flags, and says which line can't be read.
"""

import csv
import gzip
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError, MissingFileError

CUSTOMER_ID = (
    "customerid", "customer", "custid", "meterid", "meter", "meternumber", "meterno", "lclid", "usagepoint", "usagepointid",
    "servicepoint", "servicepointid", "nmi", "mpan", "esiid", "accountid", "account", "accountnumber", "householdid",
    "household", "premiseid", "premise", "siteid", "id",
)  # fmt: skip
"""Usual names of the column with the customer's id, in order of preference: those of the readings, and ``id``."""

TIMESTAMP = (
    "timestamp",
    "datetime",
    "dateandtime",
    "tstamp",
    "time",
    "start",
    "starttime",
    "ts",
    "stamp",
    "hour",
)
"""Usual names of the column with the time of a row."""

_TRUE = frozenset({"true", "yes", "1", "y"})
_FALSE = frozenset({"false", "no", "0", "n", ""})
_EMPTY = frozenset({"", "null", "na", "n/a", "nan", "nat", "none"})
_DELIMITERS = (",", ";", "\t", "|")
_FIRST, _LAST = pd.Timestamp("1970-01-02"), pd.Timestamp("2199-12-31")


@dataclass(frozen=True)
class Table:
    """An optional file as it came, with the place of each row."""

    path: Path
    kind: str
    """What the file is, such as ``temperature``: also the name of its setting in ``[columns]``."""
    frame: pd.DataFrame
    """Columns under the file's own names: text from a CSV, typed from Parquet."""
    mapped: Mapping[str, str]
    """Role → column name, from the settings."""
    word: str
    """``line`` of a text file or ``row`` of a Parquet file."""
    places: Sequence[int]

    def at(self, row: int) -> str:
        """Where a row stands, to begin a message with."""
        return f"{self.path}, {self.word} {self.places[row]}"

    def find(self, role: str, names: Sequence[str] = ()) -> str | None:
        """The column of a role: as the settings map it, else the role's own name, else a usual one, else ``None``.

        Raises:
            DataError: the settings map the role to a column that is not there.
        """
        by_fold = {fold(column): column for column in reversed(self.frame.columns)}
        if role in self.mapped:
            wanted = self.mapped[role]
            if wanted in self.frame.columns:
                return wanted
            raise DataError(
                f"{self.path}: there is no column '{wanted}' (found: {self._found()}); correct the setting columns.{self.kind.replace(' ', '_')}."
            )
        return next((by_fold[fold(name)] for name in (role, *names) if fold(name) in by_fold), None)

    def column(self, role: str, names: Sequence[str] = (), *, or_else: str = "") -> str:
        """The column of a role, which must be there.

        Raises:
            DataError: it isn't.
        """
        column = self.find(role, names)
        if column is None:
            raise DataError(
                f"{self.path}: {'line 1 has ' if self.word == 'line' else ''}no column '{role}'{or_else} (found: {self._found()}); "
                f"name the column so, or map it with the setting columns.{self.kind.replace(' ', '_')}."
            )
        return column

    def customer_column(self, of_the_readings: str | None = None) -> str:
        """The column of customer ids: as the settings map it, else the readings' own, else a usual one.

        Raises:
            DataError: there is none.
        """
        own = self.find(of_the_readings) if of_the_readings and "customer_id" not in self.mapped else None
        return own or self.column("customer_id", CUSTOMER_ID)

    def ids(self, column: str) -> "pd.Series[Any]":
        """Customer ids as text, leading zeros kept.

        Raises:
            DataError: a row has none, or they are no ids.
        """
        values = self.frame[column]
        kind = values.cat.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
        if not (pd.api.types.is_integer_dtype(kind) or pd.api.types.is_string_dtype(kind)):
            name = {"float64": "double"}.get(str(kind), str(kind))
            raise DataError(
                f"{self.path}: column '{column}' holds {name}; ids must be text or whole numbers."
            )
        ids = values.astype("object").where(values.notna(), "").astype(str).str.strip()
        if (missing := _first(ids == "")) is not None:
            raise DataError(
                f"{self.at(missing)}: there is no customer id in column '{column}'; fill it in or delete the row."
            )
        return ids

    def times(self, column: str, *, may_be_empty: bool = False) -> pd.DatetimeIndex:
        """Times: in UTC where they carry an offset, else naive. Day and month are never guessed.

        Raises:
            DataError: a time can't be read, or some carry an offset and others don't.
        """
        values = self.frame[column]
        empty = self._empty(values)
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            stamps = values.dt.tz_convert("UTC")
        elif pd.api.types.is_datetime64_any_dtype(values):
            stamps = values
        else:
            text = values.astype("object").where(~empty, "").astype(str).str.strip()
            aware = text.str.contains(r"\d:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[+-]\d{2}:?\d{2}|Z)$")
            first = bool(aware[~empty].iloc[0]) if (~empty).any() else False
            if (other := _first((aware != first) & ~empty)) is not None:
                raise DataError(
                    f"{self.at(other)}: the time '{_short(text.iloc[other])}' and the first do not both have an offset from UTC; "
                    "write all times on one clock."
                )
            stamps = pd.to_datetime(text, errors="coerce", utc=first, format="ISO8601")
        zone = stamps.dt.tz
        good = stamps.between(_FIRST.tz_localize(zone), _LAST.tz_localize(zone))
        self._refuse(
            column, good | (empty if may_be_empty else False), "is no time; write it as 2026-07-01 17:00"
        )
        return pd.DatetimeIndex(stamps).as_unit("us")

    def numbers(self, column: str, *, may_be_empty: bool = False) -> NDArray[np.float64]:
        """Finite numbers; NaN where a cell may be empty and is.

        Raises:
            DataError: a cell is no number.
        """
        cells = self.frame[column]
        values: NDArray[np.float64] = pd.to_numeric(cells, errors="coerce").to_numpy(
            dtype="float64", na_value=np.nan
        )
        good = np.isfinite(values) | (self._empty(cells).to_numpy() if may_be_empty else False)
        self._refuse(column, pd.Series(good, index=cells.index), "is no number")
        return values

    def texts(self, column: str) -> "pd.Series[Any]":
        """Text without blanks around it.

        Raises:
            DataError: a cell is empty.
        """
        values = self.frame[column]
        self._refuse(column, ~self._empty(values), "is no text")
        return values.astype(str).str.strip()

    def flags(self, column: str, meaning: str = "", *, may_be_empty: bool = True) -> NDArray[np.bool_]:
        """True or false in each row; an empty cell is false.

        Args:
            column: name of the column.
            meaning: what the column is for, to end a clause of the message with.
            may_be_empty: refuse an empty cell where not.

        Raises:
            DataError: a cell holds neither.
        """
        if not may_be_empty:
            self._refuse(column, ~self._empty(self.frame[column]), "is neither true nor false")
        values, bad = flags_of(self.frame[column])
        if bad is not None:
            raise DataError(f"{self.at(bad)}: {not_a_flag(self.frame, column, bad, meaning)}")
        return values

    def _empty(self, values: "pd.Series[Any]") -> "pd.Series[bool]":
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
            return values.isna()
        return values.isna() | values.astype(str).str.strip().str.lower().isin(_EMPTY)

    def _refuse(self, column: str, good: "pd.Series[bool]", why: str) -> None:
        if (bad := _first(~good)) is None:
            return
        cell = self.frame[column].iloc[bad]
        if bool(self._empty(self.frame[column]).iloc[bad]):
            raise DataError(
                f"{self.at(bad)}: the cell in column '{column}' is empty; fill it in or remove that {self.word}."
            )
        raise DataError(
            f"{self.at(bad)}: '{_short(str(cell))}' in column '{column}' {why}; mend or remove that {self.word}."
        )

    def _found(self) -> str:
        names = [str(name) for name in self.frame.columns]
        return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def plain_ids(ids: "pd.Series[str]") -> "pd.Series[str]":
    """Ids without what gets lost on the way through a spreadsheet: capitals, blanks around them, leading zeros."""
    return ids.str.strip().str.casefold().str.lstrip("0")


def read_table(path: Path, kind: str, mapped: Mapping[str, str] | None = None) -> Table:
    """An optional file.

    Args:
        path: CSV (also gzip) or Parquet; told apart by what is in it.
        kind: what it is, such as ``customer`` or ``system load``, for messages.
        mapped: role → column name, from the settings.

    Raises:
        DataError: the file is missing, empty, not readable or without rows.
    """
    try:
        if path.is_dir():
            raise DataError(f"{path}: this is a folder; give the {kind} file itself.")
        with path.open("rb") as stream:
            start = stream.read(4)
    except FileNotFoundError as error:
        raise MissingFileError(path) from error
    except OSError as error:
        raise DataError(
            f"{path}: the {kind} file can't be read ({error.strerror}); check the path."
        ) from error
    if not start:
        raise DataError(f"{path}: the {kind} file is empty; export it again.")
    frame, word, places = _read_parquet(path) if start == b"PAR1" else _read_csv(path, kind)
    if frame.empty:
        raise DataError(f"{path}: the {kind} file has a header but no rows; export it again.")
    return Table(path, kind, frame, dict(mapped or {}), word, places)


def fold(name: object) -> str:
    """A column name without case, spaces and punctuation: ``Life Support`` is ``life_support``."""
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def flags_of(column: "pd.Series[Any]") -> tuple[NDArray[np.bool_], int | None]:
    """(n,) flags (an empty cell is false), and the first row that holds neither true nor false."""
    codes, distinct = pd.factorize(column)
    parsed = [_flag(value) for value in distinct]
    # Code −1, an empty cell, picks the last element.
    bad = np.array([value is None for value in parsed] + [False])[codes]
    values = np.array([bool(value) for value in parsed] + [False])[codes]
    return values, int(np.flatnonzero(bad)[0]) if bad.any() else None


def not_a_flag(frame: pd.DataFrame, column: str, row: int, meaning: str = "") -> str:
    """What is wrong with a cell that should be true or false, to end a message with."""
    value = _short(str(frame[column].iloc[row]))
    return f"'{value}' in column '{column}'{meaning} is neither true nor false; write true or false (or yes, no, 1, 0, y, n)."


def _flag(value: object) -> bool | None:
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return {1.0: True, 0.0: False}.get(float(value))
    text = str(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


def _first(mask: "pd.Series[bool]") -> int | None:
    rows = np.flatnonzero(mask.to_numpy(dtype=np.bool_))
    return int(rows[0]) if rows.size else None


def _short(text: str) -> str:
    """A cell for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:40]}…"


def _read_csv(path: Path, kind: str) -> tuple[pd.DataFrame, str, Sequence[int]]:
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
                        f"{path}, line {start}: {len(row)} cells where the header names {len(header)}; mend that line."
                    )
                # Few distinct values: interning keeps a million rows small.
                rows.append([sys.intern(value) for value in row])
                lines.append(start)
    except (OSError, EOFError) as error:
        raise DataError(
            f"{path}: the {kind} file can't be read ({error}); check that it is whole."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: after line {line} the text is not UTF-8; save the file as UTF-8."
        ) from error
    except csv.Error as error:
        raise DataError(
            f"{path}: the record after line {line} is not valid CSV ({error}); mend its quotes."
        ) from error
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    frame = pd.DataFrame(
        {name: pd.Series(cell, dtype="str") for name, cell in zip(header, cells, strict=True)}
    )
    return frame, "line", lines


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise DataError(f"{path}: line 1 has the column '{twice[0]}' twice; rename one of them.")
    return header


def _read_parquet(path: Path) -> tuple[pd.DataFrame, str, Sequence[int]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a readable Parquet file ({reason}); write it again.") from error
    table = table.rename_columns(_header(path, table.column_names))
    # Whole numbers with a gap would become floating, and ids with them.
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    return frame, "row", range(1, len(frame) + 1)
