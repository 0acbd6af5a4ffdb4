"""Who moved, what is new and what a program did, in periods made by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from reporter.compare.emerging import emerging, follow_up
from reporter.compare.migration import migration, stability_index
from reporter.compare.notes import notes
from reporter.compare.program import ENROLLED, program_effect
from reporter.facts import ProgramEffect
from reporter.settings import CompareSettings

from . import sides

OPTIONS = CompareSettings()


def test_moves_arrivals_and_departures_add_up() -> None:
    made = sides.pair([0, 0, 0, 1, 1, 2, -1, 2], [0, 0, 1, 1, 1, 2, 2, -1])
    found = migration(made)
    assert found.matrix == [[2, 1, 0], [0, 2, 0], [0, 0, 1]]
    assert (found.customers, found.arrivals, found.departures) == (6, 1, 1)
    assert found.changed == pytest.approx(1 / 6)
    assert [net.change for net in found.net] == pytest.approx([-1 / 6, 1 / 6, 0])
    assert [net.arrivals for net in found.net] == [0, 0, 1]
    assert [net.departures for net in found.net] == [0, 0, 1]
    assert [net.old_share_all for net in found.net] == pytest.approx([3 / 7, 2 / 7, 2 / 7])


def test_those_left_out_are_told_apart_from_those_who_left() -> None:
    reason = np.array([None, "too-few-days", None, None], dtype=object)
    made = sides.pair([0, 0, 0, 1], [0, -1, -1, 1], new_exclusion_reason=reason)
    found = migration(made)
    assert (found.departures, found.left_out_now) == (2, 1)


def test_moves_both_ways_are_noise_and_one_way_are_change() -> None:
    old = np.repeat([0, 1], 500)
    swapped, shifted = old.copy(), old.copy()
    swapped[:40], swapped[-40:] = 1, 0
    shifted[:50] = 1
    assert not any(net.beyond_noise for net in migration(sides.pair(old, swapped)).net)
    net = migration(sides.pair(old, shifted)).net[1]
    assert net.beyond_noise
    assert net.low <= 0.05 <= net.high


def test_a_shift_of_five_percent_is_found_and_its_interval_holds_it() -> None:
    held = found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        old = rng.integers(0, 3, 1000)
        noisy = rng.random(1000) < 0.1
        new = np.where(noisy, rng.integers(0, 3, 1000), old)
        # Of all customers, 5 % go from 0 to 1 beside what moves by noise both ways.
        new[rng.choice(np.flatnonzero((old == 0) & (new == 0)), 50, replace=False)] = 1
        net = migration(sides.pair(old, new)).net
        held += net[1].low <= 0.05 <= net[1].high
        found += net[1].beyond_noise and net[0].beyond_noise
    assert held >= 190
    assert found >= 195


def test_noise_alone_raises_an_alarm_in_one_of_twenty_comparisons_at_most() -> None:
    alarms = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        old = rng.integers(0, 3, 600)
        new = np.where(rng.random(600) < 0.3, rng.integers(0, 3, 600), old)
        alarms += any(net.beyond_noise for net in migration(sides.pair(old, new)).net)
    assert alarms <= 24


def test_the_stability_index_by_hand() -> None:
    # (0.5 − 0.4) ln(0.5 / 0.4) + (0.5 − 0.6) ln(0.5 / 0.6)
    assert stability_index(np.array([50, 50]), np.array([40, 60])) == pytest.approx(0.04055, abs=1e-5)
    assert stability_index(np.array([50, 50]), np.array([100, 100])) == pytest.approx(0)
    assert stability_index(np.array([0, 0]), np.array([1, 1])) is None


def adopters(n: int = 300) -> dict[str, np.ndarray]:
    """Everyone takes 0.1 kW more; the first ten also charge 3 kW from 0 to 3 h, the next ten had a car before."""
    old_kw = np.full((n, 24), 0.5)
    new_kw = old_kw + 0.1
    new_kw[:10, :3] += 3
    probability = {"old": np.full(n, 0.02), "new": np.full(n, 0.03)}
    probability["new"][:10] = 0.95
    for side in probability.values():
        side[10:20] = 0.97
    return {
        "old_kw": old_kw, "new_kw": new_kw,
        "old_ev_probability": probability["old"], "new_ev_probability": probability["new"],
    }  # fmt: skip


def test_adopters_are_found_with_what_they_add() -> None:
    # Half of the adopters join a segment that was there already.
    old, new = np.zeros(300, dtype=int), np.zeros(300, dtype=int)
    new[:5] = 2
    made = sides.pair(
        old, new, new_area=np.array(["north"] * 6 + ["south"] * 294, dtype=object), **adopters()
    )
    found, kinds = emerging(made, OPTIONS)
    assert [entry.kind for entry in found] == ["ev"]
    cars = found[0]
    assert np.flatnonzero(kinds.eq("ev").fillna(False)).tolist() == list(range(10))
    assert (cars.customers, cars.before, cars.after) == (10, 10, 20)
    assert cars.low <= 10 <= cars.high
    assert cars.added_kw == pytest.approx([3] * 3 + [0] * 21, abs=1e-5)
    assert sorted(cars.hours) == [0, 1, 2]
    assert [(area.area, area.customers) for area in cars.areas] == [("north", 6), ("south", 4)]
    assert cars.areas[1].per_thousand == pytest.approx(1000 * 4 / 294)
    listed = follow_up(made, kinds)
    assert listed["customer_id"].tolist() == [f"C{n:05d}" for n in range(10)]
    assert set(listed["probability_now"]) == {0.95}


def test_what_others_got_anew_is_not_what_the_season_did() -> None:
    columns = adopters()
    # Forty more of the same segment have panels now: 2 kW less at noon, which is no part of what the cars did.
    columns["new_kw"][100:140, 11:14] -= 2
    columns["old_solar_probability"] = np.full(300, 0.02)
    columns["new_solar_probability"] = np.where((np.arange(300) >= 100) & (np.arange(300) < 140), 0.98, 0.02)
    # One of the ten who had a car shows it no more.
    columns["new_ev_probability"][10] = 0.1
    made = sides.pair(np.zeros(300, dtype=int), np.zeros(300, dtype=int), **columns)
    found = {entry.kind: entry for entry in emerging(made, OPTIONS)[0]}
    assert found["ev"].added_kw == pytest.approx([3] * 3 + [0] * 21, abs=1e-5)
    assert found["solar"].added_kw == pytest.approx([0] * 11 + [-2] * 3 + [0] * 10, abs=1e-5)
    assert (
        "of the customers of both periods 10 had it then and 19 do now, 1 of the 10 showing it no more"
        in found["ev"].description
    )


def test_moves_of_those_with_a_new_load_are_told_apart() -> None:
    old, new = np.array([0, 0, 0, 0, 1, 1, 2, -1]), np.array([1, 1, 2, 0, 1, 0, 2, 2])
    news = np.array([True, False, True, True, False, False, True, True])
    found = migration(sides.pair(old, new), news)
    assert (found.moved, found.moved_new_load) == (4, 2)
    assert [(net.moved_out, net.moved_out_new_load) for net in found.net] == [(3, 2), (1, 0), (0, 0)]
    assert [(net.moved_in, net.moved_in_new_load) for net in found.net] == [(1, 0), (2, 1), (1, 1)]


def test_a_small_rise_and_an_unknown_past_are_no_adoption() -> None:
    columns = adopters()
    columns["old_ev_probability"][:5] = 0.8
    columns["old_ev_probability"][5:10] = np.nan
    made = sides.pair(np.zeros(300, dtype=int), np.zeros(300, dtype=int), **columns)
    assert "ev" not in {found.kind for found in emerging(made, OPTIONS)[0]}


def test_without_signatures_it_is_said() -> None:
    made = sides.pair([0, 1], [0, 1], old_ev_probability=np.nan, new_ev_probability=np.nan)
    assert "no-signatures" in {note.name for note in notes(made, migration(made), [], OPTIONS)}


def test_a_few_unsure_adopters_are_chance() -> None:
    old, new = np.full(300, 0.1), np.full(300, 0.1)
    old[:3], new[:3] = 0.3, 0.62
    made = sides.pair(
        np.zeros(300, dtype=int), np.zeros(300, dtype=int), old_ev_probability=old, new_ev_probability=new
    )
    assert emerging(made, OPTIONS)[0] == []


def test_heating_is_new_only_against_the_same_season() -> None:
    columns = {"old_heating_probability": np.full(100, 0.05), "new_heating_probability": np.full(100, 0.95)}
    made = sides.pair(np.zeros(100, dtype=int), np.zeros(100, dtype=int), **columns)
    assert [found.kind for found in emerging(made, OPTIONS)[0]] == ["electric-heat"]
    summer = made.old.facts.period.model_copy(update={"start": date(2026, 1, 1), "end": date(2026, 3, 31)})
    other = replace(made, old=replace(made.old, facts=made.old.facts.model_copy(update={"period": summer})))
    assert emerging(other, OPTIONS)[0] == []


def test_an_empty_home_takes_away_what_it_used() -> None:
    # The others of its segment fell by more than it ever used.
    old_kw = np.full((100, 24), 2.0)
    old_kw[0] = 0.8
    new_kw = old_kw - 1
    new_kw[0] = 0.05
    made = sides.pair(np.zeros(100, dtype=int), np.zeros(100, dtype=int), old_kw=old_kw, new_kw=new_kw)
    found = [entry for entry in emerging(made, OPTIONS)[0] if entry.kind == "vacant"]
    assert found[0].added_coincident_kw == pytest.approx(-0.75)


def test_a_home_that_falls_empty_is_listed_and_one_with_new_panels_is_not() -> None:
    old_kw = np.full((100, 24), 0.8)
    new_kw = old_kw.copy()
    new_kw[:3] = 0.05
    sun = np.zeros(100)
    sun[2] = 0.9
    made = sides.pair(
        np.zeros(100, dtype=int), np.zeros(100, dtype=int), old_kw=old_kw, new_kw=new_kw,
        old_solar_probability=sun, new_solar_probability=sun,
    )  # fmt: skip
    _, kinds = emerging(made, OPTIONS)
    assert np.flatnonzero(kinds.eq("vacant").fillna(False)).tolist() == [0, 1]


def recommended(folder: Path, offers: int) -> None:
    rows = ["target_rank,customer_id,segment_label,program,group,expected_kw,reason"]
    rows += [
        f"{place + 1},C{place:05d},x,p,{'holdout' if place % 10 == 9 else 'offer'},0.3,r"
        for place in range(offers)
    ]
    (folder / "targets.csv").write_text("\n".join(rows) + "\n")


def program(folder: Path, seed: int, effect: float = -0.3) -> ProgramEffect:
    """Everyone's load rises with its size, and the enrolled are larger, so that others at large are no measure."""
    rng = np.random.default_rng(seed)
    n = 400
    recommended(folder, 100)
    size = rng.uniform(0.5, 3, n)
    enrolled = np.arange(n) < 60
    size[enrolled] += 1
    after = size * 1.2 + effect * enrolled + rng.normal(0, 0.2, n)
    made = sides.pair(
        np.zeros(n, dtype=int), np.zeros(n, dtype=int), folder, old_coincident_kw=size, new_coincident_kw=after,
        old_mean_kw=size, old_above_baseload_kw=size, old_effect_kw=0.25,
        new_not_target_reason=np.where(enrolled, ENROLLED, None),
    )  # fmt: skip
    found = program_effect(made, OPTIONS)
    assert found is not None
    return found


def test_a_program_is_measured_against_those_who_are_alike(tmp_path: Path) -> None:
    found = program(tmp_path, 0)
    assert (found.recommended, found.enrolled) == (90, 54)
    assert found.effect_kw == pytest.approx(-0.3, abs=0.1)
    forecast = found.scores[1]
    assert (forecast.forecast, forecast.actual) == (pytest.approx(0.25), pytest.approx(-found.effect_kw))


def test_the_interval_of_an_effect_holds_the_truth(tmp_path: Path) -> None:
    effects = [program(tmp_path, seed) for seed in range(100)]
    held = sum(e.effect_low <= -0.3 <= e.effect_high for e in effects if e.effect_low and e.effect_high)
    assert 88 <= held <= 99
    assert np.mean([e.effect_kw for e in effects]) == pytest.approx(-0.3, abs=0.02)


def test_too_few_enrolled_are_not_measured(tmp_path: Path) -> None:
    recommended(tmp_path, 20)
    reason = np.array([ENROLLED] * 5 + [None] * 45, dtype=object)
    made = sides.pair(
        np.zeros(50, dtype=int), np.zeros(50, dtype=int), tmp_path, new_not_target_reason=reason
    )
    found = program_effect(made, OPTIONS)
    assert found is not None
    assert (found.enrolled, found.effect_kw) == (5, None)
    assert "too few to measure" in found.scores[1].note
