"""Shapes of a week and of seasons: customers alike on the mean day are told apart, and saved segments apply again."""

import json
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from reporter.errors import UsageError
from reporter.profiles import Profiles
from reporter.run import SavedSegmentation, profile_table
from reporter.segments import Segmentation
from reporter.segments.build import segment
from reporter.settings import Settings


def profiled(rule: object, tmp_path: Path, wanted: dict[str, object]) -> tuple[Profiles, Settings]:
    frame = builders.by_rule(rule, customers=40, days=120, start="2026-04-15")  # type: ignore[arg-type]
    flags = {f"segments.{name}": value for name, value in wanted.items()}
    flags |= {"segments.bootstraps": 3, "segments.starts": 3, "segments.k_max": 4}
    settings = builders.settings(**{name.replace(".", "__"): value for name, value in flags.items()})
    from reporter.profiles.build import build_profiles
    from reporter.readings import open_engine, read

    with open_engine(settings.running) as engine:
        path = builders.parquet(frame, tmp_path)
        return build_profiles(read([path], engine, settings), engine, settings), settings


def by_weekend(n: int, t: pd.DatetimeIndex) -> np.ndarray:
    """Odd customers turn their day round on weekends, even ones on two weekdays: the mean day is nearly the same."""
    turned = t.day_of_week.isin([5, 6] if n % 2 else [1, 3])
    return np.where(turned, np.roll(builders.EVENING, 10)[t.hour], builders.EVENING[t.hour]) * (1 + n / 10)


def by_season(n: int, t: pd.DatetimeIndex) -> np.ndarray:
    summer = t.month >= 6
    return np.where(summer == bool(n % 2), np.roll(builders.EVENING, 8)[t.hour], builders.EVENING[t.hour]) * (
        1 + n
    )


def saved(result: Segmentation) -> SavedSegmentation:
    import dataclasses

    text = {
        "schema_version": "1.0",
        **dataclasses.asdict(result.space),
        "segments": [vars(label) for label in result.labels],
        "centroids": result.centroids.tolist(),
    }
    return SavedSegmentation.model_validate_json(json.dumps(text))


@pytest.mark.parametrize(
    ("wanted", "rule", "width"),
    [
        ({"shape": "weekly"}, by_weekend, 48),
        ({"shape": "weekly", "week": "days"}, by_weekend, 168),
        ({"shape": "seasonal"}, by_season, 96),
    ],
)
def test_kinds_of_days_tell_customers_apart(
    wanted: dict[str, object], rule: object, width: int, tmp_path: Path
) -> None:
    profiles, settings = profiled(rule, tmp_path, wanted)
    result = segment(profiles, settings)
    assert result.centroids.shape[1] == width
    assert adjusted_rand_score(np.arange(40) % 2, result.assignment) == 1
    again = saved(result).apply(profile_table(profiles, result))
    np.testing.assert_array_equal(again, result.assignment)
    assert all(c.usefulness is not None for c in result.choice.candidates)


def test_a_season_that_the_newer_period_lacks_comes_from_the_mean_day(tmp_path: Path) -> None:
    profiles, settings = profiled(by_season, tmp_path, {"shape": "seasonal"})
    result = segment(profiles, settings)
    table = profile_table(profiles, result)
    without = table[[name for name in table if not name.startswith("other-months")]]
    assert len(without.columns) < len(table.columns)
    assert len(saved(result).apply(without)) == 40


def test_one_season_makes_no_seasonal_shapes(tmp_path: Path) -> None:
    frame = builders.by_rule(by_weekend, customers=30, days=20)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    with pytest.raises(UsageError, match="--shape seasonal"):
        segment(profiles, Settings.model_validate({"segments": {"shape": "seasonal"}}))
