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
