"""What the stamps themselves show of their clock: whether they start or end intervals, and whether they keep one clock all year.

Nothing here looks at single readings: it sees how many there are at each distinct stamp and what they add up to. Only clear
evidence decides, a setting always goes first, and what was decided is a finding.
"""

from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.readings.zones import LOCAL, Change, change_days, changes, standard_offset, zone
from reporter.settings import ReadingsSettings
from reporter.words import listed

Stamps = Literal["start", "end"]

_HOUR = pd.Timedelta(hours=1)
_DAY = pd.Timedelta(days=1)

_CLEARLY = 3.0
"""How many times more comings and goings one kind of edge needs than the other."""

_PRESENT, _ABSENT = 0.5, 0.1
"""Share of the usual readings from which an hour counts as there, and below which it counts as skipped."""

_ONCE, _TWICE = 1.25, 1.75
"""Readings ÷ usual readings up to which an hour came once, and from which it came twice."""

_WINDOW_DAYS = 14
"""Days on either side of a change of clocks over which load shapes are compared: season moves little in them."""

_FEWEST_CUSTOMERS = 20
"""Fewer customers' load is too rough to show an hour."""

_LIKE = 0.7
"""Correlation of load shapes below which they have too little in common to say anything."""

_GAIN = 0.02
"""How much better the correlation must get when one side is moved by an hour. On real data it gets better by 0.03 to 0.07
where clocks changed, and worse by 0.03 or more where they didn't."""


def told_by_stamps(
    counts: pd.DataFrame, aware: bool, settings: ReadingsSettings
) -> tuple[ReadingsSettings, list[Finding]]:
    """The settings of time, completed by what the stamps show, and what was found.

    Args:
        counts: one row a distinct stamp, ascending: ``stamp``, ``readings``, ``moving`` (those that are not zero), ``micro``
            (their sum).
        aware: whether the stamps carried an offset; then they are UTC.
        settings: what is given.
    """
    findings = []
    walls = _walls(counts, aware, settings)
    if settings.stamps is None:
        stamps, evidence = _stamps(walls)
        settings = settings.model_copy(update={"stamps": stamps})
        if evidence:
            findings.append(
                Finding(
                    name="stamps-detected",
                    severity="warning",
                    description=f"Stamps were taken as the end of their intervals, since {evidence}. "
                    "If they mark the start, give --stamps start.",
                    data={"stamps": stamps, "evidence": evidence},
                )
            )
    if not aware and settings.timezone is not None and settings.source_timezone is None:
        settings, found = _clock(walls, settings)
        findings += found
    elif not aware and settings.timezone is None:
        findings += _unknown_zone(walls)
    return settings, findings


def _walls(counts: pd.DataFrame, aware: bool, settings: ReadingsSettings) -> pd.DataFrame:
    """The counts by the clock on which days begin: the stamps' own, or the report's where they carry an offset."""
    if not aware or settings.timezone is None:
        return counts
    local = (
        pd.DatetimeIndex(counts["stamp"]).tz_localize("UTC").tz_convert(zone(settings.timezone, "--timezone"))
    )
    walls = counts.assign(stamp=local.tz_localize(None))
    return walls.groupby("stamp", as_index=False).sum()


def _stamps(walls: pd.DataFrame) -> tuple[Stamps, str]:
    """Start or end, with the evidence for an end; start where nothing speaks for the other."""
    stamps = pd.DatetimeIndex(walls["stamp"])
    step = _step(stamps)
    if step is None:
        return "start", ""
    readings = walls["readings"].to_numpy()
    # A last minute or second of an interval, such as 00:29 or 00:29:59, is its end.
    last_minute = (stamps + pd.Timedelta(minutes=1)).floor("min")
    late = (stamps.minute % (step // pd.Timedelta(minutes=1))) == step // pd.Timedelta(minutes=1) - 1
    if late.all() and (last_minute == last_minute.floor(step)).all():
        return "end", f"they are the last minute of an interval, such as {stamps[0]:%H:%M}"
    at_midnight, after = _edges(stamps, readings, step)
    if after >= _CLEARLY * at_midnight and after >= readings.max():
        return "end", (
            f"customers and files begin and end {step_name(step)} after midnight, not at midnight "
            f"({after:,.0f} readings come or go there, {at_midnight:,.0f} at midnight)"
        )
    return "start", ""


def _edges(stamps: pd.DatetimeIndex, readings: NDArray[np.int64], step: pd.Timedelta) -> tuple[float, float]:
    """How many readings come or go at midnight, and how many an interval after it.

    Customers join and leave, and files begin and end, with whole days. With start stamps a day begins at 00:00, with end stamps
    an interval later.
    """
    series = pd.Series(readings, index=stamps)
    midnights = pd.date_range(stamps[0].floor("D"), stamps[-1].ceil("D"), freq="D")
    before, at, behind = (
        series.reindex(midnights + shift, fill_value=0).to_numpy(dtype="float64")
        for shift in (-step, pd.Timedelta(0), step)
    )
    return float(np.abs(at - before).sum()), float(np.abs(behind - at).sum())


def _step(stamps: pd.DatetimeIndex) -> pd.Timedelta | None:
    """The usual distance between stamps, where it is an interval of 5 to 60 minutes."""
    if len(stamps) < 2:
        return None
    steps = pd.Series(np.diff(stamps.to_numpy())).value_counts()
    step = pd.Timedelta(steps.index[0])
    return step if pd.Timedelta(minutes=5) <= step <= _HOUR and _HOUR % step == pd.Timedelta(0) else None


def step_name(step: pd.Timedelta) -> str:
    """A length of time in words."""
    minutes = int(step // pd.Timedelta(minutes=1))
    return "an hour" if minutes == 60 else f"{minutes} minutes"


def _clock(walls: pd.DataFrame, settings: ReadingsSettings) -> tuple[ReadingsSettings, list[Finding]]:
    """Whether naive stamps follow the clocks of the zone or keep standard time all year."""
    name = settings.timezone or ""
    here = zone(name, "--timezone")
    if not isinstance(here, ZoneInfo):
        return settings, []
    stamps = pd.DatetimeIndex(walls["stamp"])
    kept: list[Change] = []
    followed: list[Change] = []
    lost: list[Change] = []
    filled: list[Change] = []
    for change in changes(here, stamps[0], stamps[-1]):
        usual, inside, moving = _around(walls, change, settings.stamps)
        if not usual:
            continue
        jump = hour_jump(walls, change.day)
        if change.length > pd.Timedelta(0):
            # A clock that follows the change shows nothing in the skipped hour, or what an export fills a gap with.
            if moving >= _PRESENT * usual:
                (filled if jump == 0 else kept).append(change)
            elif inside <= _ABSENT * usual:
                followed.append(change)
        elif inside >= _TWICE * usual:
            followed.append(change)
        elif inside <= _ONCE * usual:
            # Once only: either the clock was not changed, or the export dropped the second reading. The load itself tells.
            (kept if jump == 1 else lost).append(change)
    if kept and not followed:
        offset = standard_offset(here, stamps[0])
        days = listed(f"{change.at:%Y-%m-%d}" for change in kept)
        return settings.model_copy(update={"source_timezone": offset}), [
            Finding(
                name="clock-detected",
                severity="warning",
                description=f"The stamps keep standard time ({offset}) all year: they go on through the change of clocks on {days}. "
                f"They were moved to the clocks of {name}. If the stamps are on those clocks already, give --source-timezone {name}.",
                data={"source_timezone": offset, "days": [f"{change.at:%Y-%m-%d}" for change in kept]},
            )
        ]
    findings = []
    if filled:
        findings.append(
            Finding(
                name="skipped-hour-filled",
                severity="info",
                description=f"There are readings in the hour that the change of clocks on {listed(f'{c.at:%Y-%m-%d}' for c in filled)} "
                "skips, though the load keeps to those clocks; they were kept as written.",
                data={"days": [f"{change.at:%Y-%m-%d}" for change in filled]},
            )
        )
    if kept and followed:
        findings.append(
            Finding(
                name="clock-unclear",
                severity="warning",
                description=f"The stamps follow the clocks of {name} on {listed(f'{c.at:%Y-%m-%d}' for c in followed)} but not on "
                f"{listed(f'{c.at:%Y-%m-%d}' for c in kept)}; they were taken as the clocks of {name}. Give --source-timezone if they are not.",
                data={"days": [f"{change.at:%Y-%m-%d}" for change in kept]},
            )
        )
    elif lost and not followed:
        findings.append(
            Finding(
                name="doubled-hour-once",
                severity="info",
                description=f"The hour that the change of clocks on {listed(f'{c.at:%Y-%m-%d}' for c in lost)} doubles is there once: "
                "the export dropped a reading of each interval, or the stamps keep one clock all year (then give --source-timezone).",
                data={"days": [f"{change.at:%Y-%m-%d}" for change in lost]},
            )
        )
    return settings, findings


def _around(walls: pd.DataFrame, change: Change, stamps: Stamps | None) -> tuple[float, float, float]:
    """Usual readings in such a length of time beside a change; readings in it; those in it that are not zero."""
    length = abs(change.length)
    stamp = walls["stamp"]
    # The hour after may be filled twice or not at all by a clock set wrong, so the two before count.
    before = (stamp >= change.at - 2 * length) & (stamp < change.at)
    usual = float(walls.loc[before, "readings"].sum()) / 2
    inside = (stamp >= change.at) & (stamp < change.at + length)
    one = 0.0
    if stamps == "end" and change.length > pd.Timedelta(0):
        # What ends as the clocks are put forward is stamped with the one time or the other.
        inside |= stamp == change.at + length
        one = usual / max(before.sum() / 2, 1.0)
    return (
        usual,
        float(walls.loc[inside, "readings"].sum()) - one,
        float(walls.loc[inside, "moving"].sum()) - one,
    )


def hour_jump(walls: pd.DataFrame, day: pd.Timestamp) -> int | None:
    """By how many hours (−1, 0 or 1) the load on working days moves on the clock at a day; None where it can't be told.

    People live by the clock on the wall. On a clock that isn't changed with it, everything they do comes an hour earlier from the
    spring change on, and an hour later from the autumn change on.
    """
    before, after = (
        _shape(walls, first, first + _WINDOW_DAYS * _DAY) for first in (day - _WINDOW_DAYS * _DAY, day + _DAY)
    )
    if before is None or after is None or len(before) != len(after) or len(before) % 24:
        return None
    hour = len(before) // 24
    likeness = {jump: np.corrcoef(np.roll(before, jump * hour), after)[0, 1] for jump in (-1, 0, 1)}
    best = max(likeness, key=lambda jump: likeness[jump])
    if likeness[best] < _LIKE:
        return None
    return best if likeness[best] - likeness[0] >= _GAIN else 0


def _shape(walls: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> NDArray[np.float64] | None:
    """Mean load by time of the day on working days of [first, last)."""
    stamp = walls["stamp"]
    chosen = walls[
        (stamp >= first)
        & (stamp < last)
        & (stamp.dt.day_of_week < 5)
        & (walls["readings"] >= _FEWEST_CUSTOMERS)
    ]
    if chosen["stamp"].dt.normalize().nunique() < _WINDOW_DAYS // 2 - 2:
        return None
    sums = chosen.groupby(chosen["stamp"] - chosen["stamp"].dt.normalize())[["micro", "readings"]].sum()
    shape: NDArray[np.float64] = (sums["micro"] / sums["readings"]).to_numpy(dtype="float64")
    return shape if np.ptp(shape) > 0 else None


def _unknown_zone(walls: pd.DataFrame) -> list[Finding]:
    """Whether the load jumps by an hour where clocks change somewhere, and no zone was given."""
    stamps = pd.DatetimeIndex(walls["stamp"])
    days = change_days((LOCAL,), stamps[0], stamps[-1])
    jumps = {day: jump for day in days if (jump := hour_jump(walls, day))}
    if not jumps:
        return []
    told = listed(
        f"on {day:%Y-%m-%d} by an hour {'earlier' if jump < 0 else 'later'}" for day, jump in jumps.items()
    )
    return [
        Finding(
            name="clock-shift",
            severity="warning",
            description=f"The load of all customers jumps {told}, as on a clock that is not changed with daylight saving, so hours of "
            "the day differ before and after. Give --timezone, and --source-timezone with the clock of the stamps.",
            data={f"{day:%Y-%m-%d}": jump for day, jump in jumps.items()},
        )
    ]
