"""Baselines against sums done by hand."""

import numpy as np
import pytest

from reporter.events.baselines import adjusted, baselines
from reporter.events.loads import HOLIDAY, WEEKDAY, WEEKEND
from reporter.settings import EventSettings

OPTIONS = EventSettings()
HOURS = (16, 17)


def flat(*levels: float) -> np.ndarray:
    """One customer whose load is one level a day [kW]."""
    return np.repeat(np.array(levels, dtype="float32")[None, :, None], 24, axis=2)


def made(
    loads: np.ndarray,
    kind: np.ndarray | None = None,
    temperature: np.ndarray | None = None,
    **options: object,
) -> dict[str, float]:
    """Every baseline of the last day at 16 h."""
    days = loads.shape[1]
    kind = np.full(days, WEEKDAY, dtype=np.int8) if kind is None else kind
    found = baselines(loads, kind, days - 1, HOURS, temperature, EventSettings.model_validate(options))
    return {name: float(values[0, 16]) for name, values in found.items()}


def test_recent_days_by_hand() -> None:
    # Twelve days, the event on the last; the ten latest before it are 2 … 11, the five latest 7 … 11.
    found = made(flat(100, 2, 8, 4, 6, 10, 3, 9, 5, 7, 11, 0))
    assert found["10-of-10"] == pytest.approx((2 + 8 + 4 + 6 + 10 + 3 + 9 + 5 + 7 + 11) / 10)
    assert found["high-4-of-5"] == pytest.approx((9 + 5 + 7 + 11) / 4)
    assert found["high-5-of-10"] == pytest.approx((7 + 8 + 9 + 10 + 11) / 5)
    assert found["middle-8-of-10"] == pytest.approx((3 + 4 + 5 + 6 + 7 + 8 + 9 + 10) / 8)
    assert "weather-matched" not in found


def test_days_are_chosen_by_the_hours_of_the_event_and_averaged_by_hour() -> None:
    loads = flat(1, 2, 3, 4, 5, 0)
    loads[0, 0, 16:18] = 9  # the day with the least use else has the most in the event
    loads[0, 4, 16:18] = 0.5
    found = baselines(loads, np.zeros(6, dtype=np.int8), 5, HOURS, None, OPTIONS)["high-4-of-5"]
    assert found[0, 16] == pytest.approx((9 + 2 + 3 + 4) / 4)
    assert found[0, 3] == pytest.approx((1 + 2 + 3 + 4) / 4)


def test_weekends_holidays_and_days_that_are_missing_do_not_count() -> None:
    loads = flat(1, 2, 3, 50, 4, 5, 60, 7, 0)
    kind = np.full(9, WEEKDAY, dtype=np.int8)
    kind[3], kind[6] = WEEKEND, HOLIDAY
    loads[0, 7] = np.nan  # an event of its own, or an outage
    assert made(loads, kind)["10-of-10"] == pytest.approx((1 + 2 + 3 + 4 + 5) / 5)
    kind[8] = HOLIDAY  # an event on a holiday is like a weekend, of which there is one, and that is too few
    assert np.isnan(made(loads, kind)["10-of-10"])


def test_too_few_days_make_no_baseline() -> None:
    found = made(flat(1, 2, 3, 4, 0))
    assert np.isnan(found["10-of-10"])
    assert np.isnan(found["middle-8-of-10"])
    assert np.isnan(found["high-5-of-10"])
    assert found["high-4-of-5"] == pytest.approx(2.5)
    assert np.isnan(made(flat(1, 2, 3, 0))["high-4-of-5"])


def test_a_customer_goes_further_back_for_the_days_that_it_lacks() -> None:
    both = np.concatenate([flat(*range(1, 8), 0), flat(*range(1, 8), 0)])
    both[1, 6] = np.nan
    found = baselines(both, np.zeros(8, dtype=np.int8), 7, HOURS, None, OPTIONS)["high-4-of-5"][:, 16]
    assert found[0] == pytest.approx((4 + 5 + 6 + 7) / 4)  # of 3 … 7
    assert found[1] == pytest.approx((3 + 4 + 5 + 6) / 4)  # of 2 … 6


def test_the_lookback_ends() -> None:
    assert made(flat(*range(1, 12), 0), lookback_days=6)["10-of-10"] == pytest.approx(
        (6 + 7 + 8 + 9 + 10 + 11) / 6
    )


def test_weather_matched_days_by_hand() -> None:
    temperature = np.array([20.0, 31, 29, 25, np.nan, 30, 18, 30])
    found = made(flat(1, 2, 3, 4, 5, 6, 7, 0), temperature=temperature, weather_days=3)
    assert found["weather-matched"] == pytest.approx((6 + 2 + 3) / 3)


def test_the_adjustment_moves_by_the_hours_before_and_is_capped() -> None:
    baseline = np.full((3, 24), 2.0, dtype="float32")
    load = baseline.copy()
    load[0, 12:15] += [0.1, 0.2, 0.3]  # hours 12 to 15 are those that end an hour before 16
    load[0, 15] = 99  # the hour before the event is left out: people prepare for it
    load[1, 12:15] += 5
    load[2, 12:15] -= 5
    moved = adjusted(baseline, load, HOURS, OPTIONS)
    assert moved[0, 16] == pytest.approx(2.2)
    assert moved[0, 3] == pytest.approx(2.2)
    assert moved[1, 16] == pytest.approx(2.4)  # 20 % of 2 kW
    assert moved[2, 16] == pytest.approx(1.6)
    night = adjusted(baseline, load, (0, 1), OPTIONS)
    np.testing.assert_array_equal(night, baseline)  # there are no hours before
