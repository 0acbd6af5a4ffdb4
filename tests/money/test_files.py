from pathlib import Path

import pytest

from reporter.errors import DataError
from reporter.money import read_costs, read_tariff

SAMPLE = Path(__file__).parents[2] / "sample_data"
PROGRAMS = {"critical-peak-price", "thermostat-control"}


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (SAMPLE / name).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("discount_rate", "discont_rate", "line 4: 'discont_rate' is no key here; did you mean 'discount_rate'"),
        ("availability = 0.85", "availability = 85", "line 14: 'factors.availability' = 85 is not valid"),
        ("capacity_per_kw_year = 110\n", "", "line 7: 'avoided.capacity_per_kw_year' is missing"),
        ('id = "critical', 'id = "crtical', "line 21: 'crtical-peak-price' is no program of the catalogue"),
        ('"thermostat-control"', '"critical-peak-price"', "line 32: 'critical-peak-price' appears more than once"),
        ("share = 0.3", 'share = "some"', "line 28: 'rebound.share' of the program 'critical-peak-price' = 'some'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_costs_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = edited(tmp_path, "costs.toml", old, new)
    with pytest.raises(DataError) as error:
        read_costs(path, PROGRAMS)
    assert str(error.value).startswith(f"{path}, {said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("price_per_kwh = 0.17", "", "give price_per_kwh (with windows: that of all other hours), or tiers"),
        ("hours = [16, 21]", "hours = [16, 25]", "line 17: 'hours' of the window 'peak' = 25"),
        ('days = "weekdays"', 'days = "workdays"', "line 18: 'days' of the window 'peak' = 'workdays'"),
        ("fixed_per_month = 12", "fixed_per_moth = 12", "did you mean 'fixed_per_month'"),
        (
            "price_per_kwh = 0.17",
            "price_per_kwh = 0.17\n[[current.tier]]\nprice_per_kwh = 1",
            "either tiers or prices by the clock",
        ),
    ],
)
def test_what_is_wrong_with_a_tariff_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = edited(tmp_path, "tariff.toml", old, new)
    with pytest.raises(DataError) as error:
        read_tariff(path)
    assert f"{path}, line " in str(error.value) and said in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.toml"):
        read_costs(tmp_path / "nowhere.toml", PROGRAMS)
