"""What an event did: by hand, and on simulated programs with a known effect."""

import tomllib

import numpy as np
import pytest
from targets.street import make_segmentation

from events import simulated
from reporter.events.accuracy import judge
from reporter.events.impact import AFTER, WINDOW, contrasts, mean_of, quantile, with_windows
from reporter.events.loads import Loads
from reporter.events.measure import like_days, measure
from reporter.events.realised import realised_rows
from reporter.settings import EventSettings, Settings
from reporter.targets.catalogue import Catalogue

OPTIONS = EventSettings()


def hand() -> np.ndarray:
    """Two called customers and one outside the program: eight like days and the event [kW]."""
    days = np.array(
        [[3.0, 5, 3, 5, 3, 5, 3, 5, 3], [1.0, 1, 1, 1, 1, 1, 1, 1, 2], [2.0, 4, 2, 4, 2, 4, 2, 4, 5]]
    )
    return np.repeat(days[:, :, None], 24, axis=2)


def test_the_difference_in_differences_by_hand() -> None:
    loads = with_windows(hand(), (16, 17), (18, 19))
    groups, others = np.array([[1.0, 1, 0]]), np.array([[0.0, 0, 1]])
    (found,) = contrasts(loads, groups, others, None)
    assert found is not None
    # Called: 3 and 2 on the event, 4 and 1 before: mean change 0. Outside: 5, 3 before: change 2. So 2 kW less each.
    assert found.reduction_kw[WINDOW] == pytest.approx(2)
    assert found.load_kw[WINDOW] == pytest.approx(2.5)
    assert found.customers == 2
    # Like days: called swing by ±0.5, the other by ±1, together: the difference swings by ±0.5 over eight days.
    like = np.sqrt(8 * 0.5**2 / 7)
    assert found.spread_kw[WINDOW] == pytest.approx(
        like * 1.5
    )  # 4.5 kW would be 1.8 times the like days' 2.5: capped at 1.5
    mean = mean_of([found])
    assert mean.error_kw[WINDOW] == pytest.approx(like * 1.5 * np.sqrt(1 + 1 / 8))
    assert mean.half_kw[WINDOW] == pytest.approx(
        mean.error_kw[WINDOW] * 1.894579
    )  # t with 7 degrees of freedom
    twice = mean_of([found, found])
    assert twice.error_kw[WINDOW] == pytest.approx(like * 1.5 * np.sqrt(1 / 2 + 1 / 8))


def test_what_goes_with_the_level_of_the_day_is_no_effect() -> None:
    height = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 12])
    loads = np.repeat(np.stack([2 * height, height])[:, :, None], 24, axis=2)
    (found,) = contrasts(
        with_windows(loads, (16,), (17,)), np.array([[1.0, 0]]), np.array([[0.0, 1]]), height
    )
    assert found is not None
    assert found.reduction_kw[WINDOW] == pytest.approx(0, abs=1e-9)
    assert found.reduction_kw[AFTER] == pytest.approx(0, abs=1e-9)
    assert found.leverage == pytest.approx(1 / 8 + 7.5**2 / 42)
    assert found.freedom == 6


def test_a_customer_missing_on_a_day_moves_nothing() -> None:
    loads = hand()
    loads[1, 3] = np.nan
    (found,) = contrasts(
        with_windows(loads, (16, 17), (18,)), np.array([[1.0, 1, 0]]), np.array([[0.0, 0, 1]]), None
    )
    assert found is not None
    # Day 3 now has the first customer alone, 1 above its mean as the other is: a difference of 0 where it was −0.5.
    assert found.reduction_kw[WINDOW] == pytest.approx(2 + 0.5 / 8)


def test_the_interval_holds_the_truth_nine_times_in_ten() -> None:
    # 1,000 programs take a minute (benchmarks/events.py); of 150, a share within three standard errors of 90 %.
    inside, error, truth = simulated.covered(range(150))
    assert 0.83 <= inside <= 0.97
    assert abs(error) < 0.05 * truth


def with_all(**changes: object) -> tuple[Loads, float]:
    made = simulated.program(7, customers=120, enrolled=40)
    return Loads(**{**vars(made.loads), **changes}), made.truth_kw


def test_a_study_says_what_was_measured_and_is_true() -> None:
    loads, truth = with_all()
    segmentation = make_segmentation([0, 1] * 60, ["evening-peak", "flat"])
    study, findings = measure(loads, segmentation, Settings())
    assert study is not None
    assert study.method == "comparison-group"
    assert study.effect.low_kw <= truth <= study.effect.high_kw
    assert [row.measured for row in study.events] == [40] * 6
    assert sum(row.customers for row in study.segments) == 40
    assert study.baselines[0].least_biased
    assert [abs(row.bias) for row in study.baselines] == sorted(abs(row.bias) for row in study.baselines)
    assert len(study.baselines) == 10
    assert study.compliance is not None
    assert study.compliance.share_events > study.compliance.share_days
    assert study.compliance.least_share <= 1
    assert [hour.hour for hour in study.hours if hour.in_event == 1] == list(simulated.HOURS)
    assert not {"no-comparison-group", "events-few-customers"} & {finding.name for finding in findings}


def test_realised_effects_are_rows_that_the_catalogue_takes() -> None:
    loads, _ = with_all()
    study, _ = measure(loads, make_segmentation([0, 1] * 60, ["evening-peak", "flat"]), Settings())
    assert study is not None
    text = realised_rows(study, "2026Q3")
    assert text is not None
    rows = Catalogue.model_validate(tomllib.loads(text)).program
    clear = [row for row in study.segments if row.effect is not None and row.effect.low_kw > 0]
    assert [row.labels for row in rows] == [(row.label,) for row in clear]
    assert rows[0].effect is not None
    assert clear[0].effect is not None
    assert rows[0].effect.value == pytest.approx(clear[0].effect.share, abs=0.0006)


def test_without_anyone_outside_the_program_the_least_biased_baseline_stands_in() -> None:
    loads, truth = with_all(pool=np.zeros(120, dtype=np.bool_))
    study, findings = measure(loads, make_segmentation([0] * 120, ["flat"]), Settings())
    assert study is not None
    assert study.method == "baseline"
    assert study.comparison == 0
    assert "no-comparison-group" in {finding.name for finding in findings}
    assert study.effect.reduction_kw == pytest.approx(
        truth, abs=2 * study.effect.high_kw - 2 * study.effect.reduction_kw
    )


def test_of_few_customers_nothing_is_drawn_for_others() -> None:
    made = simulated.program(3, customers=100, enrolled=6)
    study, findings = measure(made.loads, make_segmentation([0] * 100, ["flat"]), Settings())
    assert study is not None
    assert study.few
    assert [row.effect for row in study.segments] == [None]
    assert realised_rows(study, "2026Q3") is None
    assert "events-few-customers" in {finding.name for finding in findings}
    assert "6 customers took part" in study.limits[0]


def test_events_that_cannot_be_measured_leave_the_section_out() -> None:
    loads, _ = with_all(ordinary=np.full((120, simulated.DAYS, 24), np.nan, dtype="float32"))
    study, findings = measure(loads, make_segmentation([0] * 120, ["flat"]), Settings())
    assert study is None
    assert "events-not-measured" in {finding.name for finding in findings}


def test_the_bias_of_a_baseline_that_sees_only_cooler_days_is_below_zero() -> None:
    loads, _ = with_all()
    days = [like_days(loads, event, True, OPTIONS)[:20] for event in loads.events]
    rows = {(row.name, row.adjusted): row for row in judge(loads, loads.events, days, OPTIONS).rows}
    assert rows["10-of-10", False].bias < rows["high-5-of-10", False].bias
    assert rows["middle-8-of-10", False].bias < 0


def test_the_quantile_is_students() -> None:
    assert quantile(9) == pytest.approx(1.833113, abs=1e-5)
