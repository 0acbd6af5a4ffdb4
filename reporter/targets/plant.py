"""The offers as a power plant: what can be bid hour by hour of an event day, and what comes back afterwards.

The effect of a program in an hour of the clock is that of ``potential`` on the load in that hour, mean over the peak days. How sure
a sum is comes from ``uncertainty``: P50 is reached with an even chance, P90 with nine
chances in ten, so that P90 is the smaller one. The effect of the program is unsure for all events alike: no nine of ten of them are meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.segments.model import Segmentation
from reporter.settings import PlantSettings
from reporter.targets.assign import Assignment
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Devices
from reporter.targets.model import Float
from reporter.targets.portfolio import Rows
from reporter.targets.potential import effect_of
from reporter.targets.rows import Plant, PlantHour, PlantRow, ReboundHour
from reporter.targets.selection import Offers
from reporter.targets.uncertainty import Sums, interval

_P90 = 0.8
"""Level of the central interval whose low end is reached with nine chances in ten."""


@dataclass(frozen=True)
class _Hour:
    """What an offer to each of the n customers brings in one hour of the clock."""

    hour: int
    low: Float
    value: Float
    high: Float
    variance: Float

    def sums(self, rows: Rows) -> Sums:
        return Sums(
            *(np.array([part[rows].sum()]) for part in (self.low, self.value, self.high, self.variance))
        )


def plant(
    profiles: Profiles,
    segmentation: Segmentation,
    programs: Sequence[Program],
    found: Assignment,
    offers: Offers,
    offered: Rows,
    devices: Devices | None,
    wanted: PlantSettings,
) -> Plant | None:
    """What the offers can bid; none where nothing is offered or single peak hours are not known.

    Args:
        profiles: of the n customers, with their loads in single peak hours.
        segmentation: of the same.
        programs: of the catalogue.
        found: the program of each customer.
        offers: what an offer brings over all peak hours, and how sure that is.
        offered: rows of the customers to offer a program.
        devices: signs of devices, or ``None``.
        wanted: what a bid must meet.
    """
    if not len(offered) or not profiles.peak_hours_kw.size:
        return None
    hours = _hours(profiles, programs, found, offers, devices)
    spread = offers.ledger.spread

    total = [_bid(hour, offered, spread) for hour in hours]
    lasts = _event_hours(programs, found, offered)
    first, length, bid = _longest(total, wanted, lasts)
    event = [hour for hour in hours if first is not None and first <= hour.hour < first + length]

    def row(program: Program | None, segment_id: str | None, rows: Rows) -> PlantRow:
        return PlantRow(
            program=program.id if program else None,
            title=program.title if program else "All programs",
            segment_id=segment_id,
            offers=len(rows),
            enrolments=offers.enrolments(rows),
            hours=[_bid(hour, rows, spread) for hour in hours],
            rebound=_rebound(programs, found, event, rows),
        )

    rows = []
    for place, program in enumerate(programs):
        for index, label in enumerate(segmentation.labels):
            mine = offered[(found.program[offered] == place) & (segmentation.assignment[offered] == index)]
            if len(mine):
                rows.append(row(program, label.segment_id, mine))
    checked = wanted.min_bid_kw is not None or wanted.min_hours is not None
    return Plant(
        rows=sorted(rows, key=lambda entry: -max(hour.p50_kw for hour in entry.hours)),
        total=row(None, None, offered),
        take_up_known=offers.known,
        min_bid_kw=wanted.min_bid_kw,
        min_hours=wanted.min_hours,
        event_hours=lasts,
        bid_first_hour=first,
        bid_hours=length,
        bid_kw=bid,
        accepted=(bid >= (wanted.min_bid_kw or 0.0) and bid > 0 and length >= (wanted.min_hours or 1))
        if checked
        else None,
        without_rebound=[
            program.title
            for place, program in enumerate(programs)
            if program.rebound is None and (found.program[offered] == place).any()
        ],
    )


def _hours(
    profiles: Profiles,
    programs: Sequence[Program],
    found: Assignment,
    offers: Offers,
    devices: Devices | None,
) -> list[_Hour]:
    """Effects by hour of the clock. An hour's own variance is that over all of them, as the square of its effect."""
    clock = np.array([start.hour for start in profiles.peak_hours])
    chance = found.participation
    result = []
    for hour in np.unique(clock).tolist():
        load = _mean(profiles.peak_hours_kw[:, clock == hour])
        then = replace(profiles, coincident_kw=load.astype(np.float32))
        low, value, high = (np.zeros(len(load)) for _ in range(3))
        for place, program in enumerate(programs):
            mine = found.program == place
            if program.effect is None or not mine.any():
                continue
            effect = effect_of(program, then, devices)
            for into, part in ((low, effect.low), (value, effect.value), (high, effect.high)):
                into[mine] = np.nan_to_num(part)[mine]
        whole = np.nan_to_num(found.value)
        scale = np.where(whole > 0, value / np.where(whole > 0, whole, 1.0), 0.0)
        result.append(
            _Hour(hour, low * chance, value * chance, high * chance, offers.ledger.variance * scale**2)
        )
    return result


def _bid(hour: _Hour, rows: Rows, spread: float) -> PlantHour:
    sums = hour.sums(rows)
    return PlantHour(
        hour=hour.hour,
        expected_kw=float(sums.value[0]),
        p50_kw=interval(sums, spread, 0.0)[1],
        p90_kw=interval(sums, spread, _P90)[0],
    )


def _rebound(
    programs: Sequence[Program], found: Assignment, event: Sequence[_Hour], rows: Rows
) -> list[ReboundHour]:
    """Load that comes back after the hours of an event, of the programs that say so, at the published effect."""
    back: dict[int, float] = {}
    for place, program in enumerate(programs):
        mine = rows[found.program[rows] == place]
        if program.rebound is None or not len(mine) or not event:
            continue
        kwh = sum(float(hour.value[mine].sum()) for hour in event)
        # An event may be shorter than an hour, or than these where another program's length is not known.
        kwh *= min((program.hours_an_event or len(event)) / len(event), 1.0)
        for step in range(1, program.rebound.hours + 1):
            at = (event[-1].hour + step) % 24
            back[at] = back.get(at, 0.0) + kwh * program.rebound.share / program.rebound.hours
    return [ReboundHour(hour=hour, kw=kw) for hour, kw in back.items()]


def _event_hours(programs: Sequence[Program], found: Assignment, offered: Rows) -> int | None:
    """Whole hours that an event of all offered programs may last: the shortest of those that say so; none where none does."""
    said = [
        program.hours_an_event
        for place, program in enumerate(programs)
        if program.hours_an_event is not None and (found.program[offered] == place).any()
    ]
    return max(int(min(said)), 1) if said else None


def _longest(
    hours: Sequence[PlantHour], wanted: PlantSettings, lasts: int | None
) -> tuple[int | None, int, float]:
    """The hours in a row that are worth bidding: first hour, how many, and what all of them reach with nine chances in ten.

    They are the longest run above the least size that is no longer than an event; of equally long ones the one that reaches most.
    """
    least = wanted.min_bid_kw or 0.0
    best: tuple[int | None, int, float] = (None, 0, 0.0)
    for start in range(len(hours)):
        bid = float("inf")
        for count, hour in enumerate(hours[start : start + (lasts or len(hours))], 1):
            bid = min(bid, hour.p90_kw)
            if hour.hour != hours[start].hour + count - 1 or bid < least or bid <= 0:
                break
            if (count, bid) > (best[1], best[2]):
                best = (hours[start].hour, count, bid)
    if best[1] == 0 and hours:
        largest = max(hours, key=lambda entry: entry.p90_kw)
        return largest.hour, 1, largest.p90_kw
    return best


def _mean(values: NDArray[np.float32]) -> Float:
    """(n,) mean over the days that a customer has readings for; NaN without one."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1, dtype=np.float64)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
