"""``programs``: the catalogue of programs, to make it the utility's own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, Config, Force, app

programs = typer.Typer(help="The catalogue of programs, to make it your own.", no_args_is_help=True)
app.add_typer(programs, name="programs", rich_help_panel=MORE)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Catalogue (TOML).", show_default=False)]


@programs.command("list")
def list_(
    catalogue: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Catalogue (default: the shipped one).", show_default=False),
    ] = None,
) -> None:
    """Name every program with its effect, its source and whom it is for.

    Example: `reporter programs list`
    """
    from reporter.targets.catalogue import read_catalogue
    from reporter.targets.eligibility import describe

    for program in read_catalogue(catalogue).program:
        sys.stdout.write(f"{program.id}\n    title: {program.title}\n")
        effect, source = program.effect, program.source
        if effect is None:
            sys.stdout.write("    effect: not quantified\n")
        else:
            unit = {
                "share-of-load": "of load",
                "share-of-end-use": f"of {effect.end_use} load",
                "kw-per-enrolment": "kW",
            }
            sys.stdout.write(
                f"    effect: {effect.value:g} {unit[effect.basis]} ({effect.low:g} to {effect.high:g})\n"
            )
        if source is not None:
            sys.stdout.write(
                f"    source: {source.citation}{' (vendor’s claim)' if source.vendor_claim else ''}\n"
            )
        sys.stdout.write(f"    labels: {', '.join(program.labels) or 'any'}\n")
        if whom := describe(program):
            sys.stdout.write(f"    for: customers {whom}\n")


@programs.command()
def export(file: File, force: Force = False) -> None:
    """Write the shipped catalogue to a file, to edit and give with `--programs`.

    Example: `reporter programs export programs.toml`
    """
    from reporter.errors import UsageError
    from reporter.targets.catalogue import shipped

    if file.exists() and not force:
        raise UsageError(f"{file}: is there already; choose another name, or replace it with --force.")
    try:
        file.write_text(shipped().read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: can't be written ({error.strerror}); choose another place.") from error
    sys.stdout.write(f"{file}\n")
    sys.stderr.write(
        f"check it with `reporter programs check {file}`, and give it with `--programs {file}`.\n"
    )


@programs.command()
def check(file: File, config: Config = None) -> None:
    """Find what is wrong with a catalogue, with file and line; exit with 3 where something is.

    Example: `reporter programs check programs.toml`
    """
    from reporter.settings import resolve
    from reporter.targets.catalogue import read_catalogue

    labels = resolve({}, config).settings.labels
    catalogue = read_catalogue(file, {labels.otherwise, *(rule.label for rule in labels.rules)})
    sys.stdout.write(f"{len(catalogue.program)} programs, {len(catalogue.quantified)} with an effect\n")
