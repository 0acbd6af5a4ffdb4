"""A second process of ours that works beside the first, on another core. Nothing hangs on it: what it does not give, the first does itself."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any

_PATIENCE_S = 60.0
"""How long an answer may take before the second process counts as lost."""
_FAREWELL_S = 0.5


class Beside:
    """A process that reads a request, a line of JSON, and writes answers, lines of JSON too.

    It begins at once, so that what it imports is there when it is asked; it ends with the ``with`` block, or with the first process.
    """

    def __init__(self, module: str) -> None:
        """Begin it.

        Args:
            module: whose ``main`` is the work of the second process.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {module} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # A pipe holds little: a thread empties it, so that the second process never waits for the first.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.lost = False
        """Whether there will be no more answers."""

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any]) -> None:
        """Hand over a request; returns at once."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode("utf-8") + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # it has ended
            self.lost = True

    def answer(self) -> Any:
        """The next answer; None where there will be none."""
        if self.lost:
            return None
        try:
            return json.loads(self._answers.get(timeout=_PATIENCE_S))
        except (queue.Empty, ValueError):
            self.lost = True
            return None

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(b"")  # no JSON: it has ended

    def __enter__(self) -> "Beside":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(0 if kind is not None else _FAREWELL_S)

    def end(self, patience_s: float = 0) -> None:
        """End it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
