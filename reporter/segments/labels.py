"""Rules that name a segment from its shape, with the evidence in words and numbers. The rules are data: ``[labels]``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.settings import LabelRule, LabelSettings
from reporter.words import percent

_ABOVE_MEAN = 1.1
"""Second peak ÷ mean, at least: a bump below that is no peak."""

_WINDOWS = {"night": (0, 6), "morning": (6, 10), "midday": (10, 16), "evening": (16, 23)}
"""Parts of the day that tell segments with one label and one peak hour apart."""

_DEGREES = {2: ("busy", "quiet"), 3: ("busy", "medium", "quiet")}

Shape = NDArray[np.float64]


@dataclass(frozen=True)
class Features:
    """What rules ask of a shape."""

    mean: float
    """Mean load ÷ mean absolute load."""
    peak_hour: int
    peak_to_mean: float
    second_hour: int | None
    """Hour of the second peak, where there are two."""
    width_hours: int
    """Hours in a row around the highest one that lie above the middle between it and the mean."""
    lowest: float
    """Lowest hour ÷ mean absolute load."""

    @classmethod
    def of(cls, shape: Shape, settings: LabelSettings) -> "Features":
        """Features of a shape (24,), load by local hour ÷ mean absolute load."""
        mean, peak = float(shape.mean()), _peak_hour(shape)
        ratio = float(shape[peak]) / mean if mean > 0 else np.inf
        return cls(
            mean, peak, ratio, _second_peak(shape, peak, settings), _width(shape, peak), float(shape.min())
        )


def label(shape: Shape, settings: LabelSettings) -> tuple[str, str]:
    """Name of a shape and the evidence for it: the first rule that holds.

    Args:
        shape: (24,) mean load by local hour ÷ mean absolute load.
        settings: the rules, and what counts as export and as a second peak.
    """
    if not shape.any():
        return settings.otherwise, "import and export cancel out in every hour"
    features = Features.of(shape, settings)
    for rule in settings.rules:
        if _holds(rule, shape, features, settings):
            return rule.label, _evidence(rule, shape, features)
    return settings.otherwise, f"no rule holds; {_highest(features)}"


def order_key(name: str, shape: Shape, settings: LabelSettings) -> tuple[int, str, int, float]:
    """Sorts segments: by label as in ``labels.order``, then by peak hour, then the sharper first."""
    order = settings.order
    place = order.index(name) if name in order else len(order)
    return place, name, int(shape.argmax()), -float(shape.max())


def titles(labels: Sequence[str], shapes: Shape) -> list[str]:
    """A unique title in words for each segment; those with one label are told apart by what differs.

    Args:
        labels: (k,)
        shapes: (k, 24) in canonical order.
    """
    plain = [name.replace("-", " ").capitalize() for name in labels]
    timed = [
        f"{title} at {_peak_hour(shape)} h" if plain.count(title) > 1 else title
        for title, shape in zip(plain, shapes, strict=True)
    ]
    result = list(timed)
    for title in (t for t, n in Counter(timed).items() if n > 1):
        same = [i for i, t in enumerate(timed) if t == title]
        for i, words in zip(same, _qualifiers(shapes[same]), strict=True):
            result[i] = f"{title}, {words}"
    return result


def _qualifiers(shapes: Shape) -> list[str]:
    """Two words for each of some shapes with one label and one peak hour, such as "busy night", by what differs most."""
    n = len(shapes)
    levels = {
        name: shapes[:, [inside(hour, window) for hour in range(24)]].mean(axis=1)
        for name, window in _WINDOWS.items()
    }
    part, level = max(levels.items(), key=lambda item: float(np.ptp(item[1])))
    place = np.argsort(np.argsort(-level, kind="stable"), kind="stable")
    degrees = _DEGREES.get(n)
    return [f"{degrees[p]} {part}" if degrees else f"{part} no. {p + 1} of {n}" for p in place]


def _holds(rule: LabelRule, shape: Shape, features: Features, settings: LabelSettings) -> bool:
    return all(
        (
            rule.sign is None or (features.lowest < -settings.export) == (rule.sign == "export"),
            rule.peak is None or inside(features.peak_hour, rule.peak),
            _between(features.peak_to_mean, rule.peak_to_mean),
            _between(1 / features.peak_to_mean, rule.load_factor),
            _between(features.width_hours, rule.width_hours),
            rule.peaks is None or rule.peaks == (1 if features.second_hour is None else 2),
            rule.window is None or _between(_level(shape, rule.window) / features.mean, rule.window_to_mean)
            if features.mean > 0
            else rule.window is None,
        )
    )


def _evidence(rule: LabelRule, shape: Shape, features: Features) -> str:
    """What the rule asked, with the shape's numbers."""
    parts = []
    if rule.sign == "export":
        hour = int(shape.argmin())
        parts.append(
            f"sends energy to the grid around {hour} h, {-features.lowest:.1f} times the mean size of its load, in or out"
        )
    if rule.window is not None:
        first, last = rule.window
        share = _level(shape, rule.window) / features.mean
        parts.append(f"takes {percent(share)} of its average load from {first} to {last} h")
    if rule.peaks == 2 and features.second_hour is not None:
        first, last = sorted((features.peak_hour, features.second_hour))
        parts.append(
            f"two peaks, at {first} h and {last} h, {shape[first] / features.mean:.2f} and {shape[last] / features.mean:.2f} times the "
            "average, with a valley between"
        )
    elif rule.peak is not None or rule.peak_to_mean is not None or rule.load_factor is not None:
        parts.append(_highest(features))
    if rule.load_factor is not None:
        parts.append(f"the average is {percent(1 / features.peak_to_mean)} of it")
    if rule.width_hours is not None:
        parts.append(f"the peak lasts {features.width_hours} hours")
    if rule.says:
        parts.append(rule.says)
    return "; ".join(parts)


def _highest(features: Features) -> str:
    if not np.isfinite(features.peak_to_mean):
        return f"the highest hour is {features.peak_hour} h"
    return f"the highest hour ({features.peak_hour} h) is {features.peak_to_mean:.2f} times the average"


def _between(value: float, limits: tuple[float, float] | None) -> bool:
    return limits is None or limits[0] <= value < limits[1]


def _peak_hour(shape: Shape) -> int:
    """The highest hour; of equal ones the one with the higher neighbours, then the earlier."""
    highest = np.flatnonzero(shape == shape.max())
    beside = np.roll(shape, 1) + np.roll(shape, -1)
    return int(highest[beside[highest].argmax()])


def _width(shape: Shape, peak: int) -> int:
    high = np.roll(shape, -peak) > (shape[peak] + shape.mean()) / 2
    if high.all():
        return 24
    after = int(np.argmin(high))
    before = int(np.argmin(np.roll(high[::-1], 1)))
    return max(after + before - 1, 1)


def _second_peak(shape: Shape, first: int, settings: LabelSettings) -> int | None:
    hours = np.arange(24)
    distance = np.minimum((hours - first) % 24, (first - hours) % 24)
    local = (
        (shape >= np.roll(shape, 1))
        & (shape >= np.roll(shape, -1))
        & (distance >= settings.second_peak_apart)
    )
    if not local.any():
        return None
    second = int(hours[local][shape[local].argmax()])
    low, high = sorted((first, second))
    valley = max(shape[low:high].min(), np.concatenate([shape[high:], shape[:low]]).min())
    height = float(shape[second])
    tall = height >= settings.second_peak * shape[first] and height >= _ABOVE_MEAN * shape.mean()
    return second if tall and valley <= settings.valley * height else None


def _level(shape: Shape, window: tuple[int, int]) -> float:
    return float(shape[[inside(hour, window) for hour in range(24)]].mean())


def inside(hour: int, window: tuple[int, int]) -> bool:
    """Whether an hour lies in [first, last), which may pass midnight."""
    first, last = window
    return first <= hour < last if first < last else hour >= first or hour < last
