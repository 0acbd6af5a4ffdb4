"""Profiles → Segmentation: customers grouped by load shape (``build``), and what it takes to apply that to others."""

from reporter.segments.cells import side_by_side, slug
from reporter.segments.frozen import apply
from reporter.segments.identity import class_key, keep_ids, match_shapes
from reporter.segments.model import (
    Alternative,
    CandidateK,
    Choice,
    ClassSegments,
    Diagnostics,
    Segmentation,
    SegmentLabel,
    UnseenDays,
    Within,
)
from reporter.segments.shapes import ShapeSpace, relative

__all__ = [
    "Alternative",
    "CandidateK",
    "Choice",
    "ClassSegments",
    "Diagnostics",
    "SegmentLabel",
    "Segmentation",
    "ShapeSpace",
    "UnseenDays",
    "Within",
    "apply",
    "class_key",
    "keep_ids",
    "match_shapes",
    "relative",
    "side_by_side",
    "slug",
]
