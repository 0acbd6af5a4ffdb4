"""``customer``: one customer's page."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, OUTPUT, Config, app
from reporter.cli.generate import Locale, Templates, Theme


@app.command(rich_help_panel=MORE)
def customer(
    run: Annotated[Path, typer.Argument(help="Run folder.", show_default=False)],
    customer_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[CUSTOMER_ID]",
            help="As in the readings; without it, a page over all.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The page (default: in the run's folder customers).", rich_help_panel=OUTPUT),
    ] = None,
    templates: Templates = None,
    theme: Theme = None,
    locale: Locale = None,
    config: Config = None,
) -> None:
    """Write a page about one customer: load, devices, share of the peak, and why it is a target or not.

    Without an id it writes a page over the run's customers, to find one. Both name customers: they are for the
    utility's own use.

    Example: `reporter customer reports/2026Q3 C10091381`
    """
    from reporter.report.customer import write_customer
    from reporter.report.customers import write_customers
    from reporter.settings import resolve

    flags = {"output.templates": templates, "output.theme": theme, "output.locale": locale}
    output = resolve(flags, config).settings.output
    page = (
        write_customers(run, out, output)
        if customer_id is None
        else write_customer(run, customer_id, out, output)
    )
    sys.stdout.write(f"{page}\n")
