"""What only some engines count fast, each in two ways that give the same: bit strings where there are, else words of 62 bits.

A customer's readings are a bit for each distinct stamp. DuckDB sets the bits of a customer in one aggregate; elsewhere customers and
words are grouped (rows: customers × stamps ÷ 62), and 62 bits fit into every engine's whole numbers, whatever their sign.
"""

from collections.abc import Iterator
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.readings.engine import Engine
from reporter.readings.functions import bitstring, bitstring_count
from reporter.readings.presence import Bits, unpack

_BITS = 2_000_000_000
"""Most bits of distinct stamps of customers that are counted together: 250 MB."""

_WORD = 62
_CELLS = 100_000_000
"""Most customers × stamps whose words are spread at once: 100 MB."""


def counted(
    table: Any, wanted: dict[str, Any], customers: int, stamps: int, engine: Engine
) -> Iterator[tuple[pd.DataFrame, Bits]]:
    """Aggregates by customer with the bits of its stamps, some customers at a time.

    Args:
        table: readings, with ``code`` and ``stamp_slot``.
        wanted: aggregates of it, by name.
        customers: number of codes.
        stamps: number of distinct stamps.
        engine: runs the passes.

    Yields:
        The aggregates (index: code), and (customers, bytes) a bit for each stamp, the first in the highest bit of the first byte; of the
        customers of a block that have readings.
    """
    if engine.remote:
        yield from _by_words(table, wanted, stamps, engine)
        return
    step = max(1, _BITS // stamps)
    strings = {**wanted, "bits": bitstring(table.stamp_slot, 0, stamps - 1)}
    for begin in range(0, customers, step):
        chosen = table if step >= customers else table.filter(table.code.between(begin, begin + step - 1))
        frame = engine.frame(chosen.group_by("code").aggregate(**strings)).set_index("code")
        yield frame, unpack(frame.pop("bits"), stamps)


def distinct(value: Any, first: int, last: int, engine: Engine) -> Any:
    """Exact number of distinct whole numbers in [first, last]; on this machine in memory that does not grow with the readings."""
    return value.nunique() if engine.remote else bitstring_count(bitstring(value, first, last))


def _by_words(
    table: Any, wanted: dict[str, Any], stamps: int, engine: Engine
) -> Iterator[tuple[pd.DataFrame, Bits]]:
    frame = engine.frame(table.group_by("code").aggregate(**wanted)).set_index("code").sort_index()
    bit = ibis.literal(1).cast("int64") << (table.stamp_slot % _WORD).cast("int64")
    words = table.group_by(["code", (table.stamp_slot // _WORD).cast("int32").name("word")]).aggregate(
        bits=bit.bit_or()
    )
    packed = np.zeros((len(frame), -(-stamps // 8)), dtype=np.uint8)
    codes = frame.index.to_numpy()
    for batch in engine.batches(words, len(frame) * -(-stamps // _WORD)):
        code, word, bits = (
            batch[name].to_numpy(zero_copy_only=False).astype("int64") for name in ("code", "word", "bits")
        )
        order = np.argsort(code, kind="stable")
        row = np.searchsorted(codes, code[order])
        step = max(1, _CELLS // stamps)
        for first in range(0, len(frame), step):
            inside = slice(*np.searchsorted(row, (first, first + step)))
            if inside.start < inside.stop:
                chosen = order[inside]
                part = packed[first : first + step]
                part |= _spread(row[inside] - first, word[chosen], bits[chosen], len(part), stamps)
    yield frame, packed


def _spread(
    row: NDArray[np.int64], word: NDArray[np.int64], bits: NDArray[np.int64], rows: int, stamps: int
) -> Bits:
    """Words in their places: (rows, bytes)."""
    there = np.zeros((rows, -(-stamps // _WORD), _WORD), dtype=np.uint8)
    little = np.ascontiguousarray(bits.astype("<i8")).view(np.uint8).reshape(-1, 8)
    there[row, word] = np.unpackbits(little, axis=1, bitorder="little")[:, :_WORD]
    packed: NDArray[Any] = np.packbits(there.reshape(rows, -1)[:, :stamps], axis=1)
    return packed
