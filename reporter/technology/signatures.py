"""From features to a probability: boosted trees of depth three, fitted to generated homes and shipped as numbers.

``signatures.json`` holds for each technology and length of interval the trees (Friedman 2001, doi 10.1214/aos/1013203451) and the
line that makes their sum log-odds (Platt 1999). ``scripts/fit_signatures.py`` makes it again. Trees don't extrapolate: a home
unlike all generated ones gets the answer of those nearest to it.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESOLUTIONS = (15, 30, 60)
"""Lengths of interval that have trees of their own [min]."""

TRAINED_SHARE = {"ev": 0.1, "solar": 0.12, "water": 0.3}
"""Share of homes with the device that the log-odds assume."""

DEPTH = 3


@dataclass(frozen=True)
class Signature:
    """A sum of t trees over d features; a tree has 7 questions and 8 answers."""

    features: tuple[str, ...]
    asks: NDArray[np.int64]
    """(t, 7) feature of each question, in order of depth."""
    above: NDArray[np.float64]
    """(t, 7) number that leads to the right when the feature is above it."""
    answers: NDArray[np.float64]
    """(t, 8)"""
    slope: float
    intercept: float

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) of features (n, d)."""
        total = np.zeros(len(features))
        rows = np.arange(len(features))
        values = features.astype("float32")
        for asks, above, answers in zip(self.asks, self.above, self.answers, strict=True):
            place = np.zeros(len(features), dtype=np.int64)
            for _ in range(DEPTH):
                place = 2 * place + 1 + (values[rows, asks[place]] > above[place])
            total += answers[place - len(asks)]
        return self.slope * total + self.intercept


@lru_cache
def signature(technology: str, minutes: int) -> Signature:
    """The trees of a technology for an interval's length."""
    return Signature(**_arrays(_shipped()[technology][str(minutes)]))


def probability(
    log_odds: NDArray[np.float64], technology: str, share: float | None = None
) -> NDArray[np.float64]:
    """Probabilities, for a place where that share of homes has the device.

    Bayes: the odds are multiplied by the ratio of the prior odds (Saerens, Latinne and Decaestecker 2002,
    doi 10.1162/089976602753284446).
    """
    trained = TRAINED_SHARE[technology]
    shift = 0.0 if share is None else np.log(share / (1 - share)) - np.log(trained / (1 - trained))
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds + shift, -30, 30)))
    return result


@lru_cache
def _shipped() -> dict[str, dict[str, dict[str, Any]]]:
    text = resources.files("reporter.technology").joinpath("signatures.json").read_text(encoding="utf-8")
    shipped: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return shipped


def _arrays(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "features": tuple(values["features"]),
        "asks": np.asarray(values["asks"], dtype=np.int64),
        "above": np.asarray(values["above"], dtype=np.float32),
        "answers": np.asarray(values["answers"], dtype=np.float64),
        "slope": float(values["slope"]),
        "intercept": float(values["intercept"]),
    }
