"""Runs → Comparison. Two views: *frozen*, the older run's segments held fixed, so that only customers can have changed;
*refitted*, each run's own segments, matched by their shapes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.compare.drift import drift
from reporter.compare.emerging import emerging, follow_up
from reporter.compare.matching import match_segments
from reporter.compare.migration import migration
from reporter.compare.notes import notes
from reporter.compare.pair import Pair, make_pair
from reporter.compare.program import program_effect
from reporter.compare.trends import trends
from reporter.compare.weather import in_new_weather, same_weather
from reporter.errors import UsageError
from reporter.facts import COMPARISON_VERSION, Comparison, YearOnYear
from reporter.facts.rounding import rounded
from reporter.run import Run
from reporter.settings import Settings

_YEAR, _ABOUT = 365, 31
"""Days between the same seasons of two years, and how far from that they may lie."""


@dataclass(frozen=True)
class Compared:
    """A comparison and its lists of customers."""

    comparison: Comparison
    moves: pd.DataFrame
    """One row a customer used in either of the last two runs (``migrations.parquet``)."""
    follow_up: pd.DataFrame
    """Customers with something new (``emerging.csv``)."""


def compare(runs: Sequence[Run], settings: Settings, id_map: Path | None = None) -> Compared:
    """The comparison of the last two runs, trends over all, and who moved.

    Args:
        runs: two or more, oldest first.
        settings: of the comparison.
        id_map: file with ``old_id`` and ``new_id``, where customers were renumbered between the last two.

    Raises:
        UsageError: fewer than two runs, in the wrong order, or of different time zones.
        DataError: a run folder or the map can't be used.
    """
    if len(runs) < 2:
        given = "one was" if len(runs) == 1 else "none were"
        raise UsageError(f"compare takes two or more runs, oldest first; {given} given.")
    for earlier, later in itertools.pairwise(runs):
        _check(earlier, later)
    pair = make_pair(runs[-2], runs[-1], id_map)
    options = settings.compare
    matches = match_segments(pair, options.same_shape)
    loads = in_new_weather(pair, options)
    drifts, shapes = drift(pair, matches, loads, options, settings.seed)
    new, kinds = emerging(pair, options)
    # A home that fell empty has no new load.
    news = (kinds.notna() & (kinds != "vacant").fillna(False)).to_numpy(dtype="bool")
    moved = migration(pair, news)
    comparison = Comparison(
        schema_version=COMPARISON_VERSION,
        periods=[run.facts.period for run in runs],
        segments=matches,
        migration=moved,
        drift=drifts,
        shapes=shapes,
        weather=same_weather(pair, loads),
        emerging=new,
        program=program_effect(pair, options),
        year_on_year=_year_on_year(runs),
        trends=trends(runs),
        findings=notes(pair, moved, new, options),
    )
    return Compared(
        Comparison.model_validate(rounded(comparison.model_dump())),
        _moves(pair, kinds),
        follow_up(pair, kinds),
    )


def _year_on_year(runs: Sequence[Run]) -> YearOnYear | None:
    """Moves since the run whose days lie about a year before the newest one's; None where the last two are such already."""
    newest = runs[-1]

    def off(run: Run) -> int:
        return abs((newest.facts.period.start - run.facts.period.start).days - _YEAR)

    # The nearest: of monthly runs, three may lie about a year before.
    before = min(reversed(runs[:-1]), key=off)
    if before is runs[-2] or off(before) > _ABOUT:
        return None
    return YearOnYear(period=before.facts.period, migration=migration(make_pair(before, newest)))


def _check(old: Run, new: Run) -> None:
    first, second = old.facts.period, new.facts.period
    if first.timezone != second.timezone:
        raise UsageError(
            f"{old.folder} speaks {first.timezone} time and {new.folder} {second.timezone}; make both with the same --timezone, else hours don't compare."
        )
    if first.start > second.start:
        raise UsageError(
            f"{old.folder} ({first.label}) is later than {new.folder} ({second.label}); give the oldest run first."
        )


def _moves(pair: Pair, kinds: pd.Series) -> pd.DataFrame:
    """Customers used in either run, by the older run's segments; null where not used."""
    people = pair.people
    ids = pd.Series([segment.segment_id for segment in pair.old.facts.segments], dtype="string")
    frame = pd.DataFrame({"customer_id": people["customer_id"].astype("string")})
    for side in ("old", "new"):
        place = people[side]
        frame[f"{side}_segment_id"] = place.map(ids).where(place >= 0).astype("string")
    frame["emerging"] = kinds.to_numpy()
    frame["emerging"] = frame["emerging"].astype("string")
    used = (people["old"] >= 0) | (people["new"] >= 0)
    return frame[used.to_numpy()].reset_index(drop=True)
