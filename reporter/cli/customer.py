"""``customer``: one customer's page."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, OUTPUT, Config, app
from reporter.cli.generate import Templates, Theme


@app.command(rich_help_panel=MORE)
def customer(
    run: Annotated[Path, typer.Argument(help="Run folder.", show_default=False)],
    customer_id: Annotated[
        str, typer.Argument(metavar="CUSTOMER_ID", help="As in the readings.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The page (default: in the run's folder customers).", rich_help_panel=OUTPUT),
    ] = None,
    templates: Templates = None,
    theme: Theme = None,
    config: Config = None,
) -> None:
    """Write a page about one customer: load, devices, share of the peak, and why it is a target or not.

    The page names a customer: it is for the utility's own use.

    Example: `reporter customer reports/2026Q3 C10091381`
    """
    from reporter.report.customer import write_customer
    from reporter.settings import resolve

    flags = {"output.templates": templates, "output.theme": theme}
    sys.stdout.write(f"{write_customer(run, customer_id, out, resolve(flags, config).settings.output)}\n")
