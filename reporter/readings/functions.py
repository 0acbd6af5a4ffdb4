"""Functions of the engine that Ibis has no name for, declared."""

from datetime import datetime

import ibis


@ibis.udf.scalar.builtin(name="try_strptime")
def try_strptime(text: str, forms: list[str]) -> datetime:
    """A time read by the first form that fits, or null."""


@ibis.udf.scalar.builtin(name="make_timestamp")
def microseconds(count: int) -> datetime:
    """A time by microseconds since 1970."""


@ibis.udf.scalar.builtin(name="bit_count")
def bits_set(bits: int) -> int:
    """Number of bits set."""


@ibis.udf.agg.builtin(name="bit_or")
def bit_or(bits: int) -> int:
    """All bits that are set in any value."""


@ibis.udf.agg.builtin(name="bitstring_agg")
def bitstring(value: int, first: int, last: int) -> bytes:
    """A bit for each distinct value."""


@ibis.udf.scalar.builtin(name="bit_count")
def bitstring_count(bits: bytes) -> int:
    """Number of bits set in a bit string."""


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))
def hash_of(text: str) -> int:
    """A number for a text, the same within a run."""
