"""Which hours are the system's peak: from the utility's system load, else from the supplied meters."""

import numpy as np
import pandas as pd

from reporter.errors import DataError
from reporter.profiles.model import PeakTimes
from reporter.readings.calendar import Calendar
from reporter.settings import PeakSettings
from reporter.words import counted

_LARGEST_SHARE = 0.05
"""Peak hours are at most this share of all hours, so that a short period still has hours off the peak."""

_REPORTING = 0.5
"""Hours count only where at least this share of the most customers reported: the mean of a few is no system load."""


def find_peaks(
    load: pd.DataFrame,
    customers: int,
    calendar: Calendar,
    settings: PeakSettings,
    system_load: tuple[pd.Series, str] | None,
) -> PeakTimes:
    """Hours with the highest load.

    Args:
        load: ``start`` (local), ``load_kw`` (all customers used, as if all reported), ``customer_hours``.
        customers: customers used.
        calendar: the period.
        settings: number of hours, season and window that the utility plans for.
        system_load: mean load by local hour, and its unit.

    Raises:
        DataError: the system load has no hour of the period.
    """
    usable = load[load["customer_hours"] >= _REPORTING * load["customer_hours"].max()]
    meters = pd.Series(usable["load_kw"].to_numpy(), index=pd.DatetimeIndex(usable["start"]))
    if system_load is None:
        candidates, unit, source = meters, "kW", "sample"
        whose = "the supplied meters (the sample's peak, not the system's), scaled up where customers did not report"
    else:
        series, unit = system_load
        candidates, source = series[series.index.isin(pd.DatetimeIndex(load["start"]))], "system-load"
        whose = "the system load"
        if candidates.empty:
            first, last = calendar.dates[0].date(), calendar.dates[-1].date()
            raise DataError(
                f"The system load has no hour between {first} and {last}, when the readings were taken; give the load of that period."
            )
    planned = _planned(candidates, settings)
    number = max(1, min(settings.hours, int(len(candidates) * _LARGEST_SHARE)))
    # Ties go to the earlier hour, so that the choice doesn't depend on the order of rows.
    order = np.lexsort((planned.index.to_numpy(), -planned.to_numpy()))[:number]
    top = planned.iloc[order]
    return PeakTimes(
        source=source,
        description=f"the {counted(len(top), 'hour')} with the highest load in {whose}"
        + _within(settings, planned is not candidates),
        unit=unit,
        starts=[start.to_pydatetime() for start in top.index],
        load=[float(value) for value in top],
        peak_day=top.index[0].date(),
        sample_peak_kw=float((usable["load_kw"] * np.minimum(usable["customer_hours"] / customers, 1)).max()),
    )


def _planned(candidates: pd.Series, settings: PeakSettings) -> pd.Series:
    """The hours that the utility plans for; a season or a window that the period does not have is passed over."""
    index = pd.DatetimeIndex(candidates.index)
    keep = np.ones(len(index), dtype=bool)
    wanted = []
    if settings.season:
        wanted.append(np.isin(index.month, settings.season))
    if settings.window is not None:
        first, last = settings.window
        hour = index.hour
        wanted.append((hour >= first) & (hour < last) if first < last else (hour >= first) | (hour < last))
    for part in wanted:
        if (keep & part).any():
            keep &= part
    return candidates[keep] if not keep.all() else candidates


def _within(settings: PeakSettings, restricted: bool) -> str:
    return (
        ", among the hours that the utility plans for"
        if restricted and (settings.season or settings.window)
        else ""
    )
