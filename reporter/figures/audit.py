"""Figures of the data audit: coverage over time, readings by day, and how much customers draw a day."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from reporter.facts import Quality
from reporter.figures import numbers, style
from reporter.figures.registry import Drawn, FigureSpec, draw_one
from reporter.figures.style import Palette, Width
from reporter.figures.words import DataTable, People

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_WIDTHS: dict[str, tuple[Width, ...]] = {
    "coverage": ("full", "half"),
    "readings-by-day": ("full", "half"),
    "daily-energy": ("half",),
}


def draw_audit(quality: Quality, palette: Palette, people: People) -> dict[str, Drawn]:
    """The figures that an audit can fill, by name."""
    wanted = (
        ("coverage", _coverage, _alt_coverage, _data_coverage, quality.coverage_map is not None),
        ("readings-by-day", _by_day, _alt_by_day, _data_by_day, bool(quality.readings_by_day)),
        ("daily-energy", _energy, _alt_energy, _data_energy, bool(quality.daily_energy)),
    )
    with style.styled(palette):
        return {
            name: draw_one(
                FigureSpec(name, partial(draw, palette), alt, data, _WIDTHS[name]), quality, people
            )
            for name, draw, alt, data, there in wanted
            if there
        }


def _coverage(palette: Palette, quality: Quality, width: Width) -> "Figure":
    from matplotlib.colors import LinearSegmentedColormap

    seen = quality.coverage_map
    assert seen is not None
    figure = style.canvas(width, 78 if width == "full" else 66)
    axes = style.figure_panel(figure, left=44, right=12, bottom=24, top=20)
    colours = LinearSegmentedColormap.from_list("missing", [palette.ink, palette.everyone, palette.grid])
    axes.imshow(
        np.array(seen.share), cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest",
        extent=(-0.5, len(seen.days) - 0.5, len(seen.share), 0),
    )  # fmt: skip
    axes.grid(False)
    total = sum(seen.customers)
    axes.set_yticks([0, len(seen.share)], ["1", numbers.count(total)])
    style.unit_label(axes, "customers", left=44)
    _day_axis(axes, [day.isoformat() for day in seen.days], 6 if width == "full" else 3)
    return figure


def _by_day(palette: Palette, quality: Quality, width: Width) -> "Figure":
    rows = quality.readings_by_day
    figure = style.canvas(width, 52)
    axes = style.figure_panel(figure, left=44, right=12, bottom=24, top=20)
    readings = [row.readings for row in rows]
    axes.fill_between(range(len(rows)), readings, step="mid", facecolor=palette.everyone, edgecolor="none")
    expected = _expected(quality)
    axes.step(range(len(rows)), expected, where="mid", color=palette.ink, linewidth=1)
    style.value_axis(axes, 0, max([*readings, *expected, 1]))
    style.unit_label(axes, "readings a day; line: if none were missing", left=44)
    axes.set_xlim(-0.5, len(rows) - 0.5)
    _day_axis(axes, [row.day.isoformat() for row in rows], 6 if width == "full" else 3)
    return figure


def _expected(quality: Quality) -> list[float]:
    """Readings of each day if every customer who is there had all of them."""
    customers = sum(row.customers for row in quality.interval_counts) or 1
    each = sum(row.customers * 1440 / max(row.minutes, 1) for row in quality.interval_counts) / customers
    return [row.customers * each for row in quality.readings_by_day]


def _energy(palette: Palette, quality: Quality, width: Width) -> "Figure":
    bins = quality.daily_energy
    figure = style.canvas(width, 60)
    axes = style.figure_panel(figure, left=34, right=16, bottom=30, top=20)
    step = (bins[0].high_kwh or 1.0) - bins[0].low_kwh
    lows = [row.low_kwh for row in bins]
    counts = [row.customers for row in bins]
    axes.bar(lows, counts, width=step * 0.92, align="edge", color=palette.everyone)
    style.value_axis(axes, 0, max(counts), whole=True)
    style.unit_label(axes, "customers", left=34)
    axes.set_xlim(0, lows[-1] + step)
    axes.set_xlabel("mean import a day [kWh]; the last bar holds all beyond", labelpad=2)
    return figure


def _day_axis(axes: "Axes", days: list[str], ticks: int) -> None:
    places = np.unique(np.linspace(0, len(days) - 1, min(ticks, len(days))).astype(int))
    axes.set_xticks(places.tolist(), [days[place] for place in places])
    labels = axes.get_xticklabels()
    if len(labels) > 1:
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")


def _alt_coverage(quality: Quality) -> str:
    seen = quality.coverage_map
    assert seen is not None
    return (
        f"Map of the share of readings that are there, {numbers.plural(len(seen.customers), 'row')} of customers by "
        f"{numbers.plural(len(seen.days), 'column')} of days. Mean {numbers.percent(float(np.mean(seen.share)))}; "
        f"the worst cell has {numbers.percent(float(np.min(seen.share)))}."
    )


def _alt_by_day(quality: Quality) -> str:
    rows = quality.readings_by_day
    least = min(rows, key=lambda row: row.readings)
    most = max(rows, key=lambda row: row.readings)
    return (
        f"Readings a day over {numbers.plural(len(rows), 'day')}: from {numbers.count(least.readings)} on {least.day} to "
        f"{numbers.count(most.readings)} on {most.day}."
    )


def _alt_energy(quality: Quality) -> str:
    bins = quality.daily_energy
    top = max(bins, key=lambda row: row.customers)
    to = f" to {numbers.significant(top.high_kwh)}" if top.high_kwh is not None else " or more"
    return (
        f"Distribution of {numbers.plural(sum(row.customers for row in bins), 'customer')} by mean import a day. Most, "
        f"{numbers.count(top.customers)}, draw {numbers.significant(top.low_kwh)}{to} kWh."
    )


def _data_coverage(quality: Quality) -> DataTable:
    seen = quality.coverage_map
    assert seen is not None
    return DataTable(
        columns=("customers", *(f"{day} [share]" for day in seen.days)),
        rows=tuple((float(n), *row) for n, row in zip(seen.customers, seen.share, strict=True)),
    )


def _data_by_day(quality: Quality) -> DataTable:
    rows = quality.readings_by_day
    return DataTable(
        columns=("day", "readings", "customers"),
        rows=tuple((row.day.isoformat(), float(row.readings), float(row.customers)) for row in rows),
    )


def _data_energy(quality: Quality) -> DataTable:
    return DataTable(
        columns=("from [kWh a day]", "to [kWh a day]", "customers"),
        rows=tuple((row.low_kwh, row.high_kwh, float(row.customers)) for row in quality.daily_energy),
    )
