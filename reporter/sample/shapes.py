"""The load shapes of the synthetic homes, as data, and the daylight behind rooftop solar.

A shape has 24 numbers, mean load in each local hour 0 to 23, in any unit: use scales it to a mean of 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class HomeShape:
    """Load shape of a home without EV and solar."""

    weekday: tuple[float, ...]
    weekend: tuple[float, ...]


EVENING = HomeShape(
    weekday=(
        0.55, 0.48, 0.45, 0.44, 0.45, 0.52, 0.72, 0.90, 0.82, 0.72, 0.68, 0.70,
        0.74, 0.72, 0.74, 0.90, 1.25, 1.85, 2.35, 2.45, 2.20, 1.70, 1.15, 0.75,
    ),
    weekend=(
        0.62, 0.54, 0.48, 0.46, 0.46, 0.50, 0.60, 0.78, 0.92, 0.98, 0.98, 0.98,
        1.00, 0.94, 0.92, 1.02, 1.28, 1.75, 2.15, 2.25, 2.05, 1.65, 1.20, 0.82,
    ),
)  # fmt: skip
MODERATE = HomeShape(
    weekday=(
        0.77, 0.71, 0.69, 0.68, 0.69, 0.75, 0.85, 0.94, 0.94, 0.91, 0.90, 0.92,
        0.94, 0.93, 0.94, 1.03, 1.17, 1.41, 1.60, 1.63, 1.55, 1.37, 1.12, 0.92,
    ),
    weekend=(
        0.80, 0.73, 0.71, 0.69, 0.69, 0.73, 0.80, 0.90, 0.98, 1.02, 1.02, 1.03,
        1.06, 1.02, 1.00, 1.06, 1.17, 1.37, 1.53, 1.58, 1.50, 1.33, 1.12, 0.94,
    ),
)  # fmt: skip
FLAT = HomeShape(
    weekday=(
        0.94, 0.93, 0.92, 0.92, 0.93, 0.95, 0.99, 1.03, 1.03, 1.02, 1.01, 1.01,
        1.02, 1.01, 1.01, 1.02, 1.04, 1.07, 1.09, 1.09, 1.07, 1.04, 0.99, 0.96,
    ),
    weekend=(
        0.95, 0.94, 0.93, 0.92, 0.93, 0.94, 0.96, 1.00, 1.03, 1.04, 1.04, 1.04,
        1.05, 1.03, 1.02, 1.03, 1.04, 1.06, 1.08, 1.08, 1.06, 1.03, 1.00, 0.97,
    ),
)  # fmt: skip
MORNING = HomeShape(
    weekday=(
        0.60, 0.56, 0.54, 0.56, 0.66, 1.05, 1.85, 2.55, 2.40, 1.65, 1.10, 0.92,
        0.88, 0.84, 0.80, 0.80, 0.86, 0.98, 1.08, 1.08, 1.00, 0.88, 0.76, 0.66,
    ),
    weekend=(
        0.62, 0.58, 0.55, 0.55, 0.60, 0.86, 1.45, 2.10, 2.35, 1.95, 1.40, 1.10,
        0.98, 0.90, 0.86, 0.84, 0.88, 0.98, 1.06, 1.06, 0.98, 0.88, 0.78, 0.68,
    ),
)  # fmt: skip
DOUBLE = HomeShape(
    weekday=(
        0.50, 0.45, 0.43, 0.45, 0.58, 1.00, 1.70, 2.05, 1.75, 1.10, 0.74, 0.62,
        0.60, 0.58, 0.62, 0.80, 1.15, 1.70, 2.10, 2.12, 1.75, 1.25, 0.85, 0.60,
    ),
    weekend=(
        0.54, 0.48, 0.45, 0.45, 0.52, 0.80, 1.35, 1.85, 1.85, 1.40, 0.95, 0.80,
        0.76, 0.70, 0.72, 0.86, 1.15, 1.65, 2.00, 2.02, 1.70, 1.25, 0.90, 0.65,
    ),
)  # fmt: skip
MIDDAY = HomeShape(
    weekday=(
        0.50, 0.48, 0.47, 0.47, 0.50, 0.56, 0.70, 0.92, 1.25, 1.65, 2.00, 2.20,
        2.25, 2.20, 2.00, 1.60, 1.18, 0.95, 0.85, 0.78, 0.70, 0.62, 0.56, 0.52,
    ),
    weekend=(
        0.54, 0.51, 0.50, 0.49, 0.50, 0.54, 0.64, 0.84, 1.12, 1.48, 1.80, 2.00,
        2.08, 2.00, 1.78, 1.45, 1.15, 1.00, 0.95, 0.88, 0.78, 0.68, 0.60, 0.56,
    ),
)  # fmt: skip

HOME_SHAPES: dict[str, HomeShape] = {
    "evening-peak": EVENING,
    "mid-peak": MODERATE,
    "flat": FLAT,
    "morning-peak": MORNING,
    "double-peak": DOUBLE,
    "midday-peak": MIDDAY,
}
"""Classes that are a home's own use; a class's place here is its number in ``Population.home``."""

TECHNOLOGY_HOMES: dict[str, float] = {"mid-peak": 0.8, "evening-peak": 0.2}
"""The home behind a technology, as shares: those who buy an EV or solar have evenings at home."""

CLASS_SHARES: dict[str, float] = {
    "evening-peak": 0.22,
    "mid-peak": 0.18,
    "flat": 0.12,
    "morning-peak": 0.08,
    "double-peak": 0.10,
    "midday-peak": 0.07,
    "night-ev": 0.08,
    "solar": 0.15,
}
"""Every class and its share of the customers in the first period."""

CLASS_LABELS: dict[str, str] = {
    **{name: name for name in HOME_SHAPES},
    "night-ev": "night-peak",
    "solar": "solar-export",
}
"""The label that the rules should give a segment of each class."""

WEEKEND_ENERGY = 1.06
"""Energy of a weekend day ÷ energy of a weekday."""

LATITUDE_DEGREES = 38.0
SOLAR_NOON_HOUR = 11.9
"""Time of the sun's highest place in standard time; in summer, clocks run an hour ahead of it."""


def home_shape_table() -> NDArray[np.float32]:
    """Mean load by class, day type (weekday, weekend) and hour ÷ a weekday's mean: (classes, 2, 24)."""
    rows = []
    for shape in HOME_SHAPES.values():
        weekday, weekend = np.asarray(shape.weekday), np.asarray(shape.weekend)
        rows.append([weekday / weekday.mean(), WEEKEND_ENERGY * weekend / weekend.mean()])
    return np.asarray(rows, dtype=np.float32)


def daylight(day_of_year: int, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Output of a clear-sky solar system at each time, as a share of its rated power.

    The sine of the sun's elevation stands for the panels' output; air mass is in the exponent.

    Args:
        day_of_year: 1 to 366.
        hours: (h,) standard time [h].
    """
    declination = np.radians(23.44) * np.sin(2 * np.pi * (day_of_year - 81) / 365.25)
    latitude = np.radians(LATITUDE_DEGREES)
    angle = 2 * np.pi * (hours - SOLAR_NOON_HOUR) / 24
    elevation = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(
        angle
    )
    return np.asarray(np.maximum(elevation, 0) ** 1.15)
