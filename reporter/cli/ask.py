"""``ask``: one answer from a run folder."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from reporter.cli.app import MORE, Against, Json, app


@app.command(rich_help_panel=MORE)
def ask(
    run: Annotated[Path, typer.Argument(help="Run folder.", show_default=False)],
    question: Annotated[str, typer.Argument(help="In plain English, in quotes.", show_default=False)],
    against: Against = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show how the question was read, and the facts behind the answer."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Answer a question about a run, from its folder alone.

    A question that can't be answered is told so, with the three nearest that can; that is no error.

    Example: `reporter ask reports/2026Q3 "Which segment has the highest load at the peak?"`
    """
    from reporter.assistant.asking import Assistant
    from reporter.assistant.view import compared, open_run

    view = open_run(run)
    reply = Assistant(view if against is None else compared(view, against)).ask(question)
    if as_json:
        sys.stdout.write(json.dumps(reply.as_json(), ensure_ascii=False, indent=1) + "\n")
        return
    from reporter.assistant.show import shown

    sys.stdout.write(shown(reply, explain=explain))
