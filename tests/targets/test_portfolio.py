"""The knapsack against enumeration, and its probabilities against simulation."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.errors import UsageError
from reporter.targets import portfolio, target
from reporter.targets.catalogue import Catalogue, Costs, read_catalogue
from reporter.targets.portfolio import Ledger, Limits, choose, shortest
from reporter.targets.uncertainty import Sums, Variation, interval, load_variation, own_variance, probability

from .street import make_profiles, make_segmentation, make_settings


def instance(rng: np.random.Generator) -> tuple[Ledger, Limits, float]:
    """A small knapsack: effects, likelihoods, ranges, costs and limits of all kinds."""
    m = int(rng.integers(6, 12))
    effect, take_up = rng.gamma(2, 0.3, m), rng.uniform(0.05, 0.9, m)
    mean = effect * take_up
    down = rng.uniform(0.2, 0.9, m) if rng.random() < 0.5 else np.full(m, rng.uniform(0.2, 0.9))
    up = rng.uniform(0.1, 1.0, m)
    spread = float(rng.choice([0.0, 0.1, 0.3]))
    if rng.random() < 0.25:  # independent errors alone, as in the paper
        down, up, spread = np.ones(m), np.zeros(m), 0.0
    cost = rng.uniform(1, 10, m) if rng.random() < 0.4 else None
    ledger = Ledger(mean * down, mean, mean * (1 + up), own_variance(effect, take_up, effect), spread, cost)
    budget = None if cost is None else float(rng.uniform(0.3, 1) * cost.sum())
    goal = float(mean.sum() * rng.uniform(0.1, 1.1))
    return ledger, Limits(int(rng.integers(2, m + 1)), budget), goal


def test_it_reaches_the_exact_optimum_on_two_hundred_small_instances() -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        ledger, limits, goal = instance(rng)
        m = len(ledger.value)
        found = choose(ledger, goal, np.zeros(m, dtype=bool), limits)
        sets = np.array(list(itertools.product([0.0, 1.0], repeat=m)))
        allowed = sets.sum(axis=1) <= limits.offers_max
        if limits.budget is not None:
            allowed &= sets @ ledger.cost <= limits.budget
        sets = sets[allowed]
        parts = (ledger.low, ledger.value, ledger.high, ledger.variance)
        best = probability(Sums(*(sets @ part for part in parts)), goal, ledger.spread).max()
        assert found.probability >= 0.99 * best
        chosen = found.order[: found.length]
        assert len(chosen) <= limits.offers_max
        assert limits.budget is None or ledger.cost[chosen].sum() <= limits.budget * (1 + 1e-9)


def test_a_million_customers_take_seconds() -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    effect, take_up = rng.gamma(2, 0.1, n), rng.uniform(0.02, 0.6, n)
    mean = effect * take_up
    program = rng.integers(0, 3, n)
    down, up = np.array([0.3, 0.6, 1.0])[program], np.array([1.75, 2.3, 1.66])[program]
    ledger = Ledger(mean * down, mean, mean * up, own_variance(effect, take_up, 0.3 * effect), 0.1)
    held = np.zeros(n, dtype=bool)
    held[::10] = True
    started = time.process_time()
    found = choose(ledger, 0.05 * float(mean.sum()), held, Limits(), 0.8)
    assert time.process_time() - started < 10
    assert found.probability == pytest.approx(0.8, abs=0.001)
    # One offer fewer would not do.
    ordered = ledger.of(found.order).running(~held)
    assert shortest(ordered, found.length - 1, 0.05 * float(mean.sum()), 0.1, None)[1] < 0.8


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000))
def test_a_list_that_is_likely_enough_is_no_longer_than_it_needs_to_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ledger, _, _ = instance(rng)
    goal = 0.5 * float(ledger.value.sum())
    found = choose(ledger, goal, np.zeros(len(ledger.value), dtype=bool), Limits(), 0.3)
    if found.probability >= 0.3 and found.length > 1:
        sums = ledger.of(found.order).running()
        before = probability(
            Sums(*(part[: found.length - 1] for part in vars(sums).values())), goal, ledger.spread
        )
        assert (before < 0.3).all()


def test_probability_by_hand() -> None:
    one = np.ones(1)
    # No range: normal with mean 10 and deviation √(4 + (0.1 × 10)²).
    exact = Sums(10 * one, 10 * one, 10 * one, 4 * one)
    assert probability(exact, 10 - np.sqrt(5), 0.1)[0] == pytest.approx(0.841345, abs=1e-6)
    # The published range is the middle 90 % of the effect, one half on each side of the value.
    ranged = Sums(6 * one, 10 * one, 20 * one, 0 * one)
    assert probability(ranged, 10.0, 0.0)[0] == pytest.approx(0.5, abs=0.003)
    assert probability(ranged, 20.0, 0.0)[0] == pytest.approx(0.05, abs=0.003)
    assert interval(ranged, 0.0) == (pytest.approx(6, abs=0.05), pytest.approx(20, abs=0.1))


def test_a_larger_program_is_no_more_certain_than_what_all_share() -> None:
    one = np.ones(1)

    def relative(customers: int, low: float, high: float) -> float:
        sums = Sums(
            low * customers * one, 0.1 * customers * one, high * customers * one, 0.04 * customers * one
        )
        ends = interval(sums, 0.05)
        return (ends[1] - ends[0]) / (0.1 * customers)

    # Independent errors alone shrink with the number; the range of the effect does not.
    assert relative(1_000_000, 0.03, 0.175) > 1.4
    assert relative(1_000, 0.1, 0.1) > relative(100_000, 0.1, 0.1)


def test_variation_between_peak_days_is_split_in_what_all_share_and_what_is_ones_own() -> None:
    rng = np.random.default_rng(1)
    profiles = make_profiles(np.full(4000, 2.0), np.zeros(4000), np.ones(4000))
    level = np.array([0.8, 0.9, 1.0, 1.1, 1.2])
    day = np.repeat(np.arange(5), 4)
    own = rng.normal(0, 0.3, (4000, 5))
    kw = (2.0 * level + own)[:, day]
    varied = replace(profiles, peak_hours=profiles.peak.starts, peak_hours_kw=kw.astype(np.float32))
    found = load_variation(varied)
    assert found.shared == pytest.approx(level.std(ddof=1), rel=0.02)
    assert found.own_kw.mean() == pytest.approx(0.3 * 0.94, rel=0.05)  # c₄ of five values
    assert load_variation(profiles) == Variation(0.0, pytest.approx(np.zeros(4000)))


def test_the_stated_interval_covers_simulated_quarters_and_the_mean_is_right() -> None:
    rng = np.random.default_rng(5)
    n = 3000
    coincident, baseload = rng.gamma(4, 0.5, n), rng.uniform(0, 0.2, n)
    level, own = rng.normal(1, 0.08, 5), rng.normal(0, 0.25, (n, 5))
    kw = (coincident[:, None] * (level / level.mean() + own))[:, np.repeat(np.arange(5), 4)]
    profiles = make_profiles(kw.mean(axis=1), baseload, np.ones(n))
    profiles = replace(profiles, peak_hours=profiles.peak.starts, peak_hours_kw=kw.astype(np.float32))
    result = target(
        profiles,
        make_segmentation(rng.integers(0, 2, n), ["evening-peak", "mid-peak"]),
        None,
        make_settings(goal_kw=40.0, enrolment_rate=0.25, enrolment_rate_range=(0.2, 0.3), holdout_share=0.1),
    )
    offered = result.listed[result.group == "offer"]
    effects = [getattr(result, name)[offered] for name in ("effect_low_kw", "effect_kw", "effect_high_kw")]
    low, value, high = effects
    reductions = []
    for _ in range(200):
        z = rng.normal()  # how well the program works here, common to all
        effect = value + (z / 1.645) * ((value - low) if z < 0 else (high - value))
        take_up = 0.25 * (1 + 0.05 / 1.645 / 0.25 * rng.normal())
        weather = 1 + level.std(ddof=1) / level.mean() * rng.normal()
        enrols = rng.random(len(offered)) < take_up
        day = 1 + 0.25 * rng.normal(size=len(offered))
        reductions.append(float((enrols * effect * weather * day).sum()))
    assert result.uncertainty is not None
    inside = np.mean(
        [result.uncertainty.likely_low_kw <= kw <= result.uncertainty.likely_high_kw for kw in reductions]
    )
    assert 0.85 <= inside <= 0.95
    assert result.expected_kw_total == pytest.approx(np.mean(reductions), rel=0.1)
    assert result.probability_of_goal == pytest.approx(np.mean(np.array(reductions) >= 40), abs=0.08)
    # What all share outweighs by far what evens out.
    assert result.uncertainty.effect_kw > 3 * result.uncertainty.own_kw


def with_costs(**costs: Costs) -> Catalogue:
    catalogue = read_catalogue()
    return catalogue.model_copy(
        update={
            "program": tuple(
                program.model_copy(update={"costs": costs.get(program.id.replace("-", "_"))})
                for program in catalogue.program
            )
        }
    )


def test_a_budget_buys_most_where_a_kw_is_cheapest() -> None:
    # 0.4 and 0.6 kW by a price that costs 10 an offer, 0.2 kW each by a rate that costs 1.
    profiles = make_profiles([2.0, 3.0, 2.0, 2.0], [0.0] * 4, [1.0] * 4)
    segmentation = make_segmentation([0, 0, 1, 1], ["evening-peak", "mid-peak"])
    catalogue = with_costs(
        critical_peak_price=Costs(per_offer=10), time_of_use_rate=Costs(per_offer=0.5, per_enrolment=0.5)
    )
    result = target(profiles, segmentation, None, make_settings(budget=12.0), catalogue)
    assert sorted(result.customer_id[result.listed]) == ["C01", "C02", "C03"]
    # Were nobody's costs known, no budget could be kept.
    with pytest.raises(UsageError, match=r"--budget: the catalogue says no costs of Critical-peak price"):
        target(profiles, segmentation, None, make_settings(budget=12.0))


def test_a_goal_far_out_of_reach_takes_every_offer_and_not_one() -> None:
    each = np.full(200, 0.08)
    ledger = Ledger(
        each * 0.5, each, each * 1.5, own_variance(each / 0.2, np.full(200, 0.2), each), 0.1, None
    )
    sums = ledger.running()
    for goal in (20.0, 100.0, 200.0, 1e6):
        length, chance = shortest(sums, 200, goal, 0.1, 0.8)
        assert length == 200
        assert chance < 0.8


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(20, 160),
    st.floats(0.01, 1.3),
    st.sampled_from([None, 7, 60]),
    st.sampled_from([None, 25.0]),
    st.sampled_from([None, 0.8]),
)
def test_looking_at_the_first_customers_only_finds_the_same_list(
    seed: int, count: int, part: float, offers: int | None, budget: float | None, wanted: float | None
) -> None:
    rng = np.random.default_rng(seed)
    # Few different values, so that many customers are alike.
    value = rng.integers(1, 9, count) / 8
    ledger = Ledger(value * 0.4, value, value * 1.7, rng.integers(0, 4, count) / 8, 0.2, np.full(count, 0.5))
    held = rng.random(count) < 0.1
    limits = Limits(offers, budget)
    found = []
    for first in (8, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(portfolio, "_FIRST", first)
            patch.setattr(portfolio, "_MORE", 2)
            patch.setattr(portfolio, "_POLISHED", 0)
            found.append(
                [choose(ledger, part * value.sum(), held, limits, wanted, whole) for whole in (True, False)]
            )
    (few, few_first), (all_, _) = found
    assert few.order.tolist() == all_.order.tolist()
    assert few_first.order[: all_.length].tolist() == all_.order[: all_.length].tolist()
    for one in (few, few_first):
        assert (one.length, one.probability, one.limited) == (all_.length, all_.probability, all_.limited)
