"""The two classifiers, the choice between them, and probabilities that mean what they say.

Each candidate predicts offers that it was not fitted on. Those predictions choose the method and its strength, and a
logistic curve through them (Platt 1999) calibrates it, so that of a hundred customers with 20 % about twenty enrol.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.targets.participation.features import classes

Method = Literal["logistic-regression", "gradient-boosting", "mean-rate"]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]
Float = NDArray[np.float64]

FOLDS = 5
_RARE = 10
"""Values of a class that fewer offers have count together."""
_STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 3.0)
"""Inverse strengths of the penalty that are tried."""
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
    prepare: Any = None
    model: Any = None
    slope: float = 1.0
    intercept: float = 0.0

    def probabilities(self, frame: pd.DataFrame) -> Float:
        """(n,) probability of enrolment."""
        from threadpoolctl import threadpool_limits

        if self.model is None:
            return np.full(len(frame), self.rate)
        with threadpool_limits(1):
            raw = self.model.predict_proba(self.prepare.transform(frame))[:, 1]
        return _expit(self.slope * logit(raw) + self.intercept)


def folds(enrolled: NDArray[np.bool_], customers: NDArray[Any], seed: int) -> list[Split]:
    """Stratified folds, all offers to one customer in the same one; as many as the rarer outcome allows."""
    from sklearn.model_selection import StratifiedGroupKFold

    rarer = int(min(enrolled.sum(), (~enrolled).sum()))
    splitter = StratifiedGroupKFold(min(FOLDS, max(rarer // 2, 2)), shuffle=True, random_state=seed)
    return [
        (train, test)
        for train, test in splitter.split(np.zeros(len(enrolled)), enrolled, customers)
        if 0 < enrolled[train].sum() < len(train) and len(test)
    ]


def make_classifier(
    frame: pd.DataFrame, enrolled: NDArray[np.bool_], customers: NDArray[Any], seed: int
) -> Classifier:
    """The whole way from offers to a calibrated classifier: strength, method, calibration.

    Logistic regression is kept unless boosting has a lower log loss by more than one standard error of the difference
    over the folds (Breiman et al. 1984). Where neither beats the same rate for all, that rate is taken.

    Args:
        frame: (m, p) features of the offers.
        enrolled: (m,) outcomes.
        customers: (m,) who was offered: offers to one customer stay together.
        seed: of the folds and of boosting.
    """
    from threadpoolctl import threadpool_limits

    splits = folds(enrolled, customers, seed)
    # On one thread sums are added in one order.
    with threadpool_limits(1):
        unseen = _unseen(frame, enrolled, splits, seed)
        rate = float(enrolled.mean())
        losses = {
            name: np.array([log_loss(enrolled[test], values[test]) for _, test in splits])
            for name, values in unseen.items()
        }
        plain = np.array([log_loss(enrolled[test], float(enrolled[train].mean())) for train, test in splits])
        logistic = min((name for name in losses if name != _BOOSTING), key=lambda name: losses[name].mean())
        best = logistic
        if _BOOSTING in losses:
            gain = losses[logistic] - losses[_BOOSTING]
            best = _BOOSTING if gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)) else logistic
        choice = _choice(losses, plain, logistic, best)
        if choice.method == "mean-rate":
            return Classifier(choice, rate)
        slope, intercept = _platt(logit(unseen[best]), enrolled)
        prepare = _preparation(frame)
        model = _model(best, seed).fit(prepare.fit_transform(frame), enrolled)
    return Classifier(choice, rate, prepare, model, slope, intercept)


_BOOSTING = -1.0
"""Stands for boosting among the strengths of logistic regression."""


def _unseen(
    frame: pd.DataFrame, enrolled: NDArray[np.bool_], splits: Sequence[Split], seed: int
) -> dict[float, Float]:
    """Candidate → (m,) its predictions, each offer by the model that did not see it."""
    candidates = [*_STRENGTHS, *([_BOOSTING] if len(enrolled) >= _BOOSTING_LEAST else [])]
    found = {name: np.full(len(enrolled), float(enrolled.mean())) for name in candidates}
    for train, test in splits:
        prepare = _preparation(frame)
        seen, held = prepare.fit_transform(frame.iloc[train]), prepare.transform(frame.iloc[test])
        for name in candidates:
            found[name][test] = _model(name, seed).fit(seen, enrolled[train]).predict_proba(held)[:, 1]
    return found


def plain_scores(frame: pd.DataFrame, outcome: NDArray[np.bool_], splits: Sequence[Split]) -> Float:
    """(m,) predictions of a logistic regression, each row by the one that did not see it."""
    from threadpoolctl import threadpool_limits

    found = np.zeros(len(outcome))
    with threadpool_limits(1):
        for train, test in splits:
            prepare = _preparation(frame)
            model = _model(_STRENGTHS[-2], 0).fit(prepare.fit_transform(frame.iloc[train]), outcome[train])
            found[test] = model.predict_proba(prepare.transform(frame.iloc[test]))[:, 1]
    return found


def _choice(losses: dict[float, Float], plain: Float, logistic: float, best: float) -> Choice:
    candidates = {"mean-rate": float(plain.mean()), "logistic-regression": float(losses[logistic].mean())}
    if _BOOSTING in losses:
        candidates["gradient-boosting"] = float(losses[_BOOSTING].mean())
    against = f"{candidates['mean-rate']:.3f} by the same rate for all"
    if losses[best].mean() >= plain.mean():
        return Choice(
            "mean-rate",
            f"No classifier foretells enrolment better than the same rate for all: log loss {losses[best].mean():.3f}, against {against}.",
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


def _preparation(frame: pd.DataFrame) -> Any:
    """Numbers scaled, with what is missing in the middle; classes as one column a value."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    named = classes(frame)
    numbers = [name for name in frame if name not in named]
    scaled = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    encoder = OneHotEncoder(min_frequency=_RARE, handle_unknown="infrequent_if_exist", sparse_output=False)
    missing = SimpleImputer(strategy="constant", fill_value="not known", missing_values=None)
    return ColumnTransformer(
        [("numbers", scaled, numbers), ("classes", make_pipeline(missing, encoder), named)]
    )


def _model(candidate: float, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    if candidate != _BOOSTING:
        return LogisticRegression(C=candidate, max_iter=500)
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
