"""What would be otherwise: the same list as a run with that setting makes."""

from typing import Any

import builders
import pytest

from reporter.assistant.answering import answer
from reporter.assistant.answers.what_if import outcome
from reporter.assistant.view import View, open_run
from reporter.resources import sample_run
from reporter.targets.what_if import Changed


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    folder, readings = tmp_path_factory.mktemp("runs"), sample_run().parent / "readings.parquet"
    wanted: dict[str, dict[str, Any]] = {
        "plain": {"targets__goal_kw": 3.0},
        "other": {"targets__goal_kw": 6.0, "targets__enrolment_rate": 0.5},
    }
    return {
        name: open_run(
            builders.make_run(readings, folder / name, segments__k=8, technology__customers=20, **flags)
        )
        for name, flags in wanted.items()
    }


def same(view: View, changed: Changed, other: View) -> None:
    found, targets = outcome(view, changed), other.facts["targets"]
    assert found.offers == targets["recommended_offers"]
    assert found.holdout == targets["holdout"]
    assert found.expected_kw == pytest.approx(targets["expected_kw"], rel=1e-5)
    assert found.low_kw == pytest.approx(targets["low_kw"], rel=1e-5)
    assert found.high_kw == pytest.approx(targets["high_kw"], rel=1e-5)
    assert found.reached == targets["goal_reached"]
    assert found.probability_of_goal == (
        None
        if targets["probability_of_goal"] is None
        else pytest.approx(targets["probability_of_goal"], abs=1e-5)
    )


def test_with_nothing_changed_it_is_the_run_itself(runs: dict[str, View]) -> None:
    sample = open_run(sample_run())
    same(sample, Changed(), sample)
    for view in runs.values():
        same(view, Changed(), view)


def test_is_the_list_of_a_run_with_that_setting(runs: dict[str, View]) -> None:
    offers = [view.facts["targets"]["recommended_offers"] for view in runs.values()]
    assert 0 < offers[0] < offers[1]
    same(runs["plain"], Changed(goal_kw=6.0, participation=0.5), runs["other"])


def test_a_limit_of_offers_ends_the_list(runs: dict[str, View]) -> None:
    found = outcome(runs["plain"], Changed(goal_kw=1000.0, customers_max=4))
    assert (found.offers, found.limited, found.reached) == (4, True, False)


def test_a_budget_ends_the_list_where_it_is_spent(runs: dict[str, View]) -> None:
    found = outcome(runs["plain"], Changed(goal_kw=1000.0, budget=30.0, cost_per_offer=10.0))
    assert found.offers == 3
    assert found.cost == pytest.approx(30.0)
    assert found.limited


def test_a_budget_without_costs_says_what_is_missing(runs: dict[str, View]) -> None:
    found = answer(runs["plain"], "what_if", {"budget": 100.0})
    assert not found.answered
    assert "costs" in found.text
