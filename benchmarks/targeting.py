"""What the list is worth, on generated customers whose enrolment and load are known.

For each seed, made anew: how many offers the list needs against asking the highest bills first, as the run says and by the
true probabilities; how far the expected kW is off; how often the stated 90 % interval holds the reduction of 200 quarters that
are drawn from the truth; and how well the likelihood of enrolment knows the true one.

python benchmarks/targeting.py [--seeds 11 12 13] [--customers 3000]
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.profiles.build import build_profiles
from reporter.profiles.days import day_blocks, day_sample
from reporter.readings import open_engine, read, read_system_load, read_temperature
from reporter.readings.checks import check
from reporter.sample import write_sample
from reporter.segments.build import segment
from reporter.segments.model import Segmentation
from reporter.settings import Settings
from reporter.targets import read_customers, read_enrolment, target
from reporter.targets.model import Targeting
from reporter.targets.participation import History
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
    settings: Settings

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
    settings = Settings().model_copy(update={"seed": seed})
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
        settings,
    )


@dataclass(frozen=True)
class Marks:
    """How good a list is."""

    goal_share: float
    """Goal ÷ peak of the supplied meters."""
    offers: int
    bill_stated: float
    """Offers ÷ those that highest bills need, as the run says."""
    bill_true: float
    """The same by the true probabilities: highest bills until they bring what the list truly brings."""
    expected_off: float
    """Stated ÷ true expected reduction − 1."""
    covered: float
    """Share of the quarters whose reduction lies in the stated interval."""
    probability: float
    reached: float
    """Share of the quarters that reach the goal."""


def marks(here: World, goal_share: float, seed: int) -> Marks:
    """A list for a goal, judged by the truth."""
    goal_kw = goal_share * here.profiles.peak.sample_peak_kw
    found = here.target(goal_kw=goal_kw)
    offered = found.listed[found.group == "offer"]
    effect = np.nan_to_num(found.effect_kw)
    true_kw = here.probability * effect
    pool = np.flatnonzero(found.target_rank > 0)
    others = [
        row
        for row, reason in enumerate(found.not_target_reason)
        if reason in ("not-eligible", "small-effect", "segment-low-at-peak", "program-not-quantified", "no-program-for-segment")
    ]  # fmt: skip
    asked = np.concatenate([pool, np.asarray(others, dtype=int)])
    bills = asked[np.argsort(-here.profiles.import_kwh[asked], kind="stable")]
    carried = np.cumsum(np.where(np.isin(bills, pool), true_kw[bills], 0))
    needed = int(np.searchsorted(carried, true_kw[offered].sum() * (1 - 1e-9))) + 1
    assert found.uncertainty is not None and found.probability_of_goal is not None
    drawn = quarters(here, found, offered, np.random.default_rng([seed, 99]))
    low, high = found.uncertainty.likely_low_kw, found.uncertainty.likely_high_kw
    said = {row.strategy: row.offers_needed for row in found.strategies}
    stated = (said["targeted"] or np.nan) / (said["highest-bill"] or np.nan)
    return Marks(
        goal_share,
        len(offered),
        float(stated),
        len(offered) / needed,
        found.expected_kw_total / float(true_kw[offered].sum()) - 1,
        float(((drawn >= low) & (drawn <= high)).mean()),
        found.probability_of_goal,
        float((drawn >= goal_kw).mean()),
    )


def quarters(here: World, found: Targeting, offered: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """(200,) reductions: who enrols by the true probabilities, loads as measured on one of the peak days, an effect from the published range."""
    days = np.array([start.date().toordinal() for start in here.profiles.peak_hours])
    hourly = here.profiles.peak_hours_kw[offered].astype(float)
    mean = np.maximum(here.profiles.coincident_kw[offered].astype(float), 1e-6)
    low, value, high = (
        getattr(found, name)[offered] for name in ("effect_low_kw", "effect_kw", "effect_high_kw")
    )
    result = []
    for _ in range(QUARTERS):
        on_day = np.nan_to_num(hourly[:, days == rng.choice(days)], nan=0.0).mean(axis=1) / mean
        z = rng.normal() / Z90
        effect = np.maximum(value + z * (value - low if z < 0 else high - value), 0)
        enrols = rng.random(len(offered)) < here.probability[offered]
        result.append(float((enrols * effect * np.clip(on_day, 0, None)).sum()))
    return np.array(result)


def likelihood(here: World) -> tuple[float, float, float]:
    """Area under the ROC curve by the stated and by the true probabilities, and the slope of calibration, among those never offered."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    found = here.target()
    never = ~np.isin(here.profiles.customer_id.astype(object), here.history.frame["customer_id"].to_numpy())
    rows = np.flatnonzero(never & np.isfinite(found.participation))
    rng = np.random.default_rng(1)
    truth, stated = here.probability[rows], found.participation[rows]
    # Each counts many times, so that luck of the draw is no part of the difference.
    repeated = np.tile(rows, 50)
    enrols = rng.random(len(repeated)) < here.probability[repeated]
    logit = np.log(stated / (1 - stated))
    model = LogisticRegression(C=np.inf).fit(np.tile(logit, 50)[:, None], enrols)
    return (
        float(roc_auc_score(enrols, np.tile(stated, 50))),
        float(roc_auc_score(enrols, np.tile(truth, 50))),
        float(model.coef_[0, 0]),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--goals", type=float, nargs="+", default=[0.005, 0.01, 0.02])
    wanted = parser.parse_args(arguments)
    for seed in wanted.seeds:
        here = world(wanted.customers, seed)
        auc, best, slope = likelihood(here)
        print(
            f"seed {seed}: ROC AUC {auc:.3f} (true probabilities {best:.3f}), calibration slope {slope:.2f}"
        )
        for share in wanted.goals:
            mark = marks(here, share, seed)
            print(
                f"  goal {share:.1%} of the peak, {mark.offers} offers: {mark.bill_stated:.2f} (by the truth {mark.bill_true:.2f}) of the highest bills', "
                f"expected {mark.expected_off:+.1%}, covered {mark.covered:.1%}, goal {mark.probability:.0%} stated, {mark.reached:.0%} drawn"
            )


if __name__ == "__main__":
    main()
