"""Few customers with both halves of their days: what is asked of the halves is left open, not a crash."""

from pathlib import Path

import builders
import numpy as np

from reporter.segments.build import segment
from reporter.settings import Settings


def test_customers_read_every_other_day_still_make_segments(tmp_path: Path) -> None:
    frame = builders.long_table(customers=40, days=30, seed=1)
    number = frame["customer_id"].str[1:].astype(int)
    rng = np.random.default_rng(1)
    highest, height = rng.uniform(14, 22, 40)[number], rng.uniform(0.2, 2, 40)[number]
    load = 0.3 + height * np.exp(-(((frame["timestamp"].dt.hour - highest) / 2.5) ** 2))
    frame["kwh"] = (load * rng.gamma(4, 1 / 4, len(frame))).round(3)
    other_day = (frame["timestamp"].dt.day_of_year % 2 == 0) | (number < 4)
    profiles, _ = builders.profiled(builders.parquet(frame[other_day], tmp_path))
    result = segment(profiles, Settings())
    assert all(candidate.usefulness is None for candidate in result.choice.candidates)
    assert result.choice.chosen_by in {"stability", "silhouette"}


def test_more_segments_than_are_tried_are_measured_too(tmp_path: Path) -> None:
    profiles, _ = builders.profiled(builders.parquet(builders.long_table(customers=60, days=20), tmp_path))
    settings = Settings.model_validate({"segments": {"k": 7, "k_max": 4, "bootstraps": 3}})
    result = segment(profiles, settings)
    assert [candidate.k for candidate in result.choice.candidates] == [2, 3, 4, 7]
