"""Change of load that the weather does not explain: what the older run's customers would have used in the newer period's weather.

As measurement and verification does it (International Performance Measurement and Verification Protocol, option C): a model of the
load before, put into the weather after, is what would have been used had nothing changed; the rest is change. The models are the
change-point fits that each run has made of its customers (``technology/weather.py``), so that no reading is met again.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.compare.intervals import Values, mean_change, members
from reporter.compare.pair import Pair
from reporter.facts import SameWeather, Weather
from reporter.findings import Finding
from reporter.settings import CompareSettings
from reporter.words import listed

_SIDES = ("heating", "cooling")
DAY_HOURS = 24.0
"""A mean load of 1 kW uses so many kWh a day."""


@dataclass(frozen=True)
class InNewWeather:
    """Mean loads of the n customers of ``Pair.people``, comparable but for the weather."""

    expected_kw: Values
    """(n,) by the customer's fit of the older run, in the newer period's weather; NaN where there is no fit [kW]."""
    actual_kw: Values
    """(n,) of the newer run, for customers who could have a fit too [kW]."""
    heating_kw: Values
    """(n,) part of ``expected_kw`` that colder weather brings (below zero: warmer weather saves) [kW]."""
    cooling_kw: Values
    """(n,) part that warmer weather brings [kW]."""
    share_off: float
    """How far these parts may be off for all customers together, as a part of them."""

    def change(self, was: NDArray[np.bool_], is_now: NDArray[np.bool_]) -> tuple[float, float, float]:
        """Change of a group's mean load that the weather does not explain, and its interval; NaN without members with a fit [kW].

        The interval holds the chance of who is in the group, and an error of the fits that all customers share.
        """
        change = mean_change(*members(self.expected_kw, self.actual_kw, was, is_now))
        if math.isnan(change[0]):
            return change
        parts = (float(np.nanmean(part[was])) for part in (self.heating_kw, self.cooling_kw))
        return widened(change, self.share_off * math.hypot(*parts))


def widened(change: tuple[float, float, float], off: float) -> tuple[float, float, float]:
    """Change, low, high with a further independent error, that one given as half of its own interval."""
    middle, low, high = change
    return middle, middle - math.hypot(middle - low, off), middle + math.hypot(high - middle, off)


def in_new_weather(pair: Pair, options: CompareSettings) -> InNewWeather | None:
    """Loads expected and actual in the newer period's weather; ``None`` where ``why_not`` says why not."""
    if why_not(pair, options) is not None:
        return None
    then, now = (_weather(pair, side) for side in ("old", "new"))
    assert then is not None
    assert now is not None
    # The fit of a home with panels is one of its dark hours alone, which says nothing of a whole day.
    fitted, known = (_without_panels(pair, side, options) for side in ("old", "new"))
    parts = [np.where(fitted, _part(pair, side, then, now), np.nan) for side in _SIDES]
    return InNewWeather(
        expected_kw=pair.number("old_mean_kw") + parts[0] + parts[1],
        actual_kw=np.where(known, pair.number("new_mean_kw"), np.nan),
        heating_kw=parts[0],
        cooling_kw=parts[1],
        share_off=options.weather_off,
    )


def _part(pair: Pair, side: str, then: Weather, now: Weather) -> Values:
    """(n,) more mean load on one side of the weather, in the newer period's than in the older one's [kW]."""
    point_c, slope = (pair.number(f"old_{name}") for name in (f"change_point_{side}_c", f"{side}_kw_per_c"))
    more = _degrees(now, side, point_c) - _degrees(then, side, point_c)
    # Without a change point the load does not follow this side; the fit gives it a slope of zero.
    part: Values = slope * np.nan_to_num(more)
    return part


def why_not(pair: Pair, options: CompareSettings) -> str | None:
    """Why loads can't be put into one weather, in a sentence; ``None`` where they can."""
    then, now = (_weather(pair, side) for side in ("old", "new"))
    without = [
        run.facts.period.label for run, weather in ((pair.old, then), (pair.new, now)) if weather is None
    ]
    if then is None or now is None:
        return (
            f"Changes of load hold the weather's part: {listed(without)} {'has' if len(without) == 1 else 'have'} no temperatures; give them to "
            "`generate` with --temperature, for both periods."
        )
    outside = float(
        _degrees(now, "heating", np.array(then.lowest_c)) + _degrees(now, "cooling", np.array(then.highest_c))
    )
    if outside > options.weather_reach_c:
        before, after = pair.old.facts.period.label, pair.new.facts.period.label
        return (
            f"Changes of load hold the weather's part: the days of {after} reach from {now.lowest_c:.0f} to {now.highest_c:.0f} °C, those of {before} only from "
            f"{then.lowest_c:.0f} to {then.highest_c:.0f} °C, so how its customers would have met that weather is not known; compare with the same season."
        )
    return None


def same_weather(pair: Pair, loads: InNewWeather | None) -> SameWeather | None:
    """What the weather explains, for all customers of both periods."""
    then, now = (_weather(pair, side) for side in ("old", "new"))
    if loads is None or then is None or now is None:
        return None
    known = pair.both & ~np.isnan(loads.expected_kw) & ~np.isnan(loads.actual_kw)
    if not known.any():
        return None
    before, expected, actual = (
        float(values[known].mean()) * DAY_HOURS
        for values in (pair.number("old_mean_kw"), loads.expected_kw, loads.actual_kw)
    )
    change, low, high = (value * DAY_HOURS for value in loads.change(known, known))
    return SameWeather(
        old_mean_c=then.mean_c,
        new_mean_c=now.mean_c,
        customers=int(known.sum()),
        old_kwh_per_day=before,
        expected_kwh_per_day=expected,
        new_kwh_per_day=actual,
        change=change,
        low=low,
        high=high,
    )


def weather_notes(pair: Pair, options: CompareSettings) -> Iterator[Finding]:
    """Why loads were not put into one weather."""
    reason = why_not(pair, options)
    if reason is not None:
        yield Finding(name="weather-not-adjusted", severity="info", description=reason)


def _weather(pair: Pair, side: str) -> Weather | None:
    run = pair.old if side == "old" else pair.new
    technology = run.facts.technology
    return technology.weather if technology is not None else None


def _degrees(weather: Weather, side: str, point_c: Values) -> Values:
    """(n,) mean over the days of the degrees below (heating) or above (cooling) a change point; NaN without one [°C]."""
    counted = [(row.base_c, row.below_c if side == "heating" else row.above_c) for row in weather.degrees]
    # Beyond the coldest or warmest day there are none.
    counted.append((weather.lowest_c if side == "heating" else weather.highest_c, 0.0))
    base, degrees = np.array(sorted(counted)).T
    found: Values = np.interp(point_c, base, degrees)
    return found


def _without_panels(pair: Pair, side: str, options: CompareSettings) -> NDArray[np.bool_]:
    """(n,) customers whose days were looked at, and show no panels."""
    without: NDArray[np.bool_] = pair.number(f"{side}_solar_probability") < options.present
    return without
