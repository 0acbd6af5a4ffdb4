from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.errors import DataError
from reporter.targets import Targeting, target
from reporter.targets.catalogue import Catalogue, read_catalogue

from .street import make_profiles, make_segmentation, make_settings

# Evening: C00 to C03; flat: C04 (the highest bill); mid-peak: C05; night: C06 (the lowest load at the peak).
PROFILES = make_profiles(
    coincident_kw=[2.0, 3.0, 1.0, np.nan, 5.0, 2.0, 0.5],
    baseload_kw=[0.5, 0.5, 0.9, 0.5, 4.6, 0.5, 0.4],
    mean_kw=[0.8, 1.0, 0.6, 0.8, 4.9, 1.2, 1.0],
)
SEGMENTATION = make_segmentation(
    [0, 0, 0, 0, 2, 1, 3],
    ["evening-peak", "mid-peak", "flat", "night-peak"],
)


def run(attributes: pd.DataFrame | None = None, **settings: object) -> Targeting:
    return target(PROFILES, SEGMENTATION, attributes, make_settings(**settings))


def names(targeting: Targeting) -> set[str]:
    return {finding.name for finding in targeting.findings}


def test_effect_is_the_published_share_of_coincident_load_at_most_what_is_above_baseload() -> None:
    result = run(goal_kw=0.5)
    # 20 % of 2, 3 and 1 kW, the last capped at 1.0 − 0.9; 10 % of 2 kW at a mid-peak.
    np.testing.assert_allclose(result.effect_kw[[0, 1, 2, 5]], [0.4, 0.6, 0.1, 0.2], rtol=1e-6)
    assert np.isnan(result.effect_kw[[3, 4, 6]]).all()
    # The ends: 6 % and 35 % of 3 kW; 6 % and 23 % of 2 kW.
    np.testing.assert_allclose(result.effect_low_kw[[1, 2, 5]], [0.18, 0.06, 0.12], rtol=1e-6)
    np.testing.assert_allclose(result.effect_high_kw[[1, 2, 5]], [1.05, 0.1, 0.46], rtol=1e-6)


def test_list_is_ranked_by_effect_and_ends_where_the_goal_is_reached() -> None:
    result = run(goal_kw=0.95)
    assert result.target_rank.tolist() == [2, 1, 4, 0, 0, 3, 0]
    assert result.listed.tolist() == [1, 0]
    assert result.goal_reached
    assert (result.eligible, result.recommended_offers, result.holdout) == (4, 2, 0)
    assert result.expected_kw_total == pytest.approx(1.0)
    assert (result.low_kw, result.high_kw) == (pytest.approx(0.3), pytest.approx(1.75))
    assert result.not_target_reason.tolist() == [
        None,
        None,
        "beyond-goal",
        "no-readings-in-peak-hours",
        "segment-low-at-peak",
        "beyond-goal",
        "segment-low-at-peak",
    ]
    assert result.probability_of_goal is None
    assert np.isnan(result.participation).all()


def test_default_goal_is_a_share_of_the_sample_peak() -> None:
    result = run(goal_share=0.004)
    assert (result.goal_kw, result.goal_source) == (pytest.approx(0.4), "default")
    assert result.listed.tolist() == [1]


def test_highest_bill_with_flat_load_is_no_target_but_a_moderate_bill_with_a_sharp_evening_peak_is() -> None:
    result = run(goal_kw=10.0)
    assert PROFILES.import_kwh.argmax() == 4
    assert result.not_target_reason[4] == "segment-low-at-peak"
    assert PROFILES.import_kwh[0] < np.median(PROFILES.import_kwh)
    assert 0 in result.listed


def test_reason_can_be_read_out() -> None:
    result = run(goal_kw=10.0)
    assert result.reasons[0] == (
        "On peak days between 17:00 and 21:00 this customer draws 3.00 kW, 2.50 kW more than its baseload of 0.50 kW. "
        "A critical-peak price would lower the load by 0.60 kW (20 % of the load, as published) if the customer enrols."
    )
    assert (
        "at most 0.10 kW (all that is above the baseload; 20 % of the load, as published, would be more)"
        in (result.reasons[3])
    )


def test_program_rows_add_up_to_the_portfolio_and_show_their_source() -> None:
    result = run(goal_kw=1.15)
    evening, mid = result.programs
    assert (evening.program, evening.offers, evening.kw_per_enrolment) == (
        "critical-peak-price",
        2,
        pytest.approx(0.5),
    )
    assert (mid.program, mid.offers, mid.total_kw) == ("time-of-use-rate", 1, pytest.approx(0.2))
    for end in ("total_kw", "low_kw", "high_kw"):
        total = sum(getattr(row, end) for row in result.programs)
        assert total == pytest.approx(getattr(result, {"total_kw": "expected_kw_total"}.get(end, end)))
    assert (evening.effect_low, evening.effect_share, evening.effect_high) == (0.06, 0.2, 0.35)
    assert evening.source is not None
    assert "LBNL" in evening.source.citation
    # Mean of 2, 3 and 1 kW against the mean of 0.8, 1.0 and 0.6 kW; 4.1 of 6 kW above baseload.
    assert "2.00 kW per customer, 2.50 times its mean load, 68 % of it above baseload" in evening.reason


def test_segments_are_ranked_by_load_above_baseload_at_the_peak_not_by_bills() -> None:
    result = run(goal_kw=1.0)
    # 1.5 + 2.5 + 0.1, then 1.5, 0.4 and 0.1 kW.
    assert [segment.segment_id for segment in result.segments] == ["1", "2", "3", "4"]
    assert result.segments[0].above_baseload_kw == pytest.approx(4.1, rel=1e-6)
    assert result.segments[0].above_baseload_share == pytest.approx(4.1 / 6.1, rel=1e-6)
    night = result.segments[3]
    assert (night.program, night.not_offered) == (None, "segment-low-at-peak")
    assert "0.50 times its mean load" in night.reason
    assert "20 % of it is above baseload, less than the 25 %" in night.reason


@dataclass(frozen=True)
class Seen:
    """Signs of devices as the readings show them."""

    ev_peak_kw: list[float]
    cooling: list[bool]
    temperature_peak_kw: list[float] | None = None

    def signs(self) -> dict[str, np.ndarray]:
        n = len(self.ev_peak_kw)
        nobody = np.zeros(n, dtype=bool)
        return {
            "ev": np.array(self.ev_peak_kw) > 0,
            "cooling": np.array(self.cooling),
            "solar": nobody,
            "heating": nobody,
            "water": nobody,
        }

    def frame(self) -> pd.DataFrame:
        signs = self.signs()
        return pd.DataFrame(
            {"ev_peak_kw": self.ev_peak_kw, "ev_probability": signs["ev"] * 0.9, "cooling_probability": signs["cooling"] * 0.9,
             "water_probability": 0.0, "cooling_kw_per_c": signs["cooling"] * 0.1,
             "temperature_peak_kw": np.nan if self.temperature_peak_kw is None else self.temperature_peak_kw}
        )  # fmt: skip


def test_devices_bring_the_program_that_acts_on_them_and_nobody_is_counted_twice() -> None:
    # Charging of 1 kW at the peak: half of it is more than a fifth of 2 kW. Cooling: 21 % against 20 %.
    profiles = make_profiles([2.0, 2.0, 2.0], [0.5] * 3, [1.0] * 3)
    segmentation = make_segmentation([0, 0, 0], ["evening-peak"])
    seen = Seen(ev_peak_kw=[1.0, 0.0, 0.0], cooling=[True, True, False])
    result = target(profiles, segmentation, None, make_settings(goal_kw=9), devices=seen)
    assert result.program.tolist() == ["managed-ev-charging", "critical-peak-price", "critical-peak-price"]
    # 0.42 kW by the thermostat against 0.40 kW: no reason to leave the program of the segment.
    np.testing.assert_allclose(result.effect_kw, [0.5, 0.4, 0.4], rtol=1e-6)
    assert result.recommended_offers == 3
    assert sum(row.offers for row in result.programs) == 3
    assert (
        "1.00 kW of it is charging. Managed EV charging would lower the load by 0.50 kW" in result.reasons[0]
    )
    assert "(50 % of the charging, as its vendor published)" in result.reasons[0]
    # Segment: 0.4 kW from each of three by the price, 0.84 from two by the thermostat, 0.5 from one charger.
    match = result.matches[0]
    assert (match.program, match.second_program) == ("critical-peak-price", "thermostat-control")
    assert match.second_reason is not None
    assert "2 of 3 customers" in match.second_reason


def test_a_customer_leaves_the_program_of_its_segment_only_for_clearly_more() -> None:
    profiles = make_profiles([2.0] * 5, [0.5] * 5, [1.0] * 5)
    segmentation = make_segmentation([0] * 5, ["evening-peak"])
    seen = Seen(ev_peak_kw=[1.0, 0, 0, 0, 0], cooling=[False] * 5)
    stays = target(profiles, segmentation, None, make_settings(goal_kw=9, switch_share=0.3), devices=seen)
    # 0.5 against 0.4 kW.
    assert stays.program.tolist() == ["critical-peak-price"] * 5
    goes = target(profiles, segmentation, None, make_settings(goal_kw=9, switch_share=0.2), devices=seen)
    assert goes.program.tolist() == ["managed-ev-charging"] + ["critical-peak-price"] * 4


def test_a_thermostat_gives_no_more_than_the_cooling_that_runs() -> None:
    profiles = make_profiles([2.0] * 3, [0.5] * 3, [1.0] * 3)
    segmentation = make_segmentation([0] * 3, ["mid-peak"])
    seen = Seen(ev_peak_kw=[0.0] * 3, cooling=[True] * 3, temperature_peak_kw=[1.0, 0.3, 0.0])
    result = target(profiles, segmentation, None, make_settings(goal_kw=9, switch_share=0), devices=seen)
    # 21 % of 2 kW is 0.42 kW; the third has no cooling to speak of then: 10 % by a time-of-use rate.
    assert result.program.tolist() == ["thermostat-control", "thermostat-control", "time-of-use-rate"]
    np.testing.assert_allclose(result.effect_kw, [0.42, 0.3, 0.2], rtol=1e-6)
    np.testing.assert_allclose(result.effect_high_kw, [0.7, 0.3, 0.46], rtol=1e-6)
    capped = result.reasons[result.listed.tolist().index(1)]
    assert "0.30 kW of it is cooling or heating. A thermostat that" in capped
    assert "by at most 0.30 kW (all of that; 21 % of the load, as published, would be more)" in capped


def test_without_signs_of_devices_their_programs_are_offered_to_nobody_and_it_is_said() -> None:
    result = run(goal_kw=9)
    assert not set(result.program) & {"managed-ev-charging", "thermostat-control"}
    said = [finding for finding in result.findings if finding.name == "program-not-matched"]
    assert len(said) == 1
    assert (
        "Thermostat control (without --temperature of some warm days or a column of the customer file"
        in said[0].description
    )


def test_a_segment_that_only_a_program_without_an_effect_fits_is_described_and_brings_nobody() -> None:
    catalogue = read_catalogue()
    program = next(program for program in catalogue.program if program.id == "solar-hours-shift")
    result = target(
        PROFILES,
        SEGMENTATION,
        None,
        make_settings(goal_kw=9),
        Catalogue(program=(program.model_copy(update={"labels": ("evening-peak",)}),)),
    )
    assert (result.programs[0].offers, result.programs[0].total_kw) == (0, None)
    assert result.not_target_reason[0] == "program-not-quantified"
    assert "program-not-quantified" in names(result)


def test_net_exporters_who_draw_at_the_peak_are_measured_without_a_division() -> None:
    profiles = make_profiles([2.0, 1.0], [0.0, 0.0], [-0.5, -0.1])
    result = target(profiles, make_segmentation([0, 0], ["solar-export"]), None, make_settings(goal_kw=0.05))
    assert result.programs[0].program == "time-of-use-rate"
    assert "draws 1.50 kW per customer, 100 % of it above baseload" in result.segments[0].reason


def test_a_vendors_claim_is_called_one() -> None:
    # Flat by label, but most of its load in the peak hours is above baseload.
    profiles = make_profiles([2.0, 1.0], [0.5, 0.5], [1.9, 0.9])
    result = target(profiles, make_segmentation([0, 0], ["flat"]), None, make_settings(goal_kw=0.05))
    assert result.programs[0].program == "behavioural-messages"
    assert "as its vendor published" in result.reasons[0]


def test_cars_that_charge_off_the_peak_are_asked_for_the_rest_of_their_load() -> None:
    profiles = make_profiles([1.0, 2.0], [0.3, 0.5], [1.5, 1.0])
    result = target(
        profiles, make_segmentation([0, 1], ["night-peak", "evening-peak"]), None, make_settings(goal_kw=9)
    )
    assert {row.segment_id: row.program for row in result.programs} == {
        "1": "critical-peak-price",
        "2": "critical-peak-price",
    }


def test_enrolment_rate_counts_in_offers_and_in_expected_kw() -> None:
    result = run(goal_kw=0.5, enrolment_rate=0.5, customers_max=2)
    # 0.30 + 0.20 kW expected of the two best.
    assert result.listed.tolist() == [1, 0]
    assert result.expected_kw_total == pytest.approx(0.5)
    assert result.expected_kw[1] == pytest.approx(0.3)
    assert result.participation[0] == 0.5
    assert result.programs[0].enrolments == 1
    assert result.programs[0].kw_per_enrolment == pytest.approx(0.5)
    assert result.programs[0].total_kw == pytest.approx(0.5)
    assert "no-enrolment-rate" not in names(result)


def test_where_take_up_is_known_the_list_goes_on_until_the_goal_is_likely() -> None:
    # Half of those who accept reach half a kW by chance alone; more offers make it likelier.
    result = run(goal_kw=0.3, enrolment_rate=0.5)
    assert result.probability_of_goal is not None
    assert len(result.listed) > 1
    assert result.uncertainty is not None
    assert result.uncertainty.likely_low_kw < result.expected_kw_total < result.uncertainty.likely_high_kw
    sure = run(goal_kw=0.3, enrolment_rate=0.5, goal_probability=0.3)
    assert len(sure.listed) < len(result.listed)
    assert sure.probability_of_goal is not None
    assert 0.3 <= sure.probability_of_goal < result.probability_of_goal


def test_without_take_up_no_probability_is_stated_anywhere() -> None:
    result = run(goal_kw=0.9)
    assert result.probability_of_goal is None
    assert result.uncertainty is None
    assert all(row.probability is None for row in result.strategies)
    assert all(point.probability is None for curve in result.curves for point in curve.points)


def test_a_limit_without_a_goal_of_ones_own_is_used_up() -> None:
    # The default goal, 0.1 kW, would need one offer.
    assert run(goal_share=0.001).recommended_offers == 1
    assert run(goal_share=0.001, customers_max=3).recommended_offers == 3
    assert run(goal_share=0.001, customers_max=3, enrolment_rate=0.5).recommended_offers == 3


def test_limit_of_offers() -> None:
    result = run(goal_kw=5.0, customers_max=1)
    assert result.recommended_offers == 1
    assert not result.goal_reached
    assert result.not_target_reason[0] == "beyond-offer-limit"
    goal = next(finding for finding in result.findings if finding.name == "goal-not-reached")
    assert goal.description == (
        "The goal of 5.00 kW is not reached within the limit of offers: 1 offer gives 0.60 kW, 12 % of it."
    )


def test_a_program_for_a_handful_is_not_run_beside_another_that_reaches_the_goal() -> None:
    # By effect: 0.6 and 0.4 kW at an evening peak, 0.2 kW at the mid-peak, 0.1 kW at an evening peak.
    goal = 1.05
    mixed = run(goal_kw=goal)
    assert mixed.program[mixed.listed].tolist() == ["critical-peak-price"] * 2 + ["time-of-use-rate"]
    plain = run(goal_kw=goal, min_program_offers=2)
    assert plain.goal_reached
    assert plain.program[plain.listed].tolist() == ["critical-peak-price"] * 3
    # Its next best program gives less than those who reach the goal.
    assert plain.program[5] in ("peak-time-rebate", "behavioural-messages")
    assert plain.not_target_reason[5] == "beyond-goal"
    # Where the goal needs the handful, they stay.
    needed = run(goal_kw=1.25, min_program_offers=2)
    assert needed.goal_reached
    assert "time-of-use-rate" in needed.program[needed.listed]


def test_who_could_be_offered_a_program_is_told_by_group_as_in_all() -> None:
    # The six at a mid-peak could be offered a rate; as it would be for a handful, it is run for nobody.
    profiles = make_profiles([1.0] * 20 + [2.1] * 6, [0.5] * 26, [0.4] * 20 + [1.0] * 6)
    segmentation = make_segmentation([0] * 20 + [1] * 6, ["evening-peak", "mid-peak"])
    attributes = pd.DataFrame(
        {"customer_id": profiles.customer_id, "tenure": ["owner"] * 18 + ["tenant"] * 8}
    )
    labels = {"critical-peak-price": ("evening-peak",), "time-of-use-rate": ("mid-peak",)}
    only = Catalogue(
        program=tuple(
            program.model_copy(update={"labels": labels[program.id]})
            for program in read_catalogue().program
            if program.id in labels
        )
    )
    wanted = make_settings(goal_kw=3.8, min_program_offers=10)
    result = target(profiles, segmentation, attributes, wanted, only)
    assert "program-too-small" in {row.reason for row in result.not_targets}
    groups = {row.value: row.eligible for row in result.groups}
    assert groups == {"owner": 18, "tenant": 8}
    assert result.eligible == 26


def test_a_limit_leaves_no_room_for_a_program_of_a_handful() -> None:
    # 0.6 and 0.4 kW by one program, 0.2 kW by another; the third by the first gives 0.1 kW.
    mixed = run(goal_kw=5, customers_max=3)
    assert mixed.program[mixed.listed].tolist() == ["critical-peak-price"] * 2 + ["time-of-use-rate"]
    plain = run(goal_kw=5, customers_max=3, min_program_offers=2)
    assert plain.program[plain.listed].tolist() == ["critical-peak-price"] * 3


def test_a_segment_of_which_only_the_holdout_is_reached_says_so() -> None:
    profiles = make_profiles([2.0, 2.0], [0.5, 0.5], [1.0, 1.0])
    segmentation = make_segmentation([0, 1], ["evening-peak", "double-peak"])
    for seed in range(4):
        result = target(profiles, segmentation, None, make_settings(seed, goal_kw=0.3, holdout_share=0.5))
        for row in result.programs:
            held = {result.customer_id[i] for i in result.listed[result.group == "holdout"]}
            if not row.offers and f"C0{int(row.segment_id) - 1}" in held:
                assert row.no_offers == "holdout"


def test_small_effects_are_left_out() -> None:
    result = run(goal_kw=5.0, min_effect_kw=0.15)
    assert result.not_target_reason[2] == "small-effect"
    row = next(row for row in result.not_targets if row.reason == "small-effect")
    assert row.description == "The published effect gives less than 0.15 kW at the peak."


def test_strategies_reach_the_same_goal_by_hand() -> None:
    result = run(goal_kw=0.9)
    # The same offer whoever chooses: 0.4, 0.6, 0.1, –, none, 0.2, none kW; mean of six 1.3 ÷ 6.
    needed = {row.strategy: row.offers_needed for row in result.strategies}
    # highest bill: C04 nothing, C05 0.2, C01 0.6, C06 nothing, C00 0.4; highest peak: C04 nothing, C01 0.6, C00 0.4.
    assert needed["targeted"] == 2
    assert needed["random"] == 5
    assert needed["highest-bill"] == 5
    assert needed["highest-peak"] == 3
    # Flat nothing; then mid-peak 0.2; then night nothing; then evening, in an order drawn from the seed.
    assert needed["highest-load-segment"] in (5, 6)
    assert {row.strategy: row.expected_kw for row in result.strategies}["random"] == pytest.approx(
        5 * 1.3 / 6
    )


def test_no_way_of_choosing_beats_the_list_where_the_goal_is_out_of_reach() -> None:
    rows = {row.strategy: row for row in run(goal_kw=50.0).strategies}
    assert all(row.expected_kw <= rows["targeted"].expected_kw + 1e-9 for row in rows.values())
    assert (rows["targeted"].offers, rows["highest-bill"].offers) == (4, 6)


@pytest.mark.parametrize("limit", [None, 200])
def test_where_the_goal_is_out_of_reach_the_largest_effects_still_come_first(limit: int | None) -> None:
    rng = np.random.default_rng(8)
    # The last block of ten has one customer, who is hardly ever held back: the likeliest list would put the largest there.
    coincident = rng.gamma(1, 2.0, 391)
    result = target(
        make_profiles(coincident, 0.1 * coincident, 0.5 * coincident),
        make_segmentation([0] * 391, ["evening-peak"]),
        None,
        make_settings(goal_kw=60, enrolment_rate=0.25, holdout_share=0.1, customers_max=limit),
    )
    assert not result.goal_reached
    by_rank = result.expected_kw[result.listed]
    assert (np.diff(by_rank) <= 0).all()
    assert (np.diff(result.target_rank[result.listed]) == 1).all()


def test_the_offers_lie_on_the_gains_curve_of_those_who_may_be_asked() -> None:
    result = run(goal_kw=0.9)
    share = result.recommended_offers / result.may_be_asked
    curve = np.interp(share, [p.share_customers for p in result.gains], [p.targeted for p in result.gains])
    assert result.may_be_asked < len(result.customer_id)
    assert 0 < result.offered_gain_share < 1
    assert result.offered_gain_share == pytest.approx(curve, abs=0.02)
    best = sum(sorted(np.nan_to_num(result.expected_kw))[::-1][: result.recommended_offers])
    assert result.offered_gain_share == pytest.approx(best / np.nansum(result.expected_kw), rel=1e-6)


def test_a_goal_out_of_reach_has_no_number_of_offers() -> None:
    result = run(goal_kw=50.0)
    assert all(row.offers_needed is None for row in result.strategies)
    assert {row.strategy: row.expected_kw for row in result.strategies}["targeted"] == pytest.approx(1.3)


def test_gains_run_from_nothing_to_all() -> None:
    gains = run(goal_kw=1.0).gains
    assert len(gains) == 41
    assert (gains[0].targeted, gains[-1].targeted, gains[-1].highest_bill) == (
        0.0,
        pytest.approx(1),
        pytest.approx(1),
    )
    assert all(point.targeted >= point.random - 1e-12 for point in gains)
    assert all(point.targeted >= point.highest_bill - 1e-12 for point in gains)


def test_findings_about_the_peak() -> None:
    assert "sample-peak" not in names(run(goal_kw=1.0))
    winter = replace(PROFILES, peak=replace(PROFILES.peak, source="sample"))
    result = target(winter, SEGMENTATION, None, make_settings(goal_kw=1.0, season=(12, 1, 2)))
    assert {"sample-peak", "outside-peak-season"} <= names(result)
    assert result.provisional
    season = next(finding for finding in result.findings if finding.name == "outside-peak-season")
    assert "lie in July, outside the season" in season.description
    assert "December, January and February" in season.description
    assert not target(PROFILES, SEGMENTATION, None, make_settings(goal_kw=1.0, season=(6, 7))).provisional


def test_tables() -> None:
    result = run(goal_kw=0.95)
    frame = result.frame()
    assert frame.columns.tolist() == [
        "customer_id",
        "participation",
        "program",
        "effect_kw",
        "effect_low_kw",
        "effect_high_kw",
        "effect_deviation_kw",
        "expected_kw",
        "target_rank",
        "not_target_reason",
    ]
    assert frame["target_rank"].isna().tolist() == [False, False, False, True, True, False, True]
    assert frame["not_target_reason"].isna().tolist() == [True, True, False, False, False, False, False]
    rows = result.list_frame()
    assert rows.columns.tolist() == [
        "target_rank",
        "customer_id",
        "segment_label",
        "program",
        "group",
        "expected_kw",
        "reason",
    ]
    assert rows["customer_id"].tolist() == ["C01", "C00"]


def test_nobody_eligible_still_gives_a_result() -> None:
    profiles = make_profiles([1.0, 1.0], [1.0, 1.0], [1.0, 1.0])
    result = target(profiles, make_segmentation([0, 0], ["flat"]), None, make_settings(goal_kw=1.0))
    assert (result.eligible, result.recommended_offers, result.programs) == (0, 0, [])
    assert "few-programs" in names(result)
    assert result.list_frame().empty
    assert [row.offers_needed for row in result.strategies] == [None] * 5


# Properties over many streets.

_load = st.floats(0, 8, width=32)
_customer = st.tuples(
    st.one_of(st.just(float("nan")), st.floats(-3, 8, width=32)),
    _load,
    _load,
    st.integers(0, 3),
    *[st.booleans()] * 4,
)
_street = st.lists(_customer, min_size=1, max_size=60)
_goal = st.floats(0.01, 20)
_share = st.sampled_from([0.0, 0.1, 0.25, 0.5])
_rate = st.one_of(st.none(), st.floats(0.05, 1))
_EXCLUDING = ("Life_Support", "medical_baseline", "enrolled", "Opted_Out")


def _built(street: list[tuple[float, ...]]) -> tuple[tuple[object, ...], pd.DataFrame]:
    coincident, baseload, mean, segment, *flags = zip(*street, strict=True)
    profiles = make_profiles(coincident, baseload, mean)
    segmentation = make_segmentation(
        [int(value) for value in segment], ["evening-peak", "mid-peak", "flat", "solar-export"]
    )
    attributes = pd.DataFrame(
        {"customer_id": profiles.customer_id} | dict(zip(_EXCLUDING, map(list, flags), strict=True))
    )
    return (profiles, segmentation), attributes


@settings(deadline=None)
@given(_street, _goal, _share, _rate, st.integers(0, 9))
def test_the_excluded_are_never_on_the_list_and_everyone_has_a_place(street, goal, share, rate, seed) -> None:
    (profiles, segmentation), attributes = _built(street)
    settings = make_settings(seed, goal_kw=goal, holdout_share=share, enrolment_rate=rate)
    result = target(profiles, segmentation, attributes, settings)
    excluded = attributes[list(_EXCLUDING)].any(axis=1).to_numpy()
    assert not excluded[result.listed].any()
    assert (result.target_rank[excluded] == 0).all()
    assert np.isnan(result.expected_kw[excluded]).all()

    on_list = np.zeros(len(excluded), dtype=bool)
    on_list[result.listed] = True
    assert (on_list == [reason is None for reason in result.not_target_reason]).all()
    assert len(result.listed) + sum(row.customers for row in result.not_targets) == len(excluded)
    assert sorted(result.target_rank[result.target_rank > 0]) == list(range(1, result.eligible + 1))
    assert result.recommended_offers + result.holdout == len(result.listed) == len(result.reasons)


@settings(deadline=None)
@given(_street, _goal, _share, _rate, st.integers(0, 9))
def test_offers_reach_the_goal_without_one_too_many(street, goal, share, rate, seed) -> None:
    (profiles, segmentation), attributes = _built(street)
    settings = make_settings(seed, goal_kw=goal, holdout_share=share, enrolment_rate=rate)
    result = target(profiles, segmentation, attributes, settings)
    offered = result.listed[result.group == "offer"]
    total = result.expected_kw[offered].sum()
    assert result.expected_kw_total == pytest.approx(total)
    assert result.low_kw <= result.expected_kw_total * (1 + 1e-9) <= result.high_kw * (1 + 1e-9) + 1e-12
    if result.goal_reached:
        assert total >= goal * (1 - 1e-6)
        assert total - result.expected_kw[offered[-1]] < goal
        assert {row.strategy: row.offers_needed for row in result.strategies}["targeted"] == len(offered)
    assert sum(row.offers for row in result.programs) == len(offered)


@settings(deadline=None)
@given(_street)
def test_effects_stay_between_nothing_and_the_load_above_baseload(street) -> None:
    (profiles, segmentation), attributes = _built(street)
    result = target(profiles, segmentation, attributes, make_settings(goal_kw=1.0))
    known = np.isfinite(result.effect_kw)
    low, value, high = result.effect_low_kw[known], result.effect_kw[known], result.effect_high_kw[known]
    assert (low >= 0).all()
    assert (low <= value).all()
    assert (value <= high).all()
    assert (high <= profiles.above_baseload_kw[known]).all()


@settings(deadline=None)
@given(_street, st.randoms(use_true_random=False))
def test_order_of_the_attributes_does_not_matter(street, random) -> None:
    (profiles, segmentation), attributes = _built(street)
    order = list(range(len(attributes)))
    random.shuffle(order)
    settings = make_settings(goal_kw=1.0, holdout_share=0.25)
    first = target(profiles, segmentation, attributes, settings)
    second = target(profiles, segmentation, attributes.iloc[order], settings)
    pd.testing.assert_frame_equal(first.list_frame(), second.list_frame())
    pd.testing.assert_frame_equal(first.frame(), second.frame())


def test_attributes_with_an_id_twice_are_refused() -> None:
    with pytest.raises(DataError, match="'C00' appears twice"):
        run(pd.DataFrame({"customer_id": ["C00", "C00"]}))


def test_findings_about_missing_attributes() -> None:
    assert "no-customer-attributes" in names(run(goal_kw=1.0))
    result = run(pd.DataFrame({"customer_id": ["C00"], "life_support": ["no"]}), goal_kw=1.0)
    assert {"customers-without-attributes", "no-exclusion-column"} <= names(result)
    unknown = run(pd.DataFrame({"customer_id": ["0"], "life_support": ["no"]}), goal_kw=1.0)
    gap = next(finding for finding in unknown.findings if finding.name == "customers-without-attributes")
    assert gap.severity == "serious"
