"""Comparison → what templates see of it, on its own page and in the report of a run with ``--previous``."""

from dataclasses import dataclass
from typing import Literal

from reporter.facts import Comparison, Drift, Emerging, Match, NetChange, Period
from reporter.figures import segment_places

Case = Literal["nobody", "new-load", "change", "season", "noise", "unknown"]
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
    matches = [_match(match, places, own, (then, now), comparison.drift) for match in comparison.segments]
    changed = {f.data["segment_id"] for f in comparison.findings if f.name == "segment-share-changed"}
    beyond = [net for net in migration.net if net.segment_id in changed]
    grown = max(beyond, key=lambda net: net.change, default=None)
    shrunk = min(beyond, key=lambda net: net.change, default=None)
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
        case=_case(comparison, names),
        matches=matches,
        matched=sum(view.match.status == "matched" for view in matches),
        places=[places[segment] for segment in migration.segments],
        grown=grown if grown is not None and grown.change > 0 else None,
        shrunk=shrunk if shrunk is not None and shrunk.change < 0 else None,
        moves=_moves(comparison),
        drifts=[
            DriftView(drift, then[drift.old_segment_id], places[drift.old_segment_id])
            for drift in comparison.drift
            if drift.notable and drift.measure != "share"
        ],
        newest=newest,
        emerging_customers=sum(found.customers for found in comparison.emerging),
        season_differs="season-differs" in names,
        actions=_actions(comparison, names),
    )


def _case(comparison: Comparison, names: set[str]) -> Case:
    migration = comparison.migration
    if not migration.customers:
        return "nobody"
    if any(found.kind in _TECHNOLOGIES for found in comparison.emerging):
        return "new-load"
    if migration.beyond_noise is None:
        return "unknown"
    if not migration.beyond_noise:
        return "noise"
    return "season" if "season-differs" in names else "change"


def _actions(comparison: Comparison, names: set[str]) -> list[Action]:
    program = comparison.program
    much = any(f.name == "share-drift" and f.severity == "warning" for f in comparison.findings)
    wanted: dict[Action, bool] = {
        "id-map": bool(names & {"no-common-customers", "few-common-customers"}),
        "emerging": bool(comparison.emerging),
        "moved-targets": program is not None and program.moved_away + program.changed_segment > 0,
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
