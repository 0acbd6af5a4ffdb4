"""Facts → figures, in one style. `draw_all` gives every figure of a run with its alt text and its data."""

from reporter.figures.change import places as segment_places
from reporter.figures.registry import (
    DataTable,
    Drawn,
    draw_all,
    draw_change,
    draw_twins,
    with_pixels,
    write_figures,
)
from reporter.figures.scene import Scene, make_scene, peak_blocks
from reporter.figures.style import Palette
from reporter.figures.words import People

__all__ = [
    "DataTable",
    "Drawn",
    "Palette",
    "People",
    "Scene",
    "draw_all",
    "draw_change",
    "draw_twins",
    "make_scene",
    "peak_blocks",
    "segment_places",
    "with_pixels",
    "write_figures",
]
