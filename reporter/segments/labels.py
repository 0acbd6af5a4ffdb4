"""Rules that name a segment from its shape, with the evidence in words and numbers."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from reporter.settings import LabelSettings
from reporter.words import percent

ORDER = (
    "evening-peak",
    "double-peak",
    "mid-peak",
    "morning-peak",
    "midday-peak",
    "night-peak",
    "flat",
    "solar-export",
)
"""Canonical order of labels."""

_APART = 4
"""Hours between two peaks, at least, that make them two."""

_ABOVE_MEAN = 1.1
"""Second peak ÷ mean, at least: a bump below that is no peak."""

Shape = NDArray[np.float64]


def label(shape: Shape, settings: LabelSettings) -> tuple[str, str]:
    """Name of a shape and the evidence for it.

    Args:
        shape: (24,) mean load by local hour ÷ mean absolute load.
        settings: windows and thresholds.
    """
    mean = float(shape.mean())
    peak_hour = int(shape.argmax())
    if not shape.any():
        return "flat", "import and export cancel out in every hour"
    midday = float(_window(shape, settings.midday).mean())
    if shape.min() < -settings.solar_export:
        hour = int(shape.argmin())
        return (
            "solar-export",
            f"sends energy to the grid around {hour} h, {-shape.min():.1f} times the mean size of its load, in or out",
        )
    if midday <= settings.solar_midday * mean:
        return "solar-export", f"takes {percent(midday / mean)} of its average load in the middle of the day"
    ratio = float(shape[peak_hour]) / mean
    if ratio <= settings.flat_peak_to_mean:
        return "flat", f"the highest hour ({peak_hour} h) is only {ratio:.2f} times the average"
    second = _second_peak(shape, peak_hour, settings)
    if second is not None:
        first, last = sorted((peak_hour, second))
        return (
            "double-peak",
            f"two peaks, at {first} h and {last} h, {shape[first] / mean:.2f} and {shape[last] / mean:.2f} times the average, with a valley between",
        )
    evidence = f"the highest hour ({peak_hour} h) is {ratio:.2f} times the average"
    if ratio < settings.sharp_peak_to_mean:
        return "mid-peak", f"{evidence}: a moderate peak"
    windows = {
        "morning-peak": settings.morning,
        "midday-peak": settings.midday,
        "evening-peak": settings.evening,
        "night-peak": settings.night,
    }
    name = next((name for name, window in windows.items() if _inside(peak_hour, window)), "evening-peak")
    return name, evidence


def titles(labels: list[str], shapes: Shape) -> list[str]:
    """A unique title in words for each segment; those with one label are told apart by what differs.

    Args:
        labels: (k,)
        shapes: (k, 24)
    """
    plain = [name.replace("-", " ").capitalize() for name in labels]
    hours = shapes.argmax(axis=1)
    timed = [
        f"{title} at {hour} h" if plain.count(title) > 1 else title
        for title, hour in zip(plain, hours, strict=True)
    ]
    result = list(timed)
    for title in {t for t, n in Counter(timed).items() if n > 1}:
        same = sorted((i for i, t in enumerate(timed) if t == title), key=lambda i: -shapes[i].max())
        words = (
            ["sharper", "broader"]
            if len(same) == 2
            else [f"no. {n + 1} by sharpness" for n in range(len(same))]
        )
        for i, word in zip(same, words, strict=True):
            result[i] = f"{title}, {word}"
    return result


def order_key(name: str, shape: Shape) -> tuple[int, int, float]:
    """Sorts segments: by label, then by peak hour, then the sharper first."""
    return ORDER.index(name), int(shape.argmax()), -float(shape.max())


def _second_peak(shape: Shape, first: int, settings: LabelSettings) -> int | None:
    hours = np.arange(24)
    distance = np.minimum((hours - first) % 24, (first - hours) % 24)
    local = (shape >= np.roll(shape, 1)) & (shape >= np.roll(shape, -1)) & (distance >= _APART)
    if not local.any():
        return None
    second = int(hours[local][shape[local].argmax()])
    low, high = sorted((first, second))
    valley = max(shape[low:high].min(), np.concatenate([shape[high:], shape[:low]]).min())
    height = float(shape[second])
    tall = height >= settings.second_peak * shape[first] and height >= _ABOVE_MEAN * shape.mean()
    return second if tall and valley <= settings.valley * height else None


def _window(shape: Shape, window: tuple[int, int]) -> Shape:
    return shape[[hour for hour in range(24) if _inside(hour, window)]]


def _inside(hour: int, window: tuple[int, int]) -> bool:
    first, last = window
    return first <= hour < last if first < last else hour >= first or hour < last
