"""Arrays too large for memory: in a file of the engine's folder that goes with the run."""

import mmap
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reporter.errors import DataError


class NoRoomError(DataError):
    """The disk has no room for an array."""


IN_MEMORY = 500_000_000
"""Most bytes of an array that is held in memory."""


def zeros(folder: Path, shape: tuple[int, ...], dtype: Any, *, in_memory: int = IN_MEMORY) -> NDArray[Any]:
    """Zeros, in memory or in a file.

    Args:
        folder: for the file.
        shape: of the array.
        dtype: of the array.
        in_memory: most bytes held in memory.

    Raises:
        NoRoomError: the disk has no room for it.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size <= in_memory:
        return np.zeros(shape, dtype=dtype)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            # A disk that is too full must say so now: later it could only end the process.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, dtype=dtype, mode="w+", shape=shape)
    except OSError as error:
        raise NoRoomError(
            f"{folder.parent}: there is no room for {size / 1e9:.1f} GB of temporary readings ({error.strerror}); "
            "free some space, set TMPDIR to a larger disk, or lower technology.customers."
        ) from error


def release(array: NDArray[Any]) -> None:
    """Give back the memory of a file's pages; they stay in the file."""
    pages = getattr(array, "_mmap", None)
    if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
        pages.madvise(mmap.MADV_DONTNEED)
