"""Group customers, name the groups, and check them on days not seen."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from reporter.profiles import Float, Profiles
from reporter.segments.cells import cells, kinds_of
from reporter.segments.choice import Material, Trial, choose, fewer, least_share
from reporter.segments.effect import Effect, effect
from reporter.segments.findings import Verdict, findings
from reporter.segments.labels import label, order_key, titles
from reporter.segments.methods import Method, View, method_of
from reporter.segments.methods.dictionary import Dictionary
from reporter.segments.methods.hierarchical import Hierarchical
from reporter.segments.model import Alternative, Choice, Diagnostics, Segmentation, SegmentLabel, TypicalDays
from reporter.segments.odd import odd_customers, odd_finding, odd_sizes
from reporter.segments.shapes import ShapeSpace, filled, relative
from reporter.segments.unseen import halves, unseen_days
from reporter.settings import SegmentSettings, Settings

_NAMED = 1000
"""Members of a segment, at most, whose own label is asked for."""


def segment(profiles: Profiles, settings: Settings) -> Segmentation:
    """Group customers by load shape; K is chosen, or taken from the settings."""
    options, n = settings.segments, len(profiles.customer_id)
    kinds = kinds_of(profiles, options)
    space = ShapeSpace.of(options, kinds)
    view = _view(profiles, space(cells(profiles, kinds)))
    sample = np.random.default_rng(settings.seed).permutation(n)[: options.sample]
    method = method_of(options, least_share(n, options))
    material = Material(view, sample, halves(profiles, kinds), space, method, settings.seed)
    choice, trials = choose(material, options)
    apart = _effect(choice, trials, cells(profiles, kinds))
    if apart is not None and choice.chosen_by != "user" and _too_near(apart, options):
        choice = replace(choice, k=1, chosen_by="no-structure", reason=_no_structure(apart, options))

    trial = trials.get(choice.k) or _single(material, choice.k)
    centroids, found = trial.centroids, trial.assignment
    present = np.unique(found)
    if len(present) < choice.k:
        choice = fewer(choice, len(present))
        centroids, found = centroids[present], np.searchsorted(present, found).astype("int32")
    order, labels = name_segments(profiles, found, choice.k, settings)
    position = np.argsort(order).astype("int32")
    assignment, centroids = position[found], centroids[order]
    unseen = None
    if material.split is not None:
        chosen = next((c for c in choice.candidates if c.k == choice.k), None)
        unseen = unseen_days(
            material.split, space, method, centroids, chosen.shape_usefulness if chosen else None
        )
    odd = odd_customers(view.shapes, assignment, centroids, method, options)
    large = odd_sizes(profiles.mean_kw, options)
    diagnostics = Diagnostics(
        sample=sample,
        silhouette=_silhouettes(view.shapes[sample], assignment[sample]),
        unseen=unseen,
        findings=[*findings([Verdict(None, choice, apart)], options), *odd_finding(odd, large)],
        effect=apart,
        tree=method.tree(view, settings.seed) if isinstance(method, Hierarchical) else [],
        typical_days=_typical(method, view, choice.k, settings.seed),
        odd=odd,
        odd_size=large,
        label_confidence=_confidence(profiles, assignment, labels, sample, settings),
        alternative=_alternative(choice, trials, assignment, profiles, settings),
    )
    return Segmentation(labels, assignment, centroids, space, choice, diagnostics)


def _view(profiles: Profiles, rows: Float) -> View:
    days_of = np.full(len(rows), -1, dtype="int64")
    days_of[profiles.daily.rows] = np.arange(len(profiles.daily.rows))
    return View(rows, profiles.daily.kw, days_of)


def _typical(method: Method, view: View, k: int, seed: int) -> TypicalDays | None:
    if not isinstance(method, Dictionary):
        return None
    typical = method.typical(view, k, seed)
    return TypicalDays(typical, method.encode(view, typical))


def name_segments(
    profiles: Profiles, found: NDArray[np.int32], k: int, settings: Settings
) -> tuple[list[int], list[SegmentLabel]]:
    """Canonical order of the segments found, and their labels in that order."""
    means = mean_loads(profiles, found, k)
    named = [label(mean, settings.labels) for mean in means]
    order = sorted(range(k), key=lambda c: order_key(named[c][0], means[c], settings.labels))
    words = titles([named[c][0] for c in order], means[order])
    return order, [
        SegmentLabel(segment_id=f"S{place + 1}", label=named[c][0], title=words[place], evidence=named[c][1])
        for place, c in enumerate(order)
    ]


def mean_loads(profiles: Profiles, found: NDArray[np.int32], k: int) -> NDArray[np.float64]:
    """(k, 24) load of each segment ÷ its mean absolute load, which names it: what it puts on the system, as the report shows it."""
    loads = filled(profiles.profile_kw).astype("float64")
    means = np.stack([loads[found == c].mean(axis=0) for c in range(k)])
    scaled: NDArray[np.float64] = means / np.abs(means).mean(axis=1, keepdims=True)
    return scaled


def _confidence(
    profiles: Profiles,
    assignment: NDArray[np.int32],
    labels: list[SegmentLabel],
    sample: NDArray[np.int64],
    settings: Settings,
) -> list[float | None]:
    """Share of the sampled members of each segment whose own profile would be named as the segment is."""
    own = relative(profiles.profile_kw[sample]).astype("float64")
    result: list[float | None] = []
    for place, name in enumerate(labels):
        members = own[assignment[sample] == place][:_NAMED]
        same = [label(shape, settings.labels)[0] == name.label for shape in members]
        result.append(float(np.mean(same)) if same else None)
    return result


def _single(material: Material, k: int) -> Trial:
    centroids = material.method.fit(material.view, k, material.seed)
    return Trial(centroids, material.method.assign(material.view.shapes, centroids))


def _effect(choice: Choice, trials: dict[int, Trial], loads: Float) -> Effect | None:
    """On days not seen, where there are any."""
    chosen = next((c for c in choice.candidates if c.k == choice.k), None)
    if chosen is None or choice.k < 2:
        return None
    return chosen.effect or effect(relative(loads), trials[choice.k].assignment)


def _too_near(apart: Effect, options: SegmentSettings) -> bool:
    return apart.evening_between < options.min_evening_spread and apart.peak_between < options.min_peak_spread


def _no_structure(apart: Effect, options: SegmentSettings) -> str:
    return (
        f"1 segment: groups of like shape would differ by only {apart.evening_between:.2f} of a customer's mean load in the evening and by "
        f"{apart.peak_between:.1f} hours in the time of their peak (standard deviation between groups, on days not used to form them; "
        f"{options.min_evening_spread:g} or {options.min_peak_spread:g} hours is the least that a program can act on). "
        "Choose customers by their own load instead."
    )


def _alternative(
    choice: Choice,
    trials: dict[int, Trial],
    assignment: NDArray[np.int32],
    profiles: Profiles,
    settings: Settings,
) -> Alternative | None:
    trial = trials.get(choice.next_k) if choice.next_k is not None and choice.k > 1 else None
    if trial is None or choice.next_k is None or len(np.unique(trial.assignment)) < choice.next_k:
        return None
    order, labels = name_segments(profiles, trial.assignment, choice.next_k, settings)
    shares = np.bincount(trial.assignment, minlength=choice.next_k) / len(trial.assignment)
    return Alternative(
        k=choice.next_k,
        titles=[label.title for label in labels],
        shares=[float(shares[c]) for c in order],
        agreement=float(adjusted_rand_score(assignment, trial.assignment)),
    )


def _silhouettes(sampled: Float, assignment: NDArray[np.int32]) -> NDArray[np.float32]:
    if not 2 <= len(np.unique(assignment)) < len(assignment):
        return np.zeros(0, dtype="float32")
    values: NDArray[np.float32] = silhouette_samples(sampled, assignment).astype("float32")
    return values
