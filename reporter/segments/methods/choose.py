"""The method that the settings name."""

from reporter.segments.methods.base import Method
from reporter.segments.methods.dictionary import Dictionary
from reporter.segments.methods.hierarchical import Hierarchical
from reporter.segments.methods.kmeans import KMeans
from reporter.segments.methods.warping import Warping
from reporter.settings import SegmentSettings


def method_of(settings: SegmentSettings, least_share: float) -> Method:
    """The method that the settings name.

    Args:
        settings: method and its options.
        least_share: share of the customers that makes a segment.
    """
    if settings.method == "hierarchical":
        return Hierarchical()
    if settings.method == "dtw":
        return Warping(settings.band_hours)
    if settings.method == "dictionary":
        return Dictionary(settings.normalise, min(settings.starts, 3))
    return KMeans(settings.starts, least_share, settings.steady_within, settings.tree_most)
