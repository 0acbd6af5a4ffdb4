"""Put new customers into segments that are there already."""

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.segments.methods import kmeans, warping
from reporter.segments.model import Segmentation


def apply(
    segmentation: Segmentation, profile_kw: Float, classes: NDArray[np.object_] | None = None
) -> NDArray[np.int32]:
    """Segments of new profiles by the frozen centroids.

    Args:
        segmentation: as made, or as read back from a run folder.
        profile_kw: (n, 24 × kinds of days) mean load by local hour [kW], the kinds as in ``segmentation.space``.
        classes: (n,) class of each customer, where segments were made by class, None where it is not known; a customer of none, or of
            one that has no segments, gets the nearest segment of any class.

    Returns:
        (n,) index into ``segmentation.labels``.
    """
    rows, within = segmentation.space(profile_kw), segmentation.within
    if within is None or classes is None:
        return _nearest(segmentation, rows, np.arange(len(segmentation.centroids)))
    found = np.full(len(rows), -1, dtype="int32")
    for one in within.classes:
        members = np.isin(classes, np.array(one.values, dtype=object))
        if members.any():
            found[members] = _nearest(segmentation, rows[members], np.array(one.places))
    others = found < 0
    if others.any():
        found[others] = _nearest(segmentation, rows[others], np.arange(len(segmentation.centroids)))
    return found


def _nearest(segmentation: Segmentation, rows: Float, places: NDArray[np.int64]) -> NDArray[np.int32]:
    centroids, band = segmentation.centroids[places], segmentation.space.band_hours
    near = warping.assign(rows, centroids, band) if band else kmeans.assign(rows, centroids)
    result: NDArray[np.int32] = places[near].astype("int32")
    return result
