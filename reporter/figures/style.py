"""The one owner of how figures look: colours, dashes, type, sizes, axes.

Figures are drawn at their final width, so text in them has the size it says. The stylesheet of the report takes
its colours from `Palette` as well.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from reporter.figures import numbers
from reporter.resources import font_files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Width = Literal["full", "half"]

MM = 72 / 25.4
WIDTH_PT: dict[Width, float] = {"full": 166 * MM, "half": 80 * MM}
"""The text column of the page, and half of it less the gutter; the same on A4 and US Letter."""

BODY_PT = 9.5
CAPTION_PT = 8.0
FONT = "Source Sans Pro"

# Chosen by search for the largest smallest distance (OKLab) between any two, and to the accent, as seen with
# normal, protan and deutan vision; each has a contrast of at least 3:1 on white. The first ones lie farthest apart.
SEGMENT_COLOURS = (
    "#434fb4", "#5d9f8e", "#6c0e36", "#c9870c", "#2b2e78", "#4f7767",
    "#7271b2", "#718ef7", "#902303", "#9d8257", "#c17cc5", "#3c5874",
)  # fmt: skip
_SOLID: tuple[float, ...] = ()
DASHES = (_SOLID, (5, 1.6), (1.4, 1.4), (6, 1.6, 1.4, 1.6), (9, 2), (3, 1.4))


@dataclass(frozen=True)
class Palette:
    """Colours of figures and pages."""

    ink: str = "#1c2530"
    """Text, and lines that are not of a segment."""
    quiet: str = "#566270"
    """Text of second rank: notes, heads of tables, axis labels."""
    line: str = "#b9c1ca"
    """Axes, rules between sections, underlines of links."""
    grid: str = "#e4e8ec"
    """Grid lines of figures, rules between rows of tables."""
    paper: str = "#ffffff"
    """The ground of pages and figures."""
    tint: str = "#f5f6f8"
    """The ground of buttons, and of an event's hours below the peak colour."""
    accent: str = "#c2410c"
    """What to look at first: the first of the large numbers, what to do, the list's curve in figures."""
    peak: str = "#f9ece2"
    """The shading of peak hours and of events."""
    peak_ink: str = "#8f4a22"
    """The words on that shading."""
    everyone: str = "#9aa4af"
    """The mean of all customers, and what a figure compares with, such as a choice at random."""
    segments: tuple[str, ...] = field(default=SEGMENT_COLOURS)
    """One colour a segment, in their order; with more segments than colours they begin again."""

    def segment(self, index: int) -> str:
        """Colour of the segment at a place in the canonical order."""
        return self.segments[index % len(self.segments)]


def dash(index: int) -> tuple[float, tuple[float, ...]]:
    """Matplotlib line style of a segment, so that print in black and white tells it apart."""
    turn = index + index // len(SEGMENT_COLOURS)  # a colour that comes round again gets another dash
    return (0, DASHES[turn % len(DASHES)])


@cache
def _register_fonts() -> None:
    # Without a home that can be written, matplotlib takes a temporary folder, and says so; also that it looks for
    # fonts. Neither is the user's concern.
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        from matplotlib import font_manager

        for path in font_files().values():
            font_manager.fontManager.addfont(str(path))
    finally:
        log.setLevel(level)


@contextmanager
def styled(palette: Palette) -> Iterator[None]:
    """Matplotlib set up for the report, and as it was before at the end."""
    _register_fonts()  # before anything else of matplotlib

    import matplotlib as mpl
    from matplotlib import style

    fonts_log = logging.getLogger("matplotlib.font_manager")  # says so when the fallback lacks a weight
    level = fonts_log.level
    settings: Any = {
        "font.family": [FONT, "DejaVu Sans"],
        "font.size": CAPTION_PT,
        "text.color": palette.ink,
        "text.parse_math": False,  # a title with dollar signs is text
        "axes.titlesize": CAPTION_PT,
        "axes.labelsize": CAPTION_PT,
        "axes.labelcolor": palette.quiet,
        "axes.facecolor": "none",
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.edgecolor": palette.line,
        "axes.linewidth": 0.6,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": palette.grid,
        "grid.linewidth": 0.6,
        "xtick.labelsize": CAPTION_PT,
        "ytick.labelsize": CAPTION_PT,
        "xtick.color": palette.line,
        "ytick.color": palette.line,
        "xtick.labelcolor": palette.quiet,
        "ytick.labelcolor": palette.quiet,
        "xtick.major.size": 3,
        "xtick.major.width": 0.6,
        "ytick.major.size": 0,
        "lines.linewidth": 1.5,
        "lines.scale_dashes": False,
        "lines.solid_capstyle": "round",
        "figure.facecolor": palette.paper,
        "savefig.facecolor": palette.paper,
        "svg.fonttype": "path",
        "svg.hashsalt": "reporter",
        "path.simplify": False,
    }
    with mpl.rc_context(), warnings.catch_warnings():
        style.use("default")
        mpl.rcParams.update(settings)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        fonts_log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            fonts_log.setLevel(level)


def canvas(width: Width, height_mm: float) -> "Figure":
    """An empty figure of a column's width."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH_PT[width] / 72, height_mm * MM / 72))


def panel(figure: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    """Axes at a place in the figure, all in points: no layout engine, so that columns of figures line up."""
    total_width, total_height = figure.get_size_inches() * 72
    return figure.add_axes(
        (left / total_width, bottom / total_height, width / total_width, height / total_height)
    )


def figure_panel(
    figure: "Figure", left: float = 26, right: float = 10, bottom: float = 18, top: float = 16
) -> "Axes":
    """The one panel of a figure, with its margins in points."""
    width, height = figure.get_size_inches() * 72
    return panel(figure, left, bottom, width - left - right, height - bottom - top)


def panel_size(axes: "Axes") -> tuple[float, float]:
    """Width and height of a panel [pt]."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = axes.get_position().size * figure.get_size_inches() * 72
    return float(width), float(height)


def unit_label(axes: "Axes", text: str, left: float = 26) -> None:
    """The unit of the vertical axis, level, above its left end (``left``: points from the panel to the figure's edge)."""
    width, height = panel_size(axes)
    axes.set_ylabel(text, rotation=0, ha="left", va="bottom", labelpad=0)
    axes.yaxis.set_label_coords(-left / width, 1 + 5 / height)


def hour_axis(axes: "Axes", unit: bool = True) -> None:
    """The local day: 0, 6, 12, 18, 24 h."""
    axes.set_xticks([0, 6, 12, 18, 24], ["0", "6", "12", "18", f"24{numbers.NBSP}h" if unit else "24"])
    axes.set_xlim(0, 24)


def day_span(figure: "Figure") -> tuple[float, float] | None:
    """Where the day begins and ends in a figure of one panel, as shares of its width; None where it is no day."""
    if len(figure.axes) != 1 or figure.axes[0].get_xlim() != (0, 24):
        return None
    place = figure.axes[0].get_position()
    return float(place.x0), float(place.x1)


def shade_peak(axes: "Axes", blocks: Sequence[tuple[int, int]], palette: Palette, label: bool = True) -> None:
    """The peak hours, the same way in every figure."""
    height = panel_size(axes)[1]
    for first, last in blocks:
        axes.axvspan(first, last, facecolor=palette.peak, edgecolor="none", zorder=0)
    if label and blocks:
        first, last = max(blocks, key=lambda block: block[1] - block[0])
        middle = min(max((first + last) / 2, 3), 21)
        axes.text(
            middle, 1 + 5 / height, "usual peak hours", transform=axes.get_xaxis_transform(),
            ha="center", va="bottom", color=palette.peak_ink,
        )  # fmt: skip


def zero_line(axes: "Axes", palette: Palette) -> None:
    """Zero, where loads go below it."""
    if axes.get_ylim()[0] < 0:
        axes.axhline(0, color=palette.line, linewidth=0.6, zorder=1)
        axes.spines["bottom"].set_visible(False)


def value_axis(
    axes: "Axes",
    lowest: float,
    highest: float,
    room: float = 0.06,
    unit: str = "",
    *,
    whole: bool = False,
    parts: int = 5,
) -> None:
    """A vertical axis with zero on it and few round ticks, in at most ``parts`` parts, ``whole`` for counts; ``unit`` stands behind the highest."""
    from matplotlib.ticker import MaxNLocator

    low, high = min(lowest, 0.0), max(highest, 0.0)
    span = (high - low) or 1.0
    low, high = (low - room * span if low < 0 else 0.0), high + room * span
    locator = MaxNLocator(parts, steps=[1, 2, 2.5, 5, 10], integer=whole)
    ticks = [float(tick) for tick in locator.tick_values(low, high)]
    ticks = [tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
    labels = tick_labels(ticks)
    if unit and labels:
        labels[-1] += f"{numbers.NBSP}{unit}"
    axes.set_yticks(ticks, labels)
    axes.set_ylim(low, high)


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Ticks at one distance, all with as many decimals as that needs."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    places = next(digits for digits in range(9) if digits == 8 or abs(round(step, digits) - step) < 1e-9)
    return [numbers.fixed(float(tick), places) for tick in ticks]


def over_lines(palette: Palette) -> list[Any]:
    """Path effects of a text that lies on grid lines: they stop before its letters."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.5, foreground=palette.paper)]


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places moved apart to at least ``gap``, in their order, as little as it takes, within low to high."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    moved = [places[index] for index in order]
    for index in range(len(moved)):
        moved[index] = max(moved[index], moved[index - 1] + gap if index else low)
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], moved[index + 1] - gap if index + 1 < len(moved) else high)
    result = [0.0] * len(places)
    for place, index in zip(moved, order, strict=True):
        result[index] = place
    return result


def text_width(text: str, size: float, weight: int = 400) -> float:
    """Width of a line of text [pt]."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    properties = FontProperties(family=[FONT, "DejaVu Sans"], weight=weight, size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return float(width)


def label_room(titles: Sequence[str], least: float, most: float, beside: float) -> float:
    """Room for labels in one line each [pt]: what the longest takes and ``beside`` it, within least to most."""
    widest = max((text_width(title, CAPTION_PT, 600) for title in titles), default=0.0)
    return min(max(least, widest + beside), most)


def wrap(text: str, width: float, size: float = CAPTION_PT, weight: int = 400, lines: int = 2) -> list[str]:
    """Text in at most ``lines`` lines of ``width`` points; what doesn't fit ends with an ellipsis."""
    words, result = text.split(), [""]
    while words:
        trial = f"{result[-1]} {words[0]}".strip()
        if text_width(trial, size, weight) <= width:
            result[-1] = trial
            words.pop(0)
        elif result[-1] and len(result) < lines:
            result.append("")
        else:
            return [*result[:-1], _shortened(trial, width, size, weight)]
    return result


def _shortened(text: str, width: float, size: float, weight: int) -> str:
    while len(text) > 1 and text_width(text + "…", size, weight) > width:
        text = text[:-1].rstrip()
    return text + "…"
