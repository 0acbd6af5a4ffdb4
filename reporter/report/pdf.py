"""HTML → PDF in a child process, so that a crash of the layout engine is one sentence and not the end of the run."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reporter.errors import RenderingError
from reporter.libraries import failure
from reporter.resources import font_files

_TIMEOUT_S = 300.0
# By path, not as a module of the package: the child needs none of the analysis, and importing it takes seconds.
_CHILD = Path(__file__).with_name("pdf_child.py")


@dataclass
class PdfMaker:
    """A child process that turns one page into a PDF; other work can go on meanwhile."""

    path: Path
    _part: Path
    _log: IO[bytes]
    _process: "subprocess.Popen[bytes]"
    _feeder: threading.Thread | None = None

    def feed(self, html: str) -> None:
        """Hand over the page (made with ``medium="print"``); returns at once."""
        # The page is larger than a pipe holds: a thread feeds it, so that the caller need not wait.
        self._feeder = threading.Thread(target=self._write, args=(html.encode("utf-8"),), daemon=True)
        self._feeder.start()

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
        if self._feeder is not None:
            self._feeder.join()
        with self._log:
            self._log.seek(0)
            errors = self._log.read().decode("utf-8", errors="replace")
        if status != 0 or not self._part.is_file():
            self._part.unlink(missing_ok=True)
            raise RenderingError(f"The PDF could not be made: {failure(status, errors)}.")
        self._part.replace(self.path)
        return self.path

    def cancel(self) -> None:
        """End it; no file is left."""
        self._process.kill()
        self._process.wait()
        if self._feeder is not None:
            self._feeder.join()
        elif self._process.stdin is not None:
            self._process.stdin.close()
        self._part.unlink(missing_ok=True)
        self._log.close()

    def _write(self, content: bytes) -> None:
        assert self._process.stdin is not None
        # A child that ended early breaks the pipe; its exit status tells.
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(content)


def start_pdf(path: Path, created_epoch: int) -> PdfMaker:
    """A child process that is getting ready to write a PDF to ``path``.

    Args:
        path: where the file goes once it is whole.
        created_epoch: seconds since 1970 that stand for the time of making: the end of the data's period.
    """
    fonts = [f"{weight}={file}" for weight, file in sorted(font_files().items())]
    part = path.with_name(path.name + ".part")
    # It has no name, so that nothing is left of it however this ends.
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the maker
    process = subprocess.Popen(
        [sys.executable, "-P", str(_CHILD), str(part), str(created_epoch), *fonts],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=log,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return PdfMaker(path, part, log, process)


def render_pdf(html: str, path: Path, created_epoch: int, timeout_s: float = _TIMEOUT_S) -> Path:
    """Render ``html`` (made with ``medium="print"``) to a PDF at ``path`` and wait for it.

    Raises:
        RenderingError: the PDF could not be made; one sentence says what is missing.
    """
    maker = start_pdf(path, created_epoch)
    maker.feed(html)
    return maker.wait(timeout_s)
