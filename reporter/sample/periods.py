"""The quarters of a population: who is there, who moves in or out, what they buy, whose meter fails."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from reporter.sample.population import (
    HOMES,
    USUAL,
    VACANT,
    WORKS_FROM_HOME,
    Population,
    heating_per_c,
)
from reporter.sample.shapes import TECHNOLOGY_HOMES
from reporter.sample.streams import CHANGES, FAULTS, MOVES, Flags, Ints, choose, stream

FAULT_NAMES = ("none", "short-record", "patchy", "stuck-meter", "zero-meter")
FAULT_SHARES = {"short-record": 0.005, "patchy": 0.005, "stuck-meter": 0.001, "zero-meter": 0.001}

CHANGE_NAMES = ("none", "ev", "solar", "vacant", "electric-heat", "habits")
CHANGE_SHARES = {"ev": 0.5, "solar": 0.33, "vacant": 0.06, "electric-heat": 0.06}
"""Parts of those who change; the rest has other habits."""


@dataclass(frozen=True)
class Moves:
    """Who is a customer when, in two neighbouring quarters."""

    leaving: Flags
    """(n,) leaves within the first quarter."""
    arriving: Flags
    """(n,) arrives within the second."""
    left_on: Ints
    """(n,) last day of service in the first quarter, where leaving."""
    arrived_on: Ints
    """(n,) first day of service in the second quarter, where arriving."""


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
    change: Ints
    """(n,) what is new since the period before: number in ``CHANGE_NAMES``."""
    first_day: Ints
    """(n,) first day of service in the period, 0-based."""
    last_day: Ints
    """(n,) last day of service in the period, inclusive."""
    fault: Ints
    """(n,) number in ``FAULT_NAMES``."""

    def has_fault(self, *names: str) -> Flags:
        """(n,) whether the meter has one of these faults."""
        return np.isin(self.fault, [FAULT_NAMES.index(name) for name in names])


def draw_single(population: Population, start: date, days: int, seed: int) -> Period:
    """One period in which everybody is a customer for all days."""
    n = len(population)
    first, last = np.zeros(n, dtype=np.int64), np.full(n, days - 1)
    return _period(population, np.zeros(n, dtype=np.int64), start, days, 0, first, last, seed)


def draw_moves(customers: int, start: date, seed: int, movers: float) -> Moves:
    """A share ``movers`` leaves within the quarter that begins at ``start``, as many arrive within the next."""
    first_days, second_days = _lengths(start)
    rng = stream(seed, MOVES)
    leaving = choose(rng, np.ones(customers, dtype=np.bool_), round(movers * customers))
    arriving = choose(rng, ~leaving, round(movers * customers))
    # Nobody leaves or arrives so late that the record is too short to use.
    left_on = rng.integers(first_days // 2, first_days - 7, customers)
    arrived_on = rng.integers(7, second_days // 2, customers)
    return Moves(leaving, arriving, left_on, arrived_on)


def draw_pair(population: Population, moves: Moves, start: date, seed: int, changes: float) -> list[Period]:
    """Two neighbouring calendar quarters; a share ``changes`` of the customers is not the same in the second."""
    n = len(population)
    first_days, second_days = _lengths(start)
    beginning, nobody = np.zeros(n, dtype=np.int64), np.full(n, -1)
    last = np.where(moves.arriving, nobody, np.where(moves.leaving, moves.left_on, first_days - 1))
    first = _period(population, beginning, start, first_days, 0, beginning, last, seed)
    later, change = next_quarter(population, seed, changes, ~moves.leaving & ~moves.arriving)
    arrived = np.where(moves.arriving, moves.arrived_on, beginning)
    last = np.where(moves.leaving, nobody, second_days - 1)
    return [first, _period(later, change, _quarter_after(start), second_days, 1, arrived, last, seed)]


def next_quarter(
    population: Population, seed: int, changes: float, stays: Flags
) -> tuple[Population, NDArray[np.int64]]:
    """The same customers a quarter later, and what has changed with each: (n,) numbers in ``CHANGE_NAMES``.

    Of the share ``changes`` that does, half bought an EV (most of these in the first two areas) and a third solar; a few
    homes are vacant or heated with electricity now, the rest live otherwise. Only customers who are there in both
    quarters (``stays``) change.
    """
    rng = stream(seed, CHANGES)
    n = len(population)
    count = round(changes * n)
    counts = {name: round(count * share) for name, share in CHANGE_SHARES.items()}
    counts["habits"] = count - sum(counts.values())
    plain = stays & ~population.has_ev & ~population.has_solar & (population.household == USUAL)
    evenings = np.isin(population.home, [HOMES.index(name) for name in TECHNOLOGY_HOMES])
    among = {
        "ev": plain & evenings,
        "solar": plain & evenings,
        "vacant": plain & (population.home != HOMES.index("flat")),
        "electric-heat": plain & (population.heating_per_c == 0),
        "habits": plain,
    }
    change = np.zeros(n, dtype=np.int64)
    for name, candidates in among.items():
        weight = np.where(population.area < 2, 5.0, 1.0) if name == "ev" else None
        chosen = choose(rng, candidates & (change == 0), counts[name], weight)
        change[chosen] = CHANGE_NAMES.index(name)
    now = {name: change == number for number, name in enumerate(CHANGE_NAMES)}
    step = rng.integers(1, len(HOMES), n)

    home = np.where(now["habits"], (population.home + step) % len(HOMES), population.home)
    home[now["vacant"]] = HOMES.index("flat")
    household = np.where(now["vacant"], VACANT, population.household)
    by_day = now["habits"] & (home == HOMES.index("midday-peak"))
    household[by_day] = WORKS_FROM_HOME
    heating = np.where(now["electric-heat"], heating_per_c(seed, n), population.heating_per_c)
    kept = (~now["vacant"]).astype(np.float32)
    values = dict(vars(population))
    values["has_ev"] = population.has_ev | now["ev"]
    values["has_solar"] = population.has_solar | now["solar"]
    values["home"], values["household"] = home, household
    values["heating_per_c"] = heating * kept
    for name in ("cooling_per_c", "water_share", "event_response"):
        values[name] = values[name] * kept
    return Population(**values), change


def quarter_label(start: date) -> str:
    """Calendar quarter of a date, such as 2026Q3."""
    return f"{start.year}Q{(start.month - 1) // 3 + 1}"


def _period(
    population: Population,
    change: Ints,
    start: date,
    days: int,
    number: int,
    first_day: Ints,
    last_day: Ints,
    seed: int,
) -> Period:
    """A period with its faulty meters; customers who aren't there in it are left out of it."""
    rng = stream(seed, FAULTS, number)
    n = len(population)
    fault = np.zeros(n, dtype=np.int64)
    whole = (first_day == 0) & (last_day == days - 1)
    for name, share in FAULT_SHARES.items():
        # A small sample also shows each fault, a handful of customers has none.
        count = max(round(share * n), 1) if n >= 100 else 0
        fault[choose(rng, whole & (fault == 0), count)] = FAULT_NAMES.index(name)
    # A short record has too few days to be used: two to six.
    short = fault == FAULT_NAMES.index("short-record")
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
        population=population.take(there),
        change=change[there],
        first_day=first_day[there],
        last_day=last_day[there],
        fault=fault[there],
    )


def _lengths(start: date) -> tuple[int, int]:
    """Days of the quarter that begins at ``start``, and of the next."""
    second = _quarter_after(start)
    return (second - start).days, (_quarter_after(second) - second).days


def _quarter_after(start: date) -> date:
    """First day of the quarter after that of ``start``."""
    quarter_start = date(start.year, 3 * ((start.month - 1) // 3) + 1, 1)
    later = quarter_start + timedelta(days=100)
    return date(later.year, 3 * ((later.month - 1) // 3) + 1, 1)
