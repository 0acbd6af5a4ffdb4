"""How well the likelihood holds for offers that it was not made from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.targets.participation.classifier import Classifier, Matrix, Split, folds, logit, make_classifier
from reporter.targets.participation.features import Design
from reporter.targets.participation.leaks import roc_auc
from reporter.targets.rows import CalibrationBin, Driver, EnrolmentGain, Validation
from reporter.words import counted

REPEATS = 3
_LATER_SHARES = (0.2, 0.5)
_LATER_SHARE = 0.3
_LATER_LEAST = 10
"""Enrolments, and refusals, that the later offers need."""
_RESAMPLES = 200
_SHUFFLES = 5
_NOTABLE = 0.002
"""Loss of ROC AUC from which a feature counts as a driver."""
_GAINS = 21
_Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Held:
    """Predictions for offers that the classifier was not made from."""

    kind: Literal["later-offers", "repeated-cross-validation"]
    description: str
    rows: NDArray[np.intp]
    """(h,) the offers."""
    predicted: list[NDArray[np.float64]]
    """(h,) their probabilities, one array a repeat."""
    classifiers: list[tuple[Classifier, NDArray[np.intp]]]
    """Classifiers, and the offers that each was not made from."""


def later_offers(offered: "pd.Series[Any]", enrolled: NDArray[np.bool_], least: int) -> Split | None:
    """Earlier and later offers, cut at a date; none where the dates do not allow it.

    Args:
        offered: (m,) dates.
        enrolled: (m,) outcomes.
        least: enrolments that the earlier ones need for a model.
    """
    days = offered.to_numpy()
    best: tuple[float, Any] | None = None
    for day in np.unique(days)[1:]:
        later = days >= day
        share = float(later.mean())
        taken = enrolled[later]
        enough = min(taken.sum(), (~taken).sum()) >= _LATER_LEAST and enrolled[~later].sum() >= least
        if enough and _LATER_SHARES[0] <= share <= _LATER_SHARES[1]:
            best = min(best or (np.inf, None), (abs(share - _LATER_SHARE), day), key=lambda pair: pair[0])
    if best is None:
        return None
    later = days >= best[1]
    return np.flatnonzero(~later), np.flatnonzero(later)


def hold_out(
    values: Matrix,
    enrolled: NDArray[np.bool_],
    customers: NDArray[Any],
    offered: "pd.Series[Any]",
    least: int,
    seed: int,
) -> Held:
    """Predictions for offers held back: the later ones where dates allow, else by repeated cross-validation."""
    split = later_offers(offered, enrolled, least)
    if split is not None:
        early, late = split
        made = make_classifier(values[early], enrolled[early], customers[early], seed)
        first = pd.Timestamp(offered.iloc[late].min()).date()
        return Held(
            "later-offers",
            f"Made from the {counted(len(early), 'offer')} before {first} and checked on the {len(late):,} since.",
            late,
            [made.probabilities(values[late])],
            [(made, late)],
        )
    predicted, classifiers = [], []
    for repeat in range(REPEATS):
        found = np.zeros(len(enrolled))
        for train, test in folds(enrolled, customers, seed + repeat):
            made = make_classifier(values[train], enrolled[train], customers[train], seed)
            found[test] = made.probabilities(values[test])
            if repeat == 0:
                classifiers.append((made, test))
        predicted.append(found)
    return Held(
        "repeated-cross-validation",
        f"Checked by {REPEATS} times {len(classifiers)} folds of cross-validation, all offers to one customer in the same fold: "
        "the dates of the offers do not allow a check on later ones.",
        np.arange(len(enrolled)),
        predicted,
        classifiers,
    )


def validate(held: Held, enrolled: NDArray[np.bool_], seed: int) -> Validation:
    """The marks of the predictions; of repeats, their means."""
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    outcome = enrolled[held.rows]
    low, high = _auc_interval(outcome, held.predicted, seed)
    slopes = [found for p in held.predicted if (found := calibration_slope(outcome, p)) is not None]
    slope, error = (float(value) for value in np.mean(slopes, axis=0)) if slopes else (None, 0.0)
    mean = np.mean(held.predicted, axis=0)
    rate = float(outcome.mean())

    def marked(mark: Callable[..., float]) -> float:
        return float(np.mean([mark(outcome, p) for p in held.predicted]))

    return Validation(
        kind=held.kind,
        description=held.description,
        offers=len(outcome),
        enrolments=int(outcome.sum()),
        roc_auc=marked(roc_auc_score),
        roc_auc_low=low,
        roc_auc_high=high,
        pr_auc=marked(average_precision_score),
        brier=marked(brier_score_loss),
        brier_reference=rate * (1 - rate),
        calibration_slope=slope,
        calibration_slope_low=None if slope is None else slope - _Z90 * error,
        calibration_slope_high=None if slope is None else slope + _Z90 * error,
        mean_predicted=float(mean.mean()),
        mean_observed=rate,
        calibration=_calibration(outcome, mean),
        gains=_gains(outcome, mean),
    )


def calibration_slope(
    enrolled: NDArray[np.bool_], probability: NDArray[np.float64]
) -> tuple[float, float] | None:
    """Slope of the outcome on the logit of the probability (Cox 1958), and its standard error.

    1 where odds are neither too bold nor too meek. The error is that of any logistic regression, by the information of so many outcomes.
    """
    from sklearn.linear_model import LogisticRegression

    score = logit(probability)
    if np.ptp(score) < 1e-9 or not 0 < enrolled.sum() < len(enrolled):
        return None
    model = LogisticRegression(C=np.inf, max_iter=1000).fit(score[:, None], enrolled)
    fitted = model.predict_proba(score[:, None])[:, 1]
    weight = fitted * (1 - fitted)
    centred = score - (weight * score).sum() / weight.sum()
    return float(model.coef_[0, 0]), float(1 / np.sqrt((weight * centred**2).sum()))


def drivers(
    held: Held,
    design: Design,
    values: Matrix,
    frame: pd.DataFrame,
    enrolled: NDArray[np.bool_],
    seed: int,
    most: int = 8,
) -> list[Driver]:
    """Features by what shuffling each costs in ROC AUC on offers held back (Breiman 2001).

    Args:
        held: classifiers, and the offers that each was not made from.
        design: which columns are a feature's.
        values: (m, q) features of the offers, as the classifiers take them.
        frame: (m, p) the same, as they are.
        enrolled: (m,) outcomes.
        seed: of the shuffles.
        most: drivers named.
    """
    rng = np.random.default_rng([seed, 9])
    checks = [(made, rows) for made, rows in held.classifiers if 0 < enrolled[rows].sum() < len(rows)]
    if not checks:
        return []
    losses = np.zeros((len(checks), _SHUFFLES, len(design.columns)))
    for check, (made, rows) in enumerate(checks):
        part, outcome = values[rows], enrolled[rows]
        whole = roc_auc(made.probabilities(part), outcome)
        for place, columns in enumerate(design.columns.values()):
            for shuffle in range(_SHUFFLES):
                other = part.copy()
                other[:, columns] = part[rng.permutation(len(part))][:, columns]
                losses[check, shuffle, place] = whole - roc_auc(made.probabilities(other), outcome)
    mean, spread = losses.mean(axis=(0, 1)), losses.std(axis=(0, 1))
    likely = np.mean(held.predicted, axis=0)
    order = np.argsort(-mean, kind="stable")[:most]
    names = list(design.columns)
    return [
        Driver(
            feature=names[place],
            importance=float(mean[place]),
            spread=float(spread[place]),
            direction=_direction(frame[names[place]].iloc[held.rows], likely),
        )
        for place in order
        if mean[place] > _NOTABLE
    ]


def _direction(values: "pd.Series[Any]", probability: NDArray[np.float64]) -> str:
    if pd.api.types.is_float_dtype(values):
        rank = values.rank().corr(pd.Series(probability, index=values.index).rank())
        return "lower" if rank < 0 else "higher"
    means = pd.Series(probability, index=values.index).groupby(values.astype(str)).mean()
    return str(means.sort_index().idxmax())


def _auc_interval(
    enrolled: NDArray[np.bool_], predicted: list[NDArray[np.float64]], seed: int
) -> tuple[float, float]:
    """5th and 95th percentile of the ROC AUC over resamples of the offers."""
    rng = np.random.default_rng([seed, 7])
    values = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(enrolled), len(enrolled))
        if 0 < enrolled[rows].sum() < len(rows):
            values.append(np.mean([roc_auc(p[rows], enrolled[rows]) for p in predicted]))
    return float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95))


def _calibration(enrolled: NDArray[np.bool_], probability: NDArray[np.float64]) -> list[CalibrationBin]:
    order = np.argsort(probability, kind="stable")
    number = int(np.clip(len(order) // 30, 2, 10))
    bins = []
    for part in np.array_split(order, number):
        taken, count = int(enrolled[part].sum()), len(part)
        low, high = wilson(taken, count)
        bins.append(
            CalibrationBin(
                offers=count,
                predicted=float(probability[part].mean()),
                observed=taken / count,
                low=low,
                high=high,
            )
        )
    return bins


def wilson(taken: int, count: int) -> tuple[float, float]:
    """90 % interval of a share (Wilson 1927)."""
    share, z2 = taken / count, _Z90**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z90 / (1 + z2 / count) * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _gains(enrolled: NDArray[np.bool_], probability: NDArray[np.float64]) -> list[EnrolmentGain]:
    order = np.argsort(-probability, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(enrolled[order])]) / max(int(enrolled.sum()), 1)
    shares = np.linspace(0, 1, _GAINS)
    found = np.interp(shares * len(order), np.arange(len(reached)), reached)
    return [
        EnrolmentGain(share_offers=float(share), share_enrolments=float(value))
        for share, value in zip(shares, found, strict=True)
    ]
