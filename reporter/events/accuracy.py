"""How far baselines are off on days without an event, and who took part, as far as loads show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reporter.events.baselines import adjusted, baselines
from reporter.events.impact import quantile
from reporter.events.loads import Called, Ints, Loads
from reporter.events.rows import BaselineRow, Compliance
from reporter.profiles.model import Float
from reporter.settings import EventSettings

Name = tuple[str, bool]
"""A baseline, and whether it is adjusted."""

_LEAST_DAYS = 5


def all_baselines(loads: Loads, called: Called, day: int, options: EventSettings) -> dict[Name, Float]:
    """Every baseline of those called at an event, as if the event were on this day: (n, 24) [kW]."""
    own = loads.ordinary[called.places]
    plain = baselines(own, loads.kind, day, called.hours, loads.temperature, options)
    load = loads.kw[called.places, day]
    result: dict[Name, Float] = {}
    for name, values in plain.items():
        result[name, False] = values
        result[name, True] = adjusted(values, load, called.hours, options)
    return result


@dataclass
class _Errors:
    """Sums of one baseline's errors over days without an event."""

    load: float = 0.0
    error: float = 0.0
    squares: float = 0.0
    cells: int = 0
    group_error: list[float] = field(default_factory=list)
    group_load: list[float] = field(default_factory=list)

    def add(self, baseline: Float, load: Float) -> None:
        """Take in one day: (n, hours) of each."""
        known = ~np.isnan(baseline) & ~np.isnan(load)
        error = np.where(known, baseline - load, 0).astype("float64")
        here = np.where(known, load, 0).astype("float64")
        self.load += float(here.sum())
        self.error += float(error.sum())
        self.squares += float((error**2).sum())
        self.cells += int(known.sum())
        count = known.sum(axis=0)
        seen = count > 0
        self.group_error += (error.sum(axis=0)[seen] / count[seen]).tolist()
        self.group_load += (here.sum(axis=0)[seen] / count[seen]).tolist()


@dataclass(frozen=True)
class Judged:
    """Baselines on days without an event and on those of the events."""

    rows: list[BaselineRow]
    best: Name | None
    days: int
    compliance: Compliance | None
    event_kw: list[Float | None]
    """For each event (n, 24) the least biased baseline [kW]."""


def judge(loads: Loads, events: Sequence[Called], like: Sequence[Ints], options: EventSettings) -> Judged:
    """The accuracy of each baseline, and what the least biased one makes of the events.

    Args:
        loads: of those called.
        events: that are measured.
        like: of each event the days without an event that are like it, nearest first.
        options: of baselines.
    """
    trials = _trials(events, like, options.accuracy_days)
    errors: dict[Name, _Errors] = {}
    on_days = [all_baselines(loads, events[number], day, options) for number, day in trials]
    for (number, day), found in zip(trials, on_days, strict=True):
        called = events[number]
        hours = list(called.hours)
        load = loads.ordinary[called.places, day][:, hours]
        for name, values in found.items():
            errors.setdefault(name, _Errors()).add(values[:, hours], load)
    known = {name: sums for name, sums in errors.items() if sums.cells and abs(sums.load) > 0}
    at_events = [all_baselines(loads, called, called.day, options) for called in events]
    if not known:
        return Judged([], None, 0, None, [None] * len(events))
    bias = {name: sums.error / sums.load for name, sums in known.items()}
    order = sorted(known, key=lambda name: (abs(bias[name]), name))
    rows = [
        BaselineRow(
            name=name[0],
            adjusted=name[1],
            bias=bias[name],
            cvrmse=_cv(known[name].group_error, known[name].group_load),
            cvrmse_customer=float(
                np.sqrt(known[name].squares / known[name].cells) / abs(known[name].load / known[name].cells)
            ),
            reduction_kw=_reduction(loads, events, [found[name] for found in at_events]),
            least_biased=name == order[0],
        )
        for name in order
    ]
    best = order[0]
    return Judged(
        rows=rows,
        best=best,
        days=len({day for _, day in trials}),
        compliance=_compliance(
            loads,
            [
                (events[number], day, found[best])
                for (number, day), found in zip(trials, on_days, strict=True)
            ],
            [(called, called.day, found[best]) for called, found in zip(events, at_events, strict=True)],
            options.took_part,
        ),
        event_kw=[found[best] for found in at_events],
    )


def _trials(events: Sequence[Called], like: Sequence[Ints], most: int) -> list[tuple[int, int]]:
    """(event, day) pairs: of each event in turn its next nearest day, no pair of customers, hours and day twice."""
    trials: list[tuple[int, int]] = []
    seen: set[tuple[object, ...]] = set()
    for rank in range(max((len(days) for days in like), default=0)):
        for number, (called, days) in enumerate(zip(events, like, strict=True)):
            if rank >= len(days) or len(trials) >= most:
                continue
            key = (called.hours, called.places.tobytes(), int(days[rank]))
            if key not in seen:
                seen.add(key)
                trials.append((number, int(days[rank])))
    return trials


def _cv(errors: list[float], load: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))) / abs(np.mean(load)))


def event_reduction(loads: Loads, called: Called, baseline: Float) -> float | None:
    """Mean reduction per customer of one event by a baseline [kW]."""
    return _reduction(loads, [called], [baseline])


def _reduction(loads: Loads, events: Sequence[Called], found: Sequence[Float]) -> float | None:
    total, count = 0.0, 0
    for called, baseline in zip(events, found, strict=True):
        hours = list(called.hours)
        apart = (baseline[:, hours] - loads.kw[called.places, called.day][:, hours]).mean(axis=1)
        known = ~np.isnan(apart)
        total += float(apart[known].sum(dtype="float64"))
        count += int(known.sum())
    return total / count if count else None


def _compliance(
    loads: Loads,
    days: Sequence[tuple[Called, int, Float]],
    events: Sequence[tuple[Called, int, Float]],
    part: float,
) -> Compliance | None:
    usual, told = _fallen(loads, days), _fallen(loads, events)
    if not len(usual.share) or not len(told.share):
        return None
    chance, seen = float((usual.share >= part).mean()), float((told.share >= part).mean())
    return Compliance(
        least_share=max(0.0, (seen - chance) / (1 - chance)) if chance < 1 else 0.0,
        share_events=seen,
        share_days=chance,
        part=part,
        **_clear(usual, told, len(loads.rows)),
    )


@dataclass(frozen=True)
class _Fallen:
    """Load below the baseline, for each customer and day."""

    place: Ints
    kw: NDArray[np.float64]
    share: NDArray[np.float64]


def _fallen(loads: Loads, trials: Sequence[tuple[Called, int, Float]]) -> _Fallen:
    places, below, shares = [], [], []
    for called, day, baseline in trials:
        hours = list(called.hours)
        usual = baseline[:, hours].mean(axis=1).astype("float64")
        apart = usual - loads.kw[called.places, day][:, hours].mean(axis=1)
        known = ~np.isnan(apart) & (usual > 0)
        places.append(called.places[known])
        below.append(apart[known])
        shares.append(apart[known] / usual[known])
    return _Fallen(np.concatenate(places), np.concatenate(below), np.concatenate(shares))


def _clear(usual: _Fallen, told: _Fallen, size: int) -> dict[str, int]:
    """Customers whose mean reduction stands out of what their own days give by chance."""
    n, mean, squares = (np.zeros(size) for _ in range(3))
    np.add.at(n, usual.place, 1)
    np.add.at(mean, usual.place, usual.kw)
    np.add.at(squares, usual.place, usual.kw**2)
    events, reduction = np.zeros(size), np.zeros(size)
    np.add.at(events, told.place, 1)
    np.add.at(reduction, told.place, told.kw)
    judged = (n >= _LEAST_DAYS) & (events > 0)
    count, called = n[judged], events[judged]
    mean = mean[judged] / count
    spread = np.sqrt(np.maximum(squares[judged] - count * mean**2, 0) / (count - 1))
    apart = reduction[judged] / called - mean
    # One-sided at 5 %: as wide as the two-sided 90 % interval.
    limit = np.array([quantile(number - 1) for number in count]) * spread * np.sqrt(1 / count + 1 / called)
    return {"clear": int((apart > limit).sum()), "customers": int(judged.sum())}
