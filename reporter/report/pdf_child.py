"""HTML on standard input → PDF at a path, in a process of its own: the layout engine is native code that can crash.

Run as ``python -m reporter.report.pdf_child PATH EPOCH``. Nothing is fetched: only ``data:`` addresses are read.
"""

import hashlib
import logging
import os
import sys


def main(path: str, epoch: str) -> None:
    """Render standard input."""
    os.environ["SOURCE_DATE_EPOCH"] = epoch  # what stands in the file is the data's time, never the clock's
    html = sys.stdin.buffer.read()
    from weasyprint import HTML, URLFetcher

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    identifier = hashlib.sha256(html).hexdigest()[:32].encode()
    document = HTML(string=html.decode("utf-8"), url_fetcher=URLFetcher(allowed_protocols=["data"]))
    document.write_pdf(path, pdf_variant="pdf/ua-1", pdf_identifier=identifier, custom_metadata=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
