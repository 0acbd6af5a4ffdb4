"""The figure of one customer: its weekdays and weekends against its segment's shape at the same size."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.facts.base import Profile
from reporter.figures import numbers, style
from reporter.figures.registry import Drawn, FigureSpec, draw_one
from reporter.figures.shapes import Curve, draw_day
from reporter.figures.style import Palette, Width
from reporter.figures.words import DataTable, People, by_hour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT_MM = {"full": 74, "half": 62}


@dataclass(frozen=True)
class CustomerDay:
    """Mean loads of a customer by local hour [kW]."""

    weekday_kw: Profile
    weekend_kw: Profile
    """Weekends and holidays."""
    segment_kw: Profile
    """The segment's shape times the customer's mean load, so that only shapes are compared."""
    peak_blocks: list[tuple[int, int]]
    """Hours of the day in which peak hours fall, as [first, last)."""
    colour: str
    """Of the segment."""
    palette: Palette


def draw_customer(day: CustomerDay, people: People) -> Drawn:
    """A customer's day, at both widths."""
    with style.styled(day.palette):
        return draw_one(FigureSpec("profile", _draw, _alt, _data, ("full", "half")), day, people)


def _draw(day: CustomerDay, width: Width) -> "Figure":
    curves = [
        Curve("weekday", day.weekday_kw, day.colour, 2.2, bold=True),
        Curve("weekend", day.weekend_kw, day.colour, 1.3, (3, 1.5)),
        Curve("segment’s shape", day.segment_kw, day.palette.quiet, 1.0, (1.4, 1.4)),
    ]
    return draw_day(curves, day.peak_blocks, "kW", day.palette, width, _HEIGHT_MM[width], 64.0)


def _alt(day: CustomerDay) -> str:
    highest = max(range(24), key=lambda hour: day.weekday_kw[hour])
    return (
        f"Mean load by hour on weekdays and weekends. On weekdays it is highest at {highest}{numbers.NBSP}h, with "
        f"{numbers.kw(day.weekday_kw[highest])}; the segment’s shape at this customer’s size has {numbers.kw(day.segment_kw[highest])} there."
    )


def _data(day: CustomerDay) -> DataTable:
    return by_hour(
        [
            ("weekday [kW]", day.weekday_kw),
            ("weekend [kW]", day.weekend_kw),
            ("segment’s shape [kW]", day.segment_kw),
        ]
    )
