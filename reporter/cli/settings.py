"""``config``: settings and where each came from."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from reporter.cli.app import MORE, OUTPUT, Config, Json, app
from reporter.errors import UsageError

config = typer.Typer(help="Settings of a run, and where each came from.", no_args_is_help=True)
app.add_typer(config, name="config", rich_help_panel=MORE)

_WIDEST = 44
"""Longer values stand out of their column, so that they don't push the others apart."""


@config.command()
def show(config_file: Config = None, as_json: Json = False) -> None:
    """Print every setting with its value and where that came from.

    Example: `reporter config show`
    """
    from reporter.settings import names, resolve
    from reporter.settings_file import as_toml

    resolved = resolve(config_file=config_file)
    origins = {name: resolved.origins.get(name, "default") for name in names()}
    if as_json:
        tree = resolved.settings.model_dump(mode="json")
        result = {name: {"value": _at(tree, name), "origin": origin} for name, origin in origins.items()}
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
        return
    tree = resolved.settings.model_dump()
    found = {name: _at(tree, name) for name in origins}
    values = {name: "not given" if value is None else as_toml(value) for name, value in found.items()}
    first = max(map(len, values))
    second = max(len(value) for value in values.values() if len(value) <= _WIDEST)
    lines = [f"{name:{first}}  {values[name]:{second}}  {origin}" for name, origin in origins.items()]
    sys.stdout.write("\n".join(lines) + "\n")


@config.command()
def init(
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.", rich_help_panel=OUTPUT)] = Path(
        "reporter.toml"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Write a settings file to begin with: every setting, what it means, and its default commented out.

    Example: `reporter config init`
    """
    from reporter.settings_file import settings_template

    if out.is_dir():
        raise UsageError(f"{out}: is a folder; give a file with --out.")
    try:
        with out.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(settings_template())
    except FileExistsError as error:
        raise UsageError(
            f"{out}: is there already; choose another --out, or replace it with --force."
        ) from error
    except OSError as error:
        raise UsageError(f"{out}: can't be written ({error.strerror}); choose another --out.") from error
    sys.stdout.write(f"{out}\n")


def _at(tree: Any, name: str) -> Any:
    for part in name.split("."):
        tree = tree[part]
    return tree
