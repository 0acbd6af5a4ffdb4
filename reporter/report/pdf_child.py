"""HTML on standard input → PDF at a path, in a process of its own: the layout engine is native code that can crash.

Run by its path, with the path of the PDF, the epoch, and the report's fonts as ``WEIGHT=FILE``; it imports nothing of
the package. Nothing is fetched: ``data:`` addresses are read, and ``font:WEIGHT`` gives one of the fonts named.
"""

import gc
import hashlib
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Letters as ``figures.glyphs`` writes them, and nothing else: whole numbers, few commands, one step a command.
LETTERS = re.compile(r"M[Mlhvqz\d -]*")
_STEP = re.compile(r"([Mlhvqz])([^Mlhvqz]*)")
_NUMBER = re.compile(r"-?\d+")


def main(path: str, epoch: str, fonts: dict[str, Path]) -> None:
    """Render standard input."""
    # One document, then the end: collecting garbage would free a few megabytes and take a tenth of the time.
    gc.disable()
    os.environ["SOURCE_DATE_EPOCH"] = epoch  # what stands in the file is the data's time, never the clock's
    # Takes a second or two, while the page is still being made.
    from weasyprint import HTML, svg
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url.startswith("font:"):
                content = fonts[url.removeprefix("font:")].read_bytes()
                return URLFetcherResponse(url, content, {"Content-Type": "font/ttf"})
            return super().fetch(url, headers)

    # Not a door that the engine keeps open: without it, all is drawn its own way.
    if "path" in getattr(svg, "TAGS", {}):
        svg.TAGS["path"] = _draws_letters(svg.TAGS["path"])
    html = sys.stdin.buffer.read()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    identifier = hashlib.sha256(html).hexdigest()[:32].encode()
    document = HTML(string=html.decode("utf-8"), url_fetcher=Fetcher(allowed_protocols=["data"]))
    document.write_pdf(path, finisher=_scope, pdf_variant="pdf/ua-1", pdf_identifier=identifier)


def _draws_letters(any_path: Callable[..., None]) -> Callable[..., None]:
    """A way of drawing paths that is quick at the letters of figures; the engine's own does all other paths.

    The engine reads numbers with units and commands of every kind, and keeps where markers would go. Letters are most
    of what is drawn and need none of it: that was a sixth of all its time.
    """

    def draw(svg: Any, node: Any, font_size: float) -> None:
        outline = node.get("d", "")
        if LETTERS.fullmatch(outline):
            svg.stream.stream.append(drawn(outline))
        else:
            any_path(svg, node, font_size)

    return draw


def drawn(outline: str) -> bytes:
    """The outlines of letters as PDF draws them: absolute places, and cubic curves for quadratic ones.

    A curve from p through the control q to r has the controls p + 2/3 (q - p) and r + 2/3 (q - r), here rounded to
    whole numbers: a hundredth of a point is below what can be seen.
    """
    parts = []
    x = y = start_x = start_y = 0
    for letter, numbers in _STEP.findall(outline):
        step = [int(number) for number in _NUMBER.findall(numbers)]
        if letter == "q":
            over_x, over_y, to_x, to_y = step
            parts.append(
                f"{x + round(over_x / 1.5)} {y + round(over_y / 1.5)} "
                f"{x + to_x + round((over_x - to_x) / 1.5)} {y + to_y + round((over_y - to_y) / 1.5)} "
                f"{x + to_x} {y + to_y} c"
            )
            x, y = x + to_x, y + to_y
        elif letter == "z":
            parts.append("h")
            x, y = start_x, start_y
        elif letter == "M":
            start_x, start_y = x, y = step
            parts.append(f"{x} {y} m")
        else:
            x += step[0] if letter != "v" else 0
            y += step[-1] if letter != "h" else 0
            parts.append(f"{x} {y} l")
    return "\n".join(parts).encode("ascii")


def _scope(document: Any, pdf: Any) -> None:
    """Say of each header of a table whether it is a column's or a row's; the layout engine leaves that out."""
    tags: dict[bytes, Any] = {
        item.reference: item for item in pdf.objects if hasattr(item, "get") and "P" in item
    }
    for tag in tags.values():
        if tag.get("S") == "/TH":
            group = tags[tags[tag["P"]]["P"]]
            tag["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


if __name__ == "__main__":
    named = (argument.split("=", 1) for argument in sys.argv[3:])
    main(sys.argv[1], sys.argv[2], {weight: Path(file) for weight, file in named})
