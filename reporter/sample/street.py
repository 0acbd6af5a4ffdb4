"""Streets: homes built of named appliances, for measuring what the technology signatures find and what fools them.

The homes of ``population`` have smooth loads of a class; these have kettles, ovens and tumble dryers, and devices that look
like a car at first sight: night storage heating, timed water heaters, air conditioning. Nothing here goes into sample files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.sample import devices
from reporter.sample.devices import Sky
from reporter.sample.streams import Floats
from reporter.sample.weather import clear_share, temperature_c

SHARES: Mapping[str, float] = {
    "ev": 0.1, "solar": 0.12, "cooling": 0.5, "heating": 0.3, "water": 0.4, "pool": 0.05,
}  # fmt: skip
"""Share of homes with each device."""


@dataclass(frozen=True)
class Street:
    """Homes of one place over one period."""

    start: date
    sky: Sky
    truth: pd.DataFrame
    """A row a home: ``ev_kw``, ``solar_kw``, ``cooling_kw`` (0 without), ``heating``, ``water`` (kind, '' without), ``water_kw``, ``pool_kw``."""
    load: Floats
    """(m, days × 288) net load [kW]."""
    parts: dict[str, Floats]
    """Device → (m, days, 24) its load by hour [kW]."""

    def kw(self, minutes: int) -> Floats:
        """(m, days, 1440 ÷ minutes) net load as a meter with this interval shows it, in whole Wh [kW]."""
        mean = self.load.reshape(len(self.load), self.sky.days, -1, minutes // 5).mean(axis=3)
        metered: Floats = np.rint(mean * 1000 * minutes / 60) / np.float32(1000 * minutes / 60)
        return metered


def draw_street(
    homes: int,
    seed: int,
    *,
    start: date = date(2026, 1, 1),
    days: int = 92,
    warmer_c: float = 0.0,
    shares: Mapping[str, float] = SHARES,
) -> Street:
    """A street of homes.

    Args:
        homes: number of homes.
        seed: of all chance.
        start: first day.
        days: length of the period.
        warmer_c: climate, against that of the other samples (freezing winters, 25 °C in July) [°C].
        shares: device → share of homes.
    """
    rng = np.random.default_rng([seed, 911])
    sky = _sky(start, days, seed, warmer_c)
    owns = {name: rng.random(homes) < shares.get(name, 0.0) for name in SHARES}
    load = devices.household(rng, homes, days)
    load *= rng.lognormal(0, 0.25, homes)[:, None].astype(np.float32)
    truth = pd.DataFrame({"home": np.arange(homes)})
    parts = {}

    def add_load(name: str, part: Floats, sign: float = 1.0) -> None:
        rows = np.flatnonzero(owns[name])
        load[rows] += np.float32(sign) * part
        whole = np.zeros((homes, days, 24), dtype=np.float32)
        whole[rows] = part.reshape(len(rows), days, 24, 12).mean(axis=3)
        parts[name] = whole

    def put(
        column: str, name: str, values: NDArray[np.float64] | NDArray[np.str_], none: float | str
    ) -> None:
        truth[column] = none
        truth.loc[owns[name], column] = values

    count = {name: int(flags.sum()) for name, flags in owns.items()}
    part, kw = devices.charging(rng, count["ev"], days)
    add_load("ev", part)
    put("ev_kw", "ev", kw, 0.0)
    part, kw = devices.cooling(rng, count["cooling"], sky)
    add_load("cooling", part)
    put("cooling_kw", "cooling", kw, 0.0)
    part, kind = devices.heating(rng, count["heating"], sky)
    add_load("heating", part)
    put("heating", "heating", kind, "")
    part, kind, kw = devices.water(rng, count["water"], days, sky.daily_c)
    add_load("water", part)
    put("water", "water", kind, "")
    put("water_kw", "water", kw, 0.0)
    part, kw = devices.pool(rng, count["pool"], days)
    add_load("pool", part)
    put("pool_kw", "pool", kw, 0.0)
    part, kw = devices.panels(rng, count["solar"], sky)
    add_load("solar", part, -1.0)
    put("solar_kw", "solar", kw, 0.0)
    # Some meters don't count what goes out.
    one_way = owns["solar"] & (rng.random(homes) < 0.2)
    load[one_way] = np.maximum(load[one_way], 0)
    truth["one_way"] = one_way
    return Street(start, sky, truth, load, parts)


def _sky(start: date, days: int, seed: int, warmer_c: float) -> Sky:
    begin = datetime(start.year, start.month, start.day, 5, tzinfo=UTC)
    first = round(begin.timestamp()) // 3600
    air = temperature_c(np.arange(first, first + 24 * days), seed).reshape(days, 24)
    dates = [start + timedelta(days=number) for number in range(days)]
    return Sky(
        temperature_c=air + warmer_c,
        clearness=np.asarray([clear_share(seed, day) for day in dates]),
        day_of_year=np.asarray([day.timetuple().tm_yday for day in dates]),
    )
