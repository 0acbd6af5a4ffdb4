"""A Matplotlib figure as a small, deterministic SVG that can stand inside a page beside others."""

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
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
        elif "url(#" in value:
            attributes[key] = _REFERENCE.sub(rf"url(#{name}-\1)", value)
        elif key in {"d", "x", "y", "width", "height", "transform", "points"}:
            attributes[key] = _shortened(value, places=4 if key == "transform" else 2)
    if element.text and not element.text.strip():
        element.text = None
    if element.tail and not element.tail.strip():
        element.tail = None


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
