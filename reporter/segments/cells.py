"""What stands side by side in a row that customers are compared by: the mean day, or kinds of days."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reporter.errors import UsageError
from reporter.profiles import HOURS, DailyProfiles, Float, Profiles
from reporter.settings import SegmentSettings

DAY = "profile"
"""The mean day, over all days."""

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TYPES = ("weekday", "weekend")


def kinds_of(profiles: Profiles, settings: SegmentSettings) -> tuple[str, ...]:
    """Names of the kinds of days side by side, as the settings say.

    Raises:
        UsageError: seasons are wanted, and the period has one.
    """
    if settings.shape == "daily":
        return (DAY,)
    if settings.shape == "weekly":
        return WEEK if settings.week == "days" else _TYPES
    if len(profiles.seasons) < 2:
        raise UsageError(
            "--shape seasonal: the period lies within one season (or has too few days of another); give readings of more months, or "
            "--shape weekly."
        )
    return tuple(f"{slug(season.name)}_{kind}" for season in profiles.seasons for kind in _TYPES)


def slug(season: str) -> str:
    """Name of a season as part of a column's name."""
    return "".join(letter if letter.isalnum() else "-" for letter in season.lower()).strip("-")


def cells(profiles: Profiles, kinds: Sequence[str]) -> Float:
    """(n, 24 × kinds) mean load by kind of day and local hour [kW], no hour missing where the customer has any."""
    by_name = {DAY: profiles.profile_kw, "weekday": profiles.weekday_kw, "weekend": profiles.weekend_kw}
    for season in profiles.seasons:
        by_name[f"{slug(season.name)}_weekday"] = season.weekday_kw
        by_name[f"{slug(season.name)}_weekend"] = season.weekend_kw
    if profiles.week_kw is not None:
        by_name |= {name: profiles.week_kw[:, day] for day, name in enumerate(WEEK)}
    return side_by_side([by_name[kind] for kind in kinds], profiles.profile_kw)


def side_by_side(kinds: Sequence[Float], otherwise: Float) -> Float:
    """Profiles (n, 24) side by side; an hour missing in one comes from ``otherwise`` (n, 24)."""
    return np.concatenate([np.where(np.isnan(kw), otherwise, kw) for kw in kinds], axis=1)


def mean_days(
    daily: DailyProfiles, kinds: Sequence[str], names: Sequence[str], chosen: NDArray[np.bool_]
) -> Float:
    """(m, 24 × kinds) the same from some days of the day-by-day sample.

    Args:
        daily: days of a sample of customers.
        kinds: as above.
        names: of the seasons.
        chosen: (d,) which days.
    """
    whole = _mean(daily.kw[:, chosen])
    if tuple(kinds) == (DAY,):
        return whole
    return side_by_side([_mean(daily.kw[:, chosen & _days(daily, kind, names)]) for kind in kinds], whole)


def _days(daily: DailyProfiles, kind: str, names: Sequence[str]) -> NDArray[np.bool_]:
    """(d,) days of a kind."""
    if kind in WEEK:
        return np.array([day.weekday() == WEEK.index(kind) for day in daily.dates])
    season, _, day_type = kind.rpartition("_")
    found = daily.weekend == (day_type == "weekend")
    if season:
        found = found & (daily.season == [slug(name) for name in names].index(season))
    return np.asarray(found)


def _mean(kw: Float) -> Float:
    present = ~np.isnan(kw)
    count = present.sum(axis=1)
    total = np.where(present, kw, 0).sum(axis=1, dtype="float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan).astype("float32").reshape(len(kw), HOURS)
