"""Work on one part after another by several threads, results in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - Linux has it
        return os.cpu_count() or 1


def how_many(threads: int | None) -> int:
    """The setting ``running.threads``, or all cores."""
    return threads or cores()


def in_order(work: Callable[[Part], Result], parts: Iterable[Part], threads: int) -> Iterator[Result]:
    """What the work gives for each part, in order of the parts; no more of them are there at once than threads need.

    Args:
        work: lets others go on while it computes, as numpy does.
        parts: made one by one, when there is a thread for them.
        threads: most that work at once.
    """
    remaining = iter(parts)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque(
            pool.submit(work, part) for part in islice(remaining, 2 * threads)
        )
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, part) for part in islice(remaining, 1))
                yield result
        finally:
            # Whoever stops waits for what is under way, and for no more.
            pool.shutdown(cancel_futures=True)


def ahead(parts: Iterable[Part], threads: int) -> Iterator[Part]:
    """The same parts, each made while the one before it is worked on, where there is a thread for that."""
    if threads < 2:
        yield from parts
        return
    remaining, end = iter(parts), object()
    with ThreadPoolExecutor(1) as pool:
        following: Future[Part | object] = pool.submit(next, remaining, end)
        while (part := following.result()) is not end:
            following = pool.submit(next, remaining, end)
            yield part  # type: ignore[misc]
