"""Load profiles of the customers used, and the system's peak hours."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Float = NDArray[np.float32]
HOURS = 24


@dataclass(frozen=True)
class AreaPeak:
    """The peak hours of one area of the system, such as a feeder."""

    area: str
    customers: int
    """Customers used that lie in it."""
    starts: list[datetime]
    """Local starts of the hours, highest load first."""
    load: list[float]
    """Load of the area in each hour, in the unit of ``PeakTimes``."""


@dataclass(frozen=True)
class MonthPeak:
    """The hour with the highest load of a month."""

    start: datetime
    load: float
    """In the unit of ``PeakTimes``."""


@dataclass(frozen=True)
class PeakTimes:
    """The system's peak hours."""

    source: str
    """``system-load`` or ``sample``."""
    description: str
    """How they were found, in a sentence."""
    unit: str
    """Unit of ``load``: kW or MW."""
    starts: list[datetime]
    """Local starts of the hours, highest load first."""
    load: list[float]
    """Load in each hour."""
    peak_day: date
    """Local day with the highest hour."""
    sample_peak_kw: float
    """Highest hourly load that the supplied meters of the customers used added up to [kW]."""
    passed_over: tuple[str, ...] = ()
    """What the utility plans for and the period does not have: ``season``, ``window``, ``weekdays``."""
    weekend_hours: int = 0
    """Peak hours on weekends and holidays."""
    months: tuple[MonthPeak, ...] = ()
    """The highest hour of each month with at least half of its hours in the period."""
    areas: tuple[AreaPeak, ...] = ()
    """Where the system load has several areas: the peak hours of each; a customer counts in those of its own."""
    net_of_solar: bool = False


@dataclass(frozen=True)
class Season:
    """Load profiles of the n customers used in one season."""

    name: str
    days: int
    """Local days of the season in the period."""
    weekday_kw: Float
    """(n, 24) mean load by local hour on weekdays [kW]; NaN where there is no reading."""
    weekend_kw: Float
    """(n, 24) the same on weekends and holidays."""
    profile_kw: Float
    """(n, 24) the same over all days."""


@dataclass(frozen=True)
class DailyProfiles:
    """Daily load profiles, day by day, of a seeded sample of the customers used."""

    rows: NDArray[np.int64]
    """(m,) index into the customers used."""
    dates: list[date]
    """(d,) local days."""
    weekend: NDArray[np.bool_]
    """(d,) weekends and holidays."""
    kw: Float
    """(m, d, 24) mean load by local hour [kW]; NaN where there is no reading."""
    season: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    """(d,) index into the profiles' seasons; −1 where the day is in none of them; empty where there is one season."""


@dataclass(frozen=True)
class Profiles:
    """Load profiles of the n customers used, in order of ``customer_id``."""

    customer_id: NDArray[np.str_]
    """(n,)"""
    weekday_kw: Float
    """(n, 24) mean load by local hour on weekdays [kW]; NaN where there is no reading."""
    weekend_kw: Float
    """(n, 24) the same on weekends and holidays."""
    profile_kw: Float
    """(n, 24) the same over all days."""
    mean_kw: Float
    """(n,) energy ÷ hours [kW], net of export."""
    peak_kw: Float
    """(n,) highest interval load [kW]."""
    baseload_kw: Float
    """(n,) mean of the four lowest hours of ``profile_kw``, at least 0; of a customer that exports, of the hours from 20 to 6 h [kW]."""
    import_kwh: NDArray[np.float64]
    """(n,) energy taken from the grid [kWh]."""
    export_kwh: NDArray[np.float64]
    """(n,) energy given to the grid, as a positive number [kWh]."""
    days: NDArray[np.int32]
    """(n,) local days with readings."""
    coincident_kw: Float
    """(n,) mean load over the peak hours that the customer has readings for [kW]; NaN where there are none."""
    peak_day_kw: Float
    """(n, 24) load by local hour on the peak day [kW]; NaN where there is no reading."""
    hours: Float
    """(n, 2, 24) hours that the readings of a cell span: weekdays, then weekends and holidays, by local hour [h]."""
    peak: PeakTimes
    daily: DailyProfiles
    readings_used: int
    """Readings behind the profiles."""
    seasons: list[Season] = field(default_factory=list)
    """Profiles by season, where the period spans more than one; empty otherwise."""
    week_kw: Float | None = None
    """(n, 7, 24) mean load by day of the week, Monday first, and local hour [kW]; only where segments are made by it."""
    peak_hours: list[datetime] = field(default_factory=list)
    """(h,) peak hours of which single loads are kept, in order of time: all of them, or where they are many an even choice."""
    peak_hours_kw: Float = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    """(n, h) load in each of ``peak_hours`` [kW]; NaN where there is no reading."""
    month_peak_kw: Float = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    """(n, months) load in the highest hour of each month (``peak.months``) [kW]; NaN where there is no reading."""

    area: NDArray[np.object_] | None = None
    """(n,) area by the customer file, empty where it has none; None without such a column."""

    def take(self, rows: NDArray[np.int64]) -> "Profiles":
        """Some of the customers, with their days.

        Args:
            rows: index into the customers, ascending, none twice.
        """
        place = np.full(len(self.customer_id), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        sampled = place[self.daily.rows] >= 0
        by_customer: dict[str, Any] = {
            field.name: value[rows]
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), np.ndarray)
            and len(value) == len(self.customer_id)
        }
        return replace(
            self,
            **by_customer,
            daily=replace(self.daily, rows=place[self.daily.rows[sampled]], kw=self.daily.kw[sampled]),
            seasons=[
                replace(
                    season,
                    weekday_kw=season.weekday_kw[rows],
                    weekend_kw=season.weekend_kw[rows],
                    profile_kw=season.profile_kw[rows],
                )
                for season in self.seasons
            ],
        )

    @property
    def energy_kwh(self) -> Float:
        """(n, 2, 24) net energy of a cell, by the same places as ``hours`` [kWh]: their sum is the energy of the readings used."""
        load = np.stack([self.weekday_kw, self.weekend_kw], axis=1)
        energy: Float = np.where(self.hours > 0, load * self.hours, 0).astype(np.float32)
        return energy

    @property
    def load_factor(self) -> Float:
        """(n,) mean load ÷ highest interval load; NaN where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            factor: Float = np.where(self.peak_kw > 0, self.mean_kw / self.peak_kw, np.nan).astype(np.float32)
        return factor

    @property
    def above_baseload_kw(self) -> Float:
        """(n,) coincident load less baseload, at least 0 [kW]: an upper bound of what can move."""
        excess: Float = np.maximum(self.coincident_kw - self.baseload_kw, 0).astype(np.float32)
        return excess

    @property
    def peak_share(self) -> Float:
        """(n,) share of a customer in the load of all in the peak hours; export counts below zero."""
        known = np.nan_to_num(self.coincident_kw.astype(np.float64))
        total = known.sum()
        share: Float = np.where(
            np.isfinite(self.coincident_kw), known / total if total > 0 else np.nan, np.nan
        ).astype(np.float32)
        return share

    def frame(self) -> pd.DataFrame:
        """One row a customer: the numbers above that are one per customer."""
        return pd.DataFrame(
            {
                "customer_id": self.customer_id,
                "days": self.days,
                "import_kwh": self.import_kwh,
                "export_kwh": self.export_kwh,
                "mean_kw": self.mean_kw,
                "peak_kw": self.peak_kw,
                "load_factor": self.load_factor,
                "baseload_kw": self.baseload_kw,
                "coincident_kw": self.coincident_kw,
                "above_baseload_kw": self.above_baseload_kw,
                "peak_share": self.peak_share,
                "area": pd.array(
                    np.full(len(self.customer_id), None) if self.area is None else self.area, dtype="string"
                ),
            }
            | {
                f"month_peak_kw_{month.start:%Y_%m}": self.month_peak_kw[:, place]
                for place, month in enumerate(self.peak.months)
                if self.month_peak_kw.size
            }
        )
