"""The one list of figures: name, how it is drawn, what it says, and the numbers behind it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.facts import Comparison, Facts
from reporter.figures import (
    change,
    choice,
    enrolment,
    events,
    money,
    numbers,
    peak,
    reach,
    seasons,
    shapes,
    style,
    svg,
    tree,
    words,
)
from reporter.figures.change import ChangeScene
from reporter.figures.scene import make_scene
from reporter.figures.style import Palette, Width
from reporter.figures.words import DataTable, People
from reporter.schema import FEWEST_FOR_A_CURVE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = [
    "DataTable",
    "Drawn",
    "FigureSpec",
    "draw_all",
    "draw_change",
    "draw_one",
    "draw_twins",
    "specs",
    "with_pixels",
    "write_figures",
]


CUSTOMERS = People()


@dataclass(frozen=True)
class FigureSpec:
    """A figure that a run or a comparison can show; it is drawn from a ``Scene``, or from a ``ChangeScene``."""

    name: str
    """File name without ending, and key for templates."""
    draw: Callable[[Any, Width], "Figure"]
    alt: Callable[[Any], str]
    """What the figure shows, in a sentence or two with the numbers."""
    data: Callable[[Any], DataTable]
    widths: Sequence[Width]
    """Widths it is drawn at, widest first; a figure of the full width has a narrow twin for phones."""


@dataclass(frozen=True)
class Drawn:
    """A figure as drawn."""

    name: str
    width: Width
    svg: str
    svg_narrow: str | None
    """The same at half width, where the first is of full width; none until it is drawn."""
    figure: "Figure | None"
    """None where another process drew it."""
    alt: str
    data: DataTable
    day: tuple[float, float] | None = None
    """Where the day begins and ends, as shares of the width, where the one panel shows hours of the day."""
    day_narrow: tuple[float, float] | None = None
    png: bytes | None = None
    """The same as pixels; none until they are made."""


def specs(facts: Facts) -> list[FigureSpec]:
    """Every figure that these facts can fill, in the order of the report."""
    both: tuple[Width, ...] = ("full", "half")
    half: tuple[Width, ...] = ("half",)
    result = [
        FigureSpec("cover", shapes.draw_cover, words.alt_cover, words.data_shapes, both),
        FigureSpec("peak-day", peak.draw_peak_day, words.alt_peak_day, words.data_peak_day, both),
    ]
    if facts.targets.gains:
        result.append(FigureSpec("gains", peak.draw_gains, words.alt_gains, words.data_gains, half))
    if len(facts.segments) > 1:
        result.append(
            FigureSpec("segments", shapes.draw_segments, words.alt_segments, words.data_profiles, both)
        )
    if facts.segments[0].seasons:
        result.append(
            FigureSpec("seasons", seasons.draw_seasons, seasons.alt_seasons, seasons.data_seasons, both)
        )
    for index in range(len(facts.segments)):
        place = f"{index + 1:02d}"
        result += [
            FigureSpec(
                f"overlay-{place}",
                partial(shapes.draw_overlay, index=index),
                partial(words.alt_overlay, index=index),
                partial(words.data_overlay, index=index),
                half,
            ),
            FigureSpec(
                f"week-{place}",
                partial(shapes.draw_week, index=index),
                partial(words.alt_week, index=index),
                partial(words.data_week, index=index),
                half,
            ),
        ]
    if facts.choice_shown.candidates:
        result += [
            FigureSpec("elbow", choice.draw_elbow, words.alt_elbow, words.data_candidates, half),
            FigureSpec("scores", choice.draw_scores, words.alt_scores, words.data_candidates, half),
        ]
    if facts.selection.tree:
        result.append(FigureSpec("tree", tree.draw_tree, tree.alt_tree, tree.data_tree, both))
    if any(segment.silhouette_values for segment in facts.segments):
        result.append(
            FigureSpec(
                "silhouette", choice.draw_silhouette, words.alt_silhouette, words.data_silhouette, both
            )
        )
    if facts.change is not None:
        result += change_specs(facts.change)
    if facts.targets.recommended_offers and facts.targets.curves:
        result.append(FigureSpec("reach", reach.draw_reach, reach.alt_reach, reach.data_reach, half))
        if facts.targets.probability_of_goal is not None:
            result.append(FigureSpec("chance", reach.draw_chance, reach.alt_chance, reach.data_chance, half))
    if facts.events is not None:
        result.append(
            FigureSpec("event-day", events.draw_event_day, events.alt_event_day, events.data_event_day, both)
        )
    plant = facts.targets.plant
    if plant is not None and (plant.accepted is not None or plant.total.rebound):
        result.append(FigureSpec("plant", money.draw_plant, money.alt_plant, money.data_plant, both))
    if facts.money is not None and facts.money.turns:
        result.append(FigureSpec("turns", money.draw_turns, money.alt_turns, money.data_turns, half))
    if facts.bills is not None and facts.bills.proposed is not None:
        result.append(FigureSpec("bills", money.draw_bills, money.alt_bills, money.data_bills, half))
    participation = facts.targets.participation
    if participation is not None and participation.validation is not None:
        result += [
            FigureSpec(
                "calibration",
                enrolment.draw_calibration,
                enrolment.alt_calibration,
                enrolment.data_calibration,
                half,
            ),
            FigureSpec(
                "enrolment-gains",
                enrolment.draw_enrolment_gains,
                enrolment.alt_enrolment_gains,
                enrolment.data_enrolment_gains,
                half,
            ),
        ]
    return result


def change_specs(comparison: Comparison) -> list[FigureSpec]:
    """Every figure that a comparison can fill."""
    both: tuple[Width, ...] = ("full", "half")
    half: tuple[Width, ...] = ("half",)
    result = []
    if comparison.migration.customers:
        result += [
            FigureSpec("moves", change.draw_alluvial, change.alt_alluvial, change.data_alluvial, both),
            FigureSpec("net", change.draw_net, change.alt_net, change.data_net, half),
        ]
    for index, found in enumerate(comparison.emerging):
        if found.customers < FEWEST_FOR_A_CURVE:
            continue
        result.append(
            FigureSpec(
                f"emerging-{found.kind}",
                partial(change.draw_emerging, index=index),
                partial(change.alt_emerging, index=index),
                partial(change.data_emerging, index=index),
                half,
            )
        )
    if comparison.trends:
        result.append(FigureSpec("trends", change.draw_trends, change.alt_trends, change.data_trends, both))
    return result


def draw_change(
    comparison: Comparison, palette: Palette | None = None, people: People = CUSTOMERS
) -> dict[str, Drawn]:
    """All figures of a comparison by name."""
    scene = ChangeScene(comparison, palette or Palette())
    with style.styled(scene.palette):
        return {spec.name: draw_one(spec, scene, people) for spec in change_specs(comparison)}


def draw_all(
    facts: Facts,
    profiles: "pd.DataFrame",
    palette: Palette | None = None,
    people: People = CUSTOMERS,
    *,
    twins: bool = True,
    only: Collection[str] | None = None,
) -> dict[str, Drawn]:
    """All figures of a run by name.

    Args:
        facts: the run.
        profiles: ``profiles.parquet``, one row a customer used.
        palette: colours; by default the report's own.
        people: what those counted are called.
        twins: with their narrow twins, which only a screen needs.
        only: names of those to draw; by default all.
    """
    scene = make_scene(facts, profiles, palette)
    with style.styled(scene.palette), numbers.speaking(people.speech):
        wanted = [spec for spec in specs(facts) if only is None or spec.name in only]
        drawn = {spec.name: _draw(spec, scene, people) for spec in wanted}
        return _with_twins(drawn, wanted, scene, people) if twins else drawn


def draw_twins(
    drawn: dict[str, Drawn],
    facts: Facts,
    profiles: "pd.DataFrame",
    palette: Palette | None = None,
    people: People = CUSTOMERS,
) -> dict[str, Drawn]:
    """The figures of ``draw_all`` without twins, with them."""
    scene = make_scene(facts, profiles, palette)
    with style.styled(scene.palette), numbers.speaking(people.speech):
        return _with_twins(drawn, [spec for spec in specs(facts) if spec.name in drawn], scene, people)


def draw_one(spec: FigureSpec, scene: Any, people: People) -> Drawn:
    """A figure with its twin, within ``style.styled``, from what its functions are drawn from."""
    with numbers.speaking(people.speech):
        return _with_twins({spec.name: _draw(spec, scene, people)}, [spec], scene, people)[spec.name]


def _with_twins(
    drawn: dict[str, Drawn], wanted: Sequence[FigureSpec], scene: Any, people: People
) -> dict[str, Drawn]:
    result = dict(drawn)
    for spec in wanted:
        if len(spec.widths) > 1:
            narrow = _named(spec.draw(scene, spec.widths[1]), people)
            result[spec.name] = replace(
                drawn[spec.name],
                svg_narrow=svg.to_svg(narrow, f"{spec.name}-narrow"),
                day_narrow=None if drawn[spec.name].day is None else style.day_span(narrow),
            )
    return result


def _draw(spec: FigureSpec, scene: Any, people: People) -> Drawn:
    figure = _named(spec.draw(scene, spec.widths[0]), people)
    data = spec.data(scene)
    data = DataTable(tuple(people.said(column) for column in data.columns), data.rows)
    by_hour = data.columns[0] == "hour" and len(data.rows) == 24
    return Drawn(
        name=spec.name,
        width=spec.widths[0],
        svg=svg.to_svg(figure, spec.name),
        svg_narrow=None,
        figure=figure,
        alt=people.said(spec.alt(scene)),
        data=data,
        day=style.day_span(figure) if by_hour else None,
    )


def _named(figure: "Figure", people: People) -> "Figure":
    """A figure in the words of the theme: here for all, so that none is forgotten."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        said = people.said(text.get_text())
        if said != text.get_text():
            text.set_text(said)
    return figure


def with_pixels(drawn: dict[str, Drawn], palette: Palette | None = None) -> dict[str, Drawn]:
    """Figures that this process drew, as PNG too."""
    made = {}
    with style.styled(palette or Palette()):
        for name, each in drawn.items():
            assert each.figure is not None
            made[name] = replace(each, png=svg.to_png(each.figure))
    return made


def write_figures(drawn: dict[str, Drawn], folder: Path, palette: Palette | None = None) -> list[Path]:
    """Every figure as SVG and PNG in a folder (made if missing); returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    missing = {name: figure for name, figure in drawn.items() if figure.png is None}
    for figure in {**drawn, **with_pixels(missing, palette)}.values():
        assert figure.png is not None
        vector, raster = folder / f"{figure.name}.svg", folder / f"{figure.name}.png"
        vector.write_text(svg.to_file(figure.svg), encoding="utf-8")
        raster.write_bytes(figure.png)
        written += [vector, raster]
    return written
