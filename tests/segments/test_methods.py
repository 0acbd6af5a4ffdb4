"""Every method finds groups that are there, the same ones again, and assigns new customers as its own."""

import dataclasses
import itertools

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from reporter.segments.methods import View, method_of
from reporter.segments.methods.dictionary import Dictionary
from reporter.segments.methods.hierarchical import Hierarchical
from reporter.segments.methods.kmeans import KMeans
from reporter.segments.methods.warping import assign, distances
from reporter.segments.odd import odd_customers, odd_sizes
from reporter.segments.shapes import ShapeSpace
from reporter.settings import SegmentSettings

HOURS = np.arange(24)
METHODS = ["kmeans", "hierarchical", "dtw", "dictionary"]


def bump(hour: float) -> np.ndarray:
    return np.exp(-0.5 * (((HOURS - hour + 12) % 24 - 12) / 1.5) ** 2)


def made(noise: float = 0.05) -> tuple[View, np.ndarray]:
    """60 customers of three classes, 20 days each."""
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 20)
    load = 0.3 + np.stack([bump(hour) for hour in (8, 13, 19)])[truth]
    days = load[:, None] * np.exp(noise * generator.standard_normal((60, 20, 24)))
    shapes = days.mean(axis=1)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    return View(shapes.astype("float32"), days.astype("float32"), np.arange(60)), truth


@pytest.mark.parametrize("name", METHODS)
def test_each_method_finds_the_classes(name: str) -> None:
    view, truth = made()
    method = method_of(SegmentSettings.model_validate({"method": name, "starts": 3}), 0.02)
    prototypes = method.fit(view, 3, 0)
    found = method.assign(view.shapes, prototypes)
    assert adjusted_rand_score(truth, found) == 1
    assert method.fit(view, 3, 0).tobytes() == prototypes.tobytes()
    order = np.random.default_rng(1).permutation(60)
    turned = method.quick().fit(view.take(order), 3, 5)
    assert adjusted_rand_score(truth, method.assign(view.shapes, turned)) == 1
    np.testing.assert_allclose(
        method.each(view.shapes, prototypes).sum(), method.inertia(view.shapes, prototypes), rtol=1e-4
    )


def by_hand(a: np.ndarray, b: np.ndarray, band: int) -> float:
    table = np.full((25, 25), np.inf)
    table[0, 0] = 0
    for i, j in itertools.product(range(24), range(24)):
        if abs(i - j) <= band:
            table[i + 1, j + 1] = (a[i] - b[j]) ** 2 + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return float(table[24, 24])


@pytest.mark.parametrize("band", [1, 2, 5])
def test_warped_distances_are_those_of_the_plain_algorithm(band: int) -> None:
    rows = np.random.default_rng(band).random((6, 24)).astype("float32")
    expected = [[by_hand(a, b, band) for b in rows] for a in rows]
    np.testing.assert_allclose(distances(rows, rows, band), expected, rtol=1e-4, atol=1e-6)


def test_a_habit_an_hour_later_is_near_when_warped() -> None:
    centres = np.stack([bump(8), bump(12)]).astype("float32")
    assert assign(bump(10.8)[None].astype("float32"), centres, 1).tolist() == [1]
    assert distances(bump(9)[None].astype("float32"), bump(8)[None].astype("float32"), 2)[0, 0] < 0.02


def test_the_tree_joins_the_nearest_first_and_everyone_in_the_end() -> None:
    view, _ = made()
    tree = Hierarchical().tree(view, 0)
    heights = [merge.height for merge in tree]
    assert heights == sorted(heights)
    assert tree[-1].customers == 60
    assert heights[-2] > 5 * heights[-3]  # three branches
    leaves = len(tree) + 1
    used = sorted(branch for merge in tree for branch in (merge.left, merge.right))
    assert used == list(range(leaves + len(tree) - 1))


def test_entropy_is_that_of_the_days() -> None:
    mornings, evenings = (0.3 + bump(hour) for hour in (8, 19))
    days = np.stack([[mornings] * 8, [mornings, evenings] * 4, [evenings] * 8] * 5).astype("float32")
    shapes = days.mean(axis=1)
    view = View(shapes, days, np.arange(15))
    method = Dictionary("l2", 3)
    encoding = method.encode(view, method.typical(view, 2, 0))
    np.testing.assert_allclose(encoding.entropy, [0, 1, 0] * 5, atol=1e-6)
    np.testing.assert_allclose(encoding.shares.sum(axis=1), 1, rtol=1e-6)


def test_a_customer_like_nobody_is_odd_and_nobody_else() -> None:
    view, truth = made()
    shapes = view.shapes.copy()
    shapes[7] = np.eye(24)[3]
    options = SegmentSettings()
    method = method_of(options, 0.0)
    centres = np.stack([shapes[truth == c].mean(axis=0) for c in range(3)])
    odd = odd_customers(shapes, truth, centres, method, options)
    assert np.flatnonzero(odd).tolist() == [7]
    size = np.exp(np.random.default_rng(0).normal(0, 0.5, 200))
    size[5] = 400
    assert np.flatnonzero(odd_sizes(size, options)).tolist() == [5]


def test_of_few_customers_no_seed_changes_the_segments() -> None:
    """Eighty homes along a continuum: random starts end in several partitions that are nearly as good, a tree in one."""
    rng = np.random.default_rng(4)
    middles, sharp = rng.uniform(0, 24, 80), rng.uniform(0.2, 2, 80)
    rows = np.exp(sharp[:, None] * np.cos(2 * np.pi * (HOURS - middles[:, None]) / 24))
    rows = (rows * rng.gamma(20, 0.05, rows.shape)).astype("float32")
    view = View(ShapeSpace.of(SegmentSettings())(rows))
    method = method_of(SegmentSettings(), 0.06)

    def groups(one: KMeans, seed: int) -> bytes:
        return one.assign(view.shapes, one.fit(view, 5, seed)).tobytes()

    assert isinstance(method, KMeans)
    assert len({groups(method, seed) for seed in range(8)}) == 1
    assert len({groups(dataclasses.replace(method, tree_most=0, starts=1), seed) for seed in range(8)}) > 1
