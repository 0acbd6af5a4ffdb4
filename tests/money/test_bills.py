"""Bills against sums done by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from reporter.money import bills, month_bills
from reporter.money.tariff import Rate, Tariff, Year, bill, price_at, prices
from reporter.settings import MoneySettings
from tests.targets.street import make_profiles, make_segmentation

DAYS = [date(2026, 7, 6) + timedelta(days=number) for number in range(28)]
WEEKEND = np.array([day.weekday() > 4 for day in DAYS])
YEAR = Year.of(DAYS, WEEKEND)
FLAT = Rate(name="flat", fixed_per_month=10, price_per_kwh=0.2)
CLOCK = Rate.model_validate(
    {
        "name": "clock",
        "fixed_per_month": 10,
        "price_per_kwh": 0.1,
        "window": [{"name": "peak", "hours": [16, 20], "days": "weekdays", "price_per_kwh": 0.5}],
    }
)


def month(*, weekday: float, weekend: float = 0.0) -> np.ndarray:
    """One customer with so many kWh an hour of a month, on weekdays and weekends."""
    return np.array([[[weekday] * 24, [weekend] * 24]])


def test_one_price() -> None:
    assert bill(FLAT, month(weekday=2, weekend=1), YEAR) == pytest.approx([10 + 0.2 * 72])


def test_prices_by_the_clock() -> None:
    assert bill(CLOCK, month(weekday=1, weekend=1), YEAR) == pytest.approx([10 + 0.1 * 44 + 0.5 * 4])


def test_a_window_over_midnight_and_of_some_months() -> None:
    rate = Rate.model_validate(
        {
            "name": "night",
            "price_per_kwh": 0.3,
            "window": [{"name": "night", "hours": [22, 6], "months": [8], "price_per_kwh": 0.1}],
        }
    )
    days = [date(2026, 7, 31), date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5)]
    found = prices(rate, Year.of(days, np.zeros(4, dtype=bool)))
    # Three of the four weekdays lie in August.
    assert found[0, 23] == pytest.approx(0.25 * 0.3 + 0.75 * 0.1)
    assert found[0, 5] == found[0, 23] and found[0, 6] == pytest.approx(0.3)


@pytest.mark.parametrize(("kwh", "paid"), [(50, 5), (100, 10), (150, 20), (400, 90)])
def test_tiers(kwh: float, paid: float) -> None:
    rate = Rate.model_validate(
        {
            "name": "tiers",
            "tier": [
                {"up_to_kwh": 100, "price_per_kwh": 0.1},
                {"up_to_kwh": 300, "price_per_kwh": 0.2},
                {"price_per_kwh": 0.4},
            ],
        }
    )
    assert bill(rate, month(weekday=kwh / 24), YEAR) == pytest.approx([paid])
    marginal = price_at(rate, datetime(2026, 7, 6, 17), False, np.array([50.0, 150.0, 400.0]))
    assert marginal.tolist() == [0.1, 0.2, 0.4]


def test_export_is_paid_where_the_tariff_says_so() -> None:
    load = np.zeros((1, 2, 24))
    load[0, 0, 12], load[0, 0, 19] = -10.0, 5.0
    assert bill(FLAT, load, YEAR) == pytest.approx([10 + 1.0])
    paid = FLAT.model_copy(update={"export_per_kwh": 0.05})
    assert bill(paid, load, YEAR) == pytest.approx([10 + 1.0 - 0.5])


def test_who_gains_who_loses_and_what_must_move() -> None:
    profiles = make_profiles([1.0] * 4, [0.5] * 4, [1.0] * 4)
    # Two draw 1 kW throughout, two 4 kW in four hours of weekdays and nothing else but a sixth of it at night.
    load = np.ones((4, 24), dtype=np.float32)
    load[2:] = 0.0
    load[2:, 16:20] = 4.0
    load[2:, 0:4] = 2.0
    daily = replace(profiles.daily, dates=DAYS, weekend=WEEKEND)
    profiles = replace(profiles, weekday_kw=load, weekend_kw=load, profile_kw=load, daily=daily)
    segmentation = make_segmentation([0, 0, 1, 1], ["flat", "evening-peak"])
    tariff = Tariff(currency="USD", current=FLAT, proposed=CLOCK)
    each = month_bills(tariff, profiles)
    found = bills(
        tariff, each, profiles, segmentation, [("tenure", "owner", np.array([True, False, True, False]))], MoneySettings(), 0.1
    )  # fmt: skip
    flat, evening = found.segments
    days = 365.25 / 12
    assert flat.now == pytest.approx(10 + 0.2 * 24 * days)
    assert flat.then == pytest.approx(10 + (0.1 * 24 + 0.4 * 4 * 5 / 7) * days)
    assert (flat.gain_share, flat.lose_share) == (1.0, 0.0)
    assert evening.change == pytest.approx((-0.1 * 24 + 0.4 * 16 * 5 / 7) * days)
    assert (evening.gain_share, evening.lose_share, evening.hard_share) == (0.0, 1.0, 1.0)
    # The dear hours hold 16 kWh of a weekday; each kWh moved saves 0.40.
    dear = 16 * 5 / 7 * days
    assert evening.shift_to_even == pytest.approx(evening.change / (dear * 0.4))
    assert evening.change_shifted == pytest.approx(evening.change - 0.1 * dear * 0.4)
    assert [(row.value, row.customers) for row in found.groups] == [("owner", 2)]
    assert found.groups[0].change == pytest.approx((flat.change + evening.change) / 2)
    # Each customer's own, of which those are the means: 24 kWh a day, and 24 kWh of which 16 are dear on weekdays.
    assert each.now == pytest.approx([10 + 0.2 * 24 * days] * 4)
    assert each.then is not None
    assert each.then[0] == pytest.approx(10 + (0.1 * 24 + 0.4 * 4 * 5 / 7) * days)
    assert each.then[3] == pytest.approx(10 + (0.1 * 24 + 0.4 * 16 * 5 / 7) * days)
    assert month_bills(Tariff(currency="USD", current=FLAT), profiles).then is None
