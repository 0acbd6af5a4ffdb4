"""Segments over many periods, the oldest run's held fixed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reporter.compare.pair import hold_class
from reporter.facts import Trend
from reporter.run import Run


def trends(runs: Sequence[Run]) -> list[Trend]:
    """Share, size and loads of the oldest run's segments in every period; empty for two runs."""
    if len(runs) < 3:
        return []
    segments = runs[0].facts.segments
    periods = [_members(runs[0], run) for run in runs]
    return [
        Trend(
            segment_id=segment.segment_id,
            title=segment.title,
            share=[float((frame["segment"] == place).mean()) for frame in periods],
            customers=[int((frame["segment"] == place).sum()) for frame in periods],
            mean_kw=[_mean(frame, place, "mean_kw") for frame in periods],
            coincident_kw=[_mean(frame, place, "coincident_kw") for frame in periods],
        )
        for place, segment in enumerate(segments)
    ]


def _members(oldest: Run, run: Run) -> pd.DataFrame:
    profiles = run.profile_columns({"profile", *oldest.segmentation.kinds})
    profiles, _ = hold_class(oldest, oldest.profile_columns(()), run, profiles)
    frame = pd.DataFrame(
        {
            "customer_id": profiles["customer_id"],
            "segment": oldest.segmentation.apply(profiles),
        }
    )
    return frame.merge(
        run.customer_columns(("customer_id", "mean_kw", "coincident_kw")), on="customer_id", how="left"
    )


def _mean(frame: pd.DataFrame, place: int, column: str) -> float | None:
    value = frame.loc[frame["segment"] == place, column].mean()
    return None if np.isnan(value) else float(value)
