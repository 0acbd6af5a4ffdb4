import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.targets.strategies import holdout_positions, reach_goal


@settings(deadline=None)
@given(st.integers(0, 500), st.floats(0, 0.95), st.integers(0, 20))
def test_holdout_has_its_share_and_its_start_does_not_depend_on_the_length(count, share, seed) -> None:
    held = holdout_positions(count, share, seed)
    assert abs(held.sum() - count * share) <= 1.5
    np.testing.assert_array_equal(held, holdout_positions(count + 37, share, seed)[:count])


def test_holdout_takes_one_of_every_ten_and_another_seed_takes_others() -> None:
    held = holdout_positions(1000, 0.1, 0)
    assert held.reshape(100, 10).sum(axis=1).tolist() == [1] * 100
    assert (held != holdout_positions(1000, 0.1, 1)).any()


def test_walk_skips_the_holdout() -> None:
    reach = reach_goal(np.array([4.0, 3.0, 2.0, 1.0]), np.array([False, True, False, False]), 6.0)
    assert (reach.length, reach.offers, reach.expected_kw, reach.reached) == (3, 2, 6.0, True)


@pytest.mark.parametrize("goal", [0.0, -1.0])
def test_no_goal_needs_no_offers(goal: float) -> None:
    assert reach_goal(np.ones(3), np.zeros(3, dtype=bool), goal).reached


def test_a_goal_met_but_for_rounding_is_met() -> None:
    assert reach_goal(np.full(10, 0.1), np.zeros(10, dtype=bool), 1.0).offers == 10
