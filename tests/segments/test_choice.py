"""The number of segments: the elbow on constructed curves, the rules on constructed candidates."""

import dataclasses
import re

import numpy as np
import pytest

from reporter.errors import UsageError
from reporter.segments.choice import Material, _decide, choose, elbow
from reporter.segments.methods import View, method_of
from reporter.segments.model import CandidateK, Choice
from reporter.segments.shapes import ShapeSpace
from reporter.settings import SegmentSettings


def candidate(k: int, **changes: float | None) -> CandidateK:
    usual = CandidateK(
        k=k,
        inertia=100.0 / k,
        silhouette=0.2,
        stability=0.8,
        stability_low=0.7,
        stability_high=0.9,
        usefulness=0.3,
        smallest_share=0.1,
    )
    return dataclasses.replace(usual, **changes)


def test_the_elbow_is_where_the_curve_bends() -> None:
    assert elbow(np.array([100.0, 60, 20, 18, 16, 14]), [2, 3, 4, 5, 6, 7]) == 4
    assert elbow(np.array([100.0, 20, 18, 16, 14, 12]), [2, 3, 4, 5, 6, 7]) == 3


@pytest.mark.parametrize(("inertias", "ks"), [([100.0, 50], [2, 3]), ([5.0, 5, 5], [2, 3, 4])])
def test_without_a_bend_there_is_no_elbow(inertias: list[float], ks: list[int]) -> None:
    assert elbow(np.array(inertias), ks) is None


def test_groups_that_stand_apart_decide() -> None:
    candidates = [candidate(k, silhouette={4: 0.7}.get(k, 0.55)) for k in range(2, 9)]
    k, rule, reason = _decide(candidates, 1000, SegmentSettings())
    assert (k, rule) == (4, "silhouette")
    assert "0.70" in reason
    assert "from 2 to 8" in reason


def test_in_a_continuum_the_smallest_number_that_is_nearly_as_useful_is_taken() -> None:
    useful = {2: 0.2, 3: 0.30, 4: 0.46, 5: 0.48, 6: 0.50, 7: 0.9}
    candidates = [candidate(k, usefulness=u) for k, u in useful.items()]
    k, rule, reason = _decide(candidates, 1000, SegmentSettings())
    assert (k, rule) == (4, "usefulness")
    assert re.search(r"46\s?%", reason)
    assert "3 to 5" in reason


def test_the_range_that_a_program_can_use_is_a_setting() -> None:
    useful = {2: 0.2, 3: 0.30, 4: 0.46, 5: 0.48, 6: 0.50, 7: 0.9}
    candidates = [candidate(k, usefulness=u) for k, u in useful.items()]
    assert _decide(candidates, 1000, SegmentSettings(prefer_max=7))[0] == 7
    assert _decide(candidates, 1000, SegmentSettings(prefer_min=5, prefer_max=6))[0] == 5
    assert _decide(candidates, 1000, SegmentSettings(prefer_min=2, prefer_max=2))[0] == 2


def test_a_number_that_is_much_less_stable_is_passed_over() -> None:
    candidates = [candidate(k, usefulness=0.1 * k, stability=0.9 if k == 3 else 0.4) for k in range(2, 7)]
    k, _, reason = _decide(candidates, 1000, SegmentSettings())
    assert k == 3
    assert "30 %" in reason
    assert "stability of 0.90" in reason
    # A stable number that says next to nothing is not taken for its stability.
    empty = [candidate(3, usefulness=0.06, stability=0.65), candidate(4, usefulness=0.38, stability=0.56)]
    assert _decide(empty, 1000, SegmentSettings())[0] == 4


def test_a_number_with_too_small_a_segment_is_passed_over() -> None:
    candidates = [candidate(k, silhouette=0.3 + 0.1 * k, smallest_share=0.2 / k**2) for k in range(2, 6)]
    assert [c.smallest_share > 0.02 for c in candidates] == [True, True, False, False]
    assert _decide(candidates, 1000, SegmentSettings())[0] == 3
    # 0.022 of 200 customers are fewer than five.
    assert _decide(candidates, 200, SegmentSettings())[0] == 2
    assert _decide(candidates, 1000, SegmentSettings(min_share=0.001, min_members=1))[0] == 5


def test_with_too_few_days_stability_decides() -> None:
    candidates = [candidate(k, usefulness=None, stability=0.9 - 0.1 * abs(k - 5)) for k in range(2, 9)]
    k, rule, reason = _decide(candidates, 1000, SegmentSettings())
    assert (k, rule) == (5, "stability")
    assert "0.90" in reason


def test_the_user_decides() -> None:
    k, rule, reason = _decide([candidate(k) for k in range(2, 9)], 1000, SegmentSettings(k=7))
    assert (k, rule) == (7, "user")
    assert reason.startswith("7 segments")


def made(customers: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((customers, 24)).astype("float32")


def tried(shapes: np.ndarray, settings: SegmentSettings) -> Choice:
    method = method_of(settings, 0.0)
    material = Material(View(shapes), np.arange(len(shapes)), None, ShapeSpace("l2"), method, 0)
    return choose(material, settings)[0]


def test_every_number_of_the_range_is_tried() -> None:
    settings = SegmentSettings(k_min=3, k_max=5, starts=1, bootstraps=2)
    choice = tried(made(60), settings)
    assert [c.k for c in choice.candidates] == [3, 4, 5]
    inertias = [c.inertia for c in choice.candidates]
    assert inertias == sorted(inertias, reverse=True)
    assert choice.k in (3, 4, 5)


@pytest.mark.parametrize("wanted", [{"k": 30}, {"k_min": 11, "k_max": 12}])
def test_more_segments_than_customers_can_make_are_refused(wanted: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="20 customers can't make"):
        tried(made(20), SegmentSettings(**wanted))


def test_one_shape_makes_one_segment() -> None:
    same = np.repeat(made(1), 50, axis=0)
    choice = tried(same, SegmentSettings())
    assert (choice.k, choice.chosen_by) == (1, "no-structure")


def test_groups_worse_than_chance_still_give_a_number() -> None:
    candidates = [candidate(k, stability=-0.01 * k) for k in range(2, 6)]
    assert _decide(candidates, 1000, SegmentSettings())[0] == 3
