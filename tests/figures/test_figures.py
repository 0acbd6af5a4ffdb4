import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from factories import change, events, participation, run
from matplotlib.text import Text

from reporter.figures import (
    Drawn,
    Palette,
    People,
    draw_all,
    make_scene,
    peak_blocks,
    registry,
    style,
    write_figures,
)

LOAD = re.compile(
    r"\bkW\b|\bMW\b|own mean load|share of load|squared distances|silhouette|stability|usefulness|enrolled|enrolments"
)


def _relative_luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast_on_white(colour: str) -> float:
    return 1.05 / (_relative_luminance(colour) + 0.05)


@pytest.fixture(scope="module", params=[1, 4, 12])
def drawn(request: pytest.FixtureRequest) -> Iterator[dict[str, Drawn]]:
    facts, profiles = run(k=request.param, enrolment_rate=0.3)
    known = change(facts, participation=participation()).model_copy(update={"events": events(facts.segments)})
    yield draw_all(known, profiles)


def test_every_figure_is_a_small_self_contained_svg(drawn: dict[str, Drawn]) -> None:
    for figure in drawn.values():
        for svg in filter(None, (figure.svg, figure.svg_narrow)):
            root = ElementTree.fromstring(svg)
            assert root.tag.endswith("svg")
            assert root.get("viewBox")
            assert len(svg) < 250_000
            assert "style=" not in svg and "<style" not in svg  # the page forbids inline styles
            assert not re.search(r"(href|src)=\"(?!#|data:)", svg)
            assert "<text" not in svg  # glyphs are paths: no font is needed to see it


def test_ids_are_unique_over_all_figures(drawn: dict[str, Drawn]) -> None:
    text = "".join(figure.svg + (figure.svg_narrow or "") for figure in drawn.values())
    ids = re.findall(r"\bid=\"([^\"]+)\"", text)
    assert len(ids) == len(set(ids))


def test_every_figure_says_what_it_shows_and_holds_its_numbers(drawn: dict[str, Drawn]) -> None:
    for figure in drawn.values():
        assert len(figure.alt) > 40 and figure.alt[0].isupper()
        assert "nan" not in figure.alt.lower().split()
        assert figure.data.rows
        assert all(len(row) == len(figure.data.columns) for row in figure.data.rows)


@pytest.mark.parametrize("k", [1, 2, 7, 12])
def test_axes_have_units_hours_and_zero(k: int) -> None:
    facts, profiles = run(k=k)
    scene = make_scene(facts, profiles)
    with style.styled(scene.palette):
        for spec in registry.specs(facts):
            for width in spec.widths:
                figure = spec.draw(scene, width)
                words = " ".join(
                    text.get_text()
                    for axes in figure.axes
                    for text in (
                        axes.xaxis.label,
                        axes.yaxis.label,
                        *axes.get_yticklabels(),
                        *axes.get_xticklabels(),
                    )
                )
                if spec.name != "cover":  # shapes without a scale
                    assert LOAD.search(words), spec.name
                for axes in figure.axes:
                    ticks = [label.get_text() for label in axes.get_xticklabels()]
                    if "18" in ticks:
                        assert [tick.removesuffix("\u00a0h") for tick in ticks] == [
                            "0",
                            "6",
                            "12",
                            "18",
                            "24",
                        ]
                        low, high = axes.get_ylim()
                        assert low <= 0 <= high


def test_text_stays_inside_the_figure() -> None:
    facts, profiles = run(k=12, titles={0: "Evening peak, larger homes with pool pumps", 5: "W" * 40})
    scene = make_scene(facts, profiles)
    with style.styled(scene.palette):
        for spec in registry.specs(facts):
            for width in spec.widths:
                figure = spec.draw(scene, width)
                figure.canvas.draw()
                box = figure.bbox
                for axes in figure.axes:
                    texts = [*axes.texts, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels()]
                    for text in texts:
                        if text.get_text():
                            extent = text.get_window_extent()
                            inside = extent.x0 >= box.x0 - 1 and extent.x1 <= box.x1 + 1
                            assert inside, (spec.name, width, text.get_text())


def test_figures_call_customers_what_the_theme_calls_them() -> None:
    facts, profiles = run(k=4)
    known = change(facts, participation=participation()).model_copy(update={"events": events(facts.segments)})
    drawn = draw_all(known, profiles, people=People("home", "homes"))
    for figure in drawn.values():
        texts = [text.get_text() for text in figure.figure.findobj(Text)]  # type: ignore[attr-defined]
        assert [said for said in (*texts, figure.alt, *figure.data.columns) if "customer" in said] == []
    cover = [text.get_text() for text in drawn["cover"].figure.findobj(Text)]  # type: ignore[attr-defined]
    assert sum("% of homes" in text for text in cover) == 4
    assert "kW per home" in [text.get_text() for text in drawn["week-01"].figure.findobj(Text)]  # type: ignore[attr-defined]


def test_a_segment_has_one_colour_everywhere() -> None:
    drawn = draw_all(*run(k=4))
    for place in range(4):
        colour = Palette().segment(place)
        assert colour in drawn["segments"].svg
        assert colour in drawn["peak-day"].svg
        assert colour in drawn[f"week-{place + 1:02d}"].svg


def test_colours_are_seen_on_white_and_twelve_differ() -> None:
    palette = Palette()
    assert len(set(palette.segments)) >= 12
    assert all(_contrast_on_white(colour) >= 3 for colour in palette.segments)
    assert all(_contrast_on_white(colour) >= 4.5 for colour in (palette.ink, palette.quiet, palette.accent))
    assert len({(palette.segment(index), style.dash(index)) for index in range(24)}) == 24


def test_a_million_rows_cost_no_more_lines_than_a_few_hundred() -> None:
    facts, profiles = run(k=2, customers=3000)
    scene = make_scene(facts, profiles)
    assert all(len(shapes) == 250 for shapes in scene.shapes)
    shuffled = make_scene(facts, profiles.sample(frac=1, random_state=3))
    for one, other in zip(scene.shapes, shuffled.shapes, strict=True):
        assert (one == other).all()


def test_peak_blocks_leave_out_an_odd_hour() -> None:
    facts, _ = run(k=2)
    assert peak_blocks(facts) == [(17, 21)]


def test_files_are_the_same_every_time(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    facts, profiles = run(k=3)
    first = write_figures(draw_all(facts, profiles), folder / "a")
    second = write_figures(draw_all(facts, profiles), folder / "b")
    assert [path.name for path in first] == [path.name for path in second]
    assert {path.suffix for path in first} == {".svg", ".png"}
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_titles_that_look_like_mathematics_or_markup_are_text() -> None:
    facts, profiles = run(k=2, titles={0: "$x_1$ <b>&amp; & more", 1: "日本 evening"})
    for figure in draw_all(facts, profiles).values():
        ElementTree.fromstring(figure.svg)
