"""Who the synthetic customers are: traits, technology, attributes, and what changes between quarters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.shapes import CLASS_SHARES, HOME_SHAPES, TECHNOLOGY_HOMES

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

# Each use of randomness has a stream of its own, so that a new trait leaves the others as they were.
TRAITS, TECHNOLOGY, ATTRIBUTES, CHANGES, MOVES, FAULTS, OUTAGES, WEATHER, READINGS, SESSIONS = range(10)

CLASSES: tuple[str, ...] = tuple(CLASS_SHARES)
HOMES: tuple[str, ...] = tuple(HOME_SHAPES)
AREAS = tuple(f"Feeder {number}" for number in range(1, 9))
FAULTS_NAMES = ("none", "short-record", "patchy", "stuck-meter", "zero-meter")
FAULT_SHARES = {"short-record": 0.005, "patchy": 0.005, "stuck-meter": 0.001, "zero-meter": 0.001}


@dataclass(frozen=True)
class Population:
    """Lasting traits of n customers, in the order of their ids, which says nothing about their class."""

    customer_id: list[str]
    mean_kw: Floats
    """(n,) mean load of the home on a weekday, without EV and solar [kW]."""
    shift_hours: Floats
    """(n,) how much later than its class a home lives [h]."""
    contrast: Floats
    """(n,) peaks of the home ÷ peaks of its class, about 1."""
    hour_factor: Floats
    """(24, n) lasting habits by hour, about 1."""
    weather_response: Floats
    """(n,) change of the home's load with the weather ÷ the average home's."""
    home: Ints
    """(n,) number of the home's own shape in ``HOMES``."""
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


@dataclass(frozen=True)
class Period:
    """One quarter of a population: who is there, who has changed, whose meter fails."""

    label: str
    start: date
    days: int
    number: int
    """0 for the first period, 1 for the next."""
    population: Population
    """As it is in this period."""
    first_day: Ints
    """(n,) first day of service in the period, 0-based."""
    last_day: Ints
    """(n,) last day of service in the period, inclusive."""
    fault: Ints
    """(n,) number in ``FAULTS_NAMES``."""


def draw_population(customers: int, seed: int, shares: Mapping[str, float] = CLASS_SHARES) -> Population:
    """Customers of all classes in the given shares, to within one customer."""
    rng = stream(seed, TRAITS)
    numbers = np.sort(rng.choice(90_000_000, size=customers, replace=False)) + 10_000_000
    shape_class = _in_shares(rng, customers, shares)
    mean_kw = 0.45 * rng.lognormal(0, 0.5, customers)
    shift = np.clip(rng.normal(0, 0.3, customers), -0.75, 0.75)
    contrast = np.clip(rng.normal(1, 0.07, customers), 0.75, 1.25)
    # Habits run over neighbouring hours: white noise smoothed over three hours, brought back to 5 %.
    white = rng.normal(0, 1, (24, customers))
    smooth = (np.roll(white, 1, axis=0) + white + np.roll(white, -1, axis=0)) / np.sqrt(3)
    response = rng.uniform(0.5, 1.5, customers)

    rng = stream(seed, TECHNOLOGY)
    homes = _in_shares(rng, customers, TECHNOLOGY_HOMES)
    home = np.asarray(
        [HOMES.index(own if own in HOMES else bought) for own, bought in zip(shape_class, homes, strict=True)]
    )
    ev_kwh = np.clip(24 * mean_kw * rng.uniform(0.85, 1.05, customers), 7, 24)
    nights = rng.uniform(0.65, 0.95, customers)
    # Cars are set to a current that fills them in three to four hours of the cheap night.
    charger = np.clip(ev_kwh / nights / rng.normal(3.5, 0.25, customers), 3.0, 11.0)
    return Population(
        customer_id=[f"C{number}" for number in numbers],
        mean_kw=_float32(mean_kw),
        shift_hours=_float32(shift),
        contrast=_float32(contrast),
        hour_factor=_float32(np.exp(0.05 * smooth)),
        weather_response=_float32(response),
        home=home,
        has_ev=np.asarray([name == "night-ev" for name in shape_class], dtype=np.bool_),
        has_solar=np.asarray([name == "solar" for name in shape_class], dtype=np.bool_),
        ev_kwh_per_day=_float32(ev_kwh),
        ev_night_share=_float32(nights),
        ev_start_hour=_float32(rng.normal(23.75, 0.15, customers)),
        ev_kw=_float32(charger),
        # About 5 kWh a day and kW of panels in summer; panels are sized to the home.
        solar_kw=_float32(24 * mean_kw * rng.uniform(0.50, 0.65, customers) / 5.0),
        area=rng.integers(0, len(AREAS), customers),
    )


def next_quarter(population: Population, seed: int, changes: float, stays: Flags) -> Population:
    """The same customers a quarter later: a share ``changes`` of them has another class.

    Half of them bought an EV (most of these in the first two areas), a third solar, the rest live otherwise.
    Only customers who are there in both quarters (``stays``) change.
    """
    rng = stream(seed, CHANGES)
    count = round(changes * len(population))
    ev_count, solar_count = round(count * 0.5), round(count * 0.33)
    plain = stays & ~population.has_ev & ~population.has_solar
    buyers = plain & np.isin(population.home, [HOMES.index(name) for name in TECHNOLOGY_HOMES])
    new_ev = _choose(rng, buyers, ev_count, weight=np.where(population.area < 2, 5.0, 1.0))
    new_solar = _choose(rng, buyers & ~new_ev, solar_count)
    new_habits = _choose(rng, plain & ~new_ev & ~new_solar, count - ev_count - solar_count)
    step = rng.integers(1, len(HOMES), len(population))
    values = dict(vars(population))
    values["has_ev"] = population.has_ev | new_ev
    values["has_solar"] = population.has_solar | new_solar
    values["home"] = np.where(new_habits, (population.home + step) % len(HOMES), population.home)
    return Population(**values)


def draw_periods(population: Population, start: date, days: int, seed: int) -> list[Period]:
    """One period in which everybody is a customer for all days."""
    n = len(population)
    first, last = np.zeros(n, dtype=np.int64), np.full(n, days - 1)
    return [_period(population, start, days, 0, first, last, seed)]


def draw_pair(population: Population, start: date, seed: int, changes: float, movers: float) -> list[Period]:
    """Two neighbouring calendar quarters of the same customers.

    A share ``movers`` leaves within the first quarter, and as many arrive within the second.
    """
    n = len(population)
    second = _quarter_after(start)
    first_days, second_days = (second - start).days, (_quarter_after(second) - second).days
    rng = stream(seed, MOVES)
    leaving = _choose(rng, np.ones(n, dtype=np.bool_), round(movers * n))
    arriving = _choose(rng, ~leaving, round(movers * n))
    # Nobody leaves or arrives so late that the record is too short to use.
    left_on = rng.integers(first_days // 2, first_days - 7, n)
    arrived_on = rng.integers(7, second_days // 2, n)
    none = np.full(n, -1)
    start_of = np.zeros(n, dtype=np.int64)
    first = _period(
        population,
        start,
        first_days,
        0,
        start_of,
        np.where(arriving, none, np.where(leaving, left_on, first_days - 1)),
        seed,
    )
    later = next_quarter(population, seed, changes, ~leaving & ~arriving)
    last = np.where(leaving, none, second_days - 1)
    return [
        first,
        _period(later, second, second_days, 1, np.where(arriving, arrived_on, start_of), last, seed),
    ]


def draw_attributes(population: Population, seed: int) -> pa.Table:
    """What a utility's customer system knows: one row a customer, in plausible shares.

    Attributes lean with the class, as in life (panels are seldom on apartments), and never give it away.
    """
    rng = stream(seed, ATTRIBUTES)
    n = len(population)
    business = (population.home == HOMES.index("midday-peak")) & (rng.random(n) < 0.5)
    time_of_use = rng.random(n) < np.where(population.has_ev, 0.6, 0.25)
    apartment = rng.random(n) < np.where(population.has_solar | population.has_ev, 0.08, 0.35)
    terrace = rng.random(n) < 0.4
    owner = rng.random(n) < np.where(apartment, 0.4, 0.75)
    rate_class = np.where(business, "small-business", np.where(time_of_use, "residential-tou", "residential"))
    dwelling = np.where(
        business, "shop", np.where(apartment, "apartment", np.where(terrace, "terrace", "house"))
    )
    flags = {
        "electric_heating": 0.24,
        "life_support": 0.008,
        "medical_baseline": 0.03,
        "enrolled": 0.06,
        "opted_out": 0.025,
    }
    anybody = np.ones(n, dtype=np.bool_)
    return pa.table(
        {
            "customer_id": population.customer_id,
            "area": np.asarray(AREAS)[population.area],
            "rate_class": rate_class,
            "dwelling": dwelling,
            "tenure": np.where(owner, "owner", "tenant"),
            **{name: _choose(rng, anybody, round(share * n)) for name, share in flags.items()},
        }
    )


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """Random numbers of one purpose, independent of every other purpose."""
    return np.random.default_rng([seed, *purpose])


def quarter_label(start: date) -> str:
    """Calendar quarter of a date, such as 2026Q3."""
    return f"{start.year}Q{(start.month - 1) // 3 + 1}"


def _period(
    population: Population, start: date, days: int, number: int, first_day: Ints, last_day: Ints, seed: int
) -> Period:
    """A period with its faulty meters; customers who aren't there in it are left out of it."""
    rng = stream(seed, FAULTS, number)
    n = len(population)
    fault = np.zeros(n, dtype=np.int64)
    whole = (first_day == 0) & (last_day == days - 1)
    for name, share in FAULT_SHARES.items():
        # A small sample also shows each fault, a handful of customers has none.
        count = max(round(share * n), 1) if n >= 100 else 0
        fault[_choose(rng, whole & (fault == 0), count)] = FAULTS_NAMES.index(name)
    # A short record has too few days to be used: two to six.
    short = fault == FAULTS_NAMES.index("short-record")
    length = rng.integers(2, 7, n)
    begin = (rng.random(n) * np.maximum(days - length, 1)).astype(np.int64)
    first_day = np.where(short, begin, first_day)
    last_day = np.where(short, np.minimum(begin + length - 1, days - 1), last_day)
    there = np.flatnonzero(last_day >= first_day)
    return Period(
        label=quarter_label(start),
        start=start,
        days=days,
        number=number,
        population=_take(population, there),
        first_day=first_day[there],
        last_day=last_day[there],
        fault=fault[there],
    )


def _take(population: Population, rows: Ints) -> Population:
    values = {name: value[..., rows] for name, value in vars(population).items() if name != "customer_id"}
    return Population(customer_id=[population.customer_id[row] for row in rows], **values)


def _in_shares(rng: np.random.Generator, count: int, shares: Mapping[str, float]) -> list[str]:
    """Names in random order, each as often as its share says (largest remainders first)."""
    exact = np.asarray(list(shares.values())) * count / sum(shares.values())
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: count - whole.sum()]
    whole[rest] += 1
    return [str(name) for name in rng.permutation(np.repeat(list(shares), whole))]


def _choose(
    rng: np.random.Generator, among: Flags, count: int, weight: NDArray[np.float64] | None = None
) -> Flags:
    """A random ``count`` of the true entries of ``among``; all of them where there are fewer."""
    # Efraimidis and Spirakis 2006: the largest u^(1/w) are a weighted sample without replacement.
    key = rng.random(len(among)) ** (1.0 if weight is None else 1 / weight)
    chosen = np.zeros(len(among), dtype=np.bool_)
    candidates = np.flatnonzero(among)
    chosen[candidates[np.argsort(-key[candidates], kind="stable")[:count]]] = True
    return chosen


def _quarter_after(start: date) -> date:
    """First day of the quarter after that of ``start``."""
    quarter_start = date(start.year, 3 * ((start.month - 1) // 3) + 1, 1)
    later = quarter_start + timedelta(days=100)
    return date(later.year, 3 * ((later.month - 1) // 3) + 1, 1)


def _float32(values: NDArray[np.float64]) -> Floats:
    return values.astype(np.float32)
