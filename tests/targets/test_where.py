"""``--where``: customers chosen by their attributes; the others are left out with a reason."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.errors import UsageError
from reporter.readings import open_engine, read
from reporter.readings.cells import sums_by_cell
from reporter.targets.where import chosen

PEOPLE = pd.DataFrame(
    {"customer_id": ["C000", "C001", "C002"], "rate_class": ["A", "B", "A"], "rooms": ["3", "5", "9"]}
)


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("rate_class == 'A'", {"C000", "C002"}),
        ("rooms > 3 and rate_class == 'A'", {"C002"}),
        ("rate_class in ['B', 'C'] or rooms >= 9", {"C001", "C002"}),
    ],
)
def test_comparisons_choose(expression: str, ids: set[str]) -> None:
    assert chosen(PEOPLE, expression) == ids


@pytest.mark.parametrize(
    "expression", ["colour == 1", "rooms +", "rooms", "rooms.sum()", "@x", "rooms > 'a'"]
)
def test_what_is_no_comparison_is_refused_in_a_sentence(expression: str) -> None:
    with pytest.raises(UsageError, match="--where"):
        chosen(PEOPLE, expression)


def test_without_a_customer_file_it_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="--customers"):
        chosen(None, "a == 1")


def test_the_others_are_left_out_with_a_reason(tmp_path: Path) -> None:
    path = builders.parquet(builders.long_table(customers=3, days=8), tmp_path)
    settings = builders.settings()
    with open_engine(settings.running) as engine:
        readings = read([path], engine, settings, chosen=frozenset({"C000", "C002"}))
        _, count = sums_by_cell(
            readings, engine, np.zeros((len(readings.calendar.dates), 24), dtype="int64"), ()
        )
    assert list(readings.audit.used["customer_id"]) == ["C000", "C002"]
    reasons = readings.audit.customers["exclusion_reason"]
    assert reasons.fillna("").tolist() == ["", "not-chosen", ""]
    assert count.tolist() == [8 * 24, 8 * 24]
