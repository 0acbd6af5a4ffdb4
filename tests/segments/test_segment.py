"""Segmentation on data whose truth is known."""

import dataclasses
import json
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from reporter.profiles import Profiles
from reporter.sample import CLASS_LABELS, generate_sample
from reporter.segments import Segmentation, apply
from reporter.segments.build import segment
from reporter.segments.methods.kmeans import assign
from reporter.settings import Settings


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profiles, pd.Series]:
    sample = generate_sample(2000, days=42, seed=11)
    path = tmp_path_factory.mktemp("known") / "readings.parquet"
    sample.readings.to_pandas().to_parquet(path)
    profiles, _ = builders.profiled(path, audit__min_days=7)
    truth = sample.truth.to_pandas().set_index("customer_id")["shape_class"]
    return profiles, truth


@pytest.fixture(scope="module")
def found(quarter: tuple[Profiles, pd.Series]) -> Segmentation:
    return segment(quarter[0], Settings())


def test_known_classes_are_found(quarter: tuple[Profiles, pd.Series], found: Segmentation) -> None:
    profiles, truth = quarter
    classes = truth.loc[profiles.customer_id]
    assert adjusted_rand_score(classes, found.assignment) >= 0.85
    labels = np.array([found.labels[i].label for i in found.assignment])
    for name in ("evening-peak", "flat", "night-ev", "solar"):
        members = labels[(classes == name).to_numpy()]
        assert (members == CLASS_LABELS[name]).mean() > 0.8, name


def test_the_result_is_sound(found: Segmentation) -> None:
    k = len(found.labels)
    assert found.choice.k == k
    assert np.bincount(found.assignment, minlength=k).min() > 0
    assert len({label.title for label in found.labels}) == k
    assert [label.segment_id for label in found.labels] == [f"S{n + 1}" for n in range(k)]
    assert found.diagnostics is not None
    assert found.diagnostics.unseen is not None
    assert 0 < found.diagnostics.unseen.shape_explained < 1
    assert len(found.diagnostics.silhouette) == len(found.diagnostics.sample)
    assert found.choice.reason.startswith(f"{k} segments")


def test_new_profiles_are_assigned_as_the_old_ones_were(
    quarter: tuple[Profiles, pd.Series], found: Segmentation
) -> None:
    profiles, _ = quarter
    np.testing.assert_array_equal(apply(found, profiles.profile_kw), found.assignment)
    np.testing.assert_array_equal(apply(found, profiles.profile_kw * np.float32(8)), found.assignment)
    backwards = apply(found, profiles.profile_kw[::-1])
    np.testing.assert_array_equal(backwards[::-1], found.assignment)


def small(profiles: Profiles, rows: np.ndarray) -> Profiles:
    place = {row: n for n, row in enumerate(rows)}
    kept = [n for n, row in enumerate(profiles.daily.rows) if row in place]
    daily = dataclasses.replace(
        profiles.daily,
        rows=np.array([place[profiles.daily.rows[n]] for n in kept]),
        kw=profiles.daily.kw[kept],
    )
    values = {
        name: value[rows]
        for name, value in vars(profiles).items()
        if isinstance(value, np.ndarray) and len(value) == len(profiles.customer_id)
    }
    return dataclasses.replace(profiles, **values, daily=daily)


def test_same_seed_same_bits_and_other_seed_the_same_groups(quarter: tuple[Profiles, pd.Series]) -> None:
    profiles = small(quarter[0], np.arange(600))
    fast = {"segments": {"bootstraps": 3, "starts": 5, "k_max": 8}}
    first = segment(profiles, Settings.model_validate(fast))
    again = segment(profiles, Settings.model_validate(fast))
    assert first.centroids.tobytes() == again.centroids.tobytes()
    assert first.choice == again.choice
    np.testing.assert_array_equal(first.assignment, again.assignment)
    other = segment(profiles, Settings.model_validate(fast | {"seed": 5}))
    assert adjusted_rand_score(first.assignment, other.assignment) > 0.95


def test_order_of_customers_does_not_change_the_segments(quarter: tuple[Profiles, pd.Series]) -> None:
    profiles = small(quarter[0], np.arange(600))
    order = np.random.default_rng(0).permutation(600)
    fast = Settings.model_validate({"segments": {"k": 8, "bootstraps": 2, "k_max": 3}})
    first, turned = segment(profiles, fast), segment(small(profiles, order), fast)
    assert [label.label for label in first.labels] == [label.label for label in turned.labels]
    assert adjusted_rand_score(first.assignment[order], turned.assignment) > 0.98
    agree = (first.assignment[order] == turned.assignment).mean()
    assert agree > 0.98  # not only the same groups: the same numbers for them


@pytest.mark.parametrize("k", [1, 2, 5, 9])
def test_the_user_gets_as_many_segments_as_asked_for(k: int, quarter: tuple[Profiles, pd.Series]) -> None:
    profiles = small(quarter[0], np.arange(300))
    settings = Settings.model_validate({"segments": {"k": k, "bootstraps": 2, "k_max": 3, "starts": 3}})
    result = segment(profiles, settings)
    assert len(result.labels) == len(set(result.assignment)) == result.choice.k == k
    assert result.choice.chosen_by == "user"
    assert len({label.title for label in result.labels}) == k


@pytest.mark.parametrize("normalise", ["l2", "l1", "minmax", "zscore", "cumulative"])
def test_every_normalisation_goes_through(normalise: str, quarter: tuple[Profiles, pd.Series]) -> None:
    profiles = small(quarter[0], np.arange(200))
    settings = Settings.model_validate(
        {"segments": {"normalise": normalise, "bootstraps": 2, "k_max": 4, "starts": 2}}
    )
    result = segment(profiles, settings)
    np.testing.assert_array_equal(apply(result, profiles.profile_kw), result.assignment)


def test_one_shape_at_many_sizes_is_no_structure(tmp_path: Path) -> None:
    frame = builders.by_rule(lambda n, t: builders.EVENING[t.hour] * (n + 1), customers=30, days=15)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    for wanted in ({}, {"k": 4}):
        result = segment(profiles, Settings.model_validate({"segments": wanted}))
        assert len(result.labels) == 1
        assert result.diagnostics is not None
        assert {f.name for f in result.diagnostics.findings} == {"no-structure"}


@pytest.mark.parametrize("lasting", [True, False])
def test_one_noisy_shape_at_many_sizes_is_no_structure(lasting: bool, tmp_path: Path) -> None:
    """Noise of 12 %, from reading to reading or from home to home for good."""
    generator = np.random.default_rng(0)

    def load(n: int, t: pd.DatetimeIndex) -> np.ndarray:
        own = np.exp(0.12 * generator.standard_normal(24 if lasting else len(t)))
        return (
            builders.EVENING[t.hour]
            * np.exp(0.6 * generator.standard_normal())
            * (own[t.hour] if lasting else own)
        )

    frame = builders.by_rule(load, customers=300, days=20)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    result = segment(
        profiles, Settings.model_validate({"segments": {"bootstraps": 3, "k_max": 6, "starts": 3}})
    )
    assert len(result.labels) == 1
    assert (result.choice.k, result.choice.chosen_by) == (1, "no-structure")
    assert result.diagnostics is not None
    assert {f.name for f in result.diagnostics.findings} == {"no-structure"}


def test_two_shapes_are_two_segments_however_many_are_asked_for(tmp_path: Path) -> None:
    turned = np.roll(builders.EVENING, 12)
    frame = builders.by_rule(
        lambda n, t: (builders.EVENING if n % 2 else turned)[t.hour] * (n + 1), customers=30, days=15
    )
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    chosen = segment(profiles, Settings())
    assert len(chosen.labels) == 2
    assert {label.label for label in chosen.labels} == {"evening-peak", "morning-peak"}
    wanted = segment(profiles, Settings.model_validate({"segments": {"k": 5}}))
    assert len(wanted.labels) == wanted.choice.k == 2
    assert "5 were wanted" in wanted.choice.reason


def test_a_continuum_and_unstable_segments_are_said(tmp_path: Path) -> None:
    frame = builders.long_table(customers=40, days=20, seed=3)
    profiles, _ = builders.profiled(builders.parquet(frame, tmp_path))
    # Homes that differ by chance alone are one segment; who wants four is told what they are worth.
    assert segment(profiles, Settings()).choice.chosen_by == "no-structure"
    result = segment(profiles, Settings.model_validate({"segments": {"k": 4}}))
    assert result.diagnostics is not None
    findings = {f.name: f for f in result.diagnostics.findings}
    assert {"continuum", "unstable-segments"} <= set(findings)
    chosen = next(c for c in result.choice.candidates if c.k == result.choice.k)
    assert f"{chosen.silhouette:.2f}" in findings["continuum"].description


def test_nearest_centroid_decides() -> None:
    shapes = np.array([[0.0, 0], [1, 0], [0.2, 0.1], [0.9, 0.9]], dtype="float32")
    centroids = np.array([[0, 0], [1, 0], [1, 1]], dtype="float32")
    assert assign(shapes, centroids).tolist() == [0, 1, 0, 2]


def test_a_saved_segmentation_assigns_as_the_run_did(
    quarter: tuple[Profiles, pd.Series], found: Segmentation
) -> None:
    from reporter.run import SavedSegmentation, profile_table

    centroids = [[float(f"{value:.9g}") for value in row] for row in found.centroids.tolist()]
    saved = SavedSegmentation.model_validate_json(
        json.dumps(
            {
                "schema_version": "1.0",
                **dataclasses.asdict(found.space),
                "segments": [vars(label) for label in found.labels],
                "centroids": centroids,
            }
        )
    )
    np.testing.assert_array_equal(saved.apply(profile_table(quarter[0], found)), found.assignment)
