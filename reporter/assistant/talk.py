"""A conversation about a run: its turns, and the same as Markdown."""

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
