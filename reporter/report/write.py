"""The report's files in a run folder."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.beside import Beside
from reporter.facts import Facts
from reporter.report.drawing import share
from reporter.report.pdf import start_pdf
from reporter.report.render import render_html, render_summary
from reporter.report.theme import load_theme
from reporter.run import FIGURES, HTML, RENDERED
from reporter.settings import OutputSettings

if TYPE_CHECKING:
    import pandas as pd


def write_report(
    folder: Path,
    facts: Facts,
    profiles: "pd.DataFrame",
    output: OutputSettings,
    targets: "pd.DataFrame | None" = None,
    beside: Beside | None = None,
) -> list[Path]:
    """``report.html``, ``report.pdf``, ``summary.pdf`` (as the settings' formats say) and ``figures/`` in a folder; returns the files.

    Figures and HTML are written before the PDF is waited for, so they are there when it fails.

    Args:
        folder: where the files go.
        facts: of the run.
        profiles: ``profiles.parquet``, one row a customer used.
        output: formats, templates, theme, paper.
        targets: the columns of ``targets.csv``, for the list on screen.
        beside: a second process (``drawing``) that draws half of the figures; what the folder holds is what it draws from.

    Raises:
        UsageError: a template or the theme is wrong.
        RenderingError: a PDF could not be made; everything else is there.
    """
    theme = load_theme(output)
    wanted = [name for name in ("pdf", "summary") if name in output.formats]
    makers = {name: start_pdf(folder / RENDERED[name], created_epoch(facts)) for name in wanted}
    try:
        drawing = share(folder, facts, profiles, output, theme, beside)
        drawn = drawing.wide()
        written = []
        if "pdf" in makers:
            makers["pdf"].feed(render_html(facts, drawn, output, medium="print", theme=theme))
        if "summary" in makers:
            makers["summary"].feed(render_summary(facts, drawn, output, theme))
        # The layout engine is at work by now: what only the screen needs is drawn beside it.
        if "html" in output.formats:
            drawn = drawing.with_twins(drawn)
            # ``render`` writes into a run folder that is in use: the old page stays until the new one is whole.
            part = folder / f"{HTML}.part"
            try:
                part.write_text(
                    render_html(facts, drawn, output, theme=theme, targets=targets), encoding="utf-8"
                )
                part.replace(folder / HTML)
            finally:
                part.unlink(missing_ok=True)
            written.append(folder / HTML)
        written += drawing.write(drawn, folder / FIGURES)
        written += [maker.wait() for maker in makers.values()]
    except BaseException:
        for maker in makers.values():
            maker.cancel()
        raise
    return written


def created_epoch(facts: Facts) -> int:
    """The end of the period as seconds since 1970: what stands for the time of making."""
    return int(datetime.combine(facts.period.end, time(), UTC).timestamp())
