"""``--within``: each class is segmented by itself; classes and their shapes are known."""

from dataclasses import replace
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from reporter.errors import UsageError
from reporter.profiles import Profiles
from reporter.run import read_facts, read_run
from reporter.sample import generate_sample
from reporter.segments import Segmentation, apply
from reporter.segments.cells import cells
from reporter.segments.within import segment_within
from reporter.settings import Settings
from reporter.targets.classes import class_column, classes_of

SHAPES = {
    "house": {"evening-peak": 0.4, "flat": 0.3, "solar": 0.3},
    "apartment": {"evening-peak": 0.5, "morning-peak": 0.5},
    "shop": {"midday-peak": 1.0},
    "kiosk": {"midday-peak": 1.0},
}
"""Class → the shapes in it. Both large classes have evening peaks."""

SIZES = {"house": 150, "apartment": 100, "shop": 30, "kiosk": 12}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profiles, pd.DataFrame]:
    readings, truth = [], []
    for seed, (name, shares) in enumerate(SHAPES.items()):
        sample = generate_sample(SIZES[name], days=21, seed=40 + seed, shares=shares)
        for table, kept in ((sample.readings, readings), (sample.truth, truth)):
            frame = table.to_pandas()
            ids = name[0] + frame["customer_id"].astype(str)
            kept.append(frame.assign(customer_id=ids, dwelling=name))
    path = builders.parquet(pd.concat(readings).drop(columns="dwelling"), tmp_path_factory.mktemp("town"))
    profiles, _ = builders.profiled(path)
    return profiles, pd.concat(truth).set_index("customer_id").loc[profiles.customer_id].reset_index()


def settings(**options: object) -> Settings:
    return Settings.model_validate(
        {"segments": {"bootstraps": 3, "starts": 5, "k_max": 5, "within_least": 40, **options}}
    )


def segmented(town: tuple[Profiles, pd.DataFrame], **options: object) -> Segmentation:
    profiles, people = town
    return segment_within(profiles, classes_of(people, "dwelling", profiles.customer_id), settings(**options))


@pytest.fixture(scope="module")
def found(town: tuple[Profiles, pd.DataFrame]) -> Segmentation:
    return segmented(town)


def test_the_shapes_of_each_class_are_found_and_no_segment_holds_two_classes(
    town: tuple[Profiles, pd.DataFrame], found: Segmentation
) -> None:
    people = town[1]
    for name in ("house", "apartment"):
        members = (people["dwelling"] == name).to_numpy()
        assert adjusted_rand_score(people["shape_class"][members], found.assignment[members]) >= 0.9
    held = people.groupby(found.assignment)["dwelling"].agg(set)
    assert all(len(classes) == 1 or classes == {"shop", "kiosk"} for classes in held)


def test_everybody_has_a_segment_and_titles_tell_classes_apart(
    town: tuple[Profiles, pd.DataFrame], found: Segmentation
) -> None:
    assert found.within is not None
    used = town[1]["dwelling"].value_counts()
    assert [(one.name, one.customers) for one in found.within.classes] == [
        ("house", used["house"]),
        ("apartment", used["apartment"]),
        ("other classes", used["shop"] + used["kiosk"]),
    ]
    places = [place for one in found.within.classes for place in one.places]
    assert sorted(places) == list(range(len(found.labels)))
    assert np.bincount(found.assignment, minlength=len(places)).min() > 0
    titles = [label.title for label in found.labels]
    assert len(set(titles)) == len(titles)
    assert titles[:2] == ["Evening peak, house", "Evening peak, apartment"]
    assert "Flat" in titles, "one class alone has it"
    assert [label.segment_id for label in found.labels] == [f"S{n + 1}" for n in range(len(titles))]


def test_small_classes_are_pooled_and_it_is_said(
    town: tuple[Profiles, pd.DataFrame], found: Segmentation
) -> None:
    used = town[1]["dwelling"].value_counts()
    assert found.diagnostics is not None
    said = {finding.name: finding for finding in found.diagnostics.findings}
    assert f"shop ({used['shop']})" in said["classes-pooled"].description
    assert f"kiosk ({used['kiosk']})" in said["classes-pooled"].description
    # One shape at many sizes: that class alone has no structure.
    assert "other classes" in said["no-structure-in-class"].description
    assert "no-structure" not in said


def test_classes_too_few_even_together_go_to_the_nearest_segment_of_any(
    town: tuple[Profiles, pd.DataFrame],
) -> None:
    result = segmented(town, within_least=60)
    assert result.within is not None
    assert result.within.nearest == town[1]["dwelling"].value_counts()[["shop", "kiosk"]].to_dict()
    assert (result.assignment >= 0).all()
    assert {one.name for one in result.within.classes} == {"house", "apartment"}
    assert result.diagnostics is not None
    assert any("nearest segment of any class" in f.description for f in result.diagnostics.findings)


def test_customers_are_assigned_within_their_class(
    town: tuple[Profiles, pd.DataFrame], found: Segmentation
) -> None:
    profiles, people = town
    rows = cells(profiles, found.space.kinds)
    again = apply(found, rows, people["dwelling"].to_numpy(dtype=object))
    assert (again == found.assignment).mean() > 0.99
    assert found.within is not None
    # A house's load in an apartment is an apartment's; what is not known gets the nearest of all.
    as_apartments = apply(found, rows, np.full(len(rows), "apartment", dtype=object))
    assert set(as_apartments) <= set(found.within.classes[1].places)
    for other in ("castle", None):
        strangers = apply(found, rows, np.full(len(rows), other, dtype=object))
        assert len(set(strangers) & set(found.within.classes[0].places)) > 0
        assert len(set(strangers) & set(found.within.classes[1].places)) > 0
    # An empty cell is a class of the file, and nobody whose class is not known is in it.
    empty = replace(
        found.within,
        classes=(replace(found.within.classes[0], values=("house", "")), *found.within.classes[1:]),
    )
    blank = apply(replace(found, within=empty), rows, np.full(len(rows), "", dtype=object))
    assert set(blank) <= set(found.within.classes[0].places)
    unknown = apply(replace(found, within=empty), rows, np.full(len(rows), None, dtype=object))
    assert (unknown == strangers).all()


def test_neither_the_order_of_the_file_nor_a_second_run_changes_anything(
    town: tuple[Profiles, pd.DataFrame], found: Segmentation
) -> None:
    profiles, people = town
    shuffled = people.sample(frac=1, random_state=3)
    again = segment_within(profiles, classes_of(shuffled, "dwelling", profiles.customer_id), settings())
    assert np.array_equal(again.assignment, found.assignment)
    assert again.labels == found.labels
    assert np.array_equal(again.centroids, found.centroids)


@pytest.mark.parametrize("method", ["hierarchical", "dtw", "dictionary"])
def test_every_method_works_within_classes(method: str, town: tuple[Profiles, pd.DataFrame]) -> None:
    result = segmented(town, method=method, k=2, k_max=2)
    assert len(result.labels) == 6
    assert (result.assignment >= 0).all()
    if method == "dictionary":
        assert result.diagnostics is not None
        typical = result.diagnostics.typical_days
        assert typical is not None
        assert np.allclose(typical.encoding.shares.sum(axis=1), 1, atol=1e-5)


def test_a_column_without_large_classes_is_refused(town: tuple[Profiles, pd.DataFrame]) -> None:
    profiles, people = town
    classes = classes_of(people.assign(own=people["customer_id"]), "own", profiles.customer_id)
    with pytest.raises(UsageError, match=r"--within: no class of 'own' has 40 customers"):
        segment_within(profiles, classes, settings())


PEOPLE = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "Net metered": ["yes", "no", None, "YES"],
        "rate": [1.0, 2.0, np.nan, 1.0],
        "dwelling": [" flat ", "house", "", "flat"],
        "empty": [None, "", " ", None],
    }
)
IDS = np.array(["a", "b", "c", "d", "e"])


@pytest.mark.parametrize(
    ("column", "classes", "words"),
    [
        (
            "Net metered",
            ["yes", "no", "", "yes", ""],
            {"Net metered", "not Net metered", "Net metered not known"},
        ),
        ("rate", ["1", "2", "", "1", ""], {"rate 1", "rate 2", "rate not known"}),
        ("dwelling", ["flat", "house", "", "flat", ""], {"flat", "house", "dwelling not known"}),
    ],
)
def test_classes_are_read_as_people_write_them(column: str, classes: list[str], words: set[str]) -> None:
    read = classes_of(PEOPLE, column, IDS)
    assert read.of.tolist() == classes
    assert set(read.words.values()) == words


def test_columns_are_found_whatever_their_capitals_and_refused_in_a_sentence() -> None:
    assert class_column(PEOPLE, "net_metered") == "Net metered"
    with pytest.raises(UsageError, match="--customers"):
        class_column(None, "dwelling")
    with pytest.raises(UsageError, match="no column 'colour'; it has Net metered, rate"):
        class_column(PEOPLE, "colour")
    with pytest.raises(UsageError, match="'empty' of the customer file is empty"):
        class_column(PEOPLE, "empty")


def test_where_chooses_first_and_each_class_of_the_chosen_is_segmented(tmp_path: Path) -> None:
    shapes = [builders.EVENING, np.roll(builders.EVENING, 12)]
    frame = builders.by_rule(lambda n, t: (1 + n % 5) * shapes[n % 2][t.hour], customers=60, days=8)
    people = pd.DataFrame(
        {
            "customer_id": [f"C{n:03d}" for n in range(60)],
            "rate": ["A"] * 48 + ["B"] * 12,
            "dwelling": (["house"] * 2 + ["flat"] * 2) * 15,
        }
    )
    people.to_csv(tmp_path / "people.csv", index=False)
    run = builders.make_run(
        builders.parquet(frame, tmp_path), tmp_path / "run", tmp_path / "people.csv",
        segments__where="rate == 'A'", segments__within="dwelling", segments__within_least=20, segments__k_max=2,
    )  # fmt: skip
    facts = read_run(run).facts
    assert facts.within is not None
    assert {(one.name, one.customers) for one in facts.within.classes} == {("house", 24), ("flat", 24)}
    assert [entry.customers for entry in facts.quality.excluded if entry.reason == "not-chosen"] == [12]
    assert sum(segment.customers for segment in facts.segments) == 48
    assert {segment.class_name for segment in facts.segments} == {"house", "flat"}
    assert facts.selection.k == len(facts.segments) == 4


def test_a_report_for_others_tells_no_size_of_a_class(tmp_path: Path) -> None:
    shapes = [builders.EVENING, np.roll(builders.EVENING, 12)]
    noise = np.random.default_rng(5)
    frame = builders.by_rule(
        lambda n, t: (1 + n % 5) * shapes[n % 2][t.hour] * noise.gamma(100, 0.01, len(t)),
        customers=133,
        days=14,
    )
    dwelling = ["house", "house", "flat", "flat"] * 32 + ["boat"] * 5
    people = pd.DataFrame({"customer_id": [f"C{n:03d}" for n in range(133)], "dwelling": dwelling})
    people.to_csv(tmp_path / "people.csv", index=False)
    run = builders.make_run(
        builders.parquet(frame, tmp_path), tmp_path / "run", tmp_path / "people.csv",
        segments__within="dwelling", segments__k_max=2, output__audience="external", output__formats=[],
        targets__goal_kw=1000.0, targets__holdout_share=0.0,
    )  # fmt: skip
    text = (run / "facts.json").read_text(encoding="utf-8")
    assert "classes-pooled" not in text
    assert "boat" not in text
    assert read_facts(run).within is None
