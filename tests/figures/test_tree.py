"""The tree that Ward's method grows, as it is drawn."""

import pytest
from factories import run

from reporter.facts.model import Merge
from reporter.figures import make_scene, numbers, style
from reporter.figures.tree import alt_tree, data_tree, draw_tree

# Five leaves, 0 to 4; 5, 6, … are the merges in their order.
MERGES = [
    Merge(left=1, right=4, height=1.0, customers=20),
    Merge(left=0, right=3, height=1.5, customers=30),
    Merge(left=2, right=5, height=3.0, customers=45),
    Merge(left=6, right=7, height=8.0, customers=75),
]


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_tree_is_drawn_merge_by_merge_and_cut_into_k(k: int) -> None:
    facts, profiles = run(k=k)
    facts = facts.model_copy(update={"selection": facts.selection.model_copy(update={"tree": MERGES})})
    scene = make_scene(facts, profiles)
    with style.styled(scene.palette):
        axes = draw_tree(scene, "full").axes[0]
        brackets = [line for line in axes.lines if len(line.get_xdata()) == 4]
        cuts = [float(line.get_ydata()[0]) for line in axes.lines if len(line.get_xdata()) == 2]
    assert [line.get_ydata()[1] for line in brackets] == [merge.height for merge in MERGES]
    # Every bracket stands on what it joins: a leaf at zero, or an earlier merge at its height.
    assert [(line.get_ydata()[0], line.get_ydata()[3]) for line in brackets] == [
        (0, 0),
        (0, 0),
        (0, 1.0),
        (1.5, 3.0),
    ]
    # Nothing crosses: leaves below different branches lie apart.
    left, right = (line.get_xdata() for line in brackets[1:3])
    assert max(left) < min(right) or max(right) < min(left)
    assert len(cuts) == 1
    above = sum(merge.height > cuts[0] for merge in MERGES)
    assert above + 1 == k
    assert numbers.plural(k, "segment") in alt_tree(scene)
    assert [row[3] for row in data_tree(scene).rows] == [merge.height for merge in MERGES]


def test_there_is_a_tree_only_where_one_was_grown() -> None:
    from reporter.figures import registry

    facts, _ = run(k=3)
    assert "tree" not in {spec.name for spec in registry.specs(facts)}
    grown = facts.model_copy(update={"selection": facts.selection.model_copy(update={"tree": MERGES})})
    assert "tree" in {spec.name for spec in registry.specs(grown)}
