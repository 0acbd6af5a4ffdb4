"""How a matched segment changed: size, load and shape, each with its interval."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from reporter.compare.intervals import mean_change, members, wilson
from reporter.compare.pair import Pair
from reporter.compare.weather import DAY_HOURS, InNewWeather, widened
from reporter.facts import Drift, Match, Segment, ShapeDrift
from reporter.facts.comparison import Measure
from reporter.profiles import HOURS, Float
from reporter.segments.shapes import filled, relative
from reporter.settings import CompareSettings

_RESAMPLES = 200
_SHUFFLES = 99
_MEANS: dict[Measure, tuple[str, float]] = {
    "energy_kwh_per_day": ("mean_kw", DAY_HOURS),
    "coincident_kw": ("coincident_kw", 1.0),
    "above_baseload_kw": ("above_baseload_kw", 1.0),
}
"""Measures that are means over members: column of customers.parquet, and what a unit of it is worth."""


def drift(
    pair: Pair, matches: list[Match], loads: InNewWeather | None, options: CompareSettings, seed: int
) -> tuple[list[Drift], list[ShapeDrift]]:
    """Changes of every matched segment, each run's own members taken together.

    Args:
        pair: the two runs.
        matches: which segment is which.
        loads: in the newer period's weather, where they can be put into it.
        options: what is worth a word, and how many members stand for all.
        seed: of the resamples.
    """
    old = {segment.segment_id: (place, segment) for place, segment in enumerate(pair.old.facts.segments)}
    new = {segment.segment_id: (place, segment) for place, segment in enumerate(pair.new.facts.segments)}
    drifts: list[Drift] = []
    shapes: list[ShapeDrift] = []
    for number, match in enumerate(matches):
        if match.old_segment_id is None or match.new_segment_id is None:
            continue
        (i, before), (j, after) = old[match.old_segment_id], new[match.new_segment_id]
        rng = np.random.default_rng([seed, number])
        was, is_now = (pair.people["old"] == i).to_numpy(), (pair.people["own"] == j).to_numpy()
        drifts += _drifts(pair, was, before, is_now, after, options, rng)
        if loads is not None:
            drifts += _beyond_weather(pair, loads, was, before, is_now, after, options)
        shapes.append(_shape_drift(pair, i, before, j, after, options, rng))
    return drifts, shapes


def _drifts(
    pair: Pair,
    was: NDArray[np.bool_],
    before: Segment,
    is_now: NDArray[np.bool_],
    after: Segment,
    options: CompareSettings,
    rng: np.random.Generator,
) -> Iterator[Drift]:
    ends: dict[Measure, tuple[float, float]] = {"share": _share_change(before, after)}
    for measure, (column, unit) in _MEANS.items():
        before_kw, after_kw = (pair.number(f"{side}_{column}") * unit for side in ("old", "new"))
        _, *ends_of_mean = mean_change(*members(before_kw, after_kw, was, is_now))
        ends[measure] = (ends_of_mean[0], ends_of_mean[1])
    ends |= _curve_ends(pair, was, is_now, options.sample, rng)
    for measure, (low, high) in ends.items():
        first, last = float(getattr(before, measure)), float(getattr(after, measure))
        change = float(_around_the_clock(np.array(last - first))) if measure == "peak_hour" else last - first
        yield _made(before, after, measure, (first, last, change, low, high), options)


def _beyond_weather(
    pair: Pair,
    loads: InNewWeather,
    was: NDArray[np.bool_],
    before: Segment,
    is_now: NDArray[np.bool_],
    after: Segment,
    options: CompareSettings,
) -> Iterator[Drift]:
    """Changes that the weather does not explain, where both periods have members whose days were looked at."""
    energy = loads.change(was, is_now)
    if math.isnan(energy[0]):
        return
    then, now = float(np.nanmean(loads.expected_kw[was])), float(np.nanmean(loads.actual_kw[is_now]))
    numbers = tuple(DAY_HOURS * value for value in (then, now, *energy))
    yield _made(before, after, "same_weather_kwh_per_day", numbers, options)

    followed = [
        np.where(np.isnan(known), np.nan, pair.number(f"{side}_temperature_peak_kw"))
        for side, known in (("old", loads.expected_kw), ("new", loads.actual_kw))
    ]
    other = [
        pair.number(f"{side}_coincident_kw") - part
        for side, part in zip(("old", "new"), followed, strict=True)
    ]
    change = mean_change(*members(other[0], other[1], was, is_now))
    if math.isnan(change[0]):
        return
    means = [
        (float(np.nanmean(part[group])), float(np.nanmean(rest[group])))
        for part, rest, group in zip(followed, other, (was, is_now), strict=True)
    ]
    off = loads.share_off * math.hypot(means[0][0], means[1][0])
    numbers = (means[0][1], means[1][1], *widened(change, off))
    yield _made(before, after, "coincident_other_kw", numbers, options)


def _made(
    before: Segment,
    after: Segment,
    measure: Measure,
    numbers: tuple[float, ...],
    options: CompareSettings,
) -> Drift:
    """From a measure then and now, its change, and the ends of the change's interval (NaN where not known)."""
    first, last, change, low, high = numbers
    known = not math.isnan(low)
    return Drift(
        old_segment_id=before.segment_id,
        new_segment_id=after.segment_id,
        measure=measure,
        old=first,
        new=last,
        change=change,
        low=low if known else None,
        high=high if known else None,
        notable=known and not low <= 0 <= high and _large(measure, first, change, options),
    )


def _large(measure: Measure, old: float, change: float, options: CompareSettings) -> bool:
    if measure == "peak_hour":
        return abs(change) >= options.notable_hours
    if measure == "share":
        return abs(change) >= options.notable_share
    return abs(change) >= options.notable_change * abs(old)


def _share_change(before: Segment, after: Segment) -> tuple[float, float]:
    """Interval of the change of a share of two populations (Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I)."""
    n, m = (round(s.customers / s.share) if s.share else 0 for s in (before, after))
    (l1, u1), (l2, u2) = wilson(before.share, n), wilson(after.share, m)
    change = after.share - before.share
    return (
        change - math.hypot(after.share - l2, u1 - before.share),
        change + math.hypot(u2 - after.share, before.share - l1),
    )


def _curve_ends(
    pair: Pair, was: NDArray[np.bool_], is_now: NDArray[np.bool_], sample: int, rng: np.random.Generator
) -> dict[Measure, tuple[float, float]]:
    """Intervals of what is read off the mean curve, by resampling members (a seeded sample where they are many)."""
    rows_old = pair.people["old_row"].to_numpy()[was]
    rows_new = pair.people["new_row"].to_numpy()[is_now]
    curves = [_resampled(pair.old_kw, rows_old, sample, rng), _resampled(pair.new_kw, rows_new, sample, rng)]
    hours = _around_the_clock(curves[1].argmax(axis=1) - curves[0].argmax(axis=1).astype(float))
    ratio = [curve.max(axis=1) / np.maximum(np.abs(curve).mean(axis=1), 1e-9) for curve in curves]
    return {
        "peak_hour": _middle(hours),
        "peak_to_mean": _middle(ratio[1] - ratio[0]),
    }


def _resampled(
    kw: Float, rows: NDArray[np.int32], sample: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(r, 24) mean curves of resampled members."""
    if len(rows) > sample:
        rows = np.sort(rng.choice(rows, sample, replace=False))
    loads = filled(kw[rows]).astype("float64")
    weights = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=_RESAMPLES)
    curves: NDArray[np.float64] = weights @ loads / len(rows)
    return curves


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _around_the_clock(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shorter way from one hour of the day to another."""
    return (hours + HOURS / 2) % HOURS - HOURS / 2


def _shape_drift(
    pair: Pair,
    i: int,
    before: Segment,
    j: int,
    after: Segment,
    options: CompareSettings,
    rng: np.random.Generator,
) -> ShapeDrift:
    """Energy distance between the members' shapes then and now, against that of shuffled periods."""
    people = pair.people
    # As many of each, of other customers: the same home twice would make the periods look more alike than they are.
    was = people["old_row"].to_numpy()[(people["old"] == i).to_numpy()]
    is_now = people["new_row"].to_numpy()[(people["own"] == j).to_numpy()]
    size = min(len(was), len(is_now), options.shape_sample)
    shapes = np.concatenate(
        [
            relative(pair.old_kw[np.sort(rng.choice(was, size, replace=False))]),
            relative(pair.new_kw[np.sort(rng.choice(is_now, size, replace=False))]),
        ]
    ).astype("float64")
    apart = cdist(shapes, shapes) / math.sqrt(HOURS)
    found = _energy_distance(apart, np.arange(2 * size) < size)
    shuffled = [_energy_distance(apart, rng.permutation(2 * size) < size) for _ in range(_SHUFFLES)]
    noise = float(np.percentile(shuffled, 95))
    return ShapeDrift(
        old_segment_id=before.segment_id,
        new_segment_id=after.segment_id,
        energy_distance=found,
        noise=noise,
        differs=found > noise,
    )


def _energy_distance(apart: NDArray[np.float64], first: NDArray[np.bool_]) -> float:
    x, y = first.astype(float) / max(first.sum(), 1), (~first).astype(float) / max((~first).sum(), 1)
    return float(2 * x @ apart @ y - x @ apart @ x - y @ apart @ y)
