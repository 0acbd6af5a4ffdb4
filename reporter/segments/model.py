"""The result of segmentation, and what it takes to apply it to new profiles."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.profiles import Float
from reporter.segments.effect import Effect
from reporter.segments.methods.dictionary import Encoding
from reporter.segments.methods.hierarchical import Merge
from reporter.segments.shapes import ShapeSpace
from reporter.settings import Normalise


@dataclass(frozen=True)
class SegmentLabel:
    """The name of a segment and why it has it."""

    segment_id: str
    label: str
    title: str
    evidence: str


@dataclass(frozen=True)
class CandidateK:
    """What one number of segments gives; see ``facts.Candidate`` for the meaning of each number."""

    k: int
    inertia: float
    silhouette: float
    stability: float
    stability_low: float
    stability_high: float
    usefulness: float | None
    smallest_share: float
    calinski_harabasz: float = 0.0
    davies_bouldin: float | None = None
    shape_usefulness: float | None = None
    effect: Effect | None = None


@dataclass(frozen=True)
class Alternative:
    """What another number of segments would have said; see ``facts.Alternative``."""

    k: int
    titles: list[str]
    shares: list[float]
    agreement: float


@dataclass(frozen=True)
class Choice:
    """How the number of segments was chosen; see ``facts.Selection``."""

    k: int
    chosen_by: str
    candidates: list[CandidateK]
    elbow_k: int | None
    silhouette_k: int | None
    reason: str
    calinski_harabasz_k: int | None = None
    davies_bouldin_k: int | None = None
    stability_k: int | None = None
    usefulness_k: int | None = None
    next_k: int | None = None
    """The number that the same rule would have taken next; None where none was left."""


@dataclass(frozen=True)
class UnseenDays:
    """What the segments say about days that they were not made from; see ``facts.Selection``."""

    agreement: float
    changed: float
    drifted: float | None
    shape_explained: float | None


@dataclass(frozen=True)
class TypicalDays:
    """The dictionary of typical days, and the customers' days in its terms."""

    shapes: Float
    """(k, 24) typical days, scaled as shapes are; usual ones first."""
    encoding: Encoding


@dataclass(frozen=True)
class Diagnostics:
    """How well the segments hold."""

    sample: NDArray[np.int64]
    """(m,) index into the customers, the sample behind ``silhouette``."""
    silhouette: NDArray[np.float32]
    """(m,) silhouette of each; empty for a single segment."""
    unseen: UnseenDays | None
    """None where there are too few days."""
    findings: list[Finding] = field(default_factory=list)
    effect: Effect | None = None
    """How far the segments are apart; None for a single one."""
    label_confidence: list[float | None] = field(default_factory=list)
    """(k,) share of the members that would get the segment's label on their own; None where none was sampled."""
    tree: list[Merge] = field(default_factory=list)
    """Last merges of the tree, where Ward's method was used."""
    typical_days: TypicalDays | None = None
    """Where the dictionary was used."""
    odd: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """(n,) customers whose shape lies far from every segment; see ``segments.odd``."""
    odd_size: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """(n,) customers far larger than the others."""
    alternative: Alternative | None = None
    """The next best number of segments."""


@dataclass(frozen=True)
class ClassSegments:
    """Customers of one class, or of some small ones together, and how they were segmented by themselves."""

    name: str
    """In words, such as "house"."""
    values: tuple[str, ...]
    """As the customer file has them; empty where it says nothing."""
    places: tuple[int, ...]
    """Its segments, as indexes into the labels."""
    customers: int
    choice: Choice
    diagnostics: Diagnostics | None = None


@dataclass(frozen=True)
class Within:
    """Segments that were made class by class."""

    column: str
    """Of the customer file."""
    of: NDArray[np.object_]
    """(n,) class of each customer as the file has it, empty where it says nothing."""
    classes: tuple[ClassSegments, ...]
    """Largest first; small ones together come last."""
    nearest: dict[str, int] = field(default_factory=dict)
    """Classes too small even together → customers: they are in the nearest segment of any class."""


@dataclass(frozen=True)
class Segmentation:
    """Customers grouped by load shape. Segments are in canonical order; ``assignment`` indexes them."""

    labels: list[SegmentLabel]
    """(k,) in canonical order."""
    assignment: NDArray[np.int32]
    """(n,) index into ``labels`` for each customer of the profiles."""
    centroids: NDArray[np.float32]
    """(k, 24) in shape space, canonical order."""
    space: ShapeSpace
    """Where customers are compared: how a profile becomes a row that distances are taken of."""
    choice: Choice
    diagnostics: Diagnostics | None = None

    @property
    def normalise(self) -> Normalise:
        """How a profile is scaled."""
        return self.space.normalise

    retired: list[str] = field(default_factory=list)
    """Ids of segments of earlier periods that are gone, and are not given again."""
    within: Within | None = None
    """Where segments were made class by class."""

    def class_of(self, place: int) -> ClassSegments | None:
        """The class that a segment was made in; None where segments were not made by class."""
        if self.within is None:
            return None
        return next(one for one in self.within.classes if place in one.places)
