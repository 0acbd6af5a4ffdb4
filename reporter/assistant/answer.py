"""An answer, and the one way to put a number into it: by the path of the fact, which is kept beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from reporter.assistant.view import View
from reporter.words import MONTHS, kw, percent


@dataclass(frozen=True)
class Fact:
    """What an answer stands on."""

    path: str
    """In ``facts.json``, such as ``segments.0.share``; or ``customers.parquet/ID/column``, ``targets.csv/…``, ``what_if.…``."""
    value: Any


@dataclass(frozen=True)
class Table:
    """A small table beside an answer."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Answer:
    """An answer to one query."""

    query: str
    arguments: dict[str, Any]
    answered: bool
    text: str
    facts: tuple[Fact, ...] = ()
    section: str | None = None
    """Section of the report where more is said, by its name in templates."""
    figure: str | None = None
    """Figure that shows it, by its name."""
    table: Table | None = None


class Teller:
    """Formats facts for a sentence and notes which they were. No number gets into an answer by another way."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.facts: list[Fact] = []

    def note(self, path: str, value: Any) -> Any:
        """Note a value that is no part of ``facts.json``."""
        fact = Fact(path, value)
        if fact not in self.facts:
            self.facts.append(fact)
        return value

    def raw(self, path: str) -> Any:
        """The fact, noted."""
        return self.note(path, self.view.get(path))

    def count(self, path: str, one: str = "", many: str | None = None) -> str:
        """A count, with its noun where one is given."""
        number = int(self.raw(path))
        noun = f" {one if number == 1 else many or one + 's'}" if one else ""
        return f"{number:,}{noun}"

    def kw(self, path: str) -> str:
        """A load with its unit."""
        return kw(float(self.raw(path)))

    def percent(self, path: str) -> str:
        """A share in percent."""
        share = float(self.raw(path))
        # Never all where it is not quite.
        return "over 99 %" if 0.995 <= share < 1 else percent(share)

    def number(self, path: str, digits: int = 2) -> str:
        """A number without a unit."""
        return plain(float(self.raw(path)), digits)

    def text(self, path: str) -> str:
        """A text of the facts."""
        return str(self.raw(path))

    def sentence(self, path: str) -> str:
        """A text of the facts as a sentence."""
        text = self.text(path).strip()
        return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")

    def hour(self, path: str) -> str:
        """A local hour, as its start."""
        return f"{int(self.raw(path))}:00"

    def day(self, path: str) -> str:
        """A date: 29 July 2026."""
        return spoken(date.fromisoformat(self.raw(path)))

    def moment(self, path: str) -> str:
        """A local time: 29 July 2026 at 19:00."""
        value = datetime.fromisoformat(self.raw(path))
        return f"{spoken(value.date())} at {value.hour}:{value.minute:02d}"

    def answer(
        self,
        text: str,
        *,
        answered: bool = True,
        section: str | None = None,
        figure: str | None = None,
        table: Table | None = None,
    ) -> Answer:
        """The answer made of what was told; query and arguments are filled in by the caller."""
        return Answer("", {}, answered, text, tuple(self.facts), section, figure, table)


def plain(value: float, digits: int = 2) -> str:
    """A number with at most so many decimals."""
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def spoken(day: date) -> str:
    """29 July 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def named(answer: Answer, query: str, arguments: dict[str, Any]) -> Answer:
    """An answer with the query that it answers."""
    return replace(answer, query=query, arguments=arguments)


@dataclass(frozen=True)
class Reply:
    """What comes back to a question."""

    question: str
    answers: tuple[Answer, ...]
    """One for each part of the question; empty where it is not understood."""
    suggestions: tuple[str, ...] = ()
    """Questions that can be answered, nearest first."""
    refusal: str = ""
    """Why there is no answer."""
    explanation: tuple[str, ...] = field(default=())
    """How the question was read, line by line."""

    @property
    def answered(self) -> bool:
        """Whether every part got an answer."""
        return bool(self.answers) and all(answer.answered for answer in self.answers)

    @property
    def text(self) -> str:
        """The answer in plain sentences."""
        return " ".join(answer.text for answer in self.answers) or self.refusal

    def as_json(self) -> dict[str, Any]:
        """As ``ask --json`` prints it."""
        asked = [{"name": answer.query, "arguments": answer.arguments} for answer in self.answers]
        return {
            "answered": self.answered,
            "answer": self.text,
            "query": None if not asked else asked[0] if len(asked) == 1 else asked,
            "facts": [fact.path for answer in self.answers for fact in answer.facts],
            "suggestions": list(self.suggestions),
        }


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of texts."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows))
