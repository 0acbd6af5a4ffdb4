"""A run folder, read as far as a question needs: ``facts.json`` as it is, and single rows or columns of the customers.

Nothing here imports the analysis: a question about facts is answered before pandas would be there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from reporter.errors import DataError, UsageError
from reporter.schema import SCHEMA_VERSION

_FACTS, _CUSTOMERS, _TARGETS, _FIGURES = "facts.json", "customers.parquet", "targets.csv", "figures"
_COMPARISON = "comparison.json"


@dataclass(frozen=True)
class View:
    """What a question may look at."""

    folder: Path
    facts: dict[str, Any] = field(repr=False)

    def get(self, path: str) -> Any:
        """The fact at a path such as ``segments.0.share``."""
        value: Any = self.facts
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    @property
    def segments(self) -> list[dict[str, Any]]:
        """In canonical order."""
        return list(self.facts["segments"])

    def place(self, segment_id: str) -> int:
        """Index of a segment in canonical order."""
        return [segment["segment_id"] for segment in self.segments].index(segment_id)

    @cached_property
    def external(self) -> bool:
        """Made for readers outside the utility: nothing may be said of single customers."""
        if self.facts.get("privacy") is not None:
            return True
        try:
            manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(manifest, dict) and manifest.get("audience") == "external"

    def customer(self, customer_id: str, columns: Sequence[str]) -> dict[str, Any] | None:
        """Columns of a customer's row, as far as there are such; None where nobody has this id."""
        import pyarrow.parquet as pq

        path = self.folder / _CUSTOMERS
        try:
            with pq.ParquetFile(path) as file:
                there = [name for name in columns if name in file.schema_arrow.names]
                place = file.schema_arrow.names.index("customer_id")
                for group in range(file.num_row_groups):
                    span = file.metadata.row_group(group).column(place).statistics
                    if span is not None and span.has_min_max and not span.min <= customer_id <= span.max:
                        continue
                    ids = file.read_row_group(group, columns=["customer_id"])["customer_id"].to_pylist()
                    if customer_id in ids:
                        rows = file.read_row_group(group, columns=there).slice(ids.index(customer_id), 1)
                        return dict(rows.to_pylist()[0])
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error
        return None

    def has_columns(self, names: Sequence[str]) -> bool:
        """Whether ``customers.parquet`` is there and has these columns."""
        import pyarrow.parquet as pq

        path = self.folder / _CUSTOMERS
        try:
            return set(names) <= set(pq.read_schema(path).names)
        except (OSError, ValueError):
            return False

    def columns(self, names: Sequence[str]) -> Any:
        """Columns of all customers as a table of the engine's own (pyarrow)."""
        import pyarrow.parquet as pq

        path = self.folder / _CUSTOMERS
        try:
            # Not pq.read_table: it loads pandas, which takes longer than the columns.
            with pq.ParquetFile(path, read_dictionary=["program"]) as file:
                return file.read(columns=list(names))
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error

    def target_rows(self, most: int | None = None, customer_id: str | None = None) -> list[dict[str, str]]:
        """Rows of the ranked list, as text: the first so many, or those of a customer."""
        import csv

        path = self.folder / _TARGETS
        found: list[dict[str, str]] = []
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    if customer_id is None or row["customer_id"].removeprefix("'") == customer_id:
                        found.append(row)
                    if most is not None and len(found) >= most:
                        break
        except (OSError, ValueError, KeyError, csv.Error) as error:
            raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error
        return found

    def figure(self, name: str) -> Path | None:
        """The file of a figure; None where the run folder has none."""
        for ending in ("png", "svg"):
            path = self.folder / _FIGURES / f"{name}.{ending}"
            if path.is_file():
                return path
        return None


def compared(view: View, folder: Path) -> View:
    """The run with what a comparison says of it, such as ``reporter compare`` wrote: its newest period is the run's.

    Raises:
        UsageError: no comparison, or one of another run.
        DataError: it is broken or of another schema.
    """
    path = folder / _COMPARISON
    if not path.is_file():
        raise UsageError(
            f"{folder}: no comparison (it has no {_COMPARISON}); give the folder that `reporter compare --out` wrote."
        )
    try:
        change = json.loads(path.read_text(encoding="utf-8"))
        version, newest = str(change["schema_version"]), change["periods"][-1]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DataError(f"{path}: broken; run `reporter compare` again.") from error
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise DataError(
            f"{path}: written with schema {version}, and this reporter reads {SCHEMA_VERSION}; run `reporter compare` again."
        )
    own = view.facts["period"]
    if any(newest.get(name) != own[name] for name in ("label", "start", "end")):
        raise UsageError(
            f"{folder}: compares up to {newest.get('label')}, and {view.folder} is {own['label']}; ask the run that it ends with."
        )
    return View(view.folder, {**view.facts, "change": change})


def open_run(folder: Path) -> View:
    """A run folder.

    Raises:
        UsageError: no run folder.
        DataError: its facts are broken or of another schema.
    """
    path = folder / _FACTS
    if not path.is_file():
        raise UsageError(
            f"{folder}: no run folder (it has no {_FACTS}); give the folder that `reporter generate --out` wrote."
        )
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: broken; run `reporter generate` again.") from error
    version = facts.get("schema_version") if isinstance(facts, dict) else None
    if not isinstance(version, str) or version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise DataError(
            f"{path}: written with schema {version}, and this reporter reads {SCHEMA_VERSION}; run `reporter generate` again on that period's readings."
        )
    if any(part not in facts for part in ("period", "quality", "selection", "segments", "targets")):
        raise DataError(f"{path}: broken; run `reporter generate` again.")
    return View(folder, facts)
