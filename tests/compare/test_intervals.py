"""Intervals: examples worked out by hand, and how often they hold what is true."""

import numpy as np
import pytest

from reporter.compare.intervals import mean_change, paired_shares, wilson


def test_wilson_by_hand() -> None:
    # 2 of 10: (0.2 + 0.19207) / 1.38415 ± 1.95996 / 1.38415 × √(0.016 + 0.0096036)
    assert wilson(0.2, 10) == pytest.approx((0.05668, 0.50984), abs=1e-4)
    assert wilson(0, 50)[0] == 0


def test_a_paired_share_by_hand() -> None:
    # 30 came, 10 went, of 200: change 0.1; with half a customer in each cell 20/202 ± 1.96 √(41 − 400/202) / 202
    change, low, high = paired_shares(30, 10, 200)
    assert change == pytest.approx(0.1)
    assert (low, high) == pytest.approx((0.0384, 0.1596), abs=2e-4)


def test_a_known_shift_amid_noise_is_held_by_its_interval() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        inside = rng.random(1000) < 0.3
        # Noise takes as many out as in; a shift of 5 % of all comes on top.
        noise = rng.random(1000)
        leaves, enters = inside & (noise < 0.07), ~inside & (noise < 0.03)
        shifts = ~inside & ~enters & (rng.random(1000) < 0.05 / (0.7 * 0.97))
        _, low, high = paired_shares(int(enters.sum() + shifts.sum()), int(leaves.sum()), 1000)
        held += low <= 0.05 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_change_of_a_mean_by_hand() -> None:
    # The same four customers, each 1 more: the change is sure, though the customers differ widely.
    old = np.array([1.0, 5, 9, 13])
    nobody = np.zeros(0)
    change, low, high = mean_change(old, old + 1, np.ones(4, dtype=bool), (nobody, nobody))
    assert (change, low, high) == pytest.approx((1, 1, 1))
    # As if they were others: ± 1.96 √(26.667 / 4 + 26.667 / 4)
    none = np.zeros(0)
    _, low, high = mean_change(none, none, np.zeros(0, dtype=bool), (old, old + 1))
    assert (low, high) == pytest.approx((1 - 7.157, 1 + 7.157), abs=0.01)
    assert np.isnan(mean_change(none, none, np.zeros(0, dtype=bool), (none, old))[0])


def test_a_change_of_a_mean_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(400):
        size = rng.gamma(2, 0.5, 300)
        old = size + rng.normal(0, 0.2, 300)
        new = size + 0.1 + rng.normal(0, 0.2, 300)
        together = np.ones(200, dtype=bool)
        _, low, high = mean_change(old[:200], new[:200], together, (old[200:250], new[250:]))
        held += low <= 0.1 <= high
    assert 0.92 <= held / 400 <= 0.98
