"""Comparison → what templates see of it, on its own page and in the report of a run with ``--previous``."""

from dataclasses import dataclass
from typing import Literal

from reporter.facts import Comparison, Drift, Emerging, Match, NetChange, Period, ShapeDrift
from reporter.facts.comparison import Measure
from reporter.figures import segment_places

Case = Literal["nobody", "new-load", "shares", "moved", "noise", "unknown"]
Action = Literal[
    "id-map",
    "emerging",
    "moved-targets",
    "new-segments",
    "same-season",
    "more-days",
    "measure-effect",
    "keep",
]

_SHOWN = 5
_TECHNOLOGIES = ("ev", "solar", "electric-heat")
_LESS_WEATHER: dict[Measure, Measure] = {
    "energy_kwh_per_day": "same_weather_kwh_per_day",
    "coincident_kw": "coincident_other_kw",
    "above_baseload_kw": "coincident_other_kw",
}
"""Measure of a load → what says whether anything is left of its change without the weather."""


@dataclass(frozen=True)
class MatchView:
    """A segment in both periods."""

    match: Match
    place: int
    """Its place in the colours, from 1."""
    share_change: float
    coincident: Drift | None
    above: Drift | None
    peak_hour: Drift | None
    shape: ShapeDrift | None
    related_title: str | None
    """Title of the segment that it split from or merged into."""


@dataclass(frozen=True)
class MoveView:
    """Customers who moved from one segment to another."""

    old: str
    new: str
    customers: int
    share: float
    """Of the customers in both periods."""


@dataclass(frozen=True)
class DriftView:
    """A change of a segment's load or curve that is worth a word."""

    drift: Drift
    title: str
    place: int
    by_weather: bool
    """Whether nothing is left of it once the weather is taken off."""


@dataclass(frozen=True)
class ChangeView:
    """What changed, does it matter, and what to do."""

    comparison: Comparison
    old: Period
    new: Period
    case: Case
    matches: list[MatchView]
    matched: int
    """How many of the older run's segments are there again."""
    places: list[int]
    """Places in the colours of the older run's segments, in the order of the matrix, from 1."""
    grown: NetChange | None
    """The segment that grew most beyond noise, where that is worth a word."""
    shrunk: NetChange | None
    most: NetChange | None
    """The larger of these two."""
    moves: list[MoveView]
    """The largest moves, at most five."""
    drifts: list[DriftView]
    """Changes of load and curve that are notable, shares apart."""
    newest: Emerging | None
    """The new technology of most customers; without one, any other new load."""
    emerging_customers: int
    season_differs: bool
    actions: list[Action]
    """What to do, the most urgent first; ``keep`` where nothing is."""


def change_view(comparison: Comparison) -> ChangeView:
    """Everything that the pages on change say beside the numbers themselves."""
    migration = comparison.migration
    places = {segment: place + 1 for segment, place in segment_places(comparison).items()}
    own = {segment: place for place, segment in enumerate(migration.refitted_segments, 1)}
    then = dict(zip(migration.segments, migration.titles, strict=True))
    now = dict(zip(migration.refitted_segments, migration.refitted_titles, strict=True))
    shapes = {shape.old_segment_id: shape for shape in comparison.shapes}
    matches = [
        _match(match, places, own, (then, now), comparison.drift, shapes) for match in comparison.segments
    ]
    changed = {f.data["segment_id"] for f in comparison.findings if f.name == "segment-share-changed"}
    beyond = [net for net in migration.net if net.segment_id in changed]
    grown = max((net for net in beyond if net.change > 0), key=lambda net: net.change, default=None)
    shrunk = min((net for net in beyond if net.change < 0), key=lambda net: net.change, default=None)
    names = {finding.name for finding in comparison.findings}
    # A technology is what a program can answer; an empty home is not.
    newest = max(
        comparison.emerging,
        key=lambda found: (found.kind in _TECHNOLOGIES, found.customers),
        default=None,
    )
    return ChangeView(
        comparison=comparison,
        old=comparison.periods[-2],
        new=comparison.periods[-1],
        case=_case(comparison, bool(changed)),
        matches=matches,
        matched=sum(view.match.status == "matched" for view in matches),
        places=[places[segment] for segment in migration.segments],
        grown=grown,
        shrunk=shrunk,
        moves=_moves(comparison),
        drifts=_drifts(comparison, then, places),
        most=max(
            (n for n in (grown, shrunk) if n is not None), key=lambda net: abs(net.change), default=None
        ),
        newest=newest,
        emerging_customers=sum(found.customers for found in comparison.emerging),
        season_differs="season-differs" in names,
        actions=_actions(comparison, names),
    )


def _drifts(comparison: Comparison, titles: dict[str, str], places: dict[str, int]) -> list[DriftView]:
    """Changes of load and curve that are worth a word; of a load, whether the weather is all of it."""
    left = {
        (drift.old_segment_id, drift.measure): drift
        for drift in comparison.drift
        if drift.measure in _LESS_WEATHER.values()
    }
    views = []
    for drift in comparison.drift:
        if not drift.notable or drift.measure == "share":
            continue
        other = left.get((drift.old_segment_id, _LESS_WEATHER.get(drift.measure, drift.measure)))
        by_weather = other is not None and other is not drift and not _is_change(other)
        views.append(DriftView(drift, titles[drift.old_segment_id], places[drift.old_segment_id], by_weather))
    return views


def _is_change(drift: Drift) -> bool:
    return drift.low is not None and drift.high is not None and not drift.low <= 0 <= drift.high


def _case(comparison: Comparison, share_changed: bool) -> Case:
    migration = comparison.migration
    if not migration.customers:
        return "nobody"
    if any(found.kind in _TECHNOLOGIES for found in comparison.emerging):
        return "new-load"
    # Moves both ways cancel in a share, so that a share can tell what the moves by themselves do not.
    if share_changed:
        return "shares"
    if migration.beyond_noise is None:
        return "unknown"
    return "moved" if migration.beyond_noise else "noise"


def _actions(comparison: Comparison, names: set[str]) -> list[Action]:
    program = comparison.program
    much = any(f.name == "share-drift" and f.severity == "warning" for f in comparison.findings)
    wanted: dict[Action, bool] = {
        "id-map": bool(names & {"no-common-customers", "few-common-customers"}),
        "emerging": bool(comparison.emerging),
        # Where ids were renumbered, everybody seems gone.
        "moved-targets": "no-common-customers" not in names
        and program is not None
        and program.moved_away + program.changed_segment > 0,
        "new-segments": much and "season-differs" not in names,
        "same-season": "season-differs" in names and comparison.year_on_year is None,
        "more-days": "noise-floor-unknown" in names,
        "measure-effect": program is not None and program.enrolled > 0 and program.effect_kw is None,
    }
    actions: list[Action] = [action for action, needed in wanted.items() if needed]
    return actions or ["keep"]


def _match(
    match: Match,
    places: dict[str, int],
    own: dict[str, int],
    titles: tuple[dict[str, str], dict[str, str]],
    drift: list[Drift],
    shapes: dict[str, ShapeDrift],
) -> MatchView:
    measures = {d.measure: d for d in drift if d.old_segment_id == match.old_segment_id}
    # What split came from a segment of then; what merged went to one of now.
    side = titles[0] if match.status == "split" else titles[1]
    return MatchView(
        match=match,
        place=places[match.old_segment_id] if match.old_segment_id else own[match.new_segment_id or ""],
        share_change=match.new_share - match.old_share,
        coincident=measures.get("coincident_kw"),
        above=measures.get("above_baseload_kw"),
        peak_hour=measures.get("peak_hour"),
        shape=shapes.get(match.old_segment_id or ""),
        related_title=side[match.related_segment_id] if match.related_segment_id else None,
    )


def _moves(comparison: Comparison) -> list[MoveView]:
    migration = comparison.migration
    moves = [
        MoveView(migration.titles[i], migration.titles[j], customers, customers / migration.customers)
        for i, row in enumerate(migration.matrix)
        for j, customers in enumerate(row)
        if i != j and customers
    ]
    return sorted(moves, key=lambda move: (-move.customers, move.old, move.new))[:_SHOWN]
