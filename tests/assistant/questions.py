"""Questions with what they ask for, and how they are scored."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reporter.assistant.answer import Reply
from reporter.assistant.asking import Assistant
from reporter.assistant.queries import queries
from reporter.assistant.view import View, open_run

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Question:
    ask: str
    expect: list[dict[str, Any]]
    after: str | None = None
    who: str = ""


def read(name: str) -> list[Question]:
    """The questions of a file; an unknown query, argument or key is an error of the file."""
    content = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    found = [Question(**row) for row in content["question"]]
    for question in found:
        for part in question.expect:
            full(part)
    return found


SCORED = "questions_scored.toml"


def batches() -> dict[str, list[Question]]:
    """The questions of development by batch: those of one file were written at one time by one author."""
    return {
        path.stem: read(f"development/{path.name}") for path in sorted((HERE / "development").glob("*.toml"))
    }


def development() -> list[Question]:
    """All questions of development."""
    return [question for batch in batches().values() for question in batch]


def every() -> list[Question]:
    """All questions: those of development, and the scored ones where there are such."""
    return development() + (read(SCORED) if (HERE / SCORED).is_file() else [])


def full(part: dict[str, Any]) -> dict[str, Any]:
    """An expected query with all its arguments, those left out at their default."""
    arguments = {name: value for name, value in part.items() if name != "query"}
    model = queries()[part["query"]].arguments
    return {"query": part["query"], **model.model_validate(arguments).model_dump()}


@cache
def _assistant(folder: Path) -> Assistant:
    return Assistant(open_run(folder))


def reply(view: View, question: Question) -> Reply:
    """The reply to a question, in a conversation of its own."""
    return _replied(view.folder, question.ask, question.after)


@cache
def _replied(folder: Path, ask: str, after: str | None) -> Reply:
    assistant = _assistant(folder)
    assistant.context = None
    if after is not None:
        assistant.ask(after)
    return assistant.ask(ask)


def right(question: Question, found: Reply) -> bool:
    """Every part as expected, with all its arguments; an unanswerable question is refused."""
    asked = [full({"query": answer.query, **answer.arguments}) for answer in found.answers]
    return asked == [full(part) for part in question.expect]
