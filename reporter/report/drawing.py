"""The figures of a report, half of them drawn in a second process where there is one.

Which process draws a figure does not show in it. ``main`` is the work of the second process (``reporter.beside``).
"""

import base64
import gc
import json
import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.beside import Beside
from reporter.facts import Facts
from reporter.figures import DataTable, Drawn, draw_all, draw_twins, with_pixels, write_figures
from reporter.figures.registry import specs
from reporter.report.theme import Theme, load_theme
from reporter.run import read_run
from reporter.settings import OutputSettings

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Drawing:
    """Figures step by step: wide ones for the PDF first, then narrow twins, then pixels."""

    facts: Facts
    profiles: "pd.DataFrame"
    theme: Theme
    beside: Beside | None = None
    shared: tuple[str, ...] = ()
    """Figures that the second process draws."""

    def wide(self) -> dict[str, Drawn]:
        """All figures by name, in the order of the report, without narrow twins."""
        names = [spec.name for spec in specs(self.facts)]
        drawn = self._draw([name for name in names if name not in self.shared])
        theirs = self._answer()
        drawn |= (
            self._draw(self.shared)
            if theirs is None
            else {name: _read(sent) for name, sent in theirs.items()}
        )
        return {name: drawn[name] for name in names}

    def with_twins(self, drawn: dict[str, Drawn]) -> dict[str, Drawn]:
        """The same with narrow twins."""
        ours = self._twins({name: figure for name, figure in drawn.items() if name not in self.shared})
        shared = {name: drawn[name] for name in self.shared}
        theirs = self._answer()
        if theirs is None:
            shared = self._twins(shared)
        else:
            shared = {
                name: replace(figure, svg_narrow=theirs[name]["svg"], day_narrow=_span(theirs[name]["day"]))
                for name, figure in shared.items()
            }
        return {name: {**ours, **shared}[name] for name in drawn}

    def write(self, drawn: dict[str, Drawn], folder: Path) -> list[Path]:
        """Write them as SVG and PNG into a folder; returns the files."""
        written = write_figures(
            {name: figure for name, figure in drawn.items() if name not in self.shared},
            folder,
            self.theme.palette,
        )
        theirs = self._answer()
        shared = (
            self._draw(self.shared)
            if theirs is None
            else {name: replace(drawn[name], png=base64.b64decode(sent)) for name, sent in theirs.items()}
        )
        return written + write_figures(shared, folder, self.theme.palette)

    def _draw(self, names: "list[str] | tuple[str, ...]") -> dict[str, Drawn]:
        return draw_all(
            self.facts, self.profiles, self.theme.palette, self.theme.people, twins=False, only=names
        )

    def _twins(self, drawn: dict[str, Drawn]) -> dict[str, Drawn]:
        return draw_twins(drawn, self.facts, self.profiles, self.theme.palette, self.theme.people)

    def _answer(self) -> Any:
        return self.beside.answer() if self.beside is not None else None


def share(
    folder: Path,
    facts: Facts,
    profiles: "pd.DataFrame",
    output: OutputSettings,
    theme: Theme,
    beside: Beside | None,
) -> Drawing:
    """Begin to draw the figures of a run folder whose facts are written."""
    if beside is None:
        return Drawing(facts, profiles, theme)
    # Two by two, since one of overlay and week takes longer than the other.
    shared = tuple(spec.name for index, spec in enumerate(specs(facts)) if index % 4 >= 2)
    told = {"folder": str(folder), "output": output.model_dump(mode="json"), "names": shared}
    beside.ask(told)
    return Drawing(facts, profiles, theme, beside, shared)


def _sent(figure: Drawn) -> dict[str, Any]:
    return {
        "name": figure.name,
        "width": figure.width,
        "svg": figure.svg,
        "alt": figure.alt,
        "columns": figure.data.columns,
        "rows": figure.data.rows,
        "day": figure.day,
    }


def _read(sent: dict[str, Any]) -> Drawn:
    return Drawn(
        name=sent["name"],
        width=sent["width"],
        svg=sent["svg"],
        svg_narrow=None,
        figure=None,
        alt=sent["alt"],
        data=DataTable(tuple(sent["columns"]), tuple(tuple(row) for row in sent["rows"])),
        day=_span(sent["day"]),
    )


def _span(sent: list[float] | None) -> tuple[float, float] | None:
    return None if sent is None else (sent[0], sent[1])


def main() -> None:
    """The second process: get ready, wait for a request, answer it step by step, end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends this one
    gc.disable()
    _get_ready()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    request = json.loads(line)
    output = OutputSettings.model_validate(request["output"])
    run, theme = read_run(Path(request["folder"])), load_theme(output)
    drawing = Drawing(run.facts, run.profiles, theme)
    drawn = draw_all(run.facts, run.profiles, theme.palette, theme.people, twins=False, only=request["names"])
    _answer({name: _sent(figure) for name, figure in drawn.items()})
    # The PDF is laid out from here on, and takes longest.
    if hasattr(os, "nice"):
        os.nice(5)
    if "html" in output.formats:
        twins = drawing.with_twins(drawn)
        _answer({name: {"svg": twin.svg_narrow, "day": twin.day_narrow} for name, twin in twins.items()})
    made = with_pixels(drawn, theme.palette)
    _answer({name: base64.b64encode(figure.png or b"").decode() for name, figure in made.items()})


def _get_ready() -> None:
    """Import what drawing takes, and let Matplotlib find its fonts."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401

    from reporter.figures import Palette, style, svg

    assert pd
    with style.styled(Palette()):
        svg.to_svg(style.canvas("half", 10), "ready")


def _answer(content: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(content, default=lambda number: number.item()).encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()
