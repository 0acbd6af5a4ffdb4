"""HTML on standard input → PDF at a path, in a process of its own: the layout engine is native code that can crash.

Run by its path, with the path of the PDF and the epoch as arguments; it imports nothing of the package. Nothing is fetched: only ``data:`` addresses are read.
"""

import hashlib
import logging
import os
import sys


def main(path: str, epoch: str) -> None:
    """Render standard input."""
    os.environ["SOURCE_DATE_EPOCH"] = epoch  # what stands in the file is the data's time, never the clock's
    from weasyprint import HTML, URLFetcher  # takes a second or two, while the page is still being made

    html = sys.stdin.buffer.read()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    identifier = hashlib.sha256(html).hexdigest()[:32].encode()
    document = HTML(string=html.decode("utf-8"), url_fetcher=URLFetcher(allowed_protocols=["data"]))
    document.write_pdf(path, pdf_variant="pdf/ua-1", pdf_identifier=identifier, custom_metadata=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
