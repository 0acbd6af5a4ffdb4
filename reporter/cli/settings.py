"""``config``: settings and where each came from."""

import sys

import typer

from reporter.cli.app import MORE, Config, app

config = typer.Typer(help="Settings of a run, and where each came from.", no_args_is_help=True)
app.add_typer(config, name="config", rich_help_panel=MORE)


@config.command()
def show(config_file: Config = None) -> None:
    """Print every setting with its value and origin.

    Example: `reporter config show`
    """
    from reporter.settings import names, resolve

    resolved = resolve(config_file=config_file)
    for name in names():
        value: object = resolved.settings
        for part in name.split("."):
            value = getattr(value, part)
        sys.stdout.write(f"{name} = {value!r}  ({resolved.origins.get(name, 'default')})\n")
