"""A page over a folder of runs and comparisons: ``index.html``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from reporter.errors import ReporterError, UsageError
from reporter.facts import Facts
from reporter.report.build import period_name
from reporter.report.change import ChangeView, change_view
from reporter.report.context import Medium, Placed
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.run import COMPARISON, FACTS, read_comparison, read_facts
from reporter.settings import OutputSettings

NAME = "index.html"
_PAGES = ("report.html", "report.pdf", "comparison.html", "comparison.pdf")


@dataclass(frozen=True)
class Link:
    """A page of a run."""

    name: str
    """``HTML`` or ``PDF``."""
    href: str
    """Relative to the index."""


@dataclass(frozen=True)
class RunEntry:
    """A run on the page."""

    folder: str
    period_name: str
    facts: Facts
    links: list[Link]
    warnings: int
    """Findings that a reader must know before acting."""


@dataclass(frozen=True)
class ComparisonEntry:
    """A comparison on the page."""

    folder: str
    change: ChangeView
    links: list[Link]


@dataclass(frozen=True)
class IndexContext:
    """Everything that ``index.html.j2`` can show, as ``report``."""

    theme: Theme
    medium: Medium
    paper: str
    title: str
    segments: Sequence[Placed]
    runs: list[RunEntry]
    """The newest period first."""
    comparisons: list[ComparisonEntry]
    unread: list[str]
    """Folders of runs that can't be read, and why."""


def write_index(folder: Path, output: OutputSettings) -> Path:
    """Write ``index.html`` over the runs and comparisons in a folder; returns it.

    Raises:
        UsageError: no such folder, nothing of ours in it, or the page can't be written.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give the one that holds your runs.")
    theme = load_theme(output)
    runs, comparisons, unread = [], [], []
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        try:
            if (path / FACTS).is_file():
                runs.append(_run(path, theme))
            elif (path / COMPARISON).is_file():
                comparisons.append(
                    ComparisonEntry(path.name, change_view(read_comparison(path)), _links(path))
                )
        except ReporterError as error:
            unread.append(str(error).replace(f"{folder}/", "", 1))
    if not runs and not comparisons and not unread:
        raise UsageError(
            f"{folder}: holds no run; give the folder above those that `reporter generate --out` wrote."
        )
    context = IndexContext(
        theme=theme,
        medium="screen",
        paper=output.paper,
        title="Reports",
        segments=[],
        runs=sorted(runs, key=lambda run: (run.facts.period.start, run.folder), reverse=True),
        comparisons=sorted(
            comparisons, key=lambda entry: (entry.change.new.start, entry.folder), reverse=True
        ),
        unread=unread,
    )
    page = folder / NAME
    try:
        page.write_text(render_page("index.html.j2", context, output.templates), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{page}: can't be written ({error.strerror}).") from error
    return page


def _run(path: Path, theme: Theme) -> RunEntry:
    facts = read_facts(path)
    warnings = sum(finding.severity != "info" for finding in facts.quality.findings)
    return RunEntry(path.name, period_name(facts.period, theme), facts, _links(path), warnings)


def _links(path: Path) -> list[Link]:
    return [
        Link(page.rsplit(".", 1)[1].upper(), f"{quote(path.name)}/{page}")
        for page in _PAGES
        if (path / page).is_file()
    ]
