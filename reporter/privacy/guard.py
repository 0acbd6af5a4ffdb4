"""No id of a customer in what leaves the utility: the last look, whatever came before."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

_WORD = re.compile(r"[^\s\"'“”‘’`()\[\]{}<>,;:=]+")
_SHORTEST = 5
"""Characters from which an id can be told from a number in a sentence."""


class Ids:
    """The ids of all customers that were read."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = {text for value in ids if len(text := str(value)) >= _SHORTEST}

    def found_in(self, text: str) -> str | None:
        """An id that a text names as a word, or ``None``."""
        words = {word.strip(".!?…") for word in _WORD.findall(text)} | set(_WORD.findall(text))
        return next(iter(sorted(words & self._ids)), None)

    def found_within(self, value: Any) -> str | None:
        """The same in all texts of a result."""
        return next((found for text in _texts(value) if (found := self.found_in(text)) is not None), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
