from datetime import date

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


@pytest.mark.parametrize(
    ("locale", "whole", "decimal", "day", "money"),
    [
        ("en-GB", "1,234,567", "−0.35", "1 July 2026", "€1,240"),
        ("en-US", "1,234,567", "−0.35", "July 1, 2026", "€1,240"),
        ("de", "1.234.567", "−0,35", "1. Juli 2026", "1.240 €"),
        ("fr", "1 234 567", "−0,35", "1 juillet 2026", "1 240 €"),
        ("de-CH", "1’234’567", "−0.35", "1. Juli 2026", "EUR 1’240"),
        ("en-IN", "12,34,567", "−0.35", "1 July 2026", "€1,240"),
    ],
)
def test_a_locale_decides_on_separators_dates_and_currency(
    locale: str, whole: str, decimal: str, day: str, money: str
) -> None:
    with numbers.speaking(numbers.Speech(locale)):
        said = [numbers.count(1234567), numbers.fixed(-0.35, 2), numbers.day(date(2026, 7, 1)), numbers.money(1240.4, "EUR")]  # fmt: skip
    assert [text.replace(NBSP, " ") for text in said] == [whole, decimal, day, money]
    assert numbers.count(1234567) == "1,234,567"


def test_the_small_words_are_those_of_the_speech() -> None:
    german = numbers.Speech("de", to="bis", conjunction="und", under="unter", over="über")
    with numbers.speaking(german):
        said = [
            numbers.power_range(900, 2210, 2),
            numbers.hours_listed([(7, 9), (17, 21)]),
            numbers.percent(0.0004),
            numbers.percent(0.9999),
            numbers.day_range(date(2026, 7, 1), date(2026, 9, 30)),
        ]
    assert [text.replace(NBSP, " ") for text in said] == [
        "0,90 bis 2,2 MW", "7 bis 9 h und 17 bis 21 h", "unter 0,1 %", "über 99 %", "1. Juli bis 30. September 2026",
    ]  # fmt: skip


def test_sentences_of_a_run_get_the_numbers_of_the_locale_and_nothing_else() -> None:
    sentence = "The 1,240 homes use 0.35 kW (−2.5 °C, 3.5 %) in 2026; feed.v1.csv, 1.2.3, 10:00, a=0.5, 12 of 1,000,000."
    with numbers.speaking(numbers.Speech("de")):
        assert numbers.respoken(sentence) == (
            "The 1.240 homes use 0,35 kW (−2,5 °C, 3,5 %) in 2026; feed.v1.csv, 1.2.3, 10:00, a=0.5, 12 of 1.000.000."
        )
    assert numbers.respoken(sentence) == sentence


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(["de", "fr", "de-CH", "en-IN", "sv"]))
def test_a_number_is_the_same_in_every_locale(value: float, locale: str) -> None:
    english = numbers.significant(value)
    with numbers.speaking(numbers.Speech(locale)):
        text = numbers.significant(value)
    assert "\u202f" not in text
    digits = [sign for sign in text if sign.isdigit()]
    assert digits == [sign for sign in english if sign.isdigit()]
    with numbers.speaking(numbers.Speech(locale)):
        assert numbers.respoken(f"about {english} of them") == f"about {text} of them"
