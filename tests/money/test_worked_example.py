"""The worked example of docs/method.md: its arithmetic by itself, and the code's numbers against it."""

import re
from pathlib import Path

import pytest

from reporter.money.cost_tests import Case, Grossing, Terms, balance, present_values
from reporter.money.costs import Costs, read_costs

PAGE = Path(__file__).parents[2] / "docs" / "method.md"
EXAMPLE = PAGE.read_text(encoding="utf-8").split("### A worked example")[1].split("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in EXAMPLE.splitlines()
    if line.startswith("| ") and not line.startswith(("| Item", "| Test"))
]
ITEMS = {row[0]: (row[1], float(row[2])) for row in ROWS if len(row) == 3}
TESTS = {row[0]: [float(cell.replace("−", "-")) for cell in row[1:]] for row in ROWS if len(row) == 7}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Costs:
    path = tmp_path_factory.mktemp("example") / "costs.toml"
    block = re.search(r"```toml costs\n(.*?)```", EXAMPLE, flags=re.DOTALL)
    assert block is not None
    path.write_text(block[1], encoding="utf-8")
    return read_costs(path, {"critical-peak-price"})


def case(costs: Costs) -> Case:
    """The example's numbers that stand in its sentences."""
    own = costs.program[0]
    assert own.events_a_year is not None and own.hours_an_event is not None and own.rebound is not None
    return Case(
        program=own.id, title="", offers=1000, enrolments=250, low_kw=75, kw=150, high_kw=225,
        hours_a_year=own.events_a_year * own.hours_an_event, price_event=0.40, price_after=0.20,
        rebound_share=own.rebound.share, costs=own, factors=costs.factors,
    )  # fmt: skip


@pytest.mark.parametrize("item", ITEMS)
def test_each_working_gives_its_value(item: str) -> None:
    working, value = ITEMS[item]
    sum_of = working.replace("×", "*").replace("÷", "/")
    assert re.fullmatch(r"[\d.+*/() ]+", sum_of)
    assert eval(sum_of) == pytest.approx(value, abs=0.06)


def test_the_code_says_the_same(costs: Costs) -> None:
    terms = Terms.of(costs, Grossing(1.15 / 0.9, 1 / 0.9))
    example = case(costs)
    items = present_values(example, terms, example.kw)
    assert {str(name): value for name, value in items.items()} == pytest.approx(
        {name: value for name, (_, value) in ITEMS.items()}, abs=0.06
    )
    for test, (benefits, paid, net, ratio, low, high) in TESTS.items():
        found = balance(items, test)  # type: ignore[arg-type]
        assert (found.benefits, found.costs, found.net) == pytest.approx((benefits, paid, net), abs=0.11)
        for kw, expected in ((75, low), (150, ratio), (225, high)):
            end = balance(present_values(example, terms, kw), test)  # type: ignore[arg-type]
            assert end.ratio == pytest.approx(expected, abs=0.0006)


def test_tests_add_up_as_the_manual_says(costs: Costs) -> None:
    # What participants get from the others is no cost to all together: TRC = RIM + Participant.
    example, terms = case(costs), Terms.of(costs, Grossing(1.15 / 0.9, 1 / 0.9))
    items = present_values(example, terms, example.kw)
    assert balance(items, "trc").net == pytest.approx(
        balance(items, "rim").net + balance(items, "participant").net
    )
