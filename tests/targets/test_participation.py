"""Likelihood of enrolment, on customers whose true probability is known."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from reporter.errors import DataError
from reporter.profiles import Profiles
from reporter.settings import Settings
from reporter.targets import target
from reporter.targets.participation import History, Likelihood, estimate_participation, read_enrolment
from reporter.targets.participation.classifier import curve_covariance, make_classifier
from reporter.targets.participation.estimate import rate_variance
from reporter.targets.participation.leaks import leaking
from reporter.targets.participation.validation import calibration_slope, wilson

from .street import make_profiles, make_segmentation, make_settings

PROGRAM = "critical-peak-price"
WAVES = pd.to_datetime(["2025-05-06", "2025-08-04", "2025-11-02", "2026-01-31"])


@dataclass(frozen=True)
class Town:
    """Customers with a known probability of enrolment, six in ten of whom were offered a program."""

    profiles: Profiles
    attributes: pd.DataFrame
    probability: np.ndarray
    offered: np.ndarray
    enrolled: np.ndarray
    history: History


def town(n: int, seed: int = 0, waves: pd.DatetimeIndex = WAVES) -> Town:
    rng = np.random.default_rng(seed)
    evening = rng.normal(0, 1, n)
    size = rng.normal(0, 0.4, n)
    owner = rng.random(n) < 0.6
    hours = np.arange(24)
    shape = 1 + np.exp(-0.5 * ((hours - 18.5) / 1.8) ** 2) * (1.2 + 0.5 * evening)[:, None]
    kw = np.exp(size)[:, None] * np.clip(shape, 0.1, None) * rng.normal(1, 0.03, (n, 24))
    profiles = replace(
        make_profiles(kw[:, 17:21].mean(axis=1), kw.min(axis=1), kw.mean(axis=1)),
        customer_id=np.array([f"{number:06d}" for number in range(n)]),
        profile_kw=kw.astype(np.float32),
        weekday_kw=kw.astype(np.float32),
        weekend_kw=kw.astype(np.float32),
    )
    probability = expit(-1.5 + 0.9 * evening + 0.5 * size / 0.4 + 0.8 * (owner - 0.6))
    offered = rng.random(n) < 0.6
    enrolled = offered & (rng.random(n) < probability)
    attributes = pd.DataFrame(
        {
            "customer_id": profiles.customer_id,
            "tenure": np.where(owner, "owner", "tenant"),
            "dwelling": rng.choice(["house", "flat", ""], n),
            "gender": rng.choice(["f", "m"], n),
            "enrolled": enrolled,
            "name": [f"Customer {number}" for number in range(n)],
        }
    )
    frame = pd.DataFrame(
        {
            "customer_id": profiles.customer_id,
            "program": PROGRAM,
            "offered": waves[rng.integers(0, len(waves), n)],
            "enrolled": enrolled,
            "opted_out": False,
        }
    )[offered]
    frame = frame.sort_values(["offered", "customer_id"], ignore_index=True)
    return Town(profiles, attributes, probability, offered, enrolled, History(frame, states_opt_out=True))


@pytest.fixture(scope="module")
def known() -> tuple[Town, Likelihood]:
    people = town(6000, seed=3)
    return people, estimate_participation(people.history, people.profiles, people.attributes, Settings())


def test_it_orders_customers_as_well_as_the_truth_does_and_means_what_it_says(
    known: tuple[Town, Likelihood],
) -> None:
    people, likelihood = known
    probability = likelihood.of(PROGRAM)
    assert probability is not None
    # Those never offered anything, had they been: the model has seen none of them.
    others = ~people.offered
    outcome = np.random.default_rng(9).random(len(others)) < people.probability
    truth = roc_auc_score(outcome[others], people.probability[others])
    assert roc_auc_score(outcome[others], probability[others]) == pytest.approx(truth, abs=0.02)
    found = calibration_slope(outcome[others], probability[others])
    assert found is not None
    slope, error = found
    assert 0.9 <= slope <= 1.1
    assert 0.02 < error < 0.08
    assert probability[others].mean() == pytest.approx(people.probability[others].mean(), rel=0.05)


def test_the_check_is_on_later_offers_and_its_marks_are_true(known: tuple[Town, Likelihood]) -> None:
    people, likelihood = known
    validation = likelihood.participation.validation
    assert validation is not None
    assert validation.kind == "later-offers"
    assert "before 2026-01-31" in validation.description
    assert validation.offers == (people.history.frame["offered"] == WAVES[-1]).sum()
    assert validation.roc_auc_low < validation.roc_auc < validation.roc_auc_high
    assert validation.calibration_slope_low < 1 < validation.calibration_slope_high
    assert validation.calibration_slope_low < validation.calibration_slope < validation.calibration_slope_high
    assert validation.brier < validation.brier_reference
    assert validation.pr_auc > validation.mean_observed
    assert [point.share_enrolments for point in validation.gains][-1] == pytest.approx(1)
    assert sum(row.offers for row in validation.calibration) == validation.offers
    inside = [row.low <= row.predicted <= row.high for row in validation.calibration]
    assert np.mean(inside) >= 0.7


def test_what_drives_it_is_named_and_what_must_not_is_left_out(known: tuple[Town, Likelihood]) -> None:
    _, likelihood = known
    drivers = {driver.feature: driver.direction for driver in likelihood.participation.drivers}
    assert set(list(drivers)[:3]) == {"evening share", "size of the load", "tenure"}
    assert (drivers["evening share"], drivers["size of the load"], drivers["tenure"]) == (
        "higher",
        "higher",
        "owner",
    )
    left_out = {entry.feature: entry.reason for entry in likelihood.participation.left_out}
    assert left_out == {
        "gender": "protected",
        "enrolled": "exclusion",
        "name": "too-many-values",
        "opted_out": "after-the-offer",
    }
    names = {finding.name for finding in likelihood.findings}
    assert names == {"participation-selection"}


def test_without_dates_that_differ_the_check_is_cross_validation() -> None:
    people = town(400, seed=3, waves=WAVES[:1])
    validation = estimate_participation(
        people.history, people.profiles, people.attributes, Settings()
    ).participation.validation
    assert validation is not None
    assert validation.kind == "repeated-cross-validation"
    assert validation.offers == len(people.history.frame)
    assert "3 times 5 folds" in validation.description


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_column_that_leaks_the_outcome_is_caught_and_named(noise: float) -> None:
    people = town(600, seed=1)
    rng = np.random.default_rng(2)
    flipped = people.enrolled ^ (rng.random(600) < noise)
    attributes = people.attributes.assign(
        device_serial=np.where(flipped, [f"T{number}" for number in range(600)], ""),
        thermostat=np.where(flipped, "yes", "no"),
        rebate=np.where(people.enrolled, rng.gamma(2, 20, 600), 0).round(2),
        welcome_letter=np.where(people.enrolled & (rng.random(600) < 0.5), "sent", ""),
    )
    likelihood = estimate_participation(people.history, people.profiles, attributes, Settings())
    left_out = {entry.feature: entry.reason for entry in likelihood.participation.left_out}
    leaks = {"thermostat", "rebate", "welcome_letter"}
    assert {name for name, reason in left_out.items() if reason == "leaks-outcome"} == leaks
    assert left_out["device_serial"] == "too-many-values"
    finding = next(finding for finding in likelihood.findings if finding.name == "feature-leaks-outcome")
    assert set(finding.data["features"]) == leaks
    assert not {driver.feature for driver in likelihood.participation.drivers} & leaks


def test_honest_columns_are_no_leaks() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        people = town(300, seed=seed)
        frame = pd.DataFrame(
            {
                "score": np.log(people.probability / (1 - people.probability)),
                "class": rng.choice(list("abcdefghij"), 300),
                "rare": np.where(rng.random(300) < 0.03, "yes", "no"),
            }
        )[people.offered]
        assert not leaking(frame, people.enrolled[people.offered])


def test_too_few_enrolments_give_a_mean_rate_and_no_model() -> None:
    people = town(120, seed=5)
    few = people.history.frame.iloc[:60]
    likelihood = estimate_participation(
        History(few, states_opt_out=False), people.profiles, people.attributes, Settings()
    )
    rate = few["enrolled"].mean()
    assert likelihood.participation.method == "mean-rate"
    assert likelihood.participation.validation is None
    assert likelihood.of(PROGRAM) == pytest.approx(np.full(120, rate))
    finding = next(finding for finding in likelihood.findings if finding.name == "no-participation-model")
    assert f"{few['enrolled'].sum()} enrolments and" in finding.description
    none = History(few.assign(enrolled=False), states_opt_out=False)
    assert estimate_participation(none, people.profiles, None, Settings()).of(PROGRAM) is None


def test_columns_that_tell_nothing_give_the_mean_rate_to_everyone() -> None:
    people = town(700, seed=2)
    rng = np.random.default_rng(3)
    blind = people.history.frame.assign(enrolled=rng.random(len(people.history.frame)) < 0.2)
    likelihood = estimate_participation(
        History(blind, states_opt_out=False), people.profiles, None, Settings()
    )
    spread = likelihood.of(PROGRAM)
    assert spread is not None
    assert spread.std() < 0.04


def test_the_same_history_gives_the_same_likelihood_in_any_order() -> None:
    people = town(300, seed=4)
    once = estimate_participation(people.history, people.profiles, people.attributes, Settings()).of(PROGRAM)
    shuffled = people.attributes.sample(frac=1, random_state=1)
    again = estimate_participation(people.history, people.profiles, shuffled, Settings()).of(PROGRAM)
    np.testing.assert_array_equal(once, again)


def test_campaigns_that_differ_widen_the_spread_of_the_rate() -> None:
    def offers(rates: list[float]) -> pd.DataFrame:
        rows = [
            {"program": PROGRAM, "offered": WAVES[wave], "enrolled": number < rate * 400}
            for wave, rate in enumerate(rates)
            for number in range(400)
        ]
        return pd.DataFrame(rows)

    # 800 offers at 20 %: √(0.2 × 0.8 ÷ 800) ÷ 0.2; four campaigns from 10 to 30 % differ by far more.
    assert np.sqrt(sum(rate_variance(offers([0.2, 0.2])))) == pytest.approx(
        np.sqrt(0.16 / 800) / 0.2, rel=1e-6
    )
    assert np.sqrt(sum(rate_variance(offers([0.1, 0.2, 0.2, 0.3])))) == pytest.approx(0.41, abs=0.03)


def test_how_far_a_curve_may_be_off_is_what_it_is_off_by_from_history_to_history() -> None:
    rng = np.random.default_rng(2)
    score = rng.normal(-1.2, 0.8, 600)
    customers = np.arange(600)

    def curve(enrolled: np.ndarray) -> np.ndarray:
        model = LogisticRegression(C=np.inf).fit(score[:, None], enrolled)
        return np.array([model.intercept_[0], model.coef_[0, 0]])

    histories = [rng.random(600) < expit(score) for _ in range(300)]
    true = np.cov(np.transpose([curve(enrolled) for enrolled in histories]))
    stated = np.mean([curve_covariance(score, enrolled, customers) for enrolled in histories], axis=0)
    np.testing.assert_allclose(stated, true, rtol=0.2)
    # The same answer of the same customer a second time tells nothing new.
    once = curve_covariance(score, histories[0], customers)
    twice = curve_covariance(*(np.tile(part, 2) for part in (score, histories[0], customers)))
    np.testing.assert_allclose(twice, once, rtol=1e-6)


def test_the_reduction_of_a_list_is_off_by_as_much_as_is_stated() -> None:
    # Lists of the likeliest fifth, from histories of 450 offers: chosen by what the model says of them.
    people = town(300, seed=3)
    whole = estimate_participation(people.history, people.profiles, people.attributes, Settings())
    rng = np.random.default_rng(5)
    off, stated = [], []
    for _ in range(40):
        values = rng.normal(0, 1, (1450, 6)).astype(np.float32)
        truth = expit(-1.2 + 0.8 * values[:, 0] + 0.4 * values[:, 1])
        enrolled = rng.random(450) < truth[:450]
        made = make_classifier(values[:450], enrolled, np.arange(450), 1)
        probability = made.probabilities(values[450:])
        effect = np.exp(rng.normal(0, 0.4, 1000))
        best = np.argsort(-probability * effect)[:200]
        said, true = ((chance[best] * effect[best]).sum() for chance in (probability, truth[450:]))
        off.append(said / true - 1)
        likelihood = replace(whole, _covariance=made.covariance, _between=0.0)
        stated.append(likelihood.spread(probability[best], effect[best]))
    assert np.abs(np.mean(off)) < 0.05
    assert np.mean(stated) == pytest.approx(np.std(off), rel=0.3)


def test_an_error_of_the_level_alone_is_that_of_the_mean_rate() -> None:
    people = town(300, seed=3)
    whole = estimate_participation(people.history, people.profiles, people.attributes, Settings())
    # 400 offers, of which 100 are accepted: √(0.25 × 0.75 ÷ 400) ÷ 0.25.
    enrolled = np.arange(400) % 4 == 0
    covariance = curve_covariance(np.full(400, np.log(1 / 3)), enrolled, np.arange(400))
    likelihood = replace(whole, _covariance=covariance, _between=0.0)
    spread = likelihood.spread(np.full(50, 0.25), np.ones(50))
    assert spread == pytest.approx(np.sqrt(0.25 * 0.75 / 400) / 0.25, rel=1e-3)
    # What campaigns differ by comes on top, once.
    likelihood = replace(likelihood, _between=0.3**2)
    assert likelihood.spread(np.full(50, 0.25), np.ones(50)) == pytest.approx(np.hypot(spread, 0.3), rel=1e-6)
    # Without a model there is the mean rate, and its spread.
    plain = replace(whole, _covariance=None)
    assert plain.spread(np.full(50, 0.25), np.ones(50)) == whole.participation.rate_spread


def test_a_list_is_as_unsure_as_the_likelihood_of_those_on_it() -> None:
    people = town(2000, seed=3)
    profiles, attributes = people.profiles, people.attributes.drop(columns="enrolled")
    segmentation = make_segmentation([0] * 2000, ["evening-peak"])

    def spread(**wanted: float) -> float:
        found = target(profiles, segmentation, attributes, make_settings(**wanted), history=people.history)
        assert found.uncertainty is not None
        return found.uncertainty.take_up_kw / found.expected_kw_total

    few, many = spread(goal_kw=5.0), spread(goal_kw=60.0)
    assert few != many
    # A stated rate has the range that is stated, whoever is on the list.
    stated = spread(goal_kw=5.0, enrolment_rate=0.2, enrolment_rate_range=(0.1, 0.3))
    assert stated == pytest.approx(0.2 / (2 * 1.6449 * 0.2), rel=1e-3)


def test_wilson_interval_by_hand() -> None:
    # z² = 2.7055; 5 of 50: (0.1 + 0.027055 ∓ 1.64485 × √(0.0018 + 0.00027055)) ÷ 1.05411.
    low, high = wilson(5, 50)
    assert (low, high) == (pytest.approx(0.049529, abs=1e-5), pytest.approx(0.191538, abs=1e-5))


def test_targeting_ranks_by_likelihood_times_effect() -> None:
    people = town(600, seed=1)
    segmentation = make_segmentation([0] * 600, ["evening-peak"])
    result = target(people.profiles, segmentation, None, make_settings(goal_kw=20.0), None, people.history)
    assert result.enrolment_basis == "history-model"
    assert result.likelihood is not None
    eligible = result.target_rank > 0
    np.testing.assert_allclose(
        result.expected_kw[eligible], (result.participation * result.effect_kw)[eligible], rtol=1e-12
    )
    # Own variance counts a little too, so the order is that of the expected kW but for near equals.
    order = np.argsort(result.target_rank[eligible])
    expected = result.expected_kw[eligible][order]
    assert np.corrcoef(np.arange(len(expected)), expected.argsort()[::-1].argsort())[0, 1] > 0.98
    assert result.enrolments == round(result.participation[result.listed].sum())
    assert result.groups == []
    # A stated rate moves the level, not the order.
    stated = target(
        people.profiles,
        segmentation,
        None,
        make_settings(goal_kw=20.0, enrolment_rate=0.4),
        None,
        people.history,
    )
    assert np.nanmean(stated.participation) == pytest.approx(0.4, abs=1e-6)
    assert "enrolment-rate-over-history" in {finding.name for finding in stated.findings}
    assert stated.recommended_offers < result.recommended_offers


def test_it_needs_far_fewer_offers_than_the_highest_bills_and_its_size_is_true() -> None:
    people = town(3000, seed=3)
    n = len(people.probability)
    # One in twenty has a high bill and a flat load: shops and homes with much that runs all day.
    flat = np.arange(n) % 20 == 0
    profiles = replace(
        people.profiles,
        coincident_kw=np.where(flat, 4.0, people.profiles.coincident_kw).astype(np.float32),
        baseload_kw=np.where(flat, 3.9, people.profiles.baseload_kw).astype(np.float32),
        import_kwh=np.where(flat, 4.0 * 24 * 92, people.profiles.import_kwh),
    )
    # True flexible load: a fifth of the load at the peak, never more than what is above baseload.
    coincident = profiles.coincident_kw.astype(float)
    flexible = np.where(flat, 0.0, np.minimum(0.2 * coincident, profiles.above_baseload_kw.astype(float)))
    result = target(
        profiles,
        make_segmentation(flat.astype(int).tolist(), ["evening-peak", "flat"]),
        people.attributes.drop(columns="enrolled"),
        make_settings(goal_kw=60.0, goal_probability=0.5),
        None,
        people.history,
    )
    offered = result.listed
    assert not flat[offered].any()
    true_kw = people.probability * flexible
    assert result.expected_kw_total == pytest.approx(true_kw[offered].sum(), rel=0.1)
    # Those who enrolled before are not asked again, whoever chooses.
    free = ~people.enrolled
    bills = [row for row in np.argsort(-profiles.import_kwh) if free[row]]
    needed = int(np.searchsorted(np.cumsum(true_kw[bills]), true_kw[offered].sum())) + 1
    assert len(offered) <= 0.6 * needed
    said = {row.strategy: row.offers_needed for row in result.strategies}
    assert said["targeted"] <= 0.6 * said["highest-bill"]


def test_protected_attributes_are_counted_and_play_no_part() -> None:
    people = town(300, seed=6)
    segmentation = make_segmentation([0] * 300, ["evening-peak"])
    attributes = people.attributes.drop(columns="enrolled")
    result = target(people.profiles, segmentation, attributes, make_settings(goal_kw=3.0))
    offered = pd.Series(people.profiles.customer_id[result.listed])
    for row in result.groups:
        mine = attributes.loc[attributes[row.column] == row.value, "customer_id"]
        assert (row.customers, row.offers) == (len(mine), offered.isin(mine).sum())
    protected = {(row.column, row.value) for row in result.groups if row.column == "gender"}
    assert protected == {("gender", "f"), ("gender", "m")}
    swapped = attributes.assign(gender=attributes["gender"].map({"f": "m", "m": "f"}))
    again = target(people.profiles, segmentation, swapped, make_settings(goal_kw=3.0))
    np.testing.assert_array_equal(result.listed, again.listed)


HEADER = "customer_id,program,offered,enrolled,enrolled_on,opted_out\n"


def read(folder: Path, text: str) -> History:
    path = folder / "enrolment.csv"
    path.write_text(text, encoding="utf-8")
    return read_enrolment(path, Settings())


def test_history_is_read_in_order_with_leading_zeros(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        f"{HEADER}02,rebate,2026-02-01,yes,2026-02-09,\n01,rebate,2026-02-01,no,,\n01,price,2025-12-01,true,2025-12-08,true\n",
    )
    assert history.frame["customer_id"].tolist() == ["01", "01", "02"]
    assert history.frame["enrolled"].tolist() == [True, False, True]
    assert history.frame["opted_out"].tolist() == [True, False, False]
    assert history.states_opt_out
    assert history.unused == ("enrolled_on",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customer_id,program,offered\n1,a,2026-01-01\n", "line 1 has no column 'enrolled'"),
        (f"{HEADER}1,a,2026-01-01,true,,\n,a,2026-01-01,true,,\n", "line 3: there is no customer id"),
        (f"{HEADER}1,a,soon,true,,\n", "line 2: 'soon' in column 'offered' is no time"),
        (f"{HEADER}1,a,2026-01-01,,,\n", "line 2: the cell in column 'enrolled' is empty"),
        (f"{HEADER}1,a,2026-01-01,perhaps,,\n", "line 2: 'perhaps' in column 'enrolled'"),
        (f"{HEADER}1,,2026-01-01,true,,\n", "line 2: the cell in column 'program' is empty"),
        (
            f"{HEADER}1,a,2026-01-01,true,,\n1,a,2026-01-01,false,,\n",
            "line 3: the offer to customer '1' comes a second time",
        ),
    ],
)
def test_history_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "enrolment.csv") in str(caught.value)
    assert message in str(caught.value)
