"""Seasons: which days belong to which, on both sides of the equator, and the profiles by them."""

from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.profiles.build import build_profiles
from reporter.profiles.seasons import hemisphere, seasons_of
from reporter.readings import open_engine, read
from reporter.readings.temperature import Temperature
from reporter.settings import SeasonSettings, Settings


def year(tmp_path: Path, **flags: object) -> tuple[Path, Settings]:
    """Two customers, a whole year: 1 kW in June to August, 3 kW in December to February, 2 kW between; weekends half of it."""

    def load(n: int, t: pd.DatetimeIndex) -> np.ndarray:
        by_month = np.select([t.month.isin([6, 7, 8]), t.month.isin([12, 1, 2])], [1.0, 3.0], 2.0)
        return by_month * np.where(t.day_of_week >= 5, 0.5, 1.0) * (n + 1)

    frame = builders.by_rule(load, customers=2, days=365, start="2025-01-01")
    return builders.parquet(frame, tmp_path), builders.settings(**flags)


def made(path: Path, settings: Settings, temperature: Temperature | None = None):  # type: ignore[no-untyped-def]
    with open_engine(settings.running) as engine:
        return build_profiles(read([path], engine, settings), engine, settings, temperature=temperature)


@pytest.mark.parametrize(
    ("zone", "summer_kw", "winter_kw"), [("Europe/Berlin", 1.0, 3.0), ("Australia/Brisbane", 3.0, 1.0)]
)
def test_summer_is_where_the_customers_are(
    zone: str, summer_kw: float, winter_kw: float, tmp_path: Path
) -> None:
    path, settings = year(tmp_path, readings__timezone=zone, readings__source_timezone="+01:00")
    profiles = made(path, settings)
    seasons = {season.name: season for season in profiles.seasons}
    assert set(seasons) == {"summer", "winter", "spring and autumn"}
    noon = slice(10, 14)
    np.testing.assert_allclose(seasons["summer"].weekday_kw[0, noon], summer_kw, rtol=0.02)
    np.testing.assert_allclose(seasons["winter"].weekend_kw[1, noon], winter_kw, rtol=0.02)
    assert sum(season.days for season in profiles.seasons) == len(profiles.daily.dates)


def test_without_a_zone_seasons_are_called_by_their_months(tmp_path: Path) -> None:
    profiles = made(*year(tmp_path))
    assert [season.name for season in profiles.seasons] == [
        "June to August",
        "December to February",
        "other months",
    ]
    whole = sum(season.days * season.profile_kw for season in profiles.seasons) / 365
    np.testing.assert_allclose(whole, profiles.profile_kw, rtol=1e-5)


def test_months_and_the_fewest_days_are_settings(tmp_path: Path) -> None:
    path, settings = year(
        tmp_path, seasons__summer=[5, 6, 7, 8, 9], seasons__winter=[1, 2], seasons__min_days=60
    )
    assert [(s.name, s.days) for s in made(path, settings).seasons] == [
        ("summer", 153),
        ("spring and autumn", 153),
    ]


def test_seasons_by_temperature(tmp_path: Path) -> None:
    path, settings = year(tmp_path, seasons__by="temperature")
    hours = pd.date_range("2025-01-01", periods=365 * 24, freq="h")
    celsius = np.select([hours.month.isin([6, 7, 8]), hours.month.isin([1, 2, 12])], [25.0, 3.0], 16.0)
    temperature = Temperature(pd.DataFrame({"": celsius}, index=hours))
    warm, cold, between = made(path, settings, temperature).seasons
    assert (warm.name, warm.days) == ("days of 20 °C or more", 92)
    np.testing.assert_allclose(warm.weekday_kw[0], 1.0, rtol=1e-6)
    np.testing.assert_allclose(cold.weekday_kw[0], 3.0, rtol=1e-6)
    np.testing.assert_allclose(between.weekday_kw[0], 2.0, rtol=1e-6)


def test_wanted_by_temperature_without_one_they_go_by_months(tmp_path: Path) -> None:
    path, settings = year(tmp_path, seasons__by="temperature")
    with open_engine(settings.running) as engine:
        readings = read([path], engine, settings)
        found = seasons_of(readings.calendar, settings.seasons, None)
    assert len(found.names) == 3
    assert [finding.name for finding in found.findings] == ["no-temperature-for-seasons"]


@pytest.mark.parametrize(
    ("zone", "side"),
    [
        ("Europe/London", "north"),
        ("Australia/Brisbane", "south"),
        ("Pacific/Auckland", "south"),
        ("Africa/Johannesburg", "south"),
        ("Asia/Kolkata", "north"),
        ("America/Phoenix", "north"),
        ("local", None),
        ("+10:00", None),
    ],
)
def test_the_side_of_the_equator_by_zone(zone: str, side: str | None) -> None:
    assert hemisphere(zone) == side


def test_a_month_is_in_one_season() -> None:
    with pytest.raises(ValueError, match="summer and in winter"):
        SeasonSettings(summer=(5, 6), winter=(6, 7))
