"""``doctor``: what this machine has and lacks."""

import json
import sys
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from reporter.cli.app import MORE, Json, Verbose, app

if TYPE_CHECKING:
    from reporter.doctor import Diagnosis


@app.command(rich_help_panel=MORE)
def doctor(as_json: Json = False, verbose: Verbose = False) -> None:
    """Say what this machine has and lacks, and the one command that mends it; exit with 1 where something is missing.

    Example: `reporter doctor`
    """
    from reporter.doctor import examine

    diagnosis = examine()
    sys.stdout.write(_as_json(diagnosis) if as_json else _as_text(diagnosis))
    if not diagnosis.ok:
        raise typer.Exit(1)


def _as_json(diagnosis: "Diagnosis") -> str:
    result = {
        "ok": diagnosis.ok,
        "command": diagnosis.command or None,
        "checks": [asdict(check) for check in diagnosis.checks],
    }
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _as_text(diagnosis: "Diagnosis") -> str:
    width = max(len(check.name) for check in diagnosis.checks)
    lines = []
    for group, checks in groupby(diagnosis.checks, key=lambda check: check.group):
        lines += [
            group,
            *(f"  {check.status:8}  {check.name:{width}}  {check.detail}" for check in checks),
            "",
        ]
    command = diagnosis.command
    if diagnosis.ok:
        lines.append("Everything needed is there.")
        lines += [f"What is optional comes with: {command}"] if command else []
    else:
        names = ", ".join(check.name for check in diagnosis.missing)
        lines.append(f"Missing: {names}.")
        lines.append(f"Mend it with: {command}" if command else "The lines above say what each needs.")
    return "\n".join(lines) + "\n"
