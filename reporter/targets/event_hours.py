"""What each segment has above baseload hour by hour of an event, on hot as on mild days, and what it is made of."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.targets.eligibility import Devices
from reporter.targets.end_uses import end_uses
from reporter.targets.rows import EventHour, SegmentEvent

_Z90 = 1.6448536269514722
_LEAST_DAYS = 4
"""Peak days with a temperature from which hot and mild ones are told apart."""


def event_hours(
    profiles: Profiles,
    segment_of: NDArray[np.int32],
    segment_ids: list[str],
    temperatures: Mapping[date, float] | None = None,
    devices: Devices | None = None,
) -> list[SegmentEvent]:
    """Load above baseload in the peak hours by hour of the day, and by temperature of the day, for each segment.

    A program's effect is counted on the mean over all of these hours, not on the first alone.

    Args:
        profiles: of the n customers, with their loads in single peak hours.
        segment_of: (n,) segment of each customer.
        segment_ids: (k,)
        temperatures: mean temperature of a day [°C], where it is known.
        devices: signs of devices and the load behind them, or ``None``.
    """
    starts = profiles.peak_hours
    if not starts or not profiles.peak_hours_kw.size:
        return []
    above = np.maximum(
        profiles.peak_hours_kw.astype(np.float64) - profiles.baseload_kw.astype(np.float64)[:, None], 0.0
    )
    clock = np.array([start.hour for start in starts])
    days = np.array([start.date().toordinal() for start in starts])
    hot, mild = _hot_and_mild(days, temperatures or {})
    result = []
    for index, segment_id in enumerate(segment_ids):
        hourly = _mean(above[segment_of == index])
        rows = []
        for number, hour in enumerate(np.unique(clock).tolist(), start=1):
            values = hourly[clock == hour]
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            error = _Z90 * float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else None
            mean = float(values.mean())
            rows.append(
                EventHour(
                    number=number,
                    hour=int(hour),
                    days=len(values),
                    above_baseload_kw=mean,
                    low_kw=None if error is None else max(mean - error, 0.0),
                    high_kw=None if error is None else mean + error,
                )
            )
        known = hourly[np.isfinite(hourly)]
        half = float(known.mean()) / 2 if len(known) else 0.0
        result.append(
            SegmentEvent(
                segment_id=segment_id,
                hours=rows,
                consistency=float((known >= half).mean()) if len(known) and half > 0 else None,
                hot_days_kw=_part(hourly, np.isin(days, list(hot))),
                mild_days_kw=_part(hourly, np.isin(days, list(mild))),
                end_uses=end_uses(devices, segment_of == index),
            )
        )
    return result


def _hot_and_mild(days: NDArray[np.int64], temperatures: Mapping[date, float]) -> tuple[set[int], set[int]]:
    """The hotter and the milder half of the peak days; empty where too few have a temperature."""
    known = {
        int(day): temperatures[date.fromordinal(int(day))]
        for day in np.unique(days)
        if np.isfinite(temperatures.get(date.fromordinal(int(day)), np.nan))
    }
    if len(known) < _LEAST_DAYS:
        return set(), set()
    order = sorted(known, key=lambda day: (known[day], day))
    half = len(order) // 2
    return set(order[-half:]), set(order[:half])


def _part(hourly: NDArray[np.float64], keep: NDArray[np.bool_]) -> float | None:
    values = hourly[keep]
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else None


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(h,) mean over customers with a reading in the hour."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    mean: NDArray[np.float64] = np.where(
        count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan
    )
    return mean
