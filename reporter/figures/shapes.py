"""Figures of load shapes: the cover, all segments side by side, one segment with its members, weekday and weekend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import CAPTION_PT, MM, Palette, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CARD_MM = 56
"""Height of the two figures of a segment's page."""
MIDDLE = np.arange(24) + 0.5  # an hour's mean stands at the middle of its hour


def draw_cover(scene: Scene, width: Width) -> "Figure":
    """The segments' shapes, one below the other, in their colours."""
    palette, segments = scene.palette, scene.segments
    figure = style.canvas(width, 104 if width == "full" else 92)
    titles = [segment.title for segment in segments]
    label_width = style.label_room(titles, *((128.0, 180.0) if width == "full" else (92.0, 110.0)), beside=12)
    names = [style.wrap(title, label_width - 10, weight=600) for title in titles]
    axes = style.figure_panel(figure, left=4, right=label_width, bottom=18, top=16)
    height_pt = style.panel_size(axes)[1]
    highest = max(max(segment.shape) for segment in segments)
    lowest = min(min(0.0, *segment.shape) for segment in segments)
    step = 1.0
    # Curves may reach over their neighbour, never out of the picture.
    scale = step * (1.7 if len(segments) > 2 else 0.9) / (highest - min(lowest, 0))
    top = max(
        step * (len(segments) - 1 - index) + scale * max(segment.shape)
        for index, segment in enumerate(segments)
    )
    bottom = min(0.0, scale * lowest)
    axes.set_ylim(bottom - 0.02 * top, top * 1.02)
    style.hour_axis(axes)
    axes.set_yticks([])
    axes.grid(False)
    style.shade_peak(axes, scene.peak_blocks, palette)
    labels = []
    for index, segment in enumerate(segments):
        base = step * (len(segments) - 1 - index)
        curve = base + scale * np.asarray(segment.shape)
        colour = palette.segment(index)
        axes.fill_between(
            MIDDLE, base, curve, facecolor=colour, alpha=0.16, edgecolor="none", zorder=2 + index
        )
        axes.plot([0, 24], [base, base], color=palette.line, linewidth=0.5, zorder=2 + index)
        axes.plot(MIDDLE, curve, color=colour, linewidth=1.8, zorder=2.5 + index)
        labels.append(base)
    units_per_pt = (top * 1.04 - bottom) / height_pt
    with_shares = len(segments) <= 8
    room = (12 if max(map(len, names)) == 1 else 20) + 9 * with_shares
    places = style.spread(labels, room * units_per_pt, bottom + 4 * units_per_pt, top - 8 * units_per_pt)
    for index, (segment, place) in enumerate(zip(segments, places, strict=True)):
        share = numbers.percent(segment.share)
        axes.annotate(
            "\n".join(names[index]), (24, place), xytext=(8, 1), textcoords="offset points", va="bottom",
            color=palette.segment(index), fontweight=600, linespacing=1.05,
        )  # fmt: skip
        if with_shares:
            axes.annotate(
                f"{share} of customers", (24, place), xytext=(8, -0.5), textcoords="offset points", va="top",
                color=palette.quiet,
            )  # fmt: skip
    return figure


def draw_segments(scene: Scene, width: Width) -> "Figure":
    """All segments side by side on one scale, each against the mean of all customers."""
    palette, segments = scene.palette, scene.segments
    columns = min(4 if width == "full" else 2, len(segments))
    rows = -(-len(segments) // columns)
    total = style.WIDTH_PT[width]
    left, gap, header, footer = 30.0, 14.0, 37.0, 22.0
    chart = {1: 92.0, 2: 66.0}.get(rows, 42.0) if width == "full" else 66.0
    figure = style.canvas(width, (rows * (header + chart + footer)) / MM)
    panel_width = (total - left - 10 - gap * (columns - 1)) / columns
    values = [value for segment in segments for value in segment.profile_kw]
    for index, segment in enumerate(segments):
        row, column = divmod(index, columns)
        bottom = (rows - 1 - row) * (header + chart + footer) + footer
        axes = style.panel(figure, left + column * (panel_width + gap), bottom, panel_width, chart)
        style.shade_peak(axes, scene.peak_blocks, palette, label=False)
        axes.plot(MIDDLE, scene.mean_profile_kw, color=palette.everyone, linewidth=0.9)
        axes.plot(
            MIDDLE,
            segment.profile_kw,
            color=palette.segment(index),
            linestyle=style.dash(index),
            linewidth=1.8,
        )
        style.value_axis(axes, min(values), max(values), unit="kW")
        style.hour_axis(axes, unit=column == columns - 1)
        style.zero_line(axes, palette)
        if column:
            axes.tick_params(labelleft=False)
        title = style.wrap(segment.title, panel_width - 2, weight=600)
        axes.annotate(
            "\n".join(title), (0, 1), xycoords="axes fraction", xytext=(0, 17), textcoords="offset points",
            va="bottom", color=palette.segment(index), fontweight=600, linespacing=1.05,
        )  # fmt: skip
        axes.annotate(
            f"{numbers.percent(segment.share)} of customers",
            (0, 1), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points", va="bottom",
            color=palette.quiet,
        )  # fmt: skip
    return figure


def draw_overlay(scene: Scene, width: Width, index: int) -> "Figure":
    """One segment: many single shapes, the middle 80 % of members, and the centroid."""
    palette, segment = scene.palette, scene.segments[index]
    colour = palette.segment(index)
    figure = style.canvas(width, CARD_MM)
    axes = style.figure_panel(figure)
    style.shade_peak(axes, scene.peak_blocks, palette)
    _thin_lines(axes, scene, index)
    axes.fill_between(
        MIDDLE,
        segment.shape_low,
        segment.shape_high,
        facecolor=colour,
        alpha=0.22,
        edgecolor="none",
        zorder=3,
    )
    axes.plot(MIDDLE, segment.shape, color=colour, linewidth=2.4, zorder=5)
    axes.axhline(1, color=palette.quiet, linewidth=0.5, dashes=(1, 2), zorder=1)
    style.value_axis(axes, min(segment.shape_low), max(2.0, 1.15 * max(segment.shape_high)))
    style.hour_axis(axes)
    style.zero_line(axes, palette)
    style.unit_label(axes, "times own mean load")
    return figure


def _thin_lines(axes: "Axes", scene: Scene, index: int) -> None:
    from matplotlib.collections import LineCollection

    shapes = scene.shapes[index]
    if not len(shapes):
        return
    lines = [np.column_stack([MIDDLE, shape]) for shape in shapes]
    # Pixels, not paths: hundreds of lines as paths are slow to show and to print.
    alpha = float(np.clip(12 / len(lines), 0.12, 0.5))
    axes.add_collection(
        LineCollection(
            lines, colors=scene.palette.everyone, linewidths=0.5, alpha=alpha, rasterized=True, zorder=2
        ),
        autolim=False,
    )


def draw_week(scene: Scene, width: Width, index: int) -> "Figure":
    """One segment: its load on weekdays and on weekends, against the mean of all customers."""
    palette, segment = scene.palette, scene.segments[index]
    colour = palette.segment(index)
    curves = [
        Curve("weekday", segment.weekday_kw, colour, 2.2, bold=True),
        Curve("weekend", segment.weekend_kw, colour, 1.3, (3, 1.5)),
    ]
    if len(scene.segments) > 1:
        all_kw = scene.mean_weekday_kw
        curves.append(Curve("all, weekday", all_kw, palette.everyone, 1.0, name_colour=palette.quiet))
    return draw_day(curves, scene.peak_blocks, "kW per customer", palette, width, CARD_MM, 50.0)


@dataclass(frozen=True)
class Curve:
    """A day in a figure, with its name at the end of its line."""

    name: str
    values: Sequence[float]
    """(24,) by local hour."""
    colour: str
    line_pt: float
    dashes: tuple[float, float] | None = None
    bold: bool = False
    name_colour: str | None = None
    """Where it is not that of the line."""


def draw_day(
    curves: Sequence[Curve],
    peak_blocks: Sequence[tuple[int, int]],
    unit: str,
    palette: Palette,
    width: Width,
    height_mm: float,
    names_pt: float,
) -> "Figure":
    """Days one over the other, each named where its line ends; ``names_pt``: room for the names [pt]."""
    figure = style.canvas(width, height_mm)
    axes = style.figure_panel(figure, right=names_pt)
    style.shade_peak(axes, peak_blocks, palette)
    for curve in curves:
        look: dict[str, Any] = {"dashes": curve.dashes} if curve.dashes else {}
        axes.plot(MIDDLE, curve.values, color=curve.colour, linewidth=curve.line_pt, **look)
    everything = [value for curve in curves for value in curve.values]
    style.value_axis(axes, min(everything), max(everything))
    style.hour_axis(axes)
    style.zero_line(axes, palette)
    style.unit_label(axes, unit)
    low, high = axes.get_ylim()
    gap = 9.5 * (high - low) / (height_mm * MM - 34)
    places = style.spread([curve.values[-1] for curve in curves], gap, low + gap / 2, high)
    for curve, place in zip(curves, places, strict=True):
        axes.annotate(
            curve.name, (23.5, place), xytext=(6, 0), textcoords="offset points", va="center",
            color=curve.name_colour or curve.colour, fontweight=600 if curve.bold else 400, fontsize=CAPTION_PT,
        )  # fmt: skip
    return figure
