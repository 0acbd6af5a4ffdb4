"""``mcp``: a folder of runs for chat clients."""

from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, app
from reporter.errors import UsageError


@app.command(rich_help_panel=MORE)
def mcp(
    reports: Annotated[
        Path, typer.Argument(metavar="REPORTS_DIR", help="Folder of runs.", show_default=False)
    ],
    customers: Annotated[
        bool, typer.Option("--customers", help="Also answer what is about single customers.")
    ] = False,
) -> None:
    """Serve a folder of runs to chat clients (Model Context Protocol, standard input and output). It only reads.

    Needs `pip install 'reporter[mcp]'`. docs/assistant.md has the lines that clients need.

    Example: `reporter mcp reports`
    """
    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder; give the folder that holds the runs.")
    try:
        from reporter.assistant.server import make_server
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise UsageError("the package 'mcp' is not installed; run pip install 'reporter[mcp]'.") from error
    make_server(reports, customers=customers).run("stdio")
