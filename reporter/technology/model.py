"""What the room hands on: for each customer, signs of devices, and the load behind them in the peak hours."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Float


@dataclass(frozen=True)
class Technology:
    """Signs of devices of the n customers used, in order of ``customer_id``; NaN where the data can't say.

    Loads in the peak hours are means over the system's peak hours, at the meter. Intervals are 90 %. A device that shows no
    sign has 0 kW; a customer whose days were not looked at has NaN everywhere.
    """

    ev_probability: Float
    """(n,) that the customer charges a car at home."""
    solar_probability: Float
    """(n,) that there are panels behind the meter."""
    water_probability: Float
    """(n,) that a tank is heated with electricity, in blocks that the meter shows."""
    heating_probability: Float
    """(n,) that the load rises with cold; NaN without temperatures."""
    cooling_probability: Float
    """(n,) that the load rises with heat; NaN without temperatures."""

    ev_kw: Float
    """(n,) power of the charger; NaN without a sign of one [kW]."""
    ev_day_share: Float
    """(n,) share of days with charging; NaN without a sign of a car."""
    ev_kwh: Float
    """(n,) energy of a usual charge; NaN without a sign of a car [kWh]."""
    ev_hour: Float
    """(n,) usual hour of the day at which charging begins; NaN without a sign of a car."""
    water_kw: Float
    """(n,) power of the water heater; NaN without a sign of one [kW]."""
    export_day_share: Float
    """(n,) share of days with export in daylight."""
    midday_dip_kw: Float
    """(n,) how far the load at midday falls below the lowest of the dark hours; below zero where it does not [kW]."""

    base_kw: Float
    """(n,) mean load on a working day in mild weather, by the fit on temperature; NaN without temperatures [kW]."""
    heating_kw_per_c: Float
    """(n,) more load per degree of the day's mean below the change point; 0 where it does not follow cold [kW/°C]."""
    heating_kw_per_c_low: Float
    heating_kw_per_c_high: Float
    cooling_kw_per_c: Float
    """(n,) more load per degree above the change point [kW/°C]."""
    cooling_kw_per_c_low: Float
    cooling_kw_per_c_high: Float
    change_point_heating_c: Float
    """(n,) daily mean below which the load rises; NaN where it does not [°C]."""
    change_point_cooling_c: Float
    weather_explained: Float
    """(n,) share of the variance between days that the temperature explains."""
    season_contrast: Float
    """(n,) (mean load of the month with most ÷ of the month with least) − 1: all that is known of the season without temperatures."""

    temperature_peak_kw: Float
    """(n,) heating and cooling in the peak hours; NaN without temperatures [kW]."""
    temperature_peak_kw_low: Float
    temperature_peak_kw_high: Float
    temperature_consistency: Float
    """(n,) share of the peak hours with at least half of it."""
    ev_peak_kw: Float
    """(n,) charging in the peak hours [kW]."""
    ev_peak_kw_low: Float
    ev_peak_kw_high: Float
    ev_consistency: Float
    """(n,) share of the days with peak hours on which some of them have charging."""
    water_peak_kw: Float
    """(n,) water heating in the peak hours [kW]."""
    water_peak_kw_low: Float
    water_peak_kw_high: Float
    water_consistency: Float
    rest_peak_kw: Float
    """(n,) what is left above the customer's baseload [kW]."""
    rest_peak_kw_low: Float
    rest_peak_kw_high: Float
    consistency: Float
    """(n,) share of the days with peak hours on which the load above baseload is at least half of its mean over them."""

    examined: NDArray[np.bool_]
    """(n,) whether the customer's days were looked at one by one."""
    daily_temperature_c: NDArray[np.float64] | None
    """(days,) mean temperature of each day of the calendar; ``None`` without temperatures [°C]."""
    sign_from: float
    """Probability from which a device counts as a sign."""

    def signs(self) -> dict[str, NDArray[np.bool_]]:
        """Technology → (n,) whether the customer shows a sign of it."""
        with np.errstate(invalid="ignore"):
            return {
                "ev": self.ev_probability >= self.sign_from,
                "solar": self.solar_probability >= self.sign_from,
                "heating": (self.heating_probability >= self.sign_from) & (self.heating_kw_per_c > 0),
                "cooling": (self.cooling_probability >= self.sign_from) & (self.cooling_kw_per_c > 0),
                "water": self.water_probability >= self.sign_from,
            }

    def frame(self) -> pd.DataFrame:
        """A column for each number that is one per customer."""
        return pd.DataFrame(
            {name: getattr(self, name) for name in CUSTOMER_COLUMNS},
        )


CUSTOMER_COLUMNS = tuple(
    field.name
    for field in fields(Technology)
    if field.name not in ("examined", "daily_temperature_c", "sign_from")
)
"""Fields that are one number a customer."""
