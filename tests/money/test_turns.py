from dataclasses import replace

import pytest

from reporter.money.cost_tests import Case, Grossing, Terms, balance
from reporter.money.costs import Factors, ProgramCosts
from reporter.money.turns import portfolio_items, turns

FACTORS = Factors(availability=0.5, notification=1, trigger=1, distribution=1, energy=1)
COSTS = ProgramCosts(id="a", administration_once=500.0)
CASE = Case("a", "A", 10, 10, 5, 10, 20, 10, 0.2, 0.2, 0.0, COSTS, FACTORS)
TERMS = Terms(0.0, 2, 100.0, 0.0, 0.0, Grossing())


def test_break_even_of_a_case_done_by_hand() -> None:
    # Two years × 10 kW × 0.5 × 100 = 1,000 against 500 once.
    rows = {row.input: row for row in turns([CASE], TERMS, (0.0, 0.0), 0.25)}
    assert rows["capacity"].break_even_value == pytest.approx(50)
    assert rows["administration"].break_even == pytest.approx(2)
    assert rows["reduction"].break_even == pytest.approx(0.5)
    assert (rows["reduction"].low_net, rows["reduction"].high_net) == pytest.approx((0, 1500))
    assert (rows["capacity"].low_net, rows["capacity"].high_net) == pytest.approx((250, 750))
    # Nothing else is in the case, and the rate is nothing.
    assert set(rows) == {"capacity", "administration", "reduction", "enrolments", "life"}


def test_what_turns_the_result_is_marked() -> None:
    dear = replace(CASE, costs=COSTS.model_copy(update={"administration_once": 900.0}))
    rows = {row.input: row for row in turns([dear], TERMS, (0.0, 0.0), 0.25)}
    assert rows["capacity"].turns and rows["reduction"].turns
    assert not {row.input: row for row in turns([CASE], TERMS, (0.0, 0.0), 0.25)}["capacity"].turns


def test_shared_costs_count_once_in_the_portfolio() -> None:
    items = portfolio_items([CASE, CASE], TERMS, (100.0, 10.0))
    assert balance(items, "pac").costs == pytest.approx(2 * 500 + 100 + 2 * 10)
