"""What the offers can bid, against sums done by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from factories import run

from reporter.run import write_plant
from reporter.settings import PlantSettings
from reporter.targets import read_catalogue, target
from reporter.targets.catalogue import Catalogue, Effect, Program, Rebound, Source
from reporter.targets.plant import _longest
from reporter.targets.rows import Plant, PlantHour

from .street import make_profiles, make_segmentation, make_settings

FALLING = (2.0, 1.6, 1.2, 0.8)
"""Load of each customer from 17 to 21 h [kW]."""


def program(
    rebound: Rebound | None = None, low: float = 0.5, hours_an_event: float | None = None
) -> Catalogue:
    return Catalogue(
        program=(
            Program(
                id="half", title="Half", phrase="half", why="it can", range_note="none", rebound=rebound,
                hours_an_event=hours_an_event,
                effect=Effect(value=0.5, low=low, high=0.5),
                source=Source(citation="made up", basis="load", vendor_claim=False),
            ),
        )
    )  # fmt: skip


def make_plant(catalogue: Catalogue, **settings: object) -> Plant:
    profiles = make_profiles([1.4] * 40, [0.0] * 40, [0.5] * 40)
    starts = sorted(profiles.peak.starts)
    kw = np.tile([FALLING[start.hour - 17] for start in starts], (40, 1)).astype(np.float32)
    profiles = replace(profiles, peak_hours=starts, peak_hours_kw=kw)
    wanted = make_settings(customers_max=40)
    wanted = wanted.model_copy(update={"plant": wanted.plant.model_copy(update=settings)})
    found = target(profiles, make_segmentation([0] * 40, ["evening-peak"]), None, wanted, catalogue).plant
    assert found is not None
    return found


def test_each_hour_has_the_effect_on_its_own_load() -> None:
    plant = make_plant(program())
    # Forty customers, half of their load; nothing varies, so nine of ten events reach the same.
    expected = [20 * load for load in FALLING]
    assert [hour.expected_kw for hour in plant.total.hours] == pytest.approx(expected)
    assert [hour.p50_kw for hour in plant.total.hours] == pytest.approx(expected)
    assert [hour.p90_kw for hour in plant.total.hours] == pytest.approx(expected, rel=1e-6)
    assert (plant.bid_first_hour, plant.bid_hours, plant.bid_kw) == (17, 4, pytest.approx(16))
    assert plant.accepted is None
    assert not plant.take_up_known


def test_p90_lies_within_the_published_range_and_below_p50() -> None:
    plant = make_plant(program(low=0.1))
    for hour, load in zip(plant.total.hours, FALLING, strict=True):
        assert 40 * 0.1 * load < hour.p90_kw < hour.p50_kw <= 20 * load * (1 + 1e-9)
        # Of a normal effect whose 5 % end is 0.1, the tenth percentile.
        assert hour.p90_kw == pytest.approx(40 * load * (0.5 - 0.4 * 1.2816 / 1.6449), rel=1e-2)


@pytest.mark.parametrize(
    ("least", "hours", "accepted", "run"),
    [
        (25.0, 2, True, (17, 2)),
        (25.0, 3, False, (17, 2)),
        (50.0, 1, False, (17, 1)),
        (None, 4, True, (17, 4)),
    ],
)
def test_the_bid_is_checked_against_size_and_duration(
    least: float | None, hours: int, accepted: bool, run: tuple[int, int]
) -> None:
    plant = make_plant(program(), min_bid_kw=least, min_hours=hours)
    assert (plant.accepted, (plant.bid_first_hour, plant.bid_hours)) == (accepted, run)


@pytest.mark.parametrize(
    ("lasts", "known", "run", "kw"),
    [(2.0, 2, (17, 2), 32.0), (3.5, 3, (17, 3), 24.0), (0.5, 1, (17, 1), 40.0), (9.0, 9, (17, 4), 16.0)],
)
def test_no_more_hours_are_bid_than_an_event_lasts(
    lasts: float, known: int, run: tuple[int, int], kw: float
) -> None:
    plant = make_plant(program(Rebound(share=0.4, hours=1), hours_an_event=lasts))
    assert plant.event_hours == known
    assert (plant.bid_first_hour, plant.bid_hours, plant.bid_kw) == (*run, pytest.approx(kw))
    # What comes back begins where that event ends, and is of its energy.
    kwh = 20 * sum(FALLING[: run[1]]) * min(lasts / run[1], 1)
    assert [(hour.hour, hour.kw) for hour in plant.total.rebound] == [(17 + run[1], pytest.approx(0.4 * kwh))]
    # A market that asks for more hours than an event lasts is not served.
    longer = make_plant(program(hours_an_event=lasts), min_hours=run[1] + 1)
    assert longer.accepted is False


def test_of_runs_as_long_as_an_event_the_one_that_reaches_most_is_bid() -> None:
    def hour(clock: int, kw: float) -> PlantHour:
        return PlantHour(hour=clock, expected_kw=kw, p50_kw=kw, p90_kw=kw)

    day = [hour(16, 5), hour(17, 8), hour(18, 9), hour(19, 7), hour(21, 20)]
    assert _longest(day, PlantSettings(), 2) == (17, 2, 8)
    assert _longest(day, PlantSettings(), 3) == (17, 3, 7)
    assert _longest(day, PlantSettings(), None) == (16, 4, 5)
    assert _longest(day, PlantSettings(min_bid_kw=10), 2) == (21, 1, 20)
    assert _longest([hour(17, 0)], PlantSettings(), 2) == (17, 1, 0)


def test_the_table_of_hours_tells_the_event_from_other_peak_hours(tmp_path: Path) -> None:
    plant = make_plant(program(Rebound(share=0.4, hours=1), hours_an_event=2))
    facts = run()[0]
    facts = facts.model_copy(update={"targets": facts.targets.model_copy(update={"plant": plant})})
    write_plant(tmp_path, facts)
    table = pd.read_csv(tmp_path / "vpp.csv")
    mine = table[table["program"] == "all"]
    assert list(zip(mine["hour"], mine["kind"], strict=True)) == [
        (17, "event"),
        (18, "event"),
        (19, "peak"),
        (20, "peak"),
        (19, "rebound"),
    ]


def test_what_comes_back_is_the_catalogues_share_of_the_energy() -> None:
    plant = make_plant(program(Rebound(share=0.4, hours=2)))
    kwh = 20 * sum(FALLING)
    assert [(hour.hour, hour.kw) for hour in plant.total.rebound] == [
        (21, pytest.approx(0.2 * kwh)),
        (22, pytest.approx(0.2 * kwh)),
    ]
    assert make_plant(program()).without_rebound == ["Half"]


def test_nothing_offered_is_no_plant() -> None:
    profiles = make_profiles([1.0] * 30, [0.9] * 30, [1.0] * 30)
    found = target(profiles, make_segmentation([0] * 30, ["flat"]), None, make_settings(), read_catalogue())
    assert found.recommended_offers == 0
    assert found.plant is None
