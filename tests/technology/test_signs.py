"""Signs of devices against generated truth, decoys and real homes."""

from datetime import date
from pathlib import Path

import builders
import numpy as np
import pytest

from reporter.profiles.build import build_profiles
from reporter.profiles.days import day_blocks
from reporter.readings import open_engine, read
from reporter.sample.street import draw_street
from reporter.technology.build import find_technology
from reporter.technology.clusters import FEATURES as CLUSTER_FEATURES
from reporter.technology.signatures import RESOLUTIONS, probability, signature
from reporter.technology.solar import FEATURES as SOLAR_FEATURES

from .device_days import examined, generated, precision_recall


@pytest.mark.parametrize(("minutes", "customers"), [(60, 500), (30, 250), (15, 200)])
def test_cars_and_panels_are_found_in_generated_readings(minutes: int, customers: int) -> None:
    kw, temperature, truth = generated(customers, minutes, seed=9000 + minutes)
    signs = examined(kw, minutes, temperature).signs()
    for name, column in (("ev", "ev_kw"), ("solar", "solar_kw")):
        precision, recall = precision_recall(truth[column].to_numpy() > 0, signs[name])
        assert precision >= 0.9, name
        assert recall >= 0.9, name


def test_without_temperatures_the_load_of_everybody_stands_in() -> None:
    kw, _, truth = generated(400, 60, seed=9100)
    technology = examined(kw)
    precision, recall = precision_recall(truth["ev_kw"].to_numpy() > 0, technology.signs()["ev"])
    assert min(precision, recall) >= 0.85
    assert np.isnan(technology.heating_probability).all()
    assert np.isnan(technology.temperature_peak_kw).all()


def test_ovens_tanks_and_storage_heaters_are_no_cars() -> None:
    decoys = {"heating": 0.6, "water": 0.8, "cooling": 0.5, "pool": 0.2}
    street = draw_street(150, 9200, start=date(2026, 1, 1), days=60, shares=decoys)
    for minutes in (60, 15):
        signs = examined(street.kw(minutes), minutes, street.sky.daily_c, start=street.start).signs()
        # Six and eight times as many decoys as the probabilities start from.
        assert signs["ev"].mean() <= 0.06
        assert signs["solar"].mean() <= 0.02


def test_cars_are_found_among_kettles_and_ovens() -> None:
    street = draw_street(150, 9300, start=date(2026, 7, 1), days=60, shares={"ev": 0.5, "solar": 0.3})
    technology = examined(street.kw(60), 60, street.sky.daily_c, start=street.start)
    truth = street.truth["ev_kw"].to_numpy(dtype=float)
    precision, recall = precision_recall(truth > 0, technology.signs()["ev"])
    assert precision >= 0.9
    assert recall >= 0.75
    found = technology.signs()["ev"] & (truth > 0)
    np.testing.assert_allclose(np.median(technology.ev_kw[found] / truth[found]), 1, atol=0.05)


def test_a_probability_means_what_it_says() -> None:
    street = draw_street(
        400, 9400, start=date(2026, 4, 1), days=60, shares={"ev": 0.1, "water": 0.3, "heating": 0.15}
    )
    chance = examined(street.kw(60), 60, street.sky.daily_c, start=street.start).ev_probability
    has = street.truth["ev_kw"].to_numpy(dtype=float) > 0
    # As many cars as the probabilities add up to, within what chance allows.
    assert abs(chance.sum() - has.sum()) <= 4 * np.sqrt((chance * (1 - chance)).sum()) + 5
    assert has[chance > 0.8].mean() >= 0.75
    assert has[chance < 0.2].mean() <= 0.06


def test_probabilities_start_from_the_share_that_is_expected() -> None:
    odds = np.array([0.0])
    assert probability(odds, "ev")[0] == pytest.approx(0.5)
    # Odds of 1 at a prior of 1 to 9 are odds of 9/99 at 1 to 99.
    assert probability(odds, "ev", 0.01)[0] == pytest.approx(1 / (1 + 99 / 9))


def test_the_shipped_trees_ask_for_features_that_there_are() -> None:
    for technology, names in (
        ("ev", CLUSTER_FEATURES),
        ("water", CLUSTER_FEATURES),
        ("solar", SOLAR_FEATURES),
    ):
        for minutes in RESOLUTIONS if technology != "solar" else (60,):
            trees = signature(technology, minutes)
            assert trees.features == names
            assert trees.asks.max() < len(names)
            assert np.isfinite(trees.answers).all()
            assert trees.slope > 0


def test_finer_and_odd_intervals_are_brought_to_one_that_is_known() -> None:
    kw, temperature, truth = generated(120, 15, seed=9500)
    five = kw.repeat(3, axis=2)
    once, again = examined(kw, 15, temperature), examined(five, 5, temperature)
    np.testing.assert_allclose(once.ev_probability, again.ev_probability, atol=1e-5)
    assert len(truth) == len(examined(kw.reshape(*kw.shape[:2], 48, 2).mean(3).repeat(5, axis=2), 6).ev_kw)


def test_scottish_homes_of_2009_have_no_cars_and_next_to_no_panels(real_data: Path) -> None:
    settings = builders.settings(readings__source_timezone="+00:00", readings__timezone="Europe/London")
    with open_engine(settings.running) as engine:
        readings = read([real_data / "edrp_scotland622.parquet"], engine, settings)
        profiles = build_profiles(readings, engine, settings)
        rows = np.arange(len(profiles.customer_id))
        technology = find_technology(day_blocks(readings, engine, rows), profiles, None, settings.technology)
    signs = technology.signs()
    assert signs["ev"].sum() <= 1
    assert signs["solar"].sum() <= 12
