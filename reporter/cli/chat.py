"""``chat``: questions about a run, one after another."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reporter.cli.app import MORE, Against, app
from reporter.errors import UsageError

if TYPE_CHECKING:
    from reporter.assistant.talk import Talk

_COMMANDS = "Ask in plain English. :save FILE writes the conversation as Markdown, :open shows the last answer's figure, :draw draws the load of its segment here, :explain says how the last question was read, :quit ends."


@app.command(rich_help_panel=MORE)
def chat(
    run: Annotated[Path, typer.Argument(help="Run folder.", show_default=False)],
    against: Against = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the conversation to this file as Markdown at the end.")
    ] = None,
) -> None:
    """Ask about a run, one question after another; each may lean on the one before (“and the second one?”).

    Example: `reporter chat reports/2026Q3`
    """
    from reporter.assistant.show import shown
    from reporter.assistant.talk import Talk, drawn, wants_figure
    from reporter.assistant.view import compared, open_run

    view = open_run(run)
    talk = Talk(view if against is None else compared(view, against))
    # Lines from a file or a pipe are answered in turn, without a prompt.
    asked_by_hand = sys.stdin.isatty()
    if asked_by_hand:
        sys.stdout.write(f"{_COMMANDS}\n")
        _complete(talk)
    for line in _lines(asked_by_hand):
        command, _, rest = line.partition(" ")
        if command in (":quit", ":q", "quit", "exit"):
            break
        if command == ":save" and rest.strip():
            _save(talk, Path(rest.strip()))
        elif command == ":open" or wants_figure(line):
            sys.stdout.write(f"{_figure(talk)}\n")
        elif command == ":draw":
            sys.stdout.write(drawn(talk))
        elif command == ":explain":
            sys.stdout.write(
                "".join(f"  {text}\n" for reply in talk.turns[-1:] for text in reply.explanation)
            )
        elif command.startswith(":"):
            sys.stdout.write(f"{_COMMANDS}\n")
        else:
            if not asked_by_hand:
                sys.stdout.write(f"> {line}\n")
            sys.stdout.write(shown(talk.ask(line)) + "\n")
    if save is not None:
        _save(talk, save)


def _lines(asked_by_hand: bool) -> Iterator[str]:
    """Lines that are not empty, until the end of the input."""
    while True:
        try:
            line = input("> ") if asked_by_hand else sys.stdin.readline()
        except EOFError:
            return
        if not line and not asked_by_hand:
            return
        if line.strip():
            yield line.strip()


def _complete(talk: "Talk") -> None:
    """History with the arrow keys and questions with Tab, where Python has readline."""
    try:
        import readline
    except ImportError:
        return

    def complete(text: str, state: int) -> str | None:
        found = talk.completions(text)
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")


def _figure(talk: "Talk") -> str:
    """Open the figure of the last answer, or say where it is."""
    names = [answer.figure for reply in talk.turns[-1:] for answer in reply.answers if answer.figure]
    path = talk.view.figure(names[0]) if names else None
    if path is None:
        return "The last answer has no figure in this run folder."
    if sys.stdin.isatty():
        typer.launch(str(path))
    return str(path)


def _save(talk: "Talk", path: Path) -> None:
    try:
        path.write_text(talk.markdown(), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}); choose another place.") from error
    sys.stderr.write(f"{path}\n")
