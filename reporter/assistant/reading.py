"""A question → its words, with what it names put in their place: segments, figures of a segment, numbers with units, customers.

What is named is found before a word of the question is weighed, so the text of a title or an id is never read as a question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from reporter.assistant.titles import plain, programs
from reporter.assistant.view import View
from reporter.assistant.wording import (
    Starts,
    canonical,
    fillers,
    guarded,
    is_same,
    meant,
    phrases,
    stems,
    typed,
    vocabulary,
    words,
)

_PEOPLE = "customers?|homes?|households?|meters?|offers?|letters?|calls?|targets?|people|accounts?|invitations?|names|mailings?|contacts?|enrolments?|participants"
_COUNTED = re.compile(r"(?<![\w.])(\d[\d,]*\s+)([a-z]{7,})\b", re.IGNORECASE)
_COUNTABLE = (
    "customers",
    "households",
    "accounts",
    "letters",
    "contacts",
    "mailings",
    "invitations",
    "enrolments",
    "participants",
)
_MONEY = "dollars?|usd|euros?|eur|pounds?|gbp|bucks|francs?|chf|aud|cad"
_NUMBER = re.compile(
    rf"(?P<currency>[$€£])?\s*(?<![\w.])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*(?P<scale>k|m|thousand|million)?(?![\w.]*\d)\s*"
    rf"(?P<unit>kw|mw|gw|kilowatts?|megawatts?|%|percent|per\s+cent|pct|{_MONEY}|(?:more\s+|other\s+|best\s+)?(?:{_PEOPLE})|(?=\W|$))(?!\w)",
    re.IGNORECASE,
)
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_TIMES = re.compile(
    r"\b\d{1,2}:\d{2}\b|\b\d{1,2}\s*(?:am|pm|a\.m\.|p\.m\.|o'?clock)(?!\w)|\b\d{4}-\d{2}-\d{2}\b"
    r"|(?<![\w.,$€£])(?:19[5-9]\d|200[1-9]|20[1-6]\d)\b(?!\s*(?:kw|mw|kilowatts?|dollars?|euros?|pounds?|usd|offers|customers|homes|households|letters|people|accounts|calls|contacts|enrolments)\b|[\d.,]*\d)"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTHS}\b|\b{_MONTHS}\s+\d{{1,2}}\b|\b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b"
    r"|\b(?:on|last|next|this)\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:yesterday|right\s+now|at\s+noon|at\s+midnight|last\s+(?:night|week|month)|this\s+(?:morning|week)|christmas|new\s+year'?s)\b",
    re.IGNORECASE,
)
"""A moment: an hour, a day, a year. Words such as “offers” after it make it a number."""
_OCCASION = re.compile(
    r"\b(?:asking\s+for|asked\s+by|to\s+tell|explain\s+to|for|before|at|in|by)\s+(?:(?:the|my|our|a|an|their)\s+)?(?:[a-z]+\s+)?(?:ceo|cfo|coo|cto|chair|chairman|chairwoman|president|minister|mayor|auditors?|lawyers?|finance|legal|filing|interview|newsletter|hearing|meeting|call|presentation|workshop|board|review|visit|lunch|slides?|boss|director|team|committee|council|commission|commissioners|management|executives|press\s+release|memo|colleagues?)(?:\s+(?:on|this|next|tomorrow)\s*(?:[a-z]+day)?)?(?=\W|$)",
    re.IGNORECASE,
)
"""What the asker needs the answer for."""
_WHO_ASKS = re.compile(
    r"^\s*(?:we|i)\s*(?:are|am|'re|'m)\s+(?:an?|the|from|with)\s+[^,.;?]{1,50}?(?:,|\s+and)\s+(?:we\s+|i\s+)?(?:would\s+like|want|need|wish)(?:\s+to\s+(?:know|learn|hear|understand))?|^\s*my\s+[a-z]+\s+(?:would\s+like|wants|needs|asks|asked)\s+(?:for\s+|to\s+know\s+)?",
    re.IGNORECASE,
)
"""Who asks, and that they ask."""
_DO_IT = re.compile(
    r"^\s*(?:please\s+)?(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:call|phone|ring|e-?mail|mail|send|print|book|order|fix|delete|remove|update|install|schedule|pay|visit|contact)\b",
    re.IGNORECASE,
)
"""Something to be done, where only answers are given."""
_QUARTER = re.compile(r"\b(?:19|20)\d{2}\s*q[1-4]\b|\bq[1-4](?:\s+(?:19|20)\d{2})?\b", re.IGNORECASE)
_ID = re.compile(
    r"(?:\b(?:customer|meter|account|household|home|premise|id|nmi)\s+(?:no\.?\s*|number\s+|id\s+|#\s*)?(?P<after>(?=[\w.-]*\d)[\w-]+(?:\.\w+)*)(?!\s*(?:kw|mw|%)))"
    r"|(?<![\w$€£.,])(?P<alone>(?=[\w-]*[A-Za-z])(?=(?:[\w-]*\d){3})[A-Za-z0-9][\w-]*|\d{7,})(?![\w,])",
    re.IGNORECASE,
)
_NOT_IDS = re.compile(r"(?:19|20)\d{2}q[1-4]|\d+(?:kw|mw|kwh|k|m|gw|th|st|nd|rd|h)|s\d{1,2}", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]{1,200})[\"“”»]|(?<!\w)['‘]([^'‘’]{1,200})['’](?!\w)")
_SHARES = {"half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "a quarter of": 0.25, "one quarter": 0.25, "one in four": 0.25, "one in five": 0.2, "a fifth": 0.2, "one in ten": 0.1, "one in three": 1 / 3, "two thirds": 2 / 3, "three quarters": 0.75}  # fmt: skip
_COUNTS = {word: number for number, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2)} | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50}  # fmt: skip
_HALF = re.compile(
    r"\bhalf\s+an?\s+(?=(?:mega|kilo|giga)?watts?\b|[mkg]w\b|million\b|thousand\b)", re.IGNORECASE
)
_ONE = re.compile(r"\b(?:an?|one)\s+(?=(?:mega|giga)watts?\b|[mg]w\b)", re.IGNORECASE)
_SHARE = re.compile(rf"\b({'|'.join(_SHARES)})\b(?!\s+(?:an?\s+)?(?:hour|day|year))", re.IGNORECASE)
_IN = re.compile(
    r"\b([1-9]\d?)\s+(?:in|out\s+of|of)\s+(?:every\s+)?([1-9]\d{0,2})\b(?!\s*(?:kw|mw|%|dollars?))",
    re.IGNORECASE,
)
"""“1 in 5”."""
_COUNT = re.compile(rf"\b({'|'.join(_COUNTS)})\b(?!\s+(?:peak|hump))", re.IGNORECASE)
_ORDINALS = {word: place for place, word in enumerate(["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"])} | {"last": -1}  # fmt: skip
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)})\s+(?:segment|group|cluster|one)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """Something that a question names: by each kind of thing that it may be, its value."""

    surface: str
    kinds: tuple[tuple[str, Any], ...]

    def value(self, kind: str) -> Any:
        """What it is as that kind; None where it is not."""
        return dict(self.kinds).get(kind)


Item = str | Named


@dataclass(frozen=True)
class Read:
    """A question as read."""

    items: tuple[Item, ...]
    """Words that count, in their order."""
    mended: tuple[tuple[str, str], ...] = ()
    """Typos, and what they were taken for."""
    strange: tuple[str, ...] = ()
    """Words that have no meaning here."""
    beyond: str | None = None
    """What the question asks for that no run holds."""
    plain: tuple[str, ...] = ()
    """Its words as stems, what it names in their place as ``{kind}``: what guess.py weighs."""

    def named(self, kind: str) -> list[Any]:
        """All that is named of a kind, in order."""
        return [
            item.value(kind)
            for item in self.items
            if isinstance(item, Named) and item.value(kind) is not None
        ]

    def words(self) -> list[str]:
        """The items that are words with a meaning of their own."""
        skip = fillers()
        return [item for item in self.items if isinstance(item, str) and item not in skip]


Names = dict[tuple[str, ...], tuple[tuple[str, Any], ...]]


@dataclass
class Forms:
    """What can be named, by its words: as they are typed, and as words of like meaning."""

    typed: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    """Of two words or more: they are found before their words are taken for others (“night peak day” is a day of “night peak”)."""
    alike: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def put(self, kind: str, value: Any, form: str, most: int = 99) -> None:
        """Note a form of something."""
        given = stems(form)
        if not given or len(given) > most:
            return
        beyond = kind == "unknown"
        if (len(given) > 1 or beyond) and not is_same(tuple(given)):
            self.typed.setdefault(tuple(given), {}).setdefault(kind, value)
        if beyond:
            return
        alike = tuple(canonical(given))
        # “gaps in the data” is no other word for all of the data's quality.
        if len(alike) > 1 or alike == tuple(given):
            self.alike.setdefault(alike, {}).setdefault(kind, value)

    def copy(self) -> "Forms":
        """Forms to add to."""
        return Forms(
            *({form: dict(kinds) for form, kinds in forms.items()} for forms in (self.typed, self.alike))
        )

    def names(self) -> Names:
        """By words of like meaning."""
        return {form: tuple(kinds.items()) for form, kinds in self.alike.items()}

    def whole(self) -> Names:
        """As typed."""
        return {form: tuple(kinds.items()) for form, kinds in self.typed.items()}


_KINDS = ("test", "metric", "strategy", "figure", "check", "reason", "device")


@cache
def lexicon() -> Forms:
    """What questions may name in any run, by its words."""
    found = Forms()
    from reporter.resources import glossary

    for topic, forms in words()["unknown"].items():
        for form in forms:
            found.put("unknown", topic, form)
    for kind in _KINDS:
        for value, forms in words()[kind].items():
            for form in forms:
                found.put(kind, value, form)
    for entry in glossary():
        # "customer" or "offer" is in every second question: as a word it is weighed, and as a term only where one is asked for.
        if tuple(canonical(stems(entry.term))) not in common_terms():
            found.put("term", entry.term, entry.term)
    return found


@cache
def common_terms() -> dict[tuple[str, ...], str]:
    """Terms of the glossary that are everyday words of questions, by that word."""
    from reporter.resources import glossary

    forms = {tuple(canonical(stems(entry.term))): entry.term for entry in glossary()}
    return {form: term for form, term in forms.items() if len(form) == 1 and form[0] in words()["same"]}


def names_of(view: View) -> Forms:
    """What questions may name in this run: its segments by title, id and usual words for their label, and its programs."""
    found = lexicon().copy()
    usual = words()["label"]
    common = vocabulary()

    def put(kind: str, value: Any, form: str) -> None:
        found.put(kind, value, form, most=12)

    for row in view.segments:
        segment_id, title, label = row["segment_id"], str(row["title"]), str(row["label"])
        put("segment", segment_id, str(segment_id))
        # A title of the utility's own that is made of everyday words only is known in quotes alone: it must not swallow them.
        own = label not in usual or plain(title) != plain(label)
        if (
            not own
            or any(word not in common for word in stems(title))
            or any(form in plain(title) for form in usual)
        ):
            put("segment", segment_id, title)
        for form in usual.get(label, ()):
            put("segment", segment_id, form)
        if label not in usual and any(word not in common for word in stems(label)):
            put("segment", segment_id, label)
    for program, title in programs(view).items():
        forms = {plain(program), plain(title)}
        for form in forms:
            put("program", program, form)
            for tail in ("program", "rate", "control", "pricing"):
                put("program", program, f"{form} {tail}")
    for form, program in _PROGRAM_WORDS.items():
        if program in programs(view):
            put("program", program, form)
    return found


_PROGRAM_WORDS = {
    "cpp": "critical-peak-price", "critical peak pricing": "critical-peak-price", "critical peak": "critical-peak-price", "critical price": "critical-peak-price",
    "thermostat": "thermostat-control", "thermostats": "thermostat-control", "smart thermostat": "thermostat-control", "smart thermostats": "thermostat-control",
    "thermostat program": "thermostat-control", "tou": "time-of-use-rate", "time of use": "time-of-use-rate", "tou rate": "time-of-use-rate", "time of use pricing": "time-of-use-rate",
    "rebate": "peak-time-rebate", "rebates": "peak-time-rebate", "ptr": "peak-time-rebate", "messages": "behavioural-messages", "messaging": "behavioural-messages",
    "behavioral messages": "behavioural-messages", "behavioural program": "behavioural-messages", "behavioral program": "behavioural-messages", "behavioural": "behavioural-messages",
    "managed charging": "managed-ev-charging", "ev program": "managed-ev-charging", "managed ev charging": "managed-ev-charging", "home battery": "battery", "batteries": "battery",
    "load shifting": "solar-hours-shift", "water heater control": "water-heater-control", "water heater program": "water-heater-control",
}  # fmt: skip


class Reader:
    """Reads questions about one run."""

    def __init__(self, view: View, known: Iterable[str]) -> None:
        self.view = view
        forms = names_of(view)
        self.names, self.whole = forms.names(), forms.whole()
        self.typed = guarded(self.whole)
        self.starts = Starts(self.typed), Starts(self.names)
        forms_of_run = [
            form
            for names in (self.names, self.whole)
            for form, kinds in names.items()
            if len(form) <= 4 and (len(form) == 1 or "unknown" not in dict(kinds))
        ]
        # “speed” of “wind speed” alone has no meaning here.
        self.known = meant() | {word for form in forms_of_run for word in form} | set(known)
        beyond = vocabulary() - meant() - set(known)
        self._choices = sorted(word for word in self.known - beyond if len(word) >= 4 and word.isalpha())

    def read(self, question: str) -> Read:
        """The question as read."""
        kept: list[Named] = []

        def keep(surface: str, *kinds: tuple[str, Any]) -> str:
            # A pasted column is no question; what two letters can't count stays as it is.
            if len(kept) >= _MOST_NAMED:
                return surface
            kept.append(Named(surface, kinds))
            return f" {{n{_letters(len(kept) - 1)}}} "

        text = " ".join(question.replace("{", " ").replace("}", " ").split())
        text = _QUOTED.sub(lambda found: self._quoted(found, keep), text)
        if (asked := _DO_IT.match(text)) is not None:
            text = f"{text} {keep(asked.group(), ('unknown', 'what I can not do: I only answer'))}"
        text = _OCCASION.sub(" ", _WHO_ASKS.sub(" ", text))
        text = self._ids(text, keep)
        text = self._ordinals(text, keep)
        text = _QUARTER.sub(" ", text)
        text = _TIMES.sub(lambda found: keep(found.group(), ("moment", found.group())), text)
        text = _numbers(_COUNTED.sub(self._counted, text), keep)
        found, mended = self._mend(stems(text))
        found = [
            text if kinds is None else keep(text, *kinds).strip()
            for text, kinds in typed(found, self.typed, self.starts[0])
        ]
        read = replace(self._named(canonical(found), kept, mended), plain=_plain(found, kept))
        # No query takes an hour or a day of the calendar, so one that is named can't be answered.
        return (
            replace(read, beyond=read.beyond or "single hours or days of the calendar")
            if read.named("moment")
            else read
        )

    def _quoted(self, found: re.Match[str], keep: Any) -> str:
        inside = (found.group(1) or found.group(2)).strip()
        for row in self.view.segments:
            if plain(inside) in (
                plain(str(row["title"])),
                plain(str(row["segment_id"])),
                plain(str(row["label"])),
            ):
                return str(keep(inside, ("segment", row["segment_id"])))
        if self._names_thing(inside):
            return f" {inside} "
        return str(keep(inside, ("customer", inside)))

    def _names_thing(self, text: str) -> bool:
        return tuple(canonical(stems(text))) in self.names or tuple(stems(text)) in self.whole

    def _ids(self, text: str, keep: Any) -> str:
        def one(found: re.Match[str]) -> str:
            name = found.group("after") or found.group("alone")
            if _NOT_IDS.fullmatch(name):
                return found.group()
            before = "customer " if found.group("after") else ""
            return str(before + keep(name, ("customer", name)))

        return _ID.sub(one, text)

    def _ordinals(self, text: str, keep: Any) -> str:
        return _ORDINAL.sub(
            lambda found: keep(found.group(), ("ordinal", _ORDINALS[found.group(1).lower()])), text
        )

    def _counted(self, found: re.Match[str]) -> str:
        """“3 housholds” are households: what is counted tells a number's kind, so it is mended before."""
        best = process.extractOne(found.group(2).lower(), _COUNTABLE, scorer=OSA.distance, score_cutoff=2)
        return (
            found.group()
            if best is None or found.group(2).lower() in vocabulary()
            else f"{found.group(1)}{best[0]}"
        )

    def _mend(self, given: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
        found, mended = [], []
        for word in given:
            if word in self.known or word in vocabulary() or len(word) < 4 or not word.isalpha():
                found.append(word)
                continue
            most = 1 if len(word) < 8 else 2
            best = process.extractOne(word, self._choices, scorer=OSA.distance, score_cutoff=most)
            # “election” is no “selection”: people seldom mistype the first letter, and other words often differ there.
            if best is not None and best[0][0] == word[0]:
                mended.append((word, str(best[0])))
                found.append(str(best[0]))
            else:
                found.append(word)
        return found, mended

    def _named(self, given: list[str], kept: list[Named], mended: list[tuple[str, str]]) -> Read:
        items: list[Item] = []
        strange: list[str] = []
        beyond = None
        for text, kinds in phrases(given, self.names, self.starts[1]):
            if text.startswith("{n"):
                named = kept[_number(text[2:-1])]
                beyond = beyond or named.value("unknown")
                items.append(named)
            elif kinds is None:
                if text not in self.known:
                    strange.append(text)
                items.append(text)
            elif (topic := dict(kinds).get("unknown")) is not None:
                beyond = beyond or topic
            else:
                items.append(Named(text, kinds))
        return Read(tuple(items), tuple(mended), tuple(strange), beyond)


def _plain(found: list[str], kept: list[Named]) -> tuple[str, ...]:
    return tuple(
        f"{{{kept[_number(word[2:-1])].kinds[0][0]}}}" if word.startswith("{n") else word for word in found
    )


_MOST_NAMED = 26 * 26


def _letters(number: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[number // 26] + "abcdefghijklmnopqrstuvwxyz"[number % 26]


def _number(letters: str) -> int:
    return (ord(letters[0]) - 97) * 26 + ord(letters[1]) - 97


def _numbers(text: str, keep: Any) -> str:
    def share(found: re.Match[str]) -> str:
        return str(keep(found.group(), ("percent", _SHARES[found.group(1).lower()])))

    text = _ONE.sub("1 ", _HALF.sub("0.5 ", text))
    text = _SHARE.sub(share, text)
    text = _IN.sub(
        lambda found: keep(found.group(), ("percent", int(found.group(1)) / int(found.group(2)))), text
    )
    text = _COUNT.sub(lambda found: str(_COUNTS[found.group(1).lower()]), text)

    def one(found: re.Match[str]) -> str:
        number = float(found.group("number").replace(",", ""))
        unit = (found.group("unit") or "").lower()
        scale = (found.group("scale") or "").lower()
        number *= {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}.get(scale, 1.0)
        before = text[: found.start()].lower()
        if found.group("currency") or re.fullmatch(_MONEY, unit):
            kind = "money"
        elif (unit[:1] in ("k", "m", "g") and unit[:2] != "me") or unit.startswith("mega"):
            kind, number = (
                "kw",
                number * (1 if unit.startswith("k") else 1e3 if unit.startswith("m") else 1e6),
            )
        elif unit in ("%", "pct") or unit.startswith("per"):
            kind, number = "percent", number / 100
        elif unit:
            kind = "people"
        elif re.search(r"\b(?:budget|spend|spending|costs?|costing)\b[^.?!]{0,25}$", before):
            kind = "money"
        else:
            kind = "number"
        return str(keep(found.group().strip(), (kind, number)))

    return _NUMBER.sub(one, text)
