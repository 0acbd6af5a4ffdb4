"""Labels on shapes made by hand, and titles that tell segments apart."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.segments.labels import ORDER, label, order_key, titles
from reporter.settings import LabelSettings

HOURS = np.arange(24)


def bump(hour: int, height: float, width: float = 2.0) -> np.ndarray:
    distance = np.minimum((HOURS - hour) % 24, (hour - HOURS) % 24)
    return height * np.exp(-0.5 * (distance / width) ** 2)


def shape(*bumps: tuple[int, float], base: float = 1.0) -> np.ndarray:
    load = base + sum((bump(*b) for b in bumps), np.zeros(24))
    return load / np.abs(load).mean()


SOLAR = np.where((HOURS >= 10) & (HOURS < 16), -0.5, 1.0)
DIP = np.where((HOURS >= 9) & (HOURS < 17), 0.1, 1.0)

CASES = {
    "evening-peak": shape((19, 3.0)),
    "morning-peak": shape((8, 3.0)),
    "midday-peak": shape((13, 3.0)),
    "night-peak": shape((2, 3.0)),
    "mid-peak": shape((19, 0.9)),
    "flat": shape((19, 0.2)),
    "double-peak": shape((7, 2.0), (19, 2.2)),
    "solar-export": SOLAR,
}


@pytest.mark.parametrize("name", list(CASES))
def test_each_label_on_its_shape(name: str) -> None:
    found, evidence = label(CASES[name], LabelSettings())
    assert found == name
    assert re.search(r"\d", evidence)


def test_every_label_has_a_case_and_a_place() -> None:
    assert set(CASES) == set(ORDER)


@pytest.mark.parametrize(("hour", "name"), [(23, "night-peak"), (0, "night-peak"), (5, "night-peak"), (6, "morning-peak"), (10, "midday-peak"), (16, "evening-peak"), (22, "evening-peak")])  # fmt: skip
def test_windows_begin_with_their_first_hour_and_pass_midnight(hour: int, name: str) -> None:
    assert label(shape((hour, 4.0)), LabelSettings())[0] == name


def test_a_moderate_peak_is_mid_peak_whatever_its_hour() -> None:
    for hour in HOURS:
        assert label(shape((int(hour), 0.9)), LabelSettings())[0] == "mid-peak"


def test_a_dip_at_midday_is_solar_without_export_too() -> None:
    name, evidence = label(DIP, LabelSettings())
    assert name == "solar-export"
    assert "middle of the day" in evidence


def test_thresholds_are_settings() -> None:
    peaky = shape((19, 0.9))
    ratio = peaky.max() / peaky.mean()
    assert label(peaky, LabelSettings(flat_peak_to_mean=ratio + 0.01))[0] == "flat"
    assert label(peaky, LabelSettings(sharp_peak_to_mean=ratio - 0.01))[0] == "evening-peak"
    assert label(peaky, LabelSettings(sharp_peak_to_mean=ratio - 0.01, evening=(20, 22)))[0] != "morning-peak"
    two = shape((7, 3.0), (19, 4.0))
    assert label(two, LabelSettings())[0] == "double-peak"
    assert label(two, LabelSettings(second_peak=0.99))[0] == "evening-peak"


def test_the_evidence_has_the_numbers_of_the_shape() -> None:
    load = shape((19, 3.0))
    _, evidence = label(load, LabelSettings())
    assert "19 h" in evidence
    assert f"{load.max() / load.mean():.2f}" in evidence


def test_no_load_at_all_has_a_label() -> None:
    assert label(np.zeros(24), LabelSettings())[0] == "flat"


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ORDER), st.integers(0, 23), st.floats(1, 3)), min_size=1, max_size=30)
)
def test_titles_are_unique(segments: list[tuple[str, int, float]]) -> None:
    names = [name for name, _, _ in segments]
    made = np.stack([shape((hour, height)) for _, hour, height in segments])
    found = titles(names, made)
    assert len(set(found)) == len(segments)
    for name, title in zip(names, found, strict=True):
        assert title.startswith(name.replace("-", " ").capitalize())


def test_a_label_alone_is_its_title() -> None:
    assert titles(["flat", "evening-peak"], np.stack([CASES["flat"], CASES["evening-peak"]])) == [
        "Flat",
        "Evening peak",
    ]


def test_canonical_order_goes_by_label_then_hour_then_sharpness() -> None:
    made = [shape((20, 3.0)), shape((18, 3.0)), shape((18, 4.0)), shape((8, 3.0))]
    keys = [order_key(label(s, LabelSettings())[0], s) for s in made]
    assert sorted(range(4), key=lambda i: keys[i]) == [2, 1, 0, 3]
