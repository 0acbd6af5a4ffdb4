"""Change-point fits against loads made from a known response."""

import numpy as np
import pytest

from reporter.technology.weather import WeatherFit, fit_weather

DAYS = 200
TEMPERATURE = 12 + 13 * np.sin(np.linspace(0, 4 * np.pi, DAYS)) + np.random.default_rng(0).normal(0, 2, DAYS)
WEEKEND = np.arange(DAYS) % 7 >= 5


def load(heating: float = 0, cooling: float = 0, noise: float = 0.05, homes: int = 40) -> np.ndarray:
    rng = np.random.default_rng(1)
    level = (
        0.5
        + 0.1 * WEEKEND
        + heating * np.maximum(14 - TEMPERATURE, 0)
        + cooling * np.maximum(TEMPERATURE - 20, 0)
    )
    return (level * (1 + noise * rng.normal(size=(homes, DAYS)))).astype("float32")  # fmt: skip


def fit(daily: np.ndarray) -> WeatherFit:
    return fit_weather(daily, TEMPERATURE, WEEKEND, 0.01)


@pytest.mark.parametrize(("heating", "cooling"), [(0.05, 0.0), (0.0, 0.08), (0.05, 0.08)])
def test_slopes_change_points_and_level_come_back(heating: float, cooling: float) -> None:
    found = fit(load(heating, cooling))
    np.testing.assert_allclose(np.median(found.heating_kw_per_c), heating, rtol=0.08)
    np.testing.assert_allclose(np.median(found.cooling_kw_per_c), cooling, rtol=0.08)
    np.testing.assert_allclose(np.median(found.base_kw), 0.5, rtol=0.03)
    for slope, point, truth in (
        (heating, found.change_point_heating_c, 14),
        (cooling, found.change_point_cooling_c, 20),
    ):
        assert abs(np.nanmedian(point) - truth) <= 1 if slope else np.isnan(point).mean() > 0.9
    assert (found.heating_probability > 0.5).mean() == (1.0 if heating else 0.0)
    assert (found.cooling_probability > 0.5).mean() == (1.0 if cooling else 0.0)


def test_intervals_hold_the_truth() -> None:
    found = fit(load(0.05, 0.08, homes=200))
    held = (found.heating_kw_per_c_low <= 0.05) & (found.heating_kw_per_c_high >= 0.05)
    assert held.mean() >= 0.88


def test_load_without_response_follows_nothing() -> None:
    found = fit(load(homes=200, noise=0.2))
    assert ((found.heating_kw_per_c > 0) | (found.cooling_kw_per_c > 0)).mean() < 0.05


def test_missing_days_cost_certainty_and_too_few_give_nothing() -> None:
    daily = load(0.05)
    daily[:20, ::3] = np.nan
    daily[20:, 15:] = np.nan
    found = fit(daily)
    np.testing.assert_allclose(np.median(found.heating_kw_per_c[:20]), 0.05, rtol=0.1)
    assert np.isnan(found.heating_kw_per_c[20:]).all()


def test_a_summer_says_nothing_of_heating() -> None:
    warm = TEMPERATURE > 15
    found = fit_weather(load(0.05, 0.08)[:, warm], TEMPERATURE[warm], WEEKEND[warm], 0.01)
    assert np.isnan(found.heating_probability).all()
    assert (found.cooling_probability > 0.9).all()
