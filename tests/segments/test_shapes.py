"""Shapes: what a normalisation keeps and what it drops."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reporter.segments.shapes import relative, shapes
from reporter.settings import Normalise

EVERY: tuple[Normalise, ...] = get_args(Normalise)

PROFILES = arrays(np.float32, (3, 24), elements=st.floats(-4, 8, width=32)).filter(
    lambda p: (np.abs(p).max(axis=1) > 0.1).all() and (np.ptp(p, axis=1) > 0.1).all()
)


@pytest.mark.parametrize("normalise", EVERY)
@settings(max_examples=50, derandomize=True, deadline=None)
@given(profiles=PROFILES, size=st.floats(0.01, 100))
def test_size_drops_out(normalise: Normalise, profiles: np.ndarray, size: float) -> None:
    np.testing.assert_allclose(
        shapes((profiles * size).astype("float32"), normalise), shapes(profiles, normalise), atol=2e-5
    )


@settings(max_examples=50, derandomize=True, deadline=None)
@given(profiles=PROFILES)
def test_each_normalisation_is_what_its_name_says(profiles: np.ndarray) -> None:
    np.testing.assert_allclose(np.linalg.norm(shapes(profiles, "l2"), axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.abs(shapes(profiles, "l1")).sum(axis=1), 1, rtol=1e-5)
    minmax = shapes(profiles, "minmax")
    np.testing.assert_allclose(minmax.min(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(minmax.max(axis=1), 1, rtol=1e-5)
    zscore = shapes(profiles, "zscore")
    np.testing.assert_allclose(zscore.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(zscore.std(axis=1), 1, rtol=1e-4)
    cumulative = shapes(profiles, "cumulative")
    np.testing.assert_allclose(cumulative, np.cumsum(shapes(profiles, "l1"), axis=1), atol=1e-5)
    np.testing.assert_allclose(np.abs(relative(profiles)).mean(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("normalise", EVERY)
def test_rows_do_not_know_of_each_other(normalise: Normalise) -> None:
    profiles = np.random.default_rng(0).random((5, 24)).astype("float32")
    whole = shapes(profiles, normalise)
    for row in range(5):
        np.testing.assert_array_equal(shapes(profiles[[row]], normalise)[0], whole[row])


@pytest.mark.parametrize("normalise", EVERY)
def test_zeros_stay_zeros_and_no_number_is_lost(normalise: Normalise) -> None:
    assert not shapes(np.zeros((1, 24), dtype="float32"), normalise).any()
    gap = np.arange(24, dtype="float32")[None]
    gap[0, 3] = np.nan
    assert np.isfinite(shapes(gap, normalise)).all()
    nothing = np.full((1, 24), np.nan, dtype="float32")
    assert np.isfinite(shapes(nothing, normalise)).all()


def test_a_missing_hour_is_filled_with_the_mean_of_the_others() -> None:
    profile = np.ones((1, 24), dtype="float32")
    profile[0, 12:] = 3
    profile[0, 5] = np.nan
    expected = np.where(np.isnan(profile), (11 + 36) / 23, profile)
    np.testing.assert_allclose(shapes(profile, "l1")[0], (expected / expected.sum())[0], rtol=1e-6)
