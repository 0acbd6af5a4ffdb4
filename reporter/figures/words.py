"""What each figure says in words, and the numbers behind it as a small table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from reporter.figures import numbers
from reporter.figures.phrases import Phrases, translated
from reporter.figures.scene import Scene


@dataclass(frozen=True)
class People:
    """What those counted are called, and how they are counted."""

    one: str = "customer"
    many: str = "customers"
    speech: numbers.Speech = field(default=numbers.Speech())
    phrases: Phrases = ()

    def said(self, text: str) -> str:
        """A text by the theme's phrases and with its word for customers; the names of files and columns stay."""
        text = translated(text, self.phrases)
        if (self.one, self.many) == (People.one, People.many) or "customer" not in text:
            return text
        return _CUSTOMERS.sub(lambda found: self.many if found[1] else self.one, text)


_CUSTOMERS = re.compile(r"(?<![\w'\"`“./-])customer(s?)(?![\w]|\.\w|/)")


@dataclass(frozen=True)
class DataTable:
    """The numbers behind a figure: columns with their units, rows with numbers or text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


def by_hour(columns: Sequence[tuple[str, Sequence[float]]]) -> DataTable:
    """A row an hour, a column a curve."""
    return DataTable(
        columns=("hour", *(name for name, _ in columns)),
        rows=tuple(
            (f"{hour} to {hour + 1}", *(float(values[hour]) for _, values in columns)) for hour in range(24)
        ),
    )


def _peak_window(scene: Scene) -> str:
    return f"Peak hours, {numbers.hours_listed(scene.peak_blocks)}, are shaded." if scene.peak_blocks else ""


def alt_cover(scene: Scene) -> str:
    """Text in place of the cover picture."""
    parts = [
        f"{segment.title}: {numbers.percent(segment.share)} of customers, highest at {segment.peak_hour}{numbers.NBSP}h"
        for segment in scene.segments
    ]
    noun = (
        "The load shape of all customers"
        if len(parts) == 1
        else f"The {len(parts)} load shapes of the customers"
    )
    return f"{noun} over the local day. {'; '.join(parts)}. {_peak_window(scene)}".strip()


def data_shapes(scene: Scene) -> DataTable:
    """Centroids by hour."""
    return by_hour([(f"{segment.title} [× own mean load]", segment.shape) for segment in scene.segments])


def alt_segments(scene: Scene) -> str:
    """Text in place of the small multiples."""
    highest = max(scene.segments, key=lambda segment: max(segment.profile_kw))
    most = max(scene.segments, key=lambda segment: segment.customers)
    return (
        f"Mean load per customer by hour, one panel a segment, against the mean of all customers. "
        f"The highest hour is {highest.title}'s: {numbers.kw(max(highest.profile_kw))} at {highest.peak_hour}{numbers.NBSP}h. "
        f"The most customers, {numbers.percent(most.share)}, are in {most.title}. {_peak_window(scene)}"
    ).strip()


def data_profiles(scene: Scene) -> DataTable:
    """Mean load per customer by hour, by segment and for all."""
    columns: list[tuple[str, Sequence[float]]] = [
        (f"{segment.title} [kW]", segment.profile_kw) for segment in scene.segments
    ]
    return by_hour([*columns, ("all customers [kW]", scene.mean_profile_kw)])


def alt_overlay(scene: Scene, index: int) -> str:
    """Text in place of a segment's overlay."""
    segment = scene.segments[index]
    shown = len(scene.shapes[index])
    hour = int(np.argmax(segment.shape))
    band = (
        f"{numbers.significant(segment.shape_low[hour])} to {numbers.significant(segment.shape_high[hour])}"
    )
    # A report for others shows no single shape.
    what = f"Load shapes of {numbers.plural(shown, 'customer')} of" if shown else "Load shape of"
    return (
        f"{what} {segment.title}, with their mean: highest at "
        f"{hour}{numbers.NBSP}h, {numbers.significant(segment.shape[hour])} times their own mean load; "
        f"eight in ten members lie between {band} then."
    )


def data_overlay(scene: Scene, index: int) -> DataTable:
    """Centroid and band by hour; single customers' data stay out."""
    segment = scene.segments[index]
    return by_hour(
        [
            ("mean [× own mean load]", segment.shape),
            ("10th percentile", segment.shape_low),
            ("90th percentile", segment.shape_high),
        ]
    )


def alt_week(scene: Scene, index: int) -> str:
    """Text in place of a segment's weekday and weekend loads."""
    segment = scene.segments[index]
    weekday, weekend = int(np.argmax(segment.weekday_kw)), int(np.argmax(segment.weekend_kw))
    return (
        f"Mean load per customer of {segment.title}: on weekdays highest at {weekday}{numbers.NBSP}h with "
        f"{numbers.kw(segment.weekday_kw[weekday])}, on weekends at {weekend}{numbers.NBSP}h with "
        f"{numbers.kw(segment.weekend_kw[weekend])}."
    )


def data_week(scene: Scene, index: int) -> DataTable:
    """Weekday and weekend load by hour."""
    segment = scene.segments[index]
    return by_hour(
        [
            ("weekday [kW]", segment.weekday_kw),
            ("weekend [kW]", segment.weekend_kw),
            ("all customers, weekday [kW]", scene.mean_weekday_kw),
        ]
    )


def alt_peak_day(scene: Scene) -> str:
    """Text in place of the peak day."""
    loads = np.asarray([segment.peak_day_kw for segment in scene.segments])
    total = loads.sum(axis=0)
    hour = int(total.argmax())
    first = int(loads[:, hour].argmax())
    share = numbers.percent(float(loads[first, hour] / total[hour])) if total[hour] > 0 else numbers.MISSING
    return (
        f"Load on the peak day, {numbers.day(scene.facts.targets.peak_hours.peak_day)}, stacked by segment. "
        f"It is highest at {hour}{numbers.NBSP}h with {numbers.power(float(total[hour]))}; "
        f"{scene.segments[first].title} makes {share} of that."
    )


def data_peak_day(scene: Scene) -> DataTable:
    """Load of each segment on the peak day by hour."""
    return by_hour([(f"{segment.title} [kW]", segment.peak_day_kw) for segment in scene.segments])


def alt_gains(scene: Scene) -> str:
    """Text in place of the gains curve."""
    point = min(scene.facts.targets.gains, key=lambda item: abs(item.share_customers - 0.2))
    return (
        f"What offers bring, of what offers to all who may be asked would, against the share that is asked. "
        f"{numbers.percent(point.share_customers)} of them bring {numbers.percent(point.targeted)} of it in the order of this list, "
        f"{numbers.percent(point.highest_bill)} with the highest bills first, and {numbers.percent(point.random)} at random."
    )


def data_gains(scene: Scene) -> DataTable:
    """The three curves."""
    return DataTable(
        columns=("share of those who may be asked", "this list", "highest bill", "at random"),
        rows=tuple(
            (
                numbers.percent(point.share_customers),
                numbers.percent(point.targeted),
                numbers.percent(point.highest_bill),
                numbers.percent(point.random),
            )
            for point in scene.facts.targets.gains
        ),
    )


def alt_elbow(scene: Scene) -> str:
    """Text in place of the elbow curve."""
    selection = scene.facts.choice_shown
    elbow = (
        f"It bends at {selection.elbow_k}. " if selection.elbow_k is not None else "It has no clear bend. "
    )
    return f"Sum of squared distances to the nearest centroid by number of segments. {elbow}Chosen: {selection.k}."


def alt_scores(scene: Scene) -> str:
    """Text in place of the scores by K."""
    selection = scene.facts.choice_shown
    chosen = next((candidate for candidate in selection.candidates if candidate.k == selection.k), None)
    best = (
        f"The silhouette is highest at {selection.silhouette_k}. "
        if selection.silhouette_k is not None
        else ""
    )
    scores = ""
    if chosen is not None:
        useful = "" if chosen.usefulness is None else f", usefulness {numbers.fixed(chosen.usefulness, 2)}"
        scores = (
            f"At {selection.k}, the number chosen, silhouette is {numbers.fixed(chosen.silhouette, 2)}, stability "
            f"{numbers.fixed(chosen.stability, 2)}{useful}."
        )
    return f"Silhouette, stability and usefulness by number of segments. {best}{scores}".strip()


def data_candidates(scene: Scene) -> DataTable:
    """Every number of segments tried."""
    return DataTable(
        columns=("K", "inertia", "silhouette", "stability", "low", "high", "usefulness", "smallest segment"),
        rows=tuple(
            (
                str(candidate.k),
                candidate.inertia,
                candidate.silhouette,
                candidate.stability,
                candidate.stability_low,
                candidate.stability_high,
                candidate.usefulness,
                numbers.percent(candidate.smallest_share),
            )
            for candidate in scene.facts.choice_shown.candidates
        ),
    )


def alt_silhouette(scene: Scene) -> str:
    """Text in place of the silhouette plot."""
    known = [segment for segment in scene.segments if segment.silhouette is not None]
    if not known:
        return "Silhouette of a sample of customers by segment."
    best = max(known, key=lambda segment: segment.silhouette or 0)
    worst = min(known, key=lambda segment: segment.silhouette or 0)
    return (
        f"Silhouette of a sample of customers by segment. {best.title} is the most compact (mean "
        f"{numbers.fixed(best.silhouette or 0, 2)}), {worst.title} blurs most (mean {numbers.fixed(worst.silhouette or 0, 2)})."
    )


def data_silhouette(scene: Scene) -> DataTable:
    """Silhouettes summed up by segment."""
    return DataTable(
        columns=("segment", "customers in the sample", "mean", "highest", "lowest", "share below 0"),
        rows=tuple(
            (
                segment.title,
                numbers.count(len(segment.silhouette_values)),
                segment.silhouette,
                max(segment.silhouette_values),
                min(segment.silhouette_values),
                numbers.percent(float(np.mean(np.asarray(segment.silhouette_values) < 0))),
            )
            for segment in scene.segments
            if segment.silhouette_values
        ),
    )
