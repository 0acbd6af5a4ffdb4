"""What formats take and give: sheets of cells, and readings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from reporter.findings import Finding
from reporter.readings.vocabulary import Unit


@dataclass(frozen=True)
class Sheet:
    """Files of one layout as one table of cells."""

    names: tuple[str, ...]
    """Of the columns, by place."""
    table: Any
    """Ibis table whose first columns stand in the places of ``names``; one more, ``filename``, where ``by_file``."""
    files: list[Path]
    """As the user knows them."""
    sample: Sequence[Sequence[str]]
    """Some first rows as text."""
    locate: Callable[[int, str], str]
    """File, and line where there are lines, of the first cell of a column with a text: for messages."""
    customers: dict[str, str] = field(default_factory=dict)
    """Path that the engine gives a file → the customer that it belongs to, where each file is one customer's."""

    def column(self, place: int) -> Any:
        """A column as it is; found by place, so that no name can mislead the engine."""
        return self.table[self.table.columns[place]]


@dataclass(frozen=True)
class Read:
    """Readings of one format, and what was understood of them; fields as in ``sources.Source``."""

    table: Any
    """Ibis table: customer_id, stamp, value; export and estimated where the format tells them."""
    unit: Unit
    aware: bool
    findings: list[Finding] = field(default_factory=list)
    netted: int = 0
    timezone: str | None = None
    source_timezone: str | None = None
    stamps: Literal["start", "end"] | None = None
