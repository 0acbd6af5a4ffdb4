"""Comparison → ``comparison.html`` and ``comparison.pdf``, in the design of the report."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from reporter.facts import Comparison
from reporter.figures import draw_change, write_figures
from reporter.report.change import ChangeView, change_view
from reporter.report.context import FigureView, Medium, figure_views
from reporter.report.pdf import start_pdf
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.resources import Term, glossary
from reporter.settings import OutputSettings

_TERMS = (
    "migration",
    "noise floor",
    "segment",
    "load shape",
    "coincident load",
    "load above baseload",
    "peak hours",
)


@dataclass(frozen=True)
class Place:
    """A segment's place in the colours, from 1."""

    place: int


@dataclass(frozen=True)
class ComparisonContext:
    """Everything that ``comparison.html.j2`` can show, as ``report``."""

    change: ChangeView
    theme: Theme
    medium: Medium
    paper: str
    title: str
    made: str | None
    segments: list[Place]
    figures: dict[str, FigureView]
    glossary: list[Term]


def render_comparison(folder: Path, comparison: Comparison, output: OutputSettings) -> list[Path]:
    """Write the pages and figures of a comparison into a folder; returns the files.

    Raises:
        UsageError: a template or the theme is wrong.
        RenderingError: the PDF could not be made; the rest is there.
    """
    theme = load_theme(output)
    end = datetime.combine(comparison.periods[-1].end, time(), UTC)
    pdf = folder / "comparison.pdf"
    maker = start_pdf(pdf, int(end.timestamp())) if "pdf" in output.formats else None
    try:
        drawn = draw_change(comparison, theme.palette, theme.people)
        figures = figure_views(drawn)
        written = []
        if maker is not None:
            context = _context(comparison, theme, figures, "print", output.paper)
            maker.feed(render_page("comparison.html.j2", context, output.templates))
        if "html" in output.formats:
            context = _context(comparison, theme, figures, "screen", output.paper)
            page = render_page("comparison.html.j2", context, output.templates)
            (folder / "comparison.html").write_text(page, encoding="utf-8")
            written.append(folder / "comparison.html")
        written += write_figures(drawn, folder / "figures", theme.palette)
    except BaseException:
        if maker is not None:
            maker.cancel()
        raise
    if maker is not None:
        written.append(maker.wait())
    return written


def _context(
    comparison: Comparison, theme: Theme, figures: dict[str, FigureView], medium: Medium, paper: str
) -> ComparisonContext:
    change = change_view(comparison)
    made = os.environ.get("SOURCE_DATE_EPOCH", "")
    colours = max([*change.places, *(view.place for view in change.matches)])
    return ComparisonContext(
        change=change,
        theme=theme,
        medium=medium,
        paper=paper,
        title="Quarter against quarter",
        made=datetime.fromtimestamp(int(made), UTC).date().isoformat() if made.isdecimal() else None,
        segments=[Place(place) for place in range(1, colours + 1)],
        figures=figures,
        glossary=[term for term in glossary() if term.term in _TERMS],
    )
