"""Events that happened, as templates see them."""

from dataclasses import dataclass
from typing import Literal

from reporter.events import BaselineRow, EventRow, EventStudy, SegmentEffect
from reporter.facts import Facts
from reporter.figures.events import event_hours

_ROWS_MAX = 12

EventsCase = Literal["clear", "unclear", "few"]


@dataclass(frozen=True)
class EventSegmentView:
    """A segment's effect."""

    row: SegmentEffect
    place: int
    """Of the segment, from 1, in canonical order."""


@dataclass(frozen=True)
class EventRowView:
    """An event."""

    row: EventRow
    day: str
    """Local day, ISO 8601."""
    clock: tuple[str, str]
    """Local start and end, such as 16:00 and 20:00."""


@dataclass(frozen=True)
class EventsView:
    """The section on events."""

    study: EventStudy
    case: EventsCase
    """``few``: too few customers to say anything of others; ``unclear``: the reduction can't be told from none."""
    measured: int
    """Events measured."""
    hours: tuple[int, int] | None
    """Hours that most events had, as [first, last)."""
    fell: bool
    """Load was lower in the events, not higher."""
    size_kw: float
    """By how much, per customer [kW]."""
    rows: list[EventRowView]
    more_rows: int
    segments: list[EventSegmentView]
    """Those with an effect."""
    short: list[EventSegmentView]
    """Those with too few customers for one."""
    best: BaselineRow | None
    """The least biased baseline."""
    worst: BaselineRow | None
    """The most biased one."""
    after_kw: float | None
    """By how much load was higher or lower in the hours after, per customer [kW]."""
    after_more: bool
    """It was higher: load came back."""
    after_low_kw: float | None
    """Low end of the 90 % interval of the load that came back [kW]; below 0 is load that stayed low."""
    after_high_kw: float | None
    """High end of the same."""
    after_clear: bool
    """Whether its interval holds zero no more."""
    programs: bool
    """Events were of more than one program."""
    realised: bool
    """There are rows for the catalogue."""


def events_view(facts: Facts) -> EventsView | None:
    """What the section shows; None without events."""
    study = facts.events
    if study is None:
        return None
    effect, after = study.effect, study.after
    places = {segment.segment_id: place for place, segment in enumerate(facts.segments, 1)}
    views = [
        EventSegmentView(row, places[row.segment_id]) for row in study.segments if row.segment_id in places
    ]
    clear = effect.low_kw > 0 or effect.high_kw < 0
    return EventsView(
        study=study,
        case="few" if study.few else "clear" if clear else "unclear",
        measured=sum(row.effect is not None for row in study.events),
        hours=event_hours(study),
        fell=effect.reduction_kw > 0,
        size_kw=abs(effect.reduction_kw),
        rows=[
            EventRowView(row, row.start[:10], (row.start[11:16], row.end[11:16]))
            for row in study.events[:_ROWS_MAX]
        ],
        more_rows=max(len(study.events) - _ROWS_MAX, 0),
        segments=[view for view in views if view.row.effect is not None],
        short=[view for view in views if view.row.effect is None],
        best=study.baselines[0] if study.baselines else None,
        worst=study.baselines[-1] if study.baselines else None,
        after_kw=None if after is None else abs(after.reduction_kw),
        after_more=after is not None and after.reduction_kw < 0,
        after_low_kw=None if after is None else -after.high_kw,
        after_high_kw=None if after is None else -after.low_kw,
        after_clear=after is not None and not after.low_kw <= 0 <= after.high_kw,
        programs=len({row.program for row in study.events}) > 1,
        realised=any(view.row.effect is not None and view.row.effect.low_kw > 0 for view in views),
    )
