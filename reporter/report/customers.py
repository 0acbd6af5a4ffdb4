"""A run → a page over its customers, for an analyst: who is where, and which pages there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from reporter.errors import UsageError
from reporter.facts import Facts
from reporter.report.build import period_name
from reporter.report.context import Medium, Placed
from reporter.report.customer import FOLDER, page_name
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.run import read_run, write_text
from reporter.settings import OutputSettings

MOST = 1000
"""Customers on the page: more make it slow to open, and customers.parquet has them all."""
_COLUMNS = (
    "customer_id", "segment_id", "exclusion_reason", "coincident_kw", "mean_kw", "target_rank", "not_target_reason",
)  # fmt: skip


@dataclass(frozen=True)
class CustomerLine:
    """A customer of the page."""

    customer_id: str
    segment: str | None
    """Title of its segment; None where it was left out."""
    coincident_kw: float | None
    mean_kw: float | None
    rank: int | None
    """Place in the order of those who could be offered a program; the list ends before the last of them."""
    group: str | None
    """``offer`` or ``holdout`` for those on the list."""
    reason: str | None
    """Why it is not on the list, or in no segment: a stable name."""
    href: str | None
    """Its page, where it was written."""


@dataclass(frozen=True)
class CustomersContext:
    """Everything that ``customers.html.j2`` can show, as ``report``."""

    facts: Facts
    lines: list[CustomerLine]
    """Those who could be offered a program in their order, the list first; then the others by their load in the peak hours, the largest first."""
    read: int
    """Customers of the run."""
    period_name: str
    title: str
    theme: Theme
    medium: Medium
    paper: str
    segments: Sequence[Placed]
    """None: rows name segments without their colours."""


def write_customers(folder: Path, out: Path | None, output: OutputSettings) -> Path:
    """Write the page over a run's customers; returns it.

    Args:
        folder: the run.
        out: the page; by default ``index.html`` in the run's folder ``customers``.
        output: templates and theme.

    Raises:
        UsageError: no such run, or the page can't be written.
        DataError: a file of the run is missing or broken.
    """
    run = read_run(folder)
    theme = load_theme(output)
    page = out if out is not None else folder / FOLDER / "index.html"
    frame = run.customer_columns(_COLUMNS)
    shown = frame.sort_values(
        ["target_rank", "coincident_kw", "customer_id"], ascending=[True, False, True], na_position="last"
    ).head(MOST)
    groups = dict(zip(*(run.targets[name].tolist() for name in ("target_id", "group")), strict=True))
    titles = {segment.segment_id: segment.title for segment in run.facts.segments}
    context = CustomersContext(
        facts=run.facts,
        lines=[_line(row, titles, groups, folder, page.parent) for row in shown.to_dict("records")],
        read=len(frame),
        period_name=period_name(run.facts.period, theme),
        title=theme.customers.capitalize(),
        theme=theme,
        medium="screen",
        paper=output.paper,
        segments=(),
    )
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{page.parent}: can't be written ({error.strerror}); give --out.") from error
    write_text(page, render_page("customers.html.j2", context, output.templates))
    return page


def _line(
    row: dict[Any, Any], titles: dict[str, str], groups: dict[str, str], folder: Path, beside: Path
) -> CustomerLine:
    found = {name: None if pd.isna(value) else value for name, value in row.items()}
    name = page_name(str(found["customer_id"]))
    written = (folder / FOLDER / name).is_file()
    place = (folder / FOLDER / name).resolve()
    href = place.name if place.parent == beside.resolve() else place.as_uri()
    return CustomerLine(
        customer_id=str(found["customer_id"]),
        segment=None if found["segment_id"] is None else titles.get(str(found["segment_id"])),
        coincident_kw=found["coincident_kw"],
        mean_kw=found["mean_kw"],
        rank=None if found["target_rank"] is None else int(found["target_rank"]),
        group=groups.get(str(found["customer_id"])),
        reason=found["exclusion_reason"] or found["not_target_reason"],
        href=quote(href, safe=":/") if written else None,
    )
