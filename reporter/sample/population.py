"""Who the synthetic customers are: their homes, their devices, and how they answer to the weather."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reporter.sample.shapes import CLASS_SHARES, HOME_SHAPES, TECHNOLOGY_HOMES
from reporter.sample.streams import (
    DEVICES,
    HOUSEHOLDS,
    TECHNOLOGY,
    TRAITS,
    Flags,
    Floats,
    Ints,
    float32,
    in_shares,
    stream,
)

CLASSES: tuple[str, ...] = tuple(CLASS_SHARES)
HOMES: tuple[str, ...] = tuple(HOME_SHAPES)
AREAS = tuple(f"Feeder {number}" for number in range(1, 9))

HOUSEHOLD_NAMES = ("usual", "works-from-home", "shop", "vacant")
USUAL, WORKS_FROM_HOME, SHOP, VACANT = range(4)
VACANT_SHARE = 0.12
"""What a vacant home uses ÷ what it used when lived in."""
LEAST_VACANT_KW = 0.03

COOLING_SHARE = 0.72
COOLING_PER_C = (0.035, 0.065)
"""Least and most of what air conditioning adds per degree ÷ mean load of the home [1/°C]."""
HEATING_SHARE = 0.22
HEATING_PER_C = (0.035, 0.060)
WATER_HEATING_SHARE = 0.35


@dataclass(frozen=True)
class Population:
    """Lasting traits of n customers, in the order of their ids, which says nothing about their class."""

    customer_id: list[str]
    mean_kw: Floats
    """(n,) mean load of the home on a mild weekday, without EV and solar [kW]."""
    shift_hours: Floats
    """(n,) how much later than its class a home lives [h]."""
    contrast: Floats
    """(n,) peaks of the home ÷ peaks of its class, about 1."""
    hour_factor: Floats
    """(24, n) lasting habits by hour, about 1."""
    home: Ints
    """(n,) number of the home's own shape in ``HOMES``."""
    household: Ints
    """(n,) who is there: number in ``HOUSEHOLD_NAMES``."""
    has_ev: Flags
    has_solar: Flags
    ev_kwh_per_day: Floats
    """(n,) mean energy of charging, where there is an EV [kWh/day]."""
    ev_night_share: Floats
    """(n,) share of nights with charging."""
    ev_start_hour: Floats
    """(n,) start of charging, hours after midnight of the evening's day, about 23.5 [h]."""
    ev_kw: Floats
    """(n,) power of the charger [kW]."""
    solar_kw: Floats
    """(n,) rated power of the panels, where there are any [kW]."""
    cooling_per_c: Floats
    """(n,) load of the air conditioning per degree above ``cooling_from_c`` ÷ ``mean_kw``; 0 without one [1/°C]."""
    cooling_from_c: Floats
    heating_per_c: Floats
    """(n,) load of electric heating per degree below ``heating_below_c`` ÷ ``mean_kw``; 0 without it [1/°C]."""
    heating_below_c: Floats
    water_share: Floats
    """(n,) part of the home's energy that heats water; 0 without an electric water heater."""
    event_response: Floats
    """(n,) part of the home's load that it drops in a program's events; 0 where it is not enrolled."""
    area: Ints
    """(n,) number of the feeder in ``AREAS``."""

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.customer_id)

    def classes(self) -> list[str]:
        """Class of each customer: the technology's where there is one, else the home's own."""
        return [
            "night-ev" if ev else "solar" if solar else HOMES[home]
            for home, ev, solar in zip(self.home, self.has_ev, self.has_solar, strict=True)
        ]

    def used_kw(self) -> Floats:
        """(n,) mean load on a mild weekday, vacant homes as they are now [kW]."""
        empty = np.maximum(VACANT_SHARE * self.mean_kw, LEAST_VACANT_KW)
        return np.asarray(np.where(self.household == VACANT, empty, self.mean_kw), dtype=np.float32)

    def take(self, rows: Ints) -> "Population":
        """These customers alone."""
        values = {name: value[..., rows] for name, value in vars(self).items() if name != "customer_id"}
        return Population(customer_id=[self.customer_id[row] for row in rows], **values)


def draw_population(customers: int, seed: int, shares: Mapping[str, float] = CLASS_SHARES) -> Population:
    """Customers of all classes in the given shares, to within one customer."""
    rng = stream(seed, TRAITS)
    numbers = np.sort(rng.choice(90_000_000, size=customers, replace=False)) + 10_000_000
    shape_class = in_shares(rng, customers, shares)
    mean_kw = 0.45 * rng.lognormal(0, 0.5, customers)
    shift = np.clip(rng.normal(0, 0.3, customers), -0.75, 0.75)
    contrast = np.clip(rng.normal(1, 0.07, customers), 0.75, 1.25)
    # Habits run over neighbouring hours: white noise smoothed over three hours, brought back to 5 %.
    white = rng.normal(0, 1, (24, customers))
    smooth = (np.roll(white, 1, axis=0) + white + np.roll(white, -1, axis=0)) / np.sqrt(3)

    rng = stream(seed, TECHNOLOGY)
    homes = in_shares(rng, customers, TECHNOLOGY_HOMES)
    home = np.asarray(
        [HOMES.index(own if own in HOMES else bought) for own, bought in zip(shape_class, homes, strict=True)]
    )
    ev_kwh = np.clip(24 * mean_kw * rng.uniform(0.85, 1.05, customers), 7, 24)
    nights = rng.uniform(0.65, 0.95, customers)
    # Cars are set to a current that fills them in three to four hours of the cheap night.
    charger = np.clip(ev_kwh / nights / rng.normal(3.5, 0.25, customers), 3.0, 11.0)
    has_ev = np.asarray([name == "night-ev" for name in shape_class], dtype=np.bool_)
    has_solar = np.asarray([name == "solar" for name in shape_class], dtype=np.bool_)
    ev_start = rng.normal(23.75, 0.15, customers)
    # About 5 kWh a day and kW of panels in summer; panels are sized to the home.
    solar_kw = 24 * mean_kw * rng.uniform(0.50, 0.65, customers) / 5.0
    area = rng.integers(0, len(AREAS), customers)
    household = _households(home, ~has_ev & ~has_solar, seed)

    rng = stream(seed, DEVICES)
    lived_in = household != VACANT
    cooled = (rng.random(customers) < COOLING_SHARE) & lived_in
    heated = (rng.random(customers) < HEATING_SHARE) & lived_in
    water = (rng.random(customers) < WATER_HEATING_SHARE) & np.isin(household, [USUAL, WORKS_FROM_HOME])
    return Population(
        customer_id=[f"C{number}" for number in numbers],
        mean_kw=float32(mean_kw),
        shift_hours=float32(shift),
        contrast=float32(contrast),
        hour_factor=float32(np.exp(0.05 * smooth)),
        home=home,
        household=household,
        has_ev=has_ev,
        has_solar=has_solar,
        ev_kwh_per_day=float32(ev_kwh),
        ev_night_share=float32(nights),
        ev_start_hour=float32(ev_start),
        ev_kw=float32(charger),
        solar_kw=float32(solar_kw),
        cooling_per_c=float32(rng.uniform(*COOLING_PER_C, customers) * cooled),
        cooling_from_c=float32(np.clip(rng.normal(20, 0.8, customers), 18, 22)),
        heating_per_c=float32(rng.uniform(*HEATING_PER_C, customers) * heated),
        heating_below_c=float32(np.clip(rng.normal(14, 1.0, customers), 11.5, 16.5)),
        water_share=float32(rng.uniform(0.08, 0.14, customers) * water),
        event_response=np.zeros(customers, dtype=np.float32),
        area=area,
    )


def heating_per_c(seed: int, customers: int) -> Floats:
    """(n,) what electric heating would add per degree, for homes that get it later [1/°C]."""
    return float32(stream(seed, DEVICES, 1).uniform(*HEATING_PER_C, customers))


def _households(home: Ints, plain: Flags, seed: int) -> Ints:
    """Odd ones stand with the class whose shape they have: (n,) numbers in ``HOUSEHOLD_NAMES``."""
    luck = stream(seed, HOUSEHOLDS).random(len(home))
    household = np.full(len(home), USUAL)
    by_day, flat, moderate = (home == HOMES.index(name) for name in ("midday-peak", "flat", "mid-peak"))
    household[by_day] = np.where(luck[by_day] < 0.5, SHOP, WORKS_FROM_HOME)
    household[flat & plain & (luck < 0.12)] = VACANT
    household[flat & plain & (luck > 0.96)] = SHOP
    household[moderate & (luck < 0.12)] = WORKS_FROM_HOME
    return household
