"""Which query a question asks for: the one whose wording shares most words with it and that is likeliest by what was learnt from questions.

Likeness is Dice's coefficient over words, each counting by how few queries use it (inverse document frequency): 2 × the weight of
the shared words ÷ the weight of both wordings. A word that no wording and no lexicon knows counts against every query, so a
question about something else is refused rather than read as the nearest thing. The chance of a query is that of the regression in
guess.py, among the queries whose arguments the question gives and none. The score is the weighted mean of both, less where none is likely.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from reporter.assistant.guess import NONE, class_name, guess, of_read
from reporter.assistant.queries import queries
from reporter.assistant.reading import Item, Named, Names, Read, Reader, common_terms, lexicon
from reporter.assistant.slots import BY_DEVICE, DEVICE_LABEL, fill
from reporter.assistant.view import View
from reporter.assistant.wording import Starts, canonical, fillers, guarded, load, phrases, stems, typed, weak

UNDERSTOOD = 0.45
"""Score from which a question counts as understood."""
UNDERSTOOD_STRANGE = 0.55
"""The same where some word of the question has no meaning here."""
NOTHING = 0.4
"""What is taken from every score where it is certain, by what was learnt, that no query is asked for."""
LEARNT = 0.4
"""Part of the score that is learnt from questions (guess.py); the rest is likeness to a way of asking."""
_STRANGE = 2.5
"""Weight of a word that has no meaning here."""


_WEAK = 0.8
"""Weight of an everyday word that no way of asking has."""
_FILLER = 0.08
"""Weight of a word that says nothing: it decides between ways that are alike in all else."""


_COVER = 0.2
"""Part of the score that the words of all ways of asking for a query have, beside the nearest of them."""
_BARE = frozenset(("customer", "load"))
_SAYS_LITTLE = 0.6
"""Factor where nothing is shared but words that stand in questions about anything."""
_UNFIT = 0.8
"""Factor where a query is no answer to the kind of question, such as a list to “how many”."""


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
    likeness: float = 1.0
    """Of the wording, before what was learnt from questions."""
    chance: float = 1.0
    """Learnt from questions: how likely it is this query, among those whose arguments are given."""


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
    (whole, begin), (alike, start) = _usable()
    given = canonical(_as_tokens(typed(stems(text), whole, begin)))
    return _as_tokens(phrases(given, alike, start))


@cache
def _usable() -> tuple[tuple[Mapping[tuple[str, ...], Any], Starts], tuple[Names, Starts]]:
    def usable(names: Names) -> Names:
        return {form: kinds for form, kinds in names.items() if "unknown" not in dict(kinds)}

    whole, alike = guarded(usable(lexicon().whole())), usable(lexicon().names())
    return (whole, Starts(whole)), (alike, Starts(alike))


def _as_tokens(found: Iterable[tuple[str, tuple[tuple[str, Any], ...] | None]]) -> list[str]:
    return [text if kinds is None else f"{kinds[0][0]}:{kinds[0][1]}" for text, kinds in found]


@cache
def weights() -> dict[str, float]:
    """Weight of each word of the ways: by how few queries use it."""
    groups: dict[str, set[tuple[Any, ...]]] = {}
    for way in ways():
        for word in way.words:
            groups.setdefault(word, set()).add((way.query, way.fixed))
    number = len({(way.query, way.fixed) for way in ways()})
    found = {word: 0.4 + math.log((1 + number) / (1 + len(among))) for word, among in groups.items()}
    return dict.fromkeys(weak(), _WEAK) | found | dict.fromkeys(fillers(), _FILLER)


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
    asked = any(item in read.items for item in ("what", "mean", "explain"))
    short = len(read.words()) <= 2 and not read.strange and (asked or len(read.items) == 1)
    return [word, "{term}"] if short and (word,) in common_terms() else [word]


@cache
def _heard(query: str, fixed: tuple[tuple[str, Any], ...]) -> frozenset[str]:
    """Every word of the ways of asking for a query."""
    return frozenset(word for way in ways() if (way.query, way.fixed) == (query, fixed) for word in way.words)


@dataclass(frozen=True)
class _Weighed:
    """An item of a question: what it may be matched as, and its weight."""

    tokens: tuple[str, ...]
    weight: float


def _weighed(read: Read, query: str) -> list[_Weighed]:
    return [
        _Weighed(
            tuple(_word_tokens(item, read) if isinstance(item, str) else _tokens(item, query)),
            _STRANGE if item in read.strange else _weight(item),
        )
        for item in read.items
    ]


@cache
def _weight_of(words: tuple[str, ...]) -> float:
    """Weight of a way of asking."""
    known = weights()
    return sum(known[word] for word in words)


def _alike(way: Way, items: list[_Weighed], whole: float) -> tuple[float, tuple[str, ...]]:
    """Dice's coefficient with items that weigh so much as a whole, and the words shared."""
    known = weights()
    left = list(way.words)
    shared, both = [], 0.0
    for item in items:
        for token in item.tokens:
            if token in left:
                left.remove(token)
                shared.append(token)
                both += (known[token] + item.weight) / 2
                break
    total = whole + _weight_of(way.words)
    return (2 * both / total if total else 0.0), tuple(shared)


def _covered(way: Way, items: list[_Weighed]) -> float:
    """Share of the question that some way of asking for the same has too."""
    heard = _heard(way.query, way.fixed)
    total = sum(item.weight for item in items)
    return sum(item.weight for item in items if not heard.isdisjoint(item.tokens)) / total if total else 0.0


def _unfit(query: str, read: Read) -> bool:
    """Whether the question's word for what it wants (how many, why, when) does not go with a query."""
    return any(
        word in read.items[:4] and query in never for word, never in load("phrases.toml")["never"].items()
    )


_TAKEN = {
    "segment": ("segment", "first", "second"), "customer": ("customer_id",), "program": ("program",), "check": ("check",), "test": ("test",),
    "percent": ("participation",), "money": ("budget",), "kw": ("goal_kw",), "people": ("customers_max", "count"), "reason": ("reason",),
}  # fmt: skip
"""Kind of what is named → the arguments that take it."""


def _unused(query: str, shared: tuple[str, ...], read: Read) -> int:
    """How many things are named that a query has no place for: what is asked of them is something else."""
    fields = queries()[query].arguments.model_fields
    named = [
        item
        for item in read.items
        if isinstance(item, Named) and any(kind in _TAKEN for kind, _ in item.kinds)
    ]
    segments = {item.value("segment") for item in named if item.value("segment")}
    places = sum(name in fields for name in _TAKEN["segment"])
    left = max(0, len(segments) - max(places, 1)) if len(segments) > 1 and "{segment}" in shared else 0
    return left + sum(
        all(kind in _TAKEN and not set(_TAKEN[kind]) & set(fields) for kind, _ in item.kinds)
        and not set(_tokens(item, query)) & set(shared)
        for item in named
    )


class Parser:
    """Maps questions about one run to queries."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.reader = Reader(view, {word for way in ways() for word in way.words if word.isalpha()})

    def matches(self, read: Read) -> list[Match]:
        """Queries whose arguments the question gives, best first; of each query and fixed arguments the best way."""
        nearest: dict[tuple[Any, ...], tuple[float, tuple[str, ...], Way]] = {}
        items: dict[bool, list[_Weighed]] = {
            by: _weighed(read, BY_DEVICE[0] if by else "") for by in (True, False)
        }
        whole = {by: sum(item.weight for item in weighed) for by, weighed in items.items()}
        for way in ways():
            by = way.query in BY_DEVICE
            score, shared = _alike(way, items[by], whole[by])
            key = (way.query, way.fixed)
            if key not in nearest or score > nearest[key][0]:
                nearest[key] = score, shared, way
        unfit = {}
        for key, (score, shared, way) in nearest.items():
            score = (1 - _COVER) * score + _COVER * _covered(way, items[way.query in BY_DEVICE])
            ill = _unfit(way.query, read) + _unused(way.query, shared, read)
            bare = len(read.items) > len(_BARE) and set(shared) <= _BARE | fillers()
            nearest[key] = score * _UNFIT**ill * (_SAYS_LITTLE if bare else 1.0), shared, way
            unfit[key] = _UNFIT**ill
        given = [
            (key, arguments)
            for key in nearest
            if (arguments := fill(key[0], dict(key[1]), read, self.view)) is not None
        ]
        chances = guess().chances(of_read(read), (NONE, *(class_name(*key) for key, _ in given)))
        best = []
        for key, arguments in given:
            likeness, shared, way = nearest[key]
            chance = chances.get(class_name(*key), 0.0)
            score = (1 - LEARNT) * likeness + LEARNT * chance * unfit[key] - NOTHING * chances.get(NONE, 0.0)
            best.append(Match(way, score, shared, arguments, likeness, chance))
        order = {name: place for place, name in enumerate(queries())}
        return sorted(best, key=lambda match: (-match.score, order[match.way.query]))
