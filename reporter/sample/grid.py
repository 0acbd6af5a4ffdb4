"""What happens on the utility's side: power cuts, lost connections to meters, events, and the load of the whole system."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.clock import Clock, wall_stamps
from reporter.sample.enrolment import PROGRAM
from reporter.sample.periods import Period
from reporter.sample.streams import EVENTS, GAPS, OUTAGES, SYSTEM, Floats, Ints, float32, stream
from reporter.sample.weather import Weather

GAPS_PER_QUARTER = 0.08
"""Lost connections per customer and 92 days, of an hour to four days: readings are missing."""
CUTS_PER_QUARTER = 0.06
"""Single power cuts per customer and 92 days, of minutes to hours: readings are zero."""

EVENTS_PER_QUARTER = 6
EVENT_HOURS = (16, 20)
EVENT_LEAST_C = 22.0
"""Daily mean from which a day may be an event day."""
COMPLIANCE = 0.85
REBOUND = 0.05
"""More load in the two hours after an event, as part of the home's load."""

METERS = 180_000
OTHER_MW = (
    58.0, 56.0, 55.0, 55.0, 57.0, 62.0, 70.0, 80.0, 88.0, 93.0, 95.0, 96.0,
    96.0, 96.0, 95.0, 93.0, 90.0, 85.0, 79.0, 75.0, 72.0, 68.0, 63.0, 60.0,
)  # fmt: skip
"""Load that the sample doesn't stand for, by hour of a working day in mild weather [MW]."""
OTHER_REST = 0.82
"""The same on days off ÷ on working days."""
OTHER_COOLING_MW_PER_C = 3.2
OTHER_HEATING_MW_PER_C = 1.4


@dataclass(frozen=True)
class Spans:
    """Times without power, or without a connection, one a row."""

    rows: Ints
    """(o,) customer."""
    begin: NDArray[np.float64]
    """(o,) begin, hours from the period's start by the wall clock [h]."""
    end: NDArray[np.float64]

    def on(self, first: float, last: float) -> "Spans":
        """Those that touch a stretch of time [h from the period's start]."""
        now = (self.begin < last) & (self.end > first)
        return Spans(self.rows[now], self.begin[now], self.end[now])


def draw_gaps(period: Period, share: float, seed: int) -> Spans:
    """Lost connections of an hour to four days; ``share`` per customer and 92 days."""
    rng = stream(seed, GAPS, period.number)
    n = len(period.population)
    count = round(share * n * period.days / 92)
    begin = rng.random(count) * 24 * period.days
    return Spans(
        rng.integers(0, n, count), begin, begin + np.exp(rng.uniform(np.log(1.0), np.log(96.0), count))
    )


def draw_cuts(period: Period, share: float, seed: int) -> Spans:
    """Power cuts: single ones, ``share`` per customer and 92 days, and one storm; begin and end to the minute."""
    rng = stream(seed, OUTAGES, period.number)
    n = len(period.population)
    count = round(share * n * period.days / 92)
    rows = rng.integers(0, n, count)
    begin = rng.random(count) * 24 * period.days
    length = np.clip(rng.lognormal(np.log(1.5), 0.7, count), 0.1, 12)
    # A storm takes a third of one area for an afternoon.
    struck = np.flatnonzero((period.population.area == rng.integers(0, 8)) & (rng.random(n) < 1 / 3))
    storm = rng.integers(0, period.days) * 24.0 + 15.0 + rng.uniform(0, 0.4, len(struck))
    if share == 0:
        struck, storm = struck[:0], storm[:0]
    begin = np.round(60 * np.concatenate([begin, storm])) / 60
    length = np.concatenate([length, rng.uniform(2, 8, len(struck))])
    end = np.minimum(np.round(60 * (begin + length)) / 60, 24.0 * period.days)
    rows = np.concatenate([rows, struck])
    # A cut is there only where somebody is: from the first day of service to the last.
    served = (
        (begin >= 24 * period.first_day[rows]) & (end <= 24 * (period.last_day[rows] + 1)) & (end > begin)
    )
    order = np.lexsort((rows[served], begin[served]))
    return Spans(rows[served][order], begin[served][order], end[served][order])


def lost_share(cuts: Spans, starts: NDArray[np.float64], hours: float) -> tuple[Ints, Floats]:
    """Customers without power in some interval, and the part of each interval that they are without: (u,), (h, u)."""
    rows, place = np.unique(cuts.rows, return_inverse=True)
    begin = starts[:, None]
    overlap = np.minimum(cuts.end, begin + hours) - np.maximum(cuts.begin, begin)
    lost = np.zeros((len(rows), len(starts)))
    np.add.at(lost, place, np.clip(overlap, 0, hours).T / hours)
    return rows, float32(np.minimum(lost.T, 1))


def event_days(clocks: list[Clock], weather: Weather) -> list[int]:
    """Numbers of the hottest working days of the period, not two in a row."""
    mean = weather.daily_mean_c()
    hot = [n for n in np.argsort(-mean, kind="stable") if mean[n] >= EVENT_LEAST_C and clocks[n].works]
    most = round(EVENTS_PER_QUARTER * len(clocks) / 92)
    chosen: list[int] = []
    for number in hot:
        if len(chosen) < most and all(abs(number - other) > 1 for other in chosen):
            chosen.append(int(number))
    return sorted(chosen)


def event_factor(period: Period, clock: Clock, starts: NDArray[np.float64], seed: int) -> tuple[Ints, Floats]:
    """Enrolled customers, and load of each home ÷ without the event, on an event day: (e,), (h, e)."""
    rows = np.flatnonzero(period.population.event_response > 0)
    rng = stream(seed, EVENTS, clock.day.toordinal())
    response = period.population.event_response[rows] * (rng.random(len(rows)) < COMPLIANCE)
    first, last = EVENT_HOURS
    during = (starts >= first) & (starts < last)
    after = (starts >= last) & (starts < last + 2)
    change = REBOUND * after[:, None] * (response > 0) - during[:, None] * response
    return rows, float32(1 + change)


def other_load_mw(clock: Clock, felt_c: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Load of all that is no home of the sample's kind, by hour of a day [MW]: (t,)."""
    level = np.asarray(OTHER_MW)[clock.hour] * (1.0 if clock.works else OTHER_REST)
    cooling = OTHER_COOLING_MW_PER_C * np.maximum(felt_c - 17, 0)
    heating = OTHER_HEATING_MW_PER_C * np.maximum(12 - felt_c, 0)
    noise = stream(seed, SYSTEM, clock.day.toordinal()).normal(1, 0.01, len(felt_c))
    return np.asarray((level + cooling + heating) * noise)


def temperature_table(clocks: list[Clock], weather: Weather) -> pa.Table:
    """timestamp (wall clock), temperature_c."""
    return _hourly(clocks, "temperature_c", np.round(weather.temperature_c, 1))


def system_load_table(clocks: list[Clock], load_mw: NDArray[np.float64]) -> pa.Table:
    """timestamp (wall clock), load_mw."""
    return _hourly(clocks, "load_mw", np.round(load_mw, 2))


def outage_table(period: Period, cuts: Spans) -> pa.Table:
    """customer_id, start, end (wall clock), by start."""
    ids = np.asarray(period.population.customer_id, dtype=object)
    return pa.table(
        {
            "customer_id": pa.array(ids[cuts.rows], pa.string()),
            "start": wall_stamps(period.start, cuts.begin),
            "end": wall_stamps(period.start, cuts.end),
        }
    )


def event_table(start: date, days: list[int]) -> pa.Table:
    """start, end (wall clock), program."""
    dates = [np.datetime64(start + timedelta(days=number), "s") for number in days]
    first, last = (np.timedelta64(hour, "h") for hour in EVENT_HOURS)
    return pa.table(
        {
            "start": pa.array([day + first for day in dates], pa.timestamp("s")),
            "end": pa.array([day + last for day in dates], pa.timestamp("s")),
            "program": pa.array([PROGRAM] * len(days), pa.string()),
        }
    )


def _hourly(clocks: list[Clock], name: str, values: NDArray[np.float64]) -> pa.Table:
    return pa.table({"timestamp": np.concatenate([clock.stamps(60) for clock in clocks]), name: values})
