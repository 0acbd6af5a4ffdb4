"""Which query a question asks for: the one whose wording shares most words with it, and how that was found.

The score is Dice's coefficient over words, each counting by how few queries use it (inverse document frequency): 2 × the weight of
the shared words ÷ the weight of both wordings. A word that no wording and no lexicon knows counts against every query, so a
question about something else is refused rather than read as the nearest thing.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from reporter.assistant.queries import queries
from reporter.assistant.reading import Item, Named, Read, Reader, common_terms, lexicon
from reporter.assistant.slots import BY_DEVICE, DEVICE_LABEL, fill
from reporter.assistant.view import View
from reporter.assistant.wording import canonical, fillers, load, phrases, stems

UNDERSTOOD = 0.5
"""Score from which a question counts as understood."""
UNDERSTOOD_STRANGE = 0.65
"""The same where some word of the question has no meaning here."""
_STRANGE = 2.5
"""Weight of a word that has no meaning here."""


_FILLER = 0.08
"""Weight of a word that says nothing: it decides between ways that are alike in all else."""


@dataclass(frozen=True)
class Way:
    """A way of asking for a query."""

    query: str
    fixed: tuple[tuple[str, Any], ...]
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A query that a question may ask for."""

    way: Way
    score: float
    shared: tuple[str, ...]
    arguments: dict[str, Any]


@cache
def ways() -> tuple[Way, ...]:
    """All ways of asking, as words."""
    found = []
    for group in load("phrases.toml")["ways"]:
        fixed = tuple(group.get("with", {}).items())
        found += [Way(group["query"], fixed, text, tuple(_literal(text))) for text in group["say"]]
    return tuple(found)


def _literal(text: str) -> list[str]:
    """Words of a way of asking: fillers dropped, named things by kind and value."""
    given, names = canonical(stems(text)), lexicon()
    usable = {form: kinds for form, kinds in names.items() if "unknown" not in dict(kinds)}
    longest = max(map(len, usable))
    return [
        text if kinds is None else f"{kinds[0][0]}:{kinds[0][1]}"
        for text, kinds in phrases(given, usable, longest)
    ]


@cache
def weights() -> dict[str, float]:
    """Weight of each word of the ways: by how few queries use it."""
    groups: dict[str, set[tuple[Any, ...]]] = {}
    for way in ways():
        for word in way.words:
            groups.setdefault(word, set()).add((way.query, way.fixed))
    number = len({(way.query, way.fixed) for way in ways()})
    found = {word: 0.4 + math.log((1 + number) / (1 + len(among))) for word, among in groups.items()}
    return found | dict.fromkeys(fillers(), _FILLER)


def _weight(item: Item) -> float:
    known = weights()
    if isinstance(item, str):
        return known.get(item, 1.0)
    return max(known.get(token, 0.8) for token in _tokens(item))


def _tokens(item: Named, query: str = "") -> list[str]:
    found = [token for kind, value in item.kinds for token in (f"{kind}:{value}", f"{{{kind}}}")]
    # “What do we offer solar homes?” means a segment by its device.
    return [*found, "{segment}"] if query in BY_DEVICE and item.value("device") in DEVICE_LABEL else found


def _word_tokens(word: str, read: Read) -> list[str]:
    """A word; one that is also a term of the glossary, as that too where little else is said."""
    short = len(read.words()) <= 2 and not read.strange
    return [word, "{term}"] if short and (word,) in common_terms() else [word]


def _score(way: Way, read: Read) -> tuple[float, tuple[str, ...]]:
    known = weights()
    left = Counter(way.words)
    shared, both = [], 0.0
    mine = sum(_STRANGE if item in read.strange else _weight(item) for item in read.items)
    for item in read.items:
        for token in _word_tokens(item, read) if isinstance(item, str) else _tokens(item, way.query):
            if left[token]:
                left[token] -= 1
                shared.append(token)
                both += (known[token] + _weight(item)) / 2
                break
    theirs = sum(known[word] for word in way.words)
    return (2 * both / (mine + theirs) if mine + theirs else 0.0), tuple(shared)


class Parser:
    """Maps questions about one run to queries."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.reader = Reader(view, {word for way in ways() for word in way.words if word.isalpha()})

    def matches(self, read: Read) -> list[Match]:
        """Queries whose arguments the question gives, best first; of each query and fixed arguments the best way."""
        best: dict[tuple[Any, ...], Match] = {}
        for way in ways():
            score, shared = _score(way, read)
            if not shared:
                continue
            key = (way.query, way.fixed)
            if key in best and best[key].score >= score:
                continue
            arguments = fill(way.query, dict(way.fixed), read, self.view)
            if arguments is not None:
                best[key] = Match(way, score, shared, arguments)
        order = {name: place for place, name in enumerate(queries())}
        return sorted(best.values(), key=lambda match: (-match.score, order[match.way.query]))
