"""The audit alone → one page, in the design of the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from reporter.facts import Period, Quality
from reporter.facts.model import CheckResult
from reporter.figures.audit import draw_audit
from reporter.findings import Severity
from reporter.report.context import FigureView, FindingGroup, Medium, Placed, figure_views
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.settings import OutputSettings

_SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "info")


@dataclass(frozen=True)
class AuditContext:
    """Everything that ``audit.html.j2`` can show, as ``report``."""

    quality: Quality
    period: Period
    theme: Theme
    medium: Medium
    paper: str
    title: str
    segments: Sequence[Placed]
    """None: an audit knows no segments."""
    findings: list[FindingGroup]
    """Most serious first."""
    found: list[CheckResult]
    """Checks that found customers, most serious first."""
    clear: list[CheckResult]
    """Checks that found none."""
    left_out: int
    figures: dict[str, FigureView]


def render_audit(quality: Quality, period: Period, output: OutputSettings) -> str:
    """The page.

    Raises:
        UsageError: a template or the theme is wrong.
    """
    theme = load_theme(output)
    drawn = draw_audit(quality, theme.palette, theme.people)
    context = AuditContext(
        quality=quality,
        period=period,
        theme=theme,
        medium="screen",
        paper=output.paper,
        title="Data audit",
        segments=(),
        findings=[
            FindingGroup(severity, chosen)
            for severity in _SEVERITIES
            if (chosen := [finding for finding in quality.findings if finding.severity == severity])
        ],
        found=sorted(
            (check for check in quality.checks if check.customers),
            key=lambda check: (_SEVERITIES.index(check.severity), -check.customers),
        ),
        clear=[check for check in quality.checks if not check.customers],
        left_out=quality.customers_read - quality.customers_used,
        figures=figure_views(drawn),
    )
    return render_page("audit.html.j2", context, output.templates)
