"""The report's files in a run folder."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.facts import Facts
from reporter.figures import draw_all, write_figures
from reporter.report.pdf import start_pdf
from reporter.report.render import render_html
from reporter.report.theme import load_theme
from reporter.settings import OutputSettings

if TYPE_CHECKING:
    import pandas as pd


def write_report(folder: Path, facts: Facts, profiles: "pd.DataFrame", output: OutputSettings) -> list[Path]:
    """``report.html``, ``report.pdf`` (as the settings' formats say) and ``figures/`` in a folder; returns the files.

    Figures and HTML are written before the PDF is waited for, so they are there when it fails.

    Raises:
        UsageError: a template or the theme is wrong.
        RenderingError: the PDF could not be made; everything else is there.
    """
    theme = load_theme(output)
    maker = start_pdf(folder / "report.pdf", created_epoch(facts)) if "pdf" in output.formats else None
    try:
        drawn = draw_all(facts, profiles, theme.palette)
        written = []
        if maker is not None:
            maker.feed(render_html(facts, drawn, output, medium="print", theme=theme))
        if "html" in output.formats:
            html = render_html(facts, drawn, output, theme=theme)
            (folder / "report.html").write_text(html, encoding="utf-8")
            written.append(folder / "report.html")
        written += write_figures(drawn, folder / "figures", theme.palette)
    except BaseException:
        if maker is not None:
            maker.cancel()
        raise
    if maker is not None:
        written.append(maker.wait())
    return written


def created_epoch(facts: Facts) -> int:
    """The end of the period as seconds since 1970: what stands for the time of making."""
    return int(datetime.combine(facts.period.end, time(), UTC).timestamp())
