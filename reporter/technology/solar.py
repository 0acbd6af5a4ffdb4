"""Rooftop solar: export by day, or a load at midday below everything the home shows without the sun."""

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float

FEATURES = (
    "export_days", "export_at_night", "dip", "dip_share", "nothing_at_midday", "below_days", "bell", "restless_midday",
    "restless_evening",
)  # fmt: skip
"""What describes a customer, in the order of the columns of ``solar_features``."""

_MIDDAY = slice(10, 15)
_DAY = slice(8, 17)
_EXPORT_KW = -0.05
_NOTHING_KW = 0.012
_BELOW = 0.6
"""Part of the night's lowest hour below which a midday hour counts as a sunny one: without panels it is about the same."""
_LOW = 0.25
"""Quantile over days of what a home's load falls to at an hour."""


def solar_features(kw: Float) -> NDArray[np.float64]:
    """(m, len(FEATURES)) of customers' hourly loads (m, days, 24) [kW]."""
    days = np.maximum(np.isfinite(kw).any(axis=2).sum(axis=1), 1)
    night = np.r_[21:24, 0:4]
    dark = np.r_[19:24, 0:6]
    with np.errstate(invalid="ignore"):
        exports = (kw[:, :, _DAY] < _EXPORT_KW).any(axis=2).sum(axis=1) / days
        at_night = (kw[:, :, night] < _EXPORT_KW).any(axis=2).sum(axis=1) / days
        nothing = np.abs(kw) < _NOTHING_KW
        lowest = np.fmin.reduce(kw[:, :, dark], axis=2)
        below = np.fmin.reduce(kw[:, :, _MIDDAY], axis=2) < np.minimum(_BELOW * lowest, lowest - 0.02)
    seen = np.isfinite(kw)
    quantiles = quantile_over_days(kw, (_LOW, 0.5, 0.9))
    low, usual, high = quantiles
    size = np.maximum(np.nanmean(np.abs(usual), axis=1), 0.02)
    dip = np.min(low[:, dark], axis=1) - np.min(low[:, _MIDDAY], axis=1)
    # The sun's course over the day, near enough at any latitude for a correlation.
    hours = np.arange(6, 20)
    bell = np.maximum(np.cos((hours - 12.7) / 13 * np.pi), 0)
    return np.stack(
        [
            exports,
            at_night,
            np.arcsinh(4 * dip),
            np.clip(dip / size, -3, 3),
            np.maximum(
                _share(nothing[:, :, _MIDDAY], seen[:, :, _MIDDAY])
                - _share(nothing[:, :, dark], seen[:, :, dark]),
                0,
            ),
            below.sum(axis=1) / days,
            -_correlation(usual[:, hours], bell),
            np.clip((high - low)[:, _MIDDAY].mean(axis=1) / size, 0, 5),
            np.clip((high - low)[:, 18:23].mean(axis=1) / size, 0, 5),
        ],
        axis=1,
    )


def quantile_over_days(kw: Float, shares: tuple[float, ...]) -> list[Float]:
    """(m, intervals) quantiles over the days of (m, days, intervals); zero where a customer has no reading at all."""
    ordered = np.sort(kw, axis=1)
    count = np.isfinite(kw).sum(axis=1)
    result = []
    for share in shares:
        place = np.rint(share * np.maximum(count - 1, 0)).astype(np.int64)
        result.append(np.nan_to_num(np.take_along_axis(ordered, place[:, None, :], axis=1)[:, 0]))
    return result


def _share(flags: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = flags.sum(axis=(1, 2)) / np.maximum(seen.sum(axis=(1, 2)), 1)
    return share


def _correlation(rows: Float, shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) correlation of each row with a shape; 0 where the row is flat."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    wanted = shape - shape.mean()
    size = np.sqrt((centred**2).sum(axis=1) * (wanted**2).sum())
    result: NDArray[np.float64] = np.where(size > 1e-6, (centred @ wanted) / np.maximum(size, 1e-6), 0.0)
    return result
