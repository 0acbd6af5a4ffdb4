"""What stands behind the load in the peak hours, against loads drawn by hand."""

import numpy as np
import pytest

from .device_days import examined

DAYS = 60
PEAK = [(day, hour) for day in range(3, DAYS, 4) for hour in (18, 19)]


def homes(n: int = 30, base: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(3)
    shape = base * (1 + 0.8 * np.exp(-(((np.arange(24) - 19) / 2.5) ** 2)))
    return (shape * rng.lognormal(0, 0.1, (n, DAYS, 24))).astype("float32")


def charging_days() -> tuple[np.ndarray, np.ndarray]:
    """(15, DAYS) whether a car is charged, and for how long [h]: at least the two peak hours."""
    rng = np.random.default_rng(0)
    charged = rng.random((15, DAYS)) < 0.6
    return charged, charged * rng.uniform(3, 5, (15, DAYS))


def test_a_car_in_the_peak_hours_is_the_cars_part() -> None:
    kw = homes()
    charged, lasts = charging_days()
    kw[:15, :, 17:23] += 7.2 * np.clip(lasts[:, :, None] - np.arange(6), 0, 1).astype("float32")
    technology = examined(kw, peak_hours=PEAK)
    assert technology.signs()["ev"].tolist() == [True] * 15 + [False] * 15
    days = sorted({day for day, _ in PEAK})
    expected = 7.2 * charged[:, days].mean(axis=1)
    np.testing.assert_allclose(technology.ev_peak_kw[:15], expected, rtol=0.1, atol=0.1)
    np.testing.assert_allclose(technology.ev_consistency[:15], charged[:, days].mean(axis=1), atol=0.01)
    assert (technology.ev_peak_kw_low[:15] <= technology.ev_peak_kw[:15]).all()
    assert (technology.ev_peak_kw[15:] == 0).all()
    # What is no car is still there.
    assert (technology.rest_peak_kw > 0.1).all()
    assert technology.rest_peak_kw[:15].mean() == pytest.approx(technology.rest_peak_kw[15:].mean(), abs=0.15)


def test_a_car_at_night_adds_nothing_to_the_peak() -> None:
    kw = homes()
    charged, lasts = charging_days()
    kw[:15, :, 1:7] += 7.2 * np.clip(lasts[:, :, None] - np.arange(6), 0, 1).astype("float32")
    technology = examined(kw, peak_hours=PEAK)
    found = technology.signs()["ev"]
    assert found[:15].sum() >= 12
    assert not found[15:].any()
    assert (technology.ev_peak_kw == 0).all()
    energy = 7.2 * lasts.sum(axis=1) / charged.sum(axis=1)
    np.testing.assert_allclose(technology.ev_kwh[:15][found[:15]], energy[found[:15]], rtol=0.06)
    np.testing.assert_allclose(technology.ev_hour[found], 1.5, atol=0.6)


def test_cooling_in_the_peak_hours_grows_with_the_heat_of_the_peak_days() -> None:
    kw = homes(60)
    temperature = 22 + 5 * np.sin(np.arange(DAYS) / 3)
    degrees = np.maximum(temperature - 21, 0)
    # Air conditioning works harder in the evening than by day.
    kw[:30] += (degrees[:, None] * np.where(np.arange(24) >= 16, 0.1, 0.03)).astype("float32")
    technology = examined(kw, 60, temperature, PEAK)
    assert technology.signs()["cooling"].tolist() == [True] * 30 + [False] * 30
    expected = 0.1 * np.mean([degrees[day] for day, _ in PEAK])
    np.testing.assert_allclose(np.median(technology.temperature_peak_kw[:30]), expected, rtol=0.15)
    held = (technology.temperature_peak_kw_low[:30] <= expected) & (
        technology.temperature_peak_kw_high[:30] >= expected
    )
    assert held.mean() >= 0.8
    assert (technology.temperature_peak_kw[30:] < 0.02).all()


def test_a_regular_evening_is_more_consistent_than_one_now_and_then() -> None:
    kw = np.full((2, DAYS, 24), 0.3, dtype="float32")
    kw[0, :, 18:20] += 0.5
    kw[1, ::8, 18:20] += 1.9
    technology = examined(kw, peak_hours=[(day, 18) for day in range(0, DAYS, 2)])
    assert technology.consistency[0] == 1
    assert technology.consistency[1] < 0.4
    assert technology.rest_peak_kw[0] == pytest.approx(0.5, abs=0.02)


def test_who_has_no_readings_in_the_peak_hours_is_not_known() -> None:
    kw = homes(3)
    kw[0, :, 17:21] = np.nan
    technology = examined(kw, peak_hours=PEAK)
    assert np.isnan(technology.rest_peak_kw[0])
    assert np.isnan(technology.consistency[0])
    assert np.isfinite(technology.rest_peak_kw[1:]).all()


def test_the_parts_add_up_to_the_load_above_baseload() -> None:
    kw = homes(40)
    temperature = 22 + 5 * np.sin(np.arange(DAYS) / 3)
    kw[:20] += (0.06 * np.maximum(temperature - 20, 0))[:, None].astype("float32")
    technology = examined(kw, 60, temperature, PEAK)
    parts = (
        technology.temperature_peak_kw
        + technology.ev_peak_kw
        + technology.water_peak_kw
        + technology.rest_peak_kw
    )
    at_peak = kw[:, [day for day, _ in PEAK], [hour for _, hour in PEAK]].mean(axis=1)
    baseload = np.sort(kw.mean(axis=1), axis=1)[:, :4].mean(axis=1)
    np.testing.assert_allclose(parts, at_peak - baseload, rtol=0.05, atol=0.02)
