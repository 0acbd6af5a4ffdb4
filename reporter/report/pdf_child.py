"""HTML on standard input → PDF at a path, in a process of its own: the layout engine is native code that can crash.

Run by its path, with the path of the PDF, the epoch, and the report's fonts as ``WEIGHT=FILE``; it imports nothing of
the package. Nothing is fetched: ``data:`` addresses are read, and ``font:WEIGHT`` gives one of the fonts named.
"""

import gc
import hashlib
import logging
import os
import sys
from pathlib import Path
from typing import Any


def main(path: str, epoch: str, fonts: dict[str, Path]) -> None:
    """Render standard input."""
    # One document, then the end: collecting garbage would free a few megabytes and take a tenth of the time.
    gc.disable()
    os.environ["SOURCE_DATE_EPOCH"] = epoch  # what stands in the file is the data's time, never the clock's
    # Takes a second or two, while the page is still being made.
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url.startswith("font:"):
                content = fonts[url.removeprefix("font:")].read_bytes()
                return URLFetcherResponse(url, content, {"Content-Type": "font/ttf"})
            return super().fetch(url, headers)

    html = sys.stdin.buffer.read()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    identifier = hashlib.sha256(html).hexdigest()[:32].encode()
    document = HTML(string=html.decode("utf-8"), url_fetcher=Fetcher(allowed_protocols=["data"]))
    document.write_pdf(path, finisher=_scope, pdf_variant="pdf/ua-1", pdf_identifier=identifier)


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
