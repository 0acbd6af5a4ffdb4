"""Figures of the likelihood of enrolment: whether it means what it says, and how much sooner it finds those who enrol."""

from typing import TYPE_CHECKING

import numpy as np

from reporter.facts import Validation
from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import Width
from reporter.figures.words import DataTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT_MM = 70


def draw_calibration(scene: Scene, width: Width) -> "Figure":
    """Share that enrolled against the likelihood foretold, for groups of past offers held back."""
    palette, bins = scene.palette, _validation(scene).calibration
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=30, right=14, bottom=30)
    predicted = [100 * row.predicted for row in bins]
    observed = [100 * row.observed for row in bins]
    low, high = [100 * row.low for row in bins], [100 * row.high for row in bins]
    most = min(100.0, max([*predicted, *high]) * 1.06)
    axes.plot([0, most], [0, most], color=palette.everyone, linewidth=1.2, linestyle=(0, (1.4, 1.4)))
    axes.vlines(predicted, low, high, color=palette.ink, linewidth=1.0)
    axes.plot(predicted, observed, color=palette.accent, linestyle="none", marker="o", markersize=4.5)
    axes.set_xlim(0, most)
    axes.set_ylim(0, most)
    ticks = _ticks(most)
    labels = [*(f"{tick:g}" for tick in ticks[:-1]), f"{ticks[-1]:g} %"]
    axes.set_xticks(ticks, labels)
    axes.set_yticks(ticks, labels)
    axes.set_xlabel("likelihood foretold", labelpad=2)
    style.unit_label(axes, "share that enrolled", left=30)
    return figure


def draw_enrolment_gains(scene: Scene, width: Width) -> "Figure":
    """Share of the enrolments against the share of past offers, likeliest first."""
    palette, gains = scene.palette, _validation(scene).gains
    figure = style.canvas(width, _HEIGHT_MM)
    axes = style.figure_panel(figure, left=30, right=14, bottom=30)
    shares = [100 * point.share_offers for point in gains]
    axes.plot([0, 100], [0, 100], color=palette.everyone, linewidth=1.2, linestyle=(0, (1.4, 1.4)))
    axes.plot(shares, [100 * point.share_enrolments for point in gains], color=palette.accent, linewidth=2.2)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 104)
    ticks = [0, 20, 40, 60, 80, 100]
    axes.set_xticks(ticks, [*map(str, ticks[:-1]), "100 %"])
    axes.set_yticks(ticks, [*map(str, ticks[:-1]), "100 %"])
    axes.set_xlabel("share of the offers", labelpad=2)
    style.unit_label(axes, "share of the enrolments", left=30)
    for row, (name, colour, thickness, dashes) in enumerate(
        [("likeliest first", palette.accent, 2.2, ()), ("at random", palette.everyone, 1.2, (1.4, 1.4))]
    ):
        y = 20 - 9 * row
        axes.plot([55, 63], [y, y], color=colour, linewidth=thickness, linestyle=(0, dashes))
        axes.text(
            65, y, name, va="center", color=palette.quiet if row else colour, fontweight=400 if row else 600
        )
    return figure


def alt_calibration(scene: Scene) -> str:
    """Text in place of the calibration."""
    validation = _validation(scene)
    first, last = validation.calibration[0], validation.calibration[-1]
    return (
        f"Share that enrolled against the likelihood foretold, for {numbers.count(validation.offers)} past offers held back. Of the least "
        f"likely, foretold {numbers.percent(first.predicted)}, {numbers.percent(first.observed)} enrolled; of the likeliest, foretold "
        f"{numbers.percent(last.predicted)}, {numbers.percent(last.observed)}."
    )


def data_calibration(scene: Scene) -> DataTable:
    """The groups of offers."""
    return DataTable(
        columns=("offers", "likelihood foretold", "share that enrolled", "low", "high"),
        rows=tuple(
            (numbers.count(row.offers), *(numbers.percent(value) for value in (row.predicted, row.observed, row.low, row.high)))
            for row in _validation(scene).calibration
        ),
    )  # fmt: skip


def alt_enrolment_gains(scene: Scene) -> str:
    """Text in place of the gains of the likelihood."""
    gains = _validation(scene).gains
    fifth = min(gains, key=lambda point: abs(point.share_offers - 0.2))
    return (
        f"Share of the enrolments against the share of the offers. The likeliest {numbers.percent(fifth.share_offers)} of the offers hold "
        f"{numbers.percent(fifth.share_enrolments)} of the enrolments; at random they would hold {numbers.percent(fifth.share_offers)}."
    )


def data_enrolment_gains(scene: Scene) -> DataTable:
    """The curve."""
    return DataTable(
        columns=("share of the offers", "share of the enrolments"),
        rows=tuple(
            (numbers.percent(point.share_offers), numbers.percent(point.share_enrolments))
            for point in _validation(scene).gains
        ),
    )


def _validation(scene: Scene) -> Validation:
    participation = scene.facts.targets.participation
    assert participation is not None
    assert participation.validation is not None
    return participation.validation


def _ticks(most: float) -> list[float]:
    step = next(step for step in (1, 2, 5, 10, 20, 25) if most / step <= 5.5) if most <= 100 else 25
    return [float(value) for value in np.arange(0, most + 1e-9, step)]
