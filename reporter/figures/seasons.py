"""Figure of the segments by season."""

from typing import TYPE_CHECKING

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.shapes import MIDDLE
from reporter.figures.style import MM, Width
from reporter.figures.words import DataTable, by_hour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOOKS: tuple[tuple[float, tuple[float, tuple[float, ...]] | None], ...] = (
    (2.2, None),
    (1.4, (0, (3, 1.5))),
    (1.0, (0, (1, 1.2))),
)
"""Line width and dashes of the first, second and third season."""


def draw_seasons(scene: Scene, width: Width) -> "Figure":
    """All segments side by side on one scale, a line a season."""
    palette, segments = scene.palette, scene.segments
    columns = min(4 if width == "full" else 2, len(segments))
    rows = -(-len(segments) // columns)
    left, gap, header, footer, key = 30.0, 14.0, 28.0, 22.0, 16.0
    chart = {1: 84.0, 2: 62.0}.get(rows, 42.0) if width == "full" else 62.0
    figure = style.canvas(width, (rows * (header + chart + footer) + key) / MM)
    panel_width = (style.WIDTH_PT[width] - left - 10 - gap * (columns - 1)) / columns
    values = [value for segment in segments for season in segment.seasons for value in season.profile_kw]
    for index, segment in enumerate(segments):
        row, column = divmod(index, columns)
        bottom = (rows - 1 - row) * (header + chart + footer) + footer
        axes = style.panel(figure, left + column * (panel_width + gap), bottom, panel_width, chart)
        style.shade_peak(axes, scene.peak_blocks, palette, label=False)
        for season, (line, dashes) in zip(segment.seasons, _LOOKS, strict=False):
            axes.plot(
                MIDDLE,
                season.profile_kw,
                color=palette.segment(index),
                linewidth=line,
                linestyle=dashes or "-",
            )
        style.value_axis(axes, min(values), max(values), unit="kW")
        style.hour_axis(axes, unit=column == columns - 1)
        style.zero_line(axes, palette)
        if column:
            axes.tick_params(labelleft=False)
        title = style.wrap(segment.title, panel_width - 2, weight=600)
        axes.annotate(
            "\n".join(title), (0, 1), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points",
            va="bottom", color=palette.segment(index), fontweight=600, linespacing=1.05,
        )  # fmt: skip
    _key(figure, scene, left, key)
    return figure


def _key(figure: "Figure", scene: Scene, left: float, height: float) -> None:
    """Which line is which season, in a row above the panels."""
    from matplotlib.lines import Line2D

    total_width, total_height = figure.get_size_inches() * 72
    at, y = left, 1 - 0.5 * height / total_height
    for season, (line, dashes) in zip(scene.segments[0].seasons, _LOOKS, strict=False):
        figure.add_artist(
            Line2D(
                [at / total_width, (at + 18) / total_width], [y, y], color=scene.palette.ink, linewidth=line,
                linestyle=dashes or "-",
            )
        )  # fmt: skip
        text = f"{season.name}, {numbers.plural(season.days, 'day')}"
        figure.text((at + 22) / total_width, y, text, va="center", color=scene.palette.quiet)
        at += 34 + style.text_width(text, style.CAPTION_PT)


def alt_seasons(scene: Scene) -> str:
    """Text in place of the seasons."""
    parts = []
    for segment in scene.segments:
        highest = [f"{numbers.kw(max(season.profile_kw))} in {season.name}" for season in segment.seasons]
        parts.append(f"{segment.title}: {', '.join(highest)}")
    return (
        f"Mean load per customer by hour and season, one panel a segment. Highest hours: {'; '.join(parts)}."
    )


def data_seasons(scene: Scene) -> DataTable:
    """Mean load per customer by hour, by segment and season."""
    return by_hour(
        [
            (f"{segment.title}, {season.name} [kW]", season.profile_kw)
            for segment in scene.segments
            for season in segment.seasons
        ]
    )
