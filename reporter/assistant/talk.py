"""A conversation about a run: its turns, and the same as Markdown."""

import re
from dataclasses import dataclass, field

from reporter.assistant.answer import Reply
from reporter.assistant.answering import example
from reporter.assistant.asking import Assistant
from reporter.assistant.queries import queries
from reporter.assistant.view import View


@dataclass
class Talk:
    """Questions and replies, in order."""

    view: View
    turns: list[Reply] = field(default_factory=list)
    assistant: Assistant = field(init=False)

    def __post_init__(self) -> None:
        self.assistant = Assistant(self.view)

    def ask(self, question: str) -> Reply:
        """The reply; the question may lean on those before."""
        reply = self.assistant.ask(question)
        self.turns.append(reply)
        return reply

    def completions(self, text: str) -> list[str]:
        """Questions that go on from a text."""
        asked = [reply.question for reply in self.turns]
        offered = [example(self.view, query.name) for query in queries().values() if not query.of_customers]
        begun = text.casefold()
        return [line for line in dict.fromkeys((*asked, *offered)) if line.casefold().startswith(begun)]

    def markdown(self) -> str:
        """The conversation as Markdown."""
        parts = [f"# Questions about {_plain(str(self.view.get('period.label')))}\n"]
        for reply in self.turns:
            parts.append(f"**{_plain(reply.question)}**\n\n{_plain(reply.text)}\n")
            parts += [
                _table(answer.table.columns, answer.table.rows)
                for answer in reply.answers
                if answer.table is not None
            ]
            paths = [fact.path for answer in reply.answers for fact in answer.facts]
            if paths:
                parts.append(
                    f"<small>Facts: {', '.join(f'`{path}`' for path in paths[:8])}{' …' if len(paths) > 8 else ''}</small>\n"
                )
        return "\n".join(parts)


_FIGURE = re.compile(
    r"\s*(?:please\s+)?(?:(?:can|could) (?:i|you) )?(?:show|open|see|display|plot|view)\s+(?:me\s+)?(?:it|that|this|(?:the|its|that|this)\s+(?:figure|chart|plot|picture|graph|diagram))(?:\s+please)?\W*",
    re.IGNORECASE,
)
_BLOCKS = " ▁▂▃▄▅▆▇█"


def wants_figure(line: str) -> bool:
    """“Show me the figure”: that of the last answer."""
    return _FIGURE.fullmatch(line) is not None


def drawn(talk: Talk) -> str:
    """The mean load by hour of the segment that the last answer is about; of all segments where it is about none."""
    asked = [answer.arguments for reply in talk.turns[-1:] for answer in reply.answers]
    wanted = {
        str(given[name]) for given in asked for name in ("segment", "first", "second") if given.get(name)
    }
    rows = [row for row in talk.view.segments if not wanted or row["segment_id"] in wanted]
    width = max((len(_printable(row["title"])) for row in rows), default=0)
    lines = [f"{_printable(row['title']).ljust(width)}  {_blocks(row['profile_kw'])}" for row in rows]
    return "".join(
        f"  {line}\n"
        for line in [
            *lines,
            " " * (width + 2) + "0     6     12    18",
            "Mean load by hour; each row has a scale of its own.",
        ]
    )


def _blocks(values: list[float]) -> str:
    low, high = min(0.0, *values), max(values)
    return "".join(_BLOCKS[round((value - low) / (high - low) * 8) if high > low else 0] for value in values)


def _printable(text: object) -> str:
    return "".join(c if c.isprintable() else " " for c in str(text))


def _table(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join(
        f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: titles and ids are data."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    for mark in "\\`*_<>[]#":
        line = line.replace(mark, f"\\{mark}")
    return line
