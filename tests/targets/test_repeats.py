"""Customers who declined the same program before, on streets whose sums can be done by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reporter.findings import Finding
from reporter.targets import target
from reporter.targets.model import Targeting
from reporter.targets.participation import History, estimate_participation
from reporter.targets.participation.history import after_refusal
from reporter.targets.what_if import Changed, Columns, recompute

from .street import make_profiles, make_segmentation, make_settings
from .test_participation import PROGRAM, town

N = 20


def history(second: dict[int, bool] | None = None, program: str = PROGRAM) -> History:
    """C10 to C19 were offered the program; C15 to C19 took it. Some of the others were asked a second time."""
    rows = [(f"C{number:02d}", program, "2025-05-06", number >= 15) for number in range(10, N)]
    rows += [(f"C{number:02d}", program, "2025-11-02", took) for number, took in (second or {}).items()]
    frame = pd.DataFrame(rows, columns=["customer_id", "program", "offered", "enrolled"])
    frame["offered"] = pd.to_datetime(frame["offered"])
    return History(frame.assign(opted_out=False), states_opt_out=False)


def run(past: History | None, **wanted: object) -> Targeting:
    profiles = make_profiles([2.0] * N, [0.5] * N, [1.0] * N)
    settings = make_settings(**{"customers_max": N, "holdout_share": 0.0, **wanted})
    return target(profiles, make_segmentation([0] * N, ["evening-peak"]), None, settings, None, past)


def said(result: Targeting) -> Finding | None:
    return next((finding for finding in result.findings if finding.name == "declined-before"), None)


def test_who_declined_is_left_out_and_counted() -> None:
    result = run(history())
    assert set(result.program[:15]) == {PROGRAM}
    assert result.not_target_reason[10:15].tolist() == ["declined-before"] * 5
    assert result.not_target_reason[15:].tolist() == ["already-enrolled"] * 5
    assert (result.recommended_offers, result.eligible, result.may_be_asked) == (10, 10, 10)
    row = result.repeats
    assert row is not None
    assert (row.rule, row.customers, row.declined_it, row.declined_another) == ("leave-out", 5, 0, 0)
    assert row.other_kw == pytest.approx(result.expected_kw_total)
    assert {entry.reason: entry.customers for entry in result.not_targets}["declined-before"] == 5
    finding = said(result)
    assert finding is not None
    # The default goal, 5 kW, is out of reach, so that they are left out bears on the decision.
    assert finding.severity == "warning"
    assert "5 customers declined before" in finding.description
    assert "no second offer" in finding.description
    enough = said(run(history(), goal_kw=0.1))
    assert enough is not None and enough.severity == "info"


def test_asked_again_as_if_for_the_first_time_says_what_remains_without_them() -> None:
    result = run(history(), repeat_offers="as-first")
    assert result.recommended_offers == 15
    row = result.repeats
    assert row is not None
    # Half of the offers were accepted: 7.5 enrolments of 15 offers, of which 2.5 rest on those who said no.
    assert (row.rule, row.customers, row.declined_it) == ("as-first", 5, 5)
    assert (row.decliners_enrolments, row.other_enrolments) == (2.5, 5.0)
    assert row.other_kw == pytest.approx(result.expected_kw_total * 2 / 3)
    assert row.decliners_kw == pytest.approx(result.expected_kw_total / 3)
    assert row.other_probability is not None and result.probability_of_goal is not None
    assert row.other_probability <= result.probability_of_goal
    finding = said(result)
    assert finding is not None and finding.severity == "warning"
    assert "5 recommended offers go to customers who declined the same program before" in finding.description
    assert "Without them 5 enrolments and" in finding.description


def test_a_few_second_offers_are_told_with_their_interval() -> None:
    # One of two second offers was accepted; Wilson, 90 %: (0.5 + 0.67638 ∓ 1.64485 × √(0.125 + 0.16910)) ÷ 2.35277.
    result = run(history({10: True, 11: False}), repeat_offers="as-first")
    past = result.likelihood
    assert past is not None
    assert (past.repeat_offers, past.repeat_enrolments, past.repeats_learnt) == (2, 1, False)
    assert past.repeat_low == pytest.approx(
        (0.5 + 0.67638 - 1.64485 * np.sqrt(0.125 + 0.16910)) / 2.35277, 1e-4
    )
    finding = said(result)
    assert finding is not None
    assert "1 of 2 second offers were accepted (12 % to 88 % with 90 % confidence)" in finding.description
    # C10 took the second offer and is in the program now.
    assert result.repeats is not None and result.repeats.declined_it == 4
    assert result.not_target_reason[10] == "already-enrolled"


def test_who_declined_another_program_is_offered_this_one_and_it_is_said() -> None:
    result = run(history(program="battery-rewards"))
    row = result.repeats
    assert row is not None
    assert (row.rule, row.customers, row.declined_it, row.declined_another) == ("leave-out", 0, 0, 5)
    assert (row.decliners_enrolments, row.other_enrolments) == (2.5, 5.0)
    finding = said(result)
    assert finding is not None and finding.severity == "warning"
    assert "5 recommended offers go to customers who declined another program before" in finding.description


def test_without_a_history_there_is_nothing_to_say() -> None:
    result = run(None, enrolment_rate=0.5)
    assert (result.repeats, said(result)) == (None, None)


@pytest.mark.parametrize("rule", ["leave-out", "as-first"])
def test_what_if_nothing_changes_gives_the_numbers_of_the_run(rule: str) -> None:
    result = run(history(), repeat_offers=rule, goal_kw=1.0)
    columns = Columns(
        program=np.zeros(N, dtype=np.int64),
        value=result.effect_kw,
        low=result.effect_low_kw,
        high=result.effect_high_kw,
        deviation=result.effect_deviation_kw,
        participation=result.participation,
        eligible=result.target_rank > 0,
    )
    found = recompute(columns, result.rules, result.enrolment_basis, result.goal_kw, True, 0, Changed())
    assert found.offers == result.recommended_offers
    assert found.expected_kw == pytest.approx(result.expected_kw_total)
    assert found.probability_of_goal == pytest.approx(result.probability_of_goal)


def test_a_second_offer_is_one_after_a_refusal_of_the_same_program() -> None:
    frame = pd.DataFrame(
        [("A", "x", False), ("A", "y", False), ("B", "x", True), ("A", "x", False), ("B", "x", False), ("A", "x", True)],
        columns=["customer_id", "program", "enrolled"],
    )  # fmt: skip
    assert after_refusal(frame).tolist() == [False, False, False, True, False, True]


def test_with_enough_second_offers_the_likelihood_learns_them() -> None:
    people = town(1500, seed=4, waves=pd.to_datetime(["2025-01-10", "2025-02-10", "2026-01-31"]))
    rng = np.random.default_rng(5)
    first = people.history.frame
    refused = first[~first["enrolled"]]
    chance = pd.Series(people.probability, index=people.profiles.customer_id)[
        refused["customer_id"]
    ].to_numpy()
    asked = rng.random(len(refused)) < 0.7
    # A second offer is accepted half as often as a first one.
    took = rng.random(len(refused)) < 0.5 * chance
    early = (refused["offered"] < "2026-01-01") & (rng.random(len(refused)) < 0.6)
    days = pd.to_datetime(np.where(early, "2025-09-01", "2026-03-01"))
    second = refused.assign(enrolled=took, offered=days)[asked]
    frame = pd.concat([first, second]).sort_values(["offered", "customer_id"], ignore_index=True)
    past = History(frame, states_opt_out=True)
    attributes = people.attributes.drop(columns="enrolled")
    segmentation = make_segmentation([0] * 1500, ["evening-peak"])
    result = target(people.profiles, segmentation, attributes, make_settings(goal_kw=50.0), history=past)
    learnt = result.likelihood
    assert learnt is not None and learnt.repeats_learnt and learnt.method != "mean-rate"
    assert learnt.repeat_offers == len(second)
    assert result.repeats is not None and result.repeats.rule == "learnt"
    assert "declined-before" not in result.not_target_reason
    ids = pd.Index(people.profiles.customer_id)
    declined = ids.isin(refused["customer_id"]) & ~ids.isin(frame.loc[frame["enrolled"], "customer_id"])
    probability = result.participation
    truth = np.where(declined, 0.5, 1.0) * people.probability
    # A customer who said no is likelier to be one who says no: the truth of the two kinds, each met in the mean.
    for kind in (declined, ~people.offered):
        known = kind & np.isfinite(probability)
        assert probability[known].mean() == pytest.approx(truth[known].mean(), rel=0.25)


def test_where_no_model_holds_second_offers_have_a_rate_of_their_own() -> None:
    # Chance alone decides: 60 of 200 first offers, 40 of 140 second ones.
    n = 300
    mean = np.random.default_rng(3).uniform(0.8, 1.2, n)
    profiles = make_profiles([2.0] * n, [0.5] * n, mean)
    profiles = replace(profiles, customer_id=np.array([f"{number:04d}" for number in range(n)]))
    took = np.random.default_rng(1).permutation(np.arange(200) < 60)
    ids = profiles.customer_id[:200]
    again = ids[~took]
    first = pd.DataFrame({"customer_id": ids, "offered": pd.Timestamp("2025-05-06"), "enrolled": took})
    second = pd.DataFrame(
        {
            "customer_id": again,
            "offered": pd.Timestamp("2025-11-02"),
            "enrolled": np.random.default_rng(2).permutation(140) < 40,
        }
    )
    frame = pd.concat([first, second], ignore_index=True).assign(program=PROGRAM, opted_out=False)
    found = estimate_participation(History(frame, states_opt_out=False), profiles, None, make_settings())
    assert (found.participation.method, found.participation.repeats_learnt) == ("mean-rate", True)
    chance = found.of(PROGRAM)
    assert chance is not None
    assert chance[250] == pytest.approx(60 / 200)
    declined = np.flatnonzero(~took)[np.flatnonzero(~second["enrolled"])[0]]
    assert chance[declined] == pytest.approx(40 / 140)
    assert "29 % of them were accepted, of the others 30 %" in found.participation.reason
    # Another program was declined by nobody.
    other = found.of("time-of-use-rate")
    assert other is not None and other[declined] == pytest.approx(60 / 200)
