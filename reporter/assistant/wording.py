"""Words of questions: one form for words of like meaning, and the typos mended."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_HERE = Path(__file__).parent
_CONTRACTED = {"can't": "can not", "cannot": "can not", "won't": "will not", "n't": " not", "what's": "what is", "who's": "who is", "where's": "where is", "how's": "how is", "when's": "when is", "it's": "it is", "that's": "that is", "let's": "let us", "’": "'"}  # fmt: skip
_TYPED = {"hwo": "how", "hw": "how", "teh": "the", "waht": "what", "wat": "what", "wut": "what", "wich": "which", "whcih": "which", "u": "you", "ur": "your", "wht": "what", "hte": "the", "adn": "and", "fo": "of", "whats": "what's", "wheres": "where", "hows": "how", "whos": "who", "dont": "not", "doesnt": "not", "didnt": "not", "arent": "not", "isnt": "not", "cant": "not", "wont": "not"}  # fmt: skip
"""Short words as people type them: too short to mend by likeness."""
_SLOT = re.compile(r"\{([a-z]+)\}")


@cache
def load(name: str) -> dict[str, Any]:
    """A TOML file of this room."""
    with (_HERE / name).open("rb") as stream:
        return tomllib.load(stream)


@cache
def words() -> dict[str, Any]:
    """``words.toml``."""
    return load("words.toml")


@cache
def stem(word: str) -> str:
    """A word without the endings that matter least: plural, possessive, -ing, -ed and a mute e."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if len(word) - len(ending) >= 4 and word.endswith(ending):
            word = word.removesuffix(ending)
            # “stopped”, “planning”: the doubled letter goes too.
            return word[:-1] if word[-1] == word[-2] and word[-1] not in "lsz" else word
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def tokens(text: str) -> list[str]:
    """Words of a text in lower case: contractions written out, marks dropped, ``{slots}`` kept."""
    text = text.casefold().replace("\u2019", "'")
    for short, full in _CONTRACTED.items():
        text = text.replace(short, full)
    found = re.findall(r"\{[a-z]+\}|[^\W_]+(?:[._'][^\W_]+)*", text.replace("-", " "))
    return [_TYPED.get(word, word) for word in found]


_ARTICLES = frozenset(("a", "an", "the", "its", "their", "our", "your", "my", "his"))


def stems(text: str) -> list[str]:
    """Stems of a text without articles."""
    return [word if is_slot(word) else stem(word) for word in tokens(text) if word not in _ARTICLES]


class Starts(dict[str, int]):
    """By the first word of what is known: of how many words the longest is that begins so."""

    def __init__(self, *known: Iterable[tuple[str, ...]]) -> None:
        super().__init__()
        for forms in known:
            for form in forms:
                if form:
                    self[form[0]] = max(len(form), self.get(form[0], 0))


@cache
def _same() -> dict[tuple[str, ...], str]:
    """Words, as stems, → the one that stands for them."""
    found: dict[tuple[str, ...], str] = {}
    for canonical, forms in words()["same"].items():
        for form in (canonical, *forms):
            found.setdefault(tuple(stems(form)), canonical)
    return found


@cache
def _starts() -> Starts:
    return Starts(_same())


def is_same(form: tuple[str, ...]) -> bool:
    """Whether stems are one of the wordings of a word, rather than what something is called."""
    return form in _same()


def guarded(named: Mapping[tuple[str, ...], T]) -> dict[tuple[str, ...], T | None]:
    """What can be named as typed, with the wordings of words as nothing: “virtual power plant” is not cut for the “power plant” in it."""
    return {**{form: None for form in _same() if len(form) > 1}, **named}


def typed(
    given: list[str], known: Mapping[tuple[str, ...], T | None], starts: Starts
) -> Iterator[tuple[str, T | None]]:
    """As ``phrases``, of what can be named as typed (``guarded``)."""
    for text, value in phrases(given, known, starts):
        yield from ((word, None) for word in text.split()) if value is None else [(text, value)]


@cache
def fillers() -> frozenset[str]:
    """Stems of words that say nothing here."""
    found = frozenset(stem(word) for word in tokens(words()["filler"]["words"]))
    return found - {key[0] for key in _same() if len(key) == 1} | {"polite"}


@cache
def weak() -> frozenset[str]:
    """Stems of everyday words that say little here: a question may hold them, and is not about them."""
    found = frozenset(stem(word) for word in tokens(words()["weak"]["words"]))
    return found - {key[0] for key in _same() if len(key) == 1} - fillers()


def phrases(
    given: Sequence[str], known: Mapping[tuple[str, ...], T], starts: Starts
) -> Iterator[tuple[str, T | None]]:
    """The words of a list from the left, those that are known together as one: their text, and what they are known as."""
    place = 0
    while place < len(given):
        length, value = 1, None
        for more in range(min(starts.get(given[place], 0), len(given) - place), 0, -1):
            key = tuple(given[place : place + more])
            if key in known:
                length, value = more, known[key]
                break
        yield " ".join(given[place : place + length]), value
        place += length


def canonical(given: list[str]) -> list[str]:
    """Stems with words of like meaning replaced by one, the longest first."""
    return [text if same is None else same for text, same in phrases(given, _same(), _starts())]


@cache
def meant() -> frozenset[str]:
    """Every stem that has a meaning here: what a typo may be mended to."""
    found = {word for form in _same() for word in form} | set(fillers()) | set(weak())
    for table in ("metric", "device", "strategy", "figure", "check", "reason", "label", "test"):
        found.update(word for forms in words()[table].values() for form in forms for word in stems(form))
    return frozenset(found)


@cache
def vocabulary() -> frozenset[str]:
    """Every stem that is known here, those of what no run holds among them."""
    return meant() | {word for forms in words()["unknown"].values() for form in forms for word in stems(form)}


def is_slot(token: str) -> bool:
    """Whether a token stands for something named."""
    return bool(_SLOT.fullmatch(token))
