"""Sum readings to energy and hours by customer, day type and local hour, and divide.

A cell's mean load is its energy ÷ the hours that its readings span, so gaps, doubled hours and mixed intervals weigh
what they last.
"""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles.model import HOURS, DailyProfiles, Float, Profiles, Season
from reporter.profiles.peaks import find_peaks
from reporter.profiles.seasons import seasons_of
from reporter.readings import Engine, Readings, SystemLoad
from reporter.readings.cells import export_by_customer, sums_by_cell, sums_by_hour
from reporter.readings.grid import MICRO
from reporter.readings.temperature import Temperature
from reporter.settings import Settings
from reporter.tables import fold

_DAILY_VALUES = 6_000_000
"""Most values in the day-by-day sample: 24 MB, and enough customers for every figure that stands on it."""

_PEAK_HOURS_KEPT = 48
"""Most peak hours of which the load of each customer is kept: a million customers then take 200 MB."""

_BASELOAD_HOURS = 4
_DAYLIGHT = slice(6, 20)


def build_profiles(
    readings: Readings,
    engine: Engine,
    settings: Settings,
    system_load: SystemLoad | tuple[pd.Series, str] | None = None,
    temperature: Temperature | None = None,
    *,
    attributes: pd.DataFrame | None = None,
) -> Profiles:
    """Profiles of all customers used.

    Args:
        readings: cleaned readings in the engine.
        engine: runs the passes.
        settings: peak hours and seed.
        system_load: mean load by local hour and its unit; without it the sum of the supplied meters stands in.
        temperature: outdoors, for seasons that go by it.
        attributes: of customers, for their areas.

    Raises:
        DataError: the system load has no hour of the period.
    """
    used = readings.audit.used
    n = len(used)
    scale = _kwh_per_micro(readings, used["minutes"].to_numpy())
    hours_each = used["minutes"].to_numpy(dtype="float64") / 60

    energy, hours, seasons, season_of = _cells(readings, engine, settings, temperature, scale, hours_each)
    by_type = _divide(energy, hours)
    profile = _divide(energy.sum(axis=1), hours.sum(axis=1))

    areas = _areas(attributes, used["customer_id"], settings)
    peak = find_peaks(
        _load_by_hour(readings, engine, n), n, readings.calendar, settings.peak, system_load, areas
    )
    coincident = _coincident(engine, readings, peak.starts, scale, hours_each)
    for area in peak.areas:
        # Each customer counts in the peak hours of its own area.
        mine = areas == area.area
        coincident[mine] = _coincident(engine, readings, area.starts, scale, hours_each)[mine]
    kept = sorted(peak.starts)
    if len(kept) > _PEAK_HOURS_KEPT:
        kept = [kept[place] for place in np.linspace(0, len(kept) - 1, _PEAK_HOURS_KEPT).round().astype(int)]
    peak_day = readings.calendar.dates.index(pd.Timestamp(peak.peak_day))
    day_energy, day_count = sums_by_cell(readings, engine, _hours_of(readings, peak_day), (HOURS,))

    export = export_by_customer(readings, engine) * scale if (used["export_kwh"] > 0).any() else np.zeros(n)
    return Profiles(
        customer_id=used["customer_id"].to_numpy(dtype=str),
        weekday_kw=by_type[:, 0],
        weekend_kw=by_type[:, 1],
        profile_kw=profile,
        mean_kw=_divide(energy.sum(axis=(1, 2)), hours.sum(axis=(1, 2))),
        peak_kw=used["peak_kw"].to_numpy(dtype="float32"),
        baseload_kw=_baseload(profile, export),
        import_kwh=energy.sum(axis=(1, 2), dtype="float64") + export,
        export_kwh=export,
        days=used["days"].to_numpy(dtype="int32"),
        coincident_kw=coincident,
        peak_day_kw=_divide(day_energy * scale[:, None], day_count * hours_each[:, None]),
        peak=peak,
        daily=_daily(engine, readings, scale, hours_each, settings.seed, season_of),
        seasons=seasons,
        week_kw=_week(engine, readings, scale, hours_each) if _wants_days(settings) else None,
        hours=hours.astype("float32"),
        readings_used=readings.readings_used,
        peak_hours=kept,
        peak_hours_kw=_loads_at(engine, readings, kept, scale, hours_each),
        area=areas,
        month_peak_kw=_loads_at(engine, readings, [month.start for month in peak.months], scale, hours_each),
    )


def _cells(
    readings: Readings,
    engine: Engine,
    settings: Settings,
    temperature: Temperature | None,
    scale: NDArray[np.float64],
    hours_each: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Season], NDArray[np.int8]]:
    """Energy [kWh] and hours by customer, day type and hour (n, 2, 24); the seasons, and each day's."""
    day_type = readings.calendar.weekend.astype("int64")[:, None] * HOURS + np.arange(HOURS)
    found = seasons_of(readings.calendar, settings.seasons, temperature)
    readings.findings.extend(found.findings)
    if len(found.names) < 2:
        energy, count = sums_by_cell(readings, engine, day_type, (2, HOURS))
        hours = count * hours_each[:, None, None]
        return energy * scale[:, None, None], hours, [], np.zeros(0, dtype="int8")
    # Days of no season have a place of their own, at the end.
    places = len(found.names) + 1
    of_day = np.where(found.of_day < 0, places - 1, found.of_day)
    by_season, count = sums_by_cell(
        readings, engine, of_day.astype("int64")[:, None] * 2 * HOURS + day_type, (places, 2, HOURS)
    )
    # Whole millionths are added up first, so that the sum is the same as without seasons.
    whole_kwh = by_season.sum(axis=1) * scale[:, None, None]
    by_season *= scale[:, None, None, None]
    span = count * hours_each[:, None, None, None]
    seasons = []
    for place, name in enumerate(found.names):
        energy, hours = by_season[:, place], span[:, place]
        by_type = _divide(energy, hours)
        whole = _divide(energy.sum(axis=1), hours.sum(axis=1))
        seasons.append(Season(name, int((found.of_day == place).sum()), by_type[:, 0], by_type[:, 1], whole))
    return whole_kwh, span.sum(axis=1), seasons, found.of_day


def _wants_days(settings: Settings) -> bool:
    return settings.segments.shape == "weekly" and settings.segments.week == "days"


def _week(
    engine: Engine, readings: Readings, scale: NDArray[np.float64], hours_each: NDArray[np.float64]
) -> Float:
    """(n, 7, 24) mean load by day of the week, Monday first [kW]."""
    dates = pd.DatetimeIndex(readings.calendar.dates)
    cell = dates.day_of_week.to_numpy("int64")[:, None] * HOURS + np.arange(HOURS)
    energy, count = sums_by_cell(readings, engine, cell, (7, HOURS))
    return _divide(energy * scale[:, None, None], count * hours_each[:, None, None])


def _kwh_per_micro(readings: Readings, minutes: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) energy of a millionth of the readings' unit, by customer [kWh]."""
    factor = {"kwh": np.ones(len(minutes)), "kw": minutes / 60.0}[readings.unit]
    return factor / MICRO


def _hours_of(readings: Readings, day: int) -> NDArray[np.int64]:
    """The hours of a day as cells."""
    cell = np.full((len(readings.calendar.dates), HOURS), -1, dtype="int64")
    cell[day] = np.arange(HOURS)
    return cell


def _divide(energy: NDArray[Any], hours: NDArray[Any]) -> Float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(hours > 0, energy / hours, np.nan).astype("float32")


def _baseload(profile: Float, export_kwh: NDArray[np.float64]) -> Float:
    """(n,) mean of the four lowest hours, at least 0 [kW]; by night where panels hide the load of the day."""
    by_day = np.zeros(HOURS, dtype=bool)
    by_day[_DAYLIGHT] = True
    seen = np.where(by_day & (export_kwh > 0)[:, None], np.inf, profile)
    lowest: Float = np.maximum(np.sort(seen, axis=1)[:, :_BASELOAD_HOURS].mean(axis=1), 0).astype("float32")
    return lowest


def _load_by_hour(readings: Readings, engine: Engine, customers: int) -> pd.DataFrame:
    """Load of the supplied meters by local day and hour, as if all reported: start, load_kw, customer_hours."""
    sums = sums_by_hour(readings, engine)
    kwh = sums["micro"].astype("float64") / MICRO * {"kwh": 1.0, "kw": 1 / 60}[readings.unit]
    customer_hours = sums["minutes"].astype("float64") / 60
    dates = pd.DatetimeIndex(readings.calendar.dates)
    start = dates[sums["day"].to_numpy()] + pd.to_timedelta(sums["hour"].to_numpy(), unit="h")
    return pd.DataFrame(
        {"start": start, "load_kw": kwh / customer_hours * customers, "customer_hours": customer_hours}
    )


def _areas(
    attributes: pd.DataFrame | None, customer_id: "pd.Series[Any]", settings: Settings
) -> NDArray[np.object_] | None:
    """(n,) area of each customer by the customer file, empty where it has none; ``None`` without such a column."""
    if attributes is None:
        return None
    wanted = [fold(name) for name in settings.peak.area_column]
    column = next((name for name in attributes.columns if fold(name) in wanted), None)
    if column is None:
        return None
    known = pd.Series(
        attributes[column].astype(str).str.strip().to_numpy(), index=attributes["customer_id"].astype(str)
    )
    found = known.reindex(customer_id.astype(str)).fillna("")
    return found.to_numpy(dtype=object)


def _coincident(
    engine: Engine,
    readings: Readings,
    hours: list[datetime],
    scale: NDArray[np.float64],
    hours_each: NDArray[np.float64],
) -> Float:
    """(n,) mean load over some hours [kW]."""
    cell = np.full((len(readings.calendar.dates), HOURS), -1, dtype="int64")
    day, hour = _days_and_hours(readings, hours)
    cell[day[day >= 0], hour[day >= 0]] = 0
    energy, count = sums_by_cell(readings, engine, cell, ())
    return _divide(energy * scale, count * hours_each)


def _days_and_hours(
    readings: Readings, starts: list[datetime]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Day and hour of each start."""
    index = pd.DatetimeIndex(starts)
    days = pd.DatetimeIndex(readings.calendar.dates).get_indexer(index.normalize())
    return days.astype("int64"), index.hour.to_numpy("int64")


def _loads_at(
    engine: Engine,
    readings: Readings,
    starts: list[datetime],
    scale: NDArray[np.float64],
    hours_each: NDArray[np.float64],
) -> Float:
    """(n, h) load in single hours [kW]."""
    if not starts:
        return np.zeros((len(scale), 0), dtype="float32")
    day, hour = _days_and_hours(readings, starts)
    cell = np.full((len(readings.calendar.dates), HOURS), -1, dtype="int64")
    inside = day >= 0
    cell[day[inside], hour[inside]] = np.flatnonzero(inside)
    energy, count = sums_by_cell(readings, engine, cell, (len(starts),))
    return _divide(energy * scale[:, None], count * hours_each[:, None])


def _daily(
    engine: Engine,
    readings: Readings,
    scale: NDArray[np.float64],
    hours_each: NDArray[np.float64],
    seed: int,
    season: NDArray[np.int8],
) -> DailyProfiles:
    calendar, n = readings.calendar, len(scale)
    days = len(calendar.dates)
    size = min(n, max(_DAILY_VALUES // (days * HOURS), 20))
    rows = np.sort(np.random.default_rng(seed).choice(n, size, replace=False))
    every = np.arange(days * HOURS).reshape(days, HOURS)
    energy, count = sums_by_cell(readings, engine, every, (days, HOURS), rows)
    return DailyProfiles(
        rows=rows,
        dates=[day.date() for day in calendar.dates],
        weekend=calendar.weekend,
        kw=_divide(energy * scale[rows, None, None], count * hours_each[rows, None, None]),
        season=season,
    )
