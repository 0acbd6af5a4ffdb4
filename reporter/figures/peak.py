"""Figures of the system's peak: who makes it, and how fast a ranked list reaches it."""

from typing import TYPE_CHECKING

import numpy as np

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import MM, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_peak_day(scene: Scene, width: Width) -> "Figure":
    """Load on the peak day, hour by hour, stacked by segment; export stands below zero."""
    palette, segments = scene.palette, scene.segments
    titles = [segment.title for segment in segments]
    label_width = style.label_room(titles, *((118.0, 190.0) if width == "full" else (92.0, 110.0)), beside=18)
    labels = [style.wrap(title, label_width - 16, weight=600) for title in titles]
    row = 10.5 if max(map(len, labels)) == 1 else 19.0
    height_mm = max(74.0, (len(segments) * row + 60) / MM)
    figure = style.canvas(width, height_mm)
    axes = style.figure_panel(figure, left=30, right=label_width)
    loads = np.asarray([segment.peak_day_kw for segment in segments])
    total = loads.sum(axis=0)
    unit, size = numbers.power_unit(float(np.abs(total).max()))
    loads, total = loads / size, total / size
    edges = np.arange(25)
    up, down = np.zeros(24), np.zeros(24)
    bands = []
    style.shade_peak(axes, scene.peak_blocks, palette)
    # From the last segment up, so that the stack reads in the same order as its labels, first on top.
    for index in reversed(range(len(segments))):
        load = loads[index]
        base = np.where(load >= 0, up, down)
        axes.stairs(
            base + load, edges, baseline=base, fill=True, facecolor=palette.segment(index), edgecolor=palette.paper,
            linewidth=0.5, zorder=2,
        )  # fmt: skip
        bands.append((index, float(base[-1] + load[-1] / 2)))
        up, down = up + np.maximum(load, 0), down + np.minimum(load, 0)
    style.value_axis(axes, float(down.min()), float(up.max()))
    if down.min() < 0:
        axes.stairs(total, edges, baseline=None, color=palette.ink, linewidth=1.2, zorder=4)
    style.hour_axis(axes)
    if down.min() < 0:
        axes.axhline(0, color=palette.ink, linewidth=0.6, zorder=5)
    style.unit_label(axes, unit, left=30)
    low, high = axes.get_ylim()
    per_pt = (high - low) / (height_mm * MM - 34)
    bands.reverse()
    places = style.spread([place for _, place in bands], row * per_pt, low + 6 * per_pt, high - 6 * per_pt)
    for (index, band), place in zip(bands, places, strict=True):
        axes.annotate(
            "\n".join(labels[index]), (24, band), linespacing=1.05,
            xytext=(24 + 14 / (axes.get_position().width * style.WIDTH_PT[width]) * 24, place), textcoords="data",
            va="center", color=palette.segment(index), fontweight=600, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": palette.line, "linewidth": 0.5, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)},
        )  # fmt: skip
    return figure


def draw_gains(scene: Scene, width: Width) -> "Figure":
    """What offers to a share of the customers bring, of what offers to all would, for three ways of choosing them."""
    palette, targets = scene.palette, scene.facts.targets
    figure = style.canvas(width, 74)
    axes = style.figure_panel(figure, left=30, right=14, bottom=30)
    shares = [100 * point.share_customers for point in targets.gains]
    curves = [
        ("this list", [100 * point.targeted for point in targets.gains], palette.accent, 2.2, ()),
        ("highest bill", [100 * point.highest_bill for point in targets.gains], palette.ink, 1.2, (4, 1.5)),
        ("at random", [100 * point.random for point in targets.gains], palette.everyone, 1.2, (1.4, 1.4)),
    ]
    for _, values, colour, thickness, dashes in curves:
        axes.plot(shares, values, color=colour, linewidth=thickness, linestyle=(0, dashes))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 104)
    ticks = [0, 20, 40, 60, 80, 100]
    axes.set_xticks(ticks, [*map(str, ticks[:-1]), "100 %"])
    axes.set_yticks(ticks, [*map(str, ticks[:-1]), "100 %"])
    axes.set_xlabel("offers, of all who may be asked", labelpad=2)
    style.unit_label(axes, "share of the kW that offers to all would bring", left=30)
    # The corner below the diagonal is always free: it holds the key, in the order of the curves.
    for row, (name, _, colour, thickness, dashes) in enumerate(curves):
        y = 27 - 9 * row
        axes.plot([50, 58], [y, y], color=colour, linewidth=thickness, linestyle=(0, dashes))
        axes.text(
            60,
            y,
            name,
            va="center",
            color=palette.quiet if row == 2 else colour,
            fontweight=600 if row == 0 else 400,
        )
    _mark_offers(scene, axes)
    return figure


def _mark_offers(scene: Scene, axes: "Axes") -> None:
    """A dot at the offers of the list; with some held back it lies a little below the curve."""
    targets, palette, story = scene.facts.targets, scene.palette, scene.facts.story
    if story is not None and 0 < story.offered_share < 1:
        axes.plot(
            [100 * story.offered_share],
            [100 * targets.offered_gain_share],
            marker="o",
            markersize=5,
            color=palette.accent,
        )
