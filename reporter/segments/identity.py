"""Which segment of one segmentation is which of another, so that ids are kept from quarter to quarter."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float, Profiles
from reporter.segments.model import Segmentation
from reporter.segments.shapes import relative

_ID = re.compile(r"S(\d+)")


def match_shapes(
    old: Sequence[Sequence[float]],
    new: Sequence[Sequence[float]],
    most: float,
    classes: tuple[Sequence[str | None], Sequence[str | None]] | None = None,
) -> dict[int, tuple[int, float]]:
    """Pairs of mean shapes with the smallest sum of distances (Kuhn 1955, doi:10.1002/nav.3800020109).

    Args:
        old, new: (k, 24) and (m, 24) mean shapes, each load ÷ its mean absolute load.
        most: distance ÷ the length of the older shape, above which two are not the same segment.
        classes: of the older and the newer segments, where they were made by class: those of two classes are never the same.

    Returns:
        Place among the old → place among the new, and their distance.
    """
    from scipy.optimize import linear_sum_assignment

    before, after = np.asarray(old, dtype=float), np.asarray(new, dtype=float)
    distance = np.linalg.norm(before[:, None] - after[None], axis=2) / np.linalg.norm(before, axis=1)[:, None]
    if classes is not None:
        older, newer = (np.array(side, dtype=object) for side in classes)
        distance[older[:, None] != newer[None]] = np.inf
    # What is too far apart costs the same however far it is, so that it never pulls a good pair apart.
    rows, columns = linear_sum_assignment(np.minimum(distance, most * 1.0001))
    return {
        int(i): (int(j), float(distance[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if distance[i, j] <= most
    }


def mean_shapes(profile_kw: Float, assignment: NDArray[np.int32], k: int) -> NDArray[np.float64]:
    """(k, 24) mean over members of each load ÷ its mean absolute load."""
    shapes = relative(profile_kw).astype("float64")
    return np.stack([shapes[assignment == place].mean(axis=0) for place in range(k)])


def keep_ids(
    segmentation: Segmentation,
    profiles: Profiles,
    old: Mapping[str, Sequence[float] | None],
    most: float,
    classes: Mapping[str, str | None] | None = None,
) -> Segmentation:
    """The segmentation with the ids of an older one where a segment is the same; others get ids never used there.

    Args:
        segmentation: the new one.
        profiles: of its customers.
        old: id → mean shape of the older one; None for an id that is no longer in use.
        most: as in ``match_shapes``.
        classes: id → class of the older one, as ``class_key`` writes it.
    """
    known = {name: shape for name, shape in old.items() if shape is not None}
    k = len(segmentation.labels)
    shapes = mean_shapes(profiles.profile_kw, segmentation.assignment, k)
    then = [(classes or {}).get(name) for name in known]
    pairs = match_shapes(
        list(known.values()), shapes.tolist(), most, (then, [_key(segmentation, place) for place in range(k)])
    )
    kept = {j: list(known)[i] for i, (j, _) in pairs.items()}
    fresh = max((int(found[1]) for name in old if (found := _ID.fullmatch(name))), default=0)
    labels = []
    for place, label in enumerate(segmentation.labels):
        if place not in kept:
            fresh += 1
        labels.append(replace(label, segment_id=kept.get(place, f"S{fresh}")))
    gone = [name for name in old if name not in kept.values()]
    return replace(segmentation, labels=labels, retired=gone)


def class_key(column: str | None, name: str | None) -> str | None:
    """What makes a class the same in two runs: its column and its name; None for segments that were not made by class."""
    return None if column is None or name is None else f"{column}: {name}"


def _key(segmentation: Segmentation, place: int) -> str | None:
    one = segmentation.class_of(place)
    return class_key(segmentation.within.column, one.name) if segmentation.within and one else None
