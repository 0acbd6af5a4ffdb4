"""Figures behind the choice of the number of segments: elbow, scores by K, silhouettes of the customers."""

from typing import TYPE_CHECKING

import numpy as np

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import MM, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT_MM = 70


def draw_elbow(scene: Scene, width: Width) -> "Figure":
    """Distance to the nearest centroid that is left with each number of segments."""
    palette, selection = scene.palette, scene.facts.choice_shown
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=34, bottom=30)
    ks = [candidate.k for candidate in selection.candidates]
    inertia = [candidate.inertia for candidate in selection.candidates]
    axes.plot(ks, inertia, color=palette.ink, linewidth=1.5, marker="o", markersize=3)
    style.value_axis(axes, 0, max(inertia))
    style.unit_label(axes, "sum of squared distances", left=34)
    _k_axis(axes, scene, ks)
    if selection.elbow_k in ks:
        place = inertia[ks.index(selection.elbow_k)]
        axes.plot(
            [selection.elbow_k],
            [place],
            marker="o",
            markersize=8,
            markerfacecolor="none",
            markeredgecolor=palette.ink,
            markeredgewidth=0.9,
        )
        axes.annotate(
            f"elbow at {selection.elbow_k}", (selection.elbow_k, place), xytext=(7, 7), textcoords="offset points",
            color=palette.ink,
        )  # fmt: skip
    _mark_choice(axes, scene, ks)
    return figure


def draw_scores(scene: Scene, width: Width) -> "Figure":
    """Three marks of each number of segments, one below the other: silhouette, stability, usefulness."""
    palette, candidates = scene.palette, scene.facts.choice_shown.candidates
    figure = style.canvas(width, _HEIGHT_MM)
    total_width, total_height = figure.get_size_inches() * 72
    ks = [candidate.k for candidate in candidates]
    rows: list[tuple[str, list[float | None]]] = [
        ("silhouette: groups apart", [candidate.silhouette for candidate in candidates]),
        ("stability: same groups again", [candidate.stability for candidate in candidates]),
        ("usefulness: days not seen", [candidate.usefulness for candidate in candidates]),
    ]
    bottom, gap = 30.0, 22.0
    height = (total_height - bottom - 16 - gap * (len(rows) - 1)) / len(rows)
    for row, (name, values) in enumerate(rows):
        axes = style.panel(
            figure, 26, bottom + (len(rows) - 1 - row) * (height + gap), total_width - 32, height
        )
        known = [(k, value) for k, value in zip(ks, values, strict=True) if value is not None]
        if name.startswith("stability"):
            axes.fill_between(
                ks, [candidate.stability_low for candidate in candidates],
                [candidate.stability_high for candidate in candidates], facecolor=palette.grid, edgecolor="none",
            )  # fmt: skip
        if known:
            axes.plot(*zip(*known, strict=True), color=palette.ink, linewidth=1.3, marker="o", markersize=2.6)
        low = min([0.0, *(value for _, value in known)])
        axes.set_ylim(low * 1.1, 1)
        axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
        style.unit_label(axes, name if known else f"{name} (too few days)")
        axes.yaxis.label.set_color(palette.ink)
        _k_axis(axes, scene, ks, label=row == len(rows) - 1)
        _mark_choice(axes, scene, ks, label=row == 0)
    return figure


def _k_axis(axes: "Axes", scene: Scene, ks: list[int], label: bool = True) -> None:
    axes.set_xlim(min(ks) - 0.4, max(ks) + 0.4)
    step = 1 if len(ks) <= 12 else 2
    axes.set_xticks(ks[::step], [str(k) if label else "" for k in ks[::step]])
    if label:
        axes.set_xlabel("number of segments, K", labelpad=2)


def _mark_choice(axes: "Axes", scene: Scene, ks: list[int], label: bool = True) -> None:
    k = scene.facts.choice_shown.k
    if k not in ks:
        return
    axes.axvline(k, color=scene.palette.accent, linewidth=1, zorder=1)
    if label:
        right = k < (min(ks) + max(ks)) / 2 or k == min(ks)
        axes.annotate(
            f"{k} chosen", (k, 1), xycoords=("data", "axes fraction"), xytext=(4 if right else -4, -2),
            textcoords="offset points", ha="left" if right else "right", va="top", color=scene.palette.accent,
            fontweight=600,
        )  # fmt: skip


def draw_silhouette(scene: Scene, width: Width) -> "Figure":
    """How well each customer of a sample sits in its segment, by segment, best first."""
    palette = scene.palette
    segments = [(index, segment) for index, segment in enumerate(scene.segments) if segment.silhouette_values]
    titles = [segment.title for _, segment in segments]
    left = style.label_room(titles, *((126.0, 160.0) if width == "full" else (86.0, 96.0)), beside=14)
    labels = [style.wrap(title, left - 12, weight=600) for title in titles]
    least = 12.0 if max(map(len, labels), default=1) == 1 else 20.0
    row = max(least, min(30.0, 130.0 / max(len(segments), 1)))
    figure = style.canvas(width, (len(segments) * row + 52) / MM)
    axes = style.figure_panel(figure, left=left, right=8, bottom=30, top=18)
    lowest = min(min(segment.silhouette_values) for _, segment in segments)
    axes.set_xlim(min(-0.1, lowest * 1.05), 1)
    axes.set_ylim(len(segments), 0)
    axes.set_yticks([])
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    for place, (index, segment) in enumerate(segments):
        values = np.asarray(segment.silhouette_values)
        along = place + 0.08 + 0.84 * (np.arange(len(values)) + 0.5) / len(values)
        axes.fill_betweenx(along, 0, values, facecolor=palette.segment(index), edgecolor="none", alpha=0.85)
        axes.annotate(
            "\n".join(labels[place]), (0, place + 0.5), xycoords=("axes fraction", "data"), xytext=(-left, 0),
            textcoords="offset points", va="center", color=palette.segment(index), fontweight=600, linespacing=1.05,
        )  # fmt: skip
        if segment.silhouette is not None:
            axes.plot([segment.silhouette] * 2, [place + 0.02, place + 0.98], color=palette.ink, linewidth=1)
            axes.annotate(
                f"mean {numbers.fixed(segment.silhouette, 2)}", (max(values.max(), 0), place + 0.5), xytext=(6, 0),
                textcoords="offset points", va="center", color=palette.quiet,
            )  # fmt: skip
    axes.axvline(0, color=palette.line, linewidth=0.8)
    axes.set_xlabel(
        "silhouette of each customer (1: well inside, 0: on the border, below 0: nearer to another)"
        if width == "full"
        else "silhouette (1: inside, 0: on the border)",
        labelpad=2,
    )
    return figure
