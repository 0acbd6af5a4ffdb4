"""Two runs whose segments were made by class: ids are kept within a class, and a move is one of load."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.compare import compare
from reporter.run import Run, read_run

SHAPES = [builders.EVENING, np.roll(builders.EVENING, 12)]
CUSTOMERS = 60
HOUSES = range(40)


def people(houses: set[int]) -> pd.DataFrame:
    ids = [f"C{n:03d}" for n in range(CUSTOMERS)]
    return pd.DataFrame(
        {"customer_id": ids, "dwelling": ["house" if n in houses else "apartment" for n in range(CUSTOMERS)]}
    )


def made(folder: Path, start: str, morning: set[int], houses: set[int], **flags: object) -> Run:
    noise = np.random.default_rng(1)
    frame = builders.by_rule(
        lambda n, t: (1 + n % 5) * SHAPES[n in morning][t.hour] * noise.gamma(100, 0.01, len(t)),
        customers=CUSTOMERS, days=21, start=start,
    )  # fmt: skip
    folder.mkdir()
    people(houses).to_csv(folder / "people.csv", index=False)
    wanted = {"segments__within": "dwelling", "segments__within_least": 10, "segments__k": 2} | flags
    path = builders.make_run(
        builders.parquet(frame, folder), folder / "run", folder / "people.csv",
        segments__k_max=2, **{k: v for k, v in wanted.items() if v is not None},
    )  # fmt: skip
    return read_run(path)


MORNING = set(range(0, CUSTOMERS, 2))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Later four houses have their peak in the morning, and three apartments count as houses."""
    place = tmp_path_factory.mktemp("within")
    old = made(place / "old", "2026-06-29", MORNING, set(HOUSES))
    new = made(place / "new", "2026-09-28", MORNING | {1, 3, 5, 7}, set(HOUSES) | {41, 43, 45})
    return old, new


def test_a_folder_puts_customers_where_the_run_did(runs: tuple[Run, Run]) -> None:
    old, _ = runs
    ids = [segment["segment_id"] for segment in old.segmentation.segments]
    again = [ids[place] for place in old.segmentation.apply(old.profiles)]
    assert again == old.profiles["segment_id"].tolist()
    by_class = old.customers.groupby("segment_id")["segment_class"].nunique()
    assert (by_class == 1).all()


def test_moves_are_those_of_load(runs: tuple[Run, Run]) -> None:
    old, new = runs
    compared = compare([old, new], builders.settings())
    comparison = compared.comparison
    assert comparison.migration.changed == pytest.approx(4 / CUSTOMERS)
    changed = next(f for f in comparison.findings if f.name == "class-changed")
    assert changed.data == {"customers": 3}
    assert [match.status for match in comparison.segments] == ["matched"] * 4
    classes = old.classes, new.classes
    for match in comparison.segments:
        assert match.old_segment_id and match.new_segment_id
        assert classes[0][match.old_segment_id] == classes[1][match.new_segment_id]


def test_segments_of_other_classes_are_never_the_same(runs: tuple[Run, Run], tmp_path: Path) -> None:
    old, _ = runs
    whole = made(tmp_path / "whole", "2026-09-28", MORNING, set(HOUSES), segments__within=None)
    comparison = compare([old, whole], builders.settings()).comparison
    assert "classes-differ" in {finding.name for finding in comparison.findings}
    assert "matched" not in {match.status for match in comparison.segments}
    assert comparison.migration.changed == 0, "each in the class that it had"
