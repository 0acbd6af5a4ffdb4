"""Progress on stderr: a line that counts on a terminal, plain lines in a log, JSON lines for a scheduler."""

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from reporter.stages import Event, Progress, peak_memory_mb
from reporter.stages import quiet as nothing

_LOG_S = 60.0
"""A log gets a line this often within a long stage [s]."""
_SURE = 0.25
"""Share that must be done before the time left is told."""


def progress(quiet: bool, *, as_json: bool = False) -> Progress:
    """A function that tells progress on stderr."""
    if quiet:
        return nothing
    if as_json:
        return _Teller(_json_line, _LOG_S)
    return _Teller(_terminal_line, 1.0) if sys.stderr.isatty() else _Teller(_log_line, _LOG_S)


def announce(quiet: bool) -> Callable[[str], None]:
    """A function that says what is done next, where that is no stage."""
    return (lambda _: None) if quiet else (lambda message: _write(f"{message} …\n"))


@dataclass
class _Teller:
    """Tells each event, and at intervals that a stage is still going on."""

    line: Callable[[Event, bool], str]
    """An event, and whether its stage is still going on → what is written."""
    interval_s: float
    _ended: threading.Event | None = None

    def __call__(self, event: Event) -> None:
        if self._ended is not None:
            self._ended.set()
            self._ended = None
        _write(self.line(event, False))
        if event.event == "start":
            self._ended = threading.Event()
            threading.Thread(target=self._go_on, args=(event, self._ended), daemon=True).start()

    def _go_on(self, event: Event, ended: threading.Event) -> None:
        began = time.perf_counter()
        while not ended.wait(self.interval_s):
            past = round(time.perf_counter() - began, 3)
            now = replace(
                event, seconds=past, elapsed=round(event.elapsed + past, 3), peak_memory_mb=peak_memory_mb()
            )
            _write(self.line(now, True))


def _write(text: str) -> None:
    if text:
        sys.stderr.write(text)
        sys.stderr.flush()


def _json_line(event: Event, running: bool) -> str:
    content = {**asdict(event), **({"event": "running"} if running else {})}
    return json.dumps(content, ensure_ascii=False) + "\n"


def _log_line(event: Event, running: bool) -> str:
    if running:
        return f"{event.message} … {_time(event.seconds or 0)} so far\n"
    return f"{event.message} …\n" if event.event == "start" else ""


def _terminal_line(event: Event, running: bool) -> str:
    """One line a stage, written over until the stage ends."""
    said = f"\r\x1b[K{event.share:4.0%}  {event.message}"
    if event.event == "start":
        left = event.elapsed * (1 - event.share) / event.share if event.share >= _SURE else None
        rest = f", about {_time(left)} left" if left is not None else ""
        return f"{said} … {_time(event.seconds or 0)}{rest}" if running else f"{said} …"
    if event.event == "stopped":
        return "\r\x1b[K"
    memory = f", {event.peak_memory_mb:,} MB at most" if event.peak_memory_mb else ""
    return f"{said}: {_time(event.seconds or 0)}{memory}\n"


def _time(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60} min"
