"""Figures of the portfolio: what offers bring, by who is asked, and how likely the goal is reached."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from reporter.facts import Curve, CurvePoint
from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import Width
from reporter.figures.words import DataTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT_MM = 74
_SHOWN = {"targeted": "this list", "highest-bill": "highest bill", "random": "at random"}
"""Ways of choosing that are drawn, with their names in the figure."""


def draw_reach(scene: Scene, width: Width) -> "Figure":
    """Load reduction against offers, for three ways of choosing, with the range of the effect for this list."""
    palette, targets = scene.palette, scene.facts.targets
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=34, right=14, bottom=30)
    highest = max([targets.goal_kw, *(point.high_kw for point in _curve(scene, "targeted").points)])
    unit, size = numbers.power_unit(highest)
    points = _curve(scene, "targeted").points
    offers = [point.offers for point in points]
    axes.fill_between(
        offers, [point.low_kw / size for point in points], [point.high_kw / size for point in points],
        facecolor=palette.grid, edgecolor="none", zorder=0,
    )  # fmt: skip
    most = _lines(scene, axes, lambda point: point.offers, lambda point: point.expected_kw / size)
    _goal(scene, axes, targets.goal_kw / size, most)
    if 0 < targets.recommended_offers <= most:
        axes.plot(
            [targets.recommended_offers], [targets.expected_kw / size], marker="o", markersize=5, color=palette.accent, zorder=5,
        )  # fmt: skip
    axes.set_xlim(0, most)
    style.value_axis(axes, 0, highest / size)
    axes.set_xlabel("offers made", labelpad=2)
    style.unit_label(axes, f"{unit} off the peak", left=34)
    _key(scene, axes, left=0.04, top=0.95)
    return figure


def draw_chance(scene: Scene, width: Width) -> "Figure":
    """Probability that the goal is reached against the customers expected to enrol, for three ways of choosing."""
    palette, targets = scene.palette, scene.facts.targets
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=34, right=14, bottom=30)
    most = _lines(scene, axes, lambda point: point.enrolments, lambda point: 100 * (point.probability or 0.0))
    if targets.uncertainty is not None:
        wanted = 100 * targets.uncertainty.goal_probability_wanted
        axes.axhline(wanted, color=palette.ink, linewidth=0.8, zorder=1)
        axes.text(0.01 * most, wanted + 1.5, "wanted", va="bottom", color=palette.ink)
    if targets.probability_of_goal is not None and 0 < targets.enrolments <= most:
        axes.plot(
            [targets.enrolments], [100 * targets.probability_of_goal], marker="o", markersize=5, color=palette.accent, zorder=5,
        )  # fmt: skip
    axes.set_xlim(0, most)
    axes.set_ylim(0, 104)
    ticks = [0, 20, 40, 60, 80, 100]
    axes.set_yticks(ticks, [*map(str, ticks[:-1]), "100 %"])
    axes.set_xlabel("customers expected to enrol", labelpad=2)
    style.unit_label(axes, "chance that the goal is reached", left=34)
    _key(scene, axes, left=0.6, top=0.25)
    return figure


def alt_reach(scene: Scene) -> str:
    """Text in place of the reductions."""
    targets = scene.facts.targets
    needs = [
        f"{name} {numbers.plural(row.offers_needed, 'offer')}"
        for strategy, name in _SHOWN.items()
        for row in targets.strategies
        if row.strategy == strategy and row.offers_needed is not None
    ]
    reached = f"It takes {numbers.listed(needs)}." if needs else "No way of choosing reaches it."
    return (
        f"Load reduction at the published effect against offers made, for three ways of choosing whom to ask; the goal is "
        f"{numbers.power(targets.goal_kw)}. {reached}"
    )


def alt_chance(scene: Scene) -> str:
    """Text in place of the probabilities."""
    targets = scene.facts.targets
    chance = targets.probability_of_goal
    stated = (
        f" The list of this report, with {numbers.plural(targets.enrolments, 'enrolment')} expected, has {numbers.percent(chance)}."
        if chance is not None
        else ""
    )
    return f"Probability that the goal is reached against the customers expected to enrol, for three ways of choosing.{stated}"


def data_reach(scene: Scene) -> DataTable:
    """Reductions along the offers."""
    return DataTable(
        columns=("offers", *(f"{name} [kW]" for name in _SHOWN.values()), "this list, low end [kW]", "this list, high end [kW]"),
        rows=tuple(
            (
                numbers.count(int(offers)),
                *(_at(_curve(scene, name), offers, lambda point: point.expected_kw) for name in _SHOWN),
                _at(_curve(scene, "targeted"), offers, lambda point: point.low_kw),
                _at(_curve(scene, "targeted"), offers, lambda point: point.high_kw),
            )
            for offers in _grid(scene)
        ),
    )  # fmt: skip


def data_chance(scene: Scene) -> DataTable:
    """Probabilities along the offers."""
    rows = []
    for offers in _grid(scene):
        row: list[str | float | None] = [numbers.count(int(offers))]
        for name in _SHOWN:
            curve = _curve(scene, name)
            row.append(_at(curve, offers, lambda point: point.enrolments))
            chance = _at(curve, offers, lambda point: point.probability or 0.0)
            row.append(None if chance is None else numbers.percent(chance))
        rows.append(tuple(row))
    columns = [
        column
        for name in _SHOWN.values()
        for column in (f"{name}: enrolments", f"{name}: chance of the goal")
    ]
    return DataTable(columns=("offers", *columns), rows=tuple(rows))


def _lines(
    scene: Scene, axes: "Axes", x: Callable[[CurvePoint], float], y: Callable[[CurvePoint], float]
) -> float:
    """The curves, and the largest value on the horizontal axis."""
    most = 1.0
    for name, (colour, thickness, dashes) in _looks(scene).items():
        points = _curve(scene, name).points
        across = [x(point) for point in points]
        axes.plot(
            across, [y(point) for point in points], color=colour, linewidth=thickness, linestyle=(0, dashes),
            zorder=4 if name == "targeted" else 3,
        )  # fmt: skip
        most = max(most, *across)
    return most


def _looks(scene: Scene) -> dict[str, tuple[str, float, tuple[float, ...]]]:
    palette = scene.palette
    return {
        "targeted": (palette.accent, 2.2, ()),
        "highest-bill": (palette.ink, 1.2, (4, 1.5)),
        "random": (palette.everyone, 1.2, (1.4, 1.4)),
    }


def _key(scene: Scene, axes: "Axes", left: float, top: float) -> None:
    palette = scene.palette
    for row, (name, (colour, thickness, dashes)) in enumerate(_looks(scene).items()):
        y = top - 0.09 * row
        axes.plot(
            [left, left + 0.08], [y, y], color=colour, linewidth=thickness, linestyle=(0, dashes), transform=axes.transAxes, zorder=6,
        )  # fmt: skip
        axes.text(
            left + 0.1, y, _SHOWN[name], va="center", color=palette.quiet if name == "random" else colour,
            fontweight=600 if name == "targeted" else 400, transform=axes.transAxes, zorder=6,
            path_effects=style.over_lines(palette),
        )  # fmt: skip


def _goal(scene: Scene, axes: "Axes", height: float, most: float) -> None:
    palette = scene.palette
    axes.axhline(height, color=palette.ink, linewidth=0.8, zorder=1)
    axes.annotate(
        "goal",
        (0.01 * most, height),
        xytext=(0, 2),
        textcoords="offset points",
        va="bottom",
        color=palette.ink,
    )


def _curve(scene: Scene, strategy: str) -> Curve:
    return next(curve for curve in scene.facts.targets.curves if curve.strategy == strategy)


def _grid(scene: Scene) -> list[float]:
    most = max(curve.points[-1].offers for curve in scene.facts.targets.curves)
    return sorted({float(value) for value in np.linspace(0, most, 11).round()})


def _at(curve: Curve, offers: float, value: Callable[[CurvePoint], float]) -> float | None:
    """A curve at a number of offers; none beyond its end."""
    if offers > curve.points[-1].offers:
        return None
    return float(
        np.interp(offers, [point.offers for point in curve.points], [value(point) for point in curve.points])
    )
