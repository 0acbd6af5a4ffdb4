"""How likely each query is, from the words of a question: a multinomial logistic regression (Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x).

It is fitted by ``scripts/fit_questions.py`` to the ways of asking in ``phrases.toml`` and to the development questions in the tests, and its weights are
data, in ``guess.json``. What it weighs are the words of a question as ``reading.py`` reads them, pairs of words that follow each other, and pieces
of words of three to five letters, by which it knows “mailings” from “mail”. One of its classes is that no query is asked for.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from reporter.assistant.reading import Item, Read

WEIGHTS = Path(__file__).with_name("guess.json")
SCALE = 20
"""Weights are whole numbers of a twentieth."""
NONE = ""
"""The class of questions that no query answers."""
_PIECES = (3, 4, 5)


def item_tokens(item: Item) -> list[str]:
    """What an item of a question is: a word, or by its kinds what is named; of a kind with a fixed set of values, the value too."""
    if isinstance(item, str):
        return [item]
    named = [f"{{{kind}}}" for kind, _ in item.kinds]
    return named + [f"{kind}:{value}" for kind, value in item.kinds if kind in _CLOSED]


_CLOSED = frozenset(("metric", "device", "figure", "check", "strategy", "reason", "test", "program"))


def features(tokens: Iterable[Sequence[str]], plain: Sequence[str]) -> Counter[str]:
    """What is weighed, and how often it occurs.

    Args:
        tokens: the items of a question, each by ``item_tokens``.
        plain: its words as stems, ``{kind}`` for what is named.
    """
    found: Counter[str] = Counter()
    given = list(tokens)
    found.update(f"w={token}" for item in given for token in item)
    heads = ["^", *(item[0] for item in given), "$"]
    found.update(f"b={left} {right}" for left, right in pairwise(heads))
    found.update(f"s={word}" for word in plain)
    ends = ["^", *plain, "$"]
    found.update(f"t={left} {right}" for left, right in pairwise(ends))
    for word in plain:
        if not word.startswith("{"):
            whole = f"_{word}_"
            found.update(
                f"c={whole[start : start + size]}"
                for size in _PIECES
                for start in range(len(whole) - size + 1)
            )
    return found


def of_read(read: Read) -> Counter[str]:
    """The features of a question as read."""
    return features((item_tokens(item) for item in read.items), read.plain)


@dataclass(frozen=True)
class Guess:
    """The regression as fitted."""

    classes: tuple[str, ...]
    """Names of the classes (``class_name``)."""
    rows: dict[str, tuple[float, list[int]]]
    """Of each feature its inverse document frequency, and its weights: the place of a class and the weight, in turn."""
    intercepts: tuple[float, ...]
    """(classes,) of each class."""

    def scores(self, found: Counter[str]) -> list[float]:
        """(classes,) log-odds, less a constant, for the features of a question."""
        known = {
            name: (1 + math.log(times)) * self.rows[name][0]
            for name, times in found.items()
            if name in self.rows
        }
        length = math.sqrt(sum(value * value for value in known.values())) or 1.0
        total = list(self.intercepts)
        for name, value in known.items():
            row = self.rows[name][1]
            times = value / length / SCALE
            for place, weight in zip(row[::2], row[1::2], strict=True):
                total[place] += weight * times
        return total

    def chances(self, found: Counter[str], among: Iterable[str]) -> dict[str, float]:
        """The probability of each class of those that can be, which is nought for all others."""
        scores = self.scores(found)
        places = {name: place for place, name in enumerate(self.classes)}
        kept = [name for name in among if name in places]
        if not kept:
            return {}
        values = [scores[places[name]] for name in kept]
        most = max(values)
        odds = [math.exp(value - most) for value in values]
        whole = sum(odds)
        return {name: value / whole for name, value in zip(kept, odds, strict=True)}


def class_name(query: str, fixed: Iterable[tuple[str, object]]) -> str:
    """The class of a query with fixed arguments."""
    return " ".join([query, *(f"{name}={value}" for name, value in fixed)])


def restored(stored: dict[str, Any]) -> Guess:
    """The regression from what the file holds."""
    rows = {name: (rare / 100, row) for name, (rare, row) in stored["features"].items()}
    return Guess(tuple(stored["classes"]), rows, tuple(value / SCALE for value in stored["intercepts"]))


@cache
def guess() -> Guess:
    """The regression of ``guess.json``."""
    return restored(json.loads(WEIGHTS.read_text(encoding="utf-8")))
