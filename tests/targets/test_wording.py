from datetime import datetime

import pytest

from reporter import words
from reporter.targets import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00 kW"),
        (-0.0, "0.00 kW"),
        (0.424, "0.42 kW"),
        (9.999, "10.0 kW"),
        (99.97, "100 kW"),
        (1240.4, "1,240 kW"),
    ],
)
def test_kw(value: float, text: str) -> None:
    assert words.kw(value) == text


def test_small_words() -> None:
    assert (words.percent(0.2), words.percent(0.005)) == ("20 %", "0.5 %")
    assert (words.counted(1, "offer"), words.counted(2000, "offer")) == ("1 offer", "2,000 offers")
    assert (words.listed(["a"]), words.listed(["a", "b", "c"])) == ("a", "a, b and c")


def test_peak_hours_are_named_only_where_they_are_one_stretch() -> None:
    day = [datetime(2026, 7, 1, hour) for hour in (18, 17, 19)]
    assert wording.peak_hours(day) == "on peak days between 17:00 and 20:00"
    assert wording.peak_hours([*day, datetime(2026, 7, 1, 7)]) == "in the peak hours"
