"""Figures of money and of the power plant: which inputs turn the result, and what can be bid hour by hour."""

from typing import TYPE_CHECKING

from reporter.figures import numbers, style
from reporter.figures.scene import Scene
from reporter.figures.style import Width
from reporter.figures.words import DataTable
from reporter.money.rows import BillGroup, Money
from reporter.targets.rows import Plant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INPUT_NAMES = {
    "reduction": "kW per enrolment",
    "enrolments": "how many enrol",
    "capacity": "avoided capacity",
    "transmission-distribution": "avoided networks",
    "energy": "avoided energy",
    "administration": "administration",
    "equipment": "equipment",
    "participant-equipment": "customers’ equipment",
    "participant-costs": "customers’ trouble",
    "rebound": "what comes back",
    "attrition": "who leaves",
    "discount-rate": "discount rate",
    "life": "life of the measure",
}
_SHOWN = 8
_ROW_MM = 7.4
_PALE = 0.3
_NAME_PT = 96.0
"""Room for the title of a segment, in two lines where it is long [pt]."""


def draw_turns(scene: Scene, width: Width) -> "Figure":
    """A bar an input: net benefit at its low and its high end, the one that moves most on top."""
    palette, money = scene.palette, _money(scene)
    rows = money.turns[:_SHOWN]
    net = _net(money)
    figure = style.canvas(width, 16 + _ROW_MM * len(rows))
    names = [INPUT_NAMES.get(row.input, row.input) for row in rows]
    left = 8 + max(style.text_width(name, style.CAPTION_PT) for name in names)
    axes = style.figure_panel(figure, left=left, right=14, bottom=20, top=18)
    ends = [0.0, net]
    for place, row in enumerate(rows):
        y = -float(place)
        low, high = sorted((row.low_net, row.high_net))
        ends += [low, high]
        axes.barh(
            y,
            high - low,
            left=low,
            height=0.6,
            color=palette.accent if row.turns else palette.everyone,
            zorder=2,
        )
    axes.axvline(net, color=palette.ink, linewidth=1.0, zorder=3)
    if min(ends) < 0:
        axes.axvline(0, color=palette.quiet, linewidth=0.8, linestyle=(0, (1.4, 1.4)), zorder=3)
    span = (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - 0.04 * span, max(ends) + 0.04 * span)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_yticks([-place for place in range(len(rows))], names)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    ticks = [tick for tick in axes.get_xticks() if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]][::2]
    axes.set_xticks(ticks, style.tick_labels(ticks))
    axes.annotate(
        "as given", (net, 0.6), xytext=(0, 3), textcoords="offset points", ha="center", color=palette.ink
    )
    return figure


def alt_turns(scene: Scene) -> str:
    """Text in place of the bars."""
    money = _money(scene)
    turning = [INPUT_NAMES.get(row.input, row.input) for row in money.turns if row.turns]
    first = money.turns[0]
    said = (
        f"It changes sign within the range of {numbers.listed(turning)}."
        if turning
        else "No single input changes its sign."
    )
    return (
        f"Net benefit by the total resource cost test, {numbers.money(_net(money), money.currency)} as given, at the low and the "
        f"high end of each input, all others as given. {INPUT_NAMES.get(first.input, first.input).capitalize()} moves it most: from "
        f"{numbers.significant(min(first.low_net, first.high_net))} to {numbers.significant(max(first.low_net, first.high_net))}. {said}"
    )


def data_turns(scene: Scene) -> DataTable:
    """Ends and break-even values."""
    money = _money(scene)
    return DataTable(
        columns=(
            "input",
            "from, times",
            "to, times",
            f"net at the low end [{money.currency}]",
            f"net at the high end [{money.currency}]",
            "breaks even at, times",
        ),
        rows=tuple(
            (
                INPUT_NAMES.get(row.input, row.input),
                row.low,
                row.high,
                row.low_net,
                row.high_net,
                row.break_even,
            )
            for row in money.turns
        ),
    )


def draw_plant(scene: Scene, width: Width) -> "Figure":
    """Above zero what events reach by hour, below it what comes back afterwards."""
    palette, plant = scene.palette, _plant(scene)
    figure = style.canvas(width, 66)
    axes = style.figure_panel(figure, left=34, right=14, bottom=20, top=30)
    total = plant.total
    highest = max((hour.p50_kw for hour in total.hours), default=0.0)
    lowest = -max((hour.kw for hour in total.rebound), default=0.0)
    unit, size = numbers.power_unit(max(highest, -lowest))
    style.shade_peak(axes, scene.peak_blocks, palette, label=False)
    for hour in total.hours:
        # Peak hours outside the event that is bid are pale: it may be moved there, not be made longer.
        for kw, colour, above in ((hour.p50_kw, palette.everyone, 2), (hour.p90_kw, palette.accent, 3)):
            axes.bar(
                hour.hour + 0.5, kw / size, width=0.78, color=colour, zorder=above,
                alpha=None if plant.bids(hour.hour) else _PALE,
            )  # fmt: skip
    axes.bar(
        [hour.hour + 0.5 for hour in total.rebound], [-hour.kw / size for hour in total.rebound], width=0.78,
        facecolor=palette.paper, edgecolor=palette.ink, linewidth=0.8, zorder=2,
    )  # fmt: skip
    if plant.min_bid_kw is not None:
        axes.axhline(plant.min_bid_kw / size, color=palette.ink, linewidth=0.8, linestyle=(0, (4, 1.5)))
        axes.text(0.2, plant.min_bid_kw / size, "smallest bid", va="bottom", color=palette.ink)
        highest = max(highest, plant.min_bid_kw)
    # Parts enough for a tick on both sides of zero.
    style.value_axis(axes, lowest / size, highest / size, unit=unit, parts=8)
    style.hour_axis(axes)
    style.zero_line(axes, palette)
    key = [("with an even chance", palette.everyone), ("with nine chances in ten", palette.accent)]
    if total.rebound:
        key.append(("comes back", palette.paper))
    _key(axes, key, scene)
    return figure


def _key(axes: "Axes", entries: list[tuple[str, str]], scene: Scene) -> None:
    panel_width, panel_height = style.panel_size(axes)
    x, y = 0.0, panel_height + 20
    for name, colour in entries:
        needed = 12 + style.text_width(name, style.CAPTION_PT)
        if x and x + needed > panel_width + 10:
            x, y = 0.0, y - 11
        axes.plot(
            [(x + 3) / panel_width], [y / panel_height], marker="s", markersize=5, transform=axes.transAxes, color=colour,
            markeredgecolor=scene.palette.ink if colour == scene.palette.paper else colour, linestyle="none", clip_on=False,
        )  # fmt: skip
        axes.annotate(
            name,
            (x + 10, y),
            xycoords="axes points",
            va="center",
            color=scene.palette.ink,
            annotation_clip=False,
        )
        x += needed + 12


def alt_plant(scene: Scene) -> str:
    """Text in place of the hours."""
    plant = _plant(scene)
    best = max(plant.total.hours, key=lambda hour: hour.p90_kw)
    first = plant.bid_first_hour
    event = (
        f" The event that is bid lasts from {numbers.hour_range(first, first + plant.bid_hours)} and reaches {numbers.power(plant.bid_kw)} "
        "with nine chances in ten in each of these hours."
        if first is not None
        else ""
    )
    back = (
        f" Afterwards up to {numbers.power(max(hour.kw for hour in plant.total.rebound))} more load comes back."
        if plant.total.rebound
        else ""
    )
    return (
        f"Load reduction of all offers by hour of an event day. Most can be counted on from {numbers.hour_range(best.hour, best.hour + 1)}: "
        f"{numbers.power(best.p90_kw)} with nine chances in ten, {numbers.power(best.p50_kw)} with an even chance.{event}{back}"
    )


def data_plant(scene: Scene) -> DataTable:
    """What events reach, and what comes back."""
    plant = _plant(scene)
    total = plant.total
    return DataTable(
        columns=(
            "hour",
            "in the event",
            "expected [kW]",
            "even chance [kW]",
            "nine chances in ten [kW]",
            "comes back [kW]",
        ),
        rows=(
            *(
                (
                    f"{hour.hour} to {hour.hour + 1}",
                    "yes" if plant.bids(hour.hour) else "no",
                    hour.expected_kw,
                    hour.p50_kw,
                    hour.p90_kw,
                    None,
                )
                for hour in total.hours
            ),
            *((f"{hour.hour} to {hour.hour + 1}", "no", None, None, None, hour.kw) for hour in total.rebound),
        ),
    )


def draw_bills(scene: Scene, width: Width) -> "Figure":
    """A segment a row: the mean change of a month's bill, and the middle eight tenths of its customers."""
    palette, bills = scene.palette, scene.facts.bills
    assert bills is not None
    figure = style.canvas(width, 16 + _ROW_MM * len(bills.segments))
    names = [style.wrap(title, _NAME_PT) for title, _ in _billed(scene)]
    left = 8 + max(style.text_width(line, style.CAPTION_PT) for name in names for line in name)
    axes = style.figure_panel(figure, left=left, right=14, bottom=20, top=14)
    for place, row in enumerate(bills.segments):
        if row.change is None or row.change_low is None or row.change_high is None:
            continue
        y = -float(place)
        colour = palette.segment(place)
        axes.plot([row.change_low, row.change_high], [y, y], color=colour, linewidth=3.2, alpha=0.5, zorder=2)
        axes.plot([row.change], [y], marker="o", markersize=5, color=colour, zorder=3)
    axes.axvline(0, color=palette.ink, linewidth=0.8, zorder=1)
    axes.set_ylim(-len(names) + 0.4, 0.6)
    axes.set_yticks([-place for place in range(len(names))], ["\n".join(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    ticks = [float(tick) for tick in axes.get_xticks()[1:-1]]
    axes.set_xticks(ticks, style.tick_labels(ticks))
    return figure


def alt_bills(scene: Scene) -> str:
    """Text in place of the changes."""
    bills = scene.facts.bills
    assert bills is not None
    parts = [f"{title} {numbers.significant(row.change or 0.0, 2)}" for title, row in _billed(scene)]
    return (
        f"Mean change of a month’s bill in {bills.currency} by segment under {bills.proposed}, with the middle 80{numbers.NBSP}% of its "
        f"customers: {numbers.listed(parts)}."
    )


def data_bills(scene: Scene) -> DataTable:
    """Changes by segment."""
    bills = scene.facts.bills
    assert bills is not None
    return DataTable(
        columns=("segment", f"now [{bills.currency}]", "change", "10th percentile", "90th percentile"),
        rows=tuple(
            (title, row.now, row.change, row.change_low, row.change_high) for title, row in _billed(scene)
        ),
    )


def _billed(scene: Scene) -> list[tuple[str, BillGroup]]:
    """Title and bills of each segment."""
    titles = {segment.segment_id: segment.title for segment in scene.segments}
    rows = scene.facts.bills.segments if scene.facts.bills else []
    return [(titles.get(row.value, row.value), row) for row in rows]


def _net(money: Money) -> float:
    return next(row.net or 0.0 for row in money.portfolio.tests if row.test == "trc")


def _money(scene: Scene) -> Money:
    money = scene.facts.money
    assert money is not None
    return money


def _plant(scene: Scene) -> Plant:
    plant = scene.facts.targets.plant
    assert plant is not None
    return plant
