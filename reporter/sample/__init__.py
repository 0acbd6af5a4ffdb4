"""Synthetic readings with known truth: what the analysis should find, and files that show it.

Shapes (``shapes``) make customers (``population``), who make readings day by day (``readings``), which go to
files (``write``). The truth goes to files of its own; neither readings nor ids nor their order hold it.
"""

from reporter.sample.shapes import CLASS_LABELS, CLASS_SHARES
from reporter.sample.write import Sample, SampleFiles, generate_sample, write_sample, write_sample_pair

__all__ = [
    "CLASS_LABELS",
    "CLASS_SHARES",
    "Sample",
    "SampleFiles",
    "generate_sample",
    "write_sample",
    "write_sample_pair",
]
