"""Segments class by class: each class of customers is segmented by itself, small ones together, in one segmentation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.errors import UsageError
from reporter.findings import Finding
from reporter.profiles import Profiles
from reporter.segments.build import mean_loads, segment
from reporter.segments.cells import cells
from reporter.segments.findings import Verdict, findings
from reporter.segments.frozen import apply
from reporter.segments.labels import order_key
from reporter.segments.methods.dictionary import Encoding
from reporter.segments.model import (
    Choice,
    ClassSegments,
    Diagnostics,
    Segmentation,
    SegmentLabel,
    TypicalDays,
    UnseenDays,
    Within,
)
from reporter.segments.odd import odd_finding
from reporter.settings import Settings
from reporter.words import counted, listed

OTHERS = "other classes"
_NAMED = 8
"""Small classes that a finding names."""


@dataclass(frozen=True)
class Classes:
    """Customers by an attribute."""

    column: str
    """Of the customer file."""
    of: NDArray[np.object_]
    """(n,) class of each customer as the file has it; empty where it says nothing."""
    words: dict[str, str]
    """Class → its name in words."""


@dataclass(frozen=True)
class _Part:
    """A class, or several, and its own segmentation."""

    name: str
    values: tuple[str, ...]
    rows: NDArray[np.int64]
    result: Segmentation


def segment_within(profiles: Profiles, classes: Classes, settings: Settings) -> Segmentation:
    """Group customers by load shape, class by class.

    A class with fewer customers than ``segments.within_least``, or beyond the ``segments.within_most`` largest, is pooled with the others that are; where
    even all of them are too few, their customers get the nearest segment of any class.

    Args:
        profiles: of the customers used.
        classes: of the same.
        settings: as for all customers; they hold in each class.

    Raises:
        UsageError: no class is large enough, or one can't make the segments that are asked for.
    """
    large, pooled, few = _divided(classes, settings)
    own = [(classes.words[value], (value,)) for value in large]
    together = OTHERS if OTHERS not in classes.words.values() else f"{OTHERS} together"
    wanted = own + ([(together, pooled)] if pooled else [])
    parts = [_segmented(name, values, profiles, classes, settings) for name, values in wanted]
    found = np.full(len(classes.of), -1, dtype="int32")
    starts = np.cumsum([0, *(len(part.result.labels) for part in parts)])
    for part, start in zip(parts, starts[:-1], strict=True):
        found[part.rows] = start + part.result.assignment
    k = int(starts[-1])

    # In one order over all classes: by name, then by class, then as in the class.
    known = np.flatnonzero(found >= 0)
    means = mean_loads(profiles.take(known), found[known], k)
    label_of = [label for part in parts for label in part.result.labels]
    class_of = [place for place, part in enumerate(parts) for _ in part.result.labels]
    order = sorted(range(k), key=lambda c: _key(label_of[c].label, means[c], class_of[c], settings))
    position = np.argsort(order)
    found[known] = position[found[known]]
    labels = _labels([label_of[c] for c in order], [parts[class_of[c]].name for c in order])
    centroids = np.concatenate([part.result.centroids for part in parts])[order]
    members = [
        ClassSegments(
            part.name,
            part.values,
            tuple(sorted(int(position[start + c]) for c in range(len(part.result.labels)))),
            len(part.rows),
            part.result.choice,
            part.result.diagnostics,
        )
        for part, start in zip(parts, starts[:-1], strict=True)
    ]
    nearest = {value: int((classes.of == value).sum()) for value in few}
    within = Within(classes.column, classes.of, tuple(members), nearest)
    choice = Choice(k, "within", [], None, None, _reason(within))
    made = Segmentation(labels, found, centroids, parts[0].result.space, choice, within=within)
    if few:
        others = np.flatnonzero(found < 0)
        found[others] = apply(made, cells(profiles.take(others), made.space.kinds), classes.of[others])
    return replace(made, diagnostics=_diagnostics(made, parts, position, classes, settings, pooled))


def _divided(classes: Classes, settings: Settings) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Classes that stand by themselves, those pooled, and those that even together are too few."""
    options = settings.segments
    names, counts = np.unique(classes.of, return_counts=True)
    by_size = sorted(zip(names.tolist(), counts.tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    large = [name for name, count in by_size if count >= options.within_least][: options.within_most]
    if not large:
        largest, count = by_size[0]
        raise UsageError(
            f"--within: no class of '{classes.column}' has {options.within_least} customers or more (the largest, {classes.words[largest]}, has {count:,}); choose a "
            "coarser column, or lower segments.within_least."
        )
    small = tuple(name for name, _ in by_size if name not in large)
    together = sum(count for name, count in by_size if name in small)
    return (large, small, ()) if together >= options.within_least else (large, (), small)


def _segmented(
    name: str, values: tuple[str, ...], profiles: Profiles, classes: Classes, settings: Settings
) -> _Part:
    rows = np.flatnonzero(np.isin(classes.of, np.array(values, dtype=object)))
    try:
        result = segment(profiles.take(rows), settings)
    except UsageError as error:
        raise UsageError(f"--within, {classes.column} {name}: {error}") from error
    return _Part(name, values, rows, result)


def _key(
    name: str, mean: NDArray[np.float64], place: int, settings: Settings
) -> tuple[int, str, int, int, float]:
    first, label, hour, sharp = order_key(name, mean, settings.labels)
    return first, label, place, hour, sharp


def _labels(labels: Sequence[SegmentLabel], names: Sequence[str]) -> list[SegmentLabel]:
    """Ids in their order; a title carries its class where another class has a segment with that label."""
    classes: dict[str, set[str]] = {}
    for label, name in zip(labels, names, strict=True):
        classes.setdefault(label.label, set()).add(name)
    return [
        replace(
            label,
            segment_id=f"S{place + 1}",
            title=f"{label.title}, {name}" if len(classes[label.label]) > 1 else label.title,
        )
        for place, (label, name) in enumerate(zip(labels, names, strict=True))
    ]


def _reason(within: Within) -> str:
    each = listed(f"{len(one.places)} for {one.name}" for one in within.classes)
    k = sum(len(one.places) for one in within.classes)
    return (
        f"{counted(k, 'segment')}, each made within one class of {within.column.replace('_', ' ')}: {each}."
    )


def _diagnostics(
    made: Segmentation,
    parts: Sequence[_Part],
    position: NDArray[np.int64],
    classes: Classes,
    settings: Settings,
    pooled: tuple[str, ...],
) -> Diagnostics:
    """Of all classes side by side: what is measured within a class stays measured within it."""
    assert made.within is not None
    n = len(made.assignment)
    odd, large = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    sample, silhouettes, confidence = [], [], []
    for part in parts:
        known = part.result.diagnostics
        assert known is not None
        odd[part.rows], large[part.rows] = known.odd, known.odd_size
        confidence += known.label_confidence
        if len(known.silhouette):
            sample.append(part.rows[known.sample])
            silhouettes.append(known.silhouette)
    verdicts = [
        Verdict(
            part.name, part.result.choice, part.result.diagnostics.effect if part.result.diagnostics else None
        )
        for part in parts
    ]
    return Diagnostics(
        sample=np.concatenate(sample) if sample else np.zeros(0, dtype="int64"),
        silhouette=np.concatenate(silhouettes) if silhouettes else np.zeros(0, dtype="float32"),
        unseen=_unseen(parts),
        findings=[
            *findings(verdicts, settings.segments),
            *_small(made.within, pooled, classes, settings),
            *odd_finding(odd, large),
        ],
        odd=odd,
        odd_size=large,
        label_confidence=[confidence[c] for c in np.argsort(position)],
        typical_days=_typical(parts),
    )


def _unseen(parts: Sequence[_Part]) -> UnseenDays | None:
    """How far halves of the days agree, each class by its share of the customers; None where no class has days enough."""
    known = [
        (len(part.rows), part.result.diagnostics.unseen)
        for part in parts
        if part.result.diagnostics and part.result.diagnostics.unseen
    ]
    if not known:
        return None
    drifted = [(n, unseen.drifted) for n, unseen in known if unseen.drifted is not None]
    return UnseenDays(
        agreement=_mean([(n, unseen.agreement) for n, unseen in known]),
        changed=_mean([(n, unseen.changed) for n, unseen in known]),
        drifted=_mean(drifted) if drifted else None,
        shape_explained=None,
    )


def _mean(values: Sequence[tuple[int, float]]) -> float:
    return sum(n * value for n, value in values) / sum(n for n, _ in values)


def _typical(parts: Sequence[_Part]) -> TypicalDays | None:
    """The dictionaries of all classes, one after the other: a customer's days are in terms of its own class's."""
    known = [
        (part.rows, part.result.diagnostics.typical_days)
        for part in parts
        if part.result.diagnostics and part.result.diagnostics.typical_days
    ]
    if not known:
        return None
    widths = [len(typical.shapes) for _, typical in known]
    rows, shares, start = [], [], 0
    for (members, typical), width in zip(known, widths, strict=True):
        wide = np.zeros((len(typical.encoding.rows), sum(widths)), dtype="float32")
        wide[:, start : start + width] = typical.encoding.shares
        rows.append(members[typical.encoding.rows])
        shares.append(wide)
        start += width
    return TypicalDays(
        np.concatenate([typical.shapes for _, typical in known]),
        Encoding(np.concatenate(rows), np.concatenate(shares)),
    )


def _small(within: Within, pooled: tuple[str, ...], classes: Classes, settings: Settings) -> list[Finding]:
    """Which classes were too small to be segmented by themselves, and what became of them."""
    few = pooled or tuple(within.nearest)
    if not few:
        return []
    count = {value: int((classes.of == value).sum()) for value in few}
    named = [f"{classes.words[value]} ({count[value]:,})" for value in few]
    if len(named) > _NAMED:
        named = [*named[:_NAMED], f"{len(named) - _NAMED:,} more"]
    one = len(few) == 1
    became = (
        f"{'its' if one else 'their'} customers were segmented {'by themselves under that name' if one else 'together'}"
        if pooled
        else f"{'its' if one else 'their'} customers are in the nearest segment of any class"
    )
    return [
        Finding(
            name="classes-pooled",
            severity="info",
            description=f"{'One class' if one else f'{len(few):,} classes'} of {within.column.replace('_', ' ')} "
            f"{'is' if one else 'are'} too small for segments of {'its' if one else 'their'} own (fewer than {settings.segments.within_least} customers, or beyond the "
            f"{settings.segments.within_most} largest): {listed(named)}; {became}.",
            data={classes.words[value]: n for value, n in count.items()},
        )
    ]
