"""Sentences that code writes, in another language: a table of phrases from the theme."""

import re
from functools import lru_cache

Phrases = tuple[tuple[str, str], ...]
"""English as code writes it, with ``{}`` for what varies → what stands in its place, with ``{}``, or ``{0}``, ``{1}`` in another order."""

_HOLE = re.compile(r"\{(\d*)\}")
_SENTENCES = re.compile(r"(?<=[.!?])(\s+)")
_SPACE = re.compile(r"[ \t\n]+")
_ENDS = ".!?"
_VARIES = r"((?:(?![.!?] ).)+?)"
"""A part of a sentence: it never runs on into the next."""


def translated(text: str, phrases: Phrases) -> str:
    """A text by the table: whole where a phrase fits all of it, else sentence by sentence; what no phrase fits stays."""
    if not phrases or not text.strip():
        return text
    whole = _by_table(text, phrases)
    if whole is not None:
        return whole
    return "".join(_by_table(part, phrases) or part for part in _SENTENCES.split(text))


def holes(text: str) -> list[int]:
    """Which of the parts that vary a text names, by their place."""
    return [int(name) if name else place for place, name in enumerate(_HOLE.findall(text))]


def _by_table(text: str, phrases: Phrases) -> str | None:
    bare = _SPACE.sub(" ", text).strip(" \n\t")
    end = bare[-1] if bare and bare[-1] in _ENDS else ""
    for candidate, tail in ((bare.removesuffix(end), end), (bare, "")):
        for pattern, said in _patterns(phrases):
            found = pattern.fullmatch(candidate)
            if found:
                return _filled(said, found.groups()) + tail
    return None


def _filled(said: str, parts: tuple[str, ...]) -> str:
    places = iter(holes(said))
    return _HOLE.sub(lambda _: parts[next(places)], said)


@lru_cache(maxsize=8)
def _patterns(phrases: Phrases) -> list[tuple[re.Pattern[str], str]]:
    """The longest first, so that the more particular phrase is taken."""
    ranked = sorted(phrases, key=lambda pair: (-len(pair[0]), pair[0]))
    return [
        (re.compile(_VARIES.join(re.escape(_SPACE.sub(" ", part)) for part in english.split("{}"))), said)
        for english, said in ranked
    ]
