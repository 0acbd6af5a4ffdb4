"""The table of checks: a new check is one entry here."""

from reporter.readings.checks import order, sums
from reporter.readings.checks.model import Check

CHECKS = (
    Check("implausible-readings", "warning", "readings", sums.beyond, "max_kw", "readings", "have readings beyond the physical limit", many=0),
    Check("empty-readings", "info", "readings", sums.empty, None, "readings", "have empty readings"),
    Check("readings-without-time", "warning", "readings", sums.undated, None, "readings", "have readings without a usable time", many=0),
    Check("identical-duplicates", "info", "readings", sums.identical, None, "readings", "have readings that came twice"),
    Check("conflicting-duplicates", "warning", "readings", sums.conflicting, None, "times", "have times with two different values", many=0),
    Check("spring-hour-recovered", "info", "readings", sums.recovered, None, "readings", "have an hour that a clock set wrong stamped twice"),
    Check("low-coverage", "warning", "readings", sums.coverage, "good_coverage", "share", "have fewer than {limit} of the intervals of their days", many=0.1),
    Check("long-gaps", "warning", "readings", sums.gap, "gap_hours", "hours", "have a gap of {limit} hours or more", many=0.1),
    Check("many-zeros", "warning", "readings", sums.zero_share, "zero_share", "share", "have zero in {limit} of their readings or more", many=0.05),
    Check("estimated-readings", "warning", "readings", sums.estimated, "estimated_share", "share", "have {limit} or more of their readings marked as not measured", many=0.05),
    Check("unusual-size", "warning", "readings", sums.size, "size_ratio", "times the median", "draw {limit} times the median customer's load or more, or so little", many=0.01),
    Check("renumbered-customers", "warning", "readings", sums.renumbered, None, "day", "end or begin where many others begin or end: their numbers may have changed", many=0),
    Check("similar-ids", "warning", "readings", sums.similar_ids, None, "ids", "have an id that another one differs from in capitals or leading zeros only; they were kept apart", many=0),
    Check("stuck-readings", "warning", "order", order.stuck, "stuck_hours", "hours", "repeat one value that is not zero for {limit} hours or more", many=0.01),
    Check("long-zeros", "warning", "order", order.zeros, "zero_hours", "hours", "read zero for {limit} hours or more", many=0.05),
    Check("spikes", "warning", "order", order.spikes, "spike_ratio", "readings", "have readings beyond {limit} times their own 99th percentile", many=0.02),
    Check("clock-shift-of-customers", "warning", "order", order.clock_shift, "clock_gain", "hours", "have a daily shape that moves by an hour and stays so", many=0.02),
)  # fmt: skip
"""In the order in which they are told."""
