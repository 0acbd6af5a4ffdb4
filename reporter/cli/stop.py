"""Ctrl-C and the polite end (SIGTERM): stop where we are, tidy up, and be gone within two seconds."""

import os
import signal
import socket
import sys
import threading
import time
from types import FrameType

from reporter import scratch

_WHOLE = frozenset(("generate", "demo", "compare"))
"""Commands that write a folder whole or not at all; others put file after file."""
_PATIENCE_S = 1.4
"""How long work may take to stop by itself: native code hears nothing before it returns."""


def watch() -> list[int]:
    """A list that is empty until a signal to stop comes; then the signal's number is in it."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        # A second one would only break off the tidying up.
        if not came:
            came.append(number)
            raise KeyboardInterrupt

    # In the background of a shell Ctrl-C is ignored, and stays so.
    watched: list[int] = [
        s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not signal.SIG_IGN
    ]
    for number in watched:
        signal.signal(number, note)
    if watched and os.name == "posix":
        _watch_the_clock(watched)
    return came


def sentence() -> str:
    """What is said at the end of a command that was stopped."""
    return "stopped; nothing was written." if _WHOLE & set(sys.argv[1:2]) else "stopped."


def status(came: list[int]) -> int:
    """Exit status as shells have it: 130 after Ctrl-C, 143 after SIGTERM."""
    return 128 + (came[0] if came else signal.SIGINT)


def _watch_the_clock(watched: list[int]) -> None:
    """End the process from a thread where it has not ended by itself.

    Python tells a signal to its handler only between two of its own instructions. The number of the signal is written to this pair of
    sockets at once, whatever native code is running.
    """
    hear, tell = socket.socketpair()
    hear.setblocking(True)
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        with tell:
            while (number := hear.recv(1)) and number[0] not in watched:
                pass
            if not number:
                return
            time.sleep(_PATIENCE_S)
            scratch.give_back_all()
            sys.stderr.write(f"reporter: {sentence()}\n")
            sys.stderr.flush()
            os._exit(128 + number[0])

    threading.Thread(target=wait, daemon=True, name="stop").start()
