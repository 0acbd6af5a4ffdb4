"""What the list is worth, on generated customers whose enrolment and load are known.

For each seed, made anew: how many offers the list needs against asking the highest bills first, as the run says and by the
truth; how many an oracle would need that knows the true probability and the true load of each customer; how far the expected kW
is off; how often the stated 90 % interval holds the reduction of 200 quarters that are drawn from the truth; and how well the
likelihood of enrolment knows the true one.

The truth is the generator's: the probability of enrolment, and loads in the peak hours with new chance (not those that the list
was made from). The effect of a program is drawn from its published range: what a utility's customers would truly do is not known
to anybody. Every way of choosing sets aside the same holdout.

python benchmarks/targeting.py [--seeds 31 32 33 34 35 36] [--customers 3000]
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from reporter.profiles import Profiles
from reporter.profiles.build import build_profiles
from reporter.profiles.days import day_blocks, day_sample
from reporter.readings import open_engine, read, read_system_load, read_temperature
from reporter.readings.checks import check
from reporter.sample import write_sample
from reporter.sample.periods import draw_single
from reporter.sample.population import draw_population
from reporter.sample.readings import Recipe, one_day, scene_of
from reporter.sample.write import DEFAULT_START
from reporter.segments.build import segment
from reporter.segments.model import Segmentation
from reporter.settings import Settings
from reporter.targets import read_customers, read_enrolment, target
from reporter.targets.model import Targeting
from reporter.targets.participation import History
from reporter.targets.participation.classifier import logit
from reporter.targets.strategies import holdout_positions
from reporter.technology import Technology
from reporter.technology.build import find_technology

Floats = NDArray[np.float64]
QUARTERS = 200
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class World:
    """A run as far as targeting, and what is true of its customers."""

    profiles: Profiles
    segmentation: Segmentation
    technology: Technology
    attributes: pd.DataFrame
    history: History
    warmth: dict[date, float]
    probability: Floats
    """(n,) true probability of enrolment."""
    loads: Floats
    """(200, n) load in the hours of a peak day with new chance ÷ the load that was measured in the peak hours."""
    settings: Settings

    def history_curve(self) -> tuple[float, float]:
        """Intercept and slope of past outcomes on the logit of the true probability: 0 and 1, but for chance."""
        from sklearn.linear_model import LogisticRegression

        rows = self.history.frame
        place = pd.Index(self.profiles.customer_id.astype(object)).get_indexer(pd.Index(rows["customer_id"]))
        score = logit(self.probability[place[place >= 0]])[:, None]
        model = LogisticRegression(C=np.inf).fit(score, rows["enrolled"].to_numpy()[place >= 0])
        return float(model.intercept_[0]), float(model.coef_[0, 0])

    def target(self, **wanted: object) -> Targeting:
        """The list with some other settings."""
        targets = self.settings.targets.model_copy(update=wanted)
        settings = self.settings.model_copy(update={"targets": targets})
        return target(
            self.profiles,
            self.segmentation,
            self.attributes,
            settings,
            None,
            self.history,
            self.technology,
            self.warmth,
        )


def world(customers: int, seed: int) -> World:
    """Generated customers, read and segmented as any others are."""
    # Here a refusal says nothing of a second offer, so there is no reason to leave anybody out for one.
    targets = Settings().targets.model_copy(update={"repeat_offers": "as-first"})
    settings = Settings().model_copy(update={"seed": seed, "targets": targets})
    settings = settings.model_copy(
        update={"readings": settings.readings.model_copy(update={"timezone": "America/New_York"})}
    )
    with tempfile.TemporaryDirectory() as folder:
        files = write_sample(Path(folder) / "q.parquet", customers, seed=seed)
        attributes = read_customers(files.customers, settings)
        history = read_enrolment(files.beside["enrolment"], settings)
        system_load = read_system_load(files.beside["system_load"], settings)
        temperature = read_temperature(files.beside["temperature"], settings)
        truth = pd.read_csv(files.enrolment_truth, dtype={"customer_id": str}).set_index("customer_id")
        with open_engine(settings.running) as engine:
            readings = check(read(list(files.readings), engine, settings), engine, settings)
            profiles = build_profiles(
                readings, engine, settings, system_load, temperature, attributes=attributes
            )
            daily_c = temperature.by_day(readings.calendar).mean(axis=1).to_numpy()
            days = day_blocks(
                readings, engine, day_sample(readings, settings.technology.customers, settings.seed)
            )
            technology = find_technology(days, profiles, daily_c, settings.technology)
        dates = [day.date() for day in readings.calendar.dates]
    return World(
        profiles,
        segment(profiles, settings),
        technology,
        attributes,
        history,
        dict(zip(dates, daily_c.tolist(), strict=True)),
        truth["enrolment_probability"].reindex(profiles.customer_id.astype(object)).to_numpy(float),
        drawn_loads(profiles, customers, seed),
        settings,
    )


def drawn_loads(profiles: Profiles, customers: int, seed: int) -> Floats:
    """(200, n) load of the same homes in the same weather on one of the peak days, with new chance ÷ the measured one."""
    population = draw_population(customers, seed)
    scene = scene_of(draw_single(population, DEFAULT_START, 92, seed), Recipe(), seed)
    rows = pd.Index(population.customer_id).get_indexer(pd.Index(profiles.customer_id.astype(object)))
    days = sorted({start.date() for start in profiles.peak_hours})
    measured = np.maximum(profiles.coincident_kw.astype(float), 1e-6)
    rng = np.random.default_rng([seed, 98])
    result = np.empty((QUARTERS, len(rows)))
    for quarter in range(QUARTERS):
        day = days[rng.integers(len(days))]
        hours = [start.hour for start in profiles.peak_hours if start.date() == day]
        # No change of clocks falls on a summer's peak day, so an hour is its place.
        drawn = one_day(replace(scene, seed=int(rng.integers(2**31))), (day - DEFAULT_START).days)
        result[quarter] = drawn.watt_hours[hours].mean(axis=0)[rows] / 1000 / measured
    return np.nan_to_num(result)


@dataclass(frozen=True)
class Marks:
    """How good a list is."""

    goal_share: float
    """Goal ÷ peak of the supplied meters."""
    offers: int
    bill_stated: float
    """Offers ÷ those that highest bills need, as the run says."""
    bill_true: float
    """The same by the truth: highest bills until they bring what the list truly brings."""
    oracle: float
    """The same of an oracle: offers by true probability × true effect until they bring that ÷ those of highest bills."""
    asked_share: float
    """Share of all who may be asked that the highest bills take."""
    expected_off: float
    """Stated ÷ true expected reduction − 1."""
    expected_luck: float
    """What the true probabilities would be off by, calibrated by the same past offers: the part of it that is chance in the history."""
    covered: float
    """Share of the quarters whose reduction lies in the stated interval."""
    probability: float
    reached: float
    """Share of the quarters that reach the goal."""


_MAY_BE_ASKED = (
    "not-eligible",
    "small-effect",
    "segment-low-at-peak",
    "program-not-quantified",
    "no-program-for-segment",
)
"""Reasons against an offer that highest bills do not know of: such a customer is asked, and brings nothing."""


def marks(here: World, goal_share: float, seed: int) -> Marks:
    """A list for a goal, judged by the truth."""
    goal_kw = goal_share * here.profiles.peak.sample_peak_kw
    found = here.target(goal_kw=goal_kw)
    assert found.uncertainty is not None and found.probability_of_goal is not None
    offered = found.listed[found.group == "offer"]
    pool = np.flatnonzero(found.target_rank > 0)
    true_kw = np.zeros(len(here.probability))
    true_kw[pool] = (here.probability * np.nan_to_num(found.effect_kw) * here.loads.mean(axis=0))[pool]
    brought = float(true_kw[offered].sum())
    asked = np.flatnonzero((found.target_rank > 0) | np.isin(found.not_target_reason, _MAY_BE_ASKED))
    held = holdout_positions(len(asked), here.settings.targets.holdout_share, here.settings.seed)

    def needed(rows: NDArray[np.int64]) -> int:
        carried = np.cumsum(true_kw[rows[~held[: len(rows)]]])
        return int(np.searchsorted(carried, brought * (1 - 1e-9))) + 1

    bills = needed(asked[np.argsort(-here.profiles.import_kwh[asked], kind="stable")])
    level, slope = here.history_curve()
    by_history = expit(level + slope * logit(here.probability)) / here.probability
    drawn = quarters(here, found, offered, np.random.default_rng([seed, 99]))
    low, high = found.uncertainty.likely_low_kw, found.uncertainty.likely_high_kw
    said = {row.strategy: row.offers_needed for row in found.strategies}
    stated = (said["targeted"] or np.nan) / (said["highest-bill"] or np.nan)
    return Marks(
        goal_share,
        len(offered),
        float(stated),
        len(offered) / bills,
        needed(pool[np.argsort(-true_kw[pool], kind="stable")]) / bills,
        bills / int((~held).sum()),
        found.expected_kw_total / brought - 1,
        float((true_kw * by_history)[offered].sum()) / brought - 1,
        float(((drawn >= low) & (drawn <= high)).mean()),
        found.probability_of_goal,
        float((drawn >= goal_kw).mean()),
    )


def quarters(here: World, found: Targeting, offered: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """(200,) reductions: who enrols by the true probabilities, loads of a peak day with new chance, an effect from the published range."""
    low, value, high = (
        getattr(found, name)[offered] for name in ("effect_low_kw", "effect_kw", "effect_high_kw")
    )
    result = []
    for load in here.loads:
        z = rng.normal() / Z90
        effect = np.maximum(value + z * (value - low if z < 0 else high - value), 0)
        enrols = rng.random(len(offered)) < here.probability[offered]
        result.append(float((enrols * effect * np.clip(load[offered], 0, None)).sum()))
    return np.array(result)


@dataclass(frozen=True)
class Knowledge:
    """How well the likelihood of enrolment knows the true one, among those never offered anything whom a program fits."""

    roc_auc: float
    true_roc_auc: float
    """The same by the true probabilities."""
    slope: float
    """Slope of calibration."""
    error: float
    """Its standard error from the number of past offers."""
    lucky_slope: float
    """The slope that the true probabilities would have, calibrated by the same past offers: what chance in the history makes of it."""


def likelihood(here: World) -> Knowledge:
    """Marks of the likelihood."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    found = here.target()
    ids = here.profiles.customer_id.astype(object)
    never = ~np.isin(ids, here.history.frame["customer_id"].to_numpy())
    rows = np.flatnonzero(never & np.isfinite(found.participation))
    rng = np.random.default_rng(1)
    truth, stated = here.probability[rows], found.participation[rows]
    # Each counts many times, so that luck of the draw is no part of the difference.
    repeated = np.tile(rows, 50)
    enrols = rng.random(len(repeated)) < here.probability[repeated]
    model = LogisticRegression(C=np.inf).fit(np.tile(logit(stated), 50)[:, None], enrols)
    # The offers of the past had the same customers, but for those who are excluded now.
    weight = stated * (1 - stated)
    centred = logit(stated) - (weight * logit(stated)).sum() / weight.sum()
    information = float((weight * centred**2).mean()) * len(here.history.frame)
    return Knowledge(
        float(roc_auc_score(enrols, np.tile(stated, 50))),
        float(roc_auc_score(enrols, np.tile(truth, 50))),
        float(model.coef_[0, 0]),
        float(1 / np.sqrt(information)),
        1 / here.history_curve()[1],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[31, 32, 33, 34, 35, 36])
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--goals", type=float, nargs="+", default=[0.005, 0.01, 0.015])
    wanted = parser.parse_args(arguments)
    known, lists = [], []
    for seed in wanted.seeds:
        here = world(wanted.customers, seed)
        known.append((seed, likelihood(here)))
        lists += [(seed, marks(here, share, seed)) for share in wanted.goals]
    print(
        "| Seed | ROC AUC | by the truth | calibration slope | chance in the history |\n| ---: | ---: | ---: | ---: | ---: |"
    )
    for seed, found in known:
        print(
            f"| {seed} | {found.roc_auc:.3f} | {found.true_roc_auc:.3f} | {found.slope:.2f} ± {found.error:.2f} | {found.lucky_slope:.2f} |"
        )
    print(
        "\n| Goal | Seed | offers | ÷ highest bill, as stated | by the truth | oracle | bills ask | expected kW | chance in the history | in the interval | goal: stated | reached |"
    )
    print("|" + " ---: |" * 12)
    for seed, mark in sorted(lists, key=lambda pair: (pair[1].goal_share, pair[0])):
        print(
            f"| {mark.goal_share:.1%} | {seed} | {mark.offers:,} | {mark.bill_stated:.2f} | {mark.bill_true:.2f} | {mark.oracle:.2f} "
            f"| {mark.asked_share:.0%} | {mark.expected_off:+.1%} | {mark.expected_luck:+.1%} | {mark.covered:.1%} | {mark.probability:.0%} | {mark.reached:.0%} |"
        )
    off, covered = (
        np.array([getattr(mark, name) for _, mark in lists]) for name in ("expected_off", "covered")
    )
    print(
        f"\nMean: expected kW {off.mean():+.1%}, in the interval {covered.mean():.1%}; slope {np.mean([found.slope for _, found in known]):.2f}."
    )


if __name__ == "__main__":
    main()
