"""Names of a run's segments and programs: by id, title or label. They are data; nothing else is read into them."""

import re
from typing import Any

from reporter.assistant.view import View


def plain(text: str) -> str:
    """A name without case, hyphens and other marks."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def find_segment(view: View, name: str) -> int | None:
    """Index of the segment with this id, title or label; None where there is none, or a label that several have."""
    wanted = plain(name)
    for key in ("segment_id", "title", "label"):
        found = [place for place, row in enumerate(view.segments) if plain(row[key]) == wanted]
        if len(found) == 1:
            return found[0]
    return None


def programs(view: View) -> dict[str, str]:
    """Program ids of a run to their titles."""
    rows: list[dict[str, Any]] = view.facts["targets"]["programs"]
    known = {row["program"]: row["title"] for row in rows}
    for match in view.facts["targets"].get("matches", []):
        if match["program"] and match["program_title"]:
            known.setdefault(match["program"], match["program_title"])
        if match["second_program"]:
            known.setdefault(
                match["second_program"], str(match["second_program"]).replace("-", " ").capitalize()
            )
    return known


def find_program(view: View, name: str) -> str | None:
    """Id of the program with this id or title."""
    wanted = plain(name)
    for program, title in programs(view).items():
        if wanted in (plain(program), plain(title)):
            return program
    return None
