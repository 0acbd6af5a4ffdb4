"""Group customers, name the groups, and check them on days not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import silhouette_samples

from reporter.findings import Finding
from reporter.profiles import Float, Profiles
from reporter.segments import kmeans
from reporter.segments.choice import choose, fewer, least_share
from reporter.segments.labels import label, order_key, titles
from reporter.segments.model import Choice, Diagnostics, Segmentation, SegmentLabel
from reporter.segments.shapes import filled, shapes
from reporter.segments.unseen import explained, halves, unseen_days
from reporter.settings import Settings
from reporter.words import percent


def segment(profiles: Profiles, settings: Settings) -> Segmentation:
    """Group customers by load shape; K is chosen, or taken from the settings."""
    options = settings.segments
    all_shapes = shapes(profiles.profile_kw, options.normalise)
    n = len(all_shapes)
    sample = np.random.default_rng(settings.seed).permutation(n)[: options.sample]
    split = halves(profiles.daily)
    choice = choose(all_shapes, sample, split, options, settings.seed)

    centroids = kmeans.fit(all_shapes, choice.k, settings.seed, options.starts, least_share(n, options))
    found = kmeans.assign(all_shapes, centroids)
    present = np.unique(found)
    if len(present) < choice.k:
        choice = fewer(choice, len(present))
        centroids, found = centroids[present], np.searchsorted(present, found).astype("int32")
    # Named by the load that the segment puts on the system, which is also what the report shows of it.
    loads = filled(profiles.profile_kw).astype("float64")
    means = np.stack([loads[found == c].mean(axis=0) for c in range(choice.k)])
    means /= np.abs(means).mean(axis=1, keepdims=True)
    named = [label(mean, settings.labels) for mean in means]
    order = sorted(range(choice.k), key=lambda c: order_key(named[c][0], means[c]))
    position = np.argsort(order).astype("int32")
    assignment, centroids, means = position[found], centroids[order], means[order]

    words = titles([named[c][0] for c in order], means)
    labels = [
        SegmentLabel(segment_id=f"S{place + 1}", label=named[c][0], title=words[place], evidence=named[c][1])
        for place, c in enumerate(order)
    ]
    unseen = None
    if split is not None:
        said = explained(
            split, choice.k, options.normalise, settings.seed, options.starts, least_share(n, options)
        )
        unseen = unseen_days(split, centroids, options.normalise, said.shape if said is not None else None)
    diagnostics = Diagnostics(
        sample=sample,
        silhouette=_silhouettes(all_shapes[sample], assignment[sample]),
        unseen=unseen,
        findings=_findings(choice, settings),
    )
    return Segmentation(labels, assignment, centroids, options.normalise, choice, diagnostics)


def _silhouettes(sampled: Float, assignment: NDArray[np.int32]) -> NDArray[np.float32]:
    if not 2 <= len(np.unique(assignment)) < len(assignment):
        return np.zeros(0, dtype="float32")
    values: NDArray[np.float32] = silhouette_samples(sampled, assignment).astype("float32")
    return values


def _findings(choice: Choice, settings: Settings) -> list[Finding]:
    if choice.k == 1 and choice.chosen_by != "user":
        return [
            Finding(
                name="no-structure",
                severity="warning",
                description="The customers' load shapes do not differ, so there are no segments to tell apart.",
            )
        ]
    chosen = next((c for c in choice.candidates if c.k == choice.k), None)
    if chosen is None:
        return []
    findings = []
    if chosen.silhouette < settings.segments.clear_silhouette:
        findings.append(
            Finding(
                name="continuum",
                severity="info",
                description=f"Customers' load shapes run into one another (mean silhouette {chosen.silhouette:.2f}); the segments are useful cuts "
                "through a continuum, not natural kinds, and customers near a border could be in either.",
                data={"silhouette": round(chosen.silhouette, 4)},
            )
        )
    if chosen.usefulness is not None and chosen.usefulness < settings.segments.min_usefulness:
        findings.append(
            Finding(
                name="weak-segments",
                severity="warning",
                description=f"On days not used to form them the segments explain only {percent(chosen.usefulness)} of how customers differ in "
                "evening share; choose customers by their own load, not by segment.",
                data={"usefulness": round(chosen.usefulness, 4)},
            )
        )
    if chosen.stability < settings.segments.min_stability:
        findings.append(
            Finding(
                name="unstable-segments",
                severity="warning",
                description=f"Another sample of the same customers would draw the segments differently (median agreement {chosen.stability:.2f}, where 1 is "
                f"the same and {settings.segments.min_stability:g} is the least that is called stable); do not read small differences between them.",
                data={"stability": round(chosen.stability, 4)},
            )
        )
    return findings
