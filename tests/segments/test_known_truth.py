"""Readings made from known shapes: the shapes are found again, also in damaged readings; where there is one shape, none is made up."""

from pathlib import Path

import builders
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from reporter.sample import CLASS_SHARES, generate_sample
from reporter.segments.build import segment
from reporter.segments.model import Segmentation
from reporter.settings import Settings

_FEW_TRIES = {"bootstraps": 2, "starts": 5, "k_max": 3}


def classes_found(readings: pd.DataFrame, truth: pd.DataFrame, folder: Path) -> float:
    """Adjusted Rand index at the true number of classes."""
    profiles, _ = builders.profiled(builders.parquet(readings, folder))
    classes = truth.set_index("customer_id")["shape_class"].reindex(profiles.customer_id)
    assert len(classes) >= 0.95 * len(truth)
    result = segment(profiles, Settings.model_validate({"segments": {**_FEW_TRIES, "k": classes.nunique()}}))
    return float(adjusted_rand_score(classes, result.assignment))


@pytest.mark.parametrize("seed", [21, 22])
def test_the_classes_are_found_at_their_number(seed: int, tmp_path: Path) -> None:
    assert CLASS_SHARES["solar"] == 0.15
    sample = generate_sample(400, days=28, seed=seed, noise=0.12)
    assert classes_found(sample.readings.to_pandas(), sample.truth.to_pandas(), tmp_path) >= 0.9


def test_the_classes_are_found_in_damaged_readings(tmp_path: Path) -> None:
    """A fifth of the readings missing, a quarter of the customers read every half hour."""
    readings, truth = [], []
    for minutes, customers, mark in ((60, 300, "h"), (30, 100, "s")):
        sample = generate_sample(customers, days=28, seed=23 + minutes, interval_minutes=minutes, missing=0.2)
        for table, kept in ((sample.readings, readings), (sample.truth, truth)):
            frame = table.to_pandas()
            kept.append(frame.assign(customer_id=mark + frame["customer_id"].astype(str)))
    assert classes_found(pd.concat(readings), pd.concat(truth), tmp_path) >= 0.75


def of_sample(shares: dict[str, float], folder: Path) -> Segmentation:
    sample = generate_sample(300, days=28, seed=25, shares=shares)
    profiles, _ = builders.profiled(builders.parquet(sample.readings.to_pandas(), folder))
    return segment(profiles, Settings.model_validate({"segments": {**_FEW_TRIES, "k_max": 5}}))


@pytest.mark.parametrize("name", ["evening-peak", "double-peak"])
def test_one_class_of_homes_is_no_structure(name: str, tmp_path: Path) -> None:
    """Also where two peaks are so alike that which one is higher is chance."""
    result = of_sample({name: 1.0}, tmp_path)
    assert result.choice.chosen_by == "no-structure"
    assert len(result.labels) == 1
    assert result.diagnostics is not None
    assert {finding.name for finding in result.diagnostics.findings} >= {"no-structure"}


def test_two_classes_of_homes_are_structure(tmp_path: Path) -> None:
    result = of_sample({"evening-peak": 0.5, "morning-peak": 0.5}, tmp_path)
    assert [label.label for label in result.labels] == ["evening-peak", "morning-peak"]
