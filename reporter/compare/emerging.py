"""Loads that were not there before: electric cars, solar panels, electric heating, empty homes, shapes not known yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from reporter.compare.intervals import Z
from reporter.compare.pair import Pair, season
from reporter.facts import AreaCount, Emerging
from reporter.facts.comparison import Technology
from reporter.profiles import HOURS, Float
from reporter.segments import relative
from reporter.segments.shapes import filled
from reporter.settings import CompareSettings
from reporter.words import counted, kw

Flags = NDArray[np.bool_]

SIGNATURES: dict[Technology, str] = {
    "ev": "ev_probability",
    "solar": "solar_probability",
    "electric-heat": "heating_probability",
}
"""Technologies told by a probability in customers.parquet."""

_NAMES: dict[Technology, tuple[str, str]] = {
    "ev": ("charges an electric car now", "charge an electric car now"),
    "solar": ("has solar panels now", "have solar panels now"),
    "electric-heat": ("heats with electricity now", "heat with electricity now"),
    "vacant": ("looks empty now", "look empty now"),
    "other": ("has a load shape unlike any before", "have a load shape unlike any before"),
}
_HALF = 0.5
_NOTHING = 0.1
"""Change at the peak hours ÷ the largest of any hour, below which no number is given for it."""
_FAR_SHARE = 0.005
_CHANCE = 0.999


@dataclass(frozen=True)
class _Found:
    """Customers of one kind."""

    kind: Technology
    listed: Flags
    """(n,) rows of ``Pair.people``."""
    low: float
    high: float
    before: int | None = None
    after: int | None = None
    lost: int = 0
    """Of those before, how many don't show it any more."""


def emerging(pair: Pair, options: CompareSettings) -> tuple[list[Emerging], pd.Series]:
    """What is new, and for each customer of ``pair.people`` its kind or None.

    A customer has one kind: what was found first, in the order of ``facts.comparison.Technology``.
    """
    kinds = pd.Series([None] * len(pair.people), dtype="object")
    news = []
    taken = np.zeros(len(pair.people), dtype=np.bool_)
    for found in _all(pair, options):
        listed = found.listed & ~taken
        # A few customers whose number may as well be none are chance, not news.
        if not listed.any() or found.low < 1:
            continue
        taken |= listed
        kinds[listed] = found.kind
        news.append((found, listed))
    # Who has something new of another kind shows no more what the season does to everybody.
    usual = pair.both & ~taken
    return [_described(pair, found, listed, usual) for found, listed in news], kinds.astype("string")


def follow_up(pair: Pair, kinds: pd.Series) -> pd.DataFrame:
    """Customers with something new: what, how sure then and now (where it is told by a probability), and load added at the peak hours."""
    people = pair.people
    frame = pd.DataFrame({"customer_id": people["customer_id"], "emerging": kinds})
    for side, name in (("old", "probability_before"), ("new", "probability_now")):
        frame[name] = np.nan
        for kind, column in SIGNATURES.items():
            chosen = (kinds == kind).fillna(False).to_numpy(dtype="bool")
            frame.loc[chosen, name] = pair.number(f"{side}_{column}")[chosen]
    frame["coincident_kw_before"] = people["old_coincident_kw"]
    frame["coincident_kw_now"] = people["new_coincident_kw"]
    frame["area"] = people["new_area"].where(people["new_area"].notna(), people["old_area"])
    listed = frame[frame["emerging"].notna()]
    return listed.sort_values(["emerging", "customer_id"], ignore_index=True)


def _all(pair: Pair, options: CompareSettings) -> Iterator[_Found]:
    same_season = season(pair.old.facts.period) == season(pair.new.facts.period)
    for kind, column in SIGNATURES.items():
        if kind == "electric-heat" and not same_season:
            continue  # a summer shows no heating, so a winter after it would be full of new ones
        yield _signature(pair, kind, column, options)
    yield _vacant(pair, options)
    yield _far(pair)


def _signature(pair: Pair, kind: Technology, column: str, options: CompareSettings) -> _Found:
    then, now = (pair.number(f"{side}_{column}") for side in ("old", "new"))
    known = pair.both & ~np.isnan(then) & ~np.isnan(now)
    rise = now - then
    listed = known & (then < options.present) & (now >= options.present) & (rise >= options.least_rise)
    chance = now * (1 - then)
    likely, possible = listed, known & (rise > 0)
    return _Found(
        kind,
        listed,
        low=max(_end(chance[likely], -Z), 0.0),
        high=max(_end(chance[possible], Z), float(listed.sum())),
        before=int((then[known] >= options.present).sum()),
        after=int((now[known] >= options.present).sum()),
        lost=int(((then[known] >= options.present) & (now[known] < options.present)).sum()),
    )


def _end(chance: NDArray[np.float64], z: float) -> float:
    """End of the interval of a number of customers, each with a chance of its own (Poisson binomial, normal)."""
    return float(chance.sum() + z * np.sqrt((chance * (1 - chance)).sum()))


def _vacant(pair: Pair, options: CompareSettings) -> _Found:
    then, now = pair.number("old_mean_kw"), pair.number("new_mean_kw")
    fallen = (np.abs(now) <= options.vacant_ratio * then) & (np.abs(now) <= options.vacant_kw)
    # Solar panels bring a mean down as well.
    sun = np.nan_to_num(pair.number("new_solar_probability")) >= options.present
    listed = pair.both & fallen & ~sun
    number = float(listed.sum())
    return _Found("vacant", listed, number, number)


def _far(pair: Pair) -> _Found:
    """Customers whose shape is further from every old segment than all but a few were, and wasn't before.

    Where no more are so than chance gives, none is.
    """
    people, both = pair.people, pair.both
    centres = np.array([segment.shape for segment in pair.old.facts.segments])
    then, now = _nearest(pair.old_kw, centres), _nearest(pair.new_kw, centres)
    limit = float(np.quantile(then, 1 - _FAR_SHARE))
    was, is_now = np.zeros(len(people)), np.zeros(len(people))
    was[both] = then[people.loc[both, "old_row"]]
    is_now[both] = now[people.loc[both, "new_row"]]
    listed = both & (was <= limit) & (is_now > limit * 1.25)
    expected = int(binom.ppf(_CHANCE, int(both.sum()), _FAR_SHARE)) if both.any() else 0
    if listed.sum() <= expected:
        listed = np.zeros(len(people), dtype=np.bool_)
    number = float(listed.sum())
    return _Found("other", listed, max(number - expected, 0.0), number)


def _nearest(kw_by_hour: Float, centres: NDArray[np.float64]) -> NDArray[np.float64]:
    shapes = relative(kw_by_hour).astype("float64")
    result = np.full(len(shapes), np.inf)
    for centre in centres:
        result = np.minimum(result, np.linalg.norm(shapes - centre, axis=1))
    return result


def _described(pair: Pair, found: _Found, listed: Flags, usual: Flags) -> Emerging:
    number = int(listed.sum())
    # What an empty home takes away is all its own; a car or panels come on top of what the season does to everybody.
    others = usual if found.kind != "vacant" else np.zeros_like(listed)
    curve = _added(pair, listed, others)
    at_peak = _added_at_peak(pair, listed, others)
    hours = _hours(curve)
    areas = _areas(pair, listed)
    one, many = _NAMES[found.kind]
    sentence = f"{counted(number, 'customer')} {one if number == 1 else many}"
    low, high = min(found.low, number), max(found.high, number)
    if high > low:
        sentence += f" (true number likely between {low:,.0f} and {high:,.0f})"
    if found.before is not None and found.after is not None and found.before:
        sentence += (
            f"; of the customers of both periods {found.before:,} had it then and {found.after:,} do now"
        )
        if found.lost:
            sentence += f", {found.lost:,} of the {found.before:,} showing it no more"
    if abs(at_peak) >= _NOTHING * number * float(np.abs(curve).max()):
        verb = "adds" if at_peak >= 0 else "takes away"
        sentence += f". At the peak hours this {verb} {kw(abs(at_peak))} in all"
    else:
        sentence += ". At the peak hours it changes next to nothing"
    if hours:
        sentence += f"; the change is largest around {hours[0]}:00"
    if len(areas) > 1:
        sentence += f"; {areas[0].area} has most for its size ({counted(areas[0].customers, 'customer')})"
    return Emerging(
        kind=found.kind,
        customers=number,
        low=low,
        high=high,
        before=found.before,
        after=found.after,
        added_kw=curve.tolist(),
        added_coincident_kw=at_peak,
        hours=hours,
        areas=areas,
        description=sentence + ".",
    )


def _added(pair: Pair, listed: Flags, others: Flags) -> NDArray[np.float64]:
    """(24,) change of load per listed customer, less that of others of its old segment [kW]."""
    people, both = pair.people, pair.both
    change = np.zeros((len(people), HOURS), dtype="float32")
    change[both] = (
        filled(pair.new_kw)[people.loc[both, "new_row"]] - filled(pair.old_kw)[people.loc[both, "old_row"]]
    )
    return _against_others(pair, listed, others, change)


def _added_at_peak(pair: Pair, listed: Flags, others: Flags) -> float:
    """Change of load at the peak hours of all listed, less that of others of their old segments [kW]."""
    change = (pair.number("new_coincident_kw") - pair.number("old_coincident_kw"))[:, None]
    return float(_against_others(pair, listed, others, change)[0]) * int(listed.sum())


def _against_others(pair: Pair, listed: Flags, others: Flags, change: NDArray[Any]) -> NDArray[np.float64]:
    segment = pair.people["old"].to_numpy()
    known = pair.both & ~np.isnan(change).any(axis=1)
    total, weight = np.zeros(change.shape[1]), 0
    for place in np.unique(segment[listed]):
        own = listed & known & (segment == place)
        alike = others & known & (segment == place)
        usual = change[alike].mean(axis=0, dtype="float64") if alike.any() else 0.0
        total += (change[own].astype("float64") - usual).sum(axis=0)
        weight += int(own.sum())
    result: NDArray[np.float64] = total / max(weight, 1)
    return result


def _hours(curve: NDArray[np.float64]) -> list[int]:
    """Hours with at least half of the largest change, the largest first."""
    size = np.abs(curve)
    if not size.max() > 0:
        return []
    return [int(hour) for hour in np.argsort(-size, kind="stable") if size[hour] >= _HALF * size.max()]


def _areas(pair: Pair, listed: Flags) -> list[AreaCount]:
    area = pair.people["new_area"].where(pair.people["new_area"].notna(), pair.people["old_area"])
    known = pair.both & area.fillna("").ne("").to_numpy()
    counts = pd.DataFrame({"area": area[known].astype(str), "listed": listed[known]}).groupby("area")[
        "listed"
    ]
    table = counts.agg(["sum", "size"])
    table["rate"] = 1000 * table["sum"] / table["size"]
    table = table[table["sum"] > 0].sort_index().sort_values("rate", ascending=False, kind="stable")
    return [
        AreaCount(area=str(name), customers=int(row["sum"]), per_thousand=float(row["rate"]))
        for name, row in table.iterrows()
    ]
