"""Weather of a made-up temperate place: cold winters, hot summers, spells that last for days.

Weather is a function of seed and time alone, so two periods of one sample, or a longer one, have the same.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from reporter.sample.clock import Clock
from reporter.sample.streams import WEATHER, stream

STANDARD_OFFSET_HOURS = -5
"""Standard time less UTC at the place [h]."""

MEAN_C = 12.5
YEARLY_C = 12.0
"""Half the distance from the coldest to the warmest time of the year [°C]."""
WARMEST_DAY = 203
SPELL_C = (3.9, 2.7)
"""Standard deviation of daily means around the usual in winter and in summer [°C]."""
DAILY_C = 4.4
"""Half the distance from night to afternoon on a usual day [°C]."""
WARMEST_HOUR = 15.5
"""In standard time."""
LAG_HOURS = 6.0
"""How slowly a home follows the air: time constant [h]."""

_PERSISTENCE = 0.7
_MEMORY_DAYS = 20
_WARM_UP_HOURS = 48


@dataclass(frozen=True)
class Weather:
    """Hourly weather of a period."""

    temperature_c: NDArray[np.float64]
    """(t,) air temperature at each hour of the period [°C]."""
    felt_c: NDArray[np.float64]
    """(t,) the same as the homes feel it: ``LAG_HOURS`` behind the air and smoother [°C]."""
    first_hour: NDArray[np.int64]
    """(days + 1,) place of each day's first hour in the above."""
    clearness: NDArray[np.float64]
    """(days,) share of clear-sky sunshine."""

    def felt_on(self, number: int) -> NDArray[np.float64]:
        """(t,) temperature that the homes feel in the hours of a day [°C]."""
        return self.felt_c[self.first_hour[number] : self.first_hour[number + 1]]

    def daily_mean_c(self) -> NDArray[np.float64]:
        """(days,) mean air temperature [°C]."""
        sums = np.add.reduceat(self.temperature_c, self.first_hour[:-1])
        return np.asarray(sums / np.diff(self.first_hour))


def weather_of(clocks: list[Clock], seed: int) -> Weather:
    """The weather of a period."""
    hours = np.concatenate([clock.since_epoch for clock in clocks])
    air = temperature_c(np.arange(hours[0] - _WARM_UP_HOURS, hours[-1] + 1), seed)
    felt = np.empty_like(air)
    felt[0] = air[0]
    keep = np.exp(-1 / LAG_HOURS)
    for hour in range(1, len(air)):
        felt[hour] = keep * felt[hour - 1] + (1 - keep) * air[hour]
    return Weather(
        temperature_c=air[_WARM_UP_HOURS:],
        felt_c=felt[_WARM_UP_HOURS:],
        first_hour=np.concatenate([[0], np.cumsum([len(clock.hour) for clock in clocks])]),
        clearness=np.asarray([_sky(seed, clock.day.toordinal())[1] for clock in clocks]),
    )


def temperature_c(since_epoch: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Air temperature at hours since 1970 UTC, ascending [°C]: (t,)."""
    local = (since_epoch + STANDARD_OFFSET_HOURS) / 24 + date(1970, 1, 1).toordinal()
    first, last = int(local[0]) - 1, int(local[-1]) + 2
    days = np.arange(first, last + 1)
    shocks, clearness = np.transpose([_sky(seed, day) for day in range(first - _MEMORY_DAYS, last + 1)])
    # A spell is the sum of the shocks of the days before, each fading: an autoregressive walk.
    fading = _PERSISTENCE ** np.arange(_MEMORY_DAYS + 1) * np.sqrt(1 - _PERSISTENCE**2)
    spell = np.convolve(shocks, fading, mode="valid")
    season = np.cos(2 * np.pi * (_day_of_year(days) - WARMEST_DAY) / 365.25)
    size = np.interp(season, [-1, 1], SPELL_C)
    middays = days + 0.5
    mean = np.interp(local, middays, MEAN_C + YEARLY_C * season + size * spell)
    # Clear days have hot afternoons and cold nights.
    swing = np.interp(local, middays, DAILY_C * (0.5 + 0.65 * clearness[_MEMORY_DAYS:]))
    angle = 2 * np.pi * (24 * (local % 1) - WARMEST_HOUR) / 24
    return np.asarray(mean + swing * (np.cos(angle) + 0.15 * np.cos(2 * angle)))


def clear_share(seed: int, day: date) -> float:
    """Share of clear-sky sunshine on a day."""
    return _sky(seed, day.toordinal())[1]


def _sky(seed: int, day: int) -> tuple[float, float]:
    """Shock to the temperature [standard deviations] and clearness of a day, by its ordinal number."""
    rng = stream(seed, WEATHER, day)
    return float(rng.normal()), float(0.25 + 0.75 * rng.beta(3.0, 1.4))


def _day_of_year(ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray([date.fromordinal(int(day)).timetuple().tm_yday for day in ordinals])
