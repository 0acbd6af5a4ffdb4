"""Loads and events → what the events were worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.events.accuracy import Judged, event_reduction, judge
from reporter.events.baselines import adjusted, baselines, like_kind
from reporter.events.impact import AFTER, HOURS, WINDOW, Contrast, Estimate, contrasts, mean_of, with_windows
from reporter.events.loads import Called, Flags, Ints, Loads
from reporter.events.matching import Matched, known_mean, match
from reporter.events.notes import limits_of, study_findings
from reporter.events.rows import Effect, EventHour, EventRow, EventStudy, SegmentEffect
from reporter.findings import Finding
from reporter.segments import Segmentation
from reporter.settings import EventSettings, Settings

_LEAST_DAYS = 8
"""Fewest like days that an event is measured with."""

_KNOWN = 0.6
"""Part of the called customers that a like day needs readings of."""

Group = tuple[str | None, int]
"""Program and place of a segment."""


@dataclass(frozen=True)
class _Measured:
    """One event with what it is measured by."""

    called: Called
    days: Ints
    """Like days, nearest first."""
    matched: Matched | None
    contrasts: dict[Group | None, Contrast | None]
    """Of all called (under None) and of each segment."""


def measure(
    loads: Loads, segmentation: Segmentation, settings: Settings
) -> tuple[EventStudy | None, list[Finding]]:
    """What the events were worth; None where none of them can be measured.

    Args:
        loads: days of those called and of those in no program.
        segmentation: of the customers used.
        settings: of the run.
    """
    options = settings.events
    compared = int(loads.pool.sum()) >= options.least_comparison
    found = [(called, like_days(loads, called, compared, options)) for called in loads.events]
    whole = [(called, days) for called, days in found if len(days) >= _LEAST_DAYS]
    nearest = [days[: options.like_days] for _, days in whole]
    judged = judge(loads, [called for called, _ in whole], nearest, options)
    segment = segmentation.assignment[loads.rows]
    measured = []
    for called, days in whole:
        event = (
            against_others(loads, called, days, segment, options)
            if compared
            else _against_baseline(loads, called, days, segment, judged, options)
        )
        if event is not None and event.contrasts[None] is not None:
            measured.append(event)
    if not measured:
        return None, study_findings(loads, None, [])
    study = _study(loads, whole, measured, judged, segmentation, compared, options)
    return study, study_findings(loads, study, [event.called for event in measured])


def like_days(loads: Loads, called: Called, compared: bool, options: EventSettings) -> Ints:
    """Days of the same kind without an event, those on which loads were most like those of the day first.

    The first ``options.like_days`` stand for the event day; the rest are for what must not be learnt from the same days.

    Alike by the load of those in no program in the event's hours; without them, by that of the called before the event.
    """
    day, hours = called.day, list(called.hours)
    kind = np.flatnonzero(like_kind(loads.kind, day))
    days: Ints = kind[(np.abs(kind - day) <= options.near_days) & (kind != day)]
    own = loads.ordinary[np.ix_(called.places, days)][:, :, hours].mean(axis=2)
    here = ~np.isnan(loads.kw[called.places, day][:, hours].mean(axis=1))
    if not here.any() or not len(days):
        return np.zeros(0, dtype=np.int64)
    days = days[(~np.isnan(own[here])).mean(axis=0) >= _KNOWN]
    if not len(days):
        return days
    if compared:
        part = loads.kw[loads.pool][:, [*days, day]][:, :, hours].mean(axis=2)
    else:
        last = max(min(hours) - options.adjust_gap, 1)
        before = list(range(max(last - options.adjust_hours, 0), last))
        part = loads.kw[called.places][:, [*days, day]][:, :, before].mean(axis=2)
    level = known_mean((part - known_mean(part[:, :-1])[:, None]).T)
    apart = np.abs(level[:-1] - level[-1])
    order = np.lexsort((days, np.abs(days - day), np.where(np.isnan(apart), np.inf, apart)))
    return np.asarray(days[order])


def _after(called: Called, options: EventSettings) -> list[int]:
    """Whole hours after an event."""
    end = called.event.end
    first = max(called.hours) + 1 + (end.floor("h") != end)
    return [hour for hour in range(first, first + options.rebound_hours) if hour < HOURS]


def against_others(
    loads: Loads, called: Called, days: Ints, segment: NDArray[np.int32], options: EventSettings
) -> _Measured | None:
    """An event against the comparison group.

    Customers are matched on other days than those that stand for the event day: who is alike by chance on these would not be
    on the event day (regression to the mean).
    """
    days, rest = days[: options.like_days], days[options.like_days :]
    rest = rest if len(rest) >= _LEAST_DAYS else np.concatenate([days, rest])
    order = rest[np.argsort(-_level(loads, rest, called.hours, loads.pool), kind="stable")]
    matched = match(loads, called.places, order, called.hours, options.matches)
    if not len(matched.places):
        return None
    # Only the called and those outside the program are needed from here on.
    rows = np.concatenate([matched.places, matched.pool])
    values = np.concatenate([loads.ordinary[np.ix_(rows, days)], loads.kw[rows, called.day][:, None]], axis=1)
    keys, flags = _groups(called, segment[matched.places])
    groups = np.zeros((len(keys), len(rows)))
    groups[:, : len(matched.places)] = flags
    others = np.array([matched.weights(chosen)[rows] for chosen in flags])
    others[:, : len(matched.places)] = 0
    # The level of the days is that of customers who are matched with nobody: of the others it would share the noise.
    apart = loads.pool.copy()
    apart[matched.others.ravel()] = False
    apart = apart if apart.sum() >= options.least_comparison else loads.pool
    level = _level(loads, np.append(days, called.day), called.hours, apart)
    found = contrasts(with_windows(values, called.hours, _after(called, options)), groups, others, level)
    return _Measured(called, days, matched, dict(zip(keys, found, strict=True)))


def _against_baseline(
    loads: Loads,
    called: Called,
    days: Ints,
    segment: NDArray[np.int32],
    judged: Judged,
    options: EventSettings,
) -> _Measured | None:
    """An event against the least biased baseline, less what that is off on like days."""
    if judged.best is None:
        return None
    name, moved = judged.best
    days = days[: options.like_days]
    own = loads.ordinary[called.places]
    errors, level = [], loads.kw[called.places, called.day]
    for day in [*days, called.day]:
        usual = baselines(own, loads.kind, int(day), called.hours, loads.temperature, options)[name]
        load = loads.kw[called.places, day]
        errors.append(load - (adjusted(usual, load, called.hours, options) if moved else usual))
    values = with_windows(np.stack(errors, axis=1), called.hours, _after(called, options))
    keys, flags = _groups(called, segment[called.places])
    found = contrasts(values, np.array(flags, dtype="float64"), None, None)
    loads_kw = with_windows(level, called.hours, _after(called, options))
    result: dict[Group | None, Contrast | None] = {}
    for key, chosen, contrast in zip(keys, flags, found, strict=True):
        if contrast is not None:
            mean = known_mean(loads_kw[chosen].T)
            contrast = replace(contrast, load_kw=mean)
        result[key] = contrast
    return _Measured(called, days, None, result)


def _level(loads: Loads, days: Ints, hours: Sequence[int], whose: Flags) -> NDArray[np.float64]:
    """(days,) how high the load of some customers was in the event's hours, less their mean [kW]."""
    part = loads.kw[whose][:, days][:, :, list(hours)].mean(axis=2)
    return known_mean((part - known_mean(part)[:, None]).T)


def _groups(called: Called, segment: NDArray[np.int32]) -> tuple[list[Group | None], list[Flags]]:
    """All who are called, and each segment among them."""
    keys: list[Group | None] = [None]
    flags = [np.ones(len(segment), dtype=np.bool_)]
    for number in np.unique(segment):
        keys.append((called.event.program, int(number)))
        flags.append(segment == number)
    return keys, flags


def _study(
    loads: Loads,
    whole: Sequence[tuple[Called, Ints]],
    measured: Sequence[_Measured],
    judged: Judged,
    segmentation: Segmentation,
    compared: bool,
    options: EventSettings,
) -> EventStudy:
    totals = [contrast for event in measured if (contrast := event.contrasts[None]) is not None]
    mean = mean_of(totals)
    effect = effect_of(mean, WINDOW)
    people = np.unique(np.concatenate([_seen(loads, event) for event in measured]))
    after = effect_of(mean, AFTER) if np.isfinite(mean.reduction_kw[AFTER]) else None
    length = float(np.average([len(e.called.hours) for e in measured], weights=[c.customers for c in totals]))
    came_back = None
    if after is not None and effect.low_kw > 0:
        came_back = -after.reduction_kw * options.rebound_hours / (effect.reduction_kw * length)
    largest = max(measured, key=lambda event: len(event.matched.places) if event.matched else 0)
    baseline = {id(called): values for (called, _), values in zip(whole, judged.event_kw, strict=True)}
    segments = _segments(loads, measured, segmentation, options)
    others = [event.matched.others.ravel() for event in measured if event.matched is not None]
    study = EventStudy(
        method="comparison-group" if compared else "baseline",
        events=[
            _event(
                called,
                next((event for event in measured if event.called is called), None),
                baseline.get(id(called)),
                loads,
            )
            for called in loads.events
        ],
        customers=len(people),
        few=len(people) < options.least_customers,
        comparison=len(np.unique(np.concatenate(others))) if others else 0,
        pool=int(loads.pool.sum()),
        effect=effect,
        total_kw=effect.reduction_kw * mean.customer_events / len(measured),
        after=after,
        after_hours=options.rebound_hours,
        came_back=came_back,
        hours=_hours(loads, measured, mean, baseline),
        segments=segments,
        baselines=judged.rows,
        baseline_days=judged.days,
        balance=largest.matched.balance if largest.matched is not None else [],
        compliance=judged.compliance,
        opted_out=loads.opted_out,
        outages=loads.outages,
        limits=[],
    )
    return study.model_copy(update={"limits": limits_of(study, options)})


def effect_of(mean: Estimate, column: int) -> Effect:
    """The estimate of an hour, of the event or of the hours after it."""
    reduction, half, load = (
        float(values[column]) for values in (mean.reduction_kw, mean.half_kw, mean.load_kw)
    )
    usual = load + reduction
    share = [(reduction + side * half) / usual if usual > 0 else None for side in (0, -1, 1)]
    return Effect(
        reduction_kw=reduction,
        error_kw=float(mean.error_kw[column]),
        low_kw=reduction - half,
        high_kw=reduction + half,
        load_kw=load,
        share=share[0],
        share_low=share[1],
        share_high=share[2],
    )


def _seen(loads: Loads, event: _Measured) -> Ints:
    """Places of the customers measured at an event."""
    places: Ints = event.matched.places if event.matched is not None else event.called.places
    known = ~np.isnan(loads.kw[places, event.called.day][:, list(event.called.hours)].mean(axis=1))
    seen: Ints = places[known]
    return seen


def _event(
    called: Called, event: _Measured | None, baseline: NDArray[np.float32] | None, loads: Loads
) -> EventRow:
    contrast = event.contrasts[None] if event is not None else None
    effect = effect_of(mean_of([contrast]), WINDOW) if contrast is not None else None
    return EventRow(
        start=called.event.start.isoformat(),
        end=called.event.end.isoformat(),
        program=called.event.program,
        called=called.called,
        measured=contrast.customers if contrast is not None else 0,
        effect=effect,
        total_kw=effect.reduction_kw * contrast.customers
        if effect is not None and contrast is not None
        else None,
        baseline_kw=event_reduction(loads, called, baseline) if baseline is not None else None,
    )


def _hours(
    loads: Loads,
    measured: Sequence[_Measured],
    mean: Estimate,
    baseline: dict[int, NDArray[np.float32] | None],
) -> list[EventHour]:
    inside = np.zeros(HOURS)
    usual, weight = np.zeros(HOURS), np.zeros(HOURS)
    for event in measured:
        inside[list(event.called.hours)] += 1
        values = baseline.get(id(event.called))
        if values is not None:
            known = ~np.isnan(values) & ~np.isnan(loads.kw[event.called.places, event.called.day])
            usual += np.where(known, values, 0).sum(axis=0)
            weight += known.sum(axis=0)
    result = []
    for hour in range(HOURS):
        load, reduction, half = (float(v[hour]) for v in (mean.load_kw, mean.reduction_kw, mean.half_kw))
        known = bool(np.isfinite(load) and np.isfinite(reduction))
        result.append(
            EventHour(
                hour=hour,
                in_event=float(inside[hour]) / len(measured),
                load_kw=load if known else None,
                without_kw=load + reduction if known else None,
                baseline_kw=float(usual[hour] / weight[hour]) if weight[hour] else None,
                reduction_kw=reduction if known else None,
                error_kw=float(mean.error_kw[hour]) if known else None,
                low_kw=reduction - half if known else None,
                high_kw=reduction + half if known else None,
            )
        )
    return result


def _segments(
    loads: Loads, measured: Sequence[_Measured], segmentation: Segmentation, options: EventSettings
) -> list[SegmentEffect]:
    found: dict[Group, list[Contrast]] = {}
    people: dict[Group, set[int]] = {}
    for event in measured:
        seen = _seen(loads, event)
        segment = segmentation.assignment[loads.rows[seen]]
        for key, contrast in event.contrasts.items():
            if key is not None and contrast is not None:
                found.setdefault(key, []).append(contrast)
                people.setdefault(key, set()).update(seen[segment == key[1]].tolist())
    result = []
    for key in sorted(found, key=lambda key: (key[0] or "", key[1])):
        label = segmentation.labels[key[1]]
        enough = len(people[key]) >= options.least_customers
        result.append(
            SegmentEffect(
                program=key[0],
                segment_id=label.segment_id,
                label=label.label,
                title=label.title,
                customers=len(people[key]),
                effect=effect_of(mean_of(found[key]), WINDOW) if enough else None,
            )
        )
    return result
