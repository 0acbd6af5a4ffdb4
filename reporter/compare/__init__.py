"""Two or more runs → Comparison (``build``): who moved, what changed, what is new, and what is only noise."""

from reporter.compare.build import Compared, compare

__all__ = ["Compared", "compare"]
