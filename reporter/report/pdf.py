"""HTML → PDF in a child process, so that a crash of the layout engine is one sentence and not the end of the run."""

import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from reporter.errors import RenderingError

_TIMEOUT_S = 300.0
_LIBRARIES = (
    "the PDF engine needs Pango and HarfBuzz; on Debian and Ubuntu install them with "
    "'apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0'"
)


@dataclass(frozen=True)
class PendingPdf:
    """A PDF in the making; other work can go on meanwhile."""

    path: Path
    _part: Path
    _process: "subprocess.Popen[bytes]"
    _feeder: threading.Thread
    _errors: Path

    def wait(self, timeout_s: float = _TIMEOUT_S) -> Path:
        """Wait for the file.

        Raises:
            RenderingError: there is none, and why.
        """
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.cancel()
            raise RenderingError(
                f"The PDF took longer than {timeout_s:.0f} s and was given up; the HTML report holds the same."
            ) from None
        self._feeder.join()
        errors = self._errors.read_text(encoding="utf-8", errors="replace")
        self._errors.unlink(missing_ok=True)
        if status != 0 or not self._part.is_file():
            self._part.unlink(missing_ok=True)
            raise RenderingError(_sentence(status, errors))
        self._part.replace(self.path)
        return self.path

    def cancel(self) -> None:
        """End it; no file is left."""
        self._process.kill()
        self._process.wait()
        self._feeder.join()
        self._part.unlink(missing_ok=True)
        self._errors.unlink(missing_ok=True)


def start_pdf(html: str, path: Path, created_epoch: int) -> PendingPdf:
    """Begin to render ``html`` (made with ``medium="print"``) to a PDF at ``path``.

    Args:
        html: the page, complete in itself.
        path: where the file goes once it is whole.
        created_epoch: seconds since 1970 that stand for the time of making: the end of the data's period.
    """
    part = path.with_name(path.name + ".part")
    handle, name = tempfile.mkstemp(suffix=".log")
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONSAFEPATH": "1"}
    root = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with os.fdopen(handle, "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "reporter.report.pdf_child", str(part), str(created_epoch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
    # The page is larger than a pipe holds: a thread feeds it, so that the caller need not wait.
    feeder = threading.Thread(target=_feed, args=(process, html.encode("utf-8")), daemon=True)
    feeder.start()
    return PendingPdf(path, part, process, feeder, Path(name))


def render_pdf(html: str, path: Path, created_epoch: int, timeout_s: float = _TIMEOUT_S) -> Path:
    """Render ``html`` (made with ``medium="print"``) to a PDF at ``path`` and wait for it.

    Raises:
        RenderingError: the PDF could not be made; one sentence says what is missing.
    """
    return start_pdf(html, path, created_epoch).wait(timeout_s)


def _feed(process: "subprocess.Popen[bytes]", content: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(content)
        process.stdin.close()
    except BrokenPipeError:  # the child ended early; its exit status tells
        pass


def _sentence(status: int, errors: str) -> str:
    last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "no message")
    if "cannot load library" in errors or "WeasyPrint could not import" in errors:
        return f"The PDF could not be made: {_LIBRARIES}."
    if "No module named 'weasyprint'" in errors:
        return (
            "The PDF could not be made: the Python package 'weasyprint' is missing; install reporter again."
        )
    if "MemoryError" in errors:
        return "The PDF could not be made: memory ran out; the HTML report holds the same."
    if status < 0:
        return f"The PDF could not be made: the PDF engine crashed (signal {-status}); {_LIBRARIES}."
    return f"The PDF could not be made: {last}."
