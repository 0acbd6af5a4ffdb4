"""The way from past offers to a likelihood for every customer used."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.profiles import Profiles
from reporter.settings import Settings
from reporter.targets.participation.classifier import (
    Choice,
    Matrix,
    folds,
    logit,
    make_classifier,
    plain_scores,
)
from reporter.targets.participation.features import build_features, encode
from reporter.targets.participation.history import History, after_refusal, decliners
from reporter.targets.participation.leaks import leaking, roc_auc
from reporter.targets.participation.validation import drivers, hold_out, validate, wilson
from reporter.targets.rows import LeftOutFeature, Participation, Validation
from reporter.words import counted, listed, percent

_MOST_OFFERS = 20_000
"""Most offers that a classifier is made from: more do not move it noticeably."""
_SELECTION_LEAST = 30
_SELECTED_AUC = 0.6
_AGAIN = "declined it before"
"""The feature of an offer, not of a customer: an earlier one of the same program was refused."""
_LEAST_RATE = 5
"""Enrolments from which a mean rate can be stated at all."""


@dataclass(frozen=True)
class Likelihood:
    """How likely each of the n customers used is to enrol when offered."""

    participation: Participation
    rate: float | None
    """Share of past offers that were accepted; none where there are too few to say."""
    _probability: Mapping[str, NDArray[np.float64]]
    _otherwise: NDArray[np.float64] | None
    findings: list[Finding]
    _covariance: NDArray[np.float64] | None = None
    """(2, 2) of the level and the boldness of a model's logits; none without a model."""
    _between: float = 0.0
    """Relative variance of the rate from one campaign to the next, beyond chance."""

    def of(self, program: str) -> NDArray[np.float64] | None:
        """(n,) probability of enrolment in a program; in one without history, as in those that have one."""
        return self._probability.get(program, self._otherwise)

    def spread(self, probability: NDArray[np.float64], effect_kw: NDArray[np.float64]) -> float:
        """Relative standard deviation of the reduction of a list from what the probabilities of all on it may be off by together.

        Which customers are on a list was chosen by the probabilities, so a model's error there is not that of the mean rate: with p
        and the logit l, a level that is off by a and a slope that is off by b change the sum of p·e by Σ e p (1 − p) (a + b l).
        The error of the level is that of the mean rate, which is therefore not counted beside it.

        Args:
            probability: (m,) of the customers on the list.
            effect_kw: (m,) what each gives when enrolled [kW].
        """
        total = float((probability * effect_kw).sum())
        if self._covariance is None or total <= 0:
            return self.participation.rate_spread
        moves = effect_kw * probability * (1 - probability)
        slopes = np.array([moves.sum(), (moves * logit(probability)).sum()]) / total
        off = float(slopes @ self._covariance @ slopes)
        return float(np.sqrt(max(off, 0.0) + self._between))


def estimate_participation(
    history: History,
    profiles: Profiles,
    attributes: pd.DataFrame | None,
    settings: Settings,
    extra: Mapping[str, NDArray[Any] | None] | None = None,
) -> Likelihood:
    """Likelihood of enrolment from past offers.

    Args:
        history: past offers.
        profiles: of the n customers used.
        attributes: ``customer_id`` and any columns, or ``None``.
        settings: protected columns, fewest enrolments for a model, seed.
        extra: further (n,) numbers by name, such as signs of technology.
    """
    from threadpoolctl import threadpool_limits

    # On one thread sums are added in one order.
    with threadpool_limits(1):
        return _estimate(history, profiles, attributes, settings, extra or {})


def _estimate(
    history: History,
    profiles: Profiles,
    attributes: pd.DataFrame | None,
    settings: Settings,
    extra: Mapping[str, NDArray[Any] | None],
) -> Likelihood:
    wanted, seed = settings.targets, settings.seed
    row = pd.Index(profiles.customer_id.astype(object)).get_indexer(pd.Index(history.frame["customer_id"]))
    offers = history.frame[row >= 0].reset_index(drop=True)
    row = row[row >= 0]
    enrolled = offers["enrolled"].to_numpy(dtype=np.bool_)
    n = len(profiles.customer_id)
    features = build_features(profiles, attributes, wanted, extra)
    left_out = [*features.left_out, *_after(history)]
    frame = features.frame
    frame_of_offers = frame.iloc[row].reset_index(drop=True)
    leaks = leaking(frame_of_offers, enrolled) if len(offers) else {}
    left_out += [
        LeftOutFeature(feature=name, reason="leaks-outcome", description=how) for name, how in leaks.items()
    ]
    frame = frame.drop(columns=list(leaks))
    programs = sorted(offers["program"].unique().tolist())
    again = after_refusal(offers)
    asked_again, took_again = int(again.sum()), int((again & enrolled).sum())
    learn_again = min(took_again, asked_again - took_again) >= wanted.min_enrolments
    nobody = np.zeros(n, dtype=np.bool_)
    declined = decliners(offers, profiles.customer_id) if learn_again else {}

    taken, refused = int(enrolled.sum()), int((~enrolled).sum())
    rate = taken / len(offers) if taken >= _LEAST_RATE else None
    validation: Validation | None = None
    driving = []
    probability: dict[str, NDArray[np.float64]] = {}
    otherwise = None if rate is None else np.full(n, rate)
    covariance = None
    sampling, between = rate_variance(history.frame)
    few = min(taken, refused) < wanted.min_enrolments
    if few:
        choice = Choice("mean-rate", _too_few(taken, refused, wanted.min_enrolments, rate), {})
    else:
        chosen = _sample(len(offers), seed)
        rates = [float(enrolled[which].mean()) if which.any() else 0.0 for which in (~again, again)]
        offers, row, enrolled = offers.iloc[chosen].reset_index(drop=True), row[chosen], enrolled[chosen]
        again = again[chosen]
        several = len(programs) > 1
        design = encode(frame, row)
        values = _with_offer(design.values[row], offers["program"], programs, again if learn_again else None)
        customers = row.astype(np.int64)
        made = make_classifier(values, enrolled, customers, seed)
        choice = made.choice
        covariance = made.covariance
        if choice.method != "mean-rate":
            held = hold_out(values, enrolled, customers, offers["offered"], wanted.min_enrolments, seed)
            validation = validate(held, enrolled, seed)
            of_offers = frame.iloc[row].reset_index(drop=True)
            if learn_again:
                of_offers[_AGAIN] = again.astype(np.float64)
                design = replace(design, columns={**design.columns, _AGAIN: [values.shape[1] - 1]})
            driving = drivers(held, design, values, of_offers, enrolled, seed)

            def chances(name: str, asked: NDArray[np.bool_]) -> NDArray[np.float64]:
                offered = pd.Series([name] * n)
                return made.probabilities(
                    _with_offer(design.values, offered, programs, asked if learn_again else None)
                )

            first = {name: chances(name, nobody) for name in programs}
            weights = offers["program"].value_counts(normalize=True)
            otherwise = np.sum([weights[name] * first[name] for name in weights.index], axis=0)
            if learn_again:
                probability = {name: chances(name, declined[name]) for name in programs}
            elif several:
                probability = first
        elif learn_again:
            otherwise = np.full(n, rates[0])
            probability = {name: np.where(declined[name], rates[1], rates[0]) for name in programs}
            choice = replace(
                choice,
                reason=f"{choice.reason} Offers after a refusal have a rate of their own: {percent(rates[1])} of them were "
                f"accepted, of the others {percent(rates[0])}.",
            )

    was_offered = np.zeros(n, dtype=np.bool_)
    was_offered[pd.Index(profiles.customer_id.astype(object)).isin(history.frame["customer_id"])] = True
    low_again, high_again = wilson(took_again, asked_again) if asked_again else (None, None)
    participation = Participation(
        offers=taken + refused,
        enrolments=taken,
        offers_without_customer=len(history.frame) - taken - refused,
        programs=programs,
        first_offer=_day(history.frame["offered"].min()),
        last_offer=_day(history.frame["offered"].max()),
        method=choice.method,
        reason=choice.reason,
        candidates=choice.candidates,
        validation=validation,
        drivers=driving,
        left_out=left_out,
        rate_spread=float(np.sqrt(sampling + between)),
        never_offered_share=float((~was_offered).mean()),
        selection_auc=_selection(frame, was_offered, seed),
        opted_out=int(history.frame["opted_out"].sum()) if history.states_opt_out else None,
        repeat_offers=asked_again,
        repeat_enrolments=took_again,
        repeat_low=low_again,
        repeat_high=high_again,
        repeats_learnt=learn_again,
    )
    return Likelihood(
        participation, rate, probability, otherwise, _findings(participation, few, rate), covariance, between
    )


def rate_variance(offers: pd.DataFrame) -> tuple[float, float]:
    """Relative variance of the mean rate of enrolment from one campaign to the next, in its two parts.

    Two parts: what a mean over so many offers leaves open (binomial), and what campaigns (offers of one program on one
    day) differ by beyond that (method of moments: DerSimonian and Laird 1986).
    """
    groups = offers.groupby(["program", "offered"])["enrolled"].agg(["sum", "count"])
    groups = groups[groups["count"] >= 10]
    rate = float(offers["enrolled"].mean()) if len(offers) else 0.0
    if not 0 < rate < 1:
        return 0.0, 0.0
    sampling = rate * (1 - rate) / len(offers)
    between = 0.0
    if len(groups) > 1:
        count = groups["count"].to_numpy(dtype=np.float64)
        shares = groups["sum"].to_numpy(dtype=np.float64) / count
        weight = count / (rate * (1 - rate))
        centre = (weight * shares).sum() / weight.sum()
        excess = (weight * (shares - centre) ** 2).sum() - (len(groups) - 1)
        between = max(excess / (weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
    return sampling / rate**2, float(between) / rate**2


def _after(history: History) -> list[LeftOutFeature]:
    known = ["opted_out"] if history.states_opt_out else []
    return [
        LeftOutFeature(
            feature=name,
            reason="after-the-offer",
            description="column of the history, not known before an offer",
        )
        for name in [*known, *history.unused]
    ]


def _with_offer(
    values: Matrix, offered: "pd.Series[Any]", programs: list[str], again: NDArray[np.bool_] | None
) -> Matrix:
    """Features with the program that is offered, where the history has several, and whether it was declined before, where that is learnt."""
    parts = [values]
    if len(programs) > 1:
        which = offered.to_numpy(dtype=object)[:, None] == np.array(programs, dtype=object)[None, :]
        parts.append(which.astype(np.float32))
    if again is not None:
        parts.append(again.astype(np.float32)[:, None])
    return np.hstack(parts) if len(parts) > 1 else values


def _sample(count: int, seed: int) -> NDArray[np.intp]:
    if count <= _MOST_OFFERS:
        return np.arange(count)
    return np.sort(np.random.default_rng([seed, 8]).choice(count, _MOST_OFFERS, replace=False))


def _selection(frame: pd.DataFrame, was_offered: NDArray[np.bool_], seed: int) -> float | None:
    """ROC AUC of a classifier, in cross-validation, that tells customers offered before from the others."""
    rows = _sample(len(frame), seed)
    outcome = was_offered[rows]
    if min(outcome.sum(), (~outcome).sum()) < _SELECTION_LEAST:
        return None
    scores = plain_scores(
        encode(frame.iloc[rows], np.arange(len(rows))).values, outcome, folds(outcome, rows, seed)
    )
    return roc_auc(scores, outcome)


def _too_few(taken: int, refused: int, least: int, rate: float | None) -> str:
    what = f"{counted(taken, 'enrolment')} and {counted(refused, 'refusal')} are too few for a model (it needs {least} of each)"
    rest = (
        f"so everyone counts with the mean rate of {percent(rate)}"
        if rate is not None
        else "and too few for a mean rate"
    )
    return f"{what}, {rest}."


def _findings(participation: Participation, few: bool, rate: float | None) -> list[Finding]:
    findings = []
    leaks = [entry for entry in participation.left_out if entry.reason == "leaks-outcome"]
    if leaks:
        names = listed(f"'{entry.feature}'" for entry in leaks)
        verb = "gives" if len(leaks) == 1 else "give"
        findings.append(
            Finding(
                name="feature-leaks-outcome",
                severity="warning",
                description=f"{names} {verb} away who enrolled ({leaks[0].description}), as only something written after the offer "
                "can; it is left out of the likelihood of enrolment.",
                data={"features": [entry.feature for entry in leaks]},
            )
        )
    if few:
        findings.append(
            Finding(
                name="no-participation-model",
                severity="warning",
                description=f"The enrolment history is too small to tell customers apart: {participation.reason}",
                data={"enrolments": participation.enrolments, "offers": participation.offers},
            )
        )
    elif participation.method == "mean-rate":
        findings.append(
            Finding(
                name="enrolment-not-foretold",
                severity="info",
                description=participation.reason,
                data={"candidates": participation.candidates},
            )
        )
    if participation.offers and (few is False or rate is not None):
        how = (
            f", and those were no random choice (ROC AUC of telling them apart: {participation.selection_auc:.2f})"
            if participation.selection_auc is not None and participation.selection_auc >= _SELECTED_AUC
            else ""
        )
        findings.append(
            Finding(
                name="participation-selection",
                severity="info",
                description=f"The likelihood of enrolment is learnt from the {counted(participation.offers, 'offer')} made so far{how}; "
                f"{percent(participation.never_offered_share)} of the customers were never offered anything, and what "
                "holds for the others need not hold for them.",
                data={
                    "never_offered_share": participation.never_offered_share,
                    "selection_auc": participation.selection_auc,
                },
            )
        )
    if participation.opted_out:
        findings.append(
            Finding(
                name="opt-outs-in-history",
                severity="info",
                description=f"Of {counted(int(participation.enrolments), 'past enrolment')}, {participation.opted_out:,} ended in an opt-out; sizes count "
                "those who enrol, and shrink as some of them leave.",
                data={"enrolments": participation.enrolments, "opted_out": participation.opted_out},
            )
        )
    if participation.offers_without_customer:
        findings.append(
            Finding(
                name="history-without-readings",
                severity="info",
                description=f"{counted(participation.offers_without_customer, 'past offer')} went to customers without usable readings here and "
                "say nothing about load; they are not used.",
                data={"offers": participation.offers_without_customer},
            )
        )
    return findings


def _day(stamp: Any) -> str:
    return str(pd.Timestamp(stamp).date())
