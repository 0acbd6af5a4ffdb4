"""Which hours are the system's peak: from the utility's system load, else from the supplied meters."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.profiles.model import AreaPeak, MonthPeak, PeakTimes
from reporter.readings import SystemLoad
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
    system_load: SystemLoad | tuple[pd.Series, str] | None,
    areas: NDArray[np.object_] | None = None,
) -> PeakTimes:
    """Hours with the highest load.

    Args:
        load: ``start`` (local), ``load_kw`` (all customers used, as if all reported), ``customer_hours``.
        customers: customers used.
        calendar: the period.
        settings: number of hours, season and window that the utility plans for.
        system_load: mean load by local hour, and its unit.
        areas: (n,) area of each customer, empty where it is not known; or ``None``.

    Raises:
        DataError: the system load has no hour of the period.
    """
    usable = load[load["customer_hours"] >= _REPORTING * load["customer_hours"].max()]
    meters = pd.Series(usable["load_kw"].to_numpy(), index=pd.DatetimeIndex(usable["start"]))
    if system_load is None:
        candidates, unit, source = meters, "kW", "sample"
        whose = "the supplied meters (the sample's peak, not the system's), scaled up where customers did not report"
    else:
        series, unit = system_load[0], system_load[1]
        candidates, source = series[series.index.isin(pd.DatetimeIndex(load["start"]))], "system-load"
        whose = "the system load"
        if isinstance(system_load, SystemLoad) and system_load.net_of_solar:
            whose += ", net of solar generation"
        if candidates.empty:
            first, last = calendar.dates[0].date(), calendar.dates[-1].date()
            raise DataError(
                f"The system load has no hour between {first} and {last}, when the readings were taken; give the load of that period."
            )
    weekend = _weekend(candidates, calendar)
    planned, passed_over = _planned(candidates, weekend, settings)
    top = _choose(planned, settings, len(candidates))
    if settings.choose == "window":
        how = f"all {counted(len(top), 'hour')} that the utility plans for"
    else:
        above = f" above the {settings.percentile:g}th percentile" if settings.choose == "percentile" else ""
        how = f"the {counted(len(top), 'hour')} with the highest load{above} in {whose}" + _within(
            settings, planned is not candidates
        )
    return PeakTimes(
        source=source,
        description=how,
        unit=unit,
        starts=[start.to_pydatetime() for start in top.index],
        load=[float(value) for value in top],
        peak_day=top.index[0].date(),
        sample_peak_kw=float((usable["load_kw"] * np.minimum(usable["customer_hours"] / customers, 1)).max()),
        passed_over=passed_over,
        weekend_hours=int(weekend[candidates.index.get_indexer(top.index)].sum()),
        months=_months(candidates),
        areas=_areas(system_load, areas, pd.DatetimeIndex(load["start"]), calendar, settings),
        net_of_solar=bool(getattr(system_load, "net_of_solar", False)),
    )


def _choose(planned: pd.Series, settings: PeakSettings, hours: int) -> pd.Series:
    """The peak hours among the hours that the utility plans for, highest load first."""
    number = max(1, min(settings.hours, int(hours * _LARGEST_SHARE)))
    if settings.choose == "window":
        number = len(planned)
    elif settings.choose == "percentile":
        number = max(1, int((planned >= np.percentile(planned, settings.percentile)).sum()))
    # Ties go to the earlier hour, so that the choice doesn't depend on the order of rows.
    order = np.lexsort((planned.index.to_numpy(), -planned.to_numpy()))[:number]
    return planned.iloc[order]


def _weekend(candidates: pd.Series, calendar: Calendar) -> NDArray[np.bool_]:
    """Which hours lie on weekends and holidays."""
    days = pd.DatetimeIndex(calendar.dates).get_indexer(pd.DatetimeIndex(candidates.index).normalize())
    return np.asarray(
        np.where(days >= 0, np.asarray(calendar.weekend, dtype=bool)[days], False), dtype=np.bool_
    )


def _months(candidates: pd.Series) -> tuple[MonthPeak, ...]:
    """The highest hour of each month that the period covers by half."""
    found = []
    index = pd.DatetimeIndex(candidates.index)
    for _, month in candidates.groupby(index.to_period("M")):
        first = pd.DatetimeIndex(month.index)[0]
        if len(month) >= 0.5 * 24 * first.days_in_month:
            start = month.index[int(month.to_numpy().argmax())]
            found.append(MonthPeak(start.to_pydatetime(), float(month.max())))
    return tuple(found)


def _areas(
    system_load: SystemLoad | tuple[pd.Series, str] | None,
    areas: NDArray[np.object_] | None,
    hours: pd.DatetimeIndex,
    calendar: Calendar,
    settings: PeakSettings,
) -> tuple[AreaPeak, ...]:
    """The peak hours of each area in which customers lie."""
    if areas is None or not isinstance(system_load, SystemLoad):
        return ()
    found = []
    for name, series in sorted(system_load.areas.items()):
        own = series[series.index.isin(hours)]
        number = int((areas == name).sum())
        if number and not own.empty:
            top = _choose(_planned(own, _weekend(own, calendar), settings)[0], settings, len(own))
            found.append(
                AreaPeak(
                    name,
                    number,
                    [start.to_pydatetime() for start in top.index],
                    [float(value) for value in top],
                )
            )
    return tuple(found)


def _planned(
    candidates: pd.Series, weekend: NDArray[np.bool_], settings: PeakSettings
) -> tuple[pd.Series, tuple[str, ...]]:
    """The hours that the utility plans for; and what of that the period does not have, which is passed over."""
    index = pd.DatetimeIndex(candidates.index)
    keep = np.ones(len(index), dtype=bool)
    wanted: dict[str, NDArray[np.bool_]] = {}
    if settings.season:
        wanted["season"] = np.isin(index.month, settings.season)
    if settings.window is not None:
        first, last = settings.window
        hour = index.hour
        wanted["window"] = np.asarray(
            (hour >= first) & (hour < last) if first < last else (hour >= first) | (hour < last)
        )
    if settings.weekdays_only:
        wanted["weekdays"] = ~weekend
    passed_over = []
    for name, part in wanted.items():
        if (keep & part).any():
            keep &= part
        else:
            passed_over.append(name)
    return (candidates[keep] if not keep.all() else candidates), tuple(passed_over)


def _within(settings: PeakSettings, restricted: bool) -> str:
    return (
        ", among the hours that the utility plans for"
        if restricted and (settings.season or settings.window)
        else ""
    )
