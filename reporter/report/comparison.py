"""Comparison → ``comparison.html`` and ``comparison.pdf``, in the design of the report."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Literal

from reporter.compare import Comparison, Drift, Match
from reporter.report.context import Medium
from reporter.report.pdf import render_pdf
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.resources import Term, glossary
from reporter.settings import OutputSettings

Case = Literal["unknown", "noise", "change"]

_TERMS = (
    "migration",
    "noise floor",
    "segment",
    "load shape",
    "coincident load",
    "load above baseload",
    "peak hours",
)
_NOTABLE_SHARE = 0.02
"""A share of the customers that changes by less is not in the text."""


@dataclass(frozen=True)
class Place:
    """A segment's place in the colours: from 1, in the older run's order."""

    place: int


@dataclass(frozen=True)
class MatchView:
    """A segment in both periods."""

    match: Match
    place: int
    share_change: float
    coincident: Drift | None
    above: Drift | None
    peak_hour: Drift | None


@dataclass(frozen=True)
class MoveView:
    """Customers who moved from one segment to another."""

    old: str
    new: str
    customers: int
    share: float
    """Of the customers in both periods."""


@dataclass(frozen=True)
class ComparisonContext:
    """Everything that ``comparison.html.j2`` can show, as ``report``."""

    comparison: Comparison
    theme: Theme
    medium: Medium
    paper: str
    title: str
    made: str | None
    segments: list[Place]
    case: Case
    matches: list[MatchView]
    grown: MatchView | None
    """The segment whose share grew most, where that is worth a word."""
    shrunk: MatchView | None
    moves: list[MoveView]
    """The largest moves, at most five."""
    season_differs: bool
    glossary: list[Term]


def render_comparison(folder: Path, comparison: Comparison, output: OutputSettings) -> list[Path]:
    """Write the pages of a comparison into a folder; returns the files.

    Raises:
        UsageError: a template or the theme is wrong.
        RenderingError: the PDF could not be made; the HTML is there.
    """
    theme = load_theme(output)
    written = []
    if "html" in output.formats:
        page = render_page(
            "comparison.html.j2", _context(comparison, theme, "screen", output.paper), output.templates
        )
        (folder / "comparison.html").write_text(page, encoding="utf-8")
        written.append(folder / "comparison.html")
    if "pdf" in output.formats:
        page = render_page(
            "comparison.html.j2", _context(comparison, theme, "print", output.paper), output.templates
        )
        end = datetime.combine(comparison.periods[-1].end, time(), UTC)
        written.append(render_pdf(page, folder / "comparison.pdf", int(end.timestamp())))
    return written


def _context(comparison: Comparison, theme: Theme, medium: Medium, paper: str) -> ComparisonContext:
    migration = comparison.migration
    places = {segment: place for place, segment in enumerate(migration.segments, 1)}
    new_ids = [m.new_segment_id for m in comparison.segments if m.status == "new" and m.new_segment_id]
    fresh = {segment: len(places) + place for place, segment in enumerate(new_ids, 1)}
    matches = [_match(m, places, fresh, comparison.drift) for m in comparison.segments]
    notable = [m for m in matches if abs(m.share_change) >= _NOTABLE_SHARE]
    grown = max(notable, key=lambda m: m.share_change, default=None)
    shrunk = min(notable, key=lambda m: m.share_change, default=None)
    case: Case = "unknown"
    if migration.beyond_noise is not None:
        case = "change" if migration.beyond_noise else "noise"
    made = os.environ.get("SOURCE_DATE_EPOCH", "")
    return ComparisonContext(
        comparison=comparison,
        theme=theme,
        medium=medium,
        paper=paper,
        title="Quarter against quarter",
        made=datetime.fromtimestamp(int(made), UTC).date().isoformat() if made.isdecimal() else None,
        segments=[Place(place) for place in range(1, len(places) + len(fresh) + 1)],
        case=case,
        matches=matches,
        grown=grown if grown is not None and grown.share_change > 0 else None,
        shrunk=shrunk if shrunk is not None and shrunk.share_change < 0 else None,
        moves=_moves(comparison),
        season_differs=any(finding.name == "season-differs" for finding in comparison.findings),
        glossary=[term for term in glossary() if term.term in _TERMS],
    )


def _match(match: Match, places: dict[str, int], fresh: dict[str, int], drift: list[Drift]) -> MatchView:
    own = {d.measure: d for d in drift if d.old_segment_id == match.old_segment_id}
    return MatchView(
        match=match,
        place=places[match.old_segment_id] if match.old_segment_id else fresh[match.new_segment_id or ""],
        share_change=match.new_share - match.old_share,
        coincident=own.get("coincident_kw"),
        above=own.get("above_baseload_kw"),
        peak_hour=own.get("peak_hour"),
    )


def _moves(comparison: Comparison) -> list[MoveView]:
    migration = comparison.migration
    moves = [
        MoveView(migration.titles[i], migration.titles[j], customers, customers / migration.customers)
        for i, row in enumerate(migration.matrix)
        for j, customers in enumerate(row)
        if i != j and customers
    ]
    return sorted(moves, key=lambda move: (-move.customers, move.old, move.new))[:5]
