"""Appliances at five-minute steps: those that a technology signature should find, and those that look alike.

Each function draws the load of one kind of appliance for m homes: (m, days × 288) mean kW of five minutes. Powers and habits
are assumptions wide enough to hold what is on the market, not statistics of a place.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.sample.shapes import daylight
from reporter.sample.streams import Floats

STEPS = 288
"""Steps of five minutes in a day."""
PER_HOUR = 12


@dataclass(frozen=True)
class Sky:
    """Weather of a street, hour by hour and day by day."""

    temperature_c: NDArray[np.float64]
    """(days, 24) [°C]."""
    clearness: NDArray[np.float64]
    """(days,) share of clear-sky sunshine."""
    day_of_year: NDArray[np.int64]
    """(days,)"""

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.clearness)

    @property
    def daily_c(self) -> NDArray[np.float64]:
        """(days,) mean temperature [°C]."""
        mean: NDArray[np.float64] = self.temperature_c.mean(axis=1)
        return mean


def boxes(
    shape: tuple[int, int],
    home: NDArray[np.int64],
    start: NDArray[np.float64],
    hours: NDArray[np.float64],
    kw: NDArray[np.float64],
) -> Floats:
    """Loads that are on from ``start`` [h from the period's begin] for ``hours`` at ``kw``: the sum by home and step."""
    m, steps = shape
    change = np.zeros(m * (steps + 2))
    for at, sign in ((start, 1.0), (start + hours, -1.0)):
        place = np.clip(at * PER_HOUR, 0, steps)
        whole = np.floor(place)
        part = place - whole
        index = home * (steps + 2) + whole.astype(np.int64)
        change += np.bincount(index, sign * kw * (1 - part), len(change))
        change += np.bincount(index + 1, sign * kw * part, len(change))
    load: Floats = np.cumsum(change.reshape(m, steps + 2), axis=1)[:, :steps].astype(np.float32)
    return np.maximum(load, 0)


def household(rng: np.random.Generator, m: int, days: int) -> Floats:
    """Standby, fridge, light, cooking, washing, drying, showers: what every home has, and no signature should find."""
    steps = days * STEPS
    shape = (m, steps)
    hour = (np.arange(steps) % STEPS) / PER_HOUR
    weekend = (np.arange(steps) // STEPS) % 7 >= 5
    load = np.repeat(rng.lognormal(np.log(0.08), 0.8, m)[:, None], steps, axis=1).astype(np.float32)
    phase, cycle = rng.uniform(0, 1, m), rng.uniform(0.6, 1.6, m)
    load += (
        (0.1 * (rng.random((m, 1)) < 0.93))
        * (((np.arange(steps) / PER_HOUR)[None, :] / cycle[:, None] + phase[:, None]) % 1 < 0.4)
    ).astype(np.float32)
    awake = rng.normal(6.8, 0.8, m)[:, None]
    asleep = rng.normal(22.8, 0.8, m)[:, None]
    at_home = rng.random(m)[:, None] < 0.4
    up = (hour > awake) & (hour < asleep)
    out = up & (hour > 8.5) & (hour < 16.5) & ~weekend & ~at_home
    present = _present(rng, m, days)
    light = rng.lognormal(np.log(0.25), 0.6, m)[:, None] * (up & ~out)
    evening = 1 + 1.2 * np.exp(-(((hour - 20) / 2.2) ** 2))
    light = light * present.repeat(STEPS, axis=1)
    load += (light * evening * rng.lognormal(0, 0.25, (m, days)).repeat(STEPS, axis=1)).astype(np.float32)

    def events(
        per_day: NDArray[np.float64], centres: tuple[float, ...], spread: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        count = rng.poisson(per_day[:, None], (m, days)) * present
        home = np.repeat(np.arange(m), count.sum(axis=1))
        day = np.repeat(np.tile(np.arange(days), m), count.ravel())
        centre = rng.choice(centres, len(home)) + shift[home]
        return home, day * 24 + (centre + rng.normal(0, spread, len(home))) % 24

    shift = rng.normal(0, 0.6, m)
    # Some homes cook on gas and hang out their washing.
    busy = rng.lognormal(0, 0.4, m) * rng.choice([0.05, 0.4, 1.0], m, p=[0.2, 0.15, 0.65])
    habits = (
        # rate a day, centres, spread [h], hours (median, spread), kW (least, most), share of homes
        (4.0, (7.2, 12.5, 17.5, 20.5), 1.5, (0.06, 0.3), (2.2, 3.0), 0.9),  # kettle
        (0.9, (12.3, 17.8, 18.6), 1.0, (0.6, 0.5), (1.2, 3.2), 0.85),  # hob and oven
        (0.12, (13.0,), 2.0, (1.6, 0.4), (1.8, 3.4), 0.4),  # a long roast
        (0.6, (9.0, 14.0, 19.0), 2.5, (0.35, 0.3), (1.8, 2.3), 0.95),  # washing
        (0.5, (13.5, 20.5), 1.5, (0.3, 0.3), (1.6, 2.3), 0.6),  # dishes
        (0.4, (10.5, 15.0, 20.0), 2.5, (0.9, 0.4), (1.8, 3.2), 0.5),  # drying
        (1.8, (7.0, 7.5, 21.0), 0.8, (0.12, 0.3), (7.0, 10.5), 0.35),  # instantaneous shower
        (0.15, (19.0,), 1.5, (1.2, 0.25), (4.5, 9.0), 0.03),  # sauna
        (0.5, (9.0, 14.0), 2.5, (1.2, 0.7), (1.0, 2.6), 0.04),  # a workshop at home
    )  # fmt: skip
    for rate, centres, spread, (median, sigma), (least, most), share in habits:
        owns = rng.random(m) < share
        home, start = events(rate * busy * owns * rng.lognormal(0, 0.3, m), centres, spread)
        own_kw = rng.uniform(least, most, m)
        hours = median * rng.lognormal(0, sigma, len(home))
        load += boxes(shape, home, start, hours, own_kw[home] * rng.normal(1, 0.02, len(home)))
    return load


def _present(rng: np.random.Generator, m: int, days: int) -> NDArray[np.bool_]:
    """(m, days) days on which somebody lives there: one home in thirty is empty, one in five is left for a week or two."""
    day = np.arange(days)[None, :]
    leaves, stays = rng.uniform(0, days, (m, 1)), rng.uniform(4, 16, (m, 1))
    away = (rng.random((m, 1)) < 0.2) & (day >= leaves) & (day < leaves + stays)
    empty = rng.random((m, 1)) < 0.03
    present: NDArray[np.bool_] = ~(away | empty)
    return present


def charging(rng: np.random.Generator, m: int, days: int) -> tuple[Floats, NDArray[np.float64]]:
    """Electric cars at home, and the power of each charger [kW]: by night on a timer, after work, or now and then."""
    usual = rng.choice(
        [3.0, 3.3, 3.6, 6.6, 7.2, 7.4, 9.6, 11.0], m, p=[0.1, 0.12, 0.2, 0.1, 0.14, 0.2, 0.07, 0.07]
    )
    # Some are set to less than they could.
    kw = np.where(rng.random(m) < 0.3, rng.uniform(3, 11, m), usual)
    habit = rng.choice(3, m, p=[0.5, 0.35, 0.15])
    share = np.where(habit == 2, rng.uniform(0.25, 0.5, m), rng.uniform(0.3, 0.96, m))
    per_day = rng.lognormal(np.log(9), 0.4, m)
    mean_kwh = np.clip(per_day / share, 6, 38)
    timer = rng.choice([23.0, 0.0, 0.5, 1.0, 2.0], m) + 24 * (rng.random(m) < 0.95)
    timer = np.where(timer > 30, timer - 24, timer)
    wander = rng.lognormal(np.log(0.2), 0.8, m)
    variety = rng.uniform(0.1, 0.45, m)
    home, day = np.nonzero(rng.random((m, days)) < share[:, None])
    n = len(home)
    arrival = rng.normal(18.2, 0.4, m)[home] + rng.normal(0, 1.2, n)
    night = timer[home] % 24 + wander[home] * rng.normal(0, 1, n)
    some = rng.uniform(8, 23, n)
    start = np.select([habit[home] == 0, habit[home] == 1], [night, arrival], some)
    kwh = mean_kwh[home] * np.exp(variety[home] * rng.normal(0, 1, n) - variety[home] ** 2 / 2)
    # Where the cheap hours are few, some stop when they are over, full or not.
    window = np.where(habit == 0, rng.choice([4.0, 5.0, 7.0, 13.0], m, p=[0.2, 0.1, 0.1, 0.6]), 13.0)
    hours = np.clip(kwh / kw[home], 0.3, window[home])
    # The last tenth of a full battery takes less power.
    tapered = (rng.random(m) < 0.5)[home] * 0.1 * hours * (hours < window[home])
    load = boxes((m, days * STEPS), home, 24 * day + start, hours - tapered, kw[home])
    load += boxes((m, days * STEPS), home, 24 * day + start + hours - tapered, 2 * tapered, 0.5 * kw[home])
    return load, kw


def panels(rng: np.random.Generator, m: int, sky: Sky) -> tuple[Floats, NDArray[np.float64]]:
    """Rooftop solar as a positive load to take off, and its rated power [kW]."""
    rated = np.clip(rng.lognormal(np.log(3.4), 0.45, m), 0.8, 12)
    hours = np.arange(STEPS) / PER_HOUR + 0.5 / PER_HOUR
    clear = np.stack([daylight(int(day), hours) for day in sky.day_of_year])
    wobble = rng.normal(0, 1, (sky.days, STEPS // 3)).repeat(3, axis=1)
    cloud = np.clip(sky.clearness[:, None] * np.exp(0.45 * (1 - sky.clearness[:, None]) * wobble), 0.05, 1.05)
    sun = (clear * cloud).ravel()
    east = np.rint(rng.normal(0, 0.7, m) * PER_HOUR).astype(np.int64)
    yields = rng.uniform(0.65, 0.95, m) * rated
    place = (np.arange(len(sun))[None, :] - east[:, None]) % len(sun)
    load: Floats = (sun[place] * yields[:, None]).astype(np.float32)
    return load, rated


def cooling(rng: np.random.Generator, m: int, sky: Sky) -> tuple[Floats, NDArray[np.float64]]:
    """Air conditioning that cycles, longer the hotter it is, and its power [kW]."""
    kw = rng.choice([0.9, 1.4, 2.2, 3.0, 4.0, 5.0], m)
    setpoint = rng.normal(22.5, 1.5, m)
    gain = rng.uniform(0.05, 0.12, m)
    felt = _lagged(sky)
    usual = rng.random((m, 1)) < 0.5
    hour = np.arange(24 * sky.days) % 24
    duty = gain[:, None] * (felt[None, :] - setpoint[:, None])
    duty = np.clip(duty, 0, 1) * np.where(usual | (hour >= 15) & (hour <= 23), 1, 0.3)
    duty *= (rng.random((m, sky.days)) < 0.85).repeat(24, axis=1)
    return _cycling(rng, duty, kw), kw


def heating(rng: np.random.Generator, m: int, sky: Sky) -> tuple[Floats, NDArray[np.str_]]:
    """Electric heating of three kinds: night storage, a heat pump that modulates, heaters with thermostats."""
    kind = rng.choice(["storage", "heat-pump", "direct"], m, p=[0.25, 0.4, 0.35])
    balance = rng.normal(15.5, 1.5, m)
    felt = _lagged(sky)
    cold = np.maximum(balance[:, None] - felt[None, :], 0)
    hour = np.arange(24 * sky.days) % 24
    load = np.zeros((m, sky.days * STEPS), dtype=np.float32)

    pump = np.flatnonzero(kind == "heat-pump")
    at_night = np.where((hour >= 22) | (hour < 5), 0.6, 1.1)
    size = rng.uniform(0.07, 0.2, len(pump))
    steady = size[:, None] * cold[pump] * at_night * rng.lognormal(0, 0.12, (len(pump), len(felt)))
    load[pump] = np.minimum(steady, 5).repeat(PER_HOUR, axis=1)
    direct = np.flatnonzero(kind == "direct")
    present = np.where(((hour >= 6) & (hour < 9)) | ((hour >= 16) & (hour < 23)), 1.0, 0.25)
    # Some heat through the night and leave it off by day, which looks like panels to a meter that counts one way.
    by_night = np.where((hour >= 17) | (hour < 8), 1.0, 0.05)
    present = np.where(rng.random((len(direct), 1)) < 0.3, by_night, present)
    duty = np.clip(rng.uniform(0.03, 0.08, len(direct))[:, None] * cold[direct] * present, 0, 1)
    load[direct] = _cycling(rng, duty, rng.uniform(2, 9, len(direct)))

    storage = np.flatnonzero(kind == "storage")
    daily_cold = np.maximum(balance[storage][:, None] - sky.daily_c[None, :], 0)
    for _ in range(3):
        # Each heater charges from the same minute, and stops when it has what the day before cost.
        kw = rng.choice([0.0, 1.7, 2.5, 3.4], len(storage))
        hours = np.clip(rng.uniform(0.3, 0.8, len(storage))[:, None] * daily_cold, 0, 7)
        hours *= rng.lognormal(0, 0.08, hours.shape)
        if not len(storage):
            break
        home, day = np.nonzero(hours > 0.2)
        begin = rng.choice([0.0, 0.5, 1.0], len(storage))[home]
        load[storage] += boxes(
            (len(storage), sky.days * STEPS), home, 24.0 * day + begin, hours[home, day], kw[home]
        )
    return load, kind.astype(np.str_)


def water(
    rng: np.random.Generator, m: int, days: int, daily_c: NDArray[np.float64]
) -> tuple[Floats, NDArray[np.str_], NDArray[np.float64]]:
    """Electric hot water: a tank on a night timer, a tank that heats after each draw, or a heat pump; kind and power [kW]."""
    kind = rng.choice(["timer", "draws", "heat-pump"], m, p=[0.25, 0.6, 0.15])
    kwh = rng.lognormal(np.log(6.5), 0.4, m)[:, None] * (1 + 0.015 * (12.5 - daily_c))
    kwh = np.maximum(kwh * np.exp(rng.uniform(0.1, 0.35, (m, 1)) * rng.normal(0, 1, (m, days))), 0.5)
    small, large = rng.choice([2.4, 3.0, 3.6, 4.8], m), rng.choice([2.5, 3.0, 4.5, 5.5], m)
    kw: NDArray[np.float64] = np.select([kind == "timer", kind == "draws"], [small, large], np.full(m, 0.6))
    away = rng.random((m, days)) < rng.choice([0.0, 0.02, 0.06], (m, 1))
    load = np.zeros((m, days * STEPS), dtype=np.float32)
    begin = rng.choice([22.0, 23.0, 0.5, 1.0, 2.0, 13.0], m)
    home, day = np.nonzero(((kind != "draws")[:, None]) & ~away)
    energy = kwh[home, day] * np.where(kind[home] == "heat-pump", 0.4, 1.0)
    start = np.where(kind[home] == "heat-pump", 10.0 + 3 * (home % 3), begin[home])
    load += boxes(
        load.shape, home, 24 * day + start + rng.normal(0, 0.01, len(home)), energy / kw[home], kw[home]
    )
    tank = (kind == "draws")[:, None] & ~away
    parts = np.array([0.4, 0.2, 0.4])
    for part, hour in zip(parts, (7.3, 13.0, 20.8), strict=True):
        home, day = np.nonzero(tank)
        habit = rng.normal(0, 0.7, m)
        start = hour + habit[home] + rng.normal(0, 0.8, len(home))
        hours = part * kwh[home, day] * rng.lognormal(-0.08, 0.4, len(home)) / kw[home]
        load += boxes(load.shape, home, 24 * day + start, hours, kw[home])
    return load, kind.astype(np.str_), kw


def pool(rng: np.random.Generator, m: int, days: int) -> tuple[Floats, NDArray[np.float64]]:
    """Pool pumps on a timer, and their power [kW]."""
    kw = rng.uniform(0.75, 1.9, m)
    home, day = np.nonzero(rng.random((m, days)) < 0.98)
    begin, hours = rng.choice([7.0, 8.0, 9.0, 10.0, 20.0], m), rng.choice([4.0, 6.0, 8.0], m)
    return boxes((m, days * STEPS), home, 24 * day + begin[home], hours[home], kw[home]), kw


def _lagged(sky: Sky) -> NDArray[np.float64]:
    """(days × 24,) what a home feels: the air of some hours ago, smoother [°C]."""
    air = sky.temperature_c.ravel()
    felt = air.copy()
    for hour in range(1, len(air)):
        felt[hour] = 0.85 * felt[hour - 1] + 0.15 * air[hour]
    return felt


def _cycling(rng: np.random.Generator, duty: NDArray[np.float64], kw: NDArray[np.float64]) -> Floats:
    """On and off with a period of 20 to 50 minutes, on for the share ``duty`` (m, hours) of it."""
    m, hours = duty.shape
    steps = np.arange(hours * PER_HOUR) / PER_HOUR
    period = rng.uniform(0.35, 0.85, (m,))
    place = (steps[None, :] / period[:, None] + rng.random((m, 1))) % 1
    on = np.clip((duty.repeat(PER_HOUR, axis=1) - place) * period[:, None] * PER_HOUR, 0, 1)
    load: Floats = (on * kw[:, None]).astype(np.float32)
    return load
