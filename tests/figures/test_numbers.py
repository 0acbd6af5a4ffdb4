import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.figures import numbers
from reporter.figures.numbers import NBSP


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1240.4, 3, "1,240"),
        (1240.4, 2, "1,200"),
        (0.3456, 2, "0.35"),
        (0.3456, 3, "0.346"),
        (2.0, 2, "2.0"),
        (9.96, 2, "10"),
        (99.96, 3, "100"),
        (0, 3, "0"),
        (-2.14, 2, "−2.1"),
        (1234567.0, 3, "1,230,000"),
        (0.000123, 2, "0.00012"),
    ],
)
def test_significant_digits(value: float, digits: int, text: str) -> None:
    assert numbers.significant(value, digits) == text


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(1, 6))
def test_significant_is_near_and_without_exponent(value: float, digits: int) -> None:
    text = numbers.significant(value, digits)
    assert "e" not in text.lower()
    back = float(text.replace(",", "").replace(numbers.MINUS, "-"))
    assert back == pytest.approx(value, rel=0.51 * 10 ** (1 - digits), abs=1e-300)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0004, "under 0.1 %"), (0.004, "0.4 %"), (0.0096, "1 %"), (0.376, "38 %"), (0.9999, "over 99 %"), (1, "100 %")],
)  # fmt: skip
def test_percent_has_no_decimals_unless_below_one(share: float, text: str) -> None:
    assert numbers.percent(share) == text.replace(" %", f"{NBSP}%")


def test_a_program_is_in_kw_or_mw_by_size_and_both_ends_share_the_unit() -> None:
    assert numbers.power_range(900, 2210, 2) == f"0.90{NBSP}to{NBSP}2.2{NBSP}MW"
    assert numbers.power_range(86.4, 130, 2) == f"86{NBSP}to{NBSP}130{NBSP}kW"
    assert numbers.power_range(86.4, 86.1, 2) == f"86{NBSP}kW"
    assert numbers.power(1000) == f"1.00{NBSP}MW"


def test_counts_agree_with_their_noun() -> None:
    assert numbers.plural(1, "customer") == f"1{NBSP}customer"
    assert numbers.plural(2, "customer") == f"2{NBSP}customers"
    assert numbers.plural(0, "customer") == f"0{NBSP}customers"
    assert numbers.plural(2500, "home") == f"2,500{NBSP}homes"


def test_lists_read_as_sentences() -> None:
    assert numbers.listed([]) == ""
    assert numbers.listed(["a"]) == "a"
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"
