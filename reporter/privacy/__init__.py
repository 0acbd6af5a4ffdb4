"""What a report for others may tell: the aggregation rule, which segments stand alone, and the facts that leave."""

from reporter.privacy.external import Outside, external
from reporter.privacy.releases import earlier_reports, read_releases, record

__all__ = ["Outside", "earlier_reports", "external", "read_releases", "record"]
