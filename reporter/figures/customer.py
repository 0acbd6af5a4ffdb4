"""The figure of one customer: its weekdays and weekends against its segment's shape at the same size."""

from typing import TYPE_CHECKING

from reporter.facts.base import Profile
from reporter.figures import numbers, style, svg
from reporter.figures.registry import Drawn
from reporter.figures.shapes import MIDDLE
from reporter.figures.style import Palette, Width
from reporter.figures.words import by_hour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "profile"
_HEIGHT_MM = {"full": 74, "half": 62}


def draw_customer(
    weekday_kw: Profile,
    weekend_kw: Profile,
    segment_kw: Profile,
    peak_blocks: list[tuple[int, int]],
    colour: str,
    palette: Palette,
) -> Drawn:
    """A customer's day.

    Args:
        weekday_kw: mean load by local hour [kW].
        weekend_kw: the same on weekends and holidays [kW].
        segment_kw: the segment's shape times the customer's mean load [kW], so that only shapes are compared.
        peak_blocks: hours of the day in which peak hours fall, as [first, last).
        colour: of the segment.
        palette: of the page.
    """

    def draw(width: Width) -> "Figure":
        figure = style.canvas(width, _HEIGHT_MM[width])
        axes = style.figure_panel(figure, right=64)
        style.shade_peak(axes, peak_blocks, palette)
        curves = (
            ("weekday", weekday_kw, colour, 2.2, ()),
            ("weekend", weekend_kw, colour, 1.3, (3, 1.5)),
            ("segment’s shape", segment_kw, palette.quiet, 1.0, (1.4, 1.4)),
        )
        for _, values, tone, line, dashes in curves:
            axes.plot(MIDDLE, values, color=tone, linewidth=line, dashes=dashes or (None, None))
        everything = [*weekday_kw, *weekend_kw, *segment_kw]
        style.value_axis(axes, min(everything), max(everything))
        style.hour_axis(axes)
        style.zero_line(axes, palette)
        style.unit_label(axes, "kW")
        low, high = axes.get_ylim()
        gap = 9.5 * (high - low) / (_HEIGHT_MM[width] * style.MM - 34)
        places = style.spread([values[-1] for _, values, *_ in curves], gap, low + gap / 2, high)
        for (name, _, tone, *_), place in zip(curves, places, strict=True):
            axes.annotate(
                name, (23.5, place), xytext=(6, 0), textcoords="offset points", va="center", color=tone,
                fontweight=600 if name == "weekday" else 400, fontsize=style.CAPTION_PT,
            )  # fmt: skip
        return figure

    highest = max(range(24), key=lambda hour: weekday_kw[hour])
    with style.styled(palette):
        wide, narrow = draw("full"), draw("half")
        return Drawn(
            name=NAME,
            width="full",
            svg=svg.to_svg(wide, NAME),
            svg_narrow=svg.to_svg(narrow, f"{NAME}-narrow"),
            figure=wide,
            day=style.day_span(wide),
            day_narrow=style.day_span(narrow),
            alt=f"Mean load by hour on weekdays and weekends. On weekdays it is highest at {highest}{numbers.NBSP}h, with "
            f"{numbers.kw(weekday_kw[highest])}; the segment’s shape at this customer’s size has {numbers.kw(segment_kw[highest])} there.",
            data=by_hour(
                [
                    ("weekday [kW]", weekday_kw),
                    ("weekend [kW]", weekend_kw),
                    ("segment’s shape [kW]", segment_kw),
                ]
            ),
        )
