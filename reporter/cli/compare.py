"""``compare``: quarter against quarter."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import FIRST, OUTPUT, Config, Force, Quiet, Verbose, app
from reporter.cli.generate import Formats, Locale, Paper, Templates, Theme, finish, split_formats
from reporter.cli.progress import progress


@app.command(rich_help_panel=FIRST)
def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders, two or more, oldest first.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.", rich_help_panel=OUTPUT)],
    id_map: Annotated[
        Path | None,
        typer.Option(help="Old and new ids (old_id, new_id), where customers were renumbered."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
    formats: Formats = None,
    paper: Paper = None,
    templates: Templates = None,
    theme: Theme = None,
    locale: Locale = None,
    config: Config = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Compare runs: which segments correspond, who moved, what is new, and what is more than noise.

    Example: `reporter compare reports/2026Q2 reports/2026Q3 --out reports/2026Q2-Q3`
    """
    from reporter.pipeline import compare_runs
    from reporter.settings import resolve

    flags = {
        "seed": seed,
        "output.formats": split_formats(formats),
        "output.paper": paper,
        "output.templates": templates,
        "output.theme": theme,
        "output.locale": locale,
    }
    missing = compare_runs(
        runs,
        out,
        resolve(flags, config).settings,
        id_map=id_map,
        force=force,
        command=shlex.join(["reporter", *sys.argv[1:]]),
        progress=progress(quiet),
    )
    finish(out, missing)
