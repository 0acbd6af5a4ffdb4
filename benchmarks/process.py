"""What a process takes."""

import os
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Of a process and those that it began."""

    seconds: float
    cpu: float
    """Processor time [s]."""
    gigabytes: float
    """Peak memory of the largest of them [GB]."""
    status: int
    """Exit status."""


def run(*arguments: str, quiet: bool = False) -> Took:
    """Run this Python with some arguments; ``quiet``: without its standard output."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)] if quiet else []
    started = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    return Took(
        time.perf_counter() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1e6,
        os.waitstatus_to_exitcode(status),
    )
