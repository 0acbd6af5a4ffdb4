"""Stages of a job as they begin and end: what progress is told from, and the seconds that the manifest keeps."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

try:
    import resource
except ImportError:  # pragma: no cover - Windows does not tell it this way
    resource = None  # type: ignore[assignment]

_WEIGHTS = {"readings": 30, "profiles": 15, "technology": 15, "segments": 15, "report": 25}
"""Usual parts of the time of a run [%]; stages that are not named take about a twentieth."""
_WEIGHT = 5


@dataclass(frozen=True)
class Event:
    """A stage that begins, has ended, or was broken off."""

    event: Literal["start", "end", "stopped"]
    stage: str
    message: str
    share: float
    """Share of the whole job that is done, by the usual times of stages, 0–1."""
    elapsed: float
    """Since the job began [s]."""
    seconds: float | None = None
    """That the stage took [s]; none at its start."""
    peak_memory_mb: int | None = None
    """Most memory of the process so far [MB]; none where the system does not tell."""


Progress = Callable[[Event], None]


def quiet(_: Event) -> None:
    """Progress that nobody wants to see."""


@dataclass
class Clock:
    """Tells progress and keeps the seconds that each stage took."""

    progress: Progress
    planned: Iterable[str]
    """Stages that will come, so that the share that is done can be told."""
    seconds: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str, message: str) -> Iterator[None]:
        """Time a stage."""
        self.progress(self._event("start", name, message))
        started = time.perf_counter()
        try:
            yield
        except BaseException:
            self.progress(self._event("stopped", name, message, time.perf_counter() - started))
            raise
        self.seconds[name] = round(time.perf_counter() - started, 3)
        self.progress(self._event("end", name, message, self.seconds[name]))

    def _event(
        self,
        event: Literal["start", "end", "stopped"],
        name: str,
        message: str,
        seconds: float | None = None,
    ) -> Event:
        elapsed = time.perf_counter() - self._began
        return Event(event, name, message, self._share(), round(elapsed, 3), seconds, peak_memory_mb())

    def _share(self) -> float:
        planned = {*self.planned, *self.seconds}
        done = sum(_WEIGHTS.get(name, _WEIGHT) for name in self.seconds)
        return round(done / max(1, sum(_WEIGHTS.get(name, _WEIGHT) for name in planned)), 3)


def peak_memory_mb() -> int | None:
    """Most memory that this process has had so far [MB]."""
    if resource is None:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on a Mac.
    return round(most / (1e6 if sys.platform == "darwin" else 1e3))
