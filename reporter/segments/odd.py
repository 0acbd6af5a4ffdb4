"""Customers whose shape is like nobody's: they are put into the nearest segment, and it is said.

A customer is odd where its distance to its segment's centre is far outside what is usual among all customers: beyond the third
quartile by so many times the middle half (Tukey 1977). The same, on logarithms, goes for sizes.
"""

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.profiles import Float
from reporter.segments.methods import Method
from reporter.settings import SegmentSettings
from reporter.words import counted

_LARGE = 10
"""Times the median mean load, at least, that make a customer far larger."""


def odd_customers(
    shapes: Float,
    assignment: NDArray[np.int32],
    centroids: Float,
    method: Method,
    settings: SegmentSettings,
) -> NDArray[np.bool_]:
    """(n,) customers who lie far from every segment."""
    apart = np.empty(len(shapes))
    for segment in range(len(centroids)):
        members = assignment == segment
        apart[members] = np.sqrt(method.each(shapes[members], centroids[segment : segment + 1]))
    # Where nearly everybody sits on the centre, a rounding error is no oddity.
    found: NDArray[np.bool_] = _beyond(apart, settings) & (apart > settings.odd_least)
    return found


def odd_sizes(mean_kw: Float, settings: SegmentSettings) -> NDArray[np.bool_]:
    """(n,) customers far larger than the others, such as a factory among homes."""
    size = np.abs(mean_kw).astype("float64")
    logs = np.log(np.maximum(size, 1e-9))
    found: NDArray[np.bool_] = _beyond(logs, settings) & (size > _LARGE * np.median(size))
    return found


def odd_finding(shape: NDArray[np.bool_], size: NDArray[np.bool_]) -> list[Finding]:
    """What a reader must know about odd customers; nothing where there are none."""
    parts = [
        f"{counted(int(odd.sum()), 'customer')} {words}"
        for odd, words in (
            (shape, "with a shape far from every segment's"),
            (size & ~shape, "far larger than the others"),
        )
        if odd.any()
    ]
    if not parts:
        return []
    return [
        Finding(
            name="odd-customers",
            severity="info",
            description=f"{' and '.join(parts)}: kept, in the nearest segment, and marked in customers.parquet (odd_reason). Look at them "
            "before acting: they may be shops, works, or a meter that is wrong.",
            data={"shape": int(shape.sum()), "size": int(size.sum())},
        )
    ]


def _beyond(values: NDArray[np.float64], settings: SegmentSettings) -> NDArray[np.bool_]:
    """Beyond the third quartile by so many times the middle half."""
    low, high = np.quantile(values, [0.25, 0.75])
    found: NDArray[np.bool_] = values > high + settings.odd_beyond * (high - low)
    return found
