"""How many segments: elbow, silhouette, stability and usefulness, a smallest-segment rule, and one sentence why.

Silhouette: Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7. Calinski and Harabasz 1974, doi:10.1080/03610927408827101.
Davies and Bouldin 1979, doi:10.1109/TPAMI.1979.4766909. Adjusted Rand index: Hubert and Arabie 1985,
doi:10.1007/BF01908075. Stability by bootstrap: Hennig 2007, doi:10.1016/j.csda.2006.11.025.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

from reporter.errors import UsageError
from reporter.profiles import Float
from reporter.segments.methods import Method, View
from reporter.segments.model import CandidateK, Choice
from reporter.segments.shapes import ShapeSpace
from reporter.segments.unseen import Halves, explained
from reporter.settings import SegmentSettings
from reporter.words import counted, percent

_BOOTSTRAP_ON = 2_000
_SAME = 5
"""Decimals to which shapes are compared before they count as different."""


@dataclass(frozen=True)
class Trial:
    """One number of segments, fitted."""

    centroids: Float
    """(k, p)"""
    assignment: NDArray[np.int32]
    """(n,) index into the centroids."""


@dataclass(frozen=True)
class Material:
    """What every number of segments is tried on."""

    view: View
    sample: NDArray[np.int64]
    """Customers that silhouette and stability are measured on."""
    split: Halves | None
    """Profiles of two halves of the days."""
    space: ShapeSpace
    method: Method
    seed: int


def choose(material: Material, settings: SegmentSettings) -> tuple[Choice, dict[int, Trial]]:
    """Try every K and choose one.

    Args:
        material: customers, and how they are grouped.
        settings: range, rules and ``k`` where the user chose.

    Returns:
        The choice, and every K that was tried, fitted.

    Raises:
        UsageError: more segments are asked for than the customers can make.
    """
    shapes, n = material.view.shapes, len(material.view)
    if settings.k is not None and settings.k > n:
        raise UsageError(f"--k: {counted(n, 'customer')} can't make {settings.k} segments; ask for fewer.")
    most = n // 2
    if settings.k_min > most:
        raise UsageError(
            f"--k-range: {counted(n, 'customer')} can't make {settings.k_min} segments; start from {most} or fewer."
        )
    distinct = len(np.unique(shapes[material.sample].round(_SAME), axis=0))
    asked = {settings.k} if settings.k is not None and 2 <= settings.k <= min(most, distinct) else set()
    tried = sorted({*range(settings.k_min, min(settings.k_max, most, distinct) + 1), *asked})
    if not tried:
        reason = "1 segment: the customers' load shapes do not differ."
        return Choice(1, "no-structure", [], None, None, reason), {}
    trials, candidates = {}, []
    for k in tried:
        trials[k], candidate = _try(material, k, settings)
        candidates.append(candidate)
    chosen, rule, reason = _decide(candidates, n, settings)
    known = [c for c in candidates if c.davies_bouldin is not None]
    useful = [c for c in candidates if c.usefulness is not None]
    choice = Choice(
        k=chosen,
        chosen_by=rule,
        candidates=candidates,
        elbow_k=elbow(np.array([c.inertia for c in candidates]), [c.k for c in candidates]),
        silhouette_k=max(candidates, key=lambda c: c.silhouette).k,
        reason=reason,
        calinski_harabasz_k=max(candidates, key=lambda c: c.calinski_harabasz).k,
        davies_bouldin_k=min(known, key=lambda c: c.davies_bouldin or 0.0).k if known else None,
        stability_k=max(candidates, key=lambda c: c.stability).k,
        usefulness_k=max(useful, key=lambda c: c.usefulness or 0.0).k if useful else None,
        next_k=_next(candidates, chosen, n, settings),
    )
    return (choice if chosen <= distinct else fewer(choice, distinct)), trials


def _next(candidates: list[CandidateK], chosen: int, customers: int, settings: SegmentSettings) -> int | None:
    """The K that the tool would take if the chosen one were not there."""
    others = [c for c in candidates if c.k != chosen]
    if not others:
        return None
    return _decide(others, customers, settings.model_copy(update={"k": None}))[0]


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


def _try(material: Material, k: int, settings: SegmentSettings) -> tuple[Trial, CandidateK]:
    method, view = material.method, material.view
    centroids = method.fit(view, k, material.seed)
    assignment = method.assign(view.shapes, centroids)
    sampled, shapes = assignment[material.sample], view.shapes[material.sample]
    shown = 2 <= len(np.unique(sampled)) < len(sampled)
    scores = _stability(
        view.take(material.sample[:_BOOTSTRAP_ON]), sampled[:_BOOTSTRAP_ON], k, settings.bootstraps, material
    )
    split = material.split
    said = explained(split, material.space, method, k, material.seed) if split is not None else None
    low, middle, high = np.quantile(scores, [0.1, 0.5, 0.9])
    return Trial(centroids, assignment), CandidateK(
        k=k,
        inertia=method.inertia(view.shapes, centroids),
        silhouette=float(silhouette_score(shapes, sampled)) if shown else 0.0,
        stability=float(middle),
        stability_low=float(low),
        stability_high=float(high),
        usefulness=said.evening if said is not None else None,
        smallest_share=float(np.bincount(assignment, minlength=k).min() / len(assignment)),
        calinski_harabasz=float(calinski_harabasz_score(shapes, sampled)) if shown else 0.0,
        davies_bouldin=float(davies_bouldin_score(shapes, sampled)) if shown else None,
        shape_usefulness=said.shape if said is not None else None,
        effect=said.effect if said is not None else None,
    )


def _stability(
    view: View, reference: NDArray[np.int32], k: int, resamples: int, material: Material
) -> NDArray[np.float64]:
    """(resamples,) adjusted Rand index between the segments and those that a resample of customers gives."""
    generator, quick = np.random.default_rng([material.seed, k]), material.method.quick()
    scores = []
    for _ in range(resamples):
        resample = view.take(generator.integers(0, len(view), len(view)))
        centroids = quick.fit(resample, k, int(generator.integers(2**31)))
        scores.append(adjusted_rand_score(reference, quick.assign(view.shapes, centroids)))
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
    steadiest = max(c.stability for c in wanted)
    steady = [c for c in wanted if c.stability >= settings.steady_enough * steadiest] or wanted
    most = max(_said(c) for c in steady)
    best = next(c for c in steady if _said(c) >= settings.near_best * most)
    unsteady = [c.k for c in wanted if c not in steady]
    return (
        best.k,
        "usefulness",
        f"{best.k} segments: no number of groups stands clearly apart (highest silhouette {clear.silhouette:.2f}), so of "
        f"{wanted[0].k} to {wanted[-1].k} segments, few enough for a program, the smallest number is taken that comes near the best "
        "in what it says about days not used for it"
        + (f" ({' and '.join(map(str, unsteady))} passed over as much less stable)" if unsteady else "")
        + f": it explains {percent(best.usefulness or 0.0)} of how customers differ in evening share"
        + (
            f" and {percent(best.shape_usefulness)} of how they differ in the whole shape"
            if best.shape_usefulness is not None
            else ""
        )
        + f", at a stability of {best.stability:.2f}.",
    )


def _said(candidate: CandidateK) -> float:
    """What the segments say about unseen days: mean of what they explain of the evening and of the whole shape."""
    evening = candidate.usefulness or 0.0
    shape = candidate.shape_usefulness
    return evening if shape is None else (evening + shape) / 2
