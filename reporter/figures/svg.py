"""A Matplotlib figure as a small, deterministic SVG that can stand inside a page beside others."""

import base64
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from reporter.figures.glyphs import merge_glyphs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_PNG = "data:image/png;base64,"
_SAME_INK = 24  # rounding of faint pixels
_RASTER_DPI = 200  # of the parts of a figure that are pixels


def to_svg(figure: "Figure", name: str) -> str:
    """The figure as an ``<svg>`` element without prolog, with ids of its own and no style attributes.

    Style attributes become presentation attributes, so that a page can forbid inline styles; ids get the figure's
    name, so that two figures in one page never share one.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", dpi=_RASTER_DPI, metadata={"Date": None, "Creator": None})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(buffer.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"}:
                parent.remove(child)
    merge_glyphs(root)
    used = _referenced(root)
    for element in root.iter():
        _tidy(element, name, used)
    root.set("stroke-linejoin", "round")  # what Matplotlib's own style element said
    root.set("stroke-linecap", "butt")
    root.attrib.pop("version", None)
    _drop_empty(root)
    return ElementTree.tostring(root, encoding="unicode")


def to_file(svg: str) -> str:
    """The element as a file of its own."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{svg}\n'


def to_png(figure: "Figure") -> bytes:
    """The figure as pixels, 200 to the inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_RASTER_DPI, metadata={"Software": None})
    return buffer.getvalue()


def _referenced(root: ElementTree.Element) -> set[str]:
    used = set()
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == f"{{{_XLINK}}}href" and value.startswith("#"):
                used.add(value[1:])
            used.update(_REFERENCE.findall(value))
    return used


def _tidy(element: ElementTree.Element, name: str, used: set[str]) -> None:
    attributes = element.attrib
    for part in attributes.pop("style", "").split(";"):
        key, _, value = part.partition(":")
        if value:
            attributes[key.strip()] = value.strip()
    for key, value in list(attributes.items()):
        if key == "id":
            if value in used:
                attributes[key] = f"{name}-{value}"
            else:
                del attributes[key]
        elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
            attributes[key] = f"#{name}-{value[1:]}"
        elif key == f"{{{_XLINK}}}href" and value.startswith(_PNG):
            attributes[key] = _PNG + _one_ink(value.removeprefix(_PNG))
        elif "url(#" in value:
            attributes[key] = _REFERENCE.sub(rf"url(#{name}-\1)", value)
        elif key in {"d", "x", "y", "width", "height", "transform", "points"}:
            attributes[key] = _shortened(value, places=4 if key == "transform" else 2)
    if element.text and not element.text.strip():
        element.text = None
    if element.tail and not element.tail.strip():
        element.tail = None


def _one_ink(encoded: str) -> str:
    """A PNG of lines in one colour, a quarter of its size: one colour at sixteen opacities."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA"))
    opacity = pixels[..., 3]
    inks = pixels[opacity > 32, :3]
    if not len(inks) or int(np.ptp(inks, axis=0).max()) > _SAME_INK:
        return encoded
    levels = np.rint(opacity / 17).astype(np.uint8)
    small = Image.frombytes("P", (levels.shape[1], levels.shape[0]), levels.tobytes())
    ink = [int(value) for value in np.median(inks, axis=0)]
    small.putpalette(ink * 16)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", bits=4, transparency=bytes(17 * level for level in range(16)))
    return base64.b64encode(buffer.getvalue()).decode()


def _shortened(value: str, places: int) -> str:
    """Numbers with fewer decimals: a hundredth of a point is below what can be seen; a glyph's scale needs more."""

    def short(match: re.Match[str]) -> str:
        return f"{float(match[0]):.{places}f}".rstrip("0").rstrip(".")

    return " ".join(_NUMBER.sub(short, value).split())


def _drop_empty(root: ElementTree.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{{{_SVG}}}g", f"{{{_SVG}}}defs"} and len(child) == 0:
                parent.remove(child)
