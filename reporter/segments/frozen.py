"""Put new customers into segments that are there already."""

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float
from reporter.segments.methods import kmeans, warping
from reporter.segments.model import Segmentation


def apply(segmentation: Segmentation, profile_kw: Float) -> NDArray[np.int32]:
    """Segments of new profiles by the frozen centroids.

    Args:
        segmentation: as made, or as read back from a run folder.
        profile_kw: (n, 24 × kinds of days) mean load by local hour [kW], the kinds as in ``segmentation.space``.

    Returns:
        (n,) index into ``segmentation.labels``.
    """
    space = segmentation.space
    if space.band_hours:
        return warping.assign(space(profile_kw), segmentation.centroids, space.band_hours)
    return kmeans.assign(space(profile_kw), segmentation.centroids)
