"""Figure of the tree that Ward's method grows: its last merges, lowest first."""

from typing import TYPE_CHECKING

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import Width
from reporter.figures.words import DataTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT_MM = 70


def draw_tree(scene: Scene, width: Width) -> "Figure":
    """Which branches join at which distance, and where the tree is cut."""
    palette, selection = scene.palette, scene.facts.selection
    merges = selection.tree
    leaves = len(merges) + 1
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=34)
    place = {leaf: float(x) for x, leaf in enumerate(_order(scene))}
    height = dict.fromkeys(range(leaves), 0.0)
    for number, merge in enumerate(merges, leaves):
        left, right = place[merge.left], place[merge.right]
        axes.plot(
            [left, left, right, right],
            [height[merge.left], merge.height, merge.height, height[merge.right]],
            color=palette.ink, linewidth=0.9,
        )  # fmt: skip
        place[number], height[number] = (left + right) / 2, merge.height
    if 1 < selection.k <= len(merges):
        cut = (merges[-selection.k].height + merges[1 - selection.k].height) / 2
        axes.axhline(cut, color=palette.accent, linewidth=1)
        axes.annotate(
            f"cut into {selection.k}", (1, cut), xycoords=("axes fraction", "data"), xytext=(0, 3),
            textcoords="offset points", ha="right", color=palette.accent, fontweight=600,
        )  # fmt: skip
    axes.set_xticks([])
    style.value_axis(axes, 0, merges[-1].height)
    style.unit_label(axes, "Ward distance", left=34)
    return figure


def _order(scene: Scene) -> list[int]:
    """Leaves from left to right, so that no lines cross."""
    merges = scene.facts.selection.tree
    leaves = len(merges) + 1
    waiting, found = [leaves + len(merges) - 1], []
    while waiting:
        branch = waiting.pop()
        if branch < leaves:
            found.append(branch)
        else:
            waiting += [merges[branch - leaves].right, merges[branch - leaves].left]
    return found


def alt_tree(scene: Scene) -> str:
    """Text in place of the tree."""
    merges, k = scene.facts.selection.tree, scene.facts.selection.k
    return (
        f"The last {len(merges)} merges of the tree of customers. The last joins at a distance of "
        f"{numbers.significant(merges[-1].height)}; the tree is cut into {numbers.plural(k, 'segment')}."
    )


def data_tree(scene: Scene) -> DataTable:
    """The merges, lowest first."""
    return DataTable(
        columns=("merge", "branch", "with", "Ward distance", "customers of the sample"),
        rows=tuple(
            (str(number), float(merge.left), float(merge.right), merge.height, float(merge.customers))
            for number, merge in enumerate(scene.facts.selection.tree, len(scene.facts.selection.tree) + 1)
        ),
    )
