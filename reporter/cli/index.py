"""``index``: a page over a folder of runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, Config, app
from reporter.cli.generate import Locale, Templates, Theme


@app.command(rich_help_panel=MORE)
def index(
    reports: Annotated[
        Path,
        typer.Argument(metavar="REPORTS_DIR", help="Folder of runs and comparisons.", show_default=False),
    ],
    templates: Templates = None,
    theme: Theme = None,
    locale: Locale = None,
    config: Config = None,
) -> None:
    """Write index.html over a folder of runs: what each says, and where its pages are.

    Example: `reporter index reports`
    """
    from reporter.report.index import write_index
    from reporter.settings import resolve

    flags = {"output.templates": templates, "output.theme": theme, "output.locale": locale}
    sys.stdout.write(f"{write_index(reports, resolve(flags, config).settings.output)}\n")
