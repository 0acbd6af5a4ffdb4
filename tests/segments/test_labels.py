"""Labels on shapes made by hand, and titles that tell segments apart."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.errors import UsageError
from reporter.segments.labels import label, order_key, titles
from reporter.settings import LabelRule, LabelSettings, resolve

ORDER = LabelSettings().order

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
    assert set(CASES) == set(ORDER) == {rule.label for rule in LabelSettings().rules}


@pytest.mark.parametrize(("hour", "name"), [(23, "night-peak"), (0, "night-peak"), (5, "night-peak"), (6, "morning-peak"), (10, "midday-peak"), (16, "evening-peak"), (22, "evening-peak")])  # fmt: skip
def test_windows_begin_with_their_first_hour_and_pass_midnight(hour: int, name: str) -> None:
    assert label(shape((hour, 4.0)), LabelSettings())[0] == name


def test_a_moderate_peak_is_mid_peak_whatever_its_hour() -> None:
    for hour in HOURS:
        assert label(shape((int(hour), 0.9)), LabelSettings())[0] == "mid-peak"


def test_a_dip_at_midday_is_solar_without_export_too() -> None:
    name, evidence = label(DIP, LabelSettings())
    assert name == "solar-export"
    assert "from 10 to 16 h" in evidence


def with_rule(**changes: object) -> LabelSettings:
    """The usual table with the first rule of a label changed."""
    rules = list(LabelSettings().rules)
    place = next(i for i, rule in enumerate(rules) if rule.label == changes["label"])
    rules[place] = LabelRule.model_validate(changes)
    return LabelSettings(rules=tuple(rules))


def test_the_table_is_edited_without_code(tmp_path: Path) -> None:
    peaky = shape((19, 0.9))
    ratio = float(peaky.max() / peaky.mean())
    assert label(peaky, with_rule(label="flat", peak_to_mean=(0, ratio + 0.01)))[0] == "flat"
    assert label(peaky, with_rule(label="mid-peak", peak_to_mean=(0, ratio - 0.01)))[0] == "evening-peak"
    two = shape((7, 3.0), (19, 4.0))
    assert label(two, LabelSettings())[0] == "double-peak"
    assert label(two, LabelSettings(second_peak=0.99))[0] == "evening-peak"
    file = tmp_path / "reporter.toml"
    file.write_text(
        """
[labels]
order = ["pool-pump", "evening-peak"]
rules = [
    { label = "pool-pump", peak = [10, 15], width_hours = [4, 9], load_factor = [0, 0.7], says = "a pump that runs by day" },
    { label = "evening-peak", peak = [16, 23], sign = "import" },
]
""",
        encoding="utf-8",
    )
    own = resolve(config_file=file, environment={}).settings.labels
    name, evidence = label(shape((12, 3.0, 2.5)), own)
    assert name == "pool-pump"
    assert "lasts" in evidence
    assert evidence.endswith("a pump that runs by day")
    assert label(shape((12, 3.0, 0.5)), own) == ("flat", label(shape((12, 3.0, 0.5)), own)[1])
    assert label(shape((19, 3.0)), own)[0] == "evening-peak"
    assert order_key("pool-pump", peaky, own) < order_key("evening-peak", peaky, own)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[labels]\nrules = [{ label = "a", wide = 3 }]', "wide"),
        ('[labels]\nrules = [{ label = "a", window = [1, 2] }]', "window_to_mean"),
        ("[labels]\nrules = []", "empty"),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "reporter.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        resolve(config_file=file, environment={})


def test_of_equal_hours_the_one_with_the_higher_neighbours_is_the_peak() -> None:
    load = np.ones(24)
    load[[8, 18, 19]] = 4.0
    assert label(load / load.mean(), LabelSettings(second_peak=2))[0] == "evening-peak"


def test_the_rules_agree_with_labels_given_by_hand() -> None:
    """60 noisy profiles, labelled from their pictures before any rule had seen them."""
    golden = pd.read_csv(Path(__file__).parent / "golden_profiles.csv")
    loads = golden.filter(regex=r"^h\d\d$").to_numpy(dtype=float)
    found = [label(load / np.abs(load).mean(), LabelSettings())[0] for load in loads]
    agree = found == golden["label"]
    assert len(golden) == 60
    assert agree.mean() >= 0.9, list(zip(golden["profile"][~agree], golden["label"][~agree], strict=True))
    assert golden["label"].nunique() == len(ORDER)


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
    keys = [order_key(label(s, LabelSettings())[0], s, LabelSettings()) for s in made]
    assert sorted(range(4), key=lambda i: keys[i]) == [2, 1, 0, 3]
