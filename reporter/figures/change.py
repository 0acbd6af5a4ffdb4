"""Figures of change between periods: who moved, how shares changed, what is new, how segments went over many periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reporter.facts import Comparison, Emerging
from reporter.figures import numbers, style
from reporter.figures.shapes import MIDDLE
from reporter.figures.style import CAPTION_PT, MM, Palette, Width
from reporter.figures.words import DataTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch


class Change(Protocol):
    """What the figures are drawn from: a comparison of its own, or that of a run with an earlier one."""

    @property
    def comparison(self) -> Comparison:
        """Two or more periods."""

    @property
    def palette(self) -> Palette:
        """Colours."""


@dataclass(frozen=True)
class ChangeScene:
    """A comparison of its own."""

    comparison: Comparison
    palette: Palette


NAMES = {
    "ev": "New electric cars",
    "solar": "New solar panels",
    "electric-heat": "New electric heating",
    "vacant": "Homes that look empty",
    "other": "Load shapes unlike any before",
}
_BAR = 0.035
_GAP = 0.018
_NARROW = 100.0


def places(comparison: Comparison) -> dict[str, int]:
    """Segment of the older run → its place in the colours, from 0: that of its match in the newer run, else a free one."""
    new = comparison.migration.refitted_segments
    result = {
        match.old_segment_id: new.index(match.new_segment_id)
        for match in comparison.segments
        if match.old_segment_id and match.new_segment_id in new
    }
    free = len(new)
    for segment in comparison.migration.segments:
        if segment not in result:
            result[segment] = free
            free += 1
    return result


def draw_alluvial(scene: Change, width: Width) -> "Figure":
    """Customers of both periods flow from their old to their new segment; those who moved in full colour."""
    comparison, palette = scene.comparison, scene.palette
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    migration = comparison.migration
    matrix = np.asarray(migration.matrix, dtype=float) / migration.customers
    k = len(matrix)
    height = max(70.0, 8.5 * k + 18)
    figure = style.canvas(width, height)
    margin = 116.0 if width == "full" else 78.0
    axes = style.figure_panel(figure, left=margin, right=margin, bottom=6, top=18)
    axes.set_axis_off()
    room = 1 + _GAP * (k - 1)
    axes.set_xlim(0, 1)
    axes.set_ylim(room, 0)
    colours = [palette.segment(place) for place in (places(comparison)[s] for s in migration.segments)]
    sides = [_stack(matrix.sum(axis=1)), _stack(matrix.sum(axis=0))]
    start, end = sides[0].copy(), sides[1].copy()
    for i in range(k):
        for j in range(k):
            part = matrix[i, j]
            if part <= 0:
                continue
            a, b = start[i], end[j]
            start[i], end[j] = a + part, b + part
            left, right = _BAR, 1 - _BAR
            corners = [
                (left, a), (0.5, a), (0.5, b), (right, b), (right, b + part), (0.5, b + part), (0.5, a + part), (left, a + part), (left, a),
            ]  # fmt: skip
            codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
            axes.add_patch(
                PathPatch(
                    Path(corners, codes),
                    facecolor=colours[i],
                    alpha=0.16 if i == j else 0.6,
                    edgecolor="none",
                    zorder=2 if i == j else 3,
                )
            )
    for side, (x, align, values) in enumerate(
        ((0.0, "right", matrix.sum(axis=1)), (1.0, "left", matrix.sum(axis=0)))
    ):
        for place in range(k):
            axes.add_patch(
                _bar(x if side == 0 else 1 - _BAR, sides[side][place], values[place], colours[place])
            )
        _labels(axes, migration.titles, values, sides[side], colours, x, align, margin, room)
    for x, align, period in ((0.0, "left", comparison.periods[-2]), (1.0, "right", comparison.periods[-1])):
        axes.annotate(
            period.label, (x, 0), xytext=(0, 6), textcoords="offset points", ha=align, va="bottom",
            color=palette.quiet, fontsize=CAPTION_PT,
        )  # fmt: skip
    return figure


def _short(titles: Sequence[str], room: float) -> list[str]:
    """Titles on one line each; those that would be cut to the same words keep what sets them apart: Solar … quiet."""
    cut = [style.wrap(title, room, weight=600, lines=1)[0] for title in titles]
    return [
        f"{title.split()[0]} … {title.rsplit(', ', 1)[1].split()[0]}"
        if cut.count(short) > 1 and ", " in title
        else short
        for title, short in zip(titles, cut, strict=True)
    ]


def _stack(values: "np.ndarray") -> "np.ndarray":
    return np.concatenate([[0.0], np.cumsum(values + _GAP)[:-1]])


def _bar(x: float, top: float, size: float, colour: str) -> "Patch":
    from matplotlib.patches import Rectangle

    return Rectangle((x, top), _BAR, size, facecolor=colour, edgecolor="none", zorder=4)


def _labels(
    axes: "Axes",
    titles: Sequence[str],
    values: "np.ndarray",
    tops: "np.ndarray",
    colours: Sequence[str],
    x: float,
    align: str,
    margin: float,
    room: float,
) -> None:
    height = style.panel_size(axes)[1]
    middles = [float(top + value / 2) for top, value in zip(tops, values, strict=True)]
    spots = style.spread(middles, 10.5 * room / height, 0, room)
    # On a phone there is room for names only; the shares are in the table behind the figure.
    wide = margin > _NARROW
    short = _short(titles, margin - (40 if wide else 8))
    for text, value, colour, spot in zip(short, values, colours, spots, strict=True):
        share = numbers.percent(float(value)) if wide else ""
        axes.annotate(
            f"{text}  {share}".strip() if align == "right" else f"{share}  {text}".strip(),
            (x, spot), xytext=(-6 if align == "right" else 6, 0), textcoords="offset points", ha=align, va="center",
            color=colour, fontweight=600, annotation_clip=False,
        )  # fmt: skip


def alt_alluvial(scene: Change) -> str:
    """What the flows say."""
    comparison = scene.comparison
    migration = comparison.migration
    moved = numbers.percent(migration.changed or 0.0)
    largest = _largest_move(comparison)
    text = (
        f"Flows of {numbers.plural(migration.customers, 'customer')} from segment to segment: {moved} moved."
    )
    if largest:
        text += f" The largest move is from {largest[0]} to {largest[1]}, {numbers.plural(largest[2], 'customer')}."
    return text


def _largest_move(comparison: Comparison) -> tuple[str, str, int] | None:
    migration = comparison.migration
    moves = [
        (migration.titles[i], migration.titles[j], customers)
        for i, row in enumerate(migration.matrix)
        for j, customers in enumerate(row)
        if i != j and customers
    ]
    return max(moves, key=lambda move: move[2], default=None)


def data_alluvial(scene: Change) -> DataTable:
    """The matrix behind the flows."""
    comparison = scene.comparison
    migration = comparison.migration
    return DataTable(
        ("from", *migration.titles),
        tuple((title, *row) for title, row in zip(migration.titles, migration.matrix, strict=True)),
    )


def draw_net(scene: Change, width: Width) -> "Figure":
    """Change of each segment's share with its interval; what chance can give is grey."""
    comparison, palette = scene.comparison, scene.palette
    net = comparison.migration.net
    figure = style.canvas(width, (15.0 * len(net) + 44) / MM)
    margin = 118.0 if width == "full" else 92.0
    axes = style.figure_panel(figure, left=margin, right=16, bottom=30, top=8)
    axes.set_ylim(len(net) - 0.4, -0.6)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    axes.axvline(0, color=palette.ink, linewidth=0.6, zorder=2)
    axes.set_yticks([])
    order = places(comparison)
    short = _short([change.title for change in net], margin - 10)
    for row, change in enumerate(net):
        colour = palette.segment(order[change.segment_id]) if change.beyond_noise else palette.everyone
        axes.plot([100 * change.low, 100 * change.high], [row, row], color=colour, linewidth=2.2, zorder=3)
        axes.plot([100 * change.change], [row], marker="o", markersize=5, color=colour, zorder=4)
        axes.annotate(
            short[row],
            (0, row), xycoords=("axes fraction", "data"), xytext=(-8, 0), textcoords="offset points", ha="right",
            va="center", color=colour if change.beyond_noise else palette.quiet, fontweight=600,
        )  # fmt: skip
    far = max(1.0, *(100 * abs(end) for change in net for end in (change.low, change.high))) * 1.08
    axes.set_xlim(-far, far)
    axes.set_xlabel("change of share, in percent of customers", labelpad=2)
    return figure


def alt_net(scene: Change) -> str:
    """Which segments changed beyond noise."""
    comparison = scene.comparison
    beyond = [change for change in comparison.migration.net if change.beyond_noise]
    if not beyond:
        return "Change of each segment's share with its interval: none is beyond what chance gives."
    parts = [
        f"{change.title} {'up' if change.change > 0 else 'down'} {numbers.percent(abs(change.change))}"
        for change in beyond
    ]
    return f"Change of each segment's share with its interval. Beyond chance: {numbers.listed(parts)}."


def data_net(scene: Change) -> DataTable:
    """Shares, change and interval."""
    comparison = scene.comparison
    return DataTable(
        ("segment", "share before", "share now", "change", "low", "high"),
        tuple(
            (net.title, net.old_share, net.new_share, net.change, net.low, net.high)
            for net in comparison.migration.net
        ),
    )


def draw_emerging(scene: Change, width: Width, index: int) -> "Figure":
    """Load that one kind of new load adds, by hour."""
    comparison, palette = scene.comparison, scene.palette
    found = comparison.emerging[index]
    figure = style.canvas(width, 56)
    axes = style.figure_panel(figure)
    curve = np.asarray(found.added_kw)
    axes.fill_between(MIDDLE, 0, curve, facecolor=palette.accent, alpha=0.16, edgecolor="none")
    axes.plot(MIDDLE, curve, color=palette.accent, linewidth=2.2)
    style.value_axis(axes, float(curve.min()), float(curve.max()))
    style.hour_axis(axes)
    style.zero_line(axes, palette)
    style.unit_label(axes, "kW per customer")
    return figure


def alt_emerging(scene: Change, index: int) -> str:
    """What is new, and when."""
    comparison = scene.comparison
    found = comparison.emerging[index]
    high = int(np.argmax(np.abs(found.added_kw)))
    verb = "added" if found.added_kw[high] >= 0 else "taken away"
    return f"{NAMES[found.kind]}: load {verb} by hour, largest around {high} h ({numbers.kw(abs(found.added_kw[high]))} per customer)."


def data_emerging(scene: Change, index: int) -> DataTable:
    """Load added by hour."""
    comparison = scene.comparison
    found: Emerging = comparison.emerging[index]
    return DataTable(
        ("hour", "added kW"), tuple((str(hour), value) for hour, value in enumerate(found.added_kw))
    )


def draw_trends(scene: Change, width: Width) -> "Figure":
    """Share of every segment over the periods, small multiples on one scale."""
    comparison, palette = scene.comparison, scene.palette
    trends, labels = comparison.trends, [period.label for period in comparison.periods]
    columns = min(4 if width == "full" else 2, len(trends))
    rows = -(-len(trends) // columns)
    left, gap, header, footer, chart = 30.0, 16.0, 24.0, 24.0, 54.0
    figure = style.canvas(width, rows * (header + chart + footer) / MM)
    panel_width = (style.WIDTH_PT[width] - left - 12 - gap * (columns - 1)) / columns
    highest = max(max(trend.share) for trend in trends)
    for index, trend in enumerate(trends):
        row, column = divmod(index, columns)
        bottom = (rows - 1 - row) * (header + chart + footer) + footer
        axes = style.panel(figure, left + column * (panel_width + gap), bottom, panel_width, chart)
        colour = palette.segment(index)
        steps = range(len(labels))
        axes.plot(
            steps,
            [100 * share for share in trend.share],
            color=colour,
            linewidth=1.8,
            marker="o",
            markersize=3,
        )
        style.value_axis(axes, 0, 100 * highest, unit="%")
        axes.set_xlim(-0.3, len(labels) - 0.7)
        axes.set_xticks([0, len(labels) - 1], [labels[0], labels[-1]])
        first, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
        if column:
            axes.tick_params(labelleft=False)
        axes.annotate(
            style.wrap(trend.title, panel_width - 2, weight=600, lines=1)[0],
            (0, 1), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points", va="bottom", color=colour, fontweight=600,
        )  # fmt: skip
    return figure


def alt_trends(scene: Change) -> str:
    """Which segment changed most from the first period to the last."""
    comparison = scene.comparison
    most = max(comparison.trends, key=lambda trend: abs(trend.share[-1] - trend.share[0]))
    return (
        f"Share of each segment over {len(comparison.periods)} periods. {most.title} changed most, "
        f"from {numbers.percent(most.share[0])} to {numbers.percent(most.share[-1])}."
    )


def data_trends(scene: Change) -> DataTable:
    """Shares by period."""
    comparison = scene.comparison
    return DataTable(
        ("segment", *(period.label for period in comparison.periods)),
        tuple((trend.title, *trend.share) for trend in comparison.trends),
    )
