"""What the weather explains of a change of load, in periods made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from reporter.compare.drift import drift
from reporter.compare.matching import match_segments
from reporter.compare.pair import Pair
from reporter.compare.weather import in_new_weather, same_weather, why_not
from reporter.facts import Degrees, Technologies, Weather
from reporter.facts.technology import BASES_C
from reporter.run import Run
from reporter.settings import CompareSettings

from . import sides

OPTIONS = CompareSettings()
N = 90


def weather(days_c: list[float]) -> Weather:
    days = np.array(days_c)
    return Weather(
        days=len(days),
        mean_c=days.mean(),
        lowest_c=days.min(),
        highest_c=days.max(),
        degrees=[
            Degrees(
                base_c=base,
                below_c=np.maximum(base - days, 0).mean(),
                above_c=np.maximum(days - base, 0).mean(),
            )
            for base in BASES_C
        ],
    )


def with_weather(run: Run, found: Weather | None) -> Run:
    technology = Technologies(
        examined=N, sign_from=0.5, signs=[], season_contrast=None, season_note="", weather=found
    )
    return replace(run, facts=run.facts.model_copy(update={"technology": technology}))


def made(old_c: list[float] | None, new_c: list[float] | None, more_kw: float = 0.0) -> Pair:
    """Homes of 0.5 kW with 0.1 kW for each degree above 20 °C and 0.05 below 10 °C; ``more_kw`` in the newer period."""

    def mean_kw(days_c: list[float] | None) -> float:
        days = np.array(days_c if days_c is not None else [15.0])
        return float((0.5 + 0.1 * np.maximum(days - 20, 0) + 0.05 * np.maximum(10 - days, 0)).mean())

    rng = np.random.default_rng(0)
    size = rng.uniform(-0.1, 0.1, N)
    segment = np.arange(N) % sides.K
    pair = sides.pair(
        segment, segment,
        old_kw=np.repeat((mean_kw(old_c) + size)[:, None], 24, axis=1),
        new_kw=np.repeat((mean_kw(new_c) + size + more_kw)[:, None], 24, axis=1),
        old_solar_probability=0.0, new_solar_probability=0.0,
        old_heating_kw_per_c=0.05, old_cooling_kw_per_c=0.1, old_change_point_heating_c=10.0, old_change_point_cooling_c=20.0,
        old_temperature_peak_kw=0.2, new_temperature_peak_kw=0.3,
    )  # fmt: skip
    old, new = (None if days is None else weather(days) for days in (old_c, new_c))
    return replace(pair, old=with_weather(pair.old, old), new=with_weather(pair.new, new))


SPRING, SUMMER = [4.0, 10, 16, 22, 28], [14.0, 20, 24, 26, 28]


def test_the_weather_explains_what_it_does_and_no_more() -> None:
    pair = made(SPRING, SUMMER)
    found = same_weather(pair, in_new_weather(pair, OPTIONS))
    assert found is not None
    # Cooling: 2 and 8 of 5 days' degrees then, 4, 6 and 8 now; heating: 6 then, none now.
    assert found.expected_kwh_per_day - found.old_kwh_per_day == pytest.approx(
        24 * (0.1 * 8 / 5 - 0.05 * 6 / 5)
    )
    assert found.change == pytest.approx(0, abs=1e-9)
    assert found.low < 0 < found.high
    assert (found.customers, found.old_mean_c, found.new_mean_c) == (N, 16, pytest.approx(22.4))


def test_what_the_weather_does_not_explain_is_change() -> None:
    pair = made(SPRING, SUMMER, more_kw=0.05)
    loads = in_new_weather(pair, OPTIONS)
    found = same_weather(pair, loads)
    assert found is not None
    assert found.change == pytest.approx(1.2)
    assert 0 < found.low < 1.2 < found.high
    drifts, _ = drift(pair, match_segments(pair, OPTIONS.same_shape), loads, OPTIONS, 0)
    measures = {d.measure: d for d in drifts if d.old_segment_id == drifts[0].old_segment_id}
    energy = measures["same_weather_kwh_per_day"]
    assert energy.change == pytest.approx(1.2)
    # Load in the peak hours: 0.1 kW more by the weather, 0.1 by cooling, 0.05 of its own.
    peak = measures["coincident_other_kw"]
    assert peak.change == pytest.approx(0.1 * 8 / 5 - 0.05 * 6 / 5 + 0.05 - 0.1)


def test_homes_with_panels_and_without_a_fit_stand_aside() -> None:
    pair = made(SPRING, SUMMER)
    pair.people["old_solar_probability"] = np.where(np.arange(N) < 10, 0.9, 0.0)
    pair.people["new_solar_probability"] = np.where(np.arange(N) >= 80, np.nan, 0.0)
    found = same_weather(pair, in_new_weather(pair, OPTIONS))
    assert found is not None
    assert found.customers == N - 20


def test_without_temperatures_and_in_unseen_weather_it_is_said() -> None:
    without = why_not(made(SPRING, None), OPTIONS)
    assert without is not None
    assert "no temperatures; give them to `generate` with --temperature" in without
    winter = why_not(made(SUMMER, [-4.0, 0, 2, 6, 8]), OPTIONS)
    assert winter is not None
    assert "reach from -4 to 8 °C" in winter
    # One day a little beyond is no other weather.
    assert why_not(made(SPRING, [4.0, 10, 16, 22, 29]), OPTIONS) is None
    assert in_new_weather(made(SPRING, None), OPTIONS) is None
