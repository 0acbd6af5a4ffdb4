"""How many segments: elbow, silhouette, stability and usefulness, a smallest-segment rule, and one sentence why.

Silhouette: Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7. Adjusted Rand index: Hubert and Arabie 1985,
doi:10.1007/BF01908075. Stability by bootstrap: Hennig 2007, doi:10.1016/j.csda.2006.11.025.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, silhouette_score

from reporter.errors import UsageError
from reporter.profiles import Float
from reporter.segments import kmeans
from reporter.segments.model import CandidateK, Choice
from reporter.segments.unseen import Halves, explained
from reporter.settings import SegmentSettings
from reporter.words import counted, percent

_BOOTSTRAP_ON = 2_000
_BOOTSTRAP_STARTS = 3
_SAME = 5
"""Decimals to which shapes are compared before they count as different."""

_NEAR_BEST = 0.9
"""A smaller K is taken where it reaches this share of the best: fewer segments are easier to act on."""


def choose(
    all_shapes: Float, sample: NDArray[np.int64], split: Halves | None, settings: SegmentSettings, seed: int
) -> Choice:
    """Try every K and choose one.

    Args:
        all_shapes: (n, p).
        sample: rows that silhouette and stability are measured on.
        split: profiles of two halves of the days.
        settings: range, rules and ``k`` where the user chose.
        seed: of every random step.

    Raises:
        UsageError: more segments are asked for than the customers can make.
    """
    if settings.k is not None and settings.k > len(all_shapes):
        raise UsageError(
            f"--k: {counted(len(all_shapes), 'customer')} can't make {settings.k} segments; ask for fewer."
        )
    most = len(all_shapes) // 2
    if settings.k_min > most:
        raise UsageError(
            f"--k-range: {counted(len(all_shapes), 'customer')} can't make {settings.k_min} segments; start from {most} or fewer."
        )
    distinct = len(np.unique(all_shapes[sample].round(_SAME), axis=0))
    asked = {settings.k} if settings.k is not None and 2 <= settings.k <= min(most, distinct) else set()
    tried = sorted({*range(settings.k_min, min(settings.k_max, most, distinct) + 1), *asked})
    if not tried:
        return Choice(
            1, "no-structure", [], None, None, "1 segment: the customers' load shapes do not differ."
        )
    candidates = [_candidate(all_shapes, sample, split, k, settings, seed) for k in tried]
    best = max(candidates, key=lambda c: c.silhouette)
    chosen, rule, reason = _decide(candidates, len(all_shapes), settings)
    choice = Choice(
        k=chosen,
        chosen_by=rule,
        candidates=candidates,
        elbow_k=elbow(np.array([c.inertia for c in candidates]), [c.k for c in candidates]),
        silhouette_k=best.k,
        reason=reason,
    )
    return choice if chosen <= distinct else fewer(choice, distinct)


def least_share(customers: int, settings: SegmentSettings) -> float:
    """Share of the customers that makes a segment."""
    return max(settings.min_share, settings.min_members / customers)


def fewer(choice: Choice, k: int) -> Choice:
    """The choice where the shapes differ too little for as many segments as were wanted."""
    segments = counted(k, "segment")
    return replace(
        choice,
        k=k,
        reason=f"{segments}: {choice.k} were wanted, but the customers' load shapes do not differ enough for more.",
    )


def elbow(inertias: NDArray[np.float64], ks: list[int]) -> int | None:
    """K where the inertia curve is furthest below the line between its ends; None below three points.

    Satopää et al. 2011, doi:10.1109/ICDCSW.2011.20 ("Kneedle"), without smoothing.
    """
    if len(ks) < 3 or inertias[0] <= inertias[-1]:
        return None
    x = (np.array(ks) - ks[0]) / (ks[-1] - ks[0])
    y = (inertias - inertias[-1]) / (inertias[0] - inertias[-1])
    return ks[int(np.argmax(1 - x - y))]


def _candidate(
    all_shapes: Float,
    sample: NDArray[np.int64],
    split: Halves | None,
    k: int,
    settings: SegmentSettings,
    seed: int,
) -> CandidateK:
    least = least_share(len(all_shapes), settings)
    centroids = kmeans.fit(all_shapes, k, seed, settings.starts, least)
    assignment = kmeans.assign(all_shapes, centroids)
    sampled = assignment[sample]
    shown = 2 <= len(np.unique(sampled)) < len(sampled)
    scores = _stability(
        all_shapes[sample[:_BOOTSTRAP_ON]], sampled[:_BOOTSTRAP_ON], k, settings.bootstraps, seed, least
    )
    said = (
        explained(split, k, settings.normalise, seed, settings.starts, least) if split is not None else None
    )
    low, middle, high = np.quantile(scores, [0.1, 0.5, 0.9])
    return CandidateK(
        k=k,
        inertia=kmeans.inertia(all_shapes, centroids),
        silhouette=float(silhouette_score(all_shapes[sample], sampled)) if shown else 0.0,
        stability=float(middle),
        stability_low=float(low),
        stability_high=float(high),
        usefulness=said.evening if said is not None else None,
        smallest_share=float(np.bincount(assignment, minlength=k).min() / len(assignment)),
    )


def _stability(
    shapes: Float, reference: NDArray[np.int32], k: int, resamples: int, seed: int, least: float
) -> NDArray[np.float64]:
    """(resamples,) adjusted Rand index between the segments and those that a resample of customers gives."""
    generator = np.random.default_rng([seed, k])
    scores = []
    for _ in range(resamples):
        resample = shapes[generator.integers(0, len(shapes), len(shapes))]
        centroids = kmeans.fit(resample, k, int(generator.integers(2**31)), _BOOTSTRAP_STARTS, least)
        scores.append(adjusted_rand_score(reference, kmeans.assign(shapes, centroids)))
    return np.array(scores)


def _decide(candidates: list[CandidateK], customers: int, settings: SegmentSettings) -> tuple[int, str, str]:
    large = [c for c in candidates if c.smallest_share >= least_share(customers, settings)]
    eligible = large or candidates[:1]
    clear = max(eligible, key=lambda c: c.silhouette)
    if settings.k is not None:
        return settings.k, "user", f"{counted(settings.k, 'segment')}, as asked for with --k."
    if clear.silhouette >= settings.clear_silhouette:
        return (
            clear.k,
            "silhouette",
            f"{clear.k} segments: the groups stand clearly apart there (mean silhouette {clear.silhouette:.2f}, the highest of those "
            f"tried from {candidates[0].k} to {candidates[-1].k}).",
        )
    wanted = [c for c in eligible if settings.prefer_min <= c.k <= settings.prefer_max] or eligible
    if any(c.usefulness is None for c in wanted):
        best = max(wanted, key=lambda c: c.stability)
        return (
            best.k,
            "stability",
            f"{best.k} segments: the most stable of the numbers that a program can use (median bootstrap agreement {best.stability:.2f}).",
        )
    most = max(_lasting(c) for c in wanted)
    best = next(c for c in wanted if _lasting(c) >= _NEAR_BEST * most)
    return (
        best.k,
        "usefulness",
        f"{best.k} segments: no number of groups stands clearly apart (highest silhouette {clear.silhouette:.2f}), so of "
        f"{wanted[0].k} to {wanted[-1].k} segments, few enough for a program, the smallest number is taken that comes near the best "
        "in what it says about days not used for it, weighed by how stable it is: it explains "
        f"{percent(best.usefulness or 0.0)} of how customers differ in evening share, at a stability of {best.stability:.2f}.",
    )


def _lasting(candidate: CandidateK) -> float:
    """Usefulness × stability: what is said about unseen days, as far as another sample would draw the same segments."""
    return (candidate.usefulness or 0.0) * max(candidate.stability, 0.0)
