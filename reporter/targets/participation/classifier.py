"""The two classifiers, the choice between them, and probabilities that mean what they say.

Each candidate predicts offers that it was not fitted on. Those predictions choose the method and its strength, and a
logistic curve through them (Platt 1999) calibrates it, so that of a hundred customers with 20 % about twenty enrol.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["logistic-regression", "gradient-boosting", "mean-rate"]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]
Float = NDArray[np.float64]
Matrix = NDArray[np.float32]

FOLDS = 5
_STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 3.0)
"""Inverse strengths of the penalty that are tried."""
_BOOSTING = -1.0
"""Stands for boosting among the strengths of logistic regression."""
_BOOSTING_LEAST = 500
"""Offers from which boosting is tried: with fewer it fits noise."""


@dataclass(frozen=True)
class Choice:
    """Which classifier, and why."""

    method: Method
    reason: str
    candidates: dict[str, float]
    """Method → mean log loss over the folds."""


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier with its calibration."""

    choice: Choice
    rate: float
    """Share enrolled of the offers that it was made from."""
    model: Any = None
    slope: float = 1.0
    intercept: float = 0.0
    covariance: Float | None = None
    """(2, 2) of the intercept and the slope of a curve through its logits: how far all probabilities may be off together."""

    def probabilities(self, values: Matrix) -> Float:
        """(n,) probability of enrolment."""
        if self.model is None:
            return np.full(len(values), self.rate)
        raw = np.asarray(self.model.predict_proba(values)[:, 1], dtype=np.float64)
        return _expit(self.slope * logit(raw) + self.intercept)


def folds(enrolled: NDArray[np.bool_], customers: NDArray[Any], seed: int) -> list[Split]:
    """Stratified folds, all offers to one customer in the same one; as many as the rarer outcome allows."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rarer = int(min(enrolled.sum(), (~enrolled).sum()))
    # Grouping takes time, and with one offer a customer there is nothing to group.
    alone = len(np.unique(customers)) == len(customers)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    splitter = kind(min(FOLDS, max(rarer // 2, 2)), shuffle=True, random_state=seed)
    return [
        (train, test)
        for train, test in splitter.split(np.zeros(len(enrolled)), enrolled, None if alone else customers)
        if 0 < enrolled[train].sum() < len(train) and len(test)
    ]


def make_classifier(
    values: Matrix, enrolled: NDArray[np.bool_], customers: NDArray[Any], seed: int
) -> Classifier:
    """The whole way from offers to a calibrated classifier: strength, method, calibration.

    The simpler is kept unless the other has a lower log loss by more than one standard error of the difference over the
    folds (Breiman et al. 1984): the same rate for all, then logistic regression, then boosting.

    Args:
        values: (m, q) features of the offers.
        enrolled: (m,) outcomes.
        customers: (m,) who was offered: offers to one customer stay together.
        seed: of the folds and of boosting.
    """
    splits = folds(enrolled, customers, seed)
    unseen = _unseen(values, enrolled, splits, seed)
    rate = float(enrolled.mean())
    losses = {
        name: np.array([log_loss(enrolled[test], predicted[test]) for _, test in splits])
        for name, predicted in unseen.items()
    }
    plain = np.array([log_loss(enrolled[test], float(enrolled[train].mean())) for train, test in splits])
    logistic = min((name for name in losses if name != _BOOSTING), key=lambda name: losses[name].mean())
    best = logistic
    if _BOOSTING in losses:
        best = _BOOSTING if _clearly(losses[logistic] - losses[_BOOSTING]) else logistic
    choice = _choice(losses, plain, logistic, best, clear=_clearly(plain - losses[best]))
    if choice.method == "mean-rate":
        return Classifier(choice, rate)
    slope, intercept = _platt(logit(unseen[best]), enrolled)
    model = _model(best, seed).fit(values, enrolled)
    off = curve_covariance(slope * logit(unseen[best]) + intercept, enrolled, customers)
    return Classifier(choice, rate, model, slope, intercept, off)


def _unseen(
    values: Matrix, enrolled: NDArray[np.bool_], splits: Sequence[Split], seed: int
) -> dict[float, Float]:
    """Candidate → (m,) its predictions, each offer by the model that did not see it."""
    candidates = [*_STRENGTHS, *([_BOOSTING] if len(enrolled) >= _BOOSTING_LEAST else [])]
    found = {name: np.full(len(enrolled), float(enrolled.mean())) for name in candidates}
    for train, test in splits:
        for name in candidates:
            model = _model(name, seed).fit(values[train], enrolled[train])
            found[name][test] = model.predict_proba(values[test])[:, 1]
    return found


def plain_scores(values: Matrix, outcome: NDArray[np.bool_], splits: Sequence[Split]) -> Float:
    """(m,) predictions of a logistic regression, each row by the one that did not see it."""
    found = np.zeros(len(outcome))
    for train, test in splits:
        model = _model(_STRENGTHS[-2], 0).fit(values[train], outcome[train])
        found[test] = model.predict_proba(values[test])[:, 1]
    return found


def _clearly(gain: Float) -> bool:
    """Whether a gain over the folds is more than one standard error."""
    return bool(gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)))


def _choice(losses: dict[float, Float], plain: Float, logistic: float, best: float, *, clear: bool) -> Choice:
    candidates = {"mean-rate": float(plain.mean()), "logistic-regression": float(losses[logistic].mean())}
    if _BOOSTING in losses:
        candidates["gradient-boosting"] = float(losses[_BOOSTING].mean())
    against = f"{candidates['mean-rate']:.3f} by the same rate for all"
    if not clear:
        return Choice(
            "mean-rate",
            f"No classifier foretells enrolment clearly better than the same rate for all (log loss {losses[best].mean():.3f}, against {against}), "
            "so everyone counts with that rate.",
            candidates,
        )
    if best == _BOOSTING:
        return Choice(
            "gradient-boosting",
            f"Gradient boosting foretells enrolment best in cross-validation: log loss {losses[best].mean():.3f}, against "
            f"{candidates['logistic-regression']:.3f} by logistic regression and {against}.",
            candidates,
        )
    other = (
        f"{candidates['gradient-boosting']:.3f} by gradient boosting, which is kept for where it is clearly better, and "
        if _BOOSTING in losses
        else ""
    )
    return Choice(
        "logistic-regression",
        f"Logistic regression is used: in cross-validation its log loss is {losses[best].mean():.3f}, against {other}{against}.",
        candidates,
    )


def _model(candidate: float, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    if candidate != _BOOSTING:
        return LogisticRegression(C=candidate, solver="newton-cholesky")
    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=120, max_leaf_nodes=8, min_samples_leaf=20, l2_regularization=1.0,
        early_stopping=False, random_state=seed,
    )  # fmt: skip


def _platt(score: Float, enrolled: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the logistic curve through the scores; never one that turns the order round."""
    from sklearn.linear_model import LogisticRegression

    if np.ptp(score) < 1e-9:
        return 1.0, 0.0
    curve = LogisticRegression(C=np.inf, max_iter=500).fit(score[:, None], enrolled)
    slope = float(curve.coef_[0, 0])
    return (slope, float(curve.intercept_[0])) if slope > 0 else (1.0, 0.0)


def curve_covariance(score: Float, enrolled: NDArray[np.bool_], customers: NDArray[Any]) -> Float:
    """(2, 2) covariance of intercept and slope of the logistic curve through scores that it fits.

    The sandwich with all offers to one customer together (Liang and Zeger 1986): two answers of one home are not two homes'.

    Args:
        score: (m,) calibrated logits of offers that the classifier did not see.
        enrolled: (m,) outcomes.
        customers: (m,) who was offered.
    """
    probability = _expit(score)
    design = np.column_stack([np.ones(len(score)), score])
    _, group = np.unique(customers, return_inverse=True)
    surprise = design * (enrolled - probability)[:, None]
    sums = np.column_stack([np.bincount(group, weights=column) for column in surprise.T])
    bread = np.linalg.pinv(
        (design * (probability * (1 - probability))[:, None]).T @ design, rcond=1e-9, hermitian=True
    )
    covariance: Float = bread @ (sums.T @ sums) @ bread
    return covariance


def logit(probability: Float) -> Float:
    """Logarithm of the odds, of probabilities kept off 0 and 1."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    odds: Float = np.log(p / (1 - p))
    return odds


def _expit(score: Float) -> Float:
    from scipy.special import expit

    return np.asarray(expit(score), dtype=np.float64)


def log_loss(enrolled: NDArray[np.bool_], probability: Float | float) -> float:
    """Mean log loss."""
    p = np.clip(np.broadcast_to(probability, len(enrolled)), 1e-6, 1 - 1e-6)
    return float(-np.where(enrolled, np.log(p), np.log(1 - p)).mean())
