"""``templates``: make the report your own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, Config, app
from reporter.cli.generate import Theme

templates = typer.Typer(help="Templates of the report, to make it your own.", no_args_is_help=True)
app.add_typer(templates, name="templates", rich_help_panel=MORE)


@templates.command("list")
def list_() -> None:
    """Name every template with its blocks and macros.

    Example: `reporter templates list`
    """
    from reporter.report.templates import list_templates

    for file in list_templates():
        sys.stdout.write(f"{file.name}\n")
        for word, values in (
            ("about", [file.about] if file.about else []),
            ("blocks", file.blocks),
            ("macros", file.macros),
        ):
            if values:
                sys.stdout.write(f"    {word}: {', '.join(values)}\n")


@templates.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.", show_default=False)],
    example: Annotated[
        str | None,
        typer.Option(help="Copy an example theme instead: compact or brand.", show_default=False),
    ] = None,
) -> None:
    """Copy the templates and the theme into a folder; keep what you change and delete the rest.

    Two examples show what a folder can change: compact (fewer pages, legible in black and white) and brand (a utility's
    own logo, colours and words, and a section of its own).

    Example: `reporter templates export my-templates`
    """
    from reporter.report.templates import export_templates

    written = export_templates(out, example)
    sys.stdout.write(f"{out}\n")
    sys.stderr.write(f"{len(written)} files; try them with `reporter render RUN --templates {out}`.\n")


@templates.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of templates.", show_default=False)],
    run: Annotated[
        Path | None,
        typer.Option(help="Run folder to render with (default: the sample's).", show_default=False),
    ] = None,
    theme: Theme = None,
    config: Config = None,
) -> None:
    """Find what is wrong with a folder of templates, with file and line, and render it once; exit with 2 where something is.

    Example: `reporter templates check my-templates`
    """
    from reporter.errors import UsageError
    from reporter.figures import draw_all
    from reporter.report.templates import check_folder
    from reporter.report.theme import load_theme
    from reporter.resources import sample_run
    from reporter.run import read_run
    from reporter.settings import OutputSettings, resolve

    output = resolve({"output.theme": theme}, config).settings.output
    read = read_run(run or sample_run())
    try:
        loaded = load_theme(output.model_copy(update={"templates": folder}))
    except UsageError:
        loaded = load_theme(OutputSettings())  # a problem of the folder, which the check names
    figures = draw_all(read.facts, read.profiles, loaded.palette, loaded.people)
    problems = check_folder(folder, read.facts, figures, output, read.target_list())
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if problems:
        raise typer.Exit(2)
    sys.stderr.write(f"{folder}: nothing wrong was found.\n")
