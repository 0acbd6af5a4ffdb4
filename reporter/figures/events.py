"""Figures of events that happened: the mean event day, and what was dropped hour by hour."""

from typing import TYPE_CHECKING

import numpy as np

from reporter.events import EventHour, EventStudy
from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.shapes import MIDDLE
from reporter.figures.style import Width
from reporter.figures.words import DataTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEFT = 30.0


def event_hours(study: EventStudy) -> tuple[int, int] | None:
    """Hours that at least half of the events had, as [first, last)."""
    inside = [hour.hour for hour in study.hours if hour.in_event >= 0.5]
    return (inside[0], inside[-1] + 1) if inside else None


def draw_event_day(scene: Scene, width: Width) -> "Figure":
    """Above, the load of the called customers and what it would have been; below, the difference with its interval."""
    palette, study = scene.palette, _study(scene)
    figure = style.canvas(width, 96)
    total, height = figure.get_size_inches() * 72
    below = 74.0
    bottom = style.panel(figure, _LEFT, 22, total - _LEFT - 14, below)
    top = style.panel(figure, _LEFT, 22 + below + 34, total - _LEFT - 14, height - 22 - below - 34 - 30)
    _shade(scene, top, label=True)
    _shade(scene, bottom, label=False)
    _draw_loads(scene, top, width)
    values = [value for hour in study.hours for value in (hour.low_kw, hour.high_kw) if value is not None]
    for hour in study.hours:
        if hour.reduction_kw is None or hour.low_kw is None or hour.high_kw is None:
            continue
        colour = palette.accent if hour.in_event >= 0.5 else palette.everyone
        # Pale: outside the event and not told from none.
        chance = hour.in_event < 0.5 and hour.low_kw <= 0 <= hour.high_kw
        bottom.bar(
            hour.hour + 0.5,
            hour.reduction_kw,
            width=0.72,
            color=colour,
            alpha=0.4 if chance else 0.85,
            zorder=2,
        )
        bottom.vlines(hour.hour + 0.5, hour.low_kw, hour.high_kw, color=palette.ink, linewidth=1.0, zorder=3)
    style.value_axis(bottom, min(values, default=0), max(values, default=0), unit="kW")
    style.hour_axis(bottom)
    style.zero_line(bottom, palette)
    style.unit_label(bottom, "reduction per customer, with its 90 % interval", left=_LEFT)
    return figure


def _draw_loads(scene: Scene, axes: "Axes", width: Width) -> None:
    palette, study = scene.palette, _study(scene)
    lines = [
        (_with_what(study), [hour.without_kw for hour in study.hours], palette.ink, 1.4, (4, 1.5)),
        ("called customers, as it was", [hour.load_kw for hour in study.hours], palette.accent, 2.2, ()),
    ]
    if study.method == "comparison-group":
        found = [hour.baseline_kw for hour in study.hours]
        lines.insert(1, ("least biased baseline", found, palette.everyone, 1.2, (1.4, 1.4)))
    known = [value for _, values, *_ in lines for value in values if value is not None]
    for _, values, colour, thickness, dashes in lines:
        drawn = [np.nan if value is None else value for value in values]
        axes.plot(MIDDLE, drawn, color=colour, linewidth=thickness, linestyle=(0, dashes))
    style.value_axis(axes, min(known, default=0), max(known, default=0), unit="kW")
    style.hour_axis(axes, unit=False)
    style.zero_line(axes, palette)
    axes.tick_params(labelbottom=False)
    # The key stands above the panel, in one row where there is room.
    panel_width, panel_height = style.panel_size(axes)
    x, y = 0.0, panel_height + 21
    for name, _, colour, thickness, dashes in lines:
        needed = 24 + style.text_width(name, style.CAPTION_PT)
        if x and x + needed > panel_width + 10:
            x, y = 0.0, y - 10
        axes.plot(
            [x / panel_width, (x + 16) / panel_width], [y / panel_height] * 2, transform=axes.transAxes, color=colour,
            linewidth=thickness, linestyle=(0, dashes), clip_on=False,
        )  # fmt: skip
        axes.annotate(
            name, (x + 20, y), xycoords="axes points", va="center", color=colour if colour != palette.everyone else palette.quiet,
            annotation_clip=False,
        )  # fmt: skip
        x += needed + 12


def _shade(scene: Scene, axes: "Axes", *, label: bool) -> None:
    hours = event_hours(_study(scene))
    if hours is None:
        return
    axes.axvspan(*hours, facecolor=scene.palette.tint, edgecolor="none", zorder=0)
    axes.axvspan(*hours, facecolor=scene.palette.peak, edgecolor="none", zorder=0)
    if label:
        # Inside the panel: above it stands the key.
        axes.text(
            sum(hours) / 2, 0.03, "event", transform=axes.get_xaxis_transform(), ha="center", va="bottom",
            color=scene.palette.peak_ink,
        )  # fmt: skip


def _with_what(study: EventStudy) -> str:
    return (
        "without the event, by the comparison group"
        if study.method == "comparison-group"
        else "without the event, by a baseline"
    )


def alt_event_day(scene: Scene) -> str:
    """Text in place of the event day."""
    study = _study(scene)
    hours = event_hours(study)
    best = max(study.hours, key=lambda hour: hour.reduction_kw if hour.reduction_kw is not None else -np.inf)
    when = f", {numbers.hour_range(*hours)}," if hours else ""
    most = (
        f" The largest reduction is {_interval(best)} from {numbers.hour_range(best.hour, best.hour + 1)}."
        if best.reduction_kw is not None
        else ""
    )
    beside = [
        hour
        for hour in study.hours
        if hour.in_event < 0.5 and hour.low_kw is not None and hour.high_kw is not None
    ]
    told = sum(not (hour.low_kw or 0.0) <= 0 <= (hour.high_kw or 0.0) for hour in beside)
    rest = (
        f" Outside the event {told or 'none'} of {numbers.plural(len(beside), 'hour')} differs clearly from zero."
        if beside
        else ""
    )
    return (
        f"Mean event day of {numbers.plural(study.customers, 'called customer')}: load as it was, and {_with_what(study)}. In the events{when} "
        f"load was {numbers.kw(study.effect.load_kw)} per customer, {numbers.kw(abs(study.effect.reduction_kw))} "
        f"{'less' if study.effect.reduction_kw > 0 else 'more'} than without "
        f"(90{numbers.NBSP}% interval of the reduction {numbers.fixed(study.effect.low_kw, 2)} to {numbers.fixed(study.effect.high_kw, 2)}).{most}{rest}"
    )


def _interval(hour: EventHour) -> str:
    low, high = (0.0 if end is None else end for end in (hour.low_kw, hour.high_kw))
    return f"{numbers.kw(hour.reduction_kw or 0.0)} ({numbers.fixed(low, 2)} to {numbers.fixed(high, 2)})"


def data_event_day(scene: Scene) -> DataTable:
    """Loads and reductions by hour."""
    return DataTable(
        columns=(
            "hour",
            "load as it was [kW]",
            "without the event [kW]",
            "least biased baseline [kW]",
            "reduction [kW]",
            "low [kW]",
            "high [kW]",
        ),
        rows=tuple(
            (
                f"{hour.hour} to {hour.hour + 1}",
                hour.load_kw,
                hour.without_kw,
                hour.baseline_kw,
                hour.reduction_kw,
                hour.low_kw,
                hour.high_kw,
            )
            for hour in _study(scene).hours
        ),
    )


def _study(scene: Scene) -> EventStudy:
    study = scene.facts.events
    assert study is not None
    return study
