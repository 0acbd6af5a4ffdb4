"""Profiles → Segmentation: customers grouped by load shape (``build``), and what it takes to apply that to others."""

from reporter.segments.frozen import apply
from reporter.segments.identity import keep_ids, match_shapes
from reporter.segments.model import CandidateK, Choice, Diagnostics, Segmentation, SegmentLabel, UnseenDays
from reporter.segments.shapes import relative

__all__ = [
    "CandidateK",
    "Choice",
    "Diagnostics",
    "SegmentLabel",
    "Segmentation",
    "UnseenDays",
    "apply",
    "keep_ids",
    "match_shapes",
    "relative",
]
