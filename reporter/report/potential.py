"""Facts → what the page on potential shows: rows and columns, nothing worked out anew."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from reporter.facts import EndUseLoad, EventHour, Facts, SegmentEvent
from reporter.report.context import PotentialProgram, PotentialRow, PotentialView, ProgramView, SegmentView
from reporter.targets.rows import EndUseName

_HOURS_MAX = 5
_DAYS_FOR_A_RANGE = 5
"""An interval from fewer days than that says more of luck than of the load."""
_PROGRAMS_MAX = 5


def potential_view(
    facts: Facts, segments: Sequence[SegmentView], programs: Sequence[ProgramView]
) -> PotentialView | None:
    """The page; none where the peak hours have no loads."""
    events = facts.targets.event_hours
    if not events:
        return None
    loads = [load for event in events for load in event.end_uses]
    known = {load.end_use for load in loads}
    had = {load.end_use for load in loads if load.with_it}
    uses = [use for use in get_args(EndUseName) if use in had]
    counts = Counter({hour.hour: hour.days for event in events for hour in event.hours})
    hours = sorted(
        hour for hour, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_HOURS_MAX]
    )
    offered = [
        view
        for view in programs
        if view.row.offers and view.row.kw_per_enrolment is not None and view.row.end_uses
    ]
    most = max(segments, key=lambda view: view.segment.above_baseload_kw) if len(segments) > 1 else None
    named = [
        load
        for load in (most.event.end_uses if most and most.event else [])
        if load.end_use != "rest" and load.with_it
    ]
    return PotentialView(
        rows=[
            PotentialRow(view, view.event, _uses(view.event.end_uses if view.event else [], uses), _hours(view.event, hours))
            for view in segments
        ],
        uses=uses,
        nobody=[use for use in get_args(EndUseName) if use in known - had],
        without_temperature=bool(known) and "temperature" not in known,
        hours=hours,
        more_hours=len(counts) > len(hours),
        by_heat=any(event.hot_days_kw is not None and event.mild_days_kw is not None for event in events),
        days_for_a_range=_DAYS_FOR_A_RANGE,
        consistency_differs=len({round(event.consistency or 0.0, 2) for event in events}) > 1,
        programs=[PotentialProgram(view, _uses(view.row.end_uses, uses)) for view in offered[:_PROGRAMS_MAX]],
        most=most,
        most_use=max(named, key=lambda load: load.kw, default=None),
    )  # fmt: skip


def _uses(loads: Sequence[EndUseLoad], wanted: Sequence[str]) -> dict[str, EndUseLoad | None]:
    found: dict[str, EndUseLoad] = {load.end_use: load for load in loads}
    return {use: found.get(use) for use in wanted}


def _hours(event: SegmentEvent | None, wanted: Sequence[int]) -> dict[int, EventHour | None]:
    found = {hour.hour: hour for hour in event.hours} if event else {}
    return {hour: found.get(hour) for hour in wanted}
