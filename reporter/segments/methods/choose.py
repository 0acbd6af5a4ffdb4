"""The method that the settings name."""

from reporter.segments.methods.base import Method
from reporter.segments.methods.kmeans import KMeans
from reporter.settings import SegmentSettings


def method_of(settings: SegmentSettings, least_share: float) -> Method:
    """The method that the settings name.

    Args:
        settings: method and its options.
        least_share: share of the customers that makes a segment.
    """
    return KMeans(settings.starts, least_share, settings.steady_within)
