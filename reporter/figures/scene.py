"""What every figure is drawn from: facts, colours, and a seeded sample of single profiles."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reporter.facts import Comparison, Facts, Segment
from reporter.facts.base import Profile
from reporter.figures.style import Palette

if TYPE_CHECKING:
    import pandas as pd

Shapes = NDArray[np.float64]

LINES_MAX = 250  # single profiles drawn behind a centroid: enough to see the spread, few enough to see lines
_PEAK_SHARE_MIN = 0.1  # a single odd hour among the peak hours doesn't make that hour of the day a peak


@dataclass(frozen=True)
class Scene:
    """The input of all figure functions."""

    facts: Facts
    palette: Palette
    peak_blocks: list[tuple[int, int]]
    """Hours of the day in which peak hours fall, as [first, last)."""
    shapes: list[Shapes]
    """By segment: (n, 24) shapes of a sample of members."""

    @property
    def segments(self) -> list[Segment]:
        """Segments in canonical order."""
        return self.facts.segments

    @property
    def comparison(self) -> Comparison:
        """Change since an earlier run; only where the facts have it."""
        assert self.facts.change is not None
        return self.facts.change

    @property
    def mean_profile_kw(self) -> list[float]:
        """Mean load of all customers used by local hour [kW]."""
        return weighted_mean([segment.profile_kw for segment in self.segments], self._customers)

    @property
    def mean_weekday_kw(self) -> list[float]:
        """The same on weekdays [kW]."""
        return weighted_mean([segment.weekday_kw for segment in self.segments], self._customers)

    @property
    def _customers(self) -> list[int]:
        return [segment.customers for segment in self.segments]


def make_scene(facts: Facts, profiles: "pd.DataFrame", palette: Palette | None = None) -> Scene:
    """Everything that the figures need, drawn once from the profiles of a run."""
    return Scene(
        facts=facts,
        palette=palette or Palette(),
        peak_blocks=peak_blocks(facts),
        shapes=[_sample(profiles, segment.segment_id) for segment in facts.segments],
    )


def peak_blocks(facts: Facts) -> list[tuple[int, int]]:
    """Hours of the day that hold at least a tenth of the peak hours, joined to blocks [first, last)."""
    peak = Counter(int(hour.start[11:13]) for hour in facts.targets.peak_hours.hours)
    total = sum(peak.values())
    hours = sorted(hour for hour, number in peak.items() if number >= _PEAK_SHARE_MIN * total)
    blocks: list[tuple[int, int]] = []
    for hour in hours:
        if blocks and blocks[-1][1] == hour:
            blocks[-1] = (blocks[-1][0], hour + 1)
        else:
            blocks.append((hour, hour + 1))
    return blocks


def weighted_mean(profiles: Sequence[Profile], weights: Sequence[int]) -> list[float]:
    """Mean of profiles, each counted for its customers."""
    return [float(value) for value in np.average(np.asarray(profiles), axis=0, weights=weights)]


def _sample(profiles: "pd.DataFrame", segment_id: str) -> Shapes:
    """Shapes of at most ``LINES_MAX`` members, the same ones whatever the order of rows."""
    members = profiles[profiles["segment_id"].astype(str) == segment_id]
    members = members.sort_values("customer_id")
    if len(members) > LINES_MAX:
        chosen = np.random.default_rng(0).choice(len(members), LINES_MAX, replace=False)
        members = members.iloc[np.sort(chosen)]
    load = members[[f"profile_{hour:02d}" for hour in range(24)]].to_numpy(dtype=float)
    scale = np.abs(load).mean(axis=1, keepdims=True)
    used = scale[:, 0] > 0
    return np.asarray(load[used] / scale[used])
