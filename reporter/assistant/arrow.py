"""Columns of a table as numpy arrays, straight from their buffers.

``Array.to_numpy`` and ``pyarrow.compute`` load pandas, which takes longer than an answer may.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def floats(column: Any) -> NDArray[np.float64]:
    """(n,) numbers; NaN where there is none."""
    parts = [np.where(_there(array), _numbers(array), np.nan) for array in column.chunks]
    return np.concatenate(parts) if parts else np.zeros(0)


def codes(column: Any) -> tuple[list[str], NDArray[np.int64]]:
    """The different texts of a column, and (n,) which of them; −1 where there is none."""
    names: list[str] = []
    parts = []
    for array in column.chunks:
        array = array if hasattr(array, "indices") else array.dictionary_encode()
        own = array.dictionary.to_pylist()
        names += [name for name in own if name not in names]
        place = np.array([names.index(name) for name in own] + [-1], dtype=np.int64)
        parts.append(place[np.where(_there(array.indices), _numbers(array.indices), -1).astype(np.int64)])
    return names, np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _numbers(array: Any) -> NDArray[Any]:
    """What stands in the buffer of an array of numbers; zeros where all is missing and nothing stands there."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array))
    kind = np.dtype(array.type.to_pandas_dtype())
    return np.frombuffer(buffer, dtype=kind)[array.offset : array.offset + len(array)]


def _there(array: Any) -> NDArray[np.bool_]:
    """(n,) which values there are."""
    bits = array.buffers()[0]
    if bits is None or not array.null_count:
        return np.ones(len(array), dtype=np.bool_)
    given = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return given[array.offset : array.offset + len(array)].astype(np.bool_)
