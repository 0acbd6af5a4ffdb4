"""Text outlines in an SVG: Matplotlib places each letter by itself; here a line of text becomes one path.

That leaves a quarter of the elements, which the PDF engine and browsers notice.
"""

import re
from functools import lru_cache
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_COMMAND = re.compile(r"[A-Za-z][^A-Za-z]*")
_SCALE = re.compile(r"scale\(([\d.]+)\)")
_TRANSLATE = re.compile(r"translate\((-?[\d.]+)[ ,]+(-?[\d.]+)\)")

_FINE = 10  # outlines are written as whole numbers of a tenth of a glyph unit: below a hundredth of a point

Outline = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
"""Commands with their points."""


def merge_glyphs(root: ElementTree.Element) -> None:
    """Replace each group of ``<use>`` elements that spells a line of text by one ``<path>``."""
    glyphs = {
        f"#{path.get('id')}": _outline(path.get("d", ""), _scale(path.get("transform", "")))
        for defs in root.iter(f"{_SVG}defs")
        for path in defs.iter(f"{_SVG}path")
        if path.get("id") and _SCALE.fullmatch(path.get("transform", ""))
    }
    for group in root.iter(f"{_SVG}g"):
        letters = [child for child in group if child.tag == f"{_SVG}use"]
        if not letters or any(child.get(_HREF) not in glyphs for child in letters):
            continue
        line = _line(
            tuple((glyphs[child.attrib[_HREF]], _offset(child.get("transform", ""))) for child in letters)
        )
        for child in list(group):
            group.remove(child)
        if line:
            ElementTree.SubElement(group, f"{_SVG}path", d=line, transform=f"scale({1 / _FINE})")


@lru_cache(maxsize=512)
def _outline(path: str, scale: float) -> Outline:
    """A glyph, which Matplotlib writes with absolute coordinates and the commands M, L, Q, C and z."""
    commands = []
    for command in _COMMAND.findall(path):
        values = [float(number) * scale * _FINE for number in command[1:].split()]
        commands.append((command[0], tuple(zip(values[::2], values[1::2], strict=True))))
    return tuple(commands)


@lru_cache(maxsize=4096)
def _line(letters: tuple[tuple[Outline, tuple[float, float]], ...]) -> str:
    return "".join(_placed(outline, right, up) for outline, (right, up) in letters)


def _placed(outline: Outline, right: float, up: float) -> str:
    """The outline moved to its place, with relative coordinates: half the characters of absolute ones."""
    parts = []
    x = y = start_x = start_y = 0
    for letter, points in outline:
        if not points:
            parts.append("z")
            x, y = start_x, start_y
            continue
        places = [(round(px + right * _FINE), round(py + up * _FINE)) for px, py in points]
        end_x, end_y = places[-1]
        if letter == "M":
            parts.append(f"M{end_x} {end_y}")
            start_x, start_y = end_x, end_y
        elif letter == "L" and end_x == x:
            parts.append(f"v{end_y - y}")
        elif letter == "L" and end_y == y:
            parts.append(f"h{end_x - x}")
        else:
            numbers = " ".join(f"{px - x} {py - y}" for px, py in places)
            parts.append(letter.lower() + numbers.replace(" -", "-"))
        x, y = end_x, end_y
    return "".join(parts)


def _scale(transform: str) -> float:
    match = _SCALE.fullmatch(transform)
    return float(match[1]) if match else 1.0


def _offset(transform: str) -> tuple[float, float]:
    match = _TRANSLATE.fullmatch(transform)
    return (float(match[1]), float(match[2])) if match else (0.0, 0.0)
